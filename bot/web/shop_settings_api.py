"""Routes of a shop's settings: its name and look, its members, a trade's first entries; and new shops, for admins."""

from __future__ import annotations

from typing import Annotated, Any, Final

from aiohttp import web
from pydantic import BeforeValidator, Field

from bot.domain.account import Account, Membership, Right
from bot.domain.phrase_reading import title_of
from bot.services.document_fields import Text
from bot.services.documents import ShopDocument
from bot.services.entry_finding import EntryQuery
from bot.services.rendering import shop_data
from bot.services.shop_settings import ShopSettings
from bot.services.starter_packs import Starter, StarterPlan
from bot.services.workspace_data import policy_data
from bot.web.account_api import membership_data
from bot.web.answers import json_answer
from bot.web.authorisation import Needs, author_of, caller_of, shop_of
from bot.web.bodies import read_body
from bot.web.clock import request_time
from bot.web.openapi_shapes import BOOL, TEXT, TEXTS, WHOLE, list_of, object_of, ref
from bot.web.route_table import BASE, SHOP, ApiRoute
from bot.web.sessions import SESSIONS
from bot.web.state import SERVICES

_MAX_BODY: Final = 64 * 1024
_MOST_ALIASES: Final = 50


def _one_line(value: Any) -> Any:
    return " ".join(value.split()) if isinstance(value, str) else value


class ShopBody(ShopDocument):
    """What a shop is called and looks like. The path names the shop: an id given here is not read."""

    id: str = "shop"
    name: Annotated[str, BeforeValidator(_one_line), Field(min_length=1, max_length=60)]
    name_en: Annotated[str, BeforeValidator(_one_line), Field(max_length=60)] = ""
    avatar: Annotated[str, BeforeValidator(_one_line), Field(max_length=4)] = ""
    aliases: Annotated[
        list[Annotated[Text, BeforeValidator(_one_line), Field(min_length=1, max_length=60)]],
        Field(max_length=_MOST_ALIASES),
    ] = []


def _settings(request: web.Request) -> ShopSettings:
    return request.app[SERVICES].settings


async def get_settings(request: web.Request) -> web.Response:
    """Return what a shop is called and looks like, how it serves, and who works there."""
    shop = shop_of(request, Right.SET_POLICY)
    sheet = await _settings(request).sheet(shop)
    found = await request.app[SERVICES].console.finder.find(shop, EntryQuery(limit=1))
    members = [_member_data(account, membership, request) for account, membership in sheet.members]
    return json_answer(
        {
            "shop": shop_data(sheet.shop),
            "policy": policy_data(sheet.policy),
            "members": sorted(members, key=lambda each: (each["role"] != "owner", each["name"])),
            "entries": found.total,
        }
    )


def _member_data(account: Account, membership: Membership, request: web.Request) -> dict[str, Any]:
    data = membership_data(membership, request_time(request))
    return {"name": account.name} | {key: value for key, value in data.items() if key != "shop"}


async def put_settings(request: web.Request) -> web.Response:
    """Write what a shop is called and looks like; open pages and the guard follow within a second."""
    shop = shop_of(request, Right.SET_POLICY)
    body = await read_body(request, ShopBody, limit=_MAX_BODY)
    return json_answer(shop_data(await _settings(request).rename(shop, body, caller_of(request).account)))


async def list_starters(request: web.Request) -> web.Response:
    """List the trades that a new shop's first entries can be taken from."""
    shop_of(request, Right.EDIT)
    starters = await _settings(request).starters.starters()
    return json_answer({"starters": [_starter_data(each) for each in starters]})


def _starter_data(starter: Starter) -> dict[str, Any]:
    return {
        "id": starter.id,
        "name": starter.name,
        "name_en": starter.name_en,
        "entries": len(starter.entries),
    }


async def preview_starter(request: web.Request) -> web.Response:
    """Show what a trade's starter pack would bring the shop; nothing is written, what the shop has stays."""
    shop = shop_of(request, Right.EDIT)
    plan = await _settings(request).starters.plan(shop, request.match_info["starter"])
    return json_answer(_plan_data(plan, 0))


async def apply_starter(request: web.Request) -> web.Response:
    """Put a starter pack's entries into the shop, those that it has not, all or nothing; undone as an import is."""
    shop = shop_of(request, Right.EDIT)
    plan, written = await _settings(request).starters.apply(
        shop, request.match_info["starter"], author_of(request)
    )
    return json_answer(_plan_data(plan, written))


def _plan_data(plan: StarterPlan, written: int) -> dict[str, Any]:
    entries = [
        {
            "id": each.entry.id, "group": each.entry.group, "question": title_of(each.entry),
            "reply": each.entry.reply or next(iter(each.entry.cases.values()), ""),
            "phrasings": len(each.entry.all_phrasings), "short_code": each.entry.short_code, "is_new": each.is_new,
        }
        for each in plan.entries
    ]  # fmt: skip
    return {
        "starter": _starter_data(plan.starter),
        "entries": entries,
        "missing": list(plan.missing),
        "written": written,
    }


async def create_shop(request: web.Request) -> web.Response:
    """Make a shop of one's organisation and become its owner."""
    account = caller_of(request).account
    body = await read_body(request, ShopBody, limit=_MAX_BODY)
    made = await _settings(request).create(body, account)
    request.app[SESSIONS].forget(account.id)
    return json_answer(shop_data(made), status=201)


_STARTER: Final = object_of(id=TEXT, name=TEXT, name_en=TEXT, entries=WHOLE)
SETTINGS_RESPONSES: Final[dict[str, dict[str, Any]]] = {
    "ShopSettings": object_of(
        shop=ref("Shop"), policy=ref("Policy"), entries=WHOLE,
        members=list_of(object_of(
            name=TEXT, role=TEXT, since=TEXT, until=TEXT, hours=TEXT, timezone=TEXT, holds_now=BOOL,
        )),
    ),
    "Starters": object_of(starters=list_of(_STARTER)),
    "StarterPlan": object_of(
        starter=_STARTER, missing=TEXTS, written=WHOLE,
        entries=list_of(object_of(
            id=TEXT, group=TEXT, question=TEXT, reply=TEXT, phrasings=WHOLE, short_code=TEXT, is_new=BOOL,
        )),
    ),
}  # fmt: skip

_ONE_STARTER: Final = f"{SHOP}/starters/{{starter}}"
SETTINGS_ROUTES: Final = (
    ApiRoute("GET", f"{SHOP}/settings", get_settings, returns="ShopSettings", needs=Right.SET_POLICY),
    ApiRoute("PUT", f"{SHOP}/settings", put_settings, ShopBody, "Shop", needs=Right.SET_POLICY),
    ApiRoute("GET", f"{SHOP}/starters", list_starters, returns="Starters", needs=Right.EDIT),
    ApiRoute("GET", _ONE_STARTER, preview_starter, returns="StarterPlan", needs=Right.EDIT),
    ApiRoute(
        "POST", _ONE_STARTER, apply_starter, returns="StarterPlan", answers=(200, 409), needs=Right.EDIT
    ),
    ApiRoute("POST", f"{BASE}/team/shops", create_shop, ShopBody, "Shop", (201,), Needs.ADMIN),
)
"""The routes, for routes.py."""
