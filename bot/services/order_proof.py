"""Who may be told about an order without a person: the buyer it belongs to, as his channel vouches or as he proves."""

from __future__ import annotations

import hashlib
import hmac
import re
from collections.abc import Iterable, Sequence
from datetime import timedelta
from enum import StrEnum
from typing import Final

from bot.domain.auto_visit import VISIT
from bot.domain.channels import channel_of, verified_id
from bot.domain.conversation import Buyer, Conversation
from bot.domain.facts import Order
from bot.domain.text import UnreadableMessage, read_message
from bot.ports import Clock, ConversationStore, FactStore
from bot.ports.order_tries import OrderTry, OrderTryStore

MOST_WRONG: Final = 5
"""Wrong tries that one buyer has within WINDOW. After them only a person tells him about an order."""
MOST_WRONG_AT_NUMBER: Final = 10
"""Wrong tries of all buyers together at one number: who comes as ever new visitors gets no further."""
WINDOW: Final = timedelta(days=1)
PROVEN_FOR: Final = VISIT
"""So long a proof holds: a conversation may go on for days, and where a channel vouches for nobody, or a computer is shared,
whoever comes later under the same id must show anew that the order is his."""
_DIGITS: Final = re.compile(r"\d{4}", re.ASCII)
_LOOKED_UP: Final = 20


class Proof(StrEnum):
    """What became of a try. `WRONG` is the same for an order that is another's and for one that there is not."""

    PROVEN = "proven"
    WRONG = "wrong"
    LOCKED = "locked"


class OrderProofs:
    """Judges what buyers name to show that an order is theirs. An order is asked for in its own shop alone."""

    def __init__(
        self, conversations: ConversationStore, facts: FactStore, tries: OrderTryStore, clock: Clock
    ) -> None:
        self._conversations = conversations
        self._facts = facts
        self._tries = tries
        self._clock = clock

    async def may_see(self, shop: str, conversation: str, order_no: str) -> bool:
        """Whether the shop's order of that number may be spoken of in the conversation without a person.

        Raises NotFound when the conversation is not this shop's.
        """
        found = await self._conversations.get_conversation(shop, conversation)
        order = await self._facts.find_order(shop, order_no)
        return order is not None and await self.sees(shop, found, order)

    async def sees(self, shop: str, conversation: Conversation, order: Order) -> bool:
        """Whether this order, which the shop has, may be spoken of in the conversation without a person."""
        if is_buyer_of(conversation.buyer, order):
            return True
        return order.order_no in await self._proven_numbers(shop, conversation)

    async def may_hear(self, shop: str, conversation: str, said: Iterable[str]) -> bool:
        """Whether every order of the shop whose number stands in these texts may be spoken of in the conversation.

        For who has a reply that was filled from an order and not the order itself: the suggester finds orders by the
        numbers in what the buyer said. More numbers than anybody has orders are no proof of any: whoever hides one among
        many is not told. Raises NotFound when the conversation is not this shop's.
        """
        talk = await self._conversations.get_conversation(shop, conversation)
        numbers = _numbers_in(said)
        if len(numbers) > _LOOKED_UP:
            return False
        orders = [await self._facts.find_order(shop, number) for number in numbers]
        found = {order.order_no: order for order in orders if order is not None}
        return all([await self.sees(shop, talk, order) for order in found.values()])

    async def prove(self, shop: str, conversation: Conversation, order_no: str, last4: str) -> Proof:
        """Judge a number and the last four digits of a phone that the buyer named in this conversation.

        The same pair said again is the same try. It is written before it is judged, so that many at once are not more
        than one after another.
        """
        number, digits = order_no.strip(), last4.strip()
        order = await self._facts.find_order(shop, number)
        if order is not None and order.order_no == number and await self.sees(shop, conversation, order):
            return Proof.PROVEN
        tried = OrderTry(
            _try_id(number, digits), conversation.id, conversation.buyer.id, number, self._clock.now()
        )
        await self._tries.note_try(shop, tried)
        own, at_number = await self._wrong(shop, conversation.buyer, number)
        if own > MOST_WRONG or at_number > MOST_WRONG_AT_NUMBER:
            return Proof.LOCKED
        if order is not None and order.order_no == number and _is_phone(order, digits):
            await self._tries.mark_right(shop, conversation.id, tried.id, tried.at)
            return Proof.PROVEN
        return Proof.LOCKED if own == MOST_WRONG else Proof.WRONG

    async def proven(self, shop: str, conversation: Conversation) -> list[Order]:
        """Return the orders that the buyer has proven in the conversation a while ago at most."""
        numbers = await self._proven_numbers(shop, conversation)
        return await self._facts.orders_of_numbers(shop, numbers) if numbers else []

    async def _proven_numbers(self, shop: str, conversation: Conversation) -> Sequence[str]:
        return await self._tries.proven_orders(shop, conversation.id, self._clock.now() - PROVEN_FOR)

    async def is_locked(self, shop: str, conversation: Conversation) -> bool:
        """Whether the buyer has no try left."""
        own, _ = await self._wrong(shop, conversation.buyer, "")
        return own >= MOST_WRONG

    async def _wrong(self, shop: str, buyer: Buyer, number: str) -> tuple[int, int]:
        return await self._tries.count_wrong(shop, buyer.id, number, self._clock.now() - WINDOW)


def is_buyer_of(buyer: Buyer, order: Order) -> bool:
    """Whether the order is the buyer's by an id that somebody vouches for."""
    return bool(order.buyer_id) and order.buyer_id in vouched_ids(buyer)


def vouched_ids(buyer: Buyer) -> frozenset[str]:
    """Return the ids by which orders are surely the buyer's: the one that his channel vouches for, and our own.

    Our own says no more than his channel does: where that vouches for nobody, whoever names the same id is the same buyer.
    """
    vouched = verified_id(buyer)
    if channel_of(buyer) is not None and not vouched:
        return frozenset()
    return frozenset({vouched, buyer.id} - {""})


def _is_phone(order: Order, digits: str) -> bool:
    if not _DIGITS.fullmatch(digits) or not _DIGITS.fullmatch(order.phone_last4):
        return False
    return hmac.compare_digest(order.phone_last4, digits)


def _try_id(number: str, digits: str) -> str:
    return hashlib.sha256(f"{number}:{digits}".encode()).hexdigest()[:32]


def _numbers_in(said: Iterable[str]) -> list[str]:
    numbers: dict[str, None] = {}
    for text in said:
        try:
            numbers |= dict.fromkeys(read_message(text).numbers)
        except UnreadableMessage:
            continue
    return list(numbers)
