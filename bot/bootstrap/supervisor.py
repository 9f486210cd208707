"""`kuaihui serve`: starts the platform and the web workers, starts again what dies, ends everything in order."""

from __future__ import annotations

import asyncio
import contextlib
import errno
import json
import logging
import os
import signal
import socket
import sys
from asyncio.subprocess import PIPE, Process
from collections.abc import Mapping, Sequence
from contextlib import AsyncExitStack
from pathlib import Path

from bot.bootstrap.platform import Needs, Platform, Prepare, Say, open_platform
from bot.ports import Unavailable
from bot.run_folder import operator_socket, run_folder, serve_lock
from bot.settings import PROJECT_ROOT, Settings
from bot.storage.file_lock import FileLock

_log = logging.getLogger(__name__)
_READY_SECONDS = 60.0
_STOP_SECONDS = 10.0
_MAX_BACK_OFF = 30.0
_THREADS = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS")
_PORT_SECONDS = 4.0
_LOCK_ATTEMPTS = 20


class PortInUse(Unavailable):
    """Someone else listens on the port."""


def open_listeners(host: str, port: int, count: int) -> list[socket.socket]:
    """Return one listening socket a worker, all on the same address. Raises PortInUse, Unavailable.

    The kernel spreads connections over them; they outlive a worker that dies, so its clients wait instead of failing.
    """
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        # Alone first: with SO_REUSEPORT a second installation would silently share the port.
        with socket.socket(family, socket.SOCK_STREAM) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind((host, port))
            port = probe.getsockname()[1]
        listeners = []
        for _ in range(count):
            listener = socket.socket(family, socket.SOCK_STREAM)
            listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
            listener.bind((host, port))
            listener.listen(1024)
            listeners.append(listener)
        return listeners
    except OSError as error:
        if error.errno == errno.EADDRINUSE:
            raise PortInUse(
                f"port {port} is in use: stop what listens there, or set KUAIHUI_PORT to another"
            ) from None
        raise Unavailable(
            f"cannot listen on {host}:{port}: {error.strerror}; check KUAIHUI_HOST and KUAIHUI_PORT"
        ) from None


def _single_threaded(environment: Mapping[str, str]) -> dict[str, str]:
    """Return the environment of a worker: its linear algebra stays on one thread, unless the operator says otherwise.

    The cores are shared by the workers, Rasa and the database: threads that spin for each other make loading a shop ten
    times slower as soon as anything else runs.
    """
    return {**dict.fromkeys(_THREADS, "1"), **environment}


class Worker:
    """One web worker process that is kept alive."""

    def __init__(self, number: int, sockets: Sequence[socket.socket], plan: dict[str, object]) -> None:
        self._number = number
        self._sockets = sockets
        self._plan = plan
        self._process: Process | None = None

    async def start(self) -> None:
        """Start the process; returns when it serves. Raises Unavailable."""
        for inherited in self._sockets:
            inherited.set_inheritable(True)
        self._process = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "bot.bootstrap.worker", stdin=PIPE, stdout=PIPE, cwd=PROJECT_ROOT,
            pass_fds=[inherited.fileno() for inherited in self._sockets], start_new_session=True, env=_single_threaded(os.environ),
        )  # fmt: skip
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(json.dumps(self._plan).encode() + b"\n")
        await self._process.stdin.drain()
        try:
            async with asyncio.timeout(_READY_SECONDS):
                said = await self._process.stdout.readline()
        except TimeoutError:
            said = b""
        if said.strip() != b"ready":
            await self.stop()
            raise Unavailable("a web worker did not start; the lines above say why")

    async def keep_alive(self) -> None:
        """Start the process again whenever it ends, ever more slowly, until cancelled."""
        pause = 0.5
        while True:
            assert self._process is not None
            began = asyncio.get_running_loop().time()
            status = await self._process.wait()
            if asyncio.get_running_loop().time() - began > _MAX_BACK_OFF:
                pause = 0.5
            _log.error("web worker %d ended with status %s; starting it again", self._number, status)
            await asyncio.sleep(pause)
            pause = min(pause * 2, _MAX_BACK_OFF)
            with contextlib.suppress(Unavailable):
                await self.start()

    async def stop(self) -> None:
        """End the process: asked first, then forced."""
        process = self._process
        if process is None or process.returncode is not None:
            return
        assert process.stdin is not None
        process.stdin.close()
        try:
            async with asyncio.timeout(_STOP_SECONDS):
                await process.wait()
        except TimeoutError:
            process.kill()
            await process.wait()


async def serve(
    settings: Settings, say: Say, announce: Say, prepare: Prepare | None = None, *, demo: bool = False
) -> None:
    """Serve until SIGINT or SIGTERM. `announce` is called with the address once suggestions can be had.

    `prepare` is given the application's DSN once the database stands (the demo loads its shops there). With `demo` the
    first worker plays the demo's buyers.
    """
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for name in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(name, stop.set)
    async with AsyncExitStack() as stack:
        await _be_the_only_server(stack, settings)
        listeners = await _await_listeners(settings)
        for listener in listeners:
            stack.callback(listener.close)
        starting = asyncio.ensure_future(_start(stack, settings, listeners, say, prepare, demo=demo))
        stopping = asyncio.ensure_future(stop.wait())
        await asyncio.wait({starting, stopping}, return_when=asyncio.FIRST_COMPLETED)
        if not starting.done():
            starting.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await starting
            return
        await starting
        port = listeners[0].getsockname()[1]
        host = f"[{settings.host}]" if ":" in settings.host else settings.host
        announce(f"http://{host}:{port}")
        await stopping
        say("stopping…")


async def _be_the_only_server(stack: AsyncExitStack, settings: Settings) -> None:
    run_folder(settings.resolved_data_dir)
    path = serve_lock(settings.resolved_data_dir)
    lock = FileLock(path)
    stack.callback(lock.drop)
    # More than once: a command that looks whether a server runs holds the lock for a moment.
    for _ in range(_LOCK_ATTEMPTS):
        if lock.take():
            return
        await asyncio.sleep(0.05)
    raise Unavailable(
        f"Kuaihui already serves {settings.resolved_data_dir} (process {lock.holder()}): "
        f"stop that one, or set KUAIHUI_DATA_DIR to another folder"
    )


async def _await_listeners(settings: Settings) -> list[socket.socket]:
    """Return the listeners, after waiting for workers whose supervisor was killed to let go of the port."""
    deadline = asyncio.get_running_loop().time() + _PORT_SECONDS
    while True:
        try:
            return open_listeners(settings.host, settings.port, settings.workers)
        except PortInUse:
            if asyncio.get_running_loop().time() > deadline:
                raise
        await asyncio.sleep(0.1)


async def _start(
    stack: AsyncExitStack,
    settings: Settings,
    listeners: list[socket.socket],
    say: Say,
    prepare: Prepare | None,
    *,
    demo: bool,
) -> None:
    say("starting the database, the embedding model and Rasa…")
    # Workers start while the model still loads: they wait for it by themselves.
    needs = Needs(embedder=True, classifier=True, dialogues=True, wait_for_embedder=False)
    platform = await stack.enter_async_context(open_platform(settings, needs, say, prepare))
    operator = operator_socket(settings.resolved_data_dir)
    run_folder(settings.resolved_data_dir)
    stack.callback(_forget, operator)
    shared = [platform.actions] if platform.actions is not None else []
    workers = [
        Worker(
            number,
            [listener, *shared],
            _plan(platform, listener, operator if number == 0 else None, demo=demo),
        )
        for number, listener in enumerate(listeners)
    ]
    for worker in workers:
        stack.push_async_callback(worker.stop)
    await asyncio.gather(platform.wait_for_embedder(), *(worker.start() for worker in workers))
    for worker in workers:
        task = asyncio.create_task(worker.keep_alive())
        stack.push_async_callback(_cancel, task)


def _plan(
    platform: Platform, listener: socket.socket, operator: Path | None, *, demo: bool
) -> dict[str, object]:
    """Return what a worker is told. The one with the operator's socket is also the one that plays the demo's buyers."""
    return {
        "endpoints": platform.endpoints.as_json(),
        "socket": listener.fileno(),
        "actions_socket": platform.actions.fileno() if platform.actions is not None else None,
        "operator_socket": str(operator) if operator is not None else "",
        "plays_buyers": demo and operator is not None and platform.settings.demo_buyers,
    }


async def _cancel(task: asyncio.Task[None]) -> None:
    task.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await task


def _forget(path: Path) -> None:
    with contextlib.suppress(OSError):
        path.unlink()
