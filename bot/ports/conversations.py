"""What conversations need from the outside. Every call takes the shop first; what spans shops takes a ShopScope."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol

from bot.domain.account import ShopScope
from bot.domain.conversation import Buyer, Conversation, Message, Note
from bot.domain.service_policy import ServicePolicy


@dataclass(frozen=True, slots=True)
class Happening:
    """One line of a shop's feed, by which open pages of every worker learn what happened. `number` counts up in the shop.

    `kind`: "message" (data: the message), "conversation" (data: the conversation as it is now), "note", "read".
    """

    number: int
    kind: str
    conversation: str
    data: Mapping[str, object] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class NewMessage:
    """A message to be written. `key` is the sender's own: the same key in a conversation writes nothing twice."""

    author: str
    text: str
    at: datetime
    key: str
    account: str = ""
    image: str = ""
    quotes: int | None = None


@dataclass(frozen=True, slots=True)
class Written:
    """What a write left behind. `is_new` is False when the same key had been written before."""

    conversation: Conversation
    message: Message
    is_new: bool = True


@dataclass(frozen=True, slots=True)
class Found:
    """A message that a search found, with its shop and conversation."""

    shop: str
    conversation: str
    buyer: str
    message: Message


@dataclass(frozen=True, slots=True)
class Phrase:
    """An agent's own quick phrase for one shop."""

    id: str
    short_code: str
    text: str
    group: str = ""


class ConversationStore(Protocol):
    """Buyers, conversations, messages, notes, drafts, images and own phrases of a shop.

    Every change of a conversation and every message is a line of the shop's feed, in the same transaction.
    A conversation, buyer, image or note that is not this shop's: NotFound.
    """

    async def open_conversation(self, shop: str, buyer: Buyer, at: datetime) -> Conversation:
        """Return the buyer's conversation that is not closed, or a new one; the buyer is found by channel and external id."""
        ...

    async def write_message(
        self, shop: str, conversation: str, message: NewMessage, change: Mapping[str, object]
    ) -> Written:
        """Append the message and write `change` (fields of Conversation) with it, the conversation's row locked."""
        ...

    async def change_conversation(
        self, shop: str, conversation: str, change: Mapping[str, object], expected_version: int | None = None
    ) -> Conversation:
        """Write fields of Conversation. Raises Conflict when it is no longer at the version expected."""
        ...

    async def get_conversation(self, shop: str, conversation: str) -> Conversation: ...

    async def list_messages(
        self, shop: str, conversation: str, limit: int, before: int | None = None
    ) -> list[Message]:
        """Return the newest messages below number `before`, oldest first."""
        ...

    async def messages_after(self, shop: str, conversation: str, number: int) -> list[Message]:
        """Return the messages above that number, oldest first."""
        ...

    async def queue(
        self, scope: ShopScope, states: Sequence[str], limit: int
    ) -> list[tuple[str, Conversation]]:
        """Return (shop, conversation) of the shops in scope: who waits first by `due_at`, then the newest."""
        ...

    async def buyer_conversations(self, shop: str, buyer: str, limit: int) -> list[Conversation]:
        """Return the buyer's conversations with this shop, newest first."""
        ...

    async def find_buyer(self, shop: str, channel: str, external_id: str) -> Buyer | None:
        """Return the shop's buyer of that channel's id; None when it never spoke or was erased."""
        ...

    async def update_buyer(self, shop: str, buyer: Buyer) -> None: ...

    async def erase_buyer(self, shop: str, buyer: str) -> None:
        """Blank name, external id, texts, images and notes of that buyer; figures stay countable."""
        ...

    async def search_messages(self, scope: ShopScope, text: str, limit: int) -> list[Found]:
        """Return messages that hold all of the words or characters, newest first."""
        ...

    async def add_note(self, shop: str, conversation: str, note: Note) -> None: ...

    async def list_notes(self, shop: str, conversation: str) -> list[Note]: ...

    async def put_draft(self, shop: str, conversation: str, account: str, text: str) -> None:
        """Keep the draft; an empty text forgets it."""
        ...

    async def get_draft(self, shop: str, conversation: str, account: str) -> str: ...

    async def put_image(self, shop: str, conversation: str, media_type: str, content: bytes) -> str:
        """Return the new image's id."""
        ...

    async def get_image(self, shop: str, image: str) -> tuple[str, bytes, str]:
        """Return media type, content and the conversation it belongs to."""
        ...

    async def list_phrases(self, shop: str, account: str) -> list[Phrase]: ...

    async def put_phrase(self, shop: str, account: str, phrase: Phrase) -> None: ...

    async def delete_phrase(self, shop: str, account: str, phrase: str) -> None: ...

    async def get_policy(self, shop: str) -> ServicePolicy:
        """Return the shop's policy, the default one when it has none of its own."""
        ...

    async def put_policy(self, shop: str, policy: ServicePolicy) -> None: ...

    async def held_by(self, scope: ShopScope, account: str) -> list[tuple[str, str]]:
        """Return (shop, conversation) of what the account holds, not closed, in the shops of the scope."""
        ...

    async def feed_since(self, shop: str, number: int, limit: int) -> list[Happening]:
        """Return the shop's feed above that number, in order. Raises NotFound when it no longer reaches back that far."""
        ...

    async def feed_numbers(self, shops: Sequence[str]) -> Mapping[str, int]:
        """Return the last number of each shop's feed: content-free."""
        ...

    def watch_feeds(self) -> AsyncIterator[tuple[str, int]]:
        """Yield (shop, number) as feeds grow, in any process; after a reconnect all that grew meanwhile."""
        ...

    async def due_now(self, at: datetime, limit: int) -> list[tuple[str, str]]:
        """Return (shop, conversation) whose next look is due: content-free. Claimed for some seconds, for one worker."""
        ...

    async def look_again(self, shop: str, conversation: str, at: datetime | None) -> None:
        """Say when the conversation is to be looked at next (distribution, reassignment, end of a snooze); None = never."""
        ...


@dataclass(frozen=True, slots=True)
class Presence:
    """Whether an account can be given conversations: "online", "pause" or "away"."""

    account: str
    state: str
    seen_at: datetime


class PresenceStore(Protocol):
    """Who is there, over all workers. It holds no shop's content."""

    async def put_presence(self, account: str, state: str, at: datetime) -> None:
        """Say that the account is there; said again every few seconds while one of its pages is open."""
        ...

    async def presences(self, accounts: Sequence[str]) -> Mapping[str, Presence]: ...
