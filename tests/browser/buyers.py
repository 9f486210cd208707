"""Buyers: each a browser of its own at a shop's chat, spoken by the test over the chat's own WebSocket."""

from __future__ import annotations

import asyncio
import json
import secrets
from contextlib import suppress
from typing import Any

import aiohttp

from bot.services.chatting import new_visitor

_WAIT = 15.0


class Buyer:
    """One buyer of one shop. Its limits are its own: it comes from an address of its own."""

    def __init__(self, shop: str, product: str = "") -> None:
        self.shop = shop
        self.conversation = ""
        self.token = ""
        self.product = product
        self.heard: list[dict[str, Any]] = []
        self.is_written_to = False
        self._address = "10." + ".".join(str(1 + secrets.randbelow(250)) for _ in range(3))
        self._news = asyncio.Condition()

    @property
    def name(self) -> str:
        """The name under which the agents see the buyer."""
        return new_visitor(self.shop, self.token).as_buyer().name

    @property
    def key(self) -> str:
        """What names the conversation in the agents' pages."""
        return f"{self.shop}/{self.conversation}"

    async def come(self, http: aiohttp.ClientSession, address: str) -> None:
        """Open the chat."""
        url = f"{address}/chat/{self.shop}/live"
        self._socket = await http.ws_connect(url, headers={"X-Forwarded-For": self._address})
        self._listening = asyncio.create_task(self._listen())
        hello = {"type": "hello", "token": self.token, "product": self.product}
        await self._socket.send_json(hello)
        await self._until(lambda: bool(self.token))

    async def go(self) -> None:
        """Close the chat."""
        self._listening.cancel()
        with suppress(asyncio.CancelledError):
            await self._listening
        await self._socket.close()

    async def say(self, *texts: str) -> None:
        """Say one bubble after the other, each taken by the server before the next."""
        for text in texts:
            key = secrets.token_hex(8)
            await self._socket.send_json({"type": "say", "text": text, "key": key})
            await self._until(lambda key=key: any(each["key"] == key for each in self.heard))
            taken = next(each for each in self.heard if each["key"] == key)
            self.conversation = taken["id"].rpartition(":")[0]  # a new one after the former was closed

    async def types(self, on: bool = True) -> None:
        """Begin or cease to type."""
        await self._socket.send_json({"type": "typing", "on": on})

    async def hears(self, text: str) -> dict[str, Any]:
        """Return the shop's bubble with this text, as soon as it is there."""
        await self._until(lambda: text in self.answers)
        return next(each for each in self.heard if not each["mine"] and each["text"] == text)

    async def sees_typing(self, on: bool = True) -> None:
        """Wait until the shop types, or does not any more."""
        await self._until(lambda: self.is_written_to is on)

    @property
    def answers(self) -> list[str]:
        """What the shop said."""
        return [each["text"] for each in self.heard if not each["mine"]]

    async def _until(self, true: Any) -> None:
        async with asyncio.timeout(_WAIT), self._news:
            await self._news.wait_for(true)

    async def _listen(self) -> None:
        async for frame in self._socket:
            data = json.loads(frame.data)
            async with self._news:
                if data["type"] == "welcome":
                    self.token = data["token"]
                elif data["type"] == "message":
                    self.heard.append(data["message"])
                elif data["type"] == "typing":
                    self.is_written_to = data["on"]
                elif data["type"] == "error":
                    raise AssertionError(f"the chat refused: {data}")
                self._news.notify_all()
