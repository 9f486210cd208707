"""Security headers stand on every answer, errors included."""

from __future__ import annotations

import pytest

from bot.ports import StoreUnavailable
from tests.web.memory_app import Served

CALLS = {
    "an answer": ("GET", "/api/v1/health"),
    "no token": ("GET", "/api/v1/shops"),
    "no such page": ("GET", "/nowhere"),
    "no such method": ("PATCH", "/api/v1/shops/tea"),
    "the page": ("GET", "/try"),
    "a redirect": ("GET", "/"),
    "a script": ("GET", "/static/try.js"),
    "no such script": ("GET", "/static/no.js"),
    "the description": ("GET", "/api/v1/openapi.json"),
    "no such demo shop": ("POST", "/try/tea/suggestions"),
}


@pytest.mark.parametrize("call", CALLS.values(), ids=list(CALLS))
async def test_security_headers_stand_on_every_answer(served: Served, call: tuple[str, str]) -> None:
    async with served.client.request(*call, allow_redirects=False) as response:
        policy = response.headers["Content-Security-Policy"]
        assert "default-src 'none'" in policy
        assert "frame-ancestors 'none'" in policy
        assert "unsafe" not in policy
        assert response.headers["X-Content-Type-Options"] == "nosniff"
        assert response.headers["Referrer-Policy"] == "no-referrer"
        # Scripts hold nothing of a shop: a browser may keep them, and asks each time whether they changed.
        kept = "no-cache" if call[1] == "/static/try.js" else "no-store"
        assert response.headers["Cache-Control"] == kept
        assert "Access-Control-Allow-Origin" not in response.headers


async def test_a_script_that_a_browser_has_is_not_sent_again(served: Served) -> None:
    async with served.client.get("/static/shared/base.css") as response:
        assert response.status == 200
        tag = response.headers["ETag"]
    async with served.client.get("/static/shared/base.css", headers={"If-None-Match": tag}) as response:
        assert (response.status, await response.read()) == (304, b"")
        assert response.headers["ETag"] == tag
    async with served.client.get("/static/shared/base.css", headers={"If-None-Match": '"older"'}) as response:
        assert response.status == 200


async def test_scripts_are_packed_for_who_can_unpack_them(served: Served) -> None:
    address, sizes = "/static/shared/base.css", []
    for accepted in ("gzip, deflate", "identity"):
        async with served.client.get(address, headers={"Accept-Encoding": accepted}) as response:
            assert response.headers.get("Content-Encoding") == ("gzip" if "gzip" in accepted else None)
            assert "--ink:" in await response.text()
            sizes.append(int(response.headers["Content-Length"]))
    assert sizes[0] < sizes[1] / 2


async def test_an_unforeseen_error_shows_nothing_of_itself(
    served: Served, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def fail(*_: object) -> None:
        raise RuntimeError("secret words of a row")

    monkeypatch.setattr(served.engine.parts.shops, "get_shop", fail)
    headers = {"Authorization": f"Bearer {served.tokens['tea']}"}
    async with served.client.get("/api/v1/shops/tea", headers=headers) as response:
        answer = await response.json()
        assert response.status == 500
        assert response.headers["X-Content-Type-Options"] == "nosniff"
    assert answer["error"]["code"] == "internal"
    assert "secret" not in str(answer)
    assert "RuntimeError" not in str(answer)


async def test_what_a_client_can_wait_for_says_so(served: Served, monkeypatch: pytest.MonkeyPatch) -> None:
    async def fail(*_: object) -> None:
        raise StoreUnavailable("the database does not answer")

    monkeypatch.setattr(served.engine.parts.shops, "get_shop", fail)
    headers = {"Authorization": f"Bearer {served.tokens['tea']}"}
    async with served.client.get("/api/v1/shops/tea", headers=headers) as response:
        assert response.status == 503
        assert response.headers["Retry-After"].isdecimal()


@pytest.mark.parametrize(
    ("method", "path", "allowed"),
    [
        ("PATCH", "/api/v1/shops/tea", "GET"),
        ("DELETE", "/api/v1/shops/tea/entries", "GET, POST, PUT"),
        ("POST", "/api/v1/health", "GET"),
    ],
)
async def test_a_method_that_is_not_served_is_told_which_are(
    served: Served, method: str, path: str, allowed: str
) -> None:
    async with served.client.request(method, path) as response:
        assert response.status == 405
        assert response.headers["Allow"] == allowed
        assert (await response.json())["error"]["code"] == "method_not_allowed"


async def test_an_unknown_address_has_the_one_error_shape(served: Served) -> None:
    for path in (
        "/nowhere",
        "/api/v1/nowhere",
        "/api/v2/shops",
        "/api/v1/shops/tea/entries/",
        "/static/..%2fapi.py",
    ):
        async with served.client.get(path) as response:
            answer = await response.json()
            assert response.status == 404
            assert answer["error"]["code"] == "not_found"
            assert answer["error"]["fields"] == {}
