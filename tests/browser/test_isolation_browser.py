"""Two shops in one page never mix, and a shop that was taken from an agent is gone from every page within a second."""

from __future__ import annotations

import asyncio
import itertools
import secrets
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from typing import Any
from urllib.parse import urlsplit

import aiohttp
import psutil
import pytest
from playwright.async_api import Page, expect

from bot.web.sessions import COOKIE
from tests.browser.buyers import Buyer
from tests.browser.desk import Desk
from tests.browser.office import A, B, Office, Person, eventually

SWITCHES = 500
LOST_WITHIN = 2.0
"""The promise is one second; the rest is for a machine that does other things besides."""
MARKS = {A: f"青鸟{secrets.token_hex(3)}", B: f"赤霞{secrets.token_hex(3)}"}
"""A word for each shop that stands in all that is said, kept and suggested there."""
QUESTION = "的暗号是什么"

# Looks at the page after every change of it, before it is painted: all beside the queue is of the shop that is open.
WATCH = """
(() => {
  const marks = MARKS;
  window.leaks = [];
  window.looks = 0;
  window.lookForLeaks = () => {
    const thread = document.getElementById("thread");
    if (!document.getElementById("help")) return; // the page is still being read
    window.looks += 1;
    const shop = thread.dataset.shop ?? "";
    const parts = { thread: thread.textContent, side: document.getElementById("side").textContent,
      draft: document.getElementById("text").value, note: document.getElementById("note").value };
    for (const dialog of document.querySelectorAll("dialog[open]")) parts[dialog.id] = dialog.textContent;
    for (const row of document.querySelectorAll("#search-results li[data-shop], #queue-list [data-key]")) {
      const of = row.dataset.shop ?? row.dataset.key.split("/")[0];
      for (const [other, mark] of Object.entries(marks))
        if (other !== of && row.textContent.includes(mark)) window.leaks.push([of, "row", row.textContent]);
    }
    for (const [other, mark] of Object.entries(marks))
      for (const [name, text] of Object.entries(parts))
        if (other !== shop && text.includes(mark)) window.leaks.push([shop, name, text.slice(0, 200)]);
  };
  new MutationObserver(window.lookForLeaks).observe(document, { subtree: true, childList: true, characterData: true, attributes: true });
})();
"""
# All that a page could still know: what it shows, what is written in it, and what the browser keeps for it.
KNOWN = """
async () => {
  const fields = [...document.querySelectorAll("input, textarea")].map((field) => field.value);
  const kept = [localStorage, sessionStorage].flatMap((storage) => Object.values(storage));
  const bases = (await indexedDB.databases()).map((base) => base.name);
  return [document.documentElement.textContent, ...fields, ...kept, ...bases, ...(globalThis.caches ? await caches.keys() : [])].join("\\n");
}
"""


@pytest.fixture
async def agent(office: Office) -> Person:
    """An agent of A and B, with quick phrases of their own in both."""
    person = await office.hire({A: "agent", B: "agent"}, "客服丙")
    for shop, mark in MARKS.items():
        phrase = {"short_code": "ah", "text": f"{mark} 的短语"}
        await person.must("PUT", f"/shops/{shop}/phrases/own-{secrets.token_hex(4)}", phrase)
    return person


@pytest.fixture(scope="module")
async def _entries(office: Office) -> AsyncIterator[None]:
    """An entry in each shop that answers the same question, each with its own word."""
    owner = await office.hire({A: "owner", B: "owner"}, "店主丙")
    for shop, mark in MARKS.items():
        entry = {
            "id": "isolation-word", "group": "price_promo", "intent": "gift", "question": f"{mark}{QUESTION}",
            "reply": f"暗号就是{mark}，请收好",
        }  # fmt: skip
        await owner.must("POST", f"/shops/{shop}/entries", entry)
    yield
    for shop in MARKS:
        await owner.must("DELETE", f"/shops/{shop}/entries/isolation-word")


async def asking(buyer: Any, person: Person, shop: str) -> Buyer:
    """Let a buyer ask in the shop, and the agent take the conversation and leave a note."""
    asks: Buyer = await buyer(shop, f"{MARKS[shop]}{QUESTION}")
    place = f"/shops/{shop}/conversations/{asks.conversation}"
    await person.is_present("online")  # what an absent agent takes goes back to the queue
    await person.must("POST", f"{place}/take", {})
    await person.must("POST", f"{place}/notes", {"text": f"{MARKS[shop]} 的备注"})
    return asks


@asynccontextmanager
async def streaming(buyers: list[Buyer]) -> AsyncIterator[None]:
    """Let all of them write on and on, as fast as a buyer may."""

    async def write(buyer: Buyer) -> None:
        for number in itertools.count(1):
            await buyer.say(f"{MARKS[buyer.shop]} 第{number}句，{MARKS[buyer.shop]}{QUESTION}")
            await asyncio.sleep(1.5)  # a buyer's pace, not a wait for anything

    tasks = [asyncio.create_task(write(each)) for each in buyers]
    yield
    for task in tasks:
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task


async def choose(page: Page, key: str) -> None:
    """Click on the conversation's line, wherever the queue has put it by now."""
    await page.evaluate('(key) => document.querySelector(`#queue-list [data-key="${key}"]`).click()', key)


async def leaks(page: Page) -> Any:
    """Look once more and return what stood in the wrong shop so far."""
    return await page.evaluate("lookForLeaks(), leaks")


async def write_in(page: Page, number: int, buyer: Buyer, drafts: dict[str, str]) -> None:
    """Do what an agent does in passing: write a draft, look for a phrase, search, begin a note."""
    mark = MARKS[buyer.shop]
    field = page.locator("#text")
    if number % 4 == 0:
        drafts[buyer.key] = f"{mark} 草稿 {number}"
        await field.fill(drafts[buyer.key])
    elif number % 4 == 1:
        await field.fill("/ah")
        await expect(page.locator("#phrases")).to_contain_text(f"{mark} 的短语")
        await field.fill(drafts.get(buyer.key, ""))
    elif number % 4 == 2:
        await page.locator("#search").fill("的备注" if number % 8 == 2 else QUESTION)
        await page.locator("#search").fill("")
    else:
        await expect(page.locator("#notes")).to_contain_text(f"{mark} 的备注")


@pytest.mark.browser_full
@pytest.mark.usefixtures("_entries")
async def test_five_hundred_fast_switches_never_show_a_word_of_one_shop_in_the_other(
    desk: Any, buyer: Any, agent: Person
) -> None:
    await switch_fast(desk, buyer, agent, SWITCHES)


@pytest.mark.usefixtures("_entries")
async def test_fast_switches_never_show_a_word_of_one_shop_in_the_other(
    desk: Any, buyer: Any, agent: Person
) -> None:
    await switch_fast(desk, buyer, agent, 60)


async def switch_fast(desk: Any, buyer: Any, agent: Person, switches: int) -> None:
    """Switch between two conversations of each shop while all four buyers write."""
    buyers = [await asking(buyer, agent, shop) for shop in (A, B, A, B)]
    at: Desk = await desk(agent, script=WATCH.replace("MARKS", str(MARKS)))
    page = at.page
    await page.locator("#filters [data-filter=mine]").click()
    await expect(page.locator("#queue-list .row")).to_have_count(len(buyers))
    drafts: dict[str, str] = {}
    async with streaming(buyers):
        for number in range(switches):
            chosen = buyers[number % 4 if number % 3 else (number // 3) % 4]
            await choose(page, chosen.key)
            if number % 20 == 0:
                await write_in(page, number // 20, chosen, drafts)
            elif number % 7 == 0:
                assert await at.text.input_value() == drafts.get(chosen.key, "")
            assert await leaks(page) == []
        for each in buyers:
            await choose(page, each.key)
            await expect(page.locator("#thread-buyer")).to_have_text(each.name)
            await expect(at.suggestions.first).to_contain_text(f"暗号就是{MARKS[each.shop]}")
            await expect(at.text).to_have_value(drafts.get(each.key, ""))
            await expect(page.locator("#notes")).to_contain_text(f"{MARKS[each.shop]} 的备注")
    assert await leaks(page) == []
    assert await page.evaluate("looks") > switches, "the page was looked at after each change"
    at.forgive("status of 409")


async def test_what_is_searched_for_is_shown_under_its_own_shop(desk: Any, buyer: Any, agent: Person) -> None:
    buyers = [await asking(buyer, agent, shop) for shop in (A, B)]
    at: Desk = await desk(agent, script=WATCH.replace("MARKS", str(MARKS)))
    await at.open(buyers[0])
    await at.page.locator("#search").fill(QUESTION)
    for each in buyers:
        found = at.page.locator(f"#search-results li[data-shop={each.shop}]", has_text=MARKS[each.shop])
        await expect(found.first).to_be_visible()
    assert await leaks(at.page) == []


class Listener:
    """A page's socket without the page, and which of the server's processes holds its other end."""

    def __init__(self, http: aiohttp.ClientSession, socket: aiohttp.ClientWebSocketResponse) -> None:
        self.http = http
        self.socket = socket
        self.port = int(socket.get_extra_info("sockname")[1])
        self.lost_at = 0.0

    async def listen(self, shop: str) -> None:
        """Wait until the shop is taken away."""
        async for frame in self.socket:
            if frame.json() == {"type": "removed", "shop": shop}:
                self.lost_at = time.monotonic()
                return


def worker_of(server_port: int, client_port: int) -> int | None:
    """Return the process that answers the connection."""
    for each in psutil.net_connections("tcp"):
        if each.laddr and each.raddr and (each.laddr.port, each.raddr.port) == (server_port, client_port):
            return each.pid
    return None


@asynccontextmanager
async def listeners(person: Person, office: Office) -> AsyncIterator[list[Listener]]:
    """Open the person's sockets until two worker processes hold some."""
    port = urlsplit(office.address).port or 80
    opened: list[Listener] = []
    workers: set[int | None] = set()
    try:
        for _ in range(40):
            http = aiohttp.ClientSession(cookie_jar=aiohttp.DummyCookieJar())
            headers = {"Cookie": f"{COOKIE}={person.cookie}", "Origin": office.address}
            socket = await http.ws_connect(f"{office.address}/api/v1/live", headers=headers)
            opened.append(Listener(http, socket))
            await socket.send_json({"type": "hello", "csrf": person.csrf, "feeds": {}})
            assert (await socket.receive_json(timeout=15))["type"] == "welcome"
            workers.add(worker_of(port, opened[-1].port))
            if len(workers) == 2:
                break
        assert len(workers) == 2, "both workers hold a page"
        yield opened
    finally:
        for each in opened:
            await each.http.close()


async def test_a_shop_that_is_taken_away_is_gone_from_every_page_on_every_worker_within_a_second(
    desk: Any, buyer: Any, agent: Person, office: Office
) -> None:
    of_a, of_b = await asking(buyer, agent, A), await asking(buyer, agent, B)
    open_at, other = await desk(agent), await desk(agent)
    await open_at.open(of_b)
    await open_at.write(f"{MARKS[B]} 的草稿", send=False)
    await other.open(of_b)
    await other.open(of_a)
    await other.page.locator("#search").fill(MARKS[B])
    await expect(other.page.locator("#search-results")).to_contain_text(MARKS[B])
    async with listeners(agent, office) as opened:
        heard = [asyncio.create_task(each.listen(B)) for each in opened]
        await office.leave(agent, B)
        left = time.monotonic()
        async with asyncio.timeout(15):
            await asyncio.gather(*heard)
            for each in (open_at, other):
                await eventually(lambda each=each: _is_forgotten(each), "the page forgets the shop")  # type: ignore[misc]
        lost = time.monotonic() - left
        assert max(each.lost_at for each in opened) - left < LOST_WITHIN
        assert lost < LOST_WITHIN
    await _stays_forgotten(open_at, of_a, of_b)
    await _is_refused_by_every_worker(agent, office, of_b)
    for each in (open_at, other):
        each.forgive("status of (404|403)")


async def _is_forgotten(at: Desk) -> bool:
    """Whether nothing of B is known to the page but what was typed into the search by its person."""
    await at.page.locator("#search").fill("")
    return MARKS[B] not in await at.page.evaluate(KNOWN)


async def _stays_forgotten(at: Desk, of_a: Buyer, of_b: Buyer) -> None:
    """Neither the back button nor a reload brings it back; the other shop goes on."""
    await at.page.goto(at.person.office.address + "/account")
    await at.page.go_back()
    await at.connected()
    await expect(at.row(of_a)).to_be_visible()
    await expect(at.row(of_b)).to_have_count(0)
    assert MARKS[B] not in await at.page.evaluate(KNOWN)
    await at.page.reload()
    await at.connected()
    await at.open(of_a)
    assert MARKS[B] not in await at.page.evaluate(KNOWN)


async def _is_refused_by_every_worker(agent: Person, office: Office, of_b: Buyer) -> None:
    """Each call over a connection of its own: some worker or other answers it."""
    place = f"{office.address}/api/v1/shops/{B}/conversations/{of_b.conversation}"
    headers = {"Cookie": f"{COOKIE}={agent.cookie}"}
    for _ in range(20):
        async with (
            aiohttp.ClientSession(cookie_jar=aiohttp.DummyCookieJar()) as http,
            http.get(place, headers=headers) as response,
        ):
            assert response.status == 404
            assert MARKS[B] not in await response.text()


async def test_a_page_that_was_away_meanwhile_comes_back_without_the_shop(
    desk: Any, buyer: Any, agent: Person, office: Office
) -> None:
    of_a, of_b = await asking(buyer, agent, A), await asking(buyer, agent, B)
    at: Desk = await desk(agent)
    await at.open(of_b)
    await at.write(f"{MARKS[B]} 的草稿", send=False)
    await at.page.goto(office.address + "/account")
    await office.leave(agent, B)
    await at.page.go_back()
    await at.connected()
    await expect(at.row(of_a)).to_be_visible()
    await expect(at.row(of_b)).to_have_count(0)
    assert MARKS[B] not in await at.page.evaluate(KNOWN)
