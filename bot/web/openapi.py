"""openapi.json, made from the table of routes and the models that validate the bodies: it cannot drift from them."""

from __future__ import annotations

import re
from typing import Any, Literal

from aiohttp import web
from pydantic.json_schema import models_json_schema

from bot import __version__
from bot.web.answers import json_answer
from bot.web.asked_api import ASKED_RESPONSES
from bot.web.authorisation import Needs, open_to_all
from bot.web.auto_log_api import AUTO_LOG_RESPONSES
from bot.web.auto_reply_api import AUTO_REPLY_RESPONSES
from bot.web.channels_api import CHANNEL_RESPONSES
from bot.web.console_api import CONSOLE_RESPONSES
from bot.web.copying_api import COPYING_RESPONSES
from bot.web.entry_history_api import HISTORY_RESPONSES
from bot.web.facts_api import FACTS_RESPONSES
from bot.web.import_api import IMPORT_RESPONSES
from bot.web.invoice_api import INVOICE_RESPONSES
from bot.web.openapi_shapes import BOOL, NUMBER, TEXT, WHOLE, list_of, object_of, or_null, ref
from bot.web.openapi_workspace import WORKSPACE_RESPONSES
from bot.web.record_routes import FILE, FILE_TYPES, RECORD_RESPONSES
from bot.web.routes import ROUTES, ApiRoute
from bot.web.sessions import COOKIE
from bot.web.shop_settings_api import SETTINGS_RESPONSES
from bot.web.sources_api import SOURCE_RESPONSES

_STATE = {"type": "string", "enum": ["ready", "warming", "down"]}
_RESPONSES: dict[str, dict[str, Any]] = {
    "Error": object_of(error=object_of(code=TEXT, message=TEXT, fields={"type": "object", "additionalProperties": TEXT})),
    "Health": object_of(works=BOOL, database=_STATE, embedder=_STATE, classifier=_STATE),
    "Shop": object_of(
        id=TEXT, name=TEXT, name_en=TEXT, colour=TEXT, avatar=TEXT, aliases=list_of(TEXT), timezone=TEXT,
        languages=list_of(TEXT), demo=BOOL,
    ),
    "Shops": object_of(shops=list_of("Shop")),
    "Intent": object_of(intent=TEXT, group=TEXT, confidence=NUMBER),
    "Suggestion": object_of(
        id=TEXT, text=TEXT, confidence=NUMBER, automatic=BOOL, image=TEXT,
        parts=list_of(object_of(entry=TEXT, version=WHOLE, intent=or_null(TEXT), text=TEXT)),
        facts=list_of(object_of(name=TEXT, value=TEXT, source=TEXT, as_of=TEXT, stale=BOOL)),
    ),
    "SuggestionResult": object_of(
        id=or_null(TEXT), shop=TEXT, silent=BOOL, reason=TEXT, classifier=_STATE, embedder=_STATE,
        intents=list_of("Intent"), suggestions=list_of("Suggestion"),
    ),
    "Understanding": object_of(
        intent=TEXT, group=TEXT, confidence=NUMBER,
        entities=list_of(object_of(name=TEXT, value=TEXT, start=WHOLE, end=WHOLE)),
    ),
    "Entry": object_of(
        id=TEXT, group=TEXT, intent=or_null(TEXT), question=TEXT, phrasings=list_of(TEXT), reply=TEXT,
        cases={"type": "object", "additionalProperties": TEXT}, fallback=TEXT, scope={"type": "object"},
        validity={"type": "object"}, short_code=TEXT, image=TEXT, language=TEXT, status=TEXT, version=WHOLE,
    ),
    "Entries": object_of(entries=list_of("Entry")),
    "Products": object_of(products=list_of({"type": "object"})),
    "Facts": object_of(facts=list_of({"type": "object"}), shipping=list_of({"type": "object"})),
    "Order": object_of(order_no=TEXT, status=TEXT, items=list_of(TEXT), courier=TEXT, tracking_no=TEXT),
    "SidebarToken": object_of(token=TEXT, expires_at=TEXT),
    "InboxOwner": object_of(owner=TEXT, shop=TEXT, name=TEXT),
    "Elsewhere": object_of(elsewhere=list_of(object_of(shop=TEXT, name=TEXT, colour=TEXT, kind=TEXT, number=TEXT))),
    "Written": object_of(written=WHOLE),
    "Account": object_of(
        id=TEXT, login=TEXT, name=TEXT, language=TEXT, is_admin=BOOL, must_change_password=BOOL, capacity=WHOLE,
    ),
    "Me": object_of(
        account=ref("Account"), csrf=TEXT, organisation=object_of(id=TEXT, name=TEXT), server_time=TEXT,
        shops=list_of(object_of(
            id=TEXT, name=TEXT, name_en=TEXT, colour=TEXT, avatar=TEXT, role=TEXT, rights=list_of(TEXT),
        )),
    ),
    "TeamAccount": object_of(
        id=TEXT, login=TEXT, name=TEXT, language=TEXT, capacity=WHOLE, is_admin=BOOL, is_disabled=BOOL,
        must_change_password=BOOL,
    ),
    "Membership": object_of(
        shop=TEXT, role=TEXT, since=TEXT, until=TEXT, hours=TEXT, timezone=TEXT, holds_now=BOOL,
    ),
    "Team": object_of(accounts=list_of({"allOf": [
        ref("TeamAccount"), object_of(memberships=list_of("Membership")),
    ]}), shops=list_of("Shop")),
    "Credentials": object_of(account=ref("TeamAccount"), password=TEXT),
    "Bulk": object_of(
        created=WHOLE, accounts=list_of(object_of(
            login=TEXT, name=TEXT, shops=list_of(TEXT), role=TEXT, since=TEXT, until=TEXT, hours=TEXT, password=TEXT,
        )),
        errors=list_of(object_of(row=WHOLE, column=TEXT, message=TEXT)),
    ),
    "Audit": object_of(lines=list_of(
        object_of(at=TEXT, kind=TEXT, actor=TEXT, subject=TEXT, shop=TEXT, data={"type": "object"})
    )),
    "SignedIn": object_of(me=ref("Me"), csrf=TEXT),
    "Sessions": object_of(sessions=list_of(
        object_of(id=TEXT, agent=TEXT, created_at=TEXT, expires_at=TEXT, is_this=BOOL)
    )),
    **WORKSPACE_RESPONSES,
    **RECORD_RESPONSES,
    **HISTORY_RESPONSES,
    **CONSOLE_RESPONSES,
    **AUTO_LOG_RESPONSES,
    **AUTO_REPLY_RESPONSES,
    **IMPORT_RESPONSES,
    **COPYING_RESPONSES,
    **FACTS_RESPONSES,
    **ASKED_RESPONSES,
    **INVOICE_RESPONSES,
    **SOURCE_RESPONSES,
    **CHANNEL_RESPONSES,
    **SETTINGS_RESPONSES,
}  # fmt: skip
IMAGE, NEW_IMAGE = "Image", "NewImage"
IMAGE_TYPES = ("image/png", "image/jpeg", "image/webp", "image/gif")
_COMMON_ERRORS = (400, 401, 403, 404, 413, 415, 422, 500, 503)


def openapi_document() -> dict[str, Any]:
    """Return the OpenAPI 3.1 description of every route."""
    models = dict.fromkeys(route.body for route in ROUTES if route.body is not None)
    bodies: list[tuple[Any, Literal["validation"]]] = [(model, "validation") for model in models]
    _, definitions = models_json_schema(bodies, ref_template="#/components/schemas/{model}")
    paths: dict[str, dict[str, Any]] = {}
    for route in ROUTES:
        paths.setdefault(route.path, {})[route.method.lower()] = _operation(route)
    return {
        "openapi": "3.1.0",
        "info": {"title": "Kuaihui 快回", "version": __version__, "license": {"name": "Apache-2.0"}},
        "servers": [{"url": "/"}],
        "security": [{"token": []}, {"session": []}],
        "paths": paths,
        "components": {
            "schemas": {**definitions.get("$defs", {}), **_RESPONSES},
            "securitySchemes": {
                "token": {"type": "http", "scheme": "bearer"},
                "session": {"type": "apiKey", "in": "cookie", "name": COOKIE},
            },
        },
    }


def _operation(route: ApiRoute) -> dict[str, Any]:
    operation: dict[str, Any] = {
        "summary": route.summary,
        "operationId": route.handler.__name__,
        "parameters": [
            {"name": name, "in": "path", "required": True, "schema": {"type": "string"}}
            for name in re.findall(r"\{(\w+)\}", route.path)
        ],
        "responses": {
            str(status): _answer(route, status) for status in sorted({*route.answers, *_COMMON_ERRORS})
        },
    }
    if route.needs is Needs.OPEN:
        operation["security"] = []
    elif route.needs is not Needs.TOKEN:
        operation["security"] = [{"session": []}]
    if route.returns == NEW_IMAGE:
        content = {kind: {"schema": {"type": "string", "format": "binary"}} for kind in IMAGE_TYPES}
        operation["requestBody"] = {"required": True, "content": content}
    if route.body is not None:
        schema = ref(route.body.__name__)
        operation["requestBody"] = {"required": True, "content": {"application/json": {"schema": schema}}}
    return operation


def _answer(route: ApiRoute, status: int) -> dict[str, Any]:
    if status == 101:
        return {"description": "WebSocket"}
    if status == 204:
        return {"description": "Done"}
    if status == 200 and route.returns == IMAGE:
        return {"description": "OK", "content": {kind: {"schema": {}} for kind in IMAGE_TYPES}}
    if status == 200 and route.returns == FILE:
        return {"description": "OK", "content": {kind: {"schema": {"type": "string"}} for kind in FILE_TYPES}}
    health = route.returns == "Health" and status in route.answers
    name = route.returns if status < 300 or health else "Error"
    description = "OK" if status < 300 else "What is wrong, and what would be right"
    return {"description": description, "content": {"application/json": {"schema": ref(name)}}}


@open_to_all
async def serve_openapi(request: web.Request) -> web.Response:
    """Return the description of this API."""
    return json_answer(openapi_document())
