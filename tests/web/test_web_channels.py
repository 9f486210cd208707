"""Outer channels over HTTP: set up, changed, tested, rotated, removed; secrets are shown once; failures are seen and retried."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any

import pytest

from tests.integration.webhook_peer import WebhookPeer, signed, webhook_peer
from tests.web.memory_app import Served
from tests.web.people import Person, hire, says

ALL = "/shops/tea/channels"
ONE = f"{ALL}/hook"
A_HOOK: dict[str, Any] = {
    "kind": "webhook", "name": "商城", "settings": {"url": "https://shop.example/in", "vouches": True},
}  # fmt: skip
A_CHATWOOT: dict[str, Any] = {
    "kind": "chatwoot",
    "name": "客服台",
    "settings": {"url": "https://chat.example", "account": 1, "inbox": 5},
    "secrets": {"token": "t0ken-of-the-bot"},
}


@pytest.fixture
async def owner(served: Served) -> Person:
    return await hire(served, {"tea": "owner"})


@pytest.fixture
async def peer() -> AsyncIterator[WebhookPeer]:
    async with webhook_peer() as peer:
        yield peer


async def create(owner: Person, body: dict[str, Any] = A_HOOK, id: str = "hook") -> dict[str, Any]:
    status, answer = await owner.call("POST", ALL, {**body, "id": id})
    assert status == 201, answer
    return dict(answer)


async def deliver(served: Served) -> None:
    """Make all deliveries that are due now."""
    while begun := await served.engine.channels.delivering.begin_due():
        await asyncio.gather(*begun)


async def test_a_channel_is_set_up_and_its_secret_shown_once(served: Served, owner: Person) -> None:
    made = await create(owner)
    assert (made["id"], made["address"]) == ("hook", "/channels/tea/hook")
    secret = made["secrets"]["secret"]
    assert len(secret) >= 43
    status, answer = await owner.call("GET", ALL)
    assert status == 200
    [channel] = answer["channels"]
    assert channel["settings"] == A_HOOK["settings"]
    assert (channel["name"], channel["enabled"], channel["waiting"], channel["failed"]) == (
        "商城",
        True,
        0,
        0,
    )
    assert {each["kind"] for each in answer["kinds"]} == {"webhook", "chatwoot"}
    assert secret not in json.dumps(answer)
    told = await served.engine.auditor.read("office")
    assert "channel_written" in [line.kind for line in told]
    assert secret not in repr(told)


async def test_a_secret_that_stands_in_the_address_is_shown_with_it(owner: Person) -> None:
    made = await create(owner, A_CHATWOOT, "inbox")
    [channel] = (await owner.call("GET", ALL))[1]["channels"]
    assert made["address"] in (channel["address"], f"{channel['address']}/{made['secrets']['path']}")
    assert made["secrets"]["path"] not in json.dumps(channel)
    assert "t0ken" not in json.dumps(channel)


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"kind": "pigeon"}, "kind"),
        ({"name": " "}, "name"),
        ({"settings": {}}, "settings.url"),
        ({"settings": {"url": "ftp://shop.example/"}}, "settings.url"),
        ({"settings": {"url": "https://me:pw@shop.example/"}}, "settings.url"),
        ({"settings": {**A_HOOK["settings"], "vouches": "yes"}}, "settings.vouches"),
        ({"settings": {**A_HOOK["settings"], "shop": "lamp"}}, "settings.shop"),
        ({"secrets": {"secret": "mine"}}, "secrets.secret"),
        ({"id": "Händler"}, "id"),
        ({"colour": "red"}, "colour"),
    ],
)
async def test_what_is_wrong_with_a_channel_is_named(
    owner: Person, change: dict[str, Any], field: str
) -> None:
    status, answer = await owner.call("POST", ALL, {**A_HOOK, "id": "hook", **change})
    assert status == 422
    assert list(answer["error"]["fields"]) == [field]
    assert (await owner.call("GET", ALL))[1]["channels"] == []


async def test_an_id_is_taken_once_and_a_shop_has_only_so_many(owner: Person) -> None:
    await create(owner)
    assert (await owner.call("POST", ALL, {**A_HOOK, "id": "hook"}))[0] == 409
    for number in range(19):
        await create(owner, id=f"h{number}")
    assert (await owner.call("POST", ALL, A_HOOK))[0] == 409


async def test_a_channel_is_changed_and_keeps_its_secret(served: Served, owner: Person) -> None:
    secret = (await create(owner))["secrets"]["secret"]
    changed = {**A_HOOK, "name": "小程序", "enabled": False}
    assert (await owner.call("PUT", ONE, changed))[0] == 204
    [channel] = (await owner.call("GET", ALL))[1]["channels"]
    assert (channel["name"], channel["enabled"]) == ("小程序", False)
    kept = await served.engine.parts.channels.get_secrets("tea", "hook")
    assert kept["secret"] == secret
    assert (await owner.call("PUT", ONE, {**A_CHATWOOT}))[0] == 422


async def test_a_secret_that_was_entered_for_one_address_is_not_sent_to_another(
    served: Served, owner: Person
) -> None:
    await create(owner, A_CHATWOOT, "inbox")
    path = f"{ALL}/inbox"
    kept = {**A_CHATWOOT, "secrets": {}}
    assert (await owner.call("PUT", path, {**kept, "name": "新名"}))[0] == 204
    elsewhere = {**kept["settings"], "url": "https://evil.example"}
    status, answer = await owner.call("PUT", path, {**kept, "settings": elsewhere})
    assert (status, list(answer["error"]["fields"])) == (422, ["secrets.token"])
    again = {**A_CHATWOOT, "settings": elsewhere}
    assert (await owner.call("PUT", path, again))[0] == 204


async def test_after_a_rotation_both_secrets_are_taken_for_a_day(served: Served, owner: Person) -> None:
    old = (await create(owner))["secrets"]["secret"]
    status, answer = await owner.call("POST", f"{ONE}/secret")
    new = answer["secrets"]["secret"]
    assert (status, new != old) == (200, True)

    async def said(id: str, secret: str) -> int:
        document = {"type": "message", "id": id, "buyer": {"id": "b-1"}, "text": "有货吗"}
        body = json.dumps(document).encode()
        headers = signed(body, secret, served.clock.now())
        async with served.client.post("/channels/tea/hook", data=body, headers=headers) as response:
            return response.status

    assert [await said("m-1", old), await said("m-2", new)] == [200, 200]
    served.clock.moment += timedelta(hours=24)
    assert [await said("m-3", old), await said("m-4", new)] == [401, 200]


async def test_a_trial_says_whether_the_other_side_answers(owner: Person, peer: WebhookPeer) -> None:
    made = await create(owner, {**A_HOOK, "settings": {"url": peer.url}})
    peer.secret = made["secrets"]["secret"]
    status, answer = await owner.call("POST", f"{ONE}/test")
    assert (status, answer["ok"]) == (200, True)
    assert [call["type"] for call in peer.calls] == ["ping"]
    peer.secret = "another"
    status, answer = await owner.call("POST", f"{ONE}/test")
    assert (status, answer["ok"]) == (200, False)
    assert "401" in answer["problem"]


async def test_what_is_said_goes_out_and_how_far_it_is_is_seen(
    served: Served, owner: Person, peer: WebhookPeer
) -> None:
    peer.secret = (await create(owner, {**A_HOOK, "settings": {"url": peer.url}}))["secrets"]["secret"]
    talk = (await says(served, "tea", "有货吗", channel="webhook:hook")).conversation
    conversing = served.engine.workspace.conversing
    await conversing.reply("tea", talk.id, owner.account.id, "有的", key="k-1")
    thread = f"/shops/tea/conversations/{talk.id}"

    async def delivery() -> Any:
        _, answer = await owner.call("GET", thread)
        _, listed = await owner.call("GET", f"{thread}/messages")
        assert answer["messages"] == listed["messages"]
        assert answer["messages"][0]["delivery"] is None
        return answer["messages"][1]["delivery"]

    assert (await delivery())["state"] == "waiting"
    await deliver(served)
    assert (await delivery())["state"] == "sent"
    assert [call["text"] for call in peer.calls] == ["有的"]


async def test_what_failed_is_listed_and_tried_again_by_hand(
    served: Served, owner: Person, peer: WebhookPeer
) -> None:
    peer.secret = (await create(owner, {**A_HOOK, "settings": {"url": peer.url}}))["secrets"]["secret"]
    talk = (await says(served, "tea", "有货吗", channel="webhook:hook")).conversation
    await served.engine.workspace.conversing.reply("tea", talk.id, owner.account.id, "有的", key="k-1")
    peer.answer_with(410)
    await deliver(served)
    status, answer = await owner.call("GET", f"{ONE}/deliveries?state=dead&state=expired")
    [failed] = answer["deliveries"]
    assert (status, failed["state"], failed["attempts"]) == (200, "dead", 1)
    assert "410" in failed["error"]
    assert (await owner.call("GET", ALL))[1]["channels"][0]["failed"] == 1
    peer.answer_with(0)
    again = f"/shops/tea/conversations/{talk.id}/deliveries/{failed['position']}/retry"
    status, answer = await owner.call("POST", again)
    assert (status, answer["state"]) == (200, "waiting")
    await deliver(served)
    assert peer.kept() == ["有的"]
    assert (await owner.call("POST", again))[0] == 409
    assert (await owner.call("GET", f"{ONE}/deliveries?state=lost"))[0] == 422


async def test_a_removed_channel_takes_and_sends_nothing_more(served: Served, owner: Person) -> None:
    secret = (await create(owner))["secrets"]["secret"]
    talk = (await says(served, "tea", "有货吗", channel="webhook:hook")).conversation
    assert (await owner.call("DELETE", ONE))[0] == 204
    assert (await owner.call("DELETE", ONE))[0] == 404
    await served.engine.workspace.conversing.reply("tea", talk.id, owner.account.id, "有的", key="k-1")
    _, answer = await owner.call("GET", f"/shops/tea/conversations/{talk.id}")
    assert answer["messages"][1]["delivery"]["state"] == "dead"
    body = b'{"type":"ping"}'
    headers = signed(body, secret, served.clock.now())
    async with served.client.post("/channels/tea/hook", data=body, headers=headers) as response:
        assert response.status == 404


@pytest.mark.parametrize("role", ["agent", "supervisor"])
async def test_channels_are_the_owners_business(served: Served, owner: Person, role: str) -> None:
    await create(owner)
    other = await hire(served, {"tea": role})
    for method, path, body in (
        ("GET", ALL, None),
        ("POST", ALL, A_HOOK),
        ("PUT", ONE, A_HOOK),
        ("DELETE", ONE, None),
        ("POST", f"{ONE}/secret", None),
        ("POST", f"{ONE}/test", None),
        ("GET", f"{ONE}/deliveries", None),
    ):
        assert (await other.call(method, path, body))[0] == 403, path


async def test_an_owner_of_another_shop_finds_nothing(served: Served, owner: Person) -> None:
    await create(owner)
    talk = (await says(served, "tea", "有货吗", channel="webhook:hook")).conversation
    await served.engine.workspace.conversing.reply("tea", talk.id, owner.account.id, "有的", key="k-1")
    other = await hire(served, {"lamp": "owner"})
    for shop in ("tea", "lamp"):
        base = f"/shops/{shop}/channels"
        for method, path, body in (
            ("PUT", f"{base}/hook", A_HOOK),
            ("DELETE", f"{base}/hook", None),
            ("POST", f"{base}/hook/secret", None),
            ("POST", f"{base}/hook/test", None),
            ("GET", f"{base}/hook/deliveries", None),
            ("POST", f"/shops/{shop}/conversations/{talk.id}/deliveries/1/retry", None),
        ):
            assert (await other.call(method, path, body))[0] == 404, path
    assert (await other.call("GET", "/shops/lamp/channels"))[1]["channels"] == []
    [channel] = (await owner.call("GET", ALL))[1]["channels"]
    assert (channel["name"], channel["waiting"]) == ("商城", 1)


async def test_open_pages_hear_how_far_a_message_is(served: Served, owner: Person, peer: WebhookPeer) -> None:
    peer.secret = (await create(owner, {**A_HOOK, "settings": {"url": peer.url}}))["secrets"]["secret"]
    talk = (await says(served, "tea", "有货吗", channel="webhook:hook")).conversation
    async with owner.page() as line:
        await served.engine.workspace.conversing.reply("tea", talk.id, owner.account.id, "有的", key="k-1")
        await deliver(served)
        told = await line.hear("delivery")
    assert (told["shop"], told["conversation"]) == ("tea", talk.id)
    assert (told["delivery"]["number"], told["delivery"]["state"]) == (2, "sent")
