"""A person takes a conversation in hand: from his first keystroke on software is silent there, on every worker."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any, Final

from bot.domain import queueing
from bot.domain.auto_reply import Reason
from bot.domain.conversation import Conversation
from bot.ports import Clock, ConversationStore
from bot.ports.auto_turns import AutoTurnStore
from bot.services.auto_policies import AutoPolicies

_PAUSE: Final = timedelta(seconds=5)
"""Keystrokes come many a second; one in so long a time is written for each conversation."""
_MOST: Final = 2000


class SteppingIn:
    """Writes that a person is there, where software might speak."""

    def __init__(
        self, store: ConversationStore, turns: AutoTurnStore, policies: AutoPolicies, clock: Clock
    ) -> None:
        self._store = store
        self._turns = turns
        self._policies = policies
        self._clock = clock
        self._seen: OrderedDict[tuple[str, str], datetime] = OrderedDict()

    async def step_in(self, shop: str, conversation: str, account: str) -> None:
        """Silence software in the conversation, and drop what it was about to say. Raises NotFound, StoreUnavailable.

        `account` is who came, "" for a person on an outer channel. Said again within some seconds it costs one read: it may
        have been given back to software meanwhile, on whatever worker.
        """
        now, key = self._clock.now(), (shop, conversation)
        seen = self._seen.get(key)
        if (
            seen is not None
            and timedelta() <= now - seen < _PAUSE
            and await self._is_known(shop, conversation)
        ):
            return
        if not (await self._policies.of(shop)).is_on:
            return
        self._remember(key, now)

        def rule(before: Conversation) -> Mapping[str, Any]:
            return queueing.person_came(before, now) if before.state != "closed" else {}

        try:
            async with self._store.reading(shop):
                await self._store.change_conversation(shop, conversation, rule)
                await self._turns.drop_sends(shop, conversation, Reason.PERSON_PRESENT)
                await self._turns.take_hand_overs(shop, conversation, account, now)
        except BaseException:
            self._seen.pop(key, None)
            raise

    async def _is_known(self, shop: str, conversation: str) -> bool:
        """Whether software is silent there already, and nothing was given back to it since."""
        found = await self._store.get_conversation(shop, conversation)
        return found.person_at is not None or found.state == "closed"

    def _remember(self, key: tuple[str, str], now: datetime) -> None:
        self._seen[key] = now
        self._seen.move_to_end(key)
        while len(self._seen) > _MOST:
            self._seen.popitem(last=False)
