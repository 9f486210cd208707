"""The buyers' side of a webhook channel: what they say is posted, signed; what the shop says is taken in, its signature checked."""

from __future__ import annotations

import asyncio
import hashlib
import hmac
import json
import time
from collections import defaultdict
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any, Final

import aiohttp
from aiohttp import web

_TIMESTAMP: Final = "X-Kuaihui-Timestamp"
_SIGNATURE: Final = "X-Kuaihui-Signature"
_KEY: Final = "Idempotency-Key"
_PATIENCE: Final = aiohttp.ClientTimeout(total=60)
_TRIES: Final = 4
_PIXEL: Final = (
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="
)
"""A picture of one pixel."""


class ChannelBroken(RuntimeError):
    """The system does not take what a buyer says; the message says how it answered."""


def signature(secret: str, timestamp: str, body: bytes) -> str:
    """Return the signature of docs/channels.md."""
    return "v1=" + hmac.new(secret.encode(), timestamp.encode() + b"." + body, hashlib.sha256).hexdigest()


@dataclass(frozen=True, slots=True)
class OpenChannel:
    """A channel of a shop: where to post, and the secret of both directions."""

    shop: str
    id: str
    address: str
    secret: str


@dataclass(slots=True)
class Inbox:
    """What the shops said, by shop and conversation, in the order in which it came; statuses apart."""

    bubbles: defaultdict[tuple[str, str], list[str]] = field(default_factory=lambda: defaultdict(list))
    statuses: defaultdict[tuple[str, str], list[str]] = field(default_factory=lambda: defaultdict(list))
    refused: int = 0
    _seen: set[str] = field(default_factory=set)

    def take(self, document: Mapping[str, Any]) -> None:
        """Keep a message or a status, once however often it is delivered."""
        key, place = str(document["id"]), (str(document["shop"]), str(document.get("conversation", "")))
        if key in self._seen:
            return
        self._seen.add(key)
        if document["type"] == "message" and document.get("automatic"):
            self.bubbles[place].append(str(document["text"]))
        elif document["type"] == "status":
            self.statuses[place].append(str(document["status"]))


class Receiver:
    """The loopback address that the shops' messages are posted to."""

    def __init__(self) -> None:
        self.inbox = Inbox()
        self.secrets: dict[tuple[str, str], str] = {}
        self.address = ""

    @asynccontextmanager
    async def open(self) -> AsyncIterator[Receiver]:
        """Take messages for the time of the block."""
        app = web.Application(client_max_size=8 * 1024 * 1024)
        app.router.add_post("/{shop}/{channel}", self._take)
        runner = web.AppRunner(app, access_log=None)
        await runner.setup()
        try:
            site = web.TCPSite(runner, "127.0.0.1", 0)
            await site.start()
            host, port = runner.addresses[0][:2]
            self.address = f"http://{host}:{port}"
            yield self
        finally:
            await runner.cleanup()

    async def _take(self, request: web.Request) -> web.Response:
        body = await request.read()
        secret = self.secrets.get((request.match_info["shop"], request.match_info["channel"]), "")
        given, timestamp = request.headers.get(_SIGNATURE, ""), request.headers.get(_TIMESTAMP, "")
        if not secret or not hmac.compare_digest(signature(secret, timestamp, body), given):
            self.inbox.refused += 1
            return web.json_response({"error": "not signed with this channel's secret"}, status=401)
        document = json.loads(body)
        if document["type"] != "ping":
            self.inbox.take(document)
        return web.json_response({"id": request.headers.get(_KEY, "")})


@dataclass(frozen=True, slots=True)
class Said:
    """Where a bubble of a buyer went: our conversation, and its number there."""

    conversation: str
    number: int


async def say(
    http: aiohttp.ClientSession, channel: OpenChannel, key: str, buyer: Mapping[str, Any], text: str | None
) -> Said:
    """Post a bubble; None is a picture. Sent again under the same id while the system is busy. Raises ChannelBroken."""
    content = {"images": [{"content": _PIXEL}]} if text is None else {"text": text}
    document = {"type": "message", "id": key, "buyer": dict(buyer), **content}
    body = json.dumps(document, ensure_ascii=False).encode()
    answered = ""
    for attempt in range(_TRIES):
        await asyncio.sleep(attempt)
        timestamp = f"{time.time():.0f}"
        headers = {
            "Content-Type": "application/json", _TIMESTAMP: timestamp,
            _SIGNATURE: signature(channel.secret, timestamp, body),
        }  # fmt: skip
        async with http.post(channel.address, data=body, headers=headers, timeout=_PATIENCE) as answer:
            if answer.status == 200:
                event = (await answer.json())["events"][0]
                return Said(event["conversation"], event["message"])
            answered = f"status {answer.status}: {(await answer.text())[:300]}"
            if answer.status not in (429, 500, 503):
                break
    raise ChannelBroken(f"channel {channel.id} of {channel.shop} does not take a message: {answered}")
