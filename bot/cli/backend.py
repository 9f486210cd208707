"""Where commands get their answers: a running server over its own socket, or an engine that they start themselves."""

from __future__ import annotations

import http.client
import json
import socket
import threading
import time
from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager
from itertools import islice
from pathlib import Path
from typing import Any, Protocol

from bot.cli.console import CommandError, say
from bot.domain.shop import shop_id
from bot.run_folder import operator_socket, serve_lock
from bot.settings import Settings
from bot.storage.file_lock import FileLock

_WINDOW = 64
_CONNECTIONS = 4
_PAUSE = 0.2
_PATIENCE = 20.0
_START_PATIENCE = 60.0
_BROKEN = (OSError, http.client.HTTPException, ValueError)


class Backend(Protocol):
    """What answers. An answer that is an error is {"error": {...}} in place of a result."""

    def suggest(self, shop: str, bodies: Iterable[dict[str, Any]]) -> Iterator[dict[str, Any]]:
        """Yield an answer for each body, in order."""
        ...

    def classify(self, texts: Iterable[str]) -> Iterator[dict[str, Any]]:
        """Yield an answer for each text, in order."""
        ...


class _UnixConnection(http.client.HTTPConnection):
    def __init__(self, path: Path) -> None:
        super().__init__("localhost", timeout=120)
        self._path = path

    def connect(self) -> None:
        self.sock = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self.sock.settimeout(self.timeout)
        self.sock.connect(str(self._path))


class ServerBackend:
    """A running server, over the socket that only this user can open."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._local = threading.local()
        self._opened: list[_UnixConnection] = []

    def close(self) -> None:
        """Hang up."""
        for connection in self._opened:
            connection.close()

    def is_there(self) -> bool:
        """Whether a server answers."""
        try:
            self._ask("GET", "/api/v1/health")
        except _BROKEN:
            return False
        return True

    def shops(self) -> list[dict[str, Any]]:
        shops: list[dict[str, Any]] = self._checked(self._call("GET", "/api/v1/shops"))["shops"]
        return shops

    def suggest(self, shop: str, bodies: Iterable[dict[str, Any]]) -> Iterator[dict[str, Any]]:
        path = f"/api/v1/shops/{shop_id(shop)}"
        self._checked(self._call("GET", path))
        return self._map(f"{path}/suggestions", bodies)

    def classify(self, texts: Iterable[str]) -> Iterator[dict[str, Any]]:
        return self._map("/api/v1/classify", ({"text": text} for text in texts))

    def _map(self, path: str, bodies: Iterable[dict[str, Any]]) -> Iterator[dict[str, Any]]:
        remaining = iter(bodies)
        with ThreadPoolExecutor(_CONNECTIONS) as pool:
            while window := list(islice(remaining, _WINDOW)):
                yield from pool.map(lambda body: self._call("POST", path, body), window)

    def _call(self, method: str, path: str, body: dict[str, Any] | None = None) -> dict[str, Any]:
        """Return the answer, waiting for a worker that ended and is started again. Raises CommandError."""
        deadline = time.monotonic() + _PATIENCE
        while True:
            try:
                return self._ask(method, path, body)
            except _BROKEN as error:
                if time.monotonic() > deadline:
                    raise CommandError(
                        f"the running server does not answer ({error or type(error).__name__})"
                    ) from None
            time.sleep(_PAUSE)

    def _ask(self, method: str, path: str, body: dict[str, Any] | None = None) -> dict[str, Any]:
        connection: _UnixConnection | None = getattr(self._local, "connection", None)
        if connection is None:
            connection = self._local.connection = _UnixConnection(self._path)
            self._opened.append(connection)
        # Halves of characters, which arguments and JSON can hold, travel as they are: the server leaves them out.
        payload = (
            None if body is None else json.dumps(body, ensure_ascii=False).encode("utf-8", "surrogatepass")
        )
        try:
            connection.request(method, path, payload, {"Content-Type": "application/json"})
            answer: dict[str, Any] = json.loads(connection.getresponse().read())
        except _BROKEN:
            connection.close()
            raise
        return answer

    @staticmethod
    def _checked(answer: dict[str, Any]) -> dict[str, Any]:
        if "error" in answer:
            raise CommandError(answer["error"]["message"])
        return answer


@contextmanager
def open_backend(settings: Settings, *, with_classifier: bool = True) -> Iterator[Backend]:
    """Yield the running server of this data folder, or an engine started for the block (its parts are started too)."""
    server = _running_server(settings.resolved_data_dir)
    if server is not None:
        with closing(server):
            yield server
        return
    from bot.cli.engine_backend import engine_backend

    with engine_backend(settings, with_classifier=with_classifier) as engine:
        yield engine


def list_shops(settings: Settings) -> list[dict[str, Any]]:
    """Return the shops from the running server, or from the database alone."""
    server = _running_server(settings.resolved_data_dir)
    if server is not None:
        with closing(server):
            return server.shops()
    from bot.cli.stores import with_stores
    from bot.services.rendering import shop_data

    return [shop_data(shop) for shop in with_stores(lambda stores: stores.shops.list_shops(None))]


def _running_server(data_dir: Path) -> ServerBackend | None:
    """Return the server that serves this data folder, waiting a while for one that is starting; None without one."""
    server = ServerBackend(operator_socket(data_dir))
    deadline = time.monotonic() + _START_PATIENCE
    waiting = False
    while not server.is_there():
        if time.monotonic() > deadline or not _is_held(serve_lock(data_dir)):
            return None
        if not waiting:
            say("waiting for the server, which is starting…")
        waiting = True
        time.sleep(_PAUSE)
    return server


def _is_held(path: Path) -> bool:
    if not path.exists():
        return False
    lock = FileLock(path)
    try:
        return not lock.take(shared=True)
    finally:
        lock.drop()
