"""The event loop of processes that serve: uvloop, which sends to many pages for half the price, where it is installed."""

from __future__ import annotations

import asyncio


def new_event_loop() -> asyncio.AbstractEventLoop:
    """Return a loop of uvloop's, or asyncio's own where there is none (Windows, other Pythons)."""
    try:
        import uvloop
    except ImportError:
        return asyncio.new_event_loop()
    return uvloop.new_event_loop()
