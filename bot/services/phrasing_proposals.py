"""Phrasings from use: what buyers had said before an agent sent an entry is proposed as one of its phrasings."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final

from pydantic import ValidationError

from bot.domain.asked import SetAside, folded, key_of
from bot.domain.entry import Entry
from bot.domain.masking import mask_text
from bot.domain.text import is_acknowledgement
from bot.ports import Clock, ConversationStore, EntryChanged, EntryStore, NotFound
from bot.ports.asked import AskedStore
from bot.services.asked_reading import AskedLog, Use
from bot.services.document_fields import field_errors
from bot.services.documents import PhraseDocument
from bot.services.entries import EntryEditor, InvalidEntries
from bot.services.proposing import bubbles_answered, joined
from bot.services.rendering import entry_data

MOST_ENTRIES: Final = 100
_MOST_USES: Final = 300
"""So many uses at the most are looked up, the newest: each is a conversation that is read."""
_MOST_FORMER: Final = 300
"""Likewise former versions of entries."""
_LOOKED_THROUGH: Final = 60
_WORDS: Final = re.compile(r"[^\W\d_]{2}")
_TRIES: Final = 4


@dataclass(frozen=True, slots=True)
class ProposedPhrasing:
    """What buyers said, how often, and when last."""

    text: str
    count: int
    last: datetime


@dataclass(frozen=True, slots=True)
class Proposed:
    """The phrasings proposed for one entry, the most frequent first."""

    entry: Entry
    phrasings: tuple[ProposedPhrasing, ...]


class PhrasingProposals:
    """Proposes phrasings of the shop that each call names, and takes them up."""

    def __init__(
        self,
        store: AskedStore,
        entries: EntryStore,
        conversations: ConversationStore,
        editor: EntryEditor,
        clock: Clock,
    ) -> None:
        self._store = store
        self._entries = entries
        self._conversations = conversations
        self._editor = editor
        self._clock = clock

    async def propose(self, shop: str, log: AskedLog, entries: Iterable[Entry]) -> list[Proposed]:
        """Return what is proposed: entries without a question of their own first, then the most used.

        An entry sent as a quick phrase was found by nothing but the agent; one suggested was found already, and only where
        it had no phrasings then is the buyer's message worth keeping.
        """
        held = {entry.id: entry for entry in entries if entry.status != "archived"}
        wanted = [use for use in log.uses if use.entry in held]
        mute = await self._mute(shop, {(use.entry, use.version) for use in wanted if not use.number}, held)
        wanted = [use for use in wanted if use.number or (use.entry, use.version) in mute]
        wanted.sort(key=lambda use: use.at, reverse=True)
        asked = [(use, await self._asked(shop, use)) for use in wanted[:_MOST_USES]]
        aside = {each.key for each in await self._store.list_aside(shop) if each.entry}
        found: dict[str, dict[str, ProposedPhrasing]] = {}
        for use, text in asked:
            if _is_phrasing(text) and key_of(text, use.entry) not in aside:
                _count(found.setdefault(use.entry, {}), text, use.at)
        return _ranked(held, found)

    async def add(self, shop: str, entry: str, texts: Sequence[str], author: str) -> Entry:
        """Give the entry phrasings and return it; one without a question gets its first. What it has already is left out.

        Raises NotFound, InvalidEntries when it would have too many, EntryChanged while others write it again and again.
        """
        editor = self._editor.signing(author)
        for tries_left in reversed(range(_TRIES)):
            before = await editor.get_entry(shop, entry)
            document = _with_phrasings(before, texts)
            if document is None:
                return before
            try:
                return await editor.update_entry(shop, document, before.version)
            except EntryChanged:
                # Phrasings are only added: what somebody else wrote meanwhile stays.
                if not tries_left:
                    raise
        raise AssertionError("unreachable: the last try returns or raises")

    async def dismiss(self, shop: str, entry: str, texts: Sequence[str], author: str) -> None:
        """Propose these no more for the entry. Raises NotFound."""
        await self._editor.get_entry(shop, entry)
        now = self._clock.now()
        aside = [SetAside(key_of(text, entry), entry, "", now, author) for text in texts]
        await self._store.put_aside(shop, aside)

    async def _mute(
        self, shop: str, versions: Iterable[tuple[str, int]], held: Mapping[str, Entry]
    ) -> set[tuple[str, int]]:
        """Return the versions at which the entries had no phrasings."""
        found: set[tuple[str, int]] = set()
        former = 0
        for name, version in sorted(versions):
            entry: Entry | None = held[name]
            if version != held[name].version and former < _MOST_FORMER:
                former += 1
                with suppress(NotFound):
                    entry = (await self._entries.get_version(shop, name, version)).entry
            if entry is not None and not entry.all_phrasings:
                found.add((name, version))
        return found

    async def _asked(self, shop: str, use: Use) -> str:
        """Return what the buyer had said before the use, "" where nothing is left of it."""
        if not use.number:
            return use.text
        try:
            messages = await self._conversations.list_messages(
                shop, use.conversation, _LOOKED_THROUGH, use.number + 1
            )
        except NotFound:
            return ""
        if not messages or messages[-1].number != use.number:
            return ""
        contacts = (await self._conversations.get_policy(shop)).contacts
        return mask_text(joined(bubbles_answered(messages)), contacts)


def _is_phrasing(text: str) -> bool:
    """Whether the text asks something in words: no thanks, no number alone."""
    return bool(_WORDS.search(text)) and not is_acknowledgement(text)


def _count(found: dict[str, ProposedPhrasing], text: str, at: datetime) -> None:
    known = found.get(folded(text))
    if known is None:
        found[folded(text)] = ProposedPhrasing(text, 1, at)
    else:
        found[folded(text)] = replace(known, count=known.count + 1, last=max(known.last, at))


def _ranked(held: Mapping[str, Entry], found: Mapping[str, Mapping[str, ProposedPhrasing]]) -> list[Proposed]:
    proposed = []
    for name, phrasings in found.items():
        entry = held[name]
        has = {folded(text) for text in entry.all_phrasings}
        left = sorted(
            (each for words, each in phrasings.items() if words not in has),
            key=lambda each: (-each.count, -each.last.timestamp(), each.text),
        )
        if left:
            proposed.append(Proposed(entry, tuple(left)))
    proposed.sort(
        key=lambda each: (
            bool(each.entry.all_phrasings),
            -sum(p.count for p in each.phrasings),
            each.entry.id,
        )
    )
    return proposed[:MOST_ENTRIES]


def _with_phrasings(entry: Entry, texts: Sequence[str]) -> PhraseDocument | None:
    """Return the entry's document with the texts that it has not; None when it has them all. Raises InvalidEntries."""
    known = {folded(text) for text in entry.all_phrasings}
    added = list(
        {folded(text): " ".join(text.split()) for text in texts if folded(text) not in known}.values()
    )
    if not added:
        return None
    question = entry.question or added.pop(0)
    phrasings = [*entry.phrasings, *added]
    data = {**entry_data(entry), "question": question, "phrasings": phrasings}
    del data["version"]
    try:
        return PhraseDocument.model_validate(data)
    except ValidationError as error:
        raise InvalidEntries(field_errors(error)) from None
