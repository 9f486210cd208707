"""Each shop's rules for replies that go out without a person."""

from __future__ import annotations

from typing import Final

from alembic import op

revision = "0010"
down_revision = "0009"

_TABLE: Final = """
CREATE TABLE auto_reply_policies (
    shop_id TEXT NOT NULL,
    policy JSON NOT NULL,
    CONSTRAINT auto_reply_policies_pkey PRIMARY KEY (shop_id),
    CONSTRAINT auto_reply_policies_shop_id_check CHECK (shop_id <> ''),
    CONSTRAINT auto_reply_policies_shop_id_fkey FOREIGN KEY (shop_id) REFERENCES shops (shop_id) ON DELETE CASCADE
)
"""
_ONE_SHOP: Final = "shop_id = NULLIF(current_setting('kuaihui.shop', true), '')"


def upgrade() -> None:
    op.execute(_TABLE)
    op.execute("ALTER TABLE auto_reply_policies ENABLE ROW LEVEL SECURITY")
    op.execute("ALTER TABLE auto_reply_policies FORCE ROW LEVEL SECURITY")
    op.execute(f"CREATE POLICY one_shop ON auto_reply_policies USING ({_ONE_SHOP}) WITH CHECK ({_ONE_SHOP})")
