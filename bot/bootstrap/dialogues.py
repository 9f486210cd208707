"""Dialogues, wired: the site on which Rasa has actions run, and what they are given."""

from __future__ import annotations

import socket
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Final

from aiohttp import web

from bot.ports import Unavailable
from bot.ports.dialogue import DialogueTurn, DialogueUnavailable
from bot.settings import Settings
from bot.web.action_site import ACTIONS_PATH, create_action_site

if TYPE_CHECKING:
    from actions.services import ActionServices
    from bot.bootstrap.engine import Engine

_LOOPBACK: Final = "127.0.0.1"
_SHUTDOWN_SECONDS: Final = 2.0


class MissingDialogue:
    """Stands where no Rasa holds dialogues: the FAQ answers alone."""

    @property
    def state(self) -> str:
        return "down"

    async def take_turn(
        self,
        shop: str,
        conversation: str,
        text: str,
        past: Sequence[Mapping[str, object]],
        topic: str = "",
    ) -> DialogueTurn:
        raise DialogueUnavailable("no dialogues are held here: build Rasa's environment with `make setup`")

    async def close(self) -> None:
        return None


def open_action_listener(settings: Settings) -> socket.socket:
    """Return the listening socket of the actions: shared by all workers, so that one that died keeps nobody waiting.

    A Rasa of our own is told the port; one elsewhere is set up with the address. Raises Unavailable.
    """
    host, port = settings.actions_at if settings.rasa_url is not None else (_LOOPBACK, 0)
    try:
        return socket.create_server((host, port), family=socket.AF_INET6 if ":" in host else socket.AF_INET)
    except OSError as error:
        raise Unavailable(
            f"cannot listen on {host}:{port} for Rasa's actions: {error.strerror}; check KUAIHUI_ACTIONS_ADDRESS"
        ) from None


def actions_url(listener: socket.socket) -> str:
    """Return where a Rasa on this machine reaches the actions."""
    return f"http://{_LOOPBACK}:{listener.getsockname()[1]}{ACTIONS_PATH}"


@asynccontextmanager
async def serve_actions(engine: Engine, secret: str, listener: socket.socket) -> AsyncIterator[None]:
    """Run Rasa's actions with the engine's use cases for the length of the block."""
    # Only here: rasa-sdk takes half a second to import.
    from actions import all_actions

    site = create_action_site(all_actions(action_services(engine)), secret)
    runner = web.AppRunner(site, access_log=None, shutdown_timeout=_SHUTDOWN_SECONDS, handle_signals=False)
    await runner.setup()
    try:
        await web.SockSite(runner, listener, backlog=1024).start()
        yield
    finally:
        await runner.cleanup()


def action_services(engine: Engine) -> ActionServices:
    """Return what actions are given."""
    from actions.services import ActionServices

    talks = engine.talks
    return ActionServices(engine.parts.clock, talks.stock, talks.orders, talks.invoices)
