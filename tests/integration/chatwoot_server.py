"""A server that speaks the documented shapes of Chatwoot's API, on this machine, and fails as a test tells it.

Its conversations are kept by account and number, its tokens belong to an agent bot or to a person of one account, and a
message that carries the same mark twice is written twice: Chatwoot knows no idempotency key.
"""

from __future__ import annotations

import asyncio
import hashlib
import hmac
import itertools
import json
import time
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, Final

from aiohttp import web

INCOMING, OUTGOING, ACTIVITY = 0, 1, 2
_NAMES: Final = {INCOMING: "incoming", OUTGOING: "outgoing", ACTIVITY: "activity"}
_NEWEST: Final = 20
_BODY: Final = web.RequestKey("body", dict[str, Any])
BEGAN: Final = 1_790_000_000


@dataclass
class Teller:
    """Whose token it is: `kind` is "agent_bot" or "user"."""

    kind: str
    account: int
    id: int
    name: str

    def shown(self) -> dict[str, Any]:
        """Return the teller as payloads name him."""
        return {"id": self.id, "name": self.name, "type": self.kind}


@dataclass
class Contact:
    """A buyer as Chatwoot knows him. `verified`: the shop's own site vouched for the identifier."""

    id: int
    name: str
    identifier: str | None = None
    verified: bool = False

    def shown(self) -> dict[str, Any]:
        """Return the contact as payloads name him."""
        known: dict[str, Any] = {
            "additional_attributes": {},
            "custom_attributes": {},
            "email": None,
            "phone_number": None,
        }
        return {
            **known,
            "id": self.id,
            "name": self.name,
            "identifier": self.identifier,
            "thumbnail": "",
            "type": "contact",
        }


@dataclass
class Talk:
    """One conversation; `number` is what its account shows."""

    account: int
    inbox: int
    number: int
    contact: Contact
    channel: str = "Channel::WebWidget"
    status: str = "pending"
    assignee: Teller | None = None
    priority: str | None = None
    messages: list[dict[str, Any]] = field(default_factory=list)
    attributes: dict[str, Any] = field(default_factory=dict)


@dataclass
class Hook:
    """One call that Chatwoot makes: what it posts, and with which headers."""

    body: bytes
    headers: dict[str, str]

    @property
    def payload(self) -> dict[str, Any]:
        """Return what is in it."""
        payload: dict[str, Any] = json.loads(self.body)
        return payload


@dataclass
class Chatwoot:
    """A whole installation. Fields in the middle make it fail; `asked` holds each call that reached it."""

    address: str = ""
    tokens: dict[str, Teller] = field(default_factory=dict)
    talks: dict[tuple[int, int], Talk] = field(default_factory=dict)

    status: int = 0
    """Answer every call with this status instead."""
    wait: asyncio.Event | None = None
    """Let every call wait for this before anything is done."""
    loses_answers: int = 0
    """For so many calls: do what is asked, then hang up."""
    garbled: bool = False
    """Answer with what is no JSON."""
    bots_read: bool = False
    """Newer versions let an agent bot read the conversation (never the list of its messages)."""
    file: bytes = b""
    """What is in every attachment."""
    keeps_attributes: bool = True
    """Older versions drop the attributes of a message."""

    asked: list[tuple[str, str, Any]] = field(default_factory=list)
    _ids: itertools.count[int] = field(default_factory=lambda: itertools.count(1001))

    def open_talk(self, account: int, inbox: int, number: int, contact: Contact, **more: Any) -> Talk:
        """Begin a conversation."""
        talk = self.talks[account, number] = Talk(account, inbox, number, contact, **more)
        return talk

    def write(
        self,
        talk: Talk,
        content: str | None,
        kind: int = INCOMING,
        *,
        sender: Teller | None = None,
        private: bool = False,
        attributes: Mapping[str, Any] | None = None,
        attachments: tuple[str, ...] = (),
        source_id: str | None = None,
    ) -> dict[str, Any]:
        """Append a message; `attachments` names the kind of each file."""
        number = next(self._ids)
        message = {
            "id": number,
            "content": content,
            "account_id": talk.account,
            "inbox_id": talk.inbox,
            "conversation_id": talk.number,
            "message_type": kind,
            "created_at": BEGAN + number,
            "private": private,
            "status": "sent",
            "source_id": source_id,
            "content_type": "text",
            "content_attributes": dict(attributes or {}) if self.keeps_attributes else {},
            "sender": sender.shown() if sender else talk.contact.shown() if kind == INCOMING else None,
            "attachments": [_attachment(talk, number, each, self.address) for each in attachments],
        }
        talk.messages.append(message)
        return message

    def said(self, talk: Talk) -> list[str]:
        """Return what the buyer was told, in order."""
        shown = [each for each in talk.messages if each["message_type"] == OUTGOING and not each["private"]]
        return [each["content"] or "" for each in shown]

    def notes(self, talk: Talk) -> list[str]:
        """Return what only the team sees."""
        return [each["content"] for each in talk.messages if each["private"]]


def _attachment(talk: Talk, message: int, kind: str, address: str) -> dict[str, Any]:
    url = f"{address or 'https://files.example.com'}/files/{message}"
    return {
        "id": message,
        "message_id": message,
        "file_type": kind,
        "account_id": talk.account,
        "extension": None,
        "data_url": url,
        "thumb_url": url,
        "file_size": 2048,
    }


def talk_payload(talk: Talk) -> dict[str, Any]:
    """Return the conversation as webhooks nest it."""
    last = [each for each in talk.messages if each["message_type"] != ACTIVITY and not each["private"]][-1:]
    return {
        "additional_attributes": {},
        "can_reply": True,
        "channel": talk.channel,
        "id": talk.number,
        "inbox_id": talk.inbox,
        "contact_inbox": {"contact_id": talk.contact.id, "inbox_id": talk.inbox, "source_id": "s-1"},
        "messages": last,
        "labels": [],
        "meta": {
            "sender": talk.contact.shown(),
            "assignee": talk.assignee.shown() if talk.assignee else None,
            "team": None,
            "hmac_verified": talk.contact.verified,
        },
        "status": talk.status,
        "custom_attributes": talk.attributes,
        "unread_count": 0,
        "timestamp": last[0]["created_at"] if last else BEGAN,
    }


def message_payload(talk: Talk, message: Mapping[str, Any], event: str = "message_created") -> dict[str, Any]:
    """Return the body of a message's webhook: here the type of a message is a word, in the conversation a number."""
    payload = {
        "account": {"id": talk.account, "name": "account"},
        "additional_attributes": {},
        "content_attributes": message["content_attributes"],
        "content_type": message["content_type"],
        "content": message["content"],
        "conversation": talk_payload(talk),
        "created_at": datetime.fromtimestamp(message["created_at"], UTC).isoformat(),
        "id": message["id"],
        "inbox": {"id": talk.inbox, "name": "inbox"},
        "message_type": _NAMES[message["message_type"]],
        "private": message["private"],
        "sender": message["sender"],
        "source_id": message["source_id"],
        "event": event,
    }
    if message["attachments"]:
        payload["attachments"] = message["attachments"]
    return payload


def status_payload(talk: Talk, event: str = "conversation_status_changed") -> dict[str, Any]:
    """Return the body of a webhook about the conversation itself."""
    return {**talk_payload(talk), "event": event}


def hook(
    payload: Mapping[str, Any] | bytes, secret: str = "", at: float | None = None, delivery: str = "d-1"
) -> Hook:
    """Return the call that carries the payload, signed when Chatwoot's version signs."""
    body = payload if isinstance(payload, bytes) else json.dumps(payload, ensure_ascii=False).encode()
    headers = {"Content-Type": "application/json", "X-Chatwoot-Delivery": delivery}
    if secret:
        stamp = str(int(time.time() if at is None else at))
        digest = hmac.new(secret.encode(), f"{stamp}.".encode() + body, hashlib.sha256).hexdigest()
        headers |= {"X-Chatwoot-Timestamp": stamp, "X-Chatwoot-Signature": f"sha256={digest}"}
    return Hook(body, headers)


@asynccontextmanager
async def serving() -> AsyncIterator[Chatwoot]:
    """Give a Chatwoot that answers."""
    chatwoot = Chatwoot()
    api = _Api(chatwoot)
    app = web.Application(middlewares=[api.gate], client_max_size=16 * 1024 * 1024)
    talk = "/api/v1/accounts/{account}/conversations/{number}"
    app.router.add_get("/files/{number}", api.show_file)
    app.router.add_post(f"{talk}/messages", api.create_message)
    app.router.add_get(f"{talk}/messages", api.list_messages)
    app.router.add_get(talk, api.show)
    app.router.add_post(f"{talk}/toggle_status", api.toggle_status)
    app.router.add_post(f"{talk}/toggle_priority", api.toggle_priority)
    app.router.add_post(f"{talk}/custom_attributes", api.put_attributes)
    runner = web.AppRunner(app, shutdown_timeout=0.1)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    chatwoot.address = f"http://127.0.0.1:{runner.addresses[0][1]}"
    yield chatwoot
    await runner.cleanup()


class _Api:
    def __init__(self, chatwoot: Chatwoot) -> None:
        self._chatwoot = chatwoot

    @web.middleware
    async def gate(self, request: web.Request, handler: Any) -> web.StreamResponse:
        """Fail as told; else do it, and lose the answer if told so."""
        chatwoot = self._chatwoot
        chatwoot.asked.append((request.method, request.path, await _body_of(request)))
        if chatwoot.wait is not None:
            await chatwoot.wait.wait()
        if chatwoot.status:
            return _error(chatwoot.status, "Internal Server Error")
        answer: web.StreamResponse = await handler(request)
        if chatwoot.loses_answers:
            chatwoot.loses_answers -= 1
            assert request.transport is not None
            request.transport.close()
        if chatwoot.garbled:
            return web.Response(text="<html>", content_type="text/html")
        return answer

    def _teller(self, request: web.Request) -> Teller | None:
        teller = self._chatwoot.tokens.get(request.headers.get("api_access_token", ""))
        return teller if teller and teller.account == int(request.match_info["account"]) else None

    def _talk(self, request: web.Request) -> Talk | None:
        place = int(request.match_info["account"]), int(request.match_info["number"])
        return self._chatwoot.talks.get(place)

    async def show_file(self, request: web.Request) -> web.Response:
        """Give a file to whoever knows its address, as Chatwoot does."""
        return web.Response(body=self._chatwoot.file, content_type="image/png")

    async def create_message(self, request: web.Request) -> web.Response:
        """Write what a bot or a person says."""
        teller, talk = self._teller(request), self._talk(request)
        if teller is None:
            return _error(401, "Invalid Access Token")
        if talk is None:
            return _error(404, "Resource could not be found")
        body = await _body_of(request)
        message = self._chatwoot.write(
            talk,
            body.get("content"),
            OUTGOING,
            sender=teller,
            private=body.get("private") in (True, "true"),
            attributes=body.get("content_attributes"),
            attachments=tuple("image" for _ in body.get("attachments[]", ())),
            source_id=body.get("source_id"),
        )
        return web.json_response(message)

    async def list_messages(self, request: web.Request) -> web.Response:
        """Show a person the newest messages, oldest first."""
        teller, talk = self._teller(request), self._talk(request)
        if teller is None:
            return _error(401, "Invalid Access Token")
        if teller.kind == "agent_bot":
            return _error(401, "Access to this endpoint is not authorized for bots")
        if talk is None:
            return _error(404, "Resource could not be found")
        before = int(request.query.get("before", 0))
        found = [each for each in talk.messages if not before or each["id"] < before]
        return web.json_response({"meta": {"labels": []}, "payload": found[-_NEWEST:]})

    async def show(self, request: web.Request) -> web.Response:
        """Show a conversation with its newest message."""
        teller, talk = self._teller(request), self._talk(request)
        if teller is None:
            return _error(401, "Invalid Access Token")
        if teller.kind == "agent_bot" and not self._chatwoot.bots_read:
            return _error(401, "Access to this endpoint is not authorized for bots")
        if talk is None:
            return _error(404, "Resource could not be found")
        return web.json_response({**talk_payload(talk), "account_id": talk.account})

    async def toggle_status(self, request: web.Request) -> web.Response:
        """Set the status that is given, or turn it over."""
        talk = self._talk(request)
        if self._teller(request) is None:
            return _error(401, "Invalid Access Token")
        if talk is None:
            return _error(404, "Resource could not be found")
        wanted = (await _body_of(request)).get("status")
        talk.status = wanted or ("open" if talk.status == "resolved" else "resolved")
        payload = {"success": True, "current_status": talk.status, "conversation_id": talk.number}
        return web.json_response({"meta": {}, "payload": payload})

    async def toggle_priority(self, request: web.Request) -> web.Response:
        """Set how urgent it is; answers nothing."""
        talk = self._talk(request)
        if self._teller(request) is None:
            return _error(401, "Invalid Access Token")
        if talk is None:
            return _error(404, "Resource could not be found")
        talk.priority = (await _body_of(request)).get("priority")
        return web.Response()

    async def put_attributes(self, request: web.Request) -> web.Response:
        """Write the conversation's own attributes."""
        talk = self._talk(request)
        if self._teller(request) is None:
            return _error(401, "Invalid Access Token")
        if talk is None:
            return _error(404, "Resource could not be found")
        talk.attributes |= (await _body_of(request))["custom_attributes"]
        return web.json_response({"custom_attributes": talk.attributes})


async def _body_of(request: web.Request) -> dict[str, Any]:
    """Return the fields of a JSON body or a form; files come as a list of their bytes."""
    if _BODY in request:
        return request[_BODY]
    if request.content_type.startswith("multipart/"):
        fields: dict[str, Any] = {}
        for name, value in (await request.post()).items():
            if isinstance(value, web.FileField):
                fields.setdefault(name, []).append(value.file.read())
            elif name.startswith("content_attributes["):
                fields.setdefault("content_attributes", {})[name[19:-1]] = value
            else:
                fields[name] = value
    else:
        text = await request.text()
        fields = json.loads(text) if text else {}
    request[_BODY] = fields
    return fields


def _error(status: int, words: str) -> web.Response:
    return web.json_response({"error": words}, status=status)
