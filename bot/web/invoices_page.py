"""The page /shops/{shop}/invoices: the invoices that buyers asked for, and what became of each request."""

from __future__ import annotations

from typing import Any, Final

from aiohttp import web

from bot.domain.account import Right
from bot.domain.invoices import RequestState
from bot.domain.shop import Shop
from bot.web.authorisation import caller_of
from bot.web.clock import request_time
from bot.web.owner_pages import OwnerPage
from bot.web.texts_invoices import INVOICES_WORDS


async def _more(request: web.Request, shop: Shop, language: str) -> dict[str, Any]:
    """Return the states, and whether this person may take the requests out as a file."""
    may_export = caller_of(request).may(Right.EXPORT, shop.id, request_time(request))
    return {"states": [state.value for state in RequestState], "may_export": may_export}


INVOICES_PAGE: Final = OwnerPage("invoices", Right.ANSWER, INVOICES_WORDS, _more)
