"""What a dialogue's step reads before it answers: the shop as it is now, and the conversation before the buyer's turn."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from bot.domain.conversation import Conversation, Message, Turn
from bot.domain.resolving import FactResolver, Subject
from bot.domain.text import ReadMessage, UnreadableMessage, read_message, strip_opener
from bot.ports import Clock, ConversationStore, TextNormaliser
from bot.services.context import PastTurn, read_history, viewed_turn
from bot.services.live_shops import LiveShop, LiveShops

_READ_BACK = 40
_ROLES = {"buyer": "buyer", "agent": "agent", "auto": "bot"}
_NOTHING = ReadMessage("", "")


@dataclass(frozen=True, slots=True)
class TalkScene:
    """One step's view of its shop and conversation. `text` is the buyer's turn as read, `past` what was said before it.

    `said` are the buyer's own words, oldest first, the turn included.
    """

    live: LiveShop
    conversation: Conversation
    now: datetime
    message: ReadMessage
    text: str
    past: Sequence[PastTurn]
    said: Sequence[str]

    def resolver(self, subject: Subject, language: str) -> FactResolver:
        """Return the shop's facts about the subject, in the language's words."""
        held = self.live.snapshot
        return FactResolver(
            held.shop, held.facts, held.shipping, self.live.catalogue, subject, self.now, language, held.lifetimes
        )  # fmt: skip


class TalkReader:
    """Gathers the scene of a step: always of the shop that is named, and of a conversation of that shop."""

    def __init__(
        self,
        conversations: ConversationStore,
        live_shops: LiveShops,
        normaliser: TextNormaliser,
        clock: Clock,
    ) -> None:
        self._conversations = conversations
        self._live_shops = live_shops
        self._normaliser = normaliser
        self._clock = clock

    async def read(self, shop: str, conversation: str, text: str) -> TalkScene:
        """Return the scene of the turn `text`. Raises NotFound."""
        live = await self._live_shops.get(shop)
        talk, messages = await self._conversations.read_thread(shop, conversation, _READ_BACK)
        before = _before(messages, text)
        past = read_history(
            [Turn(_ROLES[each.author], each.text) for each in before if each.author in _ROLES],
            self._normaliser,
        )
        if viewed := viewed_turn(talk.buyer.viewed, live.snapshot.products) if talk.buyer.viewed else None:
            past.insert(0, viewed)
        try:
            message = read_message(text)
        except UnreadableMessage:
            message = _NOTHING
        now = self._clock.now().astimezone(ZoneInfo(live.snapshot.shop.timezone))
        said = [each.text for each in before if each.author == "buyer"]
        cleaned = strip_opener(self._normaliser.normalise(message.text))
        return TalkScene(live, talk, now, message, cleaned, past, [*said, text])


def _before(messages: Sequence[Message], text: str) -> list[Message]:
    """Return the messages without the bubbles that are the turn itself."""
    lines, kept = {line.strip() for line in text.splitlines()}, list(messages)
    while kept and kept[-1].author == "buyer" and kept[-1].text.strip() in lines | {text.strip()}:
        kept.pop()
    return kept
