"""How long a shop's facts of each kind count as fresh; when the stock of each variant was last learned."""

from __future__ import annotations

from typing import Final

from alembic import op

revision = "0012"
down_revision = "0011"

_TABLE: Final = """
CREATE TABLE fact_lifetimes (
    shop_id TEXT NOT NULL,
    kind TEXT NOT NULL,
    lifetime INTERVAL NOT NULL,
    CONSTRAINT fact_lifetimes_pkey PRIMARY KEY (shop_id, kind),
    CONSTRAINT fact_lifetimes_shop_id_check CHECK (shop_id <> ''),
    CONSTRAINT fact_lifetimes_shop_id_fkey FOREIGN KEY (shop_id) REFERENCES shops (shop_id) ON DELETE CASCADE
)
"""
_ONE_SHOP: Final = "shop_id = NULLIF(current_setting('kuaihui.shop', true), '')"


def upgrade() -> None:
    op.execute("ALTER TABLE variants ADD COLUMN stock_as_of TIMESTAMPTZ")
    op.execute(_TABLE)
    op.execute("ALTER TABLE fact_lifetimes ENABLE ROW LEVEL SECURITY")
    op.execute("ALTER TABLE fact_lifetimes FORCE ROW LEVEL SECURITY")
    op.execute(f"CREATE POLICY one_shop ON fact_lifetimes USING ({_ONE_SHOP}) WITH CHECK ({_ONE_SHOP})")
