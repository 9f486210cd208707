"""A whole installation as users run it: `kuaihui serve` in a process of its own, over a data folder of its own."""

from __future__ import annotations

import asyncio
import contextlib
import os
import re
import signal
import sys
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from urllib.parse import urlsplit

import psutil

from benchmarks.connections import Connection
from bot.bootstrap.databases import open_database, open_stores
from bot.bootstrap.engine import Stores
from bot.settings import PREFIX, PROJECT_ROOT, Settings, load_settings

_READY_SECONDS = 300.0
_STOP_SECONDS = 60.0
_ADDRESS = re.compile(rb"serving at (http://\S+)")
_NOWHERE = Path("/nonexistent/.env")


class Installation:
    """`kuaihui serve` over `data_dir`; `overrides` are further KUAIHUI_* settings."""

    def __init__(self, data_dir: Path, overrides: Mapping[str, str], *, demo: bool = False) -> None:
        self.data_dir = data_dir
        given = {
            f"{PREFIX}DATA_DIR": str(data_dir),
            f"{PREFIX}PORT": "0",
            f"{PREFIX}LOG_LEVEL": "WARNING",
            **overrides,
        }
        inherited = {name: value for name, value in os.environ.items() if not name.startswith(PREFIX)}
        self.environment = {**inherited, **given}
        self.settings: Settings = load_settings(self.environment, _NOWHERE)
        self._demo = demo
        self._process: asyncio.subprocess.Process | None = None
        self._host, self._port = "", 0

    async def start(self) -> None:
        """Start and return once it announces its address. Raises RuntimeError."""
        self.data_dir.mkdir(parents=True, exist_ok=True)
        command = [sys.executable, "-m", "bot", "serve", *(["--demo"] if self._demo else [])]
        # Started again after a death, it goes on in the log where it was.
        with self.log.open("wb" if self._process is None else "ab") as errors:
            self._process = await asyncio.create_subprocess_exec(
                *command, cwd=PROJECT_ROOT, env=self.environment, stdin=asyncio.subprocess.DEVNULL,
                stdout=asyncio.subprocess.PIPE, stderr=errors, start_new_session=True,
            )  # fmt: skip
        assert self._process.stdout is not None
        try:
            async with asyncio.timeout(_READY_SECONDS):
                async for line in self._process.stdout:
                    if found := _ADDRESS.search(line):
                        address = urlsplit(found[1].decode())
                        self._host, self._port = str(address.hostname), int(address.port or 0)
                        return
        except TimeoutError:
            pass
        await self.stop()
        raise RuntimeError(f"kuaihui serve did not start; {self.log} says why")

    @property
    def log(self) -> Path:
        """What it says of itself."""
        return self.data_dir / "serve.log"

    @property
    def is_dead(self) -> bool:
        """Whether it has been started and has ended."""
        return self._process is not None and self._process.returncode is not None

    @property
    def address(self) -> str:
        """Where it serves."""
        return f"http://{self._host}:{self._port}"

    async def stop(self) -> None:
        """End it as Ctrl-C does; for certain after a minute."""
        process = self._process
        if process is None or process.returncode is not None:
            return
        with contextlib.suppress(ProcessLookupError):
            process.send_signal(signal.SIGINT)
        try:
            await asyncio.wait_for(process.communicate(), _STOP_SECONDS)
        except TimeoutError:
            process.kill()
            await process.wait()

    async def kill(self) -> None:
        """End every process of it at once, asking none of them."""
        assert self._process is not None
        for process in self.family():
            with contextlib.suppress(psutil.Error):
                process.kill()
        await self._process.communicate()

    @asynccontextmanager
    async def stores(self) -> AsyncIterator[Stores]:
        """Yield the stores of the database, started for the block when it does not run."""
        async with open_database(self.settings) as (_, app_dsn), open_stores(app_dsn) as stores:
            yield stores

    async def token(self, shops: list[str], *, may_write: bool = False) -> str:
        """Return a new token for the shops."""
        async with self.stores() as stores:
            token, _ = await stores.tokens.create_token("bench", shops, may_write=may_write, expires_at=None)
            return token

    def connection(self, token: str) -> Connection:
        """Return an unopened connection that sends the token."""
        return Connection(self._host, self._port, {"Authorization": f"Bearer {token}"})

    def workers(self) -> list[psutil.Process]:
        """Return the web workers' processes."""
        return self.parts("bot.bootstrap.worker")

    def parts(self, word: str) -> list[psutil.Process]:
        """Return its own children whose command line holds the word."""
        assert self._process is not None
        found = []
        for child in psutil.Process(self._process.pid).children():
            with contextlib.suppress(psutil.Error):
                if any(word in argument for argument in child.cmdline()):
                    found.append(child)
        return found

    def family(self) -> list[psutil.Process]:
        """Return every process that belongs to it."""
        assert self._process is not None
        own = psutil.Process(self._process.pid)
        return [own, *own.children(recursive=True)]

    async def connection_to_each_worker(self, token: str) -> dict[int, Connection]:
        """Return a connection for each worker, by the worker's process id (the kernel spreads connections)."""
        found: dict[int, Connection] = {}
        workers = self.workers()
        spare: list[Connection] = []
        while len(found) < len(workers):
            connection = await self.connection(token).open()
            await connection.expect("GET", "/api/v1/shops")
            owner = _owner_of(connection.local_port, workers)
            if owner is None or owner in found:
                spare.append(connection)
            else:
                found[owner] = connection
        for connection in spare:
            connection.close()
        return found


def _owner_of(port: int, workers: list[psutil.Process]) -> int | None:
    for worker in workers:
        if any(c.raddr and c.raddr.port == port for c in worker.net_connections("tcp")):
            return worker.pid
    return None


@asynccontextmanager
async def serving(installation: Installation) -> AsyncIterator[Installation]:
    """Serve for the time of the block."""
    await installation.start()
    try:
        yield installation
    finally:
        await installation.stop()
