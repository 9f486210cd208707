"""The route that copies chosen entries into another of the person's own shops."""

from __future__ import annotations

import dataclasses
from typing import Annotated, Any, Final

from aiohttp import web
from pydantic import Field

from bot.domain.account import Right
from bot.domain.shop import shop_id
from bot.web.answers import json_answer
from bot.web.authorisation import caller_of, shop_of
from bot.web.bodies import Body, Reference, read_body
from bot.web.errors import ApiError
from bot.web.openapi_shapes import TEXT, WHOLE, list_of, object_of
from bot.web.route_table import SHOP, ApiRoute
from bot.web.state import SERVICES

_MOST: Final = 200


class CopyBody(Body):
    """Entries by id, and the shop that they are copied to; published where nothing is to be warned of, or all drafts."""

    entries: Annotated[list[Reference], Field(min_length=1, max_length=_MOST)]
    to: Annotated[str, Field(min_length=1, max_length=40)]
    publish: bool = False
    dry_run: bool = False


async def copy_entries(request: web.Request) -> web.Response:
    """Copy chosen entries into another shop in which the person may edit too, or tell with dry_run what would be."""
    shop = shop_of(request, Right.EDIT)
    body = await read_body(request, CopyBody)
    target = shop_id(body.to)
    if target == shop:
        message = "选择另一家店铺。 choose another shop"
        raise ApiError(422, message, {"to": message})
    copies = request.app[SERVICES].records.copies
    report = await copies.copy(
        caller_of(request), shop, target, body.entries, publish=body.publish, dry_run=body.dry_run
    )
    return json_answer(dataclasses.asdict(report))


COPYING_RESPONSES: Final[dict[str, dict[str, Any]]] = {
    "CopyReport": object_of(
        written=WHOLE,
        entries=list_of(object_of(
            entry=TEXT, title=TEXT, verdict={"type": "string", "enum": ["new", "same"]}, target=TEXT, status=TEXT,
            warnings=list_of(object_of(
                kind={"type": "string", "enum": [
                    "variable", "name", "fact", "foreign", "contact", "forbidden", "scope", "code",
                ]},
                field=TEXT, text=TEXT,
            )),
        )),
    ),
}  # fmt: skip

COPYING_ROUTES: Final = (
    ApiRoute("POST", f"{SHOP}/entries/copy", copy_entries, CopyBody, "CopyReport", needs=Right.EDIT),
)
"""The routes, for routes.py."""
