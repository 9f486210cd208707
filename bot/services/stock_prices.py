"""What a product costs, as the catalogue has it: one price, or what each kind of it costs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Final

from bot.domain.catalogue import Mention
from bot.domain.facts import Product, Variant
from bot.domain.resolving import Subject, money
from bot.domain.stock_choice import Shelf, label_of, listed, say_options, title_of
from bot.services.filling import facts_used
from bot.services.talk_reading import TalkScene
from bot.services.told import Told

GROUP: Final = "stock"
"""Prices go with stock, as questions about the catalogue: whether there is something off is another question."""


def told_price(scene: TalkScene, product: Product, options: Mapping[str, str], language: str) -> Told | None:
    """Return what the product costs in these options; None where it does not come in them, or a price is not known."""
    fitting = Shelf(product, scene.now).fitting(options, {})
    prices = {each.sku: price for each in fitting if (price := each.price or product.price) is not None}
    fact = scene.resolver(Subject(Mention((product.id,), options)), language).fact_named("price")
    if fact is None or len(prices) != len(fitting) or not prices:
        return None
    title, facts = title_of(product, language), facts_used([fact], scene.now)
    if len(set(prices.values())) == 1:
        label = label_of(fitting[0], language) if len(fitting) == 1 else say_options(options, language)
        values = {"what": f"{title} {label}".strip(), "price": money(prices[fitting[0].sku])}
        return Told(GROUP, "utter_price_one", values, facts=facts)
    lines = listed(_lines(fitting, prices, language), language)
    return Told(GROUP, "utter_price_each", {"product": title, "lines": lines}, facts=facts)


def _lines(variants: Sequence[Variant], prices: Mapping[str, Decimal], language: str) -> list[str]:
    """Return what each kind costs: by the one option that decides it, else variant by variant."""
    for option in dict.fromkeys(option for each in variants for option in each.options):
        among: dict[str, set[Decimal]] = {}
        for each in variants:
            among.setdefault(each.options.get(option, ""), set()).add(prices[each.sku])
        if "" not in among and all(len(found) == 1 for found in among.values()):
            said = ((say_options({option: value}, language), min(found)) for value, found in among.items())
            return [_line(name, price, language) for name, price in said]
    return [_line(label_of(each, language), prices[each.sku], language) for each in variants]


def _line(name: str, price: Decimal, language: str) -> str:
    return f"{name} {money(price)} yuan" if language == "en" else f"{name} {money(price)}元"
