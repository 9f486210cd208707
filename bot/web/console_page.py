"""The page /shops/{shop}/entries: an owner finds, writes and tries the shop's entries."""

from __future__ import annotations

import json
from typing import Any, Final

from aiohttp import web

from bot.domain.account import Right
from bot.domain.entry import CASES, MAX_REPLY
from bot.domain.intents import GROUPS, INTENT_GROUP
from bot.domain.shop import Shop
from bot.domain.variables import VARIABLES
from bot.web.names import names_for
from bot.web.owner_pages import OwnerPage
from bot.web.texts_console import ENTRIES_WORDS


async def _more(request: web.Request, shop: Shop, language: str) -> dict[str, Any]:
    """Return what is the same for every shop: variables, intents by group and cases, with their names."""
    names = names_for(language)
    known = {
        "variables": [
            {"name": each.name, "zh": each.zh, "source": each.source, "about": each.about}
            for each in VARIABLES
        ],
        "intents": dict(INTENT_GROUP),
        "intentNames": names["intents"],
        "factNames": names["facts"],
        "cases": {family: list(cases) for family, cases in CASES.items()},
    }
    return {"known": json.dumps(known, ensure_ascii=False), "groups": GROUPS, "longest": MAX_REPLY}


ENTRIES_PAGE: Final = OwnerPage("entries", Right.EDIT, ENTRIES_WORDS, _more)
