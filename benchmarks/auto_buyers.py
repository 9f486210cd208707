"""Buyers who are not put off: what was not taken is sent again under the same id until it is."""

from __future__ import annotations

import asyncio
import json
import secrets
import time
from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Final

import aiohttp

from benchmarks.auto_shops import AutoShop
from benchmarks.played_channel import OpenChannel, Said, signature

_PATIENCE: Final = aiohttp.ClientTimeout(total=20)
_LONGEST_PAUSE: Final = 2.0
_AGAIN_EVERY: Final = 50
"""Of so many messages that were taken one is sent once more: nobody knows whether an answer was lost."""
_TIMES: Final = (0.0, 0.8, 7.0, 14.0, 14.9)
"""When the messages of a conversation are sent: two turns of two bubbles, and one of one."""
_DIALOGUE_TIMES: Final = (0.0, 7.0, 14.0, 21.0)
_DIALOGUE_EVERY: Final = 4


@dataclass(frozen=True, slots=True)
class Line:
    """What a buyer says `at` so many seconds after his first words."""

    at: float
    text: str


@dataclass(frozen=True, slots=True)
class Talk:
    """One buyer's side of a conversation, which begins `at` so many seconds after the start."""

    at: float
    shop: str
    buyer: str
    lines: tuple[Line, ...]


def talks(shops: Sequence[AutoShop], each: int, rate: float) -> Iterator[Talk]:
    """Yield `each` conversations of every shop, so that all together write `rate` messages a second.

    The buyers of one shop bear the ids of those of every other one.
    """
    at = 0.0
    for number in range(each):
        for place, shop in enumerate(shops):
            # Which conversations are dialogues moves on from shop to shop: every death meets some.
            lines = _lines(shop, number, dialogue=(number + place) % _DIALOGUE_EVERY == 0)
            yield Talk(at, shop.id, f"buyer-{number}", tuple(lines))
            at += len(lines) / rate


def _lines(shop: AutoShop, number: int, *, dialogue: bool) -> list[Line]:
    if dialogue:
        script = shop.dialogues[number % len(shop.dialogues)]
        # The fifth message rounds the conversation off, so that all have as many.
        said = [Line(at, text) for at, text in zip(_DIALOGUE_TIMES, script, strict=False)]
        return [
            *said,
            *(Line(said[-1].at + 7.0 + late, text) for late, text in enumerate(("好的", "谢谢啦", "再见"))),
        ][:5]
    asked = shop.questions
    texts = [asked[(number * len(_TIMES) + place) % len(asked)] for place in range(len(_TIMES))]
    return [Line(at, text) for at, text in zip(_TIMES, texts, strict=True)]


@dataclass(slots=True)
class Buyers:
    """The other side of the shops' channels, as it sends."""

    channels: Mapping[str, OpenChannel]
    conversations: dict[tuple[str, str], str] = field(default_factory=dict)
    tries: int = 0
    taken: int = 0
    repeats: int = 0
    known: int = 0
    """Repeats that the shop said it had taken before."""
    slowest: float = 0.0
    run: str = field(default_factory=lambda: secrets.token_hex(3))
    _http: aiohttp.ClientSession | None = None

    @asynccontextmanager
    async def open(self) -> AsyncIterator[Buyers]:
        """Send for the time of the block."""
        async with aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=0)) as self._http:
            yield self

    @property
    def told(self) -> str:
        """How it went, in words."""
        return (
            f"{self.tries - self.taken} tries failed and were made again, the slowest message was taken after "
            f"{self.slowest:.0f} s; {self.known} of {self.repeats} sent once more were known"
        )

    async def hold(self, told: Sequence[Talk]) -> None:
        """Hold the conversations, each beginning at its time; return when every message was taken."""
        began = time.monotonic()
        async with asyncio.TaskGroup() as group:
            for number, talk in enumerate(told):
                if (wait := began + talk.at - time.monotonic()) > 0:
                    await asyncio.sleep(wait)
                group.create_task(self._hold(talk, number))

    async def _hold(self, talk: Talk, number: int) -> None:
        began = time.monotonic()
        for place, line in enumerate(talk.lines):
            if (wait := began + line.at - time.monotonic()) > 0:
                await asyncio.sleep(wait)
            key = f"{self.run}-{number}-{place}"
            said = await self._insist(talk, key, line.text)
            before = self.conversations.setdefault((talk.shop, talk.buyer), said.conversation)
            if before != said.conversation:
                raise RuntimeError(f"{talk.buyer} of {talk.shop} stands in two conversations")

    async def _insist(self, talk: Talk, key: str, text: str) -> Said:
        began, pause = time.monotonic(), 0.2
        while True:
            self.tries += 1
            answer = await self._post(talk, key, text)
            if answer is not None:
                break
            await asyncio.sleep(pause)
            pause = min(pause * 2, _LONGEST_PAUSE)
        self.taken += 1
        self.slowest = max(self.slowest, time.monotonic() - began)
        if self.taken % _AGAIN_EVERY == 0:
            self.repeats += 1
            again = await self._post(talk, key, text)
            self.known += again is not None and again[1] and again[0] == answer[0]
        return answer[0]

    async def _post(self, talk: Talk, key: str, text: str) -> tuple[Said, bool] | None:
        """Return where the message stands and whether it had been taken before; None when nobody says that it was taken."""
        channel = self.channels[talk.shop]
        document = {"type": "message", "id": key, "buyer": {"id": talk.buyer, "verified": True}, "text": text}
        body = json.dumps(document, ensure_ascii=False).encode()
        timestamp = f"{time.time():.0f}"
        headers = {
            "Content-Type": "application/json", "X-Kuaihui-Timestamp": timestamp,
            "X-Kuaihui-Signature": signature(channel.secret, timestamp, body),
        }  # fmt: skip
        assert self._http is not None
        try:
            async with self._http.post(
                channel.address, data=body, headers=headers, timeout=_PATIENCE
            ) as answer:
                if answer.status in (429, 500, 502, 503):
                    return None
                if answer.status != 200:
                    raise RuntimeError(
                        f"{talk.shop} refuses a message: {answer.status} {await answer.text()}"
                    )
                event = (await answer.json())["events"][0]
                return Said(event["conversation"], event["message"]), bool(event["duplicate"])
        except (aiohttp.ClientError, TimeoutError, OSError):
            return None
