"""The tables of the sources of a shop's facts."""

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
)

from bot.storage.schema_base import json_column, metadata, moment_column, tenant_table, text_column

fact_sources: Final = tenant_table(
    "fact_sources",
    ("source_id",),
    text_column("source_id"),
    text_column("name"),
    Column("enabled", Boolean, nullable=False),
    json_column("document"),
    # The values of secret headers, apart: they are read to ask an address, and for nothing else.
    json_column("secrets"),
    json_column("state"),
    moment_column("made_at"),
    Column("revision", Integer, nullable=False),
)

fact_source_dues: Final = Table(
    "fact_source_dues",
    metadata,
    text_column("shop_id"),
    text_column("source_id"),
    moment_column("due_at"),
    PrimaryKeyConstraint("shop_id", "source_id"),
    ForeignKeyConstraint(
        ["shop_id", "source_id"], ["fact_sources.shop_id", "fact_sources.source_id"], ondelete="CASCADE"
    ),
    Index("fact_source_dues_due", "due_at"),
)
"""Content-free: when a source is to be looked at next."""

TENANT_TABLES: Final[tuple[Table, ...]] = (fact_sources,)
CONTROL_TABLES: Final[tuple[Table, ...]] = (fact_source_dues,)
