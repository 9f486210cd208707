"""The demo's buyers, and an ERP that exports a shop's stock, played by one worker of `kuaihui serve --demo`."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import sys
from datetime import timedelta
from pathlib import Path
from typing import Final

from bot.bootstrap.engine import Engine
from bot.domain.fact_sources import FactSource, SourceState
from bot.ports import Clock, NotFound
from bot.ports.fact_sources import FactSourceStore
from bot.services.demo_buyers import DemoBuyers
from bot.services.demo_night import staff_the_night
from bot.services.demo_scripts import Script, load_scripts
from bot.services.repeating import repeat
from bot.settings import PROJECT_ROOT

_SCRIPTS: Final = PROJECT_ROOT / "templates" / "demo" / "buyers"
_PAUSE: Final = 10.0
_log = logging.getLogger(__name__)
_ERP: Final = PROJECT_ROOT / "examples" / "erp_export.py"
_ERP_SHOP: Final = "yunshang"
_ERP_SECONDS: Final = 60.0
_ERP_SOURCE: Final = FactSource(
    id="demo-erp",
    name="仓库系统导出",
    table="stock",
    kind="folder",
    every=timedelta(minutes=10),
    columns={"sku": "商家编码", "stock": "可用库存"},
    pattern="stock-*.csv",
)


async def play_demo_buyers(engine: Engine) -> None:
    """Play the buyers until cancelled; in the nights of one shop software answers them."""
    scripts = await asyncio.to_thread(_scripts)

    async def play() -> None:
        await staff_the_night(engine.parts.auto_replies, engine.parts.conversations)
        await DemoBuyers(
            scripts, engine.parts.conversations, engine.workspace.conversing, engine.parts.clock
        ).play()

    await repeat("playing the demo's buyers", play, _PAUSE)


async def play_demo_erp(engine: Engine, inbox: Path) -> None:
    """Export a demo shop's stock into its folder every minute until cancelled, as its ERP would."""
    if not _ERP.is_file():
        return

    async def play() -> None:
        if await watch_erp(engine.parts.fact_sources, engine.parts.clock):
            await export_stock(inbox)

    await repeat("exporting the demo's stock", play, _ERP_SECONDS)


async def watch_erp(store: FactSourceStore, clock: Clock) -> bool:
    """Set up the source that watches the ERP's folder, unless it is there; say whether there is such a shop."""
    try:
        await store.get_source(_ERP_SHOP, _ERP_SOURCE.id)
    except NotFound:
        try:
            await store.put_source(_ERP_SHOP, _ERP_SOURCE, {}, SourceState(), clock.now())
        except NotFound:
            return False
    return True


async def export_stock(inbox: Path) -> None:
    """Run the example once: it is what an owner would run beside a real ERP."""
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        str(_ERP),
        "--shop",
        _ERP_SHOP,
        "--inbox",
        str(inbox),
        stdout=asyncio.subprocess.DEVNULL,
    )
    try:
        if await process.wait():
            _log.warning("the demo's ERP could not export (status %s)", process.returncode)
    except asyncio.CancelledError:
        with contextlib.suppress(ProcessLookupError):
            process.kill()
        await process.wait()
        raise


async def cancel(task: asyncio.Task[None]) -> None:
    """End the task and wait for that."""
    task.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await task


def _scripts() -> list[Script]:
    return [script for path in sorted(_SCRIPTS.glob("*.yml")) for script in load_scripts(path)]
