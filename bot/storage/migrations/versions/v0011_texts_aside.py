"""What owners put aside of what buyers asked in vain."""

from __future__ import annotations

from typing import Final

from alembic import op

revision = "0011"
down_revision = "0010"

_TABLE: Final = """
CREATE TABLE texts_aside (
    shop_id TEXT NOT NULL,
    text_key TEXT NOT NULL,
    entry_id TEXT NOT NULL,
    text TEXT NOT NULL,
    at TIMESTAMPTZ NOT NULL,
    author TEXT NOT NULL,
    CONSTRAINT texts_aside_pkey PRIMARY KEY (shop_id, text_key),
    CONSTRAINT texts_aside_shop_id_check CHECK (shop_id <> ''),
    CONSTRAINT texts_aside_shop_id_fkey FOREIGN KEY (shop_id) REFERENCES shops (shop_id) ON DELETE CASCADE
)
"""
_ONE_SHOP: Final = "shop_id = NULLIF(current_setting('kuaihui.shop', true), '')"


def upgrade() -> None:
    op.execute(_TABLE)
    op.execute("ALTER TABLE texts_aside ENABLE ROW LEVEL SECURITY")
    op.execute("ALTER TABLE texts_aside FORCE ROW LEVEL SECURITY")
    op.execute(f"CREATE POLICY one_shop ON texts_aside USING ({_ONE_SHOP}) WITH CHECK ({_ONE_SHOP})")
