"""The tables of answering without a person: decisions, messages on their way, hand-overs, dialogues, and when each is due."""

from __future__ import annotations

from typing import Final

from sqlalchemy import (
    Boolean,
    CheckConstraint,
    Column,
    Float,
    ForeignKeyConstraint,
    Index,
    Integer,
    PrimaryKeyConstraint,
    Table,
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

auto_decisions: Final = tenant_table(
    "auto_decisions",
    ("conversation_id", "decision_id"),
    text_column("conversation_id"),
    text_column("decision_id"),
    Column("upto", Integer, nullable=False),
    moment_column("at"),
    text_column("deed"),
    json_column("reasons"),
    Column("confidence", Float),
    Column("threshold", Float),
    json_column("groups"),
    json_column("entries"),
    json_column("facts"),
    text_column("dialogue"),
    to_conversation(),
    Index("auto_decisions_newest", "shop_id", "conversation_id", "at"),
    Index(
        "auto_decisions_spoken",
        "shop_id",
        "at",
        "conversation_id",
        postgresql_where=text("deed IN ('reply', 'ask_back')"),
    ),
)

auto_messages: Final = tenant_table(
    "auto_messages",
    ("key",),
    text_column("key"),
    text_column("conversation_id"),
    text_column("decision"),
    Column("position", Integer, nullable=False),
    text_column("text"),
    text_column("image"),
    Column("question", Boolean, nullable=False),
    Column("answers", Integer),
    moment_column("due_at"),
    moment_column("expires_at"),
    Column("attempts", Integer, nullable=False),
    text_column("state"),
    text_column("error"),
    to_conversation(),
    Index("auto_messages_conversation", "shop_id", "conversation_id"),
    Index("auto_messages_state", "shop_id", "state", "due_at"),
)

hand_overs: Final = tenant_table(
    "hand_overs",
    ("conversation_id", "hand_over_id"),
    text_column("conversation_id"),
    text_column("hand_over_id"),
    moment_column("at"),
    json_column("reasons"),
    Column("urgent", Boolean, nullable=False),
    text_column("mood"),
    json_column("asked"),
    json_column("answered"),
    json_column("facts"),
    json_column("open"),
    text_column("note"),
    moment_column("taken_at", nullable=True),
    text_column("taken_by"),
    to_conversation(),
)

dialogue_events: Final = tenant_table(
    "dialogue_events",
    ("conversation_id",),
    text_column("conversation_id"),
    # The whole dialogue, as it is given back to whatever holds dialogues: its slots hold what the buyer said.
    json_column("events"),
    to_conversation(),
)

auto_dues: Final = Table(
    "auto_dues",
    metadata,
    text_column("shop_id"),
    text_column("conversation_id"),
    moment_column("due_at"),
    moment_column("first_at"),
    moment_column("claimed_until", nullable=True),
    PrimaryKeyConstraint("shop_id", "conversation_id"),
    to_conversation(),
    Index("auto_dues_due", "due_at"),
)
"""Content-free: when a buyer has finished speaking, and which worker is at his turn."""

auto_send_dues: Final = Table(
    "auto_send_dues",
    metadata,
    text_column("shop_id"),
    text_column("key"),
    text_column("conversation_id"),
    # Its place among what waits in the conversation: only the first is ever due.
    Column("position", Integer, nullable=False),
    moment_column("due_at"),
    moment_column("claimed_until", nullable=True),
    Column("attempts", Integer, nullable=False, server_default=text("0")),
    PrimaryKeyConstraint("shop_id", "key"),
    ForeignKeyConstraint(
        ["shop_id", "key"], ["auto_messages.shop_id", "auto_messages.key"], ondelete="CASCADE"
    ),
    Index("auto_send_dues_order", "shop_id", "conversation_id", "position", unique=True),
    Index("auto_send_dues_due", "due_at"),
)
"""Content-free: when an automatic message is to be sent, how often that was tried, and which worker is at it."""

auto_rating_dues: Final = Table(
    "auto_rating_dues",
    metadata,
    text_column("shop_id"),
    text_column("conversation_id"),
    moment_column("since"),
    moment_column("newest"),
    moment_column("due_at"),
    moment_column("claimed_until", nullable=True),
    PrimaryKeyConstraint("shop_id", "conversation_id"),
    to_conversation(),
    Index("auto_rating_dues_due", "due_at"),
)
"""Content-free: since when nobody has judged what software said, when it last spoke, and which worker is at it."""

auto_stop: Final = Table(
    "auto_stop",
    metadata,
    Column("one", Boolean, nullable=False),
    Column("is_stopped", Boolean, nullable=False),
    moment_column("stopped_at", nullable=True),
    text_column("stopped_by"),
    PrimaryKeyConstraint("one"),
    CheckConstraint("one", name="one"),
)
"""Whether all automatic replies of all shops are stopped: one row, or none as long as nobody ever stopped them."""

TENANT_TABLES: Final[tuple[Table, ...]] = (auto_decisions, auto_messages, hand_overs, dialogue_events)
CONTROL_TABLES: Final[tuple[Table, ...]] = (auto_dues, auto_send_dues, auto_rating_dues, auto_stop)
