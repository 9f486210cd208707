"""The tables. Every one that holds a shop's data has `shop_id` first in its key and row-level security (see `TENANT_TABLES`)."""

from __future__ import annotations

from typing import Final

from sqlalchemy import (
    JSON,
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    Date,
    DateTime,
    ForeignKeyConstraint,
    Identity,
    Index,
    Integer,
    Interval,
    LargeBinary,
    Numeric,
    PrimaryKeyConstraint,
    Table,
    Text,
    UniqueConstraint,
    false,
    func,
    text,
)

from bot.storage import (
    schema_accounts,
    schema_asked,
    schema_auto,
    schema_channels,
    schema_conversations,
    schema_invoices,
    schema_orders,
    schema_sources,
)
from bot.storage.schema_base import json_column, moment_column, tenant_table, text_column
from bot.storage.schema_base import metadata as metadata

shops: Final = Table(
    "shops",
    metadata,
    text_column("shop_id"),
    text_column("name"),
    text_column("name_en"),
    text_column("colour"),
    text_column("avatar"),
    json_column("aliases"),
    text_column("timezone"),
    json_column("languages"),
    Column("is_demo", Boolean, nullable=False),
    PrimaryKeyConstraint("shop_id"),
    CheckConstraint("shop_id <> ''", name="shop_id"),
)

shop_versions: Final = Table(
    "shop_versions",
    metadata,
    text_column("shop_id"),
    Column("version", BigInteger, nullable=False),
    # The row of a deleted shop stays, so that a shop made anew under its id never repeats a version.
    Column("deleted", Boolean, nullable=False, server_default=false()),
    # Tombstones of entries up to this version have been removed.
    Column("pruned_to", BigInteger, nullable=False, server_default=text("0")),
    PrimaryKeyConstraint("shop_id"),
    CheckConstraint("shop_id <> ''", name="shop_id"),
)
"""Content-free: what a worker compares with what it holds. The only table, with the tokens', that is not scoped."""

entries: Final = tenant_table(
    "entries",
    ("entry_id",),
    text_column("entry_id"),
    text_column("group"),
    text_column("question"),
    text_column("reply"),
    json_column("phrasings"),
    Column("intent", Text),
    json_column("cases"),
    text_column("fallback"),
    json_column("scope"),
    json_column("validity"),
    text_column("short_code"),
    text_column("language"),
    text_column("status"),
    Column("version", Integer, nullable=False),
    Column("changed_in", BigInteger, nullable=False),
    moment_column("changed_at"),
    text_column("image"),
    Index("entries_changed", "shop_id", "changed_in"),
)

entry_images: Final = tenant_table(
    "entry_images",
    ("image_id",),
    text_column("image_id"),
    text_column("media_type"),
    Column("content", LargeBinary, nullable=False),
)

entry_versions: Final = tenant_table(
    "entry_versions",
    ("entry_id", "version"),
    text_column("entry_id"),
    Column("version", Integer, nullable=False),
    moment_column("at"),
    text_column("author"),
    # The entry's words by column; NULL where it was deleted.
    Column("document", JSON(none_as_null=True)),
    # Who wrote the draft, where the author published another's; "" else.
    Column("drafted_by", Text, nullable=False, server_default=""),
    ForeignKeyConstraint(
        ["shop_id", "entry_id"], ["entries.shop_id", "entries.entry_id"], ondelete="CASCADE"
    ),
)

entry_drafts: Final = tenant_table(
    "entry_drafts",
    ("entry_id",),
    text_column("entry_id"),
    Column("version", Integer, nullable=False),
    # The version of the entry that it was made from.
    Column("base", Integer, nullable=False),
    text_column("author"),
    moment_column("at"),
    text_column("handed_by"),
    moment_column("handed_at", nullable=True),
    text_column("note"),
    json_column("document"),
    ForeignKeyConstraint(
        ["shop_id", "entry_id"], ["entries.shop_id", "entries.entry_id"], ondelete="CASCADE"
    ),
)

phrasing_vectors: Final = tenant_table(
    "phrasing_vectors",
    ("fingerprint", "text_hash"),
    text_column("fingerprint"),
    Column("text_hash", LargeBinary, nullable=False),
    text_column("text"),
    Column("vector", LargeBinary, nullable=False),
)

products: Final = tenant_table(
    "products",
    ("product_id",),
    text_column("product_id"),
    Column("position", Integer, nullable=False),
    text_column("title"),
    text_column("title_en"),
    text_column("item_id"),
    json_column("aliases"),
    text_column("category"),
    text_column("url"),
    Column("price", Numeric),
    json_column("attributes"),
    text_column("source"),
    moment_column("as_of"),
    moment_column("stock_as_of"),
)

variants: Final = tenant_table(
    "variants",
    ("sku",),
    text_column("sku"),
    text_column("product_id"),
    Column("position", Integer, nullable=False),
    json_column("options"),
    Column("stock", Integer),
    Column("restock_date", Date),
    Column("price", Numeric),
    moment_column("stock_as_of", nullable=True),
    ForeignKeyConstraint(
        ["shop_id", "product_id"], ["products.shop_id", "products.product_id"], ondelete="CASCADE"
    ),
    Index("variants_product", "shop_id", "product_id"),
)

shipping_rules: Final = tenant_table(
    "shipping_rules",
    ("position",),
    Column("position", Integer, nullable=False),
    json_column("regions"),
    text_column("courier"),
    Column("fee", Numeric),
    Column("free_from", Numeric),
    text_column("days"),
    text_column("source"),
    moment_column("as_of"),
    text_column("note"),
)

shop_facts: Final = tenant_table(
    "shop_facts",
    ("name",),
    text_column("name"),
    text_column("value"),
    text_column("kind"),
    text_column("source"),
    moment_column("as_of"),
    Column("ttl", Interval),
)

fact_lifetimes: Final = tenant_table(
    "fact_lifetimes",
    ("kind",),
    text_column("kind"),
    Column("lifetime", Interval, nullable=False),
)

orders: Final = tenant_table(
    "orders",
    ("order_no",),
    text_column("order_no"),
    text_column("status"),
    json_column("items"),
    text_column("source"),
    moment_column("as_of"),
    text_column("buyer_id"),
    text_column("phone_last4"),
    Column("amount", Numeric),
    moment_column("paid_at", nullable=True),
    moment_column("shipped_at", nullable=True),
    moment_column("promised_ship_by", nullable=True),
    text_column("courier"),
    text_column("tracking_no"),
    text_column("tracking_status"),
    Column("eta", Date),
    Index("orders_tracking", "shop_id", "tracking_no"),
    Index("orders_buyer", "shop_id", "buyer_id"),
)

events: Final = tenant_table(
    "events",
    ("event_id",),
    Column("event_id", BigInteger, Identity(always=True), nullable=False),
    moment_column("at"),
    text_column("kind"),
    text_column("conversation"),
    json_column("data"),
    Column("message", Text, nullable=False, server_default=""),
    Index("events_at", "shop_id", "at", "event_id"),
    Index("events_conversation", "shop_id", "conversation", "event_id"),
    Index("events_kind", "shop_id", "kind", "at", "event_id"),
    Index("events_message", "shop_id", "message"),
)

api_tokens: Final = Table(
    "api_tokens",
    metadata,
    text_column("token_id"),
    text_column("name"),
    Column("token_hash", LargeBinary, nullable=False),
    Column("may_write", Boolean, nullable=False),
    Column("created_at", DateTime(timezone=True), nullable=False, server_default=func.now()),
    moment_column("expires_at", nullable=True),
    moment_column("revoked_at", nullable=True),
    PrimaryKeyConstraint("token_id"),
    UniqueConstraint("token_hash"),
)

api_token_shops: Final = Table(
    "api_token_shops",
    metadata,
    text_column("token_id"),
    text_column("shop_id"),
    PrimaryKeyConstraint("token_id", "shop_id"),
    ForeignKeyConstraint(["token_id"], ["api_tokens.token_id"], ondelete="CASCADE"),
    # A token loses a shop that is deleted: it must not open a later shop of the same id.
    ForeignKeyConstraint(["shop_id"], ["shops.shop_id"], ondelete="CASCADE"),
)

TENANT_TABLES: Final[tuple[Table, ...]] = (
    shops,
    entries,
    entry_images,
    entry_versions,
    entry_drafts,
    phrasing_vectors,
    products,
    variants,
    shipping_rules,
    shop_facts,
    fact_lifetimes,
    orders,
    events,
    *schema_conversations.TENANT_TABLES,
    *schema_auto.TENANT_TABLES,
    *schema_asked.TENANT_TABLES,
    *schema_sources.TENANT_TABLES,
    *schema_channels.TENANT_TABLES,
    *schema_orders.TENANT_TABLES,
    *schema_invoices.TENANT_TABLES,
)
"""The tables under row-level security, parents first."""

CONTROL_TABLES: Final[tuple[Table, ...]] = (
    shop_versions,
    api_tokens,
    api_token_shops,
    *schema_accounts.CONTROL_TABLES,
    *schema_conversations.CONTROL_TABLES,
    *schema_auto.CONTROL_TABLES,
    *schema_sources.CONTROL_TABLES,
    *schema_channels.CONTROL_TABLES,
)
"""The tables without: they hold no shop's content."""

FUNCTIONS: Final[tuple[str, ...]] = schema_conversations.FUNCTIONS
"""The functions that the app's role may call."""

APPEND_ONLY: Final[tuple[Table, ...]] = (
    events,
    entry_images,
    entry_versions,
    *schema_accounts.APPEND_ONLY,
    *schema_conversations.APPEND_ONLY,
)
"""The app's role may add to and read these, never change or delete a row."""
