"""The classifier of the unit tests keeps the contract, alone and behind the cache."""

from __future__ import annotations

import pytest

from bot.domain.intents import IntentScore, Understanding
from bot.nlu.cache import CachedClassifier
from bot.nlu.fake import KeywordClassifier
from bot.ports import ClassifierUnavailable
from tests.contract.classifier_contract import ClassifierContract


class TestKeywordClassifier(ClassifierContract):
    @pytest.fixture
    def classifier(self) -> KeywordClassifier:
        return KeywordClassifier()

    async def test_it_answers_as_told(self) -> None:
        told = Understanding((IntentScore("gift", "price_promo", 0.4),))
        assert await KeywordClassifier({"发票": told}).classify("发票") == told

    async def test_it_fails_as_told(self) -> None:
        classifier = KeywordClassifier()
        classifier.available = False
        with pytest.raises(ClassifierUnavailable):
            await classifier.classify("发票")


class TestCachedKeywordClassifier(ClassifierContract):
    @pytest.fixture
    def classifier(self) -> CachedClassifier:
        return CachedClassifier(KeywordClassifier())
