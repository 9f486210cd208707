"""Killing what serves in mid traffic: nothing that was taken is lost or doubled, and every page finds its way back alone."""

from __future__ import annotations

import asyncio
import contextlib
import http.client
import json
import signal
import socket
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import aiohttp
import psutil
import pytest

from bot.bootstrap.databases import open_database, open_stores
from bot.bootstrap.engine import Stores
from bot.domain.account import Account, Membership
from bot.domain.conversation import Buyer, Message
from bot.ports import NewMessage
from bot.services.chatting import CHANNEL, new_visitor
from bot.settings import load_settings
from tests.integration.installations import LIFE, NOWHERE, SELECT, Installation, Server, alive
from tests.integration.live_clients import AgentPage, Badge, BuyerPage, eventually

WORKER = "bot.bootstrap.worker"
_ORGANISATION = "shop-team"
_BUYERS = 2
_WRITES = 6


@pytest.fixture(scope="module")
def lively(reachable_folder: Path) -> Iterator[Installation]:
    """An installation with the demo shops, whose server is killed."""
    installation = Installation(reachable_folder / "lively", KUAIHUI_RASA_PYTHON=NOWHERE)
    assert installation.call("demo-shops").status == 0
    yield installation
    for process in installation.processes():
        process.kill()


@pytest.fixture(scope="module")
def port() -> str:
    """A port that is free, the same before and after a restart."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return str(free.getsockname()[1])


@pytest.fixture
async def web() -> AsyncIterator[aiohttp.ClientSession]:
    async with aiohttp.ClientSession(cookie_jar=aiohttp.DummyCookieJar()) as session:
        yield session


@asynccontextmanager
async def stores_of(installation: Installation) -> AsyncIterator[Stores]:
    """Yield the stores of the database, beside the server or without it."""
    settings = load_settings(installation.environment({}), Path("/nonexistent/.env"))
    async with open_database(settings) as (_, app_dsn), open_stores(app_dsn) as stores:
        yield stores


async def hire(stores: Stores, name: str, *shops: str) -> Badge:
    """Make an agent of the shops and sign it in."""
    organisation = (await stores.accounts.list_organisations())[0].id
    badge = Badge(f"agent-{name}")
    account = Account(badge.account, organisation, badge.account, f"客服 {name}")
    await stores.accounts.create_accounts(
        [(account, "!")], [Membership(badge.account, shop, "agent") for shop in shops]
    )
    until = datetime.now(UTC) + timedelta(hours=1)
    await stores.accounts.create_session(badge.account, badge.secret, badge.csrf, until, "test")
    return badge


class Traffic:
    """Buyers of two shops and the agent of each; all of them write."""

    def __init__(self, web: aiohttp.ClientSession, address: str, badges: dict[str, Badge]) -> None:
        self.agents = {shop: AgentPage(web, address, badge) for shop, badge in badges.items()}
        self.buyers = [BuyerPage(web, address, shop) for shop in badges for _ in range(_BUYERS)]

    async def begin(self) -> None:
        for page in (*self.agents.values(), *self.buyers):
            page.open()
        await eventually(lambda: all(page.is_ready for page in (*self.agents.values(), *self.buyers)))

    async def write(self) -> None:
        """Let every buyer write; what was written goes out while the rest happens."""
        for buyer in self.buyers:
            for number in range(_WRITES):
                await buyer.write(f"第{number + 1}句：这款现在有货吗")

    async def in_the_middle(self) -> None:
        """Let every buyer write; return while messages of theirs and accepted replies are on their way."""
        begun = [len(buyer.taken) for buyer in self.buyers]
        await self.write()

        def is_busy() -> bool:
            moved = [len(buyer.taken) > before for buyer, before in zip(self.buyers, begun, strict=True)]
            return all(moved) and all(agent.held for agent in self.agents.values())

        await eventually(is_busy)

    async def settle(self) -> None:
        """Return once everything that was written has arrived and every bubble is answered."""
        await eventually(lambda: not any(buyer.unsent for buyer in self.buyers))
        taken = {shop: sum(len(b.taken) for b in self.buyers if b.shop == shop) for shop in self.agents}
        await eventually(lambda: all(len(self.agents[shop].sent) >= taken[shop] for shop in taken))
        await eventually(lambda: all(not agent.outgoing for agent in self.agents.values()))

    async def leave(self) -> None:
        for page in (*self.agents.values(), *self.buyers):
            await page.leave()


@asynccontextmanager
async def traffic(
    web: aiohttp.ClientSession, server: Server, badges: dict[str, Badge]
) -> AsyncIterator[Traffic]:
    """Yield pages that are open and write."""
    made = Traffic(web, server.address, badges)
    try:
        await made.begin()
        yield made
    finally:
        await made.leave()


async def messages_of(stores: Stores, buyer: BuyerPage) -> tuple[str, list[Message]]:
    """Return the buyer's conversation and all that stands in it."""
    visitor = new_visitor(buyer.shop, buyer.token)
    found = await stores.conversations.find_buyer(buyer.shop, CHANNEL, visitor.external_id)
    assert found is not None
    (conversation,) = await stores.conversations.buyer_conversations(buyer.shop, found.id, 10)
    return conversation.id, await stores.conversations.list_messages(buyer.shop, conversation.id, 1000)


async def assert_whole(stores: Stores, made: Traffic) -> None:
    """Assert that each buyer's and each agent's message stands once, in order, and that both sides have seen them all."""
    replies: dict[str, list[str]] = {shop: [] for shop in made.agents}
    for buyer in made.buyers:
        conversation, messages = await messages_of(stores, buyer)
        assert [message.key for message in messages if message.author == "buyer"] == buyer.taken
        assert [message.number for message in messages] == list(range(1, len(messages) + 1))
        said = [message for message in messages if message.author == "agent"]
        replies[buyer.shop] += [message.key for message in said]
        agent = made.agents[buyer.shop]
        seen = agent.seen[buyer.shop, conversation]
        assert {number: bubble["text"] for number, bubble in seen.items()} == {
            message.number: message.text for message in messages
        }
        await eventually(lambda: len(buyer.answers) >= len(said))  # noqa: B023 - awaited at once
        assert buyer.answers == {f"{conversation}:{message.number}": 1 for message in said}
    for shop, agent in made.agents.items():
        assert agent.refused == []
        assert sorted(replies[shop]) == sorted(agent.sent)
        assert len(replies[shop]) == sum(len(buyer.taken) for buyer in made.buyers if buyer.shop == shop)


async def test_a_killed_worker_loses_and_doubles_nothing(
    lively: Installation, web: aiohttp.ClientSession
) -> None:
    with Server(lively, "--workers", "2") as server:
        assert server.address
        async with stores_of(lively) as stores:
            badges = {LIFE: await hire(stores, "a1", LIFE), SELECT: await hire(stores, "a2", SELECT)}
        async with traffic(web, server, badges) as made:
            for _ in range(2):
                await made.in_the_middle()
                for worker in server.parts(WORKER):
                    worker.kill()
                welcomes = [agent.welcomes for agent in made.agents.values()]
                await eventually(
                    lambda before=welcomes: all(
                        agent.welcomes > count
                        for agent, count in zip(made.agents.values(), before, strict=True)
                    )
                )
            await made.settle()
            async with stores_of(lively) as stores:
                await assert_whole(stores, made)


async def test_a_server_killed_with_its_database_loses_and_doubles_nothing(
    lively: Installation, web: aiohttp.ClientSession, port: str
) -> None:
    first = Server(lively, "--port", port, "--workers", "2")
    assert first.address
    async with stores_of(lively) as stores:
        badges = {LIFE: await hire(stores, "b1", LIFE), SELECT: await hire(stores, "b2", SELECT)}
    async with traffic(web, first, badges) as made:
        await made.in_the_middle()
        family = first.family()
        for process in family:
            with contextlib.suppress(psutil.NoSuchProcess):
                process.kill()
        first.process.wait(30)
        assert not alive(family)
        with Server(lively, "--port", port, "--workers", "2"):
            await made.settle()
            async with stores_of(lively) as stores:
                await assert_whole(stores, made)


class Pinned:
    """HTTP to one worker: a connection that is kept."""

    def __init__(self, server: Server, badge: Badge) -> None:
        self._connection = http.client.HTTPConnection(urlsplit(server.address).netloc, timeout=60)
        self._connection.connect()
        self._headers = {"Cookie": f"kuaihui_session={badge.secret}"}
        self.port: int = self._connection.sock.getsockname()[1]

    def get(self, path: str) -> tuple[int, Any]:
        """Return status and body."""
        self._connection.request("GET", path, headers=self._headers)
        response = self._connection.getresponse()
        return response.status, json.loads(response.read())

    def close(self) -> None:
        self._connection.close()


def worker_of(server: Server, local_port: int) -> int:
    """Return the process id of the worker that serves the connection from this port."""
    for worker in server.parts(WORKER):
        if any(each.raddr and each.raddr.port == local_port for each in worker.net_connections("tcp")):
            return worker.pid
    return 0


async def at_every_worker(
    server: Server, web: aiohttp.ClientSession, badge: Badge
) -> dict[int, tuple[AgentPage, Pinned]]:
    """Return an open page and a kept connection at each worker: the kernel spreads them, so more are tried."""
    pages: dict[int, AgentPage] = {}
    pinned: dict[int, Pinned] = {}
    workers = {worker.pid for worker in server.parts(WORKER)}
    while pages.keys() != workers or pinned.keys() != workers:
        connection = Pinned(server, badge)
        assert connection.get("/api/v1/me")[0] == 200
        owner = worker_of(server, connection.port)
        if owner in pinned:
            connection.close()
        else:
            pinned[owner] = connection
        page = AgentPage(web, server.address, badge)
        page.answers_buyers = False
        page.open()
        await eventually(lambda opened=page: opened.is_ready)
        assert page.socket is not None
        owner = worker_of(server, page.socket.get_extra_info("sockname")[1])
        if owner in pages:
            await page.leave()
        else:
            pages[owner] = page
    return {worker: (pages[worker], pinned[worker]) for worker in workers}


async def say_as_buyer(stores: Stores, shop: str, key: str) -> str:
    """Write a buyer's message, as another process would; return its conversation."""
    now = datetime.now(UTC)
    buyer = Buyer("", "买家", "test", f"{shop}-buyer")
    found = await stores.conversations.open_conversation(shop, buyer, now)
    message = NewMessage("buyer", "有货吗", now, key)
    await stores.conversations.write_message(shop, found.id, message, lambda _: {"last_text": "有货吗"})
    return found.id


def of_shop(page: AgentPage, shop: str) -> list[dict[str, Any]]:
    return [frame for frame in page.frames if frame.get("shop") == shop]


async def test_who_is_taken_off_a_shop_hears_no_more_of_it_from_any_worker(
    lively: Installation, web: aiohttp.ClientSession
) -> None:
    with Server(lively, "--workers", "2") as server:
        assert server.address
        async with stores_of(lively) as stores:
            badge = await hire(stores, "c1", LIFE, SELECT)
            conversation = await say_as_buyer(stores, LIFE, "before")
            doors = await at_every_worker(server, web, badge)
            shop = f"/api/v1/shops/{LIFE}"
            paths = [f"{shop}/conversations/{conversation}", f"{shop}/policy", f"{shop}/phrases"]
            for _, pinned in doors.values():
                assert [pinned.get(path)[0] for path in paths] == [200] * len(paths)

            await stores.accounts.end_membership(badge.account, LIFE, datetime.now(UTC))
            for page, pinned in doors.values():
                await eventually(lambda told=page: "removed" in [each["type"] for each in told.frames])
                assert [pinned.get(path)[0] for path in paths] == [404] * len(paths)
                status, queue = pinned.get("/api/v1/queue")
                assert (status, {row["shop"] for row in queue["conversations"]} - {SELECT}) == (200, set())

            told = {worker: len(of_shop(page, LIFE)) for worker, (page, _) in doors.items()}
            await say_as_buyer(stores, LIFE, "after")
            await say_as_buyer(stores, SELECT, "after")
            for worker, (page, _) in doors.items():
                await page.say({"type": "open", "shop": LIFE, "conversation": conversation})
                await eventually(
                    lambda kept=page: "message" in [each["type"] for each in of_shop(kept, SELECT)]
                )
                await eventually(lambda kept=page: kept.frames[-1]["type"] == "error" or any(
                    each["type"] == "error" for each in kept.frames))  # fmt: skip
                (error,) = [each["error"]["code"] for each in page.frames if each["type"] == "error"]
                assert error == "not_found"
                assert len(of_shop(page, LIFE)) == told[worker]
                assert of_shop(page, LIFE)[-1]["type"] == "removed"
            for page, pinned in doors.values():
                pinned.close()
                await page.leave()
        server.signal(signal.SIGINT)
        await asyncio.to_thread(server.process.wait, 30)
