"""How much could be answered alone at a wanted precision."""

from __future__ import annotations

import json
from dataclasses import asdict

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.answer_quality import TARGET_PRECISIONS
from bot.retrieval.evaluation_coverage import measure_answers


def test_the_threshold_leaves_what_is_right_often_enough() -> None:
    quality = measure_answers([0.9, 0.8, 0.7, 0.6], [True, True, False, True])
    ninety = quality.coverage[0]
    assert (ninety.precision, ninety.threshold, ninety.right, ninety.share) == (0.9, 0.8, 1.0, 0.5)


def test_where_nothing_is_right_no_threshold_is_named() -> None:
    quality = measure_answers([0.9, 0.8], [False, False])
    assert [(part.threshold, part.right, part.share) for part in quality.coverage] == [(None, None, 0.0)] * 3


def test_without_questions_there_are_no_figures() -> None:
    quality = measure_answers([], [])
    assert (quality.questions, quality.calibration_error, quality.coverage) == (0, None, ())


def test_few_questions_get_no_calibration_and_equal_outcomes_no_skill() -> None:
    assert measure_answers([0.5] * 5, [True] * 5).calibration_error is None
    assert measure_answers([0.5] * 40, [True] * 40).brier_skill is None


def test_questions_of_one_entry_make_the_interval_wider() -> None:
    chance = np.random.default_rng(0)
    fine = np.repeat(chance.random(30) < 0.8, 10)
    confidences = (chance.random(300) * 0.5 + 0.5).tolist()
    alone = measure_answers(confidences, fine.tolist()).coverage[0]
    together = measure_answers(confidences, fine.tolist(), [str(n // 10) for n in range(300)]).coverage[0]
    assert together.high - together.low > alone.high - alone.low


@given(st.lists(st.tuples(st.floats(0, 1), st.booleans()), max_size=40))
def test_the_figures_keep_their_promise(answers: list[tuple[float, bool]]) -> None:
    confidences, right = [c for c, _ in answers], [r for _, r in answers]
    quality = measure_answers(confidences, right)
    json.dumps(asdict(quality), allow_nan=False)
    assert [part.precision for part in quality.coverage] in ([], list(TARGET_PRECISIONS))
    for part in quality.coverage:
        assert 0 <= part.low <= part.high <= 1
        if part.threshold is not None:
            taken = [fine for confidence, fine in answers if confidence >= part.threshold]
            assert sum(taken) >= part.precision * len(taken) - 1e-6
            assert part.share == len(taken) / len(answers)
