"""The web chat over stores in memory: two shops, and a line to them as a browser has it."""

from __future__ import annotations

import io
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import aiohttp_jinja2
import jinja2
from aiohttp import ClientWebSocketResponse, WSMsgType, web
from aiohttp.test_utils import TestClient, TestServer
from PIL import Image

import bot.web
from bot.domain.shop import Shop
from bot.services.chat_limits import ChatLimits
from bot.services.chatting import Chatting
from bot.services.colleagues import Colleagues
from bot.services.feed_following import FeedFollower
from bot.services.typing import TypingBoard
from bot.storage.memory import Memory, MemoryShops
from bot.storage.memory_accounts import MemoryAccounts, MemoryPeople, MemoryPresence
from bot.storage.memory_conversations import MemoryConversations
from bot.storage.memory_typing import MemoryTypingRelay
from bot.web.application import headers_middleware
from bot.web.chat_page import add_chat
from bot.web.chat_state import ChatServices
from bot.web.errors import error_middleware
from tests.contract.conversation_contract import SIMPLIFY
from tests.unit.fakes.plain_conversing import PlainConversing
from tests.web.memory_app import StandingClock

KEY = "key-0000-{}"
SHOPS = {
    "tea": Shop("tea", "青岚茶铺", "Qinglan Tea", "#1f6f5c", "青"),
    "lamp": Shop("lamp", "赤霞灯具", "", "#b4552d", "灯"),
}


def picture(kind: str = "PNG", size: tuple[int, int] = (40, 30), **options: Any) -> bytes:
    """Return an image file."""
    out = io.BytesIO()
    Image.new("RGB", size, (120, 30, 60)).save(out, format=kind, **options)
    return out.getvalue()


class Browser:
    """One buyer's socket."""

    def __init__(self, socket: ClientWebSocketResponse) -> None:
        self.socket = socket
        self.token = ""
        self.welcome: dict[str, Any] = {}
        self._sent = 0

    async def hello(self, token: str = "", **more: Any) -> dict[str, Any]:
        await self.send(type="hello", token=token, **more)
        self.welcome = await self.hear("welcome")
        self.token = self.welcome["token"]
        return self.welcome

    async def send(self, **message: Any) -> None:
        await self.socket.send_json(message)

    async def hear(self, kind: str) -> dict[str, Any]:
        """Return the next message of that kind; those of other kinds before it are passed over."""
        while True:
            heard = await self.socket.receive(timeout=5)
            assert heard.type is WSMsgType.TEXT, heard
            data: dict[str, Any] = heard.json()
            if data["type"] == kind:
                return data

    async def say(self, text: str, key: str = "", **more: Any) -> dict[str, Any]:
        """Say it and return the bubble that came back."""
        self._sent += 1
        key = key or KEY.format(f"{id(self)}-{self._sent}")
        await self.send(type="say", text=text, key=key, **more)
        while True:
            bubble: dict[str, Any] = (await self.hear("message"))["message"]
            if bubble["key"] == key:
                return bubble

    async def closing(self) -> int | None:
        """Return the code with which the other side closes."""
        while True:
            heard = await self.socket.receive(timeout=5)
            if heard.type in (WSMsgType.CLOSE, WSMsgType.CLOSED, WSMsgType.CLOSING):
                return self.socket.close_code


@dataclass
class ChatServed:
    """The running chat with what is behind it."""

    client: TestClient[web.Request, web.Application]
    services: ChatServices
    store: MemoryConversations
    conversing: PlainConversing
    clock: StandingClock

    async def browser(self, shop: str = "tea", **options: Any) -> Browser:
        return Browser(await self.client.ws_connect(f"/chat/{shop}/live", **options))

    async def send_image(
        self, shop: str, token: str, content: bytes, key: str = "key-image-1"
    ) -> tuple[int, Any]:
        headers = {"Authorization": f"Bearer {token}"}
        path = f"/chat/{shop}/images?key={key}"
        async with self.client.post(path, data=io.BytesIO(content), headers=headers) as response:
            return response.status, await response.json()

    async def image(self, shop: str, token: str, image: str) -> tuple[int, str, bytes]:
        headers = {"Authorization": f"Bearer {token}"}
        async with self.client.get(f"/chat/{shop}/images/{image}", headers=headers) as response:
            return response.status, response.content_type, await response.read()


async def serve_chat_app() -> ChatServed:
    """Return the chat, running."""
    clock, memory = StandingClock(), Memory()
    store, shops = MemoryConversations(memory, SIMPLIFY), MemoryShops(memory)
    for shop in SHOPS.values():
        await shops.put_shop(shop)
    conversing = PlainConversing(store, clock)
    people = MemoryPeople()
    typing = TypingBoard(
        MemoryTypingRelay(), Colleagues(MemoryAccounts(people, clock), MemoryPresence(people))
    )

    async def marks(shop: str) -> bool:
        return shop == "tea"

    chatting = Chatting(shops, store, conversing, clock)
    services = ChatServices(chatting, FeedFollower(store), typing, ChatLimits(clock), marks)
    app = web.Application(middlewares=[headers_middleware, error_middleware])
    aiohttp_jinja2.setup(
        app,
        loader=jinja2.FileSystemLoader(Path(bot.web.__file__).parent / "pages"),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
    )
    add_chat(app, services)
    client = TestClient(TestServer(app))
    await client.start_server()
    return ChatServed(client, services, store, conversing, clock)
