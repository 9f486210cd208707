"""The same thing asked again and again: told the same each time, and from the third time on shown to a person.

Counted from what was decided, over all conversations of the buyer with the shop: whoever comes as often as that with one
demand may be after a contradiction (a professional complainer), and gets none.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Final, TypeAlias

from bot.domain.auto_reply import Reason
from bot.domain.auto_turn import Decided
from bot.domain.auto_visit import SPOKEN
from bot.domain.conversation import Conversation
from bot.domain.suggestion import FactUsed
from bot.ports import Clock, ConversationStore, Event
from bot.ports.auto_turns import AutoTurnStore
from bot.services.auto_merging import Answer
from bot.services.recording import EventRecorder

ASKED_OFTEN: Final = "asked_often"
"""A buyer was told the same for the third time: {"groups", "times"}."""
OFTEN: Final = 3
UNIFORM: Final = frozenset({"invoice"})
"""Of these groups the same is said again in the same words, until it was asked for OFTEN; elsewhere that is said once."""
_USUAL_WINDOW: Final = timedelta(days=1)
_WINDOW: Final = timedelta(days=30)
"""How far back counts: a demand for an invoice comes back for weeks, another question may be asked anew with each order."""
_CONVERSATIONS: Final = 10
_DECISIONS: Final = 50
_Key: TypeAlias = tuple[str, tuple[str, ...], frozenset[tuple[str, str]]]


class RepeatAsking:
    """Judges an answer by what the buyer was told before. It keeps nothing itself: every worker counts the same."""

    def __init__(
        self, store: ConversationStore, turns: AutoTurnStore, recorder: EventRecorder, clock: Clock
    ) -> None:
        self._store = store
        self._turns = turns
        self._recorder = recorder
        self._clock = clock

    async def judge(self, shop: str, conversation: Conversation, answer: Answer) -> Answer:
        """Return the answer as it stands after what the buyer was told before.

        The OFTENth time asks for a person, and the same words are said once more. Raises NotFound, StoreUnavailable.
        """
        offer = answer.heard.offer
        groups = tuple(sorted(offer.groups)) if offer is not None else ()
        key = _key(groups, answer.entries, answer.facts, answer.dialogue)
        if offer is None or key is None or not answer.bubbles:
            return answer
        is_uniform = offer.groups <= UNIFORM
        if offer.was_said and not is_uniform:
            return answer  # a person is asked for anyway
        times = 1 + await self.told_before(shop, conversation, key)
        if times < OFTEN:
            return replace(answer, heard=replace(answer.heard, offer=replace(offer, was_said=False)))
        data = {"groups": list(groups), "times": times}
        self._recorder.record(shop, Event(ASKED_OFTEN, self._clock.now(), conversation.id, data))
        reasons = (*answer.heard.calls_for_person, Reason.ASKED_OFTEN)
        heard = replace(answer.heard, offer=replace(offer, was_said=False), calls_for_person=reasons)
        return replace(answer, heard=heard)

    async def told_before(self, shop: str, conversation: Conversation, key: _Key) -> int:
        """Return how often the buyer was told this, in all his conversations with the shop."""
        own = await self._store.buyer_conversations(shop, conversation.buyer.id, _CONVERSATIONS)
        since = self._clock.now() - (_WINDOW if UNIFORM.issuperset(key[1]) else _USUAL_WINDOW)
        told = 0
        for each in own:
            if _last(each) >= since:
                decisions = await self._turns.list_decisions(shop, each.id, _DECISIONS)
                told += sum(_tells(decided, key, since) for decided in decisions)
        return told


def _last(conversation: Conversation) -> datetime:
    return conversation.last_at or conversation.opened_at


def _tells(decided: Decided, key: _Key, since: datetime) -> bool:
    told = _key(decided.groups, decided.entries, decided.facts, decided.dialogue)
    return decided.at >= since and decided.deed in SPOKEN and told == key


def _key(
    groups: tuple[str, ...],
    entries: Sequence[tuple[str, int, float]],
    facts: Sequence[FactUsed],
    dialogue: str,
) -> _Key | None:
    """Return what makes two answers the same: the first entry with its facts. None for what is no answer of that sort.

    A dialogue's last word has no entry: of the groups with one answer for all it counts by its facts alone.
    """
    if dialogue or not groups or (not entries and not UNIFORM.issuperset(groups)):
        return None
    return entries[0][0] if entries else "", groups, frozenset((fact.name, fact.value) for fact in facts)
