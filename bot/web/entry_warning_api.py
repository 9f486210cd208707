"""The route that warns of what is doubtful about an entry while it is written."""

from __future__ import annotations

from typing import Any, Final
from zoneinfo import ZoneInfo

from aiohttp import web

from bot.domain.account import Right
from bot.services.documents import Loading
from bot.services.entry_warning import warning_data
from bot.web.answers import json_answer
from bot.web.authorisation import shop_of
from bot.web.bodies import MAX_MESSAGE_BODY, read_body
from bot.web.clock import request_time
from bot.web.console_bodies import WarningsBody
from bot.web.openapi_shapes import TEXT, WHOLE, list_of, object_of, or_null
from bot.web.route_table import SHOP, ApiRoute
from bot.web.state import SERVICES


async def warn_of_entry(request: web.Request) -> web.Response:
    """Say what of the same shop asks the same, promises otherwise, or has no facts, for an entry saved or not."""
    shop = shop_of(request, Right.EDIT)
    body = await read_body(request, WarningsBody, limit=MAX_MESSAGE_BODY)
    services = request.app[SERVICES]
    zone = ZoneInfo((await services.shops.get_shop(shop)).timezone)
    entry = body.entry.to_whole(Loading(request_time(request), zone, "edited"))
    warnings = await services.console.warnings.warn(shop, entry)
    return json_answer({"warnings": [warning_data(each) for each in warnings]})


WARNING_RESPONSES: Final[dict[str, dict[str, Any]]] = {
    "EntryWarnings": object_of(warnings=list_of(object_of(
        kind={"type": "string", "enum": ["alike", "taken", "belongs", "same_reply", "contradiction", "no_fact"]},
        field=TEXT, text=TEXT, entry=or_null(object_of(id=TEXT, question=TEXT, status=TEXT)), there=TEXT, variable=TEXT,
        have=WHOLE, of=WHOLE,
    ))),
}  # fmt: skip

WARNING_ROUTES: Final = (
    ApiRoute(
        "POST", f"{SHOP}/entries/warnings", warn_of_entry, WarningsBody, "EntryWarnings", needs=Right.EDIT
    ),
)
"""The routes, for routes.py."""
