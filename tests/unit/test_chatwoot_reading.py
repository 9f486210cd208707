"""What Chatwoot's webhooks tell: who spoke, who has the conversation in hand, and nothing of another inbox."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.channels.chatwoot_reading import AGENT_BOT, API, MARK, Inbox, read_event
from bot.ports.channels import Came, CameBuyer, CameMessage, CameReceipt, CameStatus, Unreadable
from tests.integration.chatwoot_server import (
    ACTIVITY,
    OUTGOING,
    Chatwoot,
    Contact,
    Talk,
    Teller,
    message_payload,
    status_payload,
)

NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)
BOT = Inbox(account=1, id=5, mode=AGENT_BOT)
STOREFRONT = Inbox(account=1, id=5, mode=API)
PERSON = Teller("user", 1, 3, "客服")
MACHINE = Teller("agent_bot", 1, 4, "快回")
BUYER = CameBuyer("31", "访客")


@pytest.fixture
def chatwoot() -> Chatwoot:
    return Chatwoot()


@pytest.fixture
def talk(chatwoot: Chatwoot) -> Talk:
    return chatwoot.open_talk(1, 5, 7, Contact(31, "访客"))


def came(payload: dict[str, Any], inbox: Inbox = BOT) -> list[Came]:
    return read_event(inbox, payload, NOW)


def test_a_buyers_message_comes_with_its_conversation(chatwoot: Chatwoot, talk: Talk) -> None:
    message = chatwoot.write(talk, "什么时候发货")
    assert came(message_payload(talk, message)) == [
        CameMessage(str(message["id"]), BUYER, "什么时候发货", thread="7")
    ]


def test_the_type_of_a_message_may_be_a_number(chatwoot: Chatwoot, talk: Talk) -> None:
    payload = message_payload(talk, chatwoot.write(talk, "在吗")) | {"message_type": 0, "id": "1001"}
    assert [type(each) for each in came(payload)] == [CameMessage]


def test_a_buyer_is_known_by_the_shops_own_id_only_when_its_site_vouched(chatwoot: Chatwoot) -> None:
    for verified, expected in ((True, CameBuyer("vip-9", "访客", True)), (False, BUYER)):
        talk = chatwoot.open_talk(1, 5, 7, Contact(31, "访客", "vip-9", verified))
        (said,) = came(message_payload(talk, chatwoot.write(talk, "你好")))
        assert isinstance(said, CameMessage)
        assert said.buyer == expected


def test_the_item_that_the_site_names_is_what_the_buyer_views(chatwoot: Chatwoot, talk: Talk) -> None:
    talk.attributes["item"] = "688001"
    (said,) = came(message_payload(talk, chatwoot.write(talk, "有L码吗")))
    assert isinstance(said, CameMessage)
    assert said.buyer is not None
    assert said.buyer.viewed == "688001"


@pytest.mark.parametrize(
    "more",
    [
        {"kind": OUTGOING, "private": True, "sender": PERSON},
        {"kind": OUTGOING, "sender": MACHINE},
        {"kind": OUTGOING},
        {"kind": ACTIVITY},
        {"private": True},
    ],
    ids=["note", "bot", "automation", "activity", "private incoming"],
)
def test_notes_bots_and_activities_are_nobodys_words(
    chatwoot: Chatwoot, talk: Talk, more: dict[str, Any]
) -> None:
    assert came(message_payload(talk, chatwoot.write(talk, "内容", **more))) == []


@pytest.mark.parametrize("event", ["message_created", "message_updated"])
@pytest.mark.parametrize("private", [True, False])
def test_our_own_message_comes_back_as_a_receipt(
    chatwoot: Chatwoot, talk: Talk, event: str, private: bool
) -> None:
    message = chatwoot.write(talk, "亲", OUTGOING, sender=PERSON, private=private, attributes={MARK: "k-1"})
    assert came(message_payload(talk, message, event)) == [CameReceipt("k-1", str(message["id"]))]


def test_a_version_that_drops_attributes_still_shows_our_source_id(chatwoot: Chatwoot, talk: Talk) -> None:
    message = chatwoot.write(talk, "亲", OUTGOING, sender=PERSON, source_id=f"{MARK}:k-1")
    assert came(message_payload(talk, message), STOREFRONT) == [CameReceipt("k-1", str(message["id"]))]


def test_a_buyer_cannot_pass_for_our_receipt(chatwoot: Chatwoot, talk: Talk) -> None:
    message = chatwoot.write(talk, "退款", attributes={MARK: "k-1"})
    assert [type(each) for each in came(message_payload(talk, message))] == [CameMessage]


def test_what_a_person_answers_in_chatwoot_is_a_persons(chatwoot: Chatwoot, talk: Talk) -> None:
    message = chatwoot.write(talk, "我来看看", OUTGOING, sender=PERSON)
    (said,) = came(message_payload(talk, message))
    assert said == CameMessage(str(message["id"]), BUYER, "我来看看", thread="7", author="person")


def test_an_edited_or_deleted_message_says_nothing_new(chatwoot: Chatwoot, talk: Talk) -> None:
    message = chatwoot.write(talk, "改过的话", attributes={"deleted": True})
    assert came(message_payload(talk, message, "message_updated")) == []


def test_images_come_by_address_and_other_files_are_counted(chatwoot: Chatwoot, talk: Talk) -> None:
    message = chatwoot.write(talk, None, attachments=("image", "audio", "image", "file"))
    (said,) = came(message_payload(talk, message))
    assert isinstance(said, CameMessage)
    assert (said.text, len(said.images), said.others) == ("", 2, 2)
    assert said.images[0].url == f"https://files.example.com/files/{message['id']}"


def test_what_chatwoot_itself_cannot_show_is_said_to_have_come(chatwoot: Chatwoot, talk: Talk) -> None:
    (said,) = came(message_payload(talk, chatwoot.write(talk, None)))
    assert isinstance(said, CameMessage)
    assert said.others == 1


@pytest.mark.parametrize(
    ("inbox", "status", "assignee", "present"),
    [
        (BOT, "pending", None, False),
        (BOT, "open", None, True),
        (BOT, "snoozed", None, True),
        (BOT, "pending", PERSON, True),
        (BOT, "pending", MACHINE, False),
        (STOREFRONT, "open", None, False),
        (STOREFRONT, "open", PERSON, True),
    ],
)
def test_a_message_says_whether_people_have_the_conversation(
    chatwoot: Chatwoot, talk: Talk, inbox: Inbox, status: str, assignee: Teller | None, present: bool
) -> None:
    talk.status, talk.assignee = status, assignee
    message = chatwoot.write(talk, "在吗")
    told = [each for each in came(message_payload(talk, message), inbox) if isinstance(each, CameStatus)]
    assert told == ([CameStatus(f"person:{message['id']}", None, "person", "7")] if present else [])


@pytest.mark.parametrize(
    ("inbox", "event", "status", "expected"),
    [
        (BOT, "conversation_resolved", "open", "closed"),
        (BOT, "conversation_opened", "pending", "person"),
        (STOREFRONT, "conversation_opened", "open", None),
        (STOREFRONT, "conversation_status_changed", "open", None),
        (STOREFRONT, "conversation_status_changed", "resolved", "closed"),
        (BOT, "conversation_status_changed", "open", "person"),
        (BOT, "conversation_status_changed", "snoozed", "person"),
        (BOT, "conversation_status_changed", "pending", "software"),
        (BOT, "conversation_created", "pending", None),
        (BOT, "something_of_a_later_version", "pending", None),
    ],
)
def test_what_becomes_of_a_conversation(
    talk: Talk, inbox: Inbox, event: str, status: str, expected: str | None
) -> None:
    talk.status = status
    told = [each.status for each in came(status_payload(talk, event), inbox) if isinstance(each, CameStatus)]
    assert told == ([expected] if expected else [])


def test_the_same_change_sent_twice_is_one_and_a_later_one_is_another(talk: Talk) -> None:
    talk.status = "resolved"
    payload = status_payload(talk) | {"updated_at": 1790000000.5}
    (first,), (again,) = came(payload), came(payload)
    (later,) = came(payload | {"updated_at": 1790000009.1})
    assert first == again
    assert first != later


@pytest.mark.parametrize("changed", [[{"assignee_id": {"current_value": 3}}], {"assignee_id": [None, 3]}])
def test_a_person_who_is_put_in_charge_is_present(talk: Talk, changed: Any) -> None:
    payload = status_payload(talk, "conversation_updated") | {"changed_attributes": changed}
    assert came(payload, STOREFRONT) == []
    talk.assignee = PERSON
    payload = status_payload(talk, "conversation_updated") | {"changed_attributes": changed}
    (told,) = came(payload, STOREFRONT)
    assert isinstance(told, CameStatus)
    assert told.status == "person"
    assert came(payload | {"changed_attributes": [{"label_list": {}}]}, STOREFRONT) == []


def test_a_persons_keystrokes_count_once_in_a_while_and_a_buyers_never(talk: Talk) -> None:
    typing = {"event": "conversation_typing_on", "conversation": status_payload(talk), "user": PERSON.shown()}
    assert came(typing) == came(typing)
    assert [type(each) for each in came(typing)] == [CameStatus]
    assert came(typing | {"user": talk.contact.shown()}) == []


@pytest.mark.parametrize(
    "change",
    [
        {"inbox": {"id": 6}},
        {"account": {"id": 2}},
        {"inbox": None, "conversation": {"id": 7}},
        {"conversation": {"id": 7, "inbox_id": 6}},
        {"conversation": {"id": 7, "inbox_id": 5, "messages": [{"account_id": 2}]}},
        {"conversation": {"inbox_id": 5}},
        {"id": None},
        {"event": 7},
        {"sender": None, "conversation": {"id": 7, "inbox_id": 5}},
    ],
)
def test_another_inbox_or_account_and_what_is_broken_is_not_read(
    chatwoot: Chatwoot, talk: Talk, change: dict[str, Any]
) -> None:
    payload = message_payload(talk, chatwoot.write(talk, "你好")) | change
    with pytest.raises(Unreadable):
        came(payload)


_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=8,
)


@given(st.dictionaries(st.sampled_from(sorted(message_payload(
    Talk(1, 5, 7, Contact(31, "访客")), Chatwoot().write(Talk(1, 5, 7, Contact(31, "访客")), "你好")
))), _JSON, max_size=4))  # fmt: skip
def test_no_odd_payload_breaks_the_reading(change: dict[str, Any]) -> None:
    talk = Talk(1, 5, 7, Contact(31, "访客"))
    payload = message_payload(talk, Chatwoot().write(talk, "你好")) | change
    for inbox in (BOT, STOREFRONT):
        try:
            came(payload, inbox)
        except Unreadable:
            continue


def test_of_a_message_with_very_many_images_not_all_are_fetched(chatwoot: Chatwoot, talk: Talk) -> None:
    files = [{"file_type": "image", "data_url": f"https://files.test/{n}.png"} for n in range(5000)]
    (said,) = came(message_payload(talk, chatwoot.write(talk, "看图")) | {"attachments": files})
    assert isinstance(said, CameMessage)
    assert (len(said.images), said.others > 0) == (15, True)
