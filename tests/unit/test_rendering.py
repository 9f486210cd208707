"""What is shown is plain data, and holds no more than it should."""

from __future__ import annotations

import json
from datetime import date
from decimal import Decimal

from bot.domain.intents import Entity, IntentScore, Understanding
from bot.domain.suggestion import FactUsed, Part, Suggestion, SuggestionResult
from bot.services.rendering import (
    fact_data,
    order_data,
    product_data,
    result_data,
    rule_data,
    understanding_data,
)
from tests.unit.fakes.counter import NOW
from tests.unit.fakes.replies import facts, order, product, rule, variant


def test_an_answer_has_the_documented_shape() -> None:
    suggestion = Suggestion(
        "s1",
        "还有3件",
        0.9,
        (Part("stock", 2, "stock_available", "还有3件"),),
        (FactUsed("stock", "3", "sheet", NOW.isoformat(), False),),
    )
    result = SuggestionResult(
        "mine", False, (IntentScore("stock_available", "stock", 0.912345),), (suggestion,)
    )
    assert json.loads(json.dumps(result_data(result, "m1"))) == {
        "id": "m1",
        "shop": "mine",
        "silent": False,
        "reason": "",
        "classifier": "ready",
        "embedder": "ready",
        "intents": [{"intent": "stock_available", "group": "stock", "confidence": 0.9123}],
        "suggestions": [
            {
                "id": "s1",
                "text": "还有3件",
                "confidence": 0.9,
                "automatic": False,
                "image": "",
                "parts": [{"entry": "stock", "version": 2, "intent": "stock_available", "text": "还有3件"}],
                "facts": [
                    {
                        "name": "stock",
                        "value": "3",
                        "source": "sheet",
                        "as_of": NOW.isoformat(),
                        "stale": False,
                    }
                ],
            }
        ],
    }


def test_the_buyer_of_an_order_stays_out() -> None:
    shown = json.dumps(
        order_data(order(buyer_id="buyer-77", phone_last4="4321", amount=Decimal("59.9"), paid_at=NOW))
    )
    assert "buyer-77" not in shown
    assert "4321" not in shown
    assert json.loads(shown)["amount"] == 59.9


def test_products_rules_and_facts_are_plain_data_with_their_source() -> None:
    tee = product("tee", "短袖", variant("l", 3, date(2026, 3, 10), "59.9", size="L"))
    for shown in (
        product_data(tee),
        rule_data(rule("*")),
        rule_data(rule("*", fee=None, free_from=None)),
        fact_data(facts({"phone": "1"})["phone"]),
    ):
        data = json.loads(json.dumps(shown))
        assert (data["source"], data["as_of"]) == ("sheet", NOW.isoformat())


def test_what_the_classifier_understood_is_flat_with_its_entities() -> None:
    understood = Understanding((IntentScore("ship_when", "shipping", 0.5),), (Entity("size", "L", 0, 1),))
    assert understanding_data(understood) == {
        "intent": "ship_when",
        "group": "shipping",
        "confidence": 0.5,
        "entities": [{"name": "size", "value": "L", "start": 0, "end": 1}],
    }
    assert understanding_data(Understanding())["intent"] == "out_of_scope"
