"""Where commands get their answers: a running server over its own socket, or an engine that they start themselves."""

from __future__ import annotations

import http.client
import json
import socket
import threading
from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from itertools import islice
from pathlib import Path
from typing import Any, Protocol
from urllib.parse import quote

from bot.cli.console import CommandError
from bot.settings import Settings

_WINDOW = 64
_CONNECTIONS = 4


class Backend(Protocol):
    """What answers. An answer that is an error is {"error": {...}} in place of a result."""

    def shops(self) -> list[dict[str, Any]]: ...

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

    def is_there(self) -> bool:
        """Whether a server answers."""
        try:
            self._call("GET", "/api/v1/health")
        except (OSError, http.client.HTTPException):
            return False
        return True

    def shops(self) -> list[dict[str, Any]]:
        shops: list[dict[str, Any]] = self._checked(self._call("GET", "/api/v1/shops"))["shops"]
        return shops

    def suggest(self, shop: str, bodies: Iterable[dict[str, Any]]) -> Iterator[dict[str, Any]]:
        path = f"/api/v1/shops/{quote(shop, safe='')}"
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
        connection: _UnixConnection | None = getattr(self._local, "connection", None)
        if connection is None:
            connection = self._local.connection = _UnixConnection(self._path)
        payload = None if body is None else json.dumps(body, ensure_ascii=False).encode()
        try:
            connection.request(method, path, payload, {"Content-Type": "application/json"})
            answer: dict[str, Any] = json.loads(connection.getresponse().read())
        except (OSError, http.client.HTTPException):
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
    from bot.run_folder import operator_socket

    server = ServerBackend(operator_socket(settings.resolved_data_dir))
    if server.is_there():
        yield server
        return
    from bot.cli.engine_backend import engine_backend

    with engine_backend(settings, with_classifier=with_classifier) as engine:
        yield engine
