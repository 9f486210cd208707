"""A shop's own phrasings say how steeply its evidence becomes confidence."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.domain.entry import Scope
from bot.ports import IndexedEntry, Question
from bot.retrieval.calibration import bundled_calibration
from bot.retrieval.index import FaissEntryIndex
from bot.retrieval.ngrams import weigh_texts
from bot.retrieval.postings import Postings
from bot.retrieval.steepness import FEWEST, measure_steepness
from bot.retrieval.weights import Phrasings

READING = bundled_calibration().left_out


def _phrasings(entries: int, each: int, noise: float, seed: int = 1) -> tuple[Phrasings, list[str]]:
    chance = np.random.default_rng(seed)
    middles = chance.normal(size=(entries, 16))
    vectors = np.repeat(middles, each, axis=0) + noise * chance.normal(size=(entries * each, 16))
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    texts = [
        f"{chr(0x4E00 + 40 * entry)}问{chr(0x5E00 + entry * each + n)}"
        for entry in range(entries)
        for n in range(each)
    ]
    owners = np.repeat(np.arange(entries), each)
    postings = Postings.of(weigh_texts(texts))
    return Phrasings(vectors.astype(np.float32), postings, owners, entries), [f"e{n}" for n in range(entries)]


def _entries(phrasings: Phrasings, ids: list[str]) -> list[IndexedEntry]:
    return [
        IndexedEntry(
            name,
            "",
            None,
            Scope(),
            tuple(f"{name}问法{n}" for n in range(int((phrasings.owners == number).sum()))),
            phrasings.vectors[phrasings.owners == number],
        )
        for number, name in enumerate(ids)
    ]


def _index(phrasings: Phrasings, ids: list[str]) -> FaissEntryIndex:
    return FaissEntryIndex(_entries(phrasings, ids), 16, bundled_calibration())


def _steepness(entries: int, each: int, noise: float) -> float:
    phrasings, ids = _phrasings(entries, each, noise)
    return measure_steepness(phrasings, np.ones(len(phrasings.owners), np.float32), ids, READING)


def test_a_shop_whose_phrasings_stand_under_the_wrong_entries_is_less_sure() -> None:
    phrasings, ids = _phrasings(20, 5, 0.2)
    ones = np.ones(len(phrasings.owners), np.float32)
    astray = replace(phrasings, owners=np.random.default_rng(3).permutation(phrasings.owners))
    assert measure_steepness(astray, ones, ids, READING) < measure_steepness(phrasings, ones, ids, READING)


def test_too_few_phrasings_leave_the_common_steepness() -> None:
    assert _steepness(5, (FEWEST - 1) // 5, 0.2) == 1.0
    assert _steepness(FEWEST * 2, 1, 0.2) == 1.0


def test_a_shop_of_one_entry_has_the_common_steepness() -> None:
    assert _steepness(1, 40, 0.2) == 1.0


@settings(max_examples=20, deadline=None)
@given(st.integers(2, 12), st.integers(1, 8), st.floats(0, 5))
def test_steepness_stays_within_reason(entries: int, each: int, noise: float) -> None:
    assert 0.4 < _steepness(entries, each, noise) < 2.2


def test_an_edit_keeps_the_steepness_until_the_shop_is_relearned() -> None:
    phrasings, ids = _phrasings(12, 4, 0.5)
    index = _index(phrasings, ids)
    question = Question("e3问法", phrasings.vectors[12])
    before = index.evidence(question)[1]
    index.put(_entries(phrasings, ids)[0])
    after = index.evidence(question)[1]
    assert before is not None
    assert after is not None
    assert after.steepness == before.steepness


def test_confidences_add_up_to_no_more_than_one_whatever_the_steepness() -> None:
    phrasings, ids = _phrasings(10, 5, 0.3)
    ranked = _index(phrasings, ids).rank(Question("e1问法", phrasings.vectors[5]), 10)
    assert sum(found.confidence for found in ranked) == pytest.approx(1.0, abs=0.5)
    assert sum(found.confidence for found in ranked) <= 1 + 1e-5
