"""What a shop's owner does with the sources of its facts: set up, try, ask now, remove."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final
from urllib.parse import urlsplit

from bot.domain.account import Account
from bot.domain.fact_sources import MOST_SOURCES, FactSource, SourceState, is_silent
from bot.ports import Clock, Conflict
from bot.ports.fact_sources import (
    FactSourceStore,
    HttpFetcher,
    KeptSource,
    Request,
    SourceFailed,
    SourceFolders,
)
from bot.services.auditing import SOURCE_REMOVED, SOURCE_WRITTEN, Auditor
from bot.services.fact_importing import FactImport, FactImports
from bot.services.source_taking import look_through, require_sound, rows_of

_SHOWN_ROWS: Final = 5
_LONGEST_TRIAL: Final = 20.0


@dataclass(frozen=True, slots=True)
class SourceStanding:
    """A source and how it does now."""

    kept: KeptSource
    silent: bool


@dataclass(frozen=True, slots=True)
class SourceTrial:
    """What a source would bring: its first rows, and what taking all of them would do. `problem` says why it would not."""

    rows: Sequence[Mapping[str, str]] = ()
    file: str = ""
    report: FactImport | None = None
    problem: str = ""


class SecretNeeded(Exception):
    """A secret that was kept for one address is not sent to another: it has to be given anew."""

    def __init__(self, names: Sequence[str]) -> None:
        super().__init__(", ".join(names))
        self.names = tuple(names)


class FactSources:
    """The use cases of the page of sources. Who may use them is looked at before."""

    def __init__(
        self,
        store: FactSourceStore,
        fetcher: HttpFetcher,
        folders: SourceFolders,
        imports: FactImports,
        auditor: Auditor,
        clock: Clock,
    ) -> None:
        self._store = store
        self._fetcher = fetcher
        self._folders = folders
        self._imports = imports
        self._auditor = auditor
        self._clock = clock
        self._trying: set[str] = set()

    async def standings(self, shop: str) -> list[SourceStanding]:
        """Return the shop's sources and how they do."""
        now = self._clock.now()
        return [
            SourceStanding(kept, is_silent(kept.source, kept.state, kept.made_at, now))
            for kept in await self._store.list_sources(shop)
        ]

    async def create(
        self, shop: str, source: FactSource, secrets: Mapping[str, str | None], actor: Account
    ) -> None:
        """Set up a source. Raises Conflict for an id that is taken and for too many, SecretNeeded."""
        there = await self._store.list_sources(shop)
        if any(kept.source.id == source.id for kept in there):
            raise Conflict(f"本店已有编号为 {source.id} 的来源。 this shop has a source {source.id} already")
        if len(there) >= MOST_SOURCES:
            raise Conflict(f"最多 {MOST_SOURCES} 个来源。 a shop has at most {MOST_SOURCES} sources")
        given = await self._secrets(shop, None, source, secrets)
        await self._store.put_source(shop, source, given, SourceState(), self._clock.now())
        await self._auditor.record(SOURCE_WRITTEN, actor, subject=source.name, shop=shop)

    async def change(
        self, shop: str, source: FactSource, secrets: Mapping[str, str | None], actor: Account
    ) -> None:
        """Change a source; None keeps a secret. Raises NotFound, SecretNeeded."""
        before = await self._store.get_source(shop, source.id)
        given = await self._secrets(shop, before.source, source, secrets)
        state = replace(
            SourceState(), succeeded_at=before.state.succeeded_at, rows=before.state.rows,
            refused=before.state.refused,
        )  # fmt: skip
        await self._store.put_source(shop, source, given, state, self._clock.now())
        await self._auditor.record(SOURCE_WRITTEN, actor, subject=source.name, shop=shop)

    async def remove(self, shop: str, source: str, actor: Account) -> None:
        """Remove a source; the facts that it brought stay. Raises NotFound."""
        name = (await self._store.get_source(shop, source)).source.name
        await self._store.delete_source(shop, source)
        await self._auditor.record(SOURCE_REMOVED, actor, subject=name, shop=shop)

    async def ask_now(self, shop: str, source: str) -> None:
        """Let a source be looked at at once. Raises NotFound for one that is switched off, too."""
        await self._store.ask_for(shop, source, self._clock.now())

    async def try_out(self, shop: str, source: FactSource, secrets: Mapping[str, str | None]) -> SourceTrial:
        """Read a source that may not be saved yet, and say what it would bring; nothing is written or moved.

        Raises SecretNeeded, and Conflict while another trial of the shop goes on.
        """
        before: FactSource | None = None
        if any(value is None for value in secrets.values()):
            before = (await self._store.get_source(shop, source.id)).source
        given = await self._secrets(shop, before, source, secrets)
        if shop in self._trying:
            raise Conflict("上一次测试还没完成。 the last trial has not ended yet")
        self._trying.add(shop)
        try:
            return await self._trial(shop, source, given)
        except SourceFailed as failed:
            return SourceTrial(problem=str(failed))
        finally:
            self._trying.discard(shop)

    async def _trial(self, shop: str, source: FactSource, secrets: Mapping[str, str]) -> SourceTrial:
        file, media_type, as_of = "", "", self._clock.now()
        if source.kind == "http":
            seconds = min(source.timeout_seconds, _LONGEST_TRIAL)
            request = Request(source.url, {**source.headers, **secrets}, seconds, source.max_bytes)
            pulled = await self._fetcher.pull(request)
            content, media_type = pulled.content or b"", pulled.media_type
        else:
            file, content, as_of = await self._oldest_file(shop, source)
        rows = await rows_of(content, source, media_type)
        report = await look_through(self._imports, shop, source, rows, as_of)
        problem = ""
        try:
            require_sound(source, report)
        except SourceFailed as failed:
            problem = str(failed)
        return SourceTrial(rows[:_SHOWN_ROWS], file, report, problem)

    async def _oldest_file(self, shop: str, source: FactSource) -> tuple[str, bytes, datetime]:
        files = await self._folders.look(shop, source.folder, source.pattern)
        if not files:
            raise SourceFailed(
                "文件夹里还没有这样的文件，放一个进去再试。 no such file waits in the folder: put one there and try again"
            )
        content = await self._folders.read(shop, source.folder, files[0], source.max_bytes)
        if content is None:
            raise SourceFailed(f"{files[0].name} 还在写入。 {files[0].name} is still being written")
        return files[0].name, content, min(files[0].modified_at, self._clock.now())

    async def _secrets(
        self,
        shop: str,
        before: FactSource | None,
        source: FactSource,
        given: Mapping[str, str | None],
    ) -> dict[str, str]:
        """Return the values of the source's secret headers. A kept one goes to the address it was given for alone."""
        kept: Mapping[str, str] = {}
        if before is not None and _origin(before.url) == _origin(source.url):
            kept = await self._store.get_secrets(shop, source.id)
        missing = [name for name, value in given.items() if value is None and name not in kept]
        if missing:
            raise SecretNeeded(missing)
        return {name: kept[name] if value is None else value for name, value in given.items()}


def _origin(url: str) -> tuple[str, str]:
    parts = urlsplit(url)
    return parts.scheme.lower(), parts.netloc.lower()
