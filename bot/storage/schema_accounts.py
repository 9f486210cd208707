"""The tables of organisations, accounts, memberships, sessions and the audit log. They hold no shop's content."""

from __future__ import annotations

from typing import Final

from sqlalchemy import Table

TENANT_TABLES: Final[tuple[Table, ...]] = ()
CONTROL_TABLES: Final[tuple[Table, ...]] = ()
APPEND_ONLY: Final[tuple[Table, ...]] = ()
