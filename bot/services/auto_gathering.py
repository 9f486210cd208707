"""What a buyer said since the last answer, gathered for the decision."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from bot.domain.auto_visit import Visit, visit_of
from bot.domain.conversation import MAX_HISTORY_TURNS, Conversation, Message, Turn
from bot.domain.message_text import is_notice
from bot.ports.auto_turns import TurnRead
from bot.services.unanswered import join_bubbles, turns_beside, waiting_among


@dataclass(frozen=True, slots=True)
class Gathered:
    """The bubbles that wait, oldest first. `text` joins them, `fresh` those that no decision has seen.

    `upto` is the number of the buyer's last bubble; `history` is what was said beside them; `heard` all of his words.
    """

    conversation: Conversation
    visit: Visit
    waiting: tuple[Message, ...]
    text: str
    fresh: str
    upto: int
    history: tuple[Turn, ...]
    heard: tuple[str, ...]

    @property
    def has_image(self) -> bool:
        """Whether something came that nothing here can see."""
        return any(each.image or is_notice(each.text) for each in self.waiting)


def gather(read: TurnRead, now: datetime) -> Gathered:
    """Return what waits in the visit that goes on. What an answer on its way is about waits no more."""
    visit = visit_of(read.conversation, read.messages, read.decisions, now)
    answered = max((each.answers or 0 for each in read.waiting), default=0)
    waiting = tuple(
        each for each in waiting_among(read.conversation, visit.messages) if each.number > answered
    )
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
    )
