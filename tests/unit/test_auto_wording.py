"""Where a word names the topic, the classifier only tells which of its questions is asked."""

from __future__ import annotations

import pytest

from bot.domain.intents import INTENT_GROUP, IntentScore
from bot.domain.suggestion import Part, Suggestion, SuggestionResult
from bot.services.auto_wording import is_of_topic, settle_by_words


def read(entry: str, *intents: tuple[str, float], common: float = 0.6) -> SuggestionResult:
    """Return a result whose first entry is of the intent `entry`, and whose message was read as `intents`."""
    scores = tuple(IntentScore(intent, INTENT_GROUP[intent], share) for intent, share in intents)
    part = Part("e", 1, entry, "…", common)
    return SuggestionResult("s", False, scores, (Suggestion("s-1", "…", 0.8, (part,)),))


def test_who_names_an_invoice_asks_about_one() -> None:
    result = settle_by_words(
        "月底前票到我手上不",
        read("invoice_when", ("ship_duration", 0.5), ("invoice_when", 0.3), ("invoice_can", 0.2)),
    )
    assert [(each.intent, round(each.confidence, 2)) for each in result.intents] == [
        ("invoice_when", 0.6),
        ("invoice_can", 0.4),
    ]


@pytest.mark.parametrize(
    ("text", "result"),
    [
        ("月底前到我手上不", read("invoice_when", ("ship_duration", 0.5), ("invoice_when", 0.5))),
        ("有优惠票吗", read("invoice_can", ("coupon", 0.5), ("invoice_can", 0.5))),
        ("退货要把票寄回吗", read("return_how", ("return_how", 0.5), ("invoice_change", 0.5))),
        ("票的事", read("invoice_when", ("chitchat", 0.95), ("invoice_when", 0.05))),
        ("能开票吗 几天到", read("invoice_can", ("invoice_can", 0.9), ("ship_duration", 0.9))),
    ],
)  # fmt: skip
def test_what_names_none_or_more_is_read_as_it_was(text: str, result: SuggestionResult) -> None:
    assert settle_by_words(text, result) == result


@pytest.mark.parametrize(
    ("text", "is_settled"),
    [
        ("付完才发现写的是老家地址", True),
        ("还没寄之前想反悔 在哪里点", True),
        ("收货电话停机了", True),
        ("下重了一单怎么撤", True),
        ("退货的地址写哪", False),
        ("几天能到", False),
    ],
)
def test_who_speaks_of_a_change_of_his_order_asks_about_one(text: str, is_settled: bool) -> None:
    intents = (("order_address", 0.4), ("ship_when", 0.4), ("order_cancel", 0.2))
    result = settle_by_words(text, read("order_address", *intents))
    assert (result.intents[0].confidence > 0.6) is is_settled


def test_where_the_classifier_hesitates_the_likelier_entry_decides() -> None:
    intents = (("invoice_when", 0.43), ("invoice_type", 0.36))
    result = settle_by_words("数电票发邮箱可不可以", read("invoice_type", *intents, common=0.78))
    assert (result.intents[0].intent, result.suggestions[0].stands_alone) == ("invoice_type", True)
    result = settle_by_words("数电票发邮箱可不可以", read("invoice_type", *intents, common=0.6))
    assert result.intents[0].intent == "invoice_when"


@pytest.mark.parametrize(
    ("piece", "topics", "is_taken"),
    [
        ("走没走", {"logistics"}, True),
        ("走没走", {"stock"}, False),
        ("给补张票呗", {"invoice"}, True),
        ("能机洗吗", {"logistics", "invoice"}, False),
    ],
)
def test_what_a_dialogue_has_taken_up_is_no_question_beside_it(
    piece: str, topics: set[str], is_taken: bool
) -> None:
    assert is_of_topic(piece, topics) is is_taken
