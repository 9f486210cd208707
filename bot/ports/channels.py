"""Channels through which buyers outside of this program speak with a shop: their adapters, and where they are kept.

A channel is one adapter in bot/channels/, named in bot/channels/__init__.py, and its run of tests/contract/channel_contract.py.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final, Literal, Protocol, TypeAlias

from bot.domain.channels import Delivery, DeliveryState, Setting, ShopChannel
from bot.domain.conversation import Buyer

REPLACED: Final = ".replaced"
REPLACED_UNTIL: Final = ".replaced_until"
"""Behind a secret's name: the secret that it replaced, and until when that one is still taken from the other side."""


@dataclass(frozen=True, slots=True)
class KeptChannel:
    """A channel of a shop as it is kept. `changed_at` is when an owner last wrote it."""

    channel: ShopChannel
    made_at: datetime
    changed_at: datetime


@dataclass(frozen=True, slots=True)
class ChannelPlace:
    """A shop's channel with all that an adapter needs to act for it."""

    shop: str
    channel: ShopChannel
    secrets: Mapping[str, str] = field(default_factory=dict)

    def accepted(self, secret: str, now: datetime) -> tuple[str, ...]:
        """Return what may be shown to us as that secret: the one of now, and for a while after a rotation the one before."""
        found = [self.secrets.get(secret, "")]
        until = self.secrets.get(f"{secret}{REPLACED_UNTIL}", "")
        if until and now < datetime.fromisoformat(until):
            found.append(self.secrets.get(f"{secret}{REPLACED}", ""))
        return tuple(each for each in found if each)


@dataclass(frozen=True, slots=True)
class ChannelField:
    """A setting or secret of a kind of channel, as forms ask for it: `zh` and `en` are its labels.

    `sort`: "text", "url", "flag" or "number". A secret that is `generated` is made by us, shown once and rotated by us; one
    that is not is entered by the owner. One that stands `in_address` is the end of the address that the other side posts to.
    What is not `required` may be missing: it is `usual` then.
    """

    name: str
    zh: str
    en: str
    sort: Literal["text", "url", "flag", "number"] = "text"
    secret: bool = False
    generated: bool = False
    required: bool = True
    usual: Setting = ""
    in_address: bool = False


@dataclass(frozen=True, slots=True)
class Incoming:
    """An HTTP request that came for a channel. Names of headers are written small; `tail` is what follows the channel's path."""

    headers: Mapping[str, str]
    body: bytes
    tail: str = ""


@dataclass(frozen=True, slots=True)
class IncomingImage:
    """An image that came with a message: its bytes, or an address where they are."""

    content: bytes = b""
    url: str = ""


@dataclass(frozen=True, slots=True)
class CameBuyer:
    """A buyer as the other side knows him. `verified`: that side vouches that the id is the one of who speaks.

    `viewed` is the item or product that he looks at.
    """

    id: str
    name: str = ""
    verified: bool = False
    viewed: str = ""


@dataclass(frozen=True, slots=True)
class CameMessage:
    """A message at the other side. `id` is that side's own: the same one again is the same message.

    `author` is "buyer", or "person" when somebody of the shop answered there: it is shown here, keeps software silent, and
    is not delivered back. `thread` is that side's conversation, given back with what is delivered; without a buyer (None,
    of a person's message alone) the conversation is found by it. `others` counts what is neither words nor images (a voice,
    a file): it is said in words that it came.
    """

    id: str
    buyer: CameBuyer | None
    text: str = ""
    images: tuple[IncomingImage, ...] = ()
    others: int = 0
    thread: str = ""
    author: Literal["buyer", "person"] = "buyer"


@dataclass(frozen=True, slots=True)
class CameStatus:
    """What the other side did with a buyer's conversation: closed it, let a person take it, gave it back to software.

    `id` is that side's own, as a message's: a change that happens again has another. Without a buyer the conversation is
    found by `thread`.
    """

    id: str
    buyer: CameBuyer | None
    status: Literal["closed", "person", "software"]
    thread: str = ""


@dataclass(frozen=True, slots=True)
class CameReceipt:
    """The other side shows that it has what was delivered under our `key`, as `external_id` of its own."""

    key: str
    external_id: str = ""


Came: TypeAlias = CameMessage | CameStatus | CameReceipt


class Unverified(Exception):
    """The request is not from whom it says; the message names neither secret nor content."""


class Unreadable(ValueError):
    """The request is from the right one and cannot be taken. `fields` says by name what is wrong with it."""

    def __init__(self, message: str, fields: Mapping[str, str] | None = None) -> None:
        super().__init__(message)
        self.fields = dict(fields or {})


@dataclass(frozen=True, slots=True)
class OutgoingImage:
    """An image on its way out."""

    media_type: str
    content: bytes


@dataclass(frozen=True, slots=True)
class Outgoing:
    """A message or a status on its way out. `delivery.key` is the same at every attempt; `thread` as CameMessage gave it.

    With `delivery.status` there is no text; with HANDED_OVER, `reason` says why (a Reason of the decision), `note` what the
    person should know (for the shop's people alone), `urgent` that the buyer waits badly. `marked`: the shop wants its
    automatic messages to be marked as such, and this is one.
    """

    delivery: Delivery
    buyer: Buyer
    thread: str = ""
    text: str = ""
    image: OutgoingImage | None = None
    marked: bool = False
    reason: str = ""
    note: str = ""
    urgent: bool = False


@dataclass(frozen=True, slots=True)
class Delivered:
    """The other side has it, under that id of its own ("" when it gave none)."""

    external_id: str = ""


@dataclass(frozen=True, slots=True)
class Retry:
    """It is not known to have arrived. `why` holds neither the text nor a secret; `after` is what the other side asks for."""

    why: str
    after: timedelta | None = None


@dataclass(frozen=True, slots=True)
class Refused:
    """The other side will never take it; `why` as in Retry."""

    why: str


Outcome: TypeAlias = Delivered | Retry | Refused


class Channel(Protocol):
    """The adapter of one kind of channel. It keeps nothing: all that it is to act upon is given to it each time."""

    @property
    def kind(self) -> str:
        """What it is called in addresses and in the database: a-z and _."""
        ...

    @property
    def fields(self) -> Sequence[ChannelField]:
        """The settings and secrets of such a channel."""
        ...

    @property
    def busy_status(self) -> int:
        """The HTTP status after which the other side sends the same again: 503, unless it knows better."""
        ...

    def problems(self, settings: Mapping[str, Setting]) -> Mapping[str, str]:
        """Return what is wrong with settings, by name, in both languages; those missing or of another sort are not its business."""
        ...

    def read(self, place: ChannelPlace, incoming: Incoming, now: datetime) -> Sequence[Came]:
        """Return what came, in its order; empty for what is of no interest. Raises Unverified, Unreadable.

        Nothing of a request is looked into before it is known whom it is from.
        """
        ...

    async def deliver(self, place: ChannelPlace, outgoing: Outgoing) -> Outcome:
        """Hand over a message, or tell a status (Delivered at once for one that the other side has no use for).

        It never raises for what the other side does, and gives up after some seconds of its own.
        """
        ...

    async def find_mark(self, place: ChannelPlace, outgoing: Outgoing) -> Delivered | Retry | None:
        """Before it is tried again: whether an attempt that was not answered arrived after all.

        None when it did not; also where the other side knows our key and writes nothing twice. Retry when it cannot be
        looked up now.
        """
        ...

    async def test(self, place: ChannelPlace) -> Outcome:
        """Try whether the other side can be reached and takes our secret; buyers see nothing of it."""
        ...


@dataclass(frozen=True, slots=True)
class Taken:
    """What became of something that came: the conversation, and the number of the message written there, if one was."""

    conversation: str = ""
    number: int | None = None


@dataclass(frozen=True, slots=True)
class DueDelivery:
    """A conversation whose first waiting delivery is due; nobody else gets it before `until`."""

    shop: str
    conversation: str
    until: datetime


class ChannelStore(Protocol):
    """The channels of shops, what came through them, and what is on its way out. What is not the shop's: NotFound.

    A message of the shop that is written into a conversation of an outer channel (ConversationStore.write_message, unless
    NewMessage.is_there), and a change of its status, is a delivery in the same transaction.
    """

    async def list_channels(self, shop: str) -> list[KeptChannel]:
        """Return the shop's channels by name."""
        ...

    async def get_channel(self, shop: str, channel: str) -> KeptChannel:
        """Raises NotFound."""
        ...

    async def get_secrets(self, shop: str, channel: str) -> Mapping[str, str]:
        """Return the secrets by name; empty for a channel that is gone."""
        ...

    async def put_channel(
        self, shop: str, channel: ShopChannel, secrets: Mapping[str, str], at: datetime
    ) -> None:
        """Write a channel with all its secrets. What waits for one that is enabled is tried at once. Raises NotFound."""
        ...

    async def delete_channel(self, shop: str, channel: str, at: datetime) -> None:
        """Forget a channel, its secrets and which messages came through it; what waits for it is dead. Raises NotFound."""
        ...

    async def begin_taking(self, shop: str, channel: str, external_id: str, at: datetime) -> Taken | None:
        """Return what became of what came under that id before; None when it is new.

        To be called within ConversationStore.reading, together with what is written for it and `end_taking`: it is known from
        then on, or nothing of it is. Who comes second with the same id waits for the first.
        """
        ...

    async def end_taking(
        self, shop: str, channel: str, external_id: str, taken: Taken, thread: str = ""
    ) -> None:
        """Say what became of it, and in which conversation of the other side it stood."""
        ...

    async def thread_of(self, shop: str, conversation: str) -> str:
        """Return the other side's conversation, as it was last named; "" when it never was."""
        ...

    async def conversation_of(self, shop: str, channel: str, thread: str) -> str | None:
        """Return our newest conversation in which that one of the other side was named."""
        ...

    async def deliveries_due(self, at: datetime, limit: int, busy: Collection[str] = ()) -> list[DueDelivery]:
        """Return conversations whose first waiting delivery is due, of shops that are not `busy`: content-free.

        Claimed for a minute, for one worker; a few of each shop, so that a receiver that is slow keeps nobody else waiting.
        One whose time lies more than an hour ahead is due too: the clock was set back.
        """
        ...

    async def begin_delivery(self, due: DueDelivery) -> Delivery | None:
        """Return the conversation's first delivery that waits, one more attempt counted; None when nothing waits any more.

        Counted before it is made: after a crash in the middle the next worker knows that it may have arrived.
        """
        ...

    async def find_delivery(self, shop: str, channel: str, key: str) -> Delivery | None:
        """Return the channel's delivery of that key."""
        ...

    async def settle_delivery(self, shop: str, delivery: Delivery) -> None:
        """Write what became of a delivery that waited (state, attempts, error, external_id, due_at, settled_at), and tell
        open pages ("delivery"). The next one of the conversation becomes due with it. One that waits no more stays as it is.
        """
        ...

    async def list_deliveries(
        self, shop: str, channel: str, states: Sequence[DeliveryState], limit: int
    ) -> list[Delivery]:
        """Return the channel's deliveries in these states, newest first."""
        ...

    async def count_deliveries(self, shop: str, since: datetime) -> Mapping[tuple[str, DeliveryState], int]:
        """Return by channel and state how many deliveries of after `since` there are."""
        ...

    async def retry_delivery(self, shop: str, conversation: str, position: int, at: datetime) -> Delivery:
        """Let one that is dead or expired be tried again, as if it had just been written; an automatic answer may be stale.

        Raises NotFound, Conflict for one that is in another state, or automatic.
        """
        ...

    async def forget_traffic(self, shop: str, before: datetime, limit: int) -> int:
        """Delete at most `limit` each of ids that came and of settled deliveries, of conversations closed before then.

        Return how many; 0 when none is left. The other side sends nothing again after so long.
        """
        ...

    async def deliveries_of(self, shop: str, conversation: str, numbers: Sequence[int]) -> list[Delivery]:
        """Return the deliveries of those messages."""
        ...
