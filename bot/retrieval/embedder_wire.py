"""How web workers and commands talk to the embedder process: frames over a Unix socket.

A frame is a uint32 length, a uint32 number and a body, little-endian. On connecting the server sends frame 0, a JSON object
that names its model. A request's body is a JSON array of texts; the answer bears the request's number and begins with a status
byte: 0 and float32 rows, or 1 and a reason in UTF-8.
"""

from __future__ import annotations

import json
import struct
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from typing import Final

HEADER: Final = struct.Struct("<II")
MAX_FRAME: Final = 32 * 1024 * 1024
MAX_TEXTS: Final = 4096
OK: Final = b"\0"
FAILED: Final = b"\1"


class ProtocolError(ValueError):
    """The other side does not speak this protocol."""


@dataclass(frozen=True, slots=True)
class ModelNotice:
    """What the server says of its model."""

    fingerprint: str
    dimension: int


class FrameReader:
    """Cuts the received bytes into frames."""

    def __init__(self) -> None:
        self._buffer = bytearray()

    def feed(self, data: bytes) -> Iterator[tuple[int, bytes]]:
        """Yield (number, body) of each frame that is complete now. Raises ProtocolError for one that is too long."""
        self._buffer += data
        start = 0
        while len(self._buffer) - start >= HEADER.size:
            length, number = HEADER.unpack_from(self._buffer, start)
            if length > MAX_FRAME:
                raise ProtocolError(f"a frame of {length} bytes is longer than {MAX_FRAME}")
            end = start + HEADER.size + length
            if len(self._buffer) < end:
                break
            yield number, bytes(self._buffer[start + HEADER.size : end])
            start = end
        del self._buffer[:start]


def pack_frame(number: int, body: bytes) -> bytes:
    """Return a frame."""
    return HEADER.pack(len(body), number) + body


def pack_texts(texts: Sequence[str]) -> bytes:
    """Return the body of a request. A lone surrogate, which UTF-8 cannot hold, is written as an escape."""
    return json.dumps(list(texts), separators=(",", ":")).encode("ascii")


def unpack_texts(body: bytes) -> list[str]:
    """Return the texts of a request. Raises ProtocolError for anything else."""
    try:
        texts = json.loads(body)
    except ValueError as error:
        raise ProtocolError(f"a request is not JSON: {error}") from None
    if (
        not isinstance(texts, list)
        or not all(isinstance(text, str) for text in texts)
        or len(texts) > MAX_TEXTS
    ):
        raise ProtocolError(f"a request is not an array of at most {MAX_TEXTS} texts")
    return texts


def pack_notice(notice: ModelNotice) -> bytes:
    """Return frame 0."""
    return pack_frame(0, json.dumps(asdict(notice)).encode())


def unpack_notice(body: bytes) -> ModelNotice:
    """Return what frame 0 says. Raises ProtocolError for anything else."""
    try:
        content = json.loads(body)
        return ModelNotice(fingerprint=str(content["fingerprint"]), dimension=int(content["dimension"]))
    except (ValueError, KeyError, TypeError) as error:
        raise ProtocolError(f"the embedder's first message is not understood: {error!r}") from None
