"""What conversations in memory share, and what lies around their messages: notes, drafts, held messages, the feed."""

from __future__ import annotations

import asyncio
import itertools
from collections.abc import AsyncIterator, Mapping, Sequence, Set
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from bot.domain.conversation import Buyer, Conversation, Message, Note
from bot.domain.conversation_lines import conversation_line
from bot.domain.invoices import InvoiceDetails, InvoiceRequest
from bot.domain.service_policy import ServicePolicy
from bot.ports import Happening, HeldMessage, NotFound, Phrase
from bot.ports.order_tries import OrderTry
from bot.storage.feeds import KEPT
from bot.storage.held_messages import require_same
from bot.storage.looks import CLAIM
from bot.storage.memory import Memory
from bot.storage.memory_auto_state import MemoryAutoState
from bot.storage.memory_deliveries import MemoryDeliveries
from bot.storage.memory_events import without_texts
from bot.storage.message_grams import Simplify


@dataclass(slots=True)
class Look:
    """When a conversation is looked at next, and until when a worker has it."""

    at: datetime | None
    claimed: datetime | None = None


@dataclass(slots=True)
class Talks:
    """All conversations of one shop. A conversation's own buyer may be old: `buyers` has the present one."""

    buyers: dict[str, Buyer] = field(default_factory=dict)
    conversations: dict[str, Conversation] = field(default_factory=dict)
    messages: dict[str, list[Message]] = field(default_factory=dict)
    notes: dict[str, list[Note]] = field(default_factory=dict)
    drafts: dict[tuple[str, str], str] = field(default_factory=dict)
    images: dict[str, tuple[str, bytes, str]] = field(default_factory=dict)
    phrases: dict[tuple[str, str], Phrase] = field(default_factory=dict)
    held: dict[str, HeldMessage] = field(default_factory=dict)
    claims: dict[str, datetime] = field(default_factory=dict)
    policy: ServicePolicy = field(default_factory=ServicePolicy)
    feed: list[Happening] = field(default_factory=list)
    forgotten: dict[str, int] = field(default_factory=dict)
    order_tries: dict[tuple[str, str], OrderTry] = field(default_factory=dict)
    invoice_requests: dict[str, InvoiceRequest] = field(default_factory=dict)

    def find(self, conversation: str) -> Conversation:
        """Raises NotFound."""
        if conversation not in self.conversations:
            raise NotFound("there is no such conversation in this shop")
        return self.with_buyer(self.conversations[conversation])

    def find_buyer(self, buyer: str) -> Buyer:
        """Raises NotFound."""
        if buyer not in self.buyers:
            raise NotFound("there is no such buyer in this shop")
        return self.buyers[buyer]

    def forget_buyer(self, buyer: str) -> None:
        """Blank what the buyer is called. Raises NotFound."""
        self.buyers[buyer] = replace(self.find_buyer(buyer), name="", external_id="", tags=(), viewed="")

    def with_buyer(self, conversation: Conversation) -> Conversation:
        """Return the conversation with its buyer as known now."""
        return replace(conversation, buyer=self.buyers[conversation.buyer.id])


class MemoryConversationExtras:
    """The parts of the ConversationStore around the messages."""

    def __init__(self, memory: Memory, simplify: Simplify) -> None:
        self._memory = memory
        self._simplify = simplify
        self._talks: dict[str, Talks] = {}
        self._looks: dict[tuple[str, str], Look] = {}
        self._numbers = itertools.count(1)
        self._feed_numbers: dict[str, int] = {}
        self._watchers: set[asyncio.Queue[tuple[str, int]]] = set()
        self.outgoing = MemoryDeliveries(self.tell)
        self.auto = MemoryAutoState()

    def _of(self, shop: str) -> Talks:
        self._memory.find(shop)
        return self._talks.setdefault(shop, Talks())

    def knows(self, shop: str) -> bool:
        """Whether there is such a shop: a deleted one's conversations are nobody's."""
        return shop in self._memory.shops

    def tell(self, shop: str, conversation: str, kind: str, data: Mapping[str, Any]) -> None:
        """Add a line to the shop's feed."""
        self._feed_numbers[shop] = number = self._feed_numbers.get(shop, 0) + 1
        feed = self._of(shop).feed
        feed.append(Happening(number, kind, conversation, data))
        del feed[:-KEPT]
        for watcher in self._watchers:
            watcher.put_nowait((shop, number))

    async def feed_since(self, shop: str, number: int, limit: int) -> list[Happening]:
        later = [line for line in self._of(shop).feed if line.number > number]
        known = later[0].number == number + 1 if later else number == self._feed_numbers.get(shop, 0)
        if not known:
            raise NotFound("the feed no longer reaches back that far: read the queue anew")
        return later[:limit]

    async def feed_numbers(self, shops: Sequence[str]) -> Mapping[str, int]:
        return {shop: self._feed_numbers.get(shop, 0) for shop in shops}

    async def watch_feeds(self) -> AsyncIterator[tuple[str, int]]:
        heard: asyncio.Queue[tuple[str, int]] = asyncio.Queue()
        for line in sorted(self._feed_numbers.items()):
            heard.put_nowait(line)
        self._watchers.add(heard)
        try:
            while True:
                yield await heard.get()
        finally:
            self._watchers.discard(heard)

    async def get_buyer(self, shop: str, buyer: str) -> Buyer:
        return self._of(shop).find_buyer(buyer)

    async def find_buyer(self, shop: str, channel: str, external_id: str) -> Buyer | None:
        for known in self._of(shop).buyers.values():
            if external_id and (known.channel, known.external_id) == (channel, external_id):
                return known
        return None

    async def update_buyer(self, shop: str, buyer: Buyer) -> None:
        talks = self._of(shop)
        known = talks.find_buyer(buyer.id)
        talks.buyers[buyer.id] = replace(known, name=buyer.name, tags=buyer.tags, viewed=buyer.viewed)
        self._tell_buyer(shop, buyer.id)

    async def tag_buyer(self, shop: str, buyer: str, tags: Sequence[str]) -> Buyer:
        talks = self._of(shop)
        talks.buyers[buyer] = replace(talks.find_buyer(buyer), tags=tuple(tags))
        self._tell_buyer(shop, buyer)
        return talks.buyers[buyer]

    def _tell_buyer(self, shop: str, buyer: str) -> None:
        talks = self._of(shop)
        for each in [c for c in talks.conversations.values() if c.buyer.id == buyer and c.state != "closed"]:
            self.tell(shop, each.id, "conversation", conversation_line(talks.with_buyer(each)))

    async def erase_buyer(self, shop: str, buyer: str) -> None:
        talks = self._of(shop)
        talks.forget_buyer(buyer)
        self.forget(shop, {c.id for c in talks.conversations.values() if c.buyer.id == buyer})

    def forget(self, shop: str, own: Set[str]) -> None:
        """Blank the texts of these conversations, and of the events about them."""
        talks = self._of(shop)
        for each in own:
            blank = talks.conversations[each]
            talks.conversations[each] = replace(blank, last_text="", version=blank.version + 1)
            talks.messages[each] = [replace(m, text="", image="") for m in talks.messages[each]]
            talks.notes.pop(each, None)
            talks.forgotten[each] = blank.last_number
        talks.images = {i: image for i, image in talks.images.items() if image[2] not in own}
        talks.drafts = {key: text for key, text in talks.drafts.items() if key[0] not in own}
        talks.held = {key: held for key, held in talks.held.items() if held.conversation not in own}
        talks.order_tries = {key: tried for key, tried in talks.order_tries.items() if key[0] not in own}
        talks.invoice_requests = {
            key: replace(each, details=InvoiceDetails(), note="") if each.conversation in own else each
            for key, each in talks.invoice_requests.items()
        }
        self.outgoing.forget(shop, own)
        self.auto.forget(shop, own)
        talks.feed = [
            replace(line, kind="erased", data={}) if line.conversation in own else line for line in talks.feed
        ]
        held = self._memory.find(shop)
        held.events = [without_texts(e) if e.conversation in own else e for e in held.events]
        for each in sorted(own):
            self.tell(shop, each, "erased", {})

    def talks_of(self, shop: str) -> Talks:
        """Return what the shop's conversations are. Raises NotFound."""
        return self._of(shop)

    async def add_note(self, shop: str, conversation: str, note: Note) -> None:
        talks = self._of(shop)
        talks.find(conversation)
        talks.notes.setdefault(conversation, []).append(note)
        line = {"id": note.id, "account": note.account, "text": note.text, "at": note.at.isoformat()}
        self.tell(shop, conversation, "note", line)

    async def list_notes(self, shop: str, conversation: str) -> list[Note]:
        return sorted(self._of(shop).notes.get(conversation, []), key=lambda note: (note.at, note.id))

    async def put_draft(self, shop: str, conversation: str, account: str, text: str) -> None:
        talks = self._of(shop)
        talks.find(conversation)
        talks.drafts.pop((conversation, account), None)
        if text:
            talks.drafts[conversation, account] = text

    async def get_draft(self, shop: str, conversation: str, account: str) -> str:
        return self._of(shop).drafts.get((conversation, account), "")

    async def put_image(self, shop: str, conversation: str, media_type: str, content: bytes) -> str:
        talks = self._of(shop)
        talks.find(conversation)
        image = f"i{next(self._numbers)}"
        talks.images[image] = media_type, content, conversation
        return image

    async def get_image(self, shop: str, image: str) -> tuple[str, bytes, str]:
        images, of_entries = self._of(shop).images, self._memory.find(shop).images
        if image in of_entries:
            return *of_entries[image], ""
        if image not in images:
            raise NotFound("there is no such image in this shop")
        return images[image]

    async def was_shown(self, shop: str, buyer: str, image: str) -> bool:
        talks = self._of(shop)
        own = [each.id for each in talks.conversations.values() if each.buyer.id == buyer]
        return any(message.image == image for each in own for message in talks.messages[each])

    async def list_phrases(self, shop: str, account: str) -> list[Phrase]:
        phrases = self._of(shop).phrases
        return [phrases[key] for key in sorted(phrases) if key[0] == account]

    async def put_phrase(self, shop: str, account: str, phrase: Phrase) -> None:
        self._of(shop).phrases[account, phrase.id] = phrase

    async def delete_phrase(self, shop: str, account: str, phrase: str) -> None:
        if self._of(shop).phrases.pop((account, phrase), None) is None:
            raise NotFound("there is no such phrase")

    async def get_policy(self, shop: str) -> ServicePolicy:
        return self._of(shop).policy

    async def put_policy(self, shop: str, policy: ServicePolicy) -> None:
        self._of(shop).policy = policy
        self._memory.bump(shop)

    async def hold_message(self, shop: str, held: HeldMessage) -> None:
        talks = self._of(shop)
        talks.find(held.conversation)
        key, account = held.message.key, held.message.account
        for message in talks.messages[held.conversation]:
            if message.key == key:
                require_same(message.account, account)
                return
        kept = talks.held.setdefault(key, held)
        require_same((kept.message.account, kept.conversation), (account, held.conversation))

    async def release_held(self, shop: str, key: str, account: str) -> HeldMessage | None:
        talks = self._of(shop)
        held = talks.held.get(key)
        if held is None or held.message.account != account or key in talks.claims:
            return None
        return talks.held.pop(key)

    async def held_due(self, at: datetime, limit: int) -> list[tuple[str, str]]:
        due = sorted(
            (held.due_at, shop, key)
            for shop, talks in self._talks.items()
            for key, held in talks.held.items()
            if held.due_at <= at and (key not in talks.claims or talks.claims[key] <= at)
        )
        for _, shop, key in due[:limit]:
            self._talks[shop].claims[key] = at + CLAIM
        return [(shop, key) for _, shop, key in due[:limit]]

    async def get_held(self, shop: str, key: str) -> HeldMessage:
        held = self._of(shop).held
        if key not in held:
            raise NotFound("there is no such held message in this shop")
        return held[key]

    async def held_of(self, shop: str, conversation: str) -> list[HeldMessage]:
        held = [each for each in self._of(shop).held.values() if each.conversation == conversation]
        return sorted(held, key=lambda each: (each.due_at, each.message.key))

    async def drop_held(self, shop: str, key: str, refused: str = "") -> None:
        talks = self._of(shop)
        held = talks.held.pop(key, None)
        talks.claims.pop(key, None)
        if held is not None and refused:
            line = {"key": key, "account": held.message.account, "text": held.message.text, "why": refused}
            self.tell(shop, held.conversation, "refused", line)
