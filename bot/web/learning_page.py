"""The page /shops/{shop}/learning: what agents did with a shop's suggestions, and the drafts they proposed."""

from __future__ import annotations

import json
from typing import Any

import aiohttp_jinja2
from aiohttp import web

from bot.domain.account import Right
from bot.domain.shop import Shop
from bot.ports import NotFound
from bot.web.authorisation import Needs, caller_of, page_for, shop_of
from bot.web.clock import request_time
from bot.web.state import SERVICES
from bot.web.texts_learning import learning_texts


def shops_reported(request: web.Request) -> list[str]:
    """Return the shops whose reports the person may see now."""
    return sorted(caller_of(request).shops_with(Right.REPORT, request_time(request)))


@page_for(Needs.SIGNED_IN)
async def show_first(request: web.Request) -> web.StreamResponse:
    """Lead to the first of the person's shops; who may see no reports finds no such page."""
    shops = shops_reported(request)
    if not shops:
        raise NotFound("there is no such page for you")
    return web.Response(status=303, headers={"Location": f"/shops/{shops[0]}/learning"})


@page_for(Needs.SIGNED_IN)
async def show_learning(request: web.Request) -> web.StreamResponse:
    """Return the page. Who may not see the shop's reports gets the answer of a page that is not there."""
    shops = request.app[SERVICES].shops
    shop = await shops.get_shop(shop_of(request, Right.REPORT))
    caller = caller_of(request)
    texts = learning_texts(request.query.get("lang"), caller.account.language)
    context: dict[str, Any] = {
        "texts": texts,
        "words": json.dumps(texts, ensure_ascii=False),
        "other_language": "en" if texts["lang"] == "zh" else "zh",
        "shop": shop,
        "shop_name": _name(shop, texts["lang"]),
        "others": [
            (each.id, _name(each, texts["lang"]))
            for each in await shops.list_shops(shops_reported(request))
            if each.id != shop.id
        ],
        "may_edit": caller.may(Right.EDIT, shop.id, request_time(request)),
        "current": "",
        "is_admin": caller.account.is_admin,
        "must_change": False,
    }
    return aiohttp_jinja2.render_template("learning.html", request, context)


def _name(shop: Shop, language: str) -> str:
    return shop.name_en if language == "en" and shop.name_en else shop.name
