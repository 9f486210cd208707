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
    MetaData,
    Numeric,
    PrimaryKeyConstraint,
    Table,
    Text,
    UniqueConstraint,
    false,
    func,
    text,
)
from sqlalchemy.sql.schema import SchemaItem

metadata: Final = MetaData(
    naming_convention={
        "pk": "%(table_name)s_pkey",
        "fk": "%(table_name)s_%(column_0_N_name)s_fkey",
        "uq": "%(table_name)s_%(column_0_N_name)s_key",
        "ck": "%(table_name)s_%(constraint_name)s_check",
    }
)

# Objects are kept as json, not jsonb: the order of keys is the owner's (a variant's label reads colour, then size).


def _text(name: str) -> Column[str]:
    return Column(name, Text, nullable=False)


def _moment(name: str, *, nullable: bool = False) -> Column[object]:
    return Column(name, DateTime(timezone=True), nullable=nullable)


def _json(name: str) -> Column[object]:
    return Column(name, JSON, nullable=False)


def _tenant_table(name: str, key: tuple[str, ...], *items: SchemaItem) -> Table:
    """A table of a shop's data: its key begins with the shop, and it goes with the shop."""
    return Table(
        name,
        metadata,
        _text("shop_id"),
        *items,
        PrimaryKeyConstraint("shop_id", *key),
        CheckConstraint("shop_id <> ''", name="shop_id"),
        ForeignKeyConstraint(["shop_id"], ["shops.shop_id"], ondelete="CASCADE"),
    )


shops: Final = Table(
    "shops",
    metadata,
    _text("shop_id"),
    _text("name"),
    _text("name_en"),
    _text("colour"),
    _text("avatar"),
    _json("aliases"),
    _text("timezone"),
    _json("languages"),
    Column("is_demo", Boolean, nullable=False),
    PrimaryKeyConstraint("shop_id"),
    CheckConstraint("shop_id <> ''", name="shop_id"),
)

shop_versions: Final = Table(
    "shop_versions",
    metadata,
    _text("shop_id"),
    Column("version", BigInteger, nullable=False),
    # The row of a deleted shop stays, so that a shop made anew under its id never repeats a version.
    Column("deleted", Boolean, nullable=False, server_default=false()),
    # Tombstones of entries up to this version have been removed.
    Column("pruned_to", BigInteger, nullable=False, server_default=text("0")),
    PrimaryKeyConstraint("shop_id"),
    CheckConstraint("shop_id <> ''", name="shop_id"),
)
"""Content-free: what a worker compares with what it holds. The only table, with the tokens', that is not scoped."""

entries: Final = _tenant_table(
    "entries",
    ("entry_id",),
    _text("entry_id"),
    _text("group"),
    _text("question"),
    _text("reply"),
    _json("phrasings"),
    Column("intent", Text),
    _json("cases"),
    _text("fallback"),
    _json("scope"),
    _json("validity"),
    _text("short_code"),
    _text("language"),
    _text("status"),
    Column("version", Integer, nullable=False),
    Column("changed_in", BigInteger, nullable=False),
    _moment("changed_at"),
    Index("entries_changed", "shop_id", "changed_in"),
)

phrasing_vectors: Final = _tenant_table(
    "phrasing_vectors",
    ("fingerprint", "text_hash"),
    _text("fingerprint"),
    Column("text_hash", LargeBinary, nullable=False),
    _text("text"),
    Column("vector", LargeBinary, nullable=False),
)

products: Final = _tenant_table(
    "products",
    ("product_id",),
    _text("product_id"),
    Column("position", Integer, nullable=False),
    _text("title"),
    _text("title_en"),
    _text("item_id"),
    _json("aliases"),
    _text("category"),
    _text("url"),
    Column("price", Numeric),
    _json("attributes"),
    _text("source"),
    _moment("as_of"),
    _moment("stock_as_of"),
)

variants: Final = _tenant_table(
    "variants",
    ("sku",),
    _text("sku"),
    _text("product_id"),
    Column("position", Integer, nullable=False),
    _json("options"),
    Column("stock", Integer),
    Column("restock_date", Date),
    Column("price", Numeric),
    ForeignKeyConstraint(
        ["shop_id", "product_id"], ["products.shop_id", "products.product_id"], ondelete="CASCADE"
    ),
    Index("variants_product", "shop_id", "product_id"),
)

shipping_rules: Final = _tenant_table(
    "shipping_rules",
    ("position",),
    Column("position", Integer, nullable=False),
    _json("regions"),
    _text("courier"),
    Column("fee", Numeric),
    Column("free_from", Numeric),
    _text("days"),
    _text("source"),
    _moment("as_of"),
    _text("note"),
)

shop_facts: Final = _tenant_table(
    "shop_facts",
    ("name",),
    _text("name"),
    _text("value"),
    _text("kind"),
    _text("source"),
    _moment("as_of"),
    Column("ttl", Interval),
)

orders: Final = _tenant_table(
    "orders",
    ("order_no",),
    _text("order_no"),
    _text("status"),
    _json("items"),
    _text("source"),
    _moment("as_of"),
    _text("buyer_id"),
    _text("phone_last4"),
    Column("amount", Numeric),
    _moment("paid_at", nullable=True),
    _moment("shipped_at", nullable=True),
    _moment("promised_ship_by", nullable=True),
    _text("courier"),
    _text("tracking_no"),
    _text("tracking_status"),
    Column("eta", Date),
    Index("orders_tracking", "shop_id", "tracking_no"),
)

events: Final = _tenant_table(
    "events",
    ("event_id",),
    Column("event_id", BigInteger, Identity(always=True), nullable=False),
    _moment("at"),
    _text("kind"),
    _text("conversation"),
    _json("data"),
    Column("message", Text, nullable=False, server_default=""),
    Index("events_at", "shop_id", "at", "event_id"),
    Index("events_conversation", "shop_id", "conversation", "event_id"),
    Index("events_kind", "shop_id", "kind", "at", "event_id"),
    Index("events_message", "shop_id", "message"),
)

api_tokens: Final = Table(
    "api_tokens",
    metadata,
    _text("token_id"),
    _text("name"),
    Column("token_hash", LargeBinary, nullable=False),
    Column("may_write", Boolean, nullable=False),
    Column("created_at", DateTime(timezone=True), nullable=False, server_default=func.now()),
    _moment("expires_at", nullable=True),
    _moment("revoked_at", nullable=True),
    PrimaryKeyConstraint("token_id"),
    UniqueConstraint("token_hash"),
)

api_token_shops: Final = Table(
    "api_token_shops",
    metadata,
    _text("token_id"),
    _text("shop_id"),
    PrimaryKeyConstraint("token_id", "shop_id"),
    ForeignKeyConstraint(["token_id"], ["api_tokens.token_id"], ondelete="CASCADE"),
    # A token loses a shop that is deleted: it must not open a later shop of the same id.
    ForeignKeyConstraint(["shop_id"], ["shops.shop_id"], ondelete="CASCADE"),
)

TENANT_TABLES: Final[tuple[Table, ...]] = (
    shops,
    entries,
    phrasing_vectors,
    products,
    variants,
    shipping_rules,
    shop_facts,
    orders,
    events,
)
"""The tables under row-level security, parents first."""

CONTROL_TABLES: Final[tuple[Table, ...]] = (shop_versions, api_tokens, api_token_shops)
"""The tables without: they hold no shop's content."""

APPEND_ONLY: Final[tuple[Table, ...]] = (events,)
"""The app's role may add to and read these, never change or delete a row."""
