"""What many ask for at once is read once."""

from __future__ import annotations

import asyncio

import pytest

from bot.services.shared_reads import SharedReads


class Source:
    """Gives how often it was asked, once it is let."""

    def __init__(self) -> None:
        self.asked = 0
        self.may_answer = asyncio.Event()
        self.error: Exception | None = None

    async def read(self, key: str) -> str:
        self.asked += 1
        number = self.asked
        await self.may_answer.wait()
        if self.error is not None:
            raise self.error
        return f"{key} {number}"


async def test_who_asks_while_it_is_read_waits_for_that_read() -> None:
    source = Source()
    reads = SharedReads(source.read, 60)
    asking = [asyncio.create_task(reads.get("a")) for _ in range(3)]
    await asyncio.sleep(0)
    source.may_answer.set()
    assert await asyncio.gather(*asking) == ["a 1"] * 3
    assert await reads.get("a") == "a 1"


async def test_keys_are_apart() -> None:
    source = Source()
    source.may_answer.set()
    reads = SharedReads(source.read, 60)
    assert (await reads.get("a"), await reads.get("b")) == ("a 1", "b 2")


async def test_a_value_that_is_too_old_for_the_one_who_asks_is_read_again() -> None:
    source = Source()
    source.may_answer.set()
    reads = SharedReads(source.read, 60)
    await reads.get("a")
    assert await reads.get("a", seconds=-1) == "a 2"


async def test_what_was_being_read_when_it_was_forgotten_is_not_kept() -> None:
    source = Source()
    reads = SharedReads(source.read, 60)
    before = asyncio.create_task(reads.get("a"))
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    reads.forget("a")
    after = asyncio.create_task(reads.get("a"))
    await asyncio.sleep(0)
    source.may_answer.set()
    assert (await before, await after) == ("a 1", "a 2")
    assert await reads.get("a") == "a 2"


async def test_a_failed_read_is_told_to_all_who_waited_and_tried_again_by_the_next() -> None:
    source = Source()
    source.error = ValueError("away")
    source.may_answer.set()
    reads = SharedReads(source.read, 60)
    asking = [asyncio.create_task(reads.get("a")) for _ in range(2)]
    for task in asking:
        with pytest.raises(ValueError, match="away"):
            await task
    source.error = None
    assert await reads.get("a") == "a 2"


async def test_one_who_gives_up_does_not_end_the_read_of_the_others() -> None:
    source = Source()
    reads = SharedReads(source.read, 60)
    first, second = asyncio.create_task(reads.get("a")), asyncio.create_task(reads.get("a"))
    await asyncio.sleep(0)
    first.cancel()
    await asyncio.sleep(0)
    source.may_answer.set()
    assert await second == "a 1"
    assert first.cancelled()
