"""A reply is complete or is not given at all."""

from __future__ import annotations

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.entry import CASES, Entry
from bot.domain.facts import Fact
from bot.domain.variables import VARIABLES
from bot.services.filling import case_family, facts_used, fill_reply
from tests.unit.fakes.counter import NOW
from tests.unit.fakes.replies import Stall, entry, in_days, order, product, rule, variant

TEE = product(
    "tee",
    "纯棉短袖",
    variant("bl", 12, colour="黑色", size="L"),
    variant("bm", 3, colour="黑色", size="M"),
    variant("wl", 0, in_days(5), colour="白色", size="L"),
    aliases=("短袖",),
)
SOCKS = product("socks", "棉袜", variant("socks", 4, colour="黑色"))
EMPTY = product("cap", "帽子", variant("cap", None, colour="绿色"))
STALL = Stall(
    (TEE, SOCKS, EMPTY),
    (rule("江苏", fee="0"), rule("新疆", fee="18", free_from=None), rule("西藏", fee=None), rule("*")),
    (("dispatch_time", "48小时内"),),
)
STOCK = entry(
    in_stock="有{库存}件",
    low="只剩{库存}件",
    out_of_stock="{补货日期|近期}补货",
    several="{匹配商品}都有",
    unknown="您看哪一款",
)
REGION = entry(
    group="shipping",
    free="{地区}包邮",
    paid="{地区}{运费}元，{包邮条件|不包邮}",
    not_shipped_to="{地区}不发",
    unknown="寄到哪里",
)
ORDER = entry(
    group="logistics",
    not_shipped="还没发",
    shipped="{快递单号}在{物流状态}",
    delivered="签收了",
    refunding="退款中",
    unknown="订单号发我",
)


def said(entry: Entry, **subject: object) -> tuple[str, str] | None:
    filled = fill_reply(entry, STALL.resolver(**subject))  # type: ignore[arg-type]
    return (filled.case, filled.text) if filled else None


@pytest.mark.parametrize(
    ("text", "reply"),
    [
        ("短袖黑色L码", ("in_stock", "有12件")),
        ("短袖黑色M码", ("low", "只剩3件")),
        ("短袖白色L码", ("out_of_stock", "3月10日补货")),
        ("短袖", ("in_stock", "有15件")),
        ("黑色", ("several", "纯棉短袖、棉袜都有")),
        ("短袖3XL", ("unknown", "您看哪一款")),
        ("帽子", ("unknown", "您看哪一款")),
        ("", ("unknown", "您看哪一款")),
    ],
)
def test_the_case_of_the_stock_is_told(text: str, reply: tuple[str, str]) -> None:
    assert said(STOCK, text=text) == reply


@pytest.mark.parametrize(
    ("place", "reply"),
    [
        ("南京", ("free", "南京包邮")),
        ("新疆", ("paid", "新疆18元，不包邮")),
        ("北京", ("paid", "北京8元，满59元包邮")),
        ("拉萨", ("not_shipped_to", "拉萨不发")),
        ("江浙沪", ("unknown", "寄到哪里")),
        ("日本", ("unknown", "寄到哪里")),
        (None, ("unknown", "寄到哪里")),
    ],
)
def test_the_case_of_the_place_is_told(place: str | None, reply: tuple[str, str]) -> None:
    assert said(REGION, place=place) == reply


@pytest.mark.parametrize(
    ("status", "reply"),
    [
        ("paid", ("not_shipped", "还没发")),
        ("shipped", ("shipped", "YT1在南京")),
        ("delivered", ("delivered", "签收了")),
        ("refunding", ("refunding", "退款中")),
        ("unpaid", ("unknown", "订单号发我")),
    ],
)
def test_the_case_of_the_order_is_told(status: str, reply: tuple[str, str]) -> None:
    assert said(ORDER, of=order(status, tracking_no="YT1", tracking_status="南京")) == reply


def test_without_an_order_its_number_is_asked_for() -> None:
    assert said(ORDER) == ("unknown", "订单号发我")


def test_a_case_that_lacks_a_fact_asks_back() -> None:
    assert said(ORDER, of=order("shipped")) == ("unknown", "订单号发我")


def test_a_case_that_is_not_given_is_answered_by_the_reply() -> None:
    assert said(entry("现有{库存}件", unknown="哪一款"), text="短袖") == ("in_stock", "现有15件")


def test_the_reply_is_the_last_resort_when_nothing_asks_back() -> None:
    assert said(entry("都有的", low="不多了"), text="黑色") == ("several", "都有的")
    assert said(entry("都有的", low="不多了")) == ("unknown", "都有的")


@pytest.mark.parametrize(
    ("reply", "fallback", "text"),
    [
        ("{发货时限}发出", "", ("", "48小时内发出")),
        ("{截单时间}前发", "尽快发", ("", "尽快发")),
        ("{截单时间|16:00}前发", "尽快发", ("", "16:00前发")),
        ("{截单时间}前发", "", None),
        ("{截单时间}前发", "{发货地}发", None),
        ("{今日公告|}", "", None),
        ("{今日公告|} ", "没有公告", ("", "没有公告")),
    ],
)
def test_a_reply_without_its_facts_gives_way_to_the_fallback_or_to_silence(
    reply: str, fallback: str, text: tuple[str, str] | None
) -> None:
    assert said(entry(reply, group="shipping", fallback=fallback)) == text


def test_an_entry_that_only_asks_back_still_answers_when_the_fact_is_there() -> None:
    asks = entry("{商品}是好的", group="product_info", unknown="哪一款")
    assert said(asks, text="短袖") == ("", "纯棉短袖是好的")
    assert said(asks) == ("unknown", "哪一款")


@pytest.mark.parametrize(
    ("group", "family"),
    [
        ("stock", "stock"),
        ("logistics", "order"),
        ("order_change", "order"),
        ("shipping", "region"),
        ("other", None),
    ],
)
def test_the_family_of_an_entry_that_only_asks_back_is_told_by_its_group(
    group: str, family: str | None
) -> None:
    assert case_family(entry(group=group, unknown="?")) == family


@pytest.mark.parametrize("family", sorted(CASES))
def test_one_case_tells_the_family(family: str) -> None:
    for case in set(CASES[family]) - {"unknown"}:
        assert case_family(entry(group="other", **{case: "x"})) == family


def test_the_facts_that_decided_the_case_stand_beside_the_reply() -> None:
    filled = fill_reply(entry(in_stock="有的"), STALL.resolver(text="短袖黑色L码"))
    assert filled is not None
    assert [(fact.name, fact.value) for fact in filled.facts] == [("stock", "12")]


def test_a_fact_beyond_its_time_is_marked_and_the_address_form_is_left_out() -> None:
    old = Fact("stock", "3", "stock", "sheet", NOW - timedelta(hours=7))
    form = Fact("address_form", "亲", "shop", "sheet", NOW)
    assert [(used.name, used.stale) for used in facts_used([old, form], NOW)] == [("stock", True)]


PIECES = st.lists(
    st.sampled_from(
        [f"{{{v.zh}}}" for v in VARIABLES] + [f"{{{v.name}|好的}}" for v in VARIABLES] + ["亲", "，"]
    ),
    max_size=4,
).map("".join)


@given(
    st.builds(
        Entry,
        st.just("e"),
        st.sampled_from(["stock", "shipping", "logistics", "other"]),
        st.just("问题"),
        PIECES,
        cases=st.sampled_from(sorted(CASES)).flatmap(
            lambda family: st.dictionaries(st.sampled_from(CASES[family]), PIECES)
        ),
        fallback=PIECES,
    ),
    st.sampled_from(["", "短袖", "短袖黑色L码", "黑色", "帽子", "3XL"]),
    st.none() | st.sampled_from(["南京", "拉萨", "江浙沪", "日本"]),
    st.none() | st.sampled_from(["unpaid", "paid", "shipped", "delivered", "closed", "refunding"]).map(order),
    st.sampled_from(["zh", "en"]),
)
def test_no_reply_is_ever_half_filled_or_blank(
    template: Entry, text: str, place: str | None, of: object, language: str
) -> None:
    filled = fill_reply(template, STALL.resolver(text=text, place=place, of=of, language=language))  # type: ignore[arg-type]
    assert filled is None or (filled.text.strip() and not set("{}|") & set(filled.text))


def test_what_else_holds_for_a_region_is_told_with_it_once() -> None:
    noted = Stall(
        (), (rule("新疆", fee="18", note="充电宝寄不了"), rule("江苏", fee="0"), rule("*", note="只走陆运"))
    )
    paid = entry(group="shipping", paid="{地区}{运费}元", unknown="寄到哪里")
    own = entry(
        group="shipping",
        paid="{地区}{运费}元，{地区说明|都能寄}",
        free="{地区}包邮，{地区说明|都能寄}",
        unknown="寄到哪里",
    )

    def told(one: Entry, place: str | None) -> str:
        filled = fill_reply(one, noted.resolver(place=place))
        assert filled is not None
        return filled.text

    assert told(paid, "新疆") == "新疆18元\n充电宝寄不了"
    assert told(own, "新疆") == "新疆18元，充电宝寄不了"
    assert told(own, "江苏") == "江苏包邮，都能寄"
    assert told(paid, None) == "寄到哪里"
    [note] = [f for f in fill_reply(paid, noted.resolver(place="新疆")).facts if f.name == "region_note"]  # type: ignore[union-attr]
    assert note.value == "充电宝寄不了"


@pytest.mark.parametrize(
    ("note", "keeps_back"),
    [
        ("充电宝寄不了，其他都可以", True),
        ("食品不发港澳", True),
        ("power banks are not sent", True),
        ("充电宝走陆运，再多2天", False),
        ("只走邮政", False),
    ],
)
def test_a_region_that_some_goods_do_not_reach_is_no_reply_to_go_alone(note: str, keeps_back: bool) -> None:
    stall = Stall((), (rule("新疆", fee="18", note=note),))
    filled = fill_reply(
        entry(group="shipping", paid="{地区}{运费}元", unknown="寄到哪里"), stall.resolver(place="新疆")
    )
    assert filled is not None
    assert filled.keeps_back is keeps_back
