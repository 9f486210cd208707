"""Each shop's rules for automatic replies as every message needs them: kept, and read again once the shop changes."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import datetime, timedelta
from typing import Final

from bot.domain.auto_reply_policy import AutoReplyPolicy
from bot.ports import ShopStore
from bot.ports.auto_reply import AutoReplyStore
from bot.services.due_timers import DueTimers
from bot.services.shared_reads import SharedReads

_FRESH: Final = 30.0


class AutoPolicies:
    """Looks up the rules. `follow` runs beside it for the life of a worker."""

    def __init__(self, store: AutoReplyStore, shops: ShopStore) -> None:
        self._store = store
        self._shops = shops
        self._held: SharedReads[AutoReplyPolicy] = SharedReads(store.get_policy, _FRESH)

    async def of(self, shop: str) -> AutoReplyPolicy:
        """Return the shop's rules. Raises NotFound, StoreUnavailable."""
        return await self._held.get(shop)

    async def fresh(self, shop: str) -> AutoReplyPolicy:
        """Return the rules as the database has them at this moment. Raises NotFound, StoreUnavailable."""
        return await self._store.get_policy(shop)

    async def marks(self, shop: str) -> bool:
        """Whether the shop shows automatic replies as such. Raises NotFound, StoreUnavailable."""
        return (await self.of(shop)).marks

    async def follow(self) -> None:
        """Forget the rules of every shop that changes, until cancelled. Raises StoreUnavailable."""
        async for shop, _ in self._shops.watch():
            self._held.forget(shop)


class MergeWindows:
    """Says when a buyer has had the time to say all that he wanted to, and has this process look then.

    `foreseen` is told of which shop a turn will be: what has to be read for it can be read meanwhile.
    """

    def __init__(
        self,
        policies: AutoPolicies,
        timers: DueTimers,
        foreseen: Callable[[Iterable[str]], None] = lambda _: None,
    ) -> None:
        self._policies = policies
        self._timers = timers
        self._foreseen = foreseen

    async def auto_at(self, shop: str, at: datetime) -> datetime | None:
        """Return when software looks at what a buyer says at that moment; None where it never does."""
        policy = await self._policies.of(shop)
        if not policy.is_on or not policy.automatic:
            return None
        due = at + timedelta(seconds=policy.merge_seconds)
        self._timers.expect(due)
        self._foreseen([shop])
        return due
