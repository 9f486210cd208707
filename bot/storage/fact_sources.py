"""Sources of facts in PostgreSQL, and which worker looks at each."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import datetime
from typing import Any, Final

from sqlalchemy import delete, select, text, update
from sqlalchemy.dialects.postgresql import insert as upsert

from bot.domain.fact_sources import FactSource, SourceState
from bot.ports import NotFound
from bot.ports.fact_sources import DueSource, KeptSource
from bot.storage import schema_sources as schema
from bot.storage.database import Database
from bot.storage.source_rows import CLAIM, document_of, read_source, read_state, state_row

_sources: Final = schema.fact_sources
_dues: Final = schema.fact_source_dues
_READ: Final = select(
    _sources.c.source_id,
    _sources.c.name,
    _sources.c.enabled,
    _sources.c.document,
    _sources.c.state,
    _sources.c.made_at,
    _sources.c.revision,
)
_CLAIM: Final = text(
    "UPDATE fact_source_dues SET due_at = :until FROM ("
    " SELECT shop_id AS of_shop, source_id AS of_source FROM fact_source_dues"
    " WHERE due_at <= :at AND (shop_id, source_id) IN ("
    "  SELECT DISTINCT ON (shop_id) shop_id, source_id FROM fact_source_dues"
    "  WHERE due_at <= :at AND shop_id <> ALL (CAST(:busy AS text[])) ORDER BY shop_id, due_at, source_id)"
    " ORDER BY due_at LIMIT :limit FOR UPDATE SKIP LOCKED) AS due "
    "WHERE shop_id = of_shop AND source_id = of_source RETURNING shop_id, source_id"
)


class PostgresFactSources:
    """The FactSourceStore of bot.ports."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def list_sources(self, shop: str) -> list[KeptSource]:
        async with self._database.scope(shop) as connection:
            rows = await connection.execute(_READ.order_by(_sources.c.name, _sources.c.source_id))
            return [_read(row) for row in rows]

    async def get_source(self, shop: str, source: str) -> KeptSource:
        async with self._database.scope(shop) as connection:
            found = await connection.execute(_READ.where(_sources.c.source_id == source))
            row = found.one_or_none()
        if row is None:
            raise NotFound("there is no such source in this shop")
        return _read(row)

    async def get_secrets(self, shop: str, source: str) -> Mapping[str, str]:
        query = select(_sources.c.secrets).where(_sources.c.source_id == source)
        async with self._database.scope(shop) as connection:
            return dict(await connection.scalar(query) or {})

    async def put_source(
        self, shop: str, source: FactSource, secrets: Mapping[str, str], state: SourceState, now: datetime
    ) -> None:
        written = {
            "name": source.name,
            "enabled": source.enabled,
            "document": document_of(source),
            "secrets": dict(secrets),
            "state": state_row(state),
        }
        key = {"shop_id": shop, "source_id": source.id}
        put = upsert(_sources).values(**key, **written, made_at=now, revision=1)
        put = put.on_conflict_do_update(
            index_elements=["shop_id", "source_id"], set_={**written, "revision": _sources.c.revision + 1}
        )
        due = upsert(_dues).values(**key, due_at=now)
        due = due.on_conflict_do_update(index_elements=["shop_id", "source_id"], set_={"due_at": now})
        gone = delete(_dues).where(_dues.c.shop_id == shop, _dues.c.source_id == source.id)
        async with self._database.scope(shop) as connection:
            if await connection.scalar(text("SELECT 1 FROM shops")) is None:
                raise NotFound(f"there is no shop {shop}")
            await connection.execute(put)
            await connection.execute(due if source.enabled else gone)

    async def delete_source(self, shop: str, source: str) -> None:
        async with self._database.scope(shop) as connection:
            gone = await connection.execute(delete(_sources).where(_sources.c.source_id == source))
        if gone.rowcount == 0:
            raise NotFound("there is no such source in this shop")

    async def write_state(self, shop: str, source: str, revision: int, state: SourceState) -> None:
        kept = update(_sources).where(_sources.c.source_id == source, _sources.c.revision == revision)
        async with self._database.scope(shop) as connection:
            await connection.execute(kept.values(state=state_row(state)))

    async def claim_due(self, now: datetime, limit: int, busy: Collection[str]) -> list[DueSource]:
        until = now + CLAIM
        values = {"at": now, "until": until, "limit": limit, "busy": sorted(busy)}
        async with self._database.unscoped() as connection:
            rows = await connection.execute(_CLAIM, values)
            return sorted((DueSource(shop, source, until) for shop, source in rows), key=lambda d: d.shop)

    async def look_again(self, claimed: DueSource, at: datetime) -> None:
        claim = update(_dues).where(
            _dues.c.shop_id == claimed.shop, _dues.c.source_id == claimed.id, _dues.c.due_at == claimed.until
        )
        async with self._database.unscoped() as connection:
            await connection.execute(claim.values(due_at=at))

    async def ask_for(self, shop: str, source: str, at: datetime) -> None:
        due = update(_dues).where(_dues.c.shop_id == shop, _dues.c.source_id == source)
        async with self._database.scope(shop) as connection:
            asked = await connection.execute(due.values(due_at=at))
        if asked.rowcount == 0:
            raise NotFound("there is no such source in this shop, or it is switched off")


def _read(row: Any) -> KeptSource:
    source = read_source(row.source_id, row.name, row.enabled, row.document)
    return KeptSource(source, read_state(row.state), row.made_at, row.revision)
