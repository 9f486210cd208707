"""Switches and numbers in an address's query: read, or refused by name."""

from __future__ import annotations

import re
from typing import Final

from aiohttp import web

from bot.web.errors import ApiError

_SWITCH: Final = {"": False, "0": False, "false": False, "1": True, "true": True}
_NUMBER: Final = re.compile(r"[0-9]{1,6}")


def switch_in(request: web.Request, name: str) -> bool:
    """Return whether the query asks for it; what is not said is not asked for. Raises ApiError."""
    given = _SWITCH.get(request.query.get(name, "").lower())
    if given is None:
        raise ApiError(400, f"{name} must be 1 or 0", {name: "1 or 0"})
    return given


def number_in(request: web.Request, name: str, otherwise: int) -> int:
    """Return the query's number, `otherwise` where it says none. Raises ApiError."""
    given = request.query.get(name, str(otherwise))
    if not _NUMBER.fullmatch(given):
        raise ApiError(422, f"{name}: a whole number", {name: "应为整数。 a whole number"})
    return int(given)
