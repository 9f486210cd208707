"""Channels outside of this program through which buyers speak with a shop, and what is on its way to them."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final, TypeAlias

from bot.domain.conversation import Buyer, Conversation

MOST_CHANNELS: Final = 20
"""Channels that one shop has at most."""
LONGEST_EXTERNAL: Final = 200
"""Characters that an id of the other side may have."""

Setting: TypeAlias = str | bool | int
_CHANNEL_ID: Final = re.compile(r"[a-z0-9-]{1,40}")
_UNVERIFIED: Final = "unverified:"


@dataclass(frozen=True, slots=True)
class ShopChannel:
    """A channel that a shop's owner set up. `kind` names the adapter; `settings` are those that the adapter knows.

    Its secrets are kept elsewhere: whoever reads a channel does not read them.
    """

    id: str
    kind: str
    name: str
    enabled: bool = True
    settings: Mapping[str, Setting] = field(default_factory=dict)

    @property
    def origin(self) -> str:
        """What buyers that came through this channel have as their `channel`."""
        return f"{self.kind}:{self.id}"


class Status(StrEnum):
    """What the other side is told of a conversation. `RESUMED`: software answers again after a person was asked for."""

    HANDED_OVER = "handed_over"
    RESUMED = "resumed"
    CLOSED = "closed"
    REOPENED = "reopened"


class DeliveryState(StrEnum):
    """Where a delivery is: `DEAD` could not be made, `EXPIRED` came too late to be made at all."""

    WAITING = "waiting"
    SENT = "sent"
    DEAD = "dead"
    EXPIRED = "expired"


@dataclass(frozen=True, slots=True)
class Delivery:
    """One thing on its way out of a conversation: a message (its `number`), or else a `status`.

    Deliveries of a conversation go out one after another by `position`. `key` is unique in the shop and stays the same
    however often it is tried. `author` is the message's, "" for a status. `due_at` is when it is tried next.
    `error` says why it has not gone out; it holds no text of the message.
    """

    conversation: str
    position: int
    channel: str
    key: str
    at: datetime
    due_at: datetime
    number: int | None = None
    author: str = ""
    status: str = ""
    state: DeliveryState = DeliveryState.WAITING
    attempts: int = 0
    error: str = ""
    external_id: str = ""
    settled_at: datetime | None = None


def delivery_line(delivery: Delivery) -> dict[str, object]:
    """Return what open pages are told of a delivery."""
    return {
        "position": delivery.position,
        "number": delivery.number,
        "status": delivery.status,
        "state": delivery.state.value,
        "attempts": delivery.attempts,
        "error": delivery.error,
    }


def is_channel_id(text: str) -> bool:
    """Whether a channel may have that id."""
    return _CHANNEL_ID.fullmatch(text) is not None


def channel_of(buyer: Buyer) -> tuple[str, str] | None:
    """Return kind and id of the outer channel that the buyer came through; None for the web chat and the demo."""
    kind, colon, channel = buyer.channel.partition(":")
    return (kind, channel) if colon else None


def external_id_of(given: str, *, verified: bool) -> str:
    """Return the id under which a buyer of the other side is kept.

    One whose id nobody vouches for is never the same buyer as the one whose id was verified: he would be shown that
    one's orders. Raises ValueError for an id that could pass for the other sort.
    """
    if given.startswith(_UNVERIFIED) or not given or len(given) > LONGEST_EXTERNAL:
        raise ValueError(f"1 to {LONGEST_EXTERNAL} characters that do not begin with {_UNVERIFIED}")
    return given if verified else _UNVERIFIED + given


def verified_id(buyer: Buyer) -> str:
    """Return the buyer's id at the other side, if that side vouches that it is he who speaks; "" otherwise."""
    vouched = channel_of(buyer) is not None and not buyer.external_id.startswith(_UNVERIFIED)
    return buyer.external_id if vouched else ""


def bare_external_id(buyer: Buyer) -> str:
    """Return the buyer's id as the other side writes it."""
    return buyer.external_id.removeprefix(_UNVERIFIED)


def status_after(before: Conversation, after: Conversation) -> Status | None:
    """Return what the other side is to be told after a change; None when it is none of its business."""
    if (before.state == "closed") != (after.state == "closed"):
        return Status.CLOSED if after.state == "closed" else Status.REOPENED
    if after.state == "closed":
        return None
    if before.handed_at is None and after.handed_at is not None:
        return Status.HANDED_OVER
    had_person = before.handed_at is not None or before.person_at is not None
    has_person = after.handed_at is not None or after.person_at is not None
    return Status.RESUMED if had_person and not has_person else None


FIRST_WAIT: Final = timedelta(seconds=2)
LONGEST_WAIT: Final = timedelta(minutes=10)
PERSONS_LIFETIME: Final = timedelta(hours=24)
"""For so long what a person wrote, and what became of a conversation, is tried to be delivered."""
AUTOMATIC_LIFETIME: Final = timedelta(minutes=10)
"""After so long an automatic answer is said no more: what it says of stock or a parcel may be wrong by then."""
_LEAST_ATTEMPTS: Final = 10


def is_too_late(delivery: Delivery, now: datetime) -> bool:
    """Whether it is to be delivered no more.

    An automatic answer goes by the clock alone; all else is given a chance also after this program was off for a day.
    """
    age = now - delivery.at
    if delivery.author == "auto":
        return age > AUTOMATIC_LIFETIME
    return age > PERSONS_LIFETIME and delivery.attempts > _LEAST_ATTEMPTS


def wait_before(attempts: int, chance: float, asked: timedelta | None = None) -> timedelta:
    """Return how long to wait after so many attempts that failed: doubled each time, spread by `chance` (0 to 1).

    Never shorter than the other side `asked` for, within the longest wait.
    """
    doubled = FIRST_WAIT * float(2 ** min(max(attempts - 1, 0), 12))
    spread = min(doubled, LONGEST_WAIT) * (0.75 + 0.5 * chance)
    return min(max(spread, asked or timedelta()), LONGEST_WAIT * 1.25)
