"""Plain data of what the workspace shows: conversations, messages, cards, the guard's findings."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from bot.domain.account import Account
from bot.domain.auto_lines import decided_line, hand_over_line
from bot.domain.auto_turn import Decided, HandOver
from bot.domain.channels import Delivery, delivery_line
from bot.domain.conversation import Buyer, Conversation, Message, Note
from bot.domain.guard import Finding, GuardResult
from bot.domain.masking import mask_text
from bot.domain.service_policy import ServicePolicy
from bot.ports import Phrase
from bot.services.buyer_cards import CardLine
from bot.services.colleagues import Colleague
from bot.services.conversation_suggesting import ConversationSuggestions, stops_in
from bot.services.quick_phrases import QuickPhrase
from bot.services.rendering import result_data


def moment_data(moment: datetime | None) -> str | None:
    """Return the moment in ISO 8601, in UTC."""
    return moment.astimezone(UTC).isoformat(timespec="milliseconds") if moment else None


def buyer_data(buyer: Buyer) -> dict[str, Any]:
    """Return a buyer; what his channel calls him stays out."""
    return {
        "id": buyer.id, "name": buyer.name, "channel": buyer.channel, "tags": list(buyer.tags), "viewed": buyer.viewed,
    }  # fmt: skip


def conversation_data(
    shop: str, conversation: Conversation, alarm_at: datetime | None, names: Mapping[str, str]
) -> dict[str, Any]:
    """Return a conversation as a row of the queue: a preview, masked. `names` are those of the shop's members."""
    return {
        "shop": shop,
        "id": conversation.id,
        "buyer": buyer_data(conversation.buyer),
        "state": conversation.state,
        "assignee": conversation.assignee,
        "assignee_name": names.get(conversation.assignee, ""),
        "opened_at": moment_data(conversation.opened_at),
        "waiting_since": moment_data(conversation.waiting_since),
        "due_at": moment_data(conversation.due_at),
        "alarm_at": moment_data(alarm_at),
        "unread": conversation.unread,
        "last": {
            "text": mask_text(conversation.last_text),
            "author": conversation.last_author,
            "at": moment_data(conversation.last_at),
            "number": conversation.last_number,
        },
        "snoozed_until": moment_data(conversation.snoozed_until),
        "person_at": moment_data(conversation.person_at),
        "handed_at": moment_data(conversation.handed_at),
        "hand_over": conversation.hand_over,
        "urgent": conversation.urgent,
        "version": conversation.version,
    }


def message_data(
    message: Message, names: Mapping[str, str], delivery: Delivery | None = None
) -> dict[str, Any]:
    """Return a bubble. `delivery` says how far it is on its way to an outer channel."""
    return {
        "number": message.number,
        "author": message.author,
        "account": message.account,
        "name": names.get(message.account, ""),
        "text": message.text,
        "image": message.image,
        "quotes": message.quotes,
        "at": moment_data(message.at),
        "delivery": delivery_line(delivery) if delivery is not None else None,
    }


def messages_data(
    messages: Sequence[Message], names: Mapping[str, str], deliveries: Sequence[Delivery]
) -> list[dict[str, Any]]:
    """Return bubbles; those that went out through an outer channel say under "delivery" how far they are."""
    of_number = {each.number: each for each in deliveries}
    return [message_data(message, names, of_number.get(message.number)) for message in messages]


def note_data(note: Note, names: Mapping[str, str]) -> dict[str, Any]:
    """Return a note with its writer's name."""
    return {
        "id": note.id, "account": note.account, "name": names.get(note.account, ""), "text": note.text,
        "at": moment_data(note.at),
    }  # fmt: skip


def decision_data(decided: Decided) -> dict[str, Any]:
    """Return what software decided about a turn of the buyer's."""
    return {**decided_line(decided), "at": moment_data(decided.at)}


def hand_over_data(hand_over: HandOver) -> dict[str, Any]:
    """Return what software told the person whom it asked for."""
    moments = {"at": moment_data(hand_over.at), "taken_at": moment_data(hand_over.taken_at)}
    return {**hand_over_line(hand_over), **moments}


def suggestions_data(suggestions: ConversationSuggestions) -> dict[str, Any]:
    """Return suggestions as the API does, each with the places that are still to be filled in."""
    result = result_data(suggestions.result)
    for suggestion in result["suggestions"]:
        suggestion["stops"] = [list(span) for span in stops_in(suggestion["text"])]
    return {"upto": suggestions.upto, "result": result}


def guard_data(result: GuardResult) -> dict[str, Any]:
    """Return the guard's answer. Another shop is named only where the guard named it."""
    return {
        "verdict": str(result.verdict),
        "ready": result.is_ready,
        "findings": [_finding_data(finding) for finding in result.findings],
    }


def _finding_data(finding: Finding) -> dict[str, Any]:
    data: dict[str, Any] = {
        "id": finding.id, "kind": str(finding.kind), "start": finding.start, "end": finding.end, "text": finding.text,
    }  # fmt: skip
    if finding.shop:
        data |= {"shop": finding.shop, "shop_name": finding.shop_name}
    return data


def card_data(lines: Iterable[CardLine]) -> dict[str, Any]:
    """Return the shop's card by key."""
    return {
        line.key: {"name": line.name, "value": line.value, "as_of": moment_data(line.as_of), "stale": line.stale}
        for line in lines
    }  # fmt: skip


def colleague_data(colleague: Colleague) -> dict[str, Any]:
    """Return a colleague with his presence."""
    return {"id": colleague.id, "name": colleague.name, "presence": colleague.presence}


def phrase_data(phrase: QuickPhrase) -> dict[str, Any]:
    """Return a quick phrase as it goes into the composer."""
    return {
        "id": phrase.id,
        "own": phrase.own,
        "short_code": phrase.short_code,
        "title": phrase.title,
        "group": phrase.group,
        "text": phrase.text,
        "image": phrase.image,
        "stops": [list(span) for span in stops_in(phrase.text)],
        "facts": [
            {"name": f.name, "value": f.value, "source": f.source, "as_of": f.as_of, "stale": f.stale}
            for f in phrase.facts
        ],
    }


def own_phrase_data(phrase: Phrase) -> dict[str, Any]:
    """Return an agent's own phrase as he wrote it."""
    return {"id": phrase.id, "short_code": phrase.short_code, "text": phrase.text, "group": phrase.group}


def policy_data(policy: ServicePolicy) -> dict[str, Any]:
    """Return a shop's policy as its document."""
    return {
        "target_seconds": policy.target_seconds,
        "alarm_seconds": policy.alarm_seconds,
        "hours": [
            {"weekday": hours.weekday, "since": f"{hours.since:%H:%M}", "until": f"{hours.until:%H:%M}"}
            for hours in policy.hours
        ],
        "distributes": policy.distributes,
        "reassign_seconds": policy.reassign_seconds,
        "forbidden": list(policy.forbidden),
        "contacts": list(policy.contacts),
        "blocks_contacts": policy.blocks_contacts,
        "notice": policy.notice,
        "address": policy.address,
        "origins": list(policy.origins),
        "holding_texts": list(policy.holding_texts),
        "keep_days": policy.keep_days,
    }


def me_data(account: Account) -> dict[str, Any]:
    """Return who is signed in."""
    return {
        "id": account.id, "login": account.login, "name": account.name, "language": account.language,
        "capacity": account.capacity,
    }  # fmt: skip
