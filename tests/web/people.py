"""Signed-in people for tests: an agent, a supervisor and an owner, and the sockets of their pages."""

from __future__ import annotations

import asyncio
import itertools
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from aiohttp import ClientWebSocketResponse, WSMsgType

from bot.domain.account import Account, Membership, Organisation
from bot.domain.conversation import Buyer
from bot.ports import Written
from tests.web.memory_app import Served

_numbers = itertools.count(1)
ORGANISATION = "office"


class Line:
    """A page's socket, with what came over it."""

    def __init__(self, socket: ClientWebSocketResponse) -> None:
        self.socket = socket
        self.heard: list[dict[str, Any]] = []

    async def say(self, **message: Any) -> None:
        """Send a message."""
        await self.socket.send_json(message)

    async def hear(self, kind: str, seconds: float = 10.0) -> dict[str, Any]:
        """Return the next message of that kind; others are kept in `heard`."""
        async with asyncio.timeout(seconds):
            while True:
                message = await self.socket.receive()
                assert message.type is WSMsgType.TEXT, (message, kind, self.heard[-3:])
                data: dict[str, Any] = message.json()
                self.heard.append(data)
                if data["type"] == kind:
                    return data

    async def closing(self, seconds: float = 5.0) -> int:
        """Return the code with which the server closes; what comes before it is kept in `heard`.

        The code is the one in its frame: the socket's own `close_code` also tells how the transport went down after it.
        """
        async with asyncio.timeout(seconds):
            while (message := await self.socket.receive()).type is WSMsgType.TEXT:
                self.heard.append(message.json())
        assert message.type is WSMsgType.CLOSE, message
        return int(message.data)

    async def all_until_pong(self) -> list[dict[str, Any]]:
        """Return all that was on its way before an answer to a ping."""
        before = len(self.heard)
        await self.say(type="ping")
        await self.hear("pong")
        return self.heard[before:-1]


@dataclass
class Person:
    """Somebody who is signed in."""

    served: Served
    account: Account
    secret: str
    csrf: str

    async def call(
        self, method: str, path: str, json: Any = None, *, csrf: str | None = None, **options: Any
    ) -> tuple[int, Any]:
        """Return status and JSON of a call below /api/v1."""
        headers = {
            "X-Kuaihui-CSRF": self.csrf if csrf is None else csrf,
            "Cookie": f"kuaihui_session={self.secret}",
        }
        headers |= options.pop("headers", {})
        async with self.served.client.request(
            method, f"/api/v1{path}", headers=headers, json=json, **options
        ) as response:
            kind = response.content_type
            if kind == "application/json":
                return response.status, await response.json()
            return response.status, await response.read()

    @asynccontextmanager
    async def page(
        self, feeds: Mapping[str, int] | None = None, *, batches: bool = False
    ) -> AsyncIterator[Line]:
        """Yield a page's socket after its hello."""
        headers = {"Cookie": f"kuaihui_session={self.secret}"}
        async with self.served.client.ws_connect("/api/v1/live", headers=headers) as socket:
            line = Line(socket)
            await line.say(type="hello", csrf=self.csrf, feeds=dict(feeds or {}), batches=batches)
            await line.hear("welcome")
            yield line


async def hire(served: Served, memberships: Mapping[str, str], *, is_admin: bool = False) -> Person:
    """Return somebody signed in with a role in each of these shops."""
    accounts, clock = served.engine.parts.accounts, served.clock
    if not await accounts.list_organisations():
        shops = frozenset({"tea", "lamp", "demo-silk"})
        await accounts.put_organisation(Organisation(ORGANISATION, "客服公司", shops))
    number = next(_numbers)
    account = Account(f"p{number}", ORGANISATION, f"login{number}", f"客服{number}号", is_admin=is_admin)
    roles = [Membership(account.id, shop, role) for shop, role in memberships.items()]
    await accounts.create_accounts([(account, "no password")], roles)
    secret, csrf = f"secret-of-{account.id}", f"csrf-of-{account.id}"
    await accounts.create_session(account.id, secret, csrf, clock.now() + timedelta(hours=8), "test")
    return Person(served, account, secret, csrf)


async def says(
    served: Served, shop: str, text: str, *, buyer: str = "b-1", key: str = "", channel: str = "web"
) -> Written:
    """Let a buyer say something to the shop."""
    visitor = Buyer("", "tb_****12", channel, buyer)
    return await served.engine.workspace.conversing.receive(
        shop, visitor, text, key=key or f"k{next(_numbers)}"
    )
