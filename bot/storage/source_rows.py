"""Sources of facts as JSON, and back."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any, Final

from bot.domain.fact_sources import FactSource, SourceState

CLAIM: Final = timedelta(minutes=10)
"""For so long no other worker looks at a source that one has begun with."""


def document_of(source: FactSource) -> dict[str, Any]:
    """Return what is kept beside id, name and whether it is enabled."""
    return {
        "table": source.table,
        "kind": source.kind,
        "every": source.every.total_seconds(),
        "replace": source.replace,
        "columns": dict(source.columns),
        "form": source.form,
        "rows_path": source.rows_path,
        "url": source.url,
        "headers": dict(source.headers),
        "secret_headers": list(source.secret_headers),
        "timeout_seconds": source.timeout_seconds,
        "max_bytes": source.max_bytes,
        "folder": source.folder,
        "pattern": source.pattern,
    }


def read_source(source_id: str, name: str, enabled: bool, document: Mapping[str, Any]) -> FactSource:
    """Return the source that `document_of` was made from."""
    rest = {**document, "every": timedelta(seconds=document["every"])}
    rest["secret_headers"] = tuple(document["secret_headers"])
    return FactSource(id=source_id, name=name, enabled=enabled, **rest)


def state_row(state: SourceState) -> dict[str, Any]:
    """Return the state as JSON."""
    return {
        **{name: moment and moment.isoformat() for name, moment in _moments_of(state).items()},
        "error": state.error,
        "warning": state.warning,
        "rows": state.rows,
        "refused": state.refused,
        "failures": state.failures,
        "etag": state.etag,
        "last_modified": state.last_modified,
        "seen": dict(state.seen),
    }


def read_state(row: Mapping[str, Any]) -> SourceState:
    """Return the state that `state_row` was made from."""
    moments = {
        name: datetime.fromisoformat(row[name]) if row.get(name) else None
        for name in _moments_of(SourceState())
    }
    return SourceState(**{**row, **moments})


def _moments_of(state: SourceState) -> dict[str, datetime | None]:
    return {
        "tried_at": state.tried_at,
        "succeeded_at": state.succeeded_at,
        "read_at": state.read_at,
        "as_of": state.as_of,
    }
