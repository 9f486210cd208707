"""The owners' routes of outer channels: set up, change, test, rotate the secret, remove, look at what was not delivered."""

from __future__ import annotations

from typing import Annotated, Any, Final, TypeAlias

from aiohttp import web
from pydantic import Field, field_validator

from bot.domain.account import Right
from bot.domain.channels import Delivery, DeliveryState, Setting, delivery_line
from bot.ports.channels import Channel, Delivered, Outcome, Refused
from bot.services.channels import MOST_SHOWN, ChannelDraft, Channels, ChannelStanding, InvalidChannel
from bot.web.answers import json_answer
from bot.web.authorisation import caller_of, shop_of
from bot.web.bodies import WRONG_FIELDS, Body, read_body
from bot.web.errors import ApiError
from bot.web.openapi_shapes import BOOL, TEXT, WHOLE, list_of, object_of, or_null
from bot.web.route_table import SHOP, ApiRoute
from bot.web.state import SERVICES

_BODY: Final = 64 * 1024
_ANY: Final = tuple(DeliveryState)
_Short: TypeAlias = Annotated[str, Field(max_length=4000)]


class ChannelBody(Body):
    """An outer channel. A secret left out, or null, stays as it is; those that are made here are not given."""

    kind: Annotated[str, Field(min_length=1, max_length=40)]
    name: Annotated[str, Field(min_length=1, max_length=60)]
    enabled: bool = True
    settings: Annotated[dict[str, bool | int | _Short], Field(max_length=40)] = {}
    secrets: Annotated[dict[str, _Short | None], Field(max_length=20)] = {}

    @field_validator("name")
    @classmethod
    def _is_named(cls, value: str) -> str:
        if not value.strip():
            raise ValueError("请填写名称。 give it a name")
        return value.strip()

    def to_draft(self) -> ChannelDraft:
        """Return what the owner wants."""
        settings: dict[str, Setting] = dict(self.settings)
        return ChannelDraft(self.kind, self.name, self.enabled, settings, self.secrets)


class NewChannelBody(ChannelBody):
    """A channel to set up, under an id of the owner's choice; "" has one made."""

    id: Annotated[str, Field(max_length=40)] = ""


def _channels(request: web.Request) -> Channels:
    return request.app[SERVICES].channels


def _place(request: web.Request) -> tuple[str, str]:
    return shop_of(request, Right.SET_POLICY), request.match_info["channel"]


async def list_channels(request: web.Request) -> web.Response:
    """Return the shop's outer channels and how they do, and the kinds that there are; secrets stay where they are."""
    shop, channels = shop_of(request, Right.SET_POLICY), _channels(request)
    standings = await channels.standings(shop)
    return json_answer(
        {
            "channels": [
                _standing_data(each, channels.address_of(shop, each.kept.channel)) for each in standings
            ],
            "kinds": [_kind_data(each) for each in channels.adapters.values()],
        }
    )


async def create_channel(request: web.Request) -> web.Response:
    """Set up an outer channel. The secrets that are made are in this answer and in no other."""
    shop = shop_of(request, Right.SET_POLICY)
    body = await read_body(request, NewChannelBody, limit=_BODY)
    try:
        made, secrets = await _channels(request).create(
            shop, body.to_draft(), caller_of(request).account, body.id
        )
    except InvalidChannel as error:
        raise ApiError(422, WRONG_FIELDS, error.fields) from None
    address = _channels(request).address_of(shop, made, secrets)
    return json_answer({"id": made.id, "address": address, "secrets": dict(secrets)}, status=201)


async def change_channel(request: web.Request) -> web.Response:
    """Change an outer channel. A secret that was entered for one address is not sent to another: it is asked for again."""
    shop, channel = _place(request)
    body = await read_body(request, ChannelBody, limit=_BODY)
    try:
        await _channels(request).change(shop, channel, body.to_draft(), caller_of(request).account)
    except InvalidChannel as error:
        raise ApiError(422, WRONG_FIELDS, error.fields) from None
    return web.Response(status=204)


async def delete_channel(request: web.Request) -> web.Response:
    """Remove an outer channel; what waits for it is not delivered, its conversations stay."""
    shop, channel = _place(request)
    await _channels(request).remove(shop, channel, caller_of(request).account)
    return web.Response(status=204)


async def rotate_secret(request: web.Request) -> web.Response:
    """Make the channel's own secrets anew: they are in this answer and in no other. Those before are taken for a day more."""
    shop, channel = _place(request)
    rotated, made = await _channels(request).rotate(shop, channel, caller_of(request).account)
    address = _channels(request).address_of(shop, rotated, made)
    return json_answer({"address": address, "secrets": dict(made)})


async def test_channel(request: web.Request) -> web.Response:
    """Try whether the other side can be reached and knows our secret; buyers see nothing of it."""
    shop, channel = _place(request)
    return json_answer(_outcome_data(await _channels(request).test(shop, channel)))


async def list_deliveries(request: web.Request) -> web.Response:
    """List what went out through the channel, newest first: ?state=waiting|sent|dead|expired, as often as wanted."""
    shop, channel = _place(request)
    asked = request.query.getall("state", [])
    if unknown := sorted(set(asked) - {state.value for state in _ANY}):
        known = ", ".join(state.value for state in _ANY)
        raise ApiError(422, f"there is no state {unknown[0][:40]}", {"state": f"one of {known}"})
    states = [DeliveryState(each) for each in asked] or list(_ANY)
    found = await _channels(request).deliveries(shop, channel, states, MOST_SHOWN)
    return json_answer({"deliveries": [_delivery_data(each) for each in found]})


async def retry_delivery(request: web.Request) -> web.Response:
    """Try a delivery that failed again."""
    shop, position = shop_of(request, Right.ANSWER), request.match_info["position"]
    if not (position.isascii() and position.isdecimal()) or len(position) > 9:
        raise ApiError(422, "position: a whole number", {"position": "a whole number"})
    again = await _channels(request).retry(shop, request.match_info["conversation"], int(position))
    return json_answer(_delivery_data(again))


def _standing_data(standing: ChannelStanding, address: str) -> dict[str, Any]:
    kept, channel = standing.kept, standing.kept.channel
    return {
        "id": channel.id,
        "kind": channel.kind,
        "name": channel.name,
        "enabled": channel.enabled,
        "settings": dict(channel.settings),
        "address": address,
        "made_at": kept.made_at.isoformat(),
        "changed_at": kept.changed_at.isoformat(),
        "waiting": standing.waiting,
        "failed": standing.failed,
    }


def _kind_data(adapter: Channel) -> dict[str, Any]:
    return {
        "kind": adapter.kind,
        "fields": [
            {
                "name": field.name, "zh": field.zh, "en": field.en, "sort": field.sort, "secret": field.secret,
                "generated": field.generated, "required": field.required, "usual": field.usual,
                "in_address": field.in_address,
            }
            for field in adapter.fields
        ],
    }  # fmt: skip


def _outcome_data(outcome: Outcome) -> dict[str, Any]:
    if isinstance(outcome, Delivered):
        return {"ok": True, "problem": "", "lasting": False}
    return {"ok": False, "problem": outcome.why, "lasting": isinstance(outcome, Refused)}


def _delivery_data(delivery: Delivery) -> dict[str, Any]:
    return {
        **delivery_line(delivery),
        "conversation": delivery.conversation,
        "key": delivery.key,
        "author": delivery.author,
        "at": delivery.at.isoformat(),
        "due_at": delivery.due_at.isoformat(),
        "settled_at": delivery.settled_at.isoformat() if delivery.settled_at is not None else None,
        "external_id": delivery.external_id,
    }


_SETTING: Final = {"type": ["string", "boolean", "integer"]}
_TEXTS_BY_NAME: Final = {"type": "object", "additionalProperties": TEXT}
_DELIVERY: Final = object_of(
    position=WHOLE, number=or_null(WHOLE), status=TEXT, state=TEXT, attempts=WHOLE, error=TEXT, conversation=TEXT,
    key=TEXT, author=TEXT, at=TEXT, due_at=TEXT, settled_at=or_null(TEXT), external_id=TEXT,
)  # fmt: skip
CHANNEL_RESPONSES: Final[dict[str, dict[str, Any]]] = {
    "Channels": object_of(
        channels=list_of(object_of(
            id=TEXT, kind=TEXT, name=TEXT, enabled=BOOL, address=TEXT, made_at=TEXT, changed_at=TEXT, waiting=WHOLE,
            failed=WHOLE, settings={"type": "object", "additionalProperties": _SETTING},
        )),
        kinds=list_of(object_of(
            kind=TEXT,
            fields=list_of(object_of(
                name=TEXT, zh=TEXT, en=TEXT, sort=TEXT, secret=BOOL, generated=BOOL, required=BOOL, usual=_SETTING,
                in_address=BOOL,
            )),
        )),
    ),
    "MadeChannel": object_of(id=TEXT, address=TEXT, secrets=_TEXTS_BY_NAME),
    "MadeSecrets": object_of(address=TEXT, secrets=_TEXTS_BY_NAME),
    "ChannelTrial": object_of(ok=BOOL, problem=TEXT, lasting=BOOL),
    "Delivery": _DELIVERY,
    "Deliveries": object_of(deliveries=list_of("Delivery")),
}  # fmt: skip

_OF_OWNERS: Final = Right.SET_POLICY
_ALL: Final = f"{SHOP}/channels"
_ONE: Final = f"{_ALL}/{{channel}}"
_DELIVERY_PATH: Final = f"{SHOP}/conversations/{{conversation}}/deliveries/{{position}}/retry"
CHANNEL_ROUTES: Final = (
    ApiRoute("GET", _ALL, list_channels, returns="Channels", needs=_OF_OWNERS),
    ApiRoute("POST", _ALL, create_channel, NewChannelBody, "MadeChannel", (201, 409), _OF_OWNERS),
    ApiRoute("PUT", _ONE, change_channel, ChannelBody, answers=(204,), needs=_OF_OWNERS),
    ApiRoute("DELETE", _ONE, delete_channel, answers=(204,), needs=_OF_OWNERS),
    ApiRoute("POST", f"{_ONE}/secret", rotate_secret, None, "MadeSecrets", (200, 409), _OF_OWNERS),
    ApiRoute("POST", f"{_ONE}/test", test_channel, None, "ChannelTrial", needs=_OF_OWNERS),
    ApiRoute("GET", f"{_ONE}/deliveries", list_deliveries, returns="Deliveries", needs=_OF_OWNERS),
    ApiRoute("POST", _DELIVERY_PATH, retry_delivery, None, "Delivery", (200, 409), Right.ANSWER),
)
"""The routes, for routes.py."""
