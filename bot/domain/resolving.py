"""Which fact fills which variable, given what a message speaks about. One shop's facts only: that is all it is given."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from decimal import Decimal
from types import MappingProxyType
from typing import Final

from bot.domain.catalogue import Catalogue, Mention
from bot.domain.colours import english_colour
from bot.domain.entry import LOW_STOCK
from bot.domain.facts import Fact, Order, Product, ShippingRule, Variant
from bot.domain.regions import is_domestic, provinces_of
from bot.domain.shop import Shop
from bot.domain.variables import PRODUCT_ATTRIBUTES, Variable

_LISTED: Final = 8
_USUAL: Final[Mapping[str, timedelta]] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class Subject:
    """What a message speaks about, its conversation included: products and options, a place, an order."""

    mention: Mention = field(default_factory=Mention)
    place: str | None = None
    order: Order | None = None


class FactResolver:
    """Facts of one shop about one subject at one moment. Dates and words come in `language` ("zh" or "en").

    `lifetimes` are the shop's own by kind of fact; a kind that is not named there lives as long as TIME_TO_LIVE says.
    """

    def __init__(
        self,
        shop: Shop,
        facts: Mapping[str, Fact],
        shipping: tuple[ShippingRule, ...],
        catalogue: Catalogue,
        subject: Subject,
        now: datetime,
        language: str = "zh",
        lifetimes: Mapping[str, timedelta] = _USUAL,
    ) -> None:
        self._shop = shop
        self._lifetimes = lifetimes
        self._facts = facts
        self._catalogue = catalogue
        self._subject = subject
        self._now = now
        self._words = _ENGLISH if language == "en" else _CHINESE
        self._variants = catalogue.matching_variants(subject.mention) if self._named() else []
        self._products = list({product.id: product for product, _ in self._variants}.values())
        if subject.mention.products and not self._products:
            self._products = catalogue.products_of(subject.mention)
        self._rule = _rule_for(shipping, subject.place)
        self._fallback_rule = _rule_for(shipping, None)

    def _named(self) -> bool:
        mention = self._subject.mention
        return mention.item_known and bool(mention.products or mention.options)

    def case(self, family: str) -> str:
        """Return the case of the family (stock, order or region) that holds."""
        return {"stock": self._stock_case, "order": self._order_case, "region": self._region_case}[family]()

    def _stock_case(self) -> str:
        known = [(product, variant) for product, variant in self._variants if variant.stock is not None]
        if not known:
            return "unknown"
        if len({product.id for product, _ in known}) > 1:
            return "several" if any(variant.stock for _, variant in known) else "unknown"
        total = sum(variant.stock or 0 for _, variant in known)
        if total == 0:
            return "out_of_stock"
        return "low" if total <= LOW_STOCK else "in_stock"

    def _order_case(self) -> str:
        order = self._subject.order
        if order is None:
            return "unknown"
        return "not_shipped" if order.status == "paid" else order.status

    def _region_case(self) -> str:
        if self._subject.place is None or self._rule is None:
            return "unknown"
        if self._rule.fee is None:
            return "not_shipped_to"
        return "free" if self._rule.fee == 0 or self._rule.free_from == 0 else "paid"

    def facts_behind(self, family: str) -> list[Fact]:
        """Return the facts that decided the case: what an agent must know to trust the reply."""
        if family == "stock":
            fact = self.fact_named("stock")
            return [fact] if fact is not None else []
        if family == "order" and self._subject.order is not None:
            status = self._words.status[self._subject.order.status]
            return [self._living(self._order_fact("order_status", status))]
        return []

    def fact_named(self, name: str) -> Fact | None:
        """Return the fact that fills the variable of that English name, or None when it is not known."""
        fact = (
            self._product_facts(name)
            or self._order_facts(name)
            or self._region_facts(name)
            or self._shop_facts(name)
        )
        return self._living(fact) if fact is not None else None

    def _living(self, fact: Fact) -> Fact:
        """Return the fact with the shop's time to live for its kind, unless it has one of its own."""
        lifetime = self._lifetimes.get(fact.kind)
        return fact if lifetime is None or fact.ttl is not None else replace(fact, ttl=lifetime)

    def value_of(self, variable: Variable, used: dict[str, Fact]) -> str | None:
        """Return the variable's value, or None; the fact is noted in `used`."""
        fact = self.fact_named(variable.name)
        if fact is None:
            return None
        used[variable.name] = fact
        return fact.value

    def _shop_facts(self, name: str) -> Fact | None:
        if name == "shop_name":
            return Fact(name, self._words.shop_name(self._shop), "shop", "shop settings", self._now)
        return self._facts.get(name)

    def _region_facts(self, name: str) -> Fact | None:
        rule = self._rule or (None if self._subject.place else self._fallback_rule)
        if rule is None or (rule.fee is None and name != "region"):
            return None
        value: str | None = None
        if name == "courier":
            value = rule.courier
        elif name == "region":
            value = self._subject.place
        elif name == "shipping_fee" and self._subject.place is not None and rule.fee is not None:
            value = money(rule.fee)
        elif name == "free_shipping":
            value = self._words.free_shipping(rule.free_from)
        elif name == "delivery_days":
            value = rule.days
        elif name == "region_note" and self._subject.place is not None:
            value = rule.note
        return Fact(name, value, "shipping", rule.source, rule.as_of) if value else None

    def _product_facts(self, name: str) -> Fact | None:
        if name == "matching_products":
            titles = list(dict.fromkeys(self._words.title(p) for p, v in self._variants if v.stock))
            return self._stock_fact(name, self._words.join(titles)) if titles else None
        if len(self._products) != 1:
            return None
        product = self._products[0]
        if name in PRODUCT_ATTRIBUTES:
            value: str | None = product.attributes.get(name)
        elif name == "product":
            value = self._words.title(product)
        elif name == "product_url":
            value = product.url
        elif name == "price":
            return self._price(product)
        else:
            return self._variant_fact(name, product)
        return Fact(name, value, "product", product.source, product.as_of) if value else None

    def _price(self, product: Product) -> Fact | None:
        considered = self._variants or [(product, v) for v in product.variants]
        prices = {price for _, v in considered if (price := v.price or product.price)}
        learned = (
            product.learned_at(v) if v.price is not None else product.stock_as_of for _, v in considered
        )
        if not prices:
            prices = {product.price} if product.price is not None else set()
        if not prices:
            return None
        low, high = min(prices), max(prices)
        text = money(low) if low == high else f"{money(low)}-{money(high)}"
        return Fact("price", text, "price", product.source, min(learned, default=product.stock_as_of))

    def _variant_fact(self, name: str, product: Product) -> Fact | None:
        own = [variant for candidate, variant in self._variants if candidate.id == product.id]
        value: str | None = None
        if name == "variant":
            value = self._variant_label(own)
        elif name == "stock":
            known = [variant.stock for variant in own if variant.stock is not None]
            value = str(sum(known)) if known else None
        elif name == "restock_date":
            dates = [v.restock_date for v in own if v.restock_date and v.restock_date >= self._now.date()]
            value = self._words.day(min(dates)) if dates else None
        elif name == "available_variants":
            labels = [self._words.options(variant.options) for variant in product.variants if variant.stock]
            value = self._words.join(labels[:_LISTED], len(labels) > _LISTED) if labels else None
        return self._stock_fact(name, value) if value else None

    def _variant_label(self, own: list[Variant]) -> str | None:
        options = self._subject.mention.options
        if len(own) == 1:
            return self._words.options(own[0].options)
        return self._words.options(options) or None

    def _stock_fact(self, name: str, value: str) -> Fact:
        oldest = min((product.learned_at(variant) for product, variant in self._variants), default=self._now)
        source = self._variants[0][0].source if self._variants else "catalogue"
        if not self._variants and self._products:
            product = self._products[0]
            oldest = min((product.learned_at(v) for v in product.variants), default=product.stock_as_of)
            source = product.source
        return Fact(name, value, "stock", source, oldest)

    def _order_facts(self, name: str) -> Fact | None:
        order = self._subject.order
        if order is None:
            return None
        values: dict[str, str | None] = {
            "order_no": order.order_no,
            "order_status": self._words.status[order.status],
            "tracking_no": order.tracking_no,
            "tracking_status": order.tracking_status,
            "courier": order.courier,
            "shipped_at": self._local_day(order.shipped_at),
            "ship_by": self._local_day(order.promised_ship_by),
            "eta": self._words.day(order.eta) if order.eta else None,
        }
        value = values.get(name)
        return self._order_fact(name, value) if value else None

    def _local_day(self, moment: datetime | None) -> str | None:
        # Late in the evening it is another day in UTC than where the shop is.
        return self._words.day(moment.astimezone(self._now.tzinfo).date()) if moment else None

    def _order_fact(self, name: str, value: str) -> Fact:
        order = self._subject.order
        assert order is not None
        return Fact(name, value, "order", order.source, order.as_of)


def _rule_for(rules: Iterable[ShippingRule], place: str | None) -> ShippingRule | None:
    """Return the one rule that holds for the place; None when its provinces fall under different rules."""
    by_region = {region: rule for rule in rules for region in rule.regions}
    if place is None:
        return by_region.get("*")
    found = [
        by_region.get(place)
        or by_region.get(province)
        or (by_region.get("*") if is_domestic(province) else None)
        for province in provinces_of(place)
    ]
    return found[0] if all(rule is found[0] for rule in found) else None


def money(amount: Decimal) -> str:
    """Return an amount in yuan without idle zeros: 59, 59.9."""
    text = f"{amount:.2f}".rstrip("0").rstrip(".")
    return text or "0"


@dataclass(frozen=True, slots=True)
class _Words:
    """How generated values read in one language."""

    status: Mapping[str, str]
    day: Callable[[date], str]
    free_shipping: Callable[[Decimal | None], str | None]
    title: Callable[[Product], str]
    shop_name: Callable[[Shop], str]
    options: Callable[[Mapping[str, str]], str]
    separator: str
    more: str

    def join(self, items: list[str], more: bool = False) -> str:
        return self.separator.join(items) + (self.more if more else "")


def _free_zh(free_from: Decimal | None) -> str | None:
    if free_from is None:
        return None
    return "全场包邮" if free_from == 0 else f"满{money(free_from)}元包邮"


def _free_en(free_from: Decimal | None) -> str | None:
    if free_from is None:
        return None
    return "free shipping on every order" if free_from == 0 else f"free shipping from ¥{money(free_from)}"


_CHINESE: Final = _Words(
    status={
        "unpaid": "待付款", "paid": "待发货", "shipped": "已发货", "delivered": "已签收", "closed": "已关闭", "refunding": "退款中",
    },
    day=lambda day: f"{day.month}月{day.day}日",
    free_shipping=_free_zh,
    title=lambda product: product.title,
    shop_name=lambda shop: shop.name,
    options=lambda options: " ".join(options.values()),
    separator="、",
    more="等",
)  # fmt: skip
_ENGLISH: Final = _Words(
    status={
        "unpaid": "not paid yet", "paid": "being packed", "shipped": "shipped", "delivered": "delivered", "closed": "closed",
        "refunding": "being refunded",
    },
    day=lambda day: f"{day:%b} {day.day}",
    free_shipping=_free_en,
    title=lambda product: product.title_en or product.title,
    shop_name=lambda shop: shop.name_en or shop.name,
    options=lambda options: " ".join(map(english_colour, options.values())),
    separator=", ",
    more=" and more",
)  # fmt: skip
