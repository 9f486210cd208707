"""Signing in, one's own account, and the team's people, as they are done in a browser."""

from __future__ import annotations

import asyncio
import re
import secrets
from collections.abc import AsyncIterator, Callable
from typing import Any

import pytest
from playwright.async_api import Browser, BrowserContext, Page, Route, expect

from tests.browser.desk import HOLD, Desk
from tests.browser.office import A, B, Office, Person, eventually

pytestmark = pytest.mark.browser_full

WRONG_TRIES = 8
WAIT = 15_000


@pytest.fixture
async def stranger(browser: Browser) -> AsyncIterator[Callable[..., Any]]:
    """Open a page in a browser in which nobody is signed in."""
    contexts: list[BrowserContext] = []

    async def open_page(address: str, locale: str = "zh-CN") -> Page:
        contexts.append(await browser.new_context(locale=locale))
        page = await contexts[-1].new_page()
        page.set_default_timeout(WAIT)
        await page.goto(address)
        return page

    yield open_page
    for context in contexts:
        await context.close()


async def sign_in(page: Page, login: str, password: str) -> None:
    """Fill in the form and press Enter."""
    await page.locator("input[name=login]").fill(login)
    await page.locator("input[name=password]").fill(password)
    await page.keyboard.press("Enter")


async def newcomer(office: Office, shop: str = A) -> tuple[Person, str]:
    """Make an account that still has the password somebody else gave it."""
    login = f"n{secrets.token_hex(5)}"
    made = await office.admin.must("POST", "/team/accounts", {"login": login, "name": f"客服{login[-4:]}"})
    person = Person(office, login, made["password"], made["account"]["id"], made["account"]["name"])
    await office.join(person, shop)
    return person, made["password"]


def line_of(page: Page, login: str) -> Any:
    """The person's line in the team's table."""
    return page.locator("#rows tr", has=page.get_by_text(login, exact=True))


async def test_a_wrong_password_is_said_and_the_right_one_leads_to_where_one_wanted_to_go(
    stranger: Any, office: Office
) -> None:
    person = await office.hire({A: "agent"})
    page = await stranger(f"{office.address}/account")
    await expect(page).to_have_url(re.compile("/login"))
    await sign_in(page, person.login, "not the password")
    wrong = page.get_by_role("alert")
    await expect(wrong).to_be_visible(timeout=WAIT)
    said = await wrong.inner_text()
    await sign_in(page, f"nobody-{secrets.token_hex(4)}", "not the password")
    await expect(page.locator("#sign-in button")).to_be_enabled()
    await expect(wrong).to_have_text(said)
    await sign_in(page, person.login, person.password)
    await page.wait_for_url("**/account")
    await expect(page.locator("#shops")).to_contain_text("云朵生活馆")


async def test_signing_out_ends_it_for_the_back_button_too(desk: Any, office: Office, buyer: Any) -> None:
    asks = await buyer(A, "在吗，我要退货")
    at: Desk = await desk(await office.hire({A: "agent"}), path="/account")
    await at.go()
    await at.open(asks)
    await at.page.locator(".menu summary").click()
    await at.page.locator("#sign-out").click()
    await at.page.wait_for_url("**/login*")
    await at.page.go_back()
    await expect(at.page.locator("#sign-in")).to_be_visible()
    assert "我要退货" not in await at.page.content()
    at.forgive("status of 401")


async def test_a_password_from_somebody_else_is_changed_before_anything_else(
    stranger: Any, office: Office
) -> None:
    person, given = await newcomer(office)
    page = await stranger(f"{office.address}/login")
    await sign_in(page, person.login, given)
    await page.wait_for_url("**/account")
    await expect(page.locator("#must-change")).to_be_visible()
    await page.goto(f"{office.address}/workspace")
    await page.wait_for_url("**/account*")
    for new, taken in (("short", False), (f"{person.login}-1234", False), ("four-quiet-horses", True)):
        await page.locator("input[name=old]").fill(given)
        await page.locator("input[name=new]").fill(new)
        await page.locator("#password button").click()
        if taken:
            await page.wait_for_url("**/workspace*")
        else:
            await expect(page.locator("input[name=new]:invalid, #password .notice.bad").first).to_be_visible()
    await expect(page.locator("#me-name")).to_have_text(person.name)


async def test_too_many_wrong_tries_have_to_wait_even_with_the_right_password(
    stranger: Any, office: Office
) -> None:
    person = await office.hire({A: "agent"})
    for _ in range(WRONG_TRIES):
        await Person(office, person.login, "wrong").call(
            "POST", "/session", {"login": person.login, "password": "wrong"}
        )
    page = await stranger(f"{office.address}/login")
    async with page.expect_response("**/api/v1/session") as answering:
        await sign_in(page, person.login, person.password)
    answer = await answering.value
    assert answer.status == 429
    assert int(await answer.header_value("retry-after") or 0) > 0
    await expect(page.get_by_role("alert")).to_be_visible()
    assert (await person.call("GET", "/me"))[0] == 200, "who is signed in already stays so"


async def test_another_session_of_ones_own_can_be_ended(desk: Any, stranger: Any, office: Office) -> None:
    person = await office.hire({A: "agent"})
    page = await stranger(f"{office.address}/login")
    await sign_in(page, person.login, person.password)
    await page.wait_for_url("**/workspace*")
    at: Desk = await desk(person, path="/account")
    others = at.page.locator("#sessions button")
    await expect(others.first).to_be_visible()
    await others.first.click()
    await page.wait_for_url("**/login*")


async def test_an_admin_makes_an_account_gives_it_a_shop_and_hands_the_password_over(
    desk: Any, stranger: Any, office: Office
) -> None:
    at: Desk = await desk(office.admin, path="/team")
    page, login = at.page, f"n{secrets.token_hex(5)}"
    await page.get_by_role("button", name="新建账号").click()
    await page.locator("dialog input[name=login]").fill(login)
    await page.locator("dialog input[name=name]").fill("客服戊")
    await page.locator("dialog button.primary").click()
    password = await page.locator("#secret").inner_text()
    await page.get_by_role("button", name="关闭").click()
    await line_of(page, login).get_by_role("button").click()
    await page.locator("dialog select[name=shop]").select_option(B)
    await page.locator("dialog select[name=role]").select_option("supervisor")
    await page.get_by_role("button", name="添加店铺").click()
    await expect(page.locator("dialog ul.plain")).to_contain_text("云上小铺 · 主管")
    await expect(line_of(page, login)).to_contain_text("待改密码")
    theirs = await stranger(f"{office.address}/login")
    await sign_in(theirs, login, password)
    await theirs.wait_for_url("**/account")


async def test_weekly_hours_that_are_over_open_nothing(desk: Any, office: Office) -> None:
    person = await office.hire({})
    at: Desk = await desk(office.admin, path="/team")
    page = at.page
    await line_of(page, person.login).get_by_role("button").click()
    await page.locator("dialog select[name=shop]").select_option(A)
    await page.locator("dialog input[name=hours]").fill("nonsense")
    await page.get_by_role("button", name="添加店铺").click()
    await expect(page.locator("dialog input[name=hours]")).to_have_attribute("aria-invalid", "true")
    await page.locator("dialog input[name=hours]").fill("")
    await page.locator("dialog input[name=until]").fill("2026-01-01 00:00")
    await page.get_by_role("button", name="添加店铺").click()
    await expect(page.locator("dialog ul.plain .idle")).to_contain_text("云朵生活馆")
    assert (await person.must("GET", "/me"))["shops"] == []
    at.forgive("status of 422")


async def test_a_table_makes_many_accounts_at_once_or_none(desk: Any, stranger: Any, office: Office) -> None:
    at: Desk = await desk(office.admin, path="/team")
    page, one, two = at.page, f"b{secrets.token_hex(4)}", f"b{secrets.token_hex(4)}"
    await page.get_by_role("tab", name="批量新建").click()
    head = "登录名\t姓名\t店铺\t角色"
    table = page.locator("textarea[name=table]")
    await table.fill(f"{head}\n{one}\t客服己\t{A}\t客服\n{two}\t客服庚\tno-such-shop\t客服")
    await page.get_by_role("button", name="预览").click()
    await expect(page.locator("#bulk-result")).to_contain_text("no-such-shop")
    await expect(page.locator("#create-all")).to_be_disabled()
    await table.fill(f"{head}\n{one}\t客服己\t{A}\t客服\n{two}\t客服庚\t{A}、{B}\t主管")
    await page.get_by_role("button", name="预览").click()
    await expect(page.locator("#bulk-result")).to_contain_text("将新建 2 个账号")
    await page.locator("#create-all").click()
    made = page.locator("#bulk-result tr", has_text=two)
    await expect(made.locator("td")).to_have_count(8)
    password = await made.locator("td").last.inner_text()
    theirs = await stranger(f"{office.address}/login")
    await sign_in(theirs, two, password)
    await theirs.wait_for_url("**/account")
    await page.get_by_role("tab", name="人员").click()
    await expect(line_of(page, two)).to_contain_text("云上小铺")


async def test_one_step_ends_an_account_with_all_its_pages_and_gives_back_what_it_held(
    desk: Any, office: Office, buyer: Any
) -> None:
    person = await office.hire({A: "agent", B: "agent"})
    asks = await buyer(A, "在吗")
    theirs: Desk = await desk(person)
    await theirs.open(asks)
    await theirs.page.locator("#act-take").click()
    await expect(theirs.page.locator("#act-take")).to_be_hidden()
    at: Desk = await desk(office.admin, path="/team")
    await line_of(at.page, person.login).get_by_role("button").click()
    await at.page.get_by_role("button", name="停用账号").click()
    await at.page.get_by_role("button", name="确定").click()
    await theirs.page.wait_for_url("**/login*")
    await expect(line_of(at.page, person.login)).to_contain_text("已停用")
    assert (await person.call("GET", "/me"))[0] == 401
    status, _ = await person.call("POST", "/session", {"login": person.login, "password": person.password})
    assert status == 401

    async def is_free() -> bool:
        return not (await office.admin.conversation(A, asks.conversation))["assignee"]

    await eventually(is_free, "what they held goes back to the queue")
    theirs.forgive("status of 401")


async def test_what_was_done_to_accounts_stands_in_the_log(desk: Any, office: Office) -> None:
    person = await office.hire({B: "agent"})
    await office.leave(person, B)
    await office.admin.must("POST", f"/team/accounts/{person.id}/offboard")
    at: Desk = await desk(office.admin, path="/team")
    await at.page.get_by_role("tab", name="操作记录").click()
    lines = at.page.locator("#lines tr", has_text=person.login)
    for kind in ("停用账号", "移出店铺", "设置店铺", "修改密码", "新建账号"):
        await expect(lines.filter(has_text=kind).first).to_be_visible(timeout=HOLD)


async def test_what_is_clicked_while_the_server_is_slow_is_not_lost(desk: Any, office: Office) -> None:
    at: Desk = await desk(office.admin, path="/account")
    clicked = asyncio.Event()

    async def slowly(route: Route) -> None:
        await clicked.wait()
        await route.continue_()

    await at.page.route("**/api/v1/me", slowly)
    await at.page.goto(f"{office.address}/team", wait_until="commit")
    await at.page.wait_for_load_state("load")
    await at.page.get_by_role("tab", name="操作记录").click()
    await expect(at.page.locator("#audit")).to_be_visible()
    clicked.set()
    await expect(at.page.locator("#organisation")).not_to_be_empty()


async def test_the_audit_log_is_told_in_words(desk: Any, office: Office, hire: Any) -> None:
    person = await hire({"yunshang": "owner"}, "审计")
    at: Desk = await desk(office.admin, path="/team")
    await at.page.get_by_role("tab", name="操作记录").click()
    joined = at.page.locator("#lines tr", has_text="设置店铺").filter(has_text=person.login).first
    await expect(joined).to_contain_text("角色: 店主")
    signed_in = at.page.locator("#lines tr", has_text="登录").filter(has_text=person.login).first
    await expect(signed_in).to_contain_text("地址: 127.0.0.1")
    await expect(at.page.locator("#lines")).not_to_contain_text("Mozilla/5.0")


async def test_the_team_is_for_admins_alone(desk: Any, office: Office, owner: Person) -> None:
    at: Desk = await desk(owner)
    await expect(at.page.locator("[data-admin]")).to_have_attribute("hidden", "")
    assert (await at.page.request.get(f"{office.address}/team")).status == 404


async def test_the_account_pages_speak_english_too(stranger: Any, office: Office) -> None:
    page = await stranger(f"{office.address}/login", "en-US")
    await expect(page.get_by_role("button", name="Sign in")).to_be_visible()
    person, given = await newcomer(office)
    await sign_in(page, person.login, given)
    await page.wait_for_url("**/account")
    await page.goto(f"{office.address}/account?lang=en")
    await expect(page.get_by_role("button", name="Change password")).to_be_visible()
