"""The rows of conversations as the domain's objects, and back."""

from __future__ import annotations

from typing import Any, Final

from sqlalchemy import Select, select

from bot.domain.conversation import Buyer, Conversation, Message, Note
from bot.domain.entry import Validity
from bot.domain.service_policy import ServicePolicy
from bot.ports import HeldMessage, NewMessage, Phrase
from bot.storage import schema_conversations as schema
from bot.storage.rows import JsonRow, Row, read_validity, validity_row

_buyers: Final = schema.buyers
_conversations: Final = schema.conversations

FIELDS: Final = frozenset(
    column.name
    for column in _conversations.columns
    if column.name not in ("shop_id", "conversation_id", "buyer_id", "version", "forgotten_to")
)
"""The fields of Conversation that a rule may write."""

BESIDE: Final = frozenset({"look_at", "auto_at", "is_there"})
"""What a rule may say beside them."""

_WORDS: Final = ("forbidden", "contacts", "origins", "holding_texts")


def conversations_with_buyers() -> Select[Any]:
    """Return the query of conversations, each with its buyer."""
    buyer = (_buyers.c.name, _buyers.c.channel, _buyers.c.external_id, _buyers.c.tags, _buyers.c.viewed)
    joined = _conversations.join(
        _buyers,
        (_buyers.c.shop_id == _conversations.c.shop_id) & (_buyers.c.buyer_id == _conversations.c.buyer_id),
    )
    return select(_conversations, *buyer).select_from(joined)


def read_buyer(row: Row) -> Buyer:
    return Buyer(
        id=row["buyer_id"],
        name=row["name"],
        channel=row["channel"],
        external_id=row["external_id"],
        tags=tuple(row["tags"]),
        viewed=row["viewed"],
    )


def read_conversation(row: Row) -> Conversation:
    """Return the conversation of a row of `conversations_with_buyers`."""
    fields = {name: row[name] for name in FIELDS}
    return Conversation(id=row["conversation_id"], buyer=read_buyer(row), version=row["version"], **fields)


def read_message(row: Row) -> Message:
    return Message(
        number=row["number"],
        author=row["author"],
        text=row["text"],
        at=row["at"],
        account=row["account"],
        image=row["image"],
        quotes=row["quotes"],
        key=row["key"],
    )


def message_row(message: NewMessage) -> JsonRow:
    """Return the columns that messages and held messages share."""
    return {
        "author": message.author,
        "text": message.text,
        "at": message.at,
        "account": message.account,
        "image": message.image,
        "quotes": message.quotes,
        "key": message.key,
    }


def read_held(row: Row) -> HeldMessage:
    message = NewMessage(
        author=row["author"],
        text=row["text"],
        at=row["at"],
        key=row["key"],
        account=row["account"],
        image=row["image"],
        quotes=row["quotes"],
    )
    return HeldMessage(row["conversation_id"], message, row["due_at"], row["extra"])


def read_note(row: Row) -> Note:
    return Note(row["note_id"], row["account"], row["text"], row["at"])


def read_phrase(row: Row) -> Phrase:
    return Phrase(row["phrase_id"], row["short_code"], row["text"], row["group"])


def policy_row(policy: ServicePolicy) -> JsonRow:
    """Return the policy as JSON values."""
    row: JsonRow = {name: getattr(policy, name) for name in ServicePolicy.__dataclass_fields__}
    words = {name: list(row[name]) for name in _WORDS}
    return row | words | {"hours": validity_row(Validity(weekly=policy.hours))["weekly"]}


def read_policy(row: JsonRow) -> ServicePolicy:
    """Return the policy; what a later version of this program wrote beside it is left alone."""
    known: JsonRow = {name: row[name] for name in ServicePolicy.__dataclass_fields__ if name in row}
    known |= {name: tuple(known[name]) for name in _WORDS if name in known}
    hours = read_validity({"since": None, "until": None, "weekly": known.pop("hours", [])})
    return ServicePolicy(**known, hours=hours.weekly)
