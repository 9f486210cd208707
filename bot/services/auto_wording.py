"""What a word of the message leaves no doubt about, whatever a classifier makes of the rest. Pure."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from dataclasses import replace
from typing import Final

from bot.domain.intents import INTENT_GROUP, IntentScore
from bot.domain.invoice_wishes import speaks_of_one, wants_one
from bot.domain.order_change_words import speaks_of_change
from bot.domain.parcel_words import asks_of_parcel
from bot.domain.suggestion import Suggestion, SuggestionResult
from bot.domain.text import split_questions

_INVOICE: Final = "invoice"
_OF_ORDERS: Final = frozenset({"logistics"})
_WORDS: Final[tuple[tuple[str, Callable[[str], bool]], ...]] = (
    (_INVOICE, speaks_of_one),
    ("order_change", speaks_of_change),
)
_SEEN: Final = 0.1
"""What the classifier must give to the group at least: with less it reads something else in the word."""
_ONE: Final = 1.01
"""Of one question the intents share a probability; of several each stands for its own."""
_LIKELY: Final = 0.7
"""What an entry must have for the classifier's second thought to count before its first."""


def is_of_topic(piece: str, topics: Collection[str]) -> bool:
    """Whether the words of one question tell that a dialogue of these groups has taken it up: where an order is, an invoice."""
    if not _OF_ORDERS.isdisjoint(topics) and asks_of_parcel(piece):
        return True
    return _INVOICE in topics and wants_one(piece)


def settle_by_words(text: str, result: SuggestionResult) -> SuggestionResult:
    """Return the result with the question read as of the group that a word of the text names, where an entry of it leads: an
    invoice, or a change of an order.

    The word tells the group; which of its questions is asked the classifier goes on to tell by its own measure, and where it
    hesitates the entry that is the likelier.
    """
    group = next((group for group, speaks in _WORDS if speaks(text)), "")
    if not result.suggestions or not group:
        return result
    first = result.suggestions[0]
    of_one = [each for each in result.intents if each.group == group]
    share = sum(each.confidence for each in of_one)
    is_single = len(first.parts) == 1 and sum(each.confidence for each in result.intents) <= _ONE
    if not is_single or share < _SEEN or INTENT_GROUP.get(first.parts[0].intent or "") != group:
        return result
    read = [replace(each, confidence=each.confidence / share) for each in of_one]
    if len(split_questions(text)) == 1:
        first = replace(first, stands_alone=True)
    return replace(
        result, intents=_settled(read, result.suggestions), suggestions=(first, *result.suggestions[1:])
    )


def _settled(read: Sequence[IntentScore], suggestions: Sequence[Suggestion]) -> tuple[IntentScore, ...]:
    """Return the intents, first the one that the classifier and the ranking together find likeliest."""
    found: dict[str, float] = {}
    for each in suggestions:
        if len(each.parts) == 1:
            found.setdefault(each.parts[0].intent or "", each.parts[0].common)
    best = max(read, key=lambda each: each.confidence * found.get(each.intent, 0.0))
    if found.get(best.intent, 0.0) < _LIKELY:
        return tuple(read)
    return (best, *(each for each in read if each is not best))
