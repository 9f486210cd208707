"""Conversing without clocks and rules: what is said is written, as the real one writes it."""

from __future__ import annotations

from collections.abc import Mapping

from bot.domain.conversation import Buyer, Conversation
from bot.ports import Clock, ConversationStore, NewMessage, Written


class PlainConversing:
    """Takes buyers' words and shops' replies into a store."""

    def __init__(self, store: ConversationStore, clock: Clock) -> None:
        self._store = store
        self._clock = clock

    async def receive(self, shop: str, buyer: Buyer, text: str, *, key: str, image: str = "") -> Written:
        at = self._clock.now()
        conversation = await self._store.open_conversation(shop, buyer, at)
        return await self._write(shop, conversation.id, NewMessage("buyer", text, at, key, image=image))

    async def answer(self, shop: str, conversation: str, text: str, author: str = "agent") -> Written:
        key = f"answer-{text}-{self._clock.now().timestamp()}"
        message = NewMessage(author, text, self._clock.now(), key, account="a1" if author == "agent" else "")
        return await self._write(shop, conversation, message)

    async def close(
        self, shop: str, conversation: str, account: str, *, take_over: bool = False
    ) -> Conversation:
        def rule(_: Conversation) -> Mapping[str, object]:
            return {"state": "closed", "closed_at": self._clock.now()}

        return await self._store.change_conversation(shop, conversation, rule)

    async def _write(self, shop: str, conversation: str, message: NewMessage) -> Written:
        def rule(_: Conversation) -> Mapping[str, object]:
            return {"last_text": message.text, "last_author": message.author, "last_at": message.at}

        return await self._store.write_message(shop, conversation, message, rule)
