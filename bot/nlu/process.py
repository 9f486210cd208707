"""Rasa's server as a process of ours: on loopback, with a token, watched, restarted, and gone when we are gone."""

from __future__ import annotations

import asyncio
import contextlib
import json
import logging
import logging.handlers
import os
import secrets
import signal
import socket
from collections import deque
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Final

from bot.nlu.environment import rasa_environment
from bot.ports import ClassifierUnavailable, Unavailable

_log = logging.getLogger(__name__)

_LOOPBACK: Final = "127.0.0.1"
_LOG_BYTES: Final = 1_000_000
_STOP_SECONDS: Final = 1.0
_LONGEST_PAUSE: Final = 60.0
_STEADY_SECONDS: Final = 300.0


class RasaProcess:
    """Runs one Rasa server. `url`, `token` and `secret` hold for its whole life, over every restart.

    With `actions_url`, the site of our actions, it holds dialogues too: `secret` is what its channel and that site ask for.
    `state` is "stopped", "starting", "running" or "restarting" (it died and is started again after a pause);
    `problem` says in words why it does not run.
    """

    def __init__(
        self,
        data_dir: Path,
        project_root: Path,
        rasa_python: Path,
        *,
        model: Path,
        actions_url: str = "",
        first_pause: float = 1.0,
    ) -> None:
        self.token: Final = secrets.token_hex(32)
        self.secret: Final = secrets.token_hex(32)
        self.data_dir: Final = data_dir
        self._root = project_root
        self._python = rasa_python
        self._model = model
        self._actions_url = actions_url
        self._first_pause = first_pause
        self._reserved: socket.socket | None = None
        self._process: asyncio.subprocess.Process | None = None
        self._watcher: asyncio.Task[None] | None = None
        self._last_lines: deque[str] = deque(maxlen=5)
        self._log_file: logging.Handler | None = None
        self._state = "stopped"
        self._running_since = 0.0
        self._replacing = False

    @property
    def state(self) -> str:
        return self._state

    @property
    def url(self) -> str:
        """Where the server listens. Raises RuntimeError before `start`."""
        if self._reserved is None:
            raise RuntimeError("start() has not been called")
        return f"http://{_LOOPBACK}:{self._reserved.getsockname()[1]}"

    @property
    def pid(self) -> int | None:
        return self._process.pid if self._process and self._process.returncode is None else None

    @property
    def problem(self) -> str:
        return "" if self._state in ("running", "stopped") else " / ".join(self._last_lines)

    def is_starting(self) -> bool:
        """Tell whether the server may be expected soon."""
        return self._state in ("starting", "restarting")

    async def start(self, after: Callable[[], Awaitable[object]] | None = None) -> None:
        """Start the server and return at once; it is of use 10 to 25 seconds later.

        `after` is awaited before the first start, whatever comes of it: loading Rasa takes every core there is for
        seconds, and what must be there sooner goes first.
        Call it from a thread that lives as long as the server shall (the main one): Linux ties the server's life to it.
        Raises ClassifierUnavailable when the Rasa environment or the model is not there.
        """
        if self._watcher is not None:
            return
        if not self._python.exists():
            raise ClassifierUnavailable(f"no Rasa environment at {self._python}: run `make setup`")
        if not self._model.is_file():
            raise ClassifierUnavailable(f"no Rasa model at {self._model}: run `kuaihui train`")
        self._reserved = _bind(0)
        self._log_file = _open_log(self.data_dir / "logs" / "rasa.log")
        self._state = "starting"
        self._watcher = asyncio.create_task(self._watch(after), name="rasa-process")

    async def use_model(self, model: Path) -> None:
        """Serve `model` from now on: the server is started again, on the same address."""
        self._model = model
        self._replacing = True
        if self._process is not None and self._process.returncode is None:
            await _terminate(self._process)

    async def stop(self) -> None:
        """Stop the server; nothing of it is left when this returns."""
        watcher, self._watcher = self._watcher, None
        if watcher is not None:
            watcher.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await watcher
        self._state = "stopped"
        if self._reserved is not None:
            self._reserved.close()
            self._reserved = None
        if self._log_file is not None:
            self._log_file.close()
            self._log_file = None

    async def _watch(self, after: Callable[[], Awaitable[object]] | None) -> None:
        if after is not None:
            with contextlib.suppress(Unavailable):
                await after()
        loop = asyncio.get_running_loop()
        pause = self._first_pause
        while True:
            try:
                status: int | str = await self._run_once()
            except OSError as error:
                status = str(error)
                self._last_lines.append(status)
            if self._replacing:
                self._replacing, self._state = False, "starting"
                continue
            if self._state == "running" and loop.time() - self._running_since > _STEADY_SECONDS:
                pause = self._first_pause
            self._state = "restarting"
            _log.warning("Rasa ended with %s; starting it again in %.0f s", status, pause)
            await asyncio.sleep(pause)
            pause = min(pause * 2, _LONGEST_PAUSE)

    async def _run_once(self) -> int:
        """Run the server until it ends; return its exit status."""
        process = await self._spawn()
        self._process = process
        assert process.stdout is not None
        assert process.stderr is not None
        try:
            await asyncio.gather(self._await_ready(process.stdout), self._keep_log(process.stderr))
            return await process.wait()
        finally:
            await _terminate(process)
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.killpg(process.pid, signal.SIGKILL)

    async def _spawn(self) -> asyncio.subprocess.Process:
        assert self._reserved is not None
        with _bind(self._reserved.getsockname()[1]) as listening:
            process = await asyncio.create_subprocess_exec(
                str(self._python),
                "-m",
                "bot.nlu.launcher",
                cwd=self._root,
                env=rasa_environment(scratch=self.data_dir / "rasa" / ".scratch"),
                stdin=asyncio.subprocess.PIPE,
                stdout=asyncio.subprocess.PIPE,
                stderr=asyncio.subprocess.PIPE,
                pass_fds=(listening.fileno(),),
                start_new_session=True,
            )
            settings = {
                "token": self.token,
                "model": str(self._model),
                "endpoints": str(self._root / "endpoints.yml"),
                "socket": listening.fileno(),
                "parent": os.getpid(),
                "dialogues": self._dialogues(),
            }
        assert process.stdin is not None
        process.stdin.write(json.dumps(settings).encode() + b"\n")
        return process

    def _dialogues(self) -> dict[str, str] | None:
        return {"secret": self.secret, "actions_url": self._actions_url} if self._actions_url else None

    async def _await_ready(self, output: asyncio.StreamReader) -> None:
        async for line in output:
            if line.strip() == b"ready":
                self._state = "running"
                self._running_since = asyncio.get_running_loop().time()

    async def _keep_log(self, errors: asyncio.StreamReader) -> None:
        while chunk := await errors.read(8192):
            text = chunk.decode("utf-8", "replace").rstrip("\n")
            self._last_lines.extend(line for line in text.splitlines() if line.strip())
            if self._log_file is not None:
                self._log_file.emit(logging.LogRecord("rasa", logging.WARNING, "", 0, "%s", (text,), None))


async def _terminate(process: asyncio.subprocess.Process) -> None:
    """End the server politely, then for certain."""
    if process.returncode is not None:
        return
    with contextlib.suppress(ProcessLookupError):
        process.terminate()
    try:
        await asyncio.wait_for(process.wait(), _STOP_SECONDS)
    except TimeoutError:
        # It keeps nothing, so nothing is lost; unloading TensorFlow can take it many seconds.
        with contextlib.suppress(ProcessLookupError):
            process.kill()
        await process.wait()


def _bind(port: int) -> socket.socket:
    """Return a socket bound to the port on loopback.

    The one kept in RasaProcess never listens: it holds the port for us while no server runs, so that a restart gets the
    same address, and a connection meanwhile is refused at once instead of hanging.
    """
    bound = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
    bound.bind((_LOOPBACK, port))
    return bound


class _QuietFile(logging.handlers.RotatingFileHandler):
    """A log that a full disk cannot turn into noise on our own error stream."""

    def handleError(self, record: logging.LogRecord) -> None:
        """Drop the line."""


def _open_log(path: Path) -> logging.Handler:
    path.parent.mkdir(parents=True, exist_ok=True)
    return _QuietFile(path, maxBytes=_LOG_BYTES, backupCount=2, encoding="utf-8", delay=True)
