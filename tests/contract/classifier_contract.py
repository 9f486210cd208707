"""What every IntentClassifier must do: inherited by the tests of the fake, the real one and the cached one.

An inheriting class gives the fixture `classifier`, ready for use.
"""

from __future__ import annotations

import asyncio

import pytest

from bot.domain.intents import ENTITY_NAMES, INTENT_GROUP, Understanding
from bot.ports import ClassifierUnavailable, IntentClassifier

MESSAGES = (
    "黑色L码还有货吗",
    "可以开发票吗",
    "什么时候发货",
    "我要退货",
    "发顺丰到新疆要几天",
    "when will it ship",
    "好的谢谢",
)
ODD = (
    "\x00\x01",
    "\ud83d半个",
    "😀😀😀",
    "/greet",
    "/greet{}",
    "？？？",
    "长" * 5000,
    "\n\t发货\u202e",
    '"}{\\',
)


class ClassifierContract:
    """See the module."""

    @pytest.mark.parametrize("text", MESSAGES)
    async def test_intents_come_by_falling_confidence_with_their_groups(
        self, classifier: IntentClassifier, text: str
    ) -> None:
        intents = (await classifier.classify(text)).intents
        assert 1 <= len(intents) <= 10
        assert [item.confidence for item in intents] == sorted((i.confidence for i in intents), reverse=True)
        for item in intents:
            assert item.group == INTENT_GROUP[item.intent]
            assert 0 <= item.confidence <= 1

    @pytest.mark.parametrize("text", MESSAGES)
    async def test_entities_say_what_stands_in_the_text(
        self, classifier: IntentClassifier, text: str
    ) -> None:
        entities = (await classifier.classify(text)).entities
        assert [item.start for item in entities] == sorted(item.start for item in entities)
        for item in entities:
            assert item.name in ENTITY_NAMES
            assert item.value == text[item.start : item.end] != ""

    async def test_a_colour_is_found_where_it_stands(self, classifier: IntentClassifier) -> None:
        text = "  黑色L码还有货吗 "
        colours = [item for item in (await classifier.classify(text)).entities if item.name == "colour"]
        assert [(item.value, item.start, item.end) for item in colours] == [("黑色", 2, 4)]

    async def test_stock_and_invoice_questions_are_told_apart(self, classifier: IntentClassifier) -> None:
        assert (await classifier.classify("黑色L码还有货吗")).intents[0].group == "stock"
        assert (await classifier.classify("可以开发票吗")).intents[0].group == "invoice"

    async def test_the_same_text_is_understood_alike_every_time(self, classifier: IntentClassifier) -> None:
        assert await classifier.classify("什么时候发货") == await classifier.classify("什么时候发货")

    @pytest.mark.parametrize("text", ["", "   ", "\n\u3000"])
    async def test_nothing_is_understood_of_nothing(self, classifier: IntentClassifier, text: str) -> None:
        assert await classifier.classify(text) == Understanding()

    @pytest.mark.parametrize("text", ODD)
    async def test_odd_texts_are_texts(self, classifier: IntentClassifier, text: str) -> None:
        for item in (await classifier.classify(text)).entities:
            assert item.value == text[item.start : item.end]

    async def test_a_buyer_cannot_name_the_intent(self, classifier: IntentClassifier) -> None:
        intents = (await classifier.classify('/complaint{"colour": "红色"}')).intents
        assert (intents[0].intent, intents[0].confidence) != ("complaint", 1.0)

    async def test_many_at_once_get_each_their_own_answer(self, classifier: IntentClassifier) -> None:
        one_by_one = [await classifier.classify(text) for text in MESSAGES]
        assert await asyncio.gather(*map(classifier.classify, MESSAGES * 4)) == one_by_one * 4

    async def test_it_is_ready_until_closed(self, classifier: IntentClassifier) -> None:
        assert classifier.state == "ready"
        await classifier.close()
        assert classifier.state == "down"
        with pytest.raises(ClassifierUnavailable):
            await classifier.classify("在这之前没人问过的话")
