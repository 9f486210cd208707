"""The database alone, for commands that need neither model nor Rasa."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import TypeVar

from bot.bootstrap.databases import open_database, open_stores
from bot.bootstrap.engine import Stores
from bot.settings import Settings, load_settings

T = TypeVar("T")


@asynccontextmanager
async def opened_stores(settings: Settings) -> AsyncIterator[Stores]:
    """Yield the stores over the running database, or over one started for the block."""
    async with open_database(settings) as (_, app_dsn), open_stores(app_dsn) as parts:
        yield parts


def with_stores(work: Callable[[Stores], Awaitable[T]]) -> T:
    """Run `work` over the stores and return what it returns."""

    async def run() -> T:
        async with opened_stores(load_settings()) as parts:
            return await work(parts)

    return asyncio.run(run())
