"""Cells of tables of facts: as people and ERPs write them; and what is exported is imported as it was."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.domain.fact_tables import OPTIONS
from bot.domain.facts import ORDER_STATUSES, Fact, Order, Product, ShippingRule, Variant
from bot.domain.shop import Shop
from bot.domain.variables import PRODUCT_ATTRIBUTES
from bot.ports import ShopFacts
from bot.services.documents import Loading
from bot.services.fact_cells import (
    WrongCell,
    read_day,
    read_fee,
    read_last_digits,
    read_list,
    read_moment,
    read_money,
    read_options,
    read_pieces,
    read_regions,
    write_list,
)
from bot.services.fact_importing import PLANS
from bot.services.fact_lists import plan_orders
from bot.services.fact_rows import rows_of_file
from bot.services.fact_tables import file_of

NOW = datetime(2026, 3, 5, 2, 30, tzinfo=UTC)
LATER = Loading(datetime(2026, 3, 6, tzinfo=UTC), ZoneInfo("Asia/Shanghai"), "表格")


@pytest.mark.parametrize(
    ("cell", "pieces"), [("12", 12), ("12.0", 12), ("1,200 件", 1200), ("-3", 0), (" ", None), ("0", 0)]
)
def test_pieces_are_read_as_spreadsheets_write_them(cell: str, pieces: int | None) -> None:
    assert read_pieces(cell) == pieces


@pytest.mark.parametrize(("cell", "amount"), [("¥1,299.90元", "1299.9"), ("0", "0"), ("59", "59")])
def test_amounts_are_read_with_their_signs(cell: str, amount: str) -> None:
    assert read_money(cell) == Decimal(amount)


@pytest.mark.parametrize(("cell", "fee"), [("包邮", Decimal(0)), ("不发货", None), ("12", Decimal(12))])
def test_a_fee_may_be_free_or_say_that_nothing_is_sent(cell: str, fee: Decimal | None) -> None:
    assert read_fee(cell) == fee


@pytest.mark.parametrize("cell", ["2026-04-01", "2026/4/1", "2026年4月1日", "2026-04-01 00:00:00"])
def test_days_are_read_as_they_are_written_here(cell: str) -> None:
    assert read_day(cell, LATER) == date(2026, 4, 1)


def test_times_are_the_shops_and_lists_and_options_have_their_dividers() -> None:
    assert read_moment("2026/4/1 8:05", LATER) == datetime(2026, 4, 1, 0, 5, tzinfo=UTC)
    assert read_list("大衣；外套|呢子\n毛料") == ["大衣", "外套", "呢子", "毛料"]
    assert read_options("颜色：黑色;尺码:L") == {"颜色": "黑色", "尺码": "L"}
    assert read_regions("新疆 西藏、New Zealand，其他地区") == ["新疆", "西藏", "New Zealand", "*"]
    assert read_last_digits("138 0000 5678") == "5678"


@pytest.mark.parametrize(
    ("reader", "cell"),
    [
        (read_pieces, "1.5"), (read_pieces, "9" * 30), (read_money, "-1"), (read_money, "NaN"), (read_money, "1e9"),
        (read_money, "0.001"), (read_fee, ""), (read_options, "黑色"), (read_last_digits, "12"),
    ],
)  # fmt: skip
def test_what_cannot_be_meant_is_refused(reader: object, cell: str) -> None:
    with pytest.raises(WrongCell):
        reader(cell)  # type: ignore[operator]


TEXTS = st.text(st.characters(blacklist_categories=("C", "Z")), min_size=1, max_size=12)
AMOUNTS = st.none() | st.decimals(0, 99_999, places=2)
NAMES = st.from_regex(r"[a-z0-9]([a-z0-9-]{0,6}[a-z0-9])?", fullmatch=True)


@given(st.lists(TEXTS, max_size=5))
def test_a_list_comes_back_as_it_was_written(items: list[str]) -> None:
    assert read_list(write_list(tuple(items))) == items


@st.composite
def products(draw: st.DrawFn) -> list[Product]:
    made = []
    skus = iter(draw(st.lists(TEXTS, unique=True, min_size=9, max_size=9)))
    for name in draw(st.lists(NAMES, unique=True, max_size=3)):
        variants = tuple(
            Variant(
                next(skus), draw(st.dictionaries(st.sampled_from((*OPTIONS, "电压")), TEXTS, max_size=3)),
                draw(st.none() | st.integers(0, 9_999)), draw(st.none() | st.dates(date(2000, 1, 1), date(2100, 1, 1))),
                draw(AMOUNTS),
            )
            for _ in range(draw(st.integers(0, 3)))
        )  # fmt: skip
        made.append(
            Product(
                name, draw(TEXTS), variants, "旧", NOW, NOW, title_en=draw(st.just("") | TEXTS),
                aliases=tuple(draw(st.lists(TEXTS, max_size=3))), category=draw(st.just("") | TEXTS), price=draw(AMOUNTS),
                attributes=draw(st.dictionaries(st.sampled_from(sorted(PRODUCT_ATTRIBUTES)), TEXTS, max_size=3)),
            )
        )  # fmt: skip
    return made


@st.composite
def stated(draw: st.DrawFn) -> ShopFacts:
    rules = (
        ShippingRule(("*",), draw(TEXTS), draw(AMOUNTS), draw(AMOUNTS), draw(TEXTS), "旧", NOW),
        ShippingRule(("新疆", "New Zealand"), "", draw(AMOUNTS), None, "", "旧", NOW, draw(TEXTS)),
    )
    fact = Fact("origin", draw(TEXTS), "shipping", "旧", NOW)
    return ShopFacts(Shop("m", "m"), {p.id: p for p in draw(products())}, rules, {"origin": fact}, {})


@given(
    stated(), st.sampled_from(["products", "stock", "shipping", "facts"]), st.sampled_from(["csv", "xlsx"])
)
@settings(max_examples=60, deadline=None)
def test_what_is_exported_is_imported_as_it_was(known: ShopFacts, table: str, kind: str) -> None:
    rows = rows_of_file(table, file_of(table, kind, known, []), f"x.{kind}")
    plan = PLANS[table](known, rows, LATER, replace_all=True)
    assert plan.errors == []
    assert {verdict.verdict for verdict in plan.verdicts} <= {"same"}
    assert plan.removed == ()
    if table == "products":
        again = {key: _bare(item) for key, item in plan.items.items() if isinstance(item, Product)}
        assert again == {key: _bare(item) for key, item in known.products.items()}


def _bare(product: Product) -> Product:
    variants = tuple(
        replace(v, stock_as_of=None, options=dict(sorted(v.options.items()))) for v in product.variants
    )
    return replace(product, variants=variants, source="", as_of=NOW, stock_as_of=NOW)


@given(
    st.lists(
        st.builds(
            Order, order_no=st.from_regex(r"[0-9]{8,20}", fullmatch=True), status=st.sampled_from(ORDER_STATUSES),
            items=st.lists(TEXTS, max_size=3).map(tuple), source=st.just("旧"), as_of=st.just(NOW), amount=AMOUNTS,
            tracking_no=st.just("") | TEXTS, paid_at=st.none() | st.just(NOW), phone_last4=st.just("") | st.just("0042"),
            eta=st.none() | st.dates(date(2000, 1, 1), date(2100, 1, 1)),
        ),
        unique_by=lambda order: order.order_no, max_size=4,
    ),
    st.sampled_from(["csv", "xlsx"]),
)  # fmt: skip
@settings(max_examples=40, deadline=None)
def test_exported_orders_are_imported_as_they_were(orders: list[Order], kind: str) -> None:
    known = ShopFacts(Shop("m", "m"), {}, (), {}, {})
    rows = rows_of_file("orders", file_of("orders", kind, known, orders), f"x.{kind}")
    plan = plan_orders({order.order_no: order for order in orders}, rows, LATER, [])
    assert plan.errors == []
    assert [replace(order, source="旧", as_of=NOW) for order in plan.items.values()] == orders
