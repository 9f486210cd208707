"""All routes of the API in one table: what is served, and what openapi.json says of it."""

from __future__ import annotations

from dataclasses import dataclass

from aiohttp import hdrs
from pydantic import BaseModel

from bot.services.documents import EntryDocument
from bot.web import api
from bot.web.bodies import (
    ClassifyBody,
    EntriesBody,
    FactsBody,
    OrdersBody,
    ProductsBody,
    ReactionBody,
    ShippingBody,
    StockBody,
    SuggestionBody,
)
from bot.web.errors import Handler

BASE = "/api/v1"
SHOP = f"{BASE}/shops/{{shop}}"


@dataclass(frozen=True, slots=True)
class ApiRoute:
    """One route. `answers` names the statuses besides the common errors; `returns` is a schema name of openapi.py."""

    method: str
    path: str
    handler: Handler
    body: type[BaseModel] | None = None
    returns: str = ""
    answers: tuple[int, ...] = (200,)

    @property
    def summary(self) -> str:
        """The first line of the handler's docstring."""
        return (self.handler.__doc__ or "").strip().splitlines()[0]


ROUTES = (
    ApiRoute(hdrs.METH_GET, f"{BASE}/health", api.health, returns="Health", answers=(200, 503)),
    ApiRoute(hdrs.METH_GET, f"{BASE}/shops", api.list_shops, returns="Shops"),
    ApiRoute(hdrs.METH_GET, SHOP, api.get_shop, returns="Shop"),
    ApiRoute(hdrs.METH_POST, f"{SHOP}/suggestions", api.suggest, SuggestionBody, "SuggestionResult"),
    ApiRoute(
        hdrs.METH_POST,
        f"{SHOP}/suggestions/{{suggestion}}/reaction",
        api.react,
        ReactionBody,
        answers=(204,),
    ),
    ApiRoute(hdrs.METH_POST, f"{BASE}/classify", api.classify, ClassifyBody, "Understanding"),
    ApiRoute(hdrs.METH_GET, f"{SHOP}/entries", api.list_entries, returns="Entries"),
    ApiRoute(hdrs.METH_PUT, f"{SHOP}/entries", api.put_entries, EntriesBody, "Written"),
    ApiRoute(hdrs.METH_POST, f"{SHOP}/entries", api.create_entry, EntryDocument, "Entry", (201, 409)),
    ApiRoute(hdrs.METH_GET, f"{SHOP}/entries/{{entry}}", api.get_entry, returns="Entry"),
    ApiRoute(
        hdrs.METH_PUT, f"{SHOP}/entries/{{entry}}", api.update_entry, EntryDocument, "Entry", (200, 409)
    ),
    ApiRoute(hdrs.METH_DELETE, f"{SHOP}/entries/{{entry}}", api.delete_entry, answers=(204,)),
    ApiRoute(hdrs.METH_GET, f"{SHOP}/products", api.list_products, returns="Products"),
    ApiRoute(hdrs.METH_PUT, f"{SHOP}/products", api.put_products, ProductsBody, "Written"),
    ApiRoute(hdrs.METH_PUT, f"{SHOP}/stock/{{sku}}", api.set_stock, StockBody, answers=(204,)),
    ApiRoute(hdrs.METH_GET, f"{SHOP}/facts", api.list_facts, returns="Facts"),
    ApiRoute(hdrs.METH_PUT, f"{SHOP}/facts", api.put_facts, FactsBody, "Written"),
    ApiRoute(hdrs.METH_PUT, f"{SHOP}/shipping", api.put_shipping, ShippingBody, "Written"),
    ApiRoute(hdrs.METH_PUT, f"{SHOP}/orders", api.put_orders, OrdersBody, "Written"),
    ApiRoute(hdrs.METH_GET, f"{SHOP}/orders/{{order}}", api.get_order, returns="Order"),
)
