"""Routes of a shop's tables of facts: rows with as-of and stale marks, edited in place, imported, exported and undone."""

from __future__ import annotations

import asyncio
import dataclasses
from datetime import timedelta
from typing import Annotated, Any, Final

from aiohttp import web
from pydantic import Field

from bot.domain.account import Right
from bot.domain.fact_tables import FACT_TABLES
from bot.domain.facts import TIME_TO_LIVE
from bot.ports import NotFound
from bot.services.fact_importing import FactImport
from bot.services.fact_rows import VERDICTS
from bot.services.fact_tables import FactDesk, KindState, RowQuery, StatedRow, WrongLifetime
from bot.services.fact_undoing import LastChange
from bot.services.tables import UnreadableTable
from bot.web.answers import json_answer
from bot.web.authorisation import author_of, caller_of, require_write, shop_of
from bot.web.bodies import Body, read_body
from bot.web.errors import ApiError
from bot.web.import_api import ImportBody
from bot.web.openapi_shapes import BOOL, TEXT, TEXTS, WHOLE, list_of, object_of, or_null
from bot.web.queries import number_in, switch_in
from bot.web.record_routes import FILE
from bot.web.route_table import SHOP, ApiRoute
from bot.web.state import SERVICES

_MOST: Final = 200
_LONGEST_QUERY: Final = 100
_BY_HAND: Final = "页面 by hand"
_FORMATS: Final = {
    "csv": "text/csv; charset=utf-8",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}
Cell = Annotated[str, Field(max_length=2000)]


class FactRowsBody(Body):
    """Rows to write, as texts by column, and keys of rows to remove: all or nothing. Columns not named keep what they have."""

    rows: Annotated[list[dict[str, Cell]], Field(max_length=10_000)] = []
    remove: Annotated[list[Annotated[str, Field(min_length=1, max_length=1000)]], Field(max_length=1000)] = []
    source: Annotated[str, Field(min_length=1, max_length=100)] = _BY_HAND


class FactImportBody(ImportBody):
    """A table of facts: as text, or a file (CSV, XLSX) in base64. `lenient` passes over columns that are not known."""

    lenient: bool = False


class LifetimesBody(Body):
    """How many seconds the shop's facts of each kind count as fresh; a kind not named lives as long as is usual."""

    lifetimes: dict[str, Annotated[int, Field(ge=1, le=400_000_000)]]


def _desk(request: web.Request) -> FactDesk:
    return request.app[SERVICES].facts_desk


def _table(request: web.Request) -> str:
    table = request.match_info["table"]
    if table not in FACT_TABLES:
        raise NotFound(f"there is no such table; one of {', '.join(FACT_TABLES)}")
    return table


async def get_states(request: web.Request) -> web.Response:
    """Tell how many facts of each kind there are, how many are stale, how long they live, and what can be undone."""
    shop = shop_of(request, Right.EDIT)
    desk = _desk(request)
    states = [_state_data(state) for state in await desk.tables.states(shop)]
    last = await desk.history.last_change(shop)
    return json_answer({"kinds": states, "last_change": _change_data(last) if last else None})


def _state_data(state: KindState) -> dict[str, Any]:
    return {
        "kind": state.kind, "total": state.total, "stale": state.stale,
        "oldest": state.oldest.isoformat(timespec="seconds") if state.oldest else None,
        "lifetime": int(state.lifetime.total_seconds()), "own": state.is_own,
        "usual": int(TIME_TO_LIVE[state.kind].total_seconds()),
    }  # fmt: skip


def _change_data(change: LastChange) -> dict[str, Any]:
    return {
        "table": change.table, "author": change.author, "at": change.at.isoformat(timespec="seconds"), "count": change.count,
    }  # fmt: skip


async def list_rows(request: web.Request) -> web.Response:
    """List rows of a table (?q=&kind=&stale=1&start=&limit=), each with its as-of and whether it is stale."""
    shop, table = shop_of(request, Right.EDIT), _table(request)
    kind = request.query.get("kind", "")
    if kind and kind not in TIME_TO_LIVE:
        raise ApiError(422, "kind is unknown", {"kind": f"one of {', '.join(TIME_TO_LIVE)}"})
    query = RowQuery(
        request.query.get("q", "").strip()[:_LONGEST_QUERY], kind, switch_in(request, "stale"),
        number_in(request, "start", 0), min(number_in(request, "limit", 50), _MOST),
    )  # fmt: skip
    page = await _desk(request).tables.page(shop, table, query)
    return json_answer({"rows": [_row_data(row) for row in page.rows], "total": page.total})


def _row_data(row: StatedRow) -> dict[str, Any]:
    return {
        "key": row.key, "title": row.title, "cells": dict(row.cells), "kind": row.kind, "source": row.source,
        "as_of": row.as_of.isoformat(timespec="seconds") if row.as_of else None, "stale": row.stale,
    }  # fmt: skip


async def change_rows(request: web.Request) -> web.Response:
    """Write and remove rows of a table as one change that can be undone."""
    shop, table = shop_of(request), _table(request)
    require_write(request)
    body = await read_body(request, FactRowsBody)
    if body.remove and table == "stock":
        raise ApiError(422, "variants are removed in the table of products", {"remove": "products"})
    try:
        report = await _desk(request).imports.change_rows(
            shop, table, body.rows, body.remove, source=body.source, author=author_of(request)
        )
    except UnreadableTable as error:
        raise ApiError(422, str(error), {"rows": str(error)}) from None
    if report.errors:
        fields = {f"rows[{error.row - 1}].{error.column}": error.message for error in report.errors}
        raise ApiError(422, "有格子填得不对，什么都没有改。 a cell is wrong; nothing was changed", fields)
    return await asyncio.to_thread(_report_answer, report)


async def import_rows(request: web.Request) -> web.Response:
    """Import a table of facts into this shop; ?dry_run=1 tells every row's verdict and writes nothing."""
    shop, table = shop_of(request), _table(request)
    require_write(request)
    dry_run = switch_in(request, "dry_run")
    body = await read_body(request, FactImportBody)
    try:
        report = await _desk(request).imports.import_file(
            shop, table, body.content(), body.name, body.name, author=author_of(request), dry_run=dry_run,
            replace=body.replace, skip_bad=body.skip_bad, lenient=body.lenient,
        )  # fmt: skip
    except UnreadableTable as error:
        raise ApiError(422, str(error), {"file" if body.file else "table": str(error)}) from None
    return await asyncio.to_thread(_report_answer, report)


def _report_answer(report: FactImport) -> web.Response:
    """Return the report; what is said of tens of thousands of rows takes a second to write, in which others are served."""
    return json_answer(dataclasses.asdict(report))


async def export_rows(request: web.Request) -> web.Response:
    """Return a table as a file that the import takes back (?format=csv or xlsx)."""
    shop, table = shop_of(request, Right.EDIT), _table(request)
    kind = request.query.get("format", "csv")
    if kind not in _FORMATS:
        raise ApiError(422, "format is unknown", {"format": f"one of {', '.join(_FORMATS)}"})
    content = await _desk(request).tables.export(shop, table, kind)
    headers = {
        "Content-Type": _FORMATS[kind],
        "Content-Disposition": f'attachment; filename="{shop}-{table}.{kind}"',
        "Cache-Control": "no-store",
    }
    return web.Response(body=content, headers=headers)


async def undo_change(request: web.Request) -> web.Response:
    """Take back the last change that a person made in these tables; what was changed again since stays, and is named."""
    shop = shop_of(request, Right.EDIT)
    return json_answer(dataclasses.asdict(await _desk(request).history.undo(shop, author_of(request))))


async def put_lifetimes(request: web.Request) -> web.Response:
    """Say how long the shop's facts of each kind count as fresh."""
    shop = shop_of(request, Right.EDIT)
    body = await read_body(request, LifetimesBody)
    lifetimes = {kind: timedelta(seconds=seconds) for kind, seconds in body.lifetimes.items()}
    try:
        await _desk(request).tables.set_lifetimes(shop, lifetimes, caller_of(request).account)
    except WrongLifetime as error:
        raise ApiError(422, str(error), {f"lifetimes.{error.kind}": str(error)}) from None
    return json_answer({"kinds": [_state_data(each) for each in await _desk(request).tables.states(shop)]})


_KIND: Final = {"type": "string", "enum": list(TIME_TO_LIVE)}
_STATE: Final = object_of(
    kind=_KIND, total=WHOLE, stale=WHOLE, oldest=or_null(TEXT), lifetime=WHOLE, own=BOOL, usual=WHOLE
)
FACTS_RESPONSES: Final[dict[str, dict[str, Any]]] = {
    "FactStates": object_of(
        kinds=list_of(_STATE), last_change=or_null(object_of(table=TEXT, author=TEXT, at=TEXT, count=WHOLE))
    ),
    "FactLifetimes": object_of(kinds=list_of(_STATE)),
    "FactRows": object_of(
        total=WHOLE,
        rows=list_of(object_of(
            key=TEXT, title=TEXT, cells={"type": "object", "additionalProperties": TEXT}, kind=_KIND, source=TEXT,
            as_of=or_null(TEXT), stale=BOOL,
        )),
    ),
    "FactImport": object_of(
        table=TEXT, rows=WHOLE, ok=WHOLE, written=WHOLE, removed=TEXTS, undoable=BOOL,
        errors=list_of(object_of(row=WHOLE, column=TEXT, message=TEXT)),
        verdicts=list_of(object_of(row=WHOLE, verdict={"type": "string", "enum": list(VERDICTS)}, key=TEXT, title=TEXT)),
    ),
    "UndoneFacts": object_of(table=TEXT, restored=WHOLE, removed=WHOLE, kept=TEXTS),
}  # fmt: skip

_TABLE: Final = f"{SHOP}/fact-tables/{{table}}"
FACTS_ROUTES: Final = (
    ApiRoute("GET", f"{SHOP}/fact-tables", get_states, returns="FactStates", needs=Right.EDIT),
    ApiRoute("GET", _TABLE, list_rows, returns="FactRows", needs=Right.EDIT),
    ApiRoute("POST", _TABLE, change_rows, FactRowsBody, "FactImport", right=Right.EDIT),
    ApiRoute("POST", f"{_TABLE}/import", import_rows, FactImportBody, "FactImport", right=Right.EDIT),
    ApiRoute("GET", f"{_TABLE}/export", export_rows, returns=FILE, needs=Right.EDIT),
    ApiRoute(
        "POST", f"{SHOP}/fact-undo", undo_change, returns="UndoneFacts", answers=(200, 409), needs=Right.EDIT
    ),
    ApiRoute(
        "PUT", f"{SHOP}/fact-lifetimes", put_lifetimes, LifetimesBody, "FactLifetimes", needs=Right.EDIT
    ),
)
"""The routes, for routes.py."""
