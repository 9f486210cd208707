"""The model's files are exchanged while shops are served: suggestions go on, and end on the new model alone."""

from __future__ import annotations

import os
import shutil
import signal
import tempfile
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from bot.ports import EmbedderUnavailable
from bot.retrieval.cached_embedder import CachedEmbedder
from bot.retrieval.embedder import BUNDLED_MODEL
from bot.retrieval.embedder_supervisor import EmbedderProcess
from bot.retrieval.index import FaissEntryIndexes
from bot.retrieval.remote_embedder import RemoteEmbedder
from tests.unit.fakes.counter import Counter, texts

PATIENCE = 120.0
SMALL = 24
SHOP = """
kuaihui: 1
shop: {id: stall, name: 小摊}
entries:
  - {id: when, group: shipping, question: 什么时候发货, phrasings: [今天能发货吗, 几天能发], reply: 48小时内发货}
  - {id: invoice, group: invoice, question: 能开发票吗, phrasings: [可以开票吗, 有发票吗], reply: 可以开电子发票}
  - {id: stock, group: stock, question: 还有货吗, phrasings: [有现货吗, 这款还有吗], reply: 有货}
"""


@pytest.fixture
def folder() -> Iterator[Path]:
    """A short, private folder: socket paths may not be long."""
    path = Path(tempfile.mkdtemp(prefix="kh-"))
    yield path
    shutil.rmtree(path, ignore_errors=True)


def save_small_model(folder: Path) -> None:
    """Save a sentence-transformers model of few dimensions that knows the bundled model's tokens."""
    from sentence_transformers import SentenceTransformer
    from sentence_transformers.sentence_transformer.modules import StaticEmbedding

    bundled = SentenceTransformer(str(BUNDLED_MODEL), device="cpu")[0]
    weights = bundled.embedding.weight.detach().float().numpy()
    turn = np.random.default_rng(0).normal(size=(weights.shape[1], SMALL)).astype(np.float32)
    small = StaticEmbedding(bundled.tokenizer, embedding_weights=weights @ turn)
    SentenceTransformer(modules=[small], device="cpu").save(str(folder))


async def test_another_model_takes_over_without_a_message_lost(folder: Path) -> None:
    model, small = folder / "model", folder / "small"
    shutil.copytree(BUNDLED_MODEL, model)
    save_small_model(small)
    process = EmbedderProcess(str(model), folder)
    remote = RemoteEmbedder(process.socket)
    counter = Counter(embedder=CachedEmbedder(remote), indexes=FaissEntryIndexes())  # type: ignore[arg-type]
    await counter.open_shop(SHOP)
    await process.start()
    try:
        first = await remote.wait_ready(PATIENCE)
        result = await counter.ask("stall", "啥时候能发货呀")
        assert (texts(result)[0], result.embedder) == ("48小时内发货", "ready")
        model.rename(folder / "former")
        small.rename(model)
        assert process.pid is not None
        os.kill(process.pid, signal.SIGKILL)
        away = await counter.ask("stall", "可以开票吗呢")
        assert (texts(away)[0], away.embedder) == ("可以开电子发票", "down")
        second = await remote.wait_ready(PATIENCE)
        assert (second.dimension, second.fingerprint != first.fingerprint) == (SMALL, True)
        meanwhile = await counter.ask("stall", "啥时候能发货呀")
        assert texts(meanwhile)[0] == "48小时内发货"
        await counter.live.settle("stall")
        after = await counter.ask("stall", "啥时候能发货呀")
        assert (texts(after)[0], after.embedder) == ("48小时内发货", "ready")
        stored = await counter.vectors.load_vectors("stall", second.fingerprint)
        assert {row.shape for row in stored.values()} == {(SMALL,)}
    finally:
        counter.live.close()
        await remote.close()
        await process.stop()


async def test_a_model_of_another_length_than_asked_for_is_refused(folder: Path) -> None:
    process = EmbedderProcess(str(BUNDLED_MODEL), folder, dimension=SMALL)
    await process.start()
    with pytest.raises(EmbedderUnavailable, match=f"vectors of 256 numbers, {SMALL} are expected"):
        await process.wait_ready(PATIENCE)
    await process.stop()


async def test_a_model_that_cannot_be_downloaded_is_given_up_at_once(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HF_ENDPOINT", "http://127.0.0.1:9")
    monkeypatch.setenv("HF_HOME", str(folder / "cache"))
    process = EmbedderProcess("nobody/has-this-model", folder)
    await process.start()
    with pytest.raises(EmbedderUnavailable, match=r"无法下载.*hf download nobody/has-this-model"):
        await process.wait_ready(PATIENCE)
    assert process.state == "down"
    await process.stop()
