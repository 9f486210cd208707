"""Taking what comes through outer channels: once each, written with the mark that it was taken, in one transaction."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import partial
from typing import Any, Final, Protocol
from zoneinfo import ZoneInfo

from bot.domain import queueing
from bot.domain.channels import DeliveryState, external_id_of
from bot.domain.conversation import MAX_MESSAGE_CHARACTERS, Buyer, Conversation
from bot.domain.message_text import OTHER_FILE, UNREAD_IMAGE, UnusableMessage, clean_message
from bot.domain.queueing import Service
from bot.ports import Clock, ConversationStore, Event, NewMessage, NotFound, Written
from bot.ports.channels import (
    Came,
    CameBuyer,
    CameMessage,
    CameReceipt,
    CameStatus,
    Channel,
    ChannelPlace,
    ChannelStore,
    Incoming,
    IncomingImage,
    Taken,
    Unreadable,
)
from bot.ports.fact_sources import HttpFetcher, Request, SourceFailed
from bot.services.conversation_rules import as_message
from bot.services.image_reading import MAX_IMAGE_BYTES, CheckedImage, InvalidImage, read_image
from bot.services.recording import EventRecorder
from bot.services.shop_manners import ShopManners

_log = logging.getLogger(__name__)
USUAL_BUSY_STATUS: Final = 503
_OWN_DOING: Final = timedelta(seconds=10)
"""So soon after software asked for one, that a person came is the other side's answer to that: it opens the conversation to its
team, and may name somebody at once. What the buyer is told with the hand-over is still said."""
_IMAGE_SECONDS: Final = 3.0
"""Whoever sends a webhook waits some seconds for its answer: Chatwoot five."""


class Hearing(Protocol):
    """What takes a buyer's words into the shop's queue."""

    async def receive(self, shop: str, buyer: Buyer, text: str, *, key: str, image: str = "") -> Written: ...


@dataclass(frozen=True, slots=True)
class Took:
    """What became of one thing that came. `is_new` is False for what had come before."""

    id: str
    taken: Taken
    is_new: bool = True


@dataclass(frozen=True, slots=True)
class _Bubble:
    text: str = ""
    image: CheckedImage | None = None


class ChannelReceiving:
    """Takes requests that came for channels. `adapters` are the kinds of channels, by name.

    `look_up` reads what every message of a shop needs to know of it, so that it is at hand.
    """

    def __init__(
        self,
        store: ChannelStore,
        conversations: ConversationStore,
        conversing: Hearing,
        manners: ShopManners,
        recorder: EventRecorder,
        adapters: Mapping[str, Channel],
        fetcher: HttpFetcher,
        clock: Clock,
        look_up: Callable[[str], Awaitable[object]] | None = None,
    ) -> None:
        self._store = store
        self._conversations = conversations
        self._conversing = conversing
        self._manners = manners
        self._recorder = recorder
        self._adapters = adapters
        self._fetcher = fetcher
        self._clock = clock
        self._look_up = look_up or manners.of
        self._busy: dict[tuple[str, str], int] = {}

    def busy_status(self, shop: str, channel: str) -> int:
        """Return the HTTP status after which the channel's other side sends the same again."""
        return self._busy.get((shop, channel), USUAL_BUSY_STATUS)

    async def place_of(self, shop: str, channel: str) -> tuple[ChannelPlace, Channel]:
        """Return an enabled channel with its adapter. Raises NotFound, StoreUnavailable."""
        kept = (await self._store.get_channel(shop, channel)).channel
        adapter = self._adapters.get(kept.kind)
        if adapter is None or not kept.enabled:
            raise NotFound("there is no such channel")
        # Known also while the database is away, when a channel's kind cannot be looked up.
        self._busy[shop, channel] = adapter.busy_status
        return ChannelPlace(shop, kept, await self._store.get_secrets(shop, channel)), adapter

    def read(self, place: ChannelPlace, adapter: Channel, incoming: Incoming) -> Sequence[Came]:
        """Return what the request holds. Raises Unverified, Unreadable."""
        return adapter.read(place, incoming, self._clock.now())

    async def take(self, place: ChannelPlace, arrived: Sequence[Came]) -> list[Took]:
        """Take what came; what is returned is committed.

        Raises Unreadable, StoreUnavailable, and Conflict when a conversation is closed and opened all the time.
        """
        # Before a connection is held: many who hold one and wait for what takes another would wait for each other.
        await self._look_up(place.shop)
        taken = []
        for came in arrived:
            if isinstance(came, CameReceipt):
                await self._confirm(place, came)
            elif isinstance(came, CameStatus):
                taken.append(await self._take_status(place, came))
            else:
                taken.append(await self._take_message(place, came))
        return taken

    async def _take_message(self, place: ChannelPlace, came: CameMessage) -> Took:
        bubbles = await self._bubbles(came)
        async with self._conversations.reading(place.shop):
            known = await self._begin(place, came.id)
            if known is not None:
                return Took(came.id, known, is_new=False)
            if came.author == "buyer":
                taken, thread = await self._hear(place, came, bubbles), came.thread
            else:
                # Where replies go is the buyer's to say.
                taken, thread = await self._note_answer(place, came, bubbles), ""
            await self._store.end_taking(place.shop, place.channel.id, came.id, taken, thread)
        return Took(came.id, taken)

    async def _begin(self, place: ChannelPlace, external_id: str) -> Taken | None:
        return await self._store.begin_taking(place.shop, place.channel.id, external_id, self._clock.now())

    async def _hear(self, place: ChannelPlace, came: CameMessage, bubbles: Sequence[_Bubble]) -> Taken:
        """Write what the buyer says, a bubble each for words and images."""
        if came.buyer is None:
            raise Unreadable("whose message it is is not said")
        shop, buyer = place.shop, _as_buyer(place, came.buyer)
        taken = Taken()
        for place_in_it, bubble in enumerate(bubbles):
            image = await self._keep_image(shop, buyer, bubble.image) if bubble.image else ""
            key = _key_of(place, came.id, place_in_it)
            written = await self._conversing.receive(shop, buyer, bubble.text, key=key, image=image)
            taken = Taken(written.conversation.id, written.message.number)
        return taken

    async def _keep_image(self, shop: str, buyer: Buyer, image: CheckedImage) -> str:
        opened = await self._conversations.open_conversation(shop, buyer, self._clock.now())
        return await self._conversations.put_image(shop, opened.id, image.media_type, image.content)

    async def _note_answer(self, place: ChannelPlace, came: CameMessage, bubbles: Sequence[_Bubble]) -> Taken:
        """Write what a person of the shop answered at the other side: the clock stops, software is silent."""
        conversation = await self._conversation_of(place, came.buyer, came.thread)
        if conversation is None or not await self._stands_in(place.shop, conversation, came.thread):
            return Taken()
        shop, service, taken = place.shop, await self._service(place.shop), Taken(conversation)
        for place_in_it, bubble in enumerate(bubbles):
            image = ""
            if bubble.image is not None:
                image = await self._conversations.put_image(
                    shop, conversation, bubble.image.media_type, bubble.image.content
                )
            key = _key_of(place, came.id, place_in_it)
            at = self._clock.now()
            message = NewMessage("agent", bubble.text, at, key, image=image, is_there=True)
            written = await self._conversations.write_message(
                shop, conversation, message, partial(_answered, said=message, service=service)
            )
            self._record_answer(shop, written)
            taken = Taken(conversation, written.message.number)
        return taken

    async def _take_status(self, place: ChannelPlace, came: CameStatus) -> Took:
        at = self._clock.now()
        async with self._conversations.reading(place.shop):
            known = await self._begin(place, came.id)
            if known is not None:
                return Took(came.id, known, is_new=False)
            conversation = await self._conversation_of(place, came.buyer, came.thread)
            taken = Taken()
            if conversation is not None and await self._stands_in(place.shop, conversation, came.thread):
                await self._change(place.shop, conversation, came.status, at)
                taken = Taken(conversation)
            await self._store.end_taking(place.shop, place.channel.id, came.id, taken)
        return Took(came.id, taken)

    async def _change(self, shop: str, conversation: str, status: str, at: datetime) -> None:
        former: list[Conversation] = []

        def rule(before: Conversation) -> Mapping[str, Any]:
            former[:] = [before]
            return _status_of(before, status, at)

        after = await self._conversations.change_conversation(shop, conversation, rule)
        if after.state == "closed" != former[0].state:
            said = {"by": "", "from": former[0].assignee}
            self._recorder.record(shop, Event("closed", at, conversation, said))

    async def _conversation_of(self, place: ChannelPlace, came: CameBuyer | None, thread: str) -> str | None:
        """Return the conversation that goes on with the buyer, or in which the thread was named last."""
        if came is None:
            return await self._store.conversation_of(place.shop, place.channel.id, thread)
        known = _as_buyer(place, came)
        buyer = await self._conversations.find_buyer(place.shop, known.channel, known.external_id)
        if buyer is None:
            return None
        newest = await self._conversations.buyer_conversations(place.shop, buyer.id, 1)
        return newest[0].id if newest else None

    async def _stands_in(self, shop: str, conversation: str, thread: str) -> bool:
        """Whether the buyer wrote from there last: who closes an old thread of his does not close what he asks in a new one."""
        return not thread or await self._store.thread_of(shop, conversation) in ("", thread)

    async def _confirm(self, place: ChannelPlace, came: CameReceipt) -> None:
        """Believe the other side that it has what we delivered, also when its answer to that was lost."""
        found = await self._store.find_delivery(place.shop, place.channel.id, came.key)
        if found is not None and found.state is DeliveryState.WAITING:
            sent = replace(
                found, state=DeliveryState.SENT, error="", external_id=came.external_id,
                settled_at=self._clock.now(),
            )  # fmt: skip
            await self._store.settle_delivery(place.shop, sent)

    async def _bubbles(self, came: CameMessage) -> list[_Bubble]:
        """Return what the message becomes here: words in pieces that can be kept, then its images."""
        found: list[_Bubble] = []
        words = came.text
        while words.strip():
            piece, words = words[:MAX_MESSAGE_CHARACTERS], words[MAX_MESSAGE_CHARACTERS:]
            try:
                found.append(_Bubble(clean_message(piece)))
            except UnusableMessage:
                continue  # nothing but what cannot be shown
        images = await asyncio.gather(*(self._image(place, image) for place, image in enumerate(came.images)))
        found.extend(images)
        if came.others:
            found.append(_Bubble(OTHER_FILE))
        if not found:
            raise Unreadable("nothing of it can be shown", {"text": "nothing but what cannot be shown"})
        return found

    async def _image(self, place: int, image: IncomingImage) -> _Bubble:
        """Return the image as it is kept; one that cannot be fetched is said in words: the message is worth more than it."""
        content = image.content
        if image.url:
            request = Request(image.url, {}, _IMAGE_SECONDS, MAX_IMAGE_BYTES)
            try:
                content = (await self._fetcher.pull(request)).content or b""
                return _Bubble(image=await read_image(content))
            except (SourceFailed, InvalidImage) as error:
                _log.info("an image of a buyer could not be taken: %s", error)
                return _Bubble(UNREAD_IMAGE)
        try:
            return _Bubble(image=await read_image(content))
        except InvalidImage as error:
            fields = {f"images[{place}].content": str(error)}
            raise Unreadable("an image cannot be taken; nothing was", fields) from None

    async def _service(self, shop: str) -> Service:
        manners = await self._manners.of(shop)
        return Service(manners.policy, ZoneInfo(manners.shop.timezone))

    def _record_answer(self, shop: str, written: Written) -> None:
        message, before = written.message, written.before
        since = before.waiting_since if before is not None else None
        about: dict[str, Any] = {
            "number": message.number,
            "by": "",
            "characters": len(message.text),
            "image": bool(message.image),
            "waited": (message.at - since).total_seconds() if since is not None else None,
            "in_time": message.at <= before.due_at if before and since and before.due_at else None,
        }
        self._recorder.record(shop, Event("message_out", message.at, written.conversation.id, about))


def _as_buyer(place: ChannelPlace, came: CameBuyer) -> Buyer:
    try:
        external = external_id_of(came.id, verified=came.verified)
    except ValueError as error:
        raise Unreadable("the buyer's id cannot be taken", {"buyer.id": str(error)}) from None
    return Buyer("", came.name, place.channel.origin, external, viewed=came.viewed)


def _key_of(place: ChannelPlace, external_id: str, bubble: int) -> str:
    """Return a bubble's own key: no agent's or dialogue's looks like it."""
    return f"{place.channel.origin}/{external_id}/{bubble}"


def _answered(before: Conversation, said: NewMessage, service: Service) -> Mapping[str, Any]:
    """Who answered at the other side has no account here: whoever holds the conversation goes on holding it."""
    return queueing.agent_answered(
        before, replace(as_message(before, said), account=before.assignee), service
    )


def _status_of(before: Conversation, status: str, at: datetime) -> Mapping[str, Any]:
    if before.state == "closed":
        return {}
    if status == "closed":
        change = queueing.closed(before, at)
    elif status == "person":
        if before.handed_at is not None and timedelta() <= at - before.handed_at < _OWN_DOING:
            return {}
        change = queueing.person_came(before, at)
    else:
        change = queueing.given_to_software(before)
    return {**change, "is_there": True} if change else {}
