"""The bundled model, through sentence-transformers itself."""

from __future__ import annotations

import shutil
from collections.abc import AsyncIterator
from pathlib import Path

import numpy as np
import pytest

from bot.ports import EmbedderUnavailable
from bot.retrieval.embedder import BUNDLED_MODEL, SentenceTransformerEmbedder, resolve_model
from tests.contract.embedder_contract import QUESTIONS, EmbedderContract

MEGABYTE = 1024 * 1024


@pytest.fixture(scope="module")
async def bundled() -> AsyncIterator[SentenceTransformerEmbedder]:
    embedder = SentenceTransformerEmbedder(resolve_model("bundled"))
    await embedder.warm_up()
    yield embedder
    await embedder.close()


class TestBundledModel(EmbedderContract):
    @pytest.fixture
    def embedder(self, bundled: SentenceTransformerEmbedder) -> SentenceTransformerEmbedder:
        return bundled

    async def test_it_gives_what_sentence_transformers_gives(
        self, embedder: SentenceTransformerEmbedder
    ) -> None:
        from sentence_transformers import SentenceTransformer

        plain = SentenceTransformer(str(BUNDLED_MODEL), device="cpu").encode(
            list(QUESTIONS), show_progress_bar=False
        )
        assert await embedder.encode(QUESTIONS) == pytest.approx(
            np.asarray(plain, dtype=np.float32), abs=2e-3
        )

    @pytest.mark.parametrize(
        ("text", "near", "far"),
        [
            ("今天发得了货不", "什么时候发货", "能开发票吗"),
            ("可以给我开张发票么", "能开发票吗", "什么时候发货"),
            ("斤天能发火吗", "今天能发货吗", "能开发票吗"),
            ("這個還有貨嗎", "这个还有货吗", "什么时候发货"),
            ("when will you ship my order", "is my parcel sent yet", "can i get an invoice"),
        ],
    )
    async def test_a_question_is_nearer_to_its_meaning(
        self, embedder: SentenceTransformerEmbedder, text: str, near: str, far: str
    ) -> None:
        vectors = await embedder.encode([text, near, far])
        assert vectors[0] @ vectors[1] > vectors[0] @ vectors[2] + 0.1


def test_the_bundled_model_takes_at_most_24_megabytes() -> None:
    assert sum(path.stat().st_size for path in BUNDLED_MODEL.rglob("*") if path.is_file()) <= 24 * MEGABYTE


async def test_another_dimension_than_expected_is_said() -> None:
    with pytest.raises(EmbedderUnavailable, match="256 numbers, 512 are expected"):
        await SentenceTransformerEmbedder(BUNDLED_MODEL, dimension=512).warm_up()


async def test_a_missing_folder_is_said(tmp_path: Path) -> None:
    with pytest.raises(EmbedderUnavailable, match=r"there is no folder .*KUAIHUI_EMBEDDER"):
        await SentenceTransformerEmbedder(tmp_path / "gone").warm_up()


async def test_a_folder_without_a_model_is_said(tmp_path: Path) -> None:
    with pytest.raises(EmbedderUnavailable, match="holds no sentence-transformers model"):
        await SentenceTransformerEmbedder(tmp_path).warm_up()


@pytest.mark.parametrize("damaged", ["model.safetensors", "tokenizer.json", "modules.json"])
async def test_a_damaged_file_is_said(tmp_path: Path, damaged: str) -> None:
    folder = tmp_path / "model"
    shutil.copytree(BUNDLED_MODEL, folder)
    (folder / damaged).write_bytes((folder / damaged).read_bytes()[:60])
    with pytest.raises(EmbedderUnavailable, match="incomplete or damaged"):
        await SentenceTransformerEmbedder(folder).warm_up()


async def test_before_it_is_loaded_the_model_has_no_fingerprint() -> None:
    with pytest.raises(EmbedderUnavailable, match="not loaded yet"):
        _ = SentenceTransformerEmbedder(BUNDLED_MODEL).fingerprint


async def test_other_weights_have_another_fingerprint(
    tmp_path: Path, bundled: SentenceTransformerEmbedder
) -> None:
    folder = tmp_path / "model"
    shutil.copytree(BUNDLED_MODEL, folder)
    weights = bytearray((folder / "model.safetensors").read_bytes())
    weights[-1] ^= 1
    (folder / "model.safetensors").write_bytes(weights)
    (folder / "README.md").write_text("a note that changes nothing")
    changed = SentenceTransformerEmbedder(folder)
    await changed.warm_up()
    assert changed.fingerprint != bundled.fingerprint
    assert changed.dimension == bundled.dimension


async def test_of_a_very_long_text_the_beginning_counts(bundled: SentenceTransformerEmbedder) -> None:
    vectors = await bundled.encode(["发货" * 2000, "发货" * 200_000])
    assert vectors[0] == pytest.approx(vectors[1])
