"""What every ChannelStore must do, with the conversations that it goes with: for the ones in memory and in PostgreSQL."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any

import pytest

from bot.domain.channels import Delivery, DeliveryState, ShopChannel
from bot.domain.conversation import Buyer, Conversation
from bot.domain.shop import Shop
from bot.ports import Conflict, ConversationStore, NewMessage, NotFound, ShopStore
from bot.ports.channels import ChannelStore, DueDelivery, Taken
from tests.contract.store_contract import NOW, unused_id

HOOK = ShopChannel("hook", "webhook", "商城", settings={"url": "https://shop.example/in", "vouches": True})
SECRETS = {"secret": "钥匙"}
SECOND = timedelta(seconds=1)
WAITING, SENT, DEAD = DeliveryState.WAITING, DeliveryState.SENT, DeliveryState.DEAD


@dataclass(frozen=True)
class Channels:
    """A ChannelStore, the conversations beside it, and the shops that both are for."""

    shops: ShopStore
    conversations: ConversationStore
    store: ChannelStore
    made: list[str] = field(default_factory=list)

    async def shop(self, *channels: ShopChannel) -> str:
        shop = f"channel-{unused_id()}"
        await self.shops.put_shop(Shop(shop, f"店{shop}"))
        self.made.append(shop)
        for channel in channels or (HOOK,):
            await self.store.put_channel(shop, channel, SECRETS, NOW)
        return shop

    async def opened(self, shop: str, external: str = "b-1", channel: str = "webhook:hook") -> Conversation:
        return await self.conversations.open_conversation(shop, Buyer("", "", channel, external), NOW)

    async def write(
        self, shop: str, conversation: str, author: str, key: str, at: datetime = NOW, **options: Any
    ) -> int:
        message = NewMessage(author, "您好", at, key, **options)
        written = await self.conversations.write_message(shop, conversation, message, lambda _: {})
        return written.message.number

    async def change(self, shop: str, conversation: str, change: Mapping[str, Any]) -> None:
        await self.conversations.change_conversation(shop, conversation, lambda _: change)

    async def due_of(self, shop: str, at: datetime = NOW, *busy: str) -> list[DueDelivery]:
        """Claim what is due, for this shop's part of it."""
        return [each for each in await self.store.deliveries_due(at, 10_000, busy) if each.shop == shop]

    async def begin(self, shop: str, at: datetime = NOW) -> Delivery:
        [due] = await self.due_of(shop, at)
        delivery = await self.store.begin_delivery(due)
        assert delivery is not None
        return delivery

    async def drain(self, shop: str) -> None:
        """Deliver all that waits."""
        for due in await self.due_of(shop):
            while (waiting := await self.store.begin_delivery(due)) is not None:
                await self.store.settle_delivery(shop, sent(waiting))

    async def through(self, shop: str, buyer: str) -> str:
        """Return a conversation in which a message came and was answered."""
        conversation = (await self.opened(shop, buyer)).id
        await self.store.begin_taking(shop, "hook", f"m-{buyer}", NOW)
        await self.store.end_taking(shop, "hook", f"m-{buyer}", Taken(conversation, 1), "t")
        await self.write(shop, conversation, "agent", f"k-{buyer}")
        await self.drain(shop)
        return conversation

    async def all_of(self, shop: str) -> list[Delivery]:
        found = await self.store.list_deliveries(shop, HOOK.id, list(DeliveryState), 100)
        return sorted(found, key=lambda each: (each.conversation, each.position))


def sent(delivery: Delivery, at: datetime = NOW) -> Delivery:
    return replace(delivery, state=SENT, external_id="x-1", settled_at=at)


class ChannelStoreContract:
    async def test_a_channel_is_kept_as_it_was_written_and_its_secrets_apart(
        self, channels: Channels
    ) -> None:
        shop = await channels.shop()
        kept = await channels.store.get_channel(shop, "hook")
        assert (kept.channel, kept.made_at, kept.changed_at) == (HOOK, NOW, NOW)
        assert await channels.store.list_channels(shop) == [kept]
        assert "钥匙" not in repr(kept)
        assert await channels.store.get_secrets(shop, "hook") == SECRETS
        later = replace(HOOK, name="小程序", enabled=False)
        await channels.store.put_channel(shop, later, {"secret": "新"}, NOW + SECOND)
        kept = await channels.store.get_channel(shop, "hook")
        assert (kept.channel, kept.made_at, kept.changed_at) == (later, NOW, NOW + SECOND)
        assert await channels.store.get_secrets(shop, "hook") == {"secret": "新"}

    async def test_what_is_of_another_shop_is_not_there(self, channels: Channels) -> None:
        mine, theirs = await channels.shop(replace(HOOK, id="other")), await channels.shop()
        await channels.store.begin_taking(theirs, "hook", "m-1", NOW)
        conversation = await channels.opened(theirs)
        await channels.store.end_taking(theirs, "hook", "m-1", Taken(conversation.id, 1), "t-1")
        await channels.write(theirs, conversation.id, "agent", "k1")
        assert await channels.store.get_secrets(mine, "hook") == {}
        assert await channels.store.thread_of(mine, conversation.id) == ""
        assert await channels.store.conversation_of(mine, "hook", "t-1") is None
        assert await channels.all_of(mine) == []
        assert await channels.store.deliveries_of(mine, conversation.id, [1]) == []
        assert await channels.store.find_delivery(mine, "hook", f"{conversation.id}-1") is None
        for refused in (
            channels.store.get_channel(mine, "hook"),
            channels.store.delete_channel(mine, "hook", NOW),
            channels.store.retry_delivery(mine, conversation.id, 1, NOW),
        ):
            with pytest.raises(NotFound):
                await refused
        [theirs_delivery] = await channels.all_of(theirs)
        await channels.store.settle_delivery(mine, sent(theirs_delivery))
        assert await channels.all_of(theirs) == [theirs_delivery]

    async def test_a_channel_needs_a_shop(self, channels: Channels) -> None:
        with pytest.raises(NotFound):
            await channels.store.put_channel("nowhere", HOOK, {}, NOW)

    async def test_the_same_message_is_known_again_also_after_its_conversation_was_closed(
        self, channels: Channels
    ) -> None:
        shop = await channels.shop(HOOK, replace(HOOK, id="second"))
        conversation = await channels.opened(shop)
        assert await channels.store.begin_taking(shop, "hook", "m-1", NOW) is None
        await channels.store.end_taking(shop, "hook", "m-1", Taken(conversation.id, 4), "t-1")
        await channels.change(shop, conversation.id, {"state": "closed", "closed_at": NOW})
        assert await channels.store.begin_taking(shop, "hook", "m-1", NOW) == Taken(conversation.id, 4)
        assert await channels.store.begin_taking(shop, "second", "m-1", NOW) is None
        assert await channels.store.conversation_of(shop, "second", "t-1") is None
        other = await channels.shop()
        assert await channels.store.begin_taking(other, "hook", "m-1", NOW) is None

    async def test_what_was_not_written_to_its_end_is_not_known(self, channels: Channels) -> None:
        shop = await channels.shop()

        async def broken_off() -> None:
            async with channels.conversations.reading(shop):
                assert await channels.store.begin_taking(shop, "hook", "m-1", NOW) is None
                raise ArithmeticError

        with pytest.raises(ArithmeticError):
            await broken_off()
        assert await channels.store.begin_taking(shop, "hook", "m-1", NOW) is None

    async def test_the_thread_is_the_one_that_was_named_last(self, channels: Channels) -> None:
        shop = await channels.shop()
        conversation = (await channels.opened(shop)).id
        assert await channels.store.thread_of(shop, conversation) == ""
        for number, (key, thread) in enumerate((("m-1", "t-1"), ("m-2", "t-2"), ("m-3", "")), start=1):
            at = NOW + number * SECOND
            await channels.store.begin_taking(shop, "hook", key, at)
            await channels.store.end_taking(shop, "hook", key, Taken(conversation, number), thread)
        assert await channels.store.thread_of(shop, conversation) == "t-2"
        assert await channels.store.conversation_of(shop, "hook", "t-1") == conversation
        assert await channels.store.conversation_of(shop, "hook", "") is None

    async def test_what_the_shop_says_is_put_on_its_way_and_what_others_say_is_not(
        self, channels: Channels
    ) -> None:
        shop = await channels.shop()
        conversation = (await channels.opened(shop)).id
        for author, key in (("buyer", "k1"), ("agent", "k2"), ("auto", "k3"), ("system", "k4")):
            await channels.write(shop, conversation, author, key)
        await channels.write(shop, conversation, "agent", "k5", is_there=True)
        await channels.write(shop, conversation, "agent", "k2")
        first, second = await channels.all_of(shop)
        key = f"{conversation}-2"
        assert first == Delivery(conversation, 1, "hook", key, NOW, NOW, number=2, author="agent")
        assert (second.number, second.author, second.position) == (3, "auto", 2)
        assert await channels.store.deliveries_of(shop, conversation, [1, 3]) == [second]
        assert await channels.store.find_delivery(shop, "hook", key) == first

    async def test_conversations_of_the_web_chat_are_delivered_nowhere(self, channels: Channels) -> None:
        shop = await channels.shop()
        conversation = (await channels.opened(shop, channel="web_chat")).id
        await channels.write(shop, conversation, "agent", "k1")
        await channels.change(shop, conversation, {"state": "closed", "closed_at": NOW})
        assert await channels.all_of(shop) == []
        assert await channels.due_of(shop) == []

    async def test_a_hand_over_and_an_end_are_told_in_their_place(self, channels: Channels) -> None:
        shop = await channels.shop()
        conversation = (await channels.opened(shop)).id
        await channels.change(shop, conversation, {"unread": 1})
        await channels.change(shop, conversation, {"handed_at": NOW + SECOND, "hand_over": "upset"})
        await channels.write(shop, conversation, "agent", "k1", NOW + 2 * SECOND)
        await channels.change(shop, conversation, {"handed_at": None, "hand_over": ""})
        closing = {"state": "closed", "closed_at": NOW + 3 * SECOND}
        await channels.change(shop, conversation, closing)
        await channels.change(shop, conversation, {"state": "open", "closed_at": None})
        said = [(each.position, each.number, each.status) for each in await channels.all_of(shop)]
        assert said == [
            (1, None, "handed_over"), (2, 1, ""), (3, None, "resumed"), (4, None, "closed"), (5, None, "reopened"),
        ]  # fmt: skip
        assert len({each.key for each in await channels.all_of(shop)}) == 5
        await channels.change(shop, conversation, {**closing, "is_there": True})
        assert len(await channels.all_of(shop)) == 5
        assert (await channels.all_of(shop))[3].at == NOW + 3 * SECOND

    async def test_of_a_conversation_only_the_first_goes_out_and_the_next_after_it(
        self, channels: Channels
    ) -> None:
        shop = await channels.shop()
        conversation = (await channels.opened(shop)).id
        await channels.write(shop, conversation, "agent", "k1")
        await channels.write(shop, conversation, "agent", "k2")
        first = await channels.begin(shop)
        assert (first.number, first.attempts) == (1, 1)
        assert await channels.due_of(shop) == []
        await channels.store.settle_delivery(shop, sent(first))
        second = await channels.begin(shop)
        assert second.number == 2
        await channels.store.settle_delivery(shop, sent(second))
        assert await channels.due_of(shop, NOW + timedelta(hours=2)) == []
        assert [(each.state, each.external_id) for each in await channels.all_of(shop)] == [(SENT, "x-1")] * 2

    async def test_what_a_worker_dies_over_is_tried_again_and_known_to_have_been_tried(
        self, channels: Channels
    ) -> None:
        shop = await channels.shop()
        conversation = (await channels.opened(shop)).id
        await channels.write(shop, conversation, "agent", "k1")
        [lost] = await channels.due_of(shop)
        assert await channels.store.begin_delivery(lost) is not None
        again = await channels.begin(shop, NOW + timedelta(minutes=2))
        assert again.attempts == 2
        assert await channels.store.begin_delivery(lost) is None

    async def test_what_failed_waits_and_holds_back_what_follows(self, channels: Channels) -> None:
        shop = await channels.shop()
        conversation = (await channels.opened(shop)).id
        await channels.write(shop, conversation, "agent", "k1")
        first = await channels.begin(shop)
        await channels.store.settle_delivery(shop, replace(first, error="500", due_at=NOW + 9 * SECOND))
        await channels.write(shop, conversation, "agent", "k2")
        assert await channels.due_of(shop, NOW + 8 * SECOND) == []
        again = await channels.begin(shop, NOW + 9 * SECOND)
        assert (again.number, again.attempts, again.error) == (1, 2, "500")

    async def test_what_is_settled_is_told_once_and_stays(self, channels: Channels) -> None:
        shop = await channels.shop()
        conversation = (await channels.opened(shop)).id
        await channels.write(shop, conversation, "agent", "k1")
        first = await channels.begin(shop)
        number = (await channels.conversations.feed_numbers([shop]))[shop]
        await channels.store.settle_delivery(shop, sent(first))
        await channels.store.settle_delivery(shop, replace(first, state=DEAD, error="late"))
        [line] = await channels.conversations.feed_since(shop, number, 10)
        assert (line.kind, line.conversation) == ("delivery", conversation)
        assert line.data == {
            "position": 1, "number": 1, "status": "", "state": "sent", "attempts": 1, "error": "",
        }  # fmt: skip
        assert [each.state for each in await channels.all_of(shop)] == [SENT]

    async def test_what_is_dead_lets_the_next_go_and_may_be_tried_again_by_hand(
        self, channels: Channels
    ) -> None:
        shop = await channels.shop()
        conversation = (await channels.opened(shop)).id
        await channels.write(shop, conversation, "agent", "k1")
        await channels.write(shop, conversation, "agent", "k2")
        dead = replace(await channels.begin(shop), state=DEAD, error="410", settled_at=NOW)
        await channels.store.settle_delivery(shop, dead)
        assert (await channels.begin(shop)).number == 2
        later = NOW + timedelta(minutes=5)
        again = await channels.store.retry_delivery(shop, conversation, 1, later)
        assert (again.state, again.at, again.settled_at) == (WAITING, later, None)
        begun = await channels.begin(shop, later)
        assert (begun.number, begun.attempts) == (1, 2), "it may have arrived: its mark is looked for"
        with pytest.raises(Conflict):
            await channels.store.retry_delivery(shop, conversation, 1, later)

    async def test_deliveries_are_counted_by_channel_and_state(self, channels: Channels) -> None:
        shop = await channels.shop()
        conversation = (await channels.opened(shop)).id
        for number in range(3):
            await channels.write(shop, conversation, "agent", f"k{number}", NOW + number * SECOND)
        await channels.store.settle_delivery(shop, sent(await channels.begin(shop)))
        counted = await channels.store.count_deliveries(shop, NOW - SECOND)
        assert counted == {("hook", WAITING): 2, ("hook", SENT): 1}
        assert await channels.store.count_deliveries(shop, NOW + SECOND) == {("hook", WAITING): 1}

    async def test_an_automatic_answer_is_not_tried_again_by_hand(self, channels: Channels) -> None:
        shop = await channels.shop()
        conversation = (await channels.opened(shop)).id
        await channels.write(shop, conversation, "auto", "k1")
        dead = replace(await channels.begin(shop), state=DEAD, settled_at=NOW)
        await channels.store.settle_delivery(shop, dead)
        with pytest.raises(Conflict):
            await channels.store.retry_delivery(shop, conversation, 1, NOW)

    async def test_what_waits_for_a_channel_that_is_mended_goes_at_once_but_not_twice(
        self, channels: Channels
    ) -> None:
        shop = await channels.shop()
        waits, held = await channels.opened(shop, "b-1"), await channels.opened(shop, "b-2")
        await channels.write(shop, waits.id, "agent", "k1")
        failed = replace(await channels.begin(shop), error="500", due_at=NOW + timedelta(minutes=9))
        await channels.store.settle_delivery(shop, failed)
        await channels.write(shop, held.id, "agent", "k2")
        await channels.begin(shop)
        await channels.store.put_channel(shop, HOOK, SECRETS, NOW + SECOND)
        [due] = await channels.due_of(shop, NOW + SECOND)
        assert due.conversation == waits.id

    async def test_what_waits_for_a_channel_that_is_removed_is_dead(self, channels: Channels) -> None:
        shop = await channels.shop()
        conversation = (await channels.opened(shop)).id
        await channels.write(shop, conversation, "agent", "k1")
        await channels.store.delete_channel(shop, "hook", NOW)
        await channels.write(shop, conversation, "agent", "k2")
        assert [(each.state, bool(each.error)) for each in await channels.all_of(shop)] == [(DEAD, True)] * 2
        for due in await channels.due_of(shop):
            assert await channels.store.begin_delivery(due) is None
        assert await channels.due_of(shop, NOW + timedelta(hours=2)) == []

    async def test_busy_shops_are_left_alone_and_none_takes_all_the_room(self, channels: Channels) -> None:
        shop = await channels.shop()
        for number in range(10):
            conversation = await channels.opened(shop, f"b-{number}")
            await channels.write(shop, conversation.id, "agent", f"k{number}")
        assert await channels.due_of(shop, NOW, shop) == []
        assert len(await channels.due_of(shop)) == 8
        assert len(await channels.due_of(shop)) == 2

    async def test_a_clock_that_was_set_back_holds_nothing_back(self, channels: Channels) -> None:
        shop = await channels.shop()
        conversation = (await channels.opened(shop)).id
        await channels.write(shop, conversation, "agent", "k1", NOW + timedelta(hours=3))
        assert len(await channels.due_of(shop, NOW)) == 1

    async def test_what_went_through_is_deleted_once_its_conversation_is_long_closed(
        self, channels: Channels
    ) -> None:
        shop, other = await channels.shop(), await channels.shop()
        made = [await channels.through(*each) for each in ((shop, "old"), (shop, "open"), (other, "old"))]
        for of, conversation in ((shop, made[0]), (other, made[2])):
            await channels.change(of, conversation, {"state": "closed", "closed_at": NOW})
            await channels.drain(of)
        assert await channels.store.forget_traffic(shop, NOW - SECOND, 100) == 0
        later = NOW + SECOND
        assert await channels.store.forget_traffic(shop, later, 1) == 2
        assert await channels.store.begin_taking(shop, "hook", "m-open", later) is not None
        while await channels.store.forget_traffic(shop, later, 1):
            pass
        assert {each.conversation for each in await channels.all_of(shop)} == {made[1]}
        assert await channels.store.begin_taking(shop, "hook", "m-open", later) is not None
        assert await channels.store.begin_taking(shop, "hook", "m-old", later) is None
        assert await channels.store.begin_taking(other, "hook", "m-old", later) is not None
        assert await channels.all_of(other)
        await channels.change(shop, made[0], {"state": "open", "closed_at": None})
        again = await channels.write(shop, made[0], "agent", "k-again", later)
        assert [each.number for each in await channels.store.deliveries_of(shop, made[0], [again])] == [again]

    async def test_an_erased_buyer_leaves_no_trace_and_gets_nothing_more(self, channels: Channels) -> None:
        shop = await channels.shop()
        conversation = await channels.opened(shop)
        await channels.store.begin_taking(shop, "hook", "m-1", NOW)
        number = await channels.write(shop, conversation.id, "buyer", "m-1")
        await channels.store.end_taking(shop, "hook", "m-1", Taken(conversation.id, number), "t-1")
        await channels.write(shop, conversation.id, "agent", "k1")
        await channels.write(shop, conversation.id, "agent", "k2")
        first = await channels.begin(shop)
        await channels.store.settle_delivery(shop, sent(first))
        await channels.conversations.erase_buyer(shop, conversation.buyer.id)
        assert await channels.store.thread_of(shop, conversation.id) == ""
        assert await channels.store.conversation_of(shop, "hook", "t-1") is None
        left = [(each.state, each.external_id) for each in await channels.all_of(shop)]
        assert left == [(SENT, ""), (DEAD, "")]
        for due in await channels.due_of(shop):
            assert await channels.store.begin_delivery(due) is None
