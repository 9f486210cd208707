"""A dialogue about orders speaks to their own buyers, never soothes over a broken promise, and knows when a person is due."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.domain.auto_reply import Reason
from bot.domain.conversation import Conversation
from bot.services.order_proof import MOST_WRONG
from bot.services.order_talk import MOST_WRONG_AT_ONCE, OrderState, OrderStep, digits_in
from tests.unit.fakes.talking import Talking, said

SHOP = """
kuaihui: 1
shop: {{id: {shop}, name: {shop}, languages: [zh, en]}}
facts: {{发货时限: 48小时内}}
orders:
  - {{order_no: "2026030100000001", status: shipped, items: ["短袖 黑色 L ×1"], buyer_id: b-1, phone_last4: "{digits}", paid_at: -3d, shipped_at: -2d,
      courier: 中通快递, tracking_no: YT75300000001, tracking_status: 已到{shop}转运中心, eta: +1d}}
  - {{order_no: "2026030100000002", status: paid, items: ["牛仔裤 ×1"], buyer_id: b-1, phone_last4: "0670", paid_at: -1d,
      promised_ship_by: +1d 09:30}}
  - {{order_no: "2026030100000003", status: paid, items: ["水杯 ×1"], buyer_id: b-2, phone_last4: "0703", paid_at: -4d, promised_ship_by: -1d}}
  - {{order_no: "2026030100000004", status: shipped, items: ["水杯 ×1"], buyer_id: b-3, phone_last4: "0704", shipped_at: -9d, eta: -2d}}
  - {{order_no: "2026030100000005", status: delivered, items: ["水杯 ×1"], buyer_id: b-4, phone_last4: "0705", tracking_status: 已由驿站代收}}
  - {{order_no: "2026030100000006", status: refunding, items: ["水杯 ×1"], buyer_id: b-5, phone_last4: "0706"}}
  - {{order_no: "2026030100000007", status: closed, items: ["水杯 ×1"], buyer_id: b-6, phone_last4: "0707"}}
  - {{order_no: "2026030100000008", status: unpaid, items: ["水杯 ×1"], buyer_id: b-7, phone_last4: "0708"}}
  - {{order_no: "2026030100000009", status: paid, items: ["水杯 ×1"], buyer_id: b-8, phone_last4: "0709", paid_at: -9d}}
entries: []
"""
FIRST = "2026030100000001"


@pytest.fixture
async def talking() -> Talking:
    talking = Talking()
    for shop, digits in (("stall", "0670"), ("other", "0671")):
        await talking.counter.open_shop(SHOP.format(shop=shop, digits=digits))
    return talking


async def known(talking: Talking, buyer: str) -> Conversation:
    """Return a conversation of a buyer whom his channel vouches for."""
    return await talking.opened("stall", buyer, channel="webhook:main")


async def test_who_is_unknown_names_number_and_digits_and_is_told(talking: Talking) -> None:
    talk = await talking.opened("stall")
    step = await talking.ask_order(talk, "stall", "我的快递到哪了")
    assert await question(talking, talk, step) == "utter_order_ask_number"
    step = await talking.answer_order(talk, "stall", step, f"订单号 {FIRST}")
    assert await question(talking, talk, step) == "utter_order_ask_digits"
    step = await talking.answer_order(talk, "stall", step, "0670")
    assert said(step.answer) == [
        "utter_order_shipped tail=0001 courier=中通快递 tracking_no=YT75300000001 parcel=中通快递 YT75300000001",
        "utter_order_where_eta tail=0001 tracking_status=已到stall转运中心 eta=3月6日",
    ]
    assert step.state is None
    assert all(names_order(told.facts) == {FIRST} for told in step.answer.bubbles)
    again = await talking.ask_order(talk, "stall", "那现在呢 到哪了")
    assert said(again.answer) == said(step.answer)  # what was proven stays proven in this conversation


async def test_all_at_once_is_understood_too(talking: Talking) -> None:
    talk = await talking.opened("stall")
    step = await talking.ask_order(talk, "stall", f"{FIRST} 手机13800000670 到哪了")
    assert said(step.answer)[0].startswith("utter_order_shipped")


async def test_anothers_number_and_one_that_there_is_not_are_answered_alike(talking: Talking) -> None:
    steps: list[list[object]] = []
    for who, number in (("甲", FIRST), ("乙", "2026030199999999")):
        talk = await talking.opened("stall", who)
        asked = await talking.ask_order(talk, "stall", f"{number} 到哪了")
        wrong = await talking.answer_order(talk, "stall", asked, "9999")
        steps.append(
            [
                asked.answer,
                await question(talking, talk, asked),
                wrong.answer,
                await question(talking, talk, wrong),
            ]
        )
    assert steps[0] == steps[1]
    assert steps[0][3] == "utter_order_ask_digits_wrong"


async def test_after_so_many_wrong_tries_a_person_goes_on_and_the_next_question_is_not_asked(
    talking: Talking,
) -> None:
    talk = await talking.opened("stall")
    step = await talking.ask_order(talk, "stall", f"{FIRST} 到哪了")
    for n in range(MOST_WRONG_AT_ONCE):
        assert step.answer.person is None
        step = await talking.answer_order(talk, "stall", step, f"{n:04}")
    assert (step.state, step.answer.person, step.answer.bubbles) == (None, Reason.ORDER_UNPROVEN, ())
    for n in range(MOST_WRONG_AT_ONCE, MOST_WRONG):
        step = await talking.ask_order(talk, "stall", f"{FIRST} 到哪了 {n:04}")
    assert step.answer.person is Reason.ORDER_UNPROVEN
    right = await talking.ask_order(talk, "stall", f"{FIRST} 到哪了 0670")
    assert (right.answer.bubbles, right.answer.person) == ((), Reason.ORDER_UNPROVEN)
    later = await talking.ask_order(talk, "stall", "我的快递到哪了", "logistics_urge")
    assert (later.state, later.answer.person) == (None, Reason.ORDER_UNPROVEN)


async def test_the_same_number_in_two_shops_is_two_orders(talking: Talking) -> None:
    mine, theirs = await talking.opened("stall"), await talking.opened("other")
    text = f"{FIRST} 0671 到哪了"
    there = await talking.ask_order(theirs, "other", text)
    assert "已到other转运中心" in said(there.answer)[1]
    here = await talking.ask_order(mine, "stall", text)
    assert (here.answer.bubbles, await question(talking, mine, here)) == ((), "utter_order_ask_digits_wrong")


@pytest.mark.parametrize(
    ("buyer", "intent", "response"),
    [
        ("b-2", "ship_when", "utter_order_late_unsent"),
        ("b-2", "logistics_urge", "utter_order_late_unsent"),
        ("b-3", "logistics_track", "utter_order_late"),
    ],
)
async def test_a_broken_promise_is_told_and_handed_over_as_urgent(
    talking: Talking, buyer: str, intent: str, response: str
) -> None:
    talk = await known(talking, buyer)
    step = await talking.ask_order(talk, "stall", "怎么还没到", intent)
    assert [told.response for told in step.answer.bubbles] == [response]
    assert (step.answer.person, step.answer.urgent) == (Reason.LATE_ORDER, True)
    assert "20260301" in step.answer.open[0]


@pytest.mark.parametrize(
    ("buyer", "intent", "response", "person", "urgent"),
    [
        ("b-4", "logistics_not_received", "utter_order_signed", Reason.NEEDS_PERSON, True),
        ("b-4", "logistics_track", "utter_order_delivered_where", None, False),
        ("b-5", "logistics_track", "utter_order_refunding", Reason.NEEDS_PERSON, False),
        ("b-6", "logistics_track", "utter_order_closed", Reason.NEEDS_PERSON, False),
        ("b-7", "logistics_track", "utter_order_unpaid", None, False),
        ("b-8", "ship_when", "", Reason.NEEDS_PERSON, False),
    ],
)
async def test_each_state_has_its_answer(
    talking: Talking, buyer: str, intent: str, response: str, person: Reason | None, urgent: bool
) -> None:
    step = await talking.ask_order(await known(talking, buyer), "stall", "怎么样了", intent)
    assert [told.response for told in step.answer.bubbles] == [response][: bool(response)]
    assert (step.answer.person, step.answer.urgent, step.state) == (person, urgent, None)


async def test_of_several_orders_the_one_that_is_meant_is_told_or_asked_for(talking: Talking) -> None:
    talk = await known(talking, "b-1")
    sent = await talking.ask_order(talk, "stall", "什么时候发货", "ship_when")
    assert said(sent.answer) == ["utter_order_paid tail=0002 ship_by=3月6日"]
    named = await talking.ask_order(talk, "stall", "短袖到哪了")
    assert said(named.answer)[0].startswith("utter_order_shipped tail=0001")
    track = await talking.ask_order(talk, "stall", "到哪了")
    assert said(track.answer)[0].startswith("utter_order_shipped tail=0001")
    asked = await talking.ask_order(await known(talking, "b-1"), "stall", "催一下", "logistics_urge")
    told = await talking.orders.question("stall", talk.id, asked.state, "zh")  # type: ignore[arg-type]
    assert told.values["lines"] == "1. 尾号0002 牛仔裤 ×1 （待发货）\n2. 尾号0001 短袖 黑色 L ×1 （已发货）"
    assert names_order(told.facts) == {FIRST, "2026030100000002"}
    for answer in ("第二个", "0001", "短袖那个", "2"):
        step = await talking.answer_order(talk, "stall", asked, answer)
        assert said(step.answer)[0].startswith("utter_order_shipped tail=0001"), answer


async def test_who_wants_to_buy_or_has_no_order_is_left_to_the_faq(talking: Talking) -> None:
    for buyer, text in (("b-1", "现在拍什么时候发货"), ("甲", "什么时候发货")):
        step = await talking.ask_order(await known(talking, buyer), "stall", text, "ship_when")
        assert (step.answer.bubbles, step.answer.person, step.state) == ((), None, None)


@pytest.mark.parametrize(
    ("buyer", "text", "intent", "response"),
    [
        ("b-4", "谁签收的", "logistics_not_received", "utter_order_delivered_where"),
        ("b-4", "少发了一件怎么回事", "logistics_not_received", ""),
        ("b-4", "说好的赠品没有啊", "logistics_not_received", ""),
        ("b-1", "几号能到", "ship_duration", "utter_order_shipped"),
        ("b-1", "到上海几天", "ship_duration", ""),
        ("b-1", "国庆发货吗", "ship_when", ""),
        ("b-1", "发什么快递", "ship_courier", ""),
        ("b-1", "我那单发的什么快递", "ship_courier", "utter_order_shipped"),
        ("甲", "几号能到", "ship_duration", ""),
    ],
)
async def test_only_what_is_about_an_order_is_answered_from_it(
    talking: Talking, buyer: str, text: str, intent: str, response: str
) -> None:
    step = await talking.ask_order(await known(talking, buyer), "stall", text, intent)
    assert [told.response for told in step.answer.bubbles][:1] == [response][: bool(response)]
    assert (step.answer.person, step.state) == (None, None)


async def test_the_order_that_was_spoken_of_is_meant_again_and_a_late_one_comes_first(
    talking: Talking,
) -> None:
    talk = await known(talking, "b-1")
    await talking.write("stall", talk.id, "auto", "尾号0001的订单已经发出：中通快递 YT75300000001。")
    step = await talking.ask_order(talk, "stall", "现在到哪了")
    assert said(step.answer)[0].startswith("utter_order_shipped tail=0001")
    late = await known(talking, "b-9")
    orders = [await talking.counter.facts.find_order("stall", f"202603010000000{n}") for n in (2, 3)]
    await talking.counter.facts.put_orders(
        "stall", [replace(each, buyer_id="b-9") for each in orders if each]
    )
    step = await talking.ask_order(late, "stall", "催发货！", "logistics_urge")
    assert (step.answer.person, step.answer.urgent) == (Reason.LATE_ORDER, True)
    assert "2026030100000003" in step.answer.open[0]


async def test_what_is_known_too_long_is_not_told(talking: Talking) -> None:
    talk = await known(talking, "b-1")
    talking.counter.clock.advance(timedelta(hours=7))
    step = await talking.ask_order(talk, "stall", "什么时候发货", "ship_when")
    assert (step.answer.bubbles, step.answer.person, step.answer.urgent) == ((), Reason.STALE_FACTS, False)
    late = await talking.ask_order(await known(talking, "b-2"), "stall", "什么时候发货", "ship_when")
    assert (late.answer.bubbles, late.answer.person, late.answer.urgent) == ((), Reason.STALE_FACTS, True)


async def test_other_questions_giving_up_and_a_person_are_understood_on_the_way(talking: Talking) -> None:
    talk = await talking.opened("stall")
    asked = await talking.ask_order(talk, "stall", "我的快递到哪了")
    aside = await talking.answer_order(talk, "stall", asked, "可以开发票吗？", "invoice_can")
    assert aside.state is not None
    assert (aside.answer.bubbles, aside.state.heard) == ((), "aside")
    left = await talking.answer_order(talk, "stall", aside, "发什么快递？", "ship_courier")
    assert (left.answer.bubbles, left.answer.person, left.state) == ((), None, None)
    over = await talking.answer_order(talk, "stall", asked, "算了不查了")
    assert (said(over.answer), over.state) == (["utter_order_stopped"], None)
    person = await talking.answer_order(talk, "stall", asked, "人工", "human_request")
    assert person.answer.person is Reason.ASKED_FOR_PERSON
    deed = await talking.answer_order(talk, "stall", asked, "帮我取消订单", "order_cancel")
    assert (deed.answer.person, deed.state) == (Reason.NEEDS_PERSON, None)
    lost = await talking.answer_order(talk, "stall", asked, "订单号找不到了")
    assert lost.answer.person is Reason.ORDER_UNPROVEN
    for _ in range(3):
        assert asked.state is not None
        asked = await talking.answer_order(talk, "stall", asked, "快点呀")
    assert (asked.state, asked.answer.person) == (None, Reason.ORDER_UNPROVEN)


async def test_the_shops_own_words_about_a_parcel_come_first() -> None:
    talking = Talking()
    entry = '{id: track, group: logistics, intent: logistics_track, question: 到哪了, reply: "", cases: {shipped: "亲，{快递单号}{物流状态}"}}'
    await talking.counter.open_shop(
        SHOP.format(shop="stall", digits="0670").replace("entries: []", f"entries: [{entry}]")
    )
    step = await talking.ask_order(await known(talking, "b-1"), "stall", "短袖到哪了", "logistics_urge")
    assert said(step.answer) == ["亲，YT75300000001已到stall转运中心"]
    assert names_order(step.answer.bubbles[0].facts) == {FIRST}


@pytest.mark.parametrize(
    ("text", "digits"),
    [("0670", "0670"), ("尾号是0670哦", "0670"), ("13800000670", "0670"), ("2026030100000001", ""), ("06 70", ""), ("", "")],
)  # fmt: skip
def test_digits_are_those_of_a_phone(text: str, digits: str) -> None:
    assert digits_in(text) == digits


@pytest.mark.parametrize("intent", ["order_remark", "chitchat", "price_bargain", "logistics_track"])
async def test_another_buyers_number_is_asked_for_its_phone_whatever_the_words_were_read_as(
    talking: Talking, intent: str
) -> None:
    talk = await known(talking, "b-1")
    step = await talking.ask_order(talk, "stall", "闺蜜的2026030100000003帮查下呗", intent)
    assert await question(talking, talk, step) == "utter_order_ask_digits"


@pytest.mark.parametrize("intent", ["ship_courier", "ship_duration", "logistics_urge"])
async def test_who_urges_his_parcel_is_told_of_it_whatever_the_words_were_read_as(
    talking: Talking, intent: str
) -> None:
    talk = await known(talking, "b-1")
    step = await talking.ask_order(talk, "stall", "短袖的快递能快点吗 急用", intent)
    assert "YT75300000001" in " ".join(said(step.answer))
    guest = await talking.opened("stall", "乙")
    assert not said((await talking.ask_order(guest, "stall", "快递能快点吗", "ship_courier")).answer)


@pytest.mark.parametrize("text", ["我是快递员 你们今天几点收件", "我是供应商 找你们老板", "你们几点取件"])
async def test_who_is_no_buyer_is_left_to_a_person(talking: Talking, text: str) -> None:
    step = await talking.ask_order(await talking.opened("stall"), "stall", text)
    assert step.answer.person is Reason.NEEDS_PERSON
    assert step.state is None


def names_order(facts: object) -> set[str]:
    return {fact.value for fact in facts if fact.name == "order_no"}  # type: ignore[attr-defined]


async def question(talking: Talking, talk: Conversation, step: OrderStep) -> str:
    assert step.state is not None
    shop = "stall" if talk.id in talking.conversations.talks_of("stall").conversations else "other"
    return (await talking.orders.question(shop, talk.id, step.state, "zh")).response


@settings(max_examples=40, deadline=None)
@given(
    st.sampled_from(["web_chat", "webhook:main", "demo"]),
    st.sampled_from(["b-1", "b-2", "unverified:b-1", "甲"]),
    st.lists(
        st.sampled_from(
            [FIRST, "2026030100000003", "0670", "0671", "0703", "到哪了", "第一个", "水杯那个", "YT75300000001", "人呢", "2026030100000003 0703"]
        ),
        max_size=6,
    ),
)  # fmt: skip
async def test_no_order_is_named_that_may_not_be_seen(channel: str, who: str, texts: list[str]) -> None:
    talking = Talking()
    await talking.counter.open_shop(SHOP.format(shop="stall", digits="0670"))
    talk = await talking.opened("stall", who, channel=channel)
    step = await talking.ask_order(talk, "stall", "到哪了")
    for text in texts:
        step = await (
            talking.answer_order(talk, "stall", step, text)
            if step.state
            else talking.ask_order(talk, "stall", text)
        )
        bubbles = list(step.answer.bubbles)
        if step.state is not None:
            bubbles.append(await talking.orders.question("stall", talk.id, step.state, "zh"))
        for told in bubbles:
            spoken = told.text + json.dumps(dict(told.values), ensure_ascii=False)
            for order in await talking.counter.facts.list_orders("stall", 100):
                if not await talking.proofs.sees("stall", talk, order):
                    assert order.order_no not in names_order(told.facts)
                    assert order.order_no not in spoken
                    assert f"tail={order.order_no[-4:]}" not in " ".join(said(step.answer))
                    assert not order.tracking_no or order.tracking_no not in spoken


@pytest.mark.parametrize(
    ("text", "intent", "told"),
    [
        ("短袖飘到哪个城市啦", "inform", FIRST),
        ("牛仔裤打包上了没", "gift", "2026030100000002"),
        ("我付过钱的裤子呢 几时轮到", "inform", "2026030100000002"),
        ("我那短袖哪天能穿上", "product_size_advice", FIRST),
        ("是不是把我忘了", "out_of_scope", "2026030100000002"),
    ],
)
async def test_what_he_has_ordered_is_told_of_however_it_was_read(
    talking: Talking, text: str, intent: str, told: str
) -> None:
    step = await talking.ask_order(await known(talking, "b-1"), "stall", text, intent)
    assert names_order(step.answer.bubbles[0].facts) == {told}


async def test_what_he_was_told_of_is_meant_by_what_he_asks_next(talking: Talking) -> None:
    talk = await known(talking, "b-1")
    await talking.write("stall", talk.id, "auto", "走的中通快递 YT75300000001，已到stall转运中心")
    step = await talking.ask_order(talk, "stall", "那几号能拿到手", "inform")
    assert names_order(step.answer.bubbles[0].facts) == {FIRST}


@pytest.mark.parametrize("text", ["水杯哪天能用上", "下一批短袖几时到", "一般几天能到", "现在拍哪天能到"])
async def test_what_he_has_not_ordered_is_left_to_the_entries(talking: Talking, text: str) -> None:
    step = await talking.ask_order(await known(talking, "b-1"), "stall", text, "inform")
    assert step == OrderStep()


async def test_an_empty_locker_goes_to_a_person_with_what_the_courier_says(talking: Talking) -> None:
    step = await talking.ask_order(await known(talking, "b-4"), "stall", "柜子打开是空的", "chitchat")
    assert (step.answer.person, step.answer.urgent) == (Reason.NEEDS_PERSON, True)


async def test_a_guest_who_can_only_mean_his_order_is_asked_for_its_number(talking: Talking) -> None:
    talk = await talking.opened("stall")
    step = await talking.ask_order(talk, "stall", "我买的短袖发出来了没", "product_material")
    assert await question(talking, talk, step) == "utter_order_ask_number"
    assert await talking.ask_order(talk, "stall", "短袖发出来了没", "inform") == OrderStep()


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("还没发的那个", ["2026030100000002"]),
        ("在路上那个", [FIRST]),
        ("刚买的那单", ["2026030100000002"]),
        ("先买的", [FIRST]),
        ("牛仔裤", ["2026030100000002"]),
        ("两个都查", ["2026030100000002", FIRST]),
    ],
)
async def test_the_order_that_is_meant_is_told_in_many_ways(
    talking: Talking, text: str, told: list[str]
) -> None:
    talk = await known(talking, "b-1")
    state = OrderState("logistics_track", "which", choices=(FIRST, "2026030100000002"))
    await talking.write("stall", talk.id, "buyer", text)
    step = await talking.orders.hear("stall", talk.id, state, "inform", text, "zh")
    found = [number for each in step.answer.bubbles for number in names_order(each.facts)]
    assert (sorted(set(found)), step.state) == (sorted(told), None)


async def test_who_asks_where_the_number_stands_is_told(talking: Talking) -> None:
    talk = await talking.opened("stall")
    asked = await talking.ask_order(talk, "stall", "我的快递到哪了")
    again = await talking.answer_order(talk, "stall", asked, "单号在哪看呀", "out_of_scope")
    assert await question(talking, talk, again) == "utter_order_ask_number_again"
