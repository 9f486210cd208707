"""The pictures of a shop's usage: what was sent each day, the entries used most, and those that nobody uses."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import timedelta

import pytest
from playwright.async_api import Browser, Page, expect

from bot.ports import Event
from tests.browser.owner_pages import memory_served, owners_page
from tests.web.memory_app import WORDS, Served
from tests.web.people import hire


@dataclass
class Office:
    """An owner of `tea` before its usage, in which `courier` was taken twice, edited once, and sent by itself once."""

    served: Served
    page: Page
    address: str


async def _use(served: Served, shop: str, entry: str, times: int) -> None:
    events = []
    for number in range(times):
        at, message = served.clock.now() - timedelta(days=number), f"used-{number}"
        reply = {"id": f"{message}-1", "text": "x", "confidence": 0.5, "entries": [[entry, 1, 0.5]]}
        events.append(Event("suggestion_shown", at, "c", {"read": True, "suggestions": [reply]}, message))
        kind = "suggestion_edited" if number == 2 else "suggestion_taken"
        told = {"place": 0, "kept": 0.8, "offers": [[[entry, 1, 0.5]]]}
        events.append(Event(kind, at, "c", told, message))
    sent = {"by": "auto", "entries": [[entry, 1, 0.99]]}
    events.append(Event("message_out", served.clock.now(), "c", sent))
    await served.engine.parts.events.append(shop, sorted(events, key=lambda event: event.at))


@pytest.fixture
async def office(browser: Browser) -> AsyncIterator[Office]:
    async with memory_served() as served:
        await _use(served, "tea", "courier", 3)
        await _use(served, "lamp", "stock", 9)
        owner = await hire(served, {"tea": "owner"})
        async with owners_page(browser, served, owner, "/shops/tea/usage") as (page, address):
            await expect(page.locator("#trend svg")).to_be_visible()
            yield Office(served, page, address)


async def test_days_and_entries_are_pictures_with_axes_and_words(office: Office) -> None:
    trend, top = office.page.locator("#trend svg"), office.page.locator("#top svg")
    await expect(trend).to_have_attribute("role", "img")
    label = await trend.get_attribute("aria-label")
    assert label is not None
    assert "合计 4" in label
    assert await trend.locator("rect.taken").count() == 2
    assert await trend.locator("rect.edited").count() == 1
    assert await trend.locator("rect.auto").count() == 1
    assert await trend.locator("line.rule").count() >= 2
    await expect(top.locator("text.name")).to_have_text(["发什么快递"])
    await office.page.locator("details summary").click()
    await expect(office.page.locator("#day-rows tr").last).to_contain_text("2026-03-05")


async def test_every_entry_tells_its_counts_and_the_trend_of_one_is_drawn(office: Office) -> None:
    page = office.page
    cells = page.locator("#entries tr").filter(has_text="发什么快递").locator("td")
    await expect(cells.nth(1)).to_have_text("4")  # the shop of the tests has shown it once already
    assert [await cells.nth(at).inner_text() for at in (2, 3, 4)] == ["2", "1", "1"]
    await page.locator("#which").select_option(label="发什么快递")
    await expect(page.locator("#trend svg")).to_have_attribute(
        "aria-label", "发什么快递，2026-02-03 到 2026-03-05，最多的一天 2，合计 4"
    )


async def test_entries_that_nobody_uses_are_listed_and_lead_to_the_editor(office: Office) -> None:
    page = office.page
    await expect(page.locator("#unused li")).to_have_count(3)
    await page.get_by_role("link", name="短袖还有货吗").click()
    await expect(page.locator("#f-question")).to_have_value("短袖还有货吗")


async def test_nothing_of_another_shop_is_drawn_or_counted(office: Office) -> None:
    page = office.page
    await expect(page.locator("#unused")).to_contain_text("短袖还有货吗")
    assert WORDS["lamp"] not in await page.content()
    stranger = await hire(office.served, {"lamp": "owner"})
    assert (await stranger.call("GET", "/shops/tea/suggestion-figures"))[0] == 404


@pytest.mark.parametrize("width", [390, 1360])
@pytest.mark.parametrize("days", ["7", "365"])
async def test_the_pictures_fit_a_phone_and_a_desk_in_english_too(
    office: Office, width: int, days: str
) -> None:
    page = office.page
    await page.set_viewport_size({"width": width, "height": 844})
    await page.goto(f"{office.address}/shops/tea/usage?lang=en")
    await page.locator("#period").select_option(days)
    await expect(page.locator("#trend rect.taken").first).to_be_attached()
    assert await page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    assert await page.locator("#trend svg").evaluate(
        "(svg) => svg.getBoundingClientRect().width <= innerWidth"
    )
