"""What a message leaves out, taken from its conversation: the product, the question, the options, the place, the order."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from bot.domain.catalogue import Catalogue, Mention
from bot.domain.conversation import Turn
from bot.domain.facts import Order
from bot.domain.regions import find_place
from bot.domain.resolving import Subject
from bot.domain.text import (
    ReadMessage,
    UnreadableMessage,
    is_acknowledgement,
    is_follow_up,
    is_opener,
    read_message,
    strip_opener,
)
from bot.ports import FactStore, TextNormaliser

_FRAGMENT = 10
_ORDERS_LOOKED_UP = 3


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
        turns.append(PastTurn(turn.role, message, normaliser.normalise(strip_opener(message.text))))
    return turns


def resolve_mention(
    catalogue: Catalogue, message: ReadMessage, text: str, past: Sequence[PastTurn]
) -> Mention:
    """Return the products and options a message speaks about; what it does not name comes from the latest turn that does.

    A product named anew forgets the options of the one before.
    """
    now = catalogue.find(text, message.item_ids)
    products, options, known = now.products, dict(now.options), now.item_known
    for turn in reversed(past):
        if products and options:
            break
        earlier = catalogue.find(turn.text, turn.message.item_ids)
        if products and earlier.products and set(earlier.products).isdisjoint(products):
            break
        if turn.role == "buyer" and is_follow_up(text):
            options = {**earlier.options, **options}
        if not products and earlier.products and known:
            products = earlier.products
    return Mention(products, options, known)


def is_fragment(text: str, mention: Mention) -> bool:
    """Whether the text says only a product, an option or a place, and so leans on an earlier question."""
    if is_follow_up(text):
        return True
    return len(text) <= _FRAGMENT and bool(mention.options or mention.products) and not _asks(text)


def _asks(text: str) -> bool:
    return any(word in text for word in "吗么嘛啥几多哪怎咋何没不有发送退换?？") or (
        text.isascii() and " " in text
    )


def previous_question(past: Sequence[PastTurn]) -> PastTurn | None:
    """Return the buyer's latest turn that stands as a question by itself."""
    for turn in reversed(past):
        if turn.role != "buyer" or not turn.text:
            continue
        if not (is_acknowledgement(turn.text) or is_opener(turn.text) or is_follow_up(turn.text)):
            return turn
    return None


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
    place = find_place(text)
    if place is None:
        place = next(
            (found for turn in reversed(past) if turn.role == "buyer" and (found := find_place(turn.text))),
            None,
        )
    return Subject(mention, place, await _order_of(shop, facts, message, past))


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
