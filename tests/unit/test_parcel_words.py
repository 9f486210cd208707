"""A buyer asks where his order is in many words; that it is his, and that nothing else is wanted, is heard in them too."""

from __future__ import annotations

import pytest

from bot.domain.parcel_words import (
    COMES,
    LEFT,
    MISSED,
    WHERE,
    asks_of_parcel,
    is_of_his,
    is_surely_of_parcel,
    misses_parcel,
    names_order,
    only_looks_up,
)


@pytest.mark.parametrize(
    ("text", "asked"),
    [
        ("我的水杯跑到哪儿去了", WHERE),
        ("水杯飞到哪个城市了呀", WHERE),
        ("是不是还在武汉卡着", WHERE),
        ("怎么跑兰州去了我的件", WHERE),
        ("运单号告诉我一下", WHERE),
        ("where is my mug", WHERE),
        ("水杯装车了没", LEFT),
        ("怎么还没动身", LEFT),
        ("出没出", LEFT),
        ("你们是不是把我忘了", LEFT),
        ("付款三天了动静都没有", LEFT),
        ("几时轮到我的", LEFT),
        ("一直停在同一个地方", WHERE),
        ("卡在广州中转站三天了", WHERE),
        ("快到了吗", COMES),
        ("has my mug left yet", LEFT),
        ("哪天能穿上呀", COMES),
        ("后天到得了不", COMES),
        ("今天送不送", COMES),
        ("when will it arrive", COMES),
        ("柜子打开是空的", MISSED),
        ("东西没影了", MISSED),
        ("下一批几号到", ""),
        ("你们店开在哪儿", ""),
        ("在哪里领券", ""),
        ("现在拍几天能到", ""),
        ("水杯碎了 到哪里退", ""),
        ("短袖黑色L有货吗", ""),
        ("多少钱", ""),
        ("退的钱打到哪里去了", ""),
        ("我的返修进度到哪里了", ""),
        ("送不送核桃夹", ""),
        ("保质期到哪天", ""),
        ("入口在哪", ""),
        ("还没出库吧 我不想要了", ""),
        ("音箱有没", ""),
    ],
)
def test_what_is_asked_of_a_parcel_is_heard_in_its_words(text: str, asked: str) -> None:
    assert asks_of_parcel(text) == asked


@pytest.mark.parametrize("text", ["我那件啥时候到", "前天拍的呢", "付过钱的那单", "下单三天了", "my order"])
def test_who_has_ordered_says_so(text: str) -> None:
    assert is_of_his(text)


@pytest.mark.parametrize(
    ("text", "is_sure"),
    [
        ("货走到哪儿啦", True),
        ("我买的杯子发出来了没", True),
        ("几天能到", False),
        ("杯子装车了没", False),
        ("运费怎么算", False),
    ],
)
def test_some_words_can_only_be_about_an_order_that_was_made(text: str, is_sure: bool) -> None:
    assert is_surely_of_parcel(text) is is_sure


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("2026030100000001 尾号0670", True),
        ("单号2026030100000001走没走", True),
        ("2026030100000001想退货", False),
        ("2026030100000001开票 抬头个人", False),
        ("杯子走没走", False),
        ("\x00", False),
    ],
)
def test_a_number_is_looked_up_where_nothing_else_is_wanted(text: str, names: bool) -> None:
    assert names_order(text) is names


@pytest.mark.parametrize(
    ("text", "only"),
    [
        ("单2026030100000001\n电话后四位0670\n走没走", True),
        ("2026030100000001 0670", True),
        ("查下这单 2026030100000001 后四位0670", True),
        ("tracking for 2026030100000001 pls, phone ends in 0670", True),
        ("2026030100000001 叫快递掉头送回来", False),
        ("2026030100000001 赶紧给我发走", False),
        ("2026030100000001 箱子压得不成样子你们看着办", False),
        ("走没走", False),
    ],
)
def test_who_names_an_order_to_be_looked_up_wants_nothing_else(text: str, only: bool) -> None:
    assert only_looks_up(text) is only


@pytest.mark.parametrize(
    ("text", "misses"),
    [
        ("我上次买的还没收到", True), ("我的快递还没到", True), ("包裹一直没到呢", True), ("东西到现在都没收到", True),
        ("学生党吃土中", False), ("还没到货吗", False), ("钱还没到账", False), ("还没想好", False),
    ],
)  # fmt: skip
def test_what_has_not_come_is_told_of_without_a_question(text: str, misses: bool) -> None:
    assert misses_parcel(text) is misses
