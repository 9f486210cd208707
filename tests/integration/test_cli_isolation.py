"""A thousand messages for each demo shop: no reply holds what belongs to another shop."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest

from tests.integration.belongings import belongings, foreign_to, pack_of
from tests.integration.installations import DEMO_SHOPS, Server, json_lines
from tests.integration.rasa_models import ROOT

OURS = ROOT / "tests" / "data" / "buyer_messages.tsv"
REAL = ROOT.parent / "shared" / "data" / "ecd_buyer_messages.txt"
THOUSAND = 1000


def answers(server: Server, shop: str, texts: list[str]) -> list[dict[str, Any]]:
    """Return the row of each text, through `kuaihui suggest --jsonl`."""
    lines = json_lines(*({"id": number, "text": text} for number, text in enumerate(texts)))
    outcome = server.installation.call("suggest", "--shop", shop, "--jsonl", stdin=lines)
    assert outcome.status == 0, outcome.err
    assert [row["id"] for row in outcome.rows] == list(range(len(texts)))
    assert {row["shop"] for row in outcome.rows} == {shop}
    return outcome.rows


def leaks(shop: str, text: str, row: dict[str, Any]) -> Iterator[tuple[str, str, str]]:
    """Yield what of another shop the answer holds; what the buyer said already is no news to them."""
    said = json.dumps({**row, "id": None}, ensure_ascii=False)
    yield from ((shop, text, found) for found in foreign_to(shop) if found in said and found not in text)


def assert_kept_apart(shop: str, texts: list[str], rows: list[dict[str, Any]]) -> None:
    assert not [leak for text, row in zip(texts, rows, strict=True) for leak in leaks(shop, text, row)]


def test_each_shop_has_much_that_the_others_must_not_say() -> None:
    for shop in DEMO_SHOPS:
        foreign = foreign_to(shop)
        assert len(foreign) > 300
        others = [pack_of(other).data for other in DEMO_SHOPS if other != shop]
        for data in others:
            assert {data["shop"]["name"], data["facts"]["phone"], data["facts"]["dispatch_time"]} <= foreign
            assert {product["title"] for product in data["products"]} <= foreign
            assert {order["order_no"] for order in data["orders"]} <= foreign
            assert data["shipping"][0]["courier"] in foreign


@pytest.mark.parametrize("shop", DEMO_SHOPS)
def test_no_reply_to_a_thousand_messages_holds_another_shops_facts(ready: Server, shop: str) -> None:
    texts = [line.split("\t")[0] for line in OURS.read_text(encoding="utf-8").splitlines()[1:]]
    assert len(texts) == THOUSAND
    rows = answers(ready, shop, texts)
    assert_kept_apart(shop, texts, rows)
    said = [suggestion["text"] for row in rows for suggestion in row["suggestions"]]
    own = belongings(shop)
    assert sum(any(text in reply for text in own) for reply in said) > THOUSAND // 2
    other = next(other for other in DEMO_SHOPS if other != shop)
    assert sum(any(leaks(other, *pair)) for pair in zip(texts, rows, strict=True)) > THOUSAND // 2


@pytest.mark.parametrize("shop", DEMO_SHOPS)
def test_no_reply_to_a_thousand_real_messages_holds_another_shops_facts(ready: Server, shop: str) -> None:
    if not REAL.is_file():
        pytest.skip(f"{REAL} is not there: the public messages are no part of the project")
    lines = [line for line in REAL.read_text(encoding="utf-8").splitlines() if line.strip()]
    texts = lines[:: len(lines) // THOUSAND][:THOUSAND]
    assert len(texts) == THOUSAND
    assert_kept_apart(shop, texts, answers(ready, shop, texts))


def prying(shop: str) -> Iterator[str]:
    """Yield what a buyer of this shop could ask about the others."""
    for other in DEMO_SHOPS:
        if other == shop:
            continue
        data = pack_of(other).data
        yield f"你们和{data['shop']['name']}是一家吗"
        yield f"{data['shop']['name']}电话多少"
        yield f"我在{data['shop']['aliases'][0]}买的能在这开发票吗"
        for product in data["products"]:
            yield from (
                f"{product['title']}有货吗",
                f"{product['item_id']}多少钱什么材质",
                f"{product['url']} 这个几天到",
            )
        for order in data["orders"]:
            yield f"订单{order['order_no']}到哪了"
            if "tracking_no" in order:
                yield f"{order['tracking_no']}怎么还没到"


@pytest.mark.parametrize("shop", DEMO_SHOPS)
def test_asking_for_another_shops_goods_and_orders_tells_nothing_of_them(ready: Server, shop: str) -> None:
    texts = list(prying(shop))
    assert_kept_apart(shop, texts, answers(ready, shop, texts))


@pytest.mark.parametrize("shop", DEMO_SHOPS)
def test_an_order_of_ones_own_shop_is_found(ready: Server, shop: str) -> None:
    # Else the test above would hold of a server that finds no order at all.
    order = next(order for order in pack_of(shop).data["orders"] if order["status"] == "shipped")
    (row,) = answers(ready, shop, [f"订单{order['order_no']}到哪了"])
    assert order["tracking_no"] in row["suggestions"][0]["text"]
