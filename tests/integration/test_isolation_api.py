"""Leak paths through the API over the real database: whose shop it is comes from the token and the path alone."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Any

import pytest
from aiohttp import web
from aiohttp.test_utils import TestClient, TestServer

from bot.bootstrap.engine import Engine, Parts
from bot.bootstrap.worker import web_services
from bot.domain.conversation import Buyer
from bot.domain.invoices import InvoiceDetails, InvoiceRequest
from bot.storage.database import Database
from bot.web.application import create_app
from bot.web.routes import ApiRoute
from tests.integration.engines import Secret, real_parts, running, two_shops
from tests.web.calls import ENTRY, IN_JSON, OF_A_SHOP, PRODUCT, body_of, name_of
from tests.web.memory_app import SUGGESTION, shown


@dataclass
class Api:
    """A client, and two shops whose tokens are named by them."""

    client: TestClient[web.Request, web.Application]
    engine: Engine
    left: Secret
    right: Secret
    tokens: dict[str, str]

    async def call(self, method: str, path: str, token: str, json: Any = None) -> tuple[int, Any]:
        headers = {"Authorization": f"Bearer {self.tokens[token]}"}
        async with self.client.request(method, f"/api/v1{path}", headers=headers, json=json) as response:
            return response.status, await response.json() if await response.read() else None

    async def all_of(self, secret: Secret) -> str:
        """Return everything that the API tells the shop's own token."""
        told = []
        for path in (
            "",
            "/entries",
            "/products",
            "/facts",
            f"/orders/{secret.order_no}",
            "/invoice-requests",
        ):
            status, answer = await self.call("GET", f"/shops/{secret.shop}{path}", secret.shop)
            assert status == 200
            told.append(answer)
        return str(told)


@pytest.fixture
async def api(database: Database) -> AsyncIterator[Api]:
    parts = real_parts(database)
    left, right = await two_shops(parts)
    for secret in (left, right):
        await parts.events.append(secret.shop, [shown(parts.clock.now(), secret.word)])
        await ask_for_an_invoice(parts, secret)
    async with running(parts) as engine:
        client = TestClient(TestServer(create_app(web_services(engine), parts.clock)))
        await client.start_server()
        tokens = {}
        for name, shops in (
            (left.shop, [left.shop]),
            (right.shop, [right.shop]),
            ("both", [left.shop, right.shop]),
        ):
            tokens[name], _ = await parts.tokens.create_token(name, shops, may_write=True, expires_at=None)
        yield Api(client, engine, left, right, tokens)
        await client.close()


async def ask_for_an_invoice(parts: Parts, secret: Secret) -> None:
    """Let a buyer of the shop have asked for one whose heading nobody else may read."""
    buyer = Buyer("", secret.word, "web_chat", f"buyer-of-{secret.shop}")
    talk = await parts.conversations.open_conversation(secret.shop, buyer, parts.clock.now())
    details = InvoiceDetails(heading=secret.word)
    request = InvoiceRequest(f"inv-{secret.shop}", talk.id, talk.buyer.id, details, parts.clock.now())
    await parts.invoice_requests.put_request(secret.shop, request)


def path_of(route: ApiRoute, shop: str, order_no: str) -> str:
    filled = route.path.format(
        shop=shop, suggestion=SUGGESTION, entry="courier", sku="shirt-black-l", order=order_no, table="stock",
        entry_image="none-such", request=f"inv-{shop}",
    )  # fmt: skip
    return filled.removeprefix("/api/v1")


@pytest.mark.parametrize("route", OF_A_SHOP, ids=name_of)
async def test_a_token_of_another_shop_reads_and_changes_nothing(api: Api, route: ApiRoute) -> None:
    before = await api.all_of(api.left)
    path = path_of(route, api.left.shop, api.left.order_no)
    status, answer = await api.call(route.method, path, api.right.shop, body_of(route))
    assert status == 404
    assert api.left.word not in str(answer)
    assert await api.all_of(api.left) == before


@pytest.mark.parametrize("route", IN_JSON, ids=name_of)
async def test_a_token_of_both_shops_reaches_the_one_in_the_path(api: Api, route: ApiRoute) -> None:
    before = await api.all_of(api.right)
    path = path_of(route, api.left.shop, api.left.order_no) + f"?shop={api.right.shop}"
    status, answer = await api.call(route.method, path, "both", body_of(route))
    assert status in (200, 201, 204)
    assert api.right.word not in str(answer)
    assert await api.all_of(api.right) == before


@pytest.mark.parametrize("field", ["shop", "shop_id", "tenant", "metadata", "scope", "account"])
@pytest.mark.parametrize("route", [route for route in OF_A_SHOP if route.body is not None], ids=name_of)
async def test_no_field_of_a_body_names_a_shop(api: Api, route: ApiRoute, field: str) -> None:
    before = await api.all_of(api.right)
    value = {"shop_id": api.right.shop} if field in ("metadata", "scope") else api.right.shop
    path = path_of(route, api.left.shop, api.left.order_no)
    status, answer = await api.call(route.method, path, "both", {**(body_of(route) or {}), field: value})
    assert status == 422
    assert api.right.word not in str(answer)
    assert await api.all_of(api.right) == before


async def test_an_image_of_an_entry_is_not_found_from_another_shop(api: Api) -> None:
    image = await api.engine.parts.entries.put_image(api.left.shop, "image/png", b"pixels")
    for shop, token in (
        (api.left.shop, api.right.shop),
        (api.right.shop, "both"),
        (api.right.shop, api.right.shop),
    ):
        status, _ = await api.call("GET", f"/shops/{shop}/entry-images/{image}", token)
        assert status == 404
    assert await api.engine.parts.entries.get_image(api.left.shop, image)


async def test_an_order_is_not_found_from_another_shop(api: Api) -> None:
    for number in (api.left.order_no, f"SF{api.left.order_no[:13]}"):
        status, answer = await api.call("GET", f"/shops/{api.right.shop}/orders/{number}", "both")
        assert api.left.word not in str(answer)
        assert status == 404 or answer["order_no"] == api.right.order_no


async def test_a_shop_that_was_deleted_is_gone_for_its_token(api: Api) -> None:
    shops = api.engine.parts.shops
    await shops.delete_shop(api.left.shop)
    for path in (f"/shops/{api.left.shop}", f"/shops/{api.left.shop}/entries"):
        status, answer = await api.call("GET", path, api.left.shop)
        assert status == 404
        assert api.left.word not in str(answer)
    status, answer = await api.call("GET", "/shops", "both")
    assert [shop["id"] for shop in answer["shops"]] == [api.right.shop]


@pytest.mark.parametrize(
    ("method", "path", "body", "expected"),
    [
        ("POST", "/suggestions", {"text": "发什么\0快递\ud800", "conversation": "c"}, 200),
        ("POST", "/entries", {**ENTRY, "reply": "a\0b"}, 422),
        ("POST", "/entries", {**ENTRY, "validity": {"since": "0001-01-01", "until": "9999-12-31T23:59:59-12:00"}}, (201, 422)),
        ("POST", "/entries", {**ENTRY, "validity": {"since": "2026-01-01T00:00:00+23:59"}}, 201),
        ("POST", "/entries", {**ENTRY, "short_code": 123}, 201),
        ("PUT", "/products", {"products": [{**PRODUCT, "price": 9_999_999.99}]}, 200),
        ("PUT", "/products", {"products": [{**PRODUCT, "variants": [{"sku": "s", "stock": 100_000_000}]}]}, 200),
        ("PUT", "/products", {"products": [{**PRODUCT, "variants": [{"sku": "s", "restock": "0001-01-01"}]}]}, (200, 422)),
        ("PUT", "/products", {"products": [{**PRODUCT, "variants": [{"sku": "shirt-black-l"}]}]}, 409),
        ("PUT", "/products", {"products": [{**PRODUCT, "item_id": "999999999"}, {**PRODUCT, "id": "b", "variants": []}]}, 200),
        ("PUT", "/orders", {"orders": [{"order_no": "A-123456", "status": "paid", "paid_at": "0001-01-01"}]}, (200, 422)),
        ("PUT", "/orders", {"orders": [{"order_no": "A-123456", "status": "paid", "eta": "9999-12-31"}]}, (200, 422)),
        ("PUT", "/stock/shirt-black-l", {"stock": None, "restock": "+9999d"}, 204),
        ("PUT", "/facts", {"facts": {"赠品": "🎁" * 500}}, 200),
        ("PUT", "/shipping", {"shipping": [{"regions": ["*"] , "fee": "0.001"}]}, 422),
        ("GET", "/entries/a%00b", None, 404),
        ("GET", "/orders/%F0%9F%8E%81", None, 404),
    ],
    ids=lambda value: str(value)[:48],
)  # fmt: skip
async def test_odd_values_are_kept_or_refused_and_never_half_written(
    api: Api, method: str, path: str, body: Any, expected: int | tuple[int, ...]
) -> None:
    before = await api.all_of(api.left)
    status, answer = await api.call(method, f"/shops/{api.left.shop}{path}", api.left.shop, body)
    assert status in (expected if isinstance(expected, tuple) else (expected,)), answer
    if status >= 400:
        assert await api.all_of(api.left) == before
    status, _ = await api.call(
        "POST", f"/shops/{api.left.shop}/suggestions", api.left.shop, {"text": "发什么快递"}
    )
    assert status == 200
