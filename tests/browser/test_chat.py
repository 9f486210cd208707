"""The buyer's chat page and its widget, in a browser, against the running system."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from typing import Any

import pytest
from playwright.async_api import Browser, Page, expect

SHOP = "yunduo-life"
WAIT = 20_000
_EXPECTED = re.compile("ERR_INTERNET_DISCONNECTED|status of 422")
"""What a browser says by itself of a lost network and of a refused image; the page says it to the buyer."""
HOST_POLICY = "default-src 'none'; script-src 'self'; frame-src 'self'"


@pytest.fixture
async def open_chat(browser: Browser, address: str) -> AsyncIterator[Any]:
    """Open a page in a browser of its own; at the end nothing must have been complained of."""
    pages: list[Page] = []
    complaints: list[str] = []

    async def open_chat(path: str = f"/chat/{SHOP}", locale: str = "zh-CN", width: int = 390) -> Page:
        context = await browser.new_context(locale=locale, viewport={"width": width, "height": 780})
        page = await context.new_page()
        page.set_default_timeout(WAIT)
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.on(
            "console",
            lambda said: (
                complaints.append(said.text)
                if said.type == "error" and not _EXPECTED.search(said.text)
                else None
            ),
        )
        pages.append(page)
        await page.route("**/host", _host)
        await page.goto(address + path)
        return page

    async def _host(route: Any) -> None:
        body = (
            '<!doctype html><html lang="zh"><title>店铺</title><h1>店铺自己的网站</h1>'
            f'<script src="/chat/{SHOP}/widget.js" data-product="tee-basic" async></script></html>'
        )
        await route.fulfill(
            body=body,
            content_type="text/html; charset=utf-8",
            headers={"Content-Security-Policy": HOST_POLICY},
        )

    yield open_chat
    for page in pages:
        await page.context.close()
    assert complaints == []


async def say(page: Any, text: str) -> None:
    await expect(page.locator("#thread .row").first).to_be_attached(
        timeout=WAIT
    )  # the greeting: it listens now
    await page.get_by_role("textbox").fill(text)
    await page.get_by_role("textbox").press("Enter")


@pytest.mark.parametrize(("locale", "name"), [("zh-CN", "云朵生活馆"), ("en-US", "Cloud Living")])
async def test_a_buyer_writes_in_the_shops_name_and_finds_the_words_again_after_a_reload(
    open_chat: Any, locale: str, name: str
) -> None:
    page = await open_chat(locale=locale)
    await expect(page.get_by_role("heading", name=name)).to_be_visible()
    await say(page, "黑色L码还有货吗")
    await expect(page.locator(".row.mine:not(.unsent) .bubble")).to_have_text("黑色L码还有货吗")
    await page.reload()
    await expect(page.locator(".row.mine .bubble")).to_have_text("黑色L码还有货吗")


async def test_markup_and_turning_characters_stay_text(open_chat: Any) -> None:
    page = await open_chat()
    await say(page, "<img src=x onerror=alert(1)> \u202eabc")
    await expect(page.locator(".row.mine:not(.unsent) .bubble")).to_contain_text(
        "<img src=x onerror=alert(1)>"
    )
    assert await page.locator(".bubble img").count() == 0


async def test_what_is_written_without_a_network_is_sent_once_when_it_is_back(open_chat: Any) -> None:
    page = await open_chat()
    await say(page, "在吗")
    await expect(page.locator(".row.mine:not(.unsent)")).to_have_count(1)
    await page.context.set_offline(True)
    await page.evaluate("dispatchEvent(new Event('offline'))")
    await expect(page.locator("#offline")).to_be_visible()
    await say(page, "断网时写的")
    await expect(page.locator(".row.unsent")).to_have_count(1)
    await page.context.set_offline(False)
    await page.evaluate("dispatchEvent(new Event('online'))")
    await expect(page.locator(".row.unsent")).to_have_count(0)
    await page.reload()
    await expect(page.locator(".row.mine .bubble")).to_have_text(["在吗", "断网时写的"])


async def test_what_is_too_long_and_what_is_no_image_is_said_and_nothing_is_lost(open_chat: Any) -> None:
    page = await open_chat()
    await page.get_by_role("textbox").fill("长" * 4001)
    await expect(page.get_by_role("alert")).to_contain_text("4000")
    await expect(page.locator("#send")).to_be_disabled()
    assert len(await page.get_by_role("textbox").input_value()) == 4001
    await page.get_by_role("textbox").fill("")
    broken = {"name": "a.png", "mimeType": "image/png", "buffer": b"no image at all"}
    await page.set_input_files("#file", files=[broken])
    await expect(page.locator(".foot.bad")).to_contain_text("图片")
    await page.get_by_role("button", name="删除").click()
    await expect(page.locator(".row.mine")).to_have_count(0)


@pytest.mark.parametrize("width", [390, 1280])
async def test_one_script_tag_puts_the_chat_into_a_site_with_a_strict_policy(
    open_chat: Any, width: int
) -> None:
    page = await open_chat("/host", width=width)
    await page.get_by_role("button", name=re.compile("联系云朵生活馆")).click()
    frame = page.frame_locator("iframe")
    await say(frame, "在吗")
    await expect(frame.locator(".row.mine:not(.unsent) .bubble")).to_have_text("在吗")
    await frame.locator("#fold").click()
    await expect(page.locator("iframe")).to_be_hidden()
