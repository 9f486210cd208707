"""Pages of buyers and agents as their scripts behave: they come back by themselves, and send again what was not taken."""

from __future__ import annotations

import asyncio
import contextlib
import json
import secrets
import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import aiohttp

from tests.integration.installations import PATIENCE

REPLY = "好的亲，收到了，我帮您看一下"
_AGAIN = 0.2
_BEAT = 5.0


async def eventually(condition: Callable[[], object], seconds: float = PATIENCE) -> None:
    """Return once the condition holds; what other processes do has no event to wait for."""
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, f"{condition} did not hold within {seconds:g} seconds"
        await asyncio.sleep(0.02)


class Page:
    """A page with a WebSocket that is opened again whenever it is lost, until `leave`."""

    def __init__(self, http: aiohttp.ClientSession, url: str, headers: dict[str, str]) -> None:
        self._http = http
        self._url = url
        self._headers = headers
        self._task: asyncio.Task[None] | None = None
        self.socket: aiohttp.ClientWebSocketResponse | None = None
        self.is_ready = False
        self.welcomes = 0

    def open(self) -> None:
        """Begin to connect."""
        self._task = asyncio.create_task(self._live())

    async def _live(self) -> None:
        async with asyncio.TaskGroup() as group:
            group.create_task(self._keep_open())
            group.create_task(self._ask_now_and_then())

    async def _ask_now_and_then(self) -> None:
        """Ask whether there is anything new, as pages do: what could not be told when it happened is told then."""
        while True:
            await asyncio.sleep(_BEAT)
            if self.is_ready:
                await self.say({"type": "ping"})

    async def leave(self) -> None:
        """Close the page."""
        if self._task is not None:
            self._task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._task

    async def _keep_open(self) -> None:
        while True:
            with contextlib.suppress(aiohttp.ClientError, ConnectionError, TimeoutError):
                async with self._http.ws_connect(self._url, headers=self._headers) as self.socket:
                    await self.say(self.hello())
                    async for frame in self.socket:
                        await self._take(json.loads(frame.data))
            self.is_ready = False
            self.lost()
            await asyncio.sleep(_AGAIN)

    async def _take(self, said: dict[str, Any]) -> None:
        if said["type"] == "welcome":
            self.is_ready = True
            self.welcomes += 1
        await self.receive(said)

    async def say(self, message: dict[str, Any]) -> bool:
        """Send the message; return whether it left."""
        try:
            assert self.socket is not None
            await self.socket.send_str(json.dumps(message, ensure_ascii=False))
        except (aiohttp.ClientError, ConnectionError):
            return False
        return True

    def hello(self) -> dict[str, Any]:
        """Return the first message."""
        raise NotImplementedError

    async def receive(self, said: dict[str, Any]) -> None:
        """Take what the server says."""
        raise NotImplementedError

    def lost(self) -> None:
        """The socket is gone."""


class BuyerPage(Page):
    """A buyer's chat page: what was written goes out one after the other, each until the shop has it."""

    def __init__(self, http: aiohttp.ClientSession, address: str, shop: str) -> None:
        super().__init__(http, f"{address}/chat/{shop}/live", {})
        self.shop = shop
        self.token = ""
        self.unsent: deque[tuple[str, str]] = deque()
        self.taken: list[str] = []
        self.answers: dict[str, int] = {}
        self._busy = ""
        self._later: set[asyncio.Task[None]] = set()

    def hello(self) -> dict[str, Any]:
        return {"type": "hello", "token": self.token}

    async def write(self, text: str) -> None:
        """Write a message."""
        self.unsent.append((secrets.token_hex(16), text))
        await self._pump()

    async def receive(self, said: dict[str, Any]) -> None:
        if said["type"] == "welcome":
            self.token = said["token"]
            for bubble in said["messages"]:
                self._see(bubble, again=True)
        elif said["type"] == "message":
            self._see(said["message"])
        elif said["type"] == "error":
            self._busy = ""
            self._later.add(asyncio.create_task(self._try_later(said.get("retry_after", _AGAIN))))
            return
        await self._pump()

    def lost(self) -> None:
        self._busy = ""

    def _see(self, bubble: dict[str, Any], *, again: bool = False) -> None:
        if bubble["mine"]:
            if self.unsent and bubble["key"] == self.unsent[0][0]:
                self.taken.append(self.unsent.popleft()[0])
                self._busy = ""
        elif not (again and bubble["id"] in self.answers):
            self.answers[bubble["id"]] = self.answers.get(bubble["id"], 0) + 1

    async def _try_later(self, seconds: float) -> None:
        await asyncio.sleep(seconds)
        await self._pump()

    async def _pump(self) -> None:
        if self._busy or not self.unsent or not self.is_ready:
            return
        key, text = self.unsent[0]
        self._busy = key
        await self.say({"type": "say", "key": key, "text": text})


@dataclass(slots=True)
class Outgoing:
    """A reply on its way."""

    shop: str
    conversation: str
    answers: int
    is_held: bool = False


@dataclass(slots=True)
class Badge:
    """What a signed-in agent shows: account, the session's secret and its CSRF secret."""

    account: str
    secret: str = field(default_factory=lambda: secrets.token_urlsafe(32))
    csrf: str = field(default_factory=lambda: secrets.token_urlsafe(32))


class AgentPage(Page):
    """An agent's page that answers every bubble of a buyer once, and sends again whatever was not said to be sent."""

    def __init__(self, http: aiohttp.ClientSession, address: str, badge: Badge) -> None:
        super().__init__(http, f"{address}/api/v1/live", {"Cookie": f"kuaihui_session={badge.secret}"})
        self.badge = badge
        self.feeds: dict[str, int] = {}
        self.seen: dict[tuple[str, str], dict[int, dict[str, Any]]] = {}
        self.outgoing: dict[str, Outgoing] = {}
        self.sent: list[str] = []
        self.refused: list[dict[str, Any]] = []
        self.frames: list[dict[str, Any]] = []
        self.answers_buyers = True

    @property
    def held(self) -> int:
        """How many replies the server has accepted that are not sent yet."""
        return sum(each.is_held for each in self.outgoing.values())

    def hello(self) -> dict[str, Any]:
        return {"type": "hello", "csrf": self.badge.csrf, "feeds": self.feeds}

    async def receive(self, said: dict[str, Any]) -> None:
        self.frames.append(said)
        shop = said.get("shop", "")
        if said.get("feed") and shop in self.feeds:
            self.feeds[shop] = max(self.feeds[shop], said["feed"])
        match said["type"]:
            case "welcome":
                self.feeds.update(said["feeds"])
                for key in list(self.outgoing):
                    await self._transmit(key)
            case "message":
                await self._see(shop, said["conversation"], said["message"])
            case "held":
                if said["key"] in self.outgoing:
                    self.outgoing[said["key"]].is_held = True
            case "sent":
                if self.outgoing.pop(said["key"], None) is not None:
                    self.sent.append(said["key"])
            case "refused":
                self.refused.append(said)
            case "removed":
                self.feeds.pop(shop, None)

    async def _see(self, shop: str, conversation: str, message: dict[str, Any]) -> None:
        known = self.seen.setdefault((shop, conversation), {})
        is_new = message["number"] not in known
        known[message["number"]] = message
        if is_new and message["author"] == "buyer" and self.answers_buyers:
            key = secrets.token_hex(16)
            self.outgoing[key] = Outgoing(shop, conversation, message["number"])
            await self._transmit(key)

    async def _transmit(self, key: str) -> None:
        reply = self.outgoing[key]
        await self.say(
            {
                "type": "send", "shop": reply.shop, "conversation": reply.conversation, "text": REPLY, "key": key,
                "answers": reply.answers,
            }
        )  # fmt: skip
