"""The next version of an entry while it is written and reviewed; who wrote the draft of a version that was published."""

from __future__ import annotations

from typing import Final

from alembic import op

revision = "0009"
down_revision = "0008"

_TABLE: Final = """
CREATE TABLE entry_drafts (
    shop_id TEXT NOT NULL,
    entry_id TEXT NOT NULL,
    version INTEGER NOT NULL,
    base INTEGER NOT NULL,
    author TEXT NOT NULL,
    at TIMESTAMPTZ NOT NULL,
    handed_by TEXT NOT NULL,
    handed_at TIMESTAMPTZ,
    note TEXT NOT NULL,
    document JSON NOT NULL,
    CONSTRAINT entry_drafts_pkey PRIMARY KEY (shop_id, entry_id),
    CONSTRAINT entry_drafts_shop_id_entry_id_fkey
        FOREIGN KEY (shop_id, entry_id)
        REFERENCES entries (shop_id, entry_id) ON DELETE CASCADE,
    CONSTRAINT entry_drafts_shop_id_check CHECK (shop_id <> ''),
    CONSTRAINT entry_drafts_shop_id_fkey FOREIGN KEY (shop_id) REFERENCES shops (shop_id) ON DELETE CASCADE
)
"""
_ONE_SHOP: Final = "shop_id = NULLIF(current_setting('kuaihui.shop', true), '')"


def upgrade() -> None:
    op.execute(_TABLE)
    op.execute("ALTER TABLE entry_drafts ENABLE ROW LEVEL SECURITY")
    op.execute("ALTER TABLE entry_drafts FORCE ROW LEVEL SECURITY")
    op.execute(f"CREATE POLICY one_shop ON entry_drafts USING ({_ONE_SHOP}) WITH CHECK ({_ONE_SHOP})")
    op.execute("ALTER TABLE entry_versions ADD COLUMN drafted_by TEXT NOT NULL DEFAULT ''")
