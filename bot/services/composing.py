"""Composing: which questions a message consists of, and the replies that answer all of them at once."""

from __future__ import annotations

import itertools
import math
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from operator import attrgetter
from typing import Final

from bot.domain.entry import Entry
from bot.domain.intents import SILENT_INTENTS, IntentScore, group_confidence
from bot.domain.parcel_words import misses_parcel
from bot.domain.text import adds_question, asks, is_measure
from bot.services.filling import FilledReply

SURE: Final = 0.35
"""A question whose best answer is less likely than this is not understood by itself."""
_SURE_STATEMENT: Final = 0.6
"""What does not sound like a question is one only if its answer is this sure."""
_SHORT: Final = 4
_SURE_SILENCE: Final = 0.55
_MEANT: Final = 0.6
"""How often a statement that has an answer wants it, beside a question."""
_MILD: Final = re.compile(r"[吧伐呗][\s。！!~～]*$")
"""「能机洗吧」 asks too, beside another question."""
_WHOLE: Final = 0.9
_LED: Final = 0.85
"""A message is one question where its entry has so much, and the very intent of it so much."""
_HEARD: Final = 0.5
"""A piece that the classifier gives so much for another intent asks something else than the whole."""
_FOR_PEOPLE: Final = frozenset({"human_request", "complaint"})
_OF_ORDERS: Final = ("logistics", "order_change")
"""What a buyer means by these he means whatever was said before, where the classifier gives the group so much."""
_OF_HIS: Final = 0.9
_TWIN: Final = 0.3
"""Two entries of one intent answer one question when each piece thinks so much of the other's entry."""
_LEAST: Final = 0.05
_GREETING: Final = 4
"""So many characters at most are a greeting or a form of address: 您好, 亲爱的."""
_FIRST: Final = 0.5
"""A reply to all stands before the best reply to one, unless it is less likely by more than this."""


@dataclass(frozen=True, slots=True)
class Candidate:
    """A ranked entry with its filled reply.

    `common` is the confidence before what the shop has learned. `may_go_alone`: the classifier has read the question, and
    the reply is in the language of the message. `same`: the question stands among the entry's phrasings, word for word.
    """

    entry: Entry
    confidence: float
    filled: FilledReply
    common: float
    may_go_alone: bool
    same: bool = False


@dataclass(frozen=True, slots=True)
class Reading:
    """A text, or a piece of one, as it was understood: its intents, and its candidates, best first."""

    text: str
    intents: tuple[IntentScore, ...]
    candidates: tuple[Candidate, ...]
    only_person: float | None = None

    @property
    def confidence(self) -> float:
        """That of the best candidate, 0 without any."""
        return self.candidates[0].confidence if self.candidates else 0.0

    @property
    def silence(self) -> float:
        """What the classifier gives to that no entry answers."""
        return sum(score.confidence for score in self.intents if score.intent in SILENT_INTENTS)

    @property
    def is_quiet(self) -> bool:
        """Whether the classifier is surer that no entry answers than the ranking is that one does."""
        if not self.intents or self.intents[0].intent not in SILENT_INTENTS:
            return False
        if self.candidates and self.candidates[0].same:
            # The owner wrote this very question: whatever the classifier makes of it, it has an answer.
            return False
        return self.silence >= _SURE_SILENCE and self.confidence <= self.silence

    @property
    def is_led_by_its_entry(self) -> bool:
        """Whether the classifier and the ranking are both sure of it, and agree."""
        if not self.intents or self.confidence < _WHOLE:
            return False
        lead = self.intents[0]
        return lead.confidence >= _LED and self.candidates[0].entry.intent == lead.intent

    @property
    def is_question(self) -> bool:
        """Whether the piece wants an answer of its own."""
        if self.is_quiet or not self.candidates:
            return False
        return asks(self.text) or self.confidence >= _SURE_STATEMENT

    @property
    def clarity(self) -> float:
        """How well the piece was understood, as a question or as none."""
        return max(self.silence if self.is_quiet else self.confidence, _LEAST)


@dataclass(frozen=True, slots=True)
class Composed:
    """The answers to a message's questions, in the order asked, and how likely they are right together."""

    answers: tuple[Candidate, ...]
    confidence: float


def joins_to_read(pieces: Sequence[Reading]) -> list[tuple[int, int]]:
    """Return the neighbours, first and behind the last, that may be one question: one of them is not understood alone."""
    unclear = [
        not piece.is_quiet and piece.confidence < (_SURE_STATEMENT if len(piece.text) <= _SHORT else SURE)
        for piece in pieces
    ]
    return [(at, at + 2) for at in range(len(pieces) - 1) if unclear[at] or unclear[at + 1]]


def divide(pieces: Sequence[Reading], joined: Mapping[tuple[int, int], Reading]) -> list[Reading]:
    """Return the message cut where that is understood best. `joined` are neighbours read as one, by joins_to_read."""

    def ways(start: int) -> Iterator[list[tuple[Reading, int]]]:
        if start == len(pieces):
            yield []
            return
        for rest in ways(start + 1):
            yield [(pieces[start], 1), *rest]
        if (start, start + 2) in joined:
            for rest in ways(start + 2):
                yield [(joined[start, start + 2], 2), *rest]

    best = max(ways(0), key=lambda way: sum(size * math.log(each.clarity) for each, size in way))
    return [reading for reading, _ in best]


def questions_among(pieces: Sequence[Reading]) -> list[Reading]:
    """Return the pieces that ask something, each question once."""
    found: list[Reading] = []
    for piece in pieces:
        if (
            piece.is_question
            and not is_measure(piece.text)
            and not any(_is_same_question(piece, other) for other in found)
        ):
            found.append(piece)
    return found


def without_background(questions: Sequence[Reading]) -> list[Reading]:
    """Return the questions but for statements about the matter of one of them: 「能走中通不 圆通老丢件」 asks once."""
    matters = {each.candidates[0].entry.intent for each in questions if asks(each.text)} - {None}
    return [each for each in questions if asks(each.text) or each.candidates[0].entry.intent not in matters]


def _is_same_question(one: Reading, other: Reading) -> bool:
    first, second = one.candidates[0], other.candidates[0]
    if is_same_reply(first, second):
        return True
    if first.entry.intent is None or first.entry.intent != second.entry.intent:
        return False
    return _share(one, second) >= _TWIN and _share(other, first) >= _TWIN


def _share(reading: Reading, of: Candidate) -> float:
    own = sum(each.confidence for each in reading.candidates if each.entry.id == of.entry.id)
    return own / (own + reading.confidence) if own else 0.0


def compose(questions: Sequence[Reading]) -> list[Composed]:
    """Return the replies to all questions, best first: that of the best answers, and the next likely one."""
    if len(questions) < 2:
        return []
    best = tuple(question.candidates[0] for question in questions)
    said = math.prod(1.0 if asks(question.text) else _MEANT for question in questions)
    ways = [best]
    for at, question in enumerate(questions):
        ways += [(*best[:at], other, *best[at + 1 :]) for other in question.candidates[1:2]]
    composed = [
        Composed(way, math.prod(each.confidence for each in way) * said)
        for way in ways
        if not any(is_same_reply(one, other) for one, other in itertools.combinations(way, 2))
    ]
    return sorted(composed, key=attrgetter("confidence"), reverse=True)[:2]


def say_together(texts: Sequence[str]) -> list[str]:
    """Return the lines of a reply made of several: whoever was greeted in the first is not greeted again in the next."""
    first, comma, _ = texts[0].partition("，")
    greeting = first + comma if comma and len(first) <= _GREETING else None
    rest = [text.removeprefix(greeting) if greeting else text for text in texts[1:]]
    return [texts[0], *rest]


def stands_first(composed: Composed, whole: Reading) -> bool:
    """Whether the reply to all is offered before the best one to the message as a whole."""
    sure = all(answer.confidence >= SURE for answer in composed.answers)
    return sure and composed.confidence >= _FIRST * whole.confidence


def is_guessed(questions: Sequence[Reading]) -> bool:
    """Whether a piece that sounds like no question was taken for one: the message may be one question, put in two clauses."""
    return not all(_wants_answer(question.text) for question in questions)


def is_one_question(whole: Reading, pieces: Sequence[Reading]) -> bool:
    """Whether the message as a whole is surely one question: nothing that asks in it is heard as another.

    「收货电话填错了 这会儿还能动吗」: what is cut from it may sound like anything.
    """
    if not whole.is_led_by_its_entry:
        return False
    lead, asking = whole.intents[0].intent, [piece for piece in pieces if _wants_answer(piece.text)]
    return not any(adds_question(piece.text) or _asks_another(piece, lead) for piece in asking) and any(
        piece.intents and piece.intents[0].intent == lead for piece in pieces
    )


def _asks_another(piece: Reading, lead: str) -> bool:
    heard = piece.intents[0] if piece.intents else None
    return heard is not None and heard.intent != lead and heard.confidence >= _HEARD


def _wants_answer(text: str) -> bool:
    return asks(text) or adds_question(text) or bool(_MILD.search(text)) or misses_parcel(text)


def leaves_open(pieces: Sequence[Reading], given: Sequence[Candidate]) -> bool:
    """Whether part of the message seems to ask what the reply given does not answer: a person reads it, then.

    What is only told beside a question (「学生党吃土中」) asks nothing: whether it is a person's is read of the whole message.
    """
    return any(
        not piece.is_quiet
        and _wants_answer(piece.text)
        and not any(is_same_reply(piece.candidates[0], answer) for answer in given if piece.candidates)
        for piece in pieces
    )


def is_same_reply(one: Candidate, other: Candidate) -> bool:
    """Whether two answers are one to the buyer."""
    return one.entry.id == other.entry.id or one.filled.text == other.filled.text


def leans_on_context(intents: Sequence[IntentScore]) -> bool:
    """Whether what a message was read as by itself gives way to what it is in its conversation.

    Not the wish for a person, nor what is surely about the buyer's own order (「我的快递还没到」 after a question about stock).
    """
    if not intents:
        return True
    if intents[0].intent in _FOR_PEOPLE:
        return False
    return all(group_confidence(intents, group) < _OF_HIS for group in _OF_ORDERS)


def mix(alone: Reading, other: Reading, weight: float) -> Reading:
    """Return two readings of one message as one; `weight` is how likely the first is the right one."""
    shares = [(each, weight) for each in alone.candidates if weight and not alone.is_quiet]
    found: dict[str, Candidate] = {}
    for each, share in (*shares, *((each, 1 - weight) for each in other.candidates)):
        known = found.get(each.entry.id) or replace(each, confidence=0.0, common=0.0)
        found[each.entry.id] = replace(
            known,
            confidence=known.confidence + share * each.confidence,
            common=known.common + share * each.common,
            may_go_alone=known.may_go_alone and each.may_go_alone,
        )
    ranked = tuple(sorted(found.values(), key=attrgetter("confidence"), reverse=True))
    return Reading(alone.text, other.intents, ranked)
