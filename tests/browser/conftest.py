"""A really running server with the demo shops, people who work there, buyers, and a browser to look at it.

`address` is a server without Rasa. `running` is the one of the workspace's tests: with Rasa as soon as a test of the run
is marked `browser_full`, without it in the quick subset of `make test`.
"""

from __future__ import annotations

import shutil
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator

import aiohttp
import pytest
from playwright.async_api import Browser, async_playwright, expect

from tests.browser.buyers import Buyer
from tests.browser.desk import WAIT, Desk, sign_in
from tests.browser.office import A, B, Office, Person
from tests.browser.running import Running, serving

_ARGUMENTS = (
    "--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking", "--disable-component-update",
    "--disable-sync",
)  # fmt: skip


@pytest.fixture(scope="session")
def chromium() -> str:
    """The path of a Chromium of this machine; without one the browser tests are skipped."""
    for name in ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable"):
        if found := shutil.which(name):
            return found
    pytest.skip("no Chromium on this machine: apt install chromium fonts-noto-cjk")


@pytest.fixture(scope="session")
def plain(chromium: str) -> Iterator[Running]:
    """A server without Rasa."""
    with serving(rasa=False) as running:
        yield running


@pytest.fixture(scope="session")
def address(plain: Running) -> str:
    """Where the server without Rasa serves."""
    return plain.address


@pytest.fixture(scope="session")
def running(request: pytest.FixtureRequest, chromium: str) -> Iterator[Running]:
    """The server of the workspace's tests."""
    if not any(item.get_closest_marker("browser_full") for item in request.session.items):
        yield request.getfixturevalue("plain")
        return
    with serving(rasa=True) as running:
        yield running


@pytest.fixture(scope="session")
async def browser(chromium: str) -> AsyncIterator[Browser]:
    expect.set_options(timeout=WAIT)
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=chromium, args=list(_ARGUMENTS))
        yield browser
        await browser.close()


@pytest.fixture(scope="session")
async def office(running: Running) -> AsyncIterator[Office]:
    """The team of the running server, its admin signed in."""
    async with aiohttp.ClientSession(cookie_jar=aiohttp.DummyCookieJar()) as http:
        office = Office(running, http)
        await office.open()
        yield office


@pytest.fixture
async def hire(office: Office) -> Callable[..., Awaitable[Person]]:
    """Make an account with roles by shop: `await hire({A: "agent"})`."""
    return office.hire


@pytest.fixture(scope="session")
async def both(office: Office) -> Person:
    """An agent of the shops A and B."""
    return await office.hire({A: "agent", B: "agent"}, "客服甲")


@pytest.fixture(scope="session")
async def single(office: Office) -> Person:
    """An agent of the shop A alone."""
    return await office.hire({A: "agent"}, "客服乙")


@pytest.fixture(scope="session")
async def owner(office: Office) -> Person:
    """The owner of the shop A."""
    return await office.hire({A: "owner"}, "店主甲")


@pytest.fixture
async def buyer(office: Office) -> AsyncIterator[Callable[..., Awaitable[Buyer]]]:
    """Let a buyer come to a shop and say something: `await buyer(A, "在吗", product="tee-basic")`."""
    came: list[Buyer] = []

    async def come(shop: str, *texts: str, product: str = "") -> Buyer:
        new = Buyer(shop, product)
        await new.come(office.http, office.address)
        came.append(new)
        await new.say(*texts)
        return new

    yield come
    for each in came:
        await each.go()
        if each.conversation:
            path = f"/shops/{each.shop}/conversations/{each.conversation}/close?take_over=1"
            await office.admin.call("POST", path, {})


@pytest.fixture
async def desk(browser: Browser) -> AsyncIterator[Callable[..., Awaitable[Desk]]]:
    """Open a person's workspace in a browser of its own: `await desk(both, locale="en-US", path="/team")`.

    At the end no browser may have complained.
    """
    desks: list[Desk] = []

    async def sit_down(
        person: Person, *, path: str = "/workspace", script: str = "", **options: object
    ) -> Desk:
        context = await sign_in(browser, person, **options)
        if script:
            await context.add_init_script(script)
        new = Desk(await context.new_page(), person)
        desks.append(new)
        await new.go(path)
        return new

    yield sit_down
    for each in desks:
        await each.page.context.close()
    assert [complaint for each in desks for complaint in each.complaints] == []
