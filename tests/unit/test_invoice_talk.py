"""A dialogue about an invoice asks only for what is missing, takes corrections at any time, and confirms once."""

from __future__ import annotations

import csv
import io
import json
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.domain.auto_reply import Reason
from bot.domain.conversation import Conversation
from bot.domain.invoices import InvoiceDetails, InvoiceType, Medium, RequestState
from bot.ports import Conflict, NotFound
from bot.retrieval.normaliser import OpenccNormaliser
from bot.services.invoice_requests import InvoiceRequests
from bot.services.invoice_talk import CONFIRM, InvoiceState, InvoiceStep, InvoiceTalk
from bot.services.talk_reading import TalkReader
from bot.storage.memory_invoice_requests import MemoryInvoiceRequests
from tests.unit.fakes.talking import Talking, said

TAX = "91350100M000100Y43"
ORDER = "2026030100000001"
SHOP = """
kuaihui: 1
shop: {{id: {shop}, name: {shop}, languages: [zh, en]}}
facts: {{发票类型: {kinds}, 开票时限: 确认收货后3个工作日内, 开票内容: "商品明细，也可开“日用品”大类"}}
orders:
  - {{order_no: "2026030100000001", status: paid, items: ["水杯 ×1"], buyer_id: b-1, phone_last4: "0670", amount: 88.5}}
  - {{order_no: "2026030100000002", status: paid, items: ["水杯 ×1"], buyer_id: b-2, phone_last4: "0671"}}
entries: []
"""
BLOCK = f"名称：云州测试有限公司\n税号：{TAX}\n地址、电话：福州市测试路1号 0591-88886666\n开户行及账号：测试银行福州支行 1202000000000000000"


class Invoicing:
    """Shops in memory, and the dialogue about invoices over them."""

    def __init__(self) -> None:
        self.talking = Talking()
        counter, conversations = self.talking.counter, self.talking.conversations
        self.store = MemoryInvoiceRequests(conversations)
        self.requests = InvoiceRequests(
            self.store, conversations, counter.facts, self.talking.proofs, counter.recorder, counter.clock
        )
        reader = TalkReader(conversations, counter.live, OpenccNormaliser(), counter.clock)
        self.talk = InvoiceTalk(reader, counter.facts, self.requests)

    async def say(
        self, shop: str, talk: Conversation, step: InvoiceStep | None, text: str, intent: str = "invoice_can",
        language: str = "zh",
    ) -> InvoiceStep:  # fmt: skip
        """Let the buyer say something, at first or to what the step waits for."""
        await self.talking.write(shop, talk.id, "buyer", text)
        if step is None or step.state is None:
            return await self.talk.begin(shop, talk.id, intent, text, language)
        kept = InvoiceState.of_json(json.loads(json.dumps(step.state.as_json())))
        assert kept == step.state
        return await self.talk.hear(shop, talk.id, kept, intent, text, language)

    async def asks(self, shop: str, talk: Conversation, step: InvoiceStep) -> str:
        """Return the name of the response that the step asks by."""
        assert step.state is not None
        return (await self.talk.question(shop, talk.id, step.state, "zh")).response.removeprefix(
            "utter_invoice_"
        )

    async def played(self, shop: str, talk: Conversation, *texts: str) -> InvoiceStep:
        """Let the buyer say these one after another; return the last step."""
        step: InvoiceStep | None = None
        for text in texts:
            step = await self.say(shop, talk, step, text)
        assert step is not None
        return step

    async def only(self, shop: str, talk: Conversation) -> InvoiceDetails:
        """Return what the conversation's one request says."""
        [request] = await self.requests.of_conversation(shop, talk.id)
        return request.details


@pytest.fixture
async def invoicing() -> Invoicing:
    made = Invoicing()
    kinds = {
        "stall": "电子普通发票",
        "both": "电子普通发票和增值税专用发票",
        "paper": "纸质普通发票",
        "none": "暂不提供发票",
    }
    for shop, words in kinds.items():
        await made.talking.counter.open_shop(SHOP.format(shop=shop, kinds=words))
    return made


async def test_a_whole_invoice_is_asked_for_piece_by_piece_and_kept_once(invoicing: Invoicing) -> None:
    talk = await invoicing.talking.opened("stall")
    step = await invoicing.say("stall", talk, None, "我要发票")
    assert await invoicing.asks("stall", talk, step) == "ask_heading"
    step = await invoicing.say("stall", talk, step, "云州测试有限公司")
    assert await invoicing.asks("stall", talk, step) == "ask_tax_number"
    step = await invoicing.say("stall", talk, step, f"{TAX[:4]} {TAX[4:].lower()}")
    assert await invoicing.asks("stall", talk, step) == "ask_order_no"
    step = await invoicing.say("stall", talk, step, "3021457896541236547")
    assert await invoicing.asks("stall", talk, step) == "ask_email"
    step = await invoicing.say("stall", talk, step, "cai@example.com")
    assert await invoicing.asks("stall", talk, step) == "confirm"
    assert await invoicing.requests.of_conversation("stall", talk.id) == []
    step = await invoicing.say("stall", talk, step, "确认")
    assert said(step.answer) == ["utter_invoice_done_time time=确认收货后3个工作日内"]
    assert step.state is None
    assert await invoicing.only("stall", talk) == InvoiceDetails(
        InvoiceType.ORDINARY, Medium.ELECTRONIC, False, "云州测试有限公司", TAX, "cai@example.com",
        order_no="3021457896541236547",
    )  # fmt: skip


async def test_several_values_at_once_leave_only_the_rest_to_be_asked(invoicing: Invoicing) -> None:
    talk = await invoicing.talking.opened("both")
    step = await invoicing.say("both", talk, None, f"开专票\n{BLOCK}\n邮箱 cai@example.com")
    assert await invoicing.asks("both", talk, step) == "ask_order_no"
    step = await invoicing.say("both", talk, step, "订单号 3021457896541236547")
    assert await invoicing.asks("both", talk, step) == "confirm"
    await invoicing.say("both", talk, step, "对的")
    details = await invoicing.only("both", talk)
    assert (details.type, details.bank, details.account) == (
        InvoiceType.SPECIAL, "测试银行福州支行", "1202000000000000000",
    )  # fmt: skip


async def test_a_special_invoice_asks_for_all_that_it_needs_together(invoicing: Invoicing) -> None:
    talk = await invoicing.talking.opened("both")
    step = await invoicing.played("both", talk, "我要开专票", f"云州测试有限公司 税号{TAX}")
    assert step.state is not None
    told = await invoicing.talk.question("both", talk.id, step.state, "zh")
    assert dict(told.values) == {"names": "注册地址、电话、开户行、账号"}


async def test_a_value_is_corrected_at_any_time_and_the_last_word_holds(invoicing: Invoicing) -> None:
    talk = await invoicing.talking.opened("stall")
    other = "91350100M000100Y43"
    step = await invoicing.played(
        "stall", talk, "我要发票", "云州第一有限公司 税号35010012345678X", "抬头错了，是云州测试有限公司",
        "3021457896541236547", "cai@example.com",
    )  # fmt: skip
    assert await invoicing.asks("stall", talk, step) == "confirm"
    step = await invoicing.say("stall", talk, step, f"税号错了，是{other}")
    assert await invoicing.asks("stall", talk, step) == "confirm"
    await invoicing.say("stall", talk, step, "对")
    details = await invoicing.only("stall", talk)
    assert (details.heading, details.tax_number) == ("云州测试有限公司", other)


async def test_what_is_called_wrong_without_the_right_value_is_asked_for_again(invoicing: Invoicing) -> None:
    talk = await invoicing.talking.opened("stall")
    step = await invoicing.played(
        "stall", talk, "我要发票", "个人", "3021457896541236547", "cai@example.com", "邮箱错了"
    )
    assert await invoicing.asks("stall", talk, step) == "ask_email"
    step = await invoicing.played(
        "stall", talk, "我要发票", "个人", "3021457896541236547", "a@example.com", "不对"
    )
    assert said(step.answer) == ["utter_invoice_what_wrong"]
    assert await invoicing.asks("stall", talk, step) == "confirm"


async def test_a_person_needs_no_tax_number_and_gets_no_special_one(invoicing: Invoicing) -> None:
    talk = await invoicing.talking.opened("both")
    step = await invoicing.played("both", talk, "我要开专票", "开个人的")
    assert said(step.answer) == ["utter_invoice_special_person"]
    assert await invoicing.asks("both", talk, step) == "ask_order_no"
    assert step.state is not None
    assert step.state.details.type is InvoiceType.ORDINARY


async def test_a_wrong_check_character_is_refused_with_the_reason(invoicing: Invoicing) -> None:
    talk = await invoicing.talking.opened("stall")
    step = await invoicing.played("stall", talk, "我要发票", "云州测试有限公司", "91350100M000100Y34")
    assert said(step.answer)[0].startswith("utter_invoice_tax_check number=91350100M000100Y34")
    assert await invoicing.asks("stall", talk, step) == "ask_tax_number"
    step = await invoicing.say("stall", talk, step, "9135O100M000100Y43")
    assert "likely=91350100M000100Y43" in said(step.answer)[0]
    assert step.state is not None
    assert step.state.details.tax_number == ""


async def test_what_stays_wrong_three_times_is_left_to_a_person_with_what_is_known(
    invoicing: Invoicing,
) -> None:
    talk = await invoicing.talking.opened("stall")
    wrong = ["91350100M000100Y34"] * 3
    step = await invoicing.played("stall", talk, "我要发票", "云州测试有限公司", *wrong)
    assert (step.answer.person, step.state) == (Reason.NEEDS_PERSON, None)
    assert "云州测试有限公司" in step.answer.open[0]


async def test_an_identity_card_number_is_never_read_back(invoicing: Invoicing) -> None:
    talk = await invoicing.talking.opened("stall")
    step = await invoicing.played("stall", talk, "我要发票", "云州测试有限公司", "110101199001010013")
    assert said(step.answer) == ["utter_invoice_tax_identity"]


async def test_a_kind_that_the_shop_does_not_offer_is_said_with_what_it_does(invoicing: Invoicing) -> None:
    talk = await invoicing.talking.opened("stall")
    step = await invoicing.say("stall", talk, None, "我要开专票")
    assert said(step.answer) == ["utter_invoice_kind_not_offered offered=电子普通发票"]
    assert await invoicing.asks("stall", talk, step) == "ask_heading"


async def test_a_content_and_an_amount_that_cannot_be_are_said_so(invoicing: Invoicing) -> None:
    talk = await invoicing.talking.opened("stall", "b-1", channel="webhook:main")
    step = await invoicing.say("stall", talk, None, "开个人发票，内容写办公用品，金额100元")
    assert said(step.answer) == [
        "utter_invoice_content_not_offered contents=商品明细，也可开“日用品”大类",
        "utter_invoice_amount_too_high",
    ]
    step = await invoicing.say("stall", talk, step, "那开票内容写日用品，开50元，邮箱cai@example.com")
    assert step.state is not None
    assert (step.state.details.content, step.state.details.amount) == ("日用品", Decimal("50"))


async def test_paper_is_sent_to_an_address(invoicing: Invoicing) -> None:
    talk = await invoicing.talking.opened("paper")
    step = await invoicing.played("paper", talk, "我要发票", "个人", "3021457896541236547")
    assert await invoicing.asks("paper", talk, step) == "ask_send_to"
    step = await invoicing.say("paper", talk, step, "寄到福州市测试路1号")
    assert await invoicing.asks("paper", talk, step) == "confirm"


async def test_the_only_order_of_a_vouched_buyer_is_not_asked_for(invoicing: Invoicing) -> None:
    talk = await invoicing.talking.opened("stall", "b-1", channel="webhook:main")
    step = await invoicing.played("stall", talk, "我要发票", "个人", "cai@example.com")
    assert step.state is not None
    told = await invoicing.talk.question("stall", talk.id, step.state, "zh")
    assert [(fact.name, fact.value) for fact in told.facts] == [("order_no", ORDER)]
    await invoicing.say("stall", talk, step, "确认")
    [request] = await invoicing.requests.of_conversation("stall", talk.id)
    assert request.order_is_proven


async def test_the_number_of_anothers_order_is_kept_as_said_and_proves_nothing(invoicing: Invoicing) -> None:
    talk = await invoicing.talking.opened("stall", "乙")
    step = await invoicing.played("stall", talk, "我要发票", "个人", ORDER, "金额9999元", "cai@example.com")
    assert await invoicing.asks("stall", talk, step) == "confirm"
    await invoicing.say("stall", talk, step, "确认")
    [request] = await invoicing.requests.of_conversation("stall", talk.id)
    assert (request.details.order_no, request.order_is_proven) == (ORDER, False)


@pytest.mark.parametrize("text", ["能开发票吗", "什么时候开票", "能开专票吗", "开发票要加钱吗", "怎么开发票"])
async def test_questions_about_invoices_are_left_to_the_faq(invoicing: Invoicing, text: str) -> None:
    talk = await invoicing.talking.opened("stall")
    assert await invoicing.say("stall", talk, None, text) == InvoiceStep()


async def test_a_question_in_between_is_left_to_the_faq_and_the_form_waits_on(invoicing: Invoicing) -> None:
    talk = await invoicing.talking.opened("stall")
    step = await invoicing.played("stall", talk, "我要发票", "发什么快递？")
    assert step.answer.bubbles == ()
    assert step.state is not None
    assert (step.state.heard, step.state.asks) == ("aside", "heading")
    step = await invoicing.say("stall", talk, step, "个人，几天能到啊")
    assert step.state is not None
    assert (step.state.heard, step.state.asks) == ("aside", "order_no")


@pytest.mark.parametrize("text", ["算了不开了", "不用了", "never mind"])
async def test_a_change_of_mind_ends_it_and_keeps_nothing(invoicing: Invoicing, text: str) -> None:
    talk = await invoicing.talking.opened("stall")
    step = await invoicing.played("stall", talk, "我要发票", "云州测试有限公司", text)
    assert (said(step.answer), step.state) == (["utter_invoice_stopped"], None)
    assert await invoicing.requests.of_conversation("stall", talk.id) == []


@pytest.mark.parametrize(
    ("text", "reason"), [("转人工", Reason.ASKED_FOR_PERSON), ("你们是骗子吧，我要投诉", Reason.UPSET)]
)
async def test_a_person_goes_on_at_any_time_and_is_told_what_is_known(
    invoicing: Invoicing, text: str, reason: Reason
) -> None:
    talk = await invoicing.talking.opened("stall")
    step = await invoicing.played("stall", talk, "我要发票", "云州测试有限公司", text)
    assert (step.answer.person, step.state) == (reason, None)
    assert "抬头：云州测试有限公司" in step.answer.open[0]


@pytest.mark.parametrize(
    "text",
    [
        "发票抬头开错了 帮我重开可以吗",
        "发票要红冲重开",
        "上次那张作废掉 按新抬头再出一张",
        "抬头开错了",
    ],
)
async def test_what_is_wanted_of_a_written_invoice_is_left_to_a_person(
    invoicing: Invoicing, text: str
) -> None:
    talk = await invoicing.talking.opened("stall")
    step = await invoicing.say("stall", talk, None, text, "invoice_change")
    assert (step.answer.person, step.state) == (Reason.NEEDS_PERSON, None)
    assert step.answer.open


@pytest.mark.parametrize(
    "text", ["发票抬头开错了能改吗", "退货了发票怎么办", "已经开好的发票能换抬头吗", "票开错了还有得改不"]
)
async def test_who_only_asks_whether_a_written_one_can_be_changed_has_the_faq(
    invoicing: Invoicing, text: str
) -> None:
    talk = await invoicing.talking.opened("stall")
    assert await invoicing.say("stall", talk, None, text, "invoice_change") == InvoiceStep()


async def test_a_part_of_an_address_is_corrected_where_it_stands(invoicing: Invoicing) -> None:
    talk = await invoicing.talking.opened("paper")
    step = await invoicing.played(
        "paper", talk, "我要发票", "个人", "3021457896541236547", "浙江省某市样例大道7号2单元 13800000000"
    )
    assert step.state is not None
    assert step.state.asks == CONFIRM
    step = await invoicing.say("paper", talk, step, "门牌写错啦 是样例大道9号")
    assert step.state is not None
    assert step.state.details.send_to == "浙江省某市样例大道9号2单元 13800000000"
    assert step.state.asks == CONFIRM
    step = await invoicing.say("paper", talk, step, "地址不对")
    assert step.state is not None
    assert step.state.asks == "send_to"


async def test_who_was_too_quick_to_confirm_corrects_it_and_confirms_again(invoicing: Invoicing) -> None:
    talk = await invoicing.talking.opened("stall")
    step = await invoicing.played(
        "stall", talk, "我要发票", "个人", "3021457896541236547", "cai@example.com", "确认"
    )
    step = await invoicing.say("stall", talk, None, "邮箱写错了 是cai2@example.com", "inform")
    assert step.state is not None
    assert (step.state.asks, step.state.details.email) == (CONFIRM, "cai2@example.com")
    step = await invoicing.say("stall", talk, step, "这回对了")
    assert said(step.answer)[0].startswith("utter_invoice_done")
    made = await invoicing.requests.of_conversation("stall", talk.id)
    assert {each.details.email: str(each.state) for each in made} == {
        "cai@example.com": "cancelled",
        "cai2@example.com": "new",
    }
    step = await invoicing.say("stall", talk, None, "发票收到了 抬头写错了 改成云州测试有限公司", "inform")
    assert step.answer.person is Reason.NEEDS_PERSON  # what was written is a person's


async def test_who_asks_where_the_orders_number_stands_is_asked_again_with_that(invoicing: Invoicing) -> None:
    talk = await invoicing.talking.opened("stall")
    step = await invoicing.played("stall", talk, "我要发票", "个人", "订单号忘了 在哪看")
    assert (step.answer.person, await invoicing.asks("stall", talk, step)) == (None, "ask_order_no")
    step = await invoicing.say("stall", talk, step, "找不到啊")
    assert step.answer.person is Reason.NEEDS_PERSON


async def test_a_special_invoice_is_told_a_pair_at_a_time(invoicing: Invoicing) -> None:
    talk = await invoicing.talking.opened("both")
    step = await invoicing.played(
        "both",
        talk,
        "来张专票",
        f"云州测试有限公司 {TAX}",
        "福州市测试路1号 0591-88886666",
        "测试银行福州支行 1202000000000000000",
    )
    assert step.state is not None
    known = step.state.details
    assert (known.address, known.phone) == ("福州市测试路1号", "0591-88886666")
    assert (known.bank, known.account) == ("测试银行福州支行", "1202000000000000000")
    assert step.state.asks == "order_no"


async def test_where_paper_goes_is_heard_before_it_is_asked(invoicing: Invoicing) -> None:
    talk = await invoicing.talking.opened("paper")
    step = await invoicing.played("paper", talk, "我要发票", "个人 寄到福建省福州市测试路1号 13800000000")
    assert step.state is not None
    assert step.state.details.send_to == "福建省福州市测试路1号 13800000000"


async def test_who_has_asked_already_is_told_the_same_each_time(invoicing: Invoicing) -> None:
    talk = await invoicing.talking.opened("stall")
    await invoicing.played(
        "stall", talk, "我要发票", "个人", "3021457896541236547", "cai@example.com", "确认"
    )
    again = [
        said((await invoicing.say("stall", talk, None, text)).answer) for text in ("我要发票", "开下发票")
    ]
    assert again == [["utter_invoice_asked_before_time time=确认收货后3个工作日内"]] * 2
    [request] = await invoicing.requests.of_conversation("stall", talk.id)
    await invoicing.requests.settle("stall", request.id, RequestState.ISSUED, "", "a1")
    step = await invoicing.say("stall", talk, None, "我要发票")
    assert said(step.answer) == ["utter_invoice_issued_before"]


async def test_a_turn_taken_twice_makes_one_request_and_a_refused_one_may_be_made_again(
    invoicing: Invoicing,
) -> None:
    talk = await invoicing.talking.opened("stall")
    details = InvoiceDetails(is_person=True, heading="个人", order_no="1", email="cai@example.com")
    first = await invoicing.requests.make("stall", talk.id, details)
    assert await invoicing.requests.make("stall", talk.id, details) == first
    await invoicing.requests.settle("stall", first.id, RequestState.REFUSED, "没付款", "a1")
    assert (await invoicing.requests.make("stall", talk.id, details)).id != first.id
    assert [e.kind for _, e in invoicing.talking.counter.recorder._waiting].count("invoice_asked") == 2


async def test_a_shop_that_says_nothing_of_its_invoices_leaves_them_to_faq_and_people(
    invoicing: Invoicing,
) -> None:
    talk = await invoicing.talking.opened("none")
    assert await invoicing.say("none", talk, None, "我要发票") == InvoiceStep()
    step = await invoicing.say("none", talk, None, BLOCK)
    assert step.answer.person is Reason.NEEDS_PERSON
    assert "云州测试有限公司" in step.answer.open[0]


async def test_old_words_of_the_shop_are_not_relied_upon(invoicing: Invoicing) -> None:
    talk = await invoicing.talking.opened("stall")
    step = await invoicing.say("stall", talk, None, "我要发票")
    invoicing.talking.counter.clock.advance(timedelta(days=400))
    step = await invoicing.say("stall", talk, step, "个人")
    assert (step.answer.person, step.state) == (Reason.STALE_FACTS, None)


async def test_a_correction_after_the_end_calls_off_what_was_told_before_for_the_same_order(
    invoicing: Invoicing,
) -> None:
    talk = await invoicing.talking.opened("stall")
    wrong = InvoiceDetails(heading="云州测试有限公司", tax_number="old", order_no=ORDER)
    first = await invoicing.requests.make("stall", talk.id, wrong)
    other = await invoicing.requests.make("stall", talk.id, replace(wrong, order_no="2026030100000002"))
    right = await invoicing.requests.make("stall", talk.id, replace(wrong, tax_number=TAX))
    kept = {each.id: each for each in await invoicing.requests.of_conversation("stall", talk.id)}
    assert {id: each.state for id, each in kept.items()} == {
        first.id: RequestState.CANCELLED,
        other.id: RequestState.NEW,
        right.id: RequestState.NEW,
    }
    assert right.id in kept[first.id].note


async def test_what_was_issued_stays_issued_when_the_buyer_corrects_it(invoicing: Invoicing) -> None:
    talk = await invoicing.talking.opened("stall")
    wrong = InvoiceDetails(heading="个人", order_no=ORDER)
    first = await invoicing.requests.make("stall", talk.id, wrong)
    await invoicing.requests.settle("stall", first.id, RequestState.ISSUED, "", "a1")
    await invoicing.requests.make("stall", talk.id, replace(wrong, email="a@example.com"))
    assert (await invoicing.requests.get("stall", first.id)).state is RequestState.ISSUED


async def test_shops_do_not_see_or_settle_each_others_requests(invoicing: Invoicing) -> None:
    talk = await invoicing.talking.opened("stall")
    request = await invoicing.requests.make("stall", talk.id, InvoiceDetails(heading="个人"))
    with pytest.raises(NotFound):
        await invoicing.requests.settle("both", request.id, RequestState.ISSUED, "", "a1")
    with pytest.raises(NotFound):
        await invoicing.requests.make("both", talk.id, InvoiceDetails(heading="个人"))
    assert (await invoicing.requests.page("both", list(RequestState))).total == 0


async def test_the_table_holds_every_request_and_no_formula(invoicing: Invoicing) -> None:
    talk = await invoicing.talking.opened("stall")
    for number in range(3):
        details = InvoiceDetails(heading="=1+1", tax_number=TAX, order_no=str(number))
        await invoicing.requests.make("stall", talk.id, details)
    table = (await invoicing.requests.export("stall", list(RequestState), "csv")).decode("utf-8-sig")
    rows = list(csv.DictReader(io.StringIO(table)))
    assert len(rows) == 3
    assert {row["抬头 heading"] for row in rows} == {"'=1+1"}
    empty = await invoicing.requests.export("both", list(RequestState), "csv")
    assert len(empty.decode("utf-8-sig").splitlines()) == 1


async def test_what_is_settled_is_not_settled_otherwise(invoicing: Invoicing) -> None:
    talk = await invoicing.talking.opened("stall")
    request = await invoicing.requests.make("stall", talk.id, InvoiceDetails(heading="个人"))
    await invoicing.requests.settle("stall", request.id, RequestState.ISSUED, "", "a1")
    with pytest.raises(Conflict):
        await invoicing.requests.settle("stall", request.id, RequestState.CANCELLED, "", "a2")


@settings(max_examples=60, deadline=None)
@given(
    st.lists(
        st.sampled_from(
            ["我要发票", "个人", "云州测试有限公司", TAX, "91350100M000100Y34", "a@example.com", "3021457896541236547", "确认",
             "不对", "算了", "发什么快递？", "专票", "税号错了", "😀", "转人工", "x" * 300, "金额99元", "电子"]
        ),
        max_size=10,
    )
)  # fmt: skip
async def test_whatever_is_said_a_kept_request_is_complete_and_was_confirmed(texts: list[str]) -> None:
    invoicing = Invoicing()
    await invoicing.talking.counter.open_shop(SHOP.format(shop="both", kinds="电子普通发票和增值税专用发票"))
    talk = await invoicing.talking.opened("both")
    step: InvoiceStep | None = None
    for text in texts:
        waited = step.state if step is not None else None
        known = len(await invoicing.requests.of_conversation("both", talk.id))
        step = await invoicing.say("both", talk, step, text)
        made = await invoicing.requests.of_conversation("both", talk.id)
        if len(made) > known:
            assert waited is not None
            assert (waited.asks, text) == ("confirm", "确认")
            assert made[-1].details.heading
            assert made[-1].details.is_person or made[-1].details.tax_number == TAX
            assert replace(made[-1].details) == waited.details


@pytest.mark.parametrize(
    ("shop", "text", "expected"),
    [
        ("stall", "开票要提供什么", ["utter_invoice_needs"]),
        ("both", "开票要什么资料", ["utter_invoice_needs_special"]),
        ("both", "要什么资料", []),
        ("both", "退货要提供什么", []),
        ("both", "专票需要哪些信息", ["utter_invoice_needs_special"]),
        ("stall", "专票需要哪些信息", []),
        ("none", "开票要提供什么", []),
        ("stall", "发票要多久", []),
    ],
)
async def test_what_has_to_be_given_is_listed_and_nothing_is_begun(
    invoicing: Invoicing, shop: str, text: str, expected: list[str]
) -> None:
    step = await invoicing.say(shop, await invoicing.talking.opened(shop), None, text)
    assert [told.response for told in step.answer.bubbles] == expected
    assert step.state is None


async def test_what_is_needed_is_understood_after_an_answer_about_invoices(invoicing: Invoicing) -> None:
    talk = await invoicing.talking.opened("both")
    await invoicing.talking.write("both", talk.id, "auto", "可以开电子普通发票和增值税专用发票")
    step = await invoicing.say("both", talk, None, "要什么资料")
    assert [told.response for told in step.answer.bubbles] == ["utter_invoice_needs_special"]
