"""Answers the embedder process's connections: what has arrived is encoded together, long requests in turns with short ones."""

from __future__ import annotations

import asyncio
import logging
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Final

from bot.ports import Vectors
from bot.retrieval.embedder_wire import (
    FAILED,
    OK,
    FrameReader,
    ModelNotice,
    ProtocolError,
    pack_frame,
    pack_notice,
    unpack_texts,
)

_TURN: Final = 64

_log = logging.getLogger(__name__)


@dataclass(slots=True)
class _Job:
    connection: _Connection
    number: int
    texts: list[str]
    rows: list[bytes] = field(default_factory=list)
    done: int = 0

    def is_finished(self) -> bool:
        return self.done == len(self.texts)


class EmbedderServer:
    """Encodes on the event loop's thread: the process has nothing else to do, and a hop to another costs more than a text."""

    def __init__(self, encode: Callable[[Sequence[str]], Vectors], notice: ModelNotice) -> None:
        self._encode = encode
        self._notice = notice
        self._jobs: deque[_Job] = deque()
        self._connections: set[_Connection] = set()
        self._turn_is_due = False

    def open_connection(self) -> asyncio.Protocol:
        """Return the protocol of a new connection."""
        return _Connection(self)

    def close(self) -> None:
        """Close every connection."""
        for connection in tuple(self._connections):
            connection.drop()

    def joined(self, connection: _Connection) -> None:
        """Greet a client with the model's notice."""
        self._connections.add(connection)
        connection.send(pack_notice(self._notice))

    def left(self, connection: _Connection) -> None:
        """Forget a client and what it still wanted."""
        self._connections.discard(connection)
        self._jobs = deque(job for job in self._jobs if job.connection is not connection)

    def ask(self, connection: _Connection, number: int, texts: list[str]) -> None:
        """Take a request; it is encoded once what else has arrived by now has been read."""
        self._jobs.append(_Job(connection, number, texts))
        self._plan_turn()

    def _plan_turn(self) -> None:
        if not self._turn_is_due and self._jobs:
            self._turn_is_due = True
            asyncio.get_running_loop().call_soon(self._take_turn)

    def _take_turn(self) -> None:
        self._turn_is_due = False
        taken: list[tuple[_Job, list[str]]] = []
        room = _TURN
        while self._jobs and (room > 0 or not taken):
            job = self._jobs.popleft()
            part = job.texts[job.done : job.done + room]
            taken.append((job, part))
            room -= len(part)
        self._answer(taken)
        self._plan_turn()

    def _answer(self, taken: list[tuple[_Job, list[str]]]) -> None:
        try:
            vectors = self._encode([text for _, part in taken for text in part])
        except Exception:  # noqa: BLE001 - one request that a model chokes on must not end the service
            if len(taken) > 1:
                for one in taken:
                    self._answer([one])
                return
            _log.exception("a request of %d texts failed", len(taken[0][1]))
            taken[0][0].connection.send(
                pack_frame(taken[0][0].number, FAILED + b"the model failed on this request")
            )
            return
        start = 0
        for job, part in taken:
            job.rows.append(vectors[start : start + len(part)].tobytes())
            start += len(part)
            job.done += len(part)
            if job.is_finished():
                job.connection.send(pack_frame(job.number, OK + b"".join(job.rows)))
            else:
                self._jobs.append(job)


class _Connection(asyncio.Protocol):
    """One client. One that does not read its answers is not read from either."""

    def __init__(self, server: EmbedderServer) -> None:
        self._server = server
        self._reader = FrameReader()
        self._transport: asyncio.Transport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport
        self._server.joined(self)

    def data_received(self, data: bytes) -> None:
        try:
            for number, body in self._reader.feed(data):
                self._server.ask(self, number, unpack_texts(body))
        except ProtocolError as error:
            _log.warning("a client was turned away: %s", error)
            self.drop()

    def pause_writing(self) -> None:
        if self._transport is not None:
            self._transport.pause_reading()

    def resume_writing(self) -> None:
        if self._transport is not None:
            self._transport.resume_reading()

    def connection_lost(self, exc: Exception | None) -> None:
        self._transport = None
        self._server.left(self)

    def send(self, frame: bytes) -> None:
        """Write a frame, if the client is still there."""
        if self._transport is not None and not self._transport.is_closing():
            self._transport.write(frame)

    def drop(self) -> None:
        """Hang up."""
        if self._transport is not None:
            self._transport.close()
