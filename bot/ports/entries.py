"""Where the entries of a shop are kept, and what they were before."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Protocol

from bot.domain.entry import Entry, EntryDraft, EntryVersion
from bot.ports.engine import Conflict


class EntryChanged(Conflict):
    """Somebody wrote the entry after it was read: it is at `current`, not at the version `expected`."""

    def __init__(self, entry: str, current: int, expected: int) -> None:
        super().__init__(
            f"entry {entry} is at version {current}, not {expected}: someone changed it; read it again"
        )
        self.entry = entry
        self.expected = expected


class DraftChanged(Conflict):
    """Somebody wrote the entry's draft after it was read: it is at `current`, not at `expected`; 0 is no draft."""

    def __init__(self, entry: str, current: int, expected: int) -> None:
        super().__init__(
            f"the draft of {entry} is at version {current}, not {expected}: someone changed it; read it again"
        )
        self.entry = entry


class EntryStore(Protocol):
    """The entries of a shop, drafts and archived ones too. Every write raises the shop's version and tells the workers.

    Every version that a write makes is kept with its `author` (see EntryVersion); what is deleted for good takes its
    history along.
    """

    async def list_entries(self, shop: str) -> list[Entry]: ...

    async def get_entry(self, shop: str, entry: str) -> Entry:
        """Raises NotFound."""
        ...

    async def put_entries(
        self,
        shop: str,
        entries: Sequence[Entry],
        *,
        replace: bool = False,
        only_new: bool = False,
        author: str = "",
    ) -> None:
        """Write all or nothing; an entry that differs from what is there has its version raised by one.

        `replace` deletes the shop's other entries.
        `only_new` raises Conflict when an id exists already.
        """
        ...

    async def update_entry(
        self, shop: str, entry: Entry, expected_version: int | None, *, author: str = "", drafted_by: str = ""
    ) -> Entry:
        """Write one entry and return it with its new version. Raises NotFound, or EntryChanged on another version."""
        ...

    async def set_status(self, shop: str, entries: Sequence[str], status: str, *, author: str = "") -> int:
        """Give these entries the status, all or none, and return how many had another. Raises NotFound."""
        ...

    async def delete_entry(self, shop: str, entry: str, *, author: str = "") -> None:
        """Raises NotFound."""
        ...

    async def list_versions(
        self, shop: str, entry: str, limit: int, before: int | None = None
    ) -> list[EntryVersion]:
        """Return the entry's newest versions, below `before` if given, newest first. Raises NotFound without history."""
        ...

    async def entries_since(self, shop: str, since: datetime) -> set[str]:
        """Return the ids of the entries that were first written then or later."""
        ...

    async def find_draft(self, shop: str, entry: str) -> EntryDraft | None:
        """Return the entry's draft; None where there is none."""
        ...

    async def list_drafts(self, shop: str) -> list[EntryDraft]:
        """Return the drafts of the shop's entries, by entry."""
        ...

    async def put_draft(self, shop: str, draft: EntryDraft, expected: int | None) -> EntryDraft:
        """Write the entry's draft and return it with its new version; it goes when the entry is deleted.

        `expected` is the version of the draft that was read, 0 for none. Raises NotFound without the entry, DraftChanged.
        """
        ...

    async def drop_draft(self, shop: str, entry: str, expected: int | None = None) -> None:
        """Forget the entry's draft. Raises DraftChanged."""
        ...

    async def put_image(self, shop: str, media_type: str, content: bytes) -> str:
        """Keep an image for entries and return its id, made of what it shows: the same again is kept once. Raises NotFound.

        It stays with the shop: the history of entries and what buyers were sent name it.
        """
        ...

    async def get_image(self, shop: str, image: str) -> tuple[str, bytes]:
        """Return media type and content. Raises NotFound."""
        ...

    async def list_images(self, shop: str) -> set[str]:
        """Return the ids of the images for the shop's entries."""
        ...

    async def get_version(self, shop: str, entry: str, version: int) -> EntryVersion:
        """Raises NotFound."""
        ...
