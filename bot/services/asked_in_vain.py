"""What buyers of a shop asked in vain, grouped by meaning: what to write an entry for, and what an owner wants no more to see."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Final

import numpy as np

from bot.domain.asked import InVain, SetAside, Why, folded, key_of
from bot.domain.entry import MAX_PHRASING, Entry
from bot.domain.text import strip_opener
from bot.ports import Clock, Embedder, EmbedderUnavailable, EntryStore, NotFound, TextNormaliser, Vectors
from bot.ports.asked import AskedStore
from bot.services.asked_grouping import lead, lead_by_words
from bot.services.asked_reading import AskedLog

MOST_GROUPS: Final = 100
MOST_TEXTS: Final = 20
_MOST_DISTINCT: Final = 3_000
_AT_ONCE: Final = 256


@dataclass(frozen=True, slots=True)
class Example:
    """One wording, how often it was asked, and when last."""

    text: str
    count: int
    last: datetime


@dataclass(frozen=True, slots=True)
class Group:
    """Questions of one meaning. `examples` are the commonest wordings, of `wordings` in all; `days` counts day by day,
    oldest first; `conversations` counts the buyers' conversations."""

    key: str
    question: str
    count: int
    conversations: int
    why: Mapping[Why, int]
    examples: tuple[Example, ...]
    wordings: int
    last: datetime
    days: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Ignored:
    """A question that an owner ignores, and how often what it stands for was asked since the period began."""

    aside: SetAside
    count: int


@dataclass(frozen=True, slots=True)
class Asked:
    """The groups, the largest first; `left_out` more of them are not among them. `by_meaning` is False while there is no
    model: then only what reads the same is together."""

    total: int
    groups: tuple[Group, ...]
    left_out: int
    ignored: tuple[Ignored, ...]
    by_meaning: bool


@dataclass(slots=True)
class _Wording:
    """What was asked in the same words. `settled` is when an entry was last given these words."""

    text: str
    asked: list[InVain]
    aside: SetAside | None = None
    settled: datetime | None = None


class AskedInVain:
    """Groups what the shop that each call names was asked in vain."""

    def __init__(
        self,
        store: AskedStore,
        entries: EntryStore,
        embedder: Embedder,
        normaliser: TextNormaliser,
        clock: Clock,
    ) -> None:
        self._store = store
        self._entries = entries
        self._embedder = embedder
        self._normaliser = normaliser
        self._clock = clock

    async def group(self, shop: str, log: AskedLog, entries: Iterable[Entry]) -> Asked:
        """Return the groups of what the log holds. What an entry was given the words of since it was asked is settled."""
        aside = [each for each in await self._store.list_aside(shop) if not each.entry]
        wordings = await self._wordings(shop, log.in_vain, entries, aside)
        texts = [strip_opener(self._normaliser.normalise(each.text)) for each in wordings]
        try:
            led, by_meaning = await asyncio.to_thread(lead, await self._vectors(texts)), True
        except EmbedderUnavailable:
            led, by_meaning = lead_by_words(texts), False
        return await asyncio.to_thread(_asked, wordings, led, log, by_meaning=by_meaning)

    async def _vectors(self, texts: Sequence[str]) -> Vectors:
        """Return the texts' vectors; in between the embedder answers the messages that wait."""
        if not texts:
            return np.zeros((0, 1), np.float32)
        model = self._embedder.fingerprint
        parts = [
            await self._embedder.encode(texts[at : at + _AT_ONCE]) for at in range(0, len(texts), _AT_ONCE)
        ]
        if self._embedder.fingerprint != model:
            raise EmbedderUnavailable("the embedding model was changed just now")
        return np.concatenate(parts)

    async def ignore(self, shop: str, text: str, author: str) -> SetAside:
        """Remember that the question, and what is like it, needs no entry. Raises NotFound."""
        words = " ".join(text.split())[:MAX_PHRASING]
        aside = SetAside(key_of(words), "", words, self._clock.now(), author)
        await self._store.put_aside(shop, [aside])
        return aside

    async def heed(self, shop: str, key: str) -> None:
        """Show again what was ignored. Raises NotFound."""
        if not any(each.key == key and not each.entry for each in await self._store.list_aside(shop)):
            raise NotFound("nothing of the kind was put aside in this shop")
        await self._store.take_back(shop, key)

    async def _wordings(
        self, shop: str, asked: Sequence[InVain], entries: Iterable[Entry], aside: Sequence[SetAside]
    ) -> list[_Wording]:
        """Return what is ignored, what entries were given, then the rest, the commonest first."""
        found: dict[str, _Wording] = {folded(each.text): _Wording(each.text, [], each) for each in aside}
        for each in asked:
            found.setdefault(folded(each.text), _Wording(each.text, [])).asked.append(each)
        held = await asyncio.to_thread(_holders, entries, found.keys())
        moments: dict[str, datetime] = {}
        for words, entry in held.items():
            if entry not in moments:
                moments[entry] = (await self._entries.list_versions(shop, entry, 1))[0].at
            found[words].settled = moments[entry]
        ordered = sorted(found.items(), key=lambda pair: (_rank(pair[1]), pair[0]))
        return [wording for _, wording in ordered[:_MOST_DISTINCT]]


def _rank(wording: _Wording) -> tuple[bool, bool, int]:
    return wording.aside is None, wording.settled is None, -len(wording.asked)


def _holders(entries: Iterable[Entry], wanted: Iterable[str]) -> dict[str, str]:
    """Return the entry that has each of the wanted texts among its phrasings, by text."""
    texts = frozenset(wanted)
    return {
        words: entry.id
        for entry in entries
        if entry.status != "archived"
        for phrasing in entry.all_phrasings
        if (words := folded(phrasing)) in texts
    }


def _asked(wordings: Sequence[_Wording], led: Sequence[int], log: AskedLog, *, by_meaning: bool) -> Asked:
    members: dict[int, list[_Wording]] = {}
    for wording, leader in zip(wordings, led, strict=True):
        members.setdefault(leader, []).append(wording)
    groups: list[Group] = []
    ignored: list[Ignored] = []
    for leader, of_group in members.items():
        head = wordings[leader]
        if head.aside is not None:
            ignored.append(Ignored(head.aside, sum(len(each.asked) for each in of_group)))
        elif group := _group(of_group, head.settled, log):
            groups.append(group)
    groups.sort(key=lambda each: (-each.count, -each.last.timestamp(), each.key))
    total = sum(group.count for group in groups)
    left_out = max(0, len(groups) - MOST_GROUPS)
    ignored.sort(key=lambda each: each.aside.at, reverse=True)
    return Asked(total, tuple(groups[:MOST_GROUPS]), left_out, tuple(ignored), by_meaning)


def _group(members: Sequence[_Wording], settled: datetime | None, log: AskedLog) -> Group | None:
    """Return the group of what was asked after it was settled; None where nothing was."""
    open_ones = [
        (each.text, left)
        for each in members
        if (left := [one for one in each.asked if settled is None or one.at > settled])
    ]
    if not open_ones:
        return None
    asked = [one for _, left in open_ones for one in left]
    examples = sorted(
        (Example(text, len(left), max(one.at for one in left)) for text, left in open_ones),
        key=lambda each: (-each.count, -each.last.timestamp(), each.text),
    )
    return Group(
        key_of(examples[0].text),
        examples[0].text,
        len(asked),
        len({one.conversation for one in asked if one.conversation}),
        Counter(one.why for one in asked),
        tuple(examples[:MOST_TEXTS]),
        len(examples),
        max(one.at for one in asked),
        _by_day(asked, log),
    )


def _by_day(asked: Sequence[InVain], log: AskedLog) -> tuple[int, ...]:
    zone = log.until.tzinfo
    counts = Counter(one.at.astimezone(zone).date() for one in asked)
    first, last = log.since.date(), log.until.date()
    days: list[date] = [first + timedelta(days=day) for day in range((last - first).days + 1)]
    return tuple(counts[day] for day in days)
