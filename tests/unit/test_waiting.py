"""Waits that overlap are counted once."""

from __future__ import annotations

import itertools
from types import SimpleNamespace

import pytest

from bot.nlu.fake import KeywordClassifier
from bot.ports import ClassifierUnavailable
from bot.services import waiting
from bot.services.waiting import WAITING, TimedClassifier, Waiting


@pytest.fixture(autouse=True)
def _ticking(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(waiting, "time", SimpleNamespace(perf_counter=itertools.count().__next__))


def test_overlapping_waits_count_from_the_first_begin_to_the_last_end() -> None:
    counted = Waiting()
    counted.begin()
    counted.begin()
    counted.end()
    counted.end()
    assert counted.seconds == 1
    counted.begin()
    counted.end()
    assert counted.seconds == 2


async def test_a_request_learns_how_long_it_waited_even_for_a_classifier_that_is_down() -> None:
    inner = KeywordClassifier()
    timed = TimedClassifier(inner)
    assert (await timed.classify("有货吗")).intents
    counted = Waiting()
    token = WAITING.set(counted)
    try:
        await timed.classify("有货吗")
        inner.available = False
        with pytest.raises(ClassifierUnavailable):
            await timed.classify("有货吗")
    finally:
        WAITING.reset(token)
    assert counted.seconds == 2
    assert timed.state == "down"
