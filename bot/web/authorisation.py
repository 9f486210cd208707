"""Who may call what. Every route says what it needs; one that says nothing asks for a token. Deny by default."""

from __future__ import annotations

import time
from collections import OrderedDict
from collections.abc import Callable, Mapping
from dataclasses import replace
from enum import Enum, auto
from urllib.parse import quote

from aiohttp import web

from bot.domain.account import Caller, Right
from bot.domain.shop import shop_id
from bot.ports import Grant, NotFound, SignedIn
from bot.services.entry_history import TOKEN
from bot.web.clock import request_time
from bot.web.csrf import require_csrf
from bot.web.errors import ApiError, Handler
from bot.web.sessions import signed_in_by_cookie, signed_in_by_panel
from bot.web.state import GRANT, SERVICES

_REMEMBERED = 1000
_FRESH_SECONDS = 2.0
"""A revoked token is refused after at most this long: looking it up costs a round trip to the database."""
_PANEL = "khs."


class Needs(Enum):
    """What a route asks of its caller; a `Right` asks for a signed-in person who has it in the shop of the path."""

    OPEN = auto()
    """Nothing."""
    TOKEN = auto()
    """A bearer token; or a signed-in person, with the right that the route names where it is one of a shop."""
    IDENTIFIED = auto()
    """A signed-in person, also one who has to change the password first."""
    SIGNED_IN = auto()
    """A signed-in person."""
    ADMIN = auto()
    """A signed-in admin, who acts in the own organisation."""


class GrantCache:
    """Grants looked up in the last two seconds, by token."""

    def __init__(self) -> None:
        self._grants: OrderedDict[str, tuple[float, Grant]] = OrderedDict()

    async def grant_of(self, request: web.Request, token: str) -> Grant | None:
        """Return the token's grant, None when it has none."""
        held = self._grants.get(token)
        if held is not None and time.monotonic() - held[0] < _FRESH_SECONDS:
            return held[1]
        grant = await request.app[SERVICES].tokens.find_grant(token)
        self._grants.pop(token, None)
        if grant is not None:
            self._grants[token] = (time.monotonic(), grant)
            while len(self._grants) > _REMEMBERED:
                self._grants.popitem(last=False)
        return grant


GRANTS = web.AppKey("grants", GrantCache)
NEEDS = web.AppKey("needs", Mapping[tuple[str, str], tuple[Needs | Right, Right | None]])
"""By method and path: what the route needs, and the right that a person needs on one that takes tokens too."""
SIGNED_IN = web.RequestKey("signed_in", SignedIn)
_ASKED = web.RequestKey("asked", tuple[Needs | Right, Right | None])
_OPEN: set[Handler] = set()
_PAGES: dict[Handler, Needs] = {}


def open_to_all(handler: Handler) -> Handler:
    """Mark a handler as open: it is called without a token."""
    _OPEN.add(handler)
    return handler


def page_for(needs: Needs) -> Callable[[Handler], Handler]:
    """Mark a handler as a page for people: whoever is not signed in is led to /login, and back."""

    def mark(handler: Handler) -> Handler:
        _PAGES[handler] = needs
        return handler

    return mark


@web.middleware
async def authorisation_middleware(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Refuse every call that its route does not let in."""
    matched = request.match_info
    if matched.handler in _OPEN or matched.http_exception is not None:
        return await handler(request)
    if matched.handler in _PAGES:
        elsewhere = await _admit_to_page(request, _PAGES[matched.handler])
        return elsewhere or await handler(request)
    resource = matched.route.resource
    path = resource.canonical if resource is not None else ""
    needs, right = request.app[NEEDS].get((request.method, path), (Needs.TOKEN, None))
    if needs is not Needs.OPEN:
        request[_ASKED] = needs, right
        await _admit(request, needs, right)
    return await handler(request)


async def admit_again(request: web.Request) -> None:
    """Look at the caller's rights as they are now, after a wait as long as the caller likes: for the request's body.

    Raises what the first look would have raised.
    """
    if _ASKED in request:
        await _admit(request, *request[_ASKED])


async def _admit(request: web.Request, needs: Needs | Right, right: Right | None) -> None:
    if needs is Needs.TOKEN and request.app[SERVICES].trusts_caller:
        return
    scheme, _, token = request.headers.get("Authorization", "").partition(" ")
    bearer = token.strip() if scheme.lower() == "bearer" else ""
    if needs is Needs.TOKEN and bearer and not bearer.startswith(_PANEL):
        grant = await request.app[GRANTS].grant_of(request, bearer)
        if grant is None:
            raise ApiError(401, "this token is unknown, expired or revoked")
        request[GRANT] = grant
        return
    signed_in = await (_by_panel(request, bearer) if bearer or scheme else signed_in_by_cookie(request))
    if signed_in is None:
        raise ApiError(401, _who_are_you(needs))
    if not bearer:
        require_csrf(request, signed_in.csrf)
    request[SIGNED_IN] = signed_in
    _check(request, signed_in.caller, needs, right, is_panel=bool(bearer))


async def _by_panel(request: web.Request, bearer: str) -> SignedIn | None:
    """Return the session of a side panel: the same person, with the membership in that one shop and no other."""
    if not bearer.startswith(_PANEL):
        return None
    shop, _, token = bearer.removeprefix(_PANEL).partition(".")
    found = await signed_in_by_panel(request, shop, token)
    if found is None:
        return None
    only = tuple(each for each in found.caller.memberships if each.shop == shop)
    return replace(found, caller=replace(found.caller, memberships=only))


def _who_are_you(needs: Needs | Right) -> str:
    if needs is Needs.TOKEN:
        return "send a token: Authorization: Bearer …  (kuaihui token create makes one)"
    return "请先登录。 Sign in first."


def _check(
    request: web.Request, caller: Caller, needs: Needs | Right, right: Right | None, *, is_panel: bool
) -> None:
    """Raise ApiError or NotFound unless the person may do this."""
    if needs is Needs.IDENTIFIED and not is_panel:
        return
    if caller.account.must_change_password:
        raise ApiError(403, "请先修改密码。 Change your password first.", {"password": "must be changed"})
    of_shop = needs if isinstance(needs, Right) else right
    if of_shop is not None or "shop" in request.match_info:
        if of_shop is None:  # a shop's route that names no right is not for people
            raise ApiError(403, "only a token may do this: kuaihui token create makes one")
        shop_of(request, of_shop)
    elif is_panel:
        raise ApiError(403, "a side panel's token opens its own shop only")
    if needs is Needs.ADMIN and not caller.account.is_admin:
        raise ApiError(403, "只有管理员可以这样做。 Only an admin may do this.")


async def _admit_to_page(request: web.Request, needs: Needs) -> web.Response | None:
    """Let the person in, or return where he can be let in. Raises NotFound for an admin's page."""
    signed_in = await signed_in_by_cookie(request)
    if signed_in is None:
        return _lead_to(f"/login?next={quote(request.path_qs, safe='')}")
    request[SIGNED_IN] = signed_in
    account = signed_in.caller.account
    if account.must_change_password and needs is not Needs.IDENTIFIED:
        return _lead_to("/account")
    if needs is Needs.ADMIN and not account.is_admin:
        raise NotFound("there is no such page")
    return None


def _lead_to(address: str) -> web.Response:
    return web.Response(status=303, headers={"Location": address})


def caller_of(request: web.Request) -> Caller:
    """Return the signed-in person. Raises ApiError when a token or the operator's socket calls."""
    if SIGNED_IN not in request:
        raise ApiError(401, "请先登录。 Sign in first.")
    return request[SIGNED_IN].caller


def csrf_of(request: web.Request) -> str:
    """Return the secret that the person's changes must carry."""
    caller_of(request)
    return request[SIGNED_IN].csrf


def shop_of(request: web.Request, right: Right | None = None) -> str:
    """Return the shop of the path if the caller may see it; to anyone else it does not exist.

    The shop comes from the path alone: nothing in a body or a query can name another one. With `right` a person must
    have it there now. Raises NotFound, and ApiError for a member without the right.
    """
    shop = shop_id(request.match_info["shop"])
    if SIGNED_IN in request:
        _require_right(request[SIGNED_IN].caller, shop, right, request)
    elif GRANT in request:
        if shop not in request[GRANT].shops:
            raise NotFound("there is no such shop for this token")
    elif not request.app[SERVICES].trusts_caller:
        raise ApiError(401, "请先登录。 Sign in first.")
    return shop


def _require_right(caller: Caller, shop: str, right: Right | None, request: web.Request) -> None:
    now = request_time(request)
    if not any(each.shop == shop and each.holds_at(now) for each in caller.memberships):
        raise NotFound("there is no such shop for you")
    if right is not None and not caller.may(right, shop, now):
        raise ApiError(403, f"您在本店没有这项权限。 You have no right to this in this shop: {right.value}")


def author_of(request: web.Request) -> str:
    """Return whose name stands at what this request writes (see EntryVersion)."""
    if SIGNED_IN in request:
        return request[SIGNED_IN].caller.account.id
    return f"{TOKEN}{request[GRANT].token_id}" if GRANT in request else ""


def visible_shops(request: web.Request) -> list[str] | None:
    """Return the shops the caller may see; None for the operator, who sees all."""
    if SIGNED_IN in request:
        return sorted(request[SIGNED_IN].caller.shops_with(Right.READ, request_time(request)))
    if GRANT in request:
        return sorted(request[GRANT].shops)
    if request.app[SERVICES].trusts_caller:
        return None
    raise ApiError(401, "请先登录。 Sign in first.")


def require_write(request: web.Request) -> None:
    """Raise ApiError unless the caller may change the shop's entries and facts."""
    if SIGNED_IN in request:
        shop_of(request, Right.EDIT)
    elif GRANT in request:
        if not request[GRANT].may_write:
            raise ApiError(403, "this token may only read; make one with --write")
    elif not request.app[SERVICES].trusts_caller:
        raise ApiError(401, "请先登录。 Sign in first.")
