"""A shop: whose name, rules and facts a reply speaks for."""

from __future__ import annotations

import re
from dataclasses import dataclass

_SHOP_ID = re.compile(r"[a-z0-9](?:[a-z0-9-]{0,38}[a-z0-9])?")


class InvalidShopId(ValueError):
    """The text cannot be a shop's id."""

    def __init__(self, value: str) -> None:
        shown = value if len(value) <= 40 else value[:40] + "…"
        super().__init__(
            f"{shown!r} is not a shop id: 1 to 40 characters, a-z, 0-9 and hyphens, no hyphen at either end"
        )


def shop_id(value: str) -> str:
    """Return `value` if it can be a shop's id (it is part of Rasa's conversation ids, split on a colon).

    Raises InvalidShopId.
    """
    if not _SHOP_ID.fullmatch(value):
        raise InvalidShopId(value)
    return value


@dataclass(frozen=True, slots=True)
class Shop:
    """One shop. `colour` is a CSS hex colour, `avatar` one or two characters or an emoji, `timezone` an IANA name.

    `is_demo` marks the bundled shops, the only ones that the open page /try may show.
    """

    id: str
    name: str
    name_en: str = ""
    colour: str = "#5b6770"
    avatar: str = "店"
    aliases: tuple[str, ...] = ()
    timezone: str = "Asia/Shanghai"
    languages: tuple[str, ...] = ("zh",)
    is_demo: bool = False

    def name_in(self, language: str) -> str:
        """Return the shop's English name for "en" where it has one, its name otherwise."""
        return self.name_en if language == "en" and self.name_en else self.name
