"""A shop's rules for automatic replies: read, written by who may, and tried before that."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from bot.domain.account import Caller
from bot.domain.auto_reply_policy import AutoReplyPolicy
from bot.ports.auto_reply import AutoReplyStore
from bot.services import auditing
from bot.services.auditing import Auditor
from bot.services.auto_log import AutoLog
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

    async def get(self, shop: str) -> AutoReplyPolicy:
        """Return the shop's rules. Raises NotFound."""
        return await self.store.get_policy(shop)

    async def put(self, shop: str, policy: AutoReplyPolicy, caller: Caller) -> None:
        """Write the shop's rules, and who changed what. Raises NotFound, UnfitWording."""
        await self.check(shop, policy)
        before = await self.store.get_policy(shop)
        await self.store.put_policy(shop, policy)
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
