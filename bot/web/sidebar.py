"""The side panel beside another chat client: its page, the window that connects it, and what it asks of the API."""

from __future__ import annotations

import secrets
from datetime import timedelta
from typing import Annotated, Any, Final

import aiohttp_jinja2
from aiohttp import hdrs, web
from pydantic import BeforeValidator, Field

from bot.domain.account import Caller, Right, ShopScope
from bot.domain.shop import shop_id
from bot.ports import NotFound
from bot.services.inbox_owners import InboxOwners, Place
from bot.services.other_shops import OtherShops
from bot.services.rendering import shop_data
from bot.web.answers import json_answer
from bot.web.authorisation import Needs, caller_of, csrf_of, open_to_all, page_for, shop_of
from bot.web.bodies import MAX_MESSAGE_BODY, Body, message_text, read_body
from bot.web.clock import request_time
from bot.web.content_policy import content_policy
from bot.web.errors import ApiError
from bot.web.route_table import SHOP, ApiRoute
from bot.web.state import SERVICES
from bot.web.texts_sidebar import sidebar_texts

_SHIFT: Final = timedelta(hours=12)
"""A panel stays connected for a shift; the membership behind it is looked at with every call."""


class ElsewhereBody(Body):
    """A buyer's message whose numbers are looked up in the caller's other shops."""

    text: Annotated[str, BeforeValidator(message_text)]


class InboxBody(Body):
    """Where the conversation stands that an agent looks at in another chat client; 0 for what that client does not say."""

    origin: Annotated[str, Field(min_length=1, max_length=300)]
    account: Annotated[int, Field(ge=0, lt=2**63)]
    inbox: Annotated[int, Field(ge=0, lt=2**63)]


class NoFields(Body):
    """An empty object."""


def sidebar_secret(shop: str, token: str) -> str:
    """Return the session secret of a panel's token: the shop is part of it, so that it opens no other shop."""
    return f"sidebar:{shop}:{token}"


@open_to_all
async def show_sidebar(request: web.Request) -> web.StreamResponse:
    """Return the panel's shell. It holds nothing of the shop: the script asks for that, as whoever is signed in."""
    shop = shop_id(request.match_info["shop"])
    try:
        policy = await request.app[SERVICES].workspace.store.get_policy(shop)
        origins: tuple[str, ...] = policy.origins
    except NotFound:
        # The same shell as for a shop that exists: the address tells nothing.
        origins = ()
    texts = sidebar_texts(request.query.get("lang"), request.headers.get("Accept-Language", ""))
    context: dict[str, Any] = {
        "texts": texts,
        "shop": shop,
        "origins": " ".join(origins),
        "other_language": "en" if texts["lang"] == "zh" else "zh",
        "other_name": "EN" if texts["lang"] == "zh" else "中文",
    }
    response = aiohttp_jinja2.render_template("sidebar.html", request, context)
    response.headers["Content-Security-Policy"] = content_policy(("'self'", *origins))
    return response


@page_for(Needs.SIGNED_IN)
async def show_connect(request: web.Request) -> web.StreamResponse:
    """Return the window in which a signed-in person lets an embedded panel act for him in one shop."""
    shop = shop_of(request, Right.READ)
    texts = sidebar_texts(request.query.get("lang"), request.headers.get("Accept-Language", ""))
    context = {
        "texts": texts,
        "shop": shop_data(await request.app[SERVICES].shops.get_shop(shop)),
        "csrf": csrf_of(request),
    }
    return aiohttp_jinja2.render_template("sidebar_connect.html", request, context)


async def create_sidebar_token(request: web.Request) -> web.Response:
    """Give a token with which an embedded panel acts for the caller in this shop."""
    shop = shop_of(request, Right.READ)
    if hdrs.AUTHORIZATION in request.headers:
        raise ApiError(403, "a side panel's token makes no other token: connect the panel again")
    await read_body(request, NoFields)
    token = secrets.token_urlsafe(32)
    expires = request_time(request) + _SHIFT
    await request.app[SERVICES].accounts.create_session(
        caller_of(request).account.id,
        sidebar_secret(shop, token),
        secrets.token_urlsafe(16),
        expires,
        "sidebar",
    )
    return json_answer({"token": f"khs.{shop}.{token}", "expires_at": expires.isoformat()}, status=201)


async def find_elsewhere(request: web.Request) -> web.Response:
    """Say which items and orders of a message belong to another shop of the caller's."""
    shop = shop_of(request, Right.READ)
    body = await read_body(request, ElsewhereBody, limit=MAX_MESSAGE_BODY)
    scope = await _scope_of_person(request)
    services = request.app[SERVICES]
    others = OtherShops(services.workspace.live_shops, services.facts)
    found = await others.elsewhere(scope, shop, body.text)
    rows = [
        {
            "shop": each.shop.id,
            "name": each.shop.name,
            "colour": each.shop.colour,
            "kind": each.kind,
            "number": each.number,
        }
        for each in found
    ]
    return json_answer({"elsewhere": rows})


async def find_inbox_owner(request: web.Request) -> web.Response:
    """Say whether an inbox of another chat client is this shop's, and which other shop of the caller's it belongs to."""
    shop = shop_of(request, Right.READ)
    body = await read_body(request, InboxBody)
    services = request.app[SERVICES]
    scope = await _scope_of_person(request)
    found = await InboxOwners(services.workspace.channels).owner_of(
        scope, shop, Place(body.origin, body.account, body.inbox)
    )
    name = (await services.shops.get_shop(found.shop)).name if found.shop else ""
    return json_answer({"owner": found.owner, "shop": found.shop, "name": name})


async def _scope_of_person(request: web.Request) -> ShopScope:
    """A panel's token opens one shop; what it warns of is in all shops of the person who holds it."""
    account = caller_of(request).account
    memberships = await request.app[SERVICES].accounts.memberships_of(account.id)
    return ShopScope.of(Caller(account, tuple(memberships)), Right.READ, request_time(request))


SIDEBAR_ROUTES: Final = (
    ApiRoute(
        "POST",
        f"{SHOP}/sidebar-tokens",
        create_sidebar_token,
        NoFields,
        "SidebarToken",
        (201,),
        needs=Right.READ,
    ),
    ApiRoute("POST", f"{SHOP}/elsewhere", find_elsewhere, ElsewhereBody, "Elsewhere", needs=Right.READ),
    ApiRoute("POST", f"{SHOP}/inbox-owner", find_inbox_owner, InboxBody, "InboxOwner", needs=Right.READ),
)
