"""Every page for everybody: both languages, light and dark, wide and narrow, screen readers; little code, strictly confined."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlsplit

import pytest
from axe_playwright_python.async_playwright import Axe
from playwright.async_api import Page, expect

from tests.browser.desk import Desk
from tests.browser.office import A, Person

pytestmark = pytest.mark.browser_full

PAGES = (
    "/login", "/workspace", "/account", "/team", f"/shops/{A}/learning",
    f"/shops/{A}/settings", f"/shops/{A}/usage", f"/chat/{A}", f"/sidebar/{A}", "/try",
)  # fmt: skip
LARGEST = 150 * 1024


async def serious(page: Page) -> list[str]:
    """What axe-core finds serious or critical, in a line each."""
    results = (await Axe().run(page)).response["violations"]
    return [
        f"{each['id']}: {node['target']} {node.get('failureSummary', '')}"
        for each in results
        if each["impact"] in ("serious", "critical")
        for node in each["nodes"]
    ]


async def overflow(page: Page) -> int:
    """By how many pixels the page is wider than its window."""
    return int(
        await page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
    )


@pytest.fixture
async def leading(desk: Any, office: Any, owner: Person) -> Any:
    """Open any page as somebody who may see it."""

    async def open_page(path: str, **options: Any) -> Desk:
        person = owner if path.startswith("/shops/") else office.admin
        return await desk(person, path=path, **options)

    return open_page


async def in_the_middle_of_a_reply(desk: Any, buyer: Any, both: Person, **options: Any) -> Desk:
    """A workspace with a conversation open, suggestions beside it, and a text that the guard marked."""
    asks = await buyer(A, "黑色L码还有货吗什么时候发", product="tee-basic")
    at = await desk(both, **options)
    await at.open(asks)
    await expect(at.suggestions.first).to_be_attached()
    await at.write("亲，用券码YSXP3哦", send=False)
    await expect(at.page.locator("#findings li").first).to_be_attached()
    await asks.say("在吗")
    await expect(at.page.locator("#again")).to_be_visible()
    return at


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("path", PAGES)
async def test_axe_finds_nothing_serious_on_any_page(leading: Any, path: str, scheme: str) -> None:
    at = await leading(path, color_scheme=scheme)
    await expect(at.page.locator("h1, h2").first).to_be_attached()
    assert await serious(at.page) == []


@pytest.mark.parametrize("scheme", ["light", "dark"])
async def test_axe_finds_nothing_serious_in_the_middle_of_a_reply_nor_in_any_dialog(
    desk: Any, buyer: Any, both: Person, scheme: str
) -> None:
    at = await in_the_middle_of_a_reply(desk, buyer, both, color_scheme=scheme)
    assert await serious(at.page) == []
    for keys, dialog in (("F1", "#help"), ("Alt+KeyL", "#hand"), ("Alt+KeyP", "#aside")):
        await at.page.keyboard.press(keys)
        await expect(at.page.locator(dialog)).to_be_visible()
        assert await serious(at.page) == [], dialog
        await at.page.keyboard.press("Escape")
    await at.text.press("Enter")
    await expect(at.page.locator("#confirm")).to_be_visible()
    assert await serious(at.page) == []
    await at.page.keyboard.press("Escape")


@pytest.mark.parametrize("path", PAGES)
@pytest.mark.parametrize("width", [1280, 390])
async def test_nothing_scrolls_sideways(leading: Any, path: str, width: int) -> None:
    at = await leading(path, viewport={"width": width, "height": 800})
    assert await overflow(at.page) == 0


@pytest.mark.parametrize("width", [1280, 390])
async def test_a_whole_conversation_is_led_at_either_width(
    desk: Any, buyer: Any, both: Person, width: int
) -> None:
    at = await in_the_middle_of_a_reply(desk, buyer, both, viewport={"width": width, "height": 800})
    assert await overflow(at.page) == 0
    await expect(at.page.locator("#send")).to_be_in_viewport()
    await at.write("亲，有货的，48小时内发出")
    await expect(at.pending).to_have_count(1)
    if width < 760:
        await at.page.get_by_role("button", name="推荐与资料").click()
        await expect(at.page.locator("#shop-card")).to_be_visible()
        assert await overflow(at.page) == 0
        await at.page.get_by_role("button", name="返回会话").click()
        await at.page.go_back()
        await expect(at.page.locator("#queue-list")).to_be_visible()


async def test_the_workspace_speaks_the_accounts_language_and_changes_it_on_request(
    desk: Any, buyer: Any, hire: Any
) -> None:
    person = await hire({A: "agent"})
    asks = await buyer(A, "你们发什么快递")
    at = await desk(person)
    await expect(at.page.locator("html")).to_have_attribute("lang", "zh-CN")
    await at.page.locator("details.menu summary").click()
    await at.page.get_by_role("link", name="English").click()
    await at.connected()
    await expect(at.page.locator("html")).to_have_attribute("lang", "en")
    await at.open(asks)
    await expect(at.page.locator("#as-shop")).to_contain_text("Replying as Cloud Living")
    await expect(at.page.locator("#thread-holder")).to_have_text("Nobody answers")
    await person.must("PUT", "/me", {"name": person.name, "language": "en"})
    await at.go()
    await expect(at.page.get_by_role("button", name="All", exact=False).first).to_be_visible()
    await expect(at.page).to_have_title("Workspace · Kuaihui")


async def test_light_and_dark_follow_the_system_until_one_switches(desk: Any, both: Person) -> None:
    at = await desk(both, color_scheme="dark")
    ground = "getComputedStyle(document.documentElement).backgroundColor"
    dark = await at.page.evaluate(ground)
    await at.page.emulate_media(color_scheme="light")
    await at.until(f"{ground} !== '{dark}'")
    light = await at.page.evaluate(ground)
    await at.page.locator("details.menu summary").click()
    await at.page.get_by_role("button", name="切换深浅色").click()
    await at.until(f"{ground} === '{dark}'")
    await at.page.reload()
    await at.connected()
    assert await at.page.evaluate(ground) == dark != light


async def test_the_workspaces_first_load_is_less_than_150_kilobytes_of_our_own_code(
    desk: Any, both: Person
) -> None:
    at = await desk(both)
    loaded = await at.page.evaluate(
        "performance.getEntriesByType('resource').map((each) => [each.name, each.decodedBodySize])"
    )
    code = {url: size for url, size in loaded if url.endswith((".js", ".css"))}
    assert len(code) > 20
    assert all(code.values())
    assert sum(code.values()) < LARGEST, code
    assert {urlsplit(url).netloc for url, _ in loaded} == {urlsplit(both.office.address).netloc}


@pytest.mark.parametrize("path", PAGES)
async def test_every_page_is_confined_to_its_own_scripts_and_breaks_no_rule_of_it(
    leading: Any, path: str
) -> None:
    at = await leading(path)
    answer = await at.page.goto(at.person.office.address + path)
    rules = dict(
        (*rule.strip().split(" ", 1), "")[:2]
        for rule in answer.headers["content-security-policy"].split(";")
        if rule.strip()
    )
    assert "'unsafe-inline'" not in rules.get("script-src", rules["default-src"])
    assert "unsafe" not in rules.get("style-src", rules["default-src"])
    assert "unsafe-eval" not in str(rules)
    assert rules.get("base-uri", "'none'") in ("'none'", "'self'")
    assert "frame-ancestors" in rules
    ran = await at.page.evaluate(
        """() => { const script = document.createElement("script"); script.textContent = "window.ran = true";
        document.body.append(script); script.remove(); return Boolean(window.ran); }"""
    )
    assert ran is False
    at.forgive("Content Security Policy")


async def test_a_screen_reader_is_told_what_comes_and_for_whom_one_writes(
    desk: Any, buyer: Any, both: Person
) -> None:
    asks = await buyer(A, "在吗")
    at = await desk(both)
    await at.open(asks)
    await expect(at.page.get_by_role("log", name="聊天内容")).to_contain_text("在吗")
    await expect(at.page.get_by_role("listbox", name="会话列表")).to_be_visible()
    await expect(at.page.get_by_role("textbox", name="以 云朵生活馆 的身份回复买家")).to_be_focused()
    await expect(at.row(asks)).to_have_attribute("aria-selected", "true")
