"""Routes of an entry's history: its versions, the way back to one, and what to say when two write the same entry."""

from __future__ import annotations

import re
from typing import Annotated, Any, Final, Literal

from aiohttp import web
from pydantic import Field

from bot.domain.account import Right
from bot.ports import EntryChanged
from bot.services.entries import EntryEditor
from bot.services.entry_history import Edit, EntryHistory, edit_data
from bot.services.rendering import entry_data
from bot.web.answers import json_answer
from bot.web.authorisation import author_of, require_write, shop_of
from bot.web.bodies import Body, Reference, read_body
from bot.web.errors import ApiError
from bot.web.openapi_shapes import BOOL, TEXT, WHOLE, list_of, object_of, or_null, ref
from bot.web.route_table import SHOP, ApiRoute
from bot.web.state import SERVICES

_VERSION: Final = re.compile(r"[0-9]{1,9}")
_HIGHEST: Final = 999_999_999
_MOST_AT_ONCE: Final = 10_000


class RollbackBody(Body):
    """The version to which the entry goes back."""

    version: Annotated[int, Field(ge=1, le=_HIGHEST)]


class StatusBody(Body):
    """Entries by id, and the status that all of them get."""

    entries: Annotated[list[Reference], Field(min_length=1, max_length=_MOST_AT_ONCE)]
    status: Literal["draft", "published", "archived"]


def editor_of(request: web.Request) -> EntryEditor:
    """Return the editor that writes in the caller's name."""
    return request.app[SERVICES].editor.signing(author_of(request))


def expected_version(request: web.Request) -> int | None:
    """Return the version that the caller has read, from If-Match."""
    given = request.headers.get("If-Match", "").strip(' "')
    if not given:
        return None
    if not _VERSION.fullmatch(given):
        raise ApiError(400, "If-Match must hold the entry's version number")
    return int(given)


async def list_versions(request: web.Request) -> web.Response:
    """List an entry's versions, newest first (?before= a version): who, when, what, and in which fields it differs."""
    shop = shop_of(request)
    before = request.query.get("before", "")
    if before and not _VERSION.fullmatch(before):
        raise ApiError(422, "before: 应为版本号。 a version number", {"before": "a version number"})
    entry = request.match_info["entry"]
    edits, more = await _history(request).list_edits(shop, entry, int(before) if before else None)
    return json_answer({"versions": [edit_data(edit) for edit in edits], "more": more})


async def roll_back(request: web.Request) -> web.Response:
    """Write an entry as it stood in one of its versions; with If-Match only if nobody changed it since."""
    shop = shop_of(request)
    require_write(request)
    body = await read_body(request, RollbackBody)
    entry = request.match_info["entry"]
    try:
        written = await _history(request).roll_back(
            shop, entry, body.version, author_of(request), expected_version(request)
        )
    except EntryChanged as error:
        return await changed_answer(request, shop, error)
    return json_answer(entry_data(written))


async def set_status(request: web.Request) -> web.Response:
    """Publish, archive or draft several entries, all or none."""
    shop = shop_of(request)
    require_write(request)
    body = await read_body(request, StatusBody)
    return json_answer({"written": await editor_of(request).set_status(shop, body.entries, body.status)})


async def changed_answer(request: web.Request, shop: str, error: EntryChanged) -> web.Response:
    """Return 409 with the entry as it is now, and who changed what since the caller read it."""
    current = await request.app[SERVICES].editor.get_entry(shop, error.entry)
    edits = await _history(request).edits_since(shop, error.entry, error.expected)
    refusal = {"code": "conflict", "message": _told(edits) or str(error), "fields": {}}
    since = [edit_data(edit) for edit in edits]
    return json_answer({"error": refusal, "current": entry_data(current), "versions": since}, status=409)


def _history(request: web.Request) -> EntryHistory:
    return request.app[SERVICES].records.history


def _told(edits: list[Edit]) -> str:
    if not edits:
        return ""
    author, version = edits[0].author, edits[0].version
    zh = author.name or {"person": "已离开的同事", "token": "接口程序"}.get(author.kind, "管理员")
    en = author.name or {"person": "a former colleague", "token": "a program"}.get(
        author.kind, "the operator"
    )
    return (
        f"您打开后，{zh}改过这条问答（第 {version} 版）。 "
        f"{en} has changed this entry since you opened it (version {version})."
    )


AUTHOR: Final = object_of(
    kind={"type": "string", "enum": ["person", "token", "server"]}, account=TEXT, name=TEXT
)
_EDIT: Final = object_of(
    version=WHOLE,
    at=TEXT,
    author=AUTHOR,
    drafted_by=or_null(AUTHOR),
    entry=or_null(ref("Entry")),
    differences=list_of(object_of(field=TEXT, before={}, after={})),
)
HISTORY_RESPONSES: Final[dict[str, dict[str, Any]]] = {
    "EntryVersions": object_of(versions=list_of(_EDIT), more=BOOL),
}

_ENTRY: Final = f"{SHOP}/entries/{{entry}}"
HISTORY_ROUTES: Final = (
    ApiRoute("POST", f"{SHOP}/entries/status", set_status, StatusBody, "Written", right=Right.EDIT),
    ApiRoute("GET", f"{_ENTRY}/versions", list_versions, returns="EntryVersions", right=Right.EDIT),
    ApiRoute("POST", f"{_ENTRY}/rollback", roll_back, RollbackBody, "Entry", (200, 409), right=Right.EDIT),
)
"""The routes, for routes.py."""
