"""Bad input: the right status, the one error shape, the field's name, and nothing half-written."""

from __future__ import annotations

import gzip
import io
import json
import socket
import struct
from collections.abc import AsyncIterator
from typing import Any

import pytest
from aiohttp import web

from bot.web.routes import ApiRoute
from tests.web.calls import ENTRY, OF_A_SHOP, body_of, name_of, path_of
from tests.web.memory_app import Served
from tests.web.test_web_access import state_of

WITH_BODY = tuple(route for route in OF_A_SHOP if route.body is not None)
TWO_MEGABYTES = 2 * 1024 * 1024


async def send(
    served: Served, path: str, content: Any, method: str = "POST", **headers: str
) -> tuple[int, dict[str, Any]]:
    """Send raw content as the shop's own writer and return status and error."""
    sent = {"Content-Type": "application/json", "Authorization": f"Bearer {served.tokens['tea']}", **headers}
    async with served.client.request(
        method, f"/api/v1/shops/tea{path}", data=content, headers=sent
    ) as response:
        answer = await response.json()
        assert set(answer) == {"error"}
        assert set(answer["error"]) == {"code", "message", "fields"}
        assert "Traceback" not in str(answer)
        return response.status, answer["error"]


@pytest.mark.parametrize(
    ("content", "status"),
    [
        (b"", 400),
        (b"{", 400),
        (b'{"text": "a"', 400),
        (b"[]", 400),
        (b'"text"', 400),
        (b"null", 400),
        (b"\xff\xfe\x00", 400),
        ('{"text": "有货吗"}'.encode("gb18030"), 400),
        (b"[" * 200_000, 400),
        (b'{"text": ' * 20_000, 400),
        (b'{"text": ' + b"[" * 900 + b"]" * 900 + b"}", 422),
        (b'{"text": ' + b"9" * 5000 + b"}", 400),
        (b'{"stock": ' + b"9" * 5000 + b"}", 400),
    ],
    ids=lambda value: repr(value)[:24],
)
@pytest.mark.parametrize("route", WITH_BODY, ids=name_of)
async def test_a_body_that_is_no_json_object_is_refused(
    served: Served, route: ApiRoute, content: bytes, status: int
) -> None:
    before = await state_of(served, "tea")
    path = path_of(route, "tea").removeprefix("/shops/tea")
    found, error = await send(served, path, content, route.method)
    assert found == status, error
    assert error["message"]
    assert await state_of(served, "tea") == before


async def test_broken_json_is_named_by_line_and_column(served: Served) -> None:
    _, error = await send(served, "/suggestions", b'{\n "text": "a",\n}')
    assert "line 3, column 1" in error["message"]


@pytest.mark.parametrize(
    "kind", ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x"]
)
@pytest.mark.parametrize("route", WITH_BODY, ids=name_of)
async def test_only_json_is_read(served: Served, route: ApiRoute, kind: str) -> None:
    path = path_of(route, "tea").removeprefix("/shops/tea")
    status, error = await send(
        served, path, json.dumps(body_of(route)), route.method, **{"Content-Type": kind}
    )
    assert status == 415
    assert "application/json" in error["message"]


async def test_a_body_that_is_not_compressed_as_it_says_is_refused(served: Served) -> None:
    content = json.dumps({"text": "有货吗"}).encode()
    status, _ = await send(served, "/suggestions", content, **{"Content-Encoding": "gzip"})
    assert status == 400


async def test_a_compressed_body_counts_as_what_it_unpacks_to(served: Served) -> None:
    content = gzip.compress(b'{"text": "' + b"a" * TWO_MEGABYTES * 10 + b'"}')
    status, _ = await send(served, "/suggestions", content, **{"Content-Encoding": "gzip"})
    assert status == 413


@pytest.mark.parametrize("path", ["/suggestions", "/../../classify"])
async def test_a_message_of_two_megabytes_is_refused_however_it_is_sent(served: Served, path: str) -> None:
    content = json.dumps({"text": "货" * (TWO_MEGABYTES // 3)}, ensure_ascii=False).encode()

    async def in_pieces() -> AsyncIterator[bytes]:
        for start in range(0, len(content), 65536):
            yield content[start : start + 65536]

    for sent in (io.BytesIO(content), in_pieces()):
        status, error = await send(served, path, sent)
        assert status == 413
        assert error["code"] == "too_large"
        assert "at most" in error["message"]


async def test_a_client_that_goes_away_is_no_error_of_ours(
    served: Served, caplog: pytest.LogCaptureFixture
) -> None:
    # The test client's own server cancels a handler whose client is gone; the worker's does not.
    runner = web.AppRunner(served.client.server.app, access_log=None)  # type: ignore[attr-defined]
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    head = (
        f"POST /api/v1/shops/tea/suggestions HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
        f"Authorization: Bearer {served.tokens['tea']}\r\nContent-Length: 999\r\n\r\n{{"
    ).encode()
    for _ in range(5):
        client = socket.create_connection(runner.addresses[0])
        client.sendall(head)
        assert (await served.call("GET", "/shops"))[
            0
        ] == 200  # by now the server waits for the rest of the body
        client.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))  # closing resets
        client.close()
        assert (await served.call("GET", "/shops"))[0] == 200
    await runner.cleanup()
    assert "unforeseen" not in caplog.text


async def test_more_than_the_server_takes_at_all_is_refused(served: Served) -> None:
    status, error = await send(
        served, "/entries", io.BytesIO(b'{"entries": [' + b" " * 17 * 1024 * 1024), "PUT"
    )
    assert status == 413
    assert "16 MB" in error["message"]


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({}, "text"),
        ({"text": None}, "text"),
        ({"text": 5}, "text"),
        ({"text": ["a"]}, "text"),
        ({"text": ""}, "text"),
        ({"text": " \n\t "}, "text"),
        ({"text": "\0\x01\x02\x1b\u200b\u202e"}, "text"),
        ({"text": "\ud800"}, "text"),
        ({"text": "货" * 4001}, "text"),
        ({"text": "a", "history": {}}, "history"),
        ({"text": "a", "history": ["a"]}, "history[0]"),
        ({"text": "a", "history": [{"role": "buyer"}]}, "history[0].text"),
        ({"text": "a", "history": [{"role": "boss", "text": "a"}]}, "history[0].role"),
        ({"text": "a", "history": [{"role": ["buyer"], "text": "a"}]}, "history[0].role"),
        ({"text": "a", "history": [{"role": "buyer", "text": "a"}] * 51}, "history"),
        ({"text": "a", "conversation": "c" * 101}, "conversation"),
        ({"text": "a", "conversation": "c\0"}, "conversation"),
        ({"text": "a", "viewed": 1}, "viewed"),
        ({"text": "a", "txet": "b"}, "txet"),
    ],
    ids=lambda value: repr(value)[:40],
)
async def test_a_wrong_field_of_a_message_is_named(served: Served, body: dict[str, Any], field: str) -> None:
    status, answer = await served.call("POST", "/shops/tea/suggestions", json=body)
    assert status == 422
    assert answer["error"]["code"] == "invalid"
    assert list(answer["error"]["fields"]) == [field]


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"id": "Bad Id"}, "id"),
        ({"id": None}, "id"),
        ({"group": "nonsense"}, "group"),
        ({"intent": "stock_available"}, "intent"),
        ({"question": ""}, "question"),
        ({"question": "问" * 201}, "question"),
        ({"phrasings": ["好", ""]}, "phrasings[1]"),
        ({"reply": "还有{不存在}件"}, "reply"),
        ({"reply": "还有{库存"}, "reply"),
        ({"reply": ""}, "reply"),
        ({"reply": "a\0b"}, "reply"),
        ({"question": "a\ud800b"}, "question"),
        ({"cases": {"in_stock": "有", "shipped": "发了"}}, "cases"),
        ({"cases": {"in_stock": "{坏"}}, "cases.in_stock"),
        ({"cases": {"in\0stock": "有"}}, "cases"),
        ({"scope": {"products": ["not-ours"]}}, "scope.products"),
        ({"scope": {"categories": ["别家的"]}}, "scope.categories"),
        ({"scope": {"shop": "lamp"}}, "scope.shop"),
        ({"validity": {"since": "gestern"}}, "validity"),
        ({"validity": {"since": {"a": 1}}}, "validity"),
        (
            {"validity": {"weekly": [{"days": [8], "since": "9:00", "until": "18:00"}]}},
            "validity.weekly[0].days[0]",
        ),
        ({"validity": {"weekly": [{"days": [1], "since": "nine", "until": "18:00"}]}}, "validity"),
        ({"short_code": "包邮"}, "short_code"),
        ({"language": "fr"}, "language"),
        ({"status": "live"}, "status"),
        ({"version": 3}, "version"),
    ],
    ids=lambda value: repr(value)[:40],
)
async def test_a_wrong_field_of_an_entry_is_named_and_nothing_is_written(
    served: Served, change: dict[str, Any], field: str
) -> None:
    before = await state_of(served, "tea")
    wrong = {**ENTRY, **change}
    status, answer = await served.call("POST", "/shops/tea/entries", json=wrong)
    assert status == 422, answer
    assert list(answer["error"]["fields"]) == [field]
    status, answer = await served.call(
        "PUT", "/shops/tea/entries", json={"entries": [{**ENTRY, "id": "right"}, wrong]}
    )
    assert status == 422
    assert list(answer["error"]["fields"]) == [f"entries[1].{field}".rstrip(".")]
    assert await state_of(served, "tea") == before


@pytest.mark.parametrize(
    ("path", "body", "field"),
    [
        ("/products", {"products": [{"id": "p", "title": ""}]}, "products[0].title"),
        ("/products", {"products": [{"id": "p", "title": "帽", "price": -1}]}, "products[0].price"),
        ("/products", {"products": [{"id": "p", "title": "帽", "price": "NaN"}]}, "products[0].price"),
        ("/products", {"products": [{"id": "p", "title": "帽", "url": "javascript:alert(1)"}]}, "products[0].url"),
        ("/products", {"products": [{"id": "p", "title": "帽", "attributes": {"mood": "好"}}]}, "products[0].attributes"),
        ("/products", {"products": [{"id": "p", "title": "帽", "variants": [{"sku": "s", "restock": "soon"}]}]},
         "products[0]"),
        ("/products", {"products": [{"id": "p", "title": "帽", "variants": [{"sku": "a\0"}]}]}, "products[0].variants[0].sku"),
        ("/stock/shirt-black-l", {"stock": -1}, "stock"),
        ("/stock/shirt-black-l", {"stock": 1.5}, "stock"),
        ("/stock/shirt-black-l", {}, "stock"),
        ("/stock/shirt-black-l", {"stock": 1, "restock": "soon"}, "restock"),
        ("/facts", {"facts": {"不存在": "a"}}, "facts"),
        ("/facts", {"facts": {"店铺名": "别人"}}, "facts"),
        ("/facts", {"facts": {"发货时限": ["a"]}}, "facts.发货时限"),
        ("/shipping", {"shipping": []}, "shipping"),
        ("/shipping", {"shipping": [{"regions": ["新疆"]}]}, "shipping"),
        ("/shipping", {"shipping": [{"regions": ["*"]}, {"regions": ["*"]}]}, "shipping"),
        ("/shipping", {"shipping": [{"regions": []}]}, "shipping[0].regions"),
        ("/orders", {"orders": [{"order_no": "2026 03", "status": "paid"}]}, "orders[0].order_no"),
        ("/orders", {"orders": [{"order_no": "202603050001", "status": "lost"}]}, "orders[0].status"),
        ("/orders", {"orders": [{"order_no": "202603050001", "status": "paid", "paid_at": "eben"}]}, "orders[0]"),
    ],
    ids=lambda value: repr(value)[:60],
)  # fmt: skip
async def test_a_wrong_fact_is_named_and_nothing_is_written(
    served: Served, path: str, body: dict[str, Any], field: str
) -> None:
    before = await state_of(served, "tea")
    status, answer = await served.call("PUT", f"/shops/tea{path}", json=body)
    assert status == 422, answer
    assert list(answer["error"]["fields"]) == [field]
    assert await state_of(served, "tea") == before


async def test_two_of_the_same_id_in_one_call_are_refused(served: Served) -> None:
    order = {"order_no": "202603050001", "status": "paid"}
    product = {"id": "p", "title": "帽", "variants": [{"sku": "s"}]}
    for path, body in (
        ("/entries", {"entries": [ENTRY, ENTRY]}),
        ("/products", {"products": [product, {**product, "variants": []}]}),
        ("/products", {"products": [product, {**product, "id": "q"}]}),
        ("/orders", {"orders": [order, order]}),
        ("/facts", {"facts": {"发货时限": "快", "dispatch_time": "慢"}}),
    ):
        before = await state_of(served, "tea")
        status, answer = await served.call("PUT", f"/shops/tea{path}", json=body)
        assert status == 409
        assert "twice" in answer["error"]["message"]
        assert await state_of(served, "tea") == before


async def test_a_message_with_some_unreadable_characters_is_read_without_them(served: Served) -> None:
    for text in ("发什么快递\0", "发什么\ud800快递", "\u202e发什么快递\u200b"):
        status, answer = await served.call("POST", "/shops/tea/suggestions", json={"text": text})
        assert status == 200
        assert answer["suggestions"][0]["parts"][0]["entry"] == "courier"
    await served.engine.recorder.close()
    events = await served.engine.parts.events.read("tea", 100)
    texts = [str(event.data["text"]) for event in events if event.kind == "message_received"]
    assert len(texts) == 3
    for text in texts:
        assert "\0" not in text
        assert text.encode()


@pytest.mark.parametrize(
    "path", ["/entries/a%00b", "/orders/a%00b", "/stock/a%00b", "/entries/%ff", "/entries/" + "x" * 4000]
)
async def test_an_address_of_odd_characters_finds_nothing(served: Served, path: str) -> None:
    method, body = ("PUT", {"stock": 1}) if path.startswith("/stock") else ("GET", None)
    status, answer = await served.call(method, f"/shops/tea{path}", json=body)
    assert status in (400, 404)
    assert set(answer["error"]) == {"code", "message", "fields"}


@pytest.mark.parametrize(
    "shop",
    ["Tea", "te a", "-tea", "tea-", "茶", "tea%00", "tea%2Flamp", "t" * 41, "..%2Flamp", "*", "tea,lamp"],
)
async def test_what_cannot_be_a_shop_is_no_shop(served: Served, shop: str) -> None:
    status, answer = await served.call("GET", f"/shops/{shop}/entries", token="both")
    assert status in (404, 422)
    assert "青岚" not in str(answer)
