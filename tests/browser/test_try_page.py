"""The page /try in a browser: three shops side by side, each with its own words."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from typing import Any
from urllib.parse import urlsplit

import pytest
from playwright.async_api import Browser, Locator, Page, Request, expect

SHOPS = ("yunduo-life", "yunduo-select", "yunshang")
QUESTION = "发什么快递"
WAIT = 20_000


class Visit:
    """A page with what the browser complained about while it was open."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.complaints: list[str] = []
        self.requests: list[Request] = []
        page.on(
            "console",
            lambda said: self.complaints.append(said.text) if said.type in ("error", "warning") else None,
        )
        page.on("pageerror", lambda error: self.complaints.append(str(error)))
        page.on("request", lambda request: self.requests.append(request))
        page.set_default_timeout(WAIT)

    def column(self, shop: str) -> Locator:
        return self.page.locator(f"[data-shop={shop}]")

    async def ask(self, text: str) -> None:
        """Type a message as a buyer and wait until all three shops have answered."""
        await self.page.get_by_role("textbox").fill(text)
        await self.page.keyboard.press("Enter")
        await self.answered(text)

    async def answered(self, text: str) -> None:
        for shop in SHOPS:
            column = self.column(shop)
            await expect(column.locator(".bubble").last).to_have_text(text, timeout=WAIT)
            await expect(column.locator(".suggestion, .note:not(.busy)").first).to_be_visible(timeout=WAIT)

    async def best(self, shop: str) -> str:
        """Return the text of the shop's first suggestion."""
        return await self.column(shop).locator(".suggestion p").first.inner_text()


@pytest.fixture
async def open_page(browser: Browser, address: str) -> AsyncIterator[Any]:
    """Open /try in a browser of the given language, width and colours; at the end nothing must have been complained of."""
    visits: list[Visit] = []

    async def open_page(locale: str = "zh-CN", width: int = 1280, **options: Any) -> Visit:
        context = await browser.new_context(
            locale=locale, viewport={"width": width, "height": 900}, **options
        )
        visit = Visit(await context.new_page())
        visits.append(visit)
        await visit.page.goto(f"{address}/try")
        return visit

    yield open_page
    for visit in visits:
        await visit.page.context.close()
        assert visit.complaints == []
        assert {urlsplit(request.url).netloc for request in visit.requests} == {urlsplit(address).netloc}


async def test_the_three_demo_shops_stand_side_by_side(open_page: Any) -> None:
    visit = await open_page()
    columns = visit.page.locator("[data-shop]")
    await expect(columns).to_have_count(len(SHOPS))
    assert [await columns.nth(n).get_attribute("data-shop") for n in range(len(SHOPS))] == list(SHOPS)
    tops = {(await columns.nth(n).bounding_box() or {})["y"] for n in range(len(SHOPS))}
    colours = {
        await columns.nth(n).locator(".avatar").evaluate("e => getComputedStyle(e).backgroundColor")
        for n in range(3)
    }
    assert len(tops) == 1
    assert len(colours) == len(SHOPS)


async def test_each_shop_answers_with_its_own_courier_and_no_others(open_page: Any) -> None:
    visit = await open_page()
    await visit.ask(QUESTION)
    couriers = {}
    for shop in SHOPS:
        named = (
            await visit.column(shop)
            .locator("dd[data-fact=courier], dd[data-fact=couriers]")
            .all_inner_texts()
        )
        assert named, f"{shop} names no courier among its facts"
        couriers[shop] = set("、".join(named).split("、"))
    for shop in SHOPS:
        others = set().union(*(couriers[other] for other in SHOPS if other != shop)) - couriers[shop]
        assert others, "the demo shops are told apart by their couriers"
        shown = await visit.column(shop).inner_text()
        assert any(courier in shown for courier in couriers[shop])
        assert not any(courier in shown for courier in others), shop


async def test_a_question_of_two_parts_gets_one_reply_with_facts_and_confidence(open_page: Any) -> None:
    visit = await open_page()
    await visit.ask("黑色L码还有货吗什么时候发")
    replies = {await visit.best(shop) for shop in SHOPS}
    assert len(replies) == len(SHOPS)
    card = visit.column("yunduo-life").locator(".suggestion").first
    await expect(card.locator("meter")).to_be_visible()
    await expect(card.locator(".meter")).to_contain_text("%")
    await expect(card.locator("dd[data-fact=stock]")).to_be_visible()
    await expect(card.locator(".origin").first).to_contain_text("截至")


async def test_an_acknowledgement_is_shown_as_silence(open_page: Any) -> None:
    visit = await open_page()
    await visit.ask("嗯嗯好的")
    for shop in SHOPS:
        await expect(visit.column(shop)).to_contain_text("无需回复")
        await expect(visit.column(shop).locator(".suggestion")).to_have_count(0)


async def test_the_page_speaks_english_to_an_english_browser(open_page: Any) -> None:
    visit = await open_page(locale="en-GB")
    await expect(visit.page.get_by_role("button", name="Send")).to_be_visible()
    await visit.ask("is the black T-shirt in L in stock")
    for shop in SHOPS:
        await expect(visit.column(shop)).to_contain_text(re.compile("Confidence|No reply needed"))
    text = await visit.page.locator("header, .lead, form, .examples").all_inner_texts()
    assert "发送" not in str(text)
    await visit.page.get_by_role("link", name="中文").click()
    await expect(visit.page.get_by_role("button", name="发送")).to_be_visible()


@pytest.mark.parametrize(
    "text",
    ["<img src=x onerror=alert(1)>", "<script>alert(1)</script>发什么快递", "{{7*7}} ${7*7} <b>粗</b>"],
)
async def test_markup_of_a_buyer_stays_text(open_page: Any, text: str) -> None:
    visit = await open_page()
    asked: list[str] = []
    visit.page.on("dialog", lambda dialog: asked.append(dialog.message))
    await visit.ask(text)
    for shop in SHOPS:
        bubble = visit.column(shop).locator(".bubble").first
        assert await bubble.text_content() == text
        assert await bubble.locator("*").count() == 0
    assert asked == []


async def test_all_can_be_done_with_the_keyboard(open_page: Any) -> None:
    visit = await open_page()
    keyboard = visit.page.keyboard
    await expect(visit.page.get_by_role("textbox")).to_be_focused()
    await keyboard.type(QUESTION)
    await keyboard.press("Enter")
    await visit.answered(QUESTION)
    await expect(visit.page.get_by_role("textbox")).to_be_focused()
    for _ in range(30):
        await keyboard.press("Tab")
        if await visit.page.evaluate("document.activeElement.className") == "use":
            break
    outline = await visit.page.evaluate("getComputedStyle(document.activeElement).outlineStyle")
    assert outline != "none"
    reply = await visit.best("yunduo-life")
    await keyboard.press("Enter")
    await expect(visit.column("yunduo-life").locator(".bubble.agent")).to_have_text(reply)
    await expect(visit.column("yunduo-life").locator(".suggestion")).to_have_count(0)
    await expect(visit.page.get_by_role("textbox")).to_be_focused()


async def test_a_conversation_goes_on_and_begins_anew(open_page: Any) -> None:
    visit = await open_page()
    await visit.ask("T恤有黑色L码吗")
    await visit.ask("那白色呢")
    for shop in SHOPS:
        await expect(visit.column(shop).locator(".bubble")).to_have_count(2)
    await visit.page.get_by_role("button", name="重新开始").click()
    for shop in SHOPS:
        await expect(visit.column(shop).locator(".bubble, .suggestion")).to_have_count(0)


async def test_an_example_asks_with_one_click(open_page: Any) -> None:
    visit = await open_page()
    await visit.page.get_by_role("button", name=QUESTION).click()
    await visit.answered(QUESTION)


async def test_keys_of_an_input_method_send_nothing(open_page: Any) -> None:
    visit = await open_page()
    box = visit.page.get_by_role("textbox")
    await box.fill("发")
    taken = await box.evaluate(
        "e => e.dispatchEvent(new KeyboardEvent('keydown', {key: 'Enter', isComposing: true, cancelable: true}))"
    )
    assert taken is False
    await expect(box).to_have_value("发")
    await expect(visit.page.locator(".bubble")).to_have_count(0)


async def test_a_server_that_is_away_is_told(open_page: Any) -> None:
    visit = await open_page()
    await visit.page.route("**/suggestions", lambda route: route.abort())
    await visit.page.get_by_role("textbox").fill(QUESTION)
    await visit.page.keyboard.press("Enter")
    for shop in SHOPS:
        await expect(visit.column(shop)).to_contain_text("连接不上服务")
    visit.complaints = [said for said in visit.complaints if "net::ERR_FAILED" not in said]


async def test_the_page_says_that_it_answers_without_the_classifier(open_page: Any) -> None:
    visit = await open_page()
    await expect(visit.page.get_by_role("status")).to_contain_text("意图识别未运行")


@pytest.mark.parametrize("width", [320, 400, 768, 1280, 1920])
async def test_nothing_is_cut_off_at_any_width(open_page: Any, width: int) -> None:
    visit = await open_page(width=width)
    await visit.ask("黑色L码还有货吗什么时候发")
    overflow = await visit.page.evaluate(
        "document.documentElement.scrollWidth - document.documentElement.clientWidth"
    )
    assert overflow == 0


@pytest.mark.parametrize("scheme", ["light", "dark"])
async def test_text_stands_out_from_its_ground(open_page: Any, scheme: str) -> None:
    visit = await open_page(color_scheme=scheme)
    await visit.ask("黑色L码还有货吗什么时候发")
    await visit.column("yunduo-life").locator("button.use").first.click()
    low = await visit.page.evaluate(_LOW_CONTRAST)
    assert low == []


_LOW_CONTRAST = """() => {
  const brush = document.createElement("canvas").getContext("2d", { willReadFrequently: true });
  const numbers = (colour) => {  // painted, since a mixed colour is not written as rgb()
    brush.clearRect(0, 0, 1, 1);
    brush.fillStyle = colour;
    brush.fillRect(0, 0, 1, 1);
    return [...brush.getImageData(0, 0, 1, 1).data];
  };
  const light = (channels) => {
    const [r, g, b] = channels.slice(0, 3).map((v) => { v /= 255; return v <= 0.03928 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4; });
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  const ground = (node) => {
    for (let at = node; at; at = at.parentElement) {
      const found = numbers(getComputedStyle(at).backgroundColor);
      if (found[3] > 127) return found;
    }
    return [255, 255, 255];
  };
  const low = [];
  for (const node of document.querySelectorAll("body *")) {
    const own = [...node.childNodes].some((child) => child.nodeType === 3 && child.textContent.trim());
    if (!own || !node.getClientRects().length || node.closest(".hidden")) continue;
    const [ink, paper] = [light(numbers(getComputedStyle(node).color)), light(ground(node))];
    const ratio = (Math.max(ink, paper) + 0.05) / (Math.min(ink, paper) + 0.05);
    if (ratio < 4.5) low.push(`${node.className || node.tagName}: ${ratio.toFixed(2)}`);
  }
  return low;
}"""
