"""Drafts of entries: what shall become of one is written, handed over for review, and published by whoever may edit.

Until then the entry is suggested as it stands.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any, Final

from bot.domain.entry import Entry, EntryDraft
from bot.ports import Clock, EntryStore, NotFound, ShopStore
from bot.services.colleagues import Colleagues
from bot.services.document_fields import FieldError
from bot.services.documents import PhraseDocument
from bot.services.entries import EntryEditor, InvalidEntries
from bot.services.entry_history import (
    Author,
    Difference,
    author_data,
    author_named,
    differences,
    is_person,
)
from bot.services.rendering import entry_data

LONGEST_NOTE: Final = 500


@dataclass(frozen=True, slots=True)
class DraftView:
    """A draft with its people by name, what it changes, and the entry's present version, later than its own if `is_behind`."""

    draft: EntryDraft
    author: Author
    handed_by: Author | None
    current: int
    differences: tuple[Difference, ...]

    @property
    def is_behind(self) -> bool:
        """Whether the entry was changed since the draft was made from it."""
        return self.draft.entry.version != self.current


@dataclass(frozen=True, slots=True)
class Drafted:
    """What somebody writes as a draft of an entry at version `base`; with `ready` it is handed over for review."""

    document: PhraseDocument
    base: int
    ready: bool = False
    note: str = ""


class EntryDrafts:
    """Writes and publishes drafts of the shop that each call names."""

    def __init__(
        self, shops: ShopStore, entries: EntryStore, editor: EntryEditor, colleagues: Colleagues, clock: Clock
    ) -> None:
        self._shops = shops
        self._entries = entries
        self._editor = editor
        self._colleagues = colleagues
        self._clock = clock

    async def find(self, shop: str, entry: str) -> DraftView | None:
        """Return the entry's draft, None without one. Raises NotFound without the entry."""
        current = await self._entries.get_entry(shop, entry)
        draft = await self._entries.find_draft(shop, entry)
        return None if draft is None else await self._view(shop, draft, current)

    async def write(self, shop: str, drafted: Drafted, author: str, expected: int | None) -> DraftView:
        """Write the draft of an entry; what is written anew is to be handed over anew.

        Raises InvalidEntries, NotFound, DraftChanged when it is not at the version `expected` (0 = none).
        """
        current = await self._entries.get_entry(shop, drafted.document.id)
        document = drafted.document.model_copy(update={"status": "published"})
        [entry] = await self._check(shop, document)
        now = self._clock.now()
        handed = (author, now, drafted.note) if drafted.ready else ("", None, "")
        draft = EntryDraft(
            replace(entry, version=drafted.base), await self._writer(shop, entry, author), now, 1, *handed
        )
        written = await self._entries.put_draft(shop, draft, expected)
        return await self._view(shop, written, current)

    async def publish(self, shop: str, entry: str, author: str, expected: int | None) -> Entry:
        """Make the draft the entry, and return it; buyers are answered by it from then on.

        Raises NotFound without a draft, DraftChanged, EntryChanged when the entry was changed since, InvalidEntries where
        what the draft needs is gone from the shop.
        """
        async with self._shops.together(shop):
            draft = await self._entries.find_draft(shop, entry)
            if draft is None:
                raise NotFound(f"没有待发布的草稿。 there is no draft of {entry} in this shop")
            await self._entries.drop_draft(shop, entry, expected)
            [checked] = await self._check(shop, _document(draft.entry))
            drafted_by = draft.author if draft.author != author else ""
            return await self._entries.update_entry(
                shop, checked, draft.entry.version, author=author, drafted_by=drafted_by
            )

    async def drop(self, shop: str, entry: str, expected: int | None) -> None:
        """Forget the draft. Raises NotFound without the entry, DraftChanged."""
        await self._entries.get_entry(shop, entry)
        await self._entries.drop_draft(shop, entry, expected)

    async def _check(self, shop: str, document: PhraseDocument) -> list[Entry]:
        taken = await self._editor.codes_taken(shop, [document])
        if (holder := taken.get(document.short_code)) is not None:
            what = f"短码“{document.short_code}”已经是 {holder} 的。 it is the short code of {holder}"
            raise InvalidEntries([FieldError("short_code", what)])
        return await self._editor.check(shop, [document])

    async def _writer(self, shop: str, entry: Entry, author: str) -> str:
        """Return who is the author of the draft's words: whoever hands over what another wrote has not written it."""
        former = await self._entries.find_draft(shop, entry.id)
        is_same = former is not None and replace(former.entry, version=entry.version) == entry
        return former.author if former is not None and is_same else author

    async def _view(self, shop: str, draft: EntryDraft, current: Entry) -> DraftView:
        people = {each for each in (draft.author, draft.handed_by) if is_person(each)}
        names = await self._colleagues.names(shop, *people) if people else {}
        handed_by = author_named(draft.handed_by, names) if draft.handed_at else None
        changes = differences(current, draft.entry)
        return DraftView(draft, author_named(draft.author, names), handed_by, current.version, changes)


def draft_data(view: DraftView) -> dict[str, Any]:
    """Return a draft as plain data."""
    draft = view.draft
    return {
        "version": draft.version,
        "base": draft.entry.version,
        "current": view.current,
        "is_behind": view.is_behind,
        "entry": entry_data(draft.entry),
        "author": author_data(view.author),
        "at": draft.at.isoformat(),
        "handed_by": author_data(view.handed_by) if view.handed_by else None,
        "handed_at": draft.handed_at.isoformat() if draft.handed_at else None,
        "note": draft.note,
        "differences": [
            {"field": each.field, "before": each.before, "after": each.after} for each in view.differences
        ],
    }


def _document(entry: Entry) -> PhraseDocument:
    data = {name: value for name, value in entry_data(entry).items() if name != "version"}
    return PhraseDocument.model_validate(data)
