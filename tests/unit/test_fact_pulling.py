"""Facts are pulled when they are due; a broken export changes nothing, and one shop's source bothers no other's."""

from __future__ import annotations

import asyncio
import json
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any

import pytest

from bot.bootstrap.databases import memory_stores
from bot.domain.fact_sources import LOOK, FactSource, SourceState, is_silent
from bot.domain.facts import TIME_TO_LIVE
from bot.ports import StoreUnavailable
from bot.ports.fact_sources import Pulled, Request, SourceFailed
from bot.services.fact_importing import FactImports
from bot.services.fact_pulling import FactPulling
from bot.storage.memory import Memory
from bot.storage.memory_accounts import MemoryPeople
from tests.unit.fakes.fact_sources import FakeFetcher, FakeFolders
from tests.web.memory_app import NOW, StandingClock, fill

HOUR, MINUTE = timedelta(hours=1), timedelta(minutes=1)
URL = "https://erp.example/stock"
SKU = "shirt-black-l"
PULLED = FactSource(
    "erp", "仓库系统", "stock", "http", HOUR, columns={"sku": "code", "stock": "qty"}, url=URL
)
WATCHED = FactSource("inbox", "仓库文件", "stock", "folder", HOUR, pattern="*.csv")


class Office:
    """Two shops, what they pull from, and a clock set by hand."""

    def __init__(self) -> None:
        self.clock = StandingClock()
        self.stores = memory_stores(Memory(), MemoryPeople(), self.clock)
        self.fetcher, self.folders = FakeFetcher(), FakeFolders()
        self.sources = self.stores.fact_sources
        imports = FactImports(self.stores.shops, self.stores.facts, self.stores.events, self.clock)
        self.pulling = FactPulling(self.sources, self.fetcher, self.folders, imports, self.clock)

    async def put(self, source: FactSource, shop: str = "tea", **secrets: str) -> None:
        await self.sources.put_source(shop, source, secrets, SourceState(), self.clock.now())

    async def pass_time(self, by: timedelta = timedelta()) -> int:
        """Let time pass, and look at what is due; return how much that was."""
        self.clock.moment += by
        begun = await self.pulling.begin_due()
        await asyncio.gather(*begun)
        return len(begun)

    async def state(self, source: FactSource = PULLED, shop: str = "tea") -> SourceState:
        return (await self.sources.get_source(shop, source.id)).state

    async def stock(self, shop: str = "tea") -> int | None:
        [product] = (await self.stores.facts.load_facts(shop)).products.values()
        return product.variants[0].stock

    def lay(
        self, text: str | bytes, name: str = "stock.csv", shop: str = "tea", age: timedelta = MINUTE
    ) -> None:
        content = text.encode() if isinstance(text, str) else text
        self.folders.files[shop, name] = (content, self.clock.now() - age)


@pytest.fixture
async def office() -> Office:
    office = Office()
    for shop, word in (("tea", "青岚"), ("lamp", "赤霞")):
        await fill(office.stores, shop, word, f"20260305000000{len(shop):02}")
    return office


def answer(*rows: tuple[str, Any]) -> bytes:
    return json.dumps([{"code": code, "qty": quantity} for code, quantity in rows]).encode()


async def test_what_an_address_answers_becomes_the_shops_stock_and_no_other_shops(office: Office) -> None:
    office.fetcher.answers[URL] = answer((SKU, 3))
    await office.put(PULLED, Authorization="Bearer 钥匙")
    assert await office.pass_time() == 1
    assert (await office.stock(), await office.stock("lamp")) == (3, 7)
    [product] = (await office.stores.facts.load_facts("tea")).products.values()
    assert product.title == "青岚短袖"
    state = await office.state()
    assert (state.succeeded_at, state.rows, state.refused, state.error) == (NOW, 1, 0, "")
    assert office.fetcher.asked[0].headers == {"Authorization": "Bearer 钥匙"}


async def test_it_is_asked_again_when_its_time_has_come_and_not_before(office: Office) -> None:
    office.fetcher.answers[URL] = answer((SKU, 3))
    await office.put(PULLED)
    await office.pass_time()
    assert await office.pass_time(59 * MINUTE) == 0
    assert await office.pass_time(MINUTE) == 1


async def test_what_has_not_changed_is_read_whole_again_before_its_facts_grow_old(office: Office) -> None:
    def unchanged(request: Request) -> Pulled:
        content = None if request.etag == '"1"' else answer((SKU, 3))
        return Pulled(content, etag='"1"')

    office.fetcher.answers[URL] = unchanged
    await office.put(replace(PULLED, every=10 * MINUTE))
    await office.pass_time()
    await office.pass_time(10 * MINUTE)
    state = await office.state()
    assert (state.succeeded_at, state.read_at) == (NOW + 10 * MINUTE, NOW)
    await office.pass_time(10 * MINUTE)
    assert (await office.state()).read_at == NOW + 20 * MINUTE
    assert [request.etag for request in office.fetcher.asked] == ["", '"1"', ""]


async def test_a_failing_address_is_tried_again_ever_later_and_forgotten_when_it_answers(
    office: Office,
) -> None:
    office.fetcher.answers[URL] = SourceFailed("对方返回 500。 status 500")
    await office.put(PULLED)
    waits = []
    for _ in range(9):
        before = office.clock.now()
        while not await office.pass_time(MINUTE if waits or office.fetcher.asked else timedelta()):
            pass
        waits.append((office.clock.now() - before) // MINUTE)
    assert waits == [0, 1, 2, 4, 8, 16, 32, 60, 60]
    state = await office.state()
    assert (state.failures, "status 500" in state.error) == (9, True)
    assert await office.stock() == 7
    office.fetcher.answers[URL] = answer((SKU, 3))
    await office.pass_time(HOUR)
    assert ((await office.state()).failures, (await office.state()).error) == (0, "")


async def test_a_busy_server_is_left_in_peace_as_long_as_it_asks(office: Office) -> None:
    office.fetcher.answers[URL] = SourceFailed("429", timedelta(hours=3))
    await office.put(PULLED)
    await office.pass_time()
    assert await office.pass_time(timedelta(hours=3) - MINUTE) == 0
    assert await office.pass_time(MINUTE) == 1


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"[]",
        b'[{"code": "shirt-black-l", "q',
        b'{"error": "token expired"}',
        b"<html>Sign in</html>",
        answer(("unknown-1", 1), ("unknown-2", 2), (SKU, 0)),
        answer((SKU, "many")),
    ],
)
async def test_a_broken_answer_changes_nothing_and_is_told(office: Office, content: bytes) -> None:
    office.fetcher.answers[URL] = content
    await office.put(PULLED)
    await office.pass_time()
    assert await office.stock() == 7
    state = await office.state()
    assert state.error
    assert state.succeeded_at is None


async def test_good_rows_are_taken_though_one_is_not_and_it_is_named(office: Office) -> None:
    office.fetcher.answers[URL] = answer((SKU, 3), ("unknown", 1))
    await office.put(PULLED)
    await office.pass_time()
    assert await office.stock() == 3
    state = await office.state()
    assert (state.rows, state.refused, state.error) == (2, 1, "")
    assert state.warning.startswith("第 2 行 sku")


async def test_a_replacement_that_would_take_away_more_than_it_leaves_is_refused(office: Office) -> None:
    rows = ["name,value", *(f"{name},x" for name in ("phone", "notice", "origin", "dispatch_time"))]
    office.lay("\n".join(rows) + "\n", "facts.csv")
    source = replace(WATCHED, table="facts", replace=True)
    await office.put(source)
    await office.pass_time()
    await office.pass_time(LOOK)
    before = set((await office.stores.facts.load_facts("tea")).facts)
    assert len(before) >= 4, office.folders.failed
    office.lay("name,value\nphone,y\n", "facts.csv")
    await office.pass_time(LOOK)
    await office.pass_time(LOOK)
    assert set((await office.stores.facts.load_facts("tea")).facts) == before
    [(name, problem)] = office.folders.failed
    assert name == "facts.csv"
    assert "incomplete" in problem


async def test_a_file_is_taken_once_it_has_stopped_growing(office: Office) -> None:
    await office.put(WATCHED)
    office.lay("sku,stock\n", age=timedelta())
    await office.pass_time()
    office.lay(f"sku,stock\n{SKU},4\n", age=timedelta())
    await office.pass_time(LOOK)
    assert (await office.stock(), office.folders.done) == (7, [])
    await office.pass_time(LOOK)
    assert (await office.stock(), office.folders.done) == (4, ["stock.csv"])
    [product] = (await office.stores.facts.load_facts("tea")).products.values()
    assert product.variants[0].stock_as_of == NOW
    assert (await office.state(WATCHED)).succeeded_at == NOW + 2 * LOOK


async def test_a_file_whose_last_line_is_not_ended_is_waited_for(office: Office) -> None:
    await office.put(WATCHED)
    office.lay(f"sku,stock\n{SKU},12", age=timedelta())
    await office.pass_time()
    await office.pass_time(LOOK)
    assert (await office.stock(), office.folders.files != {}) == (7, True)
    office.lay(f"sku,stock\n{SKU},120\n", age=timedelta())
    await office.pass_time(LOOK)
    await office.pass_time(LOOK)
    assert await office.stock() == 120


async def test_a_file_without_a_last_line_break_is_taken_in_the_end(office: Office) -> None:
    await office.put(WATCHED)
    office.lay(f"sku,stock\n{SKU},12", age=timedelta())
    for _ in range(9):
        await office.pass_time(LOOK)
    assert await office.stock() == 12


async def test_a_broken_file_is_put_aside_with_the_reason_and_the_next_is_taken(office: Office) -> None:
    await office.put(WATCHED)
    office.lay("sku,stock\n" + SKU, "a.csv", age=HOUR)
    office.lay("PK\x03\x04 no workbook", "b.csv", age=30 * MINUTE)
    office.lay(f"sku,stock\n{SKU},5\n", "c.csv")
    await office.pass_time()
    await office.pass_time(LOOK)
    assert [name for name, _ in office.folders.failed] == ["a.csv", "b.csv"]
    assert "cut off" in office.folders.failed[0][1]
    assert (await office.stock(), office.folders.done) == (5, ["c.csv"])


async def test_a_file_without_the_columns_that_are_needed_is_put_aside_and_names_them(office: Office) -> None:
    await office.put(WATCHED)
    office.lay("colour,weather\nred,fine\n")
    await office.pass_time()
    await office.pass_time(LOOK)
    [(_, problem)] = office.folders.failed
    assert "sku" in problem
    assert "unforeseen" not in problem


async def test_a_file_older_than_the_last_one_does_not_bring_old_stock_back(office: Office) -> None:
    await office.put(WATCHED)
    office.lay(f"sku,stock\n{SKU},5\n", "today.csv")
    office.lay(f"sku,stock\n{SKU},50\n", "yesterday.csv", age=timedelta(days=1))
    await office.pass_time()
    await office.pass_time(LOOK)
    assert (await office.stock(), office.folders.done) == (5, ["yesterday.csv", "today.csv"])
    office.lay(f"sku,stock\n{SKU},50\n", "yesterday.csv", age=timedelta(days=1))
    await office.pass_time(LOOK)
    await office.pass_time(LOOK)
    assert await office.stock() == 5
    assert "older than" in office.folders.failed[0][1]


async def test_another_shops_files_are_left_where_they_are(office: Office) -> None:
    await office.put(WATCHED)
    office.lay(f"sku,stock\n{SKU},5\n", shop="lamp")
    await office.pass_time()
    await office.pass_time(LOOK)
    assert (await office.stock(), await office.stock("lamp")) == (7, 7)
    assert office.folders.files


async def test_a_file_stays_while_the_database_is_away(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    await office.put(WATCHED)
    office.lay(f"sku,stock\n{SKU},5\n")
    await office.pass_time()

    async def away(*given: Any, **more: Any) -> None:
        raise StoreUnavailable("the database does not answer")

    with monkeypatch.context() as outage:
        outage.setattr(office.stores.facts, "put_products", away)
        await office.pass_time(LOOK)
    assert office.folders.files
    assert office.folders.failed == []
    await office.pass_time(2 * MINUTE)
    assert await office.stock() == 5


async def test_a_folder_that_cannot_be_used_is_told_until_it_can(office: Office) -> None:
    await office.put(WATCHED)
    office.folders.broken = "没有权限。 no right"
    await office.pass_time()
    assert (await office.state(WATCHED)).error == "没有权限。 no right"
    office.folders.broken = ""
    await office.pass_time(MINUTE)
    assert (await office.state(WATCHED)).error == ""


async def test_a_slow_or_poisoned_source_keeps_no_other_shop_waiting(office: Office) -> None:
    gate = asyncio.Event()

    class Slow(FakeFetcher):
        async def pull(self, request: Request) -> Pulled:
            if request.url == "slow":
                await gate.wait()
            return await super().pull(request)

    office.pulling._fetcher = slow = Slow({"slow": RuntimeError("odd"), URL: answer((SKU, 3))})
    await office.put(replace(PULLED, id="1", url="slow"), "lamp")
    await office.put(replace(PULLED, id="2"), "lamp")
    await office.put(PULLED)
    begun = await office.pulling.begin_due()
    assert len(begun) == 2
    assert await office.pulling.begin_due() == []
    while await office.stock() != 3:  # noqa: ASYNC110
        await asyncio.sleep(0)
    gate.set()
    await asyncio.gather(*begun)
    assert "unforeseen" in (await office.state(replace(PULLED, id="1"), "lamp")).error
    await office.pass_time()
    assert await office.stock("lamp") == 3
    assert len(slow.asked) == 3


async def test_what_its_owner_changes_meanwhile_is_not_written_over(office: Office) -> None:
    class Changing(FakeFetcher):
        async def pull(self, request: Request) -> Pulled:
            if not self.asked:
                await office.put(replace(PULLED, name="新名"))
                self.asked.append(request)
                return Pulled(b"broken")
            return await super().pull(request)

    office.pulling._fetcher = Changing({URL: answer((SKU, 4))})
    await office.put(PULLED)
    await office.pass_time()
    assert (await office.state()).error == ""
    await office.pass_time()
    assert await office.stock() == 4


async def test_a_source_deleted_while_it_is_read_is_let_go(office: Office) -> None:
    office.fetcher.answers[URL] = answer((SKU, 4))
    await office.put(PULLED)
    [task] = await office.pulling.begin_due()
    await office.sources.delete_source("tea", "erp")
    await task
    assert await office.sources.list_sources("tea") == []


async def test_stopping_ends_what_was_begun(office: Office) -> None:
    @dataclass
    class Endless(FakeFetcher):
        async def pull(self, request: Request) -> Pulled:
            await asyncio.Event().wait()
            raise AssertionError

    office.pulling._fetcher = Endless()
    await office.put(PULLED)
    running = asyncio.create_task(office.pulling.run())
    while not office.pulling._running:  # noqa: ASYNC110
        await asyncio.sleep(0)
    running.cancel()
    await asyncio.gather(running, return_exceptions=True)
    await asyncio.sleep(0)
    assert office.pulling._running == {}
    assert len(await office.sources.claim_due(NOW, 10, ())) == 1


async def test_stock_stays_fresh_for_days_that_nobody_looks_after_it(office: Office) -> None:
    await office.put(WATCHED)
    for round_ in range(3 * 12):
        office.lay(f"sku,stock\n{SKU},{round_}\n", f"stock-{round_}.csv", age=timedelta())
        for _ in range(2):
            await office.pass_time(LOOK)
        office.clock.moment += timedelta(hours=2) - 2 * LOOK
        [product] = (await office.stores.facts.load_facts("tea")).products.values()
        [variant] = product.variants
        assert variant.stock == round_
        assert variant.stock_as_of is not None
        assert office.clock.now() - variant.stock_as_of < TIME_TO_LIVE["stock"]
    assert office.clock.now() - NOW >= timedelta(days=2, hours=23)


def test_a_source_is_silent_after_three_times_its_time() -> None:
    state = SourceState(succeeded_at=NOW)
    assert not is_silent(PULLED, state, NOW, NOW + 3 * HOUR)
    assert is_silent(PULLED, state, NOW, NOW + 3 * HOUR + MINUTE)
    assert is_silent(PULLED, SourceState(), NOW, NOW + 4 * HOUR)
    assert not is_silent(replace(PULLED, enabled=False), state, NOW, NOW + 30 * HOUR)
