"""Requests for invoices that buyers made."""

from __future__ import annotations

from typing import Final

from alembic import op

revision = "0018"
down_revision = "0017"

_TABLE: Final = """
CREATE TABLE invoice_requests (
    shop_id TEXT NOT NULL,
    request_id TEXT NOT NULL,
    conversation_id TEXT NOT NULL,
    buyer_id TEXT NOT NULL,
    state TEXT NOT NULL,
    details JSON NOT NULL,
    order_is_proven BOOLEAN NOT NULL,
    created_at TIMESTAMPTZ NOT NULL,
    changed_at TIMESTAMPTZ,
    changed_by TEXT NOT NULL,
    note TEXT NOT NULL,
    CONSTRAINT invoice_requests_pkey PRIMARY KEY (shop_id, request_id),
    CONSTRAINT invoice_requests_shop_id_check CHECK (shop_id <> ''),
    CONSTRAINT invoice_requests_shop_id_fkey FOREIGN KEY (shop_id) REFERENCES shops (shop_id) ON DELETE CASCADE,
    CONSTRAINT invoice_requests_shop_id_conversation_id_fkey
        FOREIGN KEY (shop_id, conversation_id)
        REFERENCES conversations (shop_id, conversation_id) ON DELETE CASCADE
)
"""
_INDEXES: Final = (
    "CREATE INDEX invoice_requests_newest ON invoice_requests (shop_id, created_at, request_id)",
    "CREATE INDEX invoice_requests_conversation ON invoice_requests (shop_id, conversation_id)",
)
_ONE_SHOP: Final = "shop_id = NULLIF(current_setting('kuaihui.shop', true), '')"


def upgrade() -> None:
    op.execute(_TABLE)
    for index in _INDEXES:
        op.execute(index)
    op.execute("ALTER TABLE invoice_requests ENABLE ROW LEVEL SECURITY")
    op.execute("ALTER TABLE invoice_requests FORCE ROW LEVEL SECURITY")
    op.execute(f"CREATE POLICY one_shop ON invoice_requests USING ({_ONE_SHOP}) WITH CHECK ({_ONE_SHOP})")
