"""The owner's page of imports and exports in a browser: every row is shown first, then written, then taken back."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from dataclasses import dataclass

import pytest
from playwright.async_api import Browser, FilePayload, Page, expect

from scripts.make_phrase_table import phrases, table
from tests.browser.owner_pages import memory_served, owners_page
from tests.web.people import Person, hire

PHRASES = "分组,快捷编码,快捷短语\n发货,kd,默认发顺丰快递\n默认分组,fp2,可以开电子发票\n默认分组,坏码,你好\n"


@dataclass
class Office:
    """An owner of `tea`, signed in, before the page of imports."""

    owner: Person
    page: Page
    address: str

    async def replies(self, shop: str = "tea") -> set[str]:
        """Return the replies that the shop has."""
        store = self.owner.served.engine.parts.entries
        return {entry.reply for entry in await store.list_entries(shop)}

    async def choose(self, content: str | bytes, name: str = "短语.csv") -> None:
        """Choose a file."""
        raw = content if isinstance(content, bytes) else content.encode("gb18030")
        file = FilePayload(name=name, mimeType="text/csv", buffer=raw)
        await self.page.locator("#file").set_input_files(file)


@pytest.fixture
async def office(browser: Browser) -> AsyncIterator[Office]:
    async with memory_served() as served:
        owner = await hire(served, {"tea": "owner"})
        async with owners_page(browser, served, owner, "/shops/tea/import", width=1280) as (page, address):
            await expect(page.locator("#last")).to_have_text("没有可以撤销的导入。")
            yield Office(owner, page, address)


async def test_a_phrase_table_is_shown_row_by_row_written_without_its_wrong_row_and_undone(
    office: Office,
) -> None:
    page, before = office.page, await office.replies()
    await office.choose(PHRASES)
    await expect(page.locator("#rows tr")).to_have_count(1)
    await expect(page.locator("#rows")).to_contain_text("快捷编码 短码只用小写字母和数字")
    await expect(page.locator("#apply")).to_be_disabled()
    assert await office.replies() == before
    await page.get_by_role("button", name="全部 3").click()
    await expect(page.locator("#rows tr").first).to_contain_text("默认发顺丰快递")
    await expect(page.locator("#rows tr").first).to_contain_text("发什么快递 猜的")
    await page.get_by_label("跳过有错的行").check()
    await page.get_by_role("button", name="写入 2 条").click()
    await expect(page.locator("#done")).to_contain_text("已写入 2 条")
    assert await office.replies() == before | {"默认发顺丰快递", "可以开电子发票"}
    await expect(page.locator("#last")).to_contain_text(f"{office.owner.account.name}，涉及 2 条")
    await page.locator("#undo").click()
    await page.locator("#dialog-yes").click()
    await expect(page.locator("#done")).to_have_text("已撤销：恢复 0 条，删除 2 条。")
    assert await office.replies() == before


async def test_replacing_asks_first_and_touches_this_shop_alone(office: Office) -> None:
    page, before, theirs = office.page, await office.replies(), await office.replies("lamp")
    await page.get_by_label("替换").check()
    await office.choose("问题,回复\n几点上班,九点\n")
    await expect(page.locator("#removing")).to_contain_text("会删除本店现有的 5 条")
    await page.locator("#apply").click()
    await page.locator("#dialog-no").click()
    assert await office.replies() == before
    await page.locator("#apply").click()
    await page.locator("#dialog-yes").click()
    await expect(page.locator("#done")).to_contain_text("删除 5 条")
    assert (await office.replies(), await office.replies("lamp")) == ({"九点"}, theirs)


async def test_a_file_that_is_no_table_or_too_large_is_named(office: Office) -> None:
    page = office.page
    await office.choose(b"\xff\xfe\x00 no text")
    await expect(page.locator("#problem")).to_contain_text("编码既不是 UTF-8 也不是 GB18030")
    await office.choose(b"a" * 14_000_000, "巨大.csv")
    await expect(page.locator("#problem")).to_contain_text(
        re.compile("巨大.csv 有 13.4 MB，网页一次最多收 11.9 MB")
    )
    await expect(page.locator("#preview")).to_be_hidden()


async def test_an_export_is_downloaded_and_says_the_same_when_it_is_imported(office: Office) -> None:
    page = office.page
    async with page.expect_download() as waiting:
        await page.get_by_role("link", name="Excel").click()
    path = await (await waiting.value).path()
    await office.choose(path.read_bytes(), "tea-entries.xlsx")
    await expect(page.locator("#verdict")).to_have_text("表里的内容和本店现在一样。")
    await expect(page.locator("#apply")).to_be_disabled()


async def test_two_thousand_phrases_without_a_question_are_previewed_imported_and_suggested(
    office: Office,
) -> None:
    page = office.page
    await office.choose(table(phrases()), "千牛.csv")
    await expect(page.locator("#verdict")).to_have_text("每一行都对。")
    await expect(page.locator("#shown")).to_have_text("1–100，共 2,000 行")
    await page.locator("#after").click()
    await expect(page.locator("#rows tr").first).to_contain_text("101")
    await page.get_by_role("button", name="写入 2,000 条").click()
    await expect(page.locator("#done")).to_contain_text("已写入 2,000 条")
    assert {phrase.text for phrase in phrases()} <= await office.replies()
