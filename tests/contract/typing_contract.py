"""What every TypingRelay must do: inherited by the tests of the one in memory and the one in PostgreSQL.

An inheriting class gives the fixture `relays`: two that hear each other. What is lost is not missed, so that the tests
announce again until it is heard.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from bot.ports import Typed, TypingRelay
from tests.contract.store_contract import unused_id

Relays = tuple[TypingRelay, TypingRelay]


class TypingContract:
    async def test_what_one_announces_the_other_hears_and_itself_does_not(self, relays: Relays) -> None:
        here, there = relays
        shop = f"typing-{unused_id()}"
        told = [Typed(shop, "c1", "", True), Typed(shop, "c1", "u-1", True), Typed(shop, "c2", "u-1", False)]
        async with hearing(here) as own, hearing(there) as others:
            await _until_heard(here, shop, others)
            await _until_heard(there, shop, own)
            others.clear()
            own.clear()
            await here.announce(told)
            await there.announce([Typed(shop, "end", "", False)])
            await _until(lambda: any(each.conversation == "end" for each in own))
            await _until(lambda: [each for each in others if each.shop == shop][-3:] == told)
            assert not [each for each in own if each in told]

    async def test_nothing_to_tell_is_told_to_nobody(self, relays: Relays) -> None:
        await relays[0].announce([])


@asynccontextmanager
async def hearing(relay: TypingRelay) -> AsyncIterator[list[Typed]]:
    """Yield a list that grows by what the relay hears."""
    heard: list[Typed] = []

    async def listen() -> None:
        async for typed in relay.watch():
            heard.append(typed)

    task = asyncio.create_task(listen())
    yield heard
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)


async def _until_heard(relay: TypingRelay, shop: str, heard: list[Typed]) -> None:
    async with asyncio.timeout(20):
        while not any(each.shop == shop for each in heard):
            await relay.announce([Typed(shop, "begin", "", True)])
            await asyncio.sleep(0)


async def _until(holds: object) -> None:
    async with asyncio.timeout(20):
        while not holds():  # type: ignore[operator] # noqa: ASYNC110 - it comes from elsewhere, unannounced
            await asyncio.sleep(0)
