"""Routes of an entry's draft: written beside the published entry, handed over for review, published, dropped."""

from __future__ import annotations

from typing import Annotated, Any, Final

from aiohttp import web
from pydantic import Field

from bot.domain.account import Right
from bot.ports import DraftChanged, EntryChanged
from bot.services.documents import PhraseDocument
from bot.services.entry_drafting import LONGEST_NOTE, Drafted, EntryDrafts, draft_data
from bot.services.rendering import entry_data
from bot.web.answers import json_answer
from bot.web.authorisation import author_of, shop_of
from bot.web.bodies import Body, read_body
from bot.web.entry_history_api import AUTHOR, changed_answer, expected_version
from bot.web.errors import ApiError
from bot.web.openapi_shapes import BOOL, TEXT, WHOLE, list_of, object_of, or_null, ref
from bot.web.route_table import SHOP, ApiRoute
from bot.web.state import SERVICES

_HIGHEST: Final = 999_999_999


class EntryDraftBody(Body):
    """What the entry shall become, and the version of the entry that it was made from; `ready` hands it over for review."""

    entry: PhraseDocument
    base: Annotated[int, Field(ge=1, le=_HIGHEST)]
    ready: bool = False
    note: Annotated[str, Field(max_length=LONGEST_NOTE)] = ""


def _drafts(request: web.Request) -> EntryDrafts:
    return request.app[SERVICES].console.drafts


async def get_entry_draft(request: web.Request) -> web.Response:
    """Return the entry's draft, with who wrote it and what it changes; null where there is none."""
    shop = shop_of(request, Right.EDIT)
    found = await _drafts(request).find(shop, request.match_info["entry"])
    return json_answer({"draft": draft_data(found) if found else None})


async def put_entry_draft(request: web.Request) -> web.Response:
    """Write the entry's draft; with If-Match only if nobody changed it since (0 = there was none)."""
    shop = shop_of(request, Right.EDIT)
    body = await read_body(request, EntryDraftBody)
    if body.entry.id != request.match_info["entry"]:
        raise ApiError(
            422,
            "entry.id: not the entry of the address",
            {"entry.id": "与地址不一致。 not the entry of the address"},
        )
    drafted = Drafted(body.entry, body.base, body.ready, body.note.strip())
    try:
        written = await _drafts(request).write(shop, drafted, author_of(request), expected_version(request))
    except DraftChanged as error:
        return await _changed(request, shop, error)
    return json_answer({"draft": draft_data(written)})


async def publish_entry_draft(request: web.Request) -> web.Response:
    """Make the draft the entry: 409 when the draft or the entry was changed since."""
    shop, entry = shop_of(request, Right.EDIT), request.match_info["entry"]
    try:
        written = await _drafts(request).publish(shop, entry, author_of(request), expected_version(request))
    except DraftChanged as error:
        return await _changed(request, shop, error)
    except EntryChanged as error:
        return await changed_answer(request, shop, error)
    return json_answer(entry_data(written))


async def drop_entry_draft(request: web.Request) -> web.Response:
    """Forget the draft; the entry stays as it is."""
    shop, entry = shop_of(request, Right.EDIT), request.match_info["entry"]
    try:
        await _drafts(request).drop(shop, entry, expected_version(request))
    except DraftChanged as error:
        return await _changed(request, shop, error)
    return web.Response(status=204)


async def _changed(request: web.Request, shop: str, error: DraftChanged) -> web.Response:
    """Return 409 with the draft as it is now."""
    found = await _drafts(request).find(shop, error.entry)
    zh = f"{found.author.name or '同事'}刚改过这份草稿。" if found else "这份草稿已经发布或放弃了。"
    en = (
        "somebody has changed this draft since you opened it"
        if found
        else "this draft was published or dropped"
    )
    refusal = {"code": "conflict", "message": f"{zh} {en}", "fields": {}}
    return json_answer({"error": refusal, "draft": draft_data(found) if found else None}, status=409)


DRAFT_RESPONSES: Final[dict[str, dict[str, Any]]] = {
    "EntryDraft": object_of(draft=or_null(object_of(
        version=WHOLE, base=WHOLE, current=WHOLE, is_behind=BOOL, entry=ref("Entry"), author=AUTHOR, at=TEXT,
        handed_by=or_null(AUTHOR), handed_at=or_null(TEXT), note=TEXT,
        differences=list_of(object_of(field=TEXT, before={}, after={})),
    ))),
}  # fmt: skip

_DRAFT: Final = f"{SHOP}/entries/{{entry}}/draft"
DRAFT_ROUTES: Final = (
    ApiRoute("GET", _DRAFT, get_entry_draft, returns="EntryDraft", needs=Right.EDIT),
    ApiRoute("PUT", _DRAFT, put_entry_draft, EntryDraftBody, "EntryDraft", (200, 409), needs=Right.EDIT),
    ApiRoute(
        "POST",
        f"{_DRAFT}/publish",
        publish_entry_draft,
        returns="Entry",
        answers=(200, 409),
        needs=Right.EDIT,
    ),
    ApiRoute("DELETE", _DRAFT, drop_entry_draft, answers=(204, 409), needs=Right.EDIT),
)
"""The routes, for routes.py."""
