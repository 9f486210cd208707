"""Who asks the same again and again is told the same, and from the third time on a person hears of it."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import timedelta

import pytest

from bot.domain.auto_reply import Deed
from bot.domain.conversation import Buyer
from bot.domain.suggestion import FactUsed
from tests.unit.auto_parts import SHOP, Automaton, automaton

_ASKED = "能开专票吗"
_WORDS = "本店开电子普票"


@pytest.fixture
async def worker() -> AsyncIterator[Automaton]:
    async with automaton() as worker:
        worker.suggester.replies[_ASKED] = ("bill", 0.98)
        worker.suggester.replies["真的不能开专票吗"] = ("bill", 0.98)
        yield worker


async def close(worker: Automaton, talk: str) -> None:
    """End the conversation and let a day go by."""
    await worker.conversing.close(SHOP, talk, "", take_over=True)
    worker.passes(timedelta(days=1).total_seconds())


async def test_the_third_demand_gets_the_same_words_once_more_and_a_person(worker: Automaton) -> None:
    talk = await worker.ask(_ASKED)
    await worker.ask("真的不能开专票吗")
    assert await worker.last(talk) == (Deed.REPLY, ["sure"])
    await worker.ask(_ASKED)
    deed, reasons = await worker.last(talk)
    assert (deed, "asked_often" in reasons) == (Deed.HAND_OVER, True)
    assert [text for text in await worker.said(talk) if text == _WORDS] == [_WORDS] * 3
    assert not (await worker.hand_over(talk)).urgent
    (event,) = worker.events("asked_often")
    assert event.data == {"groups": ["invoice"], "times": 3}


async def test_it_is_counted_over_all_conversations_of_the_buyer(worker: Automaton) -> None:
    for _ in range(2):
        await close(worker, await worker.ask(_ASKED))
    talk = await worker.ask(_ASKED)
    assert "asked_often" in (await worker.last(talk))[1]
    other = await worker.ask(_ASKED, buyer=Buyer("", "买家乙", "web", "x2"))
    assert await worker.last(other) == (Deed.REPLY, ["sure"])


async def test_what_was_asked_long_ago_counts_no_more(worker: Automaton) -> None:
    for _ in range(2):
        await close(worker, await worker.ask(_ASKED))
    worker.passes(timedelta(days=31).total_seconds())
    assert await worker.last(await worker.ask(_ASKED)) == (Deed.REPLY, ["sure"])


async def test_another_question_of_the_group_begins_anew_and_other_facts_are_another_answer(
    worker: Automaton,
) -> None:
    for stock in ("3", "2", "1"):
        fact = FactUsed("stock", stock, "sheet", worker.clock.now().isoformat(), stale=False)
        worker.suggester.facts["有货吗"] = (fact,)
        talk = await worker.ask("有货吗")
        await close(worker, talk)
    assert worker.events("asked_often") == []


async def test_of_other_groups_the_same_words_are_not_said_twice_in_a_conversation(worker: Automaton) -> None:
    talk = await worker.ask("有货吗")
    await worker.ask("有货吗")
    assert await worker.last(talk) == (Deed.HAND_OVER, ["said_before"])
