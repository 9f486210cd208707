"""An agent's page with a thousand open conversations, in Chromium: from a key to the next thread, and frames while scrolling."""

from __future__ import annotations

import asyncio
import importlib.util
import shutil
import time
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from typing import TYPE_CHECKING, Final

from benchmarks.figures import Figure, Report, circumstances, median, percentile
from benchmarks.installation import Installation, serving
from benchmarks.live_traffic import SHOPS
from benchmarks.people import WATCHER, Seat, seat, settle_people
from benchmarks.seeding import seed_shops
from benchmarks.workbench import Workbench
from bot.web.sessions import COOKIE

if TYPE_CHECKING:
    from playwright.async_api import Page

NAME = "queue"
TITLE = "A thousand conversations in the browser"
_BROWSERS: Final = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
_ARGUMENTS: Final = ("--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking")
_SIZE: Final = {"width": 1280, "height": 800}
_LONG_FRAME: Final = 34.0
_PATIENCE: Final = 30.0
_BETWEEN: Final = 0.3
_WARM_UP: Final = 20
_TURNS_OF_THE_WHEEL: Final = 240

_WATCH_KEYS: Final = """async () => {
  const { state } = await import('/static/workspace/store.js');
  const [bubbles, buyer, thread] = ['bubbles', 'thread-buyer', 'thread'].map((id) => document.getElementById(id));
  window.shown = [];
  document.addEventListener('keydown', (event) => {
    if (event.code !== 'Enter' && !(event.altKey && event.code === 'ArrowDown')) return;
    const [old, from] = [bubbles.firstElementChild, state.open];
    const watch = new MutationObserver(() => {
      const opened = state.open !== from && state.conversations.get(state.open);
      const first = bubbles.firstElementChild;
      if (!opened || buyer.textContent !== opened.buyer.name || !first || first === old) return;
      watch.disconnect();
      requestAnimationFrame(() => {  // and the message after it comes when the frame has been painted
        const painted = new MessageChannel();
        painted.port1.onmessage = () => window.shown.push(performance.now() - event.timeStamp);
        painted.port2.postMessage(0);
      });
    });
    watch.observe(thread, { subtree: true, childList: true, characterData: true });
  }, true);
}"""
_RECORD_FRAMES: Final = """() => {
  window.frameTimes = [];
  let before = 0;
  const tick = (now) => {
    if (before) window.frameTimes.push(now - before);
    before = now;
    if (window.frameTimes) requestAnimationFrame(tick);
  };
  requestAnimationFrame(tick);
}"""
_TAKE_FRAMES: Final = "() => { const taken = window.frameTimes; window.frameTimes = null; return taken; }"
_STATE: Final = """async () => {
  const { state } = await import('/static/workspace/store.js');
  return { online: state.connection === 'online', size: state.conversations.size };
}"""


async def measure(bench: Workbench) -> Report:
    """Return the figures; skipped without a browser."""
    began = circumstances()
    browser = next((found for name in _BROWSERS if (found := shutil.which(name))), "")
    if not browser or importlib.util.find_spec("playwright") is None:
        return Report(NAME, TITLE, (), began, skipped="no Chromium, or no Playwright, on this machine")
    installation = await bench.installation("live")
    shops = await seed_shops(installation, SHOPS, bench.say)
    async with AsyncExitStack() as stack:
        stores = await stack.enter_async_context(installation.stores())
        await settle_people(stores, shops, bench.say)
        watcher = await seat(stores, WATCHER)
        await stack.enter_async_context(serving(installation))
        page = await stack.enter_async_context(_workspace(installation, browser, watcher))
        opened, size = await _open(installation, page)
        bench.say(f"{size} conversations in the queue…")
        await page.evaluate(_WATCH_KEYS)
        await _step(page, _WARM_UP)  # the server has only just started
        near = await _step(page, bench.amount(100, 40))
        far = await _jump(page, bench.amount(50, 20))
        still, frames = await _frames_at_rest(page), await _scroll(page)
    return Report(NAME, TITLE, _figures(size, opened, near, far, still, frames), began)


@asynccontextmanager
async def _workspace(installation: Installation, browser: str, watcher: Seat) -> AsyncIterator[Page]:
    from playwright.async_api import async_playwright

    async with async_playwright() as playwright:
        chromium = await playwright.chromium.launch(executable_path=browser, args=list(_ARGUMENTS))
        try:
            context = await chromium.new_context(
                viewport={"width": _SIZE["width"], "height": _SIZE["height"]}
            )
            await context.add_cookies(
                [{"name": COOKIE, "value": watcher.secret, "url": installation.address}]
            )
            yield await context.new_page()
        finally:
            await chromium.close()


async def _open(installation: Installation, page: Page) -> tuple[float, int]:
    """Open the workspace; return the seconds until its queue stood, and how many conversations that is."""
    began = time.perf_counter()
    await page.goto(f"{installation.address}/workspace")
    async with asyncio.timeout(_PATIENCE):
        while not (state := await page.evaluate(_STATE))["online"] or not state["size"]:  # noqa: ASYNC110 - another process
            await asyncio.sleep(0.02)
    return time.perf_counter() - began, int(state["size"])


async def _step(page: Page, count: int) -> list[float]:
    """Return the milliseconds of opening one conversation after the other by the key for the next."""
    await page.locator("#queue-list").focus()
    return [await _time_of(page, "Alt+ArrowDown") for _ in range(count)]


async def _jump(page: Page, count: int) -> list[float]:
    """Return the milliseconds of opening conversations some way down the list, which were not read ahead."""
    times: list[float] = []
    for _ in range(count):
        await page.locator("#queue-list").focus()
        await page.keyboard.press("PageDown")
        times.append(await _time_of(page, "Enter"))
    return times


async def _time_of(page: Page, key: str) -> float:
    before = await page.evaluate("() => window.shown.length")
    await page.keyboard.press(key)
    async with asyncio.timeout(_PATIENCE):
        while await page.evaluate("() => window.shown.length") == before:  # noqa: ASYNC110 - another process
            await asyncio.sleep(0.02)
    await asyncio.sleep(_BETWEEN)
    return float(await page.evaluate("() => window.shown.at(-1)"))


async def _frames_at_rest(page: Page) -> list[float]:
    """Return the frames of a page that nobody touches: what the machine itself is able to."""
    await page.evaluate(_RECORD_FRAMES)
    await asyncio.sleep(3)
    return [float(each) for each in await page.evaluate(_TAKE_FRAMES)]


async def _scroll(page: Page) -> list[float]:
    """Return the milliseconds of each frame while the wheel turns down and up the list."""
    box = await page.locator("#queue-list").bounding_box()
    assert box is not None
    await page.mouse.move(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    await page.evaluate(_RECORD_FRAMES)
    for turn in range(_TURNS_OF_THE_WHEEL):
        await page.mouse.wheel(0, 300 if turn < _TURNS_OF_THE_WHEEL / 2 else -300)
    return [float(each) for each in await page.evaluate(_TAKE_FRAMES)]


def _long(frames: list[float]) -> float:
    return 100 * sum(each > _LONG_FRAME for each in frames) / len(frames)


def _figures(
    size: int, opened: float, near: list[float], far: list[float], still: list[float], frames: list[float]
) -> tuple[Figure, ...]:
    return (
        Figure("key to the next thread shown, p95", percentile(near, 0.95), "ms", 100,
               note=f"{len(near)} times, {size:,} conversations, read ahead; p50 {median(near):.0f} ms"),
        Figure("key to a thread further down shown, p95", percentile(far, 0.95), "ms", 100,
               note=f"{len(far)} times, asked of the server; p50 {median(far):.0f} ms"),
        Figure(f"frames longer than {_LONG_FRAME:.0f} ms while scrolling", _long(frames), "%", 2,
               note=f"{len(frames)} frames, p95 {percentile(frames, 0.95):.0f} ms; the same page at rest {_long(still):.1f} %"),
        Figure("workspace opened, queue shown", opened, "s", note="from the address to the first welcome, browser fresh"),
    )  # fmt: skip
