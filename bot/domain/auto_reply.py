"""Whether software answers a buyer's message: the decision alone, from what was read and where the conversation stands."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Final

from bot.domain.auto_reply_policy import AutoReplyPolicy
from bot.domain.dialogue_openings import agreed_threshold, opening_threshold
from bot.domain.thresholds import NEVER

MOST_QUESTIONS_BACK: Final = 2
"""After so many questions back in a row a person goes on."""
MOST_DIALOGUE_TURNS: Final = 12
"""A dialogue that has not come to its end by then is going round in circles."""


class Deed(StrEnum):
    """What becomes of a message. `HAND_OVER` tells the buyer that a person comes; `SILENT` leaves all as it is."""

    REPLY = "reply"
    ASK_BACK = "ask_back"
    HAND_OVER = "hand_over"
    SILENT = "silent"


class Reason(StrEnum):
    """Why. Those up to `LEFT_TO_PERSON` keep silent, those up to `UNSURE` ask for a person; `SURE` speaks."""

    SWITCHED_OFF = "switched_off"
    OUTSIDE_HOURS = "outside_hours"
    PERSON_PRESENT = "person_present"
    HANDED_OVER = "handed_over"
    NO_ANSWER_WANTED = "no_answer_wanted"
    LEFT_TO_PERSON = "left_to_person"
    ASKED_FOR_PERSON = "asked_for_person"
    UPSET = "upset"
    NO_WORDS = "no_words"
    RATE_LIMITED = "rate_limited"
    LATE_ORDER = "late_order"
    NEEDS_PERSON = "needs_person"
    ASKED_OFTEN = "asked_often"
    DIALOGUE_DOWN = "dialogue_down"
    NOTHING_FITS = "nothing_fits"
    LIMIT_REACHED = "limit_reached"
    ASKED_BACK_OFTEN = "asked_back_often"
    SAID_BEFORE = "said_before"
    NOT_READ = "not_read"
    STALE_FACTS = "stale_facts"
    ORDER_UNPROVEN = "order_unproven"
    READERS_DIFFER = "readers_differ"
    GUARDED = "guarded"
    EXPIRED = "expired"
    UNSURE = "unsure"
    SURE = "sure"


DIALOGUE_REASONS: Final = frozenset(
    {
        Reason.ASKED_FOR_PERSON, Reason.UPSET, Reason.LATE_ORDER, Reason.NEEDS_PERSON, Reason.ASKED_OFTEN,
        Reason.DIALOGUE_DOWN, Reason.NOTHING_FITS, Reason.ASKED_BACK_OFTEN, Reason.STALE_FACTS, Reason.ORDER_UNPROVEN,
    }
)  # fmt: skip
"""Those for which a dialogue may ask for a person."""


@dataclass(frozen=True, slots=True)
class Claim:
    """One question of the message and how surely its part of the reply is right.

    `of_group` is how surely the question is of the group, where a dialogue took it up, or was asked and left it to the entry
    of this very question; `agreed` how surely an entry of the group answers it, where the classifier reads the question as of
    the group too. Any of them is enough, and each is held to what was measured for it.
    """

    group: str
    confidence: float = 0.0
    of_group: float = 0.0
    agreed: float = 0.0


@dataclass(frozen=True, slots=True)
class Offer:
    """The first reply that was found. `groups` are those of the entries in it.

    `stands_alone`: all that the message asks is answered, and those who read it agree on what that is. `is_fresh`: no fact in
    it is stale. `is_allowed`: the guard lets it pass. `asks_back`: it is a question to the buyer. `was_said`: he was told
    just this before in the conversation; `is_answered`: even after he had asked, for it was on its way. `is_proven`: no fact
    in it is of an order that he has not shown to be his. `in_dialogue`: the buyer answered what a dialogue had asked him, and
    this follows from it: nobody guessed what he wants. `claims` are its parts where each has a confidence of its own: every
    one is held to what its group needs. `is_greeting`: the shop's own greeting, which answers nothing but a greeting.
    """

    groups: frozenset[str]
    confidence: float
    stands_alone: bool = True
    is_fresh: bool = True
    is_allowed: bool = True
    asks_back: bool = False
    was_said: bool = False
    is_answered: bool = False
    is_proven: bool = True
    in_dialogue: bool = False
    claims: tuple[Claim, ...] = ()
    is_greeting: bool = False


@dataclass(frozen=True, slots=True)
class Heard:
    """What a buyer said since the last answer, read as one. `was_read` is False while the classifier is out of reach.

    `calls_for_person` are reasons that a dialogue found, or its absence.
    """

    offer: Offer | None = None
    has_words: bool = True
    wants_answer: bool = True
    asks_for_person: bool = False
    is_upset: bool = False
    was_read: bool = True
    calls_for_person: tuple[Reason, ...] = ()


@dataclass(frozen=True, slots=True)
class Standing:
    """Where the conversation stands at `now` (aware, the shop's own zone); `is_open` tells the shop's business hours.

    `replies` and `questions_back` are those that went out alone since a person last spoke, `dialogue_turns` those within a
    dialogue: what it asks on the way to one answer is no reply of its own. `is_limited`: the buyer, or all buyers of the shop
    together, were told as much as software may say in so short a time.
    """

    now: datetime
    is_open: bool
    person_present: bool = False
    is_handed_over: bool = False
    replies: int = 0
    questions_back: int = 0
    dialogue_turns: int = 0
    is_limited: bool = False


@dataclass(frozen=True, slots=True)
class Decision:
    """The deed and all reasons for it; `threshold` is what the reply's confidence was held to, None when it was not."""

    deed: Deed
    reasons: tuple[Reason, ...]
    threshold: float | None = None


def decide(
    policy: AutoReplyPolicy, thresholds: Mapping[str, float], heard: Heard, standing: Standing
) -> Decision:
    """Return what becomes of the message. `thresholds` says from which confidence on replies of each group may go out."""
    if quiet := tuple(_reasons_for_silence(policy, heard, standing)):
        return Decision(Deed.SILENT, quiet)
    if person := tuple(_reasons_for_a_person(heard, standing)):
        return Decision(Deed.HAND_OVER, person)
    offer = heard.offer
    if offer is None:
        return Decision(Deed.HAND_OVER, (Reason.NOTHING_FITS,))
    if offer.is_answered:
        return Decision(Deed.SILENT, (Reason.SAID_BEFORE,))
    if not offer.is_greeting and (not offer.groups or not offer.groups <= policy.automatic):
        if standing.is_open:
            return Decision(Deed.SILENT, (Reason.LEFT_TO_PERSON,))
        # Nobody of the shop sees it before morning: he is told so.
        return Decision(Deed.HAND_OVER, (Reason.NEEDS_PERSON,))
    confidence, threshold = _held_to(policy, thresholds, offer)
    if obstacles := tuple(_obstacles(policy, heard, offer, standing, confidence, threshold)):
        return Decision(Deed.HAND_OVER, obstacles, threshold)
    return Decision(Deed.ASK_BACK if offer.asks_back else Deed.REPLY, (Reason.SURE,), threshold)


def _held_to(
    policy: AutoReplyPolicy, thresholds: Mapping[str, float], offer: Offer
) -> tuple[float, float | None]:
    """Return a confidence and what it is held to, None for nothing: of several those that are nearest to failing."""
    if offer.in_dialogue or offer.is_greeting:
        return offer.confidence, None
    held = [max(_ways(policy, thresholds, each), key=_margin) for each in offer.claims]
    return min(held, key=_margin, default=(offer.confidence, threshold_for(offer, thresholds)))


def _ways(
    policy: AutoReplyPolicy, thresholds: Mapping[str, float], claim: Claim
) -> Iterable[tuple[float, float]]:
    """Return each way in which the claim may be sure enough: a confidence, and what it is held to."""
    own, precision = thresholds.get(claim.group, NEVER), policy.rule(claim.group).precision
    yield claim.confidence, own
    yield claim.of_group, opening_threshold(precision)
    if own < NEVER:
        # A group that the shop's own agents have seen to fail is not made sure by anybody's agreement.
        yield claim.agreed, agreed_threshold(precision)


def _margin(held: tuple[float, float]) -> float:
    confidence, threshold = held
    return confidence - threshold


def threshold_for(offer: Offer, thresholds: Mapping[str, float]) -> float:
    """Return the highest of the thresholds of the reply's groups; NEVER for a group that has none."""
    return max((thresholds.get(group, NEVER) for group in offer.groups), default=NEVER)


def _reasons_for_silence(policy: AutoReplyPolicy, heard: Heard, standing: Standing) -> Iterable[Reason]:
    if not policy.is_on or not policy.automatic:
        yield Reason.SWITCHED_OFF
    if not policy.acts_at(standing.now, is_open=standing.is_open):
        yield Reason.OUTSIDE_HOURS
    if standing.person_present:
        yield Reason.PERSON_PRESENT
    if standing.is_handed_over:
        yield Reason.HANDED_OVER
    if not heard.wants_answer and not heard.asks_for_person:
        yield Reason.NO_ANSWER_WANTED


def _reasons_for_a_person(heard: Heard, standing: Standing) -> Iterable[Reason]:
    """Return each reason once, also what a dialogue and the words themselves both say."""
    seen = {
        Reason.ASKED_FOR_PERSON: heard.asks_for_person,
        Reason.UPSET: heard.is_upset,
        Reason.NO_WORDS: not heard.has_words,
        Reason.RATE_LIMITED: standing.is_limited,
    }
    return dict.fromkeys([*(reason for reason, holds in seen.items() if holds), *heard.calls_for_person])


def _obstacles(
    policy: AutoReplyPolicy,
    heard: Heard,
    offer: Offer,
    standing: Standing,
    confidence: float,
    threshold: float | None,
) -> Iterable[Reason]:
    if _is_at_limit(policy, offer, standing):
        yield Reason.LIMIT_REACHED
    if not offer.in_dialogue and offer.asks_back and standing.questions_back >= MOST_QUESTIONS_BACK:
        yield Reason.ASKED_BACK_OFTEN
    if offer.was_said:
        yield Reason.SAID_BEFORE
    if not heard.was_read and threshold is not None:
        yield Reason.NOT_READ
    if not offer.is_fresh:
        yield Reason.STALE_FACTS
    if not offer.is_proven:
        yield Reason.ORDER_UNPROVEN
    if not offer.stands_alone:
        yield Reason.READERS_DIFFER
    if not offer.is_allowed:
        yield Reason.GUARDED
    if threshold is not None and confidence < threshold:
        yield Reason.UNSURE


def _is_at_limit(policy: AutoReplyPolicy, offer: Offer, standing: Standing) -> bool:
    if offer.in_dialogue:
        return standing.dialogue_turns >= MOST_DIALOGUE_TURNS
    return standing.replies >= policy.repeat_limit
