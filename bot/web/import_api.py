"""Routes of whole tables of entries: previewed row by row, imported all or nothing, and exported."""

from __future__ import annotations

import asyncio
import dataclasses
from functools import partial
from typing import Annotated, Any, Final

from aiohttp import web
from pydantic import Field

from bot.domain.account import Right
from bot.services.entry_history import author_named, is_person
from bot.services.importing import VERDICTS, ImportReport, export_entries
from bot.services.phrase_tables import GUESSED
from bot.services.shop_imports import ShopImports
from bot.services.tables import UnreadableTable
from bot.services.yaml_reading import UnreadableYaml
from bot.web.answers import json_answer
from bot.web.authorisation import author_of, require_write, shop_of
from bot.web.bodies import read_body
from bot.web.entry_history_api import AUTHOR
from bot.web.errors import ApiError
from bot.web.openapi_shapes import BOOL, TEXT, TEXTS, WHOLE, list_of, object_of, or_null
from bot.web.progress import Tick, answer_with_progress
from bot.web.queries import switch_in
from bot.web.record_routes import FILE
from bot.web.route_table import SHOP, ApiRoute
from bot.web.state import SERVICES
from bot.web.table_bodies import TableBody

_FORMATS: Final = {
    "csv": "text/csv; charset=utf-8",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "yml": "application/yaml; charset=utf-8",
}


class ImportBody(TableBody):
    """A table of entries: as text, or a file (CSV, XLSX, YAML) in base64. A `name` that ends in .yml says that it is YAML."""

    name: Annotated[str, Field(min_length=1, max_length=200)] = "表格 table"
    replace: bool = False
    skip_bad: bool = False


async def import_table(request: web.Request) -> web.StreamResponse:
    """Import a table of entries into this shop; ?dry_run=1 tells every row's verdict and writes nothing."""
    shop = shop_of(request)
    require_write(request)
    dry_run = switch_in(request, "dry_run")
    body = await read_body(request, ImportBody)
    content, author = body.content(), author_of(request)
    run = partial(_preview_or_run, request.app[SERVICES].records.imports, shop, author, dry_run=dry_run)

    async def work(tick: Tick) -> web.Response:
        try:
            report = await run(
                content, body.name, replace=body.replace, skip_bad=body.skip_bad, tick=tick
            )  # fmt: skip
        except (UnreadableTable, UnreadableYaml) as error:
            raise ApiError(422, str(error), {"file" if body.file else "table": str(error)}) from None
        # What is said of tens of thousands of rows takes a second to write, in which others are served.
        return await asyncio.to_thread(lambda: json_answer(dataclasses.asdict(report)))

    return await answer_with_progress(request, work)


async def _preview_or_run(
    imports: ShopImports, shop: str, author: str, content: bytes, name: str, *, dry_run: bool, **how: Any
) -> ImportReport:
    if dry_run:
        return await imports.preview(shop, content, name, **how)
    return await imports.run(shop, author, content, name, **how)


async def get_last_import(request: web.Request) -> web.Response:
    """Return the import that can be undone: when, by whom, and how many entries it touched; null when there is none."""
    shop = shop_of(request, Right.EDIT)
    last = await request.app[SERVICES].records.imports.last(shop)
    if last is None:
        return json_answer({"last": None})
    people = [last.author] if is_person(last.author) else []
    names = await request.app[SERVICES].workspace.colleagues.names(shop, *people)
    author = dataclasses.asdict(author_named(last.author, names))
    return json_answer({"last": {"at": last.at.isoformat(), "author": author, "touched": last.touched}})


async def undo_import(request: web.Request) -> web.Response:
    """Take back the shop's last import; entries changed since then stay, and are named."""
    shop = shop_of(request, Right.EDIT)
    return json_answer(
        dataclasses.asdict(await request.app[SERVICES].records.imports.undo(shop, author_of(request)))
    )


async def export_table(request: web.Request) -> web.Response:
    """Return the shop's entries as a file that the import takes back (?format=csv, xlsx or yml)."""
    shop = shop_of(request, Right.EDIT)
    kind = request.query.get("format", "csv")
    if kind not in _FORMATS:
        message = f"format: 应为 one of {', '.join(_FORMATS)}"
        raise ApiError(422, message, {"format": message})
    entries = await request.app[SERVICES].editor.list_entries(shop)
    name = f"{shop}-entries.{kind}"
    headers = {
        "Content-Type": _FORMATS[kind],
        "Content-Disposition": f'attachment; filename="{name}"',
        "Cache-Control": "no-store",
    }
    # A workbook of thousands of rows takes seconds, in which others are served.
    return web.Response(body=await asyncio.to_thread(export_entries, entries, name), headers=headers)


IMPORT_RESPONSES: Final[dict[str, dict[str, Any]]] = {
    "UndoneImport": object_of(restored=WHOLE, removed=WHOLE, kept=TEXTS),
    "LastImport": object_of(last=or_null(object_of(at=TEXT, author=AUTHOR, touched=WHOLE))),
    "ImportReport": object_of(
        rows=WHOLE, ok=WHOLE, written=WHOLE, removed=TEXTS,
        errors=list_of(object_of(row=WHOLE, column=TEXT, message=TEXT)),
        verdicts=list_of(object_of(
            row=WHOLE, verdict={"type": "string", "enum": list(VERDICTS)}, entry=TEXT, title=TEXT, group=TEXT,
            intent=or_null(TEXT), guessed=list_of({"type": "string", "enum": list(GUESSED)}), has_question=BOOL,
        )),
    ),
}  # fmt: skip

IMPORT_ROUTES: Final = (
    ApiRoute("POST", f"{SHOP}/entries/import", import_table, ImportBody, "ImportReport", right=Right.EDIT),
    ApiRoute(
        "POST",
        f"{SHOP}/entries/import/undo",
        undo_import,
        returns="UndoneImport",
        answers=(200, 409),
        needs=Right.EDIT,
    ),
    ApiRoute("GET", f"{SHOP}/entries-import", get_last_import, returns="LastImport", needs=Right.EDIT),
    ApiRoute("GET", f"{SHOP}/entries-export", export_table, returns=FILE, needs=Right.EDIT),
)
"""The routes, for routes.py."""
