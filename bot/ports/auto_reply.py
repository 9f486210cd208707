"""What automatic replies need from the outside. Every call takes the shop first."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from bot.domain.auto_reply_policy import AutoReplyPolicy
from bot.domain.conversation import Message
from bot.ports.engine import Event


@dataclass(frozen=True, slots=True)
class Said:
    """A message with its conversation; `viewed` is what the buyer looks at, as it is known now."""

    conversation: str
    viewed: str
    message: Message


class AutoReplyStore(Protocol):
    """Each shop's rules for automatic replies, and what was said there lately. A shop that is not there: NotFound."""

    async def get_policy(self, shop: str) -> AutoReplyPolicy:
        """Return the shop's rules; those of a shop that has none send nothing."""
        ...

    async def put_policy(self, shop: str, policy: AutoReplyPolicy) -> None:
        """Write the shop's rules and raise its version: every worker follows."""
        ...

    async def swap_policy(
        self, shop: str, before: AutoReplyPolicy, after: AutoReplyPolicy, events: Sequence[Event]
    ) -> bool:
        """Write the rules, with what the shop's log says of that, if they still are what they were; return whether."""
        ...

    async def newest_messages(self, shop: str, limit: int) -> list[Said]:
        """Return the shop's newest messages by whomever, over all its conversations, oldest first."""
        ...
