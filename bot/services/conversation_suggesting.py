"""Suggesting in a conversation: for what the buyer said and nobody answered yet. Nothing is remembered between requests."""

from __future__ import annotations

import re
from dataclasses import dataclass

from bot.domain.suggestion import SuggestionResult
from bot.domain.text import UnreadableMessage
from bot.ports import ConversationStore
from bot.services.suggesting import Suggester, SuggestionRequest
from bot.services.unanswered import read_unanswered

_STOP = re.compile(r"【[^【】\n]{0,40}】|\{[^{}\n]{1,40}\}|_{2,}|＿{2,}")


@dataclass(frozen=True, slots=True)
class ConversationSuggestions:
    """Suggestions for the buyer's bubbles up to number `upto`."""

    upto: int
    result: SuggestionResult


class ConversationSuggester:
    """Suggests replies for conversations."""

    def __init__(self, store: ConversationStore, suggester: Suggester) -> None:
        self._store = store
        self._suggester = suggester

    async def suggest(self, shop: str, conversation: str) -> ConversationSuggestions:
        """Return suggestions for what waits in the conversation. Raises NotFound, StoreUnavailable."""
        waiting = await read_unanswered(self._store, shop, conversation)
        if not waiting.text:
            state = self._suggester.classifier_state
            reason = "there is no text to read" if waiting.bubbles else "everything is answered"
            return ConversationSuggestions(waiting.upto, SuggestionResult(shop, True, (), (), state, reason))
        request = SuggestionRequest(shop, waiting.text, waiting.history, conversation, waiting.viewed)
        try:
            result = await self._suggester.suggest(request)
        except UnreadableMessage as error:
            state = self._suggester.classifier_state
            result = SuggestionResult(shop, True, (), (), state, str(error))
        return ConversationSuggestions(waiting.upto, result)


def stops_in(text: str) -> list[tuple[int, int]]:
    """Return the places that a person must still fill in: 【…】, {…} and lines, as (start, end) in code points."""
    return [match.span() for match in _STOP.finditer(text)]
