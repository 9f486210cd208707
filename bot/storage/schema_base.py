"""What all tables share: the metadata, columns, and the shape of a table that holds a shop's data."""

from __future__ import annotations

from typing import Final

from sqlalchemy import (
    JSON,
    CheckConstraint,
    Column,
    DateTime,
    ForeignKeyConstraint,
    MetaData,
    PrimaryKeyConstraint,
    Table,
    Text,
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


def text_column(name: str) -> Column[str]:
    return Column(name, Text, nullable=False)


def moment_column(name: str, *, nullable: bool = False) -> Column[object]:
    return Column(name, DateTime(timezone=True), nullable=nullable)


def json_column(name: str) -> Column[object]:
    return Column(name, JSON, nullable=False)


def tenant_table(name: str, key: tuple[str, ...], *items: SchemaItem) -> Table:
    """A table of a shop's data: its key begins with the shop, and it goes with the shop."""
    return Table(
        name,
        metadata,
        text_column("shop_id"),
        *items,
        PrimaryKeyConstraint("shop_id", *key),
        CheckConstraint("shop_id <> ''", name="shop_id"),
        ForeignKeyConstraint(["shop_id"], ["shops.shop_id"], ondelete="CASCADE"),
    )


def to_conversation() -> ForeignKeyConstraint:
    """The row belongs to a conversation of its own shop, and goes with it."""
    return ForeignKeyConstraint(
        ["shop_id", "conversation_id"],
        ["conversations.shop_id", "conversations.conversation_id"],
        ondelete="CASCADE",
    )
