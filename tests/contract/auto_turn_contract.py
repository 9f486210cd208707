"""What every AutoTurnStore must do: inherited by the tests of the one in memory and the one in PostgreSQL.

An inheriting class gives the fixture `autos`. Each test makes shops of its own, so that one database serves them all.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

import pytest

from bot.domain.auto_lines import read_decided_line, read_hand_over_line
from bot.domain.auto_reply import Deed, Reason
from bot.domain.auto_turn import AutoMessage, Decided, Finished, HandOver, SendState
from bot.domain.conversation import Conversation
from bot.domain.suggestion import FactUsed
from bot.ports import Conflict, ForgettingStore, NotFound
from bot.ports.auto_turns import AutoTurnStore, Stopped
from tests.contract.conversation_contract import TalkStores, a_message, later, saying
from tests.contract.store_contract import NOW

MANY = 10_000
FACT = FactUsed("stock", "12", "库存表", "2026-03-05T10:00:00+08:00", False)


@dataclass(frozen=True)
class AutoStores(TalkStores):
    """An AutoTurnStore and what it stands on."""

    turns: AutoTurnStore
    forgetting: ForgettingStore

    async def said(
        self, shop: str, text: str = "有货吗", due: float = 3, name: str = "买家甲"
    ) -> Conversation:
        """Return a conversation whose buyer said something now, whose turn is due so many seconds later."""
        opened = await self.opened(shop, name)
        await self.say(shop, opened, text, 0, due)
        return await self.conversations.get_conversation(shop, opened.id)

    async def say(self, shop: str, opened: Conversation, text: str, at: float, due: float) -> None:
        """Let the buyer say something so many seconds later, his turn be due then."""
        message = a_message(text, f"k{at}", at=later(at))
        rule = saying(auto_at=later(due), last_author="buyer")
        await self.conversations.write_message(shop, opened.id, message, rule)

    async def due(self, shop: str, seconds: float) -> list[str]:
        """Return the shop's conversations whose turns are due then; they are claimed by that."""
        due = await self.turns.turns_due(later(seconds), MANY)
        return [conversation for each, conversation in due if each == shop]

    async def sends(self, shop: str, seconds: float) -> list[str]:
        """Return the keys of the shop's messages that are due then; they are claimed by that."""
        return [key for each, key in await self.turns.sends_due(later(seconds), MANY) if each == shop]

    async def finish(
        self, shop: str, opened: Conversation, finished: Finished, **fields: object
    ) -> Conversation:
        return await self.turns.finish_turn(shop, opened.id, finished, saying(**fields))

    async def told(self, shop: str, kind: str) -> list[Mapping[str, object]]:
        """Return the data of the shop's lines of that kind."""
        return [line.data for line in await self.conversations.feed_since(shop, 0, MANY) if line.kind == kind]


def a_decision(id: str = "d1", at: datetime = NOW, **changes: object) -> Decided:
    decided = Decided(
        id,
        1,
        at,
        Deed.REPLY,
        (Reason.SURE,),
        0.97,
        0.9,
        ("stock",),
        (("e1", 2, 0.97),),
        (FACT,),
        "stock_form",
    )
    return replace(decided, **changes)  # type: ignore[arg-type]


def a_bubble(opened: Conversation, key: str = "m1", position: int = 0, **changes: object) -> AutoMessage:
    bubble = AutoMessage(key, opened.id, "d1", position, "有的，还有12件。", later(4 + position), later(120))
    return replace(bubble, **changes)  # type: ignore[arg-type]


def a_hand_over(id: str = "h1", at: datetime = NOW, **changes: object) -> HandOver:
    hand_over = HandOver(
        id, at, (Reason.UPSET,), True, "upset", (1,), (2,), (FACT,), ("退款到哪一步",), "请先道歉"
    )
    return replace(hand_over, **changes)  # type: ignore[arg-type]


class AutoTurnContract:
    @pytest.fixture(autouse=True)
    async def going_on(self, autos: AutoStores) -> AsyncIterator[None]:
        yield
        await autos.turns.put_stop(Stopped())

    async def test_a_turn_is_due_when_its_time_has_come_and_for_one_worker(self, autos: AutoStores) -> None:
        shop = await autos.shop()
        opened = await autos.said(shop)
        assert await autos.due(shop, 2.9) == []
        assert await autos.due(shop, 3) == [opened.id]
        assert await autos.due(shop, 4) == []
        assert await autos.due(shop, 17) == []
        assert await autos.due(shop, 18) == [opened.id]

    async def test_of_many_workers_that_ask_at_once_one_gets_each_turn(self, autos: AutoStores) -> None:
        shop = await autos.shop()
        opened = [await autos.said(shop, name=f"买家{n}") for n in range(12)]
        found = await asyncio.gather(*(autos.due(shop, 3) for _ in range(4)))
        assert sorted(id for some in found for id in some) == sorted(each.id for each in opened)

    async def test_no_more_turns_are_claimed_than_are_asked_for_and_the_first_due_come_first(
        self, autos: AutoStores
    ) -> None:
        shop = await autos.shop()
        early = await autos.said(shop, due=-MANY, name="早")
        late = await autos.said(shop, due=-MANY + 1, name="晚")
        assert await autos.turns.turns_due(NOW, 1) == [(shop, early.id)]
        assert await autos.turns.turns_due(NOW, 1) == [(shop, late.id)]

    async def test_later_bubbles_move_a_turn_but_not_past_ten_seconds(self, autos: AutoStores) -> None:
        shop = await autos.shop()
        opened = await autos.said(shop, due=3)
        await autos.say(shop, opened, "黑色的", 2, 5)
        assert await autos.due(shop, 4.9) == []
        for second in (4, 6, 8):
            await autos.say(shop, opened, "还有", second, second + 3)
        assert await autos.due(shop, 9.9) == []
        assert await autos.due(shop, 10) == [opened.id]

    async def test_a_bubble_that_comes_while_a_worker_is_at_the_turn_makes_it_due_anew(
        self, autos: AutoStores
    ) -> None:
        shop = await autos.shop()
        opened = await autos.said(shop, due=3)
        assert await autos.due(shop, 3) == [opened.id]
        await autos.say(shop, opened, "在吗", 4, 7)
        await autos.turns.drop_turn(shop, opened.id)
        await autos.turns.put_off_turn(shop, opened.id, later(100))
        assert await autos.due(shop, 7) == [opened.id]

    async def test_a_clock_that_was_set_back_keeps_no_turn_waiting(self, autos: AutoStores) -> None:
        shop = await autos.shop()
        opened = await autos.said(shop, due=3)
        assert await autos.due(shop, -30) == []
        assert await autos.due(shop, -3600) == [opened.id]
        assert await autos.due(shop, -3590) == []
        assert await autos.due(shop, -7200) == [opened.id]

    async def test_a_turn_that_is_put_off_is_due_then_and_one_that_is_dropped_never(
        self, autos: AutoStores
    ) -> None:
        shop = await autos.shop()
        opened = await autos.said(shop)
        await autos.due(shop, 3)
        await autos.turns.put_off_turn(shop, opened.id, later(5))
        assert await autos.due(shop, 4.9) == []
        assert await autos.due(shop, 5) == [opened.id]
        await autos.turns.drop_turn(shop, opened.id)
        await autos.turns.put_off_turn(shop, opened.id, later(6))
        assert await autos.due(shop, 40) == []

    async def test_a_rule_may_say_that_nothing_is_due_any_more(self, autos: AutoStores) -> None:
        shop = await autos.shop()
        spoken, changed = await autos.said(shop, name="甲"), await autos.said(shop, name="乙")
        reply = a_message("您好", "k2", author="agent", account="a1")
        await autos.conversations.write_message(shop, spoken.id, reply, saying(auto_at=None))
        await autos.conversations.change_conversation(shop, changed.id, saying(auto_at=None))
        assert await autos.due(shop, 40) == []
        await autos.conversations.change_conversation(shop, changed.id, saying(auto_at=later(50)))
        assert await autos.due(shop, 50) == [changed.id]

    async def test_closing_drops_the_turn_and_other_messages_leave_it(self, autos: AutoStores) -> None:
        shop = await autos.shop()
        closed, other = await autos.said(shop, name="甲"), await autos.said(shop, name="乙")
        end = saying(state="closed", closed_at=later(1))
        await autos.conversations.change_conversation(shop, closed.id, end)
        await autos.conversations.write_message(shop, other.id, a_message("您好", "k2"), saying(unread=1))
        assert await autos.due(shop, 40) == [other.id]

    async def test_a_turn_reads_all_of_the_conversation_that_it_needs(self, autos: AutoStores) -> None:
        shop = await autos.shop()
        opened = await autos.said(shop)
        events: tuple[dict[str, object], ...] = ({"event": "slot", "value": "抬头"},)
        bubbles = (a_bubble(opened, "m2", 1, question=True, image="i1"), a_bubble(opened, answers=1))
        await autos.finish(shop, opened, Finished(a_decision(), bubbles, None, events))
        await autos.say(shop, opened, "好的", 5, 8)
        read = await autos.turns.read_turn(shop, opened.id, 10)
        assert read.conversation == await autos.conversations.get_conversation(shop, opened.id)
        assert list(read.messages) == await autos.conversations.list_messages(shop, opened.id, 10)
        assert list(read.decisions) == [a_decision()]
        assert list(read.waiting) == [bubbles[1], bubbles[0]]
        assert list(read.events) == list(events)
        assert [each.text for each in (await autos.turns.read_turn(shop, opened.id, 1)).messages] == ["好的"]

    async def test_a_turn_of_a_conversation_without_a_past_is_empty(self, autos: AutoStores) -> None:
        shop = await autos.shop()
        opened = await autos.opened(shop)
        read = await autos.turns.read_turn(shop, opened.id, 10)
        assert (list(read.messages), list(read.decisions), list(read.waiting)) == ([], [], [])
        assert list(read.events) == []

    async def test_a_turn_reads_the_newest_fifty_decisions(self, autos: AutoStores) -> None:
        shop = await autos.shop()
        opened = await autos.said(shop)
        for n in range(52):
            await autos.finish(shop, opened, Finished(a_decision(f"d{n}", later(n))))
        read = [each.id for each in (await autos.turns.read_turn(shop, opened.id, 1)).decisions]
        assert read == [f"d{n}" for n in range(2, 52)]
        listed = await autos.turns.list_decisions(shop, opened.id, 2)
        assert [each.id for each in listed] == ["d50", "d51"]

    async def test_a_finished_turn_is_due_no_more_and_open_pages_hear_of_it(self, autos: AutoStores) -> None:
        shop = await autos.shop()
        opened = await autos.said(shop)
        await autos.due(shop, 3)
        finished = Finished(a_decision(deed=Deed.HAND_OVER), (a_bubble(opened),), a_hand_over(), ())
        after = await autos.finish(shop, opened, finished, handed_at=NOW, hand_over="upset", urgent=True)
        assert after == await autos.conversations.get_conversation(shop, opened.id)
        assert (after.urgent, after.version) == (True, opened.version + 1)
        assert await autos.due(shop, 40) == []
        assert await autos.turns.list_hand_overs(shop, opened.id, 10) == [a_hand_over()]
        (decided,), (handed,) = await autos.told(shop, "decided"), await autos.told(shop, "hand_over")
        assert read_decided_line(decided) == finished.decided
        assert read_hand_over_line(handed) == finished.hand_over
        kinds = [line.kind for line in await autos.conversations.feed_since(shop, 0, MANY)]
        assert kinds[-3:] == ["conversation", "decided", "hand_over"]

    async def test_a_silent_turn_changes_nothing_of_the_conversation(self, autos: AutoStores) -> None:
        shop = await autos.shop()
        opened = await autos.said(shop)
        silent = a_decision(
            deed=Deed.SILENT, reasons=(Reason.PERSON_PRESENT,), confidence=None, threshold=None
        )
        assert await autos.finish(shop, opened, Finished(silent)) == opened
        assert await autos.turns.list_decisions(shop, opened.id, 9) == [silent]
        assert (await autos.told(shop, "decided")) != []
        assert await autos.due(shop, 40) == []

    async def test_a_turn_whose_rule_raises_leaves_nothing_behind(self, autos: AutoStores) -> None:
        shop = await autos.shop()
        opened = await autos.said(shop)
        await autos.due(shop, 3)

        def refuse(_: Conversation) -> Mapping[str, object]:
            raise LookupError

        finished = Finished(a_decision(), (a_bubble(opened),), a_hand_over(), ({"event": "x"},))
        with pytest.raises(LookupError):
            await autos.turns.finish_turn(shop, opened.id, finished, refuse)
        read = await autos.turns.read_turn(shop, opened.id, 10)
        assert (read.conversation, list(read.decisions), list(read.waiting)) == (opened, [], [])
        assert list(read.events) == []
        assert await autos.turns.list_hand_overs(shop, opened.id, 10) == []
        assert await autos.told(shop, "decided") == []
        assert await autos.sends(shop, 60) == []
        assert await autos.due(shop, 18) == [opened.id]

    async def test_the_rule_sees_the_conversation_as_it_is(self, autos: AutoStores) -> None:
        shop = await autos.shop()
        opened = await autos.said(shop)
        seen: list[Conversation] = []

        def note(before: Conversation) -> Mapping[str, object]:
            seen.append(before)
            return {}

        await autos.turns.finish_turn(shop, opened.id, Finished(a_decision()), note)
        assert seen == [opened]

    async def test_a_turn_is_finished_once(self, autos: AutoStores) -> None:
        shop = await autos.shop()
        opened = await autos.said(shop)
        finished = Finished(a_decision(), (a_bubble(opened),), a_hand_over())
        tried = (autos.finish(shop, opened, finished, unread=0) for _ in range(3))
        outcomes = await asyncio.gather(*tried, return_exceptions=True)
        assert sum(isinstance(each, Conflict) for each in outcomes) == 2
        assert len(await autos.turns.list_decisions(shop, opened.id, 10)) == 1
        assert len(await autos.turns.list_sends(shop, [SendState.WAITING], 10)) == 1
        assert len(await autos.turns.list_hand_overs(shop, opened.id, 10)) == 1

    async def test_what_a_dialogue_knows_is_replaced_or_left(self, autos: AutoStores) -> None:
        shop = await autos.shop()
        opened = await autos.said(shop)
        given: list[tuple[dict[str, object], ...] | None] = [({"n": 1}, {"n": 2}), None, ({"n": 3},), ()]
        read = []
        for n, events in enumerate(given):
            await autos.finish(shop, opened, Finished(a_decision(f"d{n}"), events=events))
            read.append(list((await autos.turns.read_turn(shop, opened.id, 1)).events))
        assert read == [[{"n": 1}, {"n": 2}], [{"n": 1}, {"n": 2}], [{"n": 3}], []]

    async def test_bubbles_go_out_one_after_another_and_each_for_one_worker(self, autos: AutoStores) -> None:
        shop = await autos.shop()
        opened = await autos.said(shop)
        bubbles = (a_bubble(opened, "a", 7), a_bubble(opened, "b", 8), a_bubble(opened, "c", 9))
        await autos.finish(shop, opened, Finished(a_decision(), bubbles))
        assert await autos.sends(shop, 10.9) == []
        found = await asyncio.gather(*(autos.sends(shop, 60) for _ in range(3)))
        assert sorted(found) == [[], [], ["a"]]
        assert await autos.sends(shop, 70) == []
        await autos.turns.settle_send(shop, "a", SendState.SENT, later(60))
        assert await autos.sends(shop, 60) == ["b"]
        assert await autos.sends(shop, 76) == ["b"]
        await autos.turns.settle_send(shop, "b", SendState.DEAD, later(76), "没有连接")
        assert await autos.sends(shop, 76) == ["c"]
        states = {each.key: each.state for each in await autos.turns.list_sends(shop, list(SendState), 10)}
        assert states == {"a": SendState.SENT, "b": SendState.DEAD, "c": SendState.WAITING}

    async def test_what_a_later_turn_says_stands_behind_what_waits(self, autos: AutoStores) -> None:
        shop = await autos.shop()
        opened = await autos.said(shop)
        await autos.finish(shop, opened, Finished(a_decision("d1"), (a_bubble(opened, "z", 3),)))
        await autos.finish(shop, opened, Finished(a_decision("d2"), (a_bubble(opened, "a", 0),)))
        assert await autos.sends(shop, 60) == ["z"]
        await autos.turns.settle_send(shop, "z", SendState.SENT, later(60))
        assert await autos.sends(shop, 60) == ["a"]

    async def test_conversations_do_not_wait_for_one_another(self, autos: AutoStores) -> None:
        shop = await autos.shop()
        for name in ("甲", "乙"):
            opened = await autos.said(shop, name=name)
            bubbles = (a_bubble(opened, f"{name}1"), a_bubble(opened, f"{name}2", 1))
            await autos.finish(shop, opened, Finished(a_decision(), bubbles))
        assert sorted(await autos.sends(shop, 60)) == ["乙1", "甲1"]

    async def test_a_message_that_is_tried_again_is_due_then_and_its_attempts_are_counted(
        self, autos: AutoStores
    ) -> None:
        shop = await autos.shop()
        opened = await autos.said(shop)
        await autos.finish(
            shop, opened, Finished(a_decision(), (a_bubble(opened), a_bubble(opened, "m2", 1)))
        )
        assert (await autos.turns.get_send(shop, "m1")).attempts == 0
        assert await autos.sends(shop, 10) == ["m1"]
        assert (await autos.turns.get_send(shop, "m1")).attempts == 1
        await autos.turns.settle_send(shop, "m1", SendState.WAITING, later(100), "超时")
        again = await autos.turns.get_send(shop, "m1")
        assert (again.due_at, again.error, again.state) == (later(100), "超时", SendState.WAITING)
        assert await autos.sends(shop, 99) == []
        assert await autos.sends(shop, 100) == ["m1"]
        await autos.turns.settle_send(shop, "m1", SendState.SENT, later(100))
        sent = await autos.turns.get_send(shop, "m1")
        assert (sent.attempts, sent.state, sent.error) == (2, SendState.SENT, "")

    async def test_what_became_of_a_message_stays(self, autos: AutoStores) -> None:
        shop = await autos.shop()
        opened = await autos.said(shop)
        await autos.finish(shop, opened, Finished(a_decision(), (a_bubble(opened),)))
        await autos.turns.settle_send(shop, "m1", SendState.SENT, later(4))
        for state in SendState:
            await autos.turns.settle_send(shop, "m1", state, later(5), "迟了")
        kept = await autos.turns.get_send(shop, "m1")
        assert (kept.state, kept.error, kept.due_at) == (SendState.SENT, "", later(4))
        assert await autos.sends(shop, 60) == []

    async def test_a_clock_that_was_set_back_keeps_no_message_waiting(self, autos: AutoStores) -> None:
        shop = await autos.shop()
        opened = await autos.said(shop)
        await autos.finish(shop, opened, Finished(a_decision(), (a_bubble(opened),)))
        assert await autos.sends(shop, -50) == []
        assert await autos.sends(shop, -3600) == ["m1"]
        await autos.turns.settle_send(shop, "m1", SendState.WAITING, later(-3480))
        assert await autos.sends(shop, -3590) == []
        assert await autos.sends(shop, -7200) == ["m1"]

    async def test_all_that_waits_is_dropped_at_once(self, autos: AutoStores) -> None:
        shop = await autos.shop()
        opened, other = await autos.said(shop, name="甲"), await autos.said(shop, name="乙")
        bubbles = tuple(a_bubble(opened, f"m{n}", n) for n in range(3))
        await autos.finish(shop, opened, Finished(a_decision(), bubbles))
        await autos.finish(shop, other, Finished(a_decision(), (a_bubble(other, "other"),)))
        await autos.turns.settle_send(shop, "m0", SendState.SENT, later(4))
        assert await autos.turns.drop_sends(shop, opened.id, "有人接手") == 2
        assert await autos.turns.drop_sends(shop, opened.id, "有人接手") == 0
        assert await autos.sends(shop, 60) == ["other"]
        dropped = await autos.turns.list_sends(shop, [SendState.DROPPED], 10)
        assert [(each.key, each.error) for each in dropped] == [("m2", "有人接手"), ("m1", "有人接手")]

    async def test_while_everything_is_stopped_nothing_is_due(self, autos: AutoStores) -> None:
        shop = await autos.shop()
        opened, other = await autos.said(shop, name="甲"), await autos.said(shop, name="乙")
        await autos.finish(shop, other, Finished(a_decision(), (a_bubble(other),)))
        assert not (await autos.turns.get_stop()).is_stopped
        stopped = Stopped(True, NOW, "a1")
        await autos.turns.put_stop(stopped)
        assert await autos.turns.get_stop() == stopped
        assert (await autos.due(shop, 60), await autos.sends(shop, 60)) == ([], [])
        await autos.turns.put_stop(Stopped(False, later(60), "a2"))
        assert (await autos.due(shop, 60), await autos.sends(shop, 60)) == ([opened.id], ["m1"])

    async def test_hand_overs_are_newest_first_and_taken_once(self, autos: AutoStores) -> None:
        shop = await autos.shop()
        opened = await autos.said(shop)
        for n in range(3):
            given = a_hand_over(f"h{n}", later(n))
            await autos.finish(shop, opened, Finished(a_decision(f"d{n}"), hand_over=given))
            if not n:
                await autos.turns.take_hand_overs(shop, opened.id, "a1", later(0.5))
        await autos.turns.take_hand_overs(shop, opened.id, "a2", later(9))
        listed = await autos.turns.list_hand_overs(shop, opened.id, 2)
        assert [(each.id, each.taken_by, each.taken_at) for each in listed] == [
            ("h2", "a2", later(9)),
            ("h1", "a2", later(9)),
        ]
        first = (await autos.turns.list_hand_overs(shop, opened.id, 10))[-1]
        assert (first.taken_by, first.taken_at) == ("a1", later(0.5))
        told = [read_hand_over_line(line) for line in await autos.told(shop, "hand_over")]
        assert [(each.id, each.taken_by) for each in told[-2:]] == [("h1", "a2"), ("h2", "a2")]
        assert len(told) == 6

    async def test_turns_that_spoke_are_counted_in_the_shop_and_for_the_buyer(
        self, autos: AutoStores
    ) -> None:
        shop, elsewhere = await autos.shop(), await autos.shop()
        mine, other = await autos.said(shop, name="甲"), await autos.said(shop, name="乙")
        foreign = await autos.said(elsewhere, name="甲")
        deeds = (Deed.REPLY, Deed.ASK_BACK, Deed.HAND_OVER, Deed.SILENT)
        for n, deed in enumerate(deeds):
            await autos.finish(shop, mine, Finished(a_decision(f"d{n}", later(n), deed=deed)))
        await autos.finish(shop, other, Finished(a_decision("d9", later(9))))
        await autos.finish(elsewhere, foreign, Finished(a_decision("d9", later(9))))
        assert await autos.turns.count_turns(shop, mine.buyer.id, later(-1), later(9)) == (3, 2)
        assert await autos.turns.count_turns(shop, mine.buyer.id, later(0), later(9)) == (2, 1)
        assert await autos.turns.count_turns(shop, mine.buyer.id, later(-1), later(0)) == (1, 1)
        assert await autos.turns.count_turns(elsewhere, foreign.buyer.id, later(-1), later(9)) == (1, 1)

    async def test_two_shops_with_the_same_keys_know_nothing_of_each_other(self, autos: AutoStores) -> None:
        mine, theirs = await autos.shop(), await autos.shop()
        here, there = await autos.said(mine), await autos.said(theirs)
        for shop, opened in ((mine, here), (theirs, there)):
            bubble = a_bubble(opened, text=f"{shop}的话")
            await autos.finish(shop, opened, Finished(a_decision(), (bubble,), a_hand_over(), ({"s": shop},)))
        assert await autos.turns.drop_sends(mine, there.id, "x") == 0
        await autos.turns.settle_send(mine, "m1", SendState.SENT, later(4))
        await autos.turns.take_hand_overs(mine, there.id, "a1", later(4))
        read = await autos.turns.read_turn(theirs, there.id, 10)
        assert [each.text for each in read.waiting] == [f"{theirs}的话"]
        assert list(read.events) == [{"s": theirs}]
        assert await autos.sends(theirs, 60) == ["m1"]
        assert await autos.sends(mine, 60) == []
        assert (await autos.turns.list_hand_overs(theirs, there.id, 1))[0].taken_at is None

    async def test_what_is_another_shops_is_not_found(self, autos: AutoStores) -> None:
        mine, theirs = await autos.shop(), await autos.shop()
        there = await autos.said(theirs)
        await autos.finish(theirs, there, Finished(a_decision(), (a_bubble(there),), a_hand_over()))
        turns = autos.turns
        for call in (
            turns.read_turn(mine, there.id, 10),
            turns.finish_turn(mine, there.id, Finished(a_decision("d2")), saying()),
            turns.list_decisions(mine, there.id, 10),
            turns.list_hand_overs(mine, there.id, 10),
            turns.get_send(mine, "m1"),
            turns.settle_send(mine, "m1", SendState.SENT, NOW),
        ):
            with pytest.raises(NotFound):
                await call
        assert await turns.list_sends(mine, list(SendState), 10) == []
        assert await turns.count_turns(mine, there.buyer.id, later(-9), later(9)) == (0, 0)
        await autos.say(theirs, there, "在吗", 5, 8)
        assert await autos.due(theirs, 8) == [there.id]
        await turns.drop_turn(mine, there.id)
        await turns.put_off_turn(mine, there.id, later(99))
        assert await autos.due(theirs, 23) == [there.id]

    async def test_an_erased_buyers_words_are_gone_from_everything_and_figures_stay(
        self, autos: AutoStores
    ) -> None:
        shop = await autos.shop()
        erased, other = await autos.said(shop, name="甲"), await autos.said(shop, name="乙")
        for opened in (erased, other):
            await self._leave_words(autos, shop, opened)
        await autos.conversations.erase_buyer(shop, erased.buyer.id)
        await self._require_no_words(autos, shop, erased)
        read = await autos.turns.read_turn(shop, other.id, 10)
        assert [each.text for each in read.waiting] == ["有的，还有12件。"]
        assert list(read.events) == [{"text": "我的税号"}]
        assert read.decisions[0].facts == (FACT,)
        assert await autos.due(shop, 60) == [other.id]
        assert await autos.sends(shop, 60) == [f"m-{other.id}"]

    async def test_what_was_closed_long_ago_loses_its_words_too(self, autos: AutoStores) -> None:
        shop = await autos.shop()
        opened = await autos.said(shop)
        await self._leave_words(autos, shop, opened)
        end = saying(state="closed", closed_at=NOW - timedelta(days=9))
        await autos.conversations.change_conversation(shop, opened.id, end)
        assert await autos.forgetting.forget_closed(shop, NOW, 10) == 1
        await self._require_no_words(autos, shop, opened)

    @staticmethod
    async def _leave_words(autos: AutoStores, shop: str, opened: Conversation) -> None:
        bubble = a_bubble(opened, f"m-{opened.id}", image="i1")
        events: tuple[dict[str, object], ...] = ({"text": "我的税号"},)
        await autos.finish(shop, opened, Finished(a_decision(), (bubble,), a_hand_over(), events))
        await autos.say(shop, opened, "我的税号", 5, 8)

    @staticmethod
    async def _require_no_words(autos: AutoStores, shop: str, opened: Conversation) -> None:
        send = await autos.turns.get_send(shop, f"m-{opened.id}")
        assert (send.text, send.image, send.state) == ("", "", SendState.DROPPED)
        read = await autos.turns.read_turn(shop, opened.id, 10)
        assert (list(read.waiting), list(read.events)) == ([], [])
        assert list(read.decisions) == [a_decision(facts=())]
        blank = a_hand_over(facts=(), open=(), note="")
        assert await autos.turns.list_hand_overs(shop, opened.id, 10) == [blank]
        lines = await autos.conversations.feed_since(shop, 0, MANY)
        assert {line.kind for line in lines if line.conversation == opened.id} == {"erased"}

    async def test_a_deleted_shop_leaves_nothing_due(self, autos: AutoStores) -> None:
        shop = await autos.shop()
        opened, other = await autos.said(shop, name="甲"), await autos.said(shop, name="乙")
        await autos.finish(shop, other, Finished(a_decision(), (a_bubble(other),)))
        await autos.shops.delete_shop(shop)
        assert (await autos.due(shop, 60), await autos.sends(shop, 60)) == ([], [])
        with pytest.raises(NotFound):
            await autos.turns.read_turn(shop, opened.id, 10)
