"""What software did in a conversation reaches the pages and programs of its shop, and no other; a person gives it back."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import timedelta

import pytest

from bot.domain.auto_reply import Deed, Reason
from bot.domain.auto_turn import AutoMessage, Decided, Finished, HandOver
from bot.domain.conversation import Conversation
from bot.domain.suggestion import FactUsed
from tests.web.memory_app import NOW, Served, serve
from tests.web.people import hire, says

FACT = FactUsed("courier", "青岚速运", "青岚表", "2026-03-05T10:00:00+08:00", False)


@pytest.fixture
async def office() -> AsyncIterator[Served]:
    served = await serve()
    yield served
    await served.client.close()
    await served.engine.close()


async def decide(served: Served, shop: str, conversation: Conversation, number: int = 1) -> None:
    """Let software answer a turn and ask for a person at once."""
    at = NOW + timedelta(seconds=number)
    decided = Decided(
        f"d{number}", 1, at, Deed.HAND_OVER, (Reason.UPSET,), 0.5, 0.9, ("shipping",), (("courier", 1, 0.5),),
        (FACT,),
    )  # fmt: skip
    bubble = AutoMessage(f"m{number}", conversation.id, decided.id, 0, "稍等", at, at + timedelta(minutes=2))
    told = HandOver(
        f"h{number}", at, (Reason.UPSET,), True, "upset", (1,), (), (FACT,), ("催发货",), "先致歉"
    )
    change = {"handed_at": at, "hand_over": "upset", "urgent": True}
    await served.engine.parts.auto_turns.finish_turn(
        shop, conversation.id, Finished(decided, (bubble,), told), lambda _: change
    )


DECISION = {
    "id": "d1", "upto": 1, "at": "2026-03-05T02:30:01.000+00:00", "deed": "hand_over", "reasons": ["upset"],
    "confidence": 0.5, "threshold": 0.9, "groups": ["shipping"],
    "entries": [{"entry": "courier", "version": 1, "confidence": 0.5}],
    "facts": [{"name": "courier", "value": "青岚速运", "source": "青岚表", "as_of": "2026-03-05T10:00:00+08:00", "stale": False}],
    "dialogue": "",
}  # fmt: skip
HAND_OVER = {
    "id": "h1", "at": "2026-03-05T02:30:01.000+00:00", "reasons": ["upset"], "urgent": True, "mood": "upset",
    "asked": [1], "answered": [], "facts": DECISION["facts"], "open": ["催发货"], "note": "先致歉", "taken_at": None,
    "taken_by": "",
}  # fmt: skip


async def test_decisions_and_hand_overs_are_listed_and_stand_in_the_conversation(office: Served) -> None:
    conversation = (await says(office, "tea", "还不发货")).conversation
    await decide(office, "tea", conversation)
    agent = await hire(office, {"tea": "agent"})
    path = f"/shops/tea/conversations/{conversation.id}"
    assert await agent.call("GET", f"{path}/decisions") == (200, {"decisions": [DECISION], "waiting": 1})
    assert await agent.call("GET", f"{path}/hand-overs") == (200, {"hand_overs": [HAND_OVER]})
    status, whole = await agent.call("GET", path)
    assert (status, whole["decisions"], whole["hand_overs"]) == (200, [DECISION], [HAND_OVER])
    row = whole["conversation"]
    assert (row["handed_at"], row["hand_over"], row["urgent"], row["person_at"]) == (
        "2026-03-05T02:30:01.000+00:00", "upset", True, None,
    )  # fmt: skip


async def test_a_conversation_shows_its_newest_three_hand_overs_and_all_its_decisions(office: Served) -> None:
    conversation = (await says(office, "tea", "还不发货")).conversation
    for number in range(1, 6):
        await decide(office, "tea", conversation, number)
    agent = await hire(office, {"tea": "agent"})
    _, whole = await agent.call("GET", f"/shops/tea/conversations/{conversation.id}")
    assert [each["id"] for each in whole["decisions"]] == ["d1", "d2", "d3", "d4", "d5"]
    assert [each["id"] for each in whole["hand_overs"]] == ["h5", "h4", "h3"]


async def test_open_pages_of_the_shop_hear_at_once_and_those_of_another_never(office: Served) -> None:
    conversation = (await says(office, "tea", "还不发货")).conversation
    here, there = await hire(office, {"tea": "agent"}), await hire(office, {"lamp": "agent"})
    async with here.page() as page, there.page() as other:
        await decide(office, "tea", conversation)
        heard = await page.hear("decided")
        assert (heard["shop"], heard["conversation"], heard["decision"]) == ("tea", conversation.id, DECISION)
        heard = await page.hear("hand_over")
        assert (heard["shop"], heard["conversation"], heard["hand_over"]) == (
            "tea", conversation.id, HAND_OVER,
        )  # fmt: skip
        turns = office.engine.parts.auto_turns
        await turns.take_hand_overs("tea", conversation.id, here.account.id, NOW)
        taken = (await page.hear("hand_over"))["hand_over"]
        assert (taken["taken_by"], taken["taken_at"]) == (here.account.id, "2026-03-05T02:30:00.000+00:00")
        assert await other.all_until_pong() == []


async def test_who_was_away_hears_what_was_decided_meanwhile(office: Served) -> None:
    conversation = (await says(office, "tea", "还不发货")).conversation
    agent = await hire(office, {"tea": "agent"})
    async with agent.page() as page:
        feeds = page.heard[-1]["feeds"]
    await decide(office, "tea", conversation)
    async with agent.page(feeds) as page:
        assert (await page.hear("decided"))["decision"] == DECISION


async def test_a_person_gives_the_conversation_back_to_software(office: Served) -> None:
    conversation = (await says(office, "tea", "还不发货")).conversation
    await decide(office, "tea", conversation)
    agent = await hire(office, {"tea": "agent"})
    status, row = await agent.call("POST", f"/shops/tea/conversations/{conversation.id}/resume")
    assert status == 200
    assert (row["handed_at"], row["hand_over"], row["urgent"], row["person_at"]) == (None, "", False, None)
    kept = await office.engine.parts.conversations.get_conversation("tea", conversation.id)
    assert kept.handed_at is None
    assert row["version"] == kept.version


@pytest.mark.parametrize(
    ("method", "what"), [("GET", "decisions"), ("GET", "hand-overs"), ("POST", "resume")]
)
async def test_another_shops_conversation_is_not_there(office: Served, method: str, what: str) -> None:
    theirs = (await says(office, "lamp", "还不发货")).conversation
    await decide(office, "lamp", theirs)
    agent = await hire(office, {"tea": "agent"})
    for shop in ("tea", "lamp"):
        status, answer = await agent.call(method, f"/shops/{shop}/conversations/{theirs.id}/{what}")
        assert status == 404
        assert "青岚速运" not in str(answer)
    kept = await office.engine.parts.conversations.get_conversation("lamp", theirs.id)
    assert kept.handed_at is not None
