"""What buyers tried in order to prove that an order is theirs."""

from __future__ import annotations

from typing import Final

from alembic import op

revision = "0017"
down_revision = "0016"

_TABLE: Final = """
CREATE TABLE order_tries (
    shop_id TEXT NOT NULL,
    conversation_id TEXT NOT NULL,
    try_id TEXT NOT NULL,
    buyer_id TEXT NOT NULL,
    order_no TEXT NOT NULL,
    at TIMESTAMPTZ NOT NULL,
    is_right BOOLEAN NOT NULL,
    CONSTRAINT order_tries_pkey PRIMARY KEY (shop_id, conversation_id, try_id),
    CONSTRAINT order_tries_shop_id_check CHECK (shop_id <> ''),
    CONSTRAINT order_tries_shop_id_fkey FOREIGN KEY (shop_id) REFERENCES shops (shop_id) ON DELETE CASCADE,
    CONSTRAINT order_tries_shop_id_conversation_id_fkey
        FOREIGN KEY (shop_id, conversation_id)
        REFERENCES conversations (shop_id, conversation_id) ON DELETE CASCADE
)
"""
_INDEXES: Final = (
    "CREATE INDEX order_tries_buyer ON order_tries (shop_id, buyer_id, at)",
    "CREATE INDEX order_tries_number ON order_tries (shop_id, order_no, at)",
)
_ONE_SHOP: Final = "shop_id = NULLIF(current_setting('kuaihui.shop', true), '')"


def upgrade() -> None:
    op.execute(_TABLE)
    for index in _INDEXES:
        op.execute(index)
    op.execute("ALTER TABLE order_tries ENABLE ROW LEVEL SECURITY")
    op.execute("ALTER TABLE order_tries FORCE ROW LEVEL SECURITY")
    op.execute(f"CREATE POLICY one_shop ON order_tries USING ({_ONE_SHOP}) WITH CHECK ({_ONE_SHOP})")
