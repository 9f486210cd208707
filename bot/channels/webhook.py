"""The generic webhook: an integrator's system sends buyers' messages here and is sent the shop's, both ways signed alike.

The signature is HMAC-SHA256, by the channel's secret, over the timestamp, a full stop and the body: see docs/channels.md.
"""

from __future__ import annotations

import asyncio
import base64
import hashlib
import hmac
import io
import json
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any, Final

import aiohttp
from aiohttp import hdrs
from yarl import URL

from bot.channels.webhook_reading import read_came
from bot.domain.channels import Setting, bare_external_id, verified_id
from bot.open_internet import OpenInternet, address_problem, reason_of
from bot.ports.channels import (
    Came,
    ChannelField,
    ChannelPlace,
    Delivered,
    Incoming,
    Outcome,
    Outgoing,
    Refused,
    Retry,
    Unverified,
)

TIMESTAMP: Final = "X-Kuaihui-Timestamp"
SIGNATURE: Final = "X-Kuaihui-Signature"
IDEMPOTENCY_KEY: Final = "Idempotency-Key"
WINDOW: Final = timedelta(minutes=5)
"""So far the sender's clock may be off; a request that was overheard is worth nothing after that."""

_TIMEOUT: Final = 15.0
_LARGEST_ANSWER: Final = 64 * 1024
_NEVER_TAKEN: Final = frozenset((400, 410, 413, 415, 422))
_HAD_IT: Final = 409
_LONGEST_WAIT: Final = 3600
_FIELDS: Final = (
    ChannelField("url", "接收地址", "Address that is sent the shop's messages", "url", usual=""),
    ChannelField(
        "vouches", "买家身份由对方系统核实", "Your system vouches for the buyers' ids", "flag",
        required=False, usual=False,
    ),
    ChannelField("secret", "签名密钥", "Signing secret", secret=True, generated=True),
)  # fmt: skip


def sign(secret: str, timestamp: str, body: bytes) -> str:
    """Return the signature of a request."""
    digest = hmac.new(secret.encode(), timestamp.encode() + b"." + body, hashlib.sha256)
    return f"v1={digest.hexdigest()}"


class WebhookChannel:
    """The Channel of bot.ports for whoever can send and take signed JSON."""

    kind: Final = "webhook"
    fields: Sequence[ChannelField] = _FIELDS
    busy_status: Final = 503

    def __init__(self, internet: OpenInternet) -> None:
        self._internet = internet

    def problems(self, settings: Mapping[str, Setting]) -> Mapping[str, str]:
        try:
            problem = address_problem(URL(str(settings["url"])))
        except ValueError:
            problem = "地址写法不对。 this is no address"
        return {"url": problem} if problem else {}

    def read(self, place: ChannelPlace, incoming: Incoming, now: datetime) -> Sequence[Came]:
        _verify(place, incoming, now)
        return read_came(incoming.body, vouches=bool(place.channel.settings.get("vouches", False)))

    async def deliver(self, place: ChannelPlace, outgoing: Outgoing) -> Outcome:
        return await self._post(place, outgoing.delivery.key, _document(place, outgoing))

    async def find_mark(self, place: ChannelPlace, outgoing: Outgoing) -> Delivered | Retry | None:
        return None  # The key goes along each time: who has it already takes it as it is.

    async def test(self, place: ChannelPlace) -> Outcome:
        now = datetime.now(UTC)
        document = {"type": "ping", "id": f"ping-{now.timestamp():.0f}", **_whence(place)}
        return await self._post(place, str(document["id"]), document)

    async def _post(self, place: ChannelPlace, key: str, document: Mapping[str, Any]) -> Outcome:
        body = json.dumps(document, ensure_ascii=False, separators=(",", ":")).encode()
        timestamp = f"{datetime.now(UTC).timestamp():.0f}"
        headers = {
            hdrs.CONTENT_TYPE: "application/json",
            hdrs.USER_AGENT: "Kuaihui",
            IDEMPOTENCY_KEY: key,
            TIMESTAMP: timestamp,
            SIGNATURE: sign(place.secrets.get("secret", ""), timestamp, body),
        }
        try:
            async with asyncio.timeout(_TIMEOUT), self._internet.session() as session:
                url = URL(str(place.channel.settings["url"]))
                # As a stream: written at once, a large image would hold up everybody else.
                stream = io.BytesIO(body)
                async with session.post(url, data=stream, headers=headers, allow_redirects=False) as answer:
                    return await _outcome(answer)
        except TimeoutError:
            return Retry(f"{_TIMEOUT:g} 秒内没有答完。 no whole answer within {_TIMEOUT:g} seconds")
        except aiohttp.ClientError as error:
            return Retry(reason_of(error))
        except (ValueError, OSError) as error:
            # What a host name or a port of odd shape makes the resolver say.
            return Retry(f"无法连接。 cannot be reached ({type(error).__name__})")


def _verify(place: ChannelPlace, incoming: Incoming, now: datetime) -> None:
    """Raises Unverified unless the request was signed with the channel's secret a short while ago."""
    timestamp = incoming.headers.get(TIMESTAMP.lower(), "")
    given = incoming.headers.get(SIGNATURE.lower(), "")
    if not given or not timestamp:
        raise Unverified(f"the request is not signed: {TIMESTAMP} and {SIGNATURE} are needed")
    if not (timestamp.isascii() and timestamp.isdecimal()) or len(timestamp) > 12:
        raise Unverified(f"{TIMESTAMP}: seconds since 1970 as a whole number")
    if abs(now.timestamp() - int(timestamp)) > WINDOW.total_seconds():
        minutes = WINDOW // timedelta(minutes=1)
        raise Unverified(f"{TIMESTAMP}: more than {minutes} minutes from this server's clock")
    signatures = (sign(each, timestamp, incoming.body) for each in place.accepted("secret", now))
    if not any([hmac.compare_digest(each.encode(), given.encode("utf-8", "replace")) for each in signatures]):
        raise Unverified(f"{SIGNATURE}: not the signature of this body and timestamp by the channel's secret")


def _whence(place: ChannelPlace) -> dict[str, str]:
    return {"shop": place.shop, "channel": place.channel.id}


def _document(place: ChannelPlace, outgoing: Outgoing) -> dict[str, Any]:
    """Return what is sent: see docs/channels.md."""
    delivery = outgoing.delivery
    document: dict[str, Any] = {
        "type": "status" if delivery.status else "message",
        "id": delivery.key,
        **_whence(place),
        "conversation": delivery.conversation,
        "thread": outgoing.thread,
        "buyer": {"id": bare_external_id(outgoing.buyer), "verified": bool(verified_id(outgoing.buyer))},
        "at": delivery.at.isoformat(),
    }
    if delivery.status:
        handed = {"reason": outgoing.reason, "urgent": outgoing.urgent, "note": outgoing.note}
        return {**document, "status": delivery.status, **(handed if outgoing.reason else {})}
    said = {"text": outgoing.text, "automatic": delivery.author == "auto", "marked": outgoing.marked}
    if outgoing.image is not None:
        content = base64.b64encode(outgoing.image.content).decode()
        said["image"] = {"media_type": outgoing.image.media_type, "content": content}
    return {**document, **said}


async def _outcome(answer: aiohttp.ClientResponse) -> Outcome:
    if answer.status == _HAD_IT or 200 <= answer.status < 300:
        return Delivered(await _id_of(answer))
    why = f"对方返回 {answer.status}。 it answers with status {answer.status}"
    return Refused(why) if answer.status in _NEVER_TAKEN else Retry(why, _wait_of(answer))


async def _id_of(answer: aiohttp.ClientResponse) -> str:
    """Return the id that the other side gave, if its answer holds one."""
    if answer.content_type != "application/json" or hdrs.CONTENT_ENCODING in answer.headers:
        return ""
    content = await answer.content.read(_LARGEST_ANSWER)
    try:
        given = json.loads(content)
    except (ValueError, RecursionError):
        return ""
    external = given.get("id") if isinstance(given, dict) else None
    return external[:200].replace("\0", "") if isinstance(external, str) else ""


def _wait_of(answer: aiohttp.ClientResponse) -> timedelta | None:
    asked = answer.headers.get(hdrs.RETRY_AFTER, "")
    if not (asked.isascii() and asked.isdecimal()) or len(asked) > 6:
        return None
    return timedelta(seconds=min(int(asked), _LONGEST_WAIT))
