"""What a line of the table of routes says."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from pydantic import BaseModel

from bot.domain.account import Right
from bot.web.authorisation import Needs
from bot.web.errors import Handler

BASE: Final = "/api/v1"
SHOP: Final = f"{BASE}/shops/{{shop}}"


@dataclass(frozen=True, slots=True)
class ApiRoute:
    """One route. `answers` names the statuses besides the common errors; `returns` is a schema name of openapi.py.

    `needs` says who may call it (see authorisation.py). On a shop's route that takes tokens, `right` is what a
    signed-in person needs; without it no person is let in.
    """

    method: str
    path: str
    handler: Handler
    body: type[BaseModel] | None = None
    returns: str = ""
    answers: tuple[int, ...] = (200,)
    needs: Needs | Right = Needs.TOKEN
    right: Right | None = None

    @property
    def summary(self) -> str:
        """The first line of the handler's docstring."""
        return (self.handler.__doc__ or "").strip().splitlines()[0]
