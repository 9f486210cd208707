"""The measures of an evaluation, on cases that can be worked out by hand."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.retrieval.evaluation_measures import (
    answered_at_precision,
    bootstrap_interval,
    brier_skill,
    calibration_error,
)


def test_confidences_that_are_right_as_often_as_they_say_have_no_error() -> None:
    chance = np.random.default_rng(0)
    confidences = chance.random(20_000)
    right = chance.random(20_000) < confidences
    assert calibration_error(list(confidences), list(right)) < 0.012


def test_confidence_without_reason_is_measured_in_full() -> None:
    chance = np.random.default_rng(0)
    right = chance.random(5000) < 0.5
    assert calibration_error([0.9] * 5000, list(right)) == pytest.approx(0.4, abs=0.02)


def test_the_error_of_few_messages_is_not_chance() -> None:
    chance = np.random.default_rng(0)
    errors = []
    for _ in range(100):
        confidences = chance.random(100)
        errors.append(calibration_error(list(confidences), list(chance.random(100) < confidences)))
    assert np.median(errors) < 0.05


def test_the_share_answered_is_the_largest_that_keeps_the_precision() -> None:
    confidences = [0.9, 0.8, 0.7, 0.6, 0.5]
    right = [True, True, False, True, False]
    assert answered_at_precision(confidences, right, 1.0) == pytest.approx(0.4)
    assert answered_at_precision(confidences, right, 0.75) == pytest.approx(0.8)
    assert answered_at_precision(confidences, right, 0.6) == pytest.approx(1.0)


def test_equal_confidences_are_answered_together() -> None:
    assert answered_at_precision([0.9, 0.9], [True, False], 0.9) == 0.0


@given(st.lists(st.tuples(st.floats(0, 1), st.booleans()), max_size=40), st.floats(0.5, 1))
def test_a_threshold_reaches_what_is_reported(pairs: list[tuple[float, bool]], precision: float) -> None:
    confidences, right = [c for c, _ in pairs], [r for _, r in pairs]
    best = 0
    for threshold in set(confidences):
        answered = [r for c, r in pairs if c >= threshold]
        if sum(answered) >= precision * len(answered) - 1e-9:
            best = max(best, len(answered))
    assert answered_at_precision(confidences, right, precision) == pytest.approx(best / max(len(pairs), 1))


def test_skill_is_nothing_for_a_constant_and_one_for_certainty() -> None:
    right = [True, False, True, True]
    assert brier_skill([0.75] * 4, right) == pytest.approx(0)
    assert brier_skill([1.0, 0.0, 1.0, 1.0], right) == pytest.approx(1)


def test_the_interval_holds_the_measure_and_repeats() -> None:
    values = np.arange(200) % 2
    low, high = bootstrap_interval(lambda drawn: float(values[drawn].mean()), 200)
    assert low < 0.5 < high
    assert (low, high) == bootstrap_interval(lambda drawn: float(values[drawn].mean()), 200)
