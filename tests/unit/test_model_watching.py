"""Another model is noticed without a message, and what could not be done then is done later."""

from __future__ import annotations

from bot.ports import StoreUnavailable
from bot.retrieval.fake_embedder import FakeEmbedder
from bot.services.model_watching import ModelWatcher


class Calls:
    """Counts its calls; `away` makes them fail."""

    def __init__(self) -> None:
        self.made = 0
        self.away = False

    async def __call__(self) -> None:
        self.made += 1
        if self.away:
            raise StoreUnavailable("the database is away")


async def test_only_another_model_is_told() -> None:
    embedder, calls = FakeEmbedder(16), Calls()
    watcher = ModelWatcher(embedder, [calls])
    await watcher.look()
    await watcher.look()
    assert calls.made == 0
    embedder.become(32)
    await watcher.look()
    await watcher.look()
    assert calls.made == 1


async def test_a_model_that_went_and_came_back_is_no_other() -> None:
    embedder, calls = FakeEmbedder(16), Calls()
    watcher = ModelWatcher(embedder, [calls])
    await watcher.look()
    embedder.fail("away")
    await watcher.look()
    embedder.fail(None)
    await watcher.look()
    assert calls.made == 0


async def test_what_failed_is_tried_again_at_the_next_look() -> None:
    embedder, calls = FakeEmbedder(16), Calls()
    watcher = ModelWatcher(embedder, [calls])
    await watcher.look()
    embedder.become(32)
    calls.away = True
    await watcher.look()
    calls.away = False
    await watcher.look()
    await watcher.look()
    assert calls.made == 2
