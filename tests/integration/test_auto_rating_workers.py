"""Judging automatic replies over a real PostgreSQL, with two workers at once: each once, a group dropped once, shops apart."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import pytest

from bot.bootstrap.engine import Engine
from bot.domain.account import Account, Caller, Organisation
from bot.domain.auto_reply import Deed
from bot.domain.auto_reply_policy import Mode
from bot.domain.conversation import Buyer
from bot.ports import Event
from bot.services.auto_measuring import DEMOTED, RATED
from bot.services.auto_rating import BY_ITSELF
from bot.storage.database import Database
from tests.integration.test_auto_reply_workers import POLICY, Workers, two_workers

VISIT = 7200
TALKS = 66


@pytest.fixture
async def workers(database: Database) -> AsyncIterator[Workers]:
    async with two_workers(database) as workers:
        yield workers


async def answered(workers: Workers, shop: str, buyer: str, then: str = "") -> str:
    """Let software answer a buyer, who says something then; return the conversation."""
    who = Buyer("", buyer, "web", external_id=buyer)
    talk = await workers.hear(shop, buyer=who)
    workers.passes(3)
    assert Deed.REPLY in await workers.take(workers.first)
    workers.passes(1)
    await workers.first.answering.outbox.send_due()
    if then:
        workers.passes(10)
        await workers.hear(shop, then, who)
    return talk


async def judge(workers: Workers) -> None:
    """Let both workers judge what is due, at the same time."""
    await asyncio.gather(*(each.answering.rating.judge_due() for each in (workers.first, workers.second)))


async def logged(engine: Engine, shop: str, kind: str) -> list[Event]:
    return await engine.parts.events.read_kinds(shop, (kind,), 9999)


async def test_every_reply_is_judged_once_when_the_visit_is_over(workers: Workers) -> None:
    shop = workers.mine.shop
    content = await answered(workers, shop, "甲", "谢谢")
    angry = await answered(workers, shop, "乙", "转人工")
    await answered(workers, workers.other.shop, "甲")
    workers.passes(VISIT - 60)
    await judge(workers)
    assert await logged(workers.first, shop, RATED) == []
    workers.passes(120)
    await judge(workers)
    await judge(workers)
    rated = await logged(workers.second, shop, RATED)
    assert {each.conversation: each.data["sign"] for each in rated} == {
        content: "acknowledged",
        angry: "asked_for_person",
    }
    assert len(rated) == 2
    assert [each.data["sign"] for each in await logged(workers.first, workers.other.shop, RATED)] == [
        "silent"
    ]


async def test_a_group_that_fails_surely_drops_once_and_no_other_shop_with_it(workers: Workers) -> None:
    mine, other = workers.mine.shop, workers.other.shop
    parts = workers.first.parts
    await parts.accounts.put_organisation(Organisation("rated", "店群", frozenset((mine,))))
    for number in range(TALKS):
        await answered(workers, mine, f"买家{number}", "转人工" if number % 2 else "")
    await answered(workers, other, "别家", "转人工")
    workers.passes(VISIT + 10)
    await judge(workers)
    assert (await parts.auto_replies.get_policy(mine)).rule("stock").mode is Mode.SUGGEST
    assert (await parts.auto_replies.get_policy(other)) == POLICY
    (dropped,) = await logged(workers.second, mine, DEMOTED)
    assert dropped.data["group"] == "stock"
    assert dropped.data["cases"] in range(60, TALKS + 1)
    assert await logged(workers.second, other, DEMOTED) == []
    lines = await workers.first.auditor.read("rated")
    assert [(line.actor, line.data["demoted"]) for line in lines] == [(BY_ITSELF, "stock")]
    await _switch_on_again(workers, mine)


async def _switch_on_again(workers: Workers, shop: str) -> None:
    """An owner's word ends the notice and the count: what failed before does not drop the group again."""
    engine = workers.first
    account = Account("a1", "rated", "owner", "店主")
    await engine.auto_reply.put(shop, POLICY, Caller(account, ()))
    measures = await engine.auto_reply.measures(shop)
    assert (measures.demoted, measures.of("stock").cases) == ((), 0)
    assert await engine.answering.rating.stop_failing(shop) == []
    assert (await engine.auto_reply.get(shop)).rule("stock").mode is Mode.AUTOMATIC
