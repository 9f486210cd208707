"""Answering without a person while the machine's clock jumps, and while one buyer writes as fast as he can."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from bot.domain.auto_reply import Deed
from bot.services.auto_replying import Limits
from tests.unit.auto_parts import SHOP, Automaton, automaton

_HOUR = 3600.0


@pytest.fixture
async def worker() -> AsyncIterator[Automaton]:
    async with automaton() as worker:
        yield worker


@pytest.mark.parametrize(
    "jump", [-26 * _HOUR, -3 * _HOUR, -_HOUR, -70, -30, 30, _HOUR, 3 * _HOUR, 26 * _HOUR]
)
async def test_a_turn_that_waits_while_the_clock_jumps_is_answered_once(
    worker: Automaton, jump: float
) -> None:
    talk = await worker.hear("有货吗")
    worker.passes(jump)
    for _ in range(20):
        await worker.decide()
    await worker.send()
    assert [each.deed for each in await worker.decisions(talk)] == [Deed.REPLY]
    assert await worker.said(talk) == ["有货的"]


@pytest.mark.parametrize("jump", [-26 * _HOUR, -3 * _HOUR, -_HOUR, -70, -30, 30])
async def test_an_answer_that_waits_while_the_clock_jumps_is_said_once(
    worker: Automaton, jump: float
) -> None:
    talk = await worker.hear("有货吗")
    await worker.decide()
    worker.passes(jump)
    for _ in range(20):
        await worker.send()
    assert await worker.said(talk) == ["有货的"]
    assert (await worker.conversation(talk)).handed_at is None


@pytest.mark.parametrize("jump", [_HOUR, 26 * _HOUR])
async def test_an_answer_that_is_stale_by_the_clock_is_a_persons(worker: Automaton, jump: float) -> None:
    talk = await worker.hear("有货吗")
    await worker.decide()
    worker.passes(jump)
    await worker.send()
    assert await worker.last(talk) == (Deed.HAND_OVER, ["expired"])
    assert await worker.said(talk) == ["马上转人工"]


@pytest.mark.parametrize("jump", [-26 * _HOUR, -3 * _HOUR, -_HOUR, 30, _HOUR])
async def test_whoever_is_served_by_a_person_is_left_alone_though_the_clock_jumps(
    worker: Automaton, jump: float
) -> None:
    talk = await worker.hear("你们那个东西")
    await worker.stepping_in.step_in(SHOP, talk, "a1")
    worker.passes(jump)
    await worker.ask("有货吗")
    assert await worker.said(talk) == []


@pytest.mark.parametrize("jump", [-26 * _HOUR, -3 * _HOUR, -_HOUR, 30, _HOUR])
async def test_whoever_waits_for_a_person_is_left_alone_though_the_clock_jumps(
    worker: Automaton, jump: float
) -> None:
    talk = await worker.ask("没把握")
    worker.passes(jump)
    await worker.ask("有货吗")
    await worker.ask("发什么快递")
    assert await worker.said(talk) == ["马上转人工"]


@pytest.mark.parametrize("jump", [-26 * _HOUR, -3 * _HOUR, -_HOUR, _HOUR])
async def test_who_is_given_a_person_after_a_jump_is_left_alone(worker: Automaton, jump: float) -> None:
    await worker.ask("有货吗")
    worker.passes(jump)
    talk = await worker.ask("没把握")
    await worker.ask("发什么快递")
    assert await worker.said(talk) == ["有货的", "马上转人工"]


@pytest.mark.parametrize("jump", [-26 * _HOUR, -3 * _HOUR, -_HOUR, _HOUR])
async def test_what_is_said_after_a_jump_is_answered_in_its_order(worker: Automaton, jump: float) -> None:
    talk = await worker.ask("有货吗")
    worker.passes(jump)
    await worker.ask("发什么快递")
    assert await worker.said(talk) == ["有货的", "发中通"]


async def test_what_was_answered_before_the_clock_was_set_back_limits_nobody_for_an_hour() -> None:
    async with automaton(limits=Limits(per_buyer=2, per_shop=2)) as worker:
        for text in ("有货吗", "发什么快递"):
            await worker.ask(text)
        worker.passes(-_HOUR)
        talk = await worker.ask("到哪了")
        assert await worker.last(talk) == (Deed.REPLY, ["sure"])


async def test_two_hundred_messages_in_a_minute_cost_few_turns_and_one_hand_over() -> None:
    async with automaton(limits=Limits()) as worker:
        talk, taken = "", 0
        for number in range(200):
            talk = await worker.hear("有货吗" if number % 2 else f"第{number}次问了，发什么快递")
            taken += len(await worker.decide(0.3))
        await worker.decide(10)
        await worker.send()
        said = [each for each in await worker.messages(talk) if each.author == "buyer"]
        assert len(said) == 200
        assert taken <= 7
        assert (await worker.decisions(talk))[-1].upto == said[-1].number
        assert (await worker.said(talk)).count("马上转人工") == 1
