"""Rasa's dialogues over HTTP: one request a turn, and what goes wrong on the way."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable

import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer

from bot.domain.dialogue_secret import SECRET_HEADER
from bot.nlu.dialogue import RasaDialogue
from bot.ports.dialogue import DialogueUnavailable

_SECRET = "0123456789abcdef"
_SILENT = {"messages": [], "active_loop": "", "events": []}
Answer = Callable[[web.Request], Awaitable[web.StreamResponse]]


class Channel:
    """Plays the channel; `answer` is what it does, `heard` the bodies that came."""

    def __init__(self) -> None:
        self.heard: list[object] = []
        self.secrets: list[str] = []
        self.answer: Answer = self.silent

    async def silent(self, _: web.Request) -> web.StreamResponse:
        return web.json_response(_SILENT)

    async def handle(self, request: web.Request) -> web.StreamResponse:
        self.secrets.append(request.headers.get(SECRET_HEADER, ""))
        self.heard.append(await request.json())
        return await self.answer(request)


@pytest.fixture
def channel() -> Channel:
    return Channel()


@pytest.fixture
async def dialogue(channel: Channel) -> AsyncIterator[RasaDialogue]:
    app = web.Application()
    app.router.add_post("/webhooks/kuaihui/turn", channel.handle)
    async with TestServer(app) as server:
        made = RasaDialogue(str(server.make_url("/")), _SECRET, lambda: "ready", timeout=0.5)
        await made.start()
        yield made
        await made.close()


async def test_a_turn_is_asked_with_its_place_its_past_and_the_secret(
    dialogue: RasaDialogue, channel: Channel
) -> None:
    await dialogue.take_turn("life", "c1", "半个\ud83d", [{"event": "action"}])
    assert channel.heard == [
        {"conversation": "life:c1", "text": "半个\ufffd", "past": [{"event": "action"}], "topic": ""}
    ]
    assert channel.secrets == [_SECRET]


async def test_a_turn_that_gets_no_answer_is_not_asked_again(
    dialogue: RasaDialogue, channel: Channel
) -> None:
    async def never(_: web.Request) -> web.StreamResponse:
        await asyncio.Event().wait()
        raise AssertionError

    channel.answer = never
    with pytest.raises(DialogueUnavailable, match="no answer within"):
        await dialogue.take_turn("life", "c1", "在吗", ())
    assert len(channel.heard) == 1


async def test_a_turn_whose_connection_breaks_is_not_asked_again(
    dialogue: RasaDialogue, channel: Channel
) -> None:
    async def break_off(request: web.Request) -> web.StreamResponse:
        assert request.transport is not None
        request.transport.close()
        return web.Response()

    await dialogue.take_turn("life", "c1", "在吗", ())
    channel.answer = break_off
    with pytest.raises(DialogueUnavailable, match="connection"):
        await dialogue.take_turn("life", "c1", "在吗", ())
    assert len(channel.heard) == 2


@pytest.mark.parametrize("status", [302, 401, 404, 500, 502, 503])
async def test_another_status_is_no_turn(dialogue: RasaDialogue, channel: Channel, status: int) -> None:
    async def refuse(_: web.Request) -> web.StreamResponse:
        return web.json_response(_SILENT, status=status, headers={"Location": "/webhooks/kuaihui/turn"})

    channel.answer = refuse
    with pytest.raises(DialogueUnavailable, match=str(status)):
        await dialogue.take_turn("life", "c1", "在吗", ())
    assert len(channel.heard) == 1


@pytest.mark.parametrize("state", ["warming", "down"])
async def test_a_server_that_is_not_ready_is_not_asked(channel: Channel, state: str) -> None:
    made = RasaDialogue("http://127.0.0.1:9", _SECRET, lambda: state)
    await made.start()
    with pytest.raises(DialogueUnavailable, match=state):
        await made.take_turn("life", "c1", "在吗", ())
    await made.close()


async def test_before_start_and_after_close_there_is_none() -> None:
    made = RasaDialogue("http://127.0.0.1:9", _SECRET, lambda: "ready")
    with pytest.raises(DialogueUnavailable):
        await made.take_turn("life", "c1", "在吗", ())
    await made.start()
    await made.close()
    with pytest.raises(DialogueUnavailable):
        await made.take_turn("life", "c1", "在吗", ())
