"""Waking when something is due."""

from __future__ import annotations

import asyncio
from datetime import timedelta

from bot.services.due_timers import DueTimers
from tests.contract.store_contract import FixedClock


async def test_what_is_due_already_wakes_at_once_and_once() -> None:
    clock = FixedClock()
    timers = DueTimers(clock)
    timers.expect(clock.now() - timedelta(seconds=1))
    await asyncio.wait_for(timers.wait(), 0.4)
    assert timers._times == []


async def test_a_sleeper_hears_of_what_is_due_sooner() -> None:
    clock = FixedClock()
    timers = DueTimers(clock)
    timers.expect(clock.now() + timedelta(hours=1))
    waiting = asyncio.create_task(timers.wait())
    await asyncio.sleep(0)
    timers.expect(clock.now())
    await asyncio.wait_for(waiting, 0.4)
    assert len(timers._times) == 1


async def test_without_news_it_looks_now_and_then() -> None:
    await asyncio.wait_for(DueTimers(FixedClock()).wait(), 5)
