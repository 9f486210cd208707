"""Routes of what software said in a shop's name, and of the stop for all shops of an organisation."""

from __future__ import annotations

from typing import Any, Final

from aiohttp import web

from bot.domain.account import Right
from bot.domain.auto_turn import AutoMessage, SendState
from bot.domain.masking import mask_text
from bot.web.answers import json_answer
from bot.web.authorisation import Needs, caller_of, shop_of
from bot.web.errors import ApiError
from bot.web.openapi_shapes import BOOL, TEXT, TEXTS, WHOLE, list_of, object_of, or_null
from bot.web.route_table import BASE, SHOP, ApiRoute
from bot.web.state import SERVICES

_ANY: Final = tuple(SendState)


async def list_auto_messages(request: web.Request) -> web.Response:
    """List what software said or could not say in the shop's name, newest first: ?state=waiting|sent|dropped|dead."""
    shop, log = shop_of(request, Right.REPORT), request.app[SERVICES].auto_reply.log
    asked = request.query.getall("state", [])
    if unknown := sorted(set(asked) - {state.value for state in _ANY}):
        known = ", ".join(state.value for state in _ANY)
        raise ApiError(422, f"there is no state {unknown[0][:40]}", {"state": f"one of {known}"})
    found = await log.messages(shop, [SendState(each) for each in asked] or list(_ANY))
    stopped = await log.stopped()
    return json_answer(
        {
            "messages": [_message_data(each) for each in found],
            "stopped": stopped.is_stopped,
            "stopped_at": stopped.at.isoformat() if stopped.is_stopped and stopped.at else None,
        }
    )


async def stop_auto_replies(request: web.Request) -> web.Response:
    """Switch automatic replies off in every shop of my organisation, at once; answers those in which they were on."""
    stopped = await request.app[SERVICES].auto_reply.log.stop_organisation(caller_of(request))
    return json_answer({"shops": stopped})


def _message_data(message: AutoMessage) -> dict[str, Any]:
    return {
        "key": message.key,
        "conversation": message.conversation,
        # Who may read figures is told what was said, not whose number stood in it.
        "text": mask_text(message.text),
        "state": message.state.value,
        "why": message.error,
        "due_at": message.due_at.isoformat(),
        "attempts": message.attempts,
        "question": message.question,
    }


AUTO_LOG_RESPONSES: Final[dict[str, dict[str, Any]]] = {
    "AutoMessages": object_of(
        messages=list_of(object_of(
            key=TEXT, conversation=TEXT, text=TEXT, state=TEXT, why=TEXT, due_at=TEXT, attempts=WHOLE, question=BOOL,
        )),
        stopped=BOOL, stopped_at=or_null(TEXT),
    ),
    "StoppedShops": object_of(shops=TEXTS),
}  # fmt: skip

AUTO_LOG_ROUTES: Final = (
    ApiRoute(
        "GET", f"{SHOP}/auto-reply/messages", list_auto_messages, returns="AutoMessages", needs=Right.REPORT
    ),
    ApiRoute(
        "POST", f"{BASE}/team/auto-reply/stop", stop_auto_replies, None, "StoppedShops", needs=Needs.ADMIN
    ),
)
"""The routes, for routes.py."""
