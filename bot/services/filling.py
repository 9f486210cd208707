"""Filling reply templates with one shop's facts: what comes out is complete, or does not come out."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache, partial
from typing import Final

from bot.domain.entry import CASES, Entry
from bot.domain.facts import Fact
from bot.domain.resolving import FactResolver
from bot.domain.suggestion import FactUsed
from bot.domain.template import Template, parse_template
from bot.domain.variables import VARIABLE_BY_NAME

_KEPT_BACK: Final = re.compile(
    r"[不没][发寄送]|[发寄送]不|不能|无法|除外|禁|\bnot?\b|\bexcept", re.IGNORECASE
)


@dataclass(frozen=True, slots=True)
class FilledReply:
    """A complete reply and the facts it rests on. `case` is the case that held, "" for a reply without cases.

    `blanks` are the places that are left for a person to fill: with one the reply never goes out alone.
    """

    text: str
    case: str
    facts: tuple[Fact, ...]
    blanks: tuple[str, ...] = ()

    @property
    def keeps_back(self) -> bool:
        """Whether a note in it keeps some goods from the region: nobody but a person knows whether they are meant."""
        return any(fact.name == "region_note" and _KEPT_BACK.search(fact.value) for fact in self.facts)


# Keyed by the text alone: parsing knows nothing of shops, and the result holds no fact.
@lru_cache(maxsize=4096)
def parsed(text: str) -> Template:
    """Return the parsed template of the text. Raises TemplateError."""
    return parse_template(text)


def case_family(entry: Entry) -> str | None:
    """Return the family of the entry's cases: stock, order or region; None without cases."""
    named = set(entry.cases) - {"unknown"}
    for family, cases in CASES.items():
        if named & set(cases):
            return family
    if "unknown" in entry.cases:
        return {"stock": "stock", "logistics": "order", "order_change": "order", "shipping": "region"}.get(
            entry.group
        )
    return None


def fill_reply(entry: Entry, resolver: FactResolver) -> FilledReply | None:
    """Return the entry's reply, filled; None when a fact is missing and no fallback stands in for it.

    Tries the text of the case that holds (the reply for a case that is not given), then the `unknown` case, then the
    entry's fallback.
    """
    family = case_family(entry)
    case = resolver.case(family) if family else ""
    behind = resolver.facts_behind(family) if family and case != "unknown" else []
    for name, text in _attempts(entry, case):
        if not text:
            continue
        used: dict[str, Fact] = {}
        filled = parsed(text).fill(partial(resolver.value_of, used=used))
        if filled is not None and filled.strip():
            if name != "unknown" and _tells_of_region(family, used):
                filled = _with_note(filled, resolver, used)
            facts = used if name == "unknown" else {**{fact.name: fact for fact in behind}, **used}
            return FilledReply(filled, name, tuple(facts.values()), parsed(text).blanks)
    return None


def _tells_of_region(family: str | None, used: Mapping[str, Fact]) -> bool:
    return family == "region" or any(
        VARIABLE_BY_NAME[name].source == "region" and fact.kind == "shipping" for name, fact in used.items()
    )


def _with_note(text: str, resolver: FactResolver, used: dict[str, Fact]) -> str:
    """Return the text with what else holds for the region: a rule may keep some goods from it, and no template says which."""
    note = resolver.fact_named("region_note")
    if note is None or note.value in text:
        return text
    used[note.name] = note
    return f"{text}\n{note.value}"


def _attempts(entry: Entry, case: str) -> list[tuple[str, str]]:
    """Return (case, template) in the order in which they are tried."""
    own = (case, entry.reply)
    unknown = ("unknown", entry.cases.get("unknown", ""))
    fallback = ("unknown" if case else "", entry.fallback)
    if case in entry.cases:
        return [(case, entry.cases[case]), unknown, fallback]
    if case in ("unknown", "several"):
        # Without the facts, asking back comes before a reply that speaks of one product.
        return [unknown, fallback, own]
    return [own, unknown, fallback]


def facts_used(facts: Iterable[Fact], now: datetime) -> tuple[FactUsed, ...]:
    """Return the facts as they are shown beside a reply."""
    # How a buyer is addressed is a manner of speaking: nobody needs to check it.
    unique = {fact.name: fact for fact in facts if fact.name != "address_form"}
    return tuple(
        FactUsed(f.name, f.value, f.source, f.as_of.isoformat(timespec="seconds"), f.is_stale(now))
        for f in unique.values()
    )
