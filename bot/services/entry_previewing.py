"""Showing an entry's texts as they would be said, filled with real facts of its shop, before anybody saves them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from zoneinfo import ZoneInfo

from bot.domain.catalogue import Mention
from bot.domain.entry import Entry
from bot.domain.facts import Order, Product
from bot.domain.regions import find_place
from bot.domain.resolving import FactResolver, Subject
from bot.domain.suggestion import FactUsed
from bot.ports import Clock, FactStore, NotFound
from bot.services.filling import facts_used, fill_reply, parsed
from bot.services.live_shops import LiveShop, LiveShops
from bot.services.quick_phrases import fill_text

_PRODUCTS = 300
_ORDERS = 20


@dataclass(frozen=True, slots=True)
class About:
    """What the buyer is taken to speak about, "" where nothing: a product, one of its variants, an order, a place."""

    product: str = ""
    sku: str = ""
    order: str = ""
    region: str = ""


@dataclass(frozen=True, slots=True)
class Rendering:
    """One text of an entry, filled. `name` is "reply", "fallback" or a case; what is missing stands as 【name】."""

    name: str
    text: str
    missing: tuple[str, ...]
    facts: tuple[FactUsed, ...]


@dataclass(frozen=True, slots=True)
class EntryPreview:
    """All texts of an entry, and the one that would be said now: None when facts and fallbacks are missing."""

    renderings: tuple[Rendering, ...]
    said: str | None
    case: str


@dataclass(frozen=True, slots=True)
class Material:
    """What a preview can speak about: products of the shop, and its newest orders."""

    products: tuple[Product, ...]
    orders: tuple[Order, ...]


class EntryPreviews:
    """Fills entries that need not be saved with the facts of the shop that each call names."""

    def __init__(self, live_shops: LiveShops, facts: FactStore, clock: Clock) -> None:
        self._live_shops = live_shops
        self._facts = facts
        self._clock = clock

    async def material(self, shop: str) -> Material:
        """Return what a preview can speak about. Raises NotFound."""
        live = await self._live_shops.get(shop)
        products = tuple(live.snapshot.products.values())[:_PRODUCTS]
        return Material(products, tuple(await self._facts.list_orders(shop, _ORDERS)))

    async def preview(self, shop: str, entry: Entry, about: About) -> EntryPreview:
        """Return the entry's texts, filled. Raises NotFound for a product, a variant or an order that is not this shop's."""
        live = await self._live_shops.get(shop)
        snapshot = live.snapshot
        now = self._clock.now().astimezone(ZoneInfo(snapshot.shop.timezone))
        resolver = FactResolver(
            snapshot.shop, snapshot.facts, snapshot.shipping, live.catalogue,
            await self._subject(shop, live, about), now, entry.language, snapshot.lifetimes,
        )  # fmt: skip
        renderings: list[Rendering] = []
        for name, template in _texts(entry).items():
            text, facts = fill_text(template, resolver)
            renderings.append(Rendering(name, text, _missing(template, resolver), facts_used(facts, now)))
        said = fill_reply(entry, resolver)
        if said is None:
            return EntryPreview(tuple(renderings), None, "")
        return EntryPreview(tuple(renderings), said.text, said.case)

    async def _subject(self, shop: str, live: LiveShop, about: About) -> Subject:
        order = await self._facts.find_order(shop, about.order) if about.order else None
        if about.order and order is None:
            raise NotFound("本店没有这个订单号。 this shop has no order of that number")
        return Subject(_mention(live.snapshot.products, about), find_place(about.region), order)


def _mention(products: Mapping[str, Product], about: About) -> Mention:
    if not about.product:
        return Mention()
    product = products.get(about.product)
    if product is None:
        raise NotFound("本店没有这个商品。 this shop has no such product")
    if not about.sku:
        return Mention((product.id,))
    variant = next((each for each in product.variants if each.sku == about.sku), None)
    if variant is None:
        raise NotFound("这个商品没有这个规格。 the product has no such variant")
    return Mention((product.id,), dict(variant.options))


def _texts(entry: Entry) -> dict[str, str]:
    """Return the entry's texts by name, without those that are empty."""
    texts = {"reply": entry.reply, **entry.cases, "fallback": entry.fallback}
    return {name: text for name, text in texts.items() if text.strip()}


def _missing(template: str, resolver: FactResolver) -> tuple[str, ...]:
    """Return the variables that have neither a fact nor a fallback, by name, each once."""
    slots = (slot for slot in parsed(template).slots if slot.fallback is None)
    return tuple(dict.fromkeys(s.variable.name for s in slots if not resolver.value_of(s.variable, {})))
