"""What a reply promises in numbers."""

from __future__ import annotations

import pytest

from bot.domain.claims import claims_in, claims_of, value_stated


@pytest.mark.parametrize(
    ("text", "topic", "value"),
    [
        ("亲，48小时内发货哦", "dispatch_time", "48h"),
        ("拍下后两天内发出", "dispatch_time", "48h"),
        ("四十八小时内发货", "dispatch_time", "48h"),
        ("发货时间一般3-5天", "dispatch_time", "72-120h"),
        ("We ship within 2 days", "dispatch_time", "48h"),
        ("支持7天无理由退换", "return_days", "168h"),
        ("退款后1-3个工作日到账", "refund_time", "1-3w"),
        ("发票3天内开具", "invoice_time", "72h"),
        ("价保十五天", "price_protection", "360h"),
        ("全场满59.00元包邮", "free_shipping", "59"),
        ("邮费统一6元", "shipping_fee", "6"),
        ("客服9点到22:30在线", "business_hours", "9:00-22:30"),
        ("质保一年", "warranty", "1y"),
    ],
)
def test_a_promise_in_numbers_is_read(text: str, topic: str, value: str) -> None:
    [claim] = claims_in(text)
    assert (claim.topic, claim.value) == (topic, value)


@pytest.mark.parametrize(
    "text",
    [
        "预售15天内发货",
        "超过48小时没发货可以赔付",
        "新疆满199包邮",
        "退货运费10元",
        "亲，尽快发出",
        "48小时内发货，另一个仓库72小时内发货",
        "",
    ],
)
def test_what_holds_only_sometimes_or_says_two_things_is_no_promise(text: str) -> None:
    assert claims_in(text) == []


def test_what_is_said_when_something_is_sold_out_is_no_promise_for_the_rest() -> None:
    assert claims_of({"": "有货哦", "out_of_stock": "补货后7天内发货"}) == {}
    assert claims_of({"": "", "in_stock": "24小时内发货"})["dispatch_time"].value == "24h"


def test_a_fact_of_the_shop_states_a_value_where_it_holds_one_number() -> None:
    assert value_stated("dispatch_time", "48小时内") == "48h"
    assert value_stated("business_hours", "9:00-23:00") == "9:00-23:00"
    assert value_stated("dispatch_time", "尽快") is None
    assert value_stated("dispatch_time", "平时24小时，大促72小时") is None
    assert value_stated("shipping_fee", "6") is None
