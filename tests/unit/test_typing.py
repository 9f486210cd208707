"""Who types: told here at once, to other workers merged and with the names that the shop has for people."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager

import pytest

from bot.domain.account import Account, Membership, Organisation
from bot.ports import StoreUnavailable, Typed
from bot.services.colleagues import Colleagues
from bot.services.typing import BUYER, TypingBoard, Typist
from bot.storage.memory_accounts import MemoryAccounts, MemoryPeople, MemoryPresence
from bot.storage.memory_typing import Line, MemoryTypingRelay
from tests.contract.store_contract import FixedClock
from tests.contract.typing_contract import Relays, TypingContract

AGENT = Typist("u-1", "客服一")
Heard = list[tuple[str, Typist, bool]]


class TestMemoryTypingRelay(TypingContract):
    @pytest.fixture
    def relays(self) -> Relays:
        line: Line = {}
        return MemoryTypingRelay(line), MemoryTypingRelay(line)


class CountingRelay(MemoryTypingRelay):
    """Notes each announcement; the first may fail."""

    def __init__(self, line: Line, *, fails: bool = False) -> None:
        super().__init__(line)
        self.told: list[list[Typed]] = []
        self._fails = fails

    async def announce(self, typed: Sequence[Typed]) -> None:
        self.told.append(list(typed))
        if self._fails and len(self.told) == 1:
            raise StoreUnavailable("the database is away")
        await super().announce(typed)


class Workers:
    """Two workers' boards, an agent of the shop "left" and one of "right"."""

    def __init__(self, *, fails: bool = False) -> None:
        clock, people, line = FixedClock(), MemoryPeople(), Line()
        self.accounts = MemoryAccounts(people, clock)
        self.relays = CountingRelay(line, fails=fails), CountingRelay(line)
        self.boards = [
            TypingBoard(relay, Colleagues(self.accounts, MemoryPresence(people)), pause=0)
            for relay in self.relays
        ]

    async def hire(self) -> None:
        await self.accounts.put_organisation(Organisation("o", "机构", frozenset({"left", "right"})))
        for account, name, shop in (("u-1", "客服一", "left"), ("u-2", "客服二", "right")):
            person = Account(account, "o", account, name)
            await self.accounts.create_accounts([(person, "hash")], [Membership(account, shop, "agent")])

    @asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        tasks = [asyncio.create_task(work()) for board in self.boards for work in (board.relay, board.follow)]
        for _ in range(3):
            await asyncio.sleep(0)  # the listeners stand
        yield
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


@pytest.fixture
async def workers() -> Workers:
    workers = Workers()
    await workers.hire()
    return workers


def hears(board: TypingBoard, shop: str = "left") -> Heard:
    heard: Heard = []
    board.listen(shop, lambda *what: heard.append(what))
    return heard


async def until(holds: Callable[[], object]) -> None:
    async with asyncio.timeout(5):
        while not holds():  # noqa: ASYNC110 - tasks of the boards do it
            await asyncio.sleep(0)


async def test_ones_own_worker_hears_at_once_and_once(workers: Workers) -> None:
    here, there = workers.boards
    own, others = hears(here), hears(there)
    async with workers.running():
        here.tell("left", "c1", AGENT, on=True)
        assert own == [("c1", AGENT, True)]
        await until(lambda: others)
        here.tell("left", "c1", BUYER, on=False)
        await until(lambda: len(others) == 2)
    assert others == [("c1", AGENT, True), ("c1", BUYER, False)]
    assert own == [("c1", AGENT, True), ("c1", BUYER, False)]


async def test_other_workers_hear_the_last_of_what_was_told_in_a_hurry(workers: Workers) -> None:
    here, there = workers.boards
    others = hears(there)
    async with workers.running():
        for on in (True, False, True, False):
            here.tell("left", "c1", AGENT, on=on)
        here.tell("left", "c2", BUYER, on=True)
        await until(lambda: len(others) == 2)
    told = [Typed("left", "c1", "u-1", on=False), Typed("left", "c2", "", on=True)]
    assert workers.relays[0].told == [told]


async def test_nothing_goes_to_another_shop(workers: Workers) -> None:
    here, there = workers.boards
    right, left = hears(there, "right"), hears(there, "left")
    async with workers.running():
        here.tell("left", "c1", BUYER, on=True)
        await until(lambda: left)
    assert right == []


async def test_who_is_no_member_of_the_shop_types_nowhere_else(workers: Workers) -> None:
    here, there = workers.boards
    others = hears(there)
    async with workers.running():
        here.tell("left", "c1", Typist("u-2", "客服二"), on=True)
        here.tell("left", "c1", BUYER, on=True)
        await until(lambda: others)
    assert others == [("c1", BUYER, True)]


async def test_what_the_database_does_not_carry_is_lost_and_the_next_goes_out() -> None:
    workers = Workers(fails=True)
    await workers.hire()
    here, there = workers.boards
    others = hears(there)
    async with workers.running():
        here.tell("left", "c1", BUYER, on=True)
        await until(lambda: workers.relays[0].told)
        here.tell("left", "c1", BUYER, on=False)
        await until(lambda: others)
    assert others == [("c1", BUYER, False)]


async def test_who_ceased_to_listen_hears_no_more(workers: Workers) -> None:
    heard: Heard = []
    forget = workers.boards[0].listen("left", lambda *what: heard.append(what))
    forget()
    forget()
    workers.boards[0].tell("left", "c1", BUYER, on=True)
    assert heard == []
