"""Which questions begin a dialogue."""

from __future__ import annotations

from bot.domain.auto_reply_policy import AutoReplyPolicy, GroupRule, Mode
from bot.domain.dialogue_openings import OPENINGS, opening_group, opening_threshold
from bot.domain.intents import INTENT_GROUP, IntentScore

_POLICY = AutoReplyPolicy(
    is_on=True, groups={"invoice": GroupRule(Mode.AUTOMATIC), "stock": GroupRule(Mode.AUTOMATIC, 0.9)}
)


def scored(*intents: tuple[str, float]) -> list[IntentScore]:
    return [IntentScore(name, INTENT_GROUP[name], confidence) for name, confidence in intents]


def test_every_opening_is_an_intent() -> None:
    assert set(INTENT_GROUP) >= OPENINGS


def test_the_leading_intent_begins_its_groups_dialogue() -> None:
    sure = scored(("invoice_can", 0.7), ("invoice_type", 0.2), ("stock_available", 0.1))
    group, confidence = opening_group(sure, 1, _POLICY)
    assert (group, round(confidence, 2)) == ("invoice", 0.9)
    assert opening_group(scored(("refund_when", 0.9), ("invoice_can", 0.1)), 1, _POLICY) == ("", 0.0)
    assert opening_group([], 1, _POLICY) == ("", 0.0)


def test_a_group_that_the_shop_leaves_to_people_begins_none() -> None:
    assert opening_group(scored(("logistics_track", 0.99)), 1, _POLICY) == ("", 0.0)


def test_an_unsure_question_begins_none() -> None:
    unsure = opening_threshold(0.95) - 0.01
    assert opening_group(scored(("invoice_can", unsure)), 1, _POLICY) == ("", 0.0)


def test_of_several_questions_each_may_begin_one() -> None:
    two = scored(("refund_when", 0.9), ("stock_available", 0.95))
    assert opening_group(two, 2, _POLICY) == ("stock", 0.95)
    assert opening_group(two, 1, _POLICY) == ("", 0.0)


def test_more_precision_needs_more_confidence() -> None:
    assert (
        opening_threshold(0.9)
        < opening_threshold(0.95)
        < opening_threshold(0.98)
        < 1
        < opening_threshold(0.99)
    )
