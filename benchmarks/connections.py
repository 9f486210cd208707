"""A lean HTTP/1.1 client with keep-alive: the same for both sides of a comparison, and cheap beside what is measured."""

from __future__ import annotations

import asyncio
import json
import re
import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

_LENGTH = re.compile(rb"\r\ncontent-length: *(\d+)", re.IGNORECASE)
_RASA = re.compile(rb"rasa;dur=([\d.]+)")


@dataclass(frozen=True, slots=True)
class Answer:
    """An answer and the seconds it took; `rasa_seconds` is what Server-Timing says of the wait for Rasa."""

    status: int
    body: bytes
    seconds: float
    rasa_seconds: float

    def json(self) -> Any:
        """Return the body as data."""
        return json.loads(self.body)


class UnexpectedAnswer(Exception):
    """A request that a benchmark counts on failed; the message says how."""


class Connection:
    """One kept connection; one request at a time."""

    def __init__(self, host: str, port: int, headers: Mapping[str, str]) -> None:
        self._address = (host, port)
        lines = {"Host": f"{host}:{port}", "Content-Type": "application/json", **headers}
        self._head = "".join(f"{name}: {value}\r\n" for name, value in lines.items())
        self._reader: asyncio.StreamReader | None = None
        self._writer: asyncio.StreamWriter | None = None

    async def open(self) -> Connection:
        """Connect."""
        self._reader, self._writer = await asyncio.open_connection(*self._address)
        return self

    @property
    def local_port(self) -> int:
        assert self._writer is not None
        port: int = self._writer.get_extra_info("sockname")[1]
        return port

    def close(self) -> None:
        """Hang up."""
        if self._writer is not None:
            self._writer.close()
            self._writer = None

    async def post(self, path: str, body: Mapping[str, Any]) -> Answer:
        """Return the answer to a POST."""
        return await self.send("POST", path, body)

    async def send(self, method: str, path: str, body: Mapping[str, Any] | None = None) -> Answer:
        """Return the answer; the time counts from the first byte sent to the last one read."""
        payload = b"" if body is None else json.dumps(body, ensure_ascii=False).encode()
        head = f"{method} {path} HTTP/1.1\r\n{self._head}Content-Length: {len(payload)}\r\n\r\n"
        whole = head.encode() + payload
        if self._writer is None:
            await self.open()
        assert self._reader is not None
        assert self._writer is not None
        began = time.perf_counter()
        self._writer.write(whole)
        answered = await self._reader.readuntil(b"\r\n\r\n")
        length = _LENGTH.search(answered)
        content = await self._reader.readexactly(int(length[1])) if length else b""
        seconds = time.perf_counter() - began
        waited = _RASA.search(answered)
        return Answer(int(answered[9:12]), content, seconds, float(waited[1]) / 1000 if waited else 0.0)

    async def expect(self, method: str, path: str, body: Mapping[str, Any] | None = None) -> Answer:
        """Return the answer of a request that must succeed. Raises UnexpectedAnswer."""
        answer = await self.send(method, path, body)
        if answer.status >= 300:
            shown = answer.body.decode("utf-8", "replace")[:300]
            raise UnexpectedAnswer(f"{method} {path}: status {answer.status}: {shown}")
        return answer
