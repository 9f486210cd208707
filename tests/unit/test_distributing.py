"""Waiting conversations go to who is there and has room, and never stay with who is not."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from dataclasses import replace
from datetime import timedelta

import pytest

from bot.domain.service_policy import ServicePolicy
from tests.unit.conversing_parts import BUYER, OTHER, SHOP, Office, open_office


@pytest.fixture
async def office() -> Office:
    return await open_office()


async def assignee(office: Office, conversation: str, shop: str = SHOP) -> str:
    return (await office.store.get_conversation(shop, conversation)).assignee


async def waiting(office: Office, count: int, shop: str = SHOP) -> list[str]:
    written = [
        await office.says("在吗", "k1", replace(BUYER, external_id=f"x{i}"), shop) for i in range(count)
    ]
    return [each.conversation.id for each in written]


async def test_what_waits_goes_to_present_members_by_room(office: Office) -> None:
    await office.hires("a1", capacity=4)
    await office.hires("a2", capacity=2)
    await office.hires("away", online=False)
    await office.hires("elsewhere", OTHER)
    ids = await waiting(office, 8)
    await office.distributing.look()
    given = [await assignee(office, each) for each in ids]
    assert sorted(given) == ["", "", *["a1"] * 4, *["a2"] * 2]
    assert {event.data["to"] for event in office.events("handed")} == {"a1", "a2"}


async def test_capacity_counts_over_all_shops(office: Office) -> None:
    await office.hires("a1", SHOP, OTHER, capacity=2)
    ids = await waiting(office, 2)
    other = await waiting(office, 1, OTHER)
    await office.distributing.look()
    given = [await assignee(office, each) for each in ids]
    assert [*given, await assignee(office, other[0], OTHER)].count("a1") == 2


async def test_nobody_there_is_tried_again_until_somebody_comes(office: Office) -> None:
    await office.hires("a1", online=False)
    (each,) = await waiting(office, 1)
    await office.distributing.look()
    assert await assignee(office, each) == ""
    await office.passes(1, "a1")
    assert await office.distributing.look() == 0
    await office.passes(5, "a1")
    await office.distributing.look()
    assert await assignee(office, each) == "a1"


async def test_a_pause_keeps_what_one_has_and_gets_nothing_new(office: Office) -> None:
    await office.hires("a1")
    (first,) = await waiting(office, 1)
    await office.distributing.look()
    await office.presences.say("a1", "pause")
    second = (await office.says("在吗", "k1", replace(BUYER, external_id="new"))).conversation.id
    await office.distributing.look()
    assert [await assignee(office, each) for each in (first, second)] == ["a1", ""]


async def test_who_does_not_answer_loses_the_conversation_to_somebody_else(office: Office) -> None:
    await office.hires("a1")
    (each,) = await waiting(office, 1)
    await office.distributing.look()
    await office.hires("a2")
    await office.passes(100, "a1", "a2")
    await office.distributing.look()
    assert await assignee(office, each) == "a1"
    await office.passes(81, "a1", "a2")
    await office.distributing.look()
    assert await assignee(office, each) == "a2"
    await office.presences.say("a1", "away")
    await office.passes(200, "a2")
    await office.distributing.look()
    assert await assignee(office, each) == "a2"


async def test_who_answered_keeps_the_conversation(office: Office) -> None:
    await office.hires("a1")
    await office.hires("a2")
    (each,) = await waiting(office, 1)
    await office.distributing.look()
    holder = await assignee(office, each)
    await office.conversing.reply(SHOP, each, holder, "在的", key="r1")
    await office.passes(500, "a1", "a2")
    await office.distributing.look()
    assert await assignee(office, each) == holder


async def test_what_an_absent_agent_held_goes_back_to_the_queue(office: Office) -> None:
    await office.hires("a1")
    (each,) = await waiting(office, 1)
    await office.distributing.look()
    await office.conversing.reply(SHOP, each, "a1", "在的", key="r1")
    await office.passes(31)
    await office.distributing.look()
    assert await assignee(office, each) == ""
    assert office.events("handed")[-1].data == {"by": "auto", "from": "a1", "to": ""}


async def test_what_a_removed_agent_held_goes_to_another_at_once(office: Office) -> None:
    await office.hires("a1", SHOP, OTHER)
    (each,), (kept,) = await waiting(office, 1), await waiting(office, 1, OTHER)
    await office.distributing.look()
    await office.hires("a2")
    await office.accounts.end_membership("a1", SHOP, office.clock.now())
    await office.passes(3, "a1", "a2")
    await office.distributing.look()
    assert await assignee(office, each) == "a2"
    assert await assignee(office, kept, OTHER) == "a1"


async def test_what_was_put_aside_comes_back_at_its_time(office: Office) -> None:
    await office.hires("a1")
    (each,) = await waiting(office, 1)
    await office.distributing.look()
    await office.conversing.put_aside(SHOP, each, "a1", office.clock.now() + timedelta(seconds=60))
    await office.passes(59, "a1")
    await office.distributing.look()
    assert (await office.store.get_conversation(SHOP, each)).state == "snoozed"
    await office.passes(1, "a1")
    await office.distributing.look()
    assert (await office.store.get_conversation(SHOP, each)).state == "open"
    assert len(office.events("woken")) == 1


async def test_a_shop_may_give_out_nothing_by_itself() -> None:
    office = await open_office(ServicePolicy(distributes=False))
    await office.hires("a1")
    (each,) = await waiting(office, 1)
    await office.distributing.look()
    assert await assignee(office, each) == ""


async def test_presence_is_told_to_the_shops_once_it_changes(office: Office) -> None:
    await office.hires("a1", SHOP, OTHER)
    assert len(office.events("presence")) == 2
    assert not await office.presences.say("a1", "online")
    assert len(office.events("presence")) == 2
    with pytest.raises(ValueError):
        await office.presences.say("a1", "asleep")
    await office.passes(31)
    assert await office.presences.states(["a1", "unknown"]) == {"a1": "away", "unknown": "away"}


async def test_a_nudge_makes_it_look_at_once(office: Office) -> None:
    await office.hires("a1")
    running = asyncio.create_task(office.distributing.run())
    watch = office.store.watch_feeds()
    (each,) = await waiting(office, 1)
    async for _ in watch:
        if await assignee(office, each) == "a1":
            break
    running.cancel()
    with suppress(asyncio.CancelledError):
        await running
