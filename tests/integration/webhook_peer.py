"""An integrator's system, on this machine: it signs what it sends, checks what it is sent, and takes each key once."""

from __future__ import annotations

import asyncio
import base64
import hashlib
import hmac
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from aiohttp import web

from bot.channels.webhook import WebhookChannel
from bot.domain.channels import Delivery, Setting, ShopChannel
from bot.domain.conversation import Buyer
from bot.open_internet import OpenInternet
from bot.ports.channels import ChannelPlace, Incoming, Outgoing
from tests.contract.channel_contract import WORDS
from tests.contract.store_contract import NOW

SECRET = "s3cret-of-the-channel"


def signature(secret: str, timestamp: str, body: bytes) -> str:
    """Return the signature as docs/channels.md tells integrators to make it."""
    return "v1=" + hmac.new(secret.encode(), f"{timestamp}.".encode() + body, hashlib.sha256).hexdigest()


def signed(body: bytes, secret: str = SECRET, at: datetime = NOW) -> dict[str, str]:
    """Return the headers of a signed request."""
    timestamp = str(int(at.timestamp()))
    return {"x-kuaihui-timestamp": timestamp, "x-kuaihui-signature": signature(secret, timestamp, body)}


@dataclass
class WebhookPeer:
    """What it was sent: `calls` each time, `documents` what it kept, by key. `statuses` are answered first, in turn."""

    url: str = ""
    status: int = 0
    statuses: list[int] = field(default_factory=list)
    losing: bool = False
    answer: dict[str, Any] = field(default_factory=dict)
    calls: list[dict[str, Any]] = field(default_factory=list)
    documents: dict[str, dict[str, Any]] = field(default_factory=dict)
    headers: list[dict[str, str]] = field(default_factory=list)
    retry_after: str = ""
    secret: str = SECRET
    grown: asyncio.Event = field(default_factory=asyncio.Event)

    async def has_kept(self, many: int) -> None:
        """Wait until it has so many documents."""
        while len(self.documents) < many:
            self.grown.clear()
            await self.grown.wait()

    @property
    def place(self) -> ChannelPlace:
        settings: dict[str, Setting] = {"url": self.url, "vouches": True}
        return ChannelPlace("tea", ShopChannel("hook", "webhook", "商城", True, settings), {"secret": SECRET})

    def adapter(self, internet: OpenInternet) -> WebhookChannel:
        return WebhookChannel(internet)

    def told(self, id: str, buyer: str, text: str) -> Incoming:
        document = {"type": "message", "id": id, "buyer": {"id": buyer}, "text": text}
        return self.proving(json.dumps(document).encode())

    def proving(self, body: bytes) -> Incoming:
        return Incoming(signed(body), body)

    def outgoing(self, key: str, text: str = WORDS, status: str = "") -> Outgoing:
        number = None if status else 1
        delivery = Delivery("c-1", 1, "hook", key, NOW, NOW, number, "" if status else "agent", status)
        return Outgoing(delivery, Buyer("b", "", "webhook:hook", "b-1"), "t-1", text)

    def kept(self) -> list[str]:
        return [document["text"] for document in self.documents.values() if document["type"] == "message"]

    def answer_with(self, status: int) -> None:
        self.status = status

    def lose_answer(self) -> None:
        self.losing = True

    async def take(self, request: web.Request) -> web.StreamResponse:
        """Take a call as its sample client would."""
        body = await request.read()
        given = signature(self.secret, request.headers["X-Kuaihui-Timestamp"], body)
        if not hmac.compare_digest(given, request.headers["X-Kuaihui-Signature"]):
            return web.Response(status=401)
        document = json.loads(body)
        self.calls.append(document)
        self.headers.append(dict(request.headers))
        status = self.statuses.pop(0) if self.statuses else self.status
        if status:
            return web.Response(
                status=status, headers={"Retry-After": self.retry_after} if self.retry_after else {}
            )
        self.documents.setdefault(request.headers["Idempotency-Key"], document)
        self.grown.set()
        if self.losing:
            self.losing = False
            assert request.transport is not None
            request.transport.close()
        return web.json_response(self.answer)


@asynccontextmanager
async def webhook_peer() -> AsyncIterator[WebhookPeer]:
    """Give a peer that listens."""
    peer = WebhookPeer()
    app = web.Application(client_max_size=32 * 1024 * 1024)
    app.router.add_post("/kuaihui", peer.take)
    runner = web.AppRunner(app, shutdown_timeout=0.1)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    peer.url = f"http://127.0.0.1:{runner.addresses[0][1]}/kuaihui"
    try:
        yield peer
    finally:
        await runner.cleanup()


def as_base64(content: bytes) -> str:
    """Return the content as it stands in JSON."""
    return base64.b64encode(content).decode()
