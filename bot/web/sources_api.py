"""Routes of the sources of a shop's facts."""

from __future__ import annotations

import secrets
from datetime import timedelta
from typing import Any, Final

from aiohttp import web

from bot.domain.account import Right
from bot.domain.fact_sources import FactSource, SourceState
from bot.domain.fact_tables import COLUMNS
from bot.services.fact_importing import FactImport
from bot.services.fact_sources import FactSources, SecretNeeded, SourceStanding, SourceTrial
from bot.web.answers import json_answer
from bot.web.authorisation import caller_of, shop_of
from bot.web.bodies import WRONG_FIELDS, read_body
from bot.web.errors import ApiError
from bot.web.openapi_shapes import BOOL, NUMBER, TEXT, TEXTS, WHOLE, list_of, object_of, or_null
from bot.web.route_table import SHOP, ApiRoute
from bot.web.source_bodies import SourceBody, SourceTrialBody
from bot.web.state import SERVICES

_MINUTE: Final = timedelta(minutes=1)
_MEGABYTE: Final = 1024 * 1024
_SHOWN_ERRORS: Final = 20
_BODY: Final = 256 * 1024


def _sources(request: web.Request) -> FactSources:
    return request.app[SERVICES].sources


async def list_sources(request: web.Request) -> web.Response:
    """Return the shop's sources of facts and how each does; the values of secret headers stay where they are."""
    shop = shop_of(request, Right.EDIT)
    standings = await _sources(request).standings(shop)
    return json_answer(
        {
            "sources": [_standing_data(each) for each in standings],
            "columns": {table: list(columns) for table, columns in COLUMNS.items()},
        }
    )


async def create_source(request: web.Request) -> web.Response:
    """Set up a source of facts."""
    shop = shop_of(request, Right.EDIT)
    body = await read_body(request, SourceBody, limit=_BODY)
    source = body.to_source(secrets.token_hex(4))
    try:
        await _sources(request).create(shop, source, body.secrets(), caller_of(request).account)
    except SecretNeeded as needed:
        raise _secret_needed(body, needed) from None
    return json_answer({"id": source.id}, status=201)


async def change_source(request: web.Request) -> web.Response:
    """Change a source of facts. A secret that was kept for one address is not sent to another: it is asked for again."""
    shop = shop_of(request, Right.EDIT)
    body = await read_body(request, SourceBody, limit=_BODY)
    source = body.to_source(request.match_info["source"])
    try:
        await _sources(request).change(shop, source, body.secrets(), caller_of(request).account)
    except SecretNeeded as needed:
        raise _secret_needed(body, needed) from None
    return web.Response(status=204)


async def delete_source(request: web.Request) -> web.Response:
    """Remove a source; the facts that it brought stay."""
    shop = shop_of(request, Right.EDIT)
    await _sources(request).remove(shop, request.match_info["source"], caller_of(request).account)
    return web.Response(status=204)


async def ask_source(request: web.Request) -> web.Response:
    """Look at a source at once rather than when it is due."""
    shop = shop_of(request, Right.EDIT)
    await _sources(request).ask_now(shop, request.match_info["source"])
    return web.Response(status=204)


async def try_source(request: web.Request) -> web.Response:
    """Read a source, saved or not, and show its first rows and what taking them would do; nothing is written."""
    shop = shop_of(request, Right.EDIT)
    body = await read_body(request, SourceTrialBody, limit=_BODY)
    try:
        trial = await _sources(request).try_out(shop, body.to_source(body.id), body.secrets())
    except SecretNeeded as needed:
        raise _secret_needed(body, needed) from None
    return json_answer(_trial_data(trial))


def _secret_needed(body: SourceBody, needed: SecretNeeded) -> ApiError:
    message = (
        "换了地址，保密的请求头要重新填写。 enter the secret header again: it was given for another address"
    )
    places = {header.name: place for place, header in enumerate(body.headers)}
    return ApiError(422, WRONG_FIELDS, {f"headers[{places[name]}].value": message for name in needed.names})


def _standing_data(standing: SourceStanding) -> dict[str, Any]:
    kept = standing.kept
    return {
        **_source_data(kept.source),
        "state": _state_data(kept.state),
        "silent": standing.silent,
        "made_at": kept.made_at.isoformat(),
    }


def _source_data(source: FactSource) -> dict[str, Any]:
    headers = [
        *({"name": name, "value": value, "secret": False} for name, value in source.headers.items()),
        *({"name": name, "value": None, "secret": True} for name in source.secret_headers),
    ]
    return {
        "id": source.id,
        "name": source.name,
        "table": source.table,
        "kind": source.kind,
        "every_minutes": source.every / _MINUTE,
        "enabled": source.enabled,
        "replace": source.replace,
        "columns": dict(source.columns),
        "form": source.form,
        "rows_path": source.rows_path,
        "url": source.url,
        "headers": headers,
        "timeout_seconds": source.timeout_seconds,
        "max_megabytes": round(source.max_bytes / _MEGABYTE, 3),
        "folder": source.folder,
        "pattern": source.pattern,
    }


def _state_data(state: SourceState) -> dict[str, Any]:
    return {
        "tried_at": state.tried_at and state.tried_at.isoformat(),
        "succeeded_at": state.succeeded_at and state.succeeded_at.isoformat(),
        "error": state.error,
        "warning": state.warning,
        "rows": state.rows,
        "refused": state.refused,
        "failures": state.failures,
    }


def _trial_data(trial: SourceTrial) -> dict[str, Any]:
    return {
        "problem": trial.problem,
        "file": trial.file,
        "sample": [dict(row) for row in trial.rows],
        "report": _report_data(trial.report) if trial.report is not None else None,
    }


def _report_data(report: FactImport) -> dict[str, Any]:
    errors = report.errors[:_SHOWN_ERRORS]
    return {
        "rows": report.rows,
        "ok": report.ok,
        "removed": len(report.removed),
        "errors": [{"row": each.row, "column": each.column, "message": each.message} for each in errors],
    }


_ROW: Final = {"type": "object", "additionalProperties": TEXT}
SOURCE_RESPONSES: Final[dict[str, dict[str, Any]]] = {
    "FactSource": object_of(
        id=TEXT, name=TEXT, table=TEXT, kind=TEXT, every_minutes=NUMBER, enabled=BOOL, replace=BOOL, columns=_ROW, form=TEXT,
        rows_path=TEXT, url=TEXT, timeout_seconds=NUMBER, max_megabytes=NUMBER, folder=TEXT, pattern=TEXT, silent=BOOL,
        made_at=TEXT, headers=list_of(object_of(name=TEXT, value=or_null(TEXT), secret=BOOL)),
        state=object_of(
            tried_at=or_null(TEXT), succeeded_at=or_null(TEXT), error=TEXT, warning=TEXT, rows=WHOLE, refused=WHOLE,
            failures=WHOLE,
        ),
    ),
    "FactSources": object_of(
        sources=list_of("FactSource"), columns={"type": "object", "additionalProperties": TEXTS}
    ),
    "MadeSource": object_of(id=TEXT),
    "SourceTrial": object_of(
        problem=TEXT, file=TEXT, sample=list_of(_ROW),
        report=or_null(object_of(
            rows=WHOLE, ok=WHOLE, removed=WHOLE, errors=list_of(object_of(row=WHOLE, column=TEXT, message=TEXT)),
        )),
    ),
}  # fmt: skip

_ONE: Final = f"{SHOP}/sources/{{source}}"
SOURCE_ROUTES: Final = (
    ApiRoute("GET", f"{SHOP}/sources", list_sources, returns="FactSources", needs=Right.EDIT),
    ApiRoute("POST", f"{SHOP}/sources", create_source, SourceBody, "MadeSource", (201, 409), Right.EDIT),
    ApiRoute(
        "POST", f"{SHOP}/source-trial", try_source, SourceTrialBody, "SourceTrial", (200, 409), Right.EDIT
    ),
    ApiRoute("PUT", _ONE, change_source, SourceBody, answers=(204,), needs=Right.EDIT),
    ApiRoute("DELETE", _ONE, delete_source, answers=(204,), needs=Right.EDIT),
    ApiRoute("POST", f"{_ONE}/run", ask_source, answers=(204,), needs=Right.EDIT),
)
"""The routes, for routes.py."""
