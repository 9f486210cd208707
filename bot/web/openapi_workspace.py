"""What the routes of the workspace answer, for openapi.json."""

from __future__ import annotations

from typing import Any, Final

_TEXT: Final = {"type": "string"}
_NUMBER: Final = {"type": "number"}
_BOOL: Final = {"type": "boolean"}
_WHOLE: Final = {"type": "integer"}
_TIME: Final = {"anyOf": [{"type": "string", "format": "date-time"}, {"type": "null"}]}
_SPANS: Final = {"type": "array", "items": {"type": "array", "items": _WHOLE}}
_TEXTS: Final = {"type": "array", "items": _TEXT}


def _object(**properties: Any) -> dict[str, Any]:
    return {"type": "object", "properties": properties, "required": list(properties)}


def _list(of: dict[str, Any] | str) -> dict[str, Any]:
    return {"type": "array", "items": _ref(of) if isinstance(of, str) else of}


def _ref(name: str) -> dict[str, Any]:
    return {"$ref": f"#/components/schemas/{name}"}


def _or_null(schema: dict[str, Any]) -> dict[str, Any]:
    return {"anyOf": [schema, {"type": "null"}]}


_CARD_LINE: Final = _object(name=_TEXT, value=_TEXT, as_of=_TIME, stale=_BOOL)
_FACT: Final = _object(name=_TEXT, value=_TEXT, source=_TEXT, as_of=_TEXT, stale=_BOOL)

WORKSPACE_RESPONSES: Final[dict[str, dict[str, Any]]] = {
    "Buyer": _object(id=_TEXT, name=_TEXT, channel=_TEXT, tags=_TEXTS, viewed=_TEXT),
    "Conversation": _object(
        shop=_TEXT, id=_TEXT, buyer=_ref("Buyer"), state={"type": "string", "enum": ["open", "snoozed", "closed"]},
        assignee=_TEXT, assignee_name=_TEXT, opened_at=_TIME, waiting_since=_TIME, due_at=_TIME, alarm_at=_TIME,
        unread=_WHOLE, last=_object(text=_TEXT, author=_TEXT, at=_TIME, number=_WHOLE), snoozed_until=_TIME,
        version=_WHOLE,
    ),
    "Message": _object(
        number=_WHOLE, author=_TEXT, account=_TEXT, name=_TEXT, text=_TEXT, image=_TEXT, quotes=_or_null(_WHOLE), at=_TIME,
    ),
    "Messages": _object(messages=_list("Message")),
    "Note": _object(id=_TEXT, account=_TEXT, name=_TEXT, text=_TEXT, at=_TIME),
    "Queue": _object(
        conversations=_list("Conversation"), server_time=_TIME, feeds={"type": "object", "additionalProperties": _WHOLE},
    ),
    "FoundMessages": _object(
        found=_list(
            _object(
                shop=_TEXT, conversation=_TEXT, buyer=_object(id=_TEXT, name=_TEXT), message=_ref("Message")
            )
        ),
    ),
    "WholeConversation": _object(
        conversation=_ref("Conversation"), messages=_list("Message"), notes=_list("Note"), draft=_TEXT,
        held=_list(_object(key=_TEXT, text=_TEXT, until=_TIME)),
        buyer={"allOf": [_ref("Buyer"), _object(
            orders=_list({"type": "object"}), earlier=_list("Conversation"),
            viewed_product=_or_null(_object(id=_TEXT, title=_TEXT, item_id=_TEXT, url=_TEXT, price=_or_null(_NUMBER))),
        )]},
        shop_card=_object(
            courier=_CARD_LINE, dispatch=_CARD_LINE, invoice=_CARD_LINE, address=_CARD_LINE, notice=_CARD_LINE,
        ),
        colleagues=_list(_object(id=_TEXT, name=_TEXT, presence=_TEXT)),
    ),
    "Suggestions": _object(upto=_WHOLE, result=_ref("SuggestionResult")),
    "NewImage": _object(id=_TEXT),
    "QuickPhrases": _object(phrases=_list(_object(
        id=_TEXT, own=_BOOL, short_code=_TEXT, title=_TEXT, group=_TEXT, text=_TEXT, stops=_SPANS, facts=_list(_FACT),
    ))),
    "OwnPhrase": _object(id=_TEXT, short_code=_TEXT, text=_TEXT, group=_TEXT),
    "OwnPhrases": _object(phrases=_list("OwnPhrase")),
    "GuardResult": _object(
        verdict={"type": "string", "enum": ["pass", "ask", "block"]}, ready=_BOOL,
        findings=_list(_object(id=_TEXT, kind=_TEXT, start=_WHOLE, end=_WHOLE, text=_TEXT)),
    ),
    "Policy": _object(
        target_seconds=_WHOLE, alarm_seconds=_WHOLE, hours=_list(_object(weekday=_WHOLE, since=_TEXT, until=_TEXT)),
        distributes=_BOOL, reassign_seconds=_WHOLE, forbidden=_TEXTS, contacts=_TEXTS, blocks_contacts=_BOOL, notice=_TEXT,
        address=_TEXT, origins=_TEXTS, holding_texts=_TEXTS,
    ),
}  # fmt: skip
