"""Shops are loaded before they are needed, and nothing suffers by it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress

from bot.ports import StoreUnavailable
from bot.services.shop_warming import ShopWarming
from tests.unit.fakes.counter import Counter
from tests.unit.test_live_shops import counter_with


@asynccontextmanager
async def warming(counter: Counter) -> AsyncIterator[ShopWarming]:
    warmer = ShopWarming(counter.live)
    task = asyncio.create_task(warmer.run())
    try:
        yield warmer
    finally:
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task


async def until(is_so: Callable[[], bool]) -> None:
    async with asyncio.timeout(10):
        while not is_so():  # noqa: ASYNC110 - what runs behind tells nobody
            await asyncio.sleep(0)


async def test_wanted_shops_are_loaded_once_each() -> None:
    counter = await counter_with("a", "b")
    async with warming(counter) as warmer:
        warmer.want(["a", "b"])
        warmer.want(["b", "a"])
        await until(lambda: len(counter.live) == 2)
        warmer.want(["a"])
    assert counter.indexes.built == 2


async def test_a_shop_that_nobody_waits_for_any_more_is_not_loaded() -> None:
    counter = await counter_with("a", "b")
    warmer = ShopWarming(counter.live)
    warmer.want(["a", "b"])
    warmer.forget("a")
    task = asyncio.create_task(warmer.run())
    await until(lambda: counter.live.holds("b"))
    task.cancel()
    assert not counter.live.holds("a")


async def test_no_shop_in_use_is_pushed_out_for_one_that_is_only_expected() -> None:
    counter = await counter_with("a", "b", "c", capacity=2)
    async with warming(counter) as warmer:
        warmer.want(["a", "b", "c"])
        await until(lambda: len(counter.live) == 2 and not warmer._wanted)
        assert counter.live.holds("a")
        assert not counter.live.holds("c")


async def test_a_shop_that_is_gone_or_cannot_be_read_holds_up_no_other() -> None:
    counter = await counter_with("a", "b")
    load = counter.live.get

    async def get(shop: str) -> object:
        if shop == "a":
            raise StoreUnavailable("the database is away")
        return await load(shop)

    counter.live.get = get  # type: ignore[method-assign, assignment]
    async with warming(counter) as warmer:
        warmer.want(["nowhere", "a", "b"])
        await until(lambda: counter.live.holds("b"))
