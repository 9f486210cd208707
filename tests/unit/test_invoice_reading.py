"""What buyers tell for their invoices is read: several values at once, pasted blocks, corrections; questions give nothing."""

from __future__ import annotations

import signal
from collections.abc import Iterator
from contextlib import contextmanager
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.conversation import MAX_MESSAGE_CHARACTERS
from bot.domain.invoice_reading import called_wrong, is_question, read_details
from bot.domain.invoice_turns import only_asks_for_one
from bot.domain.invoices import Field, InvoiceDetails, InvoiceType, Medium
from bot.domain.tax_numbers import TaxFlaw

_TAX = "91350100M000100Y43"
_BLOCK = (
    "名称：云州测试（福州）有限公司\n税号：{tax}\n地址、电话：福州市测试路1号，2楼 0591-88886666\n"
    "开户行及账号：测试银行福州支行 1202 0000 0000 0000 000\n邮箱：cai@example.com"
)
_WHOLE = {
    "heading": "云州测试（福州）有限公司",
    "is_person": False,
    "tax_number": _TAX,
    "phone": "0591-88886666",
    "bank": "测试银行福州支行",
    "account": "1202000000000000000",
    "email": "cai@example.com",
}


def test_a_pasted_block_gives_all_that_it_holds() -> None:
    read = read_details(_BLOCK.format(tax=_TAX))
    assert read.values == {**_WHOLE, "address": "福州市测试路1号，2楼"}
    assert read.tax is None


def test_a_block_on_one_line_is_the_same() -> None:
    line = (
        f"公司名称:云州测试（福州）有限公司 纳税人识别号:{_TAX} "
        "地址:福州市测试路1号 电话:0591-88886666 开户行:测试银行福州支行 账号:1202000000000000000 邮箱:cai@example.com"
    )
    assert read_details(line).values == {**_WHOLE, "address": "福州市测试路1号"}


def test_a_numbered_block_and_one_without_names_are_read() -> None:
    numbered = f"1、单位名称：云州测试有限公司\n2、税号：{_TAX.lower()}\n"
    assert read_details(numbered).values["tax_number"] == _TAX
    assert read_details(f"云州测试有限公司\n{_TAX}").values == {
        "heading": "云州测试有限公司",
        "is_person": False,
        "tax_number": _TAX,
    }


@pytest.mark.parametrize(
    ("text", "awaits", "values"),
    [
        ("个人", "", {"heading": "个人", "is_person": True}),
        ("开个人的就行", "heading", {"heading": "个人", "is_person": True}),
        ("personal please", "heading", {"heading": "个人", "is_person": True}),
        ("抬头写个人，邮箱 abc@example.com", "", {"heading": "个人", "is_person": True, "email": "abc@example.com"}),
        ("税号 9135 0100 m000 100y 43", "", {"tax_number": _TAX, "is_person": False}),
        ("税号错了，是" + _TAX, "", {"tax_number": _TAX, "is_person": False}),
        ("抬头改成云州第二有限公司", "", {"heading": "云州第二有限公司", "is_person": False}),
        ("不要专票，开普票", "type", {"type": InvoiceType.ORDINARY}),
        ("我要开专票", "", {"type": InvoiceType.SPECIAL}),
        ("电子的就行", "medium", {"medium": Medium.ELECTRONIC}),
        ("3021457896541236547", "order_no", {"order_no": "3021457896541236547"}),
        ("订单编号：3021457896541236547", "", {"order_no": "3021457896541236547"}),
        ("1202000000000000000", "account", {"account": "1202000000000000000"}),
        ("测试银行福州支行", "bank", {"bank": "测试银行福州支行"}),
        ("寄到福州市测试路1号", "send_to", {"send_to": "福州市测试路1号"}),
        ("开88.5元", "", {"amount": Decimal("88.5")}),
        ("开票内容：办公用品", "", {"content": "办公用品"}),
        ("公司", "heading", {"is_person": False}),
        ("要发票 公司抬头", "", {"is_person": False}),
        ("个人抬头", "", {"heading": "个人", "is_person": True}),
        ("寄到福州市测试路1号 电话13800000000", "send_to", {"send_to": "福州市测试路1号 电话13800000000"}),
        (
            f"抬头云州测试有限公司 税号{_TAX} 订单3021457896541236547 邮箱a1@example.com 内容日用品",
            "",
            {
                "heading": "云州测试有限公司", "is_person": False, "tax_number": _TAX, "email": "a1@example.com",
                "order_no": "3021457896541236547", "content": "日用品",
            },
        ),
        (
            f"My company is Acme Trading Co., Ltd, tax number {_TAX}, email a@example.com",
            "",
            {"heading": "Acme Trading Co., Ltd", "is_person": False, "tax_number": _TAX, "email": "a@example.com"},
        ),
    ],
)  # fmt: skip
def test_values_are_read(text: str, awaits: str, values: dict[str, object]) -> None:
    assert read_details(text, awaits).values == values


@pytest.mark.parametrize(
    ("text", "awaits"),
    [
        ("发什么快递?", "heading"), ("几天能到", "tax_number"), ("好的", "heading"), ("等一下", "heading"),
        ("我问下财务", "heading"), ("抬头是什么意思", "heading"), ("税号在哪里看", "tax_number"), ("能开专票吗", ""),
        ("公司买的 要报销", ""), ("我们公司要报销，能开发票吗", ""), ("税号发你了", "tax_number"), ("", "heading"),
        ("你们公司在哪", "heading"), ("在吗", "email"),
    ],
)  # fmt: skip
def test_what_is_no_value_gives_none(text: str, awaits: str) -> None:
    assert not read_details(text, awaits)


@pytest.mark.parametrize(
    ("text", "flaw"),
    [
        ("91350100M000100Y34", TaxFlaw.CHECK),
        ("9135010OM000100Y43", TaxFlaw.LETTER),
        ("123456", TaxFlaw.LENGTH),
    ],
)
def test_a_tax_number_that_cannot_be_right_is_told_and_not_taken(text: str, flaw: TaxFlaw) -> None:
    read = read_details(text, "tax_number")
    assert read.values == {}
    assert read.tax is not None
    assert read.tax.flaw is flaw


def test_an_address_without_its_end_is_no_email() -> None:
    assert read_details("cai@example", "email").bad_email == "cai@example"


def test_what_is_called_wrong_is_named() -> None:
    assert called_wrong("税号和邮箱都错了") == (Field.TAX_NUMBER, Field.EMAIL)
    assert called_wrong("税号发你了") == ()


@given(st.text(max_size=400), st.sampled_from(["", *(str(each) for each in Field)]))
def test_no_text_breaks_the_reading_and_every_value_is_a_field(text: str, awaits: str) -> None:
    read = read_details(text, awaits)
    assert set(read.values) <= set(InvoiceDetails.__dataclass_fields__)
    is_question(text)
    called_wrong(text)


_WORDS = st.sampled_from(
    [
        "名称",
        "税号",
        "：",
        ":",
        "，",
        "\n",
        " ",
        "是",
        "错了",
        "地址、电话",
        "开户行及账号",
        "公司",
        "@",
        "个人",
        "1",
        "9",
        "A",
        "元",
    ]
)


@given(st.lists(_WORDS, max_size=80).map("".join), st.sampled_from(["", "heading", "tax_number", "email"]))
def test_no_mixture_of_names_and_signs_breaks_the_reading(text: str, awaits: str) -> None:
    read_details(text, awaits)


@given(
    st.sampled_from(["云州测试有限公司", "云州（福州）商贸有限公司", "云州第一中学"]),
    st.sampled_from(["cai@example.com", "a.b-c@mail.example.cn"]),
    st.sampled_from(["3021457896541236547", "202611230001"]),
    st.permutations([0, 1, 2, 3]),
    st.sampled_from(["\n", "，", " ", "；"]),
)
def test_values_written_with_their_names_are_read_back_in_any_order(
    heading: str, email: str, order: str, places: list[int], between: str
) -> None:
    lines = [f"抬头：{heading}", f"税号：{_TAX}", f"邮箱：{email}", f"订单号：{order}"]
    read = read_details(between.join(lines[place] for place in places))
    assert read.values == {
        "heading": heading, "is_person": False, "tax_number": _TAX, "email": email, "order_no": order,
    }  # fmt: skip


_SEPARATORS = (
    " ",
    "：",
    ": ",
    "：\t",
    ",",
    "， ",
    "1",
    "1 ",
    "1-",
    "税号",
    "税号 ",
    "账号",
    "@",
    "a@",
    "a.",
    "(",
    "公司",
    "地址，",
)


@pytest.mark.parametrize("piece", _SEPARATORS)
@pytest.mark.parametrize("label", ["开户行及账号", "地址电话", "税号", "抬头", "邮箱", ""])
def test_a_message_that_was_made_to_be_slow_to_read_takes_no_longer(label: str, piece: str) -> None:
    made = f"{label}：{piece * (MAX_MESSAGE_CHARACTERS // len(piece))}"[:MAX_MESSAGE_CHARACTERS]
    with _a_few_seconds_of_work():
        read_details(made + "!")


@contextmanager
def _a_few_seconds_of_work() -> Iterator[None]:
    """Fail what computes for seconds: such patterns take minutes, all others thousandths. What others compute is not counted."""

    def stop(signal_number: int, frame: object) -> None:
        raise AssertionError("it computes for seconds")

    former = signal.signal(signal.SIGVTALRM, stop)
    signal.setitimer(signal.ITIMER_VIRTUAL, 3)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_VIRTUAL, 0)
        signal.signal(signal.SIGVTALRM, former)


def test_a_bank_and_its_account_are_told_apart_with_or_without_a_name_between() -> None:
    for said in (
        "开户行及账号：某银行某支行 账号：6222 0000 1111 2222",
        "开户行及账号：某银行某支行 6222 0000 1111 2222",
    ):
        read = read_details(said)
        assert (read.values["bank"], read.values["account"]) == ("某银行某支行", "6222000011112222")


@pytest.mark.parametrize(
    ("text", "only"),
    [
        ("名称：云州测试有限公司\n税号：91350100M000100Y43\n寄 福建省福州市测试路1号 13800000000\n麻烦给我把票开了", True),
        ("给我开张票 个人的 cai@example.com", True),
        ("给我开张票 再便宜二十块我就拍两件", False),
        ("那张作废 重新给我开一张", False),
        ("什么时候开票", False),
    ],
)  # fmt: skip
def test_who_wants_an_invoice_and_says_no_more_is_told_apart(text: str, only: bool) -> None:
    assert only_asks_for_one(text) is only
