"""Whether two who do not know of each other, the classifier and the ranking, agree on what a message asks. Pure."""

from __future__ import annotations

from collections.abc import Sequence

from bot.domain.entry import Entry
from bot.domain.intents import SILENT_INTENTS, IntentScore, group_confidence

_AGREEING = 0.5
"""What the classifier must give the group of an entry whose reply goes out alone: two readers agree, then."""
PLAIN = 0.9
"""An entry that the ranking gives so much needs nobody's word where the classifier has none: of eight such first replies to
the demo shops' questions eight were right.
"""
_PLAIN_ENGLISH = 0.8
"""English the classifier has hardly learned: of 20 such first replies to the demo shops' questions 20 were right."""
DECIDED = 0.7
"""With less for its first intent the classifier has not made up its mind."""


def is_undisputed(intents: Sequence[IntentScore], entry: Entry, common: float) -> bool:
    """Whether the classifier agrees with the ranking on the entry's group, or has nothing to say against it."""
    if not intents:
        return False
    if group_confidence(intents, entry.group) >= _AGREEING:
        return True
    if entry.language != "zh":
        return common >= _PLAIN_ENGLISH
    # What it takes for none of its intents may well be of an entry that is of none.
    is_of_none = entry.intent is None and intents[0].intent in SILENT_INTENTS
    return common >= PLAIN and (is_of_none or intents[0].confidence < DECIDED)
