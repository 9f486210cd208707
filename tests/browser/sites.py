"""Other sites: pages on another host, as a shop's own site, a chat client's or Chatwoot's would be."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from socket import AF_INET, SOCK_STREAM, socket

from aiohttp import web


@asynccontextmanager
async def site(pages: Mapping[str, str]) -> AsyncIterator[str]:
    """Serve HTML by path and return the origin. Its host is `localhost`: to a browser another site than 127.0.0.1."""

    async def show(request: web.Request) -> web.Response:
        return web.Response(text=pages[request.path], content_type="text/html")

    app = web.Application()
    for path in pages:
        app.router.add_get(path, show)
    runner = web.AppRunner(app)
    await runner.setup()
    with socket(AF_INET, SOCK_STREAM) as listener:
        listener.bind(("127.0.0.1", 0))
        await web.SockSite(runner, listener).start()
        yield f"http://localhost:{listener.getsockname()[1]}"
        await runner.cleanup()
