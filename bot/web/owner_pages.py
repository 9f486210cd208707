"""The pages of a shop's console, /shops/{shop}/{key}: one frame, with a way to the others and to my other shops."""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import aiohttp_jinja2
from aiohttp import hdrs, web

from bot.domain.account import Right
from bot.domain.shop import Shop
from bot.ports import NotFound
from bot.web.authorisation import Needs, caller_of, page_for, shop_of
from bot.web.clock import request_time
from bot.web.errors import Handler
from bot.web.languages import choose_language
from bot.web.state import SERVICES
from bot.web.texts_owner import COMMON_WORDS


@dataclass(frozen=True, slots=True)
class OwnerPage:
    """One page of the console, for who has `right` in the shop. Its template is pages/{key}.html.

    `words` by language hold at least "nav" (the page's name in the navigation), "title" and "heading"; the page's
    scripts find them, with the words common to all, in the body's data-words. `more(request, shop, language)` returns
    what else the template needs; nothing of the shop but what anyone with `right` may read.
    """

    key: str
    right: Right
    words: Mapping[str, Mapping[str, str]]
    more: Callable[[web.Request, Shop, str], Awaitable[dict[str, Any]]] | None = None


def shops_with(request: web.Request, right: Right) -> list[str]:
    """Return the shops in which the person has the right now."""
    return sorted(caller_of(request).shops_with(right, request_time(request)))


def page_words(page: OwnerPage, language: str) -> dict[str, str]:
    """Return the page's words and the common ones in a language."""
    return {**COMMON_WORDS[language], **page.words[language]}


def add_owner_pages(app: web.Application, pages: Sequence[OwnerPage]) -> None:
    """Give the application the pages: /shops/{shop}/{key}, and /{key} for the first of the person's shops."""
    for page in pages:
        app.router.add_route(hdrs.METH_GET, f"/{page.key}", _first_of(page))
        app.router.add_route(hdrs.METH_GET, f"/shops/{{shop}}/{page.key}", _handler(page, pages))


def _first_of(page: OwnerPage) -> Handler:
    @page_for(Needs.SIGNED_IN)
    async def lead_to_first(request: web.Request) -> web.StreamResponse:
        """Lead to the page of the first of the person's shops; who has none finds no such page."""
        shops = shops_with(request, page.right)
        if not shops:
            raise NotFound("there is no such page for you")
        return web.Response(status=303, headers={hdrs.LOCATION: f"/shops/{shops[0]}/{page.key}"})

    return lead_to_first


def _handler(page: OwnerPage, pages: Sequence[OwnerPage]) -> Handler:
    @page_for(Needs.SIGNED_IN)
    async def show_page(request: web.Request) -> web.StreamResponse:
        """Return the page. Who has no right to it gets the answer of a page that is not there."""
        shop = await request.app[SERVICES].shops.get_shop(shop_of(request, page.right))
        context = await _frame(request, page, pages, shop)
        return aiohttp_jinja2.render_template(f"{page.key}.html", request, context)

    return show_page


async def _frame(
    request: web.Request, page: OwnerPage, pages: Sequence[OwnerPage], shop: Shop
) -> dict[str, Any]:
    caller, now = caller_of(request), request_time(request)
    language = choose_language(request.query.get("lang"), caller.account.language)
    texts = page_words(page, language)
    mine = await request.app[SERVICES].shops.list_shops(shops_with(request, page.right))
    return {
        "texts": texts,
        "words": json.dumps(texts, ensure_ascii=False),
        "other_language": "en" if language == "zh" else "zh",
        "shop": shop,
        "shop_name": shop.name_in(language),
        "others": [(each.id, each.name_in(language)) for each in mine if each.id != shop.id],
        "key": page.key,
        "sections": [
            (each.key, each.words[language]["nav"]) for each in pages if caller.may(each.right, shop.id, now)
        ],
        "may_edit": caller.may(Right.EDIT, shop.id, now),
        "current": "",
        "is_admin": caller.account.is_admin,
        "must_change": False,
        **(await page.more(request, shop, language) if page.more else {}),
    }
