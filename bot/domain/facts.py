"""Facts: what a shop states about its stock, shipping, invoices and orders, each with its source and as-of time."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from decimal import Decimal
from types import MappingProxyType
from typing import Final

TIME_TO_LIVE: Final[Mapping[str, timedelta]] = MappingProxyType(
    {
        "stock": timedelta(hours=6),
        "order": timedelta(hours=6),
        "promotion": timedelta(days=7),
        "price": timedelta(days=3),
        "shipping": timedelta(days=90),
        "invoice": timedelta(days=180),
        "returns": timedelta(days=180),
        "product": timedelta(days=365),
        "shop": timedelta(days=365),
    }
)
"""How long a fact of each kind counts as fresh when the shop has set nothing else."""


@dataclass(frozen=True, slots=True)
class Fact:
    """A value that fills a variable. `name` is the variable's English name; `kind` a key of TIME_TO_LIVE."""

    name: str
    value: str
    kind: str
    source: str
    as_of: datetime
    ttl: timedelta | None = None

    def is_stale(self, now: datetime) -> bool:
        """Whether the fact has outlived its time to live at `now` (both aware)."""
        return now - self.as_of > (self.ttl if self.ttl is not None else TIME_TO_LIVE[self.kind])


@dataclass(frozen=True, slots=True)
class Variant:
    """One buyable form of a product. `options` maps colour/size/flavour/quantity/model to its value.

    `stock` in pieces, None when unknown; `price` in yuan, None for the product's own. `stock_as_of` says when its stock
    was last learned, None for when the product's was.
    """

    sku: str
    options: Mapping[str, str]
    stock: int | None = None
    restock_date: date | None = None
    price: Decimal | None = None
    stock_as_of: datetime | None = None

    @property
    def label(self) -> str:
        """The options as an agent would say them: 黑色 L."""
        return " ".join(self.options.values())


@dataclass(frozen=True, slots=True)
class Product:
    """A product of one shop's catalogue.

    `item_id` is the platform's 9-12 digit id; `attributes` are product facts by variable name (material, shelf_life…).
    `stock_as_of` and `source` say when and from where stock and price were last learned.
    """

    id: str
    title: str
    variants: tuple[Variant, ...]
    source: str
    as_of: datetime
    stock_as_of: datetime
    item_id: str = ""
    title_en: str = ""
    aliases: tuple[str, ...] = ()
    category: str = ""
    url: str = ""
    price: Decimal | None = None
    attributes: Mapping[str, str] = field(default_factory=dict)

    def learned_at(self, variant: Variant) -> datetime:
        """Return when the variant's stock was last learned."""
        return variant.stock_as_of or self.stock_as_of


@dataclass(frozen=True, slots=True)
class ShippingRule:
    """How a shop ships to `regions` ("*" = everywhere not named by another rule). Money in yuan.

    `fee` None means that the shop does not ship there; `free_from` is the order sum from which it is free (0 = always).
    """

    regions: tuple[str, ...]
    courier: str
    fee: Decimal | None
    free_from: Decimal | None
    days: str
    source: str
    as_of: datetime
    note: str = ""


@dataclass(frozen=True, slots=True)
class Order:
    """An order of one shop. `status` is one of ORDER_STATUSES. Shown only to those who may see it."""

    order_no: str
    status: str
    items: tuple[str, ...]
    source: str
    as_of: datetime
    buyer_id: str = ""
    phone_last4: str = ""
    amount: Decimal | None = None
    paid_at: datetime | None = None
    shipped_at: datetime | None = None
    promised_ship_by: datetime | None = None
    courier: str = ""
    tracking_no: str = ""
    tracking_status: str = ""
    eta: date | None = None


ORDER_STATUSES: Final = ("unpaid", "paid", "shipped", "delivered", "closed", "refunding")
SETTLED: Final = ("delivered", "closed")
"""Of an order in these states no news is awaited."""
