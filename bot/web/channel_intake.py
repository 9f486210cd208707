"""Where outer channels send what buyers say: no session, no token; each kind of channel says how it knows its own.

An answer of 200 says that all of it is committed. Nothing of a request is logged but how large it was and what became of it.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from aiohttp import web

from bot.domain.networks import network_of
from bot.domain.shop import InvalidShopId, shop_id
from bot.ports import Conflict, NotFound, Unavailable
from bot.ports.channels import Incoming, Unreadable, Unverified
from bot.services.channel_receiving import ChannelReceiving, Took
from bot.services.chat_limits import REFUSAL_BY_ADDRESS, REQUEST_BY_CHANNEL, ChatLimits
from bot.web.addresses import client_address
from bot.web.answers import json_answer
from bot.web.authorisation import open_to_all
from bot.web.errors import ApiError, error_response

_log = logging.getLogger(__name__)
LARGEST: Final = 1024 * 1024
_BLOCK: Final = 64 * 1024
_PATH: Final = "/channels/{shop}/{channel}"


@dataclass(frozen=True, slots=True)
class Intake:
    """What takes requests in, and how many of them."""

    receiving: ChannelReceiving
    limits: ChatLimits


INTAKE: Final = web.AppKey("intake", Intake)


def add_intake(app: web.Application, intake: Intake) -> None:
    """Serve the addresses of outer channels."""
    app[INTAKE] = intake
    app.router.add_post(_PATH, take_in)
    app.router.add_post(f"{_PATH}/{{tail}}", take_in)


@open_to_all
async def take_in(request: web.Request) -> web.Response:
    """Take what a channel sends: 200 when all of it is committed, also when it had come before ("duplicate")."""
    shop, channel = request.match_info["shop"], request.match_info["channel"]
    receiving = request.app[INTAKE].receiving
    try:
        return await _take(request, shop, channel)
    except (Unavailable, Conflict) as error:
        _log.warning("what came for channel %s of shop %s could not be taken: %s", channel, shop, error)
        return error_response(receiving.busy_status(shop, channel), "not taken now: send it again")


async def _take(request: web.Request, shop: str, channel: str) -> web.Response:
    intake = request.app[INTAKE]
    network = network_of(client_address(request))
    # Looked at first: whoever guesses shall not cost the database anything.
    _require_room(intake.limits.wait_of(REFUSAL_BY_ADDRESS, network))
    try:
        place, adapter = await intake.receiving.place_of(shop_id(shop), channel)
        incoming = Incoming(_headers(request), await _body(request), request.match_info.get("tail", ""))
        arrived = intake.receiving.read(place, adapter, incoming)
        _require_room(intake.limits.take((REQUEST_BY_CHANNEL, f"{shop}/{channel}")))
        taken = await intake.receiving.take(place, arrived)
    except (InvalidShopId, NotFound):
        intake.limits.take((REFUSAL_BY_ADDRESS, network))
        raise NotFound("there is no such channel") from None
    except Unverified as error:
        intake.limits.take((REFUSAL_BY_ADDRESS, network))
        _log.info("refused what came for channel %s of shop %s: %s", channel, shop, error)
        raise ApiError(401, str(error)) from None
    except Unreadable as error:
        wrong = ", ".join(error.fields) or "its form"
        _log.info("what came for channel %s of shop %s cannot be read: %s", channel, shop, wrong)
        raise ApiError(422 if error.fields else 400, str(error), error.fields) from None
    _log.debug("channel %s of shop %s: %d bytes, %d taken", channel, shop, len(incoming.body), len(taken))
    return json_answer(_answer(taken))


def _require_room(wait: float) -> None:
    if wait > 0:
        headers = {"Retry-After": f"{max(1, round(wait))}"}
        raise ApiError(
            429, f"too many requests; wait {wait:.0f} seconds", {"retry_after": f"{wait:.1f}"}, headers
        )


def _headers(request: web.Request) -> Mapping[str, str]:
    return {name.lower(): value for name, value in request.headers.items()}


async def _body(request: web.Request) -> bytes:
    """Read the body, and no more of it than a request may have."""
    if (request.content_length or 0) > LARGEST:
        raise _too_large()
    content = bytearray()
    try:
        async for chunk in request.content.iter_chunked(_BLOCK):
            content += chunk
            if len(content) > LARGEST:
                raise _too_large()
    except ConnectionError:
        raise ApiError(400, "the connection ended before the whole request was there") from None
    return bytes(content)


def _too_large() -> ApiError:
    return ApiError(413, f"the request is larger than {LARGEST // 1024} KB; send images by their address")


def _answer(taken: list[Took]) -> dict[str, Any]:
    """Return what is answered: `duplicate` when nothing of it was new."""
    events = [
        {
            "id": each.id,
            "conversation": each.taken.conversation,
            "message": each.taken.number,
            "duplicate": not each.is_new,
        }
        for each in taken
    ]
    return {"duplicate": bool(taken) and not any(each.is_new for each in taken), "events": events}
