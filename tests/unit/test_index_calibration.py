"""Coefficients: their file, their probabilities, and that fitting finds what made the examples."""

from __future__ import annotations

import copy

import numpy as np
import pytest

from bot.retrieval.calibrating.fitting import Example, fit_coefficients
from bot.retrieval.calibrating.shops import Meaning, draw_shops, unanswered_share
from bot.retrieval.calibration import (
    ENTRY_FEATURES,
    NONE_FEATURES,
    BadCalibration,
    Calibration,
    bundled_calibration,
)
from bot.retrieval.ranking import best_and_two


def test_the_bundled_coefficients_survive_a_round_trip() -> None:
    content = bundled_calibration().to_mapping()
    assert Calibration.from_mapping(content).to_mapping() == content


def test_a_file_without_a_feature_is_refused_by_name() -> None:
    content = copy.deepcopy(bundled_calibration().to_mapping())
    del content["with_intents"]["entry"]["learned"]
    with pytest.raises(BadCalibration, match=r"with_intents\.entry must hold exactly learned, "):
        Calibration.from_mapping(content)


def test_more_likeness_never_lowers_confidence() -> None:
    for part in (bundled_calibration().with_intents, bundled_calibration().without_intents):
        weights = dict(zip(ENTRY_FEATURES, part.entry, strict=True))
        assert weights["learned"] > 0
        assert weights["dense_two"] > 0
        assert weights["scope_fits"] > 0 > weights["scope_unasked"]


def test_probabilities_leave_room_for_none() -> None:
    part = bundled_calibration().without_intents
    found = part.probabilities(
        np.zeros((4, len(ENTRY_FEATURES)), np.float32), np.ones(len(NONE_FEATURES), np.float32)
    )
    assert 0 < found.sum() < 1


def test_fitting_finds_the_coefficients_that_made_the_examples() -> None:
    chance = np.random.default_rng(1)
    true = np.zeros(len(ENTRY_FEATURES))
    true[0] = 3.0
    examples = []
    for _ in range(3000):
        entries = chance.normal(size=(4, len(ENTRY_FEATURES)))
        none = chance.normal(size=len(NONE_FEATURES))
        none[0] = 1
        utilities = np.append(entries @ true, 1.5)
        powers = np.exp(utilities - utilities.max())
        drawn = int(chance.choice(5, p=powers / powers.sum()))
        right = drawn if drawn < 4 else -1
        examples.append(Example(entries.astype(np.float32), none.astype(np.float32), right))
    found = fit_coefficients(examples)
    assert found.entry[0] == pytest.approx(3.0, abs=0.4)
    assert found.none[0] == pytest.approx(1.5, abs=0.4)
    assert abs(found.entry[1]) < 0.3


def test_made_up_shops_ask_nothing_that_they_know_word_for_word() -> None:
    meanings = [Meaning(f"m{n}", "", "", tuple(f"问题{n}说法{way}" for way in range(6))) for n in range(12)]
    for shop in draw_shops(meanings, [], 4, 10, seed=3):
        known = {text for meaning in shop.entries for text in meaning.texts}
        names = {meaning.name for meaning in shop.entries}
        assert shop.entries
        assert not known & {text for text, _ in shop.questions}
        assert {name for _, name in shop.questions} <= names | {""}


def test_the_more_entries_a_shop_has_the_fewer_questions_go_unanswered() -> None:
    shares = [unanswered_share(size) for size in (3, 20, 60, 500)]
    assert shares == sorted(shares, reverse=True)
    assert shares[-1] > 0


def test_the_second_best_phrasing_counts_and_an_only_one_stands_for_both() -> None:
    best, two = best_and_two(np.array([0.2, 0.8, 0.4, 0.5, 0.3, 0.3], np.float32), np.array([0, 3, 4]))
    assert best == pytest.approx([0.8, 0.5, 0.3])
    assert two == pytest.approx([0.6, 0.5, 0.3])
