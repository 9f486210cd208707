"""The queue: who must be answered first, how long, by whom; over all of an agent's shops, in Chromium."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any

import pytest
from playwright.async_api import expect

from tests.browser.desk import HOLD, Desk
from tests.browser.office import A, B, C, Office, Person, eventually

pytestmark = pytest.mark.browser_full

_STUB = """
window.raised = [];
window.Notification = class {
  static permission = "granted";
  static requestPermission() { return Promise.resolve("granted"); }
  constructor(title, options) { Object.assign(this, { title, body: options.body, isClosed: false }); window.raised.push(this); }
  close() { this.isClosed = true; }
};
"""
_HIDE = """() => {
  Object.defineProperty(document, "hidden", { configurable: true, get: () => true });
  Object.defineProperty(document, "visibilityState", { configurable: true, get: () => "hidden" });
  document.hasFocus = () => false;
}"""


@pytest.fixture
async def of_c(office: Office) -> AsyncIterator[Callable[..., Awaitable[Person]]]:
    """Hire agents of C, the shop that gives conversations out, with this capacity; they leave after the test."""
    hired: list[Person] = []

    async def hire(name: str, capacity: int = 10) -> Person:
        person = await office.hire({C: "agent"}, name)
        changed = {"name": person.name, "language": "zh", "capacity": capacity, "is_admin": False}
        await office.admin.must("PUT", f"/team/accounts/{person.id}", changed)
        hired.append(person)
        return person

    yield hire
    for person in hired:
        await office.leave(person, C)


async def waiting_since(person: Person, buyer: Any) -> str | None:
    return (await person.conversation(buyer.shop, buyer.conversation))["waiting_since"]


async def holder(person: Person, buyer: Any) -> str:
    return (await person.conversation(buyer.shop, buyer.conversation))["assignee"] or ""


async def level(at: Desk, buyer: Any, expected: str) -> None:
    await expect(at.row(buyer).locator(".wait")).to_have_attribute("data-level", expected)


async def test_who_must_be_answered_first_is_on_top_whichever_shop_and_whoever_wrote_first(
    desk: Any, buyer: Any, both: Person
) -> None:
    early, sooner_due, late = await buyer(A, "有货吗"), await buyer(B, "有货吗"), await buyer(A, "几天到")
    at = await desk(both)
    await expect(at.row(late)).to_be_visible()
    places = await at.places([sooner_due, early, late])
    assert places == sorted(places)
    await early.say("在吗", "人呢")
    await expect(at.row(early)).to_contain_text("人呢")
    places = await at.places([sooner_due, early, late])
    assert places == sorted(places)


async def test_the_clock_runs_from_the_first_unanswered_bubble_and_an_answer_stops_it(
    desk: Any, buyer: Any, both: Person
) -> None:
    asks = await buyer(A, "黑色L码还有货吗")
    at = await desk(both)
    await at.open(asks)
    first = await waiting_since(both, asks)
    assert first
    await asks.say("在吗", "急用")
    await expect(at.bubbles).to_have_count(3)
    assert await waiting_since(both, asks) == first
    await expect(at.page.locator("#thread-wait")).to_contain_text("剩")
    await at.write("有货的亲")
    await expect(at.page.locator("#thread-wait")).to_be_hidden()
    await expect(at.pending).to_have_count(0, timeout=HOLD)
    assert await waiting_since(both, asks) is None
    await level(at, asks, "")


async def test_whom_an_answer_is_on_its_way_to_is_not_answered_again(
    desk: Any, buyer: Any, both: Person
) -> None:
    """For five seconds the answer can be taken back: until then the buyer has none, and must not get two."""
    asks, other = await buyer(A, "黑色L码还有货吗"), await buyer(B, "发什么快递")
    at = await desk(both)
    await at.open(asks)
    reply = await at.suggestions.first.locator(".reply").inner_text()
    await at.page.keyboard.press("Alt+Enter")
    await expect(at.suggestions).to_have_count(0)
    await at.page.keyboard.press("Alt+Enter")
    await at.open(other)
    await at.page.keyboard.press("Alt+j")
    await expect(at.page.locator("#thread-buyer")).not_to_have_text(asks.name)
    await asks.hears(reply)
    await at.open(asks)
    await expect(at.pending).to_have_count(0)
    await expect(at.bubbles).to_have_count(2)


async def test_an_answer_that_is_taken_back_is_suggested_again(desk: Any, buyer: Any, both: Person) -> None:
    asks = await buyer(A, "黑色L码还有货吗")
    at = await desk(both)
    await at.open(asks)
    await expect(at.suggestions.first).to_be_visible()
    await at.page.keyboard.press("Alt+Enter")
    await expect(at.suggestions).to_have_count(0)
    await at.page.keyboard.press("Alt+z")
    await expect(at.suggestions.first).to_be_visible()
    await expect(at.pending).to_have_count(0)
    await expect(at.bubbles).to_have_count(1)


async def test_an_acknowledgement_starts_no_clock(desk: Any, buyer: Any, both: Person) -> None:
    asks = await buyer(A, "发什么快递")
    at = await desk(both)
    await at.open(asks)
    await at.write("默认中通")
    await expect(at.pending).to_have_count(0, timeout=HOLD)
    await asks.hears("默认中通")
    await asks.say("好的")
    await expect(at.bubbles).to_have_count(3)
    assert await waiting_since(both, asks) is None
    await level(at, asks, "")
    await asks.say("那几天到")
    await level(at, asks, "fine")


async def test_the_countdown_changes_its_colour_before_and_after_the_target(
    desk: Any, buyer: Any, office: Office
) -> None:
    at = await desk(office.admin)
    asks = await buyer(C, "有货吗")
    wait = at.row(asks).locator(".wait")
    colours = []
    for each in ("fine", "soon", "late"):
        await expect(wait).to_have_attribute("data-level", each, timeout=25_000)
        colours.append(
            await wait.evaluate("(e) => getComputedStyle(e).color + getComputedStyle(e).backgroundColor")
        )
    assert len(set(colours)) == 3
    await expect(wait).to_contain_text("+")


async def test_the_alarm_reaches_an_agent_whose_tab_is_hidden_and_leads_to_the_buyer(
    desk: Any, buyer: Any, of_c: Any
) -> None:
    at = await desk(await of_c("客服丙"), script=_STUB)
    await at.page.evaluate(_HIDE)
    asks = await buyer(C, "有货吗")
    await at.until("raised.length === 1", 30)
    shown = await at.page.evaluate("({ title: raised[0].title, body: raised[0].body })")
    assert shown["title"] == "云朵优选"
    assert asks.name in shown["body"]
    assert "有货" not in str(shown), "a notification may be seen by others in the room"
    await expect(at.page).to_have_title("⏰ 1 · 工作台 · 快回")
    await expect(at.page.locator("#alarms")).to_contain_text(asks.name)
    await at.page.evaluate("raised[0].onclick()")
    await expect(at.page.locator("#thread-buyer")).to_have_text(asks.name)
    await expect(at.page.locator("#alarms .alarm")).to_have_count(0)
    assert await at.page.evaluate("raised[0].isClosed")


async def test_who_takes_a_conversation_holds_it_and_hands_it_to_a_colleague(
    desk: Any, buyer: Any, both: Person, single: Person
) -> None:
    asks = await buyer(A, "能换货吗")
    at, other = await desk(both), await desk(single)
    await at.open(asks)
    await at.page.get_by_role("button", name="接待", exact=True).click()
    await expect(at.page.locator("#thread-holder")).to_have_text("我在接待")
    await expect(other.row(asks).locator(".held-by")).to_have_text(both.name)
    await at.page.get_by_role("button", name="转给同事").click()
    await at.page.locator("#colleagues").get_by_role("button", name=single.name).click()
    await expect(at.page.locator("#thread-holder")).to_have_text(f"{single.name} 在接待")
    await expect(other.row(asks).locator(".held-by")).to_have_text("我")
    await other.open(asks)
    await other.page.keyboard.press("Alt+KeyL")
    await other.page.get_by_role("button", name="放回队列").click()
    await expect(other.page.locator("#thread-holder")).to_have_text("无人接待")
    await expect(at.row(asks).locator(".held-by")).to_have_text("无人")


async def test_a_conversation_put_aside_leaves_the_list_and_comes_back_when_the_buyer_writes(
    desk: Any, buyer: Any, both: Person
) -> None:
    asks = await buyer(A, "什么时候补货")
    at = await desk(both)
    await at.open(asks)
    await at.page.keyboard.press("Alt+KeyP")
    await at.page.get_by_role("button", name="半小时后").click()
    await expect(at.page.locator("#thread-holder")).to_have_text("已搁置")
    await expect(at.row(asks)).to_have_count(0)
    await at.page.locator("#filters button[data-filter=aside]").click()
    await expect(at.row(asks)).to_contain_text("至")
    await asks.say("还在吗")
    await expect(at.row(asks)).to_have_count(0)
    await at.page.locator("#filters button[data-filter=waiting]").click()
    await expect(at.row(asks)).to_be_visible()


async def test_closing_asks_first_while_the_buyer_waits_and_new_words_open_a_conversation_again(
    desk: Any, buyer: Any, both: Person
) -> None:
    asks = await buyer(A, "有优惠吗")
    at = await desk(both)
    await at.open(asks)
    close = at.page.get_by_role("button", name="结束", exact=True)
    await close.click()
    await expect(at.page.locator("#sure")).to_contain_text("买家还在等回复")
    await at.page.get_by_role("button", name="先不").click()
    await expect(at.row(asks)).to_be_visible()
    await close.click()
    await at.page.get_by_role("button", name="仍要结束").click()
    await expect(at.row(asks)).to_have_count(0)
    await asks.say("再问一下")
    await expect(at.page.locator("#queue-list .row", has_text=asks.name)).to_contain_text("再问一下")


async def test_two_keys_put_aside_or_hand_over(desk: Any, buyer: Any, hire: Any) -> None:
    one, _ = await hire({A: "agent"}, "客服辛"), await hire({A: "agent"}, "客服壬")
    asks = await buyer(A, "在吗")
    at = await desk(one)
    await at.open(asks)
    await at.page.keyboard.press("Alt+p")
    await at.page.keyboard.press("1")
    await expect(at.page.locator("#thread-holder")).to_have_text("已搁置")
    await at.page.keyboard.press("Alt+l")
    await expect(at.page.locator("#colleagues button").first).to_be_focused()
    await at.page.keyboard.press("1")
    await expect(at.page.locator("#hand")).to_be_hidden()
    await expect(at.page.locator("#says")).to_contain_text("已转给")


async def test_presence_is_chosen_on_the_page_and_seen_by_colleagues(
    desk: Any, buyer: Any, hire: Any
) -> None:
    one, two = await hire({A: "agent"}, "客服丁"), await hire({A: "agent"}, "客服戊")
    asks = await buyer(A, "在吗")
    at, other = await desk(one), await desk(two)
    await other.page.get_by_label("我的状态").select_option("pause")
    await at.open(asks)

    async def pauses() -> bool:
        await at.page.get_by_role("button", name="转给同事").click()
        colleague = at.page.locator("#colleagues").get_by_role("button", name=two.name)
        seen = "小休" in await colleague.inner_text()
        await at.page.locator("#hand-cancel").click()
        return seen

    await eventually(pauses, "the colleague's pause is shown")
    await other.page.reload()
    await other.connected()
    await expect(other.page.get_by_label("我的状态")).to_have_value("pause")


async def test_who_is_there_with_room_is_given_what_waits_and_another_when_he_does_not_answer(
    desk: Any, buyer: Any, of_c: Any
) -> None:
    one, two = await of_c("客服己"), await of_c("客服庚")
    at = await desk(one)
    asks = await buyer(C, "有货吗")
    await expect(at.row(asks).locator(".held-by")).to_have_text("我")
    other = await desk(two)
    await expect(other.row(asks).locator(".held-by")).to_have_text("我", timeout=30_000)
    await expect(at.row(asks).locator(".held-by")).to_have_text(two.name)


async def test_nobody_is_given_more_than_his_capacity(desk: Any, buyer: Any, of_c: Any) -> None:
    one = await of_c("客服辛", capacity=1)
    at = await desk(one)
    first = await buyer(C, "有货吗")
    await expect(at.row(first).locator(".held-by")).to_have_text("我")
    second = await buyer(C, "几天到")
    await expect(at.row(second).locator(".held-by")).to_have_text("无人")
    await at.open(first)
    await at.page.keyboard.press("Alt+KeyX")
    await at.page.get_by_role("button", name="仍要结束").click()
    await expect(at.row(second).locator(".held-by")).to_have_text("我", timeout=30_000)


async def test_what_an_absent_or_removed_agent_held_goes_back_to_the_queue(
    desk: Any, buyer: Any, office: Office, hire: Any
) -> None:
    absent, removed = await hire({A: "agent"}, "客服壬"), await hire({A: "agent", B: "agent"}, "客服癸")
    asks, waits = await buyer(A, "能改地址吗"), await buyer(A, "能退吗")
    for person, each in ((absent, asks), (removed, waits)):
        at = await desk(person)
        await at.open(each)
        await at.page.keyboard.press("Alt+KeyK")
        await expect(at.page.locator("#thread-holder")).to_have_text("我在接待")
        if person is absent:
            await at.page.get_by_label("我的状态").select_option("away")
        else:
            await office.leave(person, A)
            # What the page was just asking for is not found any more, and the browser says so.
            at.forgive("404")

    async def is_free(buyer: Any) -> bool:
        return await holder(office.admin, buyer) == ""

    await eventually(lambda: is_free(asks), "the absent agent's conversation is free")
    await eventually(lambda: is_free(waits), "the removed agent's conversation is free")
