"""Forbidden advertising words and outside contacts are told from everyday speech."""

from __future__ import annotations

import pytest

from bot.domain.advertising import forbidden_words
from bot.domain.disguises import digit_runs, fold
from bot.domain.outside_contacts import domain_spans, messenger_spans, phone_spans, phones_in, plain_width


def _folded(text: str) -> str:
    return fold(text, str)


@pytest.mark.parametrize(
    "text",
    [
        "这是国家级产品", "全网最低价", "销量第一", "全国第1", "最便宜了", "质量最佳", "史上最低", "顶级面料", "绝无仅有",
        "行业领先", "NO.1的品牌", "第一品牌", "全 网 最 低", "国家免检", "最优惠的价格", "100%有效", "这是最好的了", "质量最好",
    ],
)  # fmt: skip
def test_superlatives_of_advertising_are_found(text: str) -> None:
    assert list(forbidden_words(_folded(text)))


@pytest.mark.parametrize(
    "text",
    [
        "最近有点忙", "最晚明天发出", "第一时间给您处理", "第一次购买吗", "最好拍个照片", "最好的办法是重拍", "最后三件", "最多两天", "最大码是XL",
        "全国包邮", "最快今天发", "选一个最便宜的快递寄回", "开封后半小时最佳", "第一步先按开关", "国家规定的", "唯一不同的是颜色",
    ],
)  # fmt: skip
def test_everyday_speech_is_let_through(text: str) -> None:
    assert not list(forbidden_words(_folded(text)))


@pytest.mark.parametrize(
    "text",
    [
        "加我微信",
        "加个V吧",
        "＋v聊",
        "薇信：abc12345",
        "微信号是 shop_2024",
        "QQ 1058800",
        "加客服QQ",
        "VX abc1234",
        "可以私下转账",
        "QQ群号 123456",
        "加微 abc123",
    ],
)
def test_messenger_accounts_are_found(text: str) -> None:
    assert list(messenger_spans(plain_width(text)))


@pytest.mark.parametrize(
    "text",
    [
        "可以微信支付",
        "微信付款也可以的",
        "加我们购物车",
        "qq糖有货",
        "V领的",
        "加厚款",
        "微微弹",
        "用QQ邮箱收发票",
        "加v领款",
        "加微波炉加热",
    ],
)
def test_ways_of_paying_and_products_are_no_accounts(text: str) -> None:
    assert not list(messenger_spans(plain_width(text)))


@pytest.mark.parametrize(
    ("text", "domain"),
    [
        ("看这里 https://shop.example.com/a", "shop.example.com"), ("www。example。com", "www.example.com"),
        ("example点com", "example.com"), ("EXAMPLE . COM", "example.com"), ("找abc.top哦", "abc.top"),
    ],
)  # fmt: skip
def test_domains_are_read_however_their_dots_are_written(text: str, domain: str) -> None:
    assert [found for _, _, found in domain_spans(plain_width(text))] == [domain]


@pytest.mark.parametrize("text", ["1.5米", "满99减10.好的", "v1.2版本", "19.9元", "XL.L.M都有"])
def test_figures_with_dots_are_no_domains(text: str) -> None:
    assert not list(domain_spans(plain_width(text)))


@pytest.mark.parametrize("text", ["13800001111", "1 3 8 0000 1111", "400-000-1111", "010-88880000"])
def test_phones_are_found(text: str) -> None:
    assert [span for run in digit_runs(text, 7) for span in phone_spans(run)]


@pytest.mark.parametrize(
    "text",
    ["612001334501", "2026-03-11 12:00", "3326001000514149001", "5000-10000毫安", "尺码13 15 18 20 25 9"],
)
def test_other_numbers_are_no_phones(text: str) -> None:
    assert not [span for run in digit_runs(text, 7) for span in phone_spans(run)]


def test_phones_of_a_shops_own_text_are_read_with_their_dashes() -> None:
    assert phones_in("电话400-000-1101，或138 0000 1111；货号612001334501") == ["4000001101", "13800001111"]
