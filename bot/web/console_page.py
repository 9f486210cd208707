"""The page /shops/{shop}/entries: an owner finds, writes and tries the shop's entries."""

from __future__ import annotations

import json
from typing import Any

import aiohttp_jinja2
from aiohttp import web

from bot.domain.account import Right
from bot.domain.entry import CASES, MAX_REPLY
from bot.domain.intents import GROUPS, INTENT_GROUP
from bot.domain.shop import Shop
from bot.domain.variables import VARIABLES
from bot.ports import NotFound
from bot.web.authorisation import Needs, caller_of, page_for, shop_of
from bot.web.clock import request_time
from bot.web.names import names_for
from bot.web.state import SERVICES
from bot.web.texts_console import console_texts


def shops_edited(request: web.Request) -> list[str]:
    """Return the shops whose entries the person may write now."""
    return sorted(caller_of(request).shops_with(Right.EDIT, request_time(request)))


@page_for(Needs.SIGNED_IN)
async def show_first_entries(request: web.Request) -> web.StreamResponse:
    """Lead to the first of the person's shops; who may write no entries finds no such page."""
    shops = shops_edited(request)
    if not shops:
        raise NotFound("there is no such page for you")
    return web.Response(status=303, headers={"Location": f"/shops/{shops[0]}/entries"})


@page_for(Needs.SIGNED_IN)
async def show_entries(request: web.Request) -> web.StreamResponse:
    """Return the page. It holds nothing of the shop but its name: its scripts ask for the rest."""
    shops = request.app[SERVICES].shops
    shop = await shops.get_shop(shop_of(request, Right.EDIT))
    account = caller_of(request).account
    texts = console_texts(request.query.get("lang"), account.language)
    others = [each for each in await shops.list_shops(shops_edited(request)) if each.id != shop.id]
    context: dict[str, Any] = {
        "texts": texts,
        "words": json.dumps(texts, ensure_ascii=False),
        "known": json.dumps(_known(texts["lang"]), ensure_ascii=False),
        "groups": GROUPS,
        "other_language": "en" if texts["lang"] == "zh" else "zh",
        "shop": shop,
        "shop_name": _name(shop, texts["lang"]),
        "others": [(each.id, _name(each, texts["lang"])) for each in others],
        "longest": MAX_REPLY,
        "current": "",
        "is_admin": account.is_admin,
        "must_change": False,
    }
    return aiohttp_jinja2.render_template("console.html", request, context)


def _known(language: str) -> dict[str, Any]:
    """Return what is the same for every shop: variables, intents by group and cases, with their names."""
    names = names_for(language)
    return {
        "variables": [
            {"name": each.name, "zh": each.zh, "source": each.source, "about": each.about}
            for each in VARIABLES
        ],
        "intents": dict(INTENT_GROUP),
        "intentNames": names["intents"],
        "factNames": names["facts"],
        "cases": {family: list(cases) for family, cases in CASES.items()},
    }


def _name(shop: Shop, language: str) -> str:
    return shop.name_en if language == "en" and shop.name_en else shop.name
