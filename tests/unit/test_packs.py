"""A pack is right as a whole, or is refused with file, line and field."""

from __future__ import annotations

from datetime import date, datetime, time
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.entry import WeeklyHours
from bot.services.packs import BrokenPack, Pack, load_pack
from bot.settings import PROJECT_ROOT
from tests.unit.fakes.counter import NOW, ZONE

PACK = """\
kuaihui: 1
shop:
  id: stall
  name: 小摊
facts: {发货时限: 48小时内, address_form: 亲}
shipping:
  - {regions: [江苏], courier: 中通, fee: 6.5, free_from: 59}
  - {regions: ["*"], courier: 中通, fee: null}
products:
  - id: tee
    item_id: 623456789012
    title: 短袖
    category: clothing
    attributes: {material: 全棉}
    variants:
      - {sku: tee-l, options: {size: L}, stock: 3, restock: +5d, price: 59.9}
orders:
  - {order_no: 2026030100000001, status: shipped, items: [短袖 ×1], shipped_at: -1d 16:00, eta: +1d}
entries:
  - id: stock
    group: stock
    intent: stock_available
    question: 有货吗
    phrasings: [还有吗, 100]
    reply: "{商品}有{库存}件"
    fallback: 哪一款呢
    scope: {categories: [clothing]}
    validity: {since: today, until: 2026-12-01, weekly: [{days: [5, 6], since: 22:00, until: "08:00"}]}
    short_code: 1
  - {id: hours, group: other, question: 几点上班, reply: 9点, validity: {weekly: [{days: [7], since: 9:00, until: "24:00"}]}}
"""


def load(text: str) -> Pack:
    return load_pack(text.encode(), "stall.yml", NOW)


def test_a_pack_becomes_the_shop_that_it_describes() -> None:
    pack = load(PACK)
    assert pack.shop is not None
    assert (pack.shop.id, pack.shop.avatar) == ("stall", "小")
    assert {fact.name: fact.value for fact in pack.facts} == {
        "dispatch_time": "48小时内",
        "address_form": "亲",
    }
    assert [rule.fee for rule in pack.shipping] == [Decimal("6.5"), None]
    product = pack.products[0]
    assert (product.item_id, product.variants[0].price) == ("623456789012", Decimal("59.9"))
    assert product.variants[0].restock_date == date(2026, 3, 10)
    order = pack.orders[0]
    assert (order.order_no, order.shipped_at) == ("2026030100000001", datetime(2026, 3, 4, 16, tzinfo=ZONE))
    entry = pack.entries[0]
    assert entry.phrasings == ("还有吗", "100")
    assert entry.validity.since == datetime(2026, 3, 5, tzinfo=ZONE)
    assert entry.validity.weekly == (WeeklyHours(4, time(22), time(8)), WeeklyHours(5, time(22), time(8)))
    assert entry.short_code == "1"
    assert pack.entries[1].validity.weekly == (WeeklyHours(6, time(9), time(0)),)


@pytest.mark.parametrize(
    ("before", "after", "said"),
    [
        ("kuaihui: 1", "kuaihui: 2", "line 1, kuaihui: this version reads packs"),
        ("  id: stall", "  id: Stall", "line 3, shop: 'Stall' is not a shop id"),
        ("  name: 小摊", "  nam: 小摊", "line 4, shop.nam: 没有这一项"),
        ("发货时限", "发货时", "facts.发货时: not a shop-wide fact"),
        ("发货时限", "库存", "facts.库存: not a shop-wide fact"),
        (
            "address_form",
            "dispatch_time",
            "facts.dispatch_time: dispatch_time stands already under its other name",
        ),
        ("fee: 6.5", "fee: -1", "line 7, shipping[0].fee"),
        ('["*"]', "[江苏]", "'江苏' has two rules"),
        ('["*"]', "[浙江]", "no rule for '*'"),
        ("623456789012", "62345", "line 11, products[0].item_id"),
        ("material", "fabric", "products[0].attributes: 'fabric' is unknown"),
        ("restock: +5d", "restock: soon", "products[0]: 'soon' is no date"),
        ("stock: 3", "stock: -3", "products[0].variants[0].stock"),
        ("status: shipped", "status: lost", "orders[0].status: one of unpaid"),
        ("group: stock", "group: stocks", "line 21, entries[0].group: 'stocks' is unknown"),
        (
            "intent: stock_available",
            "intent: greet",
            "line 22, entries[0].intent: 'greet' is not of group stock",
        ),
        ("{库存}件", "{库存件", "line 25, entries[0].reply: 第 6 个字的 {"),
        ("{库存}件", "{库存量}件", "did you mean {库存}"),
        ("[clothing]", "[shoes]", "line 27, entries[0].scope.categories: 'shoes' is none of this shop's"),
        ("2026-12-01", "2026-02-01", "entries[0]: 'until' does not lie after 'since'"),
        ("since: today", "since: someday", "entries[0]: 'someday' is no date"),
        ("days: [5, 6]", "days: [0]", "entries[0].validity.weekly[0].days[0]"),
        ("days: [5, 6]", "days: []", "entries[0].validity.weekly[0].days"),
        ("id: hours", "id: stock", "line 30, entries[1].id: 'stock' stands already at entries[0]"),
        ("reply: 9点", "short_code: 1", "entries[1]"),
        ("reply: 9点", "cases: {low: a, paid: b}", "entries[1].cases: low, paid do not go together"),
        ("reply: 9点", "replay: 9点", "entries[1].replay: 没有这一项"),
        ("几点上班", '"  "', "entries[1].question: 是空的"),
        ("几点上班", "几" * 5000, "entries[1].question: 有 5000 个字"),
        ("几点上班", "几" * 201, "has 201 characters; a phrasing is one question, at most 200"),
        ("几点上班", '"\\u0001"', "entries[1].question: holds a character that is no text"),
    ],
)
def test_what_is_wrong_is_named_with_its_field(before: str, after: str, said: str) -> None:
    assert before in PACK
    with pytest.raises(BrokenPack) as refused:
        load(PACK.replace(before, after, 1))
    assert said in str(refused.value)
    assert str(refused.value).startswith("stall.yml: ")


@pytest.mark.parametrize("length", [1, 200])
def test_a_phrasing_may_be_one_character_or_two_hundred(length: int) -> None:
    assert "几" * length in {
        entry.question for entry in load(PACK.replace("几点上班", "几" * length, 1)).entries
    }


def test_everything_that_is_wrong_is_named_at_once() -> None:
    with pytest.raises(BrokenPack) as refused:
        load(
            PACK.replace("group: stock", "group: a")
            .replace("fee: 6.5", "fee: x")
            .replace("stock: 3", "stock: x")
        )
    assert len(refused.value.errors) == 3


@pytest.mark.parametrize(
    "text",
    [
        "",
        "- 1",
        "kuaihui: 1",
        "kuaihui: 1\nshop: {id: a, name: b}\npack: {id: a, trade: b, name: c}",
        "{1: 2}",
    ],
)
def test_what_is_no_pack_is_refused(text: str) -> None:
    with pytest.raises(BrokenPack):
        load(text)


STARTER = "kuaihui: 1\npack: {id: a, trade: b, name: c}\n"


@pytest.mark.parametrize(
    "more",
    [
        "facts: {address_form: 亲}",
        'shipping: [{regions: ["*"]}]',
        "products: [{id: a, title: b}]",
        "orders: [{order_no: 2026030100000001, status: paid}]",
    ],
)
def test_a_starter_pack_holds_entries_only(more: str) -> None:
    assert load(STARTER).shop is None
    with pytest.raises(BrokenPack, match="entries only"):
        load(STARTER + more)


@given(st.integers(0, len(PACK.encode()) - 1))
def test_a_pack_cut_short_is_refused_or_is_a_smaller_pack(length: int) -> None:
    try:
        pack = load_pack(PACK.encode()[:length], "stall.yml", NOW)
    except BrokenPack as error:
        assert "stall.yml" in str(error)  # noqa: PT017  (either outcome is right)
    else:
        assert len(pack.entries) <= 2


@pytest.mark.parametrize(
    "path", sorted((PROJECT_ROOT / "templates/demo").glob("*.yml")), ids=lambda path: path.stem
)
def test_the_demo_shops_are_right(path: Path) -> None:
    assert load_pack(path.read_bytes(), path.name, NOW, is_demo=True).entries


def test_a_pack_is_text_alone() -> None:
    pack = PACK.replace("    short_code: 1\n", "    short_code: 1\n    image: e0123456789abcdef01234567\n")
    with pytest.raises(BrokenPack, match=r"entries\[0\]\.image"):
        load(pack)
