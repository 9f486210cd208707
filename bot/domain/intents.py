"""The intents that Kuaihui tells apart, and the group (an agent's drawer) that each belongs to."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

GROUPS: Final = (
    "stock",
    "shipping",
    "logistics",
    "invoice",
    "return_refund",
    "price_promo",
    "product_info",
    "order_change",
    "greeting_thanks",
    "other",
)

_INTENTS_BY_GROUP: Final[dict[str, tuple[str, ...]]] = {
    "stock": ("stock_available", "stock_variant", "stock_restock", "stock_cannot_buy"),
    "shipping": ("ship_when", "ship_courier", "ship_duration", "ship_fee", "ship_region"),
    "logistics": ("logistics_track", "logistics_not_received", "logistics_urge"),
    "invoice": ("invoice_can", "invoice_type", "invoice_details", "invoice_when", "invoice_change"),
    "return_refund": ("return_how", "refund_when", "exchange", "quality_problem", "return_fee"),
    "price_promo": ("price_bargain", "coupon", "gift", "price_protection"),
    "product_info": (
        "product_material",
        "product_size_advice",
        "product_usage",
        "product_shelf_life",
        "product_compare",
        "product_authentic",
    ),
    "order_change": ("order_cancel", "order_address", "order_remark"),
    "greeting_thanks": ("greet", "acknowledge", "goodbye"),
    "other": ("deny", "inform", "human_request", "complaint", "chitchat", "out_of_scope"),
}

INTENT_GROUP: Final = MappingProxyType(
    {intent: group for group, intents in _INTENTS_BY_GROUP.items() for intent in intents}
)

ENTITY_NAMES: Final = (
    "colour",
    "size",
    "flavour",
    "quantity",
    "region",
    "courier",
    "order_number",
    "tracking_number",
    "invoice_type",
    "invoice_heading",
    "tax_number",
    "email",
    "date",
)

SILENT_INTENTS: Final = frozenset({"acknowledge", "goodbye", "deny", "inform", "chitchat", "out_of_scope"})
"""Intents that no FAQ entry answers by itself: alone they are met with silence."""


@dataclass(frozen=True, slots=True)
class IntentScore:
    """One intent with the classifier's confidence in it, 0 to 1."""

    intent: str
    group: str
    confidence: float


@dataclass(frozen=True, slots=True)
class Entity:
    """A named piece of a message: ``text[start:end]`` says `value`, which is a `name` (one of ENTITY_NAMES)."""

    name: str
    value: str
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Understanding:
    """What the classifier made of one text: intents by falling confidence, and entities by position.

    `only_person` is the probability that only a person may settle it; None where the model has not learned to tell.
    """

    intents: tuple[IntentScore, ...] = ()
    entities: tuple[Entity, ...] = ()
    only_person: float | None = None

    def group_confidence(self, group: str) -> float:
        """Return the confidence that the text belongs to the group: that of its intents together."""
        return group_confidence(self.intents, group)


def group_confidence(intents: Iterable[IntentScore], group: str) -> float:
    """Return the confidence that a text of these intents belongs to the group: that of its intents together."""
    return min(1.0, sum(score.confidence for score in intents if score.group == group))
