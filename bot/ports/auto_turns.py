"""What answering without a person needs to keep. Every call takes the shop first, but those that are content-free."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from bot.domain.auto_turn import AutoMessage, Decided, Finished, HandOver, SendState
from bot.domain.conversation import Conversation, Message
from bot.ports.conversations import Rule


@dataclass(frozen=True, slots=True)
class TurnRead:
    """A conversation as a turn finds it: its newest messages and decisions (oldest first), what waits to be sent, the dialogue."""

    conversation: Conversation
    messages: Sequence[Message]
    decisions: Sequence[Decided]
    waiting: Sequence[AutoMessage]
    events: Sequence[dict[str, object]]


@dataclass(frozen=True, slots=True)
class Stopped:
    """Whether all automatic replies of all shops are stopped, since when and by whom ("" = an operator's command)."""

    is_stopped: bool = False
    at: datetime | None = None
    by: str = ""


class AutoTurnStore(Protocol):
    """Turns that are due, decisions, automatic messages on their way, hand-overs. What is not the shop's: NotFound.

    A turn becomes due when a buyer's message is written with `auto_at` among what its rule returns (ConversationStore.
    write_message): later bubbles move it, never past 10 seconds after the first, and take it from whoever claimed it. It is
    due too when its time lies more than a minute ahead: the clock was set back. Closing the conversation ends it. While
    everything is stopped nothing is due, neither turns nor messages.
    """

    async def turns_due(self, at: datetime, limit: int) -> list[tuple[str, str]]:
        """Return (shop, conversation) whose buyers have finished: content-free. Claimed for some seconds, for one worker."""
        ...

    async def read_turn(self, shop: str, conversation: str, limit: int) -> TurnRead:
        """Return the conversation with its newest `limit` messages, its newest 50 decisions, and what waits to be sent."""
        ...

    async def finish_turn(self, shop: str, conversation: str, finished: Finished, rule: Rule) -> Conversation:
        """Write what the turn leaves, and what the rule says of the conversation, in one transaction; nothing is due any more.

        The rule is called with the conversation's row locked; what it raises undoes everything. A hand-over and a decision
        are lines of the shop's feed ("hand_over", "decided"), so that open pages show them. What the turn says goes out behind
        whatever waits in the conversation. Raises Conflict when the decision, or a message of its key, was written before.
        """
        ...

    async def put_off_turn(self, shop: str, conversation: str, at: datetime) -> None:
        """Let the turn be due then, for whichever worker; one that is no longer due, or that the buyer made due anew since it
        was claimed, stays so.
        """
        ...

    async def drop_turn(self, shop: str, conversation: str) -> None:
        """Nothing is to be decided any more, unless the buyer spoke on since the turn was claimed."""
        ...

    async def sends_due(self, at: datetime, limit: int) -> list[tuple[str, str]]:
        """Return (shop, key) of messages that are due, of each conversation only the first that waits: content-free, claimed.

        That counts as one more attempt. It is due too when its time lies more than a minute ahead, or after an attempt more
        than ten: the clock was set back.
        """
        ...

    async def get_send(self, shop: str, key: str) -> AutoMessage:
        """Raises NotFound."""
        ...

    async def settle_send(self, shop: str, key: str, state: SendState, at: datetime, error: str = "") -> None:
        """Say what became of a message that waited; with WAITING, that it is tried again `at`. Raises NotFound."""
        ...

    async def drop_sends(self, shop: str, conversation: str, why: str) -> int:
        """Drop all that waits in the conversation; return how many that were."""
        ...

    async def list_sends(self, shop: str, states: Sequence[SendState], limit: int) -> list[AutoMessage]:
        """Return the shop's automatic messages in these states, newest first."""
        ...

    async def list_decisions(self, shop: str, conversation: str, limit: int) -> list[Decided]:
        """Return the conversation's newest decisions, oldest first."""
        ...

    async def list_hand_overs(self, shop: str, conversation: str, limit: int) -> list[HandOver]:
        """Return the conversation's newest hand-overs, newest first."""
        ...

    async def take_hand_overs(self, shop: str, conversation: str, account: str, at: datetime) -> None:
        """Say who went on; hand-overs that were taken stay as they are."""
        ...

    async def count_turns(self, shop: str, buyer: str, since: datetime, until: datetime) -> tuple[int, int]:
        """Return how many decisions to speak there were after `since`: in the whole shop, and in that buyer's conversations.

        What lies after `until` was decided before the clock was set back, and does not count.
        """
        ...

    async def get_stop(self) -> Stopped:
        """Return whether everything is stopped: content-free, read from the database each time."""
        ...

    async def put_stop(self, stopped: Stopped) -> None:
        """Stop everything in every process, or let it go on: the next claim of any worker obeys."""
        ...
