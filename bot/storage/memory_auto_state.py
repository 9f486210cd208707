"""What answering without a person keeps, in memory: the part that changes with conversations themselves."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any, TypeAlias

from bot.domain.auto_turn import AutoMessage, Decided, HandOver, SendState
from bot.domain.auto_visit import VISIT
from bot.domain.conversation import Conversation
from bot.storage.auto_dues import LONGEST_MERGE, TURNED_BACK

Place: TypeAlias = tuple[str, str]
"""A shop and the id of something of it."""


@dataclass(slots=True)
class AutoDue:
    """When a turn or a message is due, since when, and until when a worker has it."""

    at: datetime
    first_at: datetime
    claimed: datetime | None = None

    def is_free(self, at: datetime) -> bool:
        """Whether no worker has it then."""
        return self.claimed is None or self.claimed <= at or self.claimed > at + TURNED_BACK


@dataclass(slots=True)
class AutoRatingDue:
    """When a conversation is to be judged; `due.first_at` is since when nobody has, `newest` when software last spoke in it."""

    due: AutoDue
    newest: datetime


@dataclass(slots=True)
class MemoryAutoState:
    """Decisions, hand-overs and dialogues by conversation, automatic messages by key, each with its shop."""

    dues: dict[Place, AutoDue] = field(default_factory=dict)
    decisions: dict[Place, list[Decided]] = field(default_factory=dict)
    hand_overs: dict[Place, list[HandOver]] = field(default_factory=dict)
    dialogues: dict[Place, tuple[dict[str, object], ...]] = field(default_factory=dict)
    sends: dict[Place, AutoMessage] = field(default_factory=dict)
    """In the order in which they were written: that of a conversation is the order in which they go out."""
    send_dues: dict[Place, AutoDue] = field(default_factory=dict)

    rating_dues: dict[Place, AutoRatingDue] = field(default_factory=dict)

    def put_rating_due(self, place: Place, at: datetime) -> None:
        """Have what software says now judged when the visit is over."""
        there = self.rating_dues.setdefault(place, AutoRatingDue(AutoDue(at + VISIT, at), at))
        there.newest = at

    def put_due(
        self,
        shop: str,
        conversation: Conversation,
        change: Mapping[str, Any],
        said_at: datetime | None = None,
    ) -> None:
        """Keep when the conversation's turn is due, after a change."""
        place, at = (shop, conversation.id), change.get("auto_at")
        if at is not None and conversation.state != "closed":
            there = self.dues.get(place)
            first = there.first_at if there is not None else said_at or at
            self.dues[place] = AutoDue(min(at, first + LONGEST_MERGE), first)
        elif "auto_at" in change or change.get("state") == "closed":
            self.dues.pop(place, None)

    def settle(self, place: Place, state: SendState, error: str) -> None:
        """Say what became of a message that waited."""
        self.sends[place] = replace(self.sends[place], state=state, error=error)
        self.send_dues.pop(place, None)

    def waiting(self, shop: str, conversation: str) -> list[Place]:
        """Return what waits in the conversation, in order."""
        return [
            place
            for place, send in self.sends.items()
            if place[0] == shop and send.conversation == conversation and send.state is SendState.WAITING
        ]

    def forget(self, shop: str, own: Collection[str]) -> None:
        """Blank the words of these conversations' buyers; what waits is said no more."""
        for conversation in own:
            for place in self.waiting(shop, conversation):
                self.settle(place, SendState.DROPPED, "")
            here = shop, conversation
            self.dues.pop(here, None)
            self.rating_dues.pop(here, None)
            self.dialogues.pop(here, None)
            self.decisions[here] = [replace(each, facts=()) for each in self.decisions.get(here, [])]
            self.hand_overs[here] = [
                replace(each, facts=(), open=(), note="") for each in self.hand_overs.get(here, [])
            ]
        for place, send in self.sends.items():
            if place[0] == shop and send.conversation in own:
                self.sends[place] = replace(send, text="", image="", error="")
