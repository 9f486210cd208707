"""What a dialogue's step has to say, before it has words: a response of intents/domain/ with its values, or the shop's own text."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from bot.domain.auto_reply import Reason
from bot.domain.entry import Entry
from bot.domain.facts import Product
from bot.domain.resolving import FactResolver
from bot.domain.suggestion import FactUsed
from bot.services.filling import FilledReply, fill_reply
from bot.services.live_shops import LiveShop


@dataclass(frozen=True, slots=True)
class Told:
    """One bubble: `text` in the shop's own words, or else the response of that name, filled with `values`."""

    group: str
    response: str = ""
    values: Mapping[str, str] = field(default_factory=dict)
    text: str = ""
    facts: tuple[FactUsed, ...] = ()


@dataclass(frozen=True, slots=True)
class Answer:
    """What is said in a step, and for what reason a person goes on (None for none); `open` says to him what is to be done."""

    bubbles: tuple[Told, ...] = ()
    person: Reason | None = None
    urgent: bool = False
    open: tuple[str, ...] = ()


SILENCE = Answer()
"""Nothing better than the shop's FAQ is to be said."""


def own_words(
    live: LiveShop,
    intent: str,
    resolver: FactResolver,
    family: str,
    language: str,
    now: datetime,
    product: Product | None,
) -> FilledReply | None:
    """Return what the shop itself says in the case that holds now; None when no entry of the intent has words for it.

    Entries that do not tell the cases of the family apart are left out: they would say the same of what is there and what
    is not.
    """
    case = resolver.case(family)
    fitting = [
        entry
        for entry in live.snapshot.entries.values()
        if entry.intent == intent
        and entry.language == language
        and entry.status == "published"
        and entry.cases.get(case)
        and entry.validity.holds_at(now)
        and _speaks_of(entry, product)
    ]
    for entry in sorted(fitting, key=lambda each: (each.scope.is_open(), each.id)):
        filled = fill_reply(entry, resolver)
        if filled is not None and filled.case == case and not filled.blanks:
            return filled
    return None


def _speaks_of(entry: Entry, product: Product | None) -> bool:
    if entry.scope.is_open():
        return True
    return product is not None and (
        product.id in entry.scope.products or product.category in entry.scope.categories
    )
