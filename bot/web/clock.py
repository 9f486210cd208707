"""The time of a request."""

from __future__ import annotations

from datetime import datetime

from aiohttp import web

from bot.ports import Clock

CLOCK = web.AppKey("clock", Clock)


def request_time(request: web.Request) -> datetime:
    """Return the time, aware, in UTC."""
    return request.app[CLOCK].now()
