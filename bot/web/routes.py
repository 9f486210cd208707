"""All routes of the API in one table: what is served, to whom, and what openapi.json says of it."""

from __future__ import annotations

from bot.domain.account import Right
from bot.services.documents import EntryDocument, PhraseDocument
from bot.web import api
from bot.web.account_routes import ACCOUNT_ROUTES
from bot.web.asked_api import ASKED_ROUTES
from bot.web.authorisation import Needs
from bot.web.auto_log_api import AUTO_LOG_ROUTES
from bot.web.auto_reply_api import AUTO_REPLY_ROUTES
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
from bot.web.channels_api import CHANNEL_ROUTES
from bot.web.console_api import CONSOLE_ROUTES
from bot.web.copying_api import COPYING_ROUTES
from bot.web.entry_history_api import HISTORY_ROUTES
from bot.web.entry_image_api import ENTRY_IMAGE_ROUTES
from bot.web.facts_api import FACTS_ROUTES
from bot.web.import_api import IMPORT_ROUTES
from bot.web.invoice_api import INVOICE_ROUTES
from bot.web.record_routes import RECORD_ROUTES
from bot.web.route_table import BASE as BASE
from bot.web.route_table import SHOP as SHOP
from bot.web.route_table import ApiRoute as ApiRoute
from bot.web.shop_settings_api import SETTINGS_ROUTES
from bot.web.sidebar import SIDEBAR_ROUTES
from bot.web.sources_api import SOURCE_ROUTES
from bot.web.workspace_routes import WORKSPACE_ROUTES

READ, EDIT = Right.READ, Right.EDIT

ROUTES = (
    ApiRoute("GET", f"{BASE}/health", api.health, returns="Health", answers=(200, 503), needs=Needs.OPEN),
    ApiRoute("GET", f"{BASE}/shops", api.list_shops, returns="Shops"),
    ApiRoute("GET", SHOP, api.get_shop, returns="Shop", right=READ),
    ApiRoute("POST", f"{SHOP}/suggestions", api.suggest, SuggestionBody, "SuggestionResult", right=READ),
    ApiRoute(
        "POST",
        f"{SHOP}/suggestions/{{suggestion}}/reaction",
        api.react,
        ReactionBody,
        answers=(204,),
        right=Right.ANSWER,
    ),
    ApiRoute("POST", f"{BASE}/classify", api.classify, ClassifyBody, "Understanding"),
    ApiRoute("GET", f"{SHOP}/entries", api.list_entries, returns="Entries", right=READ),
    ApiRoute("PUT", f"{SHOP}/entries", api.put_entries, EntriesBody, "Written", right=EDIT),
    ApiRoute("POST", f"{SHOP}/entries", api.create_entry, EntryDocument, "Entry", (201, 409), right=EDIT),
    ApiRoute("GET", f"{SHOP}/entries/{{entry}}", api.get_entry, returns="Entry", right=READ),
    ApiRoute(
        "PUT",
        f"{SHOP}/entries/{{entry}}",
        api.update_entry,
        PhraseDocument,
        "Entry",
        (200, 409),
        right=EDIT,
    ),
    ApiRoute("DELETE", f"{SHOP}/entries/{{entry}}", api.delete_entry, answers=(204,), right=EDIT),
    *ENTRY_IMAGE_ROUTES,
    ApiRoute("GET", f"{SHOP}/products", api.list_products, returns="Products", right=READ),
    ApiRoute("PUT", f"{SHOP}/products", api.put_products, ProductsBody, "Written", right=EDIT),
    ApiRoute("PUT", f"{SHOP}/stock/{{sku}}", api.set_stock, StockBody, answers=(204,), right=EDIT),
    ApiRoute("GET", f"{SHOP}/facts", api.list_facts, returns="Facts", right=READ),
    ApiRoute("PUT", f"{SHOP}/facts", api.put_facts, FactsBody, "Written", right=EDIT),
    ApiRoute("PUT", f"{SHOP}/shipping", api.put_shipping, ShippingBody, "Written", right=EDIT),
    ApiRoute("PUT", f"{SHOP}/orders", api.put_orders, OrdersBody, "Written", right=EDIT),
    ApiRoute("GET", f"{SHOP}/orders/{{order}}", api.get_order, returns="Order", right=READ),
    *ACCOUNT_ROUTES,
    *WORKSPACE_ROUTES,
    *SIDEBAR_ROUTES,
    *RECORD_ROUTES,
    *HISTORY_ROUTES,
    *CONSOLE_ROUTES,
    *AUTO_LOG_ROUTES,
    *AUTO_REPLY_ROUTES,
    *IMPORT_ROUTES,
    *COPYING_ROUTES,
    *FACTS_ROUTES,
    *ASKED_ROUTES,
    *INVOICE_ROUTES,
    *SOURCE_ROUTES,
    *CHANNEL_ROUTES,
    *SETTINGS_ROUTES,
)
