"""Conversations of buyers with one shop: their turns as the suggester reads them, and as the workspace shows them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Final

ROLES: Final = ("buyer", "agent", "bot")
MAX_MESSAGE_CHARACTERS: Final = 4000
MAX_HISTORY_TURNS: Final = 50

AUTHORS: Final = ("buyer", "agent", "auto", "system")
"""Who wrote a message: the buyer, a person of the shop, the shop's automaton, or the program (joined, handed over)."""
STATES: Final = ("open", "snoozed", "closed")


@dataclass(frozen=True, slots=True)
class Turn:
    """One message of the past, oldest first in a history. `role` is one of ROLES."""

    role: str
    text: str


@dataclass(frozen=True, slots=True)
class Buyer:
    """A buyer of one shop, on one channel. `id` is ours; `external_id` the channel's. `viewed` is an item or product id."""

    id: str
    name: str
    channel: str
    external_id: str = ""
    tags: tuple[str, ...] = ()
    viewed: str = ""


@dataclass(frozen=True, slots=True)
class Message:
    """One bubble. `number` counts from 1 in its conversation, without gaps.

    `account` is the person who wrote it ("" for others); `image` an image's id; `quotes` the number of another bubble;
    `key` the sender's own, by which the same message sent twice is written once.
    """

    number: int
    author: str
    text: str
    at: datetime
    account: str = ""
    image: str = ""
    quotes: int | None = None
    key: str = ""


@dataclass(frozen=True, slots=True)
class Conversation:
    """A conversation as the queue shows it.

    `waiting_since` is when the first bubble that wants an answer and has none came; None when nobody waits. `due_at` is
    when the shop's target time runs out, counted in its business hours. `assignee` is an account id or "".
    `unread` counts the buyer's bubbles since a person last read it. `version` grows with every change.

    `person_at` is when a person last had it in hand (typed, took it, answered): software is silent then; None when nobody
    has. `handed_at` is when software asked for a person, `hand_over` why (a Reason), `urgent` that he waits badly; None once
    a person has answered.
    """

    id: str
    buyer: Buyer
    state: str
    opened_at: datetime
    assignee: str = ""
    waiting_since: datetime | None = None
    due_at: datetime | None = None
    unread: int = 0
    last_text: str = ""
    last_author: str = "buyer"
    last_at: datetime | None = None
    last_number: int = 0
    snoozed_until: datetime | None = None
    taken_at: datetime | None = None
    closed_at: datetime | None = None
    version: int = 1
    person_at: datetime | None = None
    handed_at: datetime | None = None
    hand_over: str = ""
    urgent: bool = False


@dataclass(frozen=True, slots=True)
class Note:
    """What colleagues of the shop tell each other in a conversation; buyers never see it."""

    id: str
    account: str
    text: str
    at: datetime
