"""A PostgreSQL that runs elsewhere, reached over TCP with passwords and two roles, serves as well as the embedded one."""

from __future__ import annotations

import asyncio
import os
import secrets
import socket
import subprocess
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass
from pathlib import Path

import asyncpg
import pytest

from bot.domain.shop import Shop
from bot.ports import StoreUnavailable
from bot.storage import cluster as clusters
from bot.storage.backup import backup, restore
from bot.storage.connecting import role_of
from bot.storage.database import Database
from bot.storage.migration import MigrationRefused, migrate
from bot.storage.shops import PostgresShops


@dataclass(frozen=True)
class Elsewhere:
    """A server with a database `shopping` that `keeper` owns and `teller` uses."""

    port: int
    password: str

    def dsn(self, role: str, database: str = "shopping") -> str:
        return f"postgresql://{role}:{self.password}@127.0.0.1:{self.port}/{database}"


@pytest.fixture(scope="module")
def server(reachable_folder: Path) -> Iterator[Elsewhere]:
    place = clusters.locate_cluster(reachable_folder / "elsewhere", reachable_folder)
    data = reachable_folder / "elsewhere-data"
    data.mkdir(mode=0o700)
    os.chown(data, place.account.uid, place.account.gid)
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    password = secrets.token_hex(8)
    secret = reachable_folder / "elsewhere-password"
    secret.write_text(password)
    secret.chmod(0o644)
    options = ["-D", str(data), "-U", "postgres", "--auth=scram-sha-256", f"--pwfile={secret}", "--no-sync"]
    initdb = clusters.launch_command(place.account, place.binaries / "initdb", options)
    subprocess.run(initdb, check=True, capture_output=True, env=clusters.server_environment(), cwd="/")
    options = ["-D", str(data), "-p", str(port), "-h", "127.0.0.1", "-k", "", "-F"]
    command = clusters.launch_command(place.account, place.binaries / "postgres", options)
    with subprocess.Popen(
        command, stderr=subprocess.DEVNULL, env=clusters.server_environment(), cwd="/"
    ) as process:
        yield Elsewhere(port, password)
        process.terminate()


@pytest.fixture
async def elsewhere(server: Elsewhere) -> AsyncIterator[Elsewhere]:
    """The server with an empty database and its two roles."""
    connection = await connect_when_up(server.dsn("postgres", "postgres"))
    for statement in (
        "DROP DATABASE IF EXISTS shopping WITH (FORCE)",
        "DROP ROLE IF EXISTS keeper",
        "DROP ROLE IF EXISTS teller",
        f"CREATE ROLE keeper LOGIN PASSWORD '{server.password}'",
        f"CREATE ROLE teller LOGIN PASSWORD '{server.password}'",
        "CREATE DATABASE shopping OWNER keeper",
    ):
        await connection.execute(statement)
    yield server
    await connection.close()


async def connect_when_up(dsn: str) -> asyncpg.Connection[asyncpg.Record]:
    while True:
        try:
            return await asyncpg.connect(dsn)
        except (OSError, asyncpg.CannotConnectNowError):
            await asyncio.sleep(0.05)


async def test_two_roles_with_passwords_migrate_serve_back_up_and_restore(
    elsewhere: Elsewhere, tmp_path: Path
) -> None:
    owner, app = elsewhere.dsn("keeper"), elsewhere.dsn("teller")
    await migrate(owner, app_role=role_of(app))
    database = Database(app)
    await database.start()
    await PostgresShops(database).put_shop(Shop("far", "远方"))
    await backup(app, tmp_path / "far.kuaihui")
    await restore(owner, tmp_path / "far.kuaihui", overwrite=True, app_role="teller")
    assert [shop.id for shop in await PostgresShops(database).list_shops(None)] == ["far"]
    await database.close()


async def test_the_application_may_not_bring_its_own_tables(elsewhere: Elsewhere) -> None:
    with pytest.raises(MigrationRefused, match="KUAIHUI_MIGRATION_URL"):
        await migrate(elsewhere.dsn("keeper"), app_role="keeper")


async def test_a_wrong_password_is_told_without_showing_it(elsewhere: Elsewhere) -> None:
    wrong = elsewhere.dsn("teller").replace(elsewhere.password, "falsch")
    with pytest.raises(StoreUnavailable, match="refuses the role or its password") as failure:
        await Database(wrong).start(patience=0)
    assert "falsch" not in str(failure.value)


async def test_an_unknown_database_is_told(elsewhere: Elsewhere) -> None:
    with pytest.raises(StoreUnavailable, match="no such database"):
        await Database(elsewhere.dsn("teller", "nowhere")).start(patience=0)


@pytest.mark.parametrize(
    "address", ["postgresql://a:geheim/x@host:5432/db", "mysql://a:geheim@host/db", "geheim"]
)
async def test_an_address_that_cannot_be_read_is_told_without_showing_it(address: str) -> None:
    with pytest.raises(StoreUnavailable) as failure:
        await Database(address).start(patience=0)
    assert "geheim" not in str(failure.value)


def test_the_role_is_read_from_the_address() -> None:
    assert role_of("postgresql://shop%40app:x@host/db") == "shop@app"
    assert role_of("postgresql:///db?host=/run/pg&user=teller") == "teller"
    with pytest.raises(StoreUnavailable, match="names no role"):
        role_of("postgresql://host/db")
