"""Every route, called rightly."""

from __future__ import annotations

import pytest

from bot.web.routes import ROUTES
from tests.web.calls import BODIES, ENTRY, PRODUCT
from tests.web.memory_app import ORDERS, WORDS, Served


async def test_health_tells_which_parts_answer(served: Served) -> None:
    assert await served.call("GET", "/health", token=None) == (
        200,
        {"works": True, "database": "ready", "embedder": "ready", "classifier": "ready"},
    )


async def test_shops_are_listed_and_read(served: Served) -> None:
    _, listed = await served.call("GET", "/shops")
    status, shop = await served.call("GET", "/shops/tea")
    assert status == 200
    assert listed == {"shops": [shop]}
    assert shop["name"] == "青岚小店"
    assert shop["demo"] is False


async def test_a_message_gets_the_shops_own_replies_with_confidence_and_facts(served: Served) -> None:
    for shop in ("tea", "lamp"):
        status, answer = await served.call(
            "POST", f"/shops/{shop}/suggestions", token=shop, json={"text": "发什么快递"}
        )
        assert status == 200
        assert (answer["shop"], answer["silent"], answer["classifier"]) == (shop, False, "ready")
        assert answer["intents"][0]["intent"] == "ship_courier"
        best = answer["suggestions"][0]
        assert best["text"] == f"{WORDS[shop]}发{WORDS[shop]}速运"
        assert 0 < best["confidence"] <= 1
        assert best["parts"] == [
            {"entry": "courier", "version": 1, "intent": "ship_courier", "text": best["text"]}
        ]
        fact = next(fact for fact in best["facts"] if fact["name"] == "courier")
        assert fact["value"] == f"{WORDS[shop]}速运"
        assert fact["source"] == f"{WORDS[shop]}表"
        assert fact["stale"] is False


async def test_a_message_leans_on_its_conversation(served: Served) -> None:
    history = [{"role": "buyer", "text": "短袖还有货吗"}, {"role": "agent", "text": "要什么颜色呢"}]
    status, answer = await served.call(
        "POST", "/shops/tea/suggestions", json={"text": "黑色的呢", "history": history, "conversation": "c-1"}
    )
    assert status == 200
    assert answer["suggestions"][0]["parts"][0]["entry"] == "stock"


async def test_an_acknowledgement_is_met_with_silence(served: Served) -> None:
    status, answer = await served.call("POST", "/shops/tea/suggestions", json={"text": "嗯嗯好的"})
    assert status == 200
    assert (answer["silent"], answer["reason"], answer["suggestions"]) == (True, "acknowledgement", [])


async def test_a_text_is_classified(served: Served) -> None:
    status, answer = await served.call("POST", "/classify", json={"text": "亲，发顺丰吗，什么快递"})
    assert status == 200
    assert (answer["intent"], answer["group"]) == ("ship_courier", "shipping")
    assert {"name": "courier", "value": "顺丰", "start": 1, "end": 3} in answer["entities"]


async def test_an_entry_lives_from_its_writing_to_its_deletion(served: Served) -> None:
    status, made = await served.call("POST", "/shops/tea/entries", json=ENTRY)
    assert status == 201
    assert made["version"] == 1
    assert await served.call("GET", "/shops/tea/entries/gift") == (200, made)
    document = {key: value for key, value in made.items() if key != "version"}
    status, changed = await served.call(
        "PUT", "/shops/tea/entries/gift", json={**document, "reply": "送两双袜子"}
    )
    assert status == 200
    assert changed == {**made, "reply": "送两双袜子", "version": 2}
    status, listed = await served.call("GET", "/shops/tea/entries")
    assert changed in listed["entries"]
    assert await served.call("DELETE", "/shops/tea/entries/gift") == (204, None)
    assert (await served.call("GET", "/shops/tea/entries/gift"))[0] == 404
    assert (await served.call("DELETE", "/shops/tea/entries/gift"))[0] == 404
    assert (await served.call("PUT", "/shops/tea/entries/gift", json=ENTRY))[0] == 404


async def test_what_is_read_of_an_entry_can_be_written_again(served: Served) -> None:
    full = {
        **ENTRY,
        "phrasings": ["送什么", "有礼物吗"],
        "fallback": "请稍等",
        "scope": {"products": ["shirt"], "categories": ["衣服"]},
        "validity": {
            "since": "2026-01-01 00:00",
            "until": None,
            "weekly": [{"days": [1, 2], "since": "09:00", "until": "18:00"}],
        },
        "short_code": "zp",
    }
    _, made = await served.call("POST", "/shops/tea/entries", json=full)
    document = {key: value for key, value in made.items() if key != "version"}
    status, again = await served.call("PUT", "/shops/tea/entries/gift", json=document)
    assert status == 200
    assert again == {**made, "version": 2}


async def test_an_entry_that_exists_is_not_made_again(served: Served) -> None:
    status, answer = await served.call("POST", "/shops/tea/entries", json={**ENTRY, "id": "courier"})
    assert status == 409
    assert answer["error"]["code"] == "conflict"
    _, kept = await served.call("GET", "/shops/tea/entries/courier")
    assert kept["question"] == "发什么快递"


@pytest.mark.parametrize("given", ["1", '"1"', ' "1" '])
async def test_an_entry_is_written_at_the_version_that_was_read(served: Served, given: str) -> None:
    body = {**ENTRY, "id": "courier"}
    path = "/shops/tea/entries/courier"
    assert (await served.call("PUT", path, json=body, headers={"If-Match": given}))[0] == 200
    status, answer = await served.call("PUT", path, json=body, headers={"If-Match": given})
    assert status == 409
    assert "version 2" in answer["error"]["message"]


@pytest.mark.parametrize("given", ["one", '"1", "2"', "W/1", "-1", "1.0", "²", "9" * 5000, "9" * 30])
async def test_a_version_that_is_no_number_is_refused(served: Served, given: str) -> None:
    body = {**ENTRY, "id": "courier"}
    status, answer = await served.call(
        "PUT", "/shops/tea/entries/courier", json=body, headers={"If-Match": given}
    )
    assert status == 400
    assert "version" in answer["error"]["message"]


async def test_an_entry_keeps_its_id(served: Served) -> None:
    status, answer = await served.call("PUT", "/shops/tea/entries/courier", json=ENTRY)
    assert status == 422
    assert "id" in answer["error"]["fields"]


async def test_entries_are_replaced_in_this_shop_alone(served: Served) -> None:
    before = served.memory.shops["lamp"].entries.copy()
    assert await served.call("PUT", "/shops/tea/entries", json={"entries": [ENTRY]}) == (200, {"written": 1})
    assert len(served.memory.shops["tea"].entries) == 6
    body = {"entries": [ENTRY], "replace": True}
    assert await served.call("PUT", "/shops/tea/entries", json=body) == (200, {"written": 1})
    assert list(served.memory.shops["tea"].entries) == ["gift"]
    assert served.memory.shops["lamp"].entries == before


async def test_an_edited_entry_is_suggested(served: Served) -> None:
    await served.call("POST", "/shops/tea/suggestions", json={"text": "有什么赠品"})
    await served.call("POST", "/shops/tea/entries", json=ENTRY)
    version = served.memory.versions["tea"]
    await served.engine.live_shops.refresh("tea", version)
    _, answer = await served.call("POST", "/shops/tea/suggestions", json={"text": "有什么赠品"})
    assert answer["suggestions"][0]["text"] == "每单送一双袜子"


async def test_products_and_stock_are_written_and_read(served: Served) -> None:
    body = {"products": [PRODUCT], "source": "erp"}
    assert await served.call("PUT", "/shops/tea/products", json=body) == (200, {"written": 1})
    stock = {"stock": 0, "restock": "2026-03-20", "source": "warehouse"}
    assert await served.call("PUT", "/shops/tea/stock/hat-red", json=stock) == (204, None)
    status, answer = await served.call("GET", "/shops/tea/products")
    assert status == 200
    products = {product["id"]: product for product in answer["products"]}
    assert set(products) == {"shirt", "hat"}
    hat = products["hat"]
    assert (hat["price"], hat["source"]) == (19.9, "warehouse")
    assert hat["variants"][0] | {"stock": 0, "restock": "2026-03-20"} == hat["variants"][0]
    await served.call("PUT", "/shops/tea/products", json={"products": [PRODUCT], "replace": True})
    assert list(served.memory.shops["tea"].products) == ["hat"]
    assert list(served.memory.shops["lamp"].products) == ["shirt"]


async def test_the_stock_of_an_unknown_sku_is_not_written(served: Served) -> None:
    status, answer = await served.call("PUT", "/shops/tea/stock/no-such", json={"stock": 1})
    assert status == 404
    assert answer["error"]["code"] == "not_found"


async def test_facts_and_shipping_are_written_and_read(served: Served) -> None:
    body = {"facts": {"赠品": "袜子"}, "source": "运营"}
    assert await served.call("PUT", "/shops/tea/facts", json=body) == (200, {"written": 1})
    rules = {
        "shipping": [
            {"regions": ["*"], "courier": "中通", "fee": "8.5"},
            {"regions": ["西藏"], "note": "不发"},
        ]
    }
    assert await served.call("PUT", "/shops/tea/shipping", json=rules) == (200, {"written": 2})
    status, answer = await served.call("GET", "/shops/tea/facts")
    assert status == 200
    assert {fact["name"]: fact["value"] for fact in answer["facts"]} == {
        "dispatch_time": "青岚48小时内",
        "gift": "袜子",
    }
    assert [(rule["regions"], rule["fee"]) for rule in answer["shipping"]] == [(["*"], 8.5), (["西藏"], None)]


async def test_an_order_is_read_in_its_own_shop_alone_and_without_the_buyers_phone(served: Served) -> None:
    order = {
        "order_no": "2026030599999999",
        "status": "paid",
        "phone_last4": "1234",
        "buyer_id": "buyer-9",
        "amount": 9,
    }
    assert await served.call("PUT", "/shops/tea/orders", json={"orders": [order]}) == (200, {"written": 1})
    status, answer = await served.call("GET", "/shops/tea/orders/2026030599999999")
    assert status == 200
    assert (answer["status"], answer["amount"]) == ("paid", 9.0)
    assert "1234" not in str(answer)
    for number in ("2026030599999999", ORDERS["tea"]):
        status, answer = await served.call("GET", f"/shops/lamp/orders/{number}", token="both")
        assert status == 404
        assert WORDS["tea"] not in str(answer)


def test_every_route_that_takes_a_body_has_a_right_call_here() -> None:
    assert {route.handler.__name__ for route in ROUTES if route.body is not None} == set(BODIES)
