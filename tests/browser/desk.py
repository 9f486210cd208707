"""An agent's workspace in a browser of its own, and where things are in it."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any
from urllib.parse import urlsplit

from playwright.async_api import Browser, BrowserContext, Locator, Page, expect

from bot.web.sessions import COOKIE
from tests.browser.buyers import Buyer
from tests.browser.office import PATIENCE, Person, eventually

WAIT = 15_000
HOLD = 15_000
"""A reply leaves after five seconds; a loaded machine takes longer to show it."""


class Desk:
    """One page at which a person is signed in. What a browser complains of is kept in `complaints`."""

    def __init__(self, page: Page, person: Person) -> None:
        self.page = page
        self.person = person
        self.complaints: list[str] = []
        self._forgiven: list[str] = []
        page.set_default_timeout(WAIT)
        page.on("pageerror", lambda error: self.complaints.append(str(error)))
        page.on("console", self._hear)

    def _hear(self, said: Any) -> None:
        is_complaint = said.type == "error" or "Content Security Policy" in said.text
        if is_complaint and not any(re.search(pattern, said.text) for pattern in self._forgiven):
            self.complaints.append(said.text)

    def forgive(self, pattern: str) -> None:
        """Drop the complaints that the test itself causes, those to come too."""
        self._forgiven.append(pattern)
        self.complaints = [each for each in self.complaints if not re.search(pattern, each)]

    async def go(self, path: str = "/workspace") -> None:
        """Open a page of the server; the workspace is waited for until it is connected."""
        await self.page.goto(self.person.office.address + path)
        if path.startswith("/workspace"):
            await self.connected()

    async def connected(self) -> None:
        """Wait until messages stream in."""
        await self.until("import('/static/workspace/store.js').then((m) => m.state.connection === 'online')")

    async def until(self, expression: str, seconds: float = PATIENCE) -> Any:
        """Wait until the expression is true in the page, which itself may evaluate no strings: return its value."""
        return await eventually(lambda: self.page.evaluate(expression), expression, seconds)

    def row(self, buyer: Buyer) -> Locator:
        """The buyer's line in the queue."""
        return self.page.locator(f'#queue-list .row[data-key="{buyer.key}"]')

    async def places(self, buyers: Sequence[Buyer]) -> list[int]:
        """The buyers' places in the queue, from the top."""
        return [int(await self.row(each).get_attribute("aria-posinset") or 0) for each in buyers]

    async def open(self, buyer: Buyer) -> None:
        """Open the buyer's conversation and wait until its thread is there."""
        await self.row(buyer).click()
        await expect(self.page.locator("#thread-buyer")).to_have_text(buyer.name)
        await expect(self.bubbles.first).to_be_visible()

    @property
    def text(self) -> Locator:
        """The composer's field."""
        return self.page.locator("#text")

    @property
    def bubbles(self) -> Locator:
        """The bubbles that were said, not those on their way."""
        return self.page.locator("#bubbles .bubble")

    @property
    def pending(self) -> Locator:
        """The bubbles that wait to be sent."""
        return self.page.locator("#pending .bubble")

    @property
    def suggestions(self) -> Locator:
        """The suggestions beside the thread."""
        return self.page.locator("#suggestions .suggestion")

    @property
    def said(self) -> Locator:
        """What the page told the agent: news and problems."""
        return self.page.locator("#says, #problems")

    async def write(self, text: str, *, send: bool = True) -> None:
        """Type a reply, and send it."""
        await self.text.fill(text)
        if send:
            await self.text.press("Enter")


async def sign_in(browser: Browser, person: Person, **options: Any) -> BrowserContext:
    """Return a browser context that holds the person's session."""
    context = await browser.new_context(
        **{"locale": "zh-CN", "viewport": {"width": 1280, "height": 800}, **options}
    )
    host = urlsplit(person.office.address).hostname
    cookie = {
        "name": COOKIE,
        "value": person.cookie,
        "domain": host,
        "path": "/",
        "httpOnly": True,
        "sameSite": "Lax",
    }
    await context.add_cookies([cookie])  # type: ignore[list-item]
    return context
