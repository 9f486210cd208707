"""What the entries of a shop in memory were before."""

from __future__ import annotations

from datetime import UTC, datetime

from bot.domain.entry import Entry, EntryVersion
from bot.ports import NotFound


class Chronicle:
    """The versions of one shop's entries, oldest first by entry."""

    def __init__(self) -> None:
        self._versions: dict[str, list[EntryVersion]] = {}

    def add(self, entry: str, version: int, author: str, written: Entry | None, drafted_by: str = "") -> None:
        """Keep a version; None is a deletion."""
        kept = EntryVersion(entry, version, datetime.now(UTC), author, written, drafted_by)
        self._versions.setdefault(entry, []).append(kept)

    def newest(self, entry: str, limit: int, before: int | None) -> list[EntryVersion]:
        """Return versions below `before`, newest first. Raises NotFound for an entry without history."""
        if entry not in self._versions and before is None:
            raise NotFound(f"there is no entry {entry} in this shop")
        held = reversed(self._versions.get(entry, []))
        return [each for each in held if before is None or each.version < before][:limit]

    def begun_since(self, since: datetime) -> set[str]:
        """Return the entries whose first version is of then or later."""
        return {name for name, kept in self._versions.items() if kept[0].version == 1 and kept[0].at >= since}

    def find(self, entry: str, version: int) -> EntryVersion:
        """Raises NotFound."""
        for each in self._versions.get(entry, []):
            if each.version == version:
                return each
        raise NotFound(f"there is no version {version} of entry {entry} in this shop")
