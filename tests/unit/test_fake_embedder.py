"""The embedder of the unit tests keeps the contract and can be made to fail."""

from __future__ import annotations

import pytest

from bot.ports import EmbedderUnavailable
from bot.retrieval.fake_embedder import FakeEmbedder
from tests.contract.embedder_contract import EmbedderContract


class TestFakeEmbedder(EmbedderContract):
    @pytest.fixture
    def embedder(self) -> FakeEmbedder:
        return FakeEmbedder()

    async def test_vectors_are_the_same_in_every_process(self, embedder: FakeEmbedder) -> None:
        vector = (await embedder.encode(["发货"]))[0]
        assert vector.nonzero()[0].tolist() == [5, 29, 57]

    async def test_it_fails_as_told_and_recovers(self, embedder: FakeEmbedder) -> None:
        embedder.fail("no model today")
        with pytest.raises(EmbedderUnavailable, match="no model today"):
            await embedder.encode(["发货"])
        embedder.fail(None)
        assert (await embedder.encode(["发货"])).any()
