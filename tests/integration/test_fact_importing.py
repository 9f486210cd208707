"""Tables of facts over PostgreSQL: imported in one transaction, side by side, undone, and kept apart."""

from __future__ import annotations

import asyncio
from dataclasses import replace

import pytest

from bot.domain.facts import Fact
from bot.domain.shop import Shop
from bot.services.fact_importing import FactImports
from bot.services.fact_undoing import FactHistory
from bot.storage.database import Database
from bot.storage.events import PostgresEvents
from bot.storage.facts import PostgresFacts
from bot.storage.shops import PostgresShops
from tests.contract.store_contract import NOW, RULES, FixedClock, a_product, an_order

SHOPS = ("tables-mine", "tables-theirs")


class Desk:
    """Two shops that state the same, over one database."""

    def __init__(self, database: Database) -> None:
        self.shops, self.facts = PostgresShops(database), PostgresFacts(database)
        parts = (self.shops, self.facts, PostgresEvents(database), FixedClock())
        self.imports, self.history = FactImports(*parts), FactHistory(*parts)


@pytest.fixture
async def desk(database: Database) -> Desk:
    made = Desk(database)
    for shop in SHOPS:
        await made.shops.put_shop(Shop(shop, shop))
        await made.facts.put_products(
            shop, [a_product("p1", f"{shop}-1"), a_product("p2", f"{shop}-2")], replace=True
        )
        await made.facts.put_shipping(shop, RULES)
        await made.facts.put_facts(shop, [Fact("origin", "杭州", "shipping", "import", NOW)], replace=True)
        await made.facts.put_orders(shop, [an_order("2026030500001")])
    return made


@pytest.mark.parametrize(
    ("table", "row"),
    [
        ("products", {"product": "p1", "sku": "tables-mine-1", "stock": "9", "标题": "新标题"}),
        ("stock", {"sku": "tables-mine-1", "stock": "0"}),
        ("shipping", {"地区": "*", "运费": "12", "快递": "顺丰"}),
        ("facts", {"名称": "退货期限", "内容": "7天"}),
    ],
)
async def test_what_a_replacing_import_changed_comes_back_and_no_other_shop_is_touched(
    desk: Desk, table: str, row: dict[str, str]
) -> None:
    mine, theirs = SHOPS
    before, of_theirs = await desk.facts.load_facts(mine), await desk.facts.load_facts(theirs)
    report = await desk.imports.import_rows(mine, table, [row], "表", author="owner", replace=True)
    assert (report.written, report.errors, report.undoable) == (1, (), True)
    after = await desk.facts.load_facts(mine)
    assert after != before
    assert await desk.facts.load_facts(theirs) == of_theirs
    await desk.history.undo(mine, "owner")
    assert replace(await desk.facts.load_facts(mine), shop=before.shop) == before
    assert await desk.facts.load_facts(theirs) == of_theirs


async def test_changes_at_the_same_moment_to_variants_of_one_product_all_hold(desk: Desk) -> None:
    mine = SHOPS[0]
    rows = [
        {"sku": sku, "stock": str(n)} for n, sku in enumerate(("tables-mine-1", "tables-mine-1-2"), start=40)
    ]
    await asyncio.gather(*(desk.imports.import_rows(mine, "stock", [row], "ERP") for row in rows))
    product = (await desk.facts.load_facts(mine)).products["p1"]
    assert [variant.stock for variant in product.variants] == [40, 41]


async def test_orders_are_replaced_in_their_shop_alone(desk: Desk) -> None:
    mine, theirs = SHOPS
    rows = [{"order_no": "2026030500002", "status": "交易成功"}]
    report = await desk.imports.import_rows(mine, "orders", rows, "ERP", replace=True)
    assert report.removed == ("2026030500001",)
    assert await desk.facts.order_numbers(mine) == ["2026030500002"]
    assert await desk.facts.order_numbers(theirs) == ["2026030500001"]


async def test_nothing_of_ten_thousand_rows_is_written_when_one_is_wrong(desk: Desk) -> None:
    mine = SHOPS[0]
    before = await desk.facts.load_facts(mine)
    rows = [
        {
            "product": f"n{n // 4}",
            "标题": f"商品{n // 4}",
            "sku": f"n-{n}",
            "颜色": f"色{n % 4}",
            "库存": str(n % 50),
        }
        for n in range(10_000)
    ]
    wrong = [*rows[:-1], {**rows[-1], "库存": "若干"}]
    report = await desk.imports.import_rows(mine, "products", wrong, "ERP")
    assert (report.ok, report.written, [(e.row, e.column) for e in report.errors]) == (
        9_999,
        0,
        [(10_000, "stock")],
    )
    assert await desk.facts.load_facts(mine) == before
    report = await desk.imports.import_rows(mine, "products", rows, "ERP")
    assert report.written == 10_000
    assert len((await desk.facts.load_facts(mine)).products) == 2_502
