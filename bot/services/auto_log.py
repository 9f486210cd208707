"""What software said in a shop's name lately, what it could not say, and the button that stops it in all shops of a team."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from bot.domain.account import Caller
from bot.domain.auto_turn import AutoMessage, SendState
from bot.ports import AccountStore, NotFound
from bot.ports.auto_reply import AutoReplyStore
from bot.ports.auto_turns import AutoTurnStore, Stopped
from bot.services import auditing
from bot.services.auditing import Auditor
from bot.services.auto_stopping import switch

MOST_SHOWN = 200


@dataclass(frozen=True, slots=True)
class AutoLog:
    """What owners and admins see of automatic replies after the fact, and the stop that is theirs."""

    turns: AutoTurnStore
    policies: AutoReplyStore
    accounts: AccountStore
    auditor: Auditor

    async def messages(self, shop: str, states: Sequence[SendState]) -> list[AutoMessage]:
        """Return the shop's automatic messages in these states, newest first. Raises NotFound, StoreUnavailable."""
        return await self.turns.list_sends(shop, states, MOST_SHOWN)

    async def stopped(self) -> Stopped:
        """Return whether an operator stopped all shops there are."""
        return await self.turns.get_stop()

    async def stop_organisation(self, caller: Caller) -> list[str]:
        """Switch automatic replies off in every shop of the caller's organisation; return those in which they were on.

        What waits to be said there is judged by the rules again before it goes out, and so is not said.
        """
        organisation = await self.accounts.get_organisation(caller.account.organisation)
        switched: list[str] = []
        for shop in sorted(organisation.shops):
            try:
                if not await switch(self.policies, shop, stop=True):
                    continue
            except NotFound:
                continue  # it was removed at this moment
            switched.append(shop)
            await self.auditor.record(
                auditing.POLICY_CHANGED, caller.account, shop=shop, auto_reply=False, changed=["is_on"]
            )
        return switched
