"""Copying chosen entries into another shop of the same person: the one deliberate way for words from shop to shop.

Every variable is read anew against the other shop's facts, and what of the text belongs to the first shop is named. What was
warned of stays a draft; nothing of the other shop is written over; both shops' audit lines say who copied what.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import Final

from bot.domain.account import Caller, Right
from bot.domain.disguises import fold
from bot.domain.entry import Entry, Scope
from bot.domain.entry_warnings import without_facts
from bot.domain.guard import Finding, Kind
from bot.domain.phrase_reading import title_of
from bot.ports import Clock, FactStore, NotFound, ShopSnapshot, ShopStore, TextNormaliser
from bot.services.auditing import ENTRIES_COPIED, Auditor
from bot.services.documents import PhraseDocument
from bot.services.entries import EntryEditor
from bot.services.guarding import Guard
from bot.services.rendering import entry_data

_COPIED: Final = frozenset((Kind.SENTENCE,))
_SHORTEST: Final = 2
"""So many letters of a fact or a name must stand in a text: less stands there by chance."""


@dataclass(frozen=True, slots=True)
class CopyWarning:
    """What the other shop should know of a copied entry, and the field and words that it is about. `kind` is

    "variable": a variable that the other shop has no fact for; "name": the first shop's name; "fact": a fact of the first
    shop that the other does not share; "foreign": what belongs to another shop, such as a product's title or a phone;
    "contact", "forbidden": as the guard finds them; "scope": products or categories that the other shop lacks, left out;
    "code": a short code that another entry has there, left out.
    """

    kind: str
    field: str
    text: str


@dataclass(frozen=True, slots=True)
class CopiedEntry:
    """What becomes of an entry: the other shop has its words already (`verdict` "same") or gets `target` ("new")."""

    entry: str
    title: str
    verdict: str
    target: str
    status: str
    warnings: tuple[CopyWarning, ...] = ()


@dataclass(frozen=True, slots=True)
class CopyReport:
    """What was copied, entry by entry; `written` is 0 for a look at what would be."""

    written: int
    entries: tuple[CopiedEntry, ...]


class EntryCopies:
    """Copies entries between two shops in which the caller may edit."""

    def __init__(
        self,
        shops: ShopStore,
        facts: FactStore,
        editor: EntryEditor,
        guard: Guard,
        auditor: Auditor,
        normaliser: TextNormaliser,
        clock: Clock,
    ) -> None:
        self._shops = shops
        self._facts = facts
        self._editor = editor
        self._guard = guard
        self._auditor = auditor
        self._normaliser = normaliser
        self._clock = clock

    async def copy(
        self,
        caller: Caller,
        source: str,
        target: str,
        entries: Sequence[str],
        *,
        publish: bool,
        dry_run: bool,
    ) -> CopyReport:
        """Copy the entries, all or none; as drafts, unless `publish` and nothing is to be warned of.

        Raises NotFound for a shop where the caller may not edit and for an entry that is not there; InvalidEntries.
        """
        now = self._clock.now()
        if not all(caller.may(Right.EDIT, shop, now) for shop in (source, target)):
            raise NotFound("there is no such shop for you")
        held = {entry.id: entry for entry in await self._editor.list_entries(source)}
        if missing := [entry for entry in entries if entry not in held]:
            raise NotFound(f"本店没有条目 {missing[0]}。 this shop has no entry {missing[0]}")
        chosen = [held[entry] for entry in dict.fromkeys(entries)]
        # Before the transaction, which sees the one shop alone: the guard looks into the others.
        found = {entry.id: await self._found_in(caller, target, entry) for entry in chosen}
        plan = partial(self._plan, await self._shops.load_snapshot(source), target, chosen, found, publish)
        if dry_run:
            return CopyReport(0, tuple(told for told, _ in await plan()))
        names = dict.fromkeys(entry.image for entry in chosen if entry.image)
        images = {name: await self._editor.get_image(source, name) for name in names}
        async with self._shops.together(target):
            plans = await plan()
            new = [(told, copy) for told, copy in plans if told.verdict == "new"]
            if new:
                editor = self._editor.signing(caller.account.id)
                for image in dict.fromkeys(copy.image for _, copy in new if copy.image):
                    await editor.put_image(target, images[image])
                await editor.put_entries(target, [_document(copy) for _, copy in new])
                await self._record(caller, source, target, [told for told, _ in new])
        return CopyReport(len(new), tuple(told for told, _ in plans))

    async def _found_in(self, caller: Caller, target: str, entry: Entry) -> list[CopyWarning]:
        """Return what the guard would say of the entry's texts in the other shop.

        Sentences of the first shop are what is copied; what stands in them is looked for all the same.
        """
        may_name = caller.shops_with(Right.READ, self._clock.now())
        found: list[CopyWarning] = []
        for field, text in _texts(entry):
            result = await self._guard.check(target, text, may_name=may_name, besides=_COPIED)
            found += [_guarded(field, finding) for finding in result.findings]
            await asyncio.sleep(0)  # thousands of phrasings take seconds, in which others are served
        return found

    async def _plan(
        self,
        source: ShopSnapshot,
        target: str,
        chosen: Sequence[Entry],
        found: Mapping[str, Sequence[CopyWarning]],
        publish: bool,
    ) -> list[tuple[CopiedEntry, Entry]]:
        """Return what becomes of each entry, and the entry as it would be written."""
        there = await self._shops.load_snapshot(target)
        taken = {entry.id: entry for entry in await self._editor.list_entries(target)}
        codes = {entry.short_code for entry in taken.values() if entry.status != "archived"} - {""}
        said = {_words(entry): entry.id for entry in taken.values() if entry.status != "archived"}
        has_orders = bool(await self._facts.list_orders(target, 1))
        own = _Belongings(source, there, self._fold)
        held = _Held(there, taken, codes, said, has_orders)
        # Every text is compared with every fact: others are served meanwhile.
        return await asyncio.to_thread(_planned, chosen, found, held, own, publish=publish)

    async def _record(self, caller: Caller, source: str, target: str, plans: Sequence[CopiedEntry]) -> None:
        """Say it in the audit log once for each of the two shops."""
        account = caller.account
        ids = [plan.target for plan in plans]
        await self._auditor.record(
            ENTRIES_COPIED, account, shop=source, copied_to=target, entries=[plan.entry for plan in plans]
        )
        await self._auditor.record(ENTRIES_COPIED, account, shop=target, copied_from=source, entries=ids)

    def _fold(self, text: str) -> str:
        return fold(text, self._normaliser.normalise)


class _Belongings:
    """What of a text is the first shop's: its names, and the facts that the other shop does not share."""

    def __init__(self, source: ShopSnapshot, target: ShopSnapshot, folded: Callable[[str], str]) -> None:
        self._folded = folded
        names = {source.shop.name, source.shop.name_en, *source.shop.aliases}
        shared = {folded(name) for name in (target.shop.name, target.shop.name_en, *target.shop.aliases)}
        self._names = {letters: name for name in names if (letters := folded(name)) not in shared}
        theirs = {folded(fact.value) for fact in target.facts.values()} | {
            folded(rule.courier) for rule in target.shipping
        }
        values = [fact.value for fact in source.facts.values()] + [rule.courier for rule in source.shipping]
        self._facts = {letters: value for value in values if (letters := folded(value)) not in theirs}

    def found_in(self, field: str, text: str) -> Iterator[CopyWarning]:
        """Yield what of the text is the first shop's."""
        letters = self._folded(text)
        for kind, known in (("name", self._names), ("fact", self._facts)):
            for part, value in known.items():
                if len(part) >= _SHORTEST and part in letters:
                    yield CopyWarning(kind, field, value)


@dataclass(frozen=True, slots=True)
class _Held:
    """What the other shop has, to which each planned copy is added: entries by id, short codes, and who says what."""

    shop: ShopSnapshot
    taken: dict[str, Entry]
    codes: set[str]
    said: dict[tuple[object, ...], str]
    has_orders: bool


def _planned(
    chosen: Sequence[Entry],
    found: Mapping[str, Sequence[CopyWarning]],
    held: _Held,
    own: _Belongings,
    *,
    publish: bool,
) -> list[tuple[CopiedEntry, Entry]]:
    plans: list[tuple[CopiedEntry, Entry]] = []
    there = held.shop
    for entry in chosen:
        if (same := held.said.get(_words(entry))) is not None:
            plans.append((CopiedEntry(entry.id, title_of(entry), "same", same, entry.status), entry))
            continue
        copy, warnings = _fitted(entry, there, set(held.taken), held.codes)
        lacking = without_facts(copy, there.facts, there.shipping, there.products, has_orders=held.has_orders)
        warnings += [CopyWarning("variable", each.field, each.variable) for each in lacking]
        warnings += [each for field, text in _texts(copy) for each in own.found_in(field, text)]
        told = tuple(dict.fromkeys([*warnings, *found[entry.id]]))
        copy = replace(copy, status="published" if publish and not told else "draft")
        plans.append((CopiedEntry(entry.id, title_of(entry), "new", copy.id, copy.status, told), copy))
        held.taken[copy.id], held.said[_words(copy)] = copy, copy.id
        held.codes.update({copy.short_code} - {""})
    return plans


def _fitted(
    entry: Entry, there: ShopSnapshot, taken: set[str], codes: set[str]
) -> tuple[Entry, list[CopyWarning]]:
    """Return the entry as the other shop can have it: an id of its own, and nothing that only the first shop has."""
    warnings: list[CopyWarning] = []
    categories = {product.category for product in there.products.values()}
    scope = Scope(
        tuple(each for each in entry.scope.products if each in there.products),
        tuple(each for each in entry.scope.categories if each in categories),
    )
    lost = [*entry.scope.products, *entry.scope.categories]
    lost = [each for each in lost if each not in (*scope.products, *scope.categories)]
    warnings += [CopyWarning("scope", "scope", each) for each in lost]
    code = entry.short_code
    if code in codes:
        warnings.append(CopyWarning("code", "short_code", code))
        code = ""
    return replace(entry, id=_free_id(entry.id, taken), scope=scope, short_code=code, version=0), warnings


def _free_id(wanted: str, taken: set[str]) -> str:
    if wanted not in taken:
        return wanted
    number = 2
    while (name := f"{wanted[:74]}-{number}") in taken:
        number += 1
    return name


def _texts(entry: Entry) -> Iterator[tuple[str, str]]:
    """Yield every text of the entry that is not empty, with its field."""
    named: Mapping[str, str] = {
        "reply": entry.reply,
        **{f"cases.{case}": text for case, text in entry.cases.items()},
        "fallback": entry.fallback,
        "question": entry.question,
        **{f"phrasings[{at}]": text for at, text in enumerate(entry.phrasings)},
    }
    yield from ((field, text) for field, text in named.items() if text.strip())


def _words(entry: Entry) -> tuple[object, ...]:
    """Return what an entry says: two with the same are the same to a buyer."""
    return (
        entry.question, entry.phrasings, entry.reply, tuple(sorted(entry.cases.items())), entry.fallback, entry.language,
        entry.image,
    )  # fmt: skip


def _guarded(field: str, finding: Finding) -> CopyWarning:
    if finding.kind is Kind.NAME:
        return CopyWarning("name", field, finding.text)
    kind = "foreign" if finding.kind.is_foreign else finding.kind.value
    return CopyWarning(kind, field, finding.text)


def _document(entry: Entry) -> PhraseDocument:
    data = entry_data(entry)
    data.pop("version")
    return PhraseDocument.model_validate(data)
