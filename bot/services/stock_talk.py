"""What a dialogue says about stock: which product and variant is meant, whether it is there, when it comes back, what lies near."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Final

from bot.domain.auto_reply import Reason
from bot.domain.catalogue import Mention
from bot.domain.facts import TIME_TO_LIVE, Product, Variant
from bot.domain.giving_up import cannot_tell, gives_up, has_decided, nth_of, takes_any
from bot.domain.intents import INTENT_GROUP
from bot.domain.stock_choice import (
    Shelf,
    Wanted,
    has_bare_number,
    like_colour,
    pieces_wanted,
    read_loosely,
    read_wanted,
    without_denied,
)
from bot.domain.text import asks
from bot.domain.topic_words import (
    asks_for_choices,
    asks_for_stock,
    asks_price,
    asks_something_else,
    asks_when_back,
)
from bot.services.context import is_fragment, previous_question, resolve_mention
from bot.services.stock_news import GROUP, StockNews
from bot.services.stock_prices import told_price
from bot.services.talk_reading import TalkReader, TalkScene
from bot.services.told import SILENCE, Answer, Told

OPENINGS: Final = frozenset({"stock_available", "stock_variant", "stock_restock"})
MOST_ASKED: Final = 2
"""Questions back before the buyer is told what there is, or a person goes on."""
_SHORT: Final = 14
_LITTLE: Final = 4
"""With no more characters beside a variant's name it is named and nothing else."""
_ASKS_MILDLY: Final = re.compile(r"[?？]|[吧伐呗咩啵捏咧嘞撒木][\s。！!~～]*$")
_INSTEAD: Final = re.compile(r"不[要是]|换|改|还是|看看|要不|\bnot\b|\binstead\b", re.IGNORECASE)
_LISTS: Final = re.compile(
    r"哪些|哪几|几[个种款]|什么(?:颜色|色|尺码|码|口味|味|款|规格)|啥(?:颜色|色|码|味)|还有别的|其[他它]"
    r"|\b(?:which|what (?:colou?rs?|sizes?|flavou?rs?)|options)\b",
    re.IGNORECASE,
)


_COMPARES: Final = re.compile(r"差|分别|各|都|一样|区别|贵|\beach\b|\bdifference\b", re.IGNORECASE)
"""Asked like this, the price of one variant is no answer."""


@dataclass(frozen=True, slots=True)
class StockState:
    """What a dialogue about stock has understood so far, and what it waits for: "product" or "variant".

    `choices` are ids of what was named in the question: of products, or the skus of variants. `heard` says how the last
    answer was taken: "" for a first question, "aside" for something else that was asked, "unclear".
    """

    intent: str
    asks: str
    products: tuple[str, ...] = ()
    options: Mapping[str, str] = field(default_factory=dict)
    choices: tuple[str, ...] = ()
    asked: int = 1
    heard: str = ""

    def as_json(self) -> dict[str, Any]:
        """Return the state as JSON values."""
        return {
            "intent": self.intent, "asks": self.asks, "products": list(self.products), "options": dict(self.options),
            "choices": list(self.choices), "asked": self.asked, "heard": self.heard,
        }  # fmt: skip

    @staticmethod
    def of_json(kept: Mapping[str, Any]) -> StockState:
        """Return the state that was kept."""
        return StockState(
            kept["intent"], kept["asks"], tuple(kept["products"]), kept["options"], tuple(kept["choices"]),
            kept["asked"], kept["heard"],
        )  # fmt: skip


@dataclass(frozen=True, slots=True)
class StockStep:
    """What follows from a turn: what is said, and what is waited for (None: the dialogue is over).

    `leaves_for_order`: the buyer asks about an order or a parcel instead.
    """

    answer: Answer = SILENCE
    state: StockState | None = None
    leaves_for_order: bool = False


_OVER: Final = StockStep()


class StockTalk:
    """Answers for any shop out of that shop's catalogue alone."""

    def __init__(self, reader: TalkReader) -> None:
        self._reader = reader

    async def begin(
        self, shop: str, conversation: str, intent: str, text: str, language: str, *, is_meant: bool = False
    ) -> StockStep:
        """Return what follows from a question about stock; `is_meant`: it is one whatever it was read as. Raises NotFound."""
        scene = await self._reader.read(shop, conversation, text)
        wanted = _wanted_in(scene)
        if not wanted.mention.item_known or not scene.live.snapshot.products:
            return _OVER
        price = _price(scene, wanted, language) if asks_price(scene.text) else None
        if asks_price(scene.text) and not asks_for_stock(scene.text):
            return StockStep(Answer((price,))) if price else _OVER
        if intent not in OPENINGS:
            if not is_meant and not _is_about_stock(scene):
                return _OVER
            intent = "stock_available"
        if asks_when_back(scene.text):
            intent = "stock_restock"
        step = self._next(scene, StockState(intent, "", asked=0), wanted, language)
        if price is None or step.state is not None or step.answer.person is not None:
            return step
        return replace(step, answer=Answer((*step.answer.bubbles, price)))

    async def hear(
        self, shop: str, conversation: str, state: StockState, intent: str, text: str, language: str
    ) -> StockStep:
        """Return what follows from what the buyer said to the question of `state`. Raises NotFound."""
        scene = await self._reader.read(shop, conversation, text)
        if intent == "human_request":
            return StockStep(Answer(person=Reason.ASKED_FOR_PERSON))
        if gives_up(scene.text):
            return StockStep(Answer((Told(GROUP, "utter_stock_stopped"),)))
        if INTENT_GROUP.get(intent) == "logistics":
            return StockStep(leaves_for_order=True)
        wanted = _answered(scene, state)
        if wanted is not None:
            return self._next(scene, replace(state, heard=""), wanted, language)
        if takes_any(scene.text) and state.asks == "variant":
            return self._next(scene, replace(state, asked=MOST_ASKED), _kept(state), language)
        if asks_price(scene.text) and (price := _price(scene, _kept(state), language)):
            return StockStep(Answer((price,)), replace(state, heard="aside"))
        if INTENT_GROUP.get(intent) not in (GROUP, "other") and asks(scene.text):
            # Reminded once: who asks something else again has left the question.
            return _OVER if state.heard == "aside" else StockStep(state=replace(state, heard="aside"))
        if has_decided(scene.text):
            return _OVER
        if cannot_tell(scene.text):
            return StockStep(_for_person("stock_which"))
        return _waiting(replace(state, heard="unclear"))

    async def question(self, shop: str, conversation: str, state: StockState, language: str) -> Told:
        """Return the question that `state` waits for an answer to. Raises NotFound."""
        scene = await self._reader.read(shop, conversation, "")
        news = StockNews(scene, language)
        if state.asks == "product":
            return news.which_product(state.choices, is_again=state.heard == "unclear")
        shelf = _shelf(scene, scene.live.snapshot.products[state.products[0]])
        chosen = [each for each in shelf.product.variants if each.sku in state.choices]
        return news.which_variant(shelf, shelf.offered(chosen), is_again=state.heard == "unclear")

    def _next(self, scene: TalkScene, state: StockState, wanted: Wanted, language: str) -> StockStep:
        news = StockNews(scene, language)
        products = _products(scene, wanted)
        if len(products) != 1:
            in_stock = [each.id for each in products if _shelf(scene, each).offered()]
            if products and not in_stock:
                return _OVER if not state.asked else StockStep(_for_person("stock_which"))
            return _asking(state, "product", wanted.mention, in_stock)
        shelf = _shelf(scene, products[0])
        now = scene.live.catalogue.find(scene.text).options
        short = {} if wanted.is_chosen else _short_names(scene, products[0], now)
        named = {**wanted.mention.options, **short}
        mention = Mention((products[0].id,), like_colour(products[0], named))
        if not shelf.has_options(mention.options):
            return _OVER if not state.asked else StockStep(_for_person("stock_which"))
        fitting = shelf.fitting(mention.options, wanted.denied)
        if not fitting:
            return StockStep(news.no_such(shelf, mention.options))
        known = [each for each in fitting if each.stock is not None]
        if not known:
            return _OVER if not state.asked else StockStep(_for_person("stock_unknown", mention, language))
        if not all(map(shelf.is_fresh, known)):
            return StockStep(
                Answer(person=Reason.STALE_FACTS, open=news.open_lines("stock_stale", shelf.product))
            )
        return self._of_variants(scene, state, Wanted(mention, wanted.denied), shelf, known, news)

    def _of_variants(
        self,
        scene: TalkScene,
        state: StockState,
        wanted: Wanted,
        shelf: Shelf,
        known: Sequence[Variant],
        news: StockNews,
    ) -> StockStep:
        """Return what follows when the product is one and the stock of its fitting variants is known and fresh."""
        offered = shelf.offered(known)
        pieces = pieces_wanted(scene.text, shelf.product)
        if len(known) == 1 and 0 < (known[0].stock or 0) < pieces:
            return StockStep(news.too_few(shelf.product, known[0], pieces))
        if len(known) == 1:
            return StockStep(news.of_one(shelf, known[0], wanted.mention, state.intent))
        if state.intent == "stock_restock" and len(offered) < len(known):
            return StockStep(news.restock_of(shelf, [each for each in known if not each.stock]))
        if not offered:
            return StockStep(news.all_out(shelf, known, wanted.mention, state.intent))
        lists = bool(_LISTS.search(scene.text)) or state.asked >= MOST_ASKED
        if len(offered) == 1 or lists or not shelf.open_option(offered):
            return StockStep(news.in_stock(shelf, offered))
        return _asking(state, "variant", wanted.mention, [each.sku for each in offered])


def _asking(state: StockState, what: str, mention: Mention, choices: Sequence[str]) -> StockStep:
    if state.asked >= MOST_ASKED:
        return StockStep(_for_person("stock_which"))
    return StockStep(
        state=StockState(
            state.intent, what, mention.products, dict(mention.options), tuple(choices), state.asked + 1
        )
    )


def _waiting(state: StockState) -> StockStep:
    """Ask once more; who was asked twice in vain is left to a person."""
    if state.asked >= MOST_ASKED:
        return StockStep(_for_person("stock_which"))
    return StockStep(state=replace(state, asked=state.asked + 1))


_OPEN: Final = {
    "stock_which": "还没弄清买家要哪一款、哪个规格 which product and variant is not clear yet",
    "stock_unknown": "这个规格的库存没有数据 the stock of this variant is not known",
}


def _for_person(what: str, mention: Mention | None = None, language: str = "zh") -> Answer:
    reason = Reason.ASKED_BACK_OFTEN if what == "stock_which" else Reason.NEEDS_PERSON
    named = f" ({' '.join(mention.options.values())})" if mention and mention.options else ""
    return Answer(person=reason, open=(_OPEN[what] + named,))


def _wanted_in(scene: TalkScene) -> Wanted:
    """Return what the turn speaks of, its conversation included, and what it refuses."""
    catalogue = scene.live.catalogue
    now = read_wanted(catalogue, scene.text, scene.message.item_ids)
    text = without_denied(catalogue, scene.text)
    past = [replace(turn, text=without_denied(catalogue, turn.text)) for turn in scene.past]
    return Wanted(resolve_mention(catalogue, scene.message, text, past), now.denied)


def _answered(scene: TalkScene, state: StockState) -> Wanted | None:
    """Return what is wanted after the answer; None when it names nothing of the catalogue."""
    catalogue = scene.live.catalogue
    said = read_wanted(catalogue, scene.text, scene.message.item_ids)
    if not said.mention.item_known:
        return None
    place = nth_of(scene.text, len(state.choices))
    if place is not None and not said.mention.products and not said.mention.options:
        return _chosen(scene, state, state.choices[place])
    if not (said.mention.products or said.mention.options or said.denied):
        return _called(scene, state)
    if said.mention.products and not set(said.mention.products) & set(state.products):
        # Another product: what was said of the first one is no longer meant, unless the question was just which product.
        kept = state.options if state.asks == "product" else {}
        return Wanted(replace(said.mention, options={**kept, **said.mention.options}), said.denied)
    kept = {name: value for name, value in state.options.items() if said.denied.get(name) != value}
    products = said.mention.products or state.products
    return Wanted(Mention(products, {**kept, **said.mention.options}), said.denied)


def _called(scene: TalkScene, state: StockState) -> Wanted | None:
    """Return what is wanted when the answer names one of the choices by a part of its name: 「风扇」, 「29的」."""
    products = scene.live.snapshot.products
    if state.asks == "product":
        said = {
            product: _likeness(scene.text, products[product])
            for product in state.choices
            if product in products
        }
        best = max(said.values(), default=0)
        called = [product for product, likeness in said.items() if likeness == best > 0]
        return _chosen(scene, state, called[0]) if len(called) == 1 else None
    product = products.get(state.products[0])
    short = read_loosely(product, scene.text, {}) if product else {}
    return Wanted(Mention(state.products, {**state.options, **short}), {}) if short else None


def _likeness(text: str, product: Product) -> int:
    names = " ".join((product.title, *product.aliases))
    return sum(text[i : i + 2] in names for i in range(len(text) - 1))


def _chosen(scene: TalkScene, state: StockState, choice: str) -> Wanted:
    if state.asks == "product":
        return Wanted(Mention((choice,), state.options), {}, is_chosen=True)
    product = scene.live.snapshot.products.get(state.products[0])
    variants = product.variants if product else ()
    options = next((each.options for each in variants if each.sku == choice), state.options)
    return Wanted(Mention(state.products, options), {}, is_chosen=True)


def _kept(state: StockState) -> Wanted:
    return Wanted(Mention(state.products, state.options), {})


def _products(scene: TalkScene, wanted: Wanted) -> list[Product]:
    """Return the products that may be meant: those named, else those that come in the options named, else the only one."""
    catalogue, mention = scene.live.catalogue, wanted.mention
    if mention.products:
        named = catalogue.products_of(mention)
        fitting = {product.id for product, _ in catalogue.matching_variants(mention)}
        return [each for each in named if each.id in fitting] or named[:1]
    if mention.options:
        return list({product.id: product for product, _ in catalogue.matching_variants(mention)}.values())
    everything = list(scene.live.snapshot.products.values())
    return everything if len(everything) == 1 else []


def _short_names(scene: TalkScene, product: Product, named: Mapping[str, str]) -> dict[str, str]:
    """Return options of the product that the turn names short, those left out that it refuses."""
    return read_loosely(product, without_denied(scene.live.catalogue, scene.text), named)


def _price(scene: TalkScene, wanted: Wanted, language: str) -> Told | None:
    """Return what the one product that is meant costs; None where there is not one, or no price is known."""
    products = _products(scene, wanted)
    if len(products) != 1:
        return None
    named = scene.live.catalogue.find(scene.text).options
    short = _short_names(scene, products[0], named)
    options = {} if _COMPARES.search(scene.text) else {**wanted.mention.options, **short}
    return told_price(scene, products[0], options, language)


def _is_about_stock(scene: TalkScene) -> bool:
    """Whether the turn asks for something of this shop's by its name, though it was read as something else."""
    if asks_for_choices(scene.text):
        return bool(_products(scene, _wanted_in(scene)))
    if asks_for_stock(scene.text):
        return _is_named(scene)
    earlier = previous_question(scene.past, scene.live.catalogue)
    follows = earlier is not None and asks_for_stock(earlier.text)
    return names_variant(scene.live.catalogue.find(scene.text), scene.text, follows=follows)


def names_variant(mention: Mention, text: str, *, follows: bool) -> bool:
    """Whether the words name a variant or a product, and no more than that or what it costs.

    One that was asked for before need not be named in full; without such a question it takes two options: 「黑L」, 「白色5000」.
    """
    named = bool(mention.options or mention.products)
    if asks_price(text):
        return named or follows
    if not follows:
        said = len(mention.options) + (bool(mention.options) and has_bare_number(text))
        return said > 1 and is_fragment(text, mention)
    return named and (is_fragment(text, mention) or (len(text) <= _SHORT and bool(_INSTEAD.search(text))))


def asks_of_kind(text: str, mention: Mention) -> bool:
    """Whether the words ask something of a variant, and it can hardly be else than whether it is there."""
    if not mention.options or asks_something_else(text):
        return False
    rest = len(text) - sum(map(len, mention.options.values()))
    return asks(text) or bool(_ASKS_MILDLY.search(text)) or rest <= _LITTLE


def _is_named(scene: TalkScene) -> bool:
    """Whether the turn names a product or an option of the shop, in full or short."""
    catalogue, text = scene.live.catalogue, scene.text
    named = catalogue.find(text)
    if named.products or named.options:
        return True
    products = catalogue.products_of(resolve_mention(catalogue, scene.message, text, scene.past))
    return len(products) == 1 and bool(read_loosely(products[0], text, {}))


def _shelf(scene: TalkScene, product: Product) -> Shelf:
    return Shelf(product, scene.now, scene.live.snapshot.lifetimes.get("stock", TIME_TO_LIVE["stock"]))
