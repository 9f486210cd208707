"""The system that conversations are played on: signed in to, given policies and channels, asked what it decided; put back after."""

from __future__ import annotations

import asyncio
import secrets
import time
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any, Final

import aiohttp

from benchmarks.played_channel import OpenChannel
from bot.domain.auto_reply_policy import AutoReplyPolicy

_API: Final = "/api/v1"
_CSRF: Final = "X-Kuaihui-CSRF"
_COOKIE: Final = "kuaihui_session"
_START_SECONDS: Final = 240.0
_PATIENCE: Final = aiohttp.ClientTimeout(total=60)


class NotPlayable(RuntimeError):
    """The system cannot be played on; the message says what it needs."""


@dataclass(frozen=True, slots=True)
class TurnDecided:
    """What became of the buyer's bubbles up to number `upto`; `waiting` bubbles of ours are not out yet."""

    deed: str
    reasons: tuple[str, ...]
    waiting: int


@dataclass(slots=True)
class PlayedSystem:
    """A running system, by its API alone."""

    http: aiohttp.ClientSession
    address: str
    csrf: str = ""
    _before: dict[str, Any] = field(default_factory=dict)
    _channels: list[tuple[str, str]] = field(default_factory=list)

    async def sign_in(self, login: str, password: str) -> None:
        """Sign in as somebody who may change the shops' rules. Raises NotPlayable."""
        answer = await self._call("POST", "/session", {"login": login, "password": password})
        self.csrf = str(answer["csrf"])

    async def wait_until_ready(self) -> None:
        """Return once every part answers: after a start Rasa needs longest. Raises NotPlayable."""
        until = time.monotonic() + _START_SECONDS
        while (state := await self.health()) and not all(
            state[part] == "ready" for part in ("database", "embedder", "classifier")
        ):
            if time.monotonic() > until:
                raise NotPlayable(f"not every part is ready after {_START_SECONDS:g} seconds: {state}")
            await asyncio.sleep(0.5)

    async def health(self) -> Mapping[str, Any]:
        """Return what each part says of itself. Raises NotPlayable, aiohttp.ClientError, TimeoutError."""
        found: Mapping[str, Any] = await self._call("GET", "/health")
        return found

    async def prepare(self, shop: str, policy: Mapping[str, Any], url: str, amount: int) -> list[OpenChannel]:
        """Have the shop answer by the policy, and open channels. Raises NotPlayable."""
        path = f"/shops/{shop}/auto-reply"
        self._before[shop] = await self._call("GET", path)
        await self._call("PUT", path, policy)
        return [await self._open_channel(shop, url) for _ in range(amount)]

    async def _open_channel(self, shop: str, url: str) -> OpenChannel:
        name = f"play-{secrets.token_hex(4)}"
        made = await self._call(
            "POST",
            f"/shops/{shop}/channels",
            {
                "kind": "webhook", "id": name, "name": f"试演 play {name[-4:]}",
                "settings": {"url": f"{url}/{shop}/{name}", "vouches": True},
            },
        )  # fmt: skip
        self._channels.append((shop, name))
        return OpenChannel(shop, name, f"{self.address}{made['address']}", made["secrets"]["secret"])

    async def put_back(self) -> None:
        """Remove the channels, and give the shops the rules that they had."""
        for shop, channel in self._channels:
            await self._call("DELETE", f"/shops/{shop}/channels/{channel}")
        for shop, before in self._before.items():
            # The answer also tells how replies turned out: that is not the rules' part.
            policy = {name: before[name] for name in AutoReplyPolicy.__dataclass_fields__}
            await self._call("PUT", f"/shops/{shop}/auto-reply", policy)

    async def decided(self, shop: str, conversation: str, number: int) -> TurnDecided | None:
        """Return what was decided about the bubble of that number; None while nothing is."""
        found = await self._call("GET", f"/shops/{shop}/conversations/{conversation}/decisions")
        of_turn = [each for each in found["decisions"] if each["upto"] >= number]
        if not of_turn:
            return None
        last = of_turn[-1]
        return TurnDecided(last["deed"], tuple(last["reasons"]), int(found["waiting"]))

    async def spoken(self, shop: str, conversation: str, number: int) -> list[str]:
        """Return the automatic bubbles since the bubble of that number, each by how far it is on its way."""
        found = await self._call("GET", f"/shops/{shop}/conversations/{conversation}/messages")
        own = [each for each in found["messages"] if each["author"] == "auto" and each["number"] > number]
        return [_way_of(each["delivery"]) for each in own]

    async def _call(self, method: str, path: str, body: Mapping[str, Any] | None = None) -> Any:
        headers = {_CSRF: self.csrf} if self.csrf else {}
        async with self.http.request(
            method, f"{self.address}{_API}{path}", json=body, headers=headers, timeout=_PATIENCE
        ) as answer:
            if answer.status >= 300:
                shown = (await answer.text())[:300]
                raise NotPlayable(f"{method} {path} is answered with status {answer.status}: {shown}")
            return await answer.json() if answer.status != 204 else None


@asynccontextmanager
async def connect(address: str, session: str = "") -> AsyncIterator[PlayedSystem]:
    """Speak with the system for the time of the block; `session` is the secret of a session that is open already."""
    jar = aiohttp.CookieJar(unsafe=True)
    cookies = {_COOKIE: session} if session else None
    connector = aiohttp.TCPConnector(limit=0)
    async with aiohttp.ClientSession(cookie_jar=jar, cookies=cookies, connector=connector) as http:
        yield PlayedSystem(http, address.rstrip("/"))


def _way_of(delivery: Mapping[str, Any] | None) -> str:
    if delivery is None:
        return "no delivery"
    return f"{delivery['state']} after {delivery['attempts']} attempts {delivery['error']}".strip()


def channels_needed(buyers: Sequence[str]) -> int:
    """Return how many channels keep conversations of the same buyer apart: one each, for a buyer has one at a time."""
    return max((buyers.count(buyer) for buyer in set(buyers) if buyer), default=1)
