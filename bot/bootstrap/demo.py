"""The demo's buyers, played by one worker of `kuaihui serve --demo`."""

from __future__ import annotations

import asyncio
import contextlib
from typing import Final

from bot.bootstrap.engine import Engine
from bot.services.demo_buyers import DemoBuyers
from bot.services.demo_scripts import Script, load_scripts
from bot.services.repeating import repeat
from bot.settings import PROJECT_ROOT

_SCRIPTS: Final = PROJECT_ROOT / "templates" / "demo" / "buyers"
_PAUSE: Final = 10.0


async def play_demo_buyers(engine: Engine) -> None:
    """Play the buyers until cancelled."""
    scripts = await asyncio.to_thread(_scripts)

    async def play() -> None:
        await DemoBuyers(
            scripts, engine.parts.conversations, engine.workspace.conversing, engine.parts.clock
        ).play()

    await repeat("playing the demo's buyers", play, _PAUSE)


async def cancel(task: asyncio.Task[None]) -> None:
    """End the task and wait for that."""
    task.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await task


def _scripts() -> list[Script]:
    return [script for path in sorted(_SCRIPTS.glob("*.yml")) for script in load_scripts(path)]
