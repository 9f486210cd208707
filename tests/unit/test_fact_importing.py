"""Tables of facts: what rows of products, stock, shipping rules, facts and orders change, and what is said of wrong ones."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from threading import get_ident
from typing import Any

import pytest

from bot.domain.facts import Fact, Order, Product, ShippingRule, Variant
from bot.domain.shop import Shop
from bot.ports import Conflict, NotFound, ShopFacts
from bot.services import fact_lists
from bot.services.auditing import Auditor
from bot.services.fact_importing import FactImports
from bot.services.fact_tables import FactTables, RowQuery
from bot.services.fact_undoing import FactHistory
from bot.services.tables import UnreadableTable
from bot.storage.memory import Memory, MemoryEvents, MemoryShops
from bot.storage.memory_accounts import MemoryAccounts, MemoryPeople
from bot.storage.memory_facts import MemoryFacts

OLD = datetime(2026, 3, 1, 8, tzinfo=UTC)
NOW = datetime(2026, 3, 5, 2, 30, tzinfo=UTC)
SHIRT = Product(
    "shirt", "短袖", (
        Variant("shirt-black-l", {"colour": "黑色", "size": "L"}, 7, None, Decimal("59.90")),
        Variant("shirt-white-l", {"colour": "白色", "size": "L"}, 2),
    ), "开店", OLD, OLD, item_id="612345678901", price=Decimal(69), attributes={"material": "棉"},
)  # fmt: skip
SOCKS = Product("socks", "袜子", (), "开店", OLD, OLD)
RULES = (
    ShippingRule(("*",), "中通", Decimal(0), Decimal(0), "2-4天", "开店", OLD),
    ShippingRule(("新疆", "西藏"), "邮政", None, None, "", "开店", OLD),
)


class Clock:
    def now(self) -> datetime:
        return NOW


class Desk:
    """Two shops that state the same, and the imports into them."""

    def __init__(self) -> None:
        memory, clock = Memory(), Clock()
        self.memory = memory
        self.shops, self.facts, events = MemoryShops(memory), MemoryFacts(memory), MemoryEvents(memory)
        self.imports = FactImports(self.shops, self.facts, events, clock)
        self.history = FactHistory(self.shops, self.facts, events, clock)

    async def fill(self) -> Desk:
        for shop in ("mine", "theirs"):
            await self.shops.put_shop(Shop(shop, "小店"))
            await self.facts.put_products(shop, [SHIRT, SOCKS])
            await self.facts.put_shipping(shop, RULES)
            await self.facts.put_facts(shop, [Fact("origin", "杭州", "shipping", "开店", OLD)])
            await self.facts.put_orders(
                shop, [Order("2026030100001", "paid", ("短袖",), "开店", OLD, tracking_no="")]
            )
        return self

    async def shirt(self, shop: str = "mine") -> Product:
        return (await self.facts.load_facts(shop)).products["shirt"]


@pytest.fixture
async def desk() -> Desk:
    return await Desk().fill()


async def test_a_column_that_is_not_there_keeps_what_is_known_and_an_empty_cell_clears_it(desk: Desk) -> None:
    rows = [{"sku": "shirt-black-l", "库存": "12件", "价格": ""}]
    report = await desk.imports.import_rows("mine", "products", rows, "表格")
    assert (report.rows, report.ok, report.written, report.errors) == (1, 1, 1, ())
    assert [(each.verdict, each.key) for each in report.verdicts] == [("changed", "shirt/shirt-black-l")]
    black, white = (await desk.shirt()).variants
    assert (black.stock, black.price, black.options) == (12, None, {"colour": "黑色", "size": "L"})
    assert (white.stock, (await desk.shirt()).attributes) == (2, {"material": "棉"})
    assert await desk.shirt("theirs") == SHIRT


async def test_only_the_variants_that_a_table_speaks_of_are_known_anew(desk: Desk) -> None:
    await desk.imports.import_rows("mine", "stock", [{"sku": "shirt-black-l", "stock": "7"}], "ERP", now=NOW)
    shirt = await desk.shirt()
    assert [shirt.learned_at(variant) for variant in shirt.variants] == [NOW, OLD]
    assert shirt.source == "ERP"


async def test_what_is_said_again_is_the_same_and_fresh_again(desk: Desk) -> None:
    rows = [{"sku": "shirt-black-l", "stock": "7"}, {"sku": "shirt-white-l", "stock": "2.0"}]
    report = await desk.imports.import_rows("mine", "stock", rows, "ERP")
    assert [verdict.verdict for verdict in report.verdicts] == ["same", "same"]
    shirt = await desk.shirt()
    assert {shirt.learned_at(variant) for variant in shirt.variants} == {NOW}


async def test_what_is_oversold_counts_as_nothing_in_stock(desk: Desk) -> None:
    await desk.imports.import_rows("mine", "stock", [{"sku": "shirt-black-l", "stock": "-3"}], "ERP")
    assert (await desk.shirt()).variants[0].stock == 0


async def test_every_wrong_cell_is_named_by_row_and_column_and_nothing_is_written(desk: Desk) -> None:
    rows = [
        {"sku": "shirt-black-l", "stock": "12", "restock_date": "2026年4月1日", "price": "59.9"},
        {"sku": "shirt-white-l", "stock": "许多", "restock_date": "下周", "price": "1.234"},
        {"sku": "nobody's", "stock": "1", "restock_date": "", "price": ""},
        {"sku": "shirt-black-l", "stock": "1", "restock_date": "", "price": ""},
    ]
    report = await desk.imports.import_rows("mine", "stock", rows, "ERP")
    assert {(error.row, error.column) for error in report.errors} == {
        (2, "stock"), (2, "restock_date"), (2, "price"), (3, "sku"), (4, "sku"),
    }  # fmt: skip
    assert (report.ok, report.written) == (1, 0)
    assert await desk.shirt() == SHIRT
    skipped = await desk.imports.import_rows("mine", "stock", rows, "ERP", skip_bad=True)
    black = (await desk.shirt()).variants[0]
    assert (skipped.written, black.stock, black.restock_date) == (1, 12, date(2026, 4, 1))


async def test_new_products_are_made_of_what_an_erp_calls_their_columns(desk: Desk) -> None:
    table = (
        "商品ID,商品名称,商家编码,颜色分类,尺码,可售库存,售价\n712345678901,羊毛围巾,SC-1,灰色,均码,3,¥129\n"
    )
    table += "712345678901,,SC-2,米色,均码,,129.00\n"
    report = await desk.imports.import_file("mine", "products", table.encode("gb18030"), "货.csv", "ERP")
    assert [verdict.verdict for verdict in report.verdicts] == ["new", "new"]
    scarf = (await desk.facts.load_facts("mine")).products["item-712345678901"]
    assert (scarf.title, scarf.item_id) == ("羊毛围巾", "712345678901")
    assert [(v.sku, v.options["colour"], v.stock, v.price) for v in scarf.variants] == [
        ("SC-1", "灰色", 3, Decimal(129)), ("SC-2", "米色", None, Decimal(129)),
    ]  # fmt: skip


async def test_a_dry_run_and_columns_nobody_knows_change_nothing(desk: Desk) -> None:
    rows = [{"sku": "shirt-black-l", "stock": "0", "仓位": "A-3"}]
    with pytest.raises(UnreadableTable, match="仓位"):
        await desk.imports.import_rows("mine", "stock", rows, "ERP")
    report = await desk.imports.import_rows("mine", "stock", rows, "ERP", dry_run=True, lenient=True)
    assert (report.ok, report.written, await desk.shirt()) == (1, 0, SHIRT)
    with pytest.raises(NotFound):
        await desk.imports.import_rows("nobody", "stock", [], "ERP")


async def test_replacing_takes_away_what_the_table_does_not_name_in_this_shop_alone(desk: Desk) -> None:
    rows = [{"product": "shirt", "sku": "shirt-black-l", "stock": "1"}]
    report = await desk.imports.import_rows("mine", "products", rows, "表", replace=True)
    assert report.removed == ("socks",)
    mine, theirs = await desk.facts.load_facts("mine"), await desk.facts.load_facts("theirs")
    assert [v.sku for v in mine.products["shirt"].variants] == ["shirt-black-l"]
    assert (list(mine.products), list(theirs.products)) == (["shirt"], ["shirt", "socks"])
    orders = [{"order_no": "2026030100002", "状态": "买家已付款"}]
    assert (await desk.imports.import_rows("mine", "orders", orders, "表", replace=True)).removed == (
        "2026030100001",
    )
    assert await desk.facts.order_numbers("theirs") == ["2026030100001"]


async def test_rows_of_one_product_that_contradict_each_other_are_named(desk: Desk) -> None:
    rows = [{"sku": "shirt-black-l", "标题": "圆领短袖"}, {"sku": "shirt-white-l", "标题": "V领短袖"}]
    report = await desk.imports.import_rows("mine", "products", rows, "表", skip_bad=True)
    assert [(error.row, error.column) for error in report.errors] == [(2, "title")]
    assert (await desk.shirt()).title == "圆领短袖"


async def test_a_region_named_anew_leaves_its_former_rule_and_a_rule_for_all_others_must_stay(
    desk: Desk,
) -> None:
    rows = [{"地区": "西藏", "快递": "顺丰", "运费": "25", "时效": "7天"}]
    await desk.imports.import_rows("mine", "shipping", rows, "表")
    rules = {rule.regions: rule.fee for rule in (await desk.facts.load_facts("mine")).shipping}
    assert rules == {("*",): Decimal(0), ("新疆",): None, ("西藏",): Decimal(25)}
    report = await desk.imports.import_rows("mine", "shipping", rows, "表", replace=True, skip_bad=True)
    assert (report.written, [error.column for error in report.errors]) == (0, ["regions"])
    empty = await desk.imports.import_rows("mine", "shipping", [{"地区": "海南", "运费": ""}], "表")
    assert [(error.row, error.column) for error in empty.errors] == [(1, "fee")]


async def test_facts_are_known_by_variable_and_orders_by_what_shops_call_their_states(desk: Desk) -> None:
    facts = [
        {"名称": "发货地", "内容": "广州"},
        {"名称": "退货期限", "内容": "7天"},
        {"名称": "天气", "内容": "晴"},
    ]
    report = await desk.imports.import_rows("mine", "facts", facts, "表", skip_bad=True)
    assert [verdict.verdict for verdict in report.verdicts] == ["changed", "new"]
    assert [(error.row, error.column) for error in report.errors] == [(3, "name")]
    orders = [
        {
            "订单编号": "2026030100001",
            "订单状态": "卖家已发货",
            "发货时间": "2026/3/4 9:05",
            "手机": "13900001234",
        }
    ]
    await desk.imports.import_rows("mine", "orders", orders, "ERP")
    [order] = await desk.facts.orders_of_numbers("mine", ["2026030100001"])
    assert (order.status, order.phone_last4, order.items) == ("shipped", "1234", ("短袖",))
    assert order.shipped_at == datetime(2026, 3, 4, 1, 5, tzinfo=UTC)


async def test_a_persons_change_is_undone_but_for_what_changed_since(desk: Desk) -> None:
    rows = [{"名称": "发货地", "内容": "广州"}, {"名称": "退货期限", "内容": "7天"}]
    report = await desk.imports.import_rows("mine", "facts", rows, "表", author="a")
    assert report.undoable
    last = await desk.history.last_change("mine")
    assert last is not None
    assert (last.table, last.author, last.count) == ("facts", "a", 2)
    await desk.imports.import_rows("mine", "facts", [{"name": "origin", "value": "东莞"}], "ERP")
    undoing = await desk.history.undo("mine", "a")
    assert (undoing.removed, undoing.restored, undoing.kept) == (1, 0, ("origin",))
    assert {n: f.value for n, f in (await desk.facts.load_facts("mine")).facts.items()} == {"origin": "东莞"}
    with pytest.raises(Conflict):
        await desk.history.undo("mine", "a")
    with pytest.raises(Conflict):
        await desk.history.undo("theirs", "a")


@pytest.mark.parametrize("table", ["products", "shipping"])
async def test_what_is_undone_is_as_it_was_with_its_own_as_of(desk: Desk, table: str) -> None:
    before = await desk.facts.load_facts("mine")
    rows = {
        "products": [
            {"product": "shirt", "sku": "shirt-red-l", "颜色": "红色"},
            {"product": "socks", "sku": "", "title": "棉袜"},
        ],
        "shipping": [{"地区": "西藏", "运费": "25"}],
    }[table]
    await desk.imports.import_rows("mine", table, rows, "表", author="a")
    assert (await desk.facts.load_facts("mine")) != before
    await desk.history.undo("mine", "a")
    assert (await desk.facts.load_facts("mine")) == before


async def test_rows_are_removed_by_their_keys_in_this_shop_alone(desk: Desk) -> None:
    async def change(table: str, remove: list[str], rows: list[dict[str, str]] | None = None) -> None:
        await desk.imports.change_rows("mine", table, rows or [], remove, source="页面", author="a")

    await change("products", ["shirt/shirt-white-l", "socks/"])
    await change("facts", ["origin"])
    await change("orders", ["2026030100001"])
    await change("shipping", ["新疆、西藏"], [{"regions": "新疆", "fee": "20"}])
    mine, theirs = await desk.facts.load_facts("mine"), await desk.facts.load_facts("theirs")
    assert [v.sku for p in mine.products.values() for v in p.variants] == ["shirt-black-l"]
    assert (mine.facts, [rule.regions for rule in mine.shipping]) == ({}, [("*",), ("新疆",)])
    assert (list(theirs.products), len(theirs.shipping), list(theirs.facts)) == (
        ["shirt", "socks"],
        2,
        ["origin"],
    )
    assert await desk.facts.order_numbers("theirs") == ["2026030100001"]
    for table, key in (
        ("products", "shirt/nothing"),
        ("facts", "coupon"),
        ("orders", "1"),
        ("shipping", "海南"),
    ):
        with pytest.raises(NotFound):
            await change(table, [key])


async def test_a_variant_is_renamed_with_all_that_is_known_of_its_product(desk: Desk) -> None:
    row = {"product": "shirt", "sku": "TS-1", "颜色": "黑色", "尺码": "L", "stock": "7"}
    await desk.imports.change_rows(
        "mine", "products", [row], ["shirt/shirt-black-l", "shirt/shirt-white-l"], source="页面", author="a"
    )
    shirt = await desk.shirt()
    assert ([v.sku for v in shirt.variants], shirt.title, shirt.attributes) == (
        ["TS-1"],
        "短袖",
        {"material": "棉"},
    )


async def test_a_lifetime_of_the_shop_says_what_is_stale() -> None:
    from bot.domain.catalogue import Catalogue, Mention
    from bot.domain.resolving import FactResolver, Subject

    subject = Subject(Mention(("shirt",), {"colour": "黑色"}))
    for lifetimes, stale in (({}, True), ({"stock": timedelta(days=9)}, False)):
        resolver = FactResolver(
            Shop("mine", "小店"), {}, RULES, Catalogue([SHIRT]), subject, NOW, lifetimes=lifetimes
        )
        fact = resolver.fact_named("stock")
        assert fact is not None
        assert fact.is_stale(NOW) is stale


class Watched(dict[str, Product]):
    """Products that note in which thread somebody goes through them."""

    def __init__(self, products: Mapping[str, Product], threads: set[int]) -> None:
        super().__init__(products)
        self._threads = threads

    def values(self) -> Any:
        self._threads.add(get_ident())
        return super().values()

    def keys(self) -> Any:
        self._threads.add(get_ident())
        return super().keys()

    def get(self, key: str, default: Any = None) -> Any:
        self._threads.add(get_ident())
        return super().get(key, default)


async def test_thousands_of_products_are_gone_through_while_others_are_served(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    load_facts, threads = desk.facts.load_facts, set[int]()

    async def watched(shop: str, *, to_change: bool = False) -> ShopFacts:
        known = await load_facts(shop, to_change=to_change)
        return replace(known, products=Watched(known.products, threads))

    monkeypatch.setattr(desk.facts, "load_facts", watched)
    auditor = Auditor(MemoryAccounts(MemoryPeople(), Clock()), Clock())
    tables = FactTables(desk.facts, auditor, Clock())
    assert (await tables.page("mine", "products", RowQuery("短袖"))).total == 2
    assert [each.total for each in await tables.states("mine") if each.kind == "product"] == [2]
    rows = [{"sku": "shirt-black-l", "stock": "3"}]
    report = await desk.imports.change_rows(
        "mine", "products", rows, ["socks/"], source="页面", author="u-owner"
    )
    assert (report.removed, report.undoable) == (("socks",), True)
    assert (await desk.history.undo("mine", "u-owner")).restored == 2
    assert threads
    assert get_ident() not in threads


async def test_the_rows_of_a_table_are_not_gone_through_for_each_row(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked, key = Counter[str](), fact_lists.rule_key
    sku: Any = vars(Variant)["sku"]

    def noted_key(rule: ShippingRule) -> str:
        asked["rule"] += 1
        return key(rule)

    def noted_sku(variant: Variant) -> str:
        asked["sku"] += 1
        return str(sku.__get__(variant))

    count = 200
    rules = [{"regions": f"地区{n}", "fee": "1"} for n in range(count)] + [{"regions": "*", "fee": "2"}]
    await desk.imports.import_rows("mine", "shipping", rules, "表格")
    monkeypatch.setattr(fact_lists, "rule_key", noted_key)
    assert (await desk.imports.import_rows("mine", "shipping", rules, "表格")).written == count + 1
    variants = [{"product": "shirt", "sku": f"shirt-{n}", "stock": "1"} for n in range(count)]
    monkeypatch.setattr(Variant, "sku", property(noted_sku, sku.__set__))
    assert (await desk.imports.import_rows("mine", "products", variants, "表格")).written == count
    assert 0 < asked["rule"] < 20 * count
    assert 0 < asked["sku"] < 40 * count


async def test_a_shop_has_no_more_shipping_rules_than_are_gone_through_for_a_message(desk: Desk) -> None:
    rules = [{"regions": f"地区{n}", "fee": "1"} for n in range(500)] + [{"regions": "*", "fee": "2"}]
    report = await desk.imports.import_rows("mine", "shipping", rules, "表格", skip_bad=True, replace=True)
    assert (report.written, report.errors[0].column) == (0, "regions")
    assert "500" in report.errors[0].message
    assert (await desk.facts.load_facts("mine")).shipping == RULES
    report = await desk.imports.import_rows("mine", "shipping", rules[1:], "表格", replace=True)
    assert (report.written, report.errors) == (500, ())
