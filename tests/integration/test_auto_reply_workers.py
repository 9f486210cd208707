"""Answering without a person over a real PostgreSQL, with two workers at once."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from datetime import timedelta

import pytest

from bot.bootstrap.engine import Engine
from bot.domain.auto_reply import Deed
from bot.domain.auto_reply_policy import AutoReplyPolicy, GroupRule, Mode
from bot.domain.auto_turn import SendState
from bot.domain.conversation import Buyer
from bot.ports.dialogue import DialogueBubble, DialogueTurn
from bot.storage.database import Database
from tests.integration.engines import Secret, real_parts, running, two_shops
from tests.unit.fakes.scripted_dialogue import ScriptedDialogue
from tests.web.memory_app import StandingClock

POLICY = AutoReplyPolicy(is_on=True, groups={"stock": GroupRule(Mode.AUTOMATIC)}, hand_over="马上转人工")
BUYER = Buyer("", "买家", "web", external_id="same")
CLAIMED = timedelta(seconds=20)
"""Longer than anything is claimed for."""


@dataclass
class Workers:
    """Two workers on one database, and the clock of both."""

    first: Engine
    second: Engine
    clock: StandingClock
    mine: Secret
    other: Secret

    async def hear(self, shop: str, text: str = "有货吗", buyer: Buyer = BUYER) -> str:
        key = f"k{self.clock.moment.timestamp()}-{text}"
        conversing = self.first.workspace.conversing
        return (await conversing.receive(shop, buyer, text, key=key)).conversation.id

    def passes(self, seconds: float) -> None:
        self.clock.moment += timedelta(seconds=seconds)

    async def take(self, engine: Engine) -> list[Deed | None]:
        """Let a worker take what is due; return what it decided about these two shops."""
        answering = engine.answering
        due = await answering.turns.turns_due(self.clock.now(), 99)
        return [
            await answering.auto_replies.take_turn(shop, each)
            for shop, each in due
            if shop in (self.mine.shop, self.other.shop)
        ]

    async def said(self, shop: str, conversation: str) -> list[str]:
        messages = await self.first.parts.conversations.list_messages(shop, conversation, 99)
        return [each.text for each in messages if each.author == "auto"]

    async def states(self) -> list[SendState]:
        found = await self.first.answering.turns.list_sends(self.mine.shop, tuple(SendState), 99)
        return [each.state for each in found]


@asynccontextmanager
async def two_workers(database: Database) -> AsyncIterator[Workers]:
    clock = StandingClock()
    parts = [
        replace(real_parts(database, clock), dialogue=ScriptedDialogue({"有货吗": _reply("有货的")}))
        for _ in range(2)
    ]
    mine, other = await two_shops(parts[0])
    for secret in (mine, other):
        await parts[0].auto_replies.put_policy(secret.shop, POLICY)
    async with running(parts[0]) as first, running(parts[1]) as second:
        for engine in (first, second):
            await engine.workspace.guard._read_all()
        yield Workers(first, second, clock, mine, other)


def _reply(text: str) -> DialogueTurn:
    return DialogueTurn((DialogueBubble(text, "stock"),), events=({"event": "said", "text": text},))


@pytest.fixture
async def workers(database: Database) -> AsyncIterator[Workers]:
    async with two_workers(database) as workers:
        yield workers


async def test_of_two_workers_one_answers_and_the_buyer_hears_it_once(workers: Workers) -> None:
    talk = await workers.hear(workers.mine.shop)
    workers.passes(3)
    taken = await asyncio.gather(workers.take(workers.first), workers.take(workers.second))
    assert sorted(taken, key=len) == [[], [Deed.REPLY]]
    workers.passes(1)
    await asyncio.gather(
        workers.first.answering.outbox.send_due(), workers.second.answering.outbox.send_due()
    )
    assert await workers.said(workers.mine.shop, talk) == ["有货的"]
    found = await workers.first.parts.conversations.get_conversation(workers.mine.shop, talk)
    assert (found.waiting_since, await workers.states()) == (None, [SendState.SENT])


async def test_a_keystroke_on_the_other_worker_stops_what_waits(workers: Workers) -> None:
    talk = await workers.hear(workers.mine.shop)
    workers.passes(3)
    assert await workers.take(workers.first) == [Deed.REPLY]
    await workers.second.answering.stepping_in.step_in(workers.mine.shop, talk, "a1")
    workers.passes(1)
    await workers.first.answering.outbox.send_due()
    assert (await workers.said(workers.mine.shop, talk), await workers.states()) == ([], [SendState.DROPPED])
    await workers.hear(workers.mine.shop, "还有货吗")
    workers.passes(3)
    assert await workers.take(workers.first) == [Deed.SILENT]


async def test_what_one_worker_gave_back_is_silenced_by_the_next_keystroke_on_another(
    workers: Workers,
) -> None:
    shop, talk = workers.mine.shop, await workers.hear(workers.mine.shop)
    typing = workers.second.answering.stepping_in
    await typing.step_in(shop, talk, "a1")
    await workers.first.workspace.conversing.resume(shop, talk, "a1")
    workers.passes(1)
    await typing.step_in(shop, talk, "a1")
    found = await workers.first.parts.conversations.get_conversation(shop, talk)
    assert found.person_at == workers.clock.now()
    workers.passes(3)
    assert await workers.take(workers.first) == [Deed.SILENT]


async def test_the_switch_on_one_worker_stops_the_other(workers: Workers) -> None:
    talk = await workers.hear(workers.mine.shop)
    workers.passes(3)
    assert await workers.take(workers.first) == [Deed.REPLY]
    workers.passes(1)
    stopping = workers.second.answering.stopping
    await stopping.switch_all(stop=True)
    try:
        await workers.first.answering.outbox.send_due()
        await workers.hear(workers.other.shop)
        workers.passes(3)
        assert await workers.take(workers.first) == []
        assert await workers.said(workers.mine.shop, talk) == []
    finally:
        await stopping.switch_all(stop=False)
    await stopping.switch_shop(workers.mine.shop, stop=True)
    await workers.first.answering.outbox.send_due()
    assert (await workers.said(workers.mine.shop, talk), await workers.states()) == ([], [SendState.DROPPED])
    assert await workers.take(workers.first) == [Deed.REPLY]


async def test_a_worker_that_dies_with_a_turn_loses_nothing(workers: Workers) -> None:
    talk = await workers.hear(workers.mine.shop)
    workers.passes(3)
    claimed = await workers.first.answering.turns.turns_due(workers.clock.now(), 99)
    assert (workers.mine.shop, talk) in claimed
    assert await workers.take(workers.second) == []
    workers.clock.moment += CLAIMED
    assert await workers.take(workers.second) == [Deed.REPLY]
    # The first was only slow: what it decides now is not written a second time.
    assert await workers.first.answering.auto_replies.take_turn(workers.mine.shop, talk) is None
    assert len(await workers.first.answering.turns.list_decisions(workers.mine.shop, talk, 9)) == 1


async def test_a_worker_that_dies_with_a_message_neither_loses_nor_doubles_it(workers: Workers) -> None:
    talk = await workers.hear(workers.mine.shop)
    workers.passes(3)
    await workers.take(workers.first)
    workers.passes(1)
    ((_, key),) = [
        each
        for each in await workers.first.answering.turns.sends_due(workers.clock.now(), 99)
        if each[0] == workers.mine.shop
    ]
    # It was said, and its worker died before it could tell.
    await workers.first.workspace.conversing.say_automatically(
        workers.mine.shop, talk, "有货的", key=key, answers=1
    )
    workers.clock.moment += CLAIMED
    await workers.second.answering.outbox.send_due()
    assert (await workers.said(workers.mine.shop, talk), await workers.states()) == (
        ["有货的"],
        [SendState.SENT],
    )


async def test_two_shops_with_the_same_buyer_never_cross(workers: Workers) -> None:
    for engine, secret in ((workers.first, workers.mine), (workers.second, workers.other)):
        dialogue = engine.parts.dialogue
        assert isinstance(dialogue, ScriptedDialogue)
        dialogue.turns = {"有货吗": _reply(f"{secret.word}有货")}
    talks = {secret.shop: await workers.hear(secret.shop) for secret in (workers.mine, workers.other)}
    workers.passes(3)
    for engine, secret in ((workers.first, workers.mine), (workers.second, workers.other)):
        await engine.answering.auto_replies.take_turn(secret.shop, talks[secret.shop])
        told = await engine.answering.turns.read_turn(secret.shop, talks[secret.shop], 9)
        assert [each.text for each in told.waiting] == [f"{secret.word}有货"]
    workers.passes(1)
    await workers.first.answering.outbox.send_due()
    for secret in (workers.mine, workers.other):
        assert await workers.said(secret.shop, talks[secret.shop]) == [f"{secret.word}有货"]


async def test_what_belongs_to_another_shop_is_never_said(workers: Workers) -> None:
    dialogue = workers.first.parts.dialogue
    assert isinstance(dialogue, ScriptedDialogue)
    dialogue.turns = {"有货吗": _reply(f"{workers.other.word}短袖有货")}
    talk = await workers.hear(workers.mine.shop)
    workers.passes(3)
    assert await workers.take(workers.first) == [Deed.HAND_OVER]
    workers.passes(1)
    await workers.first.answering.outbox.send_due()
    assert await workers.said(workers.mine.shop, talk) == ["马上转人工"]


async def test_a_worker_that_runs_answers_by_itself(database: Database) -> None:
    clock = StandingClock()
    parts = replace(real_parts(database, clock), dialogue=ScriptedDialogue({"有货吗": _reply("有货的")}))
    mine, _ = await two_shops(parts)
    await parts.auto_replies.put_policy(mine.shop, POLICY)
    engine = Engine(parts)
    await engine.start(serves=True)
    try:
        talk = (
            await engine.workspace.conversing.receive(mine.shop, BUYER, "有货吗", key="k")
        ).conversation.id
        async with asyncio.timeout(30):
            while not [
                each
                for each in await parts.conversations.list_messages(mine.shop, talk, 9)
                if each.author == "auto"
            ]:
                clock.moment += timedelta(seconds=0.2)
                await asyncio.sleep(0)
    finally:
        await engine.close()
