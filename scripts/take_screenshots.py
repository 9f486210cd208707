"""Takes the pictures of docs/images from a running demo: `.venv/bin/python scripts/take_screenshots.py` (needs Chromium)."""

from __future__ import annotations

import asyncio
import io
import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Awaitable, Callable
from pathlib import Path

from PIL import Image
from playwright.async_api import Browser, BrowserContext, FilePayload, Page, async_playwright

from bot.web.owner_sections import OWNER_PAGES

ROOT = Path(__file__).resolve().parent.parent
IMAGES = ROOT / "docs" / "images"
_ADDRESS = re.compile(r"serving at (http://\S+)")
_ACCOUNT = re.compile(r"^\s+(admin|kefu1)\s+(\S+)\s*$")
_COLOURS = 200
_SETTLED = 2500
_SHOP = "yunduo-life"
_NIGHT_SHOP = "yunshang"
"""The demo's shop whose nights software answers."""
_BUYER = "卫衣M码还有吗 什么时候发货"
_PHRASES = (
    "分组,快捷编码,快捷短语\n发货话术,kd9,默认发中通快递，想换别家请备注\n默认分组,fp9,可以开电子发票，付款后三天内发到邮箱\n"
    "默认分组,发货1,今天的订单下午五点统一出库\n售后,th9,亲，七天无理由退货，吊牌留着就行\n默认分组,kc9,这款还有{库村}件\n"
)
_CONNECT = """async ([shop, name]) => {
  const me = await (await fetch("/api/v1/me")).json();
  await fetch(`/api/v1/shops/${shop}/channels`, {method: "POST",
    headers: {"Content-Type": "application/json", "X-Kuaihui-CSRF": me.csrf},
    body: JSON.stringify({kind: "webhook", name, enabled: true, settings: {url: "https://shop.example/kuaihui"}, secrets: {}})});
}"""
Passwords = dict[str, str]
Step = Callable[[Page, str], Awaitable[None]]


def start(folder: Path) -> tuple[subprocess.Popen[str], str, Passwords]:
    """Start the demo in an empty folder; return its process, address and first passwords."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("KUAIHUI_")}
    server = subprocess.Popen(
        [sys.executable, "-m", "bot", "serve", "--demo", "--port", "0"],
        cwd=ROOT, env={**kept, "KUAIHUI_DATA_DIR": str(folder)}, stdout=subprocess.PIPE, text=True, start_new_session=True,
    )  # fmt: skip
    address, passwords = "", {}
    assert server.stdout is not None
    for line in server.stdout:
        if found := _ADDRESS.search(line):
            address = found[1]
        if found := _ACCOUNT.match(line):
            passwords[found[1]] = found[2]
        if address and len(passwords) == 2:
            return server, address, passwords
    raise SystemExit("the demo did not start; the lines above say why")


async def save(page: Page, name: str) -> None:
    """Write the page as a small PNG."""
    picture = Image.open(io.BytesIO(await page.screenshot())).convert("RGB")
    picture.quantize(_COLOURS, method=Image.Quantize.MEDIANCUT, dither=Image.Dither.NONE).save(
        IMAGES / f"{name}.png", optimize=True
    )


async def sign_in(context: BrowserContext, address: str, login: str, password: str, language: str) -> Page:
    """Return a page of the person's, in the language."""
    page = await context.new_page()
    await page.goto(f"{address}/login?lang={language}")
    await page.fill("input[name=login]", login)
    await page.fill("input[type=password]", password)
    await page.keyboard.press("Enter")
    await page.wait_for_url("**/workspace*")
    await page.evaluate(
        """async (language) => {
          const me = await (await fetch("/api/v1/me")).json();
          await fetch("/api/v1/me", {method: "PUT", headers: {"Content-Type": "application/json", "X-Kuaihui-CSRF": me.csrf},
            body: JSON.stringify({name: me.account.name, language})});
        }""",
        language,
    )
    return page


async def agents_pages(browser: Browser, address: str, passwords: Passwords, language: str) -> None:
    """The sign-in page, the workspace with a conversation open, the side panel and the phone layout."""
    context = await browser.new_context(locale=_locale(language), viewport={"width": 1280, "height": 800})
    page = await context.new_page()
    await page.goto(f"{address}/login?lang={language}")
    await save(page, f"login-{language}")
    page = await sign_in(context, address, "kefu1", passwords["kefu1"], language)
    await page.goto(f"{address}/workspace")
    await page.locator("[role=option]").first.click()
    await page.wait_for_timeout(_SETTLED)
    await save(page, f"workspace-{language}")
    await page.set_viewport_size({"width": 390, "height": 844})
    await page.wait_for_timeout(_SETTLED)
    await save(page, f"workspace-phone-{language}")
    await page.set_viewport_size({"width": 340, "height": 720})
    await page.goto(f"{address}/sidebar/yunshang?lang={language}")
    await page.fill("#text", _BUYER)
    await page.keyboard.press("Enter")
    await page.locator(".suggestion").first.wait_for()
    await save(page, f"sidebar-{language}")
    await context.close()


async def other_pages(browser: Browser, address: str, passwords: Passwords, language: str) -> None:
    """What admins, owners and buyers see."""
    context = await browser.new_context(locale=_locale(language), viewport={"width": 1280, "height": 800})
    page = await sign_in(context, address, "admin", passwords["admin"], language)
    for path, name in (("/team", "team"), ("/account", "account")):
        await page.goto(address + path)
        await page.wait_for_timeout(_SETTLED)
        await save(page, f"{name}-{language}")
    await owners_pages(page, address, language)
    await page.goto(f"{address}/try?lang={language}")
    await page.fill(
        "#text", "黑色L码还有货吗什么时候发" if language == "zh" else "is the black T-shirt in L in stock"
    )
    await page.keyboard.press("Enter")
    await page.locator(".suggestion").first.wait_for()
    await page.wait_for_timeout(_SETTLED)
    await save(page, f"try-{language}")
    await page.set_viewport_size({"width": 390, "height": 720})
    await page.goto(f"{address}/chat/yunduo-life?lang={language}")
    await page.locator("textarea").fill(_BUYER)
    await page.keyboard.press("Enter")
    await page.wait_for_timeout(_SETTLED)
    await save(page, f"chat-{language}")
    await context.close()


async def owners_pages(page: Page, address: str, language: str) -> None:
    """Every section of a shop's console, and its editor with an entry in it."""
    await page.set_viewport_size({"width": 1280, "height": 900})
    await page.evaluate(_CONNECT, [_SHOP, "商城" if language == "zh" else "Web shop"])
    for key in (each.key for each in OWNER_PAGES):
        shop = _NIGHT_SHOP if key in ("auto-reply", "invoices") else _SHOP
        await page.goto(f"{address}/shops/{shop}/{key}")
        if key == "import":
            file = FilePayload(name="phrases.csv", mimeType="text/csv", buffer=_PHRASES.encode())
            await page.locator("#file").set_input_files(file)
            await page.locator("#filters button").first.click()
        await page.wait_for_timeout(_SETTLED)
        await save(page, f"{key}-{language}")
    await page.goto(f"{address}/shops/{_SHOP}/entries")
    await page.locator("#rows a").first.click()
    await page.fill("#trial-text", _BUYER)
    await page.keyboard.press("Enter")
    await page.wait_for_timeout(_SETTLED)
    await save(page, f"editor-{language}")
    await page.set_viewport_size({"width": 1280, "height": 800})


def _locale(language: str) -> str:
    return "zh-CN" if language == "zh" else "en-US"


async def take(address: str, passwords: Passwords) -> None:
    """Take all pictures in both languages."""
    chromium = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(
            executable_path=chromium, args=["--no-sandbox", "--disable-gpu"]
        )
        for language in ("zh", "en"):
            await agents_pages(browser, address, passwords, language)
            await other_pages(browser, address, passwords, language)
        await browser.close()


def main() -> None:
    """Start a demo, take the pictures, stop it."""
    folder = Path(tempfile.mkdtemp(prefix="kuaihui-pictures-", dir="/tmp"))
    folder.chmod(0o711)  # as root the database runs as another user, who must be able to step in
    server, address, passwords = start(folder)
    try:
        asyncio.run(take(address, passwords))
    finally:
        server.send_signal(signal.SIGINT)
        server.wait()
        shutil.rmtree(folder, ignore_errors=True)


if __name__ == "__main__":
    main()
