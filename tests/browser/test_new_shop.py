"""From nothing to answering buyers: an admin makes a shop and its owner, who signs up, chooses a trade, and answers."""

from __future__ import annotations

import re
import time
from typing import Any

import pytest
from playwright.async_api import Browser, Page, expect

from tests.browser.buyers import Buyer
from tests.browser.desk import HOLD, Desk
from tests.browser.office import Office, Person

pytestmark = pytest.mark.browser_full

_LOGIN = "pinecone-owner"
_CHOSEN = "seven-brown-pinecones"
_FACT = "今天16点前付款当天发"


async def _makes_shop_and_owner(admin: Desk) -> tuple[str, str]:
    """Return the new shop and the password that its owner is given."""
    page = admin.page
    await page.locator("#new-account").click()
    await page.locator("dialog input[name=login]").fill(_LOGIN)
    await page.locator("dialog input[name=name]").fill("松果店主")
    await page.locator("dialog form button.primary").click()
    password = await page.locator("#secret").inner_text()
    await page.locator("dialog button.primary").click()
    await page.locator("#new-shop").click()
    await page.locator("dialog input[name=name]").fill("松果零食铺")
    await page.locator("dialog input[name=name_en]").fill("Pinecone Snacks")
    await page.locator("dialog form button.primary").click()
    await expect(page).to_have_url(re.compile("/shops/pinecone-snacks-[0-9a-f]{8}/settings$"))
    shop = page.url.split("/")[-2]
    await admin.go("/team")
    await page.locator("#rows tr").filter(has_text=_LOGIN).get_by_role("button").click()
    form = page.locator("dialog > form").last
    await form.locator("select[name=shop]").select_option(shop)
    await form.locator("select[name=role]").select_option("owner")
    await form.get_by_role("button").click()
    await expect(page.locator("dialog li").filter(has_text="松果零食铺")).to_be_visible()
    return shop, password


async def _signs_up(page: Page, address: str, password: str) -> None:
    await page.goto(f"{address}/login")
    await page.locator("input[name=login]").fill(_LOGIN)
    await page.locator("input[name=password]").fill(password)
    await page.locator("#sign-in button.primary").click()
    await page.locator("#password input[name=old]").fill(password)
    await page.locator("#password input[name=new]").fill(_CHOSEN)
    await page.locator("#password button.primary").click()
    await expect(page).to_have_url(re.compile("/workspace"))


async def _chooses_a_trade(page: Page, address: str, shop: str) -> None:
    await page.goto(f"{address}/shops/{shop}/settings")
    await page.get_by_role("button", name="食品零食").click()
    await page.locator("#apply").click()
    await page.locator("#fact-dispatch_time").fill(_FACT)
    await page.locator("#facts-form button.primary").click()
    await expect(page.locator("#facts-form .notice.good")).to_be_visible()


async def test_a_new_shop_answers_its_first_buyer_within_ten_minutes_of_sign_up(
    browser: Browser, desk: Any, office: Office
) -> None:
    began = time.monotonic()
    shop, password = await _makes_shop_and_owner(await desk(office.admin, path="/team"))
    context = await browser.new_context(locale="zh-CN", viewport={"width": 1280, "height": 800})
    buyer = Buyer(shop)
    try:
        page = await context.new_page()
        at = Desk(page, Person(office, _LOGIN, _CHOSEN))
        await _signs_up(page, office.address, password)
        await _chooses_a_trade(page, office.address, shop)
        await at.go("/workspace")
        await buyer.come(office.http, office.address)
        await buyer.say("拍下多久发货")
        await at.open(buyer)
        offered = at.suggestions.filter(has_text=_FACT).first
        await expect(offered).to_be_visible()
        await at.write(f"亲，{_FACT}哦", send=True)
        await expect(at.bubbles.filter(has_text=_FACT)).to_be_visible(timeout=HOLD)
        assert _FACT in "".join(buyer.answers)
        print(f"from an empty team's page to the first buyer answered: {time.monotonic() - began:.0f} s")
        assert at.complaints == []
    finally:
        await buyer.go()
        await context.close()
