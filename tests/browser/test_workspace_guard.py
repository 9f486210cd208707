"""The guard in the composer: what is another shop's, or must not be said, leaves only after a second, deliberate yes."""

from __future__ import annotations

from typing import Any

import pytest
from playwright.async_api import Page, expect

from tests.browser.desk import HOLD
from tests.browser.office import A, B, Person

pytestmark = pytest.mark.browser_full

OF_B = "YSXP3"
"""A coupon code of the shop B."""


def confirming(page: Page) -> Any:
    return page.locator("#confirm")


async def test_another_shops_fact_is_marked_where_it_stands_and_its_shop_named_to_a_member(
    desk: Any, buyer: Any, both: Person
) -> None:
    asks = await buyer(A, "有券吗")
    at = await desk(both)
    await at.open(asks)
    await at.write(f"😊亲，用券码{OF_B}哦", send=False)
    await expect(at.page.locator("#backdrop mark")).to_have_text(OF_B)
    await expect(at.page.locator("#findings")).to_contain_text("属于「云上小铺」")
    await at.write("亲，下单就有优惠", send=False)
    await expect(at.page.locator("#backdrop mark")).to_have_count(0)
    await expect(at.page.locator("#findings li")).to_have_count(0)


async def test_whoever_is_no_member_is_not_told_whose_it_is(desk: Any, buyer: Any, single: Person) -> None:
    asks = await buyer(A, "有券吗")
    at = await desk(single)
    await at.open(asks)
    await at.write(f"亲，用券码{OF_B}哦", send=False)
    await expect(at.page.locator("#findings")).to_contain_text("不是本店的")
    assert "云上小铺" not in await at.page.content()


async def test_a_foreign_fact_leaves_only_after_a_second_deliberate_yes(
    desk: Any, buyer: Any, both: Person
) -> None:
    asks = await buyer(A, "有券吗")
    at = await desk(both)
    await at.open(asks)
    await at.write(f"用券码{OF_B}")
    await expect(confirming(at.page)).to_be_visible()
    await expect(confirming(at.page)).to_contain_text("确定以【云朵生活馆】的身份发出吗")
    await expect(at.page.get_by_role("button", name="返回修改")).to_be_focused()
    await at.page.keyboard.press("Enter")
    await expect(confirming(at.page)).to_be_hidden()
    await expect(at.text).to_have_value(f"用券码{OF_B}")
    await expect(at.pending).to_have_count(0)
    await at.text.press("Enter")
    await at.page.get_by_role("button", name="仍以【云朵生活馆】发出").click()
    await asks.hears(f"用券码{OF_B}")
    assert asks.answers == [f"用券码{OF_B}"]


async def test_a_page_that_skips_its_own_check_is_stopped_by_the_server(
    desk: Any, buyer: Any, both: Person
) -> None:
    asks = await buyer(A, "有券吗")
    at = await desk(both)
    await at.page.route("**/guard", lambda route: route.abort())
    await at.open(asks)
    await at.write(f"用券码{OF_B}")
    await expect(confirming(at.page)).to_be_visible(timeout=HOLD)
    await at.page.get_by_role("button", name="返回修改").click()
    await expect(at.text).to_have_value(f"用券码{OF_B}")
    assert asks.answers == []
    at.forgive("ERR_FAILED")


async def test_a_text_copied_in_one_shop_is_noticed_when_pasted_in_another(
    desk: Any, buyer: Any, both: Person
) -> None:
    of_a, of_b = await buyer(A, "我住在春风路八号院"), await buyer(B, "在吗")
    at = await desk(both, permissions=["clipboard-read", "clipboard-write"])
    await at.open(of_a)
    await at.bubbles.first.hover()
    await at.bubbles.first.get_by_role("button", name="复制").click()
    await expect(at.said.first).to_contain_text("已复制")
    await at.text.focus()
    await at.page.keyboard.press("Control+V")
    await expect(at.text).to_have_value("我住在春风路八号院")
    await expect(at.page.locator("#findings li")).to_have_count(0)
    await at.open(of_b)
    await at.text.focus()
    await at.page.keyboard.press("Control+V")
    await expect(at.page.locator("#findings")).to_contain_text("从「云朵生活馆」复制来的")
    await at.text.press("Enter")
    await expect(confirming(at.page)).to_be_visible()
    await at.page.keyboard.press("Escape")
    await expect(confirming(at.page)).to_be_hidden()
    assert of_b.answers == []


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("我们是全网最低的", "广告法极限词"),
        ("加微信号 yunduo8899 聊", "站外联系方式"),
        ("打13912345678找我", "站外联系方式"),
    ],
)
async def test_forbidden_words_and_outside_contacts_are_marked_and_asked_about(
    desk: Any, buyer: Any, both: Person, text: str, says: str
) -> None:
    asks = await buyer(A, "怎么联系")
    at = await desk(both)
    await at.open(asks)
    await at.write(text, send=False)
    await expect(at.page.locator("#findings")).to_contain_text(says)
    await expect(at.page.locator("#backdrop mark").first).to_be_attached()
    await at.text.press("Enter")
    await expect(confirming(at.page)).to_contain_text(says)
    await at.page.get_by_role("button", name="返回修改").click()
    assert asks.answers == []


async def test_a_suggestion_of_this_shop_is_never_stopped(desk: Any, buyer: Any, both: Person) -> None:
    asks = await buyer(A, "你们发什么快递")
    at = await desk(both)
    await at.open(asks)
    await expect(at.suggestions.first).to_be_visible()
    reply = await at.suggestions.first.locator(".reply").inner_text()
    await at.page.keyboard.press("Alt+Enter")
    await asks.hears(reply)
    await expect(confirming(at.page)).to_be_hidden()
