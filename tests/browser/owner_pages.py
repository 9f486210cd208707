"""A page of a shop's console in a browser, over an application whose stores are in memory."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from playwright.async_api import Browser, Page

from tests.web.memory_app import Served, serve
from tests.web.people import Person


@asynccontextmanager
async def memory_served() -> AsyncIterator[Served]:
    """Serve the application until the block ends."""
    served = await serve()
    try:
        yield served
    finally:
        await served.client.close()
        await served.engine.close()


@asynccontextmanager
async def owners_page(
    browser: Browser, served: Served, owner: Person, path: str = "", *, width: int = 1360
) -> AsyncIterator[tuple[Page, str]]:
    """Give a page on which the person is signed in, at `path` if one is named, and the server's address.

    At the end no script may have failed.
    """
    address = str(served.client.make_url("/")).rstrip("/")
    context = await browser.new_context(locale="zh-CN", viewport={"width": width, "height": 900})
    try:
        await context.add_cookies([{"name": "kuaihui_session", "value": owner.secret, "url": address}])
        page = await context.new_page()
        problems: list[str] = []
        page.on("pageerror", lambda error: problems.append(str(error)))
        if path:
            await page.goto(address + path)
        yield page, address
    finally:
        await context.close()
    assert problems == []
