"""The page /shops/{shop}/facts: what a shop states, in tables, with what is stale at a glance."""

from __future__ import annotations

import json
from typing import Any, Final

from aiohttp import web

from bot.domain.account import Right
from bot.domain.fact_tables import COLUMNS, KEYS
from bot.domain.facts import ORDER_STATUSES
from bot.domain.shop import Shop
from bot.web.owner_pages import OwnerPage
from bot.web.texts_facts import FACTS_WORDS

TABS: Final = ("products", "shipping", "facts", "orders")
"""The tables that have a tab; stock stands in that of products."""


async def _tables(_request: web.Request, _shop: Shop, _language: str) -> dict[str, Any]:
    shape = {"columns": dict(COLUMNS), "keys": dict(KEYS), "statuses": ORDER_STATUSES}
    return {"shape": json.dumps(shape), "tabs": TABS}


FACTS_PAGE: Final = OwnerPage("facts", Right.EDIT, FACTS_WORDS, _tables)
