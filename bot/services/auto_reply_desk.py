"""A shop's rules for automatic replies: read, written by who may, and tried before that."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from typing import Final

from bot.domain.account import Caller
from bot.domain.auto_reply_policy import AutoReplyPolicy
from bot.domain.intents import GROUPS
from bot.ports import Clock, Conflict, EventLog, NotFound
from bot.ports.auto_reply import AutoReplyStore
from bot.services import auditing
from bot.services.auditing import Auditor
from bot.services.auto_log import AutoLog
from bot.services.auto_measuring import Measures, group_set, read_measures, set_events
from bot.services.auto_reply_trying import AutoReplyTrials
from bot.services.document_fields import FieldError
from bot.services.guarding import Guard

WORDINGS: Final = ("greeting", "hand_over", "hand_over_closed")


class UnfitWording(ValueError):
    """What is to be said in the shop's name must not be; `errors` name the fields."""

    def __init__(self, errors: list[FieldError]) -> None:
        super().__init__("; ".join(error.field for error in errors))
        self.errors = errors


@dataclass(frozen=True, slots=True)
class AutoReplyDesk:
    """What the routes of the page are made of."""

    store: AutoReplyStore
    trials: AutoReplyTrials
    guard: Guard
    auditor: Auditor
    log: AutoLog
    events: EventLog
    clock: Clock

    async def get(self, shop: str) -> AutoReplyPolicy:
        """Return the shop's rules. Raises NotFound."""
        return await self.store.get_policy(shop)

    async def measures(self, shop: str) -> Measures:
        """Return how often automatic replies turned out right, and the groups that dropped to suggestions for it."""
        return await read_measures(self.events, shop)

    async def leave(self, shop: str, group: str) -> None:
        """Take note that a group dropped, and leave it as it is: nobody need be told any more. Raises NotFound."""
        if group not in GROUPS:
            raise NotFound(f"there is no group {group}")
        policy = await self.store.get_policy(shop)
        if any(each.group == group for each in (await self.measures(shop)).demoted):
            await self.events.append(shop, [group_set(group, policy, self.clock.now())])

    async def put(
        self, shop: str, policy: AutoReplyPolicy, caller: Caller, known: Collection[str] | None = None
    ) -> None:
        """Write the shop's rules, and who changed what. `known` are the groups that the caller knows to have dropped to
        suggestions: of others he would switch back on unawares what has just stopped.

        Raises NotFound, UnfitWording, Conflict.
        """
        await self.check(shop, policy)
        before = await self.store.get_policy(shop)
        if known is not None:
            dropped = {each.group for each in (await self.measures(shop)).demoted}
            if (dropped & policy.automatic) - before.automatic - set(known):
                raise Conflict(
                    "有分组刚被自动降为推荐，请刷新后再保存。 a group dropped to suggestions in the meantime: read the rules again"
                )
        events = set_events(before, policy, self.clock.now())
        if not await self.store.swap_policy(shop, before, policy, events):
            raise Conflict(
                "规则刚被别人修改，请刷新后再保存。 the rules were changed at this moment: read them again"
            )
        changed = [
            name
            for name in AutoReplyPolicy.__dataclass_fields__
            if getattr(before, name) != getattr(policy, name)
        ]
        await self.auditor.record(
            auditing.POLICY_CHANGED, caller.account, shop=shop, auto_reply=policy.is_on, changed=changed
        )

    async def check(self, shop: str, policy: AutoReplyPolicy) -> None:
        """Refuse words that the guard would not let pass. Raises UnfitWording, NotFound."""
        errors: list[FieldError] = []
        for name in WORDINGS:
            if not (text := getattr(policy, name)):
                continue
            result = await self.guard.check(shop, text)
            if result.findings:
                found = "、".join(f"“{finding.text}”" for finding in result.findings)
                errors.append(
                    FieldError(
                        name,
                        f"含有不能说的内容：{found}。 holds what must not be said for this shop: {found}",
                    )
                )
        if errors:
            raise UnfitWording(errors)
