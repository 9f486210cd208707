"""The embedded PostgreSQL outlives crashes, never its owner, and widens nobody's permissions."""

from __future__ import annotations

import asyncio
import itertools
import os
import pwd
import shutil
import signal
import stat
import subprocess
import sys
from collections.abc import AsyncIterator, Callable, Iterator
from pathlib import Path

import asyncpg
import psutil
import pytest

from bot.storage import cluster as clusters
from bot.storage.cluster import EmbeddedPostgresError
from bot.storage.database import Database
from bot.storage.embedded import EmbeddedPostgres
from bot.storage.migration import migrate

# ruff: noqa: ASYNC110, ASYNC220, ASYNC221, ASYNC240 - what is tested are processes and files, one after another

ROOT = os.geteuid() == 0
_numbers = itertools.count(1)
OWNER_PROCESS = """
import asyncio, sys
from pathlib import Path
from bot.storage.embedded import EmbeddedPostgres
async def main():
    async with EmbeddedPostgres(Path(sys.argv[1])) as server:
        print(server.pid, flush=True)
        await asyncio.to_thread(sys.stdin.readline)
asyncio.run(main())
"""


@pytest.fixture
def folder(reachable_folder: Path) -> Iterator[Path]:
    """A place for one test's database."""
    folder = reachable_folder / f"own-{next(_numbers)}"
    yield folder
    shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture
async def server(folder: Path) -> AsyncIterator[EmbeddedPostgres]:
    """A server of the test's own, with the tables in it."""
    async with EmbeddedPostgres(folder) as server:
        await migrate(server.owner_dsn)
        yield server


def own_in_another_process(folder: Path, *before: str) -> subprocess.Popen[str]:
    """Start a process that owns the database of `folder`; its first line is the server's process id."""
    command = [*before, sys.executable, "-c", OWNER_PROCESS, str(folder)]
    return subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )


async def until(condition: Callable[[], bool]) -> None:
    """Wait for what another process or task is about to do."""
    async with asyncio.timeout(60):
        while not condition():
            await asyncio.sleep(0.02)


def is_ready(pid_file: Path) -> bool:
    try:
        return "ready" in pid_file.read_text()
    except FileNotFoundError:
        return False


async def remember(server: EmbeddedPostgres, value: str) -> None:
    connection = await asyncpg.connect(server.owner_dsn)
    await connection.execute("CREATE TABLE IF NOT EXISTS remembered (value text)")
    await connection.execute("INSERT INTO remembered VALUES ($1)", value)
    await connection.close()


async def remembered(server: EmbeddedPostgres) -> list[str]:
    connection = await asyncpg.connect(server.owner_dsn)
    rows = await connection.fetch("SELECT value FROM remembered")
    await connection.close()
    return [row["value"] for row in rows]


async def test_what_was_written_is_there_after_a_restart(folder: Path) -> None:
    async with EmbeddedPostgres(folder) as server:
        await remember(server, "一")
        pid = server.pid
    assert pid is not None
    assert not psutil.pid_exists(pid)
    async with EmbeddedPostgres(folder) as server:
        assert await remembered(server) == ["一"]


async def test_the_server_listens_on_a_socket_that_only_its_user_can_open(server: EmbeddedPostgres) -> None:
    connection = await asyncpg.connect(server.owner_dsn.replace("kuaihui_owner@", "postgres@"))
    assert await connection.fetchval("SHOW listen_addresses") == ""
    assert await connection.fetchval("SHOW fsync") == "on"
    sockets = Path((await connection.fetchval("SHOW unix_socket_directories")).strip('"'))
    await connection.close()
    assert stat.S_IMODE(sockets.stat().st_mode) == 0o700
    assert server.pid is not None
    process = psutil.Process(server.pid)
    assert [c for c in process.net_connections(kind="inet") if c.status == psutil.CONN_LISTEN] == []
    assert process.uids().effective != 0


async def test_nobody_is_trusted(server: EmbeddedPostgres, folder: Path) -> None:
    rules = (folder / "postgres" / "pg_hba.conf").read_text()
    assert "trust" not in rules
    assert "host" not in rules
    with pytest.raises(asyncpg.InvalidAuthorizationSpecificationError):
        await asyncpg.connect(server.app_dsn.replace("/kuaihui?", "/template1?"))


async def test_a_killed_server_is_started_again(server: EmbeddedPostgres) -> None:
    await remember(server, "before")
    first = server.pid
    assert first is not None
    os.kill(first, signal.SIGKILL)
    await until(lambda: server.pid not in (None, first))
    database = Database(server.app_dsn)
    await database.start(patience=30)
    await database.close()
    assert await remembered(server) == ["before"]


async def test_a_pool_from_before_the_crash_goes_on(server: EmbeddedPostgres) -> None:
    database = Database(server.app_dsn)
    await database.start()
    first = server.pid
    assert first is not None
    os.kill(first, signal.SIGKILL)
    await until(lambda: server.pid not in (None, first))
    await database.start(patience=30)
    async with database.scope("any") as connection:
        assert (await connection.exec_driver_sql("SELECT count(*) FROM entries")).scalar() == 0
    await database.close()


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="PR_SET_PDEATHSIG is Linux's")
async def test_the_server_ends_with_a_killed_owner_and_starts_again(folder: Path) -> None:
    with own_in_another_process(folder) as owner:
        assert owner.stdout is not None
        pid = int(owner.stdout.readline())
        owner.kill()
    await until(lambda: not psutil.pid_exists(pid))
    async with EmbeddedPostgres(folder) as server:
        assert server.owned


async def test_a_server_that_was_left_behind_is_stopped(folder: Path) -> None:
    async with EmbeddedPostgres(folder) as server:
        await remember(server, "kept")
    place = clusters.locate_cluster(folder, folder)
    left = subprocess.Popen(
        [place.binaries / "postgres", "-D", place.data, "-c", "listen_addresses=", "-k", place.data],
        user=place.account.uid, env={}, stderr=subprocess.DEVNULL,
    )  # fmt: skip
    await until(lambda: is_ready(place.pid_file))
    async with EmbeddedPostgres(folder) as server:
        assert left.wait(30) == 0
        assert server.pid != left.pid
        assert await remembered(server) == ["kept"]


async def test_a_process_id_that_was_given_to_another_process_does_no_harm(folder: Path) -> None:
    async with EmbeddedPostgres(folder) as server:
        pid = server.pid
    assert pid is not None
    for text in (f"{os.getpid()}\n{folder}\n1\n5432\n/tmp\n\n1 1\nready\n", "", "half"):
        (folder / "postgres" / "postmaster.pid").write_text(text)
        async with EmbeddedPostgres(folder) as server:
            assert server.owned


async def test_commands_attach_to_the_server_of_another_process(folder: Path) -> None:
    with own_in_another_process(folder) as owner:
        assert owner.stdout is not None
        pid = int(owner.stdout.readline())
        async with EmbeddedPostgres(folder) as attached:
            assert not attached.owned
            await remember(attached, "through the other's server")
        assert psutil.pid_exists(pid)
        owner.communicate("\n")
    assert not psutil.pid_exists(pid)


async def test_who_is_attached_takes_over_when_the_owner_leaves(folder: Path) -> None:
    first, second = EmbeddedPostgres(folder), EmbeddedPostgres(folder)
    await first.start()
    await second.start()
    await remember(first, "shared")
    assert (first.owned, second.owned) == (True, False)
    await first.stop(patience=0)
    await until(lambda: second.owned)
    await until(lambda: is_ready(folder / "postgres" / "postmaster.pid"))
    assert await remembered(second) == ["shared"]
    await second.stop()


async def test_of_several_that_start_at_once_one_owns_the_server(folder: Path) -> None:
    servers = [EmbeddedPostgres(folder) for _ in range(4)]
    await asyncio.gather(*(server.start() for server in servers))
    assert sum(server.owned for server in servers) == 1
    for server in sorted(servers, key=lambda server: server.owned):
        await server.stop()


async def test_attaching_where_nothing_runs_says_so(folder: Path) -> None:
    assert not EmbeddedPostgres(folder).attach()
    async with EmbeddedPostgres(folder):
        pass
    assert not EmbeddedPostgres(folder).attach()


async def test_a_data_folder_with_a_long_path_works(folder: Path) -> None:
    deep = folder / ("d" * 60) / ("e" * 60)
    deep.mkdir(parents=True, mode=0o711)
    async with EmbeddedPostgres(deep) as server:
        await remember(server, "deep")
        assert "kuaihui-" in server.app_dsn
        assert await remembered(server) == ["deep"]


async def test_a_socket_folder_that_others_may_open_is_not_used(folder: Path) -> None:
    folder.mkdir(mode=0o711)
    open_to_all = folder / "socket"
    open_to_all.mkdir()
    open_to_all.chmod(0o777)
    async with EmbeddedPostgres(folder) as server:
        assert "tmp%2Fkuaihui-" in server.app_dsn or "run" in server.app_dsn
        assert list(open_to_all.iterdir()) == []


async def test_a_cluster_of_another_version_is_refused_and_left_alone(folder: Path) -> None:
    async with EmbeddedPostgres(folder):
        pass
    version = folder / "postgres" / "PG_VERSION"
    version.write_text("16\n")
    with pytest.raises(EmbeddedPostgresError, match="made by PostgreSQL 16"):
        await EmbeddedPostgres(folder).start()
    version.write_text(f"{clusters.MAJOR}\n")
    async with EmbeddedPostgres(folder) as server:
        assert server.owned


async def test_a_data_folder_that_cannot_be_written_is_named(folder: Path) -> None:
    folder.write_text("a file")
    with pytest.raises(EmbeddedPostgresError, match="KUAIHUI_DATA_DIR"):
        await EmbeddedPostgres(folder).start()


async def test_a_full_disk_is_named_and_leaves_no_half_of_a_database(folder: Path) -> None:
    script = (
        f"import resource\nresource.setrlimit(resource.RLIMIT_FSIZE, (200_000, 200_000))\n{OWNER_PROCESS}"
    )
    done = subprocess.run(
        [sys.executable, "-c", script, str(folder)], capture_output=True, text=True, check=False
    )
    assert done.returncode == 1
    assert "is full" in done.stderr
    assert not (folder / "postgres").exists()
    assert not list(folder.glob("postgres.new*"))
    async with EmbeddedPostgres(folder) as server:
        assert server.owned


async def test_what_an_interrupted_first_start_left_is_cleared_away(folder: Path) -> None:
    folder.mkdir(mode=0o711)
    half = folder / "postgres.new-1"
    half.mkdir()
    (half / "PG_VERSION").write_text("18\n")
    async with EmbeddedPostgres(folder):
        assert not half.exists()


@pytest.mark.skipif(not ROOT, reason="needs root")
async def test_as_root_a_folder_that_others_cannot_reach_stays_closed(
    folder: Path, reachable_folder: Path
) -> None:
    closed = folder / "closed"
    closed.mkdir(parents=True)
    folder.chmod(0o700)
    outside = reachable_folder / "outside"
    async with EmbeddedPostgres(closed / "var", outside=outside) as server:
        await remember(server, "outside")
        assert server.pid is not None
        assert psutil.Process(server.pid).uids().effective != 0
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    assert (closed / "var" / "postgres").is_symlink()
    assert (closed / "var" / "postgres").resolve().is_relative_to(outside)
    (closed / "var").rename(closed / "moved")
    async with EmbeddedPostgres(closed / "moved", outside=outside) as server:
        assert await remembered(server) == ["outside"]


@pytest.mark.skipif(not ROOT, reason="needs root")
async def test_as_root_programs_that_others_cannot_reach_are_copied_once(
    folder: Path, reachable_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    outside = reachable_folder / "outside-programs"
    shipped = clusters.locate_cluster(folder, outside).binaries
    reach = clusters._can_reach
    monkeypatch.setattr(
        clusters, "_can_reach", lambda account, place: place != shipped and reach(account, place)
    )
    for _ in range(2):
        umask = os.umask(0o077)
        async with EmbeddedPostgres(folder, outside=outside) as server:
            os.umask(umask)
            assert server.pid is not None
            assert Path(psutil.Process(server.pid).exe()).is_relative_to(outside)
    os.umask(umask)
    assert len(list(outside.iterdir())) == 1
    shutil.rmtree(outside)


async def test_a_link_to_a_database_that_is_gone_is_not_taken_for_a_first_start(folder: Path) -> None:
    folder.mkdir(mode=0o711)
    (folder / "postgres").symlink_to(folder / "gone")
    with pytest.raises(EmbeddedPostgresError, match="no database"):
        await EmbeddedPostgres(folder).start()


def ordinary_user() -> list[str] | None:
    """Return what runs a command as an ordinary user who can still read this interpreter, or None."""
    if not ROOT or shutil.which("setpriv") is None:
        return None
    user = pwd.getpwnam("nobody")
    prefix = ["setpriv", f"--reuid={user.pw_uid}", f"--regid={user.pw_gid}", "--clear-groups",
              "--inh-caps=+dac_read_search", "--ambient-caps=+dac_read_search"]  # fmt: skip
    tried = subprocess.run([*prefix, sys.executable, "-c", "import bot"], capture_output=True, check=False)
    return prefix if tried.returncode == 0 else None


@pytest.mark.skipif(ordinary_user() is None, reason="cannot become an ordinary user here")
async def test_an_ordinary_user_starts_it_and_root_can_use_it_afterwards(folder: Path) -> None:
    prefix = ordinary_user()
    assert prefix is not None
    folder.mkdir()
    shutil.chown(folder, "nobody")
    with own_in_another_process(folder, *prefix) as owner:
        assert owner.stdout is not None
        line = owner.stdout.readline()
        if not line:
            raise AssertionError(owner.communicate()[1])
        assert psutil.Process(int(line)).username() == "nobody"
        assert stat.S_IMODE((folder / "postgres").stat().st_mode) == 0o700
        owner.communicate("\n")
    assert owner.returncode == 0
    async with EmbeddedPostgres(folder) as server:
        assert server.owned
