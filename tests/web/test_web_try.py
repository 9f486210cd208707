"""The page /try: demo shops only, on this machine only."""

from __future__ import annotations

from dataclasses import replace
from typing import Any
from unittest.mock import Mock

import pytest
from aiohttp.test_utils import make_mocked_request

from bot.domain.intents import INTENT_GROUP
from bot.domain.variables import VARIABLES
from bot.ports import NotFound
from bot.web.names import names_for
from bot.web.texts import texts_for
from bot.web.try_page import show_try_page, try_suggest
from tests.web.memory_app import WORDS, Served

ASK = {"text": "发什么快递"}
ADDRESSES = (("GET", "/try"), ("POST", "/try/demo-silk/suggestions"))


async def post(served: Served, shop: str, body: Any = ASK, **headers: str) -> tuple[int, Any]:
    async with served.client.post(f"/try/{shop}/suggestions", json=body, headers=headers) as response:
        return response.status, await response.json()


async def test_the_page_shows_the_demo_shops_alone(served: Served) -> None:
    async with served.client.get("/try") as response:
        assert response.status == 200
        assert response.content_type == "text/html"
        page = await response.text()
    assert WORDS["demo-silk"] in page
    for shop in ("tea", "lamp"):
        assert WORDS[shop] not in page
        assert f'"{shop}"' not in page


async def test_a_demo_shop_answers_without_a_token(served: Served) -> None:
    status, answer = await post(served, "demo-silk")
    assert status == 200
    assert answer["suggestions"][0]["text"] == "白露发白露速运"


@pytest.mark.parametrize("shop", ["tea", "lamp", "no-such"])
async def test_any_other_shop_does_not_exist_on_the_page(served: Served, shop: str) -> None:
    found = await post(served, shop)
    assert found == await post(served, "no-such-shop")
    assert found[0] == 404


async def test_a_token_opens_no_other_shop_on_the_page(served: Served) -> None:
    status, _ = await post(served, "tea", Authorization=f"Bearer {served.tokens['tea']}")
    assert status == 404


async def test_the_page_reads_messages_as_strictly_as_the_api(served: Served) -> None:
    for body in ({}, {"text": ""}, {"text": "货" * 4001}, {"text": "a", "shop": "tea"}):
        status, answer = await post(served, "demo-silk", body)
        assert status == 422
        assert answer["error"]["fields"]


@pytest.mark.parametrize(
    "host",
    [
        "shop.example",
        "shop.example:8600",
        "127.0.0.1.evil.example",
        "0.0.0.0:8600",
        "localhost.evil.example:80",
        "[::2]:1",
    ],
)
@pytest.mark.parametrize("address", ADDRESSES)
async def test_a_name_that_is_not_local_is_refused(
    served: Served, address: tuple[str, str], host: str
) -> None:
    async with served.client.request(
        *address, json=ASK, headers={"Host": host}, allow_redirects=False
    ) as response:
        assert response.status == 404
        assert WORDS["demo-silk"] not in await response.text()


@pytest.mark.parametrize(
    "host", ["localhost", "localhost:8600", "LOCALHOST:1", "127.0.0.1:8600", "[::1]:8600", "[::1]"]
)
async def test_local_names_are_taken(served: Served, host: str) -> None:
    async with served.client.get("/try", headers={"Host": host}) as response:
        assert response.status == 200


@pytest.mark.parametrize(
    "header", ["X-Forwarded-For", "X-Forwarded-Host", "X-Forwarded-Proto", "Forwarded", "Via", "X-Real-IP"]
)
@pytest.mark.parametrize("address", ADDRESSES)
async def test_what_a_proxy_passes_on_is_refused(
    served: Served, address: tuple[str, str], header: str
) -> None:
    headers = {header: "127.0.0.1"}
    async with served.client.request(*address, json=ASK, headers=headers, allow_redirects=False) as response:
        assert response.status == 404


@pytest.mark.parametrize(
    "peer", ["10.0.0.5", "::ffff:10.0.0.5", "192.168.1.2", "fe80::1", "", "not-an-address"]
)
@pytest.mark.parametrize("handler", [show_try_page, try_suggest])
async def test_a_caller_from_another_machine_is_refused(served: Served, handler: Any, peer: str) -> None:
    transport = Mock()
    transport.get_extra_info.side_effect = lambda name, default=None: (
        (peer, 4000) if name == "peername" else default
    )
    request = make_mocked_request(
        "GET",
        "/try",
        headers={"Host": "127.0.0.1:8600"},
        match_info={"shop": "demo-silk"},
        transport=transport,
        app=served.client.server.app,  # type: ignore[attr-defined]
    )
    with pytest.raises(NotFound):
        await handler(request)


@pytest.mark.parametrize(
    ("query", "accepted", "language"),
    [
        ("", "", "zh-CN"),
        ("", "en-GB,en;q=0.9", "en"),
        ("", "de-DE", "zh-CN"),
        ("?lang=en", "zh-CN", "en"),
        ("?lang=zh", "en", "zh-CN"),
        ("?lang=%3Cscript%3E", "en", "en"),
    ],
)
async def test_the_page_speaks_the_readers_language(
    served: Served, query: str, accepted: str, language: str
) -> None:
    async with served.client.get(f"/try{query}", headers={"Accept-Language": accepted}) as response:
        page = await response.text()
        assert response.status == 200
    assert f'<html lang="{language}">' in page
    assert "<script>" not in page


async def test_a_shops_name_is_text_on_the_page(served: Served) -> None:
    shops = served.engine.parts.shops
    await shops.put_shop(replace(await shops.get_shop("demo-silk"), name='<img src=x onerror="alert(1)">'))
    async with served.client.get("/try") as response:
        assert "<img src=x" not in await response.text()


def test_every_intent_and_every_fact_has_a_name_in_both_languages() -> None:
    facts = {variable.name for variable in VARIABLES}
    for language in ("zh", "en"):
        names = names_for(language)
        assert set(names["intents"]) >= set(INTENT_GROUP)
        assert set(names["facts"]) >= facts
    assert set(names_for("zh")["intents"]) == set(INTENT_GROUP)


def test_every_word_of_the_page_is_there_in_both_languages() -> None:
    zh, en = texts_for("zh", ""), texts_for("en", "")
    assert set(zh) == set(en)
    assert all(zh.values())
    assert all(en.values())


async def test_without_demo_shops_the_page_says_how_to_get_them(served: Served) -> None:
    await served.engine.parts.shops.delete_shop("demo-silk")
    async with served.client.get("/try") as response:
        assert response.status == 200
        assert "kuaihui demo-shops" in await response.text()


async def test_the_root_leads_to_the_workspace(served: Served) -> None:
    async with served.client.get("/", allow_redirects=False) as response:
        assert (response.status, response.headers["Location"]) == (302, "/workspace")


async def test_our_own_files_alone_are_served(served: Served) -> None:
    for name, kind in (("try.js", "text/javascript"), ("try.css", "text/css"), ("mark.svg", "image/svg+xml")):
        async with served.client.get(f"/static/{name}") as response:
            assert response.status == 200
            assert response.content_type == kind
    for name in ("..%2fapi.py", "%2e%2e%2fapi.py", "try.js%00", "try_page.py"):
        async with served.client.get(f"/static/{name}") as response:
            assert response.status in (404, 405)
