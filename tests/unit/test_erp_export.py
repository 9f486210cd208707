"""The example of an ERP's export: whole files that change through the day, taken by the demo's shop."""

from __future__ import annotations

import asyncio
import importlib.util
from datetime import UTC, datetime
from pathlib import Path
from types import ModuleType

import pytest

from bot.bootstrap.databases import memory_stores
from bot.bootstrap.demo import export_stock, watch_erp
from bot.domain.fact_sources import LOOK
from bot.facts.folder_source import InboxFolders
from bot.services.fact_importing import FactImports
from bot.services.fact_pulling import FactPulling
from bot.services.packs import load_pack
from bot.services.shop_loading import load_shop
from bot.settings import PROJECT_ROOT
from bot.storage.memory import Memory
from bot.storage.memory_accounts import MemoryPeople
from tests.unit.fakes.fact_sources import FakeFetcher
from tests.web.memory_app import StandingClock

SCRIPT = PROJECT_ROOT / "examples" / "erp_export.py"
PACK = PROJECT_ROOT / "templates" / "demo" / "yunshang.yml"


@pytest.fixture(scope="module")
def erp() -> ModuleType:
    spec = importlib.util.spec_from_file_location("erp_export", SCRIPT)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_stock_sells_through_the_day_and_what_is_scarce_stays(erp: ModuleType) -> None:
    morning, evening = datetime(2026, 3, 5, 0, tzinfo=UTC), datetime(2026, 3, 5, 22, tzinfo=UTC)
    assert erp.stock_at("a", 40, morning) == 40
    assert erp.SCARCE < erp.stock_at("a", 40, evening) < 40
    assert [erp.stock_at("a", usual, evening) for usual in (0, 3, 5)] == [0, 3, 5]


def test_an_unknown_shop_is_told(erp: ModuleType, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert erp.main(["--shop", "nobody", "--inbox", str(tmp_path)]) == 2
    assert "--pack" in capsys.readouterr().err


async def test_the_demos_shop_takes_what_its_erp_exports_and_stays_fresh(tmp_path: Path) -> None:
    clock = StandingClock(datetime.now(UTC))
    stores = memory_stores(Memory(), MemoryPeople(), clock)
    assert not await watch_erp(stores.fact_sources, clock)
    pack = load_pack(PACK.read_bytes(), PACK.name, clock.now(), is_demo=True)
    await load_shop(stores.shops, stores.entries, stores.facts, pack)
    imports = FactImports(stores.shops, stores.facts, stores.events, clock)
    pulling = FactPulling(stores.fact_sources, FakeFetcher(), InboxFolders(tmp_path), imports, clock)
    assert await watch_erp(stores.fact_sources, clock)
    assert await watch_erp(stores.fact_sources, clock)
    await export_stock(tmp_path)
    for _ in range(2):
        await asyncio.gather(*await pulling.begin_due())
        clock.moment += LOOK
    [kept] = await stores.fact_sources.list_sources("yunshang")
    assert (kept.state.error, kept.state.refused, kept.state.rows > 20) == ("", 0, True)
    products = (await stores.facts.load_facts("yunshang")).products.values()
    assert {product.source for product in products} <= {kept.source.name, PACK.name}
    stated = [variant.stock_as_of for product in products for variant in product.variants]
    assert all(at is not None and clock.now() - at < 4 * LOOK for at in stated)
    assert len(list((tmp_path / "yunshang" / "done").iterdir())) == 1
