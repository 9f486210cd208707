"""Outer channels: what shops set up, which of their messages were taken, and what is on its way to them."""

from __future__ import annotations

from typing import Final

from alembic import op

revision = "0016"
down_revision = "0015"

_ONE_SHOP: Final = "shop_id = NULLIF(current_setting('kuaihui.shop', true), '')"
_CHANNELS: Final = """
CREATE TABLE channels (
    shop_id TEXT NOT NULL,
    channel_id TEXT NOT NULL,
    kind TEXT NOT NULL,
    name TEXT NOT NULL,
    enabled BOOLEAN NOT NULL,
    settings JSON NOT NULL,
    secrets JSON NOT NULL,
    made_at TIMESTAMPTZ NOT NULL,
    changed_at TIMESTAMPTZ NOT NULL,
    CONSTRAINT channels_pkey PRIMARY KEY (shop_id, channel_id),
    CONSTRAINT channels_shop_id_check CHECK (shop_id <> ''),
    CONSTRAINT channels_shop_id_fkey FOREIGN KEY (shop_id) REFERENCES shops (shop_id) ON DELETE CASCADE
)
"""
_RECEIVED: Final = """
CREATE TABLE received (
    shop_id TEXT NOT NULL,
    channel_id TEXT NOT NULL,
    external_id TEXT NOT NULL,
    conversation_id TEXT NOT NULL,
    number INTEGER,
    thread TEXT NOT NULL,
    at TIMESTAMPTZ NOT NULL,
    CONSTRAINT received_pkey PRIMARY KEY (shop_id, channel_id, external_id),
    CONSTRAINT received_shop_id_check CHECK (shop_id <> ''),
    CONSTRAINT received_shop_id_fkey FOREIGN KEY (shop_id) REFERENCES shops (shop_id) ON DELETE CASCADE,
    CONSTRAINT received_shop_id_channel_id_fkey FOREIGN KEY (shop_id, channel_id)
        REFERENCES channels (shop_id, channel_id) ON DELETE CASCADE
)
"""
_DELIVERIES: Final = """
CREATE TABLE deliveries (
    shop_id TEXT NOT NULL,
    conversation_id TEXT NOT NULL,
    position INTEGER NOT NULL,
    channel_id TEXT NOT NULL,
    key TEXT NOT NULL,
    at TIMESTAMPTZ NOT NULL,
    due_at TIMESTAMPTZ NOT NULL,
    number INTEGER,
    author TEXT NOT NULL,
    status TEXT NOT NULL,
    state TEXT NOT NULL,
    attempts INTEGER NOT NULL,
    error TEXT NOT NULL,
    external_id TEXT NOT NULL,
    settled_at TIMESTAMPTZ,
    CONSTRAINT deliveries_pkey PRIMARY KEY (shop_id, conversation_id, position),
    CONSTRAINT deliveries_shop_id_key_key UNIQUE (shop_id, key),
    CONSTRAINT deliveries_shop_id_check CHECK (shop_id <> ''),
    CONSTRAINT deliveries_shop_id_fkey FOREIGN KEY (shop_id) REFERENCES shops (shop_id) ON DELETE CASCADE,
    CONSTRAINT deliveries_shop_id_conversation_id_fkey FOREIGN KEY (shop_id, conversation_id)
        REFERENCES conversations (shop_id, conversation_id) ON DELETE CASCADE
)
"""
_DUES: Final = """
CREATE TABLE delivery_dues (
    shop_id TEXT NOT NULL,
    conversation_id TEXT NOT NULL,
    due_at TIMESTAMPTZ NOT NULL,
    CONSTRAINT delivery_dues_pkey PRIMARY KEY (shop_id, conversation_id),
    CONSTRAINT delivery_dues_shop_id_conversation_id_fkey FOREIGN KEY (shop_id, conversation_id)
        REFERENCES conversations (shop_id, conversation_id) ON DELETE CASCADE
)
"""
_INDEXES: Final = (
    "CREATE INDEX received_conversation ON received (shop_id, conversation_id, at)",
    "CREATE INDEX received_thread ON received (shop_id, channel_id, thread, at) WHERE thread <> ''",
    "CREATE INDEX deliveries_waiting ON deliveries (shop_id, conversation_id, position) WHERE state = 'waiting'",
    "CREATE INDEX deliveries_channel ON deliveries (shop_id, channel_id, state, at)",
    "CREATE INDEX delivery_dues_due ON delivery_dues (due_at)",
)


def upgrade() -> None:
    for statement in (_CHANNELS, _RECEIVED, _DELIVERIES, _DUES, *_INDEXES):
        op.execute(statement)
    for table in ("channels", "received", "deliveries"):
        op.execute(f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY")
        op.execute(f"ALTER TABLE {table} FORCE ROW LEVEL SECURITY")
        op.execute(f"CREATE POLICY one_shop ON {table} USING ({_ONE_SHOP}) WITH CHECK ({_ONE_SHOP})")
