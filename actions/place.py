"""Where a dialogue is held: read from the conversation's name alone, never from anything that a buyer said."""

from __future__ import annotations

from rasa_sdk import Tracker

from bot.domain.shop import InvalidShopId, shop_id


class NoPlace(ValueError):
    """The conversation's name is not `shop:conversation`."""


def place_of(tracker: Tracker) -> tuple[str, str]:
    """Return (shop, conversation). Raises NoPlace."""
    shop, colon, conversation = str(tracker.sender_id).partition(":")
    if not colon or not conversation or ":" in conversation:
        raise NoPlace("a dialogue's name must be shop:conversation")
    try:
        return shop_id(shop), conversation
    except InvalidShopId as error:
        raise NoPlace(str(error)) from None
