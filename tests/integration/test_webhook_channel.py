"""The generic webhook keeps the contract of channels; what it reads and sends is as docs/channels.md says."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta
from ipaddress import ip_network
from typing import Any

import pytest

from bot.channels.webhook import WebhookChannel
from bot.open_internet import OpenInternet
from bot.ports.channels import (
    REPLACED,
    REPLACED_UNTIL,
    CameBuyer,
    CameMessage,
    CameStatus,
    Delivered,
    Incoming,
    IncomingImage,
    OutgoingImage,
    Retry,
    Unreadable,
    Unverified,
)
from tests.contract.channel_contract import ChannelContract
from tests.contract.store_contract import NOW
from tests.integration.webhook_peer import SECRET, WebhookPeer, as_base64, signed, webhook_peer

HERE = OpenInternet([ip_network("127.0.0.0/8")])
SHUT = OpenInternet()


@pytest.fixture
async def peer() -> AsyncIterator[WebhookPeer]:
    async with webhook_peer() as peer:
        yield peer


@pytest.fixture
def internet() -> OpenInternet:
    return HERE


class TestWebhookChannel(ChannelContract):
    never = (400, 410, 413, 415, 422)


def read(document: Any, *, vouches: bool = True) -> Any:
    """Return what is read of a document that was signed."""
    peer = WebhookPeer("https://shop.example/in")
    settings = {**peer.place.channel.settings, "vouches": vouches}
    place = replace(peer.place, channel=replace(peer.place.channel, settings=settings))
    [came] = WebhookChannel(SHUT).read(place, peer.proving(json.dumps(document).encode()), NOW)
    return came


def fields_of(document: Any) -> dict[str, str]:
    """Return what is wrong with a document."""
    with pytest.raises(Unreadable) as refused:
        read(document)
    return refused.value.fields


A_MESSAGE: dict[str, Any] = {"type": "message", "id": "m-1", "buyer": {"id": "b-1"}, "text": "有货吗"}


def test_a_whole_message_is_read() -> None:
    document = {
        "type": "message", "id": "m-1", "thread": "t-1", "text": "有货吗",
        "buyer": {"id": "b-1", "name": "买家", "verified": True, "viewed": "item-7"},
        "images": [{"url": "https://shop.example/1.png"}, {"content": as_base64(b"png")}],
    }  # fmt: skip
    buyer = CameBuyer("b-1", "买家", True, "item-7")
    images = (IncomingImage(url="https://shop.example/1.png"), IncomingImage(b"png"))
    assert read(document) == CameMessage("m-1", buyer, "有货吗", images, thread="t-1")


def test_ids_are_verified_only_where_the_owner_says_so() -> None:
    assert read(A_MESSAGE).buyer.verified
    assert not read(A_MESSAGE, vouches=False).buyer.verified
    assert not read({**A_MESSAGE, "buyer": {"id": "b-1", "verified": False}}).buyer.verified


@pytest.mark.parametrize("status", ["closed", "person", "software"])
def test_a_status_is_read(status: str) -> None:
    came = read({"type": "status", "id": "s-1", "buyer": {"id": "b-1"}, "status": status})
    assert came == CameStatus("s-1", CameBuyer("b-1", verified=True), status)  # type: ignore[arg-type]


def test_a_ping_is_of_no_interest() -> None:
    peer = WebhookPeer("https://shop.example/in")
    assert list(WebhookChannel(SHUT).read(peer.place, peer.proving(b'{"type":"ping"}'), NOW)) == []


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"type": "order"}, "type"),
        ({"id": ""}, "id"),
        ({"id": 7}, "id"),
        ({"id": "x" * 201}, "id"),
        ({"buyer": "b-1"}, "buyer"),
        ({"buyer": {}}, "buyer.id"),
        ({"buyer": {"id": "unverified:b-1"}}, "buyer.id"),
        ({"buyer": {"id": "b-1", "shop": "lamp"}}, "buyer.shop"),
        ({"buyer": {"id": "b-1", "verified": "yes"}}, "buyer.verified"),
        ({"buyer": {"id": "b-1", "viewed": "a b"}}, "buyer.viewed"),
        ({"shop": "lamp"}, "shop"),
        ({"text": ""}, "text"),
        ({"text": "x" * 20_001}, "text"),
        ({"images": {}}, "images"),
        ({"images": ["x"]}, "images[0]"),
        ({"images": [{}]}, "images[0].url"),
        ({"images": [{"url": "file:///etc/passwd"}]}, "images[0].url"),
        ({"images": [{"content": "!"}]}, "images[0].content"),
        ({"images": [{"url": "https://a.example/"}] * 10}, "images"),
        ({"author": "auto"}, "author"),
    ],
)
def test_what_is_wrong_is_named(change: dict[str, Any], field: str) -> None:
    assert list(fields_of({**A_MESSAGE, **change})) == [field]


@pytest.mark.parametrize(
    "body", [b"", b"{", b"[]", b"\xff", b'"x"', b"[" * 100_000, b'{"type":' + b"9" * 5000 + b"}"]
)
def test_a_broken_body_is_unreadable(body: bytes) -> None:
    peer = WebhookPeer("https://shop.example/in")
    with pytest.raises(Unreadable):
        WebhookChannel(SHUT).read(peer.place, peer.proving(body), NOW)


def test_half_characters_and_nul_are_left_out() -> None:
    assert read({**A_MESSAGE, "text": "有\0货\ud800吗"}).text == "有货吗"


@pytest.mark.parametrize("minutes", [-6, 6])
def test_a_signature_of_another_time_is_refused(minutes: int) -> None:
    peer, body = WebhookPeer("https://shop.example/in"), json.dumps(A_MESSAGE).encode()
    headers = signed(body, at=NOW + timedelta(minutes=minutes))
    with pytest.raises(Unverified, match="5 minutes"):
        WebhookChannel(SHUT).read(peer.place, Incoming(headers, body), NOW)
    near = signed(body, at=NOW + timedelta(minutes=minutes * 2 / 3))
    assert WebhookChannel(SHUT).read(peer.place, Incoming(near, body), NOW)


@pytest.mark.parametrize("timestamp", ["", "yesterday", "-5", "１７", "9" * 13, "1e9"])
def test_a_timestamp_is_seconds(timestamp: str) -> None:
    peer, body = WebhookPeer("https://shop.example/in"), json.dumps(A_MESSAGE).encode()
    headers = {**signed(body), "x-kuaihui-timestamp": timestamp}
    with pytest.raises(Unverified):
        WebhookChannel(SHUT).read(peer.place, Incoming(headers, body), NOW)


def test_the_body_is_signed_to_its_last_byte() -> None:
    peer, body = WebhookPeer("https://shop.example/in"), json.dumps(A_MESSAGE).encode()
    for changed in (body + b" ", body.replace(b"b-1", b"b-2")):
        with pytest.raises(Unverified):
            WebhookChannel(SHUT).read(peer.place, Incoming(signed(body), changed), NOW)


def test_the_secret_before_a_rotation_is_taken_for_a_while() -> None:
    peer, body = WebhookPeer("https://shop.example/in"), json.dumps(A_MESSAGE).encode()
    until = (NOW + timedelta(hours=1)).isoformat()
    secrets = {"secret": "new", f"secret{REPLACED}": SECRET, f"secret{REPLACED_UNTIL}": until}
    place, adapter = replace(peer.place, secrets=secrets), WebhookChannel(SHUT)
    assert adapter.read(place, Incoming(signed(body), body), NOW)
    assert adapter.read(place, Incoming(signed(body, "new"), body), NOW)
    later = NOW + timedelta(hours=1)
    with pytest.raises(Unverified):
        adapter.read(place, Incoming(signed(body, at=later), body), later)


async def test_a_message_goes_out_whole_with_its_key(peer: WebhookPeer) -> None:
    peer.answer = {"id": "their-7"}
    outgoing = replace(peer.outgoing("c-1-1"), marked=True, image=OutgoingImage("image/png", b"png"))
    outgoing = replace(outgoing, delivery=replace(outgoing.delivery, author="auto"))
    assert await WebhookChannel(HERE).deliver(peer.place, outgoing) == Delivered("their-7")
    assert peer.calls == [
        {
            "type": "message", "id": "c-1-1", "shop": "tea", "channel": "hook", "conversation": "c-1", "thread": "t-1",
            "buyer": {"id": "b-1", "verified": True}, "at": NOW.isoformat(), "text": outgoing.text, "automatic": True,
            "marked": True, "image": {"media_type": "image/png", "content": as_base64(b"png")},
        }
    ]  # fmt: skip
    assert peer.headers[0]["Idempotency-Key"] == "c-1-1"


async def test_a_hand_over_says_why_and_what_to_know(peer: WebhookPeer) -> None:
    outgoing = replace(
        peer.outgoing("c-1-s", "", "handed_over"), reason="upset", urgent=True, note="问了两次"
    )
    assert isinstance(await WebhookChannel(HERE).deliver(peer.place, outgoing), Delivered)
    [call] = peer.calls
    assert (call["type"], call["status"]) == ("status", "handed_over")
    assert (call["reason"], call["urgent"], call["note"]) == ("upset", True, "问了两次")


async def test_who_had_it_before_has_it(peer: WebhookPeer) -> None:
    peer.answer_with(409)
    assert await WebhookChannel(HERE).deliver(peer.place, peer.outgoing("c-1-1")) == Delivered()


@pytest.mark.parametrize(
    ("asked", "after"), [("30", 30), ("999999", 3600), ("-1", None), ("soon", None), ("9" * 40, None)]
)
async def test_a_busy_side_says_when_to_come_again(peer: WebhookPeer, asked: str, after: int | None) -> None:
    peer.retry_after = asked
    peer.answer_with(503)
    outcome = await WebhookChannel(HERE).deliver(peer.place, peer.outgoing("c-1-1"))
    assert isinstance(outcome, Retry)
    assert outcome.after == (timedelta(seconds=after) if after is not None else None)


@pytest.mark.parametrize("answer", [{"id": 7}, {"id": None}, {"other": "x"}, {"id": "x" * 500}])
async def test_an_odd_id_in_the_answer_spoils_nothing(peer: WebhookPeer, answer: dict[str, Any]) -> None:
    peer.answer = answer
    outcome = await WebhookChannel(HERE).deliver(peer.place, peer.outgoing("c-1-1"))
    assert isinstance(outcome, Delivered)
    assert len(outcome.external_id) <= 200


async def test_a_redirect_is_not_followed(peer: WebhookPeer) -> None:
    peer.answer_with(307)
    outcome = await WebhookChannel(HERE).deliver(peer.place, peer.outgoing("c-1-1"))
    assert isinstance(outcome, Retry)
    assert len(peer.calls) == 1
