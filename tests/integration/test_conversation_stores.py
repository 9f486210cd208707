"""The conversations in PostgreSQL keep the contract, and the database keeps the shops' apart."""

from __future__ import annotations

import pytest
from sqlalchemy import text

from bot.ports import StoreUnavailable
from bot.storage import schema_conversations
from bot.storage.conversations import PostgresConversations
from bot.storage.database import Database
from bot.storage.entries import PostgresEntries
from bot.storage.feeds import KEPT
from bot.storage.shops import PostgresShops
from tests.contract.conversation_contract import (
    SIMPLIFY,
    ConversationContract,
    TalkStores,
    a_message,
    saying,
)


@pytest.fixture
def talks(database: Database) -> TalkStores:
    conversations = PostgresConversations(database, SIMPLIFY)
    return TalkStores(PostgresShops(database), conversations, PostgresEntries(database))


class TestPostgresConversations(ConversationContract):
    pass


async def test_the_shops_of_a_scope_are_read_together_and_nothing_else(
    database: Database, talks: TalkStores
) -> None:
    left, right, other = [await talks.shop() for _ in range(3)]
    for shop in (left, right, other):
        opened = await talks.opened(shop)
        await talks.conversations.write_message(shop, opened.id, a_message("你好"), saying())
        await talks.conversations.put_draft(shop, opened.id, "a1", "稿")
    async with database.named_shops([left, right]) as connection:
        for table in schema_conversations.TENANT_TABLES:
            seen = set((await connection.scalars(text(f"SELECT DISTINCT shop_id FROM {table.name}"))).all())
            together = table in schema_conversations.READ_TOGETHER
            assert seen == ({left, right} if together else set()), table.name
        changed = await connection.execute(text("UPDATE messages SET text = 'x'"))
        assert changed.rowcount == 0
        changed = await connection.execute(text("DELETE FROM conversations"))
        assert changed.rowcount == 0


async def test_a_message_cannot_point_into_another_shops_conversation(
    database: Database, talks: TalkStores
) -> None:
    mine, other = await talks.shop(), await talks.shop()
    theirs = await talks.opened(other)
    with pytest.raises(StoreUnavailable):
        async with database.scope(mine) as connection:
            await connection.execute(
                text("INSERT INTO own_phrases VALUES (:shop, 'a', 'b', 'c', 'd', 'e')"), {"shop": other}
            )
    assert (await talks.conversations.get_conversation(other, theirs.id)).last_number == 0


async def test_old_lines_of_the_feed_go(database: Database, talks: TalkStores) -> None:
    shop = await talks.shop()
    opened = await talks.opened(shop)
    async with database.scope(shop) as connection:
        await connection.execute(
            text("INSERT INTO feed SELECT :shop, n, 'note', :id, '{}' FROM generate_series(2, 2599) AS n"),
            {"shop": shop, "id": opened.id},
        )
        await connection.execute(
            text("UPDATE feed_numbers SET number = 2599 WHERE shop_id = :shop"), {"shop": shop}
        )
    await talks.conversations.write_message(shop, opened.id, a_message(), saying())
    async with database.scope(shop) as connection:
        assert await connection.scalar(text("SELECT min(number) FROM feed")) == 2601 - KEPT + 1
    assert len(await talks.conversations.feed_since(shop, 2601 - KEPT, 9999)) == KEPT


async def test_a_deleted_shop_takes_its_conversations_along(database: Database, talks: TalkStores) -> None:
    shop = await talks.shop()
    opened = await talks.opened(shop)
    await talks.conversations.write_message(shop, opened.id, a_message(), saying(look_at=opened.opened_at))
    await talks.shops.delete_shop(shop)
    async with database.scope(shop) as connection:
        for table in schema_conversations.TENANT_TABLES:
            assert await connection.scalar(text(f"SELECT count(*) FROM {table.name}")) == 0
    assert (shop, opened.id) not in await talks.conversations.due_now(opened.opened_at, 10_000)


async def test_a_buyers_message_takes_six_statements(database: Database, talks: TalkStores) -> None:
    from sqlalchemy import event

    shop = await talks.shop()
    opened = await talks.opened(shop)
    said: list[str] = []

    def note(_connection: object, _cursor: object, statement: str, *_: object) -> None:
        said.append(statement)

    engine = database._engine.sync_engine
    event.listen(engine, "before_cursor_execute", note)
    try:
        change = saying(unread=1, last_at=opened.opened_at, look_at=opened.opened_at)
        await talks.conversations.write_message(shop, opened.id, a_message("黑色L码还有货吗"), change)
    finally:
        event.remove(engine, "before_cursor_execute", note)
    assert len(said) == 6, said
