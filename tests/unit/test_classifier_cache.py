"""Texts are understood once; what is remembered survives an outage and dies with the model it came from."""

from __future__ import annotations

import asyncio

import pytest

from bot.domain.intents import IntentScore, Understanding
from bot.nlu.cache import CachedClassifier
from bot.nlu.fake import KeywordClassifier
from bot.ports import ClassifierUnavailable


class GatedClassifier(KeywordClassifier):
    """Answers when the gate opens."""

    def __init__(self) -> None:
        super().__init__()
        self.gate = asyncio.Event()

    async def classify(self, text: str) -> Understanding:
        understanding = await super().classify(text)
        await self.gate.wait()
        return understanding


async def test_a_text_is_asked_once() -> None:
    inner = KeywordClassifier()
    cached = CachedClassifier(inner)
    assert await cached.classify("发票") == await cached.classify("发票")
    assert inner.asked == ["发票"]
    assert (cached.hits, cached.misses) == (1, 1)


async def test_spaces_around_a_text_change_only_the_positions() -> None:
    inner = KeywordClassifier()
    cached = CachedClassifier(inner)
    await cached.classify("黑色有吗")
    (colour,) = (await cached.classify("  黑色有吗\n")).entities
    assert (colour.value, colour.start, colour.end) == ("黑色", 2, 4)
    assert inner.asked == ["黑色有吗"]


async def test_a_text_asked_by_many_at_once_is_asked_once() -> None:
    inner = GatedClassifier()
    cached = CachedClassifier(inner)
    callers = [asyncio.create_task(cached.classify("发票")) for _ in range(5)]
    await asyncio.sleep(0)
    inner.gate.set()
    assert len({id(answer) for answer in await asyncio.gather(*callers)}) == 1
    assert inner.asked == ["发票"]


async def test_a_caller_that_leaves_takes_nothing_from_the_others() -> None:
    inner = GatedClassifier()
    cached = CachedClassifier(inner)
    leaving, staying = (asyncio.create_task(cached.classify("发票")) for _ in range(2))
    await asyncio.sleep(0)
    leaving.cancel()
    inner.gate.set()
    assert (await staying).intents[0].group == "invoice"


async def test_the_least_recently_used_text_is_forgotten_first() -> None:
    inner = KeywordClassifier()
    cached = CachedClassifier(inner, size=2)
    for text in ("甲", "乙", "甲", "丙", "甲", "乙"):
        await cached.classify(text)
    assert inner.asked == ["甲", "乙", "丙", "乙"]
    assert len(cached) == 2


async def test_known_texts_are_answered_while_the_classifier_is_down() -> None:
    inner = KeywordClassifier()
    cached = CachedClassifier(inner)
    known = await cached.classify("发票")
    inner.available = False
    assert await cached.classify("发票") == known
    with pytest.raises(ClassifierUnavailable):
        await cached.classify("退款")


async def test_a_failure_is_not_remembered() -> None:
    inner = KeywordClassifier()
    inner.available = False
    cached = CachedClassifier(inner)
    with pytest.raises(ClassifierUnavailable):
        await cached.classify("发票")
    inner.available = True
    assert (await cached.classify("发票")).intents[0].group == "invoice"


async def test_a_new_model_starts_with_an_empty_memory() -> None:
    version = "one"
    inner = KeywordClassifier()
    cached = CachedClassifier(inner, version=lambda: version)
    await cached.classify("发票")
    version = "two"
    await cached.classify("发票")
    assert inner.asked == ["发票", "发票"]


async def test_an_answer_of_the_old_model_is_not_kept_for_the_new_one() -> None:
    version = "one"
    inner = GatedClassifier()
    cached = CachedClassifier(inner, version=lambda: version)
    asked = asyncio.create_task(cached.classify("发票"))
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    version = "two"
    inner.gate.set()
    assert (await asked).intents == (IntentScore("invoice_can", "invoice", 0.9),)
    assert len(cached) == 0
