"""Calls of Chatwoot's API, and what its answers mean for a delivery. Neither texts nor tokens stand in any reason."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Final

import aiohttp
from aiohttp import hdrs
from yarl import URL

from bot.open_internet import OpenInternet, reason_of
from bot.ports.channels import ChannelPlace, Delivered, Outcome, Refused, Retry

_SECONDS: Final = 8.0
_MOST_BYTES: Final = 4 * 1024 * 1024
_BLOCK: Final = 64 * 1024
_PLAIN: Final[Mapping[str, str]] = {hdrs.ACCEPT_ENCODING: "identity", hdrs.USER_AGENT: "Kuaihui"}
_LONGEST_WAIT: Final = 3600
_UNAUTHORISED: Final = (
    "Chatwoot 不接受这个令牌（{status}）：请在 Chatwoot 的机器人或个人资料里复制访问令牌，填进渠道设置后重试。 "
    "Chatwoot does not accept the token ({status}): copy the access token from the agent bot or the profile there into the "
    "channel's settings, then retry"
)
_GONE: Final = (
    "Chatwoot 里没有这个会话（404）：它已被删除，或渠道设置里的账户编号不对。 Chatwoot has no such conversation (404): it was "
    "deleted, or the account number in the channel's settings is wrong"
)
_MOVED: Final = (
    "这个地址转到了别处（{status}）：请在渠道设置里填写 Chatwoot 的最终地址（通常是 https）。 the address redirects ({status}): "
    "write Chatwoot's final address, mostly with https, into the channel's settings"
)
_UNWANTED: Final = "Chatwoot 拒绝了它（{status}）。 Chatwoot refuses it ({status})"
_AILING: Final = "Chatwoot 返回 {status}。 Chatwoot answers with {status}"
_LATE: Final = "Chatwoot {seconds:g} 秒内没有答完。 no whole answer from Chatwoot within {seconds:g} seconds"
_LOST: Final = "无法连接 Chatwoot。 Chatwoot cannot be reached"
GARBLED: Final = "Chatwoot 的回答无法读懂。 Chatwoot's answer cannot be read"


@dataclass(frozen=True, slots=True)
class Answer:
    """What Chatwoot answered; `body` is None when it is no JSON."""

    status: int
    body: Any = None
    after: timedelta | None = None

    @property
    def is_done(self) -> bool:
        """Whether it did what was asked."""
        return 200 <= self.status < 300

    def outcome(self) -> Outcome:
        """Return what it means for a delivery that was asked for by the call."""
        if self.is_done:
            return self._written()
        if self.status in (401, 403):
            return Refused(_UNAUTHORISED.format(status=self.status))
        if self.status == 404:
            return Refused(_GONE)
        if self.status in (408, 425, 429) or self.status >= 500:
            return Retry(_AILING.format(status=self.status), self.after)
        if 300 <= self.status < 400:
            return Refused(_MOVED.format(status=self.status))
        return Refused(_UNWANTED.format(status=self.status))

    def _written(self) -> Outcome:
        if not isinstance(self.body, Mapping):
            return Retry(GARBLED)
        number = self.body.get("id")
        return Delivered(str(number) if isinstance(number, int) else "")


class Unreached(Exception):
    """No whole answer came; the message says why."""


class ChatwootApi:
    """One account's API, asked with one token of it."""

    def __init__(self, net: OpenInternet, place: ChannelPlace, token: str) -> None:
        settings = place.channel.settings
        self._net = net
        self._base = URL(str(settings["url"])) / "api" / "v1" / "accounts" / str(settings["account"])
        self._token = token

    async def post(
        self, path: str, body: Mapping[str, Any] | None = None, form: aiohttp.FormData | None = None
    ) -> Answer:
        """Raises Unreached."""
        sent: dict[str, Any] = {"data": form} if form is not None else {"json": dict(body or {})}
        return await self._ask(hdrs.METH_POST, self._base.joinpath(*path.split("/")), sent)

    async def get(self, path: str, **query: int) -> Answer:
        """Raises Unreached."""
        url = self._base.joinpath(*path.split("/")).with_query(query)
        return await self._ask(hdrs.METH_GET, url, {})

    async def _ask(self, method: str, url: URL, sent: Mapping[str, Any]) -> Answer:
        # Nothing is unpacked for us: a small answer may unpack to more than the memory holds.
        headers: dict[str, str] = {"api_access_token": self._token, "Accept": "application/json", **_PLAIN}
        try:
            async with (
                asyncio.timeout(_SECONDS),
                self._net.session() as session,
                session.request(method, url, headers=headers, allow_redirects=False, **sent) as answer,
            ):
                return Answer(answer.status, await _json_of(answer), _wait_of(answer))
        except TimeoutError:
            raise Unreached(_LATE.format(seconds=_SECONDS)) from None
        except aiohttp.ClientError as error:
            raise Unreached(reason_of(error)) from None
        except (ValueError, OSError) as error:
            # What a host name or a port of odd shape makes the resolver say.
            raise Unreached(f"{_LOST} ({type(error).__name__})") from None


async def _json_of(answer: aiohttp.ClientResponse) -> Any:
    content = bytearray()
    async for block in answer.content.iter_chunked(_BLOCK):
        content += block
        if len(content) > _MOST_BYTES:
            return None
    try:
        return json.loads(content)
    except (ValueError, RecursionError):
        return None


def _wait_of(answer: aiohttp.ClientResponse) -> timedelta | None:
    asked = answer.headers.get(hdrs.RETRY_AFTER, "")
    if not (asked.isascii() and asked.isdecimal()) or len(asked) > 6:
        return None
    return timedelta(seconds=min(int(asked), _LONGEST_WAIT))
