"""Taking back the last change of a shop's tables of facts: what it changed is kept in the shop's log."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from functools import cache
from typing import Any, Final

from pydantic import TypeAdapter

from bot.domain.facts import Fact, Product, ShippingRule
from bot.ports import Clock, Conflict, Event, EventLog, FactStore, ShopFacts, ShopStore

FACTS_IMPORTED: Final = "facts_imported"
FACTS_UNDONE: Final = "facts_import_undone"
_MOST_KEPT: Final = 2000
"""A change of more products or facts is not kept: an export taken before it does that better."""
_RULES: Final = "rules"
_NEVER: Final = datetime(1970, 1, 1, tzinfo=UTC)

Stated = Product | Fact | tuple[ShippingRule, ...]


@dataclass(frozen=True, slots=True)
class LastChange:
    """The change that can be taken back: by whom, when, in which table, and of how many items."""

    table: str
    author: str
    at: datetime
    count: int


@dataclass(frozen=True, slots=True)
class FactUndoing:
    """What undoing did; `kept` names what was changed again since, and stays as it is."""

    table: str
    restored: int
    removed: int
    kept: tuple[str, ...]


def stated_in(table: str, facts: ShopFacts) -> Mapping[str, Stated]:
    """Return what can be undone of a table, by key. Rules hold together: they are one item. Orders are not kept."""
    if table in ("products", "stock"):
        return facts.products
    if table == "facts":
        return facts.facts
    return {_RULES: facts.shipping} if table == "shipping" else {}


def undo_record(
    table: str, author: str, before: Mapping[str, Stated], after: Mapping[str, Stated]
) -> dict[str, Any] | None:
    """Return what is needed to take the change back, None when it changed nothing; of too long a change only that it was.

    Undoing must not reach over that one to the change before it.
    """
    touched = sorted(
        key for key in before.keys() | after.keys() if not _alike(before.get(key), after.get(key))
    )
    if not touched:
        return None
    if len(touched) > _MOST_KEPT:
        return {"table": table, "author": author, "touched": {}}
    adapter = _adapter(table)

    def written(item: Stated | None) -> Any:
        return None if item is None else adapter.dump_python(item, mode="json")

    pairs = {key: [written(before.get(key)), written(after.get(key))] for key in touched}
    return {"table": table, "author": author, "touched": pairs}


@cache
def _adapter(table: str) -> TypeAdapter[Any]:
    kinds: dict[str, Any] = {
        "products": Product, "stock": Product, "facts": Fact, "shipping": tuple[ShippingRule, ...],
    }  # fmt: skip
    return TypeAdapter(kinds[table])


def _alike(one: Stated | None, other: Stated | None) -> bool:
    """Whether both say the same, whenever and from wherever it was learned."""
    return one is other or (one is not None and other is not None and _bare(one) == _bare(other))


def _bare(item: Stated) -> object:
    if isinstance(item, tuple):
        return tuple(replace(rule, source="", as_of=_NEVER) for rule in item)
    if isinstance(item, Fact):
        return replace(item, source="", as_of=_NEVER)
    variants = tuple(replace(variant, stock_as_of=None) for variant in item.variants)
    return replace(item, source="", as_of=_NEVER, stock_as_of=_NEVER, variants=variants)


def _told_apart(
    table: str, current: Mapping[str, Stated], touched: Mapping[str, Any]
) -> tuple[dict[str, Stated], list[str], list[str]]:
    """Return what goes back to what it was, what goes, and what was changed again since and stays."""
    adapter = _adapter(table)
    back: dict[str, Stated] = {}
    gone: list[str] = []
    kept: list[str] = []
    for key, (before, after) in touched.items():
        expected = None if after is None else adapter.validate_python(after)
        if not _alike(current.get(key), expected):
            kept.append(key)
        elif before is None:
            gone.append(key)
        else:
            back[key] = adapter.validate_python(before)
    return back, gone, kept


class FactHistory:
    """Tells and takes back the last change that a person made in the tables of the shop that each call names."""

    def __init__(self, shops: ShopStore, facts: FactStore, log: EventLog, clock: Clock) -> None:
        self._shops = shops
        self._facts = facts
        self._events = log
        self._clock = clock

    async def last_change(self, shop: str) -> LastChange | None:
        """Return what `undo` would take back."""
        events = await self._events.read_kinds(shop, (FACTS_IMPORTED, FACTS_UNDONE), 1)
        if not events or events[0].kind == FACTS_UNDONE or not events[0].data.get("touched"):
            return None
        data: Mapping[str, Any] = events[0].data
        return LastChange(data["table"], data["author"], events[0].at, len(data["touched"]))

    async def undo(self, shop: str, author: str) -> FactUndoing:
        """Take the last change back, but for what was changed again since. Raises Conflict, NotFound."""
        async with self._shops.together(shop):
            known = await self._facts.load_facts(shop, to_change=True)
            events = await self._events.read_kinds(shop, (FACTS_IMPORTED, FACTS_UNDONE), 1)
            if not events or events[0].kind == FACTS_UNDONE or not events[0].data.get("touched"):
                raise Conflict("没有可以撤销的修改。 there is no change to undo")
            undoing = await self._restore(shop, known, events[0].data)
            data = {"author": author, "table": undoing.table}
            await self._events.append(shop, [Event(FACTS_UNDONE, self._clock.now(), data=data)])
        return undoing

    async def _restore(self, shop: str, known: ShopFacts, data: Mapping[str, Any]) -> FactUndoing:
        table = str(data["table"])
        current = stated_in(table, known)
        back, gone, kept = await asyncio.to_thread(_told_apart, table, current, data["touched"])
        await self._write(shop, table, back, gone)
        return FactUndoing(table, len(back), len(gone), tuple(kept))

    async def _write(self, shop: str, table: str, back: Mapping[str, Any], gone: list[str]) -> None:
        if table == "facts":
            await self._facts.put_facts(shop, list(back.values()))
            await self._facts.delete_facts(shop, gone)
        elif table == "shipping":
            for rules in back.values():
                await self._facts.put_shipping(shop, rules)
        else:
            await self._facts.delete_products(shop, gone)
            await self._facts.put_products(shop, list(back.values()))
