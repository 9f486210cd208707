"""Plain data of domain objects: what the API answers and what the commands print with --json."""

from __future__ import annotations

from typing import Any

from bot.domain.entry import Entry, Validity
from bot.domain.facts import Fact, Order, Product, ShippingRule
from bot.domain.intents import IntentScore, Understanding
from bot.domain.shop import Shop
from bot.domain.suggestion import Suggestion, SuggestionResult


def shop_data(shop: Shop) -> dict[str, Any]:
    """Return a shop as plain data."""
    return {
        "id": shop.id, "name": shop.name, "name_en": shop.name_en, "colour": shop.colour, "avatar": shop.avatar,
        "aliases": list(shop.aliases), "timezone": shop.timezone, "languages": list(shop.languages), "demo": shop.is_demo,
    }  # fmt: skip


def intent_data(score: IntentScore) -> dict[str, Any]:
    """Return an intent with its confidence."""
    return {"intent": score.intent, "group": score.group, "confidence": round(score.confidence, 4)}


def result_data(result: SuggestionResult, message_id: str | None = None) -> dict[str, Any]:
    """Return the answer to a message; `id` is the caller's own for the message."""
    return {
        "id": message_id,
        "shop": result.shop,
        "silent": result.silent,
        "reason": result.reason,
        "classifier": result.classifier,
        "embedder": result.embedder,
        "intents": [intent_data(score) for score in result.intents],
        "suggestions": [suggestion_data(suggestion) for suggestion in result.suggestions],
    }


def suggestion_data(suggestion: Suggestion) -> dict[str, Any]:
    """Return a suggestion as plain data."""
    return {
        "id": suggestion.id,
        "text": suggestion.text,
        "confidence": suggestion.confidence,
        "automatic": suggestion.automatic,
        "image": suggestion.image,
        "parts": [
            {"entry": part.entry, "version": part.version, "intent": part.intent, "text": part.text}
            for part in suggestion.parts
        ],
        "facts": [
            {"name": f.name, "value": f.value, "source": f.source, "as_of": f.as_of, "stale": f.stale}
            for f in suggestion.facts
        ],
    }


def understanding_data(understanding: Understanding) -> dict[str, Any]:
    """Return the first intent flat, with all entities: {"intent", "group", "confidence", "entities"}."""
    best = understanding.intents[0] if understanding.intents else IntentScore("out_of_scope", "other", 0.0)
    entities = [
        {"name": e.name, "value": e.value, "start": e.start, "end": e.end} for e in understanding.entities
    ]
    return {**intent_data(best), "entities": entities}


def entry_data(entry: Entry) -> dict[str, Any]:
    """Return an entry as its document, with its version."""
    return {
        "id": entry.id, "group": entry.group, "intent": entry.intent, "question": entry.question,
        "phrasings": list(entry.phrasings), "reply": entry.reply, "cases": dict(entry.cases), "fallback": entry.fallback,
        "scope": {"products": list(entry.scope.products), "categories": list(entry.scope.categories)},
        "validity": _validity_data(entry.validity), "short_code": entry.short_code, "image": entry.image, "language": entry.language,
        "status": entry.status, "version": entry.version,
    }  # fmt: skip


def _validity_data(validity: Validity) -> dict[str, Any]:
    weekly = [
        {"days": [hours.weekday + 1], "since": f"{hours.since:%H:%M}", "until": f"{hours.until:%H:%M}"}
        for hours in validity.weekly
    ]
    return {
        "since": validity.since.isoformat() if validity.since else None,
        "until": validity.until.isoformat() if validity.until else None,
        "weekly": weekly,
    }


def product_data(product: Product) -> dict[str, Any]:
    """Return a product as its document, with source and as-of times."""
    variants = [
        {
            "sku": v.sku, "options": dict(v.options), "stock": v.stock,
            "restock": v.restock_date.isoformat() if v.restock_date else None,
            "price": float(v.price) if v.price is not None else None,
        }
        for v in product.variants
    ]  # fmt: skip
    return {
        "id": product.id, "item_id": product.item_id, "title": product.title, "title_en": product.title_en,
        "aliases": list(product.aliases), "category": product.category, "url": product.url,
        "price": float(product.price) if product.price is not None else None, "attributes": dict(product.attributes),
        "variants": variants, "source": product.source, "as_of": product.as_of.isoformat(),
        "stock_as_of": product.stock_as_of.isoformat(),
    }  # fmt: skip


def fact_data(fact: Fact) -> dict[str, Any]:
    """Return a shop-wide fact."""
    return {"name": fact.name, "value": fact.value, "kind": fact.kind, "source": fact.source,
            "as_of": fact.as_of.isoformat()}  # fmt: skip


def rule_data(rule: ShippingRule) -> dict[str, Any]:
    """Return a shipping rule."""
    return {
        "regions": list(rule.regions), "courier": rule.courier, "fee": float(rule.fee) if rule.fee is not None else None,
        "free_from": float(rule.free_from) if rule.free_from is not None else None, "days": rule.days, "note": rule.note,
        "source": rule.source, "as_of": rule.as_of.isoformat(),
    }  # fmt: skip


def order_data(order: Order) -> dict[str, Any]:
    """Return an order; the buyer's phone digits stay out."""
    return {
        "order_no": order.order_no, "status": order.status, "items": list(order.items),
        "amount": float(order.amount) if order.amount is not None else None, "courier": order.courier,
        "tracking_no": order.tracking_no, "tracking_status": order.tracking_status,
        "paid_at": order.paid_at.isoformat() if order.paid_at else None,
        "promised_ship_by": order.promised_ship_by.isoformat() if order.promised_ship_by else None,
        "shipped_at": order.shipped_at.isoformat() if order.shipped_at else None,
        "eta": order.eta.isoformat() if order.eta else None, "source": order.source, "as_of": order.as_of.isoformat(),
    }  # fmt: skip
