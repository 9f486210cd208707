"""The automatic threshold follows from the share of right replies that is asked for."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.thresholds import (
    FEWEST_CASES,
    NEVER,
    Outcome,
    choose_threshold,
    common_threshold,
    wilson_bounds,
)
from bot.retrieval.thresholds_file import BadThresholds, bundled_thresholds, thresholds_in

COMMON = {0.90: 0.88, 0.95: 0.94, 0.98: 0.97}


def outcomes(confidence: float, right: int, count: int) -> list[Outcome]:
    return [Outcome(confidence, float(number < right)) for number in range(count)]


@pytest.mark.parametrize(
    ("precision", "expected"), [(0.5, 0.88), (0.9, 0.88), (0.91, 0.94), (0.98, 0.97), (0.99, NEVER)]
)
def test_the_common_threshold_is_that_of_the_next_higher_precision(precision: float, expected: float) -> None:
    assert common_threshold(precision, COMMON) == expected
    assert choose_threshold([], precision, COMMON) == expected


def test_too_few_cases_do_not_move_it() -> None:
    assert choose_threshold(outcomes(0.97, 0, FEWEST_CASES - 1), 0.95, COMMON) == 0.94


def test_a_log_that_proves_more_lowers_it() -> None:
    told = outcomes(0.99, 200, 200) + outcomes(0.91, 98, 100)
    assert choose_threshold(told, 0.95, COMMON) == 0.91


def test_it_falls_no_lower_than_the_confidences_themselves_promise() -> None:
    told = outcomes(0.99, 60, 60) + outcomes(0.6, 300, 300)
    assert choose_threshold(told, 0.95, COMMON) == 0.94


def test_it_does_not_fall_where_misses_are_not_told() -> None:
    told = outcomes(0.99, 200, 200) + outcomes(0.91, 98, 100)
    assert choose_threshold(told, 0.95, COMMON, may_fall=False) == 0.94


def test_a_log_that_contradicts_it_closes_it() -> None:
    assert choose_threshold(outcomes(0.97, 50, 70), 0.95, COMMON) == NEVER


def test_a_log_that_contradicts_it_raises_it_to_where_it_holds() -> None:
    told = outcomes(0.995, 200, 200) + outcomes(0.945, 50, 100)
    assert choose_threshold(told, 0.95, COMMON) == 0.995


def test_bad_luck_within_the_bounds_leaves_it() -> None:
    assert choose_threshold(outcomes(0.97, 94, 100), 0.95, COMMON) == 0.94


def test_a_precision_beyond_the_common_ones_has_to_be_proven() -> None:
    assert choose_threshold(outcomes(0.995, 150, 150), 0.99, COMMON) == NEVER
    assert choose_threshold(outcomes(0.995, 300, 300), 0.99, COMMON) == 0.995


@given(st.integers(1, 500), st.data())
def test_the_bounds_hold_the_share_between_them(count: int, data: st.DataObject) -> None:
    right = data.draw(st.integers(0, count))
    low, high = wilson_bounds(right, count)
    assert 0 <= low <= right / count + 1e-9
    assert right / count - 1e-9 <= high <= 1


def test_nothing_known_gives_no_bounds() -> None:
    assert wilson_bounds(0, 0) == (0.0, 1.0)


@given(
    st.lists(st.builds(Outcome, st.floats(0, 1), st.floats(0, 1)), max_size=200),
    st.sampled_from([0.5, 0.9, 0.95, 0.999]),
)
def test_any_log_gives_a_threshold(told: list[Outcome], precision: float) -> None:
    threshold = choose_threshold(told, precision, COMMON)
    assert threshold in {common_threshold(precision, COMMON), NEVER, *(each.confidence for each in told)}


def test_the_bundled_thresholds_rise_with_the_precision() -> None:
    found = bundled_thresholds()
    assert {0.90, 0.95, 0.98} <= set(found)
    assert list(found.values()) == sorted(found.values())


def test_without_measured_thresholds_a_confidence_keeps_its_word() -> None:
    assert thresholds_in({}) == {0.90: 0.90, 0.95: 0.95, 0.98: 0.98}
    assert thresholds_in({"thresholds": {"0.9": 0.8}}) == {0.9: 0.8}


@pytest.mark.parametrize(
    "given", [3, {"0.9": "high"}, {"much": 0.9}, {"1.5": 0.9}, {"0.9": -1}, {"0.9": None}]
)
def test_thresholds_that_cannot_be_are_refused(given: object) -> None:
    with pytest.raises(BadThresholds):
        thresholds_in({"thresholds": given})
