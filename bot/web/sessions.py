"""Sessions of signed-in people: the cookie, and what a worker remembers of them for half a second."""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections import OrderedDict
from collections.abc import AsyncIterator
from datetime import datetime
from typing import Final

from aiohttp import web

from bot.ports import AccountStore, SignedIn
from bot.services.repeating import repeat
from bot.web.clock import request_time

COOKIE: Final = "kuaihui_session"
_REMEMBERED: Final = 5000
_FRESH_SECONDS: Final = 0.5
_LONGEST_SECRET: Final = 200


class SessionCache:
    """Sessions looked up in the last half second, by secret. A change of rights that is heard of ends it at once."""

    def __init__(self, accounts: AccountStore) -> None:
        self._accounts = accounts
        self._held: OrderedDict[str, tuple[float, SignedIn]] = OrderedDict()
        self._changes = 0

    async def find(self, secret: str, now: datetime) -> SignedIn | None:
        """Return the live session of that secret."""
        held = self._held.get(secret)
        if held is not None and time.monotonic() - held[0] < _FRESH_SECONDS:
            return held[1] if held[1].expires_at > now else None
        changes, asked = self._changes, time.monotonic()
        found = await self._accounts.find_session(secret)
        self._held.pop(secret, None)
        # What was read while a change came in may be of before it: used now, looked up again next time.
        if found is not None and changes == self._changes:
            self._held[secret] = (asked, found)
            while len(self._held) > _REMEMBERED:
                self._held.popitem(last=False)
        return found

    def forget(self, account: str) -> None:
        """Look the account's sessions up again from now on."""
        self._changes += 1
        stale = [secret for secret, (_, each) in self._held.items() if each.caller.account.id == account]
        for secret in stale:
            del self._held[secret]

    async def follow(self) -> None:
        """Forget whoever's rights or sessions change, in any process, for ever."""

        async def hear() -> None:
            async for account in self._accounts.watch_access():
                self.forget(account)

        await repeat("following changes of rights", hear)


SESSIONS = web.AppKey("sessions", SessionCache)


async def follow_access(app: web.Application) -> AsyncIterator[None]:
    """Let the cache hear of changes for as long as the application runs."""
    task = asyncio.create_task(app[SESSIONS].follow())
    yield
    task.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await task


async def signed_in_by_cookie(request: web.Request) -> SignedIn | None:
    """Return the session that the request's cookie names."""
    secret = request.cookies.get(COOKIE, "")
    # A colon marks the secrets of side panels, which open one shop only: as a cookie they would open all.
    if not secret or ":" in secret or len(secret) > _LONGEST_SECRET:
        return None
    return await request.app[SESSIONS].find(secret, request_time(request))


async def signed_in_by_panel(request: web.Request, shop: str, token: str) -> SignedIn | None:
    """Return the session of a side panel's token."""
    if len(token) > _LONGEST_SECRET:
        return None
    return await request.app[SESSIONS].find(f"sidebar:{shop}:{token}", request_time(request))


def set_cookie(request: web.Request, response: web.StreamResponse, secret: str, expires_at: datetime) -> None:
    """Hand the session to the browser: no script reads it, no other site sends it."""
    seconds = int((expires_at - request_time(request)).total_seconds())
    response.set_cookie(
        COOKIE, secret, max_age=seconds, path="/", httponly=True, samesite="Lax", secure=is_https(request)
    )


def drop_cookie(request: web.Request, response: web.StreamResponse) -> None:
    """Let the browser forget the session."""
    response.del_cookie(COOKIE, path="/", httponly=True, samesite="Lax", secure=is_https(request))


def is_https(request: web.Request) -> bool:
    """Whether the browser speaks TLS, to us or to the proxy in front. Believed wrongly it only makes a cookie stricter."""
    return request.secure or request.headers.get("X-Forwarded-Proto", "").lower() == "https"
