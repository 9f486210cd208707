"""Brings a database's tables to the revision this program knows, and gives the application's role its rights."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Final

from alembic import command
from alembic.config import Config
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.ports import StoreUnavailable
from bot.storage.cluster import APP_ROLE
from bot.storage.connecting import make_engine, translated_errors
from bot.storage.schema import APPEND_ONLY, CONTROL_TABLES, FUNCTIONS, TENANT_TABLES

_FOLDER: Final = Path(__file__).with_name("migrations")
_LOCK: Final = 0x6B756169
"""The advisory lock under which tables are changed; one number for every process."""


class MigrationRefused(StoreUnavailable):
    """The database cannot be brought to this program's revision; the message says why and what to do."""


def head_revision() -> str:
    """Return the revision of the tables that this program works with."""
    head = ScriptDirectory.from_config(_config()).get_current_head()
    assert head is not None
    return head


def known_revisions() -> Sequence[str]:
    """Return every revision that this program can come from, oldest first."""
    return [
        script.revision for script in reversed(list(ScriptDirectory.from_config(_config()).walk_revisions()))
    ]


async def migrate(owner_dsn: str, *, app_role: str = APP_ROLE) -> None:
    """Bring the tables up to date as their owner, and let `app_role` use them. All or nothing, one process at a time.

    Raises StoreUnavailable, MigrationRefused.
    """
    engine = make_engine(owner_dsn, pool_size=1, statement_seconds=0)
    try:
        with translated_errors():
            async with engine.begin() as connection:
                await lock_tables(connection)
                await bring_to(connection, "head")
                await grant_rights(connection, app_role)
    finally:
        await engine.dispose()


async def lock_tables(connection: AsyncConnection) -> None:
    """Wait for any other process that changes tables; the lock ends with the transaction."""
    await connection.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": _LOCK})


async def current_revision(connection: AsyncConnection) -> str | None:
    """Return the revision of the database's tables, None when it has none."""
    if await connection.scalar(text("SELECT to_regclass('alembic_version')")) is None:
        return None
    revision: str | None = await connection.scalar(text("SELECT version_num FROM alembic_version"))
    return revision


async def bring_to(connection: AsyncConnection, revision: str) -> None:
    """Run the revisions up to `revision` in the connection's transaction. Raises MigrationRefused."""
    current = await current_revision(connection)
    if current is not None and current not in known_revisions():
        raise MigrationRefused(
            f"the database's tables are at revision {current}, which this Kuaihui does not know: a newer Kuaihui made "
            f"them; use that one, or restore a backup into an empty database"
        )
    await connection.run_sync(_upgrade, revision)


def _upgrade(connection: Connection, revision: str) -> None:
    config = _config()
    config.attributes["connection"] = connection
    command.upgrade(config, revision)


def _config() -> Config:
    config = Config()
    config.set_main_option("script_location", str(_FOLDER).replace("%", "%%"))
    config.set_main_option("path_separator", "os")
    return config


async def grant_rights(connection: AsyncConnection, app_role: str) -> None:
    """Let `app_role` work with the tables, and no more. Raises MigrationRefused when there is no such role."""
    quoted = '"' + app_role.replace('"', '""') + '"'
    if await connection.scalar(text("SELECT current_user")) == app_role:
        raise MigrationRefused(
            f"the role {app_role} would own the tables and so see past row-level security: give a role of its own for "
            f"migrations in KUAIHUI_MIGRATION_URL"
        )
    if not await connection.scalar(text("SELECT 1 FROM pg_roles WHERE rolname = :role"), {"role": app_role}):
        raise MigrationRefused(
            f"there is no role {app_role}: create it (CREATE ROLE {quoted} LOGIN NOSUPERUSER NOBYPASSRLS PASSWORD '…'), "
            f"or name another in KUAIHUI_DATABASE_URL"
        )
    try:
        schema = await connection.scalar(text("SELECT quote_ident(current_schema())"))
        await connection.execute(text(f"GRANT USAGE ON SCHEMA {schema} TO {quoted}"))
        for table in (*TENANT_TABLES, *CONTROL_TABLES):
            rights = "SELECT, INSERT" if table in APPEND_ONLY else "SELECT, INSERT, UPDATE, DELETE"
            await connection.execute(text(f"REVOKE ALL ON {table.name} FROM {quoted}"))
            await connection.execute(text(f"GRANT {rights} ON {table.name} TO {quoted}"))
        for function in FUNCTIONS:
            await connection.execute(text(f"GRANT EXECUTE ON FUNCTION {function} TO {quoted}"))
        await connection.execute(text(f"GRANT SELECT ON alembic_version TO {quoted}"))
    except DBAPIError as error:
        raise MigrationRefused(f"the role {app_role} cannot be given its rights: {error.orig}") from error
