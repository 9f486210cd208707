"""What the intent classifier learns with: regression near earlier weights, votes of pieces, experience, sentence vectors."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.sparse import csr_matrix

from bot.nlu.components.experience import Experience, nothing_learned, read_experience, write_experience
from bot.nlu.components.features import feature_matrix, gram_values
from bot.nlu.components.regression import fit_softmax
from bot.nlu.components.sentence_vectors import SentenceVectors, model_mark
from bot.nlu.components.votes import count_pieces, vote_weights

ROOT = Path(__file__).resolve().parents[2]
MODEL = ROOT / "bot" / "models" / "kuaihui-embedder"
ROWS = csr_matrix(np.array([[1, 0], [1, 0], [0, 1], [0, 1]], np.float32))
LABELS = np.array([0, 0, 1, 1])


def _fit(earlier: np.ndarray, strength: float) -> np.ndarray:
    return fit_softmax(ROWS, LABELS, np.ones(4), earlier, strength, 100)


def test_a_regression_from_nothing_tells_the_classes_apart() -> None:
    fitted = _fit(np.zeros((3, 2), np.float32), 10.0)
    scores = ROWS @ fitted[:-1] + fitted[-1]
    assert list(scores.argmax(axis=1)) == [0, 0, 1, 1]


def test_a_regression_stays_near_what_was_learned_before_when_told_to() -> None:
    contrary = np.array([[-2, 2], [2, -2], [0, 0]], np.float32)
    near, far = _fit(contrary, 0.001), _fit(contrary, 10.0)
    assert np.abs(near - contrary).max() < 0.1
    assert list((ROWS @ far[:-1] + far[-1]).argmax(axis=1)) == [0, 0, 1, 1]


def test_an_example_of_little_weight_moves_little() -> None:
    zero = np.zeros((3, 2), np.float32)
    light = fit_softmax(ROWS, LABELS, np.array([1, 1, 0.01, 0.01]), zero, 1.0, 100)
    assert light[0, 0] - light[0, 1] > light[1, 1] - light[1, 0]


def test_a_piece_that_only_one_class_has_votes_for_it() -> None:
    vocabulary = {"票": 0, "的": 1}
    texts = [Counter({"票": 2, "的": 1}), Counter({"的": 1}), Counter({"的": 3})]
    counts = count_pieces(texts, np.array([0, 1, 2]), np.ones(3), vocabulary, 3)
    assert counts.tolist() == [[1, 0, 0], [1, 1, 1]]
    votes = vote_weights(counts)
    assert votes[0].argmax() == 0
    assert np.allclose(votes.sum(axis=1), 0, atol=1e-5)


@given(st.lists(st.integers(1, 50), min_size=1, max_size=300))
def test_a_long_message_does_not_shout(counts: list[int]) -> None:
    values = gram_values(counts)
    assert np.isfinite(values).all()
    assert np.linalg.norm(values) <= 3.0 * np.linalg.norm(counts) ** 0.5 + 1e-3


def test_a_message_without_a_known_piece_is_only_its_vector() -> None:
    rows = feature_matrix([Counter("x")], np.array([[0.6, 0.8]], np.float32), {"a": 0})
    assert rows.toarray().ravel() == pytest.approx([0.0, 1.2, 1.6])


def _learned() -> Experience:
    weights = np.array([[0.5, -0.25], [0.1, 0.0], [1.0, 0.5], [0.0, 0.25]], np.float32)
    return Experience(
        ("货", "c\t票"), ("ship_when",), ("shipping",), weights, np.ones((2, 1), np.float32), "m"
    )


def test_experience_is_read_as_it_was_written(tmp_path: Path) -> None:
    write_experience(tmp_path / "x.npz", _learned())
    again = read_experience(tmp_path / "x.npz")
    assert (again.pieces, again.intents, again.groups, again.model) == (
        ("货", "c\t票"),
        ("ship_when",),
        ("shipping",),
        "m",
    )
    assert np.allclose(again.weights, _learned().weights, atol=0.01)


def test_experience_fits_intents_and_pieces_that_it_does_not_know() -> None:
    by_intent, by_group = _learned().earlier(["own_intent", "ship_when"], ["shipping"], 3)
    assert by_intent.shape == (5, 2)
    assert by_intent[:, 0].tolist() == [0, 0, 0, 0, 0]
    assert by_intent[:, 1].tolist() == pytest.approx([0.5, 0.1, 0.0, 1.0, 0.0])
    assert by_group[:, 0].tolist() == pytest.approx([-0.25, 0.0, 0.0, 0.5, 0.25])
    assert _learned().seen(["other", "shipping"], 3).tolist() == [[0, 1], [0, 1], [0, 0]]


def test_a_beginner_has_no_weights() -> None:
    by_intent, _ = nothing_learned(4).earlier(["a"], ["b"], 2)
    assert by_intent.shape == (7, 1)
    assert not by_intent.any()


def test_the_bundled_experience_belongs_to_the_bundled_embedding_model() -> None:
    experience = read_experience(ROOT / "bot/nlu/components/experience.npz")
    assert experience.model == model_mark(MODEL)
    assert len(experience.intents) == 44
    assert experience.weights.shape[0] == len(experience.pieces) + SentenceVectors(MODEL).dimension + 1


def test_sentence_vectors_have_length_one_or_are_nothing() -> None:
    vectors = SentenceVectors(MODEL)
    rows = vectors.encode_all(["什么时候发货", "", "🙂"])
    assert np.linalg.norm(rows, axis=1).tolist() == pytest.approx([1.0, 0.0, 0.0], abs=1e-5)
