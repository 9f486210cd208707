"""What an owner should know before an entry is published: what else of the same shop asks or promises the same."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from bot.domain.claims import Claim, claims_of, value_stated
from bot.domain.entry import Entry, Scope, Validity
from bot.domain.facts import Fact, Product, ShippingRule
from bot.domain.template import Template, parse_template
from bot.domain.variables import PRODUCT_ATTRIBUTES, Variable

_MONDAY: Final = datetime(2024, 1, 1)
_SAYS_SOMETHING: Final = 8
"""Shorter replies may well be the same: 在的亲."""
_HALF_HOURS: Final = tuple(_MONDAY + timedelta(minutes=30 * step) for step in range(7 * 48))


@dataclass(frozen=True, slots=True)
class EntryWarning:
    """One warning. `kind` is

    "alike": `other` asks the same; "taken": the phrasing `text` stands in `other` word for word; "belongs": `other` fits it
    better; "same_reply": `other` says the same; "contradiction": `text` promises what `there` contradicts, in `other` or,
    without one, in the shop's fact of the `variable`; "no_fact": the variable has no fact, or only `have` of `of` products do.
    `field` is the field of the entry that it is about.
    """

    kind: str
    field: str
    text: str = ""
    other: Entry | None = None
    there: str = ""
    variable: str = ""
    have: int = 0
    of: int = 0


@dataclass(frozen=True, slots=True)
class EntryReading:
    """What another entry is compared by: its promises, and the plain letters of its phrasings and its reply."""

    entry: Entry
    claims: Mapping[str, Claim]
    asked: tuple[str, ...]
    reply: str


def read_entry(entry: Entry, facts: Mapping[str, Fact]) -> EntryReading:
    """Return the entry as others are compared with it, in a shop of these facts."""
    asked = tuple(map(plain_of, entry.all_phrasings))
    return EntryReading(entry, claims_of(_spoken(entry, facts)), asked, plain_of(entry.reply))


def contradictions(
    entry: Entry, others: Iterable[EntryReading], facts: Mapping[str, Fact], products: Mapping[str, Product]
) -> Iterator[EntryWarning]:
    """Yield where the entry promises other than another that may be said to the same buyer, or than the shop's own facts."""
    own = claims_of(_spoken(entry, facts))
    if not own:
        return
    for topic, claim in own.items():
        fact = facts.get(topic)
        stated = value_stated(topic, fact.value) if fact is not None else None
        if fact is not None and stated not in (None, claim.value):
            yield EntryWarning("contradiction", "reply", claim.said, there=fact.value, variable=topic)
    for other in others:
        meeting: list[Claim] = [
            claim
            for topic, claim in own.items()
            if topic in other.claims and other.claims[topic].value != claim.value
        ]
        if meeting and _may_meet(entry, other.entry, products):
            for claim in meeting:
                there = other.claims[claim.topic].said
                yield EntryWarning("contradiction", "reply", claim.said, other.entry, there, claim.topic)


def _spoken(entry: Entry, facts: Mapping[str, Fact]) -> dict[str, str]:
    """Return the entry's texts by case as far as the whole shop's facts fill them; the rest reads as a gap."""

    def value_of(variable: Variable) -> str:
        fact = facts.get(variable.name)
        return fact.value if fact is not None else "…"

    texts = {"": f"{entry.reply}\n{entry.fallback}", **entry.cases}
    return {case: parse_template(text).fill(value_of) or "" for case, text in texts.items()}


def _may_meet(one: Entry, other: Entry, products: Mapping[str, Product]) -> bool:
    """Whether there are a product and a moment for which both hold."""
    if not (one.scope.is_open() or other.scope.is_open()):
        both = _products_of(one.scope, products) & _products_of(other.scope, products)
        if not both and not set(one.scope.categories) & set(other.scope.categories):
            return False
    first, second = one.validity, other.validity
    since = max(filter(None, (first.since, second.since)), default=None)
    until = min(filter(None, (first.until, second.until)), default=None)
    if since is not None and until is not None and since >= until:
        return False
    if not first.weekly or not second.weekly:
        return True
    weeks = Validity(weekly=first.weekly), Validity(weekly=second.weekly)
    return any(all(week.holds_at(moment) for week in weeks) for moment in _HALF_HOURS)


def _products_of(scope: Scope, products: Mapping[str, Product]) -> set[str]:
    inside = {product.id for product in products.values() if product.category in scope.categories}
    return inside | set(scope.products)


def without_facts(
    entry: Entry,
    facts: Mapping[str, Fact],
    shipping: Iterable[ShippingRule],
    products: Mapping[str, Product],
    *,
    has_orders: bool,
) -> Iterator[EntryWarning]:
    """Yield the variables without a fallback that the shop, or the products the entry is for, have no fact for."""
    meant = [products[name] for name in sorted(_products_of(entry.scope, products)) if name in products]
    if entry.scope.is_open():
        meant = list(products.values())
    rules, seen = tuple(shipping), set[str]()
    for field, text in (("reply", entry.reply), *_case_fields(entry), ("fallback", entry.fallback)):
        for variable in _needed(parse_template(text)):
            if variable.name in seen:
                continue
            seen.add(variable.name)
            have, of = _known(variable, facts, rules, meant, has_orders=has_orders)
            if have < of or not have:
                yield EntryWarning("no_fact", field, variable=variable.name, have=have, of=of)


def _case_fields(entry: Entry) -> list[tuple[str, str]]:
    return [(f"cases.{case}", text) for case, text in entry.cases.items()]


def _needed(template: Template) -> list[Variable]:
    return [slot.variable for slot in template.slots if slot.fallback is None]


def _known(
    variable: Variable,
    facts: Mapping[str, Fact],
    rules: tuple[ShippingRule, ...],
    products: list[Product],
    *,
    has_orders: bool,
) -> tuple[int, int]:
    """Return for how many of how many the variable has a fact: of one, or of the products where it is one of theirs."""
    name = variable.name
    if variable.source == "shop":
        return int(name == "shop_name" or name in facts), 1
    if variable.source == "order":
        return int(has_orders), 1
    if variable.source == "region":
        return int(any(_tells(rule, name) for rule in rules)), 1
    if name in PRODUCT_ATTRIBUTES:
        return sum(bool(product.attributes.get(name)) for product in products), len(products)
    return int(any(_has(product, name) for product in products)), 1


def _tells(rule: ShippingRule, name: str) -> bool:
    values = {
        "courier": rule.courier, "shipping_fee": rule.fee, "free_shipping": rule.free_from, "delivery_days": rule.days,
        "region_note": rule.note,
    }  # fmt: skip
    return name not in values or values[name] not in ("", None)


def _has(product: Product, name: str) -> bool:
    if name == "price":
        return product.price is not None or any(each.price is not None for each in product.variants)
    if name in ("stock", "available_variants", "matching_products"):
        return any(each.stock is not None for each in product.variants)
    if name == "restock_date":
        return any(each.restock_date is not None for each in product.variants)
    if name == "product_url":
        return bool(product.url)
    if name == "variant":
        return any(each.options for each in product.variants)
    return True


def taken_words(entry: Entry, others: Iterable[EntryReading]) -> Iterator[EntryWarning]:
    """Yield the phrasings, and the reply, that stand in another entry, letters and signs of punctuation aside."""
    asked = {plain: (field, text) for field, text in _asked(entry) if (plain := plain_of(text))}
    reply = plain_of(entry.reply)
    for other in others:
        for text in other.asked:
            if (mine := asked.get(text)) is not None:
                yield EntryWarning("taken", mine[0], mine[1], other.entry)
        if len(reply) >= _SAYS_SOMETHING and other.reply == reply:
            yield EntryWarning("same_reply", "reply", other=other.entry)


def _asked(entry: Entry) -> list[tuple[str, str]]:
    return [
        ("question", entry.question),
        *((f"phrasings[{at}]", each) for at, each in enumerate(entry.phrasings)),
    ]


def plain_of(text: str) -> str:
    """Return the letters and digits of a text, small."""
    return "".join(filter(str.isalnum, text)).lower()
