"""Classifying a message as it is read: without item ids, links and openers, the same way everywhere."""

from __future__ import annotations

from bot.domain.intents import Understanding
from bot.domain.text import UnreadableMessage, read_message, strip_opener
from bot.ports import IntentClassifier


async def classify_message(classifier: IntentClassifier, text: str) -> Understanding:
    """Return what the classifier makes of the message. Raises UnreadableMessage, ClassifierUnavailable."""
    return await classifier.classify(strip_opener(read_message(text).text) or text.strip())


class MessageClassifier:
    """An IntentClassifier that reads what it is given as a message first; one that cannot be read has no intent."""

    def __init__(self, inner: IntentClassifier) -> None:
        self._inner = inner

    @property
    def state(self) -> str:
        return self._inner.state

    async def classify(self, text: str) -> Understanding:
        try:
            return await classify_message(self._inner, text)
        except UnreadableMessage:
            return Understanding()

    async def close(self) -> None:
        await self._inner.close()
