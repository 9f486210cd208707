"""What people may see changes while their pages are open: within a second each page has what its person may see, no more."""

from __future__ import annotations

import asyncio
import logging
from typing import Final, Protocol

from bot.domain.account import Right
from bot.ports import AccountStore, Clock, StoreUnavailable
from bot.services.colleagues import Colleagues
from bot.web.live_connection import SIGNED_OUT, LiveConnection

_log = logging.getLogger(__name__)
_COMPARE_SECONDS: Final = 0.5


class Pages(Protocol):
    """What this needs of the hub."""

    @property
    def pages(self) -> list[LiveConnection]: ...

    def pages_of(self, account: str) -> list[LiveConnection]: ...

    def remove(self, page: LiveConnection, shops: frozenset[str]) -> None: ...

    async def welcome(self, page: LiveConnection, feeds: dict[str, int]) -> None: ...


class LiveAccess:
    """Follows changes of rights. Told of a change it looks at once; besides, it compares versions and hours twice a second."""

    def __init__(self, accounts: AccountStore, colleagues: Colleagues, clock: Clock, hub: Pages) -> None:
        self._accounts = accounts
        self._colleagues = colleagues
        self._clock = clock
        self._hub = hub

    async def follow(self) -> None:
        """Follow the changes that are told until cancelled."""
        async for account in self._accounts.watch_access():
            self._colleagues.forget()
            await self.look_at(account)

    async def compare(self) -> None:
        """Compare until cancelled: what was told may have been lost, and hours and dates end without anybody telling."""
        while True:
            await asyncio.sleep(_COMPARE_SECONDS)
            pages = self._hub.pages
            if not pages:
                continue
            for page in pages:
                await self.trim(page)
            held = {page.account: page.caller.account.version for page in pages}
            try:
                versions = await self._accounts.access_versions(sorted(held))
            except StoreUnavailable:
                continue
            for account in sorted(held):
                if versions.get(account) != held[account]:
                    await self.look_at(account)

    async def look_at(self, account: str) -> None:
        """Read the person's sessions anew; a page whose session ended is closed."""
        for page in self._hub.pages_of(account):
            try:
                is_in = await self.renew(page)
            except StoreUnavailable:
                _log.warning("rights cannot be read now; they are compared again in a moment")
                return
            if is_in:
                await self.trim(page)

    async def renew(self, page: LiveConnection) -> bool:
        """Read the page's session anew; return False, the page closed, when it ended. Raises StoreUnavailable."""
        found = await self._accounts.find_session(page.secret)
        if found is None or found.caller.account.must_change_password:
            self._sign_out(page)
            return False
        page.renew(found)
        return True

    def _sign_out(self, page: LiveConnection) -> None:
        self._hub.remove(page, page.shops)
        page.end(SIGNED_OUT, "signed out")

    async def trim(self, page: LiveConnection) -> None:
        """Take from the page the shops that its person may not see now; one more than it has begins anew."""
        now = self._clock.now()
        if page.has_expired(now):
            self._sign_out(page)
            return
        may_see = page.caller.shops_with(Right.READ, now)
        if gone := page.shops - may_see:
            self._hub.remove(page, gone)
        if may_see - page.shops and not page.is_ending:
            await self._hub.welcome(page, {})
