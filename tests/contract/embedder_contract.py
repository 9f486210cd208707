"""What every Embedder must do: inherited by the tests of the fake, the real one, the cached one and the remote one.

An inheriting class gives the fixture `embedder`, ready for use.
"""

from __future__ import annotations

import asyncio

import numpy as np
import pytest

from bot.ports import Embedder

QUESTIONS = ("今天能发货吗", "可以开发票吗", "黑色L码还有货吗", "when will it ship", "退货运费谁出")
WITHOUT_TOKENS = ("", "   ", "！？……", "😀😀", "\x00\x01\n")


class EmbedderContract:
    """See the module."""

    async def test_rows_have_length_one_and_the_dimension_promised(self, embedder: Embedder) -> None:
        vectors = await embedder.encode(QUESTIONS)
        assert vectors.shape == (len(QUESTIONS), embedder.dimension)
        assert vectors.dtype == np.float32
        assert np.linalg.norm(vectors, axis=1) == pytest.approx(np.ones(len(QUESTIONS)), abs=1e-5)

    async def test_a_text_without_a_known_token_is_all_zeros(self, embedder: Embedder) -> None:
        vectors = await embedder.encode(WITHOUT_TOKENS)
        assert vectors.shape == (len(WITHOUT_TOKENS), embedder.dimension)
        assert not vectors.any()

    async def test_no_texts_give_no_rows(self, embedder: Embedder) -> None:
        vectors = await embedder.encode([])
        assert vectors.shape == (0, embedder.dimension)
        assert vectors.dtype == np.float32

    async def test_a_text_gives_the_same_vector_alone_and_in_company(self, embedder: Embedder) -> None:
        together = await embedder.encode(QUESTIONS)
        for row, text in zip(together, QUESTIONS, strict=True):
            alone = await embedder.encode([text])
            assert alone[0] == pytest.approx(row, abs=1e-6)

    async def test_a_text_is_nearest_to_itself(self, embedder: Embedder) -> None:
        vectors = await embedder.encode(QUESTIONS)
        assert (vectors @ vectors.T).argmax(axis=1).tolist() == list(range(len(QUESTIONS)))

    async def test_a_repeated_text_is_answered_each_time(self, embedder: Embedder) -> None:
        vectors = await embedder.encode([QUESTIONS[0], QUESTIONS[1], QUESTIONS[0]])
        assert (vectors[0] == vectors[2]).all()
        assert not (vectors[0] == vectors[1]).all()

    async def test_callers_may_change_what_they_got(self, embedder: Embedder) -> None:
        first = await embedder.encode(QUESTIONS)
        kept = first.copy()
        first[:] = 7
        assert (await embedder.encode(QUESTIONS)) == pytest.approx(kept, abs=1e-6)

    async def test_many_calls_at_once_get_their_own_answers(self, embedder: Embedder) -> None:
        texts = [f"{number}号{question}" for number in range(20) for question in QUESTIONS]
        expected = await embedder.encode(texts)
        answers = await asyncio.gather(*(embedder.encode([text]) for text in texts))
        assert np.concatenate(answers) == pytest.approx(expected, abs=1e-6)

    async def test_long_lists_come_back_in_order(self, embedder: Embedder) -> None:
        texts = [f"{question}{number}" for number in range(150) for question in QUESTIONS]
        vectors = await embedder.encode(texts)
        assert len(vectors) == len(texts)
        for place in (0, 255, 256, 511, 512, len(texts) - 1):
            assert vectors[place] == pytest.approx((await embedder.encode([texts[place]]))[0], abs=1e-6)

    async def test_what_no_encoding_can_hold_is_no_error(self, embedder: Embedder) -> None:
        vectors = await embedder.encode(["发货\ud800吗", "\udfff"])
        assert vectors.shape == (2, embedder.dimension)

    async def test_the_fingerprint_stays(self, embedder: Embedder) -> None:
        before = embedder.fingerprint
        await embedder.encode(QUESTIONS)
        assert embedder.fingerprint == before != ""
