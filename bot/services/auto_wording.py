"""What a word of the message leaves no doubt about, whatever a classifier makes of the rest. Pure."""

from __future__ import annotations

from dataclasses import replace
from typing import Final

from bot.domain.intents import INTENT_GROUP
from bot.domain.invoice_wishes import speaks_of_one
from bot.domain.suggestion import SuggestionResult

_INVOICE: Final = "invoice"
_SEEN: Final = 0.1
"""What the classifier must give to the group at least: with less it reads something else in the word."""
_ONE: Final = 1.01
"""Of one question the intents share a probability; of several each stands for its own."""


def settle_by_words(text: str, result: SuggestionResult) -> SuggestionResult:
    """Return the result with the question read as about an invoice where the text names one, and an entry about one leads.

    The word tells the group; which of its questions is asked the classifier goes on to tell by its own measure.
    """
    if not result.suggestions or not speaks_of_one(text):
        return result
    parts = result.suggestions[0].parts
    of_one = [each for each in result.intents if each.group == _INVOICE]
    share = sum(each.confidence for each in of_one)
    is_single = len(parts) == 1 and sum(each.confidence for each in result.intents) <= _ONE
    if not is_single or share < _SEEN or INTENT_GROUP.get(parts[0].intent or "") != _INVOICE:
        return result
    return replace(
        result, intents=tuple(replace(each, confidence=each.confidence / share) for each in of_one)
    )
