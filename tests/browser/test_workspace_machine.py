"""What software did, as an agent sees it in the workspace: a line a turn, a card when a person is asked for, and the way back."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass

import pytest
from playwright.async_api import Browser, Page, expect

from bot.domain.auto_reply import Deed, Reason
from bot.domain.auto_reply_policy import AutoReplyPolicy, GroupRule, Mode
from bot.domain.auto_turn import Decided, Finished, HandOver
from bot.domain.conversation import Conversation
from bot.domain.suggestion import FactUsed
from tests.browser.owner_pages import memory_served, owners_page
from tests.web.memory_app import Served
from tests.web.people import Person, hire, says

ASKED = "我的快递到哪了，都三天了"
FACT = FactUsed("courier", "圆通速递", "订单表", "2026-03-05T10:00:00+08:00", False)


@dataclass
class Desk:
    """An agent of `tea` in the workspace, before a buyer's question."""

    served: Served
    agent: Person
    page: Page
    conversation: Conversation

    async def decide(self, decided: Decided, hand_over: HandOver | None = None) -> None:
        """Let software have decided about the buyer's turn."""
        fields = (
            {
                "handed_at": decided.at,
                "hand_over": str(decided.reasons[0]),
                "urgent": hand_over.urgent,
            }
            if hand_over
            else {}
        )
        await self.served.engine.parts.auto_turns.finish_turn(
            "tea", self.conversation.id, Finished(decided, (), hand_over), lambda _: fields
        )

    async def open(self) -> None:
        await self.page.locator(".row", has_text=ASKED).click()
        await expect(self.page.locator("#bubbles")).to_contain_text(ASKED)


@pytest.fixture
async def desk(browser: Browser) -> AsyncIterator[Desk]:
    async with memory_served() as served:
        agent = await hire(served, {"tea": "agent"})
        rules = AutoReplyPolicy(is_on=True, groups={"logistics": GroupRule(Mode.AUTOMATIC)})
        await served.engine.parts.auto_replies.put_policy("tea", rules)
        written = await says(served, "tea", ASKED)
        await says(served, "lamp", "灯不亮了", buyer="b-lamp")
        async with owners_page(browser, served, agent, "/workspace") as (page, _):
            await expect(page.locator(".row")).to_have_count(1)
            yield Desk(served, agent, page, written.conversation)


def a_reply(desk: Desk) -> Decided:
    return Decided(
        "d-1", 1, desk.served.clock.now(), Deed.REPLY, (Reason.SURE,), 0.97, 0.9, ("logistics",),
        (("e-courier", 3, 0.97),), (FACT,),
    )  # fmt: skip


async def test_a_decision_stands_beneath_the_bubble_with_what_it_rests_on(desk: Desk) -> None:
    await desk.open()
    await desk.decide(a_reply(desk))
    line = desk.page.locator("#bubbles .decided")
    await expect(line).to_have_count(1)
    await expect(line.locator("summary")).to_have_text("自动回复 · 把握 97%")
    await line.locator("summary").click()
    await expect(line).to_contain_text("快递：圆通速递")
    await expect(line).to_contain_text("e-courier")
    await expect(desk.page.locator("#machine")).to_contain_text("你一开始打字，它就停下")
    await desk.page.reload()
    await desk.open()
    await expect(desk.page.locator("#bubbles .decided")).to_have_count(1)


async def test_a_hand_over_stands_out_in_the_queue_and_says_what_a_person_must_know(desk: Desk) -> None:
    now = desk.served.clock.now()
    decided = Decided("d-2", 1, now, Deed.HAND_OVER, (Reason.LATE_ORDER, Reason.UPSET))
    card = HandOver(
        "h-1", now, decided.reasons, urgent=True, mood="upset", asked=(1,), facts=(FACT,),
        open=("订单已晚于承诺时间 2 天",),
    )  # fmt: skip
    await desk.decide(decided, card)
    row = desk.page.locator(".row")
    await expect(row.locator(".held-by")).to_have_text("急 · 转人工")
    await desk.open()
    handed = desk.page.locator("#machine .handed")
    for said in ("紧急", "已转人工", "订单已晚于承诺时间、买家不满", ASKED, "还没办的", "圆通速递"):
        await expect(handed).to_contain_text(said)


async def test_a_conversation_is_given_back_to_software(desk: Desk) -> None:
    now = desk.served.clock.now()
    decided = Decided("d-3", 1, now, Deed.HAND_OVER, (Reason.NOTHING_FITS,))
    await desk.decide(decided, HandOver("h-2", now, decided.reasons, asked=(1,)))
    await desk.open()
    await desk.page.get_by_role("button", name="交还自动回复").click()
    await expect(desk.page.locator("#machine .handed")).to_have_count(0)
    await expect(desk.page.locator(".row .held-by")).not_to_contain_text("转人工")
    found = await desk.served.engine.parts.conversations.get_conversation("tea", desk.conversation.id)
    assert (found.handed_at, found.person_at, found.hand_over) == (None, None, "")


async def test_typing_takes_the_conversation_in_hand_and_says_so(desk: Desk) -> None:
    await desk.decide(a_reply(desk))
    await desk.open()
    await expect(desk.page.locator("#machine")).to_contain_text("自动回复正在接待")
    await desk.page.locator("#text").press_sequentially("亲")
    await expect(desk.page.locator("#machine")).to_contain_text("人工接待中，自动回复已暂停")
    found = await desk.served.engine.parts.conversations.get_conversation("tea", desk.conversation.id)
    assert found.person_at is not None


async def test_another_shops_decisions_are_in_no_page_of_this_one(desk: Desk) -> None:
    written = await says(desk.served, "lamp", "灯还是不亮", buyer="b-lamp")
    decided = Decided("d-lamp", 1, desk.served.clock.now(), Deed.REPLY, (Reason.SURE,))
    await desk.served.engine.parts.auto_turns.finish_turn(
        "lamp", written.conversation.id, Finished(decided), lambda _: {}
    )
    await desk.decide(a_reply(desk))
    await desk.open()
    await expect(desk.page.locator("#bubbles .decided")).to_have_count(1)
    path = f"/shops/lamp/conversations/{written.conversation.id}"
    for what in ("/decisions", "/hand-overs"):
        assert (await desk.agent.call("GET", path + what))[0] == 404
    assert (await desk.agent.call("POST", path + "/resume"))[0] == 404
