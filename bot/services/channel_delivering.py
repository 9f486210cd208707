"""Delivering what shops say to outer channels: each once, in order, tried for as long as it is worth saying.

A delivery is written with its message, so that none is lost with a process; whichever worker claims a conversation makes its
first delivery, and the next is due only when that one is settled.
"""

from __future__ import annotations

import asyncio
import logging
import random
from collections import Counter
from collections.abc import Awaitable, Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, replace
from typing import Final

from bot.domain.channels import Delivery, DeliveryState, Status, is_too_late, wait_before
from bot.domain.conversation import Conversation, Message
from bot.ports import Clock, Conflict, ConversationStore, NotFound, Unavailable
from bot.ports.channels import (
    Channel,
    ChannelPlace,
    ChannelStore,
    Delivered,
    DueDelivery,
    Outcome,
    Outgoing,
    OutgoingImage,
    Refused,
    Retry,
)

_log = logging.getLogger(__name__)
_AT_ONCE: Final = 32
_OF_ONE_SHOP: Final = 8
_PAUSE: Final = 0.5
_LONGEST: Final = 45.0
"""Shorter than a claim: what takes longer is stopped before another worker may begin."""
_TOO_LATE: Final = (
    "太久未能送达，内容可能已过时。 it could not be delivered in time; it may no longer be true"
)
_GIVEN_UP: Final = "多次尝试仍未送达。 it was tried for a day in vain"
_ERASED: Final = "内容已被删除。 its text was erased"
_SWITCHED_OFF: Final = "渠道已停用。 the channel is switched off"
_STOPPED: Final = "自动回复已停用，未再发送。 automatic replies were switched off before it went out"
_PERSON_CAME: Final = "客服已接手，未再发送。 a person took over before it went out"
_UNFORESEEN: Final = "出现意外错误，请看服务器日志。 something unforeseen; see the server's log"

HandOver = Callable[[str, str], Awaitable[None]]
Briefing = Callable[[str, str], Awaitable[str]]


async def _always(_shop: str) -> bool:
    return True


@dataclass(frozen=True, slots=True)
class AskPerson:
    """What delivering asks of the rest: `expired` has a person go on where an automatic answer came too late (shop,
    conversation), `briefing` says in words what that person should know, `marks` whether a shop marks automatic messages,
    `speaks` whether software may speak for a shop at this moment.
    """

    expired: HandOver
    briefing: Briefing
    marks: Callable[[str], Awaitable[bool]]
    speaks: Callable[[str], Awaitable[bool]] = _always


class ChannelDelivering:
    """Makes deliveries that are due. `run` is for the life of a worker; `chance` spreads the waits (0 to 1)."""

    def __init__(
        self,
        store: ChannelStore,
        conversations: ConversationStore,
        adapters: Mapping[str, Channel],
        ask: AskPerson,
        clock: Clock,
        chance: Callable[[], float] = random.random,
    ) -> None:
        self._store = store
        self._conversations = conversations
        self._adapters = adapters
        self._ask = ask
        self._clock = clock
        self._chance = chance
        self._running: dict[asyncio.Task[None], str] = {}
        self._woken = asyncio.Event()

    async def follow(self) -> None:
        """Look at once whenever a shop's feed grows, until the feeds cannot be watched: what is said shall go out at once."""
        async for _ in self._conversations.watch_feeds():
            self._woken.set()

    async def run(self) -> None:
        """Look twice a second which deliveries are due, and whenever woken, until cancelled."""
        try:
            while True:
                try:
                    if not await self.begin_due():
                        await self._wait()
                except Unavailable as error:
                    _log.warning("nothing is delivered until the database answers: %s", error)
                    await asyncio.sleep(_PAUSE)
                except Exception:  # noqa: BLE001 - a worker loop: what is being delivered is not to end with one look
                    _log.exception("what is to be delivered could not be looked up")
                    await asyncio.sleep(_PAUSE)
        finally:
            for task in self._running:
                task.cancel()
            await asyncio.gather(*self._running, return_exceptions=True)

    async def _wait(self) -> None:
        with suppress(TimeoutError):
            async with asyncio.timeout(_PAUSE):
                await self._woken.wait()
        self._woken.clear()

    async def begin_due(self) -> list[asyncio.Task[None]]:
        """Begin with what is due, as much as there is room for; return what was begun. Raises StoreUnavailable."""
        room = _AT_ONCE - len(self._running)
        if room <= 0:
            return []
        busy = [shop for shop, held in Counter(self._running.values()).items() if held >= _OF_ONE_SHOP]
        begun = []
        for due in await self._store.deliveries_due(self._clock.now(), room, busy):
            task = asyncio.create_task(self._work(due))
            self._running[task] = due.shop
            task.add_done_callback(self._ended)
            begun.append(task)
        return begun

    def _ended(self, task: asyncio.Task[None]) -> None:
        self._running.pop(task, None)
        self._woken.set()

    async def _work(self, due: DueDelivery) -> None:
        try:
            async with asyncio.timeout(_LONGEST):
                delivery = await self._store.begin_delivery(due)
                if delivery is not None:
                    await self._try(due.shop, delivery)
        except (Unavailable, TimeoutError) as error:
            # The claim runs out, and then it is tried again by whoever comes first.
            _log.warning("a delivery to a channel is put off: %s", error or "it took too long")
        except NotFound:
            _log.debug("a conversation with something to deliver is gone")
        except Exception:  # noqa: BLE001 - a worker loop: whatever one delivery brings, the others go on
            _log.exception("a delivery to a channel failed")

    async def _try(self, shop: str, delivery: Delivery) -> None:
        try:
            await self._make(shop, delivery)
        except (Unavailable, NotFound, TimeoutError):
            raise
        except Exception:  # noqa: BLE001 - it would wait for its claim to run out, and what follows with it
            _log.exception("a delivery to a channel failed")
            await self._settle(shop, delivery, Retry(_UNFORESEEN))

    async def _make(self, shop: str, delivery: Delivery) -> None:
        """Make one attempt and write what became of it."""
        if is_too_late(delivery, self._clock.now()):
            late = _TOO_LATE if delivery.author == "auto" else delivery.error or _GIVEN_UP
            await self._expire(shop, delivery, late)
            return
        if delivery.author == "auto" and (why := await self._objection(shop, delivery)):
            await self._expire(shop, delivery, why)
            return
        place, adapter = await self._place_of(shop, delivery.channel)
        if place is None or adapter is None:
            await self._settle(shop, delivery, Retry(_SWITCHED_OFF))
            return
        outgoing = await self._outgoing(shop, delivery)
        if outgoing is None:
            await self._settle(shop, delivery, Refused(_ERASED))
            return
        await self._settle(shop, delivery, await self._attempt(adapter, place, outgoing))

    async def _attempt(self, adapter: Channel, place: ChannelPlace, outgoing: Outgoing) -> Outcome:
        try:
            if outgoing.delivery.attempts > 1:
                arrived = await adapter.find_mark(place, outgoing)
                if arrived is not None:
                    return arrived
            return await adapter.deliver(place, outgoing)
        except Unavailable:
            raise
        except Exception:  # noqa: BLE001 - whatever an adapter stumbles over must not hold its claim for ever
            _log.exception("the adapter of a channel failed")
            return Retry(_UNFORESEEN)

    async def _place_of(self, shop: str, channel: str) -> tuple[ChannelPlace | None, Channel | None]:
        try:
            kept = (await self._store.get_channel(shop, channel)).channel
        except NotFound:
            return None, None
        if not kept.enabled:
            return None, None
        place = ChannelPlace(shop, kept, await self._store.get_secrets(shop, channel))
        return place, self._adapters.get(kept.kind)

    async def _outgoing(self, shop: str, delivery: Delivery) -> Outgoing | None:
        """Return what is to be sent; None when there is nothing left of the message."""
        conversation = await self._conversations.get_conversation(shop, delivery.conversation)
        thread = await self._store.thread_of(shop, delivery.conversation)
        outgoing = Outgoing(delivery, conversation.buyer, thread)
        if delivery.number is None:
            return await self._with_status(shop, conversation, outgoing)
        message = await self._message(shop, delivery)
        if message is None:
            return None
        image = await self._image(shop, message.image) if message.image else None
        if not message.text and image is None:
            return None
        marked = delivery.author == "auto" and await self._ask.marks(shop)
        return replace(outgoing, text=message.text, image=image, marked=marked)

    async def _image(self, shop: str, image: str) -> OutgoingImage | None:
        try:
            media_type, content, _ = await self._conversations.get_image(shop, image)
        except NotFound:
            return None
        return OutgoingImage(media_type, content)

    async def _message(self, shop: str, delivery: Delivery) -> Message | None:
        assert delivery.number is not None
        found = await self._conversations.list_messages(
            shop, delivery.conversation, 1, before=delivery.number + 1
        )
        return found[-1] if found and found[-1].number == delivery.number else None

    async def _with_status(self, shop: str, conversation: Conversation, outgoing: Outgoing) -> Outgoing:
        if outgoing.delivery.status != Status.HANDED_OVER:
            return outgoing
        note = await self._ask.briefing(shop, conversation.id)
        return replace(outgoing, reason=conversation.hand_over, urgent=conversation.urgent, note=note)

    async def _objection(self, shop: str, delivery: Delivery) -> str:
        """Return why software says this no more: while it waited it was stopped, or a person came. "" when nothing forbids it."""
        if not await self._ask.speaks(shop):
            return _STOPPED
        conversation = await self._conversations.get_conversation(shop, delivery.conversation)
        # Where one had been before, it would not have been written at all.
        return _PERSON_CAME if conversation.person_at is not None else ""

    async def _expire(self, shop: str, delivery: Delivery, why: str) -> None:
        await self._ask_person(shop, delivery)
        await self._write(shop, delivery, DeliveryState.EXPIRED, error=why)

    async def _ask_person(self, shop: str, delivery: Delivery) -> None:
        """Have a person go on where an automatic answer does not arrive.

        Before that is written: after a crash between the two a person is asked for again, which changes nothing; the other
        way round nobody would come.
        """
        if delivery.author == "auto":
            with suppress(Conflict):
                await self._ask.expired(shop, delivery.conversation)

    async def _settle(self, shop: str, delivery: Delivery, outcome: Outcome) -> None:
        match outcome:
            case Delivered(external_id):
                await self._write(shop, delivery, DeliveryState.SENT, external_id=external_id)
            case Refused(why):
                _log.info("channel %s of shop %s refuses %s: %s", delivery.channel, shop, delivery.key, why)
                await self._ask_person(shop, delivery)
                await self._write(shop, delivery, DeliveryState.DEAD, error=why)
            case Retry(why, after):
                _log.info(
                    "channel %s of shop %s does not take %s: %s", delivery.channel, shop, delivery.key, why
                )
                due_at = self._clock.now() + wait_before(delivery.attempts, self._chance(), after)
                await self._store.settle_delivery(shop, replace(delivery, error=why, due_at=due_at))

    async def _write(
        self, shop: str, delivery: Delivery, state: DeliveryState, *, error: str = "", external_id: str = ""
    ) -> None:
        settled = replace(
            delivery, state=state, error=error, external_id=external_id, settled_at=self._clock.now()
        )
        await self._store.settle_delivery(shop, settled)
