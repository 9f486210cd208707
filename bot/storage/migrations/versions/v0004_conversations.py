"""Buyers, conversations and what belongs to them, with row-level security."""

from __future__ import annotations

from typing import Final

from alembic import op

revision = "0004"
down_revision = "0003"

_TABLES: Final = """
CREATE TABLE feed_numbers (
    shop_id TEXT NOT NULL,
    number BIGINT NOT NULL,
    CONSTRAINT feed_numbers_pkey PRIMARY KEY (shop_id),
    CONSTRAINT feed_numbers_shop_id_check CHECK (shop_id <> '')
);
CREATE TABLE buyers (
    shop_id TEXT NOT NULL,
    buyer_id TEXT NOT NULL,
    name TEXT NOT NULL,
    channel TEXT NOT NULL,
    external_id TEXT NOT NULL,
    tags JSON NOT NULL,
    viewed TEXT NOT NULL,
    CONSTRAINT buyers_pkey PRIMARY KEY (shop_id, buyer_id),
    CONSTRAINT buyers_shop_id_check CHECK (shop_id <> ''),
    CONSTRAINT buyers_shop_id_fkey FOREIGN KEY (shop_id) REFERENCES shops (shop_id) ON DELETE CASCADE
);
CREATE UNIQUE INDEX buyers_external ON buyers (shop_id, channel, external_id) WHERE external_id <> '';
CREATE TABLE feed (
    shop_id TEXT NOT NULL,
    number BIGINT NOT NULL,
    kind TEXT NOT NULL,
    conversation_id TEXT NOT NULL,
    data JSON NOT NULL,
    CONSTRAINT feed_pkey PRIMARY KEY (shop_id, number),
    CONSTRAINT feed_shop_id_check CHECK (shop_id <> ''),
    CONSTRAINT feed_shop_id_fkey FOREIGN KEY (shop_id) REFERENCES shops (shop_id) ON DELETE CASCADE
);
CREATE INDEX feed_conversation ON feed (shop_id, conversation_id);
CREATE TABLE message_grams (
    shop_id TEXT NOT NULL,
    gram TEXT COLLATE "C" NOT NULL,
    conversation_id TEXT NOT NULL,
    number INTEGER NOT NULL,
    CONSTRAINT message_grams_pkey PRIMARY KEY (shop_id, gram, conversation_id, number),
    CONSTRAINT message_grams_shop_id_check CHECK (shop_id <> ''),
    CONSTRAINT message_grams_shop_id_fkey
        FOREIGN KEY (shop_id)
        REFERENCES shops (shop_id) ON DELETE CASCADE
);
CREATE TABLE own_phrases (
    shop_id TEXT NOT NULL,
    account TEXT NOT NULL,
    phrase_id TEXT NOT NULL,
    short_code TEXT NOT NULL,
    text TEXT NOT NULL,
    "group" TEXT NOT NULL,
    CONSTRAINT own_phrases_pkey PRIMARY KEY (shop_id, account, phrase_id),
    CONSTRAINT own_phrases_shop_id_check CHECK (shop_id <> ''),
    CONSTRAINT own_phrases_shop_id_fkey
        FOREIGN KEY (shop_id)
        REFERENCES shops (shop_id) ON DELETE CASCADE
);
CREATE TABLE service_policies (
    shop_id TEXT NOT NULL,
    policy JSON NOT NULL,
    CONSTRAINT service_policies_pkey PRIMARY KEY (shop_id),
    CONSTRAINT service_policies_shop_id_check CHECK (shop_id <> ''),
    CONSTRAINT service_policies_shop_id_fkey
        FOREIGN KEY (shop_id)
        REFERENCES shops (shop_id) ON DELETE CASCADE
);
CREATE TABLE conversations (
    shop_id TEXT NOT NULL,
    conversation_id TEXT NOT NULL,
    buyer_id TEXT NOT NULL,
    state TEXT NOT NULL,
    opened_at TIMESTAMPTZ NOT NULL,
    assignee TEXT NOT NULL,
    waiting_since TIMESTAMPTZ,
    due_at TIMESTAMPTZ,
    unread INTEGER NOT NULL,
    last_text TEXT NOT NULL,
    last_author TEXT NOT NULL,
    last_at TIMESTAMPTZ,
    last_number INTEGER NOT NULL,
    snoozed_until TIMESTAMPTZ,
    taken_at TIMESTAMPTZ,
    closed_at TIMESTAMPTZ,
    version INTEGER NOT NULL,
    CONSTRAINT conversations_pkey PRIMARY KEY (shop_id, conversation_id),
    CONSTRAINT conversations_shop_id_buyer_id_fkey
        FOREIGN KEY (shop_id, buyer_id)
        REFERENCES buyers (shop_id, buyer_id) ON DELETE CASCADE,
    CONSTRAINT conversations_shop_id_check CHECK (shop_id <> ''),
    CONSTRAINT conversations_shop_id_fkey
        FOREIGN KEY (shop_id)
        REFERENCES shops (shop_id) ON DELETE CASCADE
);
CREATE INDEX conversations_assignee ON conversations (shop_id, assignee) WHERE assignee <> '' AND state <> 'closed';
CREATE INDEX conversations_buyer ON conversations (shop_id, buyer_id, opened_at);
CREATE UNIQUE INDEX conversations_live ON conversations (shop_id, buyer_id) WHERE state <> 'closed';
CREATE INDEX conversations_queue ON conversations (shop_id, state, due_at, last_at);
CREATE TABLE conversation_drafts (
    shop_id TEXT NOT NULL,
    conversation_id TEXT NOT NULL,
    account TEXT NOT NULL,
    text TEXT NOT NULL,
    CONSTRAINT conversation_drafts_pkey PRIMARY KEY (shop_id, conversation_id, account),
    CONSTRAINT conversation_drafts_shop_id_conversation_id_fkey
        FOREIGN KEY (shop_id, conversation_id)
        REFERENCES conversations (shop_id, conversation_id) ON DELETE CASCADE,
    CONSTRAINT conversation_drafts_shop_id_check CHECK (shop_id <> ''),
    CONSTRAINT conversation_drafts_shop_id_fkey
        FOREIGN KEY (shop_id)
        REFERENCES shops (shop_id) ON DELETE CASCADE
);
CREATE TABLE conversation_images (
    shop_id TEXT NOT NULL,
    image_id TEXT NOT NULL,
    conversation_id TEXT NOT NULL,
    media_type TEXT NOT NULL,
    content BYTEA NOT NULL,
    CONSTRAINT conversation_images_pkey PRIMARY KEY (shop_id, image_id),
    CONSTRAINT conversation_images_shop_id_conversation_id_fkey
        FOREIGN KEY (shop_id, conversation_id)
        REFERENCES conversations (shop_id, conversation_id) ON DELETE CASCADE,
    CONSTRAINT conversation_images_shop_id_check CHECK (shop_id <> ''),
    CONSTRAINT conversation_images_shop_id_fkey
        FOREIGN KEY (shop_id)
        REFERENCES shops (shop_id) ON DELETE CASCADE
);
CREATE INDEX conversation_images_conversation ON conversation_images (shop_id, conversation_id);
CREATE TABLE conversation_looks (
    shop_id TEXT NOT NULL,
    conversation_id TEXT NOT NULL,
    look_at TIMESTAMPTZ,
    claimed_until TIMESTAMPTZ,
    holder TEXT NOT NULL,
    active_at TIMESTAMPTZ NOT NULL,
    CONSTRAINT conversation_looks_pkey PRIMARY KEY (shop_id, conversation_id),
    CONSTRAINT conversation_looks_shop_id_conversation_id_fkey
        FOREIGN KEY (shop_id, conversation_id)
        REFERENCES conversations (shop_id, conversation_id) ON DELETE CASCADE
);
CREATE INDEX conversation_looks_due ON conversation_looks (look_at) WHERE look_at IS NOT NULL;
CREATE INDEX conversation_looks_holder ON conversation_looks (holder, active_at) WHERE holder <> '';
CREATE TABLE conversation_notes (
    shop_id TEXT NOT NULL,
    conversation_id TEXT NOT NULL,
    note_id TEXT NOT NULL,
    account TEXT NOT NULL,
    text TEXT NOT NULL,
    at TIMESTAMPTZ NOT NULL,
    CONSTRAINT conversation_notes_pkey PRIMARY KEY (shop_id, conversation_id, note_id),
    CONSTRAINT conversation_notes_shop_id_conversation_id_fkey
        FOREIGN KEY (shop_id, conversation_id)
        REFERENCES conversations (shop_id, conversation_id) ON DELETE CASCADE,
    CONSTRAINT conversation_notes_shop_id_check CHECK (shop_id <> ''),
    CONSTRAINT conversation_notes_shop_id_fkey
        FOREIGN KEY (shop_id)
        REFERENCES shops (shop_id) ON DELETE CASCADE
);
CREATE TABLE held_messages (
    shop_id TEXT NOT NULL,
    key TEXT NOT NULL,
    conversation_id TEXT NOT NULL,
    author TEXT NOT NULL,
    account TEXT NOT NULL,
    text TEXT NOT NULL,
    image TEXT NOT NULL,
    quotes INTEGER,
    at TIMESTAMPTZ NOT NULL,
    due_at TIMESTAMPTZ NOT NULL,
    extra JSON NOT NULL,
    CONSTRAINT held_messages_pkey PRIMARY KEY (shop_id, key),
    CONSTRAINT held_messages_shop_id_conversation_id_fkey
        FOREIGN KEY (shop_id, conversation_id)
        REFERENCES conversations (shop_id, conversation_id) ON DELETE CASCADE,
    CONSTRAINT held_messages_shop_id_check CHECK (shop_id <> ''),
    CONSTRAINT held_messages_shop_id_fkey
        FOREIGN KEY (shop_id)
        REFERENCES shops (shop_id) ON DELETE CASCADE
);
CREATE INDEX held_messages_conversation ON held_messages (shop_id, conversation_id);
CREATE TABLE messages (
    shop_id TEXT NOT NULL,
    conversation_id TEXT NOT NULL,
    number INTEGER NOT NULL,
    author TEXT NOT NULL,
    text TEXT NOT NULL,
    at TIMESTAMPTZ NOT NULL,
    account TEXT NOT NULL,
    image TEXT NOT NULL,
    quotes INTEGER,
    key TEXT NOT NULL,
    CONSTRAINT messages_pkey PRIMARY KEY (shop_id, conversation_id, number),
    CONSTRAINT messages_shop_id_conversation_id_fkey
        FOREIGN KEY (shop_id, conversation_id)
        REFERENCES conversations (shop_id, conversation_id) ON DELETE CASCADE,
    CONSTRAINT messages_shop_id_check CHECK (shop_id <> ''),
    CONSTRAINT messages_shop_id_fkey FOREIGN KEY (shop_id) REFERENCES shops (shop_id) ON DELETE CASCADE
);
CREATE INDEX messages_at ON messages (shop_id, at);
CREATE UNIQUE INDEX messages_key ON messages (shop_id, conversation_id, key);
CREATE TABLE held_dues (
    shop_id TEXT NOT NULL,
    key TEXT NOT NULL,
    due_at TIMESTAMPTZ NOT NULL,
    claimed_until TIMESTAMPTZ,
    CONSTRAINT held_dues_pkey PRIMARY KEY (shop_id, key),
    CONSTRAINT held_dues_shop_id_key_fkey
        FOREIGN KEY (shop_id, key)
        REFERENCES held_messages (shop_id, key) ON DELETE CASCADE
);
CREATE INDEX held_dues_due ON held_dues (due_at);
"""

_TENANT_TABLES: Final = (
    "buyers",
    "conversations",
    "messages",
    "message_grams",
    "conversation_notes",
    "conversation_drafts",
    "conversation_images",
    "own_phrases",
    "service_policies",
    "feed",
    "held_messages",
)
_READ_TOGETHER: Final = ("buyers", "conversations", "messages", "message_grams")

_ONE_SHOP: Final = "shop_id = NULLIF(current_setting('kuaihui.shop', true), '')"
_NAMED_SHOPS: Final = (
    "shop_id = ANY (string_to_array(NULLIF(current_setting('kuaihui.shops', true), ''), ','))"
)


def upgrade() -> None:
    for statement in _TABLES.split(";\n"):
        if statement.strip():
            op.execute(statement)
    for table in _TENANT_TABLES:
        op.execute(f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY")
        op.execute(f"ALTER TABLE {table} FORCE ROW LEVEL SECURITY")
        op.execute(f"CREATE POLICY one_shop ON {table} USING ({_ONE_SHOP}) WITH CHECK ({_ONE_SHOP})")
    # The queue and the search read the shops of one person together; nothing is written that way.
    for table in _READ_TOGETHER:
        op.execute(f"CREATE POLICY named_shops ON {table} FOR SELECT USING ({_NAMED_SHOPS})")
