"""Where a shop's facts come from by themselves, and when each source is looked at next."""

from __future__ import annotations

from typing import Final

from alembic import op

revision = "0008"
down_revision = "0007"

_ONE_SHOP: Final = "shop_id = NULLIF(current_setting('kuaihui.shop', true), '')"
_STATEMENTS: Final = (
    "CREATE TABLE fact_sources ("
    " shop_id TEXT NOT NULL,"
    " source_id TEXT NOT NULL,"
    " name TEXT NOT NULL,"
    " enabled BOOLEAN NOT NULL,"
    " document JSON NOT NULL,"
    " secrets JSON NOT NULL,"
    " state JSON NOT NULL,"
    " made_at TIMESTAMPTZ NOT NULL,"
    " revision INTEGER NOT NULL,"
    " CONSTRAINT fact_sources_pkey PRIMARY KEY (shop_id, source_id),"
    " CONSTRAINT fact_sources_shop_id_check CHECK (shop_id <> ''),"
    " CONSTRAINT fact_sources_shop_id_fkey FOREIGN KEY (shop_id) REFERENCES shops (shop_id) ON DELETE CASCADE)",
    "CREATE TABLE fact_source_dues ("
    " shop_id TEXT NOT NULL,"
    " source_id TEXT NOT NULL,"
    " due_at TIMESTAMPTZ NOT NULL,"
    " CONSTRAINT fact_source_dues_pkey PRIMARY KEY (shop_id, source_id),"
    " CONSTRAINT fact_source_dues_shop_id_source_id_fkey"
    "  FOREIGN KEY (shop_id, source_id) REFERENCES fact_sources (shop_id, source_id) ON DELETE CASCADE)",
    "CREATE INDEX fact_source_dues_due ON fact_source_dues (due_at)",
    "ALTER TABLE fact_sources ENABLE ROW LEVEL SECURITY",
    "ALTER TABLE fact_sources FORCE ROW LEVEL SECURITY",
    f"CREATE POLICY one_shop ON fact_sources USING ({_ONE_SHOP}) WITH CHECK ({_ONE_SHOP})",
)


def upgrade() -> None:
    for statement in _STATEMENTS:
        op.execute(statement)
