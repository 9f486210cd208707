"""Asking addresses that owners named, over connections that reach the open internet only."""

from __future__ import annotations

import asyncio
import zlib
from collections.abc import Mapping
from datetime import timedelta
from typing import Any, Final

import aiohttp
from aiohttp import hdrs
from yarl import URL

from bot.open_internet import OpenInternet, address_problem, reason_of
from bot.ports.fact_sources import Pulled, Request, SourceFailed

_HOPS: Final = 3
_REDIRECTS: Final = frozenset((301, 302, 303, 307, 308))
_BUSY: Final = frozenset((429, 503))
_LONGEST_WAIT: Final = 24 * 3600
_BLOCK: Final = 64 * 1024
_PLAIN: Final = frozenset(("", "identity"))


class OpenInternetFetcher:
    """The HttpFetcher of bot.ports. It reaches what its `internet` reaches, nothing else."""

    def __init__(self, internet: OpenInternet) -> None:
        self._internet = internet

    async def pull(self, request: Request) -> Pulled:
        try:
            async with asyncio.timeout(request.timeout_seconds), self._internet.session() as session:
                return await self._follow(session, request)
        except TimeoutError:
            raise SourceFailed(
                f"{request.timeout_seconds:g} 秒内没有答完。 no whole answer within {request.timeout_seconds:g} seconds"
            ) from None
        except aiohttp.ClientError as error:
            raise SourceFailed(reason_of(error)) from None
        except (ValueError, OSError) as error:
            # What a host name or a port of odd shape makes the resolver say.
            raise SourceFailed(f"无法连接。 cannot be reached ({type(error).__name__})") from None

    async def _follow(self, session: aiohttp.ClientSession, request: Request) -> Pulled:
        url, headers = _checked(URL(request.url)), _headers_of(request)
        for _ in range(_HOPS + 1):
            async with session.get(url, headers=headers, allow_redirects=False) as answer:
                if answer.status not in _REDIRECTS:
                    return await _read(answer, request)
                following = _checked(url.join(URL(answer.headers.get(hdrs.LOCATION, ""))))
            if url.scheme == "https" and following.scheme == "http":
                raise SourceFailed("被转到不加密的地址。 it redirects from https to http")
            if following.origin() != url.origin():
                # Whoever stands behind another address was told no secret.
                headers = _headers_of(Request("", {}, 0, 0))
            url = following
        raise SourceFailed(f"转址超过 {_HOPS} 次。 it redirects more than {_HOPS} times")


def _checked(url: URL) -> URL:
    if problem := address_problem(url):
        raise SourceFailed(problem)
    return url


def _headers_of(request: Request) -> dict[str, str]:
    headers = {"Accept": "*/*", "Accept-Encoding": "gzip", "User-Agent": "Kuaihui", **request.headers}
    if request.etag:
        headers[hdrs.IF_NONE_MATCH] = request.etag
    if request.last_modified:
        headers[hdrs.IF_MODIFIED_SINCE] = request.last_modified
    return headers


async def _read(answer: aiohttp.ClientResponse, request: Request) -> Pulled:
    if answer.status == 304 and (request.etag or request.last_modified):
        return Pulled(None, etag=request.etag, last_modified=request.last_modified)
    if answer.status != 200:
        raise SourceFailed(
            f"对方返回 {answer.status}。 it answers with status {answer.status}", _wait_of(answer)
        )
    if (answer.content_length or 0) > request.max_bytes:
        raise _too_large(request)
    content = bytearray()
    unpack = _unpacker(answer.headers)
    async for block in answer.content.iter_chunked(_BLOCK):
        room = request.max_bytes - len(content)
        content += block if unpack is None else _unpacked(unpack, block, room)
        if len(content) > request.max_bytes:
            raise _too_large(request)
    if unpack is not None and not unpack.eof:
        raise SourceFailed("压缩的内容不完整。 the compressed answer is cut off")
    return Pulled(
        bytes(content), answer.content_type, _mark(answer, hdrs.ETAG), _mark(answer, hdrs.LAST_MODIFIED)
    )


def _mark(answer: aiohttp.ClientResponse, name: str) -> str:
    """Return a validator to send back; one of unheard-of length is passed over."""
    value = answer.headers.get(name, "")
    return value if len(value) <= 200 else ""


def _unpacker(headers: Mapping[str, str]) -> Any:
    coding = headers.get(hdrs.CONTENT_ENCODING, "").strip().lower()
    if coding in _PLAIN:
        return None
    if coding in ("gzip", "x-gzip"):
        return zlib.decompressobj(wbits=zlib.MAX_WBITS | 16)
    raise SourceFailed("对方用了没有要求的压缩方式。 it answers in a compression that was not asked for")


def _unpacked(unpack: Any, block: bytes, room: int) -> bytes:
    """Unpack at most one byte more than there is room for: a small answer may unpack to more than the memory holds."""
    try:
        unpacked: bytes = unpack.decompress(block, room + 1)
    except zlib.error:
        raise SourceFailed("压缩的内容已损坏。 the compressed answer is damaged") from None
    if unpack.unused_data:
        # It would be kept in memory without end, and be missing from what is taken.
        raise SourceFailed("压缩的内容之后还有别的内容。 something goes on behind the compressed answer")
    return unpacked


def _too_large(request: Request) -> SourceFailed:
    most = f"{request.max_bytes / 1024 / 1024:g} MB"
    return SourceFailed(f"内容超过 {most}，没有读取。 the answer is larger than {most}; it was not taken")


def _wait_of(answer: aiohttp.ClientResponse) -> timedelta | None:
    """Return how long a busy server asks us to wait."""
    asked = answer.headers.get(hdrs.RETRY_AFTER, "")
    if answer.status not in _BUSY or not (asked.isascii() and asked.isdecimal()) or len(asked) > 6:
        return None
    return timedelta(seconds=min(int(asked), _LONGEST_WAIT))
