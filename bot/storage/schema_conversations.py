"""The tables of buyers, conversations and what belongs to them."""

from __future__ import annotations

from typing import Final

from sqlalchemy import Table

TENANT_TABLES: Final[tuple[Table, ...]] = ()
CONTROL_TABLES: Final[tuple[Table, ...]] = ()
APPEND_ONLY: Final[tuple[Table, ...]] = ()
