"""What a message leaves out, taken from its conversation: the product, the question, the options, the place, the order."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from bot.domain.catalogue import Catalogue, Mention
from bot.domain.conversation import Turn
from bot.domain.facts import Order, Product
from bot.domain.regions import find_place
from bot.domain.resolving import Subject
from bot.domain.text import (
    ReadMessage,
    UnreadableMessage,
    asks,
    is_acknowledgement,
    is_follow_up,
    is_opener,
    read_message,
    strip_opener,
)
from bot.ports import FactStore, TextNormaliser
from bot.services.composing import SURE, Reading

_FRAGMENT = 10
_REMARK = 16
"""What is longer says what it means by itself."""
_HALF = 0.5
_ANSWER = 0.25
"""A statement after the shop's question is its answer: it says little by itself."""
_FACTS = frozenset({"inform", "deny"})
_LEANING = re.compile(r"那|可是?|但|要是|如果|and |but |then ")
_ORDERS_LOOKED_UP = 3
_OTHERS = re.compile(
    r"别的|其他|其它|另外|哪些|哪几|几个|几种|(?:什么|啥|哪种|哪个)(?:颜色|色|尺码|码|口味|味|款|规格)|other|which|what"
)
_ASKS_BACK = re.compile(
    r"[?]|哪|什么|吗|么|还是|多少|几|链接|单号|发我|告诉|发一下|说下|which|what|order number|tell|send",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class PastTurn:
    """A turn of the history as read."""

    role: str
    message: ReadMessage
    text: str


def read_history(history: Sequence[Turn], normaliser: TextNormaliser) -> list[PastTurn]:
    """Return the readable turns, oldest first."""
    turns: list[PastTurn] = []
    for turn in history:
        try:
            message = read_message(turn.text)
        except UnreadableMessage:
            continue
        turns.append(PastTurn(turn.role, message, strip_opener(normaliser.normalise(message.text))))
    return turns


def resolve_mention(
    catalogue: Catalogue, message: ReadMessage, text: str, past: Sequence[PastTurn]
) -> Mention:
    """Return the products and options a message speaks about; what it does not name comes from the latest turn that does.

    A product named anew forgets the options of the one before; a question about other options forgets them too.
    """
    now = catalogue.find(text, message.item_ids)
    if not now.item_known:
        return now
    products, options = now.products, dict(now.options)
    keeps = not text or (not products and (bool(options) or not _OTHERS.search(text)))
    for turn in reversed(past):
        if products and not keeps:
            break
        earlier = catalogue.find(turn.text, turn.message.item_ids)
        if products and earlier.products and set(earlier.products).isdisjoint(products):
            break
        if turn.role == "buyer" and not earlier.item_known:
            return Mention(products, options, bool(products))
        if turn.role == "buyer" and keeps:
            options = {**earlier.options, **options}
            # The turn that names the product is where its options begin.
            keeps = not earlier.products
        products = products or earlier.products
    return Mention(products, options)


def is_fragment(text: str, mention: Mention) -> bool:
    """Whether the text says only a product, an option or a place, and so leans on an earlier question."""
    if is_follow_up(text):
        return True
    named = bool(mention.options or mention.products or find_place(text))
    return len(text) <= _FRAGMENT and named and not _asks(text)


def names_nothing(text: str, mention: Mention) -> bool:
    """Whether the text names no product, option or place: a follow-up such as 「发票呢」 that may open a new question."""
    return not (mention.options or mention.products or mention.item_known is False or find_place(text))


def _asks(text: str) -> bool:
    return any(word in text for word in "吗么嘛啥几多哪怎咋何没不有发送退换?？") or (
        text.isascii() and " " in text
    )


def own_weight(whole: Reading, mention: Mention, past: Sequence[PastTurn]) -> float | None:
    """Return how much of the message is said by itself, beside what it says about the question before it; None for all."""
    text = whole.text
    if is_fragment(text, mention):
        if not names_nothing(text, mention):
            return 0.0
        # 「发票呢」 may well be a question of its own.
        return _HALF if whole.confidence >= SURE else 0.0
    if len(text) > _REMARK:
        return None
    if not asks(text):
        if was_asked_back(past):
            return _ANSWER
        # A fact may say more about the question (「可是已经揽收了」); small talk does not.
        return None if whole.is_quiet and whole.intents[0].intent not in _FACTS else _HALF
    return _HALF if _LEANING.match(text) or whole.confidence < SURE else None


def previous_question(past: Sequence[PastTurn], catalogue: Catalogue) -> PastTurn | None:
    """Return the buyer's latest turn that stands as a question by itself, else the latest that names something."""
    fragment: PastTurn | None = None
    for turn in reversed(past):
        if turn.role != "buyer" or not turn.text or is_acknowledgement(turn.text) or is_opener(turn.text):
            continue
        if not is_fragment(turn.text, catalogue.find(turn.text)):
            return turn
        if fragment is None and not is_follow_up(turn.text):
            fragment = turn
    return fragment


def was_asked_back(past: Sequence[PastTurn]) -> bool:
    """Whether the shop spoke last and asked for something, such as the product or the order number."""
    return bool(past) and past[-1].role != "buyer" and bool(_ASKS_BACK.search(past[-1].text))


async def resolve_subject(
    shop: str,
    catalogue: Catalogue,
    facts: FactStore,
    message: ReadMessage,
    text: str,
    past: Sequence[PastTurn],
) -> Subject:
    """Return what the message speaks about in this shop, its conversation included."""
    mention = resolve_mention(catalogue, message, text, past)
    said = [text, *(turn.text for turn in reversed(past) if turn.role == "buyer")]
    place = next((found for words in said if (found := _place_in(words, catalogue))), None)
    return Subject(mention, place, await _order_of(shop, facts, message, past))


def _place_in(text: str, catalogue: Catalogue) -> str | None:
    """Return the place named in the text, except within a product's name: 普洱茶 is not sent to 普洱."""
    for product in catalogue.products_of(catalogue.find(text)):
        for name in (product.title, product.title_en, *product.aliases):
            if name and find_place(name.lower()):
                text = text.replace(name.lower(), " ")
    return find_place(text)


async def _order_of(
    shop: str, facts: FactStore, message: ReadMessage, past: Sequence[PastTurn]
) -> Order | None:
    numbers = [
        *message.numbers,
        *(n for turn in reversed(past) if turn.role == "buyer" for n in turn.message.numbers),
    ]
    for number in numbers[:_ORDERS_LOOKED_UP]:
        if (order := await facts.find_order(shop, number)) is not None:
            return order
    return None


def viewed_turn(viewed: str, products: Mapping[str, Product]) -> PastTurn | None:
    """Return what the buyer looks at as a turn that came before all others."""
    product = products.get(viewed)
    try:
        message = read_message(product.item_id or product.title if product else viewed)
    except UnreadableMessage:
        return None
    return PastTurn("bot", message, message.text.lower())


def language_of(text: str, past: Sequence[PastTurn]) -> str:
    """Return the language to answer in: the message's, or where it is too short to tell, the buyer's before it."""
    for words in (text, *(turn.text for turn in reversed(past) if turn.role == "buyer")):
        if any("\u4e00" <= character <= "\u9fff" for character in words):
            return "zh"
        if " " in words and sum(character.isascii() and character.isalpha() for character in words) >= 3:
            return "en"
    return "zh"
