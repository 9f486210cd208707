"""Reactions over the real database: from the worker that was told to all others, and from one shop to no other."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from datetime import timedelta

import pytest

from bot.bootstrap.engine import Engine
from bot.domain.suggestion import Suggestion
from bot.ports import NotFound
from bot.services import learning
from bot.services.reacting import ReactionRequest
from bot.services.suggesting import SuggestionRequest
from bot.storage.database import Database
from tests.integration.engines import Secret, real_parts, running, two_shops
from tests.web.memory_app import StandingClock


class Workers:
    """Two workers over one database, a clock for both, and two shops whose entries have the same ids."""

    def __init__(self, one: Engine, other: Engine, clock: StandingClock, left: Secret, right: Secret) -> None:
        self.one, self.other, self.clock, self.left, self.right = one, other, clock, left, right


@pytest.fixture
async def workers(database: Database, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Workers]:
    monkeypatch.setattr(learning, "_SOON", 0)
    clock = StandingClock()
    one, other = real_parts(database, clock), real_parts(database, clock)
    left, right = await two_shops(one)
    async with AsyncExitStack() as stack:
        yield Workers(
            await stack.enter_async_context(running(one)),
            await stack.enter_async_context(running(other)),
            clock,
            left,
            right,
        )


async def best(engine: Engine, shop: str) -> Suggestion:
    return (await engine.suggester.suggest(SuggestionRequest(shop, "发什么快递"))).suggestions[0]


async def settled(engine: Engine, shop: str) -> None:
    await (await engine.live_shops.get(shop)).lessons.settle()


async def refuse(shown_by: Engine, told_to: Engine, shop: str, times: int = 12) -> None:
    for _ in range(times):
        suggestion = await best(shown_by, shop)
        await told_to.reactions.react(ReactionRequest(shop, suggestion.id, "refused"))


async def test_what_one_worker_was_told_the_other_learns_a_minute_later(workers: Workers) -> None:
    shop = workers.left.shop
    before = await best(workers.other, shop)
    await settled(workers.other, shop)
    await refuse(workers.one, workers.one, shop)
    await settled(workers.one, shop)
    assert (await best(workers.one, shop)).confidence < before.confidence
    assert (await best(workers.other, shop)).confidence == before.confidence
    workers.clock.moment += timedelta(minutes=1)
    await settled(workers.other, shop)
    assert (await best(workers.other, shop)).confidence < before.confidence


async def test_a_reaction_may_come_to_another_worker_than_the_suggestion(workers: Workers) -> None:
    shop = workers.left.shop
    await refuse(workers.one, workers.other, shop, times=1)
    events = await workers.one.parts.events.read_kinds(shop, tuple(learning.KINDS), 9)
    assert len(events) == 1


async def test_one_shops_refusals_leave_the_same_entry_of_another_shop_alone(workers: Workers) -> None:
    before = await best(workers.one, workers.right.shop)
    await refuse(workers.one, workers.one, workers.left.shop)
    for shop in (workers.left.shop, workers.right.shop):
        await settled(workers.one, shop)
    mine = await best(workers.one, workers.left.shop)
    assert mine.parts[0].entry == before.parts[0].entry
    assert mine.confidence < before.confidence
    assert (await best(workers.one, workers.right.shop)).confidence == before.confidence


async def test_a_suggestion_of_another_shop_cannot_be_reacted_to(workers: Workers) -> None:
    theirs = await best(workers.one, workers.right.shop)
    await workers.one.recorder.close()
    with pytest.raises(NotFound):
        await workers.one.reactions.react(ReactionRequest(workers.left.shop, theirs.id, "taken"))
    for shop in (workers.left.shop, workers.right.shop):
        assert await workers.one.parts.events.read_kinds(shop, tuple(learning.KINDS), 9) == []
