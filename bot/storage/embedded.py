"""The embedded PostgreSQL of one data folder: one process owns the server, others attach and take over when it leaves."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import os
import subprocess
import time
from pathlib import Path
from types import TracebackType
from typing import Final, Self
from urllib.parse import quote

import asyncpg

from bot.storage import cluster as clusters
from bot.storage import server
from bot.storage.cluster import APP_ROLE, DATABASE, OWNER_ROLE, SUPERUSER, Cluster, EmbeddedPostgresError
from bot.storage.file_lock import FileLock

log = logging.getLogger(__name__)

OUTSIDE: Final = Path("/var/lib/kuaihui")
_START_SECONDS: Final = 60.0
_LEAVE_SECONDS: Final = 3.0
_WATCH_SECONDS: Final = 0.25
_MAX_BACK_OFF: Final = 30.0


class EmbeddedPostgres:
    """PostgreSQL in ``<data_dir>/postgres``, reached through a socket that only this user can open.

    `start` owns the server, or attaches to the one that another process of the same data folder owns, and takes over when
    that process ends. The server is a child that ends with its owner, even when that is killed: call `start` in a thread
    that lives as long as the server should (the main thread), since the kernel ties it to the thread.
    """

    def __init__(self, data_dir: Path, *, outside: Path = OUTSIDE) -> None:
        self._data_dir = data_dir.absolute()
        self._outside = outside
        self._ownership = FileLock(self._data_dir / "postgres.lock")
        self._use = FileLock(self._data_dir / "postgres.users")
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
            log.warning(
                "running as root is not recommended: the database runs as an ordinary user of its own"
            )
        deadline = time.monotonic() + _START_SECONDS
        while True:
            if self._may_own():
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
        status = server.read_pid_file(self._cluster)
        if status is None or not status.ready or not server.is_server(status.pid, self._cluster):
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
                await server.end(self._server)
                self._forget_socket()
        finally:
            self._server = None
            self._use.drop()
            self._ownership.drop()

    def _prepare_folder(self) -> None:
        try:
            if not self._data_dir.is_dir():
                self._data_dir.mkdir(parents=True, exist_ok=True)
                # The server's own user must be able to step through it when this is root; whatever the umask.
                self._data_dir.chmod(0o711 if os.geteuid() == 0 else 0o700)
            probe = self._data_dir / f".write-{os.getpid()}"
            probe.write_bytes(b"")
            probe.unlink()
        except OSError as error:
            raise EmbeddedPostgresError(
                f"the data folder {self._data_dir} cannot be written ({error.strerror}): make it writable, free space, or "
                f"set KUAIHUI_DATA_DIR to another folder"
            ) from error

    def _may_own(self) -> bool:
        try:
            return self._ownership.take()
        except PermissionError as error:
            raise EmbeddedPostgresError(
                f"{error.filename} belongs to another user: run Kuaihui as that user, or give the data folder to this one"
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
            await server.end(self._server)
            self._server = None
        self._ownership.drop()

    async def _launch(self) -> None:
        """Start the server; the ownership lock is held."""
        cluster = self._cluster = clusters.locate_cluster(self._data_dir, self._outside)
        if not cluster.exists:
            log.info("making the database in %s", cluster.data)
            await asyncio.to_thread(clusters.initialise, cluster, self._data_dir)
        clusters.check_version(cluster)
        await server.clear_leftovers(cluster)
        clusters.write_access_rules(cluster)
        if self._socket is None or not self._socket.is_dir():
            self._socket = clusters.choose_socket_folder(cluster)
        clusters.clear_socket(self._socket)
        logged = cluster.log.stat().st_size if cluster.log.exists() else 0
        self._server = server.spawn(cluster, self._socket)
        await server.wait_until_ready(self._server, cluster, logged)
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
                log.error(
                    "the database could not be started again, next attempt in %.0f s: %s", back_off, error
                )

    async def _revive(self) -> None:
        if self._server is not None:
            log.warning(
                "the database ended unexpectedly (status %s): starting it again", self._server.returncode
            )
        else:
            log.info("the process that ran the database has ended: taking over")
        self._use.drop()
        self._server = None
        try:
            await self._launch()
        except BaseException:
            # The ownership stays: this process is the one that has to try again.
            if self._server is not None:
                await server.end(self._server)
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
