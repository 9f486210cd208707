"""The page /try: type as a buyer, see what each demo shop would suggest. Demo shops only, loopback only, no token."""

from __future__ import annotations

import ipaddress
import json
from typing import Any

import aiohttp_jinja2
from aiohttp import web

from bot.domain.shop import Shop, shop_id
from bot.ports import NotFound
from bot.services.rendering import result_data, shop_data
from bot.web.answers import json_answer
from bot.web.authorisation import open_to_all
from bot.web.bodies import MAX_MESSAGE_BODY, SuggestionBody, read_body
from bot.web.names import names_for
from bot.web.state import SERVICES
from bot.web.texts import texts_for

_LOCAL_NAMES = frozenset({"localhost", "127.0.0.1", "[::1]"})
_OF_PROXIES = ("forwarded", "x-forwarded", "x-real-ip", "via")
"""How the headers begin that a proxy adds: what it passes on comes from elsewhere, though it sits on this machine."""


def _require_loopback(request: web.Request) -> None:
    """Raise NotFound unless the caller sits on this machine and asked for it by a local name.

    The name is checked too: a page elsewhere could point a host name of its own at 127.0.0.1 (DNS rebinding).
    """
    try:
        near = ipaddress.ip_address(request.remote or "").is_loopback
    except ValueError:
        near = False
    name = request.host.rsplit(":", 1)[0] if not request.host.endswith("]") else request.host
    forwarded = any(name.lower().startswith(_OF_PROXIES) for name in request.headers)
    if not near or forwarded or name.lower() not in _LOCAL_NAMES:
        raise NotFound("there is no such page")


async def _demo_shops(request: web.Request) -> list[Shop]:
    return [shop for shop in await request.app[SERVICES].shops.list_shops(None) if shop.is_demo]


@open_to_all
async def show_try_page(request: web.Request) -> web.StreamResponse:
    """Return the page."""
    _require_loopback(request)
    texts = texts_for(request.query.get("lang"), request.headers.get("Accept-Language", ""))
    context: dict[str, Any] = {
        "texts": texts,
        "shops": [shop_data(shop) for shop in await _demo_shops(request)],
        "names": json.dumps(names_for(texts["lang"]), ensure_ascii=False),
        "other_language": "en" if texts["lang"] == "zh" else "zh",
    }
    return aiohttp_jinja2.render_template("try.html", request, context)


@open_to_all
async def try_suggest(request: web.Request) -> web.Response:
    """Suggest replies for a demo shop; any other shop does not exist here."""
    _require_loopback(request)
    shop = shop_id(request.match_info["shop"])
    if shop not in {known.id for known in await _demo_shops(request)}:
        raise NotFound("there is no such demo shop")
    body = await read_body(request, SuggestionBody, limit=MAX_MESSAGE_BODY)
    result = await request.app[SERVICES].suggester.suggest(body.to_request(shop))
    return json_answer(result_data(result))


@open_to_all
async def show_root(request: web.Request) -> web.Response:
    """Lead to the workspace, and from there who is not signed in to the login."""
    return web.Response(status=302, headers={"Location": "/workspace"})
