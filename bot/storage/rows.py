"""The domain's objects as JSON rows of the tables, and back."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import Any, Protocol, TypeAlias

from bot.domain.entry import Entry, Scope, Validity, WeeklyHours
from bot.domain.facts import Fact, Order, Product, ShippingRule, Variant
from bot.domain.shop import Shop
from bot.ports import Event

JsonRow: TypeAlias = dict[str, Any]


class Row(Protocol):
    """A row as read: values by column."""

    def __getitem__(self, name: str, /) -> Any: ...

    def get(self, name: str, default: Any, /) -> Any: ...


def shop_row(shop: Shop) -> JsonRow:
    return {
        "shop_id": shop.id,
        "name": shop.name,
        "name_en": shop.name_en,
        "colour": shop.colour,
        "avatar": shop.avatar,
        "aliases": list(shop.aliases),
        "timezone": shop.timezone,
        "languages": list(shop.languages),
        "is_demo": shop.is_demo,
    }


def read_shop(row: Row) -> Shop:
    return Shop(
        id=row["shop_id"],
        name=row["name"],
        name_en=row["name_en"],
        colour=row["colour"],
        avatar=row["avatar"],
        aliases=tuple(row["aliases"]),
        timezone=row["timezone"],
        languages=tuple(row["languages"]),
        is_demo=row["is_demo"],
    )


def entry_row(shop: str, entry: Entry) -> JsonRow:
    """Return the entry's own columns; version and change marks are the store's."""
    return {
        "shop_id": shop,
        "entry_id": entry.id,
        "group": entry.group,
        "question": entry.question,
        "reply": entry.reply,
        "phrasings": list(entry.phrasings),
        "intent": entry.intent,
        "cases": dict(entry.cases),
        "fallback": entry.fallback,
        "scope": {"products": list(entry.scope.products), "categories": list(entry.scope.categories)},
        "validity": validity_row(entry.validity),
        "short_code": entry.short_code,
        "image": entry.image,
        "language": entry.language,
        "status": entry.status,
    }


def read_entry(row: Row) -> Entry:
    return read_words(row["entry_id"], row["version"], row)


def read_words(entry: str, version: int, row: Row) -> Entry:
    """Return the entry of that id and version whose words the row holds."""
    scope = row["scope"]
    return Entry(
        id=entry,
        group=row["group"],
        question=row["question"],
        reply=row["reply"],
        phrasings=tuple(row["phrasings"]),
        intent=row["intent"],
        cases=row["cases"],
        fallback=row["fallback"],
        scope=Scope(tuple(scope["products"]), tuple(scope["categories"])),
        validity=read_validity(row["validity"]),
        short_code=row["short_code"],
        language=row["language"],
        status=row["status"],
        version=version,
        # Words that were written before entries had images do not name one.
        image=row.get("image", ""),
    )


def validity_row(validity: Validity) -> JsonRow:
    return {
        "since": _moment(validity.since),
        "until": _moment(validity.until),
        "weekly": [
            [hours.weekday, hours.since.isoformat(), hours.until.isoformat()] for hours in validity.weekly
        ],
    }


def read_validity(row: Row) -> Validity:
    return Validity(
        since=_read_moment(row["since"]),
        until=_read_moment(row["until"]),
        weekly=tuple(
            WeeklyHours(weekday, time.fromisoformat(since), time.fromisoformat(until))
            for weekday, since, until in row["weekly"]
        ),
    )


def _moment(value: datetime | None) -> str | None:
    return value.isoformat() if value is not None else None


def _read_moment(value: str | None) -> datetime | None:
    return datetime.fromisoformat(value) if value is not None else None


def product_row(shop: str, product: Product, position: int) -> JsonRow:
    return {
        "shop_id": shop,
        "product_id": product.id,
        "position": position,
        "title": product.title,
        "title_en": product.title_en,
        "item_id": product.item_id,
        "aliases": list(product.aliases),
        "category": product.category,
        "url": product.url,
        "price": _number(product.price),
        "attributes": dict(product.attributes),
        "source": product.source,
        "as_of": product.as_of.isoformat(),
        "stock_as_of": product.stock_as_of.isoformat(),
    }


def read_product(row: Row, variants: Sequence[Row]) -> Product:
    return Product(
        id=row["product_id"],
        title=row["title"],
        variants=tuple(_read_variant(variant) for variant in variants),
        source=row["source"],
        as_of=row["as_of"],
        stock_as_of=row["stock_as_of"],
        item_id=row["item_id"],
        title_en=row["title_en"],
        aliases=tuple(row["aliases"]),
        category=row["category"],
        url=row["url"],
        price=row["price"],
        attributes=row["attributes"],
    )


def variant_row(shop: str, product: str, variant: Variant, position: int) -> JsonRow:
    return {
        "shop_id": shop,
        "sku": variant.sku,
        "product_id": product,
        "position": position,
        "options": dict(variant.options),
        "stock": variant.stock,
        "restock_date": _day(variant.restock_date),
        "price": _number(variant.price),
        "stock_as_of": _moment(variant.stock_as_of),
    }


def _read_variant(row: Row) -> Variant:
    return Variant(
        sku=row["sku"],
        options=row["options"],
        stock=row["stock"],
        restock_date=row["restock_date"],
        price=row["price"],
        stock_as_of=row["stock_as_of"],
    )


def shipping_row(shop: str, rule: ShippingRule, position: int) -> JsonRow:
    return {
        "shop_id": shop,
        "position": position,
        "regions": list(rule.regions),
        "courier": rule.courier,
        "fee": _number(rule.fee),
        "free_from": _number(rule.free_from),
        "days": rule.days,
        "source": rule.source,
        "as_of": rule.as_of.isoformat(),
        "note": rule.note,
    }


def read_shipping(row: Row) -> ShippingRule:
    return ShippingRule(
        regions=tuple(row["regions"]),
        courier=row["courier"],
        fee=row["fee"],
        free_from=row["free_from"],
        days=row["days"],
        source=row["source"],
        as_of=row["as_of"],
        note=row["note"],
    )


def fact_row(shop: str, fact: Fact) -> JsonRow:
    return {
        "shop_id": shop,
        "name": fact.name,
        "value": fact.value,
        "kind": fact.kind,
        "source": fact.source,
        "as_of": fact.as_of.isoformat(),
        "ttl": _interval(fact.ttl),
    }


def read_fact(row: Row) -> Fact:
    return Fact(
        name=row["name"],
        value=row["value"],
        kind=row["kind"],
        source=row["source"],
        as_of=row["as_of"],
        ttl=row["ttl"],
    )


def lifetime_row(shop: str, kind: str, lifetime: timedelta) -> JsonRow:
    return {"shop_id": shop, "kind": kind, "lifetime": _interval(lifetime)}


def order_row(shop: str, order: Order) -> JsonRow:
    return {
        "shop_id": shop,
        "order_no": order.order_no,
        "status": order.status,
        "items": list(order.items),
        "source": order.source,
        "as_of": order.as_of.isoformat(),
        "buyer_id": order.buyer_id,
        "phone_last4": order.phone_last4,
        "amount": _number(order.amount),
        "paid_at": _moment(order.paid_at),
        "shipped_at": _moment(order.shipped_at),
        "promised_ship_by": _moment(order.promised_ship_by),
        "courier": order.courier,
        "tracking_no": order.tracking_no,
        "tracking_status": order.tracking_status,
        "eta": _day(order.eta),
    }


def read_order(row: Row) -> Order:
    return Order(
        order_no=row["order_no"],
        status=row["status"],
        items=tuple(row["items"]),
        source=row["source"],
        as_of=row["as_of"],
        buyer_id=row["buyer_id"],
        phone_last4=row["phone_last4"],
        amount=row["amount"],
        paid_at=row["paid_at"],
        shipped_at=row["shipped_at"],
        promised_ship_by=row["promised_ship_by"],
        courier=row["courier"],
        tracking_no=row["tracking_no"],
        tracking_status=row["tracking_status"],
        eta=row["eta"],
    )


def event_row(shop: str, event: Event) -> JsonRow:
    return {
        "shop_id": shop,
        "at": event.at.isoformat(),
        "kind": event.kind,
        "conversation": event.conversation,
        "data": dict(event.data),
        "message": event.message,
    }


def read_event(row: Row) -> Event:
    return Event(row["kind"], row["at"], row["conversation"], row["data"], row["message"])


def _number(value: Decimal | None) -> str | None:
    # As text: a JSON number would pass through a float on its way.
    return str(value) if value is not None else None


def _day(value: date | None) -> str | None:
    return value.isoformat() if value is not None else None


def _interval(value: timedelta | None) -> str | None:
    return f"{value / timedelta(microseconds=1):.0f} microseconds" if value is not None else None
