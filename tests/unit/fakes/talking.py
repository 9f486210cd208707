"""Dialogues' use cases over two shops in memory: what a buyer says, and what is told to him."""

from __future__ import annotations

import itertools
from collections.abc import Mapping
from typing import Any

from bot.domain.conversation import Buyer, Conversation
from bot.ports import NewMessage
from bot.retrieval.normaliser import OpenccNormaliser
from bot.services.order_proof import OrderProofs
from bot.services.order_talk import OrderState, OrderStep, OrderTalk
from bot.services.stock_talk import StockState, StockStep, StockTalk
from bot.services.talk_reading import TalkReader
from bot.services.told import Answer, Told
from bot.storage.memory_conversations import MemoryConversations
from bot.storage.memory_order_tries import MemoryOrderTries
from tests.unit.fakes.counter import Counter


class Talking:
    """A counter with conversations, and the dialogues about stock and orders over them."""

    def __init__(self) -> None:
        self.counter = Counter()
        normaliser = OpenccNormaliser()
        self.conversations = MemoryConversations(self.counter.memory, normaliser.normalise)
        self.tries = MemoryOrderTries(self.conversations)
        facts, clock = self.counter.facts, self.counter.clock
        self.proofs = OrderProofs(self.conversations, facts, self.tries, clock)
        reader = TalkReader(self.conversations, self.counter.live, normaliser, clock)
        self.stock = StockTalk(reader)
        self.orders = OrderTalk(reader, facts, self.proofs)
        self._keys = itertools.count()

    async def opened(
        self, shop: str, who: str = "甲", *, channel: str = "web_chat", viewed: str = ""
    ) -> Conversation:
        """Return the buyer's open conversation with the shop."""
        buyer = Buyer("", who, channel, who, viewed=viewed)
        return await self.conversations.open_conversation(shop, buyer, self.counter.clock.now())

    async def write(self, shop: str, conversation: str, author: str, text: str) -> None:
        """Write a bubble."""
        message = NewMessage(author, text, self.counter.clock.now(), f"k{next(self._keys)}")
        await self.conversations.write_message(shop, conversation, message, lambda _: {})

    async def ask_stock(
        self, shop: str, text: str, intent: str = "stock_available", *, who: str = "甲", viewed: str = "", language: str = "zh"
    ) -> StockStep:  # fmt: skip
        """Let the buyer ask about stock."""
        talk = await self.opened(shop, who, viewed=viewed)
        await self.write(shop, talk.id, "buyer", text)
        return await self.stock.begin(shop, talk.id, intent, text, language)

    async def answer_stock(
        self, shop: str, step: StockStep, text: str, intent: str = "inform", *, who: str = "甲", language: str = "zh"
    ) -> StockStep:  # fmt: skip
        """Let the buyer answer the question that the step waits for."""
        assert step.state is not None
        talk = await self.opened(shop, who)
        await self.write(shop, talk.id, "auto", "…")
        await self.write(shop, talk.id, "buyer", text)
        kept = StockState.of_json(step.state.as_json())
        return await self.stock.hear(shop, talk.id, kept, intent, text, language)

    async def stock_question(
        self, shop: str, step: StockStep, *, who: str = "甲", language: str = "zh"
    ) -> Told:
        """Return the question that the step asks."""
        assert step.state is not None
        return await self.stock.question(shop, (await self.opened(shop, who)).id, step.state, language)

    async def ask_order(
        self, talk: Conversation, shop: str, text: str, intent: str = "logistics_track", language: str = "zh"
    ) -> OrderStep:
        """Let the buyer ask about an order."""
        await self.write(shop, talk.id, "buyer", text)
        return await self.orders.begin(shop, talk.id, intent, text, language)

    async def answer_order(
        self, talk: Conversation, shop: str, step: OrderStep, text: str, intent: str = "inform"
    ) -> OrderStep:
        """Let the buyer answer the question that the step waits for."""
        assert step.state is not None
        await self.write(shop, talk.id, "auto", "…")
        await self.write(shop, talk.id, "buyer", text)
        kept = OrderState.of_json(step.state.as_json())
        return await self.orders.hear(shop, talk.id, kept, intent, text, "zh")


def said(answer: Answer) -> list[str]:
    """Return what is said: own words as they are, responses as `name value…`."""
    return [told.text or " ".join([told.response, *_values(told.values)]) for told in answer.bubbles]


def _values(values: Mapping[str, Any]) -> list[str]:
    return [f"{name}={value}" for name, value in values.items()]
