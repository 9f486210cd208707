"""The Chatwoot channel against a server that speaks Chatwoot's API: what goes out, what is found again, what is never taken."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from ipaddress import ip_network
from typing import Any

import pytest

from bot.channels import chatwoot_api
from bot.channels.chatwoot import ChatwootChannel
from bot.channels.chatwoot_reading import API, MARK, MODES
from bot.domain.channels import Delivery, Setting, ShopChannel, Status
from bot.domain.conversation import Buyer
from bot.open_internet import OpenInternet
from bot.ports.channels import (
    CameMessage,
    ChannelPlace,
    Delivered,
    Incoming,
    Outgoing,
    OutgoingImage,
    Refused,
    Retry,
    Unreadable,
    Unverified,
)
from tests.contract.channel_contract import ChannelContract
from tests.integration.chatwoot_peer import ChatwootPeer, chatwoot_peer
from tests.integration.chatwoot_server import (
    BEGAN,
    OUTGOING,
    Chatwoot,
    Contact,
    Hook,
    Talk,
    Teller,
    hook,
    message_payload,
    serving,
)

NOW = datetime.fromtimestamp(BEGAN + 1000, UTC)
BOT = Teller("agent_bot", 1, 4, "快回")
PERSON = Teller("user", 1, 3, "客服")
SECRETS = {"token": "bot-t0ken", "reader": "", "signing": "", "path": "p4th"}
WORDS = "亲，今天 17 点前付款当天发"
CHANNEL = ChatwootChannel(OpenInternet((ip_network("127.0.0.1/32"),)))


@pytest.fixture
def internet() -> OpenInternet:
    return OpenInternet((ip_network("127.0.0.1/32"),))


@pytest.fixture(params=MODES)
async def peer(request: pytest.FixtureRequest) -> AsyncIterator[ChatwootPeer]:
    async with chatwoot_peer(request.param) as peer:
        yield peer


class TestChatwootChannel(ChannelContract):
    never = (400, 401, 403, 404, 422)


@pytest.fixture
async def chatwoot() -> AsyncIterator[Chatwoot]:
    async with serving() as chatwoot:
        chatwoot.tokens = {"bot-t0ken": BOT, "person-t0ken": PERSON}
        yield chatwoot


@pytest.fixture
def talk(chatwoot: Chatwoot) -> Talk:
    return chatwoot.open_talk(1, 5, 7, Contact(31, "访客"))


def place_at(chatwoot: Chatwoot, mode: str = "agent_bot", **secrets: str) -> ChannelPlace:
    """Return the channel as a shop would keep it."""
    settings: dict[str, Setting] = {"url": chatwoot.address, "account": 1, "inbox": 5, "mode": mode}
    return ChannelPlace("lamp", ShopChannel("c1", "chatwoot", "客服台", settings=settings), SECRETS | secrets)


def going(text: str = WORDS, key: str = "k-1", **more: Any) -> Outgoing:
    """Return a message of ours on its way into conversation 7."""
    delivery = Delivery("talk", 1, "c1", key, NOW, NOW, number=2, author="auto", attempts=1)
    return Outgoing(delivery, Buyer("b", "访客", "chatwoot:c1", "31"), "7", text, **more)


def telling(status: Status, **more: Any) -> Outgoing:
    """Return what became of conversation 7, on its way."""
    told = going("", **more)
    return replace(told, delivery=replace(told.delivery, number=None, author="", status=status))


async def test_a_message_goes_out_in_the_bots_name_with_its_mark(chatwoot: Chatwoot, talk: Talk) -> None:
    outcome = await CHANNEL.deliver(place_at(chatwoot), going())
    (message,) = talk.messages
    assert outcome == Delivered(str(message["id"]))
    assert (message["content"], message["message_type"], message["private"]) == (WORDS, OUTGOING, False)
    assert message["sender"] == BOT.shown()
    assert message["content_attributes"] == {MARK: "k-1"}
    assert message["source_id"] is None, "elsewhere than in an API inbox it would not be sent on to the buyer"


async def test_in_an_api_inbox_the_source_id_is_a_mark_too(chatwoot: Chatwoot, talk: Talk) -> None:
    await CHANNEL.deliver(place_at(chatwoot, API, token="person-t0ken"), going())
    assert talk.messages[0]["source_id"] == f"{MARK}:k-1"


async def test_an_image_goes_out_with_its_words_and_mark(chatwoot: Chatwoot, talk: Talk) -> None:
    image = OutgoingImage("image/png", b"\x89PNG" + b"x" * 3_000_000)
    outcome = await CHANNEL.deliver(place_at(chatwoot), going("尺码表", image=image))
    (message,) = talk.messages
    assert outcome == Delivered(str(message["id"]))
    assert (message["content"], message["content_attributes"]) == ("尺码表", {MARK: "k-1"})
    assert message["private"] is False
    assert len(message["attachments"]) == 1
    assert chatwoot.asked[-1][2]["attachments[]"] == [image.content]


@pytest.mark.parametrize(
    ("text", "mode", "shown"),
    [("3*5*7 厘米", "agent_bot", "3＊5＊7 厘米"), ("2*3", "agent_bot", "2*3"), ("3*5*7", API, "3*5*7")],
)
async def test_stars_are_not_read_as_markdown(
    chatwoot: Chatwoot, talk: Talk, text: str, mode: str, shown: str
) -> None:
    await CHANNEL.deliver(place_at(chatwoot, mode), going(text))
    assert chatwoot.said(talk) == [shown]


async def test_an_automatic_message_says_so_when_the_shop_wants_it(chatwoot: Chatwoot, talk: Talk) -> None:
    await CHANNEL.deliver(place_at(chatwoot), going(marked=True))
    assert chatwoot.said(talk) == [f"【自动回复】{WORDS}"]


async def test_a_lost_answer_is_found_again_by_its_mark(chatwoot: Chatwoot, talk: Talk) -> None:
    place = place_at(chatwoot, reader="person-t0ken")
    chatwoot.loses_answers = 1
    assert isinstance(await CHANNEL.deliver(place, going()), Retry)
    assert chatwoot.said(talk) == [WORDS]
    assert await CHANNEL.find_mark(place, going()) == Delivered(str(talk.messages[0]["id"]))
    assert await CHANNEL.find_mark(place, going(key="k-2")) is None


async def test_the_mark_is_found_behind_what_was_said_since(chatwoot: Chatwoot, talk: Talk) -> None:
    chatwoot.write(talk, WORDS, OUTGOING, sender=BOT, attributes={MARK: "k-1"})
    for number in range(45):
        chatwoot.write(talk, f"第 {number} 句")
    found = await CHANNEL.find_mark(place_at(chatwoot, reader="person-t0ken"), going())
    assert found == Delivered(str(talk.messages[0]["id"]))


async def test_what_is_older_than_the_first_try_is_not_looked_through(chatwoot: Chatwoot, talk: Talk) -> None:
    for number in range(45):
        chatwoot.write(talk, f"第 {number} 句")
    late = going()
    late = replace(late, delivery=replace(late.delivery, at=NOW + timedelta(days=1)))
    assert await CHANNEL.find_mark(place_at(chatwoot, reader="person-t0ken"), late) is None
    assert len(chatwoot.asked) == 1


async def test_a_bot_alone_finds_its_mark_only_where_bots_may_read(chatwoot: Chatwoot, talk: Talk) -> None:
    place = place_at(chatwoot)
    chatwoot.loses_answers = 1
    await CHANNEL.deliver(place, going())
    assert await CHANNEL.find_mark(place, going()) is None
    chatwoot.bots_read = True
    assert await CHANNEL.find_mark(place, going()) == Delivered(str(talk.messages[0]["id"]))


@pytest.mark.parametrize("reader", ["", "person-t0ken"])
async def test_while_chatwoot_is_away_the_mark_cannot_be_looked_up(
    chatwoot: Chatwoot, talk: Talk, reader: str
) -> None:
    place = place_at(chatwoot, reader=reader)
    chatwoot.bots_read, chatwoot.garbled = True, True
    assert isinstance(await CHANNEL.find_mark(place, going()), Retry)
    chatwoot.status = 500
    assert isinstance(await CHANNEL.find_mark(place, going()), Retry)


async def test_an_address_of_the_inner_network_is_not_asked_unless_allowed(
    chatwoot: Chatwoot, talk: Talk
) -> None:
    outcome = await ChatwootChannel(OpenInternet()).deliver(place_at(chatwoot), going())
    assert isinstance(outcome, Retry)
    assert "KUAIHUI_PRIVATE_SOURCES" in outcome.why
    assert chatwoot.asked == []


async def test_a_status_that_can_be_told_twice_needs_no_mark(chatwoot: Chatwoot, talk: Talk) -> None:
    assert await CHANNEL.find_mark(place_at(chatwoot), telling(Status.CLOSED)) is None
    assert chatwoot.asked == []


@pytest.mark.parametrize("status", [500, 502, 503, 429, 408])
async def test_what_passes_by_is_tried_again(chatwoot: Chatwoot, talk: Talk, status: int) -> None:
    chatwoot.status = status
    outcome = await CHANNEL.deliver(place_at(chatwoot), going())
    assert isinstance(outcome, Retry)
    assert str(status) in outcome.why


@pytest.mark.parametrize(
    ("status", "hint"),
    [(401, "access token"), (403, "access token"), (404, "deleted"), (302, "redirects"), (422, "refuses")],
)
async def test_what_will_never_be_taken_says_what_to_do(
    chatwoot: Chatwoot, talk: Talk, status: int, hint: str
) -> None:
    chatwoot.status = status
    for outgoing in (going(), telling(Status.HANDED_OVER), telling(Status.CLOSED)):
        outcome = await CHANNEL.deliver(place_at(chatwoot), outgoing)
        assert isinstance(outcome, Refused)
        assert hint in outcome.why
        assert str(status) in outcome.why


async def test_a_wrong_token_and_a_conversation_that_is_gone_are_refused(
    chatwoot: Chatwoot, talk: Talk
) -> None:
    assert isinstance(await CHANNEL.deliver(place_at(chatwoot, token="old"), going()), Refused)
    del chatwoot.talks[1, 7]
    outcome = await CHANNEL.deliver(place_at(chatwoot), going())
    assert isinstance(outcome, Refused)
    assert "404" in outcome.why


async def test_without_a_conversation_of_chatwoots_nothing_is_asked(chatwoot: Chatwoot) -> None:
    for thread in ("", "../../5", "7/messages", "七"):
        assert isinstance(await CHANNEL.deliver(place_at(chatwoot), replace(going(), thread=thread)), Refused)
    assert chatwoot.asked == []


async def test_an_answer_that_is_none_is_tried_again(chatwoot: Chatwoot, talk: Talk) -> None:
    chatwoot.garbled = True
    assert isinstance(await CHANNEL.deliver(place_at(chatwoot), going()), Retry)


async def test_a_slow_chatwoot_is_given_up_in_time(
    chatwoot: Chatwoot, talk: Talk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(chatwoot_api, "_SECONDS", 0.05)
    chatwoot.wait = asyncio.Event()
    outcome = await CHANNEL.deliver(place_at(chatwoot), going())
    chatwoot.wait.set()
    assert isinstance(outcome, Retry)
    assert "0.05" in outcome.why


async def test_neither_words_nor_tokens_stand_in_a_reason(chatwoot: Chatwoot, talk: Talk) -> None:
    place = place_at(chatwoot)
    whys = []
    for status in (500, 401, 404, 422):
        chatwoot.status = status
        outcome = await CHANNEL.deliver(place, going())
        assert not isinstance(outcome, Delivered)
        whys.append(outcome.why)
    gone = replace(place.channel, settings={**place.channel.settings, "url": "http://127.0.0.1:9"})
    outcome = await CHANNEL.deliver(replace(place, channel=gone), going())
    assert isinstance(outcome, Retry)
    for why in (*whys, outcome.why):
        assert WORDS not in why
        assert "t0ken" not in why
        assert "http://" not in why


async def test_a_hand_over_opens_the_conversation_for_the_team_with_a_private_note(
    chatwoot: Chatwoot, talk: Talk
) -> None:
    told = telling(Status.HANDED_OVER, reason="late_order", note="问了两次何时发货", urgent=True)
    place = place_at(chatwoot, reader="person-t0ken")
    assert isinstance(await CHANNEL.deliver(place, told), Delivered)
    assert (talk.status, talk.priority) == ("open", "urgent")
    (note,) = chatwoot.notes(talk)
    assert "问了两次何时发货" in note
    assert "加急" in note
    assert chatwoot.said(talk) == []
    assert isinstance(await CHANNEL.find_mark(place, told), Delivered)


async def test_a_hand_over_in_an_api_inbox_leaves_the_status_alone(chatwoot: Chatwoot, talk: Talk) -> None:
    talk.status = "open"
    await CHANNEL.deliver(place_at(chatwoot, API), telling(Status.HANDED_OVER, note="要人"))
    assert [path.rpartition("/")[2] for _, path, _ in chatwoot.asked] == ["messages"]
    assert len(chatwoot.notes(talk)) == 1
    assert talk.priority is None


async def test_a_hand_over_that_broke_off_before_the_note_is_not_found(
    chatwoot: Chatwoot, talk: Talk
) -> None:
    told, place = telling(Status.HANDED_OVER, note="要人"), place_at(chatwoot, reader="person-t0ken")
    chatwoot.status = 500
    assert isinstance(await CHANNEL.deliver(place, told), Retry)
    chatwoot.status = 0
    assert await CHANNEL.find_mark(place, told) is None
    assert isinstance(await CHANNEL.deliver(place, told), Delivered)
    assert len(chatwoot.notes(talk)) == 1


@pytest.mark.parametrize(
    ("mode", "told", "status"),
    [
        ("agent_bot", Status.CLOSED, "resolved"),
        ("agent_bot", Status.REOPENED, "open"),
        ("agent_bot", Status.RESUMED, "pending"),
        (API, Status.CLOSED, "resolved"),
        (API, Status.RESUMED, "snoozed"),
    ],
)
async def test_what_becomes_of_a_conversation_here_is_told_there(
    chatwoot: Chatwoot, talk: Talk, mode: str, told: Status, status: str
) -> None:
    talk.status = "snoozed"
    assert await CHANNEL.deliver(place_at(chatwoot, mode), telling(told)) == Delivered()
    assert talk.status == status


async def test_a_trial_says_whether_the_tokens_are_good_and_writes_nothing(
    chatwoot: Chatwoot, talk: Talk
) -> None:
    assert await CHANNEL.test(place_at(chatwoot)) == Delivered()
    assert await CHANNEL.test(place_at(chatwoot, reader="person-t0ken")) == Delivered()
    assert isinstance(await CHANNEL.test(place_at(chatwoot, token="old")), Refused)
    unfit = await CHANNEL.test(place_at(chatwoot, reader="bot-t0ken"))
    assert isinstance(unfit, Refused)
    assert "reading token" in unfit.why
    chatwoot.status = 502
    assert isinstance(await CHANNEL.test(place_at(chatwoot)), Retry)
    assert talk.messages == []


def incoming(call: Hook, tail: str = "p4th") -> Incoming:
    return Incoming({name.lower(): value for name, value in call.headers.items()}, call.body, tail)


async def test_a_webhook_is_taken_with_the_secret_in_its_address(chatwoot: Chatwoot, talk: Talk) -> None:
    call = hook(message_payload(talk, chatwoot.write(talk, "在吗")))
    (said,) = CHANNEL.read(place_at(chatwoot), incoming(call), NOW)
    assert isinstance(said, CameMessage)
    for tail in ("", "p4t", "p4th2", "P4TH", "密"):
        with pytest.raises(Unverified):
            CHANNEL.read(place_at(chatwoot), incoming(call, tail), NOW)


async def test_a_signature_is_required_once_its_secret_is_known(chatwoot: Chatwoot, talk: Talk) -> None:
    place = place_at(chatwoot, signing="bot-s3cret account-s3cret")
    payload = message_payload(talk, chatwoot.write(talk, "在吗"))
    for secret in ("bot-s3cret", "account-s3cret"):
        assert len(CHANNEL.read(place, incoming(hook(payload, secret, NOW.timestamp())), NOW)) == 1
    good = hook(payload, "bot-s3cret", NOW.timestamp())
    for bad in (
        hook(payload),
        hook(payload, "other", NOW.timestamp()),
        replace(good, body=good.body + b" "),
        replace(good, headers=good.headers | {"X-Chatwoot-Timestamp": str(BEGAN)}),
        replace(good, headers=good.headers | {"X-Chatwoot-Signature": "sha256=é"}),
        hook(payload, "bot-s3cret", NOW.timestamp() - 90_000),
        hook(payload, "bot-s3cret", NOW.timestamp() + 90_000),
    ):
        with pytest.raises(Unverified):
            CHANNEL.read(place, incoming(bad), NOW)


async def test_a_clock_that_is_some_hours_off_loses_no_message(chatwoot: Chatwoot, talk: Talk) -> None:
    payload = message_payload(talk, chatwoot.write(talk, "在吗"))
    for hours in (-5, 5):
        call = hook(payload, "s", (NOW + timedelta(hours=hours)).timestamp())
        assert len(CHANNEL.read(place_at(chatwoot, signing="s"), incoming(call), NOW)) == 1


@pytest.mark.parametrize("body", [b"", b"{", b"[]", b"7", b"\xff\xfe", b"[" * 100_000, b"{}"])
async def test_a_broken_webhook_is_unreadable(chatwoot: Chatwoot, body: bytes) -> None:
    with pytest.raises(Unreadable):
        CHANNEL.read(place_at(chatwoot), Incoming({}, body, "p4th"), NOW)


async def test_a_name_that_cannot_be_kept_loses_no_word_of_the_buyer(chatwoot: Chatwoot) -> None:
    talk = chatwoot.open_talk(1, 5, 9, Contact(32, "访\0客\ud83d"))
    body = json.dumps(message_payload(talk, chatwoot.write(talk, "在吗"))).encode()
    (said,) = CHANNEL.read(place_at(chatwoot), Incoming({}, body, "p4th"), NOW)
    assert isinstance(said, CameMessage)
    assert said.buyer is not None
    assert (said.text, said.buyer.name) == ("在吗", "访客")


async def test_nothing_is_read_before_it_is_known_whom_it_is_from(chatwoot: Chatwoot) -> None:
    with pytest.raises(Unverified):
        CHANNEL.read(place_at(chatwoot), Incoming({}, b"{", "wrong"), NOW)


async def test_two_shops_inboxes_with_the_same_numbers_stay_apart(chatwoot: Chatwoot) -> None:
    """Conversation 7 is in shop A's inbox of account 1 and in shop B's of account 2; and account 1 has a second inbox."""
    mine, sibling = chatwoot.open_talk(1, 5, 7, Contact(31, "甲")), Talk(1, 6, 8, Contact(31, "甲"))
    theirs = chatwoot.open_talk(2, 5, 7, Contact(31, "乙"))
    chatwoot.tokens["other-t0ken"] = Teller("agent_bot", 2, 9, "乙店")
    place_a = place_at(chatwoot)
    settings = {**place_a.channel.settings, "account": 2}
    place_b = replace(
        place_a,
        shop="tea",
        channel=replace(place_a.channel, settings=settings),
        secrets=SECRETS | {"token": "other-t0ken"},
    )
    for place, own, others in ((place_a, mine, (theirs, sibling)), (place_b, theirs, (mine, sibling))):
        call = incoming(hook(message_payload(own, chatwoot.write(own, "我的订单"))))
        assert len(CHANNEL.read(place, call, NOW)) == 1
        for other in others:
            call = incoming(hook(message_payload(other, chatwoot.write(other, "我的订单"))))
            with pytest.raises(Unreadable) as refused:
                CHANNEL.read(place, call, NOW)
            assert set(refused.value.fields) <= {"inbox_id", "account.id"}
    assert isinstance(await CHANNEL.deliver(place_a, going("给甲")), Delivered)
    assert isinstance(await CHANNEL.deliver(place_b, going("给乙")), Delivered)
    assert (chatwoot.said(mine), chatwoot.said(theirs)) == (["给甲"], ["给乙"])
    crossed = replace(place_b, secrets=place_a.secrets)
    assert isinstance(await CHANNEL.deliver(crossed, going("给乙")), Refused)


def test_settings_are_looked_at() -> None:
    good: dict[str, Setting] = {"url": "https://chat.example.com", "account": 1, "inbox": 5, "mode": "api"}
    assert CHANNEL.problems(good) == {}
    assert set(CHANNEL.problems(good | {"account": 0, "inbox": -1, "mode": "bot"})) == {
        "account",
        "inbox",
        "mode",
    }
