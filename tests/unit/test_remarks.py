"""What a buyer says after an answer: whether it asks for nothing, and whether it is what he was asked for."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.remarks import asks_for_nothing, gives_what_was_wanted

AMOUNTS = "50件往上把宝贝和数量告诉我，我去问价"
ADDRESS = "没出库的可以改，请将完整的新地址发给我"


@pytest.mark.parametrize(
    "text", ["好贵啊", "那算了", "不要了 谢谢", "哎算了不退了 送人好了", "不开了不开了 麻烦", "这样子哦", "别家也是这样", "ok thx"]
)  # fmt: skip
def test_a_mere_remark_or_a_wish_taken_back_waits_for_nothing(text: str) -> None:
    assert asks_for_nothing(text)


@pytest.mark.parametrize(
    "text",
    [
        "改成100我就付", "T恤黑白各20件", "改成样例省样例市样例大道2号", "给个批发价", "那帮我寄到公司", "我电话变了", "两箱", "能便宜吗",
        "please cancel it", "尾号还是2165",
    ],
)  # fmt: skip
def test_a_number_an_address_or_something_to_be_done_waits_for_somebody(text: str) -> None:
    assert not asks_for_nothing(text)


@given(st.text(max_size=20), st.integers(min_value=0, max_value=99999))
def test_whatever_holds_a_number_is_no_mere_remark(text: str, number: int) -> None:
    assert not asks_for_nothing(f"{text} {number}")


@pytest.mark.parametrize("text", ["T恤黑白各20件", "一百盒 什么时候能报价", "四十个"])
def test_the_amount_that_was_asked_for_is_heard(text: str) -> None:
    assert gives_what_was_wanted(text, AMOUNTS)
    assert not gives_what_was_wanted(text, "有货的，放心拍")
    assert not gives_what_was_wanted(text, ADDRESS)


def test_the_address_that_was_asked_for_is_heard() -> None:
    assert gives_what_was_wanted("广东省深圳市南山区样例大道2号", ADDRESS)
    assert not gives_what_was_wanted("要多久", ADDRESS)
    assert not gives_what_was_wanted("广东省深圳市南山区样例大道2号", "您寄到哪里呀")


@given(st.text(max_size=40))
def test_who_was_asked_for_nothing_gives_nothing(text: str) -> None:
    assert not gives_what_was_wanted(text, "亲，有货的哦")
