"""What the pulling of facts needs from the outside."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol

from bot.domain.fact_sources import FactSource, SourceState


class SourceFailed(Exception):
    """Nothing could be had from a source; the message is for its owner, and holds neither secrets nor content."""

    def __init__(self, message: str, retry_after: timedelta | None = None) -> None:
        super().__init__(message)
        self.retry_after = retry_after


@dataclass(frozen=True, slots=True)
class KeptSource:
    """A source as it is kept. `revision` grows whenever the owner changes it."""

    source: FactSource
    state: SourceState
    made_at: datetime
    revision: int


@dataclass(frozen=True, slots=True)
class DueSource:
    """A source that this worker has to look at. `until` is when somebody else may; it names the claim."""

    shop: str
    id: str
    until: datetime


class FactSourceStore(Protocol):
    """The sources of all shops, and when each is due."""

    async def list_sources(self, shop: str) -> list[KeptSource]:
        """Return the shop's sources by name."""
        ...

    async def get_source(self, shop: str, source: str) -> KeptSource:
        """Raises NotFound."""
        ...

    async def get_secrets(self, shop: str, source: str) -> Mapping[str, str]:
        """Return the values of the secret headers; empty for a source that is not there."""
        ...

    async def put_source(
        self, shop: str, source: FactSource, secrets: Mapping[str, str], state: SourceState, now: datetime
    ) -> None:
        """Write a source over the one of its id; it is due at once, or never when it is not enabled. Raises NotFound."""
        ...

    async def delete_source(self, shop: str, source: str) -> None:
        """Raises NotFound."""
        ...

    async def write_state(self, shop: str, source: str, revision: int, state: SourceState) -> None:
        """Keep how the source did, unless it is gone or its owner has changed it meanwhile."""
        ...

    async def claim_due(self, now: datetime, limit: int, busy: Collection[str]) -> list[DueSource]:
        """Return at most `limit` sources that are due, one of a shop and none of the shops that are busy.

        No other worker gets them for the time of a claim; who dies loses them after that.
        """
        ...

    async def look_again(self, claimed: DueSource, at: datetime) -> None:
        """Say when the source is due next, unless it was asked for, or claimed by another, since."""
        ...

    async def ask_for(self, shop: str, source: str, at: datetime) -> None:
        """Make an enabled source due. Raises NotFound."""
        ...


@dataclass(frozen=True, slots=True)
class Request:
    """What is asked of an address. `headers` hold the secret ones too."""

    url: str
    headers: Mapping[str, str]
    timeout_seconds: float
    max_bytes: int
    etag: str = ""
    last_modified: str = ""


@dataclass(frozen=True, slots=True)
class Pulled:
    """What an address answered; `content` is None when nothing has changed since."""

    content: bytes | None
    media_type: str = ""
    etag: str = ""
    last_modified: str = ""


class HttpFetcher(Protocol):
    """Asks addresses that owners named, and reaches none that the operator has not allowed."""

    async def pull(self, request: Request) -> Pulled:
        """Raises SourceFailed."""
        ...


@dataclass(frozen=True, slots=True)
class FoundFile:
    """A file that was put into a folder. Its mark is another one as soon as it grows."""

    name: str
    modified_at: datetime
    mark: str


class SourceFolders(Protocol):
    """The shops' folders. A shop's files are never looked for outside its own folder."""

    async def look(self, shop: str, folder: str, pattern: str) -> Sequence[FoundFile]:
        """Return the files that wait there, the oldest first; the folder is made if need be. Raises SourceFailed."""
        ...

    async def read(self, shop: str, folder: str, file: FoundFile, max_bytes: int) -> bytes | None:
        """Return the file's content; None if it is no longer what was found. Raises SourceFailed."""
        ...

    async def put_away(self, shop: str, folder: str, file: FoundFile, now: datetime, problem: str) -> None:
        """Move the file to done/, or with a problem to failed/ beside a note of it. Raises SourceFailed."""
        ...
