"""The page /shops/{shop}/auto-reply: which questions may be answered without a person, and what that would have meant."""

from __future__ import annotations

from typing import Any, Final

from aiohttp import web

from bot.domain.account import Right
from bot.domain.answer_quality import TARGET_PRECISIONS
from bot.domain.auto_reply_policy import (
    LEAST_MERGE_SECONDS,
    LONGEST_WORDING,
    MOST_MERGE_SECONDS,
    MOST_REPEATS,
    Mode,
    When,
)
from bot.domain.intents import GROUPS
from bot.domain.shop import Shop
from bot.web.authorisation import caller_of
from bot.web.clock import request_time
from bot.web.owner_pages import OwnerPage
from bot.web.texts_auto_reply import AUTO_REPLY_WORDS


async def _more(request: web.Request, shop: Shop, language: str) -> dict[str, Any]:
    """Return what may be chosen, and whether this person may change it."""
    return {
        "may_set": caller_of(request).may(Right.SET_POLICY, shop.id, request_time(request)),
        "groups": GROUPS,
        "modes": [mode.value for mode in Mode],
        "whens": [when.value for when in When],
        "precisions": TARGET_PRECISIONS,
        "most_repeats": MOST_REPEATS,
        "merge_from": LEAST_MERGE_SECONDS,
        "merge_to": MOST_MERGE_SECONDS,
        "longest": LONGEST_WORDING,
    }


AUTO_REPLY_PAGE: Final = OwnerPage("auto-reply", Right.REPORT, AUTO_REPLY_WORDS, _more)
