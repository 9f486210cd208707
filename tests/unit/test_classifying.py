"""Messages reach the classifier as they are read."""

from __future__ import annotations

import pytest

from bot.domain.intents import Understanding
from bot.domain.text import UnreadableMessage
from bot.nlu.fake import KeywordClassifier
from bot.services.classifying import MessageClassifier, classify_message


@pytest.mark.parametrize(
    ("text", "asked"),
    [
        ("亲，什么时候发货", "什么时候发货"),
        ("623456789012有货吗", "有货吗"),
        ("623456789012", "623456789012"),
        ("在吗", "在吗"),
    ],
)
async def test_greetings_and_item_ids_are_left_out(text: str, asked: str) -> None:
    classifier = KeywordClassifier()
    await classify_message(classifier, text)
    assert classifier.asked == [asked]


async def test_a_message_that_cannot_be_read_is_refused_or_has_no_intent() -> None:
    classifier = KeywordClassifier()
    with pytest.raises(UnreadableMessage):
        await classify_message(classifier, "")
    assert await MessageClassifier(classifier).classify("") == Understanding()
    assert classifier.asked == []


async def test_the_state_is_that_of_the_classifier_behind() -> None:
    reader = MessageClassifier(KeywordClassifier())
    assert reader.state == "ready"
    await reader.close()
    assert reader.state == "down"
