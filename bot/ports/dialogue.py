"""Dialogues of several turns, as Rasa holds them. What a dialogue knows of a conversation is ours and is given to it each time."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from bot.domain.suggestion import FactUsed
from bot.ports.engine import Unavailable


class DialogueUnavailable(Unavailable):
    """No dialogue can be held now; the message says why."""


@dataclass(frozen=True, slots=True)
class DialogueBubble:
    """One bubble that a dialogue would say. `group` is the intent group that it belongs to, `facts` what it rests on.

    `asks`: it asks the buyer for something. `is_reminder`: the buyer said something else meanwhile, and this only says again
    what the dialogue waits for; it goes out after the answer to that, never alone.
    """

    text: str
    group: str
    facts: tuple[FactUsed, ...] = ()
    asks: bool = False
    is_reminder: bool = False


@dataclass(frozen=True, slots=True)
class DialogueTurn:
    """What became of the buyer's turn.

    `active` names the form that waits for the buyer now, "" for none. `hand_over` is a Reason of the decision when a person
    must go on ("" else), `urgent` with it, and `open` says in words, for that person, what is still to be done.
    `events` is the whole dialogue as it has to be kept and given back next time: JSON values.
    """

    bubbles: tuple[DialogueBubble, ...] = ()
    active: str = ""
    hand_over: str = ""
    urgent: bool = False
    open: tuple[str, ...] = ()
    events: tuple[dict[str, object], ...] = ()


class Dialogue(Protocol):
    """Holds dialogues for every shop with one model that knows none of them."""

    @property
    def state(self) -> str:
        """ "ready", "warming" or "down"."""
        ...

    async def take_turn(
        self,
        shop: str,
        conversation: str,
        text: str,
        past: Sequence[Mapping[str, object]],
        topic: str = "",
    ) -> DialogueTurn:
        """Return what follows from the buyer's turn (his bubbles, a line each).

        `topic` names the group of the dialogue that the turn begins, where that is known better than by its words alone.

        `past` is what the last turn left as `events` (empty for none): what the server remembers is replaced by it when it
        differs, so that a turn that was thrown away, or a server that was started again, leaves no trace. Never asked twice
        for one turn by itself. Raises DialogueUnavailable.
        """
        ...
