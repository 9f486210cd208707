"""What the routes of the workspace answer, for openapi.json."""

from __future__ import annotations

from typing import Any, Final

from bot.domain.auto_reply import Deed, Reason
from bot.web.openapi_shapes import BOOL, NUMBER, TEXT, TEXTS, WHOLE, list_of, object_of, or_null, ref

_TIME: Final = {"anyOf": [{"type": "string", "format": "date-time"}, {"type": "null"}]}
_SPANS: Final = {"type": "array", "items": {"type": "array", "items": WHOLE}}


_CARD_LINE: Final = object_of(name=TEXT, value=TEXT, as_of=_TIME, stale=BOOL)
_FACT: Final = object_of(name=TEXT, value=TEXT, source=TEXT, as_of=TEXT, stale=BOOL)
_NUMBERS: Final = list_of(WHOLE)
_REASONS: Final = list_of({"type": "string", "enum": [str(reason) for reason in Reason]})

WORKSPACE_RESPONSES: Final[dict[str, dict[str, Any]]] = {
    "Buyer": object_of(id=TEXT, name=TEXT, channel=TEXT, tags=TEXTS, viewed=TEXT),
    "Conversation": object_of(
        shop=TEXT, id=TEXT, buyer=ref("Buyer"), state={"type": "string", "enum": ["open", "snoozed", "closed"]},
        assignee=TEXT, assignee_name=TEXT, opened_at=_TIME, waiting_since=_TIME, due_at=_TIME, alarm_at=_TIME,
        unread=WHOLE, last=object_of(text=TEXT, author=TEXT, at=_TIME, number=WHOLE), snoozed_until=_TIME,
        person_at=_TIME, handed_at=_TIME, hand_over=TEXT, urgent=BOOL, version=WHOLE,
    ),
    "Message": object_of(
        number=WHOLE, author=TEXT, account=TEXT, name=TEXT, text=TEXT, image=TEXT, quotes=or_null(WHOLE), at=_TIME,
        delivery=or_null(object_of(
            position=WHOLE, number=or_null(WHOLE), status=TEXT, state=TEXT, attempts=WHOLE, error=TEXT,
        )),
    ),
    "Messages": object_of(messages=list_of("Message")),
    "Decision": object_of(
        id=TEXT, upto=WHOLE, at=_TIME, deed={"type": "string", "enum": [str(deed) for deed in Deed]}, reasons=_REASONS,
        confidence=or_null(NUMBER), threshold=or_null(NUMBER), groups=TEXTS,
        entries=list_of(object_of(entry=TEXT, version=WHOLE, confidence=NUMBER)), facts=list_of(_FACT), dialogue=TEXT,
    ),
    "Decisions": object_of(decisions=list_of("Decision"), waiting=WHOLE),
    "HandOver": object_of(
        id=TEXT, at=_TIME, reasons=_REASONS, urgent=BOOL, mood={"type": "string", "enum": ["calm", "upset"]},
        asked=_NUMBERS, answered=_NUMBERS, facts=list_of(_FACT), open=TEXTS, note=TEXT, taken_at=_TIME, taken_by=TEXT,
    ),
    "HandOvers": object_of(hand_overs=list_of("HandOver")),
    "Note": object_of(id=TEXT, account=TEXT, name=TEXT, text=TEXT, at=_TIME),
    "Queue": object_of(
        conversations=list_of("Conversation"), server_time=_TIME, feeds={"type": "object", "additionalProperties": WHOLE},
    ),
    "FoundMessages": object_of(
        found=list_of(
            object_of(
                shop=TEXT, conversation=TEXT, buyer=object_of(id=TEXT, name=TEXT), message=ref("Message")
            )
        ),
    ),
    "WholeConversation": object_of(
        conversation=ref("Conversation"), messages=list_of("Message"), notes=list_of("Note"), draft=TEXT,
        held=list_of(object_of(key=TEXT, text=TEXT, until=_TIME)),
        buyer={"allOf": [ref("Buyer"), object_of(
            orders=list_of({"type": "object"}), earlier=list_of("Conversation"),
            viewed_product=or_null(object_of(id=TEXT, title=TEXT, item_id=TEXT, url=TEXT, price=or_null(NUMBER))),
        )]},
        shop_card=object_of(
            courier=_CARD_LINE, dispatch=_CARD_LINE, invoice=_CARD_LINE, address=_CARD_LINE, notice=_CARD_LINE,
        ),
        colleagues=list_of(object_of(id=TEXT, name=TEXT, presence=TEXT)),
        decisions=list_of("Decision"), hand_overs=list_of("HandOver"),
    ),
    "Suggestions": object_of(upto=WHOLE, result=ref("SuggestionResult")),
    "NewImage": object_of(id=TEXT),
    "QuickPhrases": object_of(phrases=list_of(object_of(
        id=TEXT, own=BOOL, short_code=TEXT, title=TEXT, group=TEXT, text=TEXT, image=TEXT, stops=_SPANS, facts=list_of(_FACT),
    ))),
    "OwnPhrase": object_of(id=TEXT, short_code=TEXT, text=TEXT, group=TEXT),
    "OwnPhrases": object_of(phrases=list_of("OwnPhrase")),
    "GuardResult": object_of(
        verdict={"type": "string", "enum": ["pass", "ask", "block"]}, ready=BOOL,
        findings=list_of(object_of(id=TEXT, kind=TEXT, start=WHOLE, end=WHOLE, text=TEXT)),
    ),
    "Policy": object_of(
        target_seconds=WHOLE, alarm_seconds=WHOLE, hours=list_of(object_of(weekday=WHOLE, since=TEXT, until=TEXT)),
        distributes=BOOL, reassign_seconds=WHOLE, forbidden=TEXTS, contacts=TEXTS, blocks_contacts=BOOL, notice=TEXT,
        address=TEXT, origins=TEXTS, holding_texts=TEXTS, keep_days=WHOLE,
    ),
}  # fmt: skip
