"""What every ConversationStore must do: inherited by the tests of the one in memory and the one in PostgreSQL.

An inheriting class gives the fixture `talks`. Each test makes shops of its own, so that one database serves them all.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, time, timedelta

import pytest

from bot.domain.account import ShopScope
from bot.domain.conversation import Buyer, Conversation, Note
from bot.domain.conversation_lines import read_conversation_line, read_message_line
from bot.domain.entry import WeeklyHours
from bot.domain.service_policy import ServicePolicy
from bot.domain.shop import Shop
from bot.ports import (
    Conflict,
    ConversationStore,
    EntryStore,
    HeldMessage,
    NewMessage,
    NotFound,
    Phrase,
    Rule,
    ShopStore,
)
from bot.retrieval.normaliser import OpenccNormaliser
from tests.contract.store_contract import NOW, unused_id

SIMPLIFY = OpenccNormaliser().normalise


@dataclass(frozen=True)
class TalkStores:
    """A ConversationStore and what it stands on."""

    shops: ShopStore
    conversations: ConversationStore
    entries: EntryStore

    async def shop(self) -> str:
        """Return a new shop."""
        shop = f"talk-{unused_id()}"
        await self.shops.put_shop(Shop(shop, "店"))
        return shop

    async def opened(self, shop: str, name: str = "买家甲") -> Conversation:
        """Return a new conversation of a new buyer."""
        return await self.conversations.open_conversation(shop, a_buyer(name), NOW)


def a_buyer(name: str = "买家甲") -> Buyer:
    return Buyer("", name, "web", external_id=f"x-{name}")


def a_message(text: str = "在吗", key: str = "k1", **changes: object) -> NewMessage:
    return replace(NewMessage("buyer", text, NOW, key), **changes)  # type: ignore[arg-type]


def saying(**fields: object) -> Rule:
    """Return a rule that always says the same."""

    def rule(_: Conversation) -> Mapping[str, object]:
        return fields

    return rule


def over(*shops: str, account: str = "a1") -> ShopScope:
    return ShopScope(account, frozenset(shops))


def later(seconds: float) -> datetime:
    return NOW + timedelta(seconds=seconds)


class ConversationContract:
    async def test_a_buyer_has_one_conversation_until_it_is_closed(self, talks: TalkStores) -> None:
        shop, store = await talks.shop(), talks.conversations
        first = await store.open_conversation(shop, a_buyer(), NOW)
        assert (first.state, first.buyer.name, first.opened_at, first.version) == ("open", "买家甲", NOW, 1)
        again = await store.open_conversation(shop, a_buyer(), later(5))
        assert again.id == first.id
        await store.change_conversation(shop, first.id, saying(state="closed", closed_at=later(9)))
        second = await store.open_conversation(shop, a_buyer(), later(10))
        assert second.id != first.id
        assert second.buyer.id == first.buyer.id
        listed = await store.buyer_conversations(shop, first.buyer.id, 10)
        assert [each.id for each in listed] == [second.id, first.id]
        with pytest.raises(Conflict):
            await store.change_conversation(shop, first.id, saying(state="open"))

    async def test_opening_at_the_same_moment_makes_one_conversation(self, talks: TalkStores) -> None:
        shop = await talks.shop()
        opened = await asyncio.gather(*(talks.opened(shop) for _ in range(4)))
        assert len({each.id for each in opened}) == 1

    async def test_a_buyer_keeps_what_a_later_visit_does_not_say(self, talks: TalkStores) -> None:
        shop, store = await talks.shop(), talks.conversations
        await store.open_conversation(shop, replace(a_buyer(), viewed="p1"), NOW)
        again = await store.open_conversation(shop, replace(a_buyer(), name=""), NOW)
        assert (again.buyer.name, again.buyer.viewed) == ("买家甲", "p1")

    async def test_a_message_is_written_with_what_the_rule_says(self, talks: TalkStores) -> None:
        shop, store = await talks.shop(), talks.conversations
        opened = await talks.opened(shop)
        rule = saying(waiting_since=NOW, due_at=later(120), unread=1, last_text="在吗", last_at=NOW)
        written = await store.write_message(shop, opened.id, a_message(), rule)
        assert written.is_new
        assert written.before == opened
        assert written.message.number == 1
        assert written.conversation == await store.get_conversation(shop, opened.id)
        assert written.conversation.version == opened.version + 1
        assert (written.conversation.due_at, written.conversation.last_number) == (later(120), 1)
        assert await store.list_messages(shop, opened.id, 10) == [written.message]
        assert await store.find_message(shop, opened.id, "k1") == written.message

    async def test_the_same_key_writes_nothing_twice(self, talks: TalkStores) -> None:
        shop, store = await talks.shop(), talks.conversations
        opened = await talks.opened(shop)
        first = await store.write_message(shop, opened.id, a_message(), saying(unread=1))
        again = await store.write_message(shop, opened.id, a_message("别的"), saying(unread=2))
        assert (again.is_new, again.message) == (False, first.message)
        assert (await store.get_conversation(shop, opened.id)).unread == 1
        elsewhere = await talks.opened(shop, "买家乙")
        assert (await store.write_message(shop, elsewhere.id, a_message(), saying())).is_new

    async def test_numbers_have_no_gap_however_many_write_at_once(self, talks: TalkStores) -> None:
        shop, store = await talks.shop(), talks.conversations
        opened = await talks.opened(shop)

        def count(conversation: Conversation) -> Mapping[str, object]:
            return {"unread": conversation.unread + 1}

        await asyncio.gather(
            *(store.write_message(shop, opened.id, a_message(key=str(i)), count) for i in range(12))
        )
        numbers = [message.number for message in await store.list_messages(shop, opened.id, 50)]
        assert numbers == list(range(1, 13))
        assert (await store.get_conversation(shop, opened.id)).unread == 12

    async def test_a_rule_that_refuses_leaves_nothing_in_a_transaction_that_goes_on(
        self, talks: TalkStores
    ) -> None:
        shop, store = await talks.shop(), talks.conversations
        opened = await talks.opened(shop)

        def refuse(conversation: Conversation) -> Mapping[str, object]:
            raise Conflict("not now")

        async with store.reading(shop):
            with pytest.raises(Conflict):
                await store.write_message(shop, opened.id, a_message(), refuse)
            again = await store.write_message(shop, opened.id, a_message(), saying(unread=1))
        assert again.is_new
        assert (await store.get_conversation(shop, opened.id)).last_number == 1
        assert await store.list_messages(shop, opened.id, 10) == [again.message]

    async def test_what_a_rule_raises_undoes_the_write(self, talks: TalkStores) -> None:
        shop, store = await talks.shop(), talks.conversations
        opened = await talks.opened(shop)
        before = (await store.feed_numbers([shop]))[shop]

        def refuse(_: Conversation) -> Mapping[str, object]:
            raise Conflict("a colleague has it")

        with pytest.raises(Conflict, match="colleague"):
            await store.write_message(shop, opened.id, a_message(), refuse)
        assert await store.list_messages(shop, opened.id, 10) == []
        assert await store.feed_numbers([shop]) == {shop: before}

    async def test_a_change_expects_a_version(self, talks: TalkStores) -> None:
        shop, store = await talks.shop(), talks.conversations
        opened = await talks.opened(shop)
        taken = await store.change_conversation(shop, opened.id, saying(assignee="a1"), opened.version)
        assert taken.assignee == "a1"
        with pytest.raises(Conflict):
            await store.change_conversation(shop, opened.id, saying(assignee="a2"), opened.version)
        unchanged = await store.change_conversation(shop, opened.id, saying())
        assert unchanged == taken

    async def test_messages_are_paged_from_the_newest(self, talks: TalkStores) -> None:
        shop, store = await talks.shop(), talks.conversations
        opened = await talks.opened(shop)
        for i in range(1, 6):
            await store.write_message(shop, opened.id, a_message(key=str(i)), saying())
        assert [m.number for m in await store.list_messages(shop, opened.id, 2)] == [4, 5]
        assert [m.number for m in await store.list_messages(shop, opened.id, 2, before=4)] == [2, 3]
        conversation, newest = await store.read_thread(shop, opened.id, 2)
        assert conversation == await store.get_conversation(shop, opened.id)
        assert [m.number for m in newest] == [4, 5]
        async with store.reading(shop):
            assert await store.read_thread(shop, opened.id, 2) == (conversation, newest)
            with pytest.raises(NotFound):
                await store.get_conversation(shop, "nobody")
        assert [m.number for m in await store.messages_after(shop, opened.id, 3)] == [4, 5]
        assert await store.messages_after(shop, opened.id, 5) == []

    async def test_what_is_another_shops_is_not_found(self, talks: TalkStores) -> None:
        mine, other, store = await talks.shop(), await talks.shop(), talks.conversations
        theirs = await talks.opened(other)
        image = await store.put_image(other, theirs.id, "image/png", b"x")
        note = Note("n1", "a1", "注", NOW)
        held = HeldMessage(theirs.id, a_message(), NOW)
        for asked in (
            store.get_conversation(mine, theirs.id),
            store.list_messages(mine, theirs.id, 10),
            store.messages_after(mine, theirs.id, 0),
            store.write_message(mine, theirs.id, a_message(), saying()),
            store.change_conversation(mine, theirs.id, saying(unread=0)),
            store.get_buyer(mine, theirs.buyer.id),
            store.update_buyer(mine, theirs.buyer),
            store.erase_buyer(mine, theirs.buyer.id),
            store.buyer_conversations(mine, theirs.buyer.id, 10),
            store.open_conversation(mine, replace(theirs.buyer, external_id=""), NOW),
            store.add_note(mine, theirs.id, note),
            store.put_draft(mine, theirs.id, "a1", "稿"),
            store.put_image(mine, theirs.id, "image/png", b"y"),
            store.get_image(mine, image),
            store.hold_message(mine, held),
        ):
            with pytest.raises(NotFound):
                await asked
        assert await store.list_notes(mine, theirs.id) == []
        assert await store.find_message(mine, theirs.id, "k1") is None
        assert await store.feed_numbers([mine]) == {mine: 0}

    async def test_the_queue_is_ordered_by_who_is_due_then_by_the_newest(self, talks: TalkStores) -> None:
        left, right, store = await talks.shop(), await talks.shop(), talks.conversations
        plan = [(left, "甲", 90, 1), (right, "乙", 30, 2), (left, "丙", None, 3), (right, "丁", None, 4)]
        for shop, name, due, last in plan:
            each = await talks.opened(shop, name)
            fields = saying(due_at=due and later(due), last_at=later(last))
            await store.change_conversation(shop, each.id, fields)
        closed = await talks.opened(left, "戊")
        await store.change_conversation(left, closed.id, saying(state="closed"))
        queue = await store.queue(over(left, right), ["open"], 10)
        assert [(shop, each.buyer.name) for shop, each in queue] == [
            (right, "乙"),
            (left, "甲"),
            (right, "丁"),
            (left, "丙"),
        ]
        assert len(await store.queue(over(left, right), ["open"], 2)) == 2
        assert [shop for shop, _ in await store.queue(over(left), ["closed"], 10)] == [left]
        assert await store.queue(over(), ["open"], 10) == []

    async def test_what_an_account_holds_is_listed_and_counted(self, talks: TalkStores) -> None:
        left, right, store = await talks.shop(), await talks.shop(), talks.conversations
        account = unused_id()
        mine = [(shop, await talks.opened(shop, name)) for shop, name in ((left, "甲"), (right, "乙"))]
        for shop, each in mine:
            await store.change_conversation(shop, each.id, saying(assignee=account, last_at=later(1)))
        held = await store.held_by(over(left, right), account)
        assert held == sorted((shop, each.id) for shop, each in mine)
        assert await store.held_by(over(left), account) == [(left, mine[0][1].id)]
        assert await store.held_by(over(left), "") == []
        assert await store.loads([account, "nobody"], NOW) == {account: 2, "nobody": 0}
        assert await store.loads([account], later(2)) == {account: 0}
        assert set(await store.holders()) >= {(account, left), (account, right)}
        assert await store.holdings(account) == held
        assert await store.holdings("") == []
        await store.change_conversation(left, mine[0][1].id, saying(state="snoozed"))
        assert await store.holdings(account) == [(right, mine[1][1].id)]
        assert await store.loads([account], NOW) == {account: 1}
        await store.change_conversation(right, mine[1][1].id, saying(state="closed"))
        assert await store.loads([account], NOW) == {account: 0}
        assert await store.held_by(over(left, right), account) == [(left, mine[0][1].id)]

    async def test_messages_are_found_by_all_their_words_newest_first(self, talks: TalkStores) -> None:
        left, right, store = await talks.shop(), await talks.shop(), talks.conversations
        texts = [
            "黑色L码还有货吗",
            "什么时候发货，订单 SF1234567890",
            "有没有黑色的？货到付款",
            "ＨＥＬＬＯ 你好",
        ]
        for shop in (left, right):
            each = await talks.opened(shop)
            for i, text in enumerate(texts):
                await store.write_message(shop, each.id, a_message(text, key=str(i), at=later(i)), saying())

        async def found(words: str) -> list[str]:
            return [one.message.text for one in await store.search_messages(over(left), words, 10)]

        assert await found("黑色") == [texts[2], texts[0]]
        assert await found("有货") == [texts[0]]
        assert await found("货 黑色") == [texts[2], texts[0]]
        assert await found("货") == [texts[2], texts[1], texts[0]]
        assert await found("sf1234567890") == [texts[1]]
        assert await found("7890") == [texts[1]]
        assert await found("90") == [texts[1]]
        assert await found("hello") == [texts[3]]
        assert await found("色黑") == []
        assert await found("发货还有") == []
        assert await found("%") == await found("_") == await found("  ") == []
        both = await store.search_messages(over(left, right), "你好", 10)
        assert {one.shop for one in both} == {left, right}
        assert all(one.buyer for one in both)
        assert len(await store.search_messages(over(left, right), "货", 2)) == 2
        assert await store.search_messages(over(), "货", 10) == []

    async def test_traditional_and_simplified_characters_find_each_other(self, talks: TalkStores) -> None:
        shop, store = await talks.shop(), talks.conversations
        opened = await talks.opened(shop)
        texts = ["請問這條裙子還有貨嗎，顏色是黑色", "这条裙子发货了吗", "ÉTÉ 夏裝", "收到 謝謝 "]
        for i, text in enumerate(texts):
            await store.write_message(shop, opened.id, a_message(text, key=str(i), at=later(i)), saying())

        async def found(words: str) -> list[str]:
            return [one.message.text for one in await store.search_messages(over(shop), words, 10)]

        assert await found("有货吗") == await found("有貨嗎") == await found("貨 颜色") == [texts[0]]
        assert await found("這條裙子") == await found("这条裙子") == [texts[1], texts[0]]
        assert await found("發貨") == await found("发货") == [texts[1]]
        assert await found("货") == await found("貨") == [texts[1], texts[0]]
        assert await found("été") == await found("夏装") == [texts[2]]
        assert await found("谢谢") == [texts[3]]
        await store.erase_buyer(shop, opened.buyer.id)
        assert await found("貨") == await found("裙子") == []

    async def test_the_feed_tells_every_change_in_order(self, talks: TalkStores) -> None:
        shop, store = await talks.shop(), talks.conversations
        opened = await talks.opened(shop)
        written = await store.write_message(shop, opened.id, a_message(quotes=3), saying(unread=1))
        await store.change_conversation(shop, opened.id, saying(look_at=NOW))
        await store.add_note(shop, opened.id, Note("n1", "a1", "注意", NOW))
        feed = await store.feed_since(shop, 0, 100)
        assert [line.kind for line in feed] == ["conversation", "message", "conversation", "note"]
        assert [line.number for line in feed] == [1, 2, 3, 4]
        assert {line.conversation for line in feed} == {opened.id}
        assert read_message_line(feed[1].data) == written.message
        assert read_conversation_line(feed[2].data) == written.conversation
        assert await store.feed_numbers([shop]) == {shop: 4}
        assert await store.feed_since(shop, 2, 1) == feed[2:3]
        assert await store.feed_since(shop, 4, 10) == []
        with pytest.raises(NotFound):
            await store.feed_since(shop, 9, 10)

    async def test_growing_feeds_are_heard(self, talks: TalkStores) -> None:
        shop = await talks.shop()
        watch = talks.conversations.watch_feeds()

        async def heard(last: int) -> bool:
            async for grown, number in watch:
                if grown == shop and number >= last:
                    return number == last
            return False

        opened = await talks.opened(shop)
        assert await asyncio.wait_for(heard(1), 10)
        await talks.conversations.write_message(shop, opened.id, a_message(), saying())
        assert await asyncio.wait_for(heard(3), 10)
        await watch.aclose()  # type: ignore[attr-defined]

    async def test_a_look_that_is_due_is_given_to_one_worker_for_some_seconds(
        self, talks: TalkStores
    ) -> None:
        shop, store = await talks.shop(), talks.conversations
        opened = await talks.opened(shop)
        mine = (shop, opened.id)
        assert mine not in await store.due_now(later(60), 1000)
        await store.change_conversation(shop, opened.id, saying(look_at=later(30)))
        assert mine not in await store.due_now(later(29), 1000)
        assert mine in await store.due_now(later(30), 1000)
        assert mine not in await store.due_now(later(31), 1000)
        assert mine in await store.due_now(later(90), 1000)
        await store.look_again(shop, opened.id, later(95))
        assert mine in await store.due_now(later(96), 1000)
        await store.look_again(shop, opened.id, None)
        assert mine not in await store.due_now(later(500), 1000)
        await store.look_again(shop, "unknown", NOW)

    async def test_a_held_message_is_taken_back_or_sent_never_both(self, talks: TalkStores) -> None:
        shop, store = await talks.shop(), talks.conversations
        opened = await talks.opened(shop)
        message = a_message("回复", f"key-{shop}", author="agent", account="a1", quotes=1)
        held = HeldMessage(opened.id, message, later(5), {"answers": 1})
        for _ in range(2):
            await store.hold_message(shop, held)
        assert await store.held_of(shop, opened.id) == [held]
        assert await store.release_held(shop, message.key, "a2") is None
        assert await store.release_held(shop, message.key, "a1") == held
        assert await store.release_held(shop, message.key, "a1") is None
        assert await store.held_of(shop, opened.id) == []
        await store.hold_message(shop, held)
        assert (shop, message.key) not in await store.held_due(later(4), 1000)
        assert (shop, message.key) in await store.held_due(later(5), 1000)
        assert (shop, message.key) not in await store.held_due(later(6), 1000)
        assert await store.release_held(shop, message.key, "a1") is None
        assert await store.get_held(shop, message.key) == held
        assert (shop, message.key) in await store.held_due(later(60), 1000)
        await store.write_message(shop, opened.id, message, saying())
        assert await store.held_of(shop, opened.id) == []
        await store.drop_held(shop, message.key)
        await store.hold_message(shop, held)
        assert await store.held_of(shop, opened.id) == []

    async def test_what_was_held_goes_with_the_message_said_and_no_other(self, talks: TalkStores) -> None:
        shop, store = await talks.shop(), talks.conversations
        opened, another = await talks.opened(shop), await talks.opened(shop, "乙")
        message = a_message("回复", f"key-{shop}", author="agent", account="a1")
        held = HeldMessage(opened.id, message, NOW)
        await store.hold_message(shop, held)
        await store.write_message(shop, another.id, message, saying())
        await store.write_message(shop, opened.id, replace(message, author="buyer", account=""), saying())
        assert await store.held_of(shop, opened.id) == [held]

        def refuse(_: Conversation) -> dict[str, object]:
            raise Conflict("a colleague has it")

        other = replace(message, key=f"other-{shop}")
        await store.hold_message(shop, HeldMessage(another.id, other, NOW))
        with pytest.raises(Conflict):
            await store.write_message(shop, another.id, other, refuse)
        assert len(await store.held_of(shop, another.id)) == 1
        await store.write_message(shop, another.id, other, saying())
        await store.write_message(shop, another.id, other, saying())
        assert await store.held_of(shop, another.id) == []

    async def test_a_key_in_use_does_not_swallow_somebody_elses_message(self, talks: TalkStores) -> None:
        shop, store = await talks.shop(), talks.conversations
        opened, another = await talks.opened(shop), await talks.opened(shop, "乙")
        message = a_message("回复", f"key-{shop}", author="agent", account="a1")
        await store.hold_message(shop, HeldMessage(opened.id, message, NOW))
        for conversation, account in ((opened.id, "a2"), (another.id, "a1")):
            given = HeldMessage(conversation, replace(message, account=account), NOW)
            with pytest.raises(Conflict):
                await store.hold_message(shop, given)
        await store.write_message(shop, opened.id, message, saying())
        await store.drop_held(shop, message.key)
        with pytest.raises(Conflict):
            await store.hold_message(shop, HeldMessage(opened.id, replace(message, account="a2"), NOW))
        assert await store.held_of(shop, opened.id) == await store.held_of(shop, another.id) == []

    async def test_tags_written_late_bring_nothing_back_that_was_erased(self, talks: TalkStores) -> None:
        shop, other, store = await talks.shop(), await talks.shop(), talks.conversations
        buyer = (await talks.opened(shop)).buyer
        assert await store.tag_buyer(shop, buyer.id, ["老客"]) == replace(buyer, tags=("老客",))
        await store.erase_buyer(shop, buyer.id)
        tagged = await store.tag_buyer(shop, buyer.id, ["投诉"])
        assert (tagged.name, tagged.external_id, tagged.viewed, tagged.tags) == ("", "", "", ("投诉",))
        with pytest.raises(NotFound):
            await store.tag_buyer(other, buyer.id, ["老客"])

    async def test_a_refused_message_is_told_with_its_words(self, talks: TalkStores) -> None:
        shop, store = await talks.shop(), talks.conversations
        opened = await talks.opened(shop)
        message = a_message("回复", f"key-{shop}", author="agent", account="a1")
        await store.hold_message(shop, HeldMessage(opened.id, message, NOW))
        await store.drop_held(shop, message.key, "a colleague has it")
        line = (await store.feed_since(shop, 1, 10))[0]
        assert line.kind == "refused"
        assert line.data == {
            "key": message.key,
            "account": "a1",
            "text": "回复",
            "why": "a colleague has it",
        }

    async def test_notes_drafts_images_and_phrases_are_kept(self, talks: TalkStores) -> None:
        shop, store = await talks.shop(), talks.conversations
        each = (await talks.opened(shop)).id
        notes = [Note("n1", "a1", "先", NOW), Note("n2", "a2", "后", later(1))]
        for note in notes:
            await store.add_note(shop, each, note)
        assert await store.list_notes(shop, each) == notes
        await store.put_draft(shop, each, "a1", "草稿")
        await store.put_draft(shop, each, "a1", "草稿二")
        assert await store.get_draft(shop, each, "a1") == "草稿二"
        assert await store.get_draft(shop, each, "a2") == ""
        await store.put_draft(shop, each, "a1", "")
        assert await store.get_draft(shop, each, "a1") == ""
        image = await store.put_image(shop, each, "image/png", b"\x89PNG\0")
        assert await store.get_image(shop, image) == ("image/png", b"\x89PNG\0", each)
        phrase = Phrase("p1", "hy", "欢迎光临", "问候")
        await store.put_phrase(shop, "a1", replace(phrase, text="旧"))
        await store.put_phrase(shop, "a1", phrase)
        assert await store.list_phrases(shop, "a1") == [phrase]
        assert await store.list_phrases(shop, "a2") == []
        with pytest.raises(NotFound):
            await store.delete_phrase(shop, "a2", "p1")
        await store.delete_phrase(shop, "a1", "p1")
        assert await store.list_phrases(shop, "a1") == []

    async def test_a_shop_has_the_default_policy_until_it_has_its_own(self, talks: TalkStores) -> None:
        shop, other, store = await talks.shop(), await talks.shop(), talks.conversations
        assert await store.get_policy(shop) == ServicePolicy()
        policy = ServicePolicy(
            target_seconds=60,
            hours=(WeeklyHours(0, time(9), time(21, 30)),),
            forbidden=("最好",),
            notice="今天发货",
            holding_texts=("稍等",),
        )
        await store.put_policy(shop, ServicePolicy(distributes=False))
        await store.put_policy(shop, policy)
        assert await store.get_policy(shop) == policy
        assert await store.get_policy(other) == ServicePolicy()

    async def test_a_new_policy_raises_the_version_of_its_shop_alone(self, talks: TalkStores) -> None:
        shop, other = await talks.shop(), await talks.shop()
        before = await talks.shops.versions()
        await talks.conversations.put_policy(shop, ServicePolicy(notice="今天发货"))
        after = await talks.shops.versions()
        assert after[shop] > before[shop]
        assert after[other] == before[other]
        with pytest.raises(NotFound):
            await talks.conversations.put_policy("no-such-shop", ServicePolicy())

    async def test_a_buyer_is_changed_in_all_conversations(self, talks: TalkStores) -> None:
        shop, store = await talks.shop(), talks.conversations
        opened = await talks.opened(shop)
        changed = replace(opened.buyer, name="买家乙", tags=("老客",), viewed="p2")
        await store.update_buyer(shop, changed)
        assert await store.get_buyer(shop, changed.id) == changed
        assert (await store.get_conversation(shop, opened.id)).buyer == changed
        told = (await store.feed_since(shop, 1, 10))[0]
        assert read_conversation_line(told.data).buyer == changed

    async def test_a_buyer_is_found_by_its_channels_id_in_its_own_shop_alone(self, talks: TalkStores) -> None:
        shop, other, store = await talks.shop(), await talks.shop(), talks.conversations
        opened = await talks.opened(shop)
        channel, external_id = opened.buyer.channel, opened.buyer.external_id
        assert await store.find_buyer(shop, channel, external_id) == opened.buyer
        assert await store.find_buyer(other, channel, external_id) is None
        assert await store.find_buyer(shop, "another", external_id) is None
        await store.erase_buyer(shop, opened.buyer.id)
        assert await store.find_buyer(shop, channel, external_id) is None
        assert await store.find_buyer(shop, channel, "") is None

    async def test_an_erased_buyer_leaves_no_word_behind(self, talks: TalkStores) -> None:
        shop, store = await talks.shop(), talks.conversations
        opened, other = await talks.opened(shop), await talks.opened(shop, "买家乙")
        for each in (opened, other):
            await store.write_message(shop, each.id, a_message("我的手机坏了"), saying(last_text="我的手机"))
        await store.add_note(shop, opened.id, Note("n1", "a1", "手机坏了", NOW))
        await store.put_draft(shop, opened.id, "a1", "您的手机")
        image = await store.put_image(shop, opened.id, "image/png", b"x")
        held = HeldMessage(opened.id, a_message("手机", f"held-{shop}"), NOW)
        await store.hold_message(shop, held)
        await store.erase_buyer(shop, opened.buyer.id)
        erased = await store.get_conversation(shop, opened.id)
        assert (erased.buyer.name, erased.buyer.external_id, erased.last_text) == ("", "", "")
        assert [m.text for m in await store.list_messages(shop, opened.id, 10)] == [""]
        assert await store.list_notes(shop, opened.id) == []
        assert await store.get_draft(shop, opened.id, "a1") == ""
        assert await store.held_of(shop, opened.id) == []
        with pytest.raises(NotFound):
            await store.get_image(shop, image)
        found = await store.search_messages(over(shop), "手机", 10)
        assert [one.conversation for one in found] == [other.id]
        feed = await store.feed_since(shop, 0, 100)
        assert {line.kind for line in feed if line.conversation == opened.id} == {"erased"}
        assert all(not line.data for line in feed if line.conversation == opened.id)
        fresh = await talks.opened(shop)
        assert fresh.id != opened.id

    async def test_an_image_of_an_entry_is_sent_as_it_is_and_outlives_the_buyer(
        self, talks: TalkStores
    ) -> None:
        shop, other, store = await talks.shop(), await talks.shop(), talks.conversations
        image = await talks.entries.put_image(shop, "image/png", b"chart")
        sent, unsent = await talks.opened(shop), await talks.opened(shop, "买家乙")
        assert await store.get_image(shop, image) == ("image/png", b"chart", "")
        assert not await store.was_shown(shop, sent.buyer.id, image)
        await store.write_message(shop, sent.id, a_message("见图", author="agent", image=image), saying())
        assert await store.was_shown(shop, sent.buyer.id, image)
        assert not await store.was_shown(shop, unsent.buyer.id, image)
        assert not await store.was_shown(other, sent.buyer.id, image)
        with pytest.raises(NotFound):
            await store.get_image(other, image)
        await store.erase_buyer(shop, sent.buyer.id)
        assert not await store.was_shown(shop, sent.buyer.id, image)
        assert await talks.entries.get_image(shop, image) == ("image/png", b"chart")

    async def test_conversations_are_paged_for_an_export(self, talks: TalkStores) -> None:
        shop, store = await talks.shop(), talks.conversations
        ids = sorted([(await talks.opened(shop, name)).id for name in "甲乙丙"])
        first = await store.shop_conversations(shop, NOW, later(1), "", 2)
        assert [each.id for each in first] == ids[:2]
        rest = await store.shop_conversations(shop, NOW, later(1), ids[1], 2)
        assert [each.id for each in rest] == ids[2:]
        assert await store.shop_conversations(shop, later(1), later(2), "", 9) == []
