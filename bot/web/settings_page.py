"""The page /shops/{shop}/settings: what a shop is called and looks like, how it serves, who works there, its first entries."""

from __future__ import annotations

import json
from typing import Any, Final

from aiohttp import web

from bot.domain.account import Right
from bot.domain.shop import Shop
from bot.web.names import names_for
from bot.web.owner_pages import OwnerPage
from bot.web.texts_settings import SETTINGS_WORDS


async def _more(request: web.Request, shop: Shop, language: str) -> dict[str, Any]:
    """Return the names of facts, which are the same for every shop."""
    return {"facts": json.dumps(names_for(language)["facts"], ensure_ascii=False)}


SETTINGS_PAGE: Final = OwnerPage("settings", Right.SET_POLICY, SETTINGS_WORDS, _more)
