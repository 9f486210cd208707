"""openapi.json, made from the table of routes and the models that validate the bodies: it cannot drift from them."""

from __future__ import annotations

import re
from typing import Any, Literal

from aiohttp import web
from pydantic.json_schema import models_json_schema

from bot import __version__
from bot.web.answers import json_answer
from bot.web.authorisation import Needs, open_to_all
from bot.web.openapi_workspace import WORKSPACE_RESPONSES
from bot.web.record_routes import FILE, FILE_TYPES, RECORD_RESPONSES
from bot.web.routes import ROUTES, ApiRoute
from bot.web.sessions import COOKIE

_TEXT = {"type": "string"}
_NUMBER = {"type": "number"}
_BOOL = {"type": "boolean"}
_WHOLE = {"type": "integer"}


def _object(**properties: Any) -> dict[str, Any]:
    return {"type": "object", "properties": properties, "required": list(properties)}


def _list(of: dict[str, Any] | str) -> dict[str, Any]:
    return {"type": "array", "items": _ref(of) if isinstance(of, str) else of}


def _ref(name: str) -> dict[str, Any]:
    return {"$ref": f"#/components/schemas/{name}"}


def _or_null(schema: dict[str, Any]) -> dict[str, Any]:
    return {"anyOf": [schema, {"type": "null"}]}


_STATE = {"type": "string", "enum": ["ready", "warming", "down"]}
_RESPONSES: dict[str, dict[str, Any]] = {
    "Error": _object(error=_object(code=_TEXT, message=_TEXT, fields={"type": "object", "additionalProperties": _TEXT})),
    "Health": _object(works=_BOOL, database=_STATE, embedder=_STATE, classifier=_STATE),
    "Shop": _object(
        id=_TEXT, name=_TEXT, name_en=_TEXT, colour=_TEXT, avatar=_TEXT, aliases=_list(_TEXT), timezone=_TEXT,
        languages=_list(_TEXT), demo=_BOOL,
    ),
    "Shops": _object(shops=_list("Shop")),
    "Intent": _object(intent=_TEXT, group=_TEXT, confidence=_NUMBER),
    "Suggestion": _object(
        id=_TEXT, text=_TEXT, confidence=_NUMBER, automatic=_BOOL,
        parts=_list(_object(entry=_TEXT, version=_WHOLE, intent=_or_null(_TEXT), text=_TEXT)),
        facts=_list(_object(name=_TEXT, value=_TEXT, source=_TEXT, as_of=_TEXT, stale=_BOOL)),
    ),
    "SuggestionResult": _object(
        id=_or_null(_TEXT), shop=_TEXT, silent=_BOOL, reason=_TEXT, classifier=_STATE, embedder=_STATE,
        intents=_list("Intent"), suggestions=_list("Suggestion"),
    ),
    "Understanding": _object(
        intent=_TEXT, group=_TEXT, confidence=_NUMBER,
        entities=_list(_object(name=_TEXT, value=_TEXT, start=_WHOLE, end=_WHOLE)),
    ),
    "Entry": _object(
        id=_TEXT, group=_TEXT, intent=_or_null(_TEXT), question=_TEXT, phrasings=_list(_TEXT), reply=_TEXT,
        cases={"type": "object", "additionalProperties": _TEXT}, fallback=_TEXT, scope={"type": "object"},
        validity={"type": "object"}, short_code=_TEXT, language=_TEXT, status=_TEXT, version=_WHOLE,
    ),
    "Entries": _object(entries=_list("Entry")),
    "Products": _object(products=_list({"type": "object"})),
    "Facts": _object(facts=_list({"type": "object"}), shipping=_list({"type": "object"})),
    "Order": _object(order_no=_TEXT, status=_TEXT, items=_list(_TEXT), courier=_TEXT, tracking_no=_TEXT),
    "SidebarToken": _object(token=_TEXT, expires_at=_TEXT),
    "Elsewhere": _object(elsewhere=_list(_object(shop=_TEXT, name=_TEXT, colour=_TEXT, kind=_TEXT, number=_TEXT))),
    "Written": _object(written=_WHOLE),
    "Account": _object(
        id=_TEXT, login=_TEXT, name=_TEXT, language=_TEXT, is_admin=_BOOL, must_change_password=_BOOL, capacity=_WHOLE,
    ),
    "Me": _object(
        account=_ref("Account"), csrf=_TEXT, organisation=_object(id=_TEXT, name=_TEXT), server_time=_TEXT,
        shops=_list(_object(
            id=_TEXT, name=_TEXT, name_en=_TEXT, colour=_TEXT, avatar=_TEXT, role=_TEXT, rights=_list(_TEXT),
        )),
    ),
    "TeamAccount": _object(
        id=_TEXT, login=_TEXT, name=_TEXT, language=_TEXT, capacity=_WHOLE, is_admin=_BOOL, is_disabled=_BOOL,
        must_change_password=_BOOL,
    ),
    "Membership": _object(
        shop=_TEXT, role=_TEXT, since=_TEXT, until=_TEXT, hours=_TEXT, timezone=_TEXT, holds_now=_BOOL,
    ),
    "Team": _object(accounts=_list({"allOf": [
        _ref("TeamAccount"), _object(memberships=_list("Membership")),
    ]}), shops=_list("Shop")),
    "Credentials": _object(account=_ref("TeamAccount"), password=_TEXT),
    "Bulk": _object(
        created=_WHOLE, accounts=_list(_object(login=_TEXT, name=_TEXT, shops=_list(_TEXT), role=_TEXT, password=_TEXT)),
        errors=_list(_object(row=_WHOLE, column=_TEXT, message=_TEXT)),
    ),
    "Audit": _object(lines=_list(
        _object(at=_TEXT, kind=_TEXT, actor=_TEXT, subject=_TEXT, shop=_TEXT, data={"type": "object"})
    )),
    "SignedIn": _object(me=_ref("Me"), csrf=_TEXT),
    "Sessions": _object(sessions=_list(
        _object(id=_TEXT, agent=_TEXT, created_at=_TEXT, expires_at=_TEXT, is_this=_BOOL)
    )),
    **WORKSPACE_RESPONSES,
    **RECORD_RESPONSES,
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
        schema = _ref(route.body.__name__)
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
    return {"description": description, "content": {"application/json": {"schema": _ref(name)}}}


@open_to_all
async def serve_openapi(request: web.Request) -> web.Response:
    """Return the description of this API."""
    return json_answer(openapi_document())
