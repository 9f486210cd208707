"""The switch: all automatic replies of one shop, or of all shops, stop in every process before their next message."""

from __future__ import annotations

from dataclasses import dataclass, replace

from bot.ports import AccountStore, Clock
from bot.ports.auto_reply import AutoReplyStore
from bot.ports.auto_turns import AutoTurnStore, Stopped
from bot.services import auditing
from bot.services.auditing import Auditor
from bot.services.managing_accounts import CONSOLE


async def switch(policies: AutoReplyStore, shop: str, *, stop: bool) -> bool:
    """Switch the shop's rules off or on and leave all else of them as it is; return whether that changed anything.

    Who writes the rules at this moment loses nothing, and undoes nothing either. Raises NotFound.
    """
    while True:
        policy = await policies.get_policy(shop)
        if policy.is_on is not stop:
            return False
        if await policies.swap_policy(shop, policy, replace(policy, is_on=not stop), ()):
            return True


@dataclass(frozen=True, slots=True)
class AutoStopping:
    """Stops automatic replies and lets them go on. What was about to be said is said then, unless it is too late for it."""

    turns: AutoTurnStore
    policies: AutoReplyStore
    accounts: AccountStore
    auditor: Auditor
    clock: Clock

    async def stopped(self) -> Stopped:
        """Return whether all shops are stopped. Raises StoreUnavailable."""
        return await self.turns.get_stop()

    async def switch_all(self, *, stop: bool, by: str = "") -> None:
        """Stop every shop's automatic replies, or let those that are switched on go on. `by` is an account, "" the console."""
        await self.turns.put_stop(Stopped(stop, self.clock.now(), by))
        kind = auditing.AUTO_REPLY_STOPPED if stop else auditing.AUTO_REPLY_STARTED
        for organisation in await self.accounts.list_organisations():
            await self.auditor.record_from_outside(kind, organisation.id, by or CONSOLE)

    async def switch_shop(self, shop: str, *, stop: bool) -> bool:
        """Switch one shop's automatic replies off or on; return whether that changed anything. Raises NotFound."""
        if not await switch(self.policies, shop, stop=stop):
            return False
        for organisation in await self.accounts.list_organisations():
            if shop in organisation.shops:
                await self.auditor.record_from_outside(
                    auditing.POLICY_CHANGED, organisation.id, CONSOLE,
                    shop=shop, auto_reply=not stop, changed=["is_on"],
                )  # fmt: skip
        return True
