"""The embedder process's protocol between a real server and a real client, over a socket, with a fake model."""

from __future__ import annotations

import asyncio
import os
import shutil
import tempfile
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path

import numpy as np
import pytest

from bot.ports import EmbedderUnavailable, Vectors
from bot.retrieval.cached_embedder import CachedEmbedder
from bot.retrieval.embedder_server import EmbedderServer
from bot.retrieval.embedder_wire import ModelNotice
from bot.retrieval.remote_embedder import RemoteEmbedder
from tests.contract.embedder_contract import EmbedderContract

DIMENSION = 16
NOTICE = ModelNotice(fingerprint="letters", dimension=DIMENSION)


class Letters:
    """Encodes by counting characters, remembers its batches, and chokes on a poisoned text."""

    def __init__(self, dimension: int = DIMENSION) -> None:
        self.dimension = dimension
        self.batches: list[int] = []

    def encode(self, texts: Sequence[str]) -> Vectors:
        if "poison" in texts:
            raise RuntimeError("choked")
        self.batches.append(len(texts))
        vectors = np.zeros((len(texts), self.dimension), dtype=np.float32)
        for row, text in zip(vectors, texts, strict=True):
            for place, character in enumerate(filter(str.isalnum, text)):
                row[(ord(character) * 31 + place) % self.dimension] += 1
        lengths = np.linalg.norm(vectors, axis=1, keepdims=True)
        return np.asarray(vectors / np.where(lengths > 0, lengths, 1), dtype=np.float32)


@pytest.fixture
def folder() -> Iterator[Path]:
    """A short, private folder: socket paths may not be long."""
    path = Path(tempfile.mkdtemp(prefix="kh-"))
    yield path
    shutil.rmtree(path, ignore_errors=True)


@asynccontextmanager
async def serving(
    letters: Letters, path: Path, notice: ModelNotice = NOTICE
) -> AsyncIterator[EmbedderServer]:
    server = EmbedderServer(letters.encode, notice)
    endpoint = await asyncio.get_running_loop().create_unix_server(server.open_connection, str(path))
    try:
        yield server
    finally:
        endpoint.close()
        server.close()
        os.unlink(path)


class TestRemoteEmbedder(EmbedderContract):
    @pytest.fixture
    async def embedder(self, folder: Path) -> AsyncIterator[RemoteEmbedder]:
        async with serving(Letters(), folder / "s"):
            remote = RemoteEmbedder(folder / "s")
            await remote.wait_ready(5)
            yield remote
            await remote.close()


async def test_requests_that_arrive_together_are_encoded_together(folder: Path) -> None:
    letters = Letters()
    async with serving(letters, folder / "s"):
        remote = RemoteEmbedder(folder / "s")
        await remote.wait_ready(5)
        await asyncio.gather(*(remote.encode([f"text {number}"]) for number in range(50)))
        await remote.close()
    assert sum(letters.batches) == 50
    assert len(letters.batches) < 10


async def test_a_short_request_is_not_kept_waiting_by_a_long_one(folder: Path) -> None:
    letters = Letters()
    order: list[str] = []
    async with serving(letters, folder / "s"):
        many, one = RemoteEmbedder(folder / "s"), RemoteEmbedder(folder / "s")
        await many.wait_ready(5)
        await one.wait_ready(5)

        async def ask(name: str, remote: RemoteEmbedder, texts: list[str]) -> None:
            await remote.encode(texts)
            order.append(name)

        long = asyncio.create_task(ask("long", many, [f"text {number}" for number in range(3000)]))
        await asyncio.sleep(0)
        await ask("short", one, ["text"])
        await long
        await many.close()
        await one.close()
    assert order == ["short", "long"]
    assert max(letters.batches) <= 64


async def test_one_request_that_fails_does_not_fail_its_neighbours(folder: Path) -> None:
    async with serving(Letters(), folder / "s"):
        remote = RemoteEmbedder(folder / "s")
        await remote.wait_ready(5)
        good, bad, other = await asyncio.gather(
            remote.encode(["a"]), remote.encode(["poison"]), remote.encode(["b"]), return_exceptions=True
        )
        await remote.close()
    assert isinstance(bad, EmbedderUnavailable)
    assert isinstance(good, np.ndarray)
    assert isinstance(other, np.ndarray)


async def test_a_lost_connection_is_made_again(folder: Path) -> None:
    remote = RemoteEmbedder(folder / "s")
    for _ in range(2):
        async with serving(Letters(), folder / "s"):
            assert (await remote.encode(["abc"])).shape == (1, DIMENSION)
    await remote.close()


async def test_without_a_process_the_reason_is_said(folder: Path) -> None:
    remote = RemoteEmbedder(folder / "s")
    with pytest.raises(EmbedderUnavailable, match="does not answer on"):
        await remote.encode(["abc"])
    with pytest.raises(EmbedderUnavailable, match="does not answer on"):
        await remote.wait_ready(0.05)
    with pytest.raises(EmbedderUnavailable, match="not been reached yet"):
        _ = remote.fingerprint


async def test_a_process_that_came_back_with_another_model_gives_its_vectors_under_its_name(
    folder: Path,
) -> None:
    remote = RemoteEmbedder(folder / "s")
    async with serving(Letters(), folder / "s"):
        assert (await remote.encode(["abc"])).shape == (1, DIMENSION)
        assert (remote.fingerprint, remote.dimension) == ("letters", DIMENSION)
    async with serving(Letters(8), folder / "s", ModelNotice("digits", 8)):
        assert (await remote.encode(["abc"])).shape == (1, 8)
        assert (remote.fingerprint, remote.dimension) == ("digits", 8)
    await remote.close()


async def test_what_is_remembered_of_one_model_is_not_given_out_as_the_next_ones(folder: Path) -> None:
    remote = RemoteEmbedder(folder / "s")
    cached = CachedEmbedder(remote)
    async with serving(Letters(), folder / "s"):
        await cached.encode(["abc", "def"])
    assert (await cached.encode(["abc"])).shape == (1, DIMENSION)  # nobody is needed for it
    async with serving(Letters(8), folder / "s", ModelNotice("digits", 8)):
        assert (await cached.encode(["abc", "ghi"])).shape == (2, 8)
        assert (await cached.encode(["def"])).shape == (1, 8)
    await cached.close()


async def test_an_empty_request_tells_whether_the_process_is_there(folder: Path) -> None:
    remote = RemoteEmbedder(folder / "s")
    cached = CachedEmbedder(remote)
    async with serving(Letters(), folder / "s"):
        await cached.encode(["abc"])
        assert (await cached.encode([])).shape == (0, DIMENSION)
    with pytest.raises(EmbedderUnavailable):
        await cached.encode([])
    await cached.close()


async def test_something_else_on_the_socket_is_recognised(folder: Path) -> None:
    async def greet(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"HTTP/1.1 400 Bad Request\r\n\r\n" * 10)
        writer.close()

    other = await asyncio.start_unix_server(greet, str(folder / "s"))
    with pytest.raises(EmbedderUnavailable, match="no embedder process"):
        await RemoteEmbedder(folder / "s").encode(["abc"])
    other.close()


async def test_a_process_that_hangs_is_given_up_on(folder: Path) -> None:
    async def say_nothing(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read()
        writer.close()

    silent = await asyncio.start_unix_server(say_nothing, str(folder / "s"))
    with pytest.raises(EmbedderUnavailable):
        await RemoteEmbedder(folder / "s", timeout=0.05).encode(["abc"])
    silent.close()
    await asyncio.sleep(0)  # the other end reads that we hung up


async def test_a_client_that_talks_nonsense_is_hung_up_on_and_others_are_served(folder: Path) -> None:
    async with serving(Letters(), folder / "s"):
        reader, writer = await asyncio.open_unix_connection(str(folder / "s"))
        writer.write(b"GET / HTTP/1.1\r\nHost: x\r\n\r\n")
        await asyncio.wait_for(reader.read(), 5)
        writer.close()
        remote = RemoteEmbedder(folder / "s")
        assert (await remote.encode(["abc"])).any()
        await remote.close()


async def test_a_closed_client_stays_closed(folder: Path) -> None:
    async with serving(Letters(), folder / "s"):
        remote = RemoteEmbedder(folder / "s")
        await remote.encode(["abc"])
        await remote.close()
        with pytest.raises(EmbedderUnavailable, match="closed"):
            await remote.encode(["abc"])
