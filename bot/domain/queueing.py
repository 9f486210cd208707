"""Who must be answered first, and whose turn it is: pure rules over a conversation as it is.

Each rule returns the fields of Conversation that change. The clock runs from the first bubble that wants an answer; further
bubbles do not start it anew, an acknowledgement starts none, and what an automaton says does not stop it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from types import MappingProxyType
from typing import Any, Final
from zoneinfo import ZoneInfo

from bot.domain.conversation import Conversation, Message
from bot.domain.service_policy import ServicePolicy
from bot.domain.text import is_acknowledgement

_SHOWN: Final = 120
_IMAGE: Final = "[图片]"
_SEEN_AGAIN: Final = timedelta(minutes=10)
"""A person who has it in hand is written down again after so long: every keystroke would be a line for all open pages."""
LEFT_ALONE: Final = MappingProxyType({"person_at": None, "handed_at": None, "hand_over": "", "urgent": False})
"""The fields of a conversation that no person has in hand and for which none was asked."""
_RETRY_LEAST: Final = timedelta(seconds=5)
_RETRY_MOST: Final = timedelta(seconds=30)


class HeldByAnother(Exception):
    """Somebody else answers this buyer."""

    def __init__(self, account: str) -> None:
        super().__init__("somebody else holds the conversation")
        self.account = account


@dataclass(frozen=True, slots=True)
class Service:
    """A shop's policy in the shop's own time zone."""

    policy: ServicePolicy
    zone: ZoneInfo

    def due_at(self, since: datetime) -> datetime:
        """Return when the target runs out for who waits since then."""
        return self.policy.due_at(since.astimezone(self.zone))


@dataclass(frozen=True, slots=True)
class Candidate:
    """Somebody to whom a conversation could be given. `given_at` is when he was last given one; None = long ago."""

    account: str
    load: int
    capacity: int
    given_at: datetime | None = None


def wants_answer(text: str, image: str = "") -> bool:
    """Whether a buyer's bubble starts the clock."""
    return bool(image) or not is_acknowledgement(text)


def shown(text: str, image: str = "") -> str:
    """Return a message as the queue shows it."""
    line = " ".join(text.split()) or (_IMAGE if image else "")
    return line if len(line) <= _SHOWN else line[: _SHOWN - 1] + "…"


def buyer_spoke(
    before: Conversation, message: Message, service: Service, *, opens: bool = True
) -> dict[str, Any]:
    """The buyer wrote: it is unread, wakes what was put aside, and starts the clock unless it runs."""
    change = {**_last(message), "unread": before.unread + 1}
    if opens and before.state != "open":
        change |= {"state": "open", "snoozed_until": None, "closed_at": None}
    if before.waiting_since is None and wants_answer(message.text, message.image):
        change |= {"waiting_since": message.at, "due_at": service.due_at(message.at)}
    return with_look(before, change, service.policy, message.at)


def agent_answered(
    before: Conversation, message: Message, service: Service, later: Sequence[Message] = ()
) -> dict[str, Any]:
    """A person answered: the clock stops, or goes back to the first of `later`, bubbles that he had not seen, that wants one."""
    change = {**_last(message), **_in_hand(message.at), "waiting_since": None, "due_at": None, "unread": 0}
    waiting = first_waiting(before, later)
    if waiting is not None:
        unseen = sum(1 for bubble in later if bubble.author == "buyer")
        change |= {"waiting_since": waiting.at, "due_at": service.due_at(waiting.at), "unread": unseen}
    if before.assignee != message.account:
        change |= {"assignee": message.account, "taken_at": message.at}
    if before.state != "open":
        change |= {"state": "open", "snoozed_until": None, "closed_at": None}
    return with_look(before, change, service.policy, message.at)


def first_waiting(before: Conversation, later: Sequence[Message]) -> Message | None:
    """Return the first bubble of the buyer among `later` that waits, as the conversation stands, for an answer."""
    since = before.waiting_since
    if since is None:
        return None
    return next(
        (m for m in later if m.author == "buyer" and m.at >= since and wants_answer(m.text, m.image)), None
    )


def automaton_spoke(
    before: Conversation, message: Message, service: Service, *, answers: bool, later: Sequence[Message] = ()
) -> dict[str, Any]:
    """The automaton wrote: a holding text leaves the clock running; an answer stops it, or sets it back to the first of
    `later` that wants one. Who was promised a person waits on.
    """
    change = _last(message)
    if answers and before.handed_at is None:
        waiting = first_waiting(before, later)
        change |= {
            "waiting_since": waiting.at if waiting else None,
            "due_at": service.due_at(waiting.at) if waiting else None,
        }
    return with_look(before, change, service.policy, message.at)


def was_answered(before: Conversation, service: Service, at: datetime) -> dict[str, Any]:
    """What was said last answers all that he asked since: the clock stops. Who was promised a person waits on."""
    if before.waiting_since is None or before.handed_at is not None:
        return {}
    return with_look(before, {"waiting_since": None, "due_at": None}, service.policy, at)


def person_came(before: Conversation, at: datetime) -> dict[str, Any]:
    """A person has it in hand: software is silent. Nothing changes when one has had it just now."""
    if before.person_at is not None and timedelta() <= at - before.person_at < _SEEN_AGAIN:
        return {}
    return {"person_at": at}


def asked_for_person(
    before: Conversation, service: Service, at: datetime, reason: str, *, urgent: bool
) -> dict[str, Any]:
    """Software asks for a person: the buyer waits for him, and is to be answered at once when it is urgent."""
    since = before.waiting_since or at
    due = at if urgent else before.due_at or service.due_at(since)
    change = {
        "handed_at": at, "hand_over": reason, "urgent": urgent, "person_at": None,
        "waiting_since": since, "due_at": min(due, before.due_at or due),
    }  # fmt: skip
    return with_look(before, change, service.policy, at)


def given_to_software(before: Conversation) -> dict[str, Any]:
    """Nobody has it in hand any more, and nobody was asked for: software may answer again."""
    changed = any(getattr(before, name) != value for name, value in LEFT_ALONE.items())
    return dict(LEFT_ALONE) if changed else {}


def taken(before: Conversation, account: str, service: Service, at: datetime) -> dict[str, Any]:
    """The account holds the conversation from now on; nothing changes when it did already."""
    if before.assignee == account:
        return {}
    return with_look(before, {"assignee": account, "taken_at": at}, service.policy, at)


def given_back(before: Conversation, service: Service, at: datetime) -> dict[str, Any]:
    """Nobody holds the conversation any more."""
    if not before.assignee:
        return {}
    return with_look(before, {"assignee": "", "taken_at": None}, service.policy, at)


def put_aside(before: Conversation, account: str, until: datetime, service: Service) -> dict[str, Any]:
    """The conversation leaves the queue until then, or until the buyer writes."""
    change = {"state": "snoozed", "snoozed_until": until, "assignee": account}
    return with_look(before, change, service.policy, until)


def woken(before: Conversation, service: Service, at: datetime) -> dict[str, Any]:
    """What was put aside stands in the queue again."""
    if before.state != "snoozed":
        return {}
    return with_look(before, {"state": "open", "snoozed_until": None}, service.policy, at)


def closed(before: Conversation, at: datetime) -> dict[str, Any]:
    """Nobody waits any more."""
    if before.state == "closed":
        return {}
    return {
        "state": "closed", "closed_at": at, "waiting_since": None, "due_at": None,
        "snoozed_until": None, "unread": 0, "look_at": None, **LEFT_ALONE,
    }  # fmt: skip


def reopened(before: Conversation) -> dict[str, Any]:
    """The conversation goes on."""
    if before.state == "open":
        return {}
    return {"state": "open", "closed_at": None, "snoozed_until": None, **LEFT_ALONE}


def require_free(before: Conversation, account: str) -> None:
    """Raises HeldByAnother when someone else holds the conversation."""
    if before.assignee not in ("", account):
        raise HeldByAnother(before.assignee)


def with_look(
    before: Conversation, change: Mapping[str, Any], policy: ServicePolicy, at: datetime
) -> dict[str, Any]:
    """Return the change with when a worker has to look at the conversation then."""
    return {**change, "look_at": next_look(replace(before, **change), policy, at)}


def next_look(conversation: Conversation, policy: ServicePolicy, at: datetime) -> datetime | None:
    """Return when the conversation needs a worker: to wake it, to give it to someone, or to someone else; None = not."""
    if conversation.state == "snoozed":
        return conversation.snoozed_until
    since = conversation.waiting_since
    if conversation.state == "closed" or since is None or not policy.distributes:
        return None
    if not conversation.assignee:
        return at
    return reassign_at(conversation, policy)


def reassign_at(conversation: Conversation, policy: ServicePolicy) -> datetime | None:
    """Return when somebody else is asked, because who holds the conversation has not answered."""
    since, taken_at = conversation.waiting_since, conversation.taken_at
    if since is None:
        return None
    return max(since, taken_at or since) + timedelta(seconds=policy.reassign_seconds)


def retry_at(conversation: Conversation, at: datetime) -> datetime:
    """Return when to look again for somebody who is free: the longer it was in vain, the more seldom."""
    waited = at - (conversation.waiting_since or at)
    return at + min(max(waited / 4, _RETRY_LEAST), _RETRY_MOST)


def choose(candidates: Sequence[Candidate]) -> str:
    """Return the account that has the most room left, of equals the one who waits longest; "" when all are full."""
    free = [each for each in candidates if each.load < each.capacity]
    if not free:
        return ""
    return min(free, key=_burden).account


def _burden(each: Candidate) -> tuple[float, float, str]:
    given = each.given_at.timestamp() if each.given_at else 0.0
    return each.load / each.capacity, given, each.account


def _last(message: Message) -> dict[str, Any]:
    return {
        "last_text": shown(message.text, message.image),
        "last_author": message.author,
        "last_at": message.at,
    }


def _in_hand(at: datetime) -> dict[str, Any]:
    return {**LEFT_ALONE, "person_at": at}
