"""Forgetting in PostgreSQL keeps the contract, and the application can do no more to the log than that."""

from __future__ import annotations

import pytest
from sqlalchemy import text

from bot.ports import StoreUnavailable
from bot.storage.conversations import PostgresConversations
from bot.storage.database import Database
from bot.storage.entries import PostgresEntries
from bot.storage.erasing import PostgresForgetting
from bot.storage.events import PostgresEvents
from bot.storage.shops import PostgresShops
from tests.contract.conversation_contract import SIMPLIFY
from tests.contract.forgetting_contract import (
    WORDS,
    ForgettingContract,
    Memories,
    events_about,
)


@pytest.fixture
def memories(database: Database) -> Memories:
    return Memories(
        PostgresShops(database),
        PostgresConversations(database, SIMPLIFY),
        PostgresEntries(database),
        PostgresForgetting(database),
        PostgresEvents(database),
    )


class TestPostgresForgetting(ForgettingContract):
    pass


@pytest.mark.parametrize(
    "statement", ["UPDATE events SET data = '{}'", "DELETE FROM events", "SELECT event_without_texts('{}')"]
)
async def test_the_application_still_cannot_change_the_log(
    database: Database, memories: Memories, statement: str
) -> None:
    shop = await memories.shop()
    if statement.startswith("SELECT"):
        statement = "UPDATE events SET data = event_without_texts(data)"
    with pytest.raises(StoreUnavailable):
        async with database.scope(shop) as connection:
            await connection.execute(text(statement))


async def test_without_a_shop_nothing_is_forgotten(database: Database, memories: Memories) -> None:
    shop = await memories.shop()
    await memories.events.append(shop, events_about("c-unscoped"))
    async with database.unscoped() as connection:
        of_conversation = text("SELECT forget_events_of(ARRAY['c-unscoped'])")
        assert await connection.scalar(of_conversation) == 0
        ever = text("SELECT forget_events_between('-infinity', 'infinity')")
        assert await connection.scalar(ever) == 0
    assert WORDS in await memories.logged(shop, "c-unscoped")


async def test_many_shops_named_together_forget_nothing(database: Database, memories: Memories) -> None:
    shop = await memories.shop()
    await memories.events.append(shop, events_about("c-named"))
    async with database.named_shops([shop]) as connection:
        assert await connection.scalar(text("SELECT forget_events_of(ARRAY['c-named'])")) == 0
