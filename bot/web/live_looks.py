"""A shop's name, look and rules change while pages are open: each page that shows the shop is told within a second."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from bot.domain.account import Right
from bot.domain.shop import Shop
from bot.services.workspace import Workspace
from bot.web.live_connection import LiveConnection


class LiveLooks:
    """Tells pages what a shop is called and looks like now, and that its card is to be read again."""

    def __init__(self, workspace: Workspace, pages_with: Callable[[str], Iterable[LiveConnection]]) -> None:
        self._workspace = workspace
        self._pages_with = pages_with

    async def follow(self) -> None:
        """Follow the shops until cancelled. Raises StoreUnavailable when they cannot be watched."""
        async for manners in self._workspace.manners.changes():
            shop = manners.shop.id
            self._workspace.guard.forget_policy(shop)
            now = self._workspace.clock.now()
            for page in self._pages_with(shop):
                if page.may(Right.READ, shop, now):
                    page.tell("shop", shop, look=look_data(manners.shop))


def look_data(shop: Shop) -> dict[str, Any]:
    """Return what pages show of a shop."""
    return {"name": shop.name, "name_en": shop.name_en, "colour": shop.colour, "avatar": shop.avatar}
