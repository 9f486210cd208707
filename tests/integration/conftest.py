"""One real PostgreSQL for the whole test session."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest

from bot.storage.database import Database
from bot.storage.embedded import EmbeddedPostgres
from bot.storage.migration import migrate

_ROOMY = 2_000_000_000


def _fastest_place() -> Path:
    """Memory where there is enough of it: the tests make many databases."""
    memory = Path("/dev/shm")
    roomy = memory.is_dir() and os.access(memory, os.W_OK) and shutil.disk_usage(memory).free > _ROOMY
    return memory if roomy else Path("/tmp")


@pytest.fixture(scope="session")
def reachable_folder() -> Iterator[Path]:
    """A folder that any user may step into: as root the database runs as another user."""
    folder = Path(tempfile.mkdtemp(prefix="kuaihui-test-", dir=_fastest_place()))
    folder.chmod(0o711)
    yield folder
    shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture(scope="session")
async def postgres(reachable_folder: Path) -> AsyncIterator[EmbeddedPostgres]:
    """An embedded PostgreSQL with the tables in it."""
    async with EmbeddedPostgres(reachable_folder / "session") as server:
        await migrate(server.owner_dsn)
        yield server


@pytest.fixture(scope="session")
async def database(postgres: EmbeddedPostgres) -> AsyncIterator[Database]:
    """Connections to it as the application's role."""
    database = Database(postgres.app_dsn)
    await database.start()
    yield database
    await database.close()
