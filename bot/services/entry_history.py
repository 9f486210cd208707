"""What became of an entry: who changed what and when, and the way back to any of its versions."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from pydantic import ValidationError

from bot.domain.entry import Entry, EntryVersion
from bot.ports import EntryStore, NotFound
from bot.services.colleagues import Colleagues
from bot.services.document_fields import FieldError, field_errors
from bot.services.documents import EntryDocument, PhraseDocument
from bot.services.entries import EntryEditor, InvalidEntries
from bot.services.rendering import entry_data

PAGE: Final = 20
"""Versions that are read at once."""

TOKEN: Final = "token:"  # noqa: S105 - the beginning of an author's name
_NESTED: Final = ("cases", "scope", "validity")


@dataclass(frozen=True, slots=True)
class Difference:
    """One field before and after, as its document writes it; None = not there."""

    field: str
    before: Any
    after: Any


@dataclass(frozen=True, slots=True)
class Author:
    """Who wrote: a "person" (without a name when no longer of the shop), a "token", or the "server"'s own commands."""

    kind: str
    account: str = ""
    name: str = ""


@dataclass(frozen=True, slots=True)
class Edit:
    """One version with its author and what it changed. `entry` is None where it was deleted.

    `drafted_by` is who wrote it, where the author published what another had drafted.
    """

    version: int
    at: datetime
    author: Author
    entry: Entry | None
    differences: tuple[Difference, ...]
    drafted_by: Author | None = None


class EntryHistory:
    """Reads the versions of entries, and brings one back."""

    def __init__(self, entries: EntryStore, editor: EntryEditor, colleagues: Colleagues) -> None:
        self._entries = entries
        self._editor = editor
        self._colleagues = colleagues

    async def list_edits(self, shop: str, entry: str, before: int | None = None) -> tuple[list[Edit], bool]:
        """Return the newest edits (below version `before`), newest first, and whether there are more. Raises NotFound."""
        found = await self._entries.list_versions(shop, entry, PAGE + 1, before)
        return (await self._edits(shop, found))[:PAGE], len(found) > PAGE

    async def edits_since(self, shop: str, entry: str, version: int) -> list[Edit]:
        """Return what happened to the entry after that version, newest first; the last `PAGE` edits at most."""
        edits, _ = await self.list_edits(shop, entry)
        return [edit for edit in edits if edit.version > version]

    async def roll_back(
        self, shop: str, entry: str, version: int, author: str, expected_version: int | None = None
    ) -> Entry:
        """Write the entry as it stood in that version, status included, and return it; a deleted one is there again.

        Raises NotFound, InvalidEntries where what it needs is gone from the shop, EntryChanged, Conflict.
        """
        document = _document(await self._entries.get_version(shop, entry, version))
        editor = self._editor.signing(author)
        try:
            current = await editor.get_entry(shop, entry)
        except NotFound:
            return await editor.create_entry(shop, document)
        if current.version == version and expected_version in (None, version):
            return current
        return await editor.update_entry(shop, document, expected_version)

    async def _edits(self, shop: str, found: Sequence[EntryVersion]) -> list[Edit]:
        """Return an edit of each version; each stands before the one that it changed."""
        authors = {each.author for each in found} | {each.drafted_by for each in found}
        people = set(filter(is_person, authors))
        names = await self._colleagues.names(shop, *people) if people else {}
        edits = []
        for place, each in enumerate(found):
            former = found[place + 1].entry if place + 1 < len(found) else None
            changes = differences(former, each.entry)
            author = author_named(each.author, names)
            drafted_by = author_named(each.drafted_by, names) if each.drafted_by else None
            edits.append(Edit(each.version, each.at, author, each.entry, changes, drafted_by))
        return edits


def differences(before: Entry | None, after: Entry | None) -> tuple[Difference, ...]:
    """Return the fields in which two versions differ, in the order of the document."""
    old = dict(_fields(before)) if before is not None else {}
    new = dict(_fields(after)) if after is not None else {}
    names = dict.fromkeys((*new, *old))
    return tuple(
        Difference(name, old.get(name), new.get(name)) for name in names if old.get(name) != new.get(name)
    )


def author_data(author: Author) -> dict[str, str]:
    """Return an author as plain data."""
    return {"kind": author.kind, "account": author.account, "name": author.name}


def edit_data(edit: Edit) -> dict[str, Any]:
    """Return an edit as plain data."""
    return {
        "version": edit.version,
        "at": edit.at.isoformat(),
        "author": author_data(edit.author),
        "drafted_by": author_data(edit.drafted_by) if edit.drafted_by else None,
        "entry": None if edit.entry is None else entry_data(edit.entry),
        "differences": [
            {"field": each.field, "before": each.before, "after": each.after} for each in edit.differences
        ],
    }


def _fields(entry: Entry) -> Iterator[tuple[str, Any]]:
    """Yield the fields that say something, those of cases, scope and validity one by one."""
    for name, value in entry_data(entry).items():
        if name in ("id", "version"):
            continue
        inner = value.items() if name in _NESTED else ()
        for key, each in inner:
            if each:
                yield f"{name}.{key}", each
        if name not in _NESTED and value:
            yield name, value


def _document(kept: EntryVersion) -> EntryDocument:
    if kept.entry is None:
        what = f"version {kept.version} is the entry's deletion: choose one before it"
        raise InvalidEntries([FieldError("version", what)])
    data = {name: value for name, value in entry_data(kept.entry).items() if name != "version"}
    try:
        return PhraseDocument.model_validate(data)
    except ValidationError as error:
        raise InvalidEntries(field_errors(error)) from None


def is_person(author: str) -> bool:
    """Whether an author is an account, not a program."""
    return bool(author) and not author.startswith(TOKEN)


def author_named(author: str, names: Mapping[str, str]) -> Author:
    """Return who wrote, from the author as it is kept (see EntryVersion) and the names of the shop's people."""
    if is_person(author):
        return Author("person", author, names.get(author, ""))
    return Author("token" if author else "server")
