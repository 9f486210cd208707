"""The workspace in short: what must hold whenever anything is changed, without Rasa."""

from __future__ import annotations

from typing import Any

from playwright.async_api import expect

from tests.browser.desk import HOLD
from tests.browser.office import A, B, C, Person


async def test_a_buyers_words_reach_the_agent_and_the_reply_reaches_the_buyer(
    desk: Any, buyer: Any, both: Person
) -> None:
    at = await desk(both)
    asks = await buyer(A, "你们发什么快递")
    await at.open(asks)
    await expect(at.page.locator("#as-shop")).to_contain_text("云朵生活馆")
    await at.write("亲，这就为您查")
    await asks.hears("亲，这就为您查")
    await expect(at.bubbles.last).to_contain_text("亲，这就为您查", timeout=HOLD)


async def test_the_queue_shows_my_shops_and_no_other(
    desk: Any, buyer: Any, both: Person, single: Person
) -> None:
    of_a, of_b, of_c = await buyer(A, "在吗"), await buyer(B, "在吗"), await buyer(C, "在吗")
    mine, hers = await desk(both), await desk(single)
    await expect(mine.row(of_a)).to_be_visible()
    await expect(mine.row(of_b)).to_be_visible()
    await expect(mine.row(of_c)).to_have_count(0)
    await expect(hers.row(of_a)).to_be_visible()
    await expect(hers.row(of_b)).to_have_count(0)


async def test_one_key_inserts_a_suggestion_of_this_shop(desk: Any, buyer: Any, both: Person) -> None:
    at = await desk(both)
    asks = await buyer(B, "你们发什么快递")
    await at.open(asks)
    await expect(at.suggestions.first).to_be_visible()
    await at.text.press("1")
    await expect(at.text).not_to_have_value("")
    await expect(at.text).not_to_have_value("1")
