"""The page /shops/{shop}/import: an owner imports a table after a look at every row, undoes it, and exports."""

from __future__ import annotations

import json
from typing import Any, Final

from aiohttp import web

from bot.domain.account import Right
from bot.domain.shop import Shop
from bot.web.errors import MAX_BODY
from bot.web.names import names_for
from bot.web.owner_pages import OwnerPage
from bot.web.texts_import import IMPORT_WORDS

MAX_FILE: Final = MAX_BODY // 4 * 3 - 64 * 1024
"""Bytes of a file whose base64 fits into a request with what stands around it."""


async def _more(request: web.Request, shop: Shop, language: str) -> dict[str, Any]:
    return {"most": MAX_FILE, "intents": json.dumps(names_for(language)["intents"], ensure_ascii=False)}


IMPORT_PAGE: Final = OwnerPage("import", Right.EDIT, IMPORT_WORDS, _more)
