"""Outer channels in PostgreSQL keep the contract."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import suppress

import pytest

from bot.ports import NewMessage, NotFound
from bot.ports.channels import Taken
from bot.storage.channels import PostgresChannels
from bot.storage.conversations import PostgresConversations
from bot.storage.database import Database
from bot.storage.shops import PostgresShops
from tests.contract.channel_store_contract import NOW, Channels, ChannelStoreContract


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


async def test_what_is_tried_again_within_a_transaction_leaves_nothing_of_the_first_try(
    channels: Channels,
) -> None:
    shop = await channels.shop()
    closed, store = await channels.opened(shop), channels.conversations

    def refuse(_: object) -> dict[str, object]:
        raise ArithmeticError

    async def try_once() -> None:
        async with store.reading(shop):
            await store.write_message(shop, closed.id, NewMessage("buyer", "在吗", NOW, "m-1"), refuse)

    async with store.reading(shop):
        assert await channels.store.begin_taking(shop, "hook", "m-1", NOW) is None
        with pytest.raises(ArithmeticError):
            await try_once()
        number = await channels.write(shop, closed.id, "buyer", "m-2")
        await channels.store.end_taking(shop, "hook", "m-1", Taken(closed.id, number))
    assert [each.key for each in await store.list_messages(shop, closed.id, 9)] == ["m-2"]
    assert await channels.store.begin_taking(shop, "hook", "m-1", NOW) == Taken(closed.id, 1)
