"""Facts fill variables: the right one, for what the message speaks about, from this shop alone."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.catalogue import Catalogue
from bot.domain.colours import english_colour
from bot.domain.resolving import FactResolver, Subject, money
from bot.domain.shop import Shop
from bot.domain.template import Template, parse_template
from bot.domain.variables import VARIABLES, Variable
from tests.unit.fakes.counter import NOW
from tests.unit.fakes.replies import LOCAL_NOW, Stall, in_days, order, product, rule, variant

TEE = product(
    "tee",
    "纯棉短袖",
    variant("bl", 12, colour="黑色", size="L"),
    variant("bm", 3, price="65", colour="黑色", size="M"),
    variant("wl", 0, in_days(5), colour="白色", size="L"),
    variant("wm", 0, in_days(-1), colour="白色", size="M"),
    aliases=("短袖", "tee"),
    title_en="Cotton tee",
    price=Decimal("59.90"),
    url="https://stall.example.com/tee",
    attributes={"material": "全棉"},
    item_id="623456789012",
)
STALL = Stall(
    (TEE,),
    (rule("江苏", courier="顺丰", days="1天"), rule("西藏", fee=None, free_from=None), rule("*")),
    (("dispatch_time", "48小时内"), ("address_form", "亲")),
)


def value(name: str, **subject: object) -> str | None:
    fact = STALL.resolver(**subject).fact_named(name)  # type: ignore[arg-type]
    return fact.value if fact else None


@pytest.mark.parametrize(
    ("name", "text", "expected"),
    [
        ("product", "短袖", "纯棉短袖"),
        ("product_url", "短袖", "https://stall.example.com/tee"),
        ("material", "短袖", "全棉"),
        ("care", "短袖", None),
        ("price", "短袖", "59.9-65"),
        ("price", "短袖黑色M", "65"),
        ("price", "短袖黑色L", "59.9"),
        ("variant", "短袖黑色L", "黑色 L"),
        ("variant", "短袖黑色", "黑色"),
        ("variant", "短袖", None),
        ("stock", "短袖黑色", "15"),
        ("stock", "短袖白色", "0"),
        ("restock_date", "短袖白色L", "3月10日"),
        ("restock_date", "短袖白色M", None),
        ("available_variants", "短袖", "黑色 L、黑色 M"),
        ("matching_products", "黑色", "纯棉短袖"),
        ("stock", "", None),
        ("product", "", None),
    ],
)
def test_a_product_fills_the_variables_about_it(name: str, text: str, expected: str | None) -> None:
    assert value(name, text=text) == expected


@pytest.mark.parametrize(
    ("name", "place", "expected"),
    [
        ("courier", "南京", "顺丰"),
        ("delivery_days", "南京", "1天"),
        ("shipping_fee", "北京", "8"),
        ("free_shipping", "北京", "满59元包邮"),
        ("region", "北京", "北京"),
        ("region", "拉萨", "拉萨"),
        ("courier", "拉萨", None),
        ("courier", "日本", None),
        ("courier", None, "中通"),
        ("shipping_fee", None, None),
        ("region", None, None),
    ],
)
def test_a_place_fills_the_variables_about_shipping(
    name: str, place: str | None, expected: str | None
) -> None:
    assert value(name, place=place) == expected


def test_an_order_fills_the_variables_about_it_and_says_its_own_courier() -> None:
    parcel = order(
        courier="京东", tracking_no="JD1", tracking_status="已到南京", shipped_at=NOW, eta=in_days(1)
    )
    names = (
        "order_no",
        "order_status",
        "courier",
        "tracking_no",
        "tracking_status",
        "shipped_at",
        "eta",
        "ship_by",
    )
    assert [value(name, of=parcel, place="南京") for name in names] == [
        "2026030100000001", "已发货", "京东", "JD1", "已到南京", "3月5日", "3月6日", None,
    ]  # fmt: skip


def test_the_day_of_an_order_is_the_day_where_the_shop_is() -> None:
    late = datetime(2026, 3, 4, 20, 0, tzinfo=UTC)
    assert value("shipped_at", of=order(shipped_at=late)) == "3月5日"


def test_the_shop_fills_its_own_facts_and_its_name() -> None:
    assert value("dispatch_time") == "48小时内"
    assert value("shop_name") == "小摊"
    assert value("shop_name", language="en") == "The Stall"
    assert value("cutoff") is None


def test_generated_values_come_in_the_language_of_the_reply() -> None:
    resolver = STALL.resolver(text="tee white L", place="北京", language="en")
    shown = {
        name: fact.value
        for name in ("product", "restock_date", "free_shipping")
        if (fact := resolver.fact_named(name))
    }
    assert shown == {
        "product": "Cotton tee",
        "restock_date": "Mar 10",
        "free_shipping": "free shipping from ¥59",
    }


def test_an_item_of_another_shop_gives_no_product_and_no_stock() -> None:
    catalogue = Catalogue([TEE])
    subject = Subject(catalogue.find("黑色有吗", ["999999999999"]))
    resolver = FactResolver(Shop("stall", "小摊"), {}, (), catalogue, subject, LOCAL_NOW)
    assert resolver.case("stock") == "unknown"
    assert resolver.fact_named("stock") is None


def test_stock_is_as_old_as_the_oldest_product_that_was_counted() -> None:
    older = product("old", "旧款", variant("old", 1, colour="黑色"), as_of=NOW - timedelta(hours=9))
    fact = Stall((TEE, older)).resolver(text="黑色").fact_named("matching_products")
    assert fact is not None
    assert fact.as_of == NOW - timedelta(hours=9)
    assert fact.is_stale(NOW)


@pytest.mark.parametrize(
    ("amount", "text"), [("59.90", "59.9"), ("59.00", "59"), ("0.50", "0.5"), ("0", "0"), ("100", "100")]
)
def test_money_is_written_without_idle_zeros(amount: str, text: str) -> None:
    assert money(Decimal(amount)) == text


OTHERS_WORD = "乙店独有"
OTHER = Stall(
    (
        product(
            "tee",
            f"{OTHERS_WORD}短袖",
            variant("o", 777, price="777", colour="黑色", size="L"),
            aliases=("短袖",),
            url=f"https://other.example.com/{OTHERS_WORD}",
            attributes={"material": OTHERS_WORD},
        ),
    ),
    (rule("*", courier=OTHERS_WORD, days=OTHERS_WORD, fee="777"),),
    tuple((v.name, OTHERS_WORD) for v in VARIABLES if v.source == "shop" and v.name != "shop_name"),
    Shop("other", OTHERS_WORD, OTHERS_WORD),
)


@given(
    st.lists(st.sampled_from(VARIABLES), min_size=1, max_size=6),
    st.sampled_from(["", "短袖黑色L码", "黑色", f"{OTHERS_WORD}短袖", "3XL"]),
    st.none() | st.sampled_from(["南京", "北京", "日本"]),
)
def test_a_reply_of_one_shop_holds_nothing_of_another(
    variables: list[Variable], text: str, place: str | None
) -> None:
    template = parse_template(" ".join(f"{{{variable.zh}|-}}" for variable in variables))
    theirs = filled(template, OTHER, text, place)
    mine = filled(template, STALL, text, place)
    assert OTHERS_WORD not in mine
    assert "777" not in mine
    assert "小摊" not in theirs


def filled(template: Template, stall: Stall, text: str, place: str | None) -> str:
    resolver = stall.resolver(text=text, place=place)
    return template.fill(lambda variable: resolver.value_of(variable, {})) or ""


def test_an_english_reply_names_colours_in_english() -> None:
    assert english_colour("黑色") == "black"
    assert english_colour("藏青色") == "navy"
    assert english_colour("L") == "L"
    assert english_colour("奶茶色") == "奶茶色"
