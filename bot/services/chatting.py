"""The buyer's side of the web chat: a visitor, known by a secret of its browser alone, speaks with one shop."""

from __future__ import annotations

import hashlib
import re
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Final, Protocol
from zoneinfo import ZoneInfo

from bot.domain.conversation import MAX_MESSAGE_CHARACTERS, Buyer, Conversation, Message
from bot.domain.entry import WeeklyHours
from bot.domain.message_text import UnusableMessage, clean_message
from bot.domain.shop import Shop
from bot.ports import Clock, ConversationStore, NotFound, ShopStore, Written
from bot.services.image_reading import read_image

CHANNEL: Final = "web_chat"
_TOKEN: Final = re.compile(r"[A-Za-z0-9_-]{43}")
_PRODUCT: Final = re.compile(r"[\w.:-]{1,80}")
_KEY: Final = re.compile(r"[A-Za-z0-9_-]{8,64}")
_SHOWN: Final = ("buyer", "agent", "auto")
_EARLIER_CONVERSATIONS: Final = 30


class MessageRefused(ValueError):
    """A message that cannot be taken as it is. `code`: "empty", "too_long" or "bad_key"."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code


class Receiving(Protocol):
    """What takes a buyer's words into the shop's queue."""

    async def receive(self, shop: str, buyer: Buyer, text: str, *, key: str, image: str = "") -> Written: ...


@dataclass(frozen=True, slots=True)
class Visitor:
    """A browser at one shop's chat. Only a digest of `token` is ever stored; `product` is what it looks at."""

    shop: str
    token: str
    product: str = ""

    @property
    def external_id(self) -> str:
        return hashlib.sha256(f"{self.shop}:{self.token}".encode()).hexdigest()

    def as_buyer(self) -> Buyer:
        """Return the buyer that this visitor becomes with its first words."""
        name = f"访客{self.external_id[:4].upper()}"
        return Buyer("", name, CHANNEL, self.external_id, viewed=self.product)


@dataclass(frozen=True, slots=True)
class Bubble:
    """A message with the conversation that it stands in."""

    conversation: str
    message: Message


@dataclass(frozen=True, slots=True)
class Page:
    """Bubbles, oldest first. `earlier` is where to go on reading backwards; None at the beginning."""

    bubbles: tuple[Bubble, ...]
    earlier: tuple[str, int] | None = None


@dataclass(frozen=True, slots=True)
class ShopFront:
    """What a visitor is told of the shop."""

    shop: Shop
    is_open: bool
    hours: tuple[WeeklyHours, ...]


def new_visitor(shop: str, token: str = "", product: str = "") -> Visitor:
    """Return the visitor of that token; a new one without a token, or with one that we never make.

    A token of ours that is unknown is kept: its owner has not spoken yet, or was erased, or its first words are being
    written at this moment, and must not become a second buyer by coming back.
    """
    kept = token if _TOKEN.fullmatch(token) else secrets.token_urlsafe(32)
    return Visitor(shop, kept, product if _PRODUCT.fullmatch(product) else "")


class Chatting:
    """What visitors may do. Every answer holds only what stands in that visitor's own conversations with that shop."""

    def __init__(
        self, shops: ShopStore, conversations: ConversationStore, conversing: Receiving, clock: Clock
    ) -> None:
        self._shops = shops
        self._conversations = conversations
        self._conversing = conversing
        self._clock = clock

    async def front(self, shop: str) -> ShopFront:
        """Return how the shop shows itself now. Raises NotFound."""
        found = await self._shops.get_shop(shop)
        policy = await self._conversations.get_policy(shop)
        now = self._clock.now().astimezone(ZoneInfo(found.timezone))
        return ShopFront(found, policy.is_open_at(now), policy.hours)

    async def origins(self, shop: str) -> tuple[str, ...]:
        """Return the sites that may show the shop's chat in a frame."""
        return (await self._conversations.get_policy(shop)).origins

    async def is_known(self, visitor: Visitor) -> bool:
        """Whether the visitor has spoken before."""
        return await self._buyer(visitor) is not None

    async def history(self, visitor: Visitor, limit: int, before: tuple[str, int] | None = None) -> Page:
        """Return the newest bubbles, or those before the one given. An id that is not the visitor's gives none."""
        buyer = await self._buyer(visitor)
        if buyer is None:
            return Page(())
        conversations = await self._conversations.buyer_conversations(
            visitor.shop, buyer.id, _EARLIER_CONVERSATIONS
        )
        if before is not None:
            ids = [each.id for each in conversations]
            if before[0] not in ids:
                return Page(())
            conversations = conversations[ids.index(before[0]) :]
        return await self._page(visitor.shop, conversations, limit, before)

    async def _page(
        self, shop: str, conversations: list[Conversation], limit: int, before: tuple[str, int] | None
    ) -> Page:
        bubbles: list[Bubble] = []
        for conversation in conversations:
            number = before[1] if before is not None and before[0] == conversation.id else None
            messages = await self._conversations.list_messages(shop, conversation.id, limit + 1, number)
            bubbles[:0] = [Bubble(conversation.id, message) for message in messages]
            if len(bubbles) > limit:
                break
        page = bubbles[-limit:]
        shown = tuple(each for each in page if shown_to_buyers(each.message))
        more = len(bubbles) > limit
        return Page(shown, (page[0].conversation, page[0].message.number) if more else None)

    async def news(self, visitor: Visitor, seen: Mapping[str, int]) -> list[Bubble]:
        """Return what was written above the numbers seen, in the conversations named, if they are the visitor's."""
        buyer = await self._buyer(visitor)
        bubbles: list[Bubble] = []
        for conversation, number in seen.items():
            found = await self._conversations.get_conversation(visitor.shop, conversation)
            if buyer is None or found.buyer.id != buyer.id:
                raise NotFound("there is no such conversation here")
            messages = await self._conversations.messages_after(visitor.shop, conversation, number)
            bubbles.extend(Bubble(conversation, each) for each in messages)
        return bubbles

    async def open_conversation(self, visitor: Visitor) -> str | None:
        """Return the visitor's newest conversation; None before its first words."""
        buyer = await self._buyer(visitor)
        if buyer is None:
            return None
        newest = await self._conversations.buyer_conversations(visitor.shop, buyer.id, 1)
        return newest[0].id if newest else None

    async def say(self, visitor: Visitor, text: str, key: str) -> Bubble:
        """Take the visitor's words. The same key again writes nothing twice. Raises MessageRefused."""
        _check_key(key)
        try:
            kept = clean_message(text)
        except UnusableMessage as error:
            code = "too_long" if len(text) > MAX_MESSAGE_CHARACTERS else "empty"
            raise MessageRefused(code, str(error)) from None
        buyer = await self._speaker(visitor)
        return _bubble(await self._conversing.receive(visitor.shop, buyer, kept, key=key))

    async def show(self, visitor: Visitor, content: bytes, key: str) -> Bubble:
        """Take an image as a message of its own. Raises InvalidImage, MessageRefused."""
        _check_key(key)
        image = await read_image(content)
        buyer = await self._speaker(visitor)
        conversation = await self._conversations.open_conversation(visitor.shop, buyer, self._clock.now())
        kept = await self._conversations.put_image(
            visitor.shop, conversation.id, image.media_type, image.content
        )
        return _bubble(await self._conversing.receive(visitor.shop, buyer, "", key=key, image=kept))

    async def image(self, visitor: Visitor, image: str) -> tuple[str, bytes]:
        """Return media type and content of an image in the visitor's own conversations. Raises NotFound."""
        buyer = await self._buyer(visitor)
        media_type, content, conversation = await self._conversations.get_image(visitor.shop, image)
        if buyer is None or not await self._may_see(visitor.shop, buyer.id, image, conversation):
            raise NotFound("there is no such image here")
        return media_type, content

    async def _may_see(self, shop: str, buyer: str, image: str, conversation: str) -> bool:
        """An image of a conversation is its buyer's; one of the shop's entries is for those who were sent it."""
        if not conversation:
            return await self._conversations.was_shown(shop, buyer, image)
        return (await self._conversations.get_conversation(shop, conversation)).buyer.id == buyer

    async def _speaker(self, visitor: Visitor) -> Buyer:
        """Return the visitor as the one who speaks; a name that agents gave it is not overwritten."""
        buyer = visitor.as_buyer()
        return buyer if await self._buyer(visitor) is None else replace(buyer, name="")

    async def _buyer(self, visitor: Visitor) -> Buyer | None:
        return await self._conversations.find_buyer(visitor.shop, CHANNEL, visitor.external_id)


def _check_key(key: str) -> None:
    if not _KEY.fullmatch(key):
        raise MessageRefused("bad_key", "key: 8 to 64 of a-z, A-Z, 0-9, - and _, made anew for each message")


def _bubble(written: Written) -> Bubble:
    return Bubble(written.conversation.id, written.message)


def shown_to_buyers(message: Message) -> bool:
    """Whether a buyer sees the message: notes of the program to the agents are not for him."""
    return message.author in _SHOWN
