"""An ERP that answers as a test tells it, on this machine."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

from aiohttp import web

Answer = Callable[[web.Request], Awaitable[web.StreamResponse]]


@dataclass
class Erp:
    """Where it is, and who asked what of it with which headers."""

    address: str = ""
    port: int = 0
    asked: list[tuple[str, dict[str, str]]] = field(default_factory=list)


@asynccontextmanager
async def serving(answer: Answer, host: str = "127.0.0.1") -> AsyncIterator[Erp]:
    """Give an ERP that answers every call with `answer`."""
    erp = Erp()

    async def handle(request: web.Request) -> web.StreamResponse:
        erp.asked.append((request.path, dict(request.headers)))
        return await answer(request)

    app = web.Application()
    app.router.add_get("/{path:.*}", handle)
    runner = web.AppRunner(app, shutdown_timeout=0.1)
    await runner.setup()
    site = web.TCPSite(runner, host, 0)
    await site.start()
    erp.port = runner.addresses[0][1]
    erp.address = f"http://{host}:{erp.port}"
    yield erp
    await runner.cleanup()
