"""Outer channels in PostgreSQL keep the contract."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import suppress

import pytest

from bot.ports import NotFound
from bot.storage.channels import PostgresChannels
from bot.storage.conversations import PostgresConversations
from bot.storage.database import Database
from bot.storage.shops import PostgresShops
from tests.contract.channel_store_contract import Channels, ChannelStoreContract


@pytest.fixture
async def channels(database: Database) -> AsyncIterator[Channels]:
    conversations = PostgresConversations(database, lambda text: text)
    channels = Channels(PostgresShops(database), conversations, PostgresChannels(database))
    yield channels
    # What is due in the shared database would be read by the workers of other tests.
    for shop in channels.made:
        with suppress(NotFound):
            await channels.shops.delete_shop(shop)


class TestPostgresChannels(ChannelStoreContract):
    pass


async def test_the_channels_of_a_deleted_shop_go_with_it(channels: Channels) -> None:
    shop = await channels.shop()
    conversation = (await channels.opened(shop)).id
    await channels.write(shop, conversation, "agent", "k1")
    await channels.shops.delete_shop(shop)
    assert await channels.due_of(shop) == []
    assert await channels.store.list_channels(shop) == []
