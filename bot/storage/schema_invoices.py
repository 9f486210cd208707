"""The table of requests for invoices."""

from __future__ import annotations

from typing import Final

from sqlalchemy import Boolean, Column, Index, Table

from bot.storage.schema_base import json_column, moment_column, tenant_table, text_column, to_conversation

invoice_requests: Final = tenant_table(
    "invoice_requests",
    ("request_id",),
    text_column("request_id"),
    text_column("conversation_id"),
    text_column("buyer_id"),
    text_column("state"),
    json_column("details"),
    Column("order_is_proven", Boolean, nullable=False),
    moment_column("created_at"),
    moment_column("changed_at", nullable=True),
    text_column("changed_by"),
    text_column("note"),
    to_conversation(),
    Index("invoice_requests_newest", "shop_id", "created_at", "request_id"),
    Index("invoice_requests_conversation", "shop_id", "conversation_id"),
)

TENANT_TABLES: Final[tuple[Table, ...]] = (invoice_requests,)
