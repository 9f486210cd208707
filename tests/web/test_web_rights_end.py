"""Rights that end while something is under way: a page that has not said hello yet, a body that comes slowly, a session's end."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from aiohttp import ClientPayloadError

from bot.ports import StoreUnavailable
from bot.web.live_hub import HUB
from bot.web.sessions import SESSIONS
from tests.web.memory_app import Served, serve
from tests.web.people import Line, Person, hire, says


@pytest.fixture
async def office() -> AsyncIterator[Served]:
    """The application; nobody is given a conversation by itself."""
    served = await serve()
    store = served.engine.parts.conversations
    for shop in ("tea", "lamp"):
        await store.put_policy(shop, replace(await store.get_policy(shop), distributes=False))
    yield served
    await served.client.close()
    await served.engine.close()


async def slowly(
    person: Person, method: str, path: str, body: dict[str, Any], meanwhile: Any
) -> tuple[int, Any]:
    """Send the head of a request and half of its body, let `meanwhile` happen, send the rest."""
    raw = json.dumps(body).encode()
    arrived = asyncio.Event()

    async def halves() -> AsyncIterator[bytes]:
        yield raw[: len(raw) // 2]
        arrived.set()
        await meanwhile()
        yield raw[len(raw) // 2 :]

    headers = {"X-Kuaihui-CSRF": person.csrf, "Cookie": f"kuaihui_session={person.secret}"}
    headers["Content-Type"] = "application/json"
    async with person.served.client.request(
        method, f"/api/v1{path}", data=halves(), headers=headers
    ) as response:
        text = await response.text()
        return response.status, json.loads(text) if text else None


def begun(served: Served, count: int = 1) -> Any:
    """Return what waits until the server has let so many callers in: it looked their sessions up."""
    found = served.engine.parts.accounts.find_session
    seen = asyncio.Event()
    calls = 0

    async def counted(secret: str) -> Any:
        nonlocal calls
        calls += 1
        if calls >= count:
            seen.set()
        return await found(secret)

    served.engine.parts.accounts.find_session = counted  # type: ignore[method-assign]
    return seen


async def test_a_page_that_says_hello_late_sees_what_its_person_may_see_then(office: Served) -> None:
    agent = await hire(office, {"tea": "agent", "lamp": "agent"})
    await says(office, "tea", "发什么快递")
    headers = {"Cookie": f"kuaihui_session={agent.secret}"}
    async with office.client.ws_connect("/api/v1/live", headers=headers) as socket:
        await office.engine.parts.accounts.end_membership(agent.account.id, "tea", office.clock.now())
        line = Line(socket)
        await line.say(type="hello", csrf=agent.csrf, feeds={"tea": 0})
        welcome = await line.hear("welcome")
        assert welcome["queue"] == []
        assert set(welcome["feeds"]) == {"lamp"}
        assert all(each.get("shop") != "tea" for each in await line.all_until_pong())


async def test_a_page_whose_session_ended_before_its_hello_is_not_welcomed(office: Served) -> None:
    agent = await hire(office, {"tea": "agent"})
    headers = {"Cookie": f"kuaihui_session={agent.secret}"}
    async with office.client.ws_connect("/api/v1/live", headers=headers) as socket:
        await office.engine.parts.accounts.end_sessions(agent.account.id)
        await socket.send_json({"type": "hello", "csrf": agent.csrf})
        line = Line(socket)
        assert await line.closing() == 4401
        assert line.heard == []


async def test_a_session_that_runs_out_closes_its_open_pages(office: Served) -> None:
    agent = await hire(office, {"tea": "agent"})
    async with agent.page() as page:
        office.clock.moment += timedelta(hours=9)
        assert await page.closing() == 4401


async def test_rights_are_looked_at_again_when_a_body_came_slowly(office: Served) -> None:
    agent = await hire(office, {"tea": "agent"})
    conversation = (await says(office, "tea", "发什么快递")).conversation.id
    accounts = office.engine.parts.accounts
    seen = begun(office)

    async def leave() -> None:
        await seen.wait()
        await accounts.end_membership(agent.account.id, "tea", office.clock.now())

    status, answer = await slowly(
        agent, "POST", f"/shops/tea/conversations/{conversation}/notes", {"text": "还在吗"}, leave
    )
    assert (status, answer["error"]["code"]) == (404, "not_found")
    assert await office.engine.parts.conversations.list_notes("tea", conversation) == []


async def test_an_admin_who_was_one_cannot_write_himself_one_again(office: Served) -> None:
    admin, other = await hire(office, {}, is_admin=True), await hire(office, {}, is_admin=True)
    accounts = office.engine.parts.accounts
    seen = begun(office)

    async def demote() -> None:
        await seen.wait()
        await accounts.update_account(replace(admin.account, is_admin=False, capacity=3))

    status, me = await slowly(admin, "PUT", "/me", {"name": "我", "language": "en"}, demote)
    assert status == 200
    assert (me["account"]["is_admin"], me["account"]["capacity"]) == (False, 3)
    held = await accounts.get_account(other.account.organisation, admin.account.id)
    assert (held.name, held.language, held.is_admin) == ("我", "en", False)


async def test_an_image_that_came_slowly_is_not_kept_for_who_left(office: Served) -> None:
    agent = await hire(office, {"tea": "agent"})
    conversation = (await says(office, "tea", "发什么快递")).conversation.id
    seen = begun(office)

    async def leave() -> None:
        await seen.wait()
        await office.engine.parts.accounts.end_sessions(agent.account.id)

    path = f"/shops/tea/conversations/{conversation}/images"
    status, answer = await slowly(agent, "POST", path, {"no": "image"}, leave)
    assert (status, answer["error"]["code"]) == (401, "unauthorized")


async def test_a_page_that_could_not_be_welcomed_anew_is_closed_and_comes_back(
    office: Served, monkeypatch: pytest.MonkeyPatch
) -> None:
    agent = await hire(office, {"tea": "agent"})
    async with agent.page() as page:
        hub = office.client.app[HUB]

        async def away(*_: object) -> Any:
            raise StoreUnavailable("the database is away")

        with monkeypatch.context() as patch:
            patch.setattr(hub.workspace.store, "queue", away)
            with pytest.raises(StoreUnavailable):
                await hub.welcome(hub.pages_of(agent.account.id)[0], {})
        assert await page.closing() == 1013


async def test_nothing_is_lost_when_a_page_is_welcomed_twice_at_once(office: Served) -> None:
    agent = await hire(office, {"tea": "agent"})
    async with agent.page():
        page = office.client.app[HUB].pages_of(agent.account.id)[0]
        page.hold_back()
        page.hold_back()
        page.send("first", "tea")
        page.let_go()
        page.send("welcome", "tea")
        page.let_go()
        page.catch_up()
        assert [text for _, text in page._waiting] == ["welcome", "first"]


async def test_an_export_ends_with_the_right_to_it(office: Served, monkeypatch: pytest.MonkeyPatch) -> None:
    owner = await hire(office, {"tea": "owner"})
    for number in range(3):
        await says(office, "tea", "发什么快递", buyer=f"b-{number}")
    office.clock.moment += timedelta(minutes=1)
    parts, sessions = office.engine.parts, office.client.app[SESSIONS]
    read, calls = parts.conversations.list_messages, []

    async def leaving(*about: Any) -> Any:
        calls.append(about)
        if len(calls) == 2:
            await parts.accounts.end_membership(owner.account.id, "tea", office.clock.now())
            sessions.forget(owner.account.id)
        return await read(*about)

    monkeypatch.setattr(parts.conversations, "list_messages", leaving)
    with pytest.raises(ClientPayloadError):
        await owner.call("GET", "/shops/tea/conversations-export")
    assert len(calls) == 2
