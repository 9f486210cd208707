"""What a whole test session shares: a real PostgreSQL, a real server, a real installation without one."""

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
from tests.integration.installations import LIFE, Installation, Server, until
from tests.integration.rasa_models import RASA_PYTHON

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


@pytest.fixture(scope="session")
def served(reachable_folder: Path) -> Iterator[Server]:
    """One `kuaihui serve --demo` with two workers; its Rasa starts once the first suggestion was had."""
    gate = reachable_folder / "rasa-may-start"
    python = reachable_folder / "python"
    waiting = f'case "$*" in *launcher*) while [ ! -e {gate} ]; do sleep 0.1; done;; esac'
    python.write_text(f'#!/bin/sh\n{waiting}\nexec {RASA_PYTHON} "$@"\n')
    python.chmod(0o755)
    installation = Installation(reachable_folder / "served", KUAIHUI_RASA_PYTHON=str(python))
    with Server(installation, "--demo", "--workers", "2") as server:
        until(lambda: server.address)
        server.first_answer = server.suggest(LIFE, "黑色L码还有货吗什么时候发")
        gate.touch()
        yield server


@pytest.fixture(scope="session")
def ready(served: Server) -> Server:
    """The same server, the classifier warm in both its workers."""
    until(served.is_ready)
    return served


@pytest.fixture(scope="session")
def still(reachable_folder: Path) -> Installation:
    """An installation with the demo shops that nobody serves."""
    installation = Installation(reachable_folder / "still")
    assert installation.call("demo-shops").status == 0
    return installation
