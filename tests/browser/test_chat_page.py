"""The buyer's chat beside the agent's workspace: words go both ways, each buyer has their own, and other sites embed it."""

from __future__ import annotations

import io
import re
import secrets
from collections.abc import AsyncIterator, Callable
from typing import Any

import aiohttp
import pytest
from PIL import Image
from playwright.async_api import Browser, BrowserContext, FilePayload, Page, expect

from tests.browser.buyers import Buyer
from tests.browser.desk import HOLD, Desk
from tests.browser.office import A, B, Office, Person
from tests.browser.sites import site

pytestmark = pytest.mark.browser_full

WAIT = 20_000
WIDGET = '<!doctype html><html lang="zh"><title>店铺</title><h1>店铺自己的网站</h1><script src="{src}" async></script></html>'


@pytest.fixture
async def open_chat(browser: Browser, office: Office) -> AsyncIterator[Callable[..., Any]]:
    """Open a page in a browser of a new buyer, who comes from an address of their own."""
    contexts: list[BrowserContext] = []

    async def open_chat(path: str = f"/chat/{A}", at: str = "", **options: Any) -> Page:
        context = await browser.new_context(locale="zh-CN", viewport={"width": 420, "height": 760}, **options)
        contexts.append(context)
        page = await context.new_page()
        page.set_default_timeout(WAIT)
        await page.goto((at or office.address) + path)
        return page

    yield open_chat
    for context in contexts:
        await context.close()


async def say(page: Any, text: str) -> None:
    """Write in the chat and wait until the shop has it."""
    await page.get_by_role("textbox").fill(text)
    await page.get_by_role("textbox").press("Enter")
    await expect(page.locator(".row.mine:not(.unsent) .bubble").last).to_have_text(text, timeout=WAIT)


def picture() -> bytes:
    """Return an image that nobody else has."""
    out = io.BytesIO()
    colour = (secrets.randbelow(256), secrets.randbelow(256), secrets.randbelow(256))
    Image.new("RGB", (40, 30), colour).save(out, format="PNG")
    return out.getvalue()


async def test_buyer_and_agent_speak_with_each_other_and_see_each_other_type(
    desk: Any, open_chat: Any, both: Person
) -> None:
    word = secrets.token_hex(4)
    page = await open_chat()
    at: Desk = await desk(both)
    await say(page, f"你好 {word}")
    row = at.page.locator("#queue-list .row", has_text=word)
    await row.click()
    await expect(at.bubbles.last).to_contain_text(word)
    await page.get_by_role("textbox").press_sequentially("还想问")
    await expect(at.page.locator("#typing")).to_contain_text("买家正在输入")
    await at.text.press_sequentially("亲")
    await expect(page.locator("#typing")).to_be_visible(timeout=WAIT)
    await at.write(f"亲，在的 {word}")
    theirs = page.locator(".row:not(.mine) .bubble")
    await expect(theirs.last).to_have_text(f"亲，在的 {word}", timeout=HOLD)
    assert both.name not in await page.content(), "who of the shop wrote is the shop's own affair"
    assert both.login not in await page.content()


async def test_an_image_goes_both_ways_and_opens_for_nobody_else(
    desk: Any, open_chat: Any, both: Person, office: Office
) -> None:
    word = secrets.token_hex(4)
    page, other = await open_chat(), await open_chat()
    at: Desk = await desk(both)
    await say(page, f"看看这个 {word}")
    await say(other, "我是别人")
    async with page.expect_response(re.compile(r"/chat/.*/images\?")) as sending:
        await page.set_input_files("#file", FilePayload(name="a.png", mimeType="image/png", buffer=picture()))
    image = (await (await sending.value).json())["message"]["image"]
    await at.page.locator("#queue-list .row", has_text="[图片]").first.click()
    await expect(at.bubbles.locator("img").last).to_be_visible(timeout=WAIT)
    name = f"kuaihui-chat:{A}"
    tokens = [await each.evaluate("(name) => localStorage.getItem(name)", name) for each in (page, other)]
    found = []
    for token in (*tokens, ""):
        headers = {"Authorization": f"Bearer {token}"}
        address = f"{office.address}/chat/{A}/images/{image}"
        async with aiohttp.ClientSession() as http, http.get(address, headers=headers) as answer:
            found.append(answer.status)
    assert found == [200, 404, 401]


async def test_what_the_shop_wrote_while_the_page_was_away_is_there_once_when_it_is_back(
    open_chat: Any, both: Person, desk: Any
) -> None:
    word = secrets.token_hex(4)
    page = await open_chat()
    at: Desk = await desk(both)
    await say(page, f"在吗 {word}")
    await at.page.locator("#queue-list .row", has_text=word).click()
    await page.context.set_offline(True)
    await page.evaluate("dispatchEvent(new Event('offline'))")
    await expect(page.locator("#offline")).to_be_visible()
    await at.write(f"在的 {word}")
    await expect(at.bubbles.filter(has_text=f"在的 {word}")).to_have_count(1, timeout=HOLD)
    await page.context.set_offline(False)
    await page.evaluate("dispatchEvent(new Event('online'))")
    await expect(page.locator(".row:not(.mine) .bubble", has_text=f"在的 {word}")).to_have_count(
        1, timeout=WAIT
    )


async def test_one_buyer_never_reads_another_nor_another_shop(
    open_chat: Any, buyer: Any, office: Office
) -> None:
    word = f"我的手机号尾号{secrets.token_hex(4)}"
    first: Buyer = await buyer(A, word)
    page = await open_chat()
    await say(page, "在吗")
    assert word not in await page.content()
    stolen = Buyer(B)
    stolen.token = first.token
    await stolen.come(office.http, office.address)
    await stolen.say("在吗")
    assert stolen.conversation != first.conversation
    assert [each["text"] for each in stolen.heard] == ["在吗"]
    socket = await office.http.ws_connect(
        f"{office.address}/chat/{A}/live", headers={"X-Forwarded-For": "10.9.9.9"}
    )
    await socket.send_json({"type": "hello"})
    assert (await socket.receive_json(timeout=15))["messages"] == []
    await socket.send_json({"type": "earlier", "before": f"{first.conversation}:2"})
    heard = await socket.receive_json(timeout=15)
    assert heard["type"] == "error" or heard["messages"] == [], heard
    assert word not in str(heard)
    await socket.close()
    await stolen.go()


async def test_who_writes_too_fast_is_told_and_all_of_it_arrives(open_chat: Any) -> None:
    page = await open_chat()
    words = [f"第{number}句" for number in range(15)]
    for each in words:
        await page.get_by_role("textbox").fill(each)
        await page.get_by_role("textbox").press("Enter")
    await expect(page.locator(".row.mine:not(.unsent) .bubble")).to_have_text(words, timeout=2 * WAIT)


async def test_one_script_tag_puts_the_chat_into_a_site_that_the_shop_named(
    open_chat: Any, office: Office, desk: Any, both: Person
) -> None:
    word = secrets.token_hex(4)
    html = WIDGET.format(src=f"{office.address}/chat/{A}/widget.js")
    async with site({"/": html}) as theirs:
        await office.policy(A, origins=[theirs])
        page = await open_chat("/", at=theirs)
        await page.get_by_role("button", name=re.compile("联系云朵生活馆")).click()
        frame = page.frame_locator("iframe")
        await say(frame, f"从别的网站来 {word}")
        at: Desk = await desk(both)
        await at.page.locator("#queue-list .row", has_text=word).click()
        await frame.locator("#fold").click()
        await at.write(f"欢迎 {word}")
        opener = page.get_by_role("button", name=re.compile("1 条未读"))
        await expect(opener).to_be_visible(timeout=HOLD + WAIT)
        await opener.click()
        await expect(frame.locator(".row:not(.mine) .bubble").last).to_have_text(f"欢迎 {word}")
        await office.policy(A, origins=[])


async def test_a_site_that_the_shop_did_not_name_shows_no_chat(open_chat: Any, office: Office) -> None:
    html = WIDGET.format(src=f"{office.address}/chat/{B}/widget.js")
    async with site({"/": html}) as theirs:
        page = await open_chat("/", at=theirs)
        async with page.expect_console_message(lambda said: "frame-ancestors" in said.text):
            await page.get_by_role("button", name=re.compile("联系云上小铺")).click()
        await expect(page.frame_locator("iframe").locator("#text")).to_have_count(0)


async def test_a_script_of_another_site_cannot_open_the_chats_socket(office: Office) -> None:
    headers = {"Origin": "https://evil.example", "X-Forwarded-For": "10.9.9.8"}
    with pytest.raises(aiohttp.WSServerHandshakeError) as refused:
        await office.http.ws_connect(f"{office.address}/chat/{A}/live", headers=headers)
    assert refused.value.status == 403


async def test_a_shop_that_does_not_exist_has_no_chat(office: Office) -> None:
    for path in ("/chat/no-such-shop", "/chat/no-such-shop/widget.js", "/chat/no-such-shop/live"):
        async with office.http.get(office.address + path) as answer:
            assert answer.status == 404, path
