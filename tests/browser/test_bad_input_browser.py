"""What buyers, networks and colleagues do wrong: handled in sight of the agent, and nothing is lost."""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import AsyncIterator
from contextlib import suppress
from typing import Any
from urllib.parse import urlsplit

import pytest
from playwright.async_api import FilePayload, Page, expect

from tests.browser.desk import HOLD, Desk
from tests.browser.office import A, B, Office, Person, eventually

pytestmark = pytest.mark.browser_full

WAIT = 20_000
HUGE = "长" * 3990 + "结尾"
OVERRIDE = "\u202e"
NASTY = {
    "markup": "<b>粗</b><table><tr><td>格</td></tr></table><img src=x onerror=alert(1)>",
    "a script": "<script>alert(1)</script><svg onload=alert(1)>{{7*7}} ${7*7} javascript:alert(1)",
    "emoji": "👩‍👩‍👧‍👦🏳️‍🌈👍🏽" * 20 + "1️⃣",
    "turning characters": f"{OVERRIDE}moc.live//:ptth{OVERRIDE} \u2066\u2067\u2069 שלום 你好 \u200b\u200f",
    "stacked marks": "à" + "\u0301\u0316" * 200 + "ก็็็็็็็็็็",
    "a wall of text": HUGE,
    "blank lines": "第一行\n\n\n\n\n\n最后一行\u2028\u2029\x7f",
}


class Road:
    """The way from a browser to the server, which can be cut: connections break and no new one gets through."""

    def __init__(self, address: str) -> None:
        parts = urlsplit(address)
        self._to = (parts.hostname or "", parts.port or 80)
        self._is_cut = False
        self._writers: set[asyncio.StreamWriter] = set()
        self.address = ""

    async def open(self) -> None:
        self._server = await asyncio.start_server(self._carry, "127.0.0.1", 0)
        self.address = f"http://127.0.0.1:{self._server.sockets[0].getsockname()[1]}"

    async def close(self) -> None:
        self.cut()
        self._server.close()

    def cut(self) -> None:
        """Lose the network."""
        self._is_cut = True
        for writer in self._writers:
            writer.transport.abort()

    def mend(self) -> None:
        """Have the network back."""
        self._is_cut = False

    async def _carry(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if self._is_cut:
            writer.transport.abort()
            return
        other_reader, other_writer = await asyncio.open_connection(*self._to)
        both = {writer, other_writer}
        self._writers |= both
        with suppress(OSError):
            await asyncio.gather(_pipe(reader, other_writer), _pipe(other_reader, writer))
        self._writers -= both


async def _pipe(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    try:
        while data := await reader.read(65536):
            writer.write(data)
            await writer.drain()
    finally:
        writer.close()


@pytest.fixture
async def road(office: Office) -> AsyncIterator[Road]:
    """A road of the test's own. Ask for it before a desk: a page that is left still saves its draft over it."""
    road = Road(office.address)
    await road.open()
    yield road
    await road.close()


def hear_dialogs(page: Page) -> list[str]:
    """Return a list into which every alert of the page comes."""
    dialogs: list[str] = []

    async def hear(dialog: Any) -> None:
        dialogs.append(dialog.message)
        await dialog.dismiss()

    page.on("dialog", hear)
    return dialogs


@pytest.mark.parametrize("kind", NASTY)
async def test_whatever_a_buyer_writes_stays_text(desk: Any, buyer: Any, both: Person, kind: str) -> None:
    at: Desk = await desk(both)
    dialogs = hear_dialogs(at.page)
    asks = await buyer(A, NASTY[kind], "你们发什么快递")
    await at.open(asks)
    bubble = at.bubbles.first.locator(".text")
    shown = (await bubble.text_content() or "").replace("\r", "")
    assert shown == asks.heard[0]["text"]
    assert await bubble.locator("*").count() == 0
    await expect(at.suggestions.first).to_be_visible(timeout=WAIT)
    for place in ("#queue-list", "#thread", "#side"):
        assert (
            await at.page.locator(f"{place} :is(script, b.x, table, img[onerror], svg[onload])").count() == 0
        )
    wide = await at.page.evaluate(
        "document.scrollingElement.scrollWidth - document.scrollingElement.clientWidth"
    )
    assert wide <= 0
    box = await bubble.bounding_box()
    thread = await at.page.locator("#messages").bounding_box()
    assert box is not None
    assert thread is not None
    assert box["x"] >= thread["x"] - 1
    assert box["x"] + box["width"] <= thread["x"] + thread["width"] + 1
    await at.page.locator("#search").fill("你们发什么快递")
    await expect(at.page.locator("#search-results li").first).to_be_visible(timeout=WAIT)
    assert dialogs == []


async def test_turning_characters_of_a_buyer_turn_nothing_around_them(
    desk: Any, buyer: Any, both: Person
) -> None:
    at: Desk = await desk(both)
    asks = await buyer(A, NASTY["turning characters"])
    await at.open(asks)
    for place in ("#bubbles .text", "#queue-list .last"):
        isolates = await at.page.locator(place).first.evaluate("(node) => getComputedStyle(node).unicodeBidi")
        assert isolates in ("isolate", "plaintext", "isolate-override"), place


async def test_a_session_that_ends_leads_to_the_login_and_back_to_the_draft(
    desk: Any, buyer: Any, office: Office
) -> None:
    person = await office.hire({A: "agent"})
    asks = await buyer(A, "在吗")
    at: Desk = await desk(person)
    await at.open(asks)
    draft = f"还没写完的话 {secrets.token_hex(3)}"
    async with at.page.expect_response(lambda answer: answer.url.endswith("/draft")):
        await at.write(draft, send=False)
    await person.must("DELETE", "/session")
    await at.page.wait_for_url("**/login*")
    assert draft not in await at.page.content()
    await at.page.locator("input[name=login]").fill(person.login)
    await at.page.locator("input[name=password]").fill(person.password)
    await at.page.keyboard.press("Enter")
    await at.page.wait_for_url("**/workspace*")
    await at.connected()
    await at.open(asks)
    await expect(at.text).to_have_value(draft)
    at.forgive("status of 401")


async def test_of_two_who_answer_at_once_one_does_and_the_other_gets_the_words_back(
    desk: Any, buyer: Any, both: Person, single: Person
) -> None:
    asks = await buyer(A, "你们发什么快递")
    desks = [await desk(both), await desk(single)]
    words = [f"这是第{number}个人的回复 {secrets.token_hex(3)}" for number in range(2)]
    for at, text in zip(desks, words, strict=True):
        await at.open(asks)
        await at.write(text, send=False)
    await asyncio.gather(*(at.text.press("Enter") for at in desks))

    async def one_was_heard() -> bool:
        return bool(set(asks.answers) & set(words))

    await eventually(one_was_heard, "one of them answers")
    winner = words.index(next(text for text in asks.answers if text in words))
    loser = desks[1 - winner]
    await expect(loser.text).to_have_value(words[1 - winner], timeout=WAIT)
    await expect(loser.said.locator(".toast").first).to_be_visible()
    for at in desks:
        await expect(at.bubbles.filter(has_text=words[winner])).to_have_count(1, timeout=HOLD)
        await expect(at.pending).to_have_count(0, timeout=HOLD)
    assert [text for text in asks.answers if text in words] == [words[winner]]


async def lose_the_network(desk: Any, buyer: Any, both: Person, road: Road, seconds: float) -> None:
    """Cut the road while a buyer writes and the agent answers; mend it, and compare what both have."""
    asks = await buyer(A, "你们发什么快递")
    at: Desk = await desk(both, path="/login")
    await at.page.goto(f"{road.address}/workspace")
    await at.connected()
    await at.open(asks)
    road.cut()
    await expect(at.page.locator("#connection")).to_be_visible(timeout=WAIT)
    reply = f"断网时写的 {secrets.token_hex(3)}"
    await at.write(reply)
    await expect(at.pending).to_contain_text("等网络恢复后发送")
    await asks.say("还在吗", "怎么不说话")
    await at.write("这句还没写完", send=False)
    await asyncio.sleep(seconds)  # as long as the network is away
    road.mend()
    await expect(at.page.locator("#connection")).to_be_hidden(timeout=3 * WAIT)
    await asks.hears(reply)
    await expect(at.bubbles.filter(has_text="怎么不说话")).to_have_count(1, timeout=WAIT)
    await expect(at.bubbles.filter(has_text=reply)).to_have_count(1, timeout=HOLD)
    await expect(at.pending).to_have_count(0)
    await expect(at.text).to_have_value("这句还没写完")
    assert asks.answers.count(reply) == 1
    at.forgive("WebSocket|Failed to load resource|net::ERR")


async def test_what_is_written_while_the_network_is_away_is_sent_once_when_it_is_back(
    road: Road, desk: Any, buyer: Any, both: Person
) -> None:
    await lose_the_network(desk, buyer, both, road, 0.5)


async def test_a_network_that_is_away_for_a_minute_loses_nothing(
    road: Road, desk: Any, buyer: Any, both: Person
) -> None:
    await lose_the_network(desk, buyer, both, road, 60)


@pytest.mark.parametrize(
    ("name", "kind", "content"),
    [
        ("a.png", "image/png", b"no image at all"),
        ("a.gif", "image/gif", b"GIF89a<script>alert(1)</script>"),
        ("a.svg", "image/svg+xml", b"<svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'/>"),
        ("a.jpg", "image/jpeg", b""),
    ],
)
async def test_an_image_that_is_none_is_refused_in_sight_and_the_draft_stays(
    desk: Any, buyer: Any, both: Person, name: str, kind: str, content: bytes
) -> None:
    asks = await buyer(B, "可以看看实物图吗")
    at: Desk = await desk(both)
    await at.open(asks)
    await at.write("亲，这是实物图", send=False)
    file = FilePayload(name=name, mimeType=kind, buffer=content)
    await at.page.set_input_files("#image-file", file)
    await expect(at.page.locator("#problems .toast")).to_be_visible(timeout=WAIT)
    await expect(at.page.locator("#image-line")).to_be_hidden()
    await expect(at.text).to_have_value("亲，这是实物图")
    at.forgive("status of 422")
