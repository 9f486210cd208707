"""The owner's page of products and facts, as it is used in a browser. The application behind it keeps its shops in memory."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import timedelta

import pytest
from playwright.async_api import Browser, FilePayload, Page, expect

from tests.browser.owner_pages import memory_served, owners_page
from tests.web.memory_app import NOW, ORDERS, WORDS, Served
from tests.web.people import Person, hire


@dataclass
class Desk:
    """An owner of `tea` and `lamp`, signed in, before the products of `tea`."""

    served: Served
    owner: Person
    page: Page
    address: str

    async def tab(self, name: str) -> None:
        """Go to a table."""
        await self.page.locator(f'[data-tab="{name}"]').click()
        await expect(self.page.locator(f'[data-tab="{name}"]')).to_have_attribute("aria-current", "true")

    async def change(self, key: str, column: str, text: str) -> None:
        """Change a cell where it stands."""
        cell = self.page.locator(f'tr[data-key="{key}"] [data-column="{column}"]')
        await cell.click()
        field = self.page.locator(f'tr[data-key="{key}"] td.cell :is(input, textarea)')
        await field.fill(text)
        await field.press("Enter")


@pytest.fixture
async def desk(browser: Browser) -> AsyncIterator[Desk]:
    async with memory_served() as served:
        owner = await hire(served, {"tea": "owner", "lamp": "owner"})
        async with owners_page(browser, served, owner, "/shops/tea/facts") as (page, address):
            await expect(page.locator("#rows tr")).to_have_count(1)
            yield Desk(served, owner, page, address)


async def test_an_owner_mends_stock_where_it_stands_and_takes_it_back(desk: Desk) -> None:
    page, key = desk.page, "shirt/shirt-black-l"
    await desk.change(key, "stock", "很多")
    await expect(page.locator(f'tr[data-key="{key}"] .wrong')).to_contain_text("应为整数")
    field = page.locator(f'tr[data-key="{key}"] td.cell input')
    await field.fill("3")
    await field.press("Enter")
    await expect(page.locator("#done")).to_have_text("已保存")
    await expect(page.locator(f'tr[data-key="{key}"] [data-column="stock"]')).to_have_text("3")
    _, answer = await desk.served.call("POST", "/shops/tea/suggestions", json={"text": "黑色短袖还有货吗"})
    assert "3件" in answer["suggestions"][0]["text"]
    await page.locator("#undo").click()
    await expect(page.locator(f'tr[data-key="{key}"] [data-column="stock"]')).to_have_text("7")
    await expect(page.locator("#undo-bar")).to_be_hidden()


async def test_what_is_stale_is_seen_at_a_glance_and_its_time_to_live_is_set(desk: Desk) -> None:
    page = desk.page
    desk.served.clock.moment = NOW + timedelta(hours=7)
    await page.reload()
    tile = page.locator('#kinds [data-kind="stock"]')
    await expect(tile).to_contain_text("1 条过时")
    await tile.click()
    await expect(page.locator("#stale-only")).to_be_checked()
    await expect(page.locator("#rows .chip.warn")).to_have_text("可能过时")
    await page.locator("#lifetimes").click()
    await page.locator('[data-life="stock"]').fill("3")
    await page.locator('[data-life="stock"] + select').select_option("days")
    await page.locator("#life-form button[type=submit]").click()
    await expect(tile).to_contain_text("都在有效期内")
    await expect(tile).to_contain_text("3 天内有效")
    theirs = await desk.served.engine.parts.facts.load_facts("lamp")
    assert theirs.lifetimes == {}


async def test_a_table_is_previewed_with_its_errors_by_row_and_column_and_then_imported(desk: Desk) -> None:
    page = desk.page
    await page.locator("#import").click()
    table = "商品编号,标题,SKU,颜色,库存,价格\nhat,帽子,hat-red,红色,5,39.9\nhat,,hat-blue,蓝色,没有了,39.9\n"
    await page.locator("#import-form textarea").fill(table)
    await page.locator("#import-preview").click()
    await expect(page.locator("#import-report .notice")).to_contain_text(
        "共 2 行：新增 1，修改 0，不变 0，有错 1"
    )
    await expect(page.locator("#import-report tbody tr").first).to_contain_text("第 2 行")
    await expect(page.locator("#import-report tbody tr").first).to_contain_text("库存")
    await page.locator("#import-form [name=skip_bad]").check()
    await expect(page.locator("#import-apply")).to_be_disabled()
    await page.locator("#import-preview").click()
    await page.locator("#import-apply").click()
    await expect(page.locator("#done")).to_have_text("已导入 1 行")
    await expect(page.locator("#rows tr")).to_have_count(2)
    await page.locator("#import").click()
    file = FilePayload(
        name="库存.csv", mimeType="text/csv", buffer="商家编码,可售库存\nhat-red,0\n".encode("gb18030")
    )
    await page.locator("#import-form [name=into]").select_option("stock")
    await page.locator("#import-form [name=file]").set_input_files([file])
    await page.locator("#import-preview").click()
    await page.locator("#import-apply").click()
    await expect(page.locator('tr[data-key="hat/hat-red"] [data-column="stock"]')).to_have_text("0")


async def test_rules_facts_and_orders_are_added_changed_and_deleted(desk: Desk) -> None:
    page = desk.page
    await desk.tab("shipping")
    await page.locator("#add").click()
    await page.locator("#row-form [name=regions]").fill("新疆、西藏")
    await page.locator("#row-form [name=fee]").fill("一点")
    await page.locator("#row-form button[type=submit]").click()
    await expect(page.locator("#row-form [name=fee][aria-invalid] + .wrong")).to_contain_text("应为金额")
    await page.locator("#row-form [name=fee]").fill("不发货")
    await page.locator("#row-form button[type=submit]").click()
    await expect(page.locator('tr[data-key="新疆、西藏"]')).to_contain_text("不发货")
    await desk.tab("facts")
    await desk.change("invoice_types", "value", "电子普通发票")
    await expect(page.locator('tr[data-key="invoice_types"] [data-column="value"]')).to_have_text(
        "电子普通发票"
    )
    await expect(page.locator("#undo-lead")).to_contain_text("店铺信息")
    await desk.tab("orders")
    await expect(page.locator("#rows tr")).to_have_count(1)
    await page.locator("#rows button", has_text="删除").click()
    await page.locator("#sure-yes").click()
    await expect(page.locator("#nothing")).to_be_visible()
    assert await desk.served.engine.parts.facts.order_numbers("lamp") == [ORDERS["lamp"]]


async def test_the_page_of_one_shop_shows_nothing_of_another(desk: Desk) -> None:
    for table in ("products", "shipping", "facts", "orders"):
        await desk.tab(table)
        await expect(desk.page.locator("#rows tr").first).to_be_visible()
        assert WORDS["lamp"] not in await desk.page.locator("main").inner_text()
    stranger = await hire(desk.served, {"lamp": "owner"})
    await desk.page.context.clear_cookies()
    await desk.page.context.add_cookies(
        [{"name": "kuaihui_session", "value": stranger.secret, "url": desk.address}]
    )
    answer = await desk.page.goto(f"{desk.address}/shops/tea/facts")
    assert answer is not None
    assert answer.status == 404
