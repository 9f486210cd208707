"""Who may call what: every route of a shop, with every kind of token."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from aiohttp import web

from bot.web.owner_sections import OWNER_PAGES
from bot.web.routes import ROUTES, ApiRoute
from tests.web.calls import IN_JSON, OF_A_SHOP, WRITES, body_of, fill, name_of, path_of
from tests.web.memory_app import WORDS, Served

OPEN = {
    ("GET", "/api/v1/health"),
    ("POST", "/api/v1/session"),
    ("GET", "/api/v1/openapi.json"),
    ("GET", "/"),
    ("GET", "/try"),
    ("POST", "/try/{shop}/suggestions"),
    ("GET", "/static/{name}"),
    ("GET", "/login"),
    ("GET", "/sidebar/{shop}"),
    ("GET", "/chat/{shop}"),
    ("GET", "/chat/{shop}/widget.js"),
    ("GET", "/chat/{shop}/live"),
    ("POST", "/chat/{shop}/images"),
    ("GET", "/chat/{shop}/images/{image}"),
    ("POST", "/channels/{shop}/{channel}"),
    ("POST", "/channels/{shop}/{channel}/{tail}"),
}
"""All that may be called without a token. Whoever adds to it decides that the world may read it.

The panel's page is a shell without the shop's data; the chat is for buyers, and looks at their own tokens; a channel proves
itself by its signature.
"""
PAGES = {("GET", path) for path in ("/account", "/team", "/workspace", "/sidebar/{shop}/connect")} | {
    ("GET", path) for page in OWNER_PAGES for path in (f"/{page.key}", f"/shops/{{shop}}/{page.key}")
}
"""Pages for people: whoever is not signed in is led to /login."""
GUARDED = tuple(route for route in ROUTES if (route.method, route.path) not in OPEN)


async def test_every_route_that_is_not_open_by_intent_refuses_a_call_without_a_token(served: Served) -> None:
    app = served.client.server.app  # type: ignore[attr-defined]
    answered: set[tuple[str, str]] = set()
    led: set[tuple[str, str]] = set()
    for route in app.router.routes():
        assert isinstance(route.resource, web.Resource)
        path = route.resource.canonical
        filled = fill(path, "tea")
        async with served.client.request(route.method, filled, json={}, allow_redirects=False) as response:
            if response.headers.get("Location", "").startswith("/login?next="):
                led.add((route.method, path))
            elif response.status == 401 and (route.method, path) not in OPEN:
                assert response.headers["WWW-Authenticate"] == "Bearer"
            else:
                answered.add((route.method, path))
    assert answered == OPEN
    assert led == PAGES


async def test_the_table_of_routes_is_what_is_served(served: Served) -> None:
    app = served.client.server.app  # type: ignore[attr-defined]
    canonical = {(r.method, r.resource.canonical) for r in app.router.routes() if r.resource is not None}
    in_the_table = {(route.method, route.path) for route in ROUTES}
    beside_it = {each for each in OPEN if not each[1].startswith("/api/v1/") or "openapi" in each[1]} | PAGES
    assert in_the_table == canonical - beside_it


@pytest.mark.parametrize(
    "authorisation",
    [
        "",
        "Bearer",
        "Bearer ",
        "Bearer kh_unknown",
        "Basic dGVhOnRlYQ==",
        "kh_bare",
        "Bearer \udce9",
        "Bearer " + "x" * 7000,
    ],
)
@pytest.mark.parametrize("route", GUARDED, ids=name_of)
async def test_a_missing_or_unknown_token_is_refused(
    served: Served, route: ApiRoute, authorisation: str
) -> None:
    status, answer = await served.call(
        route.method,
        path_of(route, "tea"),
        token=None,
        json=body_of(route),
        headers={"Authorization": authorisation},
    )
    assert status == 401
    assert answer["error"]["code"] == "unauthorized"


@pytest.mark.parametrize("route", GUARDED, ids=name_of)
async def test_an_expired_token_is_refused(served: Served, route: ApiRoute) -> None:
    later = served.clock.now() + timedelta(hours=1)
    tokens = served.engine.parts.tokens
    token, _ = await tokens.create_token("short", ["tea"], may_write=True, expires_at=later)
    served.clock.moment = later
    status, _ = await served.call(route.method, path_of(route, "tea"), token=token, json=body_of(route))
    assert status == 401


@pytest.mark.parametrize("route", GUARDED, ids=name_of)
async def test_a_revoked_token_is_refused(served: Served, route: ApiRoute) -> None:
    tokens = served.engine.parts.tokens
    token, grant = await tokens.create_token("gone", ["tea"], may_write=True, expires_at=None)
    await tokens.revoke_token(grant.token_id)
    status, _ = await served.call(route.method, path_of(route, "tea"), token=token, json=body_of(route))
    assert status == 401


async def test_a_token_in_use_is_refused_soon_after_it_is_revoked_or_expires(
    served: Served, monkeypatch: pytest.MonkeyPatch
) -> None:
    now = 1000.0
    monkeypatch.setattr("bot.web.authorisation.time.monotonic", lambda: now)
    tokens = served.engine.parts.tokens
    later = served.clock.now() + timedelta(hours=1)
    revoked, grant = await tokens.create_token("a", ["tea"], may_write=True, expires_at=None)
    expired, _ = await tokens.create_token("b", ["tea"], may_write=True, expires_at=later)
    for token in (revoked, expired):
        assert (await served.call("GET", "/shops/tea", token=token))[0] == 200
    await tokens.revoke_token(grant.token_id)
    served.clock.moment = later
    now += 2.0
    for token in (revoked, expired):
        assert (await served.call("GET", "/shops/tea", token=token))[0] == 401


@pytest.mark.parametrize("token", ["lamp", "nothing"])
@pytest.mark.parametrize("route", OF_A_SHOP, ids=name_of)
async def test_to_a_token_of_another_shop_the_shop_does_not_exist(
    served: Served, route: ApiRoute, token: str
) -> None:
    before = await state_of(served, "tea")
    status, answer = await served.call(route.method, path_of(route, "tea"), token=token, json=body_of(route))
    nowhere = await served.call(route.method, path_of(route, "no-such"), token=token, json=body_of(route))
    assert (status, answer) == nowhere
    assert status == 404
    assert answer["error"]["code"] == "not_found"
    assert_silent_about(answer, "tea")
    assert await state_of(served, "tea") == before


@pytest.mark.parametrize("route", WRITES, ids=name_of)
async def test_a_token_that_may_only_read_changes_nothing(served: Served, route: ApiRoute) -> None:
    before = await state_of(served, "tea")
    status, answer = await served.call(
        route.method, path_of(route, "tea"), token="tea-read", json=body_of(route)
    )
    assert status == 403
    assert answer["error"]["code"] == "forbidden"
    assert await state_of(served, "tea") == before


@pytest.mark.parametrize("route", [route for route in IN_JSON if route not in WRITES], ids=name_of)
async def test_a_token_that_may_only_read_reads(served: Served, route: ApiRoute) -> None:
    status, _ = await served.call(route.method, path_of(route, "tea"), token="tea-read", json=body_of(route))
    assert status in route.answers


async def test_the_list_of_shops_holds_only_the_tokens_own(served: Served) -> None:
    for token, expected in (("tea", ["tea"]), ("lamp", ["lamp"]), ("both", ["lamp", "tea"]), ("nothing", [])):
        status, answer = await served.call("GET", "/shops", token=token)
        assert status == 200
        assert [shop["id"] for shop in answer["shops"]] == expected


@pytest.mark.parametrize("route", IN_JSON, ids=name_of)
async def test_a_shop_in_the_query_or_in_a_header_is_not_heeded(served: Served, route: ApiRoute) -> None:
    before = await state_of(served, "lamp")
    status, answer = await served.call(
        route.method,
        path_of(route, "tea") + "?shop=lamp&shop_id=lamp&tenant=lamp",
        token="both",
        json=body_of(route),
        headers={"X-Shop": "lamp", "X-Shop-Id": "lamp", "X-Original-URL": "/api/v1/shops/lamp"},
    )
    assert status in (200, 201, 204)
    assert_silent_about(answer, "lamp")
    assert await state_of(served, "lamp") == before


@pytest.mark.parametrize("route", [route for route in OF_A_SHOP if route.body is not None], ids=name_of)
@pytest.mark.parametrize("extra", [{"shop": "lamp"}, {"shop_id": "lamp"}, {"metadata": {"shop": "lamp"}}])
async def test_a_shop_in_the_body_is_refused(served: Served, route: ApiRoute, extra: dict[str, Any]) -> None:
    before = await state_of(served, "lamp")
    given = {**(body_of(route) or {}), **extra}
    status, answer = await served.call(route.method, path_of(route, "tea"), token="both", json=given)
    assert status == 422
    assert answer["error"]["fields"] == {
        next(iter(extra)): "没有这一项，是不是写错了。 unknown field; check its spelling"
    }
    assert await state_of(served, "lamp") == before


async def test_the_operators_own_socket_asks_for_no_token_and_sees_all_shops(operator: Served) -> None:
    status, answer = await operator.call("GET", "/shops", token=None)
    assert status == 200
    assert {shop["id"] for shop in answer["shops"]} == set(WORDS)
    status, _ = await operator.call(
        "PUT", "/shops/tea/facts", token=None, json={"facts": {"发货时限": "24小时内"}}
    )
    assert status == 200


def assert_silent_about(answer: Any, shop: str) -> None:
    """Fail if the answer holds the shop's id or its word."""
    assert WORDS[shop] not in str(answer)
    assert f"'{shop}'" not in str(answer)


async def state_of(served: Served, shop: str) -> Any:
    """Return all that a shop holds, to be compared."""
    held = served.memory.shops[shop]
    return (
        served.memory.versions[shop],
        dict(held.entries),
        dict(held.products),
        held.shipping,
        dict(held.facts),
        dict(held.orders),
    )
