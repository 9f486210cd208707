"""A new shop's first entries: a trade's starter pack looked at, and put into the shop as its own entries."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final

from bot.domain.entry import Entry
from bot.domain.template import Slot, TemplateError, parse_template
from bot.ports import Clock, FactStore, NotFound
from bot.services.entries import EntryEditor
from bot.services.importing import export_entries
from bot.services.packs import Pack
from bot.services.shop_imports import ShopImports

GENERAL: Final = "general"
"""The pack that every trade's is laid over."""
_AS_FILE: Final = "starter.yml"
_KEPT_IN_POLICY: Final = frozenset({"shop_name", "address_form", "notice"})
"""Variables that have a value without a fact: the shop's name and what its settings say."""


@dataclass(frozen=True, slots=True)
class Starter:
    """A trade's pack: its own entries, and those of the general pack that it has not."""

    id: str
    name: str
    name_en: str
    entries: tuple[Entry, ...]


@dataclass(frozen=True, slots=True)
class StarterEntry:
    """An entry of a starter as it would come into the shop. `is_new` is False for one that the shop has: it stays."""

    entry: Entry
    is_new: bool


@dataclass(frozen=True, slots=True)
class StarterPlan:
    """What a starter brings a shop. `missing` names shop-wide facts that its replies use and the shop has not: most used first."""

    starter: Starter
    entries: tuple[StarterEntry, ...]
    missing: tuple[str, ...]


def starters_of(packs: Sequence[Pack]) -> dict[str, Starter]:
    """Return the starters by id, the general one first."""
    named = {pack.starter.id: (pack.starter, pack.entries) for pack in packs if pack.starter is not None}
    common = named[GENERAL][1] if GENERAL in named else ()
    starters: dict[str, Starter] = {}
    for name in sorted(named, key=lambda name: (name != GENERAL, name)):
        document, own = named[name]
        ids = {entry.id for entry in own}
        rest = [] if name == GENERAL else [entry for entry in common if entry.id not in ids]
        entries = (*own, *_without_codes(rest, {entry.short_code for entry in own}))
        starters[name] = Starter(document.id, document.name, document.name_en or document.name, entries)
    return starters


def _without_codes(entries: Sequence[Entry], taken: set[str]) -> list[Entry]:
    """Return the entries, without short codes that belong to others."""
    return [replace(entry, short_code="") if entry.short_code in taken else entry for entry in entries]


class StarterPacks:
    """Looks at starters and applies them to the shop that each call names. `load` reads the packs, in a thread, once."""

    def __init__(
        self,
        load: Callable[[datetime], Sequence[Pack]],
        facts: FactStore,
        editor: EntryEditor,
        imports: ShopImports,
        clock: Clock,
    ) -> None:
        self._load = load
        self._facts = facts
        self._editor = editor
        self._imports = imports
        self._clock = clock
        self._starters: Mapping[str, Starter] = {}

    async def starters(self) -> list[Starter]:
        """Return all starters, the general one first."""
        return list((await self._known()).values())

    async def plan(self, shop: str, starter: str) -> StarterPlan:
        """Return what the starter brings the shop; nothing is written. Raises NotFound."""
        starters = await self._known()
        if starter not in starters:
            raise NotFound("there is no such starter pack")
        held = await self._editor.list_entries(shop)
        ids = {entry.id for entry in held}
        codes = {entry.short_code for entry in held if entry.status != "archived"}
        chosen = starters[starter]
        entries = [entry for entry in chosen.entries if entry.id not in ids]
        fresh = {entry.id: entry for entry in _without_codes(entries, codes)}
        plan = tuple(StarterEntry(fresh.get(entry.id, entry), entry.id in fresh) for entry in chosen.entries)
        known = (await self._facts.load_facts(shop)).facts
        missing = _missing(list(fresh.values()), known)
        return StarterPlan(chosen, plan, missing)

    async def apply(self, shop: str, starter: str, author: str) -> tuple[StarterPlan, int]:
        """Write the starter's entries that the shop has not, all or nothing, and return how many.

        It can be undone as an import. Raises NotFound, InvalidEntries.
        """
        plan = await self.plan(shop, starter)
        fresh = [each.entry for each in plan.entries if each.is_new]
        if not fresh:
            return plan, 0
        content = await asyncio.to_thread(export_entries, fresh, _AS_FILE)
        report = await self._imports.run(shop, author, content, _AS_FILE, replace=False, skip_bad=False)
        return plan, report.written

    async def _known(self) -> Mapping[str, Starter]:
        if not self._starters:
            packs = await asyncio.to_thread(self._load, self._clock.now())
            self._starters = starters_of(packs)
        return self._starters


def _missing(entries: Sequence[Entry], facts: Collection[str]) -> tuple[str, ...]:
    """Return the shop-wide variables of the replies that the shop has no fact for, most used first."""
    used: dict[str, int] = {}
    for entry in entries:
        for name in {
            slot.variable.name
            for text in (entry.reply, entry.fallback, *entry.cases.values())
            for slot in _slots(text)
            if slot.variable.source == "shop"
        }:
            used[name] = used.get(name, 0) + 1
    lacking = [name for name in used if name not in facts and name not in _KEPT_IN_POLICY]
    return tuple(sorted(lacking, key=lambda name: (-used[name], name)))


def _slots(template: str) -> list[Slot]:
    try:
        return [piece for piece in parse_template(template).pieces if isinstance(piece, Slot)]
    except TemplateError:
        return []
