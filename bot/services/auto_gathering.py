"""What a buyer said since the last answer, gathered for the decision."""

from __future__ import annotations

import itertools
import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from difflib import SequenceMatcher
from typing import Final

from bot.domain.auto_reply import Deed
from bot.domain.auto_turn import AutoMessage
from bot.domain.auto_visit import Visit, visit_of
from bot.domain.conversation import MAX_HISTORY_TURNS, Conversation, Message, Turn
from bot.domain.message_text import is_notice
from bot.domain.text import asks, is_acknowledgement, is_follow_up, is_opener
from bot.ports.auto_turns import TurnRead
from bot.services.unanswered import join_bubbles, turns_beside, waiting_among

_ALIKE: Final = 0.6
"""Two questions that share so much of their characters are one, asked again."""
_COMPARED: Final = 60
_LOOKED_BACK: Final = 10
_GOES_ON: Final = re.compile(r"那|可是|但是?|要是|如果|and |but |then ", re.IGNORECASE)
_ANSWER: Final = 16
"""What is longer says what it means by itself."""


@dataclass(frozen=True, slots=True)
class Gathered:
    """The bubbles that wait, oldest first. `text` joins them, `fresh` those that no decision has seen.

    `upto` is the number of the buyer's last bubble; `history` is what was said beside them; `heard` all of his words.
    `coming` is what is being typed for him.
    """

    conversation: Conversation
    visit: Visit
    waiting: tuple[Message, ...]
    text: str
    fresh: str
    upto: int
    history: tuple[Turn, ...]
    heard: tuple[str, ...]
    coming: tuple[AutoMessage, ...] = ()

    def is_coming(self, texts: Collection[str]) -> bool:
        """Whether all of that is being typed for him already: he asked on before he could read it."""
        return bool(texts) and {each.text for each in self.coming}.issuperset(texts)

    def has_heard(self, texts: Collection[str]) -> bool:
        """Whether software said all of that after he had asked what waits."""
        last = max((each.number for each in self.waiting), default=0)
        said = {each.text for each in self.visit.messages if each.author == "auto" and each.number > last}
        return bool(texts) and said.issuperset(texts)

    @property
    def open_question(self) -> str:
        """What he had asked when software asked him back, if what waits reads as his answer to that; "" otherwise.

        Of several questions back all that he said since his first question belongs to it.
        """
        if not self.text or len(self.text) > _ANSWER or asks(self.text) or is_acknowledgement(self.text):
            return ""
        asked = list(
            itertools.takewhile(lambda each: each.deed is Deed.ASK_BACK, reversed(self.visit.decisions))
        )
        if not asked:
            return ""
        before = self.visit.decisions[: -len(asked)]
        since, upto = max((each.upto for each in before), default=0), asked[0].upto
        return join_bubbles([each for each in self._said if since < each.number <= upto])

    @property
    def questions(self) -> int:
        """How many of the bubbles that wait ask something, each by itself."""
        return len({each.text for each in self.waiting if asks(each.text) and not is_opener(each.text)})

    @property
    def _said(self) -> list[Message]:
        return [each for each in self.visit.messages if each.author == "buyer"]

    @property
    def told(self) -> frozenset[str]:
        """What the buyer has heard before and would hear once too often: all of it, if he asks nothing or much the same again.

        One answer may answer two questions: what was said once may be said to another one.
        """
        visit = self.visit
        waiting = {each.number for each in self.waiting}
        earlier = [each.text for each in self._said if each.number not in waiting]
        if not asks(self.text) or any(_are_alike(self.text, each) for each in earlier[-_LOOKED_BACK:]):
            return visit.told
        texts = [each.text for each in visit.messages if each.author in ("agent", "auto")]
        often = {text for text in texts if texts.count(text) > 1}
        # Who goes on from an answer wants to hear more than that.
        last = {texts[-1]} if texts and (is_follow_up(self.text) or _GOES_ON.match(self.text)) else set[str]()
        return frozenset(often | last)

    @property
    def has_image(self) -> bool:
        """Whether something came that nothing here can see."""
        return any(each.image or is_notice(each.text) for each in self.waiting)


def gather(read: TurnRead, now: datetime) -> Gathered:
    """Return what waits in the visit that goes on. What an answer on its way is about waits no more."""
    visit = visit_of(read.conversation, read.messages, read.decisions, now)
    answered = max((each.answers or 0 for each in read.waiting), default=0)
    waiting = tuple(each for each in _undone(read.conversation, visit) if each.number > answered)
    said = tuple(each for each in read.messages if each.author == "buyer")
    numbers = {each.number for each in waiting}
    return Gathered(
        read.conversation,
        visit,
        waiting,
        join_bubbles(waiting),
        join_bubbles([each for each in waiting if each.number > visit.decided_upto]),
        max((each.number for each in said), default=0),
        turns_beside(read.messages, numbers)[-MAX_HISTORY_TURNS:],
        tuple(each.text for each in said),
        tuple(read.waiting),
    )


def _undone(conversation: Conversation, visit: Visit) -> Sequence[Message]:
    """Return what waits, or else what he said between two bubbles of an answer: nobody has decided about that yet."""
    waiting = waiting_among(conversation, visit.messages)
    if waiting or conversation.waiting_since is not None:
        return waiting
    answered = max((each.number for each in visit.messages if each.author == "agent"), default=0)
    done = max(visit.decided_upto, answered)
    return [each for each in visit.messages if each.author == "buyer" and each.number > done]


def _are_alike(one: str, other: str) -> bool:
    return SequenceMatcher(None, one[:_COMPARED], other[:_COMPARED], autojunk=False).ratio() >= _ALIKE
