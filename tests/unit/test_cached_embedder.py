"""Vectors of recent texts are remembered, and nothing else changes."""

from __future__ import annotations

import pytest

from bot.ports import EmbedderUnavailable
from bot.retrieval.cached_embedder import CachedEmbedder
from bot.retrieval.fake_embedder import FakeEmbedder
from tests.contract.embedder_contract import EmbedderContract


@pytest.fixture
def inner() -> FakeEmbedder:
    return FakeEmbedder()


class TestCachedEmbedder(EmbedderContract):
    @pytest.fixture
    def embedder(self, inner: FakeEmbedder) -> CachedEmbedder:
        return CachedEmbedder(inner)


async def test_a_remembered_text_does_not_reach_the_model(inner: FakeEmbedder) -> None:
    cached = CachedEmbedder(inner)
    await cached.encode(["发货", "开票"])
    await cached.encode(["开票", "退款", "退款"])
    assert inner.calls == [("发货", "开票"), ("退款",)]
    assert (cached.hits, cached.misses) == (1, 3)


async def test_the_text_unused_for_longest_is_forgotten_first(inner: FakeEmbedder) -> None:
    cached = CachedEmbedder(inner, capacity=2)
    for text in ("发货", "开票", "发货", "退款", "发货", "开票"):
        await cached.encode([text])
    assert inner.calls == [("发货",), ("开票",), ("退款",), ("开票",)]


async def test_very_long_texts_are_not_kept(inner: FakeEmbedder) -> None:
    cached = CachedEmbedder(inner)
    for _ in range(2):
        await cached.encode(["长" * 501])
    assert len(inner.calls) == 2


async def test_a_failure_is_not_remembered(inner: FakeEmbedder) -> None:
    cached = CachedEmbedder(inner)
    inner.fail("gone")
    with pytest.raises(EmbedderUnavailable):
        await cached.encode(["发货"])
    inner.fail(None)
    assert (await cached.encode(["发货"])).any()


async def test_remembered_texts_are_answered_while_the_model_is_away(inner: FakeEmbedder) -> None:
    cached = CachedEmbedder(inner)
    await cached.encode(["发货"])
    inner.fail("gone")
    assert (await cached.encode(["发货"])).any()
