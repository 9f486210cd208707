"""A message becomes filled replies of its own shop, or silence."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.domain.auto_reply_policy import AutoReplyPolicy, GroupRule, Mode
from bot.domain.entry import Entry
from bot.domain.intents import INTENT_GROUP, IntentScore, Understanding
from bot.domain.text import UnreadableMessage
from bot.nlu.fake import KeywordClassifier
from bot.ports import NotFound, Vectors
from bot.services.learning import Aim
from tests.unit.fakes.counter import NOW, Counter, texts

STALL = """
kuaihui: 1
shop: {id: stall, name: 小摊, name_en: The Stall, languages: [zh, en]}
facts: {称呼: 亲, 发货时限: 48小时内, 发票类型: 电子普通发票}
shipping:
  - {regions: [新疆], courier: 邮政, fee: 18, days: 7天}
  - {regions: ["*"], courier: 中通, fee: 8, days: 3天}
products:
  - id: tee
    item_id: "623456789012"
    title: 纯棉短袖
    title_en: Cotton tee
    aliases: [短袖, tee]
    variants:
      - {sku: bl, options: {colour: 黑色, size: L}, stock: 12}
      - {sku: bm, options: {colour: 黑色, size: M}, stock: 30}
      - {sku: wl, options: {colour: 白色, size: L}, stock: 0, restock: +5d}
      - {sku: wm, options: {colour: 白色, size: M}, stock: 7}
  - {id: puer, title: 普洱茶饼, aliases: [普洱茶], variants: [{sku: puer, options: {}, stock: 3}]}
orders:
  - {order_no: "2026030100000001", status: shipped, courier: 中通, tracking_no: YT1, tracking_status: 已到南京}
entries:
  - id: stock
    group: stock
    intent: stock_available
    question: 还有货吗
    phrasings: [黑色L码有吗, 有现货吗]
    reply: ""
    cases:
      in_stock: "{商品}{规格|}还有{库存}件"
      low: "{商品}{规格|}只剩{库存}件"
      out_of_stock: "{商品}{规格|}没有了，{补货日期|近期}补货"
      unknown: "{称呼}，您看的是哪一款呢"
  - id: restock
    group: stock
    intent: stock_restock
    question: 什么时候补货
    cases: {out_of_stock: "{规格|}{补货日期}补", in_stock: 不用等, unknown: 哪一款}
  - {id: when, group: shipping, intent: ship_when, question: 什么时候发货, phrasings: [几天发货, 发货呢], reply: "{称呼}，{发货时限}发货"}
  - id: fee
    group: shipping
    intent: ship_fee
    question: 邮费多少钱
    phrasings: [邮费是多少]
    cases: {paid: "{地区}邮费{运费}元", unknown: 寄到哪里呢}
  - {id: invoice, group: invoice, intent: invoice_can, question: 可以开发票吗, phrasings: [发票呢, 开票], reply: "可以开{发票类型}"}
  - {id: invoice-en, group: invoice, intent: invoice_can, question: can I get an invoice, reply: "Yes, {shop_name} sends one", language: en}
  - {id: track, group: logistics, intent: logistics_track, question: 我的快递到哪了, cases: {shipped: "{快递单号}{物流状态}", unknown: 订单号发我}}
  - {id: cutoff, group: shipping, intent: ship_when, question: 今天几点前下单今天发, reply: "{截单时间}前下单当天发"}
  - {id: greet, group: greeting_thanks, intent: greet, question: 在吗, reply: "{称呼}，在的"}
"""
OTHER = """
kuaihui: 1
shop: {id: other, name: 乙店}
facts: {发货时限: 乙店72小时}
products: [{id: cup, item_id: "623456789099", title: 乙店水杯, variants: [{sku: cup, options: {colour: 黑色}, stock: 5}]}]
entries:
  - {id: when, group: shipping, intent: ship_when, question: 什么时候发货, reply: "乙店{发货时限}发货"}
  - {id: stock, group: stock, intent: stock_available, question: 还有货吗, cases: {in_stock: "乙店{商品}有", unknown: "乙店问您哪一款"}}
"""


@pytest.fixture
async def counter() -> Counter:
    counter = Counter()
    await counter.open_shop(STALL)
    await counter.open_shop(OTHER)
    return counter


async def first(counter: Counter, text: str, *history: tuple[str, str], viewed: str = "") -> str:
    result = await counter.ask("stall", text, *history, viewed=viewed)
    return texts(result)[0] if result.suggestions else result.reason


async def test_a_question_is_answered_with_the_facts_of_its_shop(counter: Counter) -> None:
    result = await counter.ask("stall", "你好，请问什么时候发货呀")
    best = result.suggestions[0]
    assert best.text == "亲，48小时内发货"
    assert [(part.entry, part.version, part.intent) for part in best.parts] == [("when", 1, "ship_when")]
    assert [(fact.name, fact.value, fact.source) for fact in best.facts] == [
        ("dispatch_time", "48小时内", "test.yml")
    ]
    assert 0 < best.confidence <= 1
    assert result.intents[0].intent == "ship_when"
    assert (result.shop, result.silent, result.classifier) == ("stall", False, "ready")


async def test_at_most_three_replies_that_differ_are_offered(counter: Counter) -> None:
    suggestions = (await counter.ask("stall", "可以开发票吗还有货吗")).suggestions
    assert len(suggestions) <= 3
    assert len({suggestion.text for suggestion in suggestions}) == len(suggestions)


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("好的谢谢亲", "acknowledgement"),
        ("嗯嗯", "acknowledgement"),
        ("623456789012", "item or number only"),
        ("https://item.example.com/item.htm?id=623456789012", "item or number only"),
        ("2026030100000001", "item or number only"),
        ("？？？", "no words"),
        ("👍", "no words"),
        ("今天天气真不错", "nothing to answer"),
    ],
)
async def test_what_wants_no_answer_is_met_with_silence(counter: Counter, text: str, reason: str) -> None:
    result = await counter.ask("stall", text, ("buyer", "还有货吗"))
    assert (result.silent, result.suggestions, result.reason) == (True, (), reason)


async def test_a_message_without_words_is_refused(counter: Counter) -> None:
    with pytest.raises(UnreadableMessage):
        await counter.ask("stall", " \u200b")


async def test_an_unknown_shop_is_not_found(counter: Counter) -> None:
    with pytest.raises(NotFound):
        await counter.ask("nowhere", "还有货吗")


ASKED = ("buyer", "短袖黑色M码还有货吗")
ANSWERED = ("agent", "纯棉短袖黑色 M还有30件")


@pytest.mark.parametrize(
    ("text", "history", "reply"),
    [
        ("短袖黑色L码还有货吗", [], "纯棉短袖黑色 L还有12件"),
        ("L码呢", [ASKED], "纯棉短袖黑色 L还有12件"),
        ("L码呢", [ASKED, ANSWERED], "纯棉短袖黑色 L还有12件"),
        ("那白色的呢", [ASKED, ANSWERED], "纯棉短袖白色 M还有7件"),
        ("白色L码呢", [ASKED, ANSWERED], "纯棉短袖白色 L没有了，3月10日补货"),
        ("白色", [("buyer", "短袖还有货吗"), ("agent", "有的，要什么颜色")], "纯棉短袖白色还有7件"),
        ("L码呢", [("buyer", "短袖还有货吗"), ("agent", "要什么颜色"), ("buyer", "黑色"), ("agent", "有")], "纯棉短袖黑色 L还有12件"),
        ("还有货吗", [("buyer", "https://i.example.com/?id=623456789012")], "纯棉短袖还有49件"),
        ("还有货吗", [("buyer", "623456789012"), ("buyer", "999999999999")], "亲，您看的是哪一款呢"),
        ("999999999999还有货吗", [ASKED, ANSWERED], "亲，您看的是哪一款呢"),
        ("什么时候补货", [("buyer", "短袖白色L码有吗"), ("agent", "没有了")], "白色 L3月10日补"),
        ("普洱茶还有货吗", [ASKED, ANSWERED], "普洱茶饼只剩3件"),
        ("邮费多少钱", [], "寄到哪里呢"),
        ("邮费多少钱", [("buyer", "我在新疆")], "新疆邮费18元"),
        ("新疆", [("buyer", "邮费多少钱"), ("agent", "寄到哪里呢")], "新疆邮费18元"),
        ("那新疆呢", [("buyer", "北京邮费多少钱"), ("agent", "北京邮费8元")], "新疆邮费18元"),
        ("买普洱茶邮费多少钱", [], "寄到哪里呢"),
        ("发票呢", [ASKED, ANSWERED], "可以开电子普通发票"),
        ("我的快递到哪了", [], "订单号发我"),
        ("2026030100000001我的快递到哪了", [], "YT1已到南京"),
        ("我的快递到哪了", [("buyer", "2026030100000001")], "YT1已到南京"),
        ("2026030100000001", [("buyer", "我的快递到哪了"), ("agent", "订单号发我")], "YT1已到南京"),
        ("623456789012", [("buyer", "黑色L码还有货吗"), ("bot", "您看的是哪一款呢")], "纯棉短袖黑色 L还有12件"),
    ],
)  # fmt: skip
async def test_what_a_message_leaves_out_comes_from_its_conversation(
    counter: Counter, text: str, history: list[tuple[str, str]], reply: str
) -> None:
    assert await first(counter, text, *history) == reply


@pytest.mark.parametrize("viewed", ["tee", "623456789012", "https://i.example.com/?id=623456789012"])
async def test_the_product_that_the_buyer_looks_at_is_meant(counter: Counter, viewed: str) -> None:
    assert await first(counter, "还有货吗", viewed=viewed) == "纯棉短袖还有49件"
    assert await first(counter, "普洱茶还有货吗", viewed=viewed) == "普洱茶饼只剩3件"


async def test_what_is_looked_at_is_no_question_and_may_be_unreadable(counter: Counter) -> None:
    assert await first(counter, "L码呢", viewed="tee") != "acknowledgement"
    assert await first(counter, "还有货吗", viewed="\u200b") == "亲，您看的是哪一款呢"


async def test_two_questions_are_answered_in_the_order_they_were_asked(counter: Counter) -> None:
    result = await counter.ask("stall", "可以开发票吗什么时候发货")
    best = result.suggestions[0]
    assert best.text == "可以开电子普通发票\n亲，48小时内发货"
    assert [part.entry for part in best.parts] == ["invoice", "when"]
    assert {fact.name for fact in best.facts} == {"invoice_types", "dispatch_time"}
    assert [score.intent for score in result.intents] == ["invoice_can", "ship_when"]
    turned = await counter.ask("stall", "什么时候发货，可以开发票吗")
    assert [part.entry for part in turned.suggestions[0].parts] == ["when", "invoice"]


async def test_a_question_asked_twice_gets_one_answer(counter: Counter) -> None:
    best = (await counter.ask("stall", "什么时候发货？几天发货？")).suggestions[0]
    assert [part.entry for part in best.parts] == ["when"]


@pytest.mark.parametrize(
    "text",
    [
        "可以开发票呗什么时候发货",
        "可以开发票不，几天发货",
        "可以开发票吗 我明天在家 什么时候发货",
        "怎么开发票啥时候发货",
    ],
)
async def test_questions_are_found_in_a_message_that_runs_on(counter: Counter, text: str) -> None:
    best = (await counter.ask("stall", text)).suggestions[0]
    assert [part.entry for part in best.parts] == ["invoice", "when"]


async def test_a_reply_to_both_questions_that_is_less_sure_is_offered_behind_the_best_one(
    counter: Counter,
) -> None:
    suggestions = (await counter.ask("stall", "可以开发票吗用优惠券邮费多少")).suggestions
    offered = [[part.entry for part in suggestion.parts] for suggestion in suggestions]
    assert offered[0] == ["invoice"]
    assert ["invoice", "fee"] in offered[1:]
    assert not suggestions[0].automatic


async def test_confidences_fall_from_one_suggestion_to_the_next(counter: Counter) -> None:
    for text in ("可以开发票吗什么时候发货", "可以开发票吗 顺便问下邮费的事", "还有货吗"):
        sure = [each.confidence for each in (await counter.ask("stall", text)).suggestions]
        assert sure == sorted(sure, reverse=True)


async def test_small_talk_between_two_questions_is_left_out(counter: Counter) -> None:
    best = (await counter.ask("stall", "可以开发票吗，今天天气真不错，什么时候发货")).suggestions[0]
    assert [part.entry for part in best.parts] == ["invoice", "when"]


async def test_what_is_added_to_a_question_is_read_together_with_it(counter: Counter) -> None:
    asked = [("buyer", "什么时候发货"), ("agent", "请问今天拍的吗")]
    result = await counter.ask("stall", "昨天拍下了", *asked)
    assert result.suggestions[0].parts[0].entry == "when"
    assert not result.suggestions[0].automatic
    assert (await counter.ask("stall", "昨天拍下了")).silent


async def test_a_question_of_its_own_is_not_read_with_the_one_before(counter: Counter) -> None:
    result = await counter.ask("stall", "可以开发票吗", ("buyer", "什么时候发货"), ("agent", "48小时内"))
    assert [part.entry for part in result.suggestions[0].parts] == ["invoice"]
    assert result.suggestions[0].automatic


async def test_without_the_classifier_retrieval_answers_alone_and_says_so(counter: Counter) -> None:
    counter.classifier.available = False
    result = await counter.ask("stall", "什么时候发货")
    assert texts(result)[0] == "亲，48小时内发货"
    assert (result.classifier, result.intents) == ("down", ())


async def test_without_the_model_words_answer_alone_which_is_said_and_nothing_is_automatic(
    counter: Counter,
) -> None:
    with_model = await counter.ask("stall", "什么时候发货")
    assert with_model.embedder == "ready"
    counter.embedder.fail("no model")
    result = await counter.ask("stall", "什么时候发货")
    assert texts(result)[0] == "亲，48小时内发货"
    assert (result.embedder, result.silent) == ("down", False)
    assert not any(suggestion.automatic for suggestion in result.suggestions)
    assert result.suggestions[0].confidence <= with_model.suggestions[0].confidence
    counter.embedder.fail(None)
    assert (await counter.ask("stall", "什么时候发货")).embedder == "ready"


async def test_a_shop_first_asked_while_the_model_is_away_answers_too(counter: Counter) -> None:
    counter.embedder.fail("no model")
    result = await counter.ask("stall", "什么时候发货")
    assert texts(result)[0] == "亲，48小时内发货"
    assert result.embedder == "down"


async def test_while_vectors_of_another_model_are_made_words_answer_alone(counter: Counter) -> None:
    await counter.ask("stall", "什么时候发货")
    counter.embedder.become(32)
    go_on = asyncio.Event()
    encode = counter.embedder.encode

    async def slow(asked: Sequence[str]) -> Vectors:
        if len(asked) > 1:
            await go_on.wait()
        return await encode(asked)

    counter.embedder.encode = slow  # type: ignore[method-assign]
    result = await counter.ask("stall", "什么时候发货")
    assert texts(result)[0] == "亲，48小时内发货"
    assert result.embedder == "warming"
    go_on.set()
    await counter.live.settle("stall")
    assert (await counter.ask("stall", "什么时候发货")).embedder == "ready"


async def test_two_entries_with_the_same_reply_stand_together(counter: Counter) -> None:
    entry = await counter.entries.get_entry("stall", "when")
    alone = (await counter.ask("stall", "多久发货")).suggestions[0]
    await counter.edit("stall", replace(entry, id="when-too"))
    result = await counter.ask("stall", "多久发货")
    assert texts(result).count(alone.text) == 1
    assert result.suggestions[0].text == alone.text
    assert result.suggestions[0].confidence >= alone.confidence


async def test_an_english_message_gets_an_english_reply(counter: Counter) -> None:
    assert await first(counter, "can I get an invoice") == "Yes, The Stall sends one"
    assert await first(counter, "can I get an invoice, what’s the way") == "Yes, The Stall sends one"
    assert await first(counter, "可以开发票吗") == "可以开电子普通发票"


async def test_a_reply_that_lacks_its_facts_is_not_offered(counter: Counter) -> None:
    result = await counter.ask("stall", "今天几点前下单今天发")
    assert "cutoff" not in {part.entry for suggestion in result.suggestions for part in suggestion.parts}


async def test_entries_hold_in_their_time_only(counter: Counter) -> None:
    entry = await counter.entries.get_entry("stall", "when")
    sale = replace(
        entry,
        reply="大促期间72小时发货",
        validity=replace(entry.validity, since=NOW, until=NOW + timedelta(days=1)),
    )
    await counter.edit("stall", sale)
    assert await first(counter, "什么时候发货") == "大促期间72小时发货"
    counter.clock.advance(timedelta(days=1))
    assert await first(counter, "什么时候发货") != "大促期间72小时发货"


@pytest.mark.parametrize("status", ["archived", "draft"])
async def test_only_published_entries_are_suggested(counter: Counter, status: str) -> None:
    assert await first(counter, "什么时候发货") == "亲，48小时内发货"
    await counter.edit("stall", replace(await counter.entries.get_entry("stall", "when"), status=status))
    result = await counter.ask("stall", "什么时候发货")
    assert "亲，48小时内发货" not in texts(result)


async def test_an_edited_entry_is_seen_at_the_next_message(counter: Counter) -> None:
    await first(counter, "什么时候发货")
    await counter.edit("stall", Entry("when", "shipping", "什么时候发货", "马上发", intent="ship_when"))
    result = await counter.ask("stall", "什么时候发货")
    assert (texts(result)[0], result.suggestions[0].parts[0].version) == ("马上发", 2)


async def test_a_new_phrasing_is_found_at_the_next_message(counter: Counter) -> None:
    assert (await counter.ask("stall", "客服几点上班")).silent
    await counter.edit("stall", Entry("hours", "other", "客服几点上班", "9点到23点"))
    counter.classifier.available = False
    assert await first(counter, "客服几点上班") == "9点到23点"


async def test_a_stale_fact_is_marked(counter: Counter) -> None:
    counter.clock.advance(timedelta(hours=7))
    facts = {
        fact.name: fact for fact in (await counter.ask("stall", "短袖黑色L码还有货吗")).suggestions[0].facts
    }
    assert (facts["stock"].stale, facts["product"].stale) == (True, False)
    assert datetime.fromisoformat(facts["stock"].as_of) == NOW.astimezone(UTC)


async def test_what_came_in_and_what_was_shown_is_recorded_for_its_shop(counter: Counter) -> None:
    result = await counter.ask("stall", "什么时候发货")
    await counter.recorder.close()
    events = {event.kind: event.data for event in await counter.events.read("stall", 10)}
    assert events["message_received"]["text"] == "什么时候发货"
    shown = events["suggestion_shown"]["suggestions"]
    assert isinstance(shown, list)
    assert shown[0]["id"] == result.suggestions[0].id
    assert await counter.events.read("other", 10) == []


async def test_what_was_shown_is_recorded_with_the_rankers_own_confidence_for_learning(
    counter: Counter,
) -> None:
    result = await counter.ask("stall", "可以开发票吗什么时候发货")
    await counter.recorder.close()
    received, shown = reversed(await counter.events.read("stall", 10))
    assert received.message == shown.message != ""
    assert shown.data["read"] is True
    replies = shown.data["suggestions"]
    assert isinstance(replies, list)
    assert [reply["id"] for reply in replies] == [suggestion.id for suggestion in result.suggestions]
    assert [reply["text"] for reply in replies] == list(texts(result))
    assert len(replies[0]["entries"]) == 2
    assert all(0 < common <= 1 for reply in replies for _, _, common in reply["entries"])


async def test_only_the_first_reply_may_go_out_alone_and_only_when_it_is_sure(counter: Counter) -> None:
    result = await counter.ask("stall", "什么时候发货")
    assert result.suggestions[0].confidence >= 0.95
    assert [suggestion.automatic for suggestion in result.suggestions] == [
        place == 0 for place in range(len(result.suggestions))
    ]
    unsure = Counter(aim=Aim(0.99, {0.95: 0.95}))
    await unsure.open_shop(STALL)
    assert not (await unsure.ask("stall", "什么时候发货")).suggestions[0].automatic


async def test_a_group_that_is_switched_off_is_not_suggested_and_the_other_shop_keeps_it(
    counter: Counter,
) -> None:
    off = AutoReplyPolicy(groups={"shipping": GroupRule(Mode.OFF)})
    counter.memory.shops["stall"].auto_reply = off
    counter.memory.bump("stall")
    await counter.hear_of("stall")
    entries = [
        part.entry
        for suggestion in (await counter.ask("stall", "什么时候发货")).suggestions
        for part in suggestion.parts
    ]
    assert not {"when", "fee", "cutoff"} & set(entries)
    assert (await counter.ask("other", "什么时候发货")).suggestions[0].text == "乙店乙店72小时发货"


async def test_a_reply_may_stand_alone_before_it_is_sure_or_fresh(counter: Counter) -> None:
    unsure = Counter(aim=Aim(0.99, {0.95: 0.95}))
    await unsure.open_shop(STALL)
    assert (await unsure.ask("stall", "什么时候发货")).suggestions[0].stands_alone
    counter.classifier.available = False
    assert not (await counter.ask("stall", "什么时候发货")).suggestions[0].stands_alone


async def test_without_the_classifier_nothing_goes_out_alone(counter: Counter) -> None:
    counter.classifier.available = False
    best = (await counter.ask("stall", "什么时候发货")).suggestions[0]
    assert best.confidence >= 0.95
    assert not best.automatic


@pytest.mark.parametrize(("intent", "read", "alone"), [("ship_when", 0.45, True), ("chitchat", 0.9, False)])
async def test_an_entry_that_is_plainly_meant_needs_no_classifier_that_has_not_made_up_its_mind(
    intent: str, read: float, alone: bool
) -> None:
    heard = Understanding((IntentScore(intent, INTENT_GROUP[intent], read),))
    counter = Counter(classifier=KeywordClassifier({"什么时候发货": heard}))
    await counter.open_shop(STALL)
    best = (await counter.ask("stall", "什么时候发货")).suggestions[0]
    assert (best.text, best.stands_alone) == ("亲，48小时内发货", alone)


async def test_an_answer_is_read_as_the_question_before_it_unless_it_asks_for_a_person(
    counter: Counter,
) -> None:
    talk = (("buyer", "邮费是多少"), ("agent", "寄到哪里呢"))
    told = await counter.ask("stall", "北京的", *talk)
    assert (texts(told)[0], told.intents[0].intent) == ("北京邮费8元", "ship_fee")
    person = await counter.ask("stall", "转人工吧", *talk)
    assert person.intents[0].intent == "human_request"


async def test_a_reply_with_a_stale_fact_does_not_go_out_alone(counter: Counter) -> None:
    assert (await counter.ask("stall", "短袖还有货吗")).suggestions[0].automatic
    counter.clock.advance(timedelta(hours=7))
    assert not (await counter.ask("stall", "短袖还有货吗")).suggestions[0].automatic


async def test_a_reply_in_another_language_does_not_go_out_alone() -> None:
    counter = Counter(aim=Aim(0.95, {0.95: 0.12}))
    await counter.open_shop(STALL)
    result = await counter.ask("stall", "when can you 发货")
    assert result.suggestions[0].automatic
    english = await counter.ask("stall", "can I get an invoice")
    assert english.suggestions[0].automatic
    await counter.edit(
        "stall", replace(await counter.entries.get_entry("stall", "invoice-en"), status="archived")
    )
    for suggestion in (await counter.ask("stall", "can I get an invoice")).suggestions:
        assert not suggestion.automatic


WORDS = """
短袖 黑色 L码 还有货吗 什么时候发货 邮费多少钱 新疆 可以开发票吗 到哪了 水杯 呢 那 ， 好的 2026030100000001 623456789012 623456789099
"""
MESSAGES = st.lists(st.sampled_from(WORDS.split()), min_size=1, max_size=4).map("".join)
TURNS = st.lists(st.tuples(st.sampled_from(["buyer", "agent", "bot"]), MESSAGES), max_size=3)


@settings(max_examples=60, deadline=None)
@given(MESSAGES, TURNS, st.booleans())
async def test_no_reply_holds_a_brace_or_a_word_of_the_other_shop(
    text: str, history: list[tuple[str, str]], ready: bool
) -> None:
    counter = SHARED
    if not counter.memory.shops:
        await counter.open_shop(STALL)
        await counter.open_shop(OTHER)
    counter.classifier.available = ready
    mine = await counter.ask("stall", text, *history)
    theirs = await counter.ask("other", text, *history)
    for suggestion in (*mine.suggestions, *theirs.suggestions):
        assert not set("{}|") & set(suggestion.text)
        assert suggestion.text.strip()
    assert not any("乙店" in suggested for suggested in texts(mine))
    assert not any("短袖" in suggested or "48小时" in suggested for suggested in texts(theirs))
    assert mine.silent == (not mine.suggestions)


SHARED = Counter()


TRAP = """
kuaihui: 1
shop: {id: trap, name: 电器铺}
products: [{id: bank, title: 移动电源, aliases: [充电宝], variants: [{sku: b, options: {}, stock: 5}]}]
entries:
  - {id: usage, group: product_info, intent: product_usage, question: 充电宝怎么用, phrasings: [充电宝怎么充电, 充电宝充不进电], reply: 长按开机}
  - {id: price, group: price_promo, intent: price_bargain, question: 能便宜点吗, phrasings: [可以少点吗, 能优惠点不], reply: 已是底价}
"""


async def test_the_name_of_a_product_does_not_outweigh_what_is_asked_of_it() -> None:
    counter = Counter()
    await counter.open_shop(TRAP)
    assert texts(await counter.ask("trap", "充电宝能便宜点吗"))[0] == "已是底价"


async def test_a_question_that_the_owner_wrote_is_answered_whatever_the_classifier_makes_of_it() -> None:
    counter = Counter()
    await counter.open_shop(TRAP)
    assert (await counter.ask("trap", "充电宝怎么充电")).intents[0].intent == "out_of_scope"
    assert texts(await counter.ask("trap", "充电宝怎么充电"))[0] == "长按开机"


async def test_a_message_that_asks_more_than_the_reply_says_does_not_go_out_alone(counter: Counter) -> None:
    one = (await counter.ask("stall", "可以开发票吗")).suggestions[0]
    assert one.automatic
    result = await counter.ask("stall", "可以开发票吗 顺便问下邮费的事")
    for suggestion in result.suggestions:
        assert not suggestion.automatic or len(suggestion.parts) > 1


async def test_a_reply_with_a_blank_for_the_agent_never_goes_out_alone(counter: Counter) -> None:
    entry = await counter.entries.get_entry("stall", "when")
    assert (await counter.ask("stall", "什么时候发货")).suggestions[0].automatic
    await counter.edit("stall", replace(entry, reply="亲，{?几点}前发出"))
    best = (await counter.ask("stall", "什么时候发货")).suggestions[0]
    assert best.text == "亲，【几点】前发出"
    assert not best.automatic
    assert not best.stands_alone


async def test_a_reply_brings_its_entrys_image_and_a_joined_one_the_first_there_is(counter: Counter) -> None:
    image = await counter.entries.put_image("stall", "image/png", b"chart")
    entry = await counter.entries.get_entry("stall", "when")
    await counter.edit("stall", replace(entry, image=image))
    assert (await counter.ask("stall", "什么时候发货")).suggestions[0].image == image
    assert (await counter.ask("stall", "可以开发票吗")).suggestions[0].image == ""
    both = (await counter.ask("stall", "可以开发票吗？什么时候发货？")).suggestions[0]
    assert len(both.parts) == 2
    assert both.image == image


async def test_what_is_said_of_who_may_settle_the_message_is_that_of_the_message_as_it_came(
    counter: Counter,
) -> None:
    known = {
        "杯口有个茬 什么时候发货": Understanding(_of("ship_when"), only_person=0.8),
        "什么时候发货": Understanding(_of("ship_when"), only_person=0.1),
    }
    asking = Counter(classifier=KeywordClassifier(known))
    await asking.open_shop(STALL)
    assert (await asking.ask("stall", "杯口有个茬 什么时候发货")).only_person == 0.8
    assert (await asking.ask("stall", "什么时候发货")).only_person == 0.1
    assert (await counter.ask("stall", "什么时候发货")).only_person is None
    assert (await asking.ask("stall", "好的谢谢")).only_person is None


def _of(intent: str) -> tuple[IntentScore, ...]:
    return (IntentScore(intent, INTENT_GROUP[intent], 0.9),)
