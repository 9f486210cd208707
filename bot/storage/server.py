"""The server process of an embedded PostgreSQL: started, waited for, ended, and found again when it was left behind."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import os
import signal
import subprocess
import time
from pathlib import Path
from typing import Final

import psutil

from bot.storage import cluster as clusters
from bot.storage.cluster import Cluster, EmbeddedPostgresError

log = logging.getLogger(__name__)

_START_SECONDS: Final = 60.0
_FAST_STOP_SECONDS: Final = 30.0
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


class PidFile:
    """What a running server says of itself: process id, socket folder, and whether it accepts connections."""

    def __init__(self, lines: list[str]) -> None:
        self.pid = int(lines[0])
        self.socket = Path(lines[4]) if len(lines) > 4 and lines[4] else None
        self.ready = self.socket is not None and len(lines) > 7 and lines[7].strip() == "ready"


def read_pid_file(cluster: Cluster) -> PidFile | None:
    try:
        return PidFile(cluster.pid_file.read_text(encoding="utf-8").splitlines())
    except (OSError, ValueError, IndexError):
        return None


def is_server(pid: int, cluster: Cluster) -> bool:
    """Whether the process is a PostgreSQL that works in this cluster's folder, and not one that got a dead one's id."""
    try:
        return Path(psutil.Process(pid).cwd()) == cluster.data
    except (psutil.Error, OSError):
        return False


def spawn(cluster: Cluster, socket: Path) -> subprocess.Popen[bytes]:
    settings = {**_SETTINGS, "unix_socket_directories": f'"{socket}"'}
    options = [f"--{name}={value}" for name, value in settings.items()]
    command = clusters.launch_command(
        cluster.account, cluster.binaries / "postgres", ["-D", str(cluster.data), *options]
    )
    if cluster.log.exists() and cluster.log.stat().st_size > _MAX_LOG_BYTES:
        cluster.log.replace(cluster.log.with_suffix(".log.1"))
    with os.fdopen(os.open(cluster.log, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600), "ab") as output:
        if os.geteuid() == 0:
            folder = cluster.log.parent.stat()
            os.fchown(output.fileno(), folder.st_uid, folder.st_gid)
        # A session of its own: Ctrl-C in the terminal is for the application, which stops the server last.
        return subprocess.Popen(  # noqa: S603
            command, stdin=subprocess.DEVNULL, stdout=output, stderr=output, start_new_session=True, cwd="/",
            env=clusters.server_environment(),
        )  # fmt: skip


async def wait_until_ready(server: subprocess.Popen[bytes], cluster: Cluster, logged: int) -> None:
    deadline = time.monotonic() + _START_SECONDS
    while True:
        status = read_pid_file(cluster)
        if status is not None and status.pid == server.pid and status.ready:
            return
        if server.poll() is not None or time.monotonic() > deadline:
            output = cluster.log.read_bytes()
            said = output[logged if logged <= len(output) else 0 :].decode("utf-8", "replace")
            raise EmbeddedPostgresError(clusters.explain(said, cluster, "the database did not start"))
        await asyncio.sleep(0.02)


async def clear_leftovers(cluster: Cluster) -> None:
    """End a server that outlived its killed owner and remove its traces; whoever holds the ownership lock may."""
    status = read_pid_file(cluster)
    if status is None:
        # A file cut short by a full disk or a crash would stop the server from starting.
        cluster.pid_file.unlink(missing_ok=True)
        return
    if is_server(status.pid, cluster):
        log.warning(
            "a database server (process %d) was left behind by a process that ended: stopping it", status.pid
        )
        await end(psutil.Process(status.pid))
    # Its process id may have been given to another process since: PostgreSQL would take that for a running server.
    cluster.pid_file.unlink(missing_ok=True)


async def end(server: subprocess.Popen[bytes] | psutil.Process) -> None:
    """Stop a server: in order, then at once, then by force."""
    for order, seconds in ((signal.SIGINT, _FAST_STOP_SECONDS), (signal.SIGQUIT, 5.0), (signal.SIGKILL, 5.0)):
        if _has_ended(server):
            return
        with contextlib.suppress(psutil.NoSuchProcess, ProcessLookupError):
            server.send_signal(order)
        deadline = time.monotonic() + seconds
        while not _has_ended(server) and time.monotonic() < deadline:  # noqa: ASYNC110 - not our event loop's process
            await asyncio.sleep(0.02)


def _has_ended(server: subprocess.Popen[bytes] | psutil.Process) -> bool:
    if isinstance(server, psutil.Process):
        return not server.is_running() or server.status() == psutil.STATUS_ZOMBIE
    return server.poll() is not None
