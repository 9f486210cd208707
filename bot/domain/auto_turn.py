"""What software did with a buyer's turn: the decision as it is kept, what goes out for it, and what a person is told."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from bot.domain.auto_reply import Deed, Reason
from bot.domain.suggestion import FactUsed


class SendState(StrEnum):
    """Where an automatic message is: `DROPPED` was overtaken by a person, the buyer or the switch; `DEAD` could not be sent."""

    WAITING = "waiting"
    SENT = "sent"
    DROPPED = "dropped"
    DEAD = "dead"


@dataclass(frozen=True, slots=True)
class Decided:
    """A decision as it is kept with its conversation. It holds no words of anybody.

    It was made `at` about the buyer's bubbles up to number `upto`. `entries` are (entry, version, confidence) of what was
    found; `dialogue` is the form that spoke or waits, "" for none.
    """

    id: str
    upto: int
    at: datetime
    deed: Deed
    reasons: tuple[Reason, ...]
    confidence: float | None = None
    threshold: float | None = None
    groups: tuple[str, ...] = ()
    entries: tuple[tuple[str, int, float], ...] = ()
    facts: tuple[FactUsed, ...] = ()
    dialogue: str = ""


@dataclass(frozen=True, slots=True)
class AutoMessage:
    """One bubble on its way. `key` becomes the message's own, so that it is written once; unique in the shop.

    Bubbles of a conversation go out one after another by `position`. Before `due_at` nobody would have typed so much; after
    `expires_at` it is said no more and a person is asked for. `answers` is the buyer's last bubble that it answers, None for
    what answers nothing (a greeting, the words of a hand-over). `question`: it asks the buyer back.
    """

    key: str
    conversation: str
    decision: str
    position: int
    text: str
    due_at: datetime
    expires_at: datetime
    answers: int | None = None
    image: str = ""
    question: bool = False
    attempts: int = 0
    state: SendState = SendState.WAITING
    error: str = ""


@dataclass(frozen=True, slots=True)
class HandOver:
    """What a person is told who goes on. `asked` and `answered` are numbers of messages; `open` says what is still unknown.

    `mood` is "calm" or "upset"; `urgent`: he must be answered before others. `note` is for the shop's people alone.
    """

    id: str
    at: datetime
    reasons: tuple[Reason, ...]
    urgent: bool = False
    mood: str = "calm"
    asked: tuple[int, ...] = ()
    answered: tuple[int, ...] = ()
    facts: tuple[FactUsed, ...] = ()
    open: tuple[str, ...] = ()
    note: str = ""
    taken_at: datetime | None = None
    taken_by: str = ""


@dataclass(frozen=True, slots=True)
class Finished:
    """All that one turn leaves behind, written at once or not at all. `events` replaces the dialogue's; None leaves it."""

    decided: Decided
    messages: tuple[AutoMessage, ...] = ()
    hand_over: HandOver | None = None
    events: tuple[dict[str, object], ...] | None = field(default=None)
