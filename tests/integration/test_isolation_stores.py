"""Leak paths through the stores: every one takes its shop, finds nothing of another, and changes nothing of another."""

from __future__ import annotations

import asyncio
import inspect
import re
from dataclasses import replace
from typing import Any

import asyncpg
import pytest

from bot import ports
from bot.bootstrap.engine import Parts
from bot.domain.shop import InvalidShopId
from bot.ports import Conflict, Event, NotFound
from bot.services.entries import EntryEditor
from bot.services.importing import import_entries
from bot.services.packs import load_pack
from bot.services.shop_imports import ShopImports
from bot.services.shop_loading import load_shop
from bot.storage.database import Database, UnscopedAccess
from bot.storage.embedded import EmbeddedPostgres
from tests.integration.engines import Secret, real_parts, running, two_shops

STORES = (ports.ShopStore, ports.EntryStore, ports.VectorStore, ports.FactStore, ports.EventLog)
WITHOUT_A_SHOP = {"ShopStore.list_shops", "ShopStore.versions", "ShopStore.watch", "ShopStore.put_shop"}
"""Shops to look at are named (`among`), versions carry no content, and a shop that is written names itself."""


@pytest.fixture
def parts(database: Database) -> Parts:
    return real_parts(database)


@pytest.fixture
async def shops(parts: Parts) -> tuple[Secret, Secret]:
    """Two shops, both asked once, so that vectors and events are there too."""
    secrets = await two_shops(parts)
    async with running(parts) as engine:
        for secret in secrets:
            await engine.live_shops.get(secret.shop)
            engine.recorder.record(secret.shop, Event("noted", parts.clock.now(), "c", {"text": secret.word}))
    return secrets


async def everything_of(parts: Parts, shop: str) -> dict[str, Any]:
    """Return all that the stores hold of a shop."""
    fingerprint = parts.embedder.fingerprint
    entries = await parts.entries.list_entries(shop)
    return {
        "snapshot": await parts.shops.load_snapshot(shop),
        "changes": await parts.shops.entry_changes(shop, 0),
        "entries": entries,
        "history": [await parts.entries.list_versions(shop, entry.id, 100) for entry in entries],
        "vectors": sorted(await parts.vectors.load_vectors(shop, fingerprint)),
        "orders": await parts.facts.list_orders(shop, 100),
        "events": await parts.events.read(shop, 100),
    }


def test_every_call_of_a_store_takes_the_shop_first_and_has_no_default_for_it() -> None:
    for store in STORES:
        for name, method in inspect.getmembers(store, inspect.isfunction):
            if name.startswith("_") or f"{store.__name__}.{name}" in WITHOUT_A_SHOP:
                continue
            first = list(inspect.signature(method).parameters.values())[1]
            assert first.name == "shop", f"{store.__name__}.{name}"
            assert first.default is inspect.Parameter.empty


async def test_what_is_read_of_a_shop_holds_no_word_of_another(
    parts: Parts, shops: tuple[Secret, Secret]
) -> None:
    left, right = shops
    held = await everything_of(parts, left.shop)
    assert left.word in str(held)
    assert all(held.values())
    assert right.word not in str(held)
    assert right.shop not in str(held)


async def test_nothing_is_found_by_its_id_alone(parts: Parts, shops: tuple[Secret, Secret]) -> None:
    left, right = shops
    entry = await parts.entries.get_entry(right.shop, "courier")
    await parts.entries.delete_entry(left.shop, "courier")
    before = await everything_of(parts, right.shop)
    with pytest.raises(NotFound):
        await parts.entries.get_entry(left.shop, "courier")
    with pytest.raises(NotFound):
        await parts.entries.update_entry(left.shop, entry, None)
    with pytest.raises(NotFound):
        await parts.entries.delete_entry(left.shop, "courier")
    assert await parts.facts.find_order(left.shop, right.order_no) is None
    assert await parts.facts.find_order(left.shop, f"SF{right.order_no[:13]}") is not None  # the same in both
    assert await everything_of(parts, right.shop) == before


@pytest.mark.parametrize(
    "nowhere", ["no-such-shop", "*", "%", "left-", "all", "null", "left-1,right-1", "' OR '1'='1"]
)
async def test_an_unknown_shop_is_not_taken_for_the_first_one(
    parts: Parts, shops: tuple[Secret, Secret], nowhere: str
) -> None:
    assert await parts.shops.list_shops([nowhere]) == []
    assert await parts.entries.list_entries(nowhere) == []
    assert await parts.facts.list_orders(nowhere, 100) == []
    assert await parts.events.read(nowhere, 100) == []
    assert await parts.vectors.load_vectors(nowhere, parts.embedder.fingerprint) == {}
    for look in (parts.shops.get_shop, parts.shops.load_snapshot):
        with pytest.raises((NotFound, InvalidShopId)):
            await look(nowhere)
    async with running(parts) as engine:
        with pytest.raises((NotFound, InvalidShopId)):
            await engine.live_shops.get(nowhere)


async def test_no_shop_named_is_not_every_shop(parts: Parts, shops: tuple[Secret, Secret]) -> None:
    assert await parts.shops.list_shops([]) == []
    for call in (
        parts.entries.list_entries(""),
        parts.shops.get_shop(""),
        parts.shops.load_snapshot(""),
        parts.facts.list_orders("", 10),
        parts.facts.find_order("", shops[0].order_no),
        parts.vectors.load_vectors("", "f"),
        parts.events.read("", 10),
        parts.events.append("", [Event("noted", parts.clock.now())]),
    ):
        with pytest.raises((UnscopedAccess, NotFound, InvalidShopId)):
            await call


async def test_replacing_and_deleting_end_at_the_shop(parts: Parts, shops: tuple[Secret, Secret]) -> None:
    left, right = shops
    before = await everything_of(parts, right.shop)
    await parts.entries.put_entries(left.shop, [], replace=True)
    await parts.facts.put_products(left.shop, [], replace=True)
    await parts.facts.put_facts(left.shop, [], replace=True)
    await parts.facts.put_shipping(left.shop, [])
    await parts.vectors.prune_vectors(left.shop, parts.embedder.fingerprint, [])
    assert await everything_of(parts, right.shop) == before
    await parts.shops.delete_shop(left.shop)
    assert await everything_of(parts, right.shop) == before
    for secret, expected in ((left, 0), (right, len(before["entries"]))):
        assert len(await parts.entries.list_entries(secret.shop)) == expected


async def test_importing_ends_at_the_shop(parts: Parts, shops: tuple[Secret, Secret]) -> None:
    left, right = shops
    before = await everything_of(parts, right.shop)
    editor = EntryEditor(parts.shops, parts.entries, parts.clock)
    content = "问题,回复\n发什么快递,顺丰\n".encode()
    report = await import_entries(editor, left.shop, content, "entries.csv", replace=True)
    assert (report.written, report.errors) == (1, ())
    assert len(await parts.entries.list_entries(left.shop)) == 1
    pack = f"kuaihui: 1\nshop: {{id: {left.shop}, name: 新店}}\nentries: []\n"
    loaded = load_pack(pack.encode(), "pack.yml", parts.clock.now())
    await load_shop(parts.shops, parts.entries, parts.facts, loaded)
    assert await parts.entries.list_entries(left.shop) == []
    assert await everything_of(parts, right.shop) == before


async def test_undoing_an_import_ends_at_the_shop(parts: Parts, shops: tuple[Secret, Secret]) -> None:
    left, right = shops
    editor = EntryEditor(parts.shops, parts.entries, parts.clock)
    imports = ShopImports(parts.shops, parts.entries, editor, parts.events, parts.clock)
    theirs, ours = await everything_of(parts, right.shop), await words_of(parts, left.shop)
    with pytest.raises(Conflict):
        await imports.undo(left.shop, "p")
    content = "id,问题,回复\ncourier,发什么快递,顺丰\nnew,新的,新\n".encode()
    await imports.run(left.shop, "p", content, "entries.csv", replace=True, skip_bad=False)
    assert set(await words_of(parts, left.shop)) == {"courier", "new"}
    with pytest.raises(Conflict):
        await imports.undo(right.shop, "p")
    undone = await imports.undo(left.shop, "p")
    assert (undone.restored, undone.removed, undone.kept) == (len(ours), 1, ())
    assert await words_of(parts, left.shop) == ours
    assert await everything_of(parts, right.shop) == theirs


async def words_of(parts: Parts, shop: str) -> dict[str, Any]:
    """Return the shop's entries by id, whatever their version."""
    return {entry.id: replace(entry, version=0) for entry in await parts.entries.list_entries(shop)}


async def test_the_same_ids_in_two_shops_are_no_conflict(parts: Parts, shops: tuple[Secret, Secret]) -> None:
    left, right = shops
    snapshot = await parts.shops.load_snapshot(right.shop)
    orders = await parts.facts.list_orders(right.shop, 10)
    await parts.facts.put_products(left.shop, list(snapshot.products.values()), replace=True)
    await parts.facts.put_orders(left.shop, orders)
    new = [entry for entry in snapshot.entries.values() if entry.id == "courier"]
    await parts.entries.delete_entry(left.shop, "courier")
    await parts.entries.put_entries(left.shop, new, only_new=True)
    await parts.facts.set_stock(left.shop, "shirt-black-l", 1, None, "test", parts.clock.now())
    kept = (await parts.shops.load_snapshot(right.shop)).products["shirt"].variants[0]
    assert kept.stock == 7


async def test_a_conflict_tells_of_this_shop_alone(parts: Parts, shops: tuple[Secret, Secret]) -> None:
    left, right = shops
    entries = await parts.entries.list_entries(left.shop)
    product = (await parts.shops.load_snapshot(left.shop)).products["shirt"]
    refused: list[str] = []
    for call in (
        parts.entries.put_entries(left.shop, entries, only_new=True),
        parts.entries.put_entries(left.shop, [entries[0], entries[0]]),
        parts.entries.update_entry(left.shop, entries[0], 99),
        parts.facts.put_products(left.shop, [product, product]),
    ):
        with pytest.raises(Conflict) as raised:
            await call
        refused.append(str(raised.value))
    assert right.word not in str(refused)
    assert right.shop not in str(refused)


async def test_a_value_that_cannot_be_stored_is_not_quoted(
    parts: Parts, shops: tuple[Secret, Secret]
) -> None:
    left, _ = shops
    event = Event("noted", parts.clock.now(), "c", {"text": f"{left.word}\ud800"})
    order = (await parts.facts.list_orders(left.shop, 1))[0]
    for call in (
        parts.events.append(left.shop, [event]),
        parts.facts.put_orders(left.shop, [replace(order, courier=f"{left.word}\ud800")]),
        parts.facts.set_stock(left.shop, "shirt-black-l", 1 << 40, None, left.word, parts.clock.now()),
    ):
        with pytest.raises((RuntimeError, ValueError)) as refused:
            await call
        assert left.word not in str(refused.value)
        assert refused.value.__cause__ is None


async def test_notifications_carry_a_shop_and_a_version_and_nothing_else(
    postgres: EmbeddedPostgres, parts: Parts
) -> None:
    heard: asyncio.Queue[str] = asyncio.Queue()
    listener = await asyncpg.connect(postgres.app_dsn)
    try:
        await listener.add_listener("kuaihui_shops", lambda *told: heard.put_nowait(str(told[-1])))
        left, right = await two_shops(parts)
        await parts.entries.delete_entry(left.shop, "courier")
        await parts.facts.set_stock(left.shop, "shirt-black-l", 1, None, left.word, parts.clock.now())
        await parts.shops.delete_shop(right.shop)
        last = (await parts.shops.versions())[left.shop]
        payloads: list[str] = []
        while f"{left.shop} {last}" not in payloads or not any(p.startswith(right.shop) for p in payloads):
            payloads.append(await asyncio.wait_for(heard.get(), 10))
    finally:
        await listener.close()
    assert len(payloads) >= 8
    assert all(re.fullmatch(r"[a-z0-9-]{1,40} \d+", payload) for payload in payloads)


async def test_writes_at_the_same_time_stay_each_in_its_shop(
    parts: Parts, shops: tuple[Secret, Secret]
) -> None:
    left, right = shops
    entries = {secret.shop: await parts.entries.list_entries(secret.shop) for secret in shops}

    async def write(secret: Secret) -> None:
        for _ in range(15):
            async with parts.shops.together(secret.shop):
                await parts.entries.put_entries(secret.shop, entries[secret.shop], replace=True)
                await asyncio.sleep(0)
                await parts.events.append(
                    secret.shop, [Event("noted", parts.clock.now(), data={"w": secret.word})]
                )

    await asyncio.gather(write(left), write(right), write(left), write(right))
    for mine, other in ((left, right), (right, left)):
        held = str(await everything_of(parts, mine.shop))
        assert mine.word in held
        assert other.word not in held
