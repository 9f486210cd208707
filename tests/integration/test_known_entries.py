"""The owner's list over a real database: it shows what stands there now, of that shop alone."""

from __future__ import annotations

from dataclasses import replace

import pytest

from bot.bootstrap.databases import open_stores
from bot.domain.entry import Entry
from bot.domain.shop import Shop
from bot.ports import NotFound
from bot.services.known_entries import KnownEntries
from bot.storage.embedded import EmbeddedPostgres

COLOUR, ZONE = "#1f6f5c", "Asia/Shanghai"


def entry(name: str, **more: str) -> Entry:
    return Entry(name, "shipping", "几天到", "三天", **more)  # type: ignore[arg-type]


async def test_every_change_shows_at_the_next_look(postgres: EmbeddedPostgres) -> None:
    async with open_stores(postgres.app_dsn) as stores:
        for shop in ("known-one", "known-two"):
            await stores.shops.put_shop(Shop(shop, "小店", "", COLOUR, "店", (), ZONE, ("zh",), False))
        known = KnownEntries(stores.shops, stores.entries)
        await stores.entries.put_entries("known-two", [entry("theirs")])
        await stores.entries.put_entries("known-one", [entry("b"), entry("a", status="draft")])
        assert [each.id for each in await known.of("known-one")] == ["a", "b"]
        await stores.entries.update_entry("known-one", replace(entry("a"), reply="两天"), None)
        assert [each.reply for each in await known.of("known-one")] == ["两天", "三天"]
        await stores.entries.delete_entry("known-one", "a")
        assert [each.id for each in await known.of("known-one")] == ["b"]
        many = [entry(f"m{number:02}", status="draft") for number in range(30)]
        await stores.entries.put_entries("known-one", many)
        assert len(await known.of("known-one")) == 31
        await stores.entries.put_entries("known-one", many[:2], replace=True)
        assert [each.id for each in await known.of("known-one")] == ["m00", "m01"]
        assert [each.id for each in await known.of("known-two")] == ["theirs"]
        await stores.shops.delete_shop("known-one")
        with pytest.raises(NotFound):
            await known.of("known-one")
