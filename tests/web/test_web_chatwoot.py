"""Chatwoot's webhooks over HTTP: who may send them, what is answered, and whose inbox an agent looks at in its dashboard."""

from __future__ import annotations

import io
import json
from typing import Any

import pytest

from bot.domain.channels import Setting, ShopChannel
from bot.ports import StoreUnavailable
from tests.integration.chatwoot_server import Chatwoot, Contact, Talk, hook, message_payload
from tests.web.memory_app import NOW, Served
from tests.web.people import hire

HOST = "https://chat.example.com"
INBOXES = {"tea": 5, "lamp": 6}


@pytest.fixture(autouse=True)
async def _inboxes(served: Served) -> None:
    for shop, inbox in INBOXES.items():
        settings: dict[str, Setting] = {"url": HOST, "account": 1, "inbox": inbox}
        channel = ShopChannel("desk", "chatwoot", "客服台", settings=settings)
        secrets = {"token": "t", "signing": f"key-of-{shop}", "path": f"path-of-{shop}"}
        await served.engine.parts.channels.put_channel(shop, channel, secrets, NOW)


def said(text: str = "短袖有货吗", inbox: int = 5) -> dict[str, Any]:
    """Return the webhook of a buyer's message."""
    chatwoot, talk = Chatwoot(), Talk(1, inbox, 7, Contact(31, "访客"))
    return message_payload(talk, chatwoot.write(talk, text))


async def post(
    served: Served, payload: Any, shop: str = "tea", tail: str | None = None, key: str | None = None
) -> tuple[int, Any]:
    call = hook(payload, key or f"key-of-{shop}", NOW.timestamp())
    end = f"/path-of-{shop}" if tail is None else tail
    address = f"/channels/{shop}/desk{end}"
    async with served.client.post(address, data=io.BytesIO(call.body), headers=call.headers) as response:
        return response.status, await response.json()


async def heard(served: Served, shop: str = "tea") -> list[str]:
    """Return what the shop's buyer said here."""
    store = served.engine.parts.conversations
    buyer = await store.find_buyer(shop, "chatwoot:desk", "unverified:31")
    if buyer is None:
        return []
    (talk,) = await store.buyer_conversations(shop, buyer.id, 5)
    return [each.text for each in await store.list_messages(shop, talk.id, 50)]


async def test_a_buyers_message_is_taken_once(served: Served) -> None:
    payload = said()
    assert [(await post(served, payload))[0] for _ in range(3)] == [200] * 3
    assert await heard(served) == ["短袖有货吗"]


@pytest.mark.parametrize(
    ("tail", "key"), [("", None), ("/path-of-lamp", None), (None, "key-of-lamp"), ("/%E5%AF%86", None)]
)
async def test_without_the_secrets_nothing_is_taken(
    served: Served, tail: str | None, key: str | None
) -> None:
    status, answer = await post(served, said(), tail=tail, key=key)
    assert status == 401
    assert "path-of-tea" not in json.dumps(answer)
    assert await heard(served) == []


async def test_an_event_of_another_shops_inbox_is_refused(served: Served) -> None:
    status, answer = await post(served, said("串店", inbox=6))
    assert (status, set(answer["error"]["fields"])) == (422, {"inbox_id"})
    assert (await post(served, said("右店", inbox=6), "lamp"))[0] == 200
    assert (await heard(served), await heard(served, "lamp")) == ([], ["右店"])


@pytest.mark.parametrize(("body", "status"), [(b"{", 400), (b"[]", 400), (b"x" * 1_100_000, 413)])
async def test_broken_and_huge_webhooks_are_refused(served: Served, body: bytes, status: int) -> None:
    assert (await post(served, body))[0] == status
    assert (await post(served, said()))[0] == 200


async def test_while_the_database_is_away_chatwoot_is_told_to_send_it_again(
    served: Served, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def away(*_: object, **__: object) -> None:
        raise StoreUnavailable("the database does not answer")

    payload = said()
    with monkeypatch.context() as broken:
        broken.setattr(served.engine.parts.channels, "end_taking", away)
        assert (await post(served, payload))[0] == 500
    assert (await post(served, payload))[0] == 200
    assert await heard(served) == ["短袖有货吗"]


@pytest.mark.parametrize(
    ("shops", "inbox", "owner", "name"),
    [
        ({"tea": "agent"}, 5, "this", ""),
        ({"tea": "agent"}, 6, "other", ""),
        ({"tea": "agent", "lamp": "agent"}, 6, "other", "lamp"),
    ],
)
async def test_whose_inbox_it_is_is_told_of_ones_own_shops(
    served: Served, shops: dict[str, str], inbox: int, owner: str, name: str
) -> None:
    agent = await hire(served, shops)
    place = {"origin": HOST, "account": 1, "inbox": inbox}
    status, answer = await agent.call("POST", "/shops/tea/inbox-owner", place)
    assert (status, answer["owner"], answer["shop"]) == (200, owner, name)
    assert bool(answer["name"]) == bool(name)


async def test_a_wrong_place_is_refused_and_a_stranger_learns_nothing(served: Served) -> None:
    agent = await hire(served, {"lamp": "agent"})
    place = {"origin": HOST, "account": 1, "inbox": 5}
    assert (await agent.call("POST", "/shops/tea/inbox-owner", place))[0] == 404
    for wrong in ({**place, "inbox": -1}, {**place, "origin": ""}, {**place, "account": "1; x"}, {}):
        assert (await agent.call("POST", "/shops/lamp/inbox-owner", wrong))[0] == 422
