"""The demo's buyers, played by one worker of `kuaihui serve --demo`."""

from __future__ import annotations

import asyncio
import contextlib
import logging
from typing import Final

from bot.bootstrap.engine import Engine
from bot.services.demo_buyers import DemoBuyers
from bot.services.demo_scripts import Script, load_scripts
from bot.settings import PROJECT_ROOT

_log = logging.getLogger(__name__)
_SCRIPTS: Final = PROJECT_ROOT / "templates" / "demo" / "buyers"
_PAUSE: Final = 10.0


async def play_demo_buyers(engine: Engine) -> None:
    """Play the buyers until cancelled."""
    scripts = await asyncio.to_thread(_scripts)
    while True:
        try:
            await DemoBuyers(
                scripts, engine.parts.conversations, engine.workspace.conversing, engine.parts.clock
            ).play()
        except Exception:  # noqa: BLE001 - a worker loop: a play that failed begins anew, the server goes on
            _log.exception("the demo's buyers stopped; they come again")
        await asyncio.sleep(_PAUSE)


async def cancel(task: asyncio.Task[None]) -> None:
    """End the task and wait for that."""
    task.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await task


def _scripts() -> list[Script]:
    return [script for path in sorted(_SCRIPTS.glob("*.yml")) for script in load_scripts(path)]
