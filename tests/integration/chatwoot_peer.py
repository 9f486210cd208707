"""Chatwoot as the contract of channels knows the other side."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

from bot.channels.chatwoot import ChatwootChannel
from bot.domain.channels import Delivery, Setting, ShopChannel
from bot.domain.conversation import Buyer
from bot.open_internet import OpenInternet
from bot.ports.channels import ChannelPlace, Incoming, Outgoing
from tests.contract.channel_contract import WORDS
from tests.contract.store_contract import NOW
from tests.integration.chatwoot_server import Chatwoot, Contact, Talk, Teller, hook, message_payload, serving

SECRETS = {"token": "bot-t0ken", "reader": "person-t0ken", "signing": "s3cret", "path": "p4th"}


@dataclass
class ChatwootPeer:
    """One inbox of a Chatwoot, with one conversation in it."""

    chatwoot: Chatwoot
    talk: Talk
    mode: str

    @property
    def place(self) -> ChannelPlace:
        settings: dict[str, Setting] = {
            "url": self.chatwoot.address, "account": 1, "inbox": 5, "mode": self.mode,
        }  # fmt: skip
        return ChannelPlace("tea", ShopChannel("chat", "chatwoot", "客服台", settings=settings), SECRETS)

    def adapter(self, internet: OpenInternet) -> ChatwootChannel:
        return ChatwootChannel(internet)

    def told(self, id: str, buyer: str, text: str) -> Incoming:
        message = self.chatwoot.write(self.talk, text) | {"id": int(id.removeprefix("m-"))}
        return self.proving(json.dumps(message_payload(self.talk, message)).encode())

    def proving(self, body: bytes) -> Incoming:
        call = hook(body, SECRETS["signing"], NOW.timestamp())
        headers = {name.lower(): value for name, value in call.headers.items()}
        return Incoming(headers, call.body, SECRETS["path"])

    def outgoing(self, key: str, text: str = WORDS, status: str = "") -> Outgoing:
        number = None if status else 1
        delivery = Delivery("c-1", 1, "chat", key, NOW, NOW, number, "" if status else "agent", status)
        return Outgoing(delivery, Buyer("b", "", "chatwoot:chat", "31"), str(self.talk.number), text)

    def kept(self) -> list[str]:
        return self.chatwoot.said(self.talk)

    def answer_with(self, status: int) -> None:
        self.chatwoot.status = status

    def lose_answer(self) -> None:
        self.chatwoot.loses_answers = 1


@asynccontextmanager
async def chatwoot_peer(mode: str) -> AsyncIterator[ChatwootPeer]:
    """Give a peer that listens."""
    async with serving() as chatwoot:
        chatwoot.tokens = {
            "bot-t0ken": Teller("agent_bot", 1, 4, "快回"),
            "person-t0ken": Teller("user", 1, 3, "客服"),
        }
        yield ChatwootPeer(chatwoot, chatwoot.open_talk(1, 5, 7, Contact(31, "访客")), mode)
