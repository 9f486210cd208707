"""A shop's facts by hand, and what its replies say about a subject."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal

from bot.domain.catalogue import Catalogue, Mention
from bot.domain.entry import Entry
from bot.domain.facts import Fact, Order, Product, ShippingRule, Variant
from bot.domain.resolving import FactResolver, Subject
from bot.domain.shop import Shop
from bot.domain.variables import VARIABLE_BY_NAME
from tests.unit.fakes.counter import NOW, ZONE

LOCAL_NOW = NOW.astimezone(ZONE)
_SHOP = Shop("stall", "小摊", "The Stall")
TODAY = LOCAL_NOW.date()


def product(
    product_id: str, title: str, *variants: Variant, as_of: datetime = NOW, **fields: object
) -> Product:
    """Return a product learned of at `as_of`."""
    return Product(product_id, title, variants, "sheet", as_of, as_of, **fields)  # type: ignore[arg-type]


def variant(
    sku: str, stock: int | None = 9, restock: date | None = None, price: str | None = None, **options: str
) -> Variant:
    """Return a variant with its options."""
    return Variant(sku, options, stock, restock, None if price is None else Decimal(price))


def rule(
    *regions: str,
    fee: str | None = "8",
    free_from: str | None = "59",
    courier: str = "中通",
    days: str = "2-3天",
    note: str = "",
) -> ShippingRule:
    """Return a shipping rule."""
    return ShippingRule(
        regions,
        courier,
        None if fee is None else Decimal(fee),
        None if free_from is None else Decimal(free_from),
        days,
        "sheet",
        NOW,
        note,
    )


def order(status: str = "shipped", **fields: object) -> Order:
    """Return an order."""
    return Order("2026030100000001", status, ("短袖 ×1",), "sheet", NOW, **fields)  # type: ignore[arg-type]


def facts(values: Mapping[str, str], as_of: datetime = NOW) -> dict[str, Fact]:
    """Return shop-wide facts by English name."""
    return {
        name: Fact(name, value, VARIABLE_BY_NAME[name].kind, "sheet", as_of) for name, value in values.items()
    }


@dataclass(frozen=True)
class Stall:
    """A shop with its facts."""

    products: tuple[Product, ...] = ()
    shipping: tuple[ShippingRule, ...] = ()
    values: tuple[tuple[str, str], ...] = ()
    shop: Shop = _SHOP

    def resolver(
        self, *, text: str = "", place: str | None = None, of: Order | None = None, language: str = "zh"
    ) -> FactResolver:
        """Return the facts about what the text names."""
        catalogue = Catalogue(self.products)
        mention = catalogue.find(text) if text else Mention()
        return FactResolver(
            self.shop,
            facts(dict(self.values)),
            self.shipping,
            catalogue,
            Subject(mention, place, of),
            LOCAL_NOW,
            language,
        )


def entry(reply: str = "", *, group: str = "stock", fallback: str = "", **cases: str) -> Entry:
    """Return an entry."""
    return Entry("e", group, "问题", reply, cases=cases, fallback=fallback)


def in_days(days: int) -> date:
    """Return the day so many days from now, in the shop's time zone."""
    return TODAY + timedelta(days=days)
