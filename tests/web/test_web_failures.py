"""Parts that are down: what cannot be done says which part and what to do; what can be done goes on."""

from __future__ import annotations

from typing import Any

import pytest

from bot.ports import ClassifierUnavailable, StoreUnavailable
from bot.web.routes import ApiRoute
from tests.web.calls import TAKES_TOKENS, body_of, name_of, path_of
from tests.web.memory_app import Served

DOWN = "the database does not answer: check that PostgreSQL runs"
ASK = {"text": "发什么快递"}


def break_stores(served: Served, monkeypatch: pytest.MonkeyPatch) -> None:
    """Make every call of every store raise StoreUnavailable."""

    async def fail(*_: object, **__: object) -> None:
        raise StoreUnavailable(DOWN)

    parts = served.engine.parts
    stores = (parts.shops, parts.entries, parts.vectors, parts.facts, parts.events, parts.tokens)
    for store in (*stores, parts.invoice_requests):
        for name in dir(type(store)):
            if not name.startswith("_") and name not in ("watch", "together"):
                monkeypatch.setattr(store, name, fail, raising=True)


@pytest.mark.parametrize(
    "route",
    [route for route in TAKES_TOKENS if route.handler.__name__ not in ("classify", "suggest")],
    ids=name_of,
)
async def test_without_the_database_a_call_says_so(
    operator: Served, monkeypatch: pytest.MonkeyPatch, route: ApiRoute
) -> None:
    break_stores(operator, monkeypatch)
    status, answer = await operator.call(route.method, path_of(route, "tea"), token=None, json=body_of(route))
    assert status == 503
    assert answer["error"] == {"code": "unavailable", "message": DOWN, "fields": {}}


async def test_a_token_that_cannot_be_looked_up_is_not_taken_for_a_good_one(
    served: Served, monkeypatch: pytest.MonkeyPatch
) -> None:
    break_stores(served, monkeypatch)
    status, answer = await served.call("GET", "/shops")
    assert status == 503
    assert answer["error"]["message"] == DOWN


async def test_a_shop_in_memory_is_answered_for_without_the_database(
    served: Served, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert (await served.call("POST", "/shops/tea/suggestions", json=ASK))[0] == 200
    break_stores(served, monkeypatch)
    status, answer = await served.call("POST", "/shops/tea/suggestions", json=ASK)
    assert status == 200
    assert answer["suggestions"][0]["parts"][0]["entry"] == "courier"
    monkeypatch.undo()
    await served.engine.recorder.close()
    events = await served.engine.parts.events.read("tea", 100)
    assert [event.kind for event in events].count("message_received") == 2


async def test_a_shop_not_in_memory_waits_for_the_database(
    operator: Served, monkeypatch: pytest.MonkeyPatch
) -> None:
    break_stores(operator, monkeypatch)
    status, answer = await operator.call("POST", "/shops/tea/suggestions", token=None, json=ASK)
    assert status == 503
    assert answer["error"]["message"] == DOWN


async def test_without_the_classifier_suggestions_go_on(served: Served) -> None:
    served.classifier.available = False
    status, answer = await served.call("POST", "/shops/tea/suggestions", json=ASK)
    assert status == 200
    assert answer["classifier"] == "down"
    assert answer["intents"] == []
    assert answer["suggestions"][0]["parts"][0]["entry"] == "courier"
    status, answer = await served.call("POST", "/classify", json=ASK)
    assert status == 503
    assert answer["error"]["code"] == "unavailable"


async def test_a_classifier_that_fails_only_now_and_then_costs_no_suggestion(
    served: Served, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def fail(text: str) -> Any:
        raise ClassifierUnavailable("Rasa took longer than 0.5 s")

    monkeypatch.setattr(served.classifier, "classify", fail)
    status, answer = await served.call(
        "POST", "/shops/tea/suggestions", json={"text": "发什么快递，可以开发票吗"}
    )
    assert status == 200
    assert answer["suggestions"]


async def test_without_the_embedder_a_suggestion_says_so_and_the_rest_goes_on(served: Served) -> None:
    assert (await served.call("POST", "/shops/tea/suggestions", json=ASK))[0] == 200
    served.embedder.fail("the embedding process does not answer: it is being started again")
    status, answer = await served.call("POST", "/shops/tea/suggestions", json=ASK)
    assert (status, answer["embedder"]) == (200, "down")
    assert not any(suggestion["automatic"] for suggestion in answer["suggestions"])
    for path in ("/shops/tea/entries", "/shops/tea/facts", "/shops/tea/products"):
        assert (await served.call("GET", path))[0] == 200
    assert (await served.call("POST", "/shops/tea/suggestions", json={"text": "好的"}))[0] == 200
    served.embedder.fail(None)
    status, answer = await served.call("POST", "/shops/tea/suggestions", json=ASK)
    assert (status, answer["embedder"]) == (200, "ready")


async def test_health_names_the_part_that_is_down(served: Served, monkeypatch: pytest.MonkeyPatch) -> None:
    served.classifier.available = False
    status, answer = await served.call("GET", "/health", token=None)
    assert (status, answer["works"], answer["classifier"]) == (200, True, "down")
    served.embedder.fail("away")
    status, answer = await served.call("GET", "/health", token=None)
    assert (status, answer["works"], answer["embedder"], answer["database"]) == (200, True, "down", "ready")
    served.embedder.fail(None)
    break_stores(served, monkeypatch)
    status, answer = await served.call("GET", "/health", token=None)
    assert (status, answer["works"], answer["database"]) == (503, False, "down")
