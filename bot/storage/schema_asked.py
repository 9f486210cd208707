"""The table of what owners put aside of what buyers asked in vain."""

from __future__ import annotations

from typing import Final

from bot.storage.schema_base import moment_column, tenant_table, text_column

texts_aside: Final = tenant_table(
    "texts_aside",
    ("text_key",),
    text_column("text_key"),
    text_column("entry_id"),
    text_column("text"),
    moment_column("at"),
    text_column("author"),
)

TENANT_TABLES: Final = (texts_aside,)
