"""What the classifier and the ranking of a shop's entries say together: neither knows of the other. Pure."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from types import MappingProxyType
from typing import Final

from bot.domain.auto_reply import Claim
from bot.domain.dialogue_openings import OPENINGS
from bot.domain.entry import Entry
from bot.domain.intents import group_confidence
from bot.domain.product_telling import names_asked
from bot.domain.suggestion import Part, Suggestion, SuggestionResult
from bot.domain.text import asks, split_questions
from bot.domain.variables import PRODUCT_ATTRIBUTES
from bot.services.agreeing import DECIDED
from bot.services.auto_reply_reading import Found

_WAITED: Final = re.compile(r"还没|还不|怎么没|咋没|这么久|好几天|催|\bstill\b|\byet\b", re.IGNORECASE)
"""Words of who has waited long: what the shop says to everybody only soothes him."""
_LIKELY: Final = 0.5
"""What an entry must have for a question that a dialogue left to it."""
_AGREED: Final = 0.8
"""What an entry must have to agree with the classifier about a question that no dialogue knows more of.

Of the 660 questions to the demo shops those were right whose first entry is of the intent that leads, but lies below the
common threshold: with 0.8 and a group as sure as 95 % asks (see dialogue_openings) 67 of 69, as 90 % asks 81 of 84, as 98 %
asks 40 of 41; with 0.7 80 of 85, with 0.5 98 of 109. A lead over the second entry added nothing.
"""
_READ: Final = 0.85
"""What the classifier must give to a group whose entries stand in for each other.

Where the ranking hesitates between entries of that group alone (what is off, and whether it can be cheaper), either answers.
"""
_LEADS: Final = 0.6
"""What the intent itself must have for that: two intents of a group may be as likely (「退到哪里」 is the place or the money)."""
_OF_FACTS: Final = frozenset({"stock", "shipping", "logistics", "invoice"})
"""Groups whose entries do not stand in for each other: each tells another fact."""
_OF_PRODUCTS: Final = "product_info"
_NAMES: Final = frozenset({"product", "variant"})
_HALF: Final = 0.5
_ENGLISH: Final = 0.8
"""What the ranking alone must give to an English entry: the classifier has hardly learned the language."""
_ENOUGH: Final = 0.93
"""As in dialogue_openings: nothing surer is asked of what is agreed."""
_NONE: Final = MappingProxyType[str, float]({})


@dataclass(frozen=True, slots=True)
class Readers:
    """What the classifier and the ranking say together: `intents` that the message's questions lead with and how surely each
    is of its group, `entries` and how surely one of the group answers where the classifier reads the question as of it.
    """

    intents: Mapping[str, float] = field(default_factory=dict)
    entries: Mapping[str, float] = field(default_factory=dict)
    led: frozenset[str] = frozenset()

    @classmethod
    def of(
        cls,
        text: str,
        result: SuggestionResult,
        found: Found,
        entries: Mapping[str, Entry],
        *,
        was_active: bool = False,
    ) -> Readers:
        """Return what they say of the message; nothing of who has waited long, or may be answering what a form asked him."""
        if _WAITED.search(text) or (was_active and not asks(text)):
            return cls()
        led = frozenset(each.intent for each in result.intents if each.confidence >= _LEADS)
        return cls(_scores(result, found), _of_groups(text, result, found, entries), led)

    def unasked(self) -> Readers:
        """Return what they say for entries that no dialogue was asked about: what one may have more to say about is not led."""
        kept = {each: score for each, score in self.intents.items() if each in self.led - OPENINGS}
        return replace(self, intents=kept)


def _of_groups(
    text: str, result: SuggestionResult, found: Found, entries: Mapping[str, Entry]
) -> Mapping[str, float]:
    """Return how surely an entry of the group of the first reply answers, whichever of them.

    Nothing of a reply in parts: that the message asks just these questions was guessed too.
    """
    suggestion = found.suggestion
    if suggestion is None or len(suggestion.parts) != 1:
        return _NONE
    (part,) = suggestion.parts
    if part.entry not in entries:
        return _NONE
    group = entries[part.entry].group
    if tells_what_is_asked(text, suggestion, entries):
        return {part.entry: 1.0}
    if entries[part.entry].language != "zh" and part.common >= _ENGLISH:
        return {part.entry: max(suggestion.confidence, _ENOUGH)}
    is_group_sure = part.common >= _LIKELY and group_confidence(result.intents, group) >= _READ
    if group in _OF_FACTS or not is_group_sure:
        return {part.entry: suggestion.confidence}
    beside = sum(
        each.confidence
        for each in result.suggestions
        if len(each.parts) == 1 and (entry := entries.get(each.parts[0].entry)) and entry.group == group
    )
    return {part.entry: min(beside, 1.0)}


def tells_what_is_asked(text: str, suggestion: Suggestion, entries: Mapping[str, Entry]) -> bool:
    """Whether the reply tells of one product just what the text asks of it, in what the shop's catalogue says of it."""
    if len(suggestion.parts) != 1:
        return False
    entry = entries.get(suggestion.parts[0].entry)
    if entry is None or entry.group != _OF_PRODUCTS:
        return False
    told = [each.value for each in suggestion.facts if each.name in PRODUCT_ATTRIBUTES]
    names = [each.value for each in suggestion.facts if each.name in _NAMES]
    pieces = split_questions(text)
    return all(any(names_asked(piece, each, names) for each in told) for piece in pieces)


def lead_with_what_is_asked(
    text: str, result: SuggestionResult, entries: Mapping[str, Entry]
) -> SuggestionResult:
    """Return the suggestions, first the one that tells of a product just what is asked, if the classifier lets it.

    It has not to lead: a question about what a product is made of, can do or weighs is read in as many ways.
    """
    if not result.suggestions or not _may_be_of_product(result):
        return result
    telling = [each for each in result.suggestions if tells_what_is_asked(text, each, entries)]
    if not telling:
        return result
    first = replace(telling[0], stands_alone=True)
    rest = [each for each in result.suggestions if each is not telling[0]]
    return replace(result, suggestions=(first, *rest))


def _may_be_of_product(result: SuggestionResult) -> bool:
    if not result.intents:
        return False
    is_open = result.intents[0].confidence < DECIDED
    return is_open or group_confidence(result.intents, _OF_PRODUCTS) >= _HALF


def _scores(result: SuggestionResult, found: Found) -> Mapping[str, float]:
    """Return the intents that the message's questions lead with, and how surely each is of its group."""
    parts = len(found.suggestion.parts) if found.suggestion is not None else 1
    leading = result.intents[:parts]
    if len(leading) == 1:
        return {leading[0].intent: group_confidence(result.intents, leading[0].group)}
    return {each.intent: each.confidence for each in leading}


def claim_of(part: Part, entries: Mapping[str, Entry], readers: Readers) -> Claim:
    """Return how surely the part answers its question, by the entry alone and by what the readers say together."""
    least = _LIKELY if part.intent in OPENINGS else _AGREED
    of_group = readers.intents.get(part.intent or "", 0.0) if part.common >= least else 0.0
    return Claim(entries[part.entry].group, part.common, of_group, readers.entries.get(part.entry, 0.0))
