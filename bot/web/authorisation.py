"""Who may call what: every route asks for a bearer token unless it says that it is open. Deny by default."""

from __future__ import annotations

import time
from collections import OrderedDict

from aiohttp import web

from bot.domain.shop import shop_id
from bot.ports import Grant, NotFound
from bot.web.errors import ApiError, Handler
from bot.web.state import GRANT, SERVICES

_REMEMBERED = 1000
_FRESH_SECONDS = 2.0
"""A revoked token is refused after at most this long: looking it up costs a round trip to the database."""


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
_OPEN: set[Handler] = set()


def open_to_all(handler: Handler) -> Handler:
    """Mark a handler as open: it is called without a token."""
    _OPEN.add(handler)
    return handler


@web.middleware
async def authorisation_middleware(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Refuse every call without a live token, except to handlers marked open and on the operator's own socket."""
    services = request.app[SERVICES]
    if (
        services.trusts_caller
        or request.match_info.handler in _OPEN
        or request.match_info.http_exception is not None
    ):
        return await handler(request)
    scheme, _, token = request.headers.get("Authorization", "").partition(" ")
    if scheme.lower() != "bearer" or not token.strip():
        raise ApiError(401, "send a token: Authorization: Bearer …  (kuaihui token create makes one)")
    grant = await request.app[GRANTS].grant_of(request, token.strip())
    if grant is None:
        raise ApiError(401, "this token is unknown, expired or revoked")
    request[GRANT] = grant
    return await handler(request)


def shop_of(request: web.Request) -> str:
    """Return the shop of the path if the caller may see it; to anyone else it does not exist.

    The shop comes from the path alone: nothing in a body or a query can name another one. Raises NotFound.
    """
    shop = shop_id(request.match_info["shop"])
    if not request.app[SERVICES].trusts_caller and shop not in request[GRANT].shops:
        raise NotFound("there is no such shop for this token")
    return shop


def visible_shops(request: web.Request) -> list[str] | None:
    """Return the shops the caller may see; None for the operator, who sees all."""
    return None if request.app[SERVICES].trusts_caller else sorted(request[GRANT].shops)


def require_write(request: web.Request) -> None:
    """Raise ApiError unless the caller may change things."""
    if not request.app[SERVICES].trusts_caller and not request[GRANT].may_write:
        raise ApiError(403, "this token may only read; make one with --write")
