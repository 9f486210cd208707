"""Measured figures come with intervals that say no more than the messages do."""

from __future__ import annotations

import numpy as np
import pytest

from benchmarks.estimates import UNKNOWN, error, gain, macro_f1, share, skill


def test_a_share_lies_in_its_interval_and_more_messages_make_that_narrower() -> None:
    few, many = share([True, True, False] * 20), share([True, True, False] * 2000)
    assert few.value == pytest.approx(2 / 3)
    assert few.low < few.value < few.high
    assert many.high - many.low < (few.high - few.low) / 5


def test_nothing_seen_in_a_hundred_messages_may_still_happen_three_times_in_a_hundred() -> None:
    never, always = share([False] * 100), share([True] * 100)
    assert (never.value, never.low, never.high) == (0.0, 0.0, 0.03)
    assert (always.value, always.low, always.high) == (1.0, 0.97, 1.0)


def test_a_figure_on_no_messages_is_unknown() -> None:
    assert not share([]).is_known
    assert not error([], []).is_known
    assert (share([]).in_percent(), skill([], []).as_number(), gain([], []).as_gain()) == ("–", "–", "–")


def test_a_gain_is_measured_message_by_message() -> None:
    before = [True, False] * 500
    after = [True, True] * 5 + before[10:]
    found = gain(before, after)
    assert found.value == pytest.approx(0.005)
    assert 0 < found.low < found.high < 0.011, "two independent samples of that size could not tell"


def test_confidences_that_are_true_have_no_error_within_the_interval() -> None:
    chance = np.random.default_rng(3)
    given = chance.random(1500)
    found = error(given.tolist(), (chance.random(1500) < given).tolist())
    assert found.low == 0.0
    assert found.low <= found.value <= found.high < 0.06


def test_the_interval_of_a_calibration_error_is_not_pushed_up_by_the_drawing() -> None:
    chance = np.random.default_rng(4)
    right = (chance.random(1000) < 0.6).tolist()
    found = error([0.8] * 1000, right)
    assert found.low < found.value < found.high
    assert found.high - found.value == pytest.approx(found.value - found.low, abs=0.01)


def test_macro_f1_is_the_mean_over_labels() -> None:
    found = macro_f1(["a", "a", "b", "b"], ["a", "a", "b", "other"], ["a", "b"])
    assert found.value == pytest.approx((1 + 2 / 3) / 2)


def test_figures_are_shown_with_their_intervals() -> None:
    found = share([True, False] * 50)
    assert found.in_percent() == f"50.0 ({100 * found.low:.1f}–{100 * found.high:.1f})"
    assert gain([False] * 10, [True] * 10).as_gain() == "+100.0 (+100.0 to +100.0)"
    assert UNKNOWN.as_number() == "–"
