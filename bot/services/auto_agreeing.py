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
from bot.domain.suggestion import Part, SuggestionResult
from bot.domain.text import asks
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
        intents = _NONE if was_active else _scores(result, found)
        return cls(intents, _of_groups(result, found, entries), led)

    def unasked(self) -> Readers:
        """Return what they say for entries that no dialogue was asked about: what one may have more to say about is not led."""
        kept = {each: score for each, score in self.intents.items() if each in self.led - OPENINGS}
        return replace(self, intents=kept)


def _of_groups(result: SuggestionResult, found: Found, entries: Mapping[str, Entry]) -> Mapping[str, float]:
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
    is_group_sure = part.common >= _LIKELY and group_confidence(result.intents, group) >= _READ
    if part.intent in OPENINGS or not is_group_sure:
        return {part.entry: suggestion.confidence}
    beside = sum(
        each.confidence
        for each in result.suggestions
        if len(each.parts) == 1 and (entry := entries.get(each.parts[0].entry)) and entry.group == group
    )
    return {part.entry: min(beside, 1.0)}


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
