"""Starts the embedder process, says when it is ready, restarts it when it ends, and stops it."""

from __future__ import annotations

import asyncio
import contextlib
import json
import logging
import os
import sys
from pathlib import Path
from typing import Final, Literal, TypeAlias

from bot.ports import EmbedderUnavailable
from bot.retrieval.embedder_process import CANNOT_START
from bot.retrieval.embedder_wire import ModelNotice, ProtocolError, unpack_notice

State: TypeAlias = Literal["stopped", "starting", "ready", "down"]

SOCKET_NAME: Final = "embedder.sock"
_PROJECT_ROOT: Final = Path(__file__).resolve().parent.parent.parent
_FIRST_PAUSE: Final = 0.2
_LONGEST_PAUSE: Final = 30.0
_STEADY_SECONDS: Final = 60.0
_STOP_SECONDS: Final = 5.0

_log = logging.getLogger(__name__)


class EmbedderProcess:
    """Keeps one embedder process running, with its socket in `folder` (which must be private, 0700).

    Call `start` on the main thread: on Linux the process is told to end with the thread that started it.
    """

    def __init__(self, model: str, folder: Path, dimension: int | None = None) -> None:
        self._model = model
        self._dimension = dimension
        self._process: asyncio.subprocess.Process | None = None
        self._watching: asyncio.Task[None] | None = None
        self._changed = asyncio.Condition()
        self._notice: ModelNotice | None = None
        self._state: State = "stopped"
        self._reason = "the embedder process was not started"
        self._failure = ""
        self.socket = folder / SOCKET_NAME

    @property
    def state(self) -> State:
        """`down` is for good (the model cannot be used); a process that ended by accident is `starting` again."""
        return self._state

    @property
    def pid(self) -> int | None:
        """The process's id while there is one."""
        return self._process.pid if self._process is not None else None

    async def start(self) -> None:
        """Begin to start the process and return at once; `wait_ready` tells how it went."""
        if self._watching is None:
            await self._become("starting", "the embedder process is starting")
            self._watching = asyncio.create_task(self._keep_running())

    async def wait_ready(self, timeout: float = 120.0) -> ModelNotice:
        """Return the model's fingerprint and dimension. Raises EmbedderUnavailable with the reason."""
        try:
            async with asyncio.timeout(timeout), self._changed:
                await self._changed.wait_for(lambda: self._state != "starting")
        except TimeoutError:
            raise EmbedderUnavailable(
                f"向量模型 {timeout:g} 秒内未就绪：较大的模型请先用 hf download 下载再启动。 "
                f"the embedding model was not ready within {timeout:g} seconds: download a large one beforehand (hf download)"
            ) from None
        if self._state != "ready" or self._notice is None:
            raise EmbedderUnavailable(self._reason)
        return self._notice

    async def stop(self) -> None:
        """End the process: politely, then by force. Nothing is left behind."""
        if self._watching is not None:
            self._watching.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._watching
            self._watching = None
        await self._end_process()
        await self._become("stopped", "the embedder process was stopped")

    async def _keep_running(self) -> None:
        loop = asyncio.get_running_loop()
        pause = _FIRST_PAUSE
        while True:
            began = loop.time()
            status = await self._run_once()
            if status == CANNOT_START and self._notice is None:
                return
            if loop.time() - began > _STEADY_SECONDS:
                pause = _FIRST_PAUSE
            ended = self._failure or f"the embedder process ended with status {status}"
            reason = f"{ended}; it is being restarted"
            _log.warning("%s in %.1f s", reason, pause)
            await self._become("starting", reason)
            await asyncio.sleep(pause)
            pause = min(pause * 2, _LONGEST_PAUSE)

    async def _run_once(self) -> int:
        """Run the process to its end and return its status."""
        try:
            self._process = await asyncio.create_subprocess_exec(
                *self._command(),
                env=_environment(),
                stdin=asyncio.subprocess.DEVNULL,
                stdout=asyncio.subprocess.PIPE,
                start_new_session=True,  # Ctrl-C reaches us alone; we then stop it in order
            )
        except OSError as error:
            await self._become("down", f"the embedder process cannot be started: {error}")
            return CANNOT_START
        assert self._process.stdout is not None
        await self._read_first_line(await self._process.stdout.readline())
        return await self._process.wait()

    async def _read_first_line(self, line: bytes) -> None:
        try:
            notice = unpack_notice(line)
        except ProtocolError:
            self._failure = _failure(line)
            await self._become("down" if self._notice is None else "starting", self._failure)
            return
        if self._notice is not None and notice != self._notice:
            _log.warning(
                "the embedding model changed (%s to %s, %d numbers a vector): every shop is embedded anew",
                self._notice.fingerprint,
                notice.fingerprint,
                notice.dimension,
            )
        self._notice, self._failure = notice, ""
        await self._become("ready", "")

    async def _end_process(self) -> None:
        process, self._process = self._process, None
        if process is None or process.returncode is not None:
            return
        with contextlib.suppress(ProcessLookupError):
            process.terminate()
        try:
            await asyncio.wait_for(process.wait(), _STOP_SECONDS)
        except TimeoutError:
            with contextlib.suppress(ProcessLookupError):
                process.kill()
            await process.wait()

    async def _become(self, state: State, reason: str) -> None:
        async with self._changed:
            self._state, self._reason = state, reason
            self._changed.notify_all()

    def _command(self) -> list[str]:
        command = [sys.executable, "-m", "bot.retrieval.embedder_process", "--socket", str(self.socket)]
        command += ["--model", self._model, "--parent", str(os.getpid())]
        return command if self._dimension is None else [*command, "--dimension", str(self._dimension)]


def _failure(line: bytes) -> str:
    try:
        return str(json.loads(line)["error"])
    except (ValueError, KeyError, TypeError):
        return "the embedder process ended before it was ready; its messages are in the log"


def _environment() -> dict[str, str]:
    """Return our environment without our settings: the model's process has no use for database passwords and tokens."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("KUAIHUI_")}
    path = os.pathsep.join(filter(None, (str(_PROJECT_ROOT), kept.get("PYTHONPATH"))))
    return kept | {
        "PYTHONPATH": path,
        "OMP_NUM_THREADS": "1",
        "MKL_NUM_THREADS": "1",
        "PYTHONWARNINGS": "ignore",
    }
