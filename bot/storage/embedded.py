"""The embedded PostgreSQL of one data folder: one process owns the server, others attach and take over when it leaves."""

from __future__ import annotations

import asyncio
import contextlib
import fcntl
import logging
import os
import shutil
import signal
import subprocess
import time
from pathlib import Path
from types import TracebackType
from typing import Final, Self
from urllib.parse import quote

import asyncpg
import psutil

from bot.storage import cluster as clusters
from bot.storage.cluster import APP_ROLE, DATABASE, OWNER_ROLE, SUPERUSER, Cluster, EmbeddedPostgresError

log = logging.getLogger(__name__)

OUTSIDE: Final = Path("/var/lib/kuaihui")
_START_SECONDS: Final = 60.0
_FAST_STOP_SECONDS: Final = 30.0
_LEAVE_SECONDS: Final = 3.0
_WATCH_SECONDS: Final = 0.25
_MAX_BACK_OFF: Final = 30.0
_MAX_LOG_BYTES: Final = 5_000_000
# Nothing that a statement or a row says is logged: the log holds no shop's text.
_SETTINGS: Final = {
    "listen_addresses": "",
    "unix_socket_permissions": "0700",
    "fsync": "on",
    "full_page_writes": "on",
    "synchronous_commit": "on",
    "max_connections": "100",
    "shared_buffers": "64MB",
    "max_wal_size": "512MB",
    "max_parallel_workers_per_gather": "0",
    "jit": "off",
    "log_min_messages": "log",
    "log_min_error_statement": "panic",
    "log_checkpoints": "off",
    "log_error_verbosity": "terse",
}


class _FileLock:
    """A lock between processes that the kernel drops with its holder."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._file: int | None = None

    def take(self, *, shared: bool = False) -> bool:
        """Take the lock if it is free; say whether it is now held."""
        if self._file is None:
            self._file = os.open(self._path, os.O_RDWR | os.O_CREAT, 0o600)
        try:
            fcntl.flock(self._file, (fcntl.LOCK_SH if shared else fcntl.LOCK_EX) | fcntl.LOCK_NB)
        except BlockingIOError:
            self.drop()
            return False
        if not shared:
            os.ftruncate(self._file, 0)
            os.pwrite(self._file, f"{os.getpid()}\n".encode(), 0)
        return True

    def drop(self) -> None:
        if self._file is not None:
            os.close(self._file)
            self._file = None

    def holder(self) -> str:
        """Return the process id that last took the lock, for messages."""
        with contextlib.suppress(OSError):
            return self._path.read_text().strip() or "?"
        return "?"


class EmbeddedPostgres:
    """PostgreSQL in ``<data_dir>/postgres``, reached through a socket that only this user can open.

    `start` owns the server, or attaches to the one that another process of the same data folder owns, and takes over when
    that process ends. The server is a child that ends with its owner, even when that is killed: call `start` in a thread
    that lives as long as the server should (the main thread), since the kernel ties it to the thread.
    """

    def __init__(self, data_dir: Path, *, outside: Path = OUTSIDE) -> None:
        self._data_dir = data_dir.absolute()
        self._outside = outside
        self._ownership = _FileLock(self._data_dir / "postgres.lock")
        self._use = _FileLock(self._data_dir / "postgres.users")
        self._cluster: Cluster | None = None
        self._socket: Path | None = None
        self._server: subprocess.Popen[bytes] | None = None
        self._watcher: asyncio.Task[None] | None = None

    async def __aenter__(self) -> Self:
        await self.start()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.stop()

    @property
    def owner_dsn(self) -> str:
        """The address for migrations, backups and restores."""
        return self._dsn(OWNER_ROLE)

    @property
    def app_dsn(self) -> str:
        """The address for everything else: its role cannot look past row-level security."""
        return self._dsn(APP_ROLE)

    @property
    def owned(self) -> bool:
        """Whether this process owns the server."""
        return self._server is not None

    @property
    def pid(self) -> int | None:
        """The server's process id, when this process owns it."""
        return self._server.pid if self._server else None

    def _dsn(self, role: str, database: str = DATABASE) -> str:
        if self._socket is None:
            raise EmbeddedPostgresError("the embedded database is not started")
        return f"postgresql://{role}@/{database}?host={quote(str(self._socket), safe='')}"

    async def start(self) -> None:
        """Own or attach to the server; returns when it answers. Raises EmbeddedPostgresError."""
        self._prepare_folder()
        if os.geteuid() == 0:
            log.warning("running as root is not recommended: the database runs as an ordinary user of its own")
        deadline = time.monotonic() + _START_SECONDS
        while True:
            if self._ownership.take():
                await self._own()
                break
            if self.attach():
                break
            if time.monotonic() > deadline:
                raise EmbeddedPostgresError(
                    f"process {self._ownership.holder()} holds the database of {self._data_dir}, which does not become "
                    f"ready: stop that process and start again"
                )
            await asyncio.sleep(0.05)
        self._watcher = asyncio.create_task(self._watch(), name="embedded-postgres")

    def attach(self) -> bool:
        """Attach to a server that another process runs for this data folder; False when there is none that is ready."""
        if not (self._data_dir / "postgres" / "PG_VERSION").is_file() or not self._use.take(shared=True):
            return False
        self._cluster = clusters.locate_cluster(self._data_dir, self._outside)
        status = _read_pid_file(self._cluster)
        if status is None or not status.ready or not _is_server(status.pid, self._cluster):
            self._use.drop()
            return False
        self._socket = status.socket
        return True

    async def stop(self, *, patience: float = _LEAVE_SECONDS) -> None:
        """Leave the server; the owner stops it, after waiting up to `patience` seconds for those who are attached."""
        if self._watcher is not None:
            self._watcher.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._watcher
            self._watcher = None
        try:
            if self._server is not None:
                await self._wait_for_users(patience)
                await _end(self._server)
                self._forget_socket()
        finally:
            self._server = None
            self._use.drop()
            self._ownership.drop()

    def _prepare_folder(self) -> None:
        try:
            # The server's own user must be able to step through it when this is root.
            self._data_dir.mkdir(mode=0o711 if os.geteuid() == 0 else 0o700, parents=True, exist_ok=True)
            probe = self._data_dir / f".write-{os.getpid()}"
            probe.write_bytes(b"")
            probe.unlink()
        except OSError as error:
            raise EmbeddedPostgresError(
                f"the data folder {self._data_dir} cannot be written ({error.strerror}): make it writable, free space, or "
                f"set KUAIHUI_DATA_DIR to another folder"
            ) from error

    async def _own(self) -> None:
        try:
            await self._launch()
        except OSError as error:
            await self._abandon()
            raise EmbeddedPostgresError(
                f"the database in {self._data_dir} cannot be prepared: {error.strerror} ({error.filename})"
            ) from error
        except BaseException:
            await self._abandon()
            raise

    async def _abandon(self) -> None:
        if self._server is not None:
            await _end(self._server)
            self._server = None
        self._ownership.drop()

    async def _launch(self) -> None:
        """Start the server; the ownership lock is held."""
        cluster = self._cluster = clusters.locate_cluster(self._data_dir, self._outside)
        if not cluster.exists:
            log.info("making the database in %s", cluster.data)
            await asyncio.to_thread(clusters.initialise, cluster, self._data_dir)
        clusters.check_version(cluster)
        await _clear_leftovers(cluster)
        clusters.write_access_rules(cluster)
        if self._socket is None or not self._socket.is_dir():
            self._socket = clusters.choose_socket_folder(cluster)
        clusters.clear_socket(self._socket)
        logged = cluster.log.stat().st_size if cluster.log.exists() else 0
        self._server = _spawn(cluster, self._socket)
        await _wait_until_ready(self._server, cluster, logged)
        await _ensure_roles(self._dsn(SUPERUSER, "postgres"))

    async def _watch(self) -> None:
        """Start the server again when it dies; take over when the process that owned it has ended."""
        back_off = _WATCH_SECONDS
        while True:
            await asyncio.sleep(back_off)
            if self._server is not None and self._server.poll() is None:
                back_off = _WATCH_SECONDS
                continue
            if self._server is None and not self._ownership.take():
                continue
            try:
                await self._revive()
                back_off = _WATCH_SECONDS
            except (EmbeddedPostgresError, OSError, asyncpg.PostgresError) as error:
                back_off = min(back_off * 2, _MAX_BACK_OFF)
                log.error("the database could not be started again, next attempt in %.0f s: %s", back_off, error)

    async def _revive(self) -> None:
        if self._server is not None:
            log.warning("the database ended unexpectedly (status %s): starting it again", self._server.returncode)
        else:
            log.info("the process that ran the database has ended: taking over")
        self._use.drop()
        self._server = None
        try:
            await self._launch()
        except BaseException:
            # The ownership stays: this process is the one that has to try again.
            if self._server is not None:
                await _end(self._server)
            raise

    async def _wait_for_users(self, patience: float) -> None:
        deadline = time.monotonic() + patience
        while not self._use.take():
            if time.monotonic() > deadline:
                log.info("stopping the database although other commands use it: one of them takes over")
                return
            await asyncio.sleep(0.05)

    def _forget_socket(self) -> None:
        if self._socket is not None:
            clusters.clear_socket(self._socket)
            with contextlib.suppress(OSError):
                self._socket.rmdir()
            self._socket = None


class _PidFile:
    """What a running server says of itself: process id, socket folder, and whether it accepts connections."""

    def __init__(self, lines: list[str]) -> None:
        self.pid = int(lines[0])
        self.socket = Path(lines[4]) if len(lines) > 4 and lines[4] else None
        self.ready = self.socket is not None and len(lines) > 7 and lines[7].strip() == "ready"


def _read_pid_file(cluster: Cluster) -> _PidFile | None:
    try:
        return _PidFile(cluster.pid_file.read_text(encoding="utf-8").splitlines())
    except (OSError, ValueError, IndexError):
        return None


def _is_server(pid: int, cluster: Cluster) -> bool:
    """Whether the process is a PostgreSQL that works in this cluster's folder, and not one that got a dead one's id."""
    try:
        return Path(psutil.Process(pid).cwd()) == cluster.data
    except (psutil.Error, OSError):
        return False


def _spawn(cluster: Cluster, socket: Path) -> subprocess.Popen[bytes]:
    settings = {**_SETTINGS, "unix_socket_directories": f'"{socket}"'}
    options = [f"--{name}={value}" for name, value in settings.items()]
    command = clusters.launch_command(cluster.account, cluster.binaries / "postgres", ["-D", str(cluster.data), *options])
    if cluster.log.exists() and cluster.log.stat().st_size > _MAX_LOG_BYTES:
        cluster.log.replace(cluster.log.with_suffix(".log.1"))
    with os.fdopen(os.open(cluster.log, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600), "ab") as output:
        # A session of its own: Ctrl-C in the terminal is for the application, which stops the server last.
        return subprocess.Popen(
            command, stdin=subprocess.DEVNULL, stdout=output, stderr=output, start_new_session=True, cwd="/",
            env=clusters.server_environment(),
        )  # fmt: skip


async def _wait_until_ready(server: subprocess.Popen[bytes], cluster: Cluster, logged: int) -> None:
    deadline = time.monotonic() + _START_SECONDS
    while True:
        status = _read_pid_file(cluster)
        if status is not None and status.pid == server.pid and status.ready:
            return
        if server.poll() is not None or time.monotonic() > deadline:
            output = cluster.log.read_bytes()
            said = output[logged if logged <= len(output) else 0 :].decode("utf-8", "replace")
            raise EmbeddedPostgresError(clusters.explain(said, cluster, "the database did not start"))
        await asyncio.sleep(0.02)


async def _clear_leftovers(cluster: Cluster) -> None:
    """End a server that outlived its killed owner and remove its traces; whoever holds the ownership lock may."""
    status = _read_pid_file(cluster)
    if status is None:
        # A file cut short by a full disk or a crash would stop the server from starting.
        cluster.pid_file.unlink(missing_ok=True)
        return
    if _is_server(status.pid, cluster):
        log.warning("a database server (process %d) was left behind by a process that ended: stopping it", status.pid)
        await _end(psutil.Process(status.pid))
    # Its process id may have been given to another process since: PostgreSQL would take that for a running server.
    cluster.pid_file.unlink(missing_ok=True)


async def _end(server: subprocess.Popen[bytes] | psutil.Process) -> None:
    """Stop a server: in order, then at once, then by force."""
    for order, seconds in ((signal.SIGINT, _FAST_STOP_SECONDS), (signal.SIGQUIT, 5.0), (signal.SIGKILL, 5.0)):
        if _has_ended(server):
            return
        with contextlib.suppress(psutil.NoSuchProcess, ProcessLookupError):
            server.send_signal(order)
        deadline = time.monotonic() + seconds
        while not _has_ended(server) and time.monotonic() < deadline:
            await asyncio.sleep(0.02)


def _has_ended(server: subprocess.Popen[bytes] | psutil.Process) -> bool:
    if isinstance(server, psutil.Process):
        return not server.is_running() or server.status() == psutil.STATUS_ZOMBIE
    return server.poll() is not None


async def _ensure_roles(dsn: str) -> None:
    connection = await asyncpg.connect(dsn, timeout=30)
    try:
        for role in (OWNER_ROLE, APP_ROLE):
            if not await connection.fetchval("SELECT 1 FROM pg_roles WHERE rolname = $1", role):
                await connection.execute(
                    f"CREATE ROLE {role} LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE NOREPLICATION NOBYPASSRLS"
                )
        if not await connection.fetchval("SELECT 1 FROM pg_database WHERE datname = $1", DATABASE):
            await connection.execute(f"CREATE DATABASE {DATABASE} OWNER {OWNER_ROLE} TEMPLATE template0")
        await connection.execute(f"REVOKE ALL ON DATABASE {DATABASE} FROM PUBLIC")
        await connection.execute(f"GRANT CONNECT ON DATABASE {DATABASE} TO {APP_ROLE}")
    finally:
        await connection.close()


def remove_cluster(data_dir: Path) -> None:
    """Delete the database of a data folder that no process uses, wherever its files lie."""
    link = data_dir / "postgres"
    target = link.resolve()
    shutil.rmtree(target if not link.is_symlink() else target.parent, ignore_errors=True)
    if link.is_symlink():
        link.unlink()
