"""The client of the embedder process: an Embedder over its Unix socket, for web workers and commands.

When the process comes back with another model, `fingerprint` and `dimension` are that model's from then on.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Sequence
from pathlib import Path
from typing import Final, cast

import numpy as np

from bot.ports import EmbedderUnavailable, Vectors
from bot.retrieval.embedder_wire import (
    OK,
    FrameReader,
    ModelNotice,
    ProtocolError,
    pack_frame,
    pack_texts,
    unpack_notice,
)

_log = logging.getLogger(__name__)
_PART: Final = 256
_FIRST_PAUSE: Final = 0.02
_LONGEST_PAUSE: Final = 0.5


class RemoteEmbedder:
    """Any number of calls at once over one connection, which is opened when needed and again when it was lost.

    Use it from one event loop. `timeout` is the longest wait for one call's answer.
    """

    def __init__(self, socket: Path, timeout: float = 30.0) -> None:
        self._socket = socket
        self._timeout = timeout
        self._notice: ModelNotice | None = None
        self._line: _Line | None = None
        self._opening = asyncio.Lock()
        self._closed = False

    @property
    def fingerprint(self) -> str:
        """Raises EmbedderUnavailable before the first connection."""
        return self._known().fingerprint

    @property
    def dimension(self) -> int:
        """Raises EmbedderUnavailable before the first connection."""
        return self._known().dimension

    async def wait_ready(self, timeout: float) -> ModelNotice:
        """Return what serves, as soon as it does. Raises EmbedderUnavailable after `timeout` seconds."""
        loop = asyncio.get_running_loop()
        deadline, pause = loop.time() + timeout, _FIRST_PAUSE
        while True:
            try:
                await self._connected()
                return self._known()
            except EmbedderUnavailable:
                if loop.time() + pause > deadline:
                    raise
            await asyncio.sleep(pause)
            pause = min(pause * 2, _LONGEST_PAUSE)

    async def encode(self, texts: Sequence[str]) -> Vectors:
        """See Embedder.encode. A call that the process's end cut short is made once more, all of it: one model answers a call."""
        # Without texts an empty request goes out: only an answer shows that the process works.
        parts = [texts[start : start + _PART] for start in range(0, len(texts) or 1, _PART)]
        try:
            async with asyncio.timeout(self._timeout):
                try:
                    return await self._ask(parts)
                except _LineLost:
                    return await self._ask(parts)
        except _LineLost:
            raise EmbedderUnavailable(
                "the embedder process ended while it was asked; it is being restarted"
            ) from None
        except TimeoutError:
            raise EmbedderUnavailable(
                f"the embedder process gave no answer within {self._timeout:g} seconds"
            ) from None

    async def close(self) -> None:
        """Hang up; further calls raise EmbedderUnavailable."""
        self._closed = True
        if self._line is not None:
            self._line.hang_up()

    async def _ask(self, parts: list[Sequence[str]]) -> Vectors:
        line = await self._connected()
        dimension = line.notice.result().dimension
        if len(parts) == 1:
            body = await line.ask(pack_texts(parts[0]))
            return _unpack_vectors(body, len(parts[0]), dimension)
        bodies = await asyncio.gather(*(line.ask(pack_texts(part)) for part in parts))
        return np.concatenate(
            [_unpack_vectors(body, len(part), dimension) for body, part in zip(bodies, parts, strict=True)]
        )

    async def _connected(self) -> _Line:
        line = self._line
        if line is not None and line.is_open():
            return line
        async with self._opening:
            if self._line is None or not self._line.is_open():
                self._line = await self._open()
            return self._line

    async def _open(self) -> _Line:
        if self._closed:
            raise EmbedderUnavailable("the connection to the embedder process is closed")
        try:
            _, line = await asyncio.get_running_loop().create_unix_connection(_Line, str(self._socket))
        except OSError as error:
            reason = error.strerror or error
            raise EmbedderUnavailable(
                f"the embedder process does not answer on {self._socket}: {reason}"
            ) from None
        try:
            async with asyncio.timeout(self._timeout):
                notice = await line.notice
        except asyncio.CancelledError:
            line.hang_up()
            raise
        except (_LineLost, ProtocolError, TimeoutError) as error:
            line.hang_up()
            raise EmbedderUnavailable(
                f"what answers on {self._socket} is no embedder process: {error}"
            ) from None
        if self._notice is not None and notice != self._notice:
            _log.warning(
                "the embedder process came back with another model: %s instead of %s",
                notice.fingerprint,
                self._notice.fingerprint,
            )
        self._notice = notice
        return line

    def _known(self) -> ModelNotice:
        if self._notice is None:
            raise EmbedderUnavailable("the embedder process has not been reached yet")
        return self._notice


def _unpack_vectors(body: bytes, rows: int, dimension: int) -> Vectors:
    if body[:1] != OK:
        raise EmbedderUnavailable(
            body[1:].decode("utf-8", "replace") or "the embedder process sent an empty answer"
        )
    vectors = np.frombuffer(body, dtype="<f4", offset=1)
    if vectors.size != rows * dimension:
        raise EmbedderUnavailable(
            f"the embedder process sent {vectors.size} numbers instead of {rows} x {dimension}"
        )
    # A copy: the buffer is read-only and, after the status byte, not aligned.
    return vectors.reshape(rows, dimension).astype(np.float32)


class _LineLost(ConnectionError):
    """The connection ended with calls on it unanswered."""


class _Line(asyncio.Protocol):
    """One connection: numbers the requests and hands the answers to whoever waits for them."""

    def __init__(self) -> None:
        loop = asyncio.get_running_loop()
        self.notice: asyncio.Future[ModelNotice] = loop.create_future()
        self._loop = loop
        self._waiting: dict[int, asyncio.Future[bytes]] = {}
        self._last_number = 0
        self._reader = FrameReader()
        self._transport: asyncio.Transport | None = None

    def is_open(self) -> bool:
        """Whether requests can be sent."""
        return self._transport is not None and not self._transport.is_closing()

    async def ask(self, body: bytes) -> bytes:
        """Return the answer's body. Raises _LineLost."""
        if self._transport is None or self._transport.is_closing():
            raise _LineLost("not connected")
        self._last_number = number = self._last_number % 0xFFFFFFFF + 1
        answer: asyncio.Future[bytes] = self._loop.create_future()
        self._waiting[number] = answer
        self._transport.write(pack_frame(number, body))
        try:
            return await answer
        finally:
            self._waiting.pop(number, None)

    def hang_up(self) -> None:
        """End the connection."""
        if self._transport is not None:
            self._transport.close()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        # Not every loop's transports are of asyncio's classes (uvloop's are not).
        self._transport = cast(asyncio.Transport, transport)

    def data_received(self, data: bytes) -> None:
        try:
            for number, body in self._reader.feed(data):
                if not self.notice.done():
                    self.notice.set_result(unpack_notice(body))
                elif (answer := self._waiting.get(number)) is not None and not answer.done():
                    answer.set_result(body)
        except ProtocolError as error:
            if not self.notice.done():
                self.notice.set_exception(error)
            self.hang_up()

    def connection_lost(self, exc: Exception | None) -> None:
        self._transport = None
        lost = _LineLost(str(exc or "the connection was closed"))
        for answer in self._waiting.values():
            if not answer.done():
                answer.set_exception(lost)
        if not self.notice.done():
            self.notice.set_exception(lost)
            self.notice.exception()  # read, so that nobody is told of it a second time
