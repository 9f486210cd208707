"""Whose an inbox of another chat client is: told of one's own shops, and of no other."""

from __future__ import annotations

import pytest

from bot.domain.account import ShopScope
from bot.domain.channels import Setting, ShopChannel
from bot.domain.shop import Shop
from bot.services.inbox_owners import InboxOwner, InboxOwners, Place
from bot.storage.memory import Memory, MemoryShops
from bot.storage.memory_channels import MemoryChannels
from bot.storage.memory_conversations import MemoryConversations
from tests.contract.store_contract import NOW

HOST = "https://chat.example.com"
MINE = Place(HOST, 1, 5)


@pytest.fixture
async def owners() -> InboxOwners:
    """Inbox 5 is lamp's, 6 tea's, 7 that of a stranger's shop; hat has no channel, but a webhook."""
    memory = Memory()
    channels = MemoryChannels(memory, MemoryConversations(memory, lambda text: text))
    for shop, inbox in (("lamp", 5), ("tea", 6), ("secret", 7), ("hat", None)):
        await MemoryShops(memory).put_shop(Shop(shop, shop))
        settings: dict[str, Setting] = {"url": f"{HOST}:443/desk/"}
        if inbox:
            settings |= {"account": 1, "inbox": inbox}
        channel = ShopChannel("chat", "chatwoot" if inbox else "webhook", "客服台", settings=settings)
        await channels.put_channel(shop, channel, {}, NOW)
    return InboxOwners(channels)


@pytest.mark.parametrize(
    ("shop", "place", "expected"),
    [
        ("lamp", MINE, InboxOwner("this")),
        ("tea", MINE, InboxOwner("other", "lamp")),
        ("hat", MINE, InboxOwner("other", "lamp")),
        ("lamp", Place(HOST, 1, 7), InboxOwner("other")),
        ("lamp", Place(HOST, 1, 0), InboxOwner("other")),
        ("hat", Place(HOST, 1, 7), InboxOwner("unknown")),
        ("lamp", Place(HOST, 2, 5), InboxOwner("unknown")),
        ("lamp", Place("https://other.example.com", 1, 5), InboxOwner("unknown")),
        ("lamp", Place("http://chat.example.com", 1, 5), InboxOwner("unknown")),
    ],
)
async def test_whose_an_inbox_is(owners: InboxOwners, shop: str, place: Place, expected: InboxOwner) -> None:
    scope = ShopScope("ann", frozenset({"lamp", "tea", "hat"}))
    assert await owners.owner_of(scope, shop, place) == expected


async def test_a_channel_whose_address_is_none_owns_nothing(owners: InboxOwners) -> None:
    scope = ShopScope("ann", frozenset({"lamp"}))
    broken: dict[str, Setting] = {"url": "http://[", "account": 1, "inbox": 5}
    memory = Memory()
    await MemoryShops(memory).put_shop(Shop("lamp", "lamp"))
    channels = MemoryChannels(memory, MemoryConversations(memory, lambda text: text))
    await channels.put_channel("lamp", ShopChannel("c", "chatwoot", "", settings=broken), {}, NOW)
    assert await InboxOwners(channels).owner_of(scope, "lamp", MINE) == InboxOwner("unknown")
