"""What stands beside a thread: the shop's card, and the buyer's orders."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from zoneinfo import ZoneInfo

from bot.domain.conversation import Buyer, Message
from bot.domain.facts import Fact, Order
from bot.domain.resolving import FactResolver, Subject
from bot.domain.service_policy import ServicePolicy
from bot.domain.text import UnreadableMessage, read_message
from bot.ports import FactStore
from bot.services.live_shops import LiveShop

CARD: Final = {
    "courier": "courier",
    "dispatch": "dispatch_time",
    "invoice": "invoice_types",
    "address": "address_form",
    "notice": "notice",
}
"""The lines of the shop's card and the fact that each shows."""
_ORDERS_SHOWN: Final = 10
_NUMBERS_LOOKED_UP: Final = 5


@dataclass(frozen=True, slots=True)
class CardLine:
    """One line of the card. `value` is "" when the shop has not said it; `as_of` None for what holds until changed."""

    key: str
    name: str
    value: str
    as_of: datetime | None = None
    stale: bool = False


def shop_card(live: LiveShop, policy: ServicePolicy, now: datetime) -> list[CardLine]:
    """Return the shop's card: what the policy says of today comes before what the facts say."""
    snapshot = live.snapshot
    local = now.astimezone(ZoneInfo(snapshot.shop.timezone))
    resolver = FactResolver(
        snapshot.shop, snapshot.facts, snapshot.shipping, live.catalogue, Subject(), local,
        lifetimes=snapshot.lifetimes,
    )  # fmt: skip
    said = {"notice": policy.notice, "address": policy.address}
    return [
        _line(key, name, said.get(key, ""), resolver.fact_named(name), local) for key, name in CARD.items()
    ]


def _line(key: str, name: str, said: str, fact: Fact | None, now: datetime) -> CardLine:
    if said:
        return CardLine(key, name, said)
    if fact is None:
        return CardLine(key, name, "")
    if key == "address":
        return CardLine(key, name, fact.value)  # a habit, not news: it grows no older
    return CardLine(key, name, fact.value, fact.as_of, fact.is_stale(now))


async def orders_of(facts: FactStore, shop: str, buyer: Buyer, said: Iterable[Message]) -> list[Order]:
    """Return this shop's orders whose numbers stand in what the buyer said last, then his others, newest first."""
    found: dict[str, Order] = {}
    for number in _numbers_in(said)[:_NUMBERS_LOOKED_UP]:
        order = await facts.find_order(shop, number)
        if order is not None:
            found[order.order_no] = order
    for order in await facts.buyer_orders(shop, (buyer.id, buyer.external_id), _ORDERS_SHOWN):
        found.setdefault(order.order_no, order)
    return list(found.values())[:_ORDERS_SHOWN]


def _numbers_in(said: Iterable[Message]) -> Sequence[str]:
    numbers: dict[str, None] = {}
    for message in reversed([each for each in said if each.author == "buyer"]):
        try:
            numbers |= dict.fromkeys(read_message(message.text).numbers)
        except UnreadableMessage:
            continue
    return list(numbers)
