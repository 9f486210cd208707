"""Agents at their pages, as far as the server can tell: WebSockets that read everything and answer what is asked."""

from __future__ import annotations

import asyncio
import json
import secrets
import time
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import aiohttp

from benchmarks.people import Post, Seat

_CONNECTING = 20
_WELCOME_SECONDS = 240.0
_THINKS = 8.0
_HEEDED = frozenset({"suggestions", "sent", "refused", "removed"})
_NEUTRAL = "好的亲，稍等，我帮您看一下"


@dataclass(slots=True)
class Desk:
    """What one conversation in view has seen: when suggestions came and up to which bubble they read."""

    suggested: list[tuple[float, int]] = field(default_factory=list)
    answering: bool = False
    answered: int = 0

    def suggested_at(self, number: int) -> float | None:
        """Return when the first suggestions came that had read bubble `number`."""
        return next((at for at, upto in self.suggested if upto >= number), None)


class Agent:
    """One agent's page. Eight seconds after suggestions come it sends the first one, as fast agents do."""

    def __init__(self, seat: Seat, socket: aiohttp.ClientWebSocketResponse) -> None:
        self.seat = seat
        self._socket = socket
        self.view: Post = seat.posts[0]
        self.desk = Desk()
        self.replies = True
        self.frames = 0
        self.heard: defaultdict[str, int] = defaultdict(int)
        self.removed: dict[str, float] = {}
        self._answers: set[asyncio.Task[None]] = set()
        self._reading: asyncio.Task[None] | None = None

    async def join(self) -> None:
        """Say hello, wait for the welcome, look at the first conversation."""
        await self._say(type="hello", csrf=self.seat.csrf, feeds={}, batches=True)
        async with asyncio.timeout(_WELCOME_SECONDS):
            while '{"type":"welcome"' not in await self._socket.receive_str():
                pass
        await self._say(type="open", shop=self.view.shop, conversation=self.view.conversation)
        self._reading = asyncio.create_task(self._read())

    async def leave(self) -> None:
        """Close the page."""
        if self._reading is not None:
            self._reading.cancel()
        for task in self._answers:
            task.cancel()
        await self._socket.close()

    async def _read(self) -> None:
        async for frame in self._socket:
            # Most of what comes is other people's: it is read from the wire, but not unpacked.
            kind = frame.data[9 : frame.data.index('"', 9)]
            self.frames += 1
            if kind != "batch":
                self.heard[kind] += 1
            if kind == "batch":
                for said in json.loads(frame.data)["messages"]:
                    self.heard[said["type"]] += 1
                    await self._hear(said["type"], said)
            elif kind in _HEEDED:
                await self._hear(kind, json.loads(frame.data))

    async def _hear(self, kind: str, said: dict[str, Any]) -> None:
        if kind == "suggestions":
            self._take(said, time.perf_counter())
        elif kind == "sent":
            self.desk.answering = False
        elif kind == "refused":
            await self._send(_NEUTRAL)
        elif kind == "removed":
            self.removed[said["shop"]] = time.perf_counter()

    def _take(self, said: dict[str, Any], at: float) -> None:
        if said["conversation"] != self.view.conversation:
            return
        upto = said["upto"]
        if not self.desk.suggested:
            # What stood there when the page was opened was answered long ago, or belongs to an earlier run.
            self.desk.answered = upto
        self.desk.suggested.append((at, upto))
        if self.replies and upto > self.desk.answered and not self.desk.answering:
            self.desk.answering = True
            task = asyncio.create_task(self._answer(said["result"]["suggestions"]))
            self._answers.add(task)
            task.add_done_callback(self._answers.discard)

    async def _answer(self, suggestions: Sequence[dict[str, Any]]) -> None:
        await asyncio.sleep(_THINKS)
        self.desk.answered = self.desk.suggested[-1][1]
        await self._send(suggestions[0]["text"] if suggestions and not suggestions[0]["stops"] else _NEUTRAL)

    async def _send(self, text: str) -> None:
        await self._say(
            type="send", shop=self.view.shop, conversation=self.view.conversation, key=secrets.token_hex(8),
            text=text, answers=self.desk.answered,
        )  # fmt: skip

    async def _say(self, **message: Any) -> None:
        await self._socket.send_str(json.dumps(message, ensure_ascii=False))


async def connect_all(session: aiohttp.ClientSession, url: str, seats: Sequence[Seat]) -> list[Agent]:
    """Return the agents with open pages, a few connecting at a time."""
    turn = asyncio.Semaphore(_CONNECTING)

    async def connect(seat: Seat) -> Agent:
        async with turn:
            cookie = {"Cookie": f"kuaihui_session={seat.secret}"}
            socket = await session.ws_connect(url, headers=cookie, max_msg_size=0, compress=0)
            agent = Agent(seat, socket)
            await agent.join()
            return agent

    async with asyncio.TaskGroup() as group:
        connecting = [group.create_task(connect(seat)) for seat in seats]
    return [task.result() for task in connecting]
