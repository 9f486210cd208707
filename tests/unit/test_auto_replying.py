"""Answering without a person, clause by clause, over stores in memory."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.domain.auto_reply import Deed, Reason
from bot.domain.auto_reply_policy import When
from bot.domain.auto_turn import SendState
from bot.domain.conversation import Buyer, Message
from bot.domain.intents import IntentScore
from bot.domain.service_policy import ServicePolicy
from bot.domain.suggestion import FactUsed, Part, Suggestion, SuggestionResult
from bot.ports.dialogue import DialogueBubble, DialogueTurn
from bot.services.auto_replying import Limits
from bot.services.suggesting import SuggestionRequest
from tests.unit.auto_parts import BUYER, OTHER, POLICY, SHOP, Automaton, automaton

_FORM = "invoice_form"
_ORDER = FactUsed("order_no", "2026030500000001", "sheet", "2026-03-05T02:00:00+00:00", stale=False)


@pytest.fixture
async def worker() -> AsyncIterator[Automaton]:
    async with automaton() as worker:
        yield worker


def asks(text: str, events: int = 1) -> DialogueTurn:
    return DialogueTurn(
        (DialogueBubble(text, "invoice", asks=True),), _FORM, events=tuple({"turn": n} for n in range(events))
    )


async def open_form(worker: Automaton) -> str:
    """Let the buyer begin an invoice; its form then waits for the heading."""
    worker.suggester.intents["能开发票吗"] = "invoice_can"
    worker.dialogue.turns["能开发票吗"] = asks("抬头是？")
    return await worker.ask("能开发票吗")


async def test_a_sure_question_is_answered_and_the_clock_stops(worker: Automaton) -> None:
    talk = await worker.ask("有货吗")
    assert await worker.said(talk) == ["有货的"]
    assert await worker.last(talk) == (Deed.REPLY, ["sure"])
    conversation = await worker.conversation(talk)
    assert (conversation.waiting_since, conversation.handed_at, conversation.assignee) == (None, None, "")
    (out,) = worker.events("message_out")
    assert (out.data["by"], out.data["entries"]) == ("auto", [["stock", 1, 0.98]])
    (told,) = worker.events("auto_decided")
    assert (told.data["deed"], told.data["reasons"], told.data["groups"]) == ("reply", ["sure"], ["stock"])


async def test_a_buyer_may_finish_his_three_bubbles(worker: Automaton) -> None:
    talk = await worker.hear("在吗", "有货吗")
    assert await worker.decide(2) == []
    await worker.hear("发什么快递")
    assert await worker.decide(2) == []
    await worker.decide(1)
    assert [each.text for each in worker.suggester.asked] == ["在吗\n有货吗\n发什么快递"]
    assert len(await worker.decisions(talk)) == 1


async def test_of_two_bubbles_that_ask_none_is_left_without_its_part_of_the_answer(worker: Automaton) -> None:
    worker.suggester.replies["有货吗\n能机洗吗"] = worker.suggester.replies["有货吗"]
    await worker.hear("有货吗")
    talk = await worker.ask("能机洗吗")
    assert await worker.last(talk) == (Deed.HAND_OVER, ["readers_differ"])


async def test_a_shop_that_has_it_off_costs_nothing(worker: Automaton) -> None:
    await worker.put_policy(replace(POLICY, is_on=False))
    talk = await worker.ask("有货吗")
    assert (worker.suggester.asked, await worker.decisions(talk)) == ([], [])


async def test_switched_off_while_the_buyer_waits_nothing_is_decided(worker: Automaton) -> None:
    talk = await worker.hear("有货吗")
    await worker.put_policy(replace(POLICY, is_on=False))
    assert await worker.decide() == [None]
    assert await worker.decisions(talk) == []
    assert await worker.decide(60) == []


async def test_an_unsure_question_is_handed_over_and_software_is_silent_then(worker: Automaton) -> None:
    talk = await worker.ask("没把握")
    assert await worker.last(talk) == (Deed.HAND_OVER, ["unsure"])
    assert await worker.said(talk) == ["马上转人工"]
    conversation = await worker.conversation(talk)
    assert conversation.waiting_since is not None
    assert (conversation.hand_over, conversation.urgent) == ("unsure", False)
    assert (await worker.hand_over(talk)).asked == (1,)
    assert worker.noticed[-1] == "person"
    (told,) = worker.events("handed_to_person")
    assert told.data == {"reasons": ["unsure"], "urgent": False}
    await worker.ask("有货吗")
    assert await worker.last(talk) == (Deed.SILENT, ["handed_over"])
    assert await worker.said(talk) == ["马上转人工"]


async def test_an_image_alone_goes_to_a_person(worker: Automaton) -> None:
    talk = await worker.hear("", image="i1")
    await worker.decide()
    assert await worker.last(talk) == (Deed.HAND_OVER, ["no_words"])


async def test_words_that_point_at_an_image_go_to_a_person(worker: Automaton) -> None:
    await worker.hear("", image="i1")
    talk = await worker.hear("这个有货吗")
    await worker.decide()
    assert await worker.last(talk) == (
        Deed.HAND_OVER,
        [
            "no_words",
        ],
    )


async def test_an_upset_buyer_is_urgent(worker: Automaton) -> None:
    talk = await worker.hear("再不发货我投诉你们")
    await worker.decide()
    conversation = await worker.conversation(talk)
    assert (conversation.urgent, conversation.due_at) == (True, worker.clock.now())
    assert (await worker.hand_over(talk)).mood == "upset"


async def test_an_acknowledgement_is_met_with_silence_unless_a_dialogue_waits(worker: Automaton) -> None:
    talk = await worker.ask("有货吗")
    await worker.ask("好的谢谢")
    assert await worker.last(talk) == (Deed.SILENT, ["no_answer_wanted"])
    other = Buyer("", "买家乙", "web", external_id="x2")
    worker.suggester.intents["能开发票吗"] = "invoice_can"
    worker.dialogue.turns |= {"能开发票吗": asks("开普票，对吗？"), "好的": asks("抬头是？")}
    form = await worker.ask("能开发票吗", buyer=other)
    await worker.ask("好的", buyer=other)
    assert await worker.said(form) == ["开普票，对吗？", "抬头是？"]


async def test_a_greeting_alone_gets_the_shops_greeting_once(worker: Automaton) -> None:
    await worker.put_policy(replace(POLICY, greeting="您好，我是小店助手"))
    talk = await worker.ask("在吗")
    assert await worker.said(talk) == ["您好，我是小店助手"]
    assert (await worker.conversation(talk)).waiting_since is None
    await worker.ask("你好")
    assert await worker.last(talk) == (Deed.SILENT, ["no_answer_wanted"])
    worker.suggester.replies["你好\n有货吗"] = ("stock", 0.98)
    await worker.ask("有货吗")
    assert await worker.said(talk) == ["您好，我是小店助手", "有货的"]
    assert [each.text for each in worker.suggester.asked] == ["你好\n有货吗"]


async def test_a_group_that_is_only_suggested_is_left_alone(worker: Automaton) -> None:
    talk = await worker.ask("什么码")
    assert await worker.last(talk) == (Deed.SILENT, ["left_to_person"])
    conversation = await worker.conversation(talk)
    assert conversation.waiting_since is not None
    assert conversation.handed_at is None
    # What is left to a person is no reason to answer half of what was asked.
    await worker.ask("有货吗")
    assert worker.suggester.asked[-1].text == "什么码\n有货吗"


async def test_software_keeps_silent_where_a_person_serves_but_not_where_one_was_only_given_it(
    worker: Automaton,
) -> None:
    talk = await worker.ask("有货吗")

    await worker.store.change_conversation(SHOP, talk, lambda _: {"assignee": "a1"})
    await worker.ask("发什么快递")
    assert await worker.last(talk) == (Deed.REPLY, ["sure"])
    await worker.stepping_in.step_in(SHOP, talk, "a1")
    await worker.ask("到哪了")
    assert await worker.last(talk) == (Deed.SILENT, ["person_present"])
    await worker.conversing.resume(SHOP, talk, "a1")
    worker.suggester.replies["到哪了\n到哪了"] = ("parcel", 0.98)
    await worker.ask("到哪了")
    assert await worker.last(talk) == (Deed.REPLY, ["sure"])


async def test_after_two_silent_hours_a_visit_is_new(worker: Automaton) -> None:
    talk = await worker.ask("没把握")
    await worker.conversing.reply(SHOP, talk, "a1", "稍等", key="r1")
    worker.passes(3 * 3600)
    await worker.ask("有货吗")
    assert await worker.last(talk) == (Deed.REPLY, ["sure"])
    assert (await worker.said(talk))[-1] == "有货的"
    assert (await worker.conversation(talk)).person_at is None


async def test_who_was_promised_a_person_waits_on_though_software_answers_another_question_the_next_day(
    worker: Automaton,
) -> None:
    talk = await worker.ask("没把握")
    asked = (await worker.conversation(talk)).waiting_since
    worker.passes(12 * 3600)
    await worker.ask("有货吗")
    assert (await worker.said(talk))[-1] == "有货的"
    assert (await worker.conversation(talk)).waiting_since == asked


async def test_too_many_replies_in_a_row_ask_for_a_person(worker: Automaton) -> None:
    await worker.put_policy(replace(POLICY, repeat_limit=2))
    talk = await worker.ask("有货吗")
    await worker.ask("发什么快递")
    await worker.ask("到哪了")
    assert await worker.last(talk) == (Deed.HAND_OVER, ["limit_reached"])


async def test_the_same_answer_is_not_given_twice(worker: Automaton) -> None:
    talk = await worker.ask("有货吗")
    await worker.ask("有货吗")
    assert await worker.last(talk) == (Deed.HAND_OVER, ["said_before"])


async def test_one_answer_may_be_given_to_two_questions_but_not_to_a_remark_about_it(
    worker: Automaton,
) -> None:
    worker.suggester.replies |= {
        "能选别的快递吗": ("ship", 0.97),
        "那算了邮政吧": ("ship", 0.97),
        "几天能送到家呢": ("ship", 0.97),
    }
    talk = await worker.ask("发什么快递")
    await worker.ask("能选别的快递吗")
    assert await worker.said(talk) == ["发中通", "发中通"]
    await worker.ask("那算了邮政吧")
    assert await worker.last(talk) == (Deed.SILENT, ["no_answer_wanted"])
    worker.suggester.replies["那算了邮政吧\n几天能送到家呢"] = ("ship", 0.97)
    await worker.ask("几天能送到家呢")
    assert (await worker.last(talk))[0] is Deed.HAND_OVER


async def test_who_tells_the_shop_to_act_on_his_order_gets_a_person(worker: Automaton) -> None:
    worker.suggester.replies["帮我取消订单"] = ("ship", 0.99)
    talk = await worker.ask("帮我取消订单")
    assert await worker.last(talk) == (Deed.HAND_OVER, ["needs_person"])


async def test_what_the_shop_had_asked_for_goes_to_a_person(worker: Automaton) -> None:
    worker.suggester.entries["ship"] = replace(
        worker.suggester.entries["ship"], reply="请把完整的新地址发给我"
    )
    worker.suggester.replies |= {"广东省深圳市样例区样例路2号": ("stock", 0.99)}
    talk = await worker.ask("发什么快递")
    await worker.ask("广东省深圳市样例区样例路2号")
    assert await worker.last(talk) == (Deed.HAND_OVER, ["needs_person"])


async def test_a_remark_that_tells_of_something_to_be_done_is_not_met_with_silence(worker: Automaton) -> None:
    worker.suggester.replies |= {"黑白各20件": ("ship", 0.99), "这样子": ("ship", 0.99)}
    talk = await worker.ask("发什么快递")
    await worker.ask("这样子")
    assert await worker.last(talk) == (Deed.SILENT, ["no_answer_wanted"])
    await worker.ask("黑白各20件")
    assert (await worker.last(talk))[0] is Deed.HAND_OVER


async def test_what_a_dialogue_leaves_of_two_questions_is_answered_beside_it_or_not_at_all(
    worker: Automaton,
) -> None:
    both, open_one = "能开专票吗\n发什么快递呢", "能开专票吗\n送人有礼袋吧"
    worker.suggester.replies |= {"发什么快递呢": ("ship", 0.97)}
    worker.suggester.intents |= {each: "invoice_can" for each in (both, open_one, "能开专票吗")}
    worker.dialogue.turns |= {both: asks("抬头是？", 1), open_one: asks("抬头是？", 2)}
    talk = await worker.ask("能开专票吗", "发什么快递呢")
    assert await worker.said(talk) == ["发中通", "抬头是？"]
    other = Buyer("", "买家乙", "web", external_id="x2")
    left = await worker.ask("能开专票吗", "送人有礼袋吧", buyer=other)
    assert await worker.last(left) == (Deed.HAND_OVER, ["readers_differ"])


async def test_a_correction_in_a_form_is_no_such_thing(worker: Automaton) -> None:
    talk = await open_form(worker)
    worker.dialogue.turns["抬头帮我改成上海某公司"] = asks("税号是？", 2)
    await worker.ask("抬头帮我改成上海某公司")
    assert (await worker.said(talk))[-1] == "税号是？"


async def test_what_no_entry_knows_is_a_persons_though_it_asks_nothing(worker: Automaton) -> None:
    suggest = worker.suggester.suggest

    async def quiet(request: SuggestionRequest) -> SuggestionResult:
        return replace(await suggest(request), reason="nothing to answer")

    worker.suggester.suggest = quiet  # type: ignore[method-assign]
    talk = await worker.ask("我想开店找你们代理进货")
    assert await worker.last(talk) == (Deed.HAND_OVER, ["nothing_fits"])


async def test_outside_its_hours_software_is_silent(worker: Automaton) -> None:
    await worker.put_policy(replace(POLICY, when=When.CLOSED))
    talk = await worker.ask("有货吗")
    assert await worker.last(talk) == (Deed.SILENT, ["outside_hours"])


async def test_a_hundred_messages_cost_few_turns_and_one_hand_over() -> None:
    async with automaton(limits=Limits(per_buyer=2)) as worker:
        talk = ""
        await worker.put_policy(replace(POLICY, repeat_limit=20))
        decided = []
        for number in range(100):
            talk = await worker.hear(
                f"第{number}句有货吗" if number % 2 else ["有货吗", "发什么快递"][number % 4 // 2]
            )
            worker.suggester.replies |= {each: ("stock", 0.99) for each in [t async for t in _texts(worker)]}
            decided += await worker.decide(0.3)
        await worker.send()
        assert len(decided) <= 5
        assert (await worker.said(talk)).count("马上转人工") <= 1


async def _texts(worker: Automaton) -> AsyncIterator[str]:
    for request in worker.suggester.asked:
        yield request.text


async def test_a_buyer_who_is_answered_too_often_gets_a_person_once() -> None:
    async with automaton(limits=Limits(per_buyer=2)) as worker:
        talk = ""
        for text in ("有货吗", "发什么快递", "到哪了", "有货吗"):
            talk = await worker.ask(text)
        deeds = [each.deed for each in await worker.decisions(talk)]
        assert deeds == [Deed.REPLY, Deed.REPLY, Deed.HAND_OVER, Deed.SILENT]
        assert (await worker.decisions(talk))[2].reasons == (Reason.RATE_LIMITED,)
        other = await worker.ask("有货吗", buyer=Buyer("", "买家乙", "web", external_id="x2"))
        assert await worker.last(other) == (Deed.REPLY, ["sure"])


async def test_a_shop_that_answers_too_much_leaves_the_rest_to_people_and_no_other_shop_does() -> None:
    async with automaton(limits=Limits(per_shop=1)) as worker:
        for number in range(6):
            buyer = Buyer("", "买家", "web", external_id=f"y{number}")
            talk = await worker.hear("有货吗", buyer=buyer)
            await worker.decide()
        assert await worker.last(talk) == (Deed.HAND_OVER, ["rate_limited"])
        assert await worker.last(await worker.ask("有货吗", shop=OTHER), OTHER) == (Deed.REPLY, ["sure"])


async def test_a_dialogue_begins_goes_on_and_ends(worker: Automaton) -> None:
    talk = await open_form(worker)
    assert await worker.last(talk) == (Deed.ASK_BACK, ["sure"])
    worker.dialogue.turns |= {
        "上海某某公司": asks("税号是？", 2),
        "91310000MA1FL0QF3J": DialogueTurn((DialogueBubble("记下了", "invoice"),), "", events=({"turn": 9},)),
    }
    await worker.ask("上海某某公司")
    await worker.ask("91310000MA1FL0QF3J")
    assert await worker.said(talk) == ["抬头是？", "税号是？", "记下了"]
    assert [each.dialogue for each in await worker.decisions(talk)] == [_FORM, _FORM, ""]
    assert [len(each.past) for each in worker.dialogue.asked] == [0, 1, 2]
    assert [each.text for each in worker.dialogue.asked] == [
        "能开发票吗",
        "上海某某公司",
        "91310000MA1FL0QF3J",
    ]


async def test_an_interruption_is_answered_by_the_entries_and_the_form_asks_again(worker: Automaton) -> None:
    talk = await open_form(worker)
    reminder = DialogueBubble("抬头还没告诉我哦", "invoice", asks=True, is_reminder=True)
    worker.dialogue.turns["发什么快递"] = DialogueTurn((reminder,), _FORM)
    await worker.ask("发什么快递")
    assert await worker.said(talk) == ["抬头是？", "发中通", "抬头还没告诉我哦"]
    assert (await worker.decisions(talk))[-1].dialogue == _FORM


async def test_a_dialogue_that_cannot_go_on_is_a_persons(worker: Automaton) -> None:
    talk = await open_form(worker)
    worker.dialogue.is_down = True
    await worker.ask("上海某某公司")
    assert await worker.last(talk) == (Deed.HAND_OVER, ["dialogue_down"])


async def test_without_dialogues_entries_answer_alone(worker: Automaton) -> None:
    worker.dialogue.is_down = True
    worker.suggester.intents["有货吗"] = "stock_available"
    talk = await worker.ask("有货吗")
    assert await worker.said(talk) == ["有货的"]


async def test_a_dialogue_asks_for_a_person_urgently_after_its_last_word(worker: Automaton) -> None:
    worker.suggester.intents["怎么还没到"] = "logistics_urge"
    late = DialogueTurn(
        (DialogueBubble("已经晚了，很抱歉", "logistics"),),
        hand_over="late_order",
        urgent=True,
        open=("催派送",),
    )
    worker.dialogue.turns["怎么还没到"] = late
    talk = await worker.ask("怎么还没到")
    assert await worker.said(talk) == ["已经晚了，很抱歉", "马上转人工"]
    conversation = await worker.conversation(talk)
    assert (conversation.hand_over, conversation.urgent) == ("late_order", True)
    assert conversation.waiting_since is not None
    assert (await worker.hand_over(talk)).open == ("催派送",)


async def test_a_person_is_given_in_any_dialogue(worker: Automaton) -> None:
    talk = await open_form(worker)
    worker.dialogue.turns["转人工"] = DialogueTurn(hand_over="asked_for_person", open=("发票抬头",))
    await worker.ask("转人工")
    assert await worker.last(talk) == (Deed.HAND_OVER, ["asked_for_person"])
    assert (await worker.hand_over(talk)).open == ("发票抬头",)


async def test_a_dialogue_begins_anew_after_a_person_spoke(worker: Automaton) -> None:
    talk = await open_form(worker)
    await worker.conversing.reply(SHOP, talk, "a1", "我来帮您", key="r1")
    await worker.conversing.resume(SHOP, talk, "a1")
    await worker.ask("能开发票吗")
    assert [len(each.past) for each in worker.dialogue.asked] == [0, 0]


async def test_a_dialogue_of_another_visit_is_over_whatever_was_said_first(worker: Automaton) -> None:
    await open_form(worker)
    worker.passes(3 * 3600)
    await worker.ask("好的")
    await worker.ask("能开发票吗")
    assert [len(each.past) for each in worker.dialogue.asked] == [0, 0]


async def test_a_buyer_who_is_erased_while_software_thinks_leaves_nothing_behind(
    worker: Automaton, monkeypatch: pytest.MonkeyPatch
) -> None:
    worker.suggester.intents["能开发票吗"] = "invoice_can"
    worker.dialogue.turns["能开发票吗"] = asks("抬头是？")
    take_turn = worker.dialogue.take_turn

    async def take_turn_while_he_is_erased(*given: Any) -> DialogueTurn:
        found = await worker.conversation(given[1])
        await worker.store.erase_buyer(SHOP, found.buyer.id)
        return await take_turn(*given)

    monkeypatch.setattr(worker.dialogue, "take_turn", take_turn_while_he_is_erased)
    talk = await worker.ask("能开发票吗")
    assert (await worker.decisions(talk), await worker.sends(), await worker.said(talk)) == ([], [], [])
    assert (await worker.turns.read_turn(SHOP, talk, 9)).events == ()
    assert await worker.turns.turns_due(worker.clock.now() + timedelta(hours=1), 9) == []


async def test_another_buyers_order_is_never_spoken_of(worker: Automaton) -> None:
    worker.suggester.facts["到哪了"] = (replace(_ORDER, name="tracking_status", value="已到杭州"),)
    worker.proofs.may = False
    talk = await worker.ask("到哪了")
    assert await worker.last(talk) == (Deed.HAND_OVER, ["order_unproven"])
    assert await worker.said(talk) == ["马上转人工"]


async def test_each_order_that_a_dialogue_names_must_be_the_buyers_own(worker: Automaton) -> None:
    second = replace(_ORDER, value="2026030500000002")
    worker.suggester.intents["我的快递呢"] = "logistics_track"
    worker.dialogue.turns["我的快递呢"] = DialogueTurn(
        (DialogueBubble("您问的是哪一单？", "logistics", (_ORDER, second), asks=True),), "order_form"
    )
    worker.proofs.seen = {(SHOP, _ORDER.value)}
    talk = await worker.ask("我的快递呢")
    assert await worker.last(talk) == (Deed.HAND_OVER, ["order_unproven"])
    worker.proofs.seen.add((SHOP, second.value))
    mine = await worker.ask("我的快递呢", buyer=Buyer("", "买家乙", "web", external_id="x2"))
    assert await worker.last(mine) == (Deed.ASK_BACK, ["sure"])


async def test_an_own_order_in_a_dialogue_lets_no_other_one_through_beside_it(
    worker: Automaton, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An entry's part is filled from whatever number the buyer named, also before."""
    text = "开张发票，还有到哪了"
    parts = (
        Part("bill", 1, "invoice_can", "可以开", 0.99),
        Part("parcel", 1, None, "您的包裹已到杭州", 0.99),
    )
    status = replace(_ORDER, name="tracking_status", value="已到杭州")
    found = Suggestion("s1", "可以开\n您的包裹已到杭州", 0.99, parts, (status,), stands_alone=True)
    scores = (IntentScore("invoice_can", "invoice", 0.97),)

    alone = replace(found, text=parts[1].text, parts=parts[1:])
    tracked = (IntentScore("logistics_track", "logistics", 0.97),)

    async def suggest(request: SuggestionRequest) -> SuggestionResult:
        if "到哪了" in request.text and request.text != text:
            return SuggestionResult(request.shop, False, tracked, (alone,))
        return SuggestionResult(request.shop, False, scores, (found,))

    monkeypatch.setattr(worker.suggester, "suggest", suggest)
    worker.dialogue.turns[text] = DialogueTurn(
        (DialogueBubble("订单2026030500000001，对吗？", "invoice", (_ORDER,), asks=True),), _FORM
    )
    worker.proofs.seen, worker.proofs.may = {(SHOP, _ORDER.value)}, False
    talk = await worker.ask(text)
    assert await worker.last(talk) == (Deed.HAND_OVER, ["order_unproven"])
    assert await worker.said(talk) == ["马上转人工"]


async def test_the_guard_stops_what_must_not_be_said(worker: Automaton) -> None:
    talk = await worker.ask("联系方式")
    assert await worker.last(talk) == (Deed.HAND_OVER, ["guarded"])
    assert await worker.said(talk) == ["马上转人工"]


async def test_an_order_number_alone_is_shown_to_the_dialogue_about_parcels(worker: Automaton) -> None:
    worker.dialogue.turns["2026030500000001"] = DialogueTurn(
        (DialogueBubble("手机号后四位是？", "logistics", asks=True),), "order_form"
    )
    talk = await worker.ask("2026030500000001")
    assert await worker.said(talk) == ["手机号后四位是？"]


async def test_a_turn_that_the_buyer_overtakes_leaves_nothing(worker: Automaton) -> None:
    talk = await worker.hear("有货吗")
    ask = worker.suggester.suggest

    async def overtaken(request: object) -> object:
        worker.suggester.suggest = ask  # type: ignore[method-assign]
        await worker.hear("发什么快递")
        return await ask(request)  # type: ignore[arg-type]

    worker.suggester.suggest = overtaken  # type: ignore[assignment, method-assign]
    assert await worker.decide() == [None]
    assert (await worker.decisions(talk), await worker.sends()) == ([], [])
    await worker.decide()
    assert worker.suggester.asked[-1].text == "有货吗\n发什么快递"
    assert len(await worker.decisions(talk)) == 1


async def test_a_turn_during_which_a_person_comes_leaves_nothing_to_say(worker: Automaton) -> None:
    talk = await worker.hear("有货吗")
    ask = worker.suggester.suggest

    async def overtaken(request: object) -> object:
        worker.suggester.suggest = ask  # type: ignore[method-assign]
        await worker.stepping_in.step_in(SHOP, talk, "a1")
        return await ask(request)  # type: ignore[arg-type]

    worker.suggester.suggest = overtaken  # type: ignore[assignment, method-assign]
    assert await worker.decide() == [None]
    assert await worker.sends() == []
    assert await worker.decide() == [Deed.SILENT]
    assert await worker.last(talk) == (Deed.SILENT, ["person_present"])


async def test_a_turn_that_fails_is_tried_again_and_is_a_persons_in_the_end(worker: Automaton) -> None:
    talk = await worker.hear("有货吗")
    worker.suggester.breaks = 2
    for _ in range(3):
        worker.passes(10)
        for shop, each in await worker.turns.turns_due(worker.clock.now(), 9):
            await worker.auto_replies._try(shop, each)
    assert await worker.last(talk) == (Deed.REPLY, ["sure"])
    worker.suggester.breaks = 9
    other = await worker.hear("有货吗", buyer=Buyer("", "买家乙", "web", external_id="x2"))
    for _ in range(4):
        worker.passes(10)
        for shop, each in await worker.turns.turns_due(worker.clock.now(), 9):
            await worker.auto_replies._try(shop, each)
    assert await worker.last(other) == (Deed.HAND_OVER, ["not_read"])
    assert await worker.turns.turns_due(worker.clock.now() + timedelta(hours=1), 9) == []


async def test_two_workers_that_take_the_same_turn_decide_once(worker: Automaton) -> None:
    talk = await worker.hear("有货吗")
    worker.passes(3)
    await worker.auto_replies.take_turn(SHOP, talk)
    await worker.auto_replies.take_turn(SHOP, talk)
    assert len(await worker.decisions(talk)) == 1
    assert len(await worker.sends(SendState.WAITING)) == 1


async def test_the_same_buyer_of_two_shops_is_answered_by_each_alone(worker: Automaton) -> None:
    mine, others = await worker.hear("有货吗"), await worker.hear("没把握", shop=OTHER)
    await worker.decide()
    await worker.send()
    assert await worker.said(mine) == ["有货的"]
    assert await worker.said(others, OTHER) == ["马上转人工"]
    assert (await worker.conversation(mine)).handed_at is None


async def test_the_words_of_a_hand_over_follow_the_business_hours(worker: Automaton) -> None:
    await worker.put_policy(replace(POLICY, hand_over_closed="上班后回复您"))
    hours = ServicePolicy(hours=((await worker.store.get_policy(SHOP)).hours))
    assert hours.is_open_at(worker.clock.now())
    assert await worker.said(await worker.ask("没把握")) == ["马上转人工"]


async def test_an_answer_on_its_way_is_not_asked_again(worker: Automaton) -> None:
    talk = await worker.hear("有货吗")
    await worker.decide()
    await worker.hear("发什么快递")
    await worker.decide()
    assert worker.suggester.asked[-1].text == "发什么快递"
    await worker.send()
    assert await worker.said(talk) == ["有货的", "发中通"]
    assert (await worker.conversation(talk)).waiting_since is None


async def test_buyers_are_told_apart_by_their_conversation_alone(worker: Automaton) -> None:
    await worker.ask("有货吗", buyer=BUYER)
    assert {request.shop for request in worker.suggester.asked} == {SHOP}


async def test_what_is_being_typed_for_him_is_not_typed_again_for_his_next_question(
    worker: Automaton,
) -> None:
    worker.suggester.replies["有没有货啊"] = ("stock", 0.98)
    talk = await worker.hear("有货吗")
    assert await worker.decide() == [Deed.REPLY]
    await worker.hear("有没有货啊")
    # The first answer is late: it has not left yet.
    assert await worker.decide() == [None]
    await worker.outbox.send_due()
    assert (await worker.conversation(talk)).waiting_since is not None
    assert await worker.decide(2) == [Deed.SILENT]
    await worker.send()
    assert await worker.said(talk) == ["有货的"]
    assert await worker.last(talk) == (Deed.SILENT, ["said_before"])
    assert (await worker.conversation(talk)).waiting_since is None
    await worker.ask("发什么快递")
    assert worker.suggester.asked[-1].text == "发什么快递"
    assert await worker.said(talk) == ["有货的", "发中通"]


async def test_what_was_on_its_way_and_could_not_be_said_leaves_the_next_question_to_the_person(
    worker: Automaton,
) -> None:
    worker.suggester.replies["有没有货啊"] = ("stock", 0.98)
    talk = await worker.hear("有货吗")
    await worker.decide()
    await worker.hear("有没有货啊")
    await worker.decide()
    worker.passes(130)
    await worker.outbox.send_due()
    assert await worker.decide() == []
    assert await worker.last(talk) == (Deed.HAND_OVER, ["expired"])
    assert (await worker.conversation(talk)).waiting_since is not None


_STEPS = st.lists(
    st.sampled_from(["有货吗", "有没有货啊", "发什么快递", "decide", "send", "wait"]), max_size=14
)


@settings(max_examples=60, deadline=None)
@given(_STEPS)
def test_nothing_is_said_twice_unless_he_asked_in_between(steps: list[str]) -> None:
    async def talk_through() -> list[Message]:
        async with automaton(replace(POLICY, repeat_limit=20)) as worker:
            worker.suggester.replies["有没有货啊"] = ("stock", 0.98)
            talk = await worker.hear("有货吗")
            for step in [*steps, "decide", "send", "wait", "decide", "send"]:
                if step == "decide":
                    await worker.decide()
                elif step == "send":
                    await worker.outbox.send_due()
                elif step == "wait":
                    await worker.send()
                else:
                    await worker.hear(step)
            return await worker.messages(talk)

    said: dict[str, int] = {}
    asked = 0
    for message in asyncio.run(talk_through()):
        if message.author == "buyer":
            asked = message.number
        else:
            assert said.get(message.text, 0) < asked
            said[message.text] = message.number


async def test_an_answer_to_the_shops_question_back_is_read_with_the_question(worker: Automaton) -> None:
    worker.suggester.replies |= {"黑色": ("ship", 0.3), "还有吗黑色": ("stock", 0.98)}
    talk = await worker.ask("还有吗")
    await worker.ask("黑色")
    assert await worker.said(talk) == ["请问您要哪个颜色呢？", "有货的"]
    await worker.ask("白色")
    assert worker.suggester.asked[-1].text == "白色"


async def test_what_asks_anew_after_a_question_back_stands_by_itself(worker: Automaton) -> None:
    talk = await worker.ask("还有吗")
    await worker.ask("发什么快递")
    assert [each.text for each in worker.suggester.asked] == ["还有吗", "发什么快递"]
    assert await worker.said(talk) == ["请问您要哪个颜色呢？", "发中通"]


async def test_a_dialogue_hears_the_question_with_the_answer_that_the_shop_had_asked_for(
    worker: Automaton,
) -> None:
    worker.suggester.intents["还有吗黑色"] = "stock_available"
    worker.dialogue.turns["还有吗黑色"] = DialogueTurn((DialogueBubble("黑色还有3件", "stock"),))
    talk = await worker.ask("还有吗")
    await worker.ask("黑色")
    assert await worker.said(talk) == ["请问您要哪个颜色呢？", "黑色还有3件"]
