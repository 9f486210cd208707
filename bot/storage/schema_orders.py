"""The table of what buyers tried in order to prove that an order is theirs."""

from __future__ import annotations

from typing import Final

from sqlalchemy import Boolean, Column, Index, Table

from bot.storage.schema_base import moment_column, tenant_table, text_column, to_conversation

order_tries: Final = tenant_table(
    "order_tries",
    ("conversation_id", "try_id"),
    text_column("conversation_id"),
    text_column("try_id"),
    text_column("buyer_id"),
    text_column("order_no"),
    moment_column("at"),
    Column("is_right", Boolean, nullable=False),
    to_conversation(),
    Index("order_tries_buyer", "shop_id", "buyer_id", "at"),
    Index("order_tries_number", "shop_id", "order_no", "at"),
)

TENANT_TABLES: Final[tuple[Table, ...]] = (order_tries,)
