"""The page /shops/{shop}/sources: where a shop's facts come from by themselves, and how each source does."""

from __future__ import annotations

import json
from typing import Any, Final

from aiohttp import web

from bot.domain.account import Right
from bot.domain.fact_tables import CHINESE, COLUMNS, KEYS
from bot.domain.shop import Shop
from bot.web.owner_pages import OwnerPage
from bot.web.texts_sources import SOURCES_WORDS


async def _columns(request: web.Request, shop: Shop, language: str) -> dict[str, Any]:
    """Return the tables with their columns, and where the shop's folder is."""
    tables = {
        table: [
            {"name": name, "label": CHINESE[name] if language == "zh" else name, "key": name in KEYS[table]}
            for name in columns
        ]
        for table, columns in COLUMNS.items()
    }
    return {"tables": json.dumps(tables, ensure_ascii=False), "names": list(COLUMNS)}


SOURCES_PAGE: Final = OwnerPage("sources", Right.EDIT, SOURCES_WORDS, _columns)
