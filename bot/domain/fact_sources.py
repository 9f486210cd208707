"""Where a shop's facts come from by themselves: a watched folder, or an address that is asked now and then."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final

MOST_SOURCES: Final = 20
"""Sources that one shop has at most."""
SHORTEST: Final = timedelta(minutes=1)
LONGEST: Final = timedelta(days=31)
LONGEST_TIMEOUT: Final = 60
LARGEST: Final = 32 * 1024 * 1024

LOOK: Final = timedelta(seconds=15)
"""How often a folder is looked into. A file that is the same at two looks has stopped growing."""
_FIRST_RETRY: Final = timedelta(minutes=1)
_LAST_RETRY: Final = timedelta(hours=1)
_SILENT_AFTER: Final = 3


@dataclass(frozen=True, slots=True)
class FactSource:
    """What is read, from where, how often, and into which table (one of FACT_TABLES).

    `columns` says under which name of theirs each column of ours is found; empty = their names are ours. `rows_path`
    leads to the rows in JSON. `every` is how often an address is asked, and how often a file is expected. The values of
    `secret_headers` are kept elsewhere: whoever reads a source does not read them.
    """

    id: str
    name: str
    table: str
    kind: str
    every: timedelta
    enabled: bool = True
    replace: bool = False
    columns: Mapping[str, str] = field(default_factory=dict)
    form: str = "auto"
    rows_path: str = ""
    url: str = ""
    headers: Mapping[str, str] = field(default_factory=dict)
    secret_headers: tuple[str, ...] = ()
    timeout_seconds: float = 20.0
    max_bytes: int = 8 * 1024 * 1024
    folder: str = ""
    pattern: str = "*"


@dataclass(frozen=True, slots=True)
class SourceState:
    """How a source has done. `rows` were in the last export, `refused` of them not taken: `warning` says why one was not.

    `error` is "" when all is well. `succeeded_at` is when the source last answered, `read_at` when its rows were last
    written, `as_of` when they were true. `seen` holds, by name, the mark of each file as it was at the last look.
    """

    tried_at: datetime | None = None
    succeeded_at: datetime | None = None
    read_at: datetime | None = None
    as_of: datetime | None = None
    error: str = ""
    warning: str = ""
    rows: int = 0
    refused: int = 0
    failures: int = 0
    etag: str = ""
    last_modified: str = ""
    seen: Mapping[str, str] = field(default_factory=dict)


DONE: Final = "done"
FAILED: Final = "failed"


def folder_steps(folder: str) -> list[str] | None:
    """Return the folders that lead from the shop's own to this one; None for what leads elsewhere, or to what is put away."""
    steps = [step for step in folder.split("/") if step]
    if folder.startswith("/") or any(
        step.startswith(".") or step.lower() in (DONE, FAILED) or "\0" in step or "\\" in step
        for step in steps
    ):
        return None
    return steps


def is_silent(source: FactSource, state: SourceState, since: datetime, now: datetime) -> bool:
    """Whether nothing has come for three times as long as it should; `since` is when the source was set up."""
    return source.enabled and now - (state.succeeded_at or since) > _SILENT_AFTER * source.every


def next_look(source: FactSource, state: SourceState, now: datetime) -> datetime:
    """Return when the source is next looked at: after failures ever later, but within the hour or the usual time."""
    usual = LOOK if source.kind == "folder" else source.every
    if not state.failures:
        return now + usual
    wait = _FIRST_RETRY * (1 << min(state.failures - 1, 12))
    return now + min(wait, max(usual, _LAST_RETRY))
