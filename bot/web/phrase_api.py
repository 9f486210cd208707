"""Routes of quick phrases: this shop's, and an agent's own for this shop."""

from __future__ import annotations

from typing import Final

from aiohttp import web

from bot.domain.account import Right
from bot.ports import Conflict, Phrase
from bot.services.quick_phrases import MAX_OWN
from bot.services.workspace_data import own_phrase_data, phrase_data
from bot.web.answers import json_answer
from bot.web.authorisation import caller_of, shop_of
from bot.web.bodies import read_body
from bot.web.errors import ApiError
from bot.web.workspace_api import MAX_WORKSPACE_BODY, workspace_of
from bot.web.workspace_bodies import PhraseBody

_LONGEST_QUERY: Final = 60
_LONGEST_ID: Final = 64


async def find_phrases(request: web.Request) -> web.Response:
    """Find quick phrases by short code, words, pinyin initials or group, filled for a conversation if one is named."""
    shop = shop_of(request, Right.ANSWER)
    query = request.query.get("q", "").replace("\0", "")[:_LONGEST_QUERY]
    conversation = request.query.get("conversation", "").replace("\0", "")
    found = await workspace_of(request).phrases.search(
        shop, caller_of(request).account.id, query, conversation
    )
    return json_answer({"phrases": [phrase_data(each) for each in found]})


async def list_own_phrases(request: web.Request) -> web.Response:
    """List my own phrases for the shop as I wrote them."""
    shop = shop_of(request, Right.ANSWER)
    own = await workspace_of(request).phrases.own(shop, caller_of(request).account.id)
    return json_answer({"phrases": [own_phrase_data(each) for each in own]})


async def put_phrase(request: web.Request) -> web.Response:
    """Write one of my own phrases."""
    workspace, shop = workspace_of(request), shop_of(request, Right.ANSWER)
    body = await read_body(request, PhraseBody, limit=MAX_WORKSPACE_BODY)
    name, account = request.match_info["phrase"], caller_of(request).account.id
    if len(name) > _LONGEST_ID:
        raise ApiError(422, "the phrase's id is too long", {"phrase": f"at most {_LONGEST_ID} characters"})
    others = [each for each in await workspace.phrases.own(shop, account) if each.id != name]
    if len(others) >= MAX_OWN:
        raise Conflict(f"快捷短语最多 {MAX_OWN} 条。 at most {MAX_OWN} own phrases a shop")
    if body.short_code and any(each.short_code == body.short_code for each in others):
        raise Conflict("这个短码已经用在另一条短语上。 another phrase of yours has this short code")
    phrase = Phrase(name, body.short_code, body.text, body.group)
    written = await workspace.phrases.put(shop, account, phrase)
    return json_answer(own_phrase_data(written))


async def delete_phrase(request: web.Request) -> web.Response:
    """Forget one of my own phrases."""
    shop = shop_of(request, Right.ANSWER)
    await workspace_of(request).phrases.delete(
        shop, caller_of(request).account.id, request.match_info["phrase"]
    )
    return web.Response(status=204)
