"""What Chatwoot's webhooks tell of a conversation: from the JSON of its documented events to what came.

Chatwoot writes one and the same thing in several ways: the type of a message as a word or a number, a conversation beside the
message or around it, an account only sometimes. What is missing here is missing in some of its versions.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from bot.ports.channels import (
    Came,
    CameBuyer,
    CameMessage,
    CameReceipt,
    CameStatus,
    IncomingImage,
    Unreadable,
)

MARK: Final = "kuaihui_key"
"""The attribute of a message by which we know it as ours, and as which of ours."""
AGENT_BOT: Final = "agent_bot"
API: Final = "api"
MODES: Final = (AGENT_BOT, API)
_TYPES: Final = {0: "incoming", 1: "outgoing", 2: "activity", 3: "template"}
_LONGEST: Final = 200
_MOST_IMAGES: Final = 15
"""More than Chatwoot takes in one message; each is fetched. What is beyond it is told of, not fetched."""
_TYPING_SECONDS: Final = 30
Json = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Inbox:
    """The one inbox that a channel stands for, and whether it answers there as an agent bot or in an API inbox."""

    account: int
    id: int
    mode: str


def read_event(inbox: Inbox, payload: Json, now: datetime) -> list[Came]:
    """Return what the event tells. Raises Unreadable when it is no event, or one of another inbox."""
    event = payload.get("event")
    if not isinstance(event, str):
        raise Unreadable("no event of Chatwoot", {"event": "missing"})
    reader = _READERS.get(event)
    if reader is None:
        return []
    talk = _talk_of(payload)
    _require_inbox(inbox, payload, talk)
    return list(reader(inbox, payload, talk, now))


def mark_in(message: Json) -> str:
    """Return our own key, if the message was written by us; else ""."""
    mark = _mapping(message.get("content_attributes")).get(MARK)
    if isinstance(mark, str) and mark:
        return mark
    source = message.get("source_id")
    return (
        source.removeprefix(f"{MARK}:") if isinstance(source, str) and source.startswith(f"{MARK}:") else ""
    )


def _talk_of(payload: Json) -> Json:
    """Return the conversation that the event is about: it stands beside a message, and is itself what a status is about."""
    nested = payload.get("conversation")
    talk = nested if isinstance(nested, Mapping) else payload
    if not _number(talk.get("id")):
        raise Unreadable("the event names no conversation", {"conversation.id": "missing"})
    return talk


def _require_inbox(inbox: Inbox, payload: Json, talk: Json) -> None:
    """Another inbox may belong to another shop: nothing of it is read."""
    inboxes = {_number(_mapping(payload.get("inbox")).get("id")), _number(talk.get("inbox_id"))} - {0}
    if inboxes != {inbox.id}:
        raise Unreadable("the event is of another inbox than this channel's", {"inbox_id": "another inbox"})
    accounts = {
        _number(_mapping(payload.get("account")).get("id")),
        _number(_mapping(talk.get("account")).get("id")),
        _number(talk.get("account_id")),
        *(_number(_mapping(each).get("account_id")) for each in _sequence(talk.get("messages"))),
    } - {0}
    if accounts - {inbox.account}:
        raise Unreadable(
            "the event is of another account than this channel's", {"account.id": "another account"}
        )


def _read_message(inbox: Inbox, payload: Json, talk: Json, now: datetime) -> Iterator[Came]:
    number = _number(payload.get("id"))
    if not number:
        raise Unreadable("the message has no id", {"id": "missing"})
    sort = _sort_of(payload)
    if sort == "incoming" and not payload.get("private"):
        yield _message(payload, talk, "buyer")
        if _is_in_hands(inbox, talk):
            # After the message, which may be the first of its conversation; software waits for the buyer to finish anyway.
            yield CameStatus(f"person:{number}", None, "person", str(talk["id"]))
    elif sort == "outgoing" and (mark := mark_in(payload)):
        yield CameReceipt(mark, str(number))
    elif sort == "outgoing" and not payload.get("private") and _kind_of(payload.get("sender")) == "user":
        yield _message(payload, talk, "person")


def _read_update(inbox: Inbox, payload: Json, talk: Json, now: datetime) -> Iterator[Came]:
    """An edit, a deletion, a read receipt: what was said to us was said. Only our own is of use, as a receipt."""
    number, mark = _number(payload.get("id")), mark_in(payload)
    if number and mark and _sort_of(payload) == "outgoing":
        yield CameReceipt(mark, str(number))


def _read_resolved(inbox: Inbox, payload: Json, talk: Json, now: datetime) -> Iterator[Came]:
    yield _status(payload, talk, "closed")


def _read_opened(inbox: Inbox, payload: Json, talk: Json, now: datetime) -> Iterator[Came]:
    """With an agent bot, "open" is the word for "people answer this"; in an API inbox every conversation is open."""
    if inbox.mode == AGENT_BOT or _is_assigned(talk):
        yield _status(payload, talk, "person")


def _read_status(inbox: Inbox, payload: Json, talk: Json, now: datetime) -> Iterator[Came]:
    status = talk.get("status")
    if status == "resolved":
        yield from _read_resolved(inbox, payload, talk, now)
    elif status in ("open", "snoozed"):
        yield from _read_opened(inbox, payload, talk, now)
    elif status == "pending":
        yield _status(payload, talk, "software")


def _read_changes(inbox: Inbox, payload: Json, talk: Json, now: datetime) -> Iterator[Came]:
    """Of all that may change, only that a person was put in charge is of interest."""
    changed = payload.get("changed_attributes")
    named: set[str] = set()
    for each in changed if isinstance(changed, list) else [changed]:
        named.update(_mapping(each))
    if "assignee_id" in named and _is_assigned(talk):
        yield _status(payload, talk, "person")


def _read_typing(inbox: Inbox, payload: Json, talk: Json, now: datetime) -> Iterator[Came]:
    """A person's first keystroke counts, not each: so many a minute are one."""
    if _kind_of(payload.get("user")) == "user":
        moment = int(now.timestamp()) // _TYPING_SECONDS
        yield CameStatus(f"typing:{talk['id']}:{moment}", None, "person", str(talk["id"]))


_READERS: Final = {
    "message_created": _read_message,
    "message_updated": _read_update,
    "conversation_resolved": _read_resolved,
    "conversation_opened": _read_opened,
    "conversation_status_changed": _read_status,
    "conversation_updated": _read_changes,
    "conversation_typing_on": _read_typing,
}


def _message(payload: Json, talk: Json, author: Any) -> CameMessage:
    content = payload.get("content")
    text = content if isinstance(content, str) else ""
    files = [_mapping(each) for each in _sequence(payload.get("attachments"))]
    images = tuple(IncomingImage(url=each["data_url"]) for each in files if _is_image(each))[:_MOST_IMAGES]
    others = len(files) - len(images)
    if not text.strip() and not files:
        others = 1  # a sort of message that Chatwoot itself cannot show: somebody must see that it came
    buyer = _buyer_of(payload, talk)
    if author == "buyer" and buyer is None:
        raise Unreadable("the message has no sender", {"sender": "missing"})
    return CameMessage(str(payload["id"]), buyer, text, images, others, str(talk["id"]), author)


def _status(payload: Json, talk: Json, status: Any) -> CameStatus:
    # Chatwoot numbers no changes: the moment of the change, told with it, makes one out of what is sent twice.
    moment = talk.get("updated_at") or talk.get("timestamp") or ""
    return CameStatus(f"{status}:{talk['id']}:{moment}"[:_LONGEST], None, status, str(talk["id"]))


def _is_in_hands(inbox: Inbox, talk: Json) -> bool:
    """Whether people of the shop have the conversation, as Chatwoot sees it."""
    return _is_assigned(talk) or (inbox.mode == AGENT_BOT and talk.get("status") in ("open", "snoozed"))


def _is_assigned(talk: Json) -> bool:
    assignee = _mapping(talk.get("meta")).get("assignee")
    return bool(assignee) and _kind_of(assignee) in ("user", "")


def _kind_of(teller: Any) -> str:
    """Return "user", "contact", "agent_bot" …; "" where the version does not say."""
    kind = _mapping(teller).get("type")
    return kind.lower() if isinstance(kind, str) else ""


def _sort_of(payload: Json) -> str:
    sort = payload.get("message_type")
    if isinstance(sort, str):
        return sort
    return _TYPES.get(sort, "") if isinstance(sort, int) else ""


def _buyer_of(payload: Json, talk: Json) -> CameBuyer | None:
    """Return who writes. A site may vouch for its own id of him; Chatwoot's own number of a contact proves nothing."""
    meta = _mapping(talk.get("meta"))
    contact = _mapping(meta.get("sender"))
    if not contact and _sort_of(payload) == "incoming":
        contact = _mapping(payload.get("sender"))
    number = _number(contact.get("id"))
    if not number:
        return None
    name, identifier = contact.get("name"), contact.get("identifier")
    vouched = meta.get("hmac_verified") is True and isinstance(identifier, str) and bool(identifier.strip())
    viewed = _mapping(talk.get("custom_attributes")).get("item")
    return CameBuyer(
        str(identifier).strip()[:_LONGEST] if vouched else str(number),
        name.strip()[:_LONGEST] if isinstance(name, str) else "",
        vouched,
        viewed.strip()[:_LONGEST] if isinstance(viewed, str) else "",
    )


def _is_image(file: Json) -> bool:
    return file.get("file_type") == "image" and isinstance(file.get("data_url"), str)


def _mapping(value: Any) -> Json:
    return value if isinstance(value, Mapping) else {}


def _sequence(value: Any) -> Sequence[Any]:
    return value if isinstance(value, list) else ()


def _number(value: Any) -> int:
    """Return a whole number above zero, also where it is written as text; 0 for anything else."""
    if isinstance(value, bool):
        return 0
    if isinstance(value, str) and len(value) <= 18 and value.isascii() and value.isdecimal():
        value = int(value)
    return value if isinstance(value, int) and 0 < value < 2**63 else 0
