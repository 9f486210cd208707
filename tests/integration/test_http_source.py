"""Pulling from addresses that owners name: nothing but the open internet, and what the operator allows, is reached."""

from __future__ import annotations

import asyncio
import gzip
import socket
from contextlib import suppress
from dataclasses import replace
from datetime import timedelta
from ipaddress import ip_network
from typing import Any

import pytest
from aiohttp import web

from bot.facts.http_source import OpenInternetFetcher
from bot.open_internet import OpenInternet
from bot.ports.fact_sources import Request, SourceFailed
from tests.integration.erp_server import serving

ALLOWED = (ip_network("127.0.0.1/32"),)
LOCAL = OpenInternetFetcher(OpenInternet(ALLOWED))
MOST = 100_000


def asking(url: str, **more: Any) -> Request:
    return replace(Request(url, {"Authorization": "Bearer s3cret"}, 5.0, MOST), **more)


async def stock(request: web.Request) -> web.Response:
    return web.Response(text="sku,stock\na,1\n", content_type="text/csv", headers={"ETag": '"7"'})


def resolve_all_to(monkeypatch: pytest.MonkeyPatch, *answers: str) -> list[str]:
    """Make every name resolve to the answers, one after another; return what was asked."""
    waiting, asked = list(answers), []

    async def resolve(self: Any, host: str, port: Any, **more: Any) -> list[Any]:
        asked.append(host)
        address = waiting.pop(0) if len(waiting) > 1 else waiting[0]
        family = socket.AF_INET6 if ":" in address else socket.AF_INET
        target = (address, port, 0, 0) if ":" in address else (address, port)
        return [(family, socket.SOCK_STREAM, 6, "", target)]

    monkeypatch.setattr(asyncio.BaseEventLoop, "getaddrinfo", resolve)
    return asked


async def test_an_answer_is_read_with_what_it_can_be_asked_by_again() -> None:
    async with serving(stock) as erp:
        pulled = await LOCAL.pull(asking(f"{erp.address}/stock"))
    assert (pulled.content, pulled.media_type, pulled.etag) == (b"sku,stock\na,1\n", "text/csv", '"7"')
    [(path, headers)] = erp.asked
    assert (path, headers["Authorization"]) == ("/stock", "Bearer s3cret")


async def test_what_has_not_changed_is_not_read_again() -> None:
    async def unchanged(request: web.Request) -> web.Response:
        assert request.headers["If-None-Match"] == '"7"'
        return web.Response(status=304)

    async with serving(unchanged) as erp:
        pulled = await LOCAL.pull(asking(erp.address, etag='"7"'))
    assert (pulled.content, pulled.etag) == (None, '"7"')


@pytest.mark.parametrize(
    "host", ["127.0.0.1", "localhost", "0x7f000001", "2130706433", "127.1", "0.0.0.0", "[::ffff:127.0.0.1]"]
)
async def test_this_machine_is_not_reached_however_it_is_written(host: str) -> None:
    async with serving(stock) as erp:
        with pytest.raises(SourceFailed) as refused:
            await OpenInternetFetcher(OpenInternet()).pull(asking(f"http://{host}:{erp.port}/"))
    assert erp.asked == []
    assert "s3cret" not in str(refused.value)


@pytest.mark.parametrize(
    "address", ["10.0.0.8", "169.254.169.254", "192.168.0.1", "fd00::1", "::1", "64:ff9b::a00:1"]
)
async def test_a_name_that_resolves_into_the_private_network_is_refused(
    monkeypatch: pytest.MonkeyPatch, address: str
) -> None:
    resolve_all_to(monkeypatch, address)
    with pytest.raises(SourceFailed, match="KUAIHUI_PRIVATE_SOURCES"):
        await OpenInternetFetcher(OpenInternet()).pull(asking("http://erp.example/"))


async def test_a_redirect_into_the_private_network_is_refused() -> None:
    async def inner(request: web.Request) -> web.Response:
        return web.Response(text="of the inner network")

    async with serving(inner, "127.0.0.2") as hidden:

        async def redirect(request: web.Request) -> web.Response:
            return web.Response(status=302, headers={"Location": f"{hidden.address}/admin"})

        async with serving(redirect) as erp:
            with pytest.raises(SourceFailed, match="KUAIHUI_PRIVATE_SOURCES"):
                await LOCAL.pull(asking(erp.address))
    assert hidden.asked == []


async def test_a_name_that_resolves_elsewhere_the_second_time_is_checked_again(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    async with serving(stock, "127.0.0.2") as hidden:

        async def redirect(request: web.Request) -> web.Response:
            return web.Response(status=307, headers={"Location": f"http://erp.example:{hidden.port}/again"})

        async with serving(redirect) as erp:
            asked = resolve_all_to(monkeypatch, "127.0.0.1", "127.0.0.2")
            with pytest.raises(SourceFailed, match="KUAIHUI_PRIVATE_SOURCES"):
                await LOCAL.pull(asking(f"http://erp.example:{erp.port}/"))
    assert asked == ["erp.example", "erp.example"]
    assert hidden.asked == []


async def test_secrets_do_not_go_along_to_another_address() -> None:
    both = OpenInternetFetcher(OpenInternet([ip_network("127.0.0.0/8")]))
    async with serving(stock, "127.0.0.2") as other:

        async def redirect(request: web.Request) -> web.Response:
            if request.path == "/":
                return web.Response(status=302, headers={"Location": "/here"})
            return web.Response(status=302, headers={"Location": f"{other.address}/there"})

        async with serving(redirect) as erp:
            await both.pull(asking(erp.address, etag='"7"'))
    assert [headers.get("Authorization") for _, headers in erp.asked] == ["Bearer s3cret"] * 2
    [(path, headers)] = other.asked
    assert path == "/there"
    assert not {"Authorization", "If-None-Match"} & set(headers)


async def test_redirects_end() -> None:
    async def onwards(request: web.Request) -> web.Response:
        return web.Response(status=302, headers={"Location": f"{request.path}x"})

    async with serving(onwards) as erp:
        with pytest.raises(SourceFailed, match="redirects more than 3 times"):
            await LOCAL.pull(asking(erp.address))
    assert len(erp.asked) == 4


@pytest.mark.parametrize(
    "url",
    [
        "file:///etc/passwd",
        "ftp://erp.example/",
        "gopher://127.0.0.1:6379/_FLUSHALL",
        "http://user:word@erp.example/",
        "//erp.example/",
        "http:///",
        "stock",
    ],
)
async def test_only_plain_web_addresses_are_asked(url: str) -> None:
    with pytest.raises(SourceFailed):
        await LOCAL.pull(asking(url))


async def test_a_redirect_to_another_kind_of_address_is_not_followed() -> None:
    async def redirect(request: web.Request) -> web.Response:
        return web.Response(status=302, headers={"Location": "file:///etc/passwd"})

    async with serving(redirect) as erp:
        with pytest.raises(SourceFailed, match="only http"):
            await LOCAL.pull(asking(erp.address))


async def test_an_answer_without_end_is_cut_off() -> None:
    async def endless(request: web.Request) -> web.StreamResponse:
        response = web.StreamResponse()
        await response.prepare(request)
        with suppress(ConnectionError):
            while True:
                await response.write(b"x" * 65536)
                await asyncio.sleep(0)
        return response

    async with serving(endless) as erp:
        with pytest.raises(SourceFailed, match="larger than"):
            await LOCAL.pull(asking(erp.address))


async def test_a_small_answer_that_unpacks_to_a_large_one_is_refused() -> None:
    packed = gzip.compress(b"0" * 50_000_000)

    async def bomb(request: web.Request) -> web.Response:
        return web.Response(body=packed, headers={"Content-Encoding": "gzip"})

    assert len(packed) < MOST
    async with serving(bomb) as erp:
        with pytest.raises(SourceFailed, match="larger than"):
            await LOCAL.pull(asking(erp.address))


@pytest.mark.parametrize(("cut", "said"), [(0, ""), (5, "cut off"), (3000, "damaged")])
async def test_packed_answers_are_unpacked_if_they_are_whole(cut: int, said: str) -> None:
    packed = gzip.compress(b"sku,stock\n" * 500)
    body = packed[:-cut] if 0 < cut < 100 else packed if not cut else b"\x1f\x8bno"

    async def answer(request: web.Request) -> web.Response:
        return web.Response(body=body, headers={"Content-Encoding": "gzip"})

    async with serving(answer) as erp:
        if not said:
            assert (await LOCAL.pull(asking(erp.address))).content == b"sku,stock\n" * 500
            return
        with pytest.raises(SourceFailed, match=said):
            await LOCAL.pull(asking(erp.address))


async def test_what_goes_on_behind_a_packed_answer_is_refused_and_not_kept() -> None:
    async def endless(request: web.Request) -> web.StreamResponse:
        answer = web.StreamResponse(headers={"Content-Encoding": "gzip"})
        await answer.prepare(request)
        await answer.write(gzip.compress(b"sku,stock\na,1\n"))
        with suppress(ConnectionError):
            for _ in range(100):
                await answer.write(b"0" * MOST)
        return answer

    async with serving(endless) as erp:
        with pytest.raises(SourceFailed, match="goes on behind"):
            await LOCAL.pull(asking(erp.address))


async def test_who_does_not_answer_in_time_is_left() -> None:
    gate = asyncio.Event()

    async def slow(request: web.Request) -> web.StreamResponse:
        response = web.StreamResponse()
        await response.prepare(request)
        await response.write(b"sku,")
        await gate.wait()
        return response

    async with serving(slow) as erp:
        with pytest.raises(SourceFailed, match=r"within 0\.2 seconds"):
            await LOCAL.pull(asking(erp.address, timeout_seconds=0.2))
        gate.set()


async def test_an_answer_that_breaks_off_is_no_answer() -> None:
    async def breaking(request: web.Request) -> web.StreamResponse:
        response = web.StreamResponse(headers={"Content-Length": "1000"})
        await response.prepare(request)
        await response.write(b"sku,stock\na,1\n")
        assert request.transport is not None
        request.transport.close()
        return response

    async with serving(breaking) as erp:
        with pytest.raises(SourceFailed, match="no whole HTTP"):
            await LOCAL.pull(asking(erp.address))


async def test_a_busy_server_says_when_to_come_again() -> None:
    async def busy(request: web.Request) -> web.Response:
        return web.Response(status=429, headers={"Retry-After": "120"})

    async with serving(busy) as erp:
        with pytest.raises(SourceFailed, match="status 429") as refused:
            await LOCAL.pull(asking(erp.address))
    assert refused.value.retry_after == timedelta(minutes=2)


async def test_nobody_there_is_told_without_the_address() -> None:
    async with serving(stock) as erp:
        pass
    with pytest.raises(SourceFailed) as refused:
        await LOCAL.pull(asking(f"{erp.address}/?token=verborgen"))
    assert "verborgen" not in str(refused.value)
    assert "127.0.0.1" not in str(refused.value)


async def test_the_environments_proxy_is_not_used(monkeypatch: pytest.MonkeyPatch) -> None:
    async with serving(stock) as erp:
        monkeypatch.setenv("http_proxy", erp.address)
        resolve_all_to(monkeypatch, "10.0.0.8")
        with pytest.raises(SourceFailed):
            await LOCAL.pull(asking("http://erp.example/"))
    assert erp.asked == []
