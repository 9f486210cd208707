"""Turns in PostgreSQL keep the contract, and the database keeps the shops' apart."""

from __future__ import annotations

import pytest
from sqlalchemy import event, text

from bot.domain.auto_turn import Finished
from bot.ports import NotFound, StoreUnavailable
from bot.storage import schema_auto
from bot.storage.auto_turns import PostgresAutoTurns
from bot.storage.conversations import PostgresConversations
from bot.storage.database import Database
from bot.storage.entries import PostgresEntries
from bot.storage.erasing import PostgresForgetting
from bot.storage.shops import PostgresShops
from tests.contract.auto_turn_contract import (
    AutoStores,
    AutoTurnContract,
    a_bubble,
    a_decision,
    a_hand_over,
)
from tests.contract.conversation_contract import SIMPLIFY


@pytest.fixture
def autos(database: Database) -> AutoStores:
    return AutoStores(
        PostgresShops(database),
        PostgresConversations(database, SIMPLIFY),
        PostgresEntries(database),
        PostgresAutoTurns(database),
        PostgresForgetting(database),
    )


class TestPostgresAutoTurns(AutoTurnContract):
    pass


async def test_without_a_shop_and_with_many_named_no_row_is_seen(
    database: Database, autos: AutoStores
) -> None:
    shop = await autos.shop()
    opened = await autos.said(shop)
    finished = Finished(a_decision(), (a_bubble(opened),), a_hand_over(), ({"n": 1},))
    await autos.finish(shop, opened, finished)
    for table in schema_auto.TENANT_TABLES:
        counted = text(f"SELECT count(*) FROM {table.name}")
        async with database.scope(shop) as connection:
            assert await connection.scalar(counted) == 1, table.name
        async with database.unscoped() as connection:
            assert await connection.scalar(counted) == 0, table.name
        async with database.named_shops([shop]) as connection:
            assert await connection.scalar(counted) == 0, table.name


async def test_a_row_cannot_point_into_another_shops_conversation(
    database: Database, autos: AutoStores
) -> None:
    mine, theirs = await autos.shop(), await autos.shop()
    there = await autos.said(theirs)
    events = text("INSERT INTO dialogue_events VALUES (:shop, :conversation, '[]')")
    with pytest.raises(StoreUnavailable):
        async with database.scope(mine) as connection:
            await connection.execute(events, {"shop": theirs, "conversation": there.id})
    with pytest.raises(NotFound):
        async with database.scope(mine) as connection:
            await connection.execute(events, {"shop": mine, "conversation": there.id})


async def test_a_turn_is_read_in_one_statement_and_written_in_seven(
    database: Database, autos: AutoStores
) -> None:
    shop = await autos.shop()
    opened = await autos.said(shop)
    finished = Finished(a_decision(), (a_bubble(opened),), a_hand_over(), ({"n": 1},))
    said: list[str] = []

    def note(_connection: object, _cursor: object, statement: str, *_: object) -> None:
        said.append(statement)

    engine = database._engine.sync_engine
    event.listen(engine, "before_cursor_execute", note)
    try:
        await autos.turns.read_turn(shop, opened.id, 30)
        read = len(said)
        await autos.finish(shop, opened, finished, urgent=True, look_at=opened.opened_at)
    finally:
        event.remove(engine, "before_cursor_execute", note)
    # The first statement of each transaction names the shop.
    assert (read, len(said) - read) == (2, 7), said
