"""The sentences of a dialogue about stock: in the shop's own words where it has some, else as responses with their values."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from typing import Final

from bot.domain.auto_reply import Reason
from bot.domain.catalogue import Mention
from bot.domain.entry import LOW_STOCK
from bot.domain.facts import Product, Variant
from bot.domain.resolving import Subject
from bot.domain.stock_choice import MOST_NAMED, Shelf, label_of, listed, say_options, title_of
from bot.domain.suggestion import FactUsed
from bot.services.filling import facts_used
from bot.services.talk_reading import TalkScene
from bot.services.told import Answer, Told, own_words

GROUP: Final = "stock"


class StockNews:
    """Says what is known of stock in one scene. What it is given to offer is in stock; it says of what it rests on."""

    def __init__(self, scene: TalkScene, language: str) -> None:
        self._scene = scene
        self._language = language

    def of_one(self, shelf: Shelf, variant: Variant, mention: Mention, intent: str) -> Answer:
        """Say whether one variant is there; when not, when it comes back and what lies nearest."""
        mention = Mention(mention.products, variant.options or mention.options)
        # What a shop says of a product as a whole is no answer about one of its variants.
        first = ("stock_variant",) if variant.options and intent == "stock_available" else ()
        own = self._own(shelf.product, mention, *first, intent)
        what = f"{title_of(shelf.product, self._language)} {label_of(variant, self._language)}".strip()
        if variant.stock:
            name = "utter_stock_low" if variant.stock <= LOW_STOCK else "utter_stock_in"
            values = {"what": what, "stock": str(variant.stock)}
            return Answer((own or Told(GROUP, name, values, facts=self._stock_facts(shelf, [variant])),))
        said = own or self._out(shelf, [variant], what)
        has_others = any(fact.name == "available_variants" for fact in said.facts)
        return Answer((said,) if has_others else (said, *self._nearest(shelf, variant)))

    def all_out(self, shelf: Shelf, variants: Sequence[Variant], mention: Mention, intent: str) -> Answer:
        """Say that none of several variants is there."""
        wanted = say_options(mention.options, self._language)
        what = f"{title_of(shelf.product, self._language)} {wanted}".strip()
        said = self._own(shelf.product, mention, intent) or self._out(shelf, variants, what)
        has_others = any(fact.name == "available_variants" for fact in said.facts)
        return Answer((said,) if has_others else (said, *self._nearest(shelf, variants[0])))

    def in_stock(self, shelf: Shelf, offered: Sequence[Variant]) -> Answer:
        """Name what is there."""
        return Answer((self._choosing("utter_stock_choices", shelf, offered),))

    def no_such(self, shelf: Shelf, wanted: Mapping[str, str]) -> Answer:
        """Say that the product does not come like that, and how it can be had."""
        offered = shelf.offered()
        name = "utter_stock_no_such" if offered else "utter_stock_no_such_alone"
        return Answer((self._choosing(name, shelf, offered, wanted=say_options(wanted, self._language)),))

    def restock_of(self, shelf: Shelf, missing: Sequence[Variant]) -> Answer:
        """Say when each of several variants is back."""
        if len(missing) == 1:
            return self.of_one(shelf, missing[0], Mention((shelf.product.id,)), "stock_restock")
        lines = [f"{label_of(each, self._language)} {self._back(each)}" for each in missing]
        values = {"product": title_of(shelf.product, self._language), "lines": listed(lines, self._language)}
        facts = self._variant_facts(shelf, missing, "restock_date", values["lines"])
        return Answer((Told(GROUP, "utter_stock_restock_list", values, facts=facts),))

    def too_few(self, product: Product, variant: Variant, pieces: int) -> Answer:
        """Leave to a person who wants more than there is."""
        name = f"{product.title} {variant.label}".strip()
        line = f"{name}：要 {pieces} 件，现有 {variant.stock} 件 wants {pieces}, {variant.stock} in stock"
        return Answer(person=Reason.NEEDS_PERSON, open=(line,))

    def which_product(self, products: Sequence[str], *, is_again: bool) -> Told:
        """Ask which product is meant, naming those that are there when they are few."""
        known = [self._scene.live.snapshot.products.get(each) for each in products]
        names = [title_of(each, self._language) for each in known if each is not None]
        if not names or len(names) > MOST_NAMED:
            return Told(GROUP, "utter_stock_which_product_again" if is_again else "utter_stock_which_product")
        choices = listed(names, self._language)
        return Told(GROUP, "utter_stock_which_of_products", {"choices": choices})

    def which_variant(self, shelf: Shelf, offered: Sequence[Variant], *, is_again: bool) -> Told:
        """Ask which of the variants in stock is meant; of many, the first option in which they differ."""
        name = "utter_stock_which_variant_again" if is_again else "utter_stock_which_variant"
        return self._choosing(name, shelf, offered)

    def open_lines(self, what: str, product: Product) -> tuple[str, ...]:
        """Return what a person is told who goes on."""
        return (f"{product.title}：库存数据过期，请核实 the stock data is too old, please check",)

    def _choosing(self, name: str, shelf: Shelf, offered: Sequence[Variant], **more: str) -> Told:
        choices = listed(self._names(shelf, offered), self._language)
        values = {"product": title_of(shelf.product, self._language), "choices": choices, **more}
        facts = self._variant_facts(shelf, offered, "available_variants", choices) if offered else ()
        return Told(GROUP, name, values, facts=facts)

    def _names(self, shelf: Shelf, offered: Sequence[Variant]) -> list[str]:
        """Return the variants' names; when they are many, the values of the first option in which they differ."""
        names = [label_of(each, self._language) for each in offered]
        if len(set(names)) <= MOST_NAMED or not (option := shelf.open_option(offered)):
            return names
        return [
            say_options({option: v.options[option]}, self._language) for v in offered if option in v.options
        ]

    def _nearest(self, shelf: Shelf, missing: Variant) -> tuple[Told, ...]:
        near = shelf.nearest(missing)
        return (self._choosing("utter_stock_nearest", shelf, near),) if near else ()

    def _out(self, shelf: Shelf, variants: Sequence[Variant], what: str) -> Told:
        facts = self._stock_facts(shelf, variants)
        dates = [day for each in variants if (day := self._day_back(each))]
        if not dates:
            return Told(GROUP, "utter_stock_out", {"what": what}, facts=facts)
        back = self._day(min(dates))
        until = self._variant_facts(shelf, variants, "restock_date", back)
        return Told(GROUP, "utter_stock_out_until", {"what": what, "date": back}, facts=(*facts, *until))

    def _back(self, variant: Variant) -> str:
        day = self._day_back(variant)
        return self._day(day) if day else "no date yet" if self._language == "en" else "时间待定"

    def _day_back(self, variant: Variant) -> date | None:
        """Return when the variant is back; a day that is over says nothing."""
        day = variant.restock_date
        return day if day is not None and day >= self._scene.now.date() else None

    def _day(self, day: date) -> str:
        return f"{day:%b} {day.day}" if self._language == "en" else f"{day.month}月{day.day}日"

    def _own(self, product: Product, mention: Mention, *intents: str) -> Told | None:
        """Return the shop's own words for the first of these intents that has any, unless they rest on old facts."""
        scene, language = self._scene, self._language
        resolver = scene.resolver(Subject(mention), language)
        for intent in intents:
            found = own_words(scene.live, intent, resolver, "stock", language, scene.now, product)
            facts = facts_used(found.facts, scene.now) if found else ()
            if found is not None and not any(fact.stale for fact in facts):
                return Told(GROUP, text=found.text, facts=facts)
        return None

    def _stock_facts(self, shelf: Shelf, variants: Sequence[Variant]) -> tuple[FactUsed, ...]:
        pieces = sum(each.stock or 0 for each in variants)
        return self._variant_facts(shelf, variants, "stock", str(pieces))

    def _variant_facts(
        self, shelf: Shelf, variants: Iterable[Variant], name: str, value: str
    ) -> tuple[FactUsed, ...]:
        """Return one fact that stands for all these variants, as old as the oldest of them."""
        oldest = min(shelf.product.learned_at(each) for each in variants)
        stale = self._scene.now - oldest > shelf.lifetime
        return (FactUsed(name, value, shelf.product.source, oldest.isoformat(timespec="seconds"), stale),)
