"""An entry's image from the owner's editor to the buyer's chat page. The application behind it keeps its shops in memory."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator, Callable
from datetime import timedelta
from typing import Any

import pytest
from playwright.async_api import Browser, FilePayload, Page, expect

from tests.browser.office import eventually
from tests.browser.owner_pages import memory_served
from tests.web.chat_app import picture
from tests.web.memory_app import Served
from tests.web.people import Person, hire

ASKED = "发什么快递"


@pytest.fixture
async def served() -> AsyncIterator[Served]:
    async with memory_served() as served:
        yield served


@pytest.fixture
async def open_page(browser: Browser, served: Served) -> AsyncIterator[Callable[..., Any]]:
    """Open a page in a browser of its own, signed in as a person or as nobody."""
    address = str(served.client.make_url("/")).rstrip("/")
    problems: list[str] = []
    contexts = []

    async def open_page(path: str, person: Person | None = None) -> Page:
        context = await browser.new_context(locale="zh-CN", viewport={"width": 1360, "height": 900})
        contexts.append(context)
        if person is not None:
            cookie = {"name": "kuaihui_session", "value": person.secret, "url": address}
            await context.add_cookies([cookie])  # type: ignore[list-item]
        page = await context.new_page()
        page.on("pageerror", lambda error: problems.append(str(error)))
        await page.goto(address + path)
        return page

    yield open_page
    for context in contexts:
        await context.close()
    assert problems == []


async def test_an_image_goes_from_the_editor_with_the_suggestion_to_the_buyer(
    served: Served, open_page: Callable[..., Any]
) -> None:
    owner = await hire(served, {"tea": "owner"})
    editor = await open_page("/shops/tea/entries#e=courier", owner)
    await expect(editor.locator("#f-question")).to_have_value(ASKED)
    await editor.locator("#f-image").set_input_files(FilePayload(name="a.txt", mimeType="text/plain", buffer=b"x"))  # fmt: skip
    await expect(editor.locator("#form .wrong")).to_contain_text("只能用 PNG")
    chart = FilePayload(name="chart.png", mimeType="image/png", buffer=picture())
    await editor.locator("#f-image").set_input_files(chart)
    await expect(editor.locator("#image-shown img")).to_have_js_property("naturalWidth", 40)
    await expect(editor.locator("#form .wrong")).to_have_count(0)
    await expect(editor.locator("#unsaved")).to_be_visible()
    await editor.get_by_role("button", name="保存并启用").click()
    await expect(editor.locator("#done")).to_contain_text("已保存")
    image = (await served.engine.parts.entries.get_entry("tea", "courier")).image
    assert re.fullmatch("e[0-9a-f]{24}", image)

    chat = await open_page("/chat/tea")
    await expect(chat.locator("#thread .row").first).to_be_attached()
    await chat.get_by_role("textbox").fill(ASKED)
    await chat.get_by_role("textbox").press("Enter")
    await expect(chat.locator(".row.mine:not(.unsent) .bubble")).to_have_text(ASKED)

    desk = await open_page("/workspace", owner)
    await desk.locator("#queue-list .row").first.click()
    card = desk.locator("#suggestions .suggestion", has_text="青岚发").first
    await expect(card.locator(".picture img")).to_have_js_property("naturalWidth", 40)
    await card.get_by_role("button", name="填入").click()
    await expect(desk.locator("#image-line img")).to_have_js_property("naturalWidth", 40)
    await desk.locator("#text").fill("")
    await expect(desk.locator("#image-line")).to_be_hidden()
    await card.get_by_role("button", name="填入").click()
    reply = await desk.locator("#text").input_value()
    await desk.locator("#text").press("Enter")
    await expect(desk.locator("#pending .bubble .picture")).to_be_visible()
    key = await desk.locator("#queue-list .row").first.get_attribute("data-key") or ""
    held_of = served.engine.parts.conversations.held_of
    await eventually(lambda: held_of("tea", key.removeprefix("tea/")), "the reply is held")
    served.clock.moment += timedelta(seconds=6)
    await served.engine.workspace.outbox.send_due()

    await chat.reload()  # nobody follows the feeds of shops in memory
    heard = chat.locator("#thread .row:not(.mine)", has_text=reply)
    await expect(heard.locator(".bubble.picture img")).to_have_js_property("naturalWidth", 40)
    await expect(desk.locator("#bubbles .bubble.agent .picture img")).to_be_visible()

    await editor.locator("#remove-image").click()
    await editor.get_by_role("button", name="保存并启用").click()
    await expect(editor.locator("#image-shown img")).to_have_count(0)
    await editor.locator("#history-card summary").click()
    await expect(editor.locator("#edits li").first.locator("del img")).to_be_visible()
    assert (await served.engine.parts.entries.get_entry("tea", "courier")).image == ""
