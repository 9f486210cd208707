"""What a shop offers is read from its own words; what has to be asked for follows from that and from what is known."""

from __future__ import annotations

from dataclasses import replace

import pytest

from bot.domain.invoice_wishes import agrees, calls_off, refuses, speaks_of_one, wants_change, wants_one
from bot.domain.invoices import (
    Field,
    InvoiceDetails,
    InvoiceKind,
    InvoiceTerms,
    InvoiceType,
    Medium,
    fitting_kinds,
    kinds_offered,
    missing_of,
    settled,
    usual_content,
)

_E = InvoiceKind(InvoiceType.ORDINARY, Medium.ELECTRONIC)
_P = InvoiceKind(InvoiceType.ORDINARY, Medium.PAPER)
_S = InvoiceKind(InvoiceType.SPECIAL)


@pytest.mark.parametrize(
    ("fact", "kinds"),
    [
        ("电子普通发票", (_E,)),
        ("电子普通发票和增值税专用发票", (_E, _S)),
        ("纸质普通发票", (_P,)),
        ("数电票（普票、专票）", (_E, _S)),
        ("电子发票和纸质发票", (_E, _P)),
        ("电子普票，不提供专票", (_E,)),
        ("暂不提供发票", ()),
        ("可开发票", (InvoiceKind(InvoiceType.ORDINARY),)),
        ("electronic invoices only, no special ones", (_E,)),
        ("", ()),
    ],
)
def test_a_shop_offers_what_its_words_name(fact: str, kinds: tuple[InvoiceKind, ...]) -> None:
    assert kinds_offered(fact) == kinds


def test_content_is_what_the_shop_names_first() -> None:
    assert usual_content("商品明细，也可开“日用品”或“食品”大类") == "商品明细"
    assert usual_content("商品类别（服装、食品、电子产品）") == "商品类别"


def test_one_kind_leaves_nothing_to_choose() -> None:
    known = settled(InvoiceDetails(), InvoiceTerms((_E,)))
    assert (known.type, known.medium) == (InvoiceType.ORDINARY, Medium.ELECTRONIC)
    assert missing_of(known, (_E,)) == (Field.HEADING, Field.TAX_NUMBER, Field.ORDER_NO, Field.EMAIL)


def test_a_person_needs_no_tax_number_and_gets_no_special_invoice() -> None:
    person = InvoiceDetails(is_person=True, heading="个人")
    assert fitting_kinds(person, (_E, _S)) == (_E,)
    known = settled(person, InvoiceTerms((_E, _S)))
    assert missing_of(known, (_E, _S)) == (Field.ORDER_NO, Field.EMAIL)


def test_a_special_invoice_needs_address_phone_bank_and_account() -> None:
    known = settled(InvoiceDetails(type=InvoiceType.SPECIAL), InvoiceTerms((_E, _S)))
    assert missing_of(known, (_E, _S))[2:6] == (Field.ADDRESS, Field.PHONE, Field.BANK, Field.ACCOUNT)


def test_paper_goes_to_an_address_and_a_file_to_an_email() -> None:
    known = settled(InvoiceDetails(is_person=True, heading="个人", order_no="1"), InvoiceTerms((_P,)))
    assert missing_of(known, (_P,)) == (Field.SEND_TO,)
    assert missing_of(replace(known, send_to="福州"), (_P,)) == ()


def test_of_several_kinds_the_type_is_asked_before_the_medium() -> None:
    assert missing_of(InvoiceDetails(), (_E, _P, _S))[0] is Field.TYPE
    assert missing_of(InvoiceDetails(type=InvoiceType.ORDINARY), (_E, _P, _S))[0] is Field.MEDIUM


@pytest.mark.parametrize(
    ("text", "wants"),
    [
        ("我要发票", True), ("开下发票", True), ("可以给我开张发票吗", True), ("补一张发票给我", True), ("忘记要发票了", True),
        ("I need an invoice", True), ("Can I get an invoice?", True), ("能开票吗", False), ("有发票不", False),
        ("什么时候开票", False), ("怎么开发票", False), ("要发票需要提供什么", False), ("开发票要加钱吗", False),
        ("不要发票有优惠吗", False), ("不要发票", False), ("Do you issue invoices?", False),
        ("水杯那单给张票呗", True), ("多久能退 另外票给开上吧", True), ("来张票 报账用", True), ("帮我弄个专票", True), ("把票开了吧", True),
        ("要专票 你们出得了么", False), ("票给不给开", False), ("票开了没", False), ("来两张优惠票", False),
        ("票先不开", False), ("普票想换专票 来得及不", False), ("小规模的开不开得了专票", False),
    ],
)  # fmt: skip
def test_a_wish_is_told_from_a_question(text: str, wants: bool) -> None:
    assert wants_one(text) is wants


@pytest.mark.parametrize(
    "text",
    [
        "算了不开了",
        "不要了",
        "不用开了",
        "先不开",
        "never mind",
        "cancel the invoice",
        "票先不弄了",
        "唉不弄了",
    ],
)
def test_a_change_of_mind_is_heard(text: str) -> None:
    assert calls_off(text)


@pytest.mark.parametrize("text", ["不要专票了", "取消订单", "好的", "抬头不要写个人"])
def test_other_words_call_nothing_off(text: str) -> None:
    assert not calls_off(text)


@pytest.mark.parametrize(
    "text", ["抬头开错了能改吗", "退货了发票怎么办", "发票要红冲", "已经开好的发票能换抬头吗"]
)
def test_what_is_wanted_of_a_written_invoice_is_heard(text: str) -> None:
    assert wants_change(text)


def test_yes_and_no_are_told_apart() -> None:
    assert all(
        agrees(text)
        for text in (
            "对的",
            "是的 没错",
            "可以，谢谢",
            "yes please",
            "嗯嗯",
            "确认",
            "嗯呐 没毛病",
            "这回对了",
            "就这样吧",
            "都没错",
        )
    )
    assert not any(
        agrees(text) for text in ("不对", "对了，什么时候发货", "税号不对", "no", "这回也不对", "好的 多久开")
    )
    assert all(refuses(text) for text in ("不对", "错了", "wrong"))
    assert not refuses("税号错了")


@pytest.mark.parametrize(
    ("text", "speaks"),
    [
        ("月底前票能到不", True),
        ("品名写啥", True),
        ("fapiao please", True),
        ("有优惠票吗", False),
        ("尺码", False),
    ],
)
def test_that_an_invoice_is_spoken_of_is_heard(text: str, speaks: bool) -> None:
    assert speaks_of_one(text) is speaks
