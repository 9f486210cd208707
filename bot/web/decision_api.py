"""What software did in a conversation: its decisions, whom it handed it to, and giving it back to software."""

from __future__ import annotations

from typing import Final

from aiohttp import web

from bot.domain.account import Right
from bot.services.workspace_data import decision_data, hand_over_data
from bot.web.answers import json_answer
from bot.web.authorisation import caller_of, shop_of
from bot.web.live_hub import HUB
from bot.web.workspace_api import workspace_of

_HAND_OVERS: Final = 50


async def list_decisions(request: web.Request) -> web.Response:
    """Return what software decided about the buyer's turns, oldest first, and how many bubbles still wait to be sent."""
    shop, conversation = shop_of(request, Right.READ), request.match_info["conversation"]
    read = await workspace_of(request).turns.read_turn(shop, conversation, 1)
    decisions = [decision_data(each) for each in read.decisions]
    return json_answer({"decisions": decisions, "waiting": len(read.waiting)})


async def list_hand_overs(request: web.Request) -> web.Response:
    """Return when software asked for a person and what it told him, newest first."""
    shop, conversation = shop_of(request, Right.READ), request.match_info["conversation"]
    found = await workspace_of(request).turns.list_hand_overs(shop, conversation, _HAND_OVERS)
    return json_answer({"hand_overs": [hand_over_data(each) for each in found]})


async def resume(request: web.Request) -> web.Response:
    """Give the conversation back to software, where the shop lets it answer; it says nothing before the buyer writes."""
    workspace, conversation = workspace_of(request), request.match_info["conversation"]
    shop, me = shop_of(request, Right.ANSWER), caller_of(request).account.id
    given = await workspace.conversing.resume(shop, conversation, me)
    return json_answer(await request.app[HUB].conversation_row(shop, given))
