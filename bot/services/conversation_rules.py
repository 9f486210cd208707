"""What a message makes of its conversation: rules that run with the conversation's row locked."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from bot.domain import queueing
from bot.domain.conversation import Conversation, Message
from bot.domain.queueing import Service
from bot.ports import NewMessage, NotFound, Rule


class NotForSoftware(Exception):
    """A person has the conversation in hand, or it is closed: software says nothing more there."""


class Overtaken(NotForSoftware):
    """The buyer wrote on: what was made of his turn before is not the answer to it any more."""


class Behind(Exception):
    """Bubbles came between reading and writing: read them first."""


def as_message(before: Conversation, message: NewMessage) -> Message:
    """Return the message as it stands behind the conversation's last one."""
    return Message(
        before.last_number + 1,
        message.author,
        message.text,
        message.at,
        message.account,
        message.image,
        message.quotes,
        message.key,
    )


def heard(
    before: Conversation, message: NewMessage, service: Service, auto_at: datetime | None
) -> Mapping[str, Any]:
    """What a buyer's message makes of it; at `auto_at` software looks at it. Raises Behind when it was closed just now."""
    if before.state == "closed":
        raise Behind
    change = queueing.buyer_spoke(before, as_message(before, message), service)
    return change if auto_at is None else {**change, "auto_at": auto_at}


def speaking(message: NewMessage, service: Service, answers: int | None, later: Sequence[Message]) -> Rule:
    """Return the rule of what software says. It raises Behind when `later` does not reach up to the last bubble."""

    def rule(before: Conversation) -> Mapping[str, Any]:
        if before.state == "closed" or before.person_at is not None:
            raise NotForSoftware
        unseen = answers is not None and before.waiting_since is not None and before.last_number > answers
        if unseen and (not later or later[-1].number != before.last_number):
            raise Behind
        return queueing.automaton_spoke(
            before, as_message(before, message), service,
            answers=answers is not None, later=later if unseen else (),
        )  # fmt: skip

    return rule


def answering(
    message: NewMessage,
    service: Service,
    answers: int | None,
    later: Sequence[Message],
    *,
    take_over: bool,
) -> Rule:
    """Return the rule of a person's reply. It raises Behind when `later` does not reach up to the conversation's last bubble."""

    def rule(before: Conversation) -> Mapping[str, Any]:
        if not take_over:
            queueing.require_free(before, message.account)
        if message.quotes is not None and not 1 <= message.quotes <= before.last_number:
            raise NotFound("the message that is quoted does not exist")
        unseen = answers is not None and before.waiting_since is not None and before.last_number > answers
        if unseen and (not later or later[-1].number != before.last_number):
            raise Behind
        return queueing.agent_answered(before, as_message(before, message), service, later if unseen else ())

    return rule
