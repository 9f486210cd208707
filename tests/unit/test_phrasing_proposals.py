"""What buyers had said before an agent used an entry is proposed as its phrasing, until accepted or dismissed."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from bot.domain.entry import MAX_PHRASINGS, Entry
from bot.domain.shop import Shop
from bot.ports import Event, NotFound
from bot.services.asked_reading import AskedReader
from bot.services.entries import EntryEditor, InvalidEntries
from bot.services.phrasing_proposals import PhrasingProposals
from bot.storage.memory import Memory, MemoryEntries, MemoryEvents, MemoryShops
from bot.storage.memory_asked import MemoryAsked
from bot.storage.memory_conversations import MemoryConversations
from tests.contract.conversation_contract import SIMPLIFY, TalkStores, a_message, saying
from tests.contract.store_contract import FixedClock

SHOP, OTHER = "tea", "lamp"
MUTE = Entry("p1", "other", "", "可以免费刻字，下单备注内容。")
ASKED = Entry("courier", "shipping", "发什么快递", "发普通快递。", phrasings=("用哪家快递",))


class Use:
    """A shop with an entry without a question, another with one, and conversations."""

    def __init__(self) -> None:
        memory = Memory()
        self.clock, self.events = FixedClock(), MemoryEvents(memory)
        self.shops, self.entries = MemoryShops(memory), MemoryEntries(memory)
        self.talks = MemoryConversations(memory, SIMPLIFY)
        self.reader = AskedReader(self.shops, self.talks, self.events, self.clock)
        editor = EntryEditor(self.shops, self.entries, self.clock)
        self.proposals = PhrasingProposals(MemoryAsked(memory), self.entries, self.talks, editor, self.clock)
        self._sent = 0

    async def open(self) -> Use:
        for shop in (SHOP, OTHER):
            await self.shops.put_shop(Shop(shop, shop))
            await self.entries.put_entries(shop, [MUTE, ASKED])
        return self

    async def sends(self, entry: str, said: str, *, kept: float = 1.0) -> None:
        """A buyer says something, and an agent sends the entry as a quick phrase."""
        self._sent += 1
        stores = TalkStores(self.shops, self.talks, self.entries)
        opened = await stores.opened(SHOP, f"buyer{self._sent}")
        await self.talks.write_message(SHOP, opened.id, a_message(said, f"b{self._sent}"), saying())
        reply = replace(a_message("可以", f"a{self._sent}"), author="agent", account="a1")
        written = await self.talks.write_message(SHOP, opened.id, reply, saying())
        data = {"entry": entry, "number": written.message.number, "kept": kept, "by": "a1"}
        at = self.clock.now() - timedelta(hours=1)
        await self.events.append(SHOP, [Event("phrase_used", at, opened.id, data)])

    async def takes(self, entry: str, said: str, version: int = 1) -> None:
        """An agent takes the entry from among the suggestions for what a buyer said."""
        self._sent += 1
        at, message = self.clock.now() - timedelta(hours=1), f"m{self._sent}"
        offers = [[[entry, version, 0.6]]]
        await self.events.append(SHOP, [
            Event("message_received", at, "c", {"text": said}, message),
            Event("suggestion_shown", at, "c", {"suggestions": [{"id": "x", "text": "", "confidence": 0.6}]}, message),
            Event("suggestion_taken", at, "c", {"place": 0, "offers": offers}, message),
        ])  # fmt: skip

    async def proposed(self) -> dict[str, dict[str, int]]:
        log = await self.reader.read(SHOP, 31)
        found = await self.proposals.propose(SHOP, log, await self.entries.list_entries(SHOP))
        return {each.entry.id: {said.text: said.count for said in each.phrasings} for each in found}


@pytest.fixture
async def use() -> Use:
    return await Use().open()


async def test_what_buyers_said_before_a_phrase_is_proposed_with_how_often(use: Use) -> None:
    await use.sends("courier", "走的哪个物流公司")
    await use.sends("p1", "能刻字吗")
    await use.sends("p1", "能刻字吗")
    await use.sends("p1", "电话13812345678，名字能刻上去吗")
    proposed = await use.proposed()
    assert list(proposed) == ["p1", "courier"]
    assert proposed["courier"] == {"走的哪个物流公司": 1}
    assert proposed["p1"].pop("能刻字吗") == 2
    [masked] = proposed["p1"]
    assert "13812345678" not in masked


async def test_a_suggestion_that_was_taken_teaches_only_an_entry_without_a_question(use: Use) -> None:
    await use.takes("p1", "刻字收费吗")
    await use.takes("p1", "能刻字吗")
    await use.takes("courier", "你家发啥快递")
    assert await use.proposed() == {"p1": {"刻字收费吗": 1, "能刻字吗": 1}}
    await use.proposals.add(SHOP, "p1", ["刻字收费吗"], "a1")
    await use.takes("p1", "能刻几个字", version=2)
    assert await use.proposed() == {"p1": {"能刻字吗": 1}}


async def test_thanks_numbers_known_words_and_phrases_rewritten_are_not_proposed(use: Use) -> None:
    await use.sends("p1", "好的")
    await use.sends("p1", "2026030500000001")
    await use.sends("p1", "能刻字吗", kept=0.2)
    await use.sends("courier", "用哪家快递")
    await use.sends("gone", "能刻字吗")
    assert await use.proposed() == {}


async def test_an_accepted_phrasing_is_the_question_of_an_entry_that_had_none(use: Use) -> None:
    await use.sends("p1", "能刻字吗")
    await use.sends("p1", "刻字收费吗")
    written = await use.proposals.add(SHOP, "p1", ["能刻字吗", "刻字收费吗", "能刻字吗 "], "a1")
    assert (written.question, written.phrasings) == ("能刻字吗", ("刻字收费吗",))
    assert (await use.entries.list_versions(SHOP, "p1", 1))[0].author == "a1"
    assert await use.proposed() == {}
    assert (await use.proposals.add(SHOP, "p1", ["能刻字吗"], "a1")).version == written.version
    assert (await use.entries.get_entry(OTHER, "p1")).question == ""


async def test_a_dismissed_phrasing_is_not_proposed_again_for_that_entry(use: Use) -> None:
    await use.sends("p1", "能刻字吗")
    await use.sends("courier", "能刻字吗")
    await use.proposals.dismiss(SHOP, "courier", ["能刻字吗"], "a1")
    assert await use.proposed() == {"p1": {"能刻字吗": 1}}
    with pytest.raises(NotFound):
        await use.proposals.dismiss(SHOP, "none", ["能刻字吗"], "a1")


async def test_too_many_phrasings_are_refused_by_name(use: Use) -> None:
    with pytest.raises(InvalidEntries, match="phrasings"):
        await use.proposals.add(
            SHOP, "courier", [f"问法{number}" for number in range(MAX_PHRASINGS + 1)], "a1"
        )
