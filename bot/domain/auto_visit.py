"""One visit of a buyer, as software finds it: who was there, what went out alone, which dialogue waits."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from bot.domain.auto_reply import Deed
from bot.domain.auto_turn import Decided
from bot.domain.conversation import Conversation, Message

VISIT: Final = timedelta(hours=2)
"""After so long a silence a buyer comes anew: who served him before is gone."""
SPOKEN: Final = (Deed.REPLY, Deed.ASK_BACK)


@dataclass(frozen=True, slots=True)
class Visit:
    """The visit that goes on. `messages` are those since it began; `decisions` those since a person last spoke in it.

    `replies`, `questions_back` and `dialogue_turns` are as in bot.domain.auto_reply.Standing; `dialogue` is the form that
    waits for the buyer, "" for none.
    """

    since: datetime
    messages: tuple[Message, ...]
    decisions: tuple[Decided, ...]
    person_present: bool
    is_handed_over: bool
    was_greeted: bool
    replies: int = 0
    questions_back: int = 0
    dialogue_turns: int = 0

    @property
    def dialogue(self) -> str:
        return self.decisions[-1].dialogue if self.decisions else ""

    @property
    def decided_upto(self) -> int:
        """The last bubble that was decided about."""
        return max((each.upto for each in self.decisions), default=0)

    @property
    def told(self) -> frozenset[str]:
        """What the buyer was told."""
        return frozenset(each.text for each in self.messages if each.author in ("agent", "auto"))


def visit_of(
    conversation: Conversation, messages: Sequence[Message], decisions: Sequence[Decided], now: datetime
) -> Visit:
    """Return the visit that the newest messages (oldest first) belong to."""
    own = _since_the_last_gap(messages)
    # Not just the first one's time: the clock may have been set back since.
    since = min((each.at for each in own), default=now)
    heard_of = since - VISIT
    spoke = max((each.at for each in own if each.author == "agent"), default=heard_of)
    in_visit = [each for each in decisions if each.at >= since]
    alone = tuple(each for each in in_visit if each.at > spoke)
    replies, questions, turns = _counted(alone)
    return Visit(
        since,
        own,
        alone,
        person_present=conversation.person_at is not None and conversation.person_at > heard_of,
        is_handed_over=conversation.handed_at is not None and conversation.handed_at > heard_of,
        was_greeted=any(each.deed in SPOKEN for each in in_visit),
        replies=replies,
        questions_back=questions,
        dialogue_turns=turns,
    )


def _since_the_last_gap(messages: Sequence[Message]) -> tuple[Message, ...]:
    for place in range(len(messages) - 1, 0, -1):
        if messages[place].at - messages[place - 1].at > VISIT:
            return tuple(messages[place:])
    return tuple(messages)


def _counted(decisions: Sequence[Decided]) -> tuple[int, int, int]:
    """Return replies, questions back in a row, and turns of the dialogue that goes on."""
    replies = questions = turns = 0
    waited = ""
    for each in decisions:
        if waited:
            turns += 1
        else:
            turns = 0
            if each.deed in SPOKEN and each.groups:
                replies += 1
                questions = questions + 1 if each.deed is Deed.ASK_BACK else 0
        waited = each.dialogue
    return replies, questions, turns
