"""The workspace's WebSocket: what happens reaches who may see it, and what agents say reaches the buyer once."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from dataclasses import replace
from datetime import timedelta

import pytest
from aiohttp import WSMsgType, WSServerHandshakeError

from bot.services.typing import BUYER
from bot.web.live import MOST_PAGES
from bot.web.live_connection import LATER, SOON
from bot.web.live_hub import HUB
from tests.web.memory_app import Served, serve, teach_guard
from tests.web.people import hire, says


@pytest.fixture
async def office() -> AsyncIterator[Served]:
    """The application with everything that runs beside it: distribution, the outbox, the guard."""
    served = await serve()
    for shop in ("tea", "lamp"):
        await rules(served, shop, distributes=False)
    await teach_guard(served)
    yield served
    await served.client.close()
    await served.engine.close()


async def rules(served: Served, shop: str, **fields: object) -> None:
    """Write a shop's policy."""
    store = served.engine.parts.conversations
    await store.put_policy(shop, replace(await store.get_policy(shop), **fields))  # type: ignore[arg-type]


async def send_due(served: Served, seconds: float = 6) -> None:
    """Let time pass and send what is due."""
    served.clock.moment += timedelta(seconds=seconds)
    await served.engine.workspace.outbox.send_due()


async def test_a_page_is_welcomed_with_the_queue_of_its_shops_alone(office: Served) -> None:
    mine = await says(office, "tea", "发什么快递")
    await says(office, "lamp", "发什么快递")
    agent = await hire(office, {"tea": "agent"})
    async with agent.page() as page:
        welcome = page.heard[-1]
    assert [row["id"] for row in welcome["queue"]] == [mine.conversation.id]
    assert set(welcome["feeds"]) == {"tea"}
    assert welcome["queue"][0]["alarm_at"] < welcome["queue"][0]["due_at"]


async def test_what_a_buyer_says_reaches_the_pages_of_the_shop_and_no_other(office: Served) -> None:
    here, there = await hire(office, {"tea": "agent"}), await hire(office, {"lamp": "agent"})
    async with here.page() as page, there.page() as other:
        await says(office, "tea", "发什么快递")
        message = await page.hear("message")
        assert (message["shop"], message["message"]["text"]) == ("tea", "发什么快递")
        row = await page.hear("conversation")
        assert row["conversation"]["unread"] == 1
        assert await other.all_until_pong() == []


async def test_a_conversation_in_view_gets_suggestions_as_bubbles_come_in(office: Served) -> None:
    agent = await hire(office, {"tea": "agent"})
    said = await says(office, "tea", "你好")
    async with agent.page() as page:
        await page.say(type="open", shop="tea", conversation=said.conversation.id)
        await page.hear("suggestions")
        await says(office, "tea", "发什么快递")
        suggestions = await page.hear("suggestions")
    assert suggestions["upto"] == 2
    first = suggestions["result"]["suggestions"][0]
    assert "青岚" in first["text"]
    assert first["stops"] == []


async def test_a_message_is_held_then_sent_once_to_everybody(office: Served) -> None:
    agent, colleague = await hire(office, {"tea": "agent"}), await hire(office, {"tea": "agent"})
    said = await says(office, "tea", "发什么快递")
    conversation = said.conversation.id
    async with agent.page() as page, colleague.page() as other:
        for _ in range(2):
            await page.say(
                type="send", shop="tea", conversation=conversation, text="亲，发顺丰", key="k-1", answers=1
            )
            assert (await page.hear("held"))["key"] == "k-1"
        await send_due(office)
        await send_due(office)
        sent = await page.hear("sent")
        assert (sent["key"], sent["message"]["text"]) == ("k-1", "亲，发顺丰")
        seen = await other.hear("message")
        assert seen["message"]["name"] == agent.account.name
        assert "key" not in seen["message"]
        assert not any(each["type"] == "sent" for each in await other.all_until_pong())
        await page.say(type="send", shop="tea", conversation=conversation, text="亲，发顺丰", key="k-1")
        assert (await page.hear("sent"))["message"]["number"] == 2
    messages = await office.engine.parts.conversations.list_messages("tea", conversation, 10)
    assert [each.text for each in messages] == ["发什么快递", "亲，发顺丰"]
    assert (
        await office.engine.parts.conversations.get_conversation("tea", conversation)
    ).waiting_since is None


async def test_a_held_message_can_be_taken_back_and_a_sent_one_cannot(office: Served) -> None:
    agent = await hire(office, {"tea": "agent"})
    conversation = (await says(office, "tea", "发什么快递")).conversation.id
    async with agent.page() as page:
        await page.say(type="send", shop="tea", conversation=conversation, text="写错了", key="k-1")
        await page.hear("held")
        await page.say(type="undo", key="k-1")
        assert (await page.hear("undone"))["text"] == "写错了"
        await send_due(office)
        await page.say(type="send", shop="tea", conversation=conversation, text="发顺丰", key="k-2")
        await page.hear("held")
        await send_due(office)
        await page.hear("sent")
        await page.say(type="undo", key="k-2")
        refused = await page.hear("refused")
    assert (refused["key"], refused["error"]["code"]) == ("k-2", "conflict")


async def test_two_agents_who_answer_the_same_buyer_are_told_who_was_first(office: Served) -> None:
    first, second = await hire(office, {"tea": "agent"}), await hire(office, {"tea": "agent"})
    conversation = (await says(office, "tea", "发什么快递")).conversation.id
    async with first.page() as page, second.page() as other:
        await page.say(type="send", shop="tea", conversation=conversation, text="发顺丰", key="k-1")
        await page.hear("held")
        await other.say(type="send", shop="tea", conversation=conversation, text="发圆通", key="k-2")
        refused = await other.hear("refused")
    assert refused["error"]["code"] == "conflict"
    assert first.account.name in refused["error"]["message"]


async def test_the_guard_asks_before_anything_is_held_and_lets_pass_what_is_confirmed(office: Served) -> None:
    agent = await hire(office, {"tea": "agent"})
    conversation = (await says(office, "tea", "发什么快递")).conversation.id
    text = "加微信 wx13800001111 聊"
    async with agent.page() as page:
        await page.say(type="send", shop="tea", conversation=conversation, text=text, key="k-1")
        refused = await page.hear("refused")
        assert refused["error"]["code"] == "guard"
        findings = refused["guard"]["findings"]
        assert findings
        assert await office.engine.parts.conversations.held_of("tea", conversation) == []
        confirmed = [finding["id"] for finding in findings]
        await page.say(
            type="send", shop="tea", conversation=conversation, text=text, key="k-1", confirmed=confirmed
        )
        await page.hear("held")
    kinds = [event.kind for event in office.engine.recorder.waiting("tea", "")]
    logged = [event.kind for event in await office.engine.parts.events.read("tea", 50)]
    assert {"guard_stopped", "guard_overridden"} <= {*kinds, *logged}


async def test_what_was_sent_of_a_suggestion_is_told_to_its_log(office: Served) -> None:
    agent = await hire(office, {"tea": "agent"})
    conversation = (await says(office, "tea", "发什么快递")).conversation.id
    async with agent.page() as page:
        await page.say(type="open", shop="tea", conversation=conversation)
        suggestion = (await page.hear("suggestions"))["result"]["suggestions"][0]
        await page.say(
            type="send", shop="tea", conversation=conversation, text=f"亲，{suggestion['text']}哦", key="k-1",
            suggestion=suggestion["id"], suggestion_text=suggestion["text"],
        )  # fmt: skip
        await page.hear("held")
        await send_due(office)
        await page.hear("sent")
    reactions = await office.engine.parts.events.read_kinds("tea", ["suggestion_edited"], 5)
    assert reactions[0].data["suggestion"] == suggestion["id"]
    assert reactions[0].conversation == conversation


async def test_who_comes_back_hears_what_was_missed(office: Served) -> None:
    agent = await hire(office, {"tea": "agent"})
    await says(office, "tea", "发什么快递")
    async with agent.page() as page:
        feeds = page.heard[-1]["feeds"]
    await says(office, "tea", "在吗")
    async with agent.page(feeds) as page:
        missed = await page.all_until_pong()
    assert [each["message"]["text"] for each in missed if each["type"] == "message"] == ["在吗"]


async def test_a_page_that_lost_a_shop_while_it_was_away_is_told_to_forget_it(office: Served) -> None:
    agent = await hire(office, {"tea": "agent", "lamp": "agent"})
    async with agent.page() as page:
        feeds = page.heard[-1]["feeds"]
    await office.engine.parts.accounts.end_membership(agent.account.id, "tea", office.clock.now())
    async with agent.page({**feeds, "nothing": 7}) as page:
        *before, welcome = page.heard
        assert [(each["type"], each["shop"]) for each in before] == [
            ("removed", "nothing"),
            ("removed", "tea"),
        ]
        assert set(welcome["feeds"]) == {"lamp"}


async def test_an_alarm_rings_with_the_agent_who_holds_it_and_with_all_when_nobody_does(
    office: Served,
) -> None:
    agent, colleague = await hire(office, {"tea": "agent"}), await hire(office, {"tea": "agent"})
    async with agent.page() as page, colleague.page() as other:
        free = (await says(office, "tea", "发什么快递", buyer="b-1")).conversation.id
        held = (await says(office, "tea", "能开票吗", buyer="b-2")).conversation.id
        await office.engine.workspace.conversing.take("tea", held, agent.account.id)
        while not any(each.get("conversation", {}) and each["type"] == "conversation" and
                      each["conversation"]["assignee"] for each in page.heard):  # fmt: skip
            await page.hear("conversation")
        office.clock.moment += timedelta(seconds=91)
        office.client.app[HUB].alarms.ring_due()
        rung = {(await page.hear("alarm"))["conversation"] for _ in range(2)}
        assert rung == {free, held}
        assert (await other.hear("alarm"))["conversation"] == free
        assert not any(each["type"] == "alarm" for each in await other.all_until_pong())


async def test_typing_shows_to_the_others_who_look_at_the_conversation(office: Served) -> None:
    agent, colleague = await hire(office, {"tea": "agent"}), await hire(office, {"tea": "agent"})
    conversation = (await says(office, "tea", "你好")).conversation.id
    async with agent.page() as page, colleague.page() as other:
        for line in (page, other):
            await line.say(type="open", shop="tea", conversation=conversation)
            await line.hear("suggestions")
        await page.say(type="typing", shop="tea", conversation=conversation, on=True)
        typing = await other.hear("typing")
        assert (typing["who"], typing["on"]) == (agent.account.name, True)
        office.engine.workspace.typing.tell("tea", conversation, BUYER, True)
        assert (await page.hear("typing"))["who"] == "buyer"


async def test_a_membership_that_ends_is_taken_from_open_pages_and_what_they_wrote_is_not_sent(
    office: Served,
) -> None:
    agent = await hire(office, {"tea": "agent", "lamp": "agent"})
    conversation = (await says(office, "tea", "发什么快递")).conversation.id
    async with agent.page() as page:
        await page.say(type="open", shop="tea", conversation=conversation)
        await page.hear("suggestions")
        await page.say(type="send", shop="tea", conversation=conversation, text="发顺丰", key="k-1")
        await page.hear("held")
        accounts = office.engine.parts.accounts
        await accounts.end_membership(agent.account.id, "tea", office.clock.now())
        assert (await page.hear("removed", seconds=1.5))["shop"] == "tea"
        await says(office, "tea", "还在吗")
        await send_due(office)
        assert all(each.get("shop") != "tea" for each in await page.all_until_pong())
        await says(office, "lamp", "你好")
        assert (await page.hear("message"))["shop"] == "lamp"
    messages = await office.engine.parts.conversations.list_messages("tea", conversation, 10)
    assert [each.author for each in messages] == ["buyer", "buyer"]


async def test_a_session_that_ends_closes_its_pages(office: Served) -> None:
    agent = await hire(office, {"tea": "agent"})
    async with agent.page() as page:
        await office.engine.parts.accounts.end_sessions(agent.account.id)
        before = len(page.heard)
        assert await page.closing() == 4401
        assert {each["type"] for each in page.heard[before:]} <= {"removed"}


async def test_nothing_is_served_before_a_hello_with_the_sessions_secret(office: Served) -> None:
    agent = await hire(office, {"tea": "agent"})
    headers = {"Cookie": f"kuaihui_session={agent.secret}"}
    for first in ({"type": "hello", "csrf": "wrong"}, {"type": "ping"}, {"type": "open"}):
        async with office.client.ws_connect("/api/v1/live", headers=headers) as socket:
            await socket.send_json(first)
            closed = await socket.receive()
            assert (closed.type, socket.close_code) == (WSMsgType.CLOSE, 1008)


async def test_a_socket_from_another_site_or_without_a_session_is_refused(office: Served) -> None:
    agent = await hire(office, {"tea": "agent"})
    for headers, status in (
        ({}, 401),
        ({"Cookie": "kuaihui_session=nobody"}, 401),
        ({"Cookie": f"kuaihui_session={agent.secret}", "Origin": "https://evil.example"}, 403),
    ):
        with pytest.raises(WSServerHandshakeError) as refused:
            await office.client.ws_connect("/api/v1/live", headers=headers)
        assert refused.value.status == status


async def test_one_person_opens_no_more_pages_than_a_server_can_carry(office: Served) -> None:
    agent = await hire(office, {"tea": "agent"})
    async with AsyncExitStack() as pages:
        for _ in range(MOST_PAGES):
            await pages.enter_async_context(agent.page())
        with pytest.raises(WSServerHandshakeError) as refused:
            await pages.enter_async_context(agent.page())
        assert refused.value.status == 429
        other = await hire(office, {"tea": "agent"})
        await pages.enter_async_context(other.page())
    async with agent.page() as page:
        assert page.heard[-1]["type"] == "welcome"


@pytest.mark.parametrize(
    "text",
    ["", "no json", "[]", "{}", '{"type":"shout"}', '{"type":5}', '{"type":"open","shop":"tea"}', '{"type":"hello","csrf":"x"}',
     '{"type":"presence","state":"asleep"}', '{"type":"typing","shop":"","conversation":"c1","on":true}',
     '{"type":"ping","more":1}', "[" * 5000],
)  # fmt: skip
async def test_what_makes_no_sense_gets_an_error_and_the_page_stays_open(office: Served, text: str) -> None:
    agent = await hire(office, {"tea": "agent"})
    async with agent.page() as page:
        await page.socket.send_str(text)
        error = (await page.hear("error"))["error"]
        assert error["code"] in ("bad_request", "invalid")
        assert "Traceback" not in str(error)
        await page.all_until_pong()


async def test_a_person_at_pause_stays_so_over_pages_and_is_shown_to_colleagues(office: Served) -> None:
    agent, colleague = await hire(office, {"tea": "agent"}), await hire(office, {"tea": "agent"})
    async with agent.page() as page:
        await page.say(type="presence", state="pause")
        assert (await page.hear("presence"))["state"] == "pause"
    async with agent.page() as page:
        assert page.heard[-1]["presence"] == "pause"
    conversation = (await says(office, "tea", "你好")).conversation.id
    status, whole = await colleague.call("GET", f"/shops/tea/conversations/{conversation}")
    assert status == 200
    states = {each["id"]: each["presence"] for each in whole["colleagues"]}
    assert states[agent.account.id] == "pause"


async def test_a_page_that_does_not_read_is_dropped_and_holds_up_nobody(office: Served) -> None:
    agent, colleague = await hire(office, {"tea": "agent"}), await hire(office, {"tea": "agent"})
    async with agent.page() as slow, colleague.page() as quick:
        hub = office.client.app[HUB]
        page = hub.pages_of(agent.account.id)[0]
        page.hold_back()
        for _ in range(2001):
            page.send("{}")
        assert page.is_ending
        await says(office, "tea", "发什么快递")
        await quick.hear("message")
        assert await slow.closing() in (
            1013,
            1006,
        )  # told to come again, or cut off where the farewell did not get through


async def test_a_page_that_takes_batches_gets_what_it_only_lists_together(office: Served) -> None:
    agent = await hire(office, {"tea": "agent"})
    async with agent.page(batches=True) as page:
        await says(office, "tea", "发什么快递")
        frame = await page.hear("batch")
        assert {"message", "conversation"} <= {each["type"] for each in frame["messages"]}
        numbers = [each["feed"] for each in frame["messages"] if "feed" in each]
        assert numbers == sorted(numbers)


async def test_what_comes_sooner_takes_with_it_what_could_wait(office: Served) -> None:
    agent = await hire(office, {"tea": "agent"})
    async with agent.page(batches=True):
        page = office.client.app[HUB].pages_of(agent.account.id)[0]
        page.send("{}", "tea", patience=LATER)
        assert page._waking is not None
        late = page._waking.when()
        page.send("{}", "tea", patience=SOON)
        assert page._waking.when() < late
        soon = page._waking.when()
        page.send("{}", "tea", patience=LATER)
        assert page._waking.when() == soon
        page.send("{}", "tea")
        assert page._waking is None
        assert page._wake.is_set()


async def test_the_shops_of_who_is_there_are_in_memory_before_their_buyers_write(office: Served) -> None:
    agent = await hire(office, {"tea": "agent"})
    async with agent.page():
        held = office.client.app[HUB].workspace.live_shops
        async with asyncio.timeout(10):
            while not held.holds("tea"):  # noqa: ASYNC110 - it is loaded behind, and tells nobody
                await asyncio.sleep(0)
