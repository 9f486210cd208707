"""Routes of what a shop learns and keeps: replies kept as entries, figures, exports, and a buyer's own data."""

from __future__ import annotations

import re
from datetime import datetime, timedelta
from typing import Any, Final

from aiohttp import web

from bot.domain.account import Right
from bot.ports import NotFound
from bot.services.proposing import ForeignReply, Unkeepable
from bot.services.rendering import entry_data
from bot.services.shop_records import ShopRecords
from bot.services.suggestion_figures import report_data
from bot.services.workspace_data import guard_data
from bot.web.answers import json_answer
from bot.web.authorisation import admit_again, caller_of, shop_of
from bot.web.clock import request_time
from bot.web.errors import ApiError
from bot.web.openapi_shapes import TEXT, WHOLE, list_of, object_of
from bot.web.route_table import SHOP, ApiRoute
from bot.web.state import SERVICES

_DAYS: Final = re.compile(r"[0-9]{1,3}")
_USUAL_DAYS: Final = "30"
FILE: Final = "File"
"""Stands in `returns` for lines of JSON, a table or a workbook."""
_NUMBER: Final = re.compile(r"[1-9][0-9]{0,8}")
FILE_TYPES: Final = (
    "application/x-ndjson",
    "text/csv",
    "application/yaml",
    "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
)


def _records(request: web.Request) -> ShopRecords:
    return request.app[SERVICES].records


async def keep_as_entry(request: web.Request) -> web.Response:
    """Keep a sent reply as a draft entry for the owner: 201, or 200 when it had been kept before."""
    shop = shop_of(request, Right.ANSWER)
    number = request.match_info["number"]
    if not _NUMBER.fullmatch(number):
        raise NotFound("there is no such message in this conversation")
    conversation = request.match_info["conversation"]
    try:
        kept = await _records(request).proposing.keep(caller_of(request), shop, conversation, int(number))
    except Unkeepable as error:
        raise ApiError(422, str(error), {"number": str(error)}) from None
    except ForeignReply as error:
        refusal = {"code": "guard", "message": str(error), "fields": {"text": str(error)}}
        return json_answer({"error": refusal, "guard": guard_data(error.result)}, status=422)
    body = {"entry": entry_data(kept.entry), "is_new": kept.is_new}
    return json_answer(body, status=201 if kept.is_new else 200)


async def get_suggestion_figures(request: web.Request) -> web.Response:
    """Return what agents did with the shop's suggestions in the last days (?days=30)."""
    shop = shop_of(request, Right.REPORT)
    days = request.query.get("days", _USUAL_DAYS)
    try:
        if not _DAYS.fullmatch(days):
            raise ValueError("days: 应为整数。 a whole number")
        report = await _records(request).reports.report(shop, int(days))
    except ValueError as error:
        raise ApiError(422, str(error), {"days": str(error)}) from None
    return json_answer(report_data(report))


async def export_buyer(request: web.Request) -> web.Response:
    """Return all that the shop holds about one buyer. It stands in the audit log."""
    shop = shop_of(request, Right.EXPORT)
    buyer = request.match_info["buyer"]
    data = await _records(request).buyers.export(shop, buyer, caller_of(request).account)
    return json_answer(data, headers={"Content-Disposition": f'attachment; filename="{shop}-{buyer}.json"'})


async def erase_buyer(request: web.Request) -> web.Response:
    """Erase a buyer's name, words and images for good. It stands in the audit log."""
    shop = shop_of(request, Right.ERASE)
    await _records(request).buyers.erase(shop, request.match_info["buyer"], caller_of(request).account)
    return web.Response(status=204)


async def export_conversations(request: web.Request) -> web.StreamResponse:
    """Return the conversations opened in a time (?since=&until=&format=jsonl|csv) as a file. It stands in the audit log."""
    shop = shop_of(request, Right.EXPORT)
    now = request_time(request)
    until = _moment(request, "until", now)
    since = _moment(request, "since", until - timedelta(days=30))
    form = request.query.get("format", "jsonl")
    lines = _records(request).exporting.export(shop, caller_of(request).account, since, until, form)
    try:
        first = await anext(lines, "")
    except ValueError as error:
        raise ApiError(422, str(error), {"format": str(error)}) from None
    response = web.StreamResponse(
        headers={
            "Content-Type": f"{'text/csv' if form == 'csv' else 'application/x-ndjson'}; charset=utf-8",
            "Content-Disposition": f'attachment; filename="{shop}-{since:%Y%m%d}-{until:%Y%m%d}.{form}"',
            "Cache-Control": "no-store",
            "X-Content-Type-Options": "nosniff",
        }
    )
    await response.prepare(request)
    await response.write(first.encode())
    async for line in lines:
        if not await _may_go_on(request):
            break
        await response.write(line.encode())
    else:
        await response.write_eof()
    return response


async def _may_go_on(request: web.Request) -> bool:
    """Whether the caller has the right still: a file of months takes as long as its reader likes. If not, the line is cut."""
    try:
        await admit_again(request)
    except (ApiError, NotFound):
        if request.transport is not None:
            request.transport.abort()
        return False
    return True


def _moment(request: web.Request, name: str, otherwise: datetime) -> datetime:
    given = request.query.get(name, "")
    try:
        moment = datetime.fromisoformat(given) if given else otherwise
    except ValueError:
        moment = datetime.min
    if moment.tzinfo is None:
        what = f"{name}: 应为带时区的时间，如 2026-03-05T00:00:00+08:00。 a time with its offset"
        raise ApiError(422, what, {name: what})
    return moment


_SHARE: Final = {"anyOf": [{"type": "number"}, {"type": "null"}]}
_DEEDS: Final = {
    "shown": WHOLE, "first": WHOLE, "taken": WHOLE, "edited": WHOLE, "sent": WHOLE, "refused": WHOLE, "auto": WHOLE,
    "share_changed": _SHARE, "share_right": _SHARE, "reasons": list_of(object_of(reason=TEXT, count=WHOLE)),
}  # fmt: skip

RECORD_RESPONSES: Final[dict[str, dict[str, Any]]] = {
    "KeptEntry": object_of(entry={"$ref": "#/components/schemas/Entry"}, is_new={"type": "boolean"}),
    "SuggestionFigures": object_of(
        shop=TEXT, since=TEXT, until=TEXT, messages=WHOLE, offered=WHOLE, unanswered=WHOLE, none_fits=WHOLE,
        replies=WHOLE, suggestions=object_of(**_DEEDS),
        entries=list_of(object_of(
            id=TEXT, question=TEXT, status=TEXT, trend={"type": "object", "additionalProperties": WHOLE}, **_DEEDS,
        )),
        days=list_of(object_of(
            day=TEXT, messages=WHOLE, offered=WHOLE, sent=WHOLE, taken=WHOLE, edited=WHOLE, auto=WHOLE, refused=WHOLE,
        )),
        unused=list_of(object_of(id=TEXT, question=TEXT, status=TEXT)),
    ),
    "BuyerExport": object_of(
        shop=TEXT, exported_at=TEXT, buyer={"type": "object"}, conversations=list_of({"type": "object"}),
        orders=list_of({"type": "object"}),
    ),
}  # fmt: skip

_KEEP: Final = f"{SHOP}/conversations/{{conversation}}/messages/{{number}}/keep"
RECORD_ROUTES: Final = (
    ApiRoute("POST", _KEEP, keep_as_entry, returns="KeptEntry", answers=(200, 201), needs=Right.ANSWER),
    ApiRoute(
        "GET",
        f"{SHOP}/suggestion-figures",
        get_suggestion_figures,
        returns="SuggestionFigures",
        needs=Right.REPORT,
    ),
    ApiRoute(
        "GET", f"{SHOP}/buyers/{{buyer}}/export", export_buyer, returns="BuyerExport", needs=Right.EXPORT
    ),
    ApiRoute("POST", f"{SHOP}/buyers/{{buyer}}/erase", erase_buyer, answers=(204,), needs=Right.ERASE),
    ApiRoute("GET", f"{SHOP}/conversations-export", export_conversations, returns=FILE, needs=Right.EXPORT),
)
"""The routes, for routes.py."""
