"""The thresholds of made-up shops: proven over shops, not over their pooled questions."""

from __future__ import annotations

import pytest

from bot.domain.thresholds import FEWEST_CASES
from bot.retrieval.calibrating.precision import Tally, choose_thresholds

Answers = list[tuple[float, int, bool]]


def _answers(confidence: float, shops: range, asked: int, wrong: int = 0) -> Answers:
    """Return `asked` answers in each of the shops, of which `wrong` are wrong."""
    return [(confidence, shop, place >= wrong) for shop in shops for place in range(asked)]


def _bound(answers: Answers) -> float:
    tally = Tally()
    for _, shop, is_right in answers:
        tally.add(shop, is_right=is_right)
    return tally.lower_bound()


def test_shops_that_differ_prove_less_than_shops_that_are_alike() -> None:
    alike = _answers(0.9, range(40), 20, wrong=1)
    unlike = _answers(0.9, range(20), 20, wrong=2) + _answers(0.9, range(20, 40), 20)
    assert _bound(alike) == pytest.approx(0.95)
    assert 0.9 < _bound(unlike) < 0.945


def test_more_shops_prove_more() -> None:
    few = _answers(0.9, range(5), 20, wrong=2) + _answers(0.9, range(5, 10), 20)
    many = _answers(0.9, range(50), 20, wrong=2) + _answers(0.9, range(50, 100), 20)
    assert _bound(few) < _bound(many) < 0.95


def test_one_shop_proves_nothing() -> None:
    assert _bound(_answers(0.9, range(1), 500)) == 0


def test_the_threshold_is_the_lowest_that_is_proven() -> None:
    told = (
        _answers(0.99, range(40), 20)
        + _answers(0.9, range(40), 20, wrong=1)
        + _answers(0.8, range(40), 20, wrong=4)
    )
    assert choose_thresholds(told) == {"0.90": 0.8, "0.95": 0.9, "0.98": 0.99}


def test_where_a_precision_is_never_proven_only_the_surest_will_do() -> None:
    told = _answers(0.999, range(60), 1) + _answers(0.9, range(60), 20, wrong=5)
    told[0] = (0.999, 0, False)
    told[1] = (0.999, 1, False)
    found = choose_thresholds(told)
    assert found["0.98"] == 0.999
    assert len([each for each in told if each[0] >= found["0.98"]]) == FEWEST_CASES
