"""The page of a shop's sources, as it is used in a browser. The application behind it keeps its shops in memory."""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator
from dataclasses import dataclass

import pytest
from playwright.async_api import Browser, Page, expect

from bot.ports.fact_sources import SourceFailed
from tests.browser.owner_pages import memory_served, owners_page
from tests.unit.fakes.fact_sources import FakeFetcher, FakeFolders
from tests.web.memory_app import NOW, Served
from tests.web.people import Person, hire

URL = "https://erp.example/stock"
SECRET = "Bearer 天机不可泄露"
ANSWER = (
    b'{"data": [{"goods": {"code": "shirt-black-l"}, "qty": 3}, {"goods": {"code": "unknown"}, "qty": 1}]}'
)


@dataclass
class Desk:
    """An owner of `tea` and `lamp`, signed in, before the sources of `tea`."""

    served: Served
    owner: Person
    page: Page
    address: str
    fetcher: FakeFetcher
    folders: FakeFolders

    async def pull(self) -> None:
        """Let what is due be read."""
        await asyncio.gather(*await self.served.engine.sources.pulling.begin_due())

    async def stock(self) -> int | None:
        _, found = await self.owner.call("GET", "/shops/tea/products")
        stock: int | None = found["products"][0]["variants"][0]["stock"]
        return stock

    async def set_up_erp(self) -> None:
        """Fill in the form of an address."""
        page = self.page
        await page.get_by_role("button", name="添加地址").click()
        await page.locator("#f-name").fill("仓库系统")
        await page.locator("[name=url]").fill(URL)
        await page.get_by_role("button", name="添加请求头").click()
        await page.locator(".header-name").fill("Authorization")
        await page.locator(".header-value").fill(SECRET)
        await page.locator("[name=rows_path]").fill("data[*]")
        await page.locator(".theirs").fill("goods.code")
        await page.get_by_role("button", name="添加一列").click()
        await page.locator(".ours").last.select_option("stock")
        await page.locator(".theirs").last.fill("qty")


@pytest.fixture
async def desk(browser: Browser) -> AsyncIterator[Desk]:
    async with memory_served() as served:
        owner = await hire(served, {"tea": "owner", "lamp": "owner"})
        async with owners_page(browser, served, owner, "/shops/tea/sources") as (page, address):
            await expect(page.locator("#none")).to_be_visible()
            fetcher, folders = served.engine.parts.fetcher, served.engine.parts.folders
            assert isinstance(fetcher, FakeFetcher)
            assert isinstance(folders, FakeFolders)
            yield Desk(served, owner, page, address, fetcher, folders)


async def test_an_address_is_tried_saved_and_pulled_and_its_secret_is_never_shown_again(desk: Desk) -> None:
    page = desk.page
    desk.fetcher.answers[URL] = ANSWER
    await desk.set_up_erp()
    await page.get_by_role("button", name="测试", exact=True).click()
    trial = page.locator("#trial")
    await expect(trial).to_contain_text("能读：2 行，1 行可导入")
    await expect(trial.locator("tbody tr")).to_have_count(2)
    await expect(trial.locator(".wrongs")).to_contain_text("第 2 行")
    assert await desk.stock() == 7
    await page.get_by_role("button", name="保存", exact=True).click()
    await expect(page.locator(".source h2")).to_have_text("仓库系统")
    await desk.pull()
    await expect(page.locator(".source .chip").first).to_have_text("正常", timeout=15_000)
    await expect(page.locator(".source")).to_contain_text("1 行没有导入")
    assert await desk.stock() == 3
    await page.get_by_role("button", name="修改").click()
    await expect(page.locator(".header-value")).to_have_value("")
    await expect(page.locator(".header-value")).to_have_attribute("placeholder", "已保存，留空不变")
    assert SECRET not in await page.content()
    await page.locator("[name=url]").fill("https://elsewhere.example/")
    await page.get_by_role("button", name="保存", exact=True).click()
    await expect(page.locator("#form-problem")).to_contain_text("重新填写")
    await page.locator("[name=url]").fill(f"{URL}?all=1")
    await page.get_by_role("button", name="保存", exact=True).click()
    await expect(page.locator("#editor")).to_be_hidden()
    await desk.pull()
    assert desk.fetcher.asked[-1].headers["Authorization"] == SECRET


async def test_a_folder_is_watched_and_a_broken_export_is_told_and_changes_nothing(desk: Desk) -> None:
    page = desk.page
    await page.get_by_role("button", name="添加文件夹").click()
    await expect(page.locator("#folder-help")).to_contain_text("inbox/tea/")
    await page.locator("#f-name").fill("仓库导出")
    await page.get_by_role("button", name="保存", exact=True).click()
    await expect(page.locator(".source")).to_contain_text("inbox/tea/*.csv")
    desk.folders.files["tea", "stock.csv"] = ("sku,库存\nshirt-black-l,5\n".encode(), NOW)
    for _ in range(2):
        await desk.pull()
        desk.served.clock.moment = desk.served.clock.moment.replace(
            second=desk.served.clock.moment.second + 20
        )
    assert await desk.stock() == 5
    desk.folders.files["tea", "cut.csv"] = (
        "sku,库存\nshirt-black-l,9\nshirt-bl".encode(),
        NOW,
    )
    await desk.pull()
    desk.served.clock.moment = desk.served.clock.moment.replace(minute=50)
    await desk.pull()
    await expect(page.locator(".source .notice.bad")).to_contain_text(
        re.compile("cut.csv.*没写完"), timeout=15_000
    )
    await expect(page.locator(".source .chip").first).to_have_text("出错")
    assert await desk.stock() == 5


async def test_a_failing_and_a_silent_source_are_seen_at_a_glance(desk: Desk) -> None:
    desk.fetcher.answers[URL] = SourceFailed("对方返回 503。 it answers with status 503")
    body = {"name": "仓库系统", "table": "stock", "kind": "http", "url": URL, "every_minutes": 60}
    await desk.owner.call("POST", "/shops/tea/sources", body)
    await desk.pull()
    desk.served.clock.moment = desk.served.clock.moment.replace(hour=7)
    await desk.pull()
    await desk.page.reload()
    await expect(desk.page.locator(".source .chip").first).to_have_text("出错")
    await expect(desk.page.locator(".source .notice.bad")).to_contain_text("已连续失败 2 次")
    await expect(desk.page.locator(".source .notice.warn")).to_contain_text("早就该有新数据了")


async def test_a_source_is_switched_off_and_deleted_after_a_question(desk: Desk) -> None:
    page = desk.page
    body = {"name": "仓库文件", "table": "stock", "kind": "folder"}
    await desk.owner.call("POST", "/shops/tea/sources", body)
    await page.reload()
    await page.get_by_role("button", name="停用").click()
    await expect(page.locator(".source .chip").first).to_have_text("已停用")
    await page.get_by_role("button", name="删除", exact=True).click()
    await page.locator("#dialog-yes").click()
    await expect(page.locator("#none")).to_be_visible()


async def test_sources_of_my_other_shop_are_not_on_this_page(desk: Desk) -> None:
    body = {"name": "另一家的仓库", "table": "stock", "kind": "folder"}
    await desk.owner.call("POST", "/shops/lamp/sources", body)
    await desk.page.reload()
    await expect(desk.page.locator("#none")).to_be_visible()
    await desk.page.goto(f"{desk.address}/shops/lamp/sources")
    await expect(desk.page.locator(".source h2")).to_have_text("另一家的仓库")
    await desk.page.goto(f"{desk.address}/shops/demo-silk/sources")
    await expect(desk.page.locator("#add-http")).to_have_count(0)


@pytest.mark.parametrize("width", [390, 1360])
async def test_the_page_fits_a_phone_and_a_desk_in_english_too(desk: Desk, width: int) -> None:
    page = desk.page
    body = {
        "name": "仓库系统的一个很长很长的名字",
        "table": "stock",
        "kind": "http",
        "url": f"{URL}/{'x' * 90}",
    }
    await desk.owner.call("POST", "/shops/tea/sources", body)
    await desk.pull()
    await page.set_viewport_size({"width": width, "height": 844})
    await page.goto(f"{desk.address}/shops/tea/sources?lang=en")
    await expect(page.locator(".source .notice.bad")).to_be_visible()
    assert await page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    await page.get_by_role("button", name="Edit").click()
    await page.get_by_role("button", name="Add a header").click()
    await expect(page.get_by_role("button", name="Save", exact=True)).to_be_visible()
    assert await page.evaluate("document.querySelector('#editor').scrollWidth <= innerWidth")
