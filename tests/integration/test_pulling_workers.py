"""Several workers over one database: each export is taken once, into its own shop, from a real folder and a real address."""

from __future__ import annotations

import asyncio
import os
from dataclasses import replace
from datetime import timedelta
from ipaddress import ip_network
from pathlib import Path

from aiohttp import web

from bot.bootstrap.databases import postgres_stores
from bot.domain.fact_sources import LOOK, FactSource, SourceState
from bot.domain.facts import Product, Variant
from bot.domain.shop import Shop
from bot.facts.folder_source import InboxFolders
from bot.facts.http_source import OpenInternetFetcher
from bot.open_internet import OpenInternet
from bot.services.fact_importing import FactImports
from bot.services.fact_pulling import FactPulling
from bot.storage.database import Database
from tests.contract.store_contract import unused_id
from tests.integration.erp_server import serving
from tests.web.memory_app import NOW, StandingClock

LOCAL = OpenInternetFetcher(OpenInternet([ip_network("127.0.0.1")]))
ERP = FactSource("erp", "仓库系统", "stock", "http", timedelta(hours=1))
INBOX = FactSource("inbox", "仓库文件", "stock", "folder", timedelta(hours=1), pattern="*.csv")


class Cluster:
    """Three workers over one database and one inbox."""

    def __init__(self, database: Database, inbox: Path) -> None:
        self.clock = StandingClock(NOW)
        self.stores = postgres_stores(database, self.clock)
        self.workers = [self._worker(database, inbox) for _ in range(3)]

    def _worker(self, database: Database, inbox: Path) -> FactPulling:
        stores = postgres_stores(database, self.clock)
        imports = FactImports(stores.shops, stores.facts, stores.events, self.clock)
        return FactPulling(stores.fact_sources, LOCAL, InboxFolders(inbox), imports, self.clock)

    async def shop(self) -> str:
        """Make a shop with one variant, of which seven are there."""
        shop = f"pulling-{unused_id()}"
        await self.stores.shops.put_shop(Shop(shop, f"店{shop}"))
        variant = Variant("a", {"colour": "黑色"}, 7)
        await self.stores.facts.put_products(shop, [Product("p", "短袖", (variant,), "表", NOW, NOW)])
        return shop

    async def put(self, shop: str, source: FactSource) -> None:
        await self.stores.fact_sources.put_source(shop, source, {"X-Key": "s3cret"}, SourceState(), NOW)

    async def look(self) -> None:
        """Let all workers look at the same moment."""
        begun = await asyncio.gather(*(worker.begin_due() for worker in self.workers))
        await asyncio.gather(*(task for tasks in begun for task in tasks))

    async def stock(self, shop: str) -> int | None:
        return (await self.stores.facts.load_facts(shop)).products["p"].variants[0].stock


async def test_one_worker_asks_an_address_and_one_takes_a_file(database: Database, tmp_path: Path) -> None:
    cluster = Cluster(database, tmp_path)
    pulled, watched, other = [await cluster.shop() for _ in range(3)]

    async def answer(request: web.Request) -> web.Response:
        return web.json_response([{"sku": "a", "stock": 3}])

    async with serving(answer) as erp:
        await cluster.put(pulled, replace(ERP, url=f"{erp.address}/stock"))
        for shop in (watched, other):
            await cluster.put(shop, INBOX)
        folder = tmp_path / watched
        folder.mkdir()
        (folder / "stock.csv").write_text("sku,stock\na,4\n")
        os.utime(folder / "stock.csv", (NOW.timestamp() - 60,) * 2)
        await cluster.look()
        cluster.clock.moment += LOOK
        await cluster.look()
    assert [headers["X-Key"] for _, headers in erp.asked] == ["s3cret"]
    assert [await cluster.stock(shop) for shop in (pulled, watched, other)] == [3, 4, 7]
    assert len(list((folder / "done").iterdir())) == 1
    state = (await cluster.stores.fact_sources.get_source(watched, "inbox")).state
    assert (state.rows, state.error) == (1, "")
    for shop in (pulled, watched, other):
        await cluster.stores.shops.delete_shop(shop)


async def test_an_address_in_the_private_network_is_refused_and_changes_nothing(
    database: Database, tmp_path: Path
) -> None:
    cluster = Cluster(database, tmp_path)
    shop = await cluster.shop()
    await cluster.put(shop, replace(ERP, url="http://127.0.0.2:9/stock"))
    await cluster.look()
    state = (await cluster.stores.fact_sources.get_source(shop, "erp")).state
    assert "KUAIHUI_PRIVATE_SOURCES" in state.error
    assert await cluster.stock(shop) == 7
    await cluster.stores.shops.delete_shop(shop)
