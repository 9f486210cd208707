"""The aiohttp application, built from services that it is given."""

from __future__ import annotations

import time
from pathlib import Path

import aiohttp_jinja2
import jinja2
from aiohttp import hdrs, web

from bot.ports import Clock
from bot.services.waiting import WAITING, Waiting
from bot.web.account_pages import show_account, show_login, show_team
from bot.web.authorisation import GRANTS, NEEDS, GrantCache, authorisation_middleware
from bot.web.channel_intake import Intake, add_intake
from bot.web.chat_page import add_chat
from bot.web.chat_state import ChatServices
from bot.web.clock import CLOCK
from bot.web.content_policy import content_policy
from bot.web.errors import MAX_BODY, Handler, error_middleware
from bot.web.live import close_pages, run_hub
from bot.web.live_hub import HUB, LiveHub
from bot.web.openapi import serve_openapi
from bot.web.owner_pages import add_owner_pages
from bot.web.owner_sections import OWNER_PAGES
from bot.web.routes import BASE, ROUTES
from bot.web.sessions import SESSIONS, SessionCache, follow_access
from bot.web.sidebar import show_connect, show_sidebar
from bot.web.state import SERVICES, WebServices
from bot.web.static_files import serve_static
from bot.web.try_page import show_root, show_try_page, try_suggest
from bot.web.workspace_page import show_workspace

_PAGES = Path(__file__).parent / "pages"
_SECURITY_HEADERS = {
    "Content-Security-Policy": content_policy(),
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cache-Control": "no-store",
}


@web.middleware
async def headers_middleware(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Put the security headers on every answer."""
    response = await handler(request)
    for name, value in _SECURITY_HEADERS.items():
        response.headers.setdefault(name, value)
    return response


@web.middleware
async def timing_middleware(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Say in Server-Timing how long the answer took, and how much of that was waiting for Rasa (milliseconds)."""
    began = time.perf_counter()
    waiting = Waiting()
    WAITING.set(waiting)
    response = await handler(request)
    total = time.perf_counter() - began
    response.headers["Server-Timing"] = f"rasa;dur={waiting.seconds * 1000:.3f}, total;dur={total * 1000:.3f}"
    return response


def create_app(
    services: WebServices, clock: Clock, chat: ChatServices | None = None, intake: Intake | None = None
) -> web.Application:
    """Return the application: API, pages, openapi.json, with `chat` the buyers' chat, with `intake` the outer channels."""
    app = web.Application(
        middlewares=[timing_middleware, headers_middleware, error_middleware, authorisation_middleware],
        client_max_size=MAX_BODY,
    )
    app[SERVICES] = services
    app[CLOCK] = clock
    app[GRANTS] = GrantCache()
    app[SESSIONS] = SessionCache(services.accounts)
    app[NEEDS] = {(route.method, route.path): (route.needs, route.right) for route in ROUTES}
    app[HUB] = LiveHub(services.workspace)
    if not services.trusts_caller:
        app.cleanup_ctx.append(follow_access)
        app.cleanup_ctx.append(run_hub)
        app.on_shutdown.append(close_pages)
    if chat is not None:
        add_chat(app, chat)
    if intake is not None:
        add_intake(app, intake)
    for route in ROUTES:
        app.router.add_route(route.method, route.path, route.handler)
    app.router.add_route(hdrs.METH_GET, f"{BASE}/openapi.json", serve_openapi)
    app.router.add_route(hdrs.METH_GET, "/", show_root)
    app.router.add_route(hdrs.METH_GET, "/login", show_login)
    app.router.add_route(hdrs.METH_GET, "/account", show_account)
    app.router.add_route(hdrs.METH_GET, "/team", show_team)
    app.router.add_route(hdrs.METH_GET, "/workspace", show_workspace)
    app.router.add_route(hdrs.METH_GET, "/sidebar/{shop}", show_sidebar)
    app.router.add_route(hdrs.METH_GET, "/sidebar/{shop}/connect", show_connect)
    add_owner_pages(app, OWNER_PAGES)
    app.router.add_route(hdrs.METH_GET, "/try", show_try_page)
    app.router.add_route(hdrs.METH_POST, "/try/{shop}/suggestions", try_suggest)
    app.router.add_route(hdrs.METH_GET, "/static/{name:.+}", serve_static)
    aiohttp_jinja2.setup(
        app, loader=jinja2.FileSystemLoader(_PAGES), autoescape=True, undefined=jinja2.StrictUndefined
    )
    return app
