"""The tables of outer channels: the channels of shops, what came through them, and what is on its way out."""

from __future__ import annotations

from typing import Final

from sqlalchemy import (
    Boolean,
    Column,
    ForeignKeyConstraint,
    Index,
    Integer,
    PrimaryKeyConstraint,
    Table,
    UniqueConstraint,
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

channels: Final = tenant_table(
    "channels",
    ("channel_id",),
    text_column("channel_id"),
    text_column("kind"),
    text_column("name"),
    Column("enabled", Boolean, nullable=False),
    json_column("settings"),
    # Apart: they are read to sign and to check, and for nothing else.
    json_column("secrets"),
    moment_column("made_at"),
    moment_column("changed_at"),
)

received: Final = tenant_table(
    "received",
    ("channel_id", "external_id"),
    text_column("channel_id"),
    text_column("external_id"),
    # "" while the transaction that takes it goes on, and for what no conversation came of.
    text_column("conversation_id"),
    Column("number", Integer),
    text_column("thread"),
    moment_column("at"),
    ForeignKeyConstraint(
        ["shop_id", "channel_id"], ["channels.shop_id", "channels.channel_id"], ondelete="CASCADE"
    ),
    Index("received_conversation", "shop_id", "conversation_id", "at"),
    Index("received_thread", "shop_id", "channel_id", "thread", "at", postgresql_where=text("thread <> ''")),
)

deliveries: Final = tenant_table(
    "deliveries",
    ("conversation_id", "position"),
    text_column("conversation_id"),
    Column("position", Integer, nullable=False),
    text_column("channel_id"),
    text_column("key"),
    moment_column("at"),
    moment_column("due_at"),
    Column("number", Integer),
    text_column("author"),
    text_column("status"),
    text_column("state"),
    Column("attempts", Integer, nullable=False),
    text_column("error"),
    text_column("external_id"),
    moment_column("settled_at", nullable=True),
    to_conversation(),
    UniqueConstraint("shop_id", "key"),
    Index(
        "deliveries_waiting",
        "shop_id",
        "conversation_id",
        "position",
        postgresql_where=text("state = 'waiting'"),
    ),
    Index("deliveries_channel", "shop_id", "channel_id", "state", "at"),
)

delivery_dues: Final = Table(
    "delivery_dues",
    metadata,
    text_column("shop_id"),
    text_column("conversation_id"),
    moment_column("due_at"),
    PrimaryKeyConstraint("shop_id", "conversation_id"),
    to_conversation(),
    Index("delivery_dues_due", "due_at"),
)
"""Content-free: when the first delivery that waits in a conversation is tried next. A worker that is at it has put it off."""

TENANT_TABLES: Final[tuple[Table, ...]] = (channels, received, deliveries)
CONTROL_TABLES: Final[tuple[Table, ...]] = (delivery_dues,)
