"""Whose is it: an inbox of another chat client that an agent looks at, among the shops he works for."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final
from urllib.parse import urlsplit

from bot.domain.account import ShopScope
from bot.domain.channels import ShopChannel
from bot.ports.channels import ChannelStore

THIS: Final = "this"
OTHER: Final = "other"
UNKNOWN: Final = "unknown"


@dataclass(frozen=True, slots=True)
class Place:
    """An inbox of a chat client's account; `origin` is where that client is, as browsers write it."""

    origin: str
    account: int
    inbox: int


@dataclass(frozen=True, slots=True)
class InboxOwner:
    """Whether the inbox is this shop's. `shop` is the other one of the person's shops whose it is, "" for a stranger's."""

    owner: str
    shop: str = ""


class InboxOwners:
    """Looks for an inbox among the channels of one person's shops, and of no other shop."""

    def __init__(self, channels: ChannelStore) -> None:
        self._channels = channels

    async def owner_of(self, scope: ShopScope, shop: str, place: Place) -> InboxOwner:
        """Return whose the inbox is; UNKNOWN while the shop has no channel in that account: then nobody said otherwise."""
        own = await self._places(shop)
        if place in own:
            return InboxOwner(THIS)
        for other in sorted(scope.shops - {shop}):
            if place in await self._places(other):
                return InboxOwner(OTHER, other)
        is_neighbour = any((each.origin, each.account) == (place.origin, place.account) for each in own)
        return InboxOwner(OTHER if is_neighbour else UNKNOWN)

    async def _places(self, shop: str) -> list[Place]:
        kept = await self._channels.list_channels(shop)
        return [place for each in kept if (place := _place_of(each.channel)) is not None]


def _place_of(channel: ShopChannel) -> Place | None:
    """Return the inbox that the channel stands for, if its kind knows inboxes at all."""
    url, account, inbox = (channel.settings.get(name) for name in ("url", "account", "inbox"))
    if not isinstance(url, str) or not isinstance(account, int) or not isinstance(inbox, int):
        return None
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        return None
    usual = {"http": 80, "https": 443}.get(parts.scheme)
    origin = f"{parts.scheme}://{parts.hostname}" + (f":{port}" if port and port != usual else "")
    return Place(origin, account, inbox)
