"""Work in the background that goes on for ever, whatever happens to it."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable

_log = logging.getLogger(__name__)


async def repeat(what: str, work: Callable[[], Awaitable[None]], pause: float = 1.0) -> None:
    """Do the work for ever, `pause` seconds after it ended or failed; `what` names it in the log."""
    while True:
        try:
            await work()
        except Exception:  # noqa: BLE001 - a worker loop: without it edits and messages would never arrive again
            _log.exception("%s failed; starting again", what)
        await asyncio.sleep(pause)
