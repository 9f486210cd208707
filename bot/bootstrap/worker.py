"""One web worker: an engine, and HTTP on a socket that the supervisor opened. Ends when its standard input closes."""

from __future__ import annotations

import asyncio
import json
import logging
import os
import signal
import socket
import sys
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any

from aiohttp import web

from bot.bootstrap.demo import cancel, play_demo_buyers, play_demo_erp
from bot.bootstrap.engine import Engine, SystemClock
from bot.bootstrap.event_loops import new_event_loop
from bot.bootstrap.garbage import ShortCollections
from bot.bootstrap.logs import configure_logging
from bot.bootstrap.platform import Endpoints, open_engine
from bot.ports import EmbedderUnavailable, StoreUnavailable, Unavailable
from bot.services.chat_limits import ChatLimits
from bot.settings import Settings, load_settings
from bot.web.application import create_app
from bot.web.channel_intake import Intake
from bot.web.chat_state import ChatServices
from bot.web.state import Health, WebServices

_log = logging.getLogger(__name__)
_SHUTDOWN_SECONDS = 5.0
_HEALTH_SECONDS = 3.0


def web_services(engine: Engine, *, trusts_caller: bool = False) -> WebServices:
    """Return what the web layer needs of an engine."""

    async def health() -> Health:
        return await _health_of(engine)

    parts = engine.parts
    return WebServices(
        engine.suggester,
        engine.reactions,
        engine.editor,
        parts.shops,
        parts.facts,
        parts.tokens,
        parts.classifier,
        health,
        parts.accounts,
        engine.auditor,
        engine.signing_in,
        engine.team,
        engine.workspace,
        engine.records,
        engine.console,
        engine.asked,
        engine.auto_reply,
        engine.settings,
        engine.sources.owners,
        engine.facts_desk,
        engine.channels.owners,
        engine.talks.invoice_requests,
        trusts_caller,
    )


def chat_services(engine: Engine) -> ChatServices:
    """Return what the buyers' chat needs of an engine."""
    chat = engine.chat
    marks = engine.answering.policies.marks
    return ChatServices(chat.chatting, chat.feeds, engine.workspace.typing, chat.limits, marks)


def intake_of(engine: Engine) -> Intake:
    """Return what takes in what outer channels send."""
    return Intake(engine.channels.receiving, ChatLimits(engine.parts.clock))


async def _health_of(engine: Engine) -> Health:
    database = embedder = "ready"
    try:
        await engine.parts.shops.versions()
    except StoreUnavailable:
        database = "down"
    try:
        # No text: that would be answered from memory.
        async with asyncio.timeout(_HEALTH_SECONDS):
            await engine.parts.embedder.encode([])
    except (EmbedderUnavailable, TimeoutError):
        embedder = "down"
    return Health(database, embedder, engine.parts.classifier.state)


async def serve(plan: dict[str, Any], settings: Settings) -> None:
    """Serve until standard input closes or a signal asks for the end. `plan` comes from the supervisor."""
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for name in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(name, stop.set)
    loop.add_reader(sys.stdin.fileno(), _watch_parent, stop)
    async with AsyncExitStack() as stack:
        opening = open_engine(
            Endpoints(**plan["endpoints"]),
            settings,
            socket.socket(fileno=plan["actions_socket"]) if plan["actions_socket"] is not None else None,
            keep_vectors=bool(plan["operator_socket"]),
            serves=True,
        )
        engine = await stack.enter_async_context(opening)
        public = socket.socket(fileno=plan["socket"])
        await _serve_on(stack, engine, public, trusts_caller=False)
        if plan["operator_socket"]:
            await _serve_on(
                stack, engine, _operator_socket(Path(plan["operator_socket"])), trusts_caller=True
            )
        if plan["plays_buyers"]:
            for play in (play_demo_buyers(engine), play_demo_erp(engine, settings.resolved_inbox)):
                stack.push_async_callback(cancel, asyncio.create_task(play))
        collections = ShortCollections()
        collections.start()
        stack.callback(collections.stop)
        sys.stdout.write("ready\n")
        sys.stdout.flush()
        await stop.wait()


def _watch_parent(stop: asyncio.Event) -> None:
    if not os.read(sys.stdin.fileno(), 1024):
        stop.set()


async def _serve_on(
    stack: AsyncExitStack, engine: Engine, listener: socket.socket, *, trusts_caller: bool
) -> None:
    chat = None if trusts_caller else chat_services(engine)
    intake = None if trusts_caller else intake_of(engine)
    app = create_app(web_services(engine, trusts_caller=trusts_caller), SystemClock(), chat, intake)
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=_SHUTDOWN_SECONDS, handle_signals=False)
    await runner.setup()
    stack.push_async_callback(runner.cleanup)
    await web.SockSite(runner, listener, backlog=1024).start()


def _operator_socket(path: Path) -> socket.socket:
    path.unlink(missing_ok=True)
    listener = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    before = os.umask(0o177)
    try:
        listener.bind(str(path))
    finally:
        os.umask(before)
    return listener


def main() -> None:
    """Run a worker with the plan on the first line of standard input."""
    settings = load_settings()
    configure_logging(settings)
    plan = json.loads(_first_line())
    try:
        with asyncio.Runner(loop_factory=new_event_loop) as runner:
            runner.run(serve(plan, settings))
    except Unavailable as error:
        _log.error("this web worker cannot serve: %s", error)
        sys.exit(3)


def _first_line() -> bytes:
    """Read exactly one line: nothing may be left in a buffer that the event loop does not see."""
    line = bytearray()
    while not line.endswith(b"\n"):
        byte = os.read(sys.stdin.fileno(), 1)
        if not byte:
            sys.exit("a web worker is started by `kuaihui serve`")
        line += byte
    return bytes(line)


if __name__ == "__main__":
    main()
