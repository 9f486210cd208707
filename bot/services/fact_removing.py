"""Rows taken out of tables of facts: what a shop states without them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from bot.domain.facts import Product
from bot.ports import NotFound, ShopFacts
from bot.services.documents import Loading
from bot.services.fact_lists import rule_key

_NO_SUCH_ROW = "没有这一行，可能已被删除。 there is no such row in this shop; it may have been deleted"


@dataclass(frozen=True, slots=True)
class Removal:
    """What the shop states without the rows; products that lost variants, and keys of items of which nothing is left."""

    facts: ShopFacts
    products: Mapping[str, Product]
    gone: tuple[str, ...]


def remove_rows(
    known: ShopFacts, orders: Sequence[str], table: str, keys: Sequence[str], loading: Loading
) -> Removal:
    """Take rows out by their keys; `orders` are the shop's among these. Raises NotFound when the shop has not such a row."""
    if table == "products":
        return _without_variants(known, keys, loading)
    held = {
        "shipping": [rule_key(rule) for rule in known.shipping],
        "facts": list(known.facts),
        "orders": list(orders),
    }.get(table, [])
    if missing := sorted(set(keys) - set(held)):
        raise NotFound(f"{_NO_SUCH_ROW}: {missing[0][:80]}")
    gone = set(keys)
    kept = replace(
        known,
        facts={n: f for n, f in known.facts.items() if table != "facts" or n not in gone},
        shipping=tuple(r for r in known.shipping if table != "shipping" or rule_key(r) not in gone),
    )
    return Removal(kept, {}, tuple(sorted(gone)))


def _without_variants(known: ShopFacts, keys: Sequence[str], loading: Loading) -> Removal:
    """A product without a row is gone; a row of the table may bring it back, so that its other columns are kept."""
    products = dict(known.products)
    changed: dict[str, Product] = {}
    for key in keys:
        product, _, sku = key.partition("/")
        held = products.get(product)
        if held is None or not (any(v.sku == sku for v in held.variants) if sku else not held.variants):
            raise NotFound(f"{_NO_SUCH_ROW}: {key[:80]}")
        variants = tuple(variant for variant in held.variants if variant.sku != sku)
        products[product] = replace(held, variants=variants, source=loading.source)
        changed[product] = products[product]
    gone = tuple(sorted(product for product, each in changed.items() if not each.variants))
    left = {product: each for product, each in changed.items() if each.variants}
    return Removal(replace(known, products=products), left, gone)
