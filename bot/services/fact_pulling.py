"""Pulling facts from their sources: each is looked at when it is due, by one worker of all.

One source at a time of a shop, and a few shops at once: whoever answers slowly keeps nobody waiting but himself.
"""

from __future__ import annotations

import asyncio
import logging
from dataclasses import replace
from datetime import datetime, timedelta
from functools import partial
from typing import Final

from bot.domain.fact_sources import FactSource, SourceState, next_look
from bot.ports import Clock, NotFound, Unavailable
from bot.ports.fact_sources import (
    DueSource,
    FactSourceStore,
    FoundFile,
    HttpFetcher,
    KeptSource,
    Request,
    SourceFailed,
    SourceFolders,
)
from bot.services.fact_importing import FactImport, FactImports
from bot.services.source_rows import ends_openly
from bot.services.source_taking import reason_of, rows_of, take

_log = logging.getLogger(__name__)
_AT_ONCE: Final = 8
_PAUSE: Final = 1.0
_RUN_SECONDS: Final = 480.0
"""Shorter than a claim: who takes longer is stopped before somebody else may begin."""
_AFTER_OUTAGE: Final = timedelta(minutes=1)
_CONFIRM: Final = timedelta(minutes=15)
"""After so long everything is read again, changed or not: facts that are still true shall be as fresh as their source."""
_OPEN_END: Final = timedelta(minutes=2)
"""A file whose last line is not ended is waited for so long: most programs end the last line too."""
_FILES_AT_ONCE: Final = 20
_UNFORESEEN: Final = "出现意外错误，请看服务器日志。 something unforeseen; see the server's log"


class FactPulling:
    """Looks at sources when they are due. `run` is for the life of a worker."""

    def __init__(
        self,
        store: FactSourceStore,
        fetcher: HttpFetcher,
        folders: SourceFolders,
        imports: FactImports,
        clock: Clock,
    ) -> None:
        self._store = store
        self._fetcher = fetcher
        self._folders = folders
        self._imports = imports
        self._clock = clock
        self._running: dict[str, asyncio.Task[None]] = {}

    async def run(self) -> None:
        """Look every second which sources are due, until cancelled."""
        try:
            while True:
                try:
                    await self.begin_due()
                except Unavailable as error:
                    _log.warning("facts are not pulled until the database answers: %s", error)
                await asyncio.sleep(_PAUSE)
        finally:
            for task in self._running.values():
                task.cancel()
            await asyncio.gather(*self._running.values(), return_exceptions=True)

    async def begin_due(self) -> list[asyncio.Task[None]]:
        """Begin with sources that are due, as many as there is room for; return what was begun."""
        room = _AT_ONCE - len(self._running)
        if room <= 0:
            return []
        begun = []
        for claimed in await self._store.claim_due(self._clock.now(), room, self._running.keys()):
            task = asyncio.create_task(self._work(claimed))
            self._running[claimed.shop] = task
            task.add_done_callback(partial(self._ended, claimed.shop))
            begun.append(task)
        return begun

    def _ended(self, shop: str, _: asyncio.Task[None]) -> None:
        self._running.pop(shop, None)

    async def _work(self, claimed: DueSource) -> None:
        """Look at one source and say when it is next due, whatever happens."""
        again = self._clock.now() + _AFTER_OUTAGE
        try:
            kept = await self._store.get_source(claimed.shop, claimed.id)
            state, again = await self._look_at(claimed.shop, kept)
            if state != kept.state:
                await self._store.write_state(claimed.shop, claimed.id, kept.revision, state)
        except NotFound:
            return  # deleted meanwhile, or its shop was
        except Unavailable as error:
            _log.warning("a source of %s is looked at again later: %s", claimed.shop, error)
        except asyncio.CancelledError:
            # Whoever works on, or is started next, need not wait for the claim to end.
            await self._let_go(claimed, self._clock.now())
            raise
        await self._let_go(claimed, again)

    async def _let_go(self, claimed: DueSource, again: datetime) -> None:
        try:
            await self._store.look_again(claimed, again)
        except Unavailable:
            _log.debug("a source of %s is due when its claim ends", claimed.shop)

    async def _look_at(self, shop: str, kept: KeptSource) -> tuple[SourceState, datetime]:
        """Return how the source did, and when to look again. Raises NotFound and Unavailable."""
        source, state = kept.source, kept.state
        asked_to_wait: timedelta | None = None
        try:
            async with asyncio.timeout(_RUN_SECONDS):
                state = await (self._pull if source.kind == "http" else self._empty)(shop, source, state)
        except SourceFailed as failed:
            state, asked_to_wait = self._failed(state, str(failed)), failed.retry_after
        except TimeoutError:
            state = self._failed(state, "处理超时。 it took too long")
        except (NotFound, Unavailable):
            raise
        except Exception:  # noqa: BLE001 - one source's odd export must not keep the others of the shop waiting
            _log.exception("a source of %s could not be looked at", shop)
            state = self._failed(state, _UNFORESEEN)
        now = self._clock.now()
        return state, max(next_look(source, state, now), now + (asked_to_wait or timedelta()))

    def _failed(self, state: SourceState, problem: str) -> SourceState:
        failures = min(state.failures + 1, 1000)
        return replace(state, tried_at=self._clock.now(), error=problem, failures=failures)

    async def _pull(self, shop: str, source: FactSource, state: SourceState) -> SourceState:
        """Ask the address and take what it answers."""
        now = self._clock.now()
        again = state.read_at is not None and now - state.read_at < _CONFIRM
        request = Request(
            source.url,
            {**source.headers, **await self._store.get_secrets(shop, source.id)},
            source.timeout_seconds,
            source.max_bytes,
            state.etag if again else "",
            state.last_modified if again else "",
        )
        pulled = await self._fetcher.pull(request)
        if pulled.content is None:
            return replace(state, tried_at=now, succeeded_at=now, error="", failures=0)
        rows = await rows_of(pulled.content, source, pulled.media_type)
        report = await take(self._imports, shop, source, rows, now)
        return replace(
            _taken(state, report, now), etag=pulled.etag, last_modified=pulled.last_modified, failures=0
        )

    async def _empty(self, shop: str, source: FactSource, state: SourceState) -> SourceState:
        """Take every file that is the same as at the last look."""
        files = await self._folders.look(shop, source.folder, source.pattern)
        whole = [file for file in files if state.seen.get(file.name) == file.mark]
        for file in whole[:_FILES_AT_ONCE]:
            state = await self._take_file(shop, source, state, file)
        seen = {file.name: file.mark for file in files}
        return replace(state, seen=seen, failures=0, error="" if state.failures else state.error)

    async def _take_file(
        self, shop: str, source: FactSource, state: SourceState, file: FoundFile
    ) -> SourceState:
        """Take one file and put it away, as done or, whatever is wrong with it, as failed."""
        now, problem = self._clock.now(), ""
        try:
            content = await self._folders.read(shop, source.folder, file, source.max_bytes)
            if content is None or (ends_openly(content) and now - file.modified_at < _OPEN_END):
                return state
            as_of = min(file.modified_at, now)
            _require_newer(state, as_of)
            rows = await rows_of(content, source)
            report = await take(self._imports, shop, source, rows, as_of)
            state = replace(_taken(state, report, now), as_of=as_of)
        except SourceFailed as failed:
            problem = str(failed)
        except (NotFound, Unavailable):
            raise
        except Exception:  # noqa: BLE001 - an odd file must not keep those behind it waiting for ever
            _log.exception("a file of %s could not be taken", shop)
            problem = _UNFORESEEN
        if problem:
            state = replace(state, tried_at=now, error=f"{file.name}: {problem}")
        await self._folders.put_away(shop, source.folder, file, now, problem)
        return state


def _require_newer(state: SourceState, as_of: datetime) -> None:
    """Refuse a file from before the one that was taken last: old stock must not take the place of new. Raises SourceFailed."""
    if state.as_of is not None and as_of < state.as_of:
        raise SourceFailed(
            "这个文件比上次导入的还旧，没有导入。 the file is older than the one that was taken last; nothing was taken"
        )


def _taken(state: SourceState, report: FactImport, now: datetime) -> SourceState:
    return replace(
        state,
        tried_at=now,
        succeeded_at=now,
        read_at=now,
        error="",
        warning=reason_of(report),
        rows=report.rows,
        refused=report.rows - report.ok,
    )
