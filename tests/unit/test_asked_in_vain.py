"""What was asked in vain is read from the log, grouped by meaning, and gone once it is answered or ignored."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta, tzinfo
from threading import get_ident
from typing import Any

import pytest

from bot.domain.asked import Why
from bot.domain.entry import Entry
from bot.domain.shop import Shop
from bot.ports import Event, NotFound
from bot.retrieval.fake_embedder import FakeEmbedder
from bot.retrieval.normaliser import OpenccNormaliser
from bot.services.asked_grouping import lead, lead_by_words
from bot.services.asked_in_vain import Asked, AskedInVain
from bot.services.asked_reading import AskedLog, AskedReader
from bot.storage.memory import Memory, MemoryEntries, MemoryEvents, MemoryShops
from bot.storage.memory_asked import MemoryAsked
from bot.storage.memory_conversations import MemoryConversations
from tests.contract.conversation_contract import SIMPLIFY
from tests.contract.store_contract import FixedClock

SHOP, OTHER = "tea", "lamp"
NOTHING = {"silent": True, "reason": "no entry answers it", "suggestions": []}


class Log:
    """A shop's log and what reads it."""

    def __init__(self) -> None:
        memory = Memory()
        self.clock = FixedClock()
        self.shops, self.entries = MemoryShops(memory), MemoryEntries(memory)
        self.events, self.store, self.embedder = MemoryEvents(memory), MemoryAsked(memory), FakeEmbedder()
        self.reader = AskedReader(self.shops, MemoryConversations(memory, SIMPLIFY), self.events, self.clock)
        self.asked = AskedInVain(self.store, self.entries, self.embedder, OpenccNormaliser(), self.clock)
        self._said = 0

    async def open(self) -> Log:
        for shop in (SHOP, OTHER):
            await self.shops.put_shop(Shop(shop, shop))
        return self

    async def says(
        self,
        text: str,
        shown: dict[str, Any] | float | None = None,
        *,
        talk: str = "",
        hours_ago: float = 2,
        shop: str = SHOP,
    ) -> str:
        """A buyer says something for which this was shown: nothing, or one reply of that confidence. Return the message."""
        self._said += 1
        message, at = f"m{self._said}", self.clock.now() - timedelta(hours=hours_ago)
        data = shown if isinstance(shown, dict) else dict(NOTHING)
        if isinstance(shown, float):
            data = {
                "suggestions": [
                    {"id": f"{message}-1", "text": "好", "confidence": shown, "entries": [["a", 1, shown]]}
                ]
            }
        heard = Event("message_received", at, talk, {"text": text}, message)
        await self.events.append(shop, [heard, Event("suggestion_shown", at, talk, data, message)])
        return message

    async def logs(
        self, kind: str, message: str = "", *, talk: str = "", hours_ago: float = 1, **data: Any
    ) -> None:
        at = self.clock.now() - timedelta(hours=hours_ago)
        await self.events.append(SHOP, [Event(kind, at, talk, data, message)])

    async def read(self, shop: str = SHOP, days: int = 31) -> AskedLog:
        return await self.reader.read(shop, days)

    async def group(self, shop: str = SHOP) -> Asked:
        return await self.asked.group(shop, await self.read(shop), await self.entries.list_entries(shop))

    async def reasons(self) -> dict[str, Why]:
        return {each.text: each.why for each in (await self.read()).in_vain}


@pytest.fixture
async def log() -> Log:
    return await Log().open()


async def test_what_got_no_suggestion_a_weak_one_or_a_refusal_was_asked_in_vain(log: Log) -> None:
    await log.says("能刻字吗")
    await log.says("这个会褪色吗", 0.2)
    refused = await log.says("几天能到", 0.9)
    await log.logs("suggestion_refused", refused, place=None, offers=[[["a", 1, 0.9]]])
    await log.says("发什么快递", 0.9)
    await log.says("你们真好", {"silent": True, "reason": "nothing to answer", "suggestions": []})
    await log.says("你们招人吗", {"silent": True, "reason": "nothing to answer", "suggestions": []})
    assert await log.reasons() == {
        "能刻字吗": Why.UNANSWERED,
        "这个会褪色吗": Why.WEAK,
        "几天能到": Why.REFUSED,
        "你们招人吗": Why.UNANSWERED,
    }


async def test_what_was_taken_after_all_was_not_in_vain(log: Log) -> None:
    message = await log.says("几天能到", 0.2)
    await log.logs("suggestion_refused", message, place=0, offers=[[["a", 1, 0.2]]], hours_ago=1.5)
    await log.logs("suggestion_taken", message, place=0, offers=[[["a", 1, 0.2]]])
    assert await log.reasons() == {}


async def test_what_an_agent_handed_on_was_in_vain_unless_a_suggestion_was_taken(log: Log) -> None:
    await log.says("我要找你们老板", 0.9, talk="c1")
    await log.logs("handed", talk="c1", to="a2")
    taken = await log.says("发什么快递", 0.9, talk="c2")
    await log.logs("suggestion_taken", taken, talk="c2", place=0, offers=[[["a", 1, 0.9]]], hours_ago=1.5)
    await log.logs("handed", talk="c2", to="a2")
    assert await log.reasons() == {"我要找你们老板": Why.HANDED}


async def test_a_question_read_again_with_every_bubble_counts_once(log: Log) -> None:
    await log.says("在吗", talk="c", hours_ago=3)
    await log.says("在吗\n能刻字吗", talk="c", hours_ago=2)
    await log.says("在吗\n能刻字吗", talk="c", hours_ago=1)
    assert await log.reasons() == {"在吗，能刻字吗": Why.UNANSWERED}


async def test_numbers_that_name_a_person_are_masked_and_forgotten_words_are_gone(log: Log) -> None:
    await log.says("打我电话13812345678行吗")
    await log.says("")
    [text] = await log.reasons()
    assert "13812345678" not in text
    assert text.startswith("打我电话")


async def test_what_means_the_same_stands_together_with_counts_and_days(log: Log) -> None:
    for hours in (2, 26, 50):
        await log.says("能刻字吗", talk=f"c{hours}", hours_ago=hours)
    await log.says("可以刻字吗", talk="d")
    await log.says("会不会褪色呀")
    found = await log.group()
    first, second = found.groups
    assert (first.question, first.count, first.conversations) == ("能刻字吗", 4, 4)
    assert [(each.text, each.count) for each in first.examples] == [("能刻字吗", 3), ("可以刻字吗", 1)]
    assert first.days[-3:] == (1, 1, 2)
    assert sum(first.days) == 4
    assert second.question == "会不会褪色呀"
    assert (found.total, found.by_meaning) == (5, True)


async def test_without_the_model_only_what_reads_the_same_is_together(log: Log) -> None:
    await log.says("能刻字吗")
    await log.says("能刻字吗")
    await log.says("可以刻字吗")
    log.embedder.fail("away")
    found = await log.group()
    assert [group.count for group in found.groups] == [2, 1]
    assert not found.by_meaning


async def test_an_ignored_question_takes_what_is_like_it_along_and_comes_back(log: Log) -> None:
    await log.says("能刻字吗")
    await log.says("可以刻字吗")
    aside = await log.asked.ignore(SHOP, "能刻字吗", "a1")
    found = await log.group()
    assert found.groups == ()
    assert [(each.aside.text, each.count) for each in found.ignored] == [("能刻字吗", 2)]
    with pytest.raises(NotFound):
        await log.asked.heed(OTHER, aside.key)
    await log.asked.heed(SHOP, aside.key)
    assert [group.count for group in (await log.group()).groups] == [2]


async def test_what_an_entry_was_given_is_settled_until_it_is_asked_in_vain_again(log: Log) -> None:
    await log.says("能刻字吗")
    await log.says("可以刻字吗")
    written = Entry("engrave", "other", "能刻字吗", "可以的", status="draft")
    await log.entries.put_entries(SHOP, [written])
    log.clock.moment = (await log.entries.list_versions(SHOP, "engrave", 1))[0].at + timedelta(hours=1)
    await log.says("能刻字吗", hours_ago=24)
    assert (await log.group()).groups == ()
    await log.says("能刻字吗", hours_ago=0.5)
    assert [group.count for group in (await log.group()).groups] == [1]


async def test_another_shop_sees_nothing_of_it(log: Log) -> None:
    await log.says("能刻字吗")
    await log.asked.ignore(SHOP, "可以刻字吗", "a1")
    found = await log.group(OTHER)
    assert (found.total, found.groups, found.ignored) == (0, (), ())
    with pytest.raises(NotFound):
        await log.read("nobody")


async def test_a_period_that_is_none_is_refused(log: Log) -> None:
    with pytest.raises(ValueError, match="days"):
        await log.read(days=0)


async def test_questions_join_the_leader_they_are_likest_to() -> None:
    vectors = await FakeEmbedder().encode(["能刻字吗", "会褪色吗", "能刻字吗呀", "会不会褪色吗"])
    led = lead(vectors)
    assert led[:2] == [0, 1]
    assert led[2:] == [0, 1]
    assert lead(vectors[:0]) == []
    assert lead_by_words(["a", "b", "a"]) == [0, 1, 0]


async def test_the_groups_are_put_together_while_others_are_served(log: Log) -> None:
    threads = set[int]()

    class Here(tzinfo):
        def utcoffset(self, moment: datetime | None) -> timedelta:
            threads.add(get_ident())
            return timedelta(hours=8)

        def dst(self, moment: datetime | None) -> timedelta:
            return timedelta()

        def tzname(self, moment: datetime | None) -> str:
            return "here"

    await log.says("能送货上楼吗")
    read = await log.read()
    read = replace(read, until=read.until.replace(tzinfo=Here()))
    threads.clear()
    assert (await log.asked.group(SHOP, read, [])).total == 1
    assert threads
    assert get_ident() not in threads
