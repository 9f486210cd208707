"""What every ForgettingStore must do: inherited by the tests of the one in memory and the one in PostgreSQL."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from bot.domain.conversation import Conversation, Note
from bot.ports import Event, EventLog, ForgettingStore
from tests.contract.conversation_contract import TalkStores, a_message, over, saying
from tests.contract.store_contract import NOW

DAY = timedelta(days=1)
WORDS = "我的手机坏了"


@dataclass(frozen=True)
class Memories(TalkStores):
    """A ForgettingStore and what it stands on."""

    forgetting: ForgettingStore
    events: EventLog

    async def closed(self, shop: str, name: str, days_ago: float) -> Conversation:
        """Return a conversation with words of its buyer, closed so long ago."""
        opened = await self.opened(shop, name)
        await self.conversations.write_message(shop, opened.id, a_message(WORDS), saying(last_text=WORDS))
        await self.events.append(shop, events_about(opened.id))
        end = saying(state="closed", closed_at=NOW - days_ago * DAY)
        return await self.conversations.change_conversation(shop, opened.id, end)

    async def words_of(self, shop: str, conversation: Conversation) -> list[str]:
        return [each.text for each in await self.conversations.list_messages(shop, conversation.id, 10)]

    async def logged(self, shop: str, conversation: str) -> str:
        """Return all that the log holds about the conversation."""
        found = [event for event in await self.events.read(shop, 1000) if event.conversation == conversation]
        return "".join(str(event.data) for event in found)


def events_about(conversation: str, days_ago: float = 0) -> list[Event]:
    """Return events as suggesting and reacting write them."""
    at = NOW - days_ago * DAY
    reply = {"id": "m-1", "text": f"{WORDS}？", "confidence": 0.6, "entries": [["courier", 1, 0.5]]}
    return [
        Event("message_received", at, conversation, {"text": WORDS}, "m"),
        Event("suggestion_shown", at, conversation, {"silent": False, "suggestions": [reply]}, "m"),
        Event("suggestion_refused", at, conversation, {"place": 0, "kept": 1.0, "reason": "wrong"}, "m"),
        Event("suggestion_refused", at, conversation, {"place": 0, "kept": 1.0, "reason": WORDS * 10}, "m"),
    ]


class ForgettingContract:
    async def test_what_was_closed_long_ago_is_forgotten_and_stays_countable(
        self, memories: Memories
    ) -> None:
        shop = await memories.shop()
        old, young = await memories.closed(shop, "甲", 200), await memories.closed(shop, "乙", 100)
        await memories.conversations.add_note(shop, old.id, Note("n", "a1", WORDS, NOW))
        assert await memories.forgetting.forget_closed(shop, NOW - 180 * DAY, 10) == 1
        assert await memories.words_of(shop, old) == [""]
        assert await memories.words_of(shop, young) == [WORDS]
        assert await memories.conversations.list_notes(shop, old.id) == []
        found = await memories.conversations.search_messages(over(shop), "手机", 10)
        assert [each.conversation for each in found] == [young.id]
        assert WORDS not in await memories.logged(shop, old.id)
        assert WORDS in await memories.logged(shop, young.id)
        assert (await memories.conversations.get_conversation(shop, old.id)).buyer.name == ""
        assert (await memories.conversations.get_conversation(shop, young.id)).buyer.name == "乙"
        assert await memories.forgetting.forget_closed(shop, NOW - 180 * DAY, 10) == 0

    async def test_a_conversation_that_goes_on_is_forgotten_again_and_one_that_is_open_is_not(
        self, memories: Memories
    ) -> None:
        shop, store = await memories.shop(), memories.conversations
        old = await memories.closed(shop, "甲", 200)
        before = NOW - 180 * DAY
        await memories.forgetting.forget_closed(shop, before, 10)
        await store.change_conversation(shop, old.id, saying(state="open", closed_at=None))
        await store.write_message(shop, old.id, a_message("还在吗", "k2"), saying())
        assert await memories.forgetting.forget_closed(shop, before, 10) == 0
        await store.change_conversation(shop, old.id, saying(state="closed", closed_at=before - DAY))
        assert await memories.forgetting.forget_closed(shop, before, 10) == 1
        assert await memories.words_of(shop, old) == ["", ""]

    async def test_a_buyer_who_came_back_keeps_the_name(self, memories: Memories) -> None:
        shop = await memories.shop()
        old = await memories.closed(shop, "甲", 200)
        again = await memories.opened(shop, "甲")
        assert again.buyer.id == old.buyer.id
        await memories.forgetting.forget_closed(shop, NOW - 180 * DAY, 10)
        assert (await memories.conversations.get_buyer(shop, old.buyer.id)).name == "甲"

    async def test_no_other_shop_forgets(self, memories: Memories) -> None:
        mine, theirs = await memories.shop(), await memories.shop()
        kept = await memories.closed(theirs, "甲", 200)
        assert await memories.forgetting.forget_closed(mine, NOW, 10) == 0
        await memories.forgetting.forget_events_of(mine, [kept.id])
        assert not await memories.forgetting.forget_events(mine, NOW + DAY)
        assert await memories.words_of(theirs, kept) == [WORDS]
        assert WORDS in await memories.logged(theirs, kept.id)

    async def test_events_lose_their_words_with_age_and_nothing_else(self, memories: Memories) -> None:
        shop = await memories.shop()
        await memories.events.append(shop, events_about("", days_ago=200.5) + events_about("c", days_ago=1))
        while await memories.forgetting.forget_events(shop, NOW - 180 * DAY):
            pass
        assert WORDS not in await memories.logged(shop, "")
        assert WORDS in await memories.logged(shop, "c")
        old = [event for event in await memories.events.read(shop, 100) if event.conversation == ""]
        shown = next(event for event in old if event.kind == "suggestion_shown")
        assert shown.data["suggestions"] == [
            {"id": "m-1", "text": "", "confidence": 0.6, "entries": [["courier", 1, 0.5]]}
        ]
        assert sorted(str(e.data["reason"]) for e in old if e.kind == "suggestion_refused") == ["", "wrong"]

    async def test_an_erased_buyers_words_leave_the_log_too(self, memories: Memories) -> None:
        shop = await memories.shop()
        erased, other = await memories.closed(shop, "甲", 1), await memories.closed(shop, "乙", 1)
        await memories.conversations.erase_buyer(shop, erased.buyer.id)
        assert WORDS not in await memories.logged(shop, erased.id)
        assert WORDS in await memories.logged(shop, other.id)

    async def test_a_shop_is_due_for_one_worker_at_a_time(self, memories: Memories) -> None:
        shop = await memories.shop()
        assert shop in await memories.forgetting.shops_due(NOW, 1000)
        assert shop not in await memories.forgetting.shops_due(NOW, 1000)
        await memories.forgetting.look_again(shop, NOW + DAY)
        assert shop not in await memories.forgetting.shops_due(NOW + DAY / 2, 1000)
        assert shop in await memories.forgetting.shops_due(NOW + DAY, 1000)
        await memories.shops.delete_shop(shop)
        assert shop not in await memories.forgetting.shops_due(NOW + 9 * DAY, 1000)
