"""The buyer's end of the line: a WebSocket on which one browser speaks with one shop."""

from __future__ import annotations

import asyncio
import json
import logging
from collections.abc import Callable
from contextlib import suppress
from typing import Any, Final

from aiohttp import WSMsgType, web

from bot.domain.networks import network_of
from bot.domain.shop import shop_id
from bot.ports import NotFound, Unavailable
from bot.services.chat_limits import (
    CONNECTION_BY_ADDRESS,
    FRAME_BY_ADDRESS,
    FRAME_BY_VISITOR,
    MESSAGE_BY_ADDRESS,
    MESSAGE_BY_SHOP,
    MESSAGE_BY_VISITOR,
    NEWCOMER_BY_ADDRESS,
    NEWCOMER_BY_SHOP,
)
from bot.services.chatting import MessageRefused, Visitor, new_visitor, shown_to_buyers
from bot.services.typing import BUYER, Typist
from bot.web.addresses import client_address
from bot.web.authorisation import open_to_all
from bot.web.chat_state import CHAT, ChatServices, bubble_data, bubbles_data, refuse_other_origins
from bot.web.errors import ApiError

_log = logging.getLogger(__name__)
_MAX_FRAME: Final = 64 * 1024
_PAGE: Final = 60
_OPEN_AT_ONCE: Final = 30
_STORE_PAUSE_SECONDS: Final = 1.0
_HELLO_SECONDS: Final = 20.0
_HEARTBEAT: Final = 25.0
_POLICY: Final = 1008


@open_to_all
async def serve_chat(request: web.Request) -> web.StreamResponse:
    """Serve one buyer's socket until either side leaves."""
    refuse_other_origins(request)
    shop, chat = shop_id(request.match_info["shop"]), request.app[CHAT]
    address = network_of(client_address(request))
    await chat.chatting.front(shop)
    if chat.open_by_address.get(address, 0) >= _OPEN_AT_ONCE or chat.limits.take(
        (CONNECTION_BY_ADDRESS, address)
    ):
        raise ApiError(429, "too many connections from this address; try again in a minute")
    socket = web.WebSocketResponse(heartbeat=_HEARTBEAT, max_msg_size=_MAX_FRAME)
    chat.open_by_address[address] = chat.open_by_address.get(address, 0) + 1
    try:
        await socket.prepare(request)
        chat.sockets.add(socket)
        await ChatConnection(chat, socket, shop, address).serve()
    finally:
        chat.sockets.discard(socket)
        chat.open_by_address[address] -= 1
        if not chat.open_by_address[address]:
            del chat.open_by_address[address]
    return socket


class ChatConnection:
    """One socket. What is new is read from the store with the visitor's own id, whoever said that there is something."""

    def __init__(self, chat: ChatServices, socket: web.WebSocketResponse, shop: str, address: str) -> None:
        self._chat = chat
        self._socket = socket
        self._shop = shop
        self._address = address
        self._visitor: Visitor | None = None
        self._seen: dict[str, int] = {}
        self._conversation = ""
        self._forget: list[Callable[[], None]] = []
        self._news = asyncio.Event()
        self._typing: bool | None = None

    async def serve(self) -> None:
        """Answer what comes and push what is new, until the socket closes."""
        pushing = asyncio.create_task(self._push())
        try:
            await self._receive()
        finally:
            pushing.cancel()
            with suppress(asyncio.CancelledError):
                await pushing
            for forget in self._forget:
                forget()

    async def _receive(self) -> None:
        while True:
            # A socket that never says who it is does not stay.
            try:
                message = await self._socket.receive(timeout=None if self._visitor else _HELLO_SECONDS)
            except TimeoutError:
                await self._socket.close(code=_POLICY, message=b"no hello")
                return
            if message.type is not WSMsgType.TEXT:
                return
            data = _parsed(message.data)
            try:
                if wait := self._floods():
                    await self._refuse_too_fast(data, wait)
                else:
                    await self._answer(data)
            except MessageRefused as error:
                await self._refuse(data, error.code, str(error))
            except NotFound as error:
                await self._refuse(data, "not_found", str(error))
            except Unavailable as error:
                await self._refuse(data, "unavailable", str(error))
            except ConnectionError:
                return
            except Exception:  # noqa: BLE001 - the last place before the network: a stack trace must not leave
                _log.exception("unforeseen error in a chat of a shop, message type %.40r", data.get("type"))
                await self._refuse(data, "internal", "something went wrong on our side; try again")

    async def _answer(self, data: dict[str, Any]) -> None:
        kind = data.get("type")
        if kind == "hello":
            await self._greet(data)
        elif self._visitor is None:
            await self._refuse(data, "no_hello", "say hello first")
        elif kind == "say":
            await self._say(self._visitor, data)
        elif kind == "typing":
            self._tell_typing(on=data.get("on") is True)
        elif kind == "viewing":
            self._visitor = new_visitor(self._shop, self._visitor.token, _text(data, "product"))
        elif kind == "earlier":
            await self._earlier(self._visitor, data)
        elif kind == "ping":
            await self._pong(self._visitor)
        else:
            await self._refuse(data, "unknown_type", "type: hello, say, typing, viewing, earlier or ping")

    async def _greet(self, data: dict[str, Any]) -> None:
        if self._visitor is not None:
            await self._socket.close(code=_POLICY, message=b"hello is said once")
            return
        visitor = new_visitor(self._shop, _text(data, "token"), _text(data, "product"))
        front = await self._chat.chatting.front(self._shop)
        page = await self._chat.chatting.history(visitor, _PAGE)
        self._visitor = visitor
        self._forget.append(self._chat.typing.listen(self._shop, self._hear_typing))
        await self._attend(await self._chat.chatting.open_conversation(visitor) or "")
        for bubble in page.bubbles:
            if bubble.conversation in self._seen:
                self._seen[bubble.conversation] = max(self._seen[bubble.conversation], bubble.message.number)
        self._news.set()
        shop = front.shop
        await self._send(
            {
                "type": "welcome",
                "token": visitor.token,
                "shop": {
                    "name": shop.name, "name_en": shop.name_en, "colour": shop.colour, "avatar": shop.avatar,
                },
                "open": front.is_open,
                "hours": [
                    {"weekday": each.weekday, "since": f"{each.since:%H:%M}", "until": f"{each.until:%H:%M}"}
                    for each in front.hours
                ],
                "messages": bubbles_data(page.bubbles, marks=await self._chat.marks(self._shop)),
                "earlier": _cursor(page.earlier),
            }
        )  # fmt: skip

    async def _attend(self, conversation: str) -> None:
        """Listen to the visitor's conversation from now on; a new one takes the place of one that was closed."""
        if conversation and conversation not in self._seen:
            self._seen[conversation] = 0
            self._conversation = conversation
            self._forget.append(self._chat.feeds.listen(self._shop, conversation, self._news.set))

    async def _say(self, visitor: Visitor, data: dict[str, Any]) -> None:
        if wait := await self._too_fast(visitor):
            await self._refuse_too_fast(data, wait)
            return
        text = data.get("text")
        if not isinstance(text, str):
            raise MessageRefused("empty", "text: the message")
        bubble = await self._chat.chatting.say(visitor, text, _text(data, "key"))
        await self._attend(bubble.conversation)
        self._news.set()
        await self._send({"type": "message", "message": bubble_data(bubble)})

    async def _too_fast(self, visitor: Visitor) -> float:
        wanted = [
            (MESSAGE_BY_VISITOR, visitor.external_id),
            (MESSAGE_BY_ADDRESS, self._address),
            (MESSAGE_BY_SHOP, self._shop),
        ]
        if not self._seen:
            wanted += [(NEWCOMER_BY_ADDRESS, self._address), (NEWCOMER_BY_SHOP, self._shop)]
        return self._chat.limits.take(*wanted)

    async def _earlier(self, visitor: Visitor, data: dict[str, Any]) -> None:
        conversation, _, number = _text(data, "before").rpartition(":")
        if not conversation or not number.isdecimal() or len(number) > 9:
            raise NotFound("before: the id of a message")
        page = await self._chat.chatting.history(visitor, _PAGE, (conversation, int(number)))
        shown = bubbles_data(page.bubbles, marks=await self._chat.marks(self._shop))
        await self._send({"type": "earlier", "messages": shown, "earlier": _cursor(page.earlier)})

    async def _pong(self, visitor: Visitor) -> None:
        # Another window of the same browser may have begun a new conversation, at another worker.
        await self._attend(await self._chat.chatting.open_conversation(visitor) or "")
        self._news.set()
        await self._send({"type": "pong", "open": (await self._chat.chatting.front(self._shop)).is_open})

    def _tell_typing(self, *, on: bool) -> None:
        if self._conversation:
            self._chat.typing.tell(self._shop, self._conversation, BUYER, on)

    def _hear_typing(self, conversation: str, who: Typist, on: bool) -> None:
        if conversation == self._conversation and who != BUYER:
            self._typing = on
            self._news.set()

    async def _push(self) -> None:
        while True:
            await self._news.wait()
            self._news.clear()
            try:
                await self._tell_news()
            except NotFound as error:
                _log.debug("news wait: %s", error)
            except Unavailable as error:
                # The wake is kept: a store that is away comes back.
                _log.debug("news wait: %s", error)
                self._news.set()
                await asyncio.sleep(_STORE_PAUSE_SECONDS)
            except ConnectionError:
                return

    async def _tell_news(self) -> None:
        if self._visitor is None or self._socket.closed:
            return
        for bubble in await self._chat.chatting.news(self._visitor, self._seen):
            self._seen[bubble.conversation] = max(self._seen[bubble.conversation], bubble.message.number)
            if shown_to_buyers(bubble.message):
                shown = bubble_data(bubble, marks=await self._chat.marks(self._shop))
                await self._send({"type": "message", "message": shown})
                self._typing = False if bubble.message.author != "buyer" else self._typing
        if self._typing is not None:
            on, self._typing = self._typing, None
            await self._send({"type": "typing", "on": on})

    def _floods(self) -> float:
        """Count what came, of whatever kind; return the seconds to wait when it is more than a page ever sends."""
        wanted = [(FRAME_BY_ADDRESS, self._address)]
        if self._visitor is not None:
            wanted.append((FRAME_BY_VISITOR, self._visitor.external_id))
        return self._chat.limits.take(*wanted)

    async def _refuse_too_fast(self, data: dict[str, Any], wait: float) -> None:
        await self._refuse(data, "too_fast", "too many messages", retry_after=round(wait, 1))

    async def _refuse(self, data: dict[str, Any], code: str, message: str, **more: Any) -> None:
        await self._send(
            {"type": "error", "key": _text(data, "key"), "code": code, "message": message, **more}
        )

    async def _send(self, data: dict[str, Any]) -> None:
        if not self._socket.closed:
            await self._socket.send_str(json.dumps(data, ensure_ascii=False, separators=(",", ":")))


def _parsed(raw: str) -> dict[str, Any]:
    try:
        data = json.loads(raw)
    except (ValueError, RecursionError):
        return {}
    return data if isinstance(data, dict) else {}


def _text(data: dict[str, Any], name: str) -> str:
    value = data.get(name)
    return value if isinstance(value, str) and len(value) <= 200 else ""


def _cursor(earlier: tuple[str, int] | None) -> str:
    return "" if earlier is None else f"{earlier[0]}:{earlier[1]}"
