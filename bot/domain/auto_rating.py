"""Whether a reply that went out alone was right: read afterwards, from what the buyer and the shop's people did next.

Nobody is asked, so every sign errs in its own way. Those of a wrong reply are taken strictly, because a group stops for them;
those of a right one are weak, and make the measured precision rather too high than too low:

- ASKED_AGAIN: nearly the same words again within two hours, or what software would have said a second time. A right answer
  that was not believed, or not read, counts as wrong; a wrong one whose question was put in quite other words does not.
- ASKED_FOR_PERSON: the next thing he said. Some ask for a person whatever a machine says.
- UPSET: the next thing he said. What upset him may be the parcel and not the answer.
- CORRECTED: a person of the shop said something else before the buyer spoke again, or to the question asked again. One who
  only adds to a right answer counts against it.
- ACKNOWLEDGED: thanks and 好的. Politeness thanks for wrong answers too.
- WENT_ON: he said something else. It may be that he gave up on the first question.
- SILENT: he said nothing more. Who was told nonsense and left is silent as well; it is the weakest sign, and the commonest.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from difflib import SequenceMatcher
from enum import StrEnum
from typing import Final

from bot.domain.auto_reply import Reason
from bot.domain.auto_turn import Decided
from bot.domain.auto_visit import SPOKEN, VISIT
from bot.domain.conversation import Message
from bot.domain.message_text import is_notice
from bot.domain.mood import asks_for_person, is_upset
from bot.domain.text import is_acknowledgement, is_opener, strip_opener
from bot.domain.thresholds import FEWEST_CASES, wilson_bounds

SURELY: Final = 3.09
"""One-sided, 999 times in 1000. It is looked at with every new case: of groups that are exactly as good as they have to be,
1.28 would drop four in ten within their first thousand replies, and this drops one in twenty. Of those that are five points
worse it drops nearly all."""
_ALIKE: Final = 0.85
_LONG_ENOUGH: Final = 6
"""Of shorter questions one character is the difference: 白色有吗, 黑色有吗."""
_FILLERS: Final = re.compile(r"可以|能够|[能啊呀呢吗嘛么哦噢哈吧了的亲]")
_CODES: Final = re.compile(r"[a-z0-9]+")
_SAME_AGAIN: Final = frozenset((Reason.SAID_BEFORE, Reason.ASKED_OFTEN))


class Sign(StrEnum):
    """What a rating was read from; up to `CORRECTED` the reply was wrong."""

    ASKED_AGAIN = "asked_again"
    ASKED_FOR_PERSON = "asked_for_person"
    UPSET = "upset"
    CORRECTED = "corrected"
    ACKNOWLEDGED = "acknowledged"
    WENT_ON = "went_on"
    SILENT = "silent"

    @property
    def is_right(self) -> bool:
        return self in (Sign.ACKNOWLEDGED, Sign.WENT_ON, Sign.SILENT)


@dataclass(frozen=True, slots=True)
class Rating:
    """A decision to speak, and what became of it."""

    decided: Decided
    sign: Sign


def is_rated(decided: Decided) -> bool:
    """Whether the decision is one that is judged: it spoke, and answered something (a greeting does not)."""
    return decided.deed in SPOKEN and bool(decided.groups)


def rate(
    messages: Sequence[Message], decisions: Sequence[Decided], since: datetime, until: datetime
) -> list[Rating]:
    """Return the ratings of what was decided from `since` to before `until`, of messages and decisions oldest first.

    What never reached the buyer is not rated, nor is what he was told so long ago that the messages no longer hold it.
    """
    found: list[Rating] = []
    for decided in decisions:
        if not is_rated(decided) or not since <= decided.at < until:
            continue
        said = [each for each in messages if each.author == "auto" and _decision_of(each) == decided.id]
        if said:
            found.append(Rating(decided, _sign(decided, said, messages, decisions)))
    return found


def _decision_of(message: Message) -> str:
    """Return the decision that the message came of; see auto_composing.type_out for the key."""
    return message.key.removeprefix("auto-").rpartition("-")[0]


def _sign(
    decided: Decided, said: Sequence[Message], messages: Sequence[Message], decisions: Sequence[Decided]
) -> Sign:
    last = said[-1].number
    told = [each.text for each in said]
    later = [
        each
        for each in messages
        if each.number > last and each.at <= decided.at + VISIT and each.author != "system"
    ]
    if (own := _first(later)) is not None and own.author == "agent" and _is_other(own.text, told):
        return Sign.CORRECTED
    bubbles = [each for each in later if each.author == "buyer"]
    for place, bubble in enumerate(bubbles):
        if _asks_again(bubble, decided, messages, decisions):
            answer = next((each for each in later if each.number > bubbles[place].number), None)
            corrected = answer is not None and answer.author == "agent" and _is_other(answer.text, told)
            return Sign.CORRECTED if corrected else Sign.ASKED_AGAIN
    return _sign_of_next(_next_turn(later), decisions)


def _first(later: Iterable[Message]) -> Message | None:
    """Return what was said next, but for more of software's own."""
    return next((each for each in later if each.author != "auto"), None)


def _next_turn(later: Iterable[Message]) -> list[Message]:
    """Return what the buyer said until somebody spoke to him again."""
    turn: list[Message] = []
    for each in later:
        if each.author == "buyer":
            turn.append(each)
        elif turn:
            break
    return turn


def _sign_of_next(turn: Sequence[Message], decisions: Sequence[Decided]) -> Sign:
    if not turn:
        return Sign.SILENT
    text = "\n".join(each.text for each in turn)
    reasons = {reason for each in turn for reason in _reasons(each, decisions)}
    if Reason.ASKED_FOR_PERSON in reasons or asks_for_person(text):
        return Sign.ASKED_FOR_PERSON
    if Reason.UPSET in reasons or is_upset(text):
        return Sign.UPSET
    return Sign.ACKNOWLEDGED if is_acknowledgement(text) else Sign.WENT_ON


def _reasons(bubble: Message, decisions: Iterable[Decided]) -> tuple[Reason, ...]:
    about = _about(bubble, decisions)
    return about.reasons if about is not None else ()


def _about(bubble: Message, decisions: Iterable[Decided]) -> Decided | None:
    """Return the decision about the bubble."""
    return next((each for each in decisions if each.upto >= bubble.number), None)


def _asks_again(
    bubble: Message, decided: Decided, messages: Iterable[Message], decisions: Sequence[Decided]
) -> bool:
    again = _about(bubble, decisions)
    if again is not None and _SAME_AGAIN & set(again.reasons) and _is_about_the_same(again, decided):
        return True
    if decided.confidence is None:
        return False  # it followed from what the buyer answered: sizes and yeses come back without being asked again
    return any(is_same_question(bubble.text, asked.text) for asked in _asked(decided, messages, decisions))


def _is_about_the_same(one: Decided, other: Decided) -> bool:
    entries = {entry for entry, _, _ in one.entries}, {entry for entry, _, _ in other.entries}
    if any(entries):
        return not entries[0].isdisjoint(entries[1])
    return not set(one.groups).isdisjoint(other.groups)


def _asked(decided: Decided, messages: Iterable[Message], decisions: Iterable[Decided]) -> list[Message]:
    """Return the buyer's bubbles that the decision was about."""
    before = max((each.upto for each in decisions if each.upto < decided.upto), default=0)
    return [
        each
        for each in messages
        if each.author == "buyer" and before < each.number <= decided.upto and each.at > decided.at - VISIT
    ]


def is_same_question(one: str, other: str) -> bool:
    """Whether both ask the same in nearly the same words. Numbers, sizes and models have to be the same ones."""
    first, second = _plain(one), _plain(other)
    if not first or not second or is_acknowledgement(one) or is_opener(one):
        return False
    if first == second:
        return True
    if min(len(first), len(second)) < _LONG_ENOUGH or _CODES.findall(first) != _CODES.findall(second):
        return False
    return SequenceMatcher(None, first, second, autojunk=False).ratio() >= _ALIKE


def _is_other(text: str, told: Iterable[str]) -> bool:
    """Whether a person said something else than the buyer had been told; a greeting or an "ok" is nothing else."""
    if is_acknowledgement(text) or is_opener(text):
        return False
    return not any(is_same_question(text, each) or _plain(text) == _plain(each) for each in told)


def _plain(text: str) -> str:
    if is_notice(text):
        return ""
    folded = unicodedata.normalize("NFKC", strip_opener(text)).casefold()
    letters = "".join(each for each in folded if unicodedata.category(each)[0] in "LN")
    return _FILLERS.sub("", letters) or letters


@dataclass(frozen=True, slots=True)
class Measured:
    """How many of a group's automatic replies were right, of those since then (None: all that is known)."""

    cases: int = 0
    right: int = 0
    since: datetime | None = None

    @property
    def bounds(self) -> tuple[float, float]:
        """Between which shares the true one lies, nine times in ten on either side."""
        return wilson_bounds(self.right, self.cases)

    def is_surely_below(self, target: float) -> bool:
        """Whether the group is to stop: enough cases, and hardly any doubt."""
        return self.cases >= FEWEST_CASES and wilson_bounds(self.right, self.cases, SURELY)[1] < target
