"""The WebSocket of the workspace: says hello, then does what the page asks, one message after another."""

from __future__ import annotations

import asyncio
import contextlib
import hmac
import logging
import time
from collections import OrderedDict, deque
from collections.abc import AsyncIterator
from typing import Any, Final

from aiohttp import WSCloseCode, WSMsgType, web

from bot.domain.account import Right
from bot.domain.message_text import UnusableMessage
from bot.domain.shop import InvalidShopId, shop_id
from bot.ports import Conflict, NotFound, Unavailable
from bot.services.sending import Stopped, TooLate
from bot.services.typing import Typist
from bot.services.workspace_data import guard_data, message_data, moment_data
from bot.web.authorisation import SIGNED_IN, caller_of, csrf_of
from bot.web.bodies import Body
from bot.web.csrf import require_same_origin
from bot.web.errors import CODES, ApiError
from bot.web.live_connection import LiveConnection
from bot.web.live_hub import HUB, LiveHub
from bot.web.live_messages import (
    MAX_LIVE_BYTES,
    Hello,
    Open,
    Ping,
    Send,
    SetPresence,
    Typing,
    Undo,
    read_live_message,
)
from bot.web.sessions import COOKIE

_log = logging.getLogger(__name__)
_HELLO_SECONDS: Final = 10.0
_BEAT_SECONDS: Final = 20.0
_PER_WINDOW: Final = 240
_WINDOW_SECONDS: Final = 10.0
_KEYS_KEPT: Final = 200
MOST_PAGES: Final = 20
"""Pages that one person has open on one worker: each costs the server what a colleague's costs."""


async def live(request: web.Request) -> web.StreamResponse:
    """Follow everything in one's shops as it happens, and write to buyers (WebSocket)."""
    require_same_origin(request)
    if len(request.app[HUB].pages_of(caller_of(request).account.id)) >= MOST_PAGES:
        raise ApiError(429, f"{MOST_PAGES} pages of yours are open; close some of them")
    socket = web.WebSocketResponse(heartbeat=_BEAT_SECONDS, max_msg_size=MAX_LIVE_BYTES, compress=False)
    if not socket.can_prepare(request).ok:
        raise ApiError(400, "this address speaks WebSocket only")
    await socket.prepare(request)
    page = LiveConnection(socket, request[SIGNED_IN], request.cookies.get(COOKIE, ""))
    writer = asyncio.create_task(page.write())
    hub = request.app[HUB]
    try:
        feeds = await _hello(socket, page, csrf_of(request))
        if feeds is not None:
            await hub.join(page, feeds)
            await _LiveSession(hub, page).serve(socket)
    except Unavailable:
        page.end(WSCloseCode.TRY_AGAIN_LATER, "the database is away")
    finally:
        hub.leave(page)
        page.end(WSCloseCode.GOING_AWAY, "bye")
        with contextlib.suppress(asyncio.CancelledError):
            await writer
    return socket


async def _hello(socket: web.WebSocketResponse, page: LiveConnection, csrf: str) -> dict[str, int] | None:
    """Return the feed numbers of the first message; None when it was not a right one, and the socket ends."""
    try:
        async with asyncio.timeout(_HELLO_SECONDS):
            first = await socket.receive()
        message = read_live_message(first.data) if first.type is WSMsgType.TEXT else None
    except (TimeoutError, ApiError):
        message = None
    if isinstance(message, Hello) and hmac.compare_digest(message.csrf.encode(), csrf.encode()):
        page.takes_batches = message.batches
        return message.feeds
    page.end(WSCloseCode.POLICY_VIOLATION, "say hello with the session's csrf first")
    return None


class _LiveSession:
    """What one page asks, after its hello."""

    def __init__(self, hub: LiveHub, page: LiveConnection) -> None:
        self._hub = hub
        self._workspace = hub.workspace
        self._page = page
        self._shop_of: OrderedDict[str, str] = OrderedDict()
        self._moments: deque[float] = deque(maxlen=_PER_WINDOW)

    async def serve(self, socket: web.WebSocketResponse) -> None:
        """Serve until the socket ends."""
        async for received in socket:
            if self._page.is_ending:
                return
            if received.type is not WSMsgType.TEXT:
                self._error(ApiError(400, "send text"))
                continue
            await self._answer(received.data)

    async def _answer(self, text: str) -> None:
        message: Body | None = None
        try:
            self._check_rate()
            message = read_live_message(text)
            await self._do(message)
        except Exception as error:  # noqa: BLE001 - every error becomes a message; a stack trace must not leave
            self._error(error, message)

    async def _do(self, message: Body) -> None:
        match message:
            case Ping():
                self._page.tell("pong", server_time=moment_data(self._workspace.clock.now()))
            case Open():
                await self._open(message)
            case Typing():
                await self._type(message)
            case Send():
                await self._send(message)
            case Undo():
                await self._undo(message)
            case SetPresence():
                await self._be(message.state)
            case _:
                raise ApiError(400, "hello is said once", {"type": "hello"})

    async def _open(self, message: Open) -> None:
        if not message.shop or not message.conversation:
            self._page.view = None
            return
        shop = self._require(message.shop, Right.READ)
        self._page.view = None
        await self._workspace.store.get_conversation(shop, message.conversation)
        self._require(shop, Right.READ)
        self._page.view = shop, message.conversation
        self._hub.suggestions.want(shop, message.conversation, self._page)

    async def _type(self, message: Typing) -> None:
        shop = self._require(message.shop, Right.ANSWER)
        if self._page.view != (shop, message.conversation):
            await self._workspace.store.get_conversation(shop, message.conversation)
        account = self._page.caller.account
        if message.on:
            await self._workspace.stepping_in.step_in(shop, message.conversation, account.id)
        self._workspace.typing.tell(shop, message.conversation, Typist(account.id, account.name), message.on)

    async def _send(self, message: Send) -> None:
        shop = self._require(message.shop, Right.ANSWER)
        if message.image:
            _, _, conversation = await self._workspace.store.get_image(shop, message.image)
            if conversation not in ("", message.conversation):
                raise NotFound("there is no such image in this conversation")
        accepted = await self._workspace.outbox.accept(self._page.caller, message.to_outgoing())
        self._shop_of[message.key] = shop
        while len(self._shop_of) > _KEYS_KEPT:
            self._shop_of.popitem(last=False)
        about: dict[str, Any] = {"conversation": message.conversation, "key": message.key}
        if accepted.sent is not None:
            names = await self._workspace.colleagues.names(shop, accepted.sent.account)
            self._page.tell("sent", shop, **about, message=message_data(accepted.sent, names))
        else:
            self._page.tell("held", shop, **about, until=moment_data(accepted.until))

    async def _undo(self, message: Undo) -> None:
        known = message.shop or self._shop_of.get(message.key)
        # After a reconnect the page may not say of which shop it was: it is looked for in those that it may answer in.
        now = self._workspace.clock.now()
        shops = [known] if known else sorted(self._page.caller.shops_with(Right.ANSWER, now))
        for shop in shops:
            self._require(shop, Right.ANSWER)
            try:
                text = await self._workspace.outbox.undo(self._page.caller, shop, message.key)
            except TooLate:
                continue
            self._page.tell("undone", shop, key=message.key, text=text)
            return
        raise TooLate

    async def _be(self, state: str) -> None:
        await self._hub.presence.put(self._page.account, state)
        for page in self._hub.pages_of(self._page.account):
            page.tell("presence", account=self._page.account, state=state)

    def _require(self, shop: str, right: Right) -> str:
        """Return the shop if the person has the right there now. Raises NotFound, ApiError."""
        now = self._workspace.clock.now()
        shop = shop_id(shop)
        if not self._page.may(Right.READ, shop, now):
            raise NotFound("there is no such shop for you")
        if not self._page.may(right, shop, now):
            raise ApiError(
                403, f"您在本店没有这项权限。 You have no right to this in this shop: {right.value}"
            )
        return shop

    def _check_rate(self) -> None:
        now = time.monotonic()
        full = len(self._moments) == self._moments.maxlen
        if full and now - self._moments[0] < _WINDOW_SECONDS:
            raise ApiError(429, "太快了，请稍等。 Too many messages: wait a moment.")
        self._moments.append(now)

    def _error(self, error: Exception, message: Body | None = None) -> None:
        data = _error_data(error)
        if isinstance(message, Send | Undo):
            about: dict[str, Any] = {"key": message.key, "error": data}
            if isinstance(error, Stopped):
                about["guard"] = guard_data(error.result)
            self._page.tell("refused", **about)
        else:
            self._page.tell("error", error=data)


def _error_data(error: Exception) -> dict[str, Any]:
    """Return the error in the API's shape."""
    fields: dict[str, str] = {}
    match error:
        case ApiError():
            status, text, fields = error.status, error.message, error.fields
        case NotFound() | InvalidShopId():
            status, text = 404, str(error) or "there is no such thing here"
        case UnusableMessage():
            status, text, fields = 422, str(error), {"text": str(error)}
        case Conflict() | TooLate() | Stopped():
            status, text = 409, str(error)
        case Unavailable():
            status, text = 503, str(error)
        case _:
            _log.error("unforeseen error on a page's socket", exc_info=error)
            status, text = 500, "something went wrong on our side; the server's log tells more"
    code = (
        "guard"
        if isinstance(error, Stopped)
        else CODES.get(status, "unavailable" if status == 503 else "internal")
    )
    return {"code": code, "message": text, "fields": fields}


async def run_hub(app: web.Application) -> AsyncIterator[None]:
    """Let the hub work for as long as the application runs."""
    hub = app[HUB]
    task = asyncio.create_task(hub.run())
    yield
    task.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await task
    await hub.close()


async def close_pages(app: web.Application) -> None:
    """Close every open page before the server stops: they connect again, to another worker or to the next server."""
    for page in app[HUB].pages:
        page.end(WSCloseCode.GOING_AWAY, "the server restarts; connect again")
