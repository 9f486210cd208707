"""What of a conversation waits for an answer, and what was said before it."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from bot.domain.conversation import MAX_HISTORY_TURNS, MAX_MESSAGE_CHARACTERS, Conversation, Message, Turn
from bot.domain.message_text import is_notice
from bot.ports import ConversationStore

MESSAGES_READ = MAX_HISTORY_TURNS + 20
_ROLES = {"buyer": "buyer", "agent": "agent", "auto": "bot"}


@dataclass(frozen=True, slots=True)
class Unanswered:
    """The buyer's bubbles that wait, joined, oldest first; `upto` is the number of his last bubble, 0 without any.

    `text` is empty when nothing waits (`bubbles` is 0), or nothing of it can be read (an image alone). `history` is what was
    said beside them.
    """

    conversation: Conversation
    text: str
    bubbles: int
    upto: int
    history: tuple[Turn, ...]

    @property
    def viewed(self) -> str:
        """What the buyer looks at."""
        return self.conversation.buyer.viewed


async def read_unanswered(store: ConversationStore, shop: str, conversation: str) -> Unanswered:
    """Return what waits in the conversation. Raises NotFound."""
    return unanswered_in(*await store.read_thread(shop, conversation, MESSAGES_READ))


def unanswered_in(conversation: Conversation, messages: Sequence[Message]) -> Unanswered:
    """Return what waits among the newest messages (oldest first).

    While the clock runs these are the buyer's bubbles since it began: a reply that was typed before he wrote again, or a
    holding text, stands between them without answering. With no clock running, what he said last, an "ok" perhaps.
    """
    waiting = waiting_among(conversation, messages)
    upto = max((each.number for each in messages if each.author == "buyer"), default=0)
    history = turns_beside(messages, {each.number for each in waiting})
    return Unanswered(conversation, join_bubbles(waiting), len(waiting), upto, history[-MAX_HISTORY_TURNS:])


def waiting_among(conversation: Conversation, messages: Sequence[Message]) -> list[Message]:
    """Return the buyer's bubbles that wait, oldest first. See `unanswered_in`."""
    since = conversation.waiting_since
    if since is not None:
        said = [each for each in messages if each.author == "buyer"]
        # By number where it can be told: a clock that was set back would make what was answered before wait again.
        first = next((each.number for each in said if each.at == since), None)
        return [each for each in said if (each.at >= since if first is None else each.number >= first)]
    waiting: list[Message] = []
    for message in reversed(messages):
        if message.author in ("agent", "auto"):
            break
        if message.author == "buyer":
            waiting.insert(0, message)
    return waiting


def turns_beside(messages: Sequence[Message], numbers: Collection[int]) -> tuple[Turn, ...]:
    """Return what was said in words, but for the messages of those numbers."""
    return tuple(
        Turn(_ROLES[each.author], each.text)
        for each in messages
        if each.author in _ROLES and _words_of(each) and each.number not in numbers
    )


def join_bubbles(waiting: Sequence[Message]) -> str:
    """Return the bubbles a line each; of more than is read at once, the newest."""
    lines: list[str] = []
    length = 0
    for message in reversed(waiting):
        line = _words_of(message)
        if not line:
            continue
        length += len(line) + bool(lines)
        if lines and length > MAX_MESSAGE_CHARACTERS:
            break
        lines.insert(0, line)
    return "\n".join(lines)[:MAX_MESSAGE_CHARACTERS]


def _words_of(message: Message) -> str:
    """Return what was said in words: not that a voice or a file came."""
    return "" if is_notice(message.text) else message.text.strip()
