"""Addresses and folders that hold what a test puts there."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from fnmatch import fnmatch

from bot.ports.fact_sources import FoundFile, Pulled, Request, SourceFailed


@dataclass
class FakeFetcher:
    """Answers each address with what `answers` holds for it: content, a failure, or what a function makes of the request."""

    answers: dict[str, bytes | Exception | Callable[[Request], Pulled]] = field(default_factory=dict)
    asked: list[Request] = field(default_factory=list)

    async def pull(self, request: Request) -> Pulled:
        self.asked.append(request)
        answer = self.answers.get(request.url, SourceFailed("找不到这个主机名。 its host name is not known"))
        if isinstance(answer, Exception):
            raise answer
        return Pulled(answer) if isinstance(answer, bytes) else answer(request)


@dataclass
class FakeFolders:
    """Files by shop and name; what was put away is in `done` and, with its problem, in `failed`."""

    files: dict[tuple[str, str], tuple[bytes, datetime]] = field(default_factory=dict)
    done: list[str] = field(default_factory=list)
    failed: list[tuple[str, str]] = field(default_factory=list)
    broken: str = ""

    async def look(self, shop: str, folder: str, pattern: str) -> Sequence[FoundFile]:
        if self.broken:
            raise SourceFailed(self.broken)
        found = [
            FoundFile(name, at, f"{len(content)}-{at}")
            for (of, name), (content, at) in self.files.items()
            if of == shop and fnmatch(name, pattern)
        ]
        return sorted(found, key=lambda each: (each.modified_at, each.name))

    async def read(self, shop: str, folder: str, file: FoundFile, max_bytes: int) -> bytes | None:
        return self.files[shop, file.name][0]

    async def put_away(self, shop: str, folder: str, file: FoundFile, now: datetime, problem: str) -> None:
        del self.files[shop, file.name]
        if problem:
            self.failed.append((file.name, problem))
        else:
            self.done.append(file.name)
