"""The HTTP API's handlers. Each takes the shop from the path, reads its body, calls one use case, answers JSON."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar
from zoneinfo import ZoneInfo

from aiohttp import web

from bot.ports import EntryChanged, NotFound
from bot.services.classifying import classify_message
from bot.services.documents import EntryDocument, Loading, PhraseDocument, to_facts
from bot.services.moments import InvalidMoment, parse_day
from bot.services.rendering import (
    entry_data,
    fact_data,
    order_data,
    product_data,
    result_data,
    rule_data,
    shop_data,
    understanding_data,
)
from bot.web.answers import json_answer
from bot.web.authorisation import open_to_all, require_write, shop_of, visible_shops
from bot.web.bodies import (
    MAX_MESSAGE_BODY,
    ClassifyBody,
    EntriesBody,
    FactsBody,
    OrdersBody,
    ProductsBody,
    ReactionBody,
    ShippingBody,
    StockBody,
    SuggestionBody,
    read_body,
)
from bot.web.clock import request_time
from bot.web.entry_history_api import changed_answer, editor_of, expected_version
from bot.web.errors import ApiError
from bot.web.state import SERVICES

T = TypeVar("T")


@open_to_all
async def health(request: web.Request) -> web.Response:
    """Say which parts answer. 503 when suggestions cannot be made at all: without the embedder or Rasa they can."""
    state = await request.app[SERVICES].health()
    works = state.database == "ready"
    body = {
        "works": works,
        "database": state.database,
        "embedder": state.embedder,
        "classifier": state.classifier,
    }
    return json_answer(body, status=200 if works else 503)


async def list_shops(request: web.Request) -> web.Response:
    """List the shops that the caller may see."""
    shops = await request.app[SERVICES].shops.list_shops(visible_shops(request))
    return json_answer({"shops": [shop_data(shop) for shop in shops]})


async def get_shop(request: web.Request) -> web.Response:
    """Return one shop."""
    return json_answer(shop_data(await request.app[SERVICES].shops.get_shop(shop_of(request))))


async def suggest(request: web.Request) -> web.Response:
    """Suggest replies for a buyer's message."""
    shop = shop_of(request)
    body = await read_body(request, SuggestionBody, limit=MAX_MESSAGE_BODY)
    result = await request.app[SERVICES].suggester.suggest(body.to_request(shop))
    return json_answer(result_data(result))


async def react(request: web.Request) -> web.Response:
    """Tell what an agent did with a suggestion: took, edited or refused it."""
    shop = shop_of(request)
    body = await read_body(request, ReactionBody, limit=MAX_MESSAGE_BODY)
    await request.app[SERVICES].reactions.react(body.to_request(shop, request.match_info["suggestion"]))
    return web.Response(status=204)


async def classify(request: web.Request) -> web.Response:
    """Return intent, group, confidence and entities of a text."""
    body = await read_body(request, ClassifyBody, limit=MAX_MESSAGE_BODY)
    understanding = await classify_message(request.app[SERVICES].classifier, body.text)
    return json_answer(understanding_data(understanding))


async def list_entries(request: web.Request) -> web.Response:
    """List the shop's entries, drafts too."""
    entries = await request.app[SERVICES].editor.list_entries(shop_of(request))
    return json_answer({"entries": [entry_data(entry) for entry in entries]})


async def put_entries(request: web.Request) -> web.Response:
    """Write many entries at once, all or nothing."""
    shop = shop_of(request)
    require_write(request)
    body = await read_body(request, EntriesBody)
    count = await editor_of(request).put_entries(shop, body.entries, replace=body.replace)
    return json_answer({"written": count})


async def create_entry(request: web.Request) -> web.Response:
    """Write a new entry; 409 when its id exists."""
    shop = shop_of(request)
    require_write(request)
    document = await read_body(request, EntryDocument)
    entry = await editor_of(request).create_entry(shop, document)
    return json_answer(entry_data(entry), status=201)


async def get_entry(request: web.Request) -> web.Response:
    """Return one entry."""
    entry = await request.app[SERVICES].editor.get_entry(shop_of(request), request.match_info["entry"])
    return json_answer(entry_data(entry))


async def update_entry(request: web.Request) -> web.Response:
    """Write an existing entry; with If-Match only if it is still at that version, else 409 with who changed it."""
    shop = shop_of(request)
    require_write(request)
    document = await read_body(request, PhraseDocument)
    if document.id != request.match_info["entry"]:
        raise ApiError(422, "the entry's id cannot change", {"id": "must be the id in the address"})
    try:
        entry = await editor_of(request).update_entry(shop, document, expected_version(request))
    except EntryChanged as error:
        return await changed_answer(request, shop, error)
    return json_answer(entry_data(entry))


async def delete_entry(request: web.Request) -> web.Response:
    """Delete one entry."""
    shop = shop_of(request)
    require_write(request)
    await editor_of(request).delete_entry(shop, request.match_info["entry"])
    return web.Response(status=204)


async def list_products(request: web.Request) -> web.Response:
    """List the shop's products with stock."""
    snapshot = await request.app[SERVICES].shops.load_snapshot(shop_of(request))
    return json_answer({"products": [product_data(product) for product in snapshot.products.values()]})


async def put_products(request: web.Request) -> web.Response:
    """Write products, all or nothing."""
    shop = shop_of(request)
    require_write(request)
    body = await read_body(request, ProductsBody)
    loading = await _loading(request, shop, body.source)
    products = [
        _checked(item.to_product, loading, f"products[{at}]") for at, item in enumerate(body.products)
    ]
    await request.app[SERVICES].facts.put_products(shop, products, replace=body.replace)
    return json_answer({"written": len(products)})


async def set_stock(request: web.Request) -> web.Response:
    """Write one variant's stock as of now."""
    shop = shop_of(request)
    require_write(request)
    body = await read_body(request, StockBody)
    loading = await _loading(request, shop, body.source)
    restock = None
    if body.restock is not None:
        try:
            restock = parse_day(body.restock, loading.now, loading.zone).isoformat()
        except InvalidMoment as error:
            raise ApiError(422, str(error), {"restock": str(error)}) from None
    await request.app[SERVICES].facts.set_stock(
        shop, request.match_info["sku"], body.stock, restock, body.source, loading.now
    )
    return web.Response(status=204)


async def list_facts(request: web.Request) -> web.Response:
    """List shop-wide facts and shipping rules."""
    snapshot = await request.app[SERVICES].shops.load_snapshot(shop_of(request))
    return json_answer(
        {
            "facts": [fact_data(fact) for fact in snapshot.facts.values()],
            "shipping": [rule_data(rule) for rule in snapshot.shipping],
        }
    )


async def put_facts(request: web.Request) -> web.Response:
    """Write shop-wide facts; those not named stay."""
    shop = shop_of(request)
    require_write(request)
    body = await read_body(request, FactsBody)
    loading = await _loading(request, shop, body.source)
    try:
        facts = to_facts(body.facts, loading)
    except ValueError as error:
        raise ApiError(422, "a fact is wrong; nothing was changed", {"facts": str(error)}) from None
    await request.app[SERVICES].facts.put_facts(shop, facts)
    return json_answer({"written": len(facts)})


async def put_shipping(request: web.Request) -> web.Response:
    """Replace the shop's shipping rules."""
    shop = shop_of(request)
    require_write(request)
    body = await read_body(request, ShippingBody)
    loading = await _loading(request, shop, body.source)
    regions = [region for rule in body.shipping for region in rule.regions]
    if len(set(regions)) != len(regions) or "*" not in regions:
        raise ApiError(
            422, "the rules do not fit together", {"shipping": "each region once, and '*' for all others"}
        )
    await request.app[SERVICES].facts.put_shipping(shop, [rule.to_rule(loading) for rule in body.shipping])
    return json_answer({"written": len(body.shipping)})


async def put_orders(request: web.Request) -> web.Response:
    """Write orders, all or nothing."""
    shop = shop_of(request)
    require_write(request)
    body = await read_body(request, OrdersBody)
    loading = await _loading(request, shop, body.source)
    orders = [_checked(item.to_order, loading, f"orders[{at}]") for at, item in enumerate(body.orders)]
    await request.app[SERVICES].facts.put_orders(shop, orders)
    return json_answer({"written": len(orders)})


async def get_order(request: web.Request) -> web.Response:
    """Return the shop's own order of that number."""
    shop = shop_of(request)
    order = await request.app[SERVICES].facts.find_order(shop, request.match_info["order"])
    if order is None:
        raise NotFound("this shop has no order of that number")
    return json_answer(order_data(order))


async def _loading(request: web.Request, shop: str, source: str) -> Loading:
    known = await request.app[SERVICES].shops.get_shop(shop)
    return Loading(request_time(request), ZoneInfo(known.timezone), source)


def _checked(convert: Callable[[Loading], T], loading: Loading, field: str) -> T:
    try:
        return convert(loading)
    except InvalidMoment as error:
        raise ApiError(422, f"{field}: {error}; nothing was changed", {field: str(error)}) from None
