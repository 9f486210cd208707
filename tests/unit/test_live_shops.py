"""Shops are held while they are used, and are what the database says."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Awaitable, Callable, Sequence
from datetime import timedelta

import pytest

from bot.domain.entry import Entry
from bot.ports import NotFound, ShopSnapshot, StoreUnavailable, Vectors
from tests.unit.fakes.counter import Counter

SHOP = """
kuaihui: 1
shop: {id: %s, name: 小摊}
entries:
  - {id: stock, group: stock, question: 还有货吗, reply: 有}
  - {id: invoice, group: invoice, question: 能开发票吗, reply: 能}
"""


async def counter_with(*shops: str, **limits: object) -> Counter:
    counter = Counter(**limits)  # type: ignore[arg-type]
    for shop in shops:
        await counter.open_shop(SHOP % shop)
    return counter


async def entry_ids(counter: Counter, shop: str) -> set[str]:
    return set((await counter.live.get(shop)).snapshot.entries)


async def test_a_shop_is_loaded_once_even_when_many_ask_at_once() -> None:
    counter = await counter_with("a")
    held = await asyncio.gather(*(counter.live.get("a") for _ in range(20)))
    assert len({id(shop) for shop in held}) == 1
    assert counter.indexes.built == 1


async def test_each_shop_has_an_index_and_a_catalogue_of_its_own() -> None:
    counter = await counter_with("a", "b")
    a, b = await counter.live.get("a"), await counter.live.get("b")
    assert a.index is not b.index
    assert a.catalogue is not b.catalogue


async def test_an_unknown_shop_is_not_found_and_leaves_nothing_behind() -> None:
    counter = await counter_with()
    for number in range(50):
        with pytest.raises(NotFound):
            await counter.live.get(f"nowhere-{number}")
    assert len(counter.live) == 0
    assert counter.live._locks == {}


async def test_the_longest_unused_shop_goes_when_there_are_too_many() -> None:
    counter = await counter_with("a", "b", "c", capacity=2)
    first = await counter.live.get("a")
    await counter.live.get("b")
    await counter.live.get("a")
    await counter.live.get("c")
    assert len(counter.live) == 2
    assert await counter.live.get("a") is first
    assert counter.indexes.built == 3


async def test_a_shop_unused_for_long_goes() -> None:
    counter = await counter_with("a", "b", idle=timedelta(hours=1))
    await counter.live.get("a")
    counter.clock.advance(timedelta(minutes=61))
    await counter.live.get("b")
    assert len(counter.live) == 1


async def test_a_shop_that_comes_back_needs_no_model() -> None:
    counter = await counter_with("a")
    await counter.live.get("a")
    counter.live.forget("a")
    counter.embedder.calls.clear()
    await counter.live.get("a")
    assert counter.embedder.calls == []


async def test_new_changed_and_removed_entries_are_there_after_a_refresh() -> None:
    counter = await counter_with("a")
    held = await counter.live.get("a")
    await counter.edit(
        "a",
        Entry("new", "other", "几点上班", "9点"),
        Entry("stock", "stock", "还有货吗", "没有了"),
        Entry("invoice", "invoice", "能开发票吗", "能", status="archived"),
    )
    assert set(held.snapshot.entries) == {"new", "stock"}
    assert len(held.index) == 2
    assert held.snapshot.entries["stock"].reply == "没有了"
    assert counter.indexes.built == 1


async def test_many_changes_at_once_build_the_index_anew() -> None:
    counter = await counter_with("a")
    held = await counter.live.get("a")
    await counter.edit("a", *(Entry(f"e{n}", "other", f"第{n}个问题", "答") for n in range(30)))
    assert counter.indexes.built == 2
    assert len(held.index) == 32


async def test_a_refresh_to_a_version_that_is_there_reads_nothing() -> None:
    counter = await counter_with("a")
    held = await counter.live.get("a")
    before = held.snapshot
    await counter.live.refresh("a", before.version)
    assert held.snapshot is before


async def test_a_shop_that_is_gone_is_forgotten() -> None:
    counter = await counter_with("a")
    await counter.live.get("a")
    await counter.shops.delete_shop("a")
    await counter.live.refresh("a", 99)
    assert len(counter.live) == 0
    with pytest.raises(NotFound):
        await counter.live.get("a")


async def test_a_change_of_products_is_seen_in_the_catalogue() -> None:
    counter = await counter_with("a")
    await counter.live.get("a")
    await counter.open_shop(SHOP % "a" + "products: [{id: tee, title: 短袖}]\n")
    await counter.hear_of("a")
    assert (await counter.live.get("a")).catalogue.find("短袖").products == ("tee",)


async def test_a_change_while_the_shop_is_being_loaded_is_not_missed() -> None:
    counter = await counter_with("a")
    loaded, go_on = asyncio.Event(), asyncio.Event()
    encode = counter.embedder.encode

    async def slow(texts: Sequence[str]) -> Vectors:
        loaded.set()
        await go_on.wait()
        return await encode(texts)

    counter.embedder.encode = slow  # type: ignore[method-assign]
    loading = asyncio.create_task(counter.live.get("a"))
    await loaded.wait()
    await counter.entries.put_entries("a", [Entry("new", "other", "几点上班", "9点")])
    hearing = asyncio.create_task(counter.hear_of("a"))
    await asyncio.sleep(0)
    go_on.set()
    await asyncio.gather(loading, hearing)
    assert "new" in await entry_ids(counter, "a")


async def following(counter: Counter, until: Callable[[], Awaitable[bool]]) -> None:
    """Follow changes until something is so."""
    task = asyncio.create_task(counter.live.follow_changes())
    try:
        async with asyncio.timeout(5):
            while not await until():  # noqa: ASYNC110  (a change in a store sets no event)
                await asyncio.sleep(0)
    finally:
        task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await task


async def test_changes_are_followed() -> None:
    counter = await counter_with("a")
    await counter.live.get("a")
    await counter.entries.put_entries("a", [Entry("new", "other", "几点上班", "9点")])

    async def seen() -> bool:
        return "new" in await entry_ids(counter, "a")

    await following(counter, seen)


async def test_what_could_not_be_followed_is_made_up_for_at_a_later_message() -> None:
    counter = await counter_with("a")
    held = await counter.live.get("a")
    load = counter.shops.load_snapshot
    failed = asyncio.Event()

    async def away(shop: str) -> ShopSnapshot:
        failed.set()
        raise StoreUnavailable("the database is away")

    counter.shops.load_snapshot = away  # type: ignore[method-assign]
    await counter.entries.put_entries("a", [Entry("new", "other", "几点上班", "9点")])

    async def tried() -> bool:
        return failed.is_set()

    await following(counter, tried)
    assert "new" not in await entry_ids(counter, "a")
    counter.shops.load_snapshot = load  # type: ignore[method-assign]
    counter.clock.advance(timedelta(seconds=30))
    assert "new" in await entry_ids(counter, "a")
    assert await counter.live.get("a") is held


async def test_an_edit_counts_at_once_while_the_model_is_away_and_gets_its_vectors_later() -> None:
    counter = await counter_with("a")
    held = await counter.live.get("a")
    counter.embedder.fail("away")
    await counter.edit("a", Entry("new", "other", "几点上班", "9点"))
    assert set(held.snapshot.entries) == {"stock", "invoice", "new"}
    assert (len(held.index), held.model) == (3, "")
    counter.embedder.fail(None)
    await counter.live.get("a")
    await counter.live.settle("a")
    assert held.model == counter.embedder.fingerprint
    assert (await counter.live.index_for(held, held.model)) == (held.index, True)
    assert len(held.index) == 3


async def test_when_the_model_changes_the_old_index_stays_until_the_new_one_stands() -> None:
    counter = await counter_with("a")
    held = await counter.live.get("a")
    old, former = held.index, held.model
    counter.embedder.become(32)
    await counter.live.get("a")
    assert (held.index, held.model) == (old, former)
    await counter.live.settle("a")
    assert held.index is not old
    assert held.model == counter.embedder.fingerprint != former
    assert set(await counter.vectors.load_vectors("a", "fake-32")) == {"还有货吗", "能开发票吗"}


async def test_shops_that_nobody_asks_get_their_new_vectors_too() -> None:
    counter = await counter_with("a", "b")
    held = [await counter.live.get("a"), await counter.live.get("b")]
    counter.embedder.become(32)
    await counter.live.renew_held()
    await asyncio.gather(counter.live.settle("a"), counter.live.settle("b"))
    assert {shop.model for shop in held} == {"fake-32"}


async def test_questions_of_a_model_never_meet_vectors_of_another() -> None:
    counter = await counter_with("a")
    held = await counter.live.get("a")
    index, fits = await counter.live.index_for(held, "another")
    assert index is not held.index
    assert not fits
    assert (await counter.live.index_for(held, "")) == (index, False)  # made once
    assert (await counter.live.index_for(held, held.model)) == (held.index, True)
    assert held.plain is not None  # the next question may miss the model again
    counter.clock.advance(timedelta(minutes=2))
    await counter.live.index_for(held, held.model)
    assert held.plain is None


async def test_an_edit_during_a_change_of_the_model_is_in_both_indexes() -> None:
    counter = await counter_with("a")
    held = await counter.live.get("a")
    counter.embedder.become(32)
    await counter.edit("a", Entry("new", "other", "几点上班", "9点"))
    assert (len(held.index), held.model) == (3, "")
    await counter.live.get("a")
    await counter.live.settle("a")
    assert (len(held.index), held.model) == (3, "fake-32")


async def test_the_model_changing_back_finds_no_index_from_before_an_edit() -> None:
    counter = await counter_with("a")
    held = await counter.live.get("a")
    counter.embedder.become(32)
    await counter.edit("a", Entry("new", "other", "几点上班", "9点"))
    counter.embedder.become(256)
    index, fits = await counter.live.index_for(held, counter.embedder.fingerprint)
    assert (len(index), fits) == (3, False)


async def test_a_shop_whose_vectors_are_long_in_coming_answers_without_them() -> None:
    counter = await counter_with("a", patience=0.0)
    go_on = asyncio.Event()
    encode = counter.embedder.encode

    async def slow(texts: Sequence[str]) -> Vectors:
        await go_on.wait()
        return await encode(texts)

    counter.embedder.encode = slow  # type: ignore[method-assign]
    held = await counter.live.get("a")
    assert (len(held.index), held.model) == (2, "")
    go_on.set()
    await counter.live.settle("a")
    assert held.model == counter.embedder.fingerprint


async def test_a_model_that_stays_away_is_not_asked_at_every_message() -> None:
    counter = await counter_with("a")
    counter.embedder.fail("away")
    asked = 0
    encode = counter.embedder.encode

    async def counted(texts: Sequence[str]) -> Vectors:
        nonlocal asked
        asked += 1
        return await encode(texts)

    counter.embedder.encode = counted  # type: ignore[method-assign]
    for _ in range(5):
        await counter.live.get("a")
        await counter.live.settle("a")
    assert asked == 2  # loading, and one renewal
    counter.clock.advance(timedelta(seconds=6))
    await counter.live.get("a")
    await counter.live.settle("a")
    assert asked == 3


async def test_an_empty_shop_takes_its_first_entry() -> None:
    counter = Counter()
    await counter.open_shop("kuaihui: 1\nshop: {id: a, name: 小摊}\n")
    held = await counter.live.get("a")
    assert (len(held.index), held.model) == (0, counter.embedder.fingerprint)
    await counter.edit("a", Entry("new", "other", "几点上班", "9点"))
    assert len(held.index) == 1
