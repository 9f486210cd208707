"""The tables of buyers, conversations and what belongs to them."""

from __future__ import annotations

from typing import Final

from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    ForeignKeyConstraint,
    Index,
    Integer,
    LargeBinary,
    PrimaryKeyConstraint,
    Table,
    Text,
    text,
)

from bot.storage.schema_base import (
    json_column,
    metadata,
    moment_column,
    tenant_table,
    text_column,
    to_conversation,
)

buyers: Final = tenant_table(
    "buyers",
    ("buyer_id",),
    text_column("buyer_id"),
    text_column("name"),
    text_column("channel"),
    text_column("external_id"),
    json_column("tags"),
    text_column("viewed"),
    Index(
        "buyers_external",
        "shop_id",
        "channel",
        "external_id",
        unique=True,
        postgresql_where=text("external_id <> ''"),
    ),
)

conversations: Final = tenant_table(
    "conversations",
    ("conversation_id",),
    text_column("conversation_id"),
    text_column("buyer_id"),
    text_column("state"),
    moment_column("opened_at"),
    text_column("assignee"),
    moment_column("waiting_since", nullable=True),
    moment_column("due_at", nullable=True),
    Column("unread", Integer, nullable=False),
    text_column("last_text"),
    text_column("last_author"),
    moment_column("last_at", nullable=True),
    Column("last_number", Integer, nullable=False),
    moment_column("snoozed_until", nullable=True),
    moment_column("taken_at", nullable=True),
    moment_column("closed_at", nullable=True),
    Column("version", Integer, nullable=False),
    # Up to this message the texts were forgotten: a conversation that goes on after that is forgotten again.
    Column("forgotten_to", Integer, nullable=False, server_default=text("0")),
    moment_column("person_at", nullable=True),
    moment_column("handed_at", nullable=True),
    Column("hand_over", Text, nullable=False, server_default=text("''")),
    Column("urgent", Boolean, nullable=False, server_default=text("false")),
    ForeignKeyConstraint(["shop_id", "buyer_id"], ["buyers.shop_id", "buyers.buyer_id"], ondelete="CASCADE"),
    # A buyer speaks to a shop in one conversation at a time.
    Index(
        "conversations_live",
        "shop_id",
        "buyer_id",
        unique=True,
        postgresql_where=text("state <> 'closed'"),
    ),
    Index("conversations_queue", "shop_id", "state", "due_at", "last_at"),
    Index("conversations_buyer", "shop_id", "buyer_id", "opened_at"),
    Index(
        "conversations_assignee",
        "shop_id",
        "assignee",
        postgresql_where=text("assignee <> '' AND state <> 'closed'"),
    ),
    Index(
        "conversations_forgettable",
        "shop_id",
        "closed_at",
        postgresql_where=text("state = 'closed' AND forgotten_to < last_number"),
    ),
)

messages: Final = tenant_table(
    "messages",
    ("conversation_id", "number"),
    text_column("conversation_id"),
    Column("number", Integer, nullable=False),
    text_column("author"),
    text_column("text"),
    moment_column("at"),
    text_column("account"),
    text_column("image"),
    Column("quotes", Integer),
    text_column("key"),
    # What the search compares where the database cannot fold the text itself: traditional characters simplified.
    Column("folded", Text, nullable=False, server_default=text("''")),
    to_conversation(),
    Index("messages_key", "shop_id", "conversation_id", "key", unique=True),
    Index("messages_at", "shop_id", "at"),
)

message_grams: Final = tenant_table(
    "message_grams",
    ("gram", "conversation_id", "number"),
    # Compared byte by byte: what begins with a character lies side by side in the index. A message has dozens of rows here,
    # so they have no second index and no key into messages; they are found by the message's own text when it is erased.
    Column("gram", Text(collation="C"), nullable=False),
    text_column("conversation_id"),
    Column("number", Integer, nullable=False),
)

notes: Final = tenant_table(
    "conversation_notes",
    ("conversation_id", "note_id"),
    text_column("conversation_id"),
    text_column("note_id"),
    text_column("account"),
    text_column("text"),
    moment_column("at"),
    to_conversation(),
)

drafts: Final = tenant_table(
    "conversation_drafts",
    ("conversation_id", "account"),
    text_column("conversation_id"),
    text_column("account"),
    text_column("text"),
    to_conversation(),
)

images: Final = tenant_table(
    "conversation_images",
    ("image_id",),
    text_column("image_id"),
    text_column("conversation_id"),
    text_column("media_type"),
    Column("content", LargeBinary, nullable=False),
    to_conversation(),
    Index("conversation_images_conversation", "shop_id", "conversation_id"),
)

own_phrases: Final = tenant_table(
    "own_phrases",
    ("account", "phrase_id"),
    text_column("account"),
    text_column("phrase_id"),
    text_column("short_code"),
    text_column("text"),
    text_column("group"),
)

service_policies: Final = tenant_table("service_policies", (), json_column("policy"))

auto_reply_policies: Final = tenant_table("auto_reply_policies", (), json_column("policy"))

feed: Final = tenant_table(
    "feed",
    ("number",),
    Column("number", BigInteger, nullable=False),
    text_column("kind"),
    text_column("conversation_id"),
    json_column("data"),
    Index("feed_conversation", "shop_id", "conversation_id"),
)

held_messages: Final = tenant_table(
    "held_messages",
    ("key",),
    text_column("key"),
    text_column("conversation_id"),
    text_column("author"),
    text_column("account"),
    text_column("text"),
    text_column("image"),
    Column("quotes", Integer),
    moment_column("at"),
    moment_column("due_at"),
    json_column("extra"),
    to_conversation(),
    Index("held_messages_conversation", "shop_id", "conversation_id"),
)

feed_numbers: Final = Table(
    "feed_numbers",
    metadata,
    text_column("shop_id"),
    Column("number", BigInteger, nullable=False),
    PrimaryKeyConstraint("shop_id"),
    CheckConstraint("shop_id <> ''", name="shop_id"),
)
"""Content-free: what a worker compares with what it has told. A deleted shop's row stays, so that no number comes twice."""

conversation_looks: Final = Table(
    "conversation_looks",
    metadata,
    text_column("shop_id"),
    text_column("conversation_id"),
    moment_column("look_at", nullable=True),
    moment_column("claimed_until", nullable=True),
    text_column("holder"),
    moment_column("active_at"),
    PrimaryKeyConstraint("shop_id", "conversation_id"),
    to_conversation(),
    Index("conversation_looks_due", "look_at", postgresql_where=text("look_at IS NOT NULL")),
    Index("conversation_looks_holder", "holder", "active_at", postgresql_where=text("holder <> ''")),
)
"""Content-free: which conversations a worker has to look at next, and how many each account has its hands on."""

held_dues: Final = Table(
    "held_dues",
    metadata,
    text_column("shop_id"),
    text_column("key"),
    moment_column("due_at"),
    moment_column("claimed_until", nullable=True),
    PrimaryKeyConstraint("shop_id", "key"),
    ForeignKeyConstraint(
        ["shop_id", "key"], ["held_messages.shop_id", "held_messages.key"], ondelete="CASCADE"
    ),
    Index("held_dues_due", "due_at"),
)
"""Content-free: when a held message is to be sent, and which worker is at it."""

retention: Final = Table(
    "retention",
    metadata,
    text_column("shop_id"),
    moment_column("due_at"),
    moment_column("events_to", nullable=True),
    PrimaryKeyConstraint("shop_id"),
    CheckConstraint("shop_id <> ''", name="shop_id"),
    Index("retention_due", "due_at"),
)
"""Content-free: when each shop is next looked through for what is old, and up to when its events hold no texts any more."""

READ_TOGETHER: Final = (buyers, conversations, messages, message_grams)
"""What the queue and the search read over the shops of one person."""

TENANT_TABLES: Final[tuple[Table, ...]] = (
    buyers,
    conversations,
    messages,
    message_grams,
    notes,
    drafts,
    images,
    own_phrases,
    service_policies,
    auto_reply_policies,
    feed,
    held_messages,
)
CONTROL_TABLES: Final[tuple[Table, ...]] = (feed_numbers, conversation_looks, held_dues, retention)
APPEND_ONLY: Final[tuple[Table, ...]] = ()
FUNCTIONS: Final = ("forget_events_of(text[])", "forget_events_between(timestamptz, timestamptz)")
"""What the app's role may call: the one way in which lines of the log change, and all it does is to blank texts."""
