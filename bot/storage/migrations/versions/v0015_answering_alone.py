"""What answering without a person keeps: decisions, messages on their way, hand-overs, dialogues, what is due, the stop."""

from __future__ import annotations

from typing import Final

from alembic import op

revision = "0015"
down_revision = "0014"

_TABLES: Final = """
CREATE TABLE auto_decisions (
    shop_id TEXT NOT NULL,
    conversation_id TEXT NOT NULL,
    decision_id TEXT NOT NULL,
    upto INTEGER NOT NULL,
    at TIMESTAMPTZ NOT NULL,
    deed TEXT NOT NULL,
    reasons JSON NOT NULL,
    confidence DOUBLE PRECISION,
    threshold DOUBLE PRECISION,
    groups JSON NOT NULL,
    entries JSON NOT NULL,
    facts JSON NOT NULL,
    dialogue TEXT NOT NULL,
    CONSTRAINT auto_decisions_pkey PRIMARY KEY (shop_id, conversation_id, decision_id),
    CONSTRAINT auto_decisions_shop_id_check CHECK (shop_id <> ''),
    CONSTRAINT auto_decisions_shop_id_fkey FOREIGN KEY (shop_id) REFERENCES shops (shop_id) ON DELETE CASCADE,
    CONSTRAINT auto_decisions_shop_id_conversation_id_fkey FOREIGN KEY (shop_id, conversation_id)
        REFERENCES conversations (shop_id, conversation_id) ON DELETE CASCADE
);
CREATE INDEX auto_decisions_newest ON auto_decisions (shop_id, conversation_id, at);
CREATE INDEX auto_decisions_spoken ON auto_decisions (shop_id, at, conversation_id)
    WHERE deed IN ('reply', 'ask_back');
CREATE TABLE auto_messages (
    shop_id TEXT NOT NULL,
    key TEXT NOT NULL,
    conversation_id TEXT NOT NULL,
    decision TEXT NOT NULL,
    position INTEGER NOT NULL,
    text TEXT NOT NULL,
    image TEXT NOT NULL,
    question BOOLEAN NOT NULL,
    answers INTEGER,
    due_at TIMESTAMPTZ NOT NULL,
    expires_at TIMESTAMPTZ NOT NULL,
    attempts INTEGER NOT NULL,
    state TEXT NOT NULL,
    error TEXT NOT NULL,
    CONSTRAINT auto_messages_pkey PRIMARY KEY (shop_id, key),
    CONSTRAINT auto_messages_shop_id_check CHECK (shop_id <> ''),
    CONSTRAINT auto_messages_shop_id_fkey FOREIGN KEY (shop_id) REFERENCES shops (shop_id) ON DELETE CASCADE,
    CONSTRAINT auto_messages_shop_id_conversation_id_fkey FOREIGN KEY (shop_id, conversation_id)
        REFERENCES conversations (shop_id, conversation_id) ON DELETE CASCADE
);
CREATE INDEX auto_messages_conversation ON auto_messages (shop_id, conversation_id);
CREATE INDEX auto_messages_state ON auto_messages (shop_id, state, due_at);
CREATE TABLE hand_overs (
    shop_id TEXT NOT NULL,
    conversation_id TEXT NOT NULL,
    hand_over_id TEXT NOT NULL,
    at TIMESTAMPTZ NOT NULL,
    reasons JSON NOT NULL,
    urgent BOOLEAN NOT NULL,
    mood TEXT NOT NULL,
    asked JSON NOT NULL,
    answered JSON NOT NULL,
    facts JSON NOT NULL,
    open JSON NOT NULL,
    note TEXT NOT NULL,
    taken_at TIMESTAMPTZ,
    taken_by TEXT NOT NULL,
    CONSTRAINT hand_overs_pkey PRIMARY KEY (shop_id, conversation_id, hand_over_id),
    CONSTRAINT hand_overs_shop_id_check CHECK (shop_id <> ''),
    CONSTRAINT hand_overs_shop_id_fkey FOREIGN KEY (shop_id) REFERENCES shops (shop_id) ON DELETE CASCADE,
    CONSTRAINT hand_overs_shop_id_conversation_id_fkey FOREIGN KEY (shop_id, conversation_id)
        REFERENCES conversations (shop_id, conversation_id) ON DELETE CASCADE
);
CREATE TABLE dialogue_events (
    shop_id TEXT NOT NULL,
    conversation_id TEXT NOT NULL,
    events JSON NOT NULL,
    CONSTRAINT dialogue_events_pkey PRIMARY KEY (shop_id, conversation_id),
    CONSTRAINT dialogue_events_shop_id_check CHECK (shop_id <> ''),
    CONSTRAINT dialogue_events_shop_id_fkey FOREIGN KEY (shop_id) REFERENCES shops (shop_id) ON DELETE CASCADE,
    CONSTRAINT dialogue_events_shop_id_conversation_id_fkey FOREIGN KEY (shop_id, conversation_id)
        REFERENCES conversations (shop_id, conversation_id) ON DELETE CASCADE
);
CREATE TABLE auto_dues (
    shop_id TEXT NOT NULL,
    conversation_id TEXT NOT NULL,
    due_at TIMESTAMPTZ NOT NULL,
    first_at TIMESTAMPTZ NOT NULL,
    claimed_until TIMESTAMPTZ,
    CONSTRAINT auto_dues_pkey PRIMARY KEY (shop_id, conversation_id),
    CONSTRAINT auto_dues_shop_id_conversation_id_fkey FOREIGN KEY (shop_id, conversation_id)
        REFERENCES conversations (shop_id, conversation_id) ON DELETE CASCADE
);
CREATE INDEX auto_dues_due ON auto_dues (due_at);
CREATE TABLE auto_send_dues (
    shop_id TEXT NOT NULL,
    key TEXT NOT NULL,
    conversation_id TEXT NOT NULL,
    position INTEGER NOT NULL,
    due_at TIMESTAMPTZ NOT NULL,
    claimed_until TIMESTAMPTZ,
    attempts INTEGER DEFAULT 0 NOT NULL,
    CONSTRAINT auto_send_dues_pkey PRIMARY KEY (shop_id, key),
    CONSTRAINT auto_send_dues_shop_id_key_fkey FOREIGN KEY (shop_id, key)
        REFERENCES auto_messages (shop_id, key) ON DELETE CASCADE
);
CREATE UNIQUE INDEX auto_send_dues_order ON auto_send_dues (shop_id, conversation_id, position);
CREATE INDEX auto_send_dues_due ON auto_send_dues (due_at);
CREATE TABLE auto_stop (
    one BOOLEAN NOT NULL,
    is_stopped BOOLEAN NOT NULL,
    stopped_at TIMESTAMPTZ,
    stopped_by TEXT NOT NULL,
    CONSTRAINT auto_stop_pkey PRIMARY KEY (one),
    CONSTRAINT auto_stop_one_check CHECK (one)
);
"""
_TENANT_TABLES: Final = ("auto_decisions", "auto_messages", "hand_overs", "dialogue_events")
_ONE_SHOP: Final = "shop_id = NULLIF(current_setting('kuaihui.shop', true), '')"


def upgrade() -> None:
    for statement in _TABLES.split(";\n"):
        if statement.strip():
            op.execute(statement)
    for table in _TENANT_TABLES:
        op.execute(f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY")
        op.execute(f"ALTER TABLE {table} FORCE ROW LEVEL SECURITY")
        op.execute(f"CREATE POLICY one_shop ON {table} USING ({_ONE_SHOP}) WITH CHECK ({_ONE_SHOP})")
