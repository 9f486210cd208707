"""What conversations need from the outside. Every call takes the shop first; what spans shops takes a ShopScope."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol, TypeAlias

from bot.domain.account import ShopScope
from bot.domain.conversation import Buyer, Conversation, Message, Note
from bot.domain.service_policy import ServicePolicy

Rule: TypeAlias = Callable[[Conversation], Mapping[str, object]]
"""Says what becomes of a conversation: called with it as it is, its row locked; returns fields of Conversation to be written.

Beside them `look_at` may say when it is to be looked at next (None = never), `auto_at` when the buyer's turn is one for
software (None = not at all; see AutoTurnStore), and `is_there` that the outer channel itself told of the change, so that it
is not told back. Without any field the conversation stays as it is and nobody hears of it. What a rule raises undoes the
write. It may be called more than once.
"""


@dataclass(frozen=True, slots=True)
class Happening:
    """One line of a shop's feed, by which open pages of every worker learn what happened. `number` counts up in the shop.

    `kind`: "message" and "conversation" (data: as bot.domain.conversation_lines writes them), "note" (account, text, at),
    "refused" (a held message that could not be sent: key, account, text, why), "delivery" (what became of a message on its way
    to an outer channel: number, state, attempts, error; or of a status), "decided" and "hand_over" (as bot.domain.auto_lines
    writes them), "erased" (read the conversation anew).
    """

    number: int
    kind: str
    conversation: str
    data: Mapping[str, object] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class NewMessage:
    """A message to be written. `key` is the sender's own: the same key in a conversation writes nothing twice.

    `is_there`: it came from the outer channel itself, so that it is not delivered there.
    """

    author: str
    text: str
    at: datetime
    key: str
    account: str = ""
    image: str = ""
    quotes: int | None = None
    is_there: bool = False


@dataclass(frozen=True, slots=True)
class Written:
    """What a write left behind. `is_new` is False when the same key had been written before.

    `before` is the conversation as it was.
    """

    conversation: Conversation
    message: Message
    is_new: bool = True
    before: Conversation | None = None


@dataclass(frozen=True, slots=True)
class HeldMessage:
    """A message of an agent that was accepted and waits a few seconds, so that it can be taken back.

    `key` is unique in the shop and becomes the message's own. `extra` holds JSON values of whoever sends it.
    """

    conversation: str
    message: NewMessage
    due_at: datetime
    extra: Mapping[str, object] = field(default_factory=dict)


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

    def reading(self, shop: str) -> AbstractAsyncContextManager[None]:
        """Make one transaction of what is done in the shop within the block, of every store: much costs little more than one."""
        ...

    async def open_conversation(self, shop: str, buyer: Buyer, at: datetime) -> Conversation:
        """Return the buyer's conversation that is not closed, or a new one; the buyer is found by channel and external id."""
        ...

    async def write_message(self, shop: str, conversation: str, message: NewMessage, rule: Rule) -> Written:
        """Append the message and write what the rule says with it; a key written before leaves all as it is.

        An agent's message that was held under its key is held no longer.
        """
        ...

    async def change_conversation(
        self, shop: str, conversation: str, rule: Rule, expected_version: int | None = None
    ) -> Conversation:
        """Write what the rule says. Raises Conflict when it is no longer at the version expected, or would be the second
        conversation of its buyer that is not closed.
        """
        ...

    async def get_conversation(self, shop: str, conversation: str) -> Conversation: ...

    async def find_message(self, shop: str, conversation: str, key: str) -> Message | None:
        """Return the conversation's message of that key."""
        ...

    async def list_messages(
        self, shop: str, conversation: str, limit: int, before: int | None = None
    ) -> list[Message]:
        """Return the newest messages below number `before`, oldest first."""
        ...

    async def read_thread(
        self, shop: str, conversation: str, limit: int
    ) -> tuple[Conversation, list[Message]]:
        """Return the conversation with its newest messages, oldest first."""
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

    async def shop_conversations(
        self, shop: str, since: datetime, until: datetime, after: str, limit: int
    ) -> list[Conversation]:
        """Return conversations opened from `since` to before `until` by id, those after that id: for exports, in pages."""
        ...

    async def update_buyer(self, shop: str, buyer: Buyer) -> None:
        """Write name, tags and what the buyer views."""
        ...

    async def tag_buyer(self, shop: str, buyer: str, tags: Sequence[str]) -> Buyer:
        """Write the buyer's tags and nothing else of him, and return him as he is now. Raises NotFound."""
        ...

    async def get_buyer(self, shop: str, buyer: str) -> Buyer: ...

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
        """Return media type, content and the conversation it belongs to, "" for an image of the shop's entries."""
        ...

    async def was_shown(self, shop: str, buyer: str, image: str) -> bool:
        """Whether a message in the buyer's conversations holds the image."""
        ...

    async def list_phrases(self, shop: str, account: str) -> list[Phrase]: ...

    async def put_phrase(self, shop: str, account: str, phrase: Phrase) -> None: ...

    async def delete_phrase(self, shop: str, account: str, phrase: str) -> None: ...

    async def get_policy(self, shop: str) -> ServicePolicy:
        """Return the shop's policy, the default one when it has none of its own."""
        ...

    async def put_policy(self, shop: str, policy: ServicePolicy) -> None:
        """Write the shop's policy. The shop's version is raised with it: every process hears of it (ShopStore.watch)."""
        ...

    async def held_by(self, scope: ShopScope, account: str) -> list[tuple[str, str]]:
        """Return (shop, conversation) of what the account holds, not closed, in the shops of the scope."""
        ...

    async def loads(self, accounts: Sequence[str], since: datetime) -> Mapping[str, int]:
        """Return how many open conversations with a message after `since` each account holds: content-free."""
        ...

    async def holders(self) -> list[tuple[str, str]]:
        """Return (account, shop) wherever an account holds an open conversation: content-free."""
        ...

    async def holdings(self, account: str) -> list[tuple[str, str]]:
        """Return (shop, conversation) of the open ones the account holds, wherever, also where it lost its rights: content-free."""
        ...

    async def hold_message(self, shop: str, held: HeldMessage) -> None:
        """Keep a message until it is due. The same key twice is one, also after it was written.

        Raises Conflict when somebody else's message, or one to another buyer, waits or was written under the key: told that it
        was kept, its author would believe that it is on its way.
        """
        ...

    async def release_held(self, shop: str, key: str, account: str) -> HeldMessage | None:
        """Take back the account's own held message; None when there is none or its sending has begun."""
        ...

    async def held_due(self, at: datetime, limit: int) -> list[tuple[str, str]]:
        """Return (shop, key) of held messages that are due: content-free. Claimed for some seconds, for one worker."""
        ...

    async def get_held(self, shop: str, key: str) -> HeldMessage:
        """Raises NotFound."""
        ...

    async def held_of(self, shop: str, conversation: str) -> list[HeldMessage]: ...

    async def drop_held(self, shop: str, key: str, refused: str = "") -> None:
        """Forget a held message; one `refused` is told in the feed with its text."""
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

    async def renew_presences(self, accounts: Sequence[str], at: datetime) -> Mapping[str, Presence]:
        """Say of all these accounts that they are there still, each as it said last; return how. Others are left out."""
        ...

    async def presences(self, accounts: Sequence[str]) -> Mapping[str, Presence]: ...
