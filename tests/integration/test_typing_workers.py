"""Who types, over PostgreSQL: two workers of one installation."""

from __future__ import annotations

import asyncio

import pytest

from bot.bootstrap.engine import Engine
from bot.domain.account import Account, Membership, Organisation
from bot.domain.shop import Shop
from bot.services.typing import Typist
from bot.storage.database import Database
from bot.storage.typing_relay import PostgresTypingRelay
from tests.contract.store_contract import unused_id
from tests.contract.typing_contract import Relays, TypingContract
from tests.integration.engines import real_parts


class TestPostgresTypingRelay(TypingContract):
    @pytest.fixture
    def relays(self, database: Database) -> Relays:
        return PostgresTypingRelay(database), PostgresTypingRelay(database)


async def test_a_colleague_at_another_worker_is_seen_typing(database: Database) -> None:
    here, there = (Engine(real_parts(database)) for _ in range(2))
    shop, account = f"typing-{unused_id()}", f"u-{unused_id()}"
    await here.parts.shops.put_shop(Shop(shop, "店"))
    await here.parts.accounts.put_organisation(Organisation(f"org-{shop}", "机构", frozenset({shop})))
    agent = Account(account, f"org-{shop}", account, "客服一")
    await here.parts.accounts.create_accounts([(agent, "hash")], [Membership(account, shop, "agent")])
    heard: list[tuple[str, Typist, bool]] = []
    came = asyncio.Event()

    def hear(*what: object) -> None:
        heard.append(what)  # type: ignore[arg-type]
        came.set()

    there.workspace.typing.listen(shop, hear)
    board = here.workspace.typing
    tasks = [
        asyncio.create_task(work()) for work in (board.relay, board.follow, there.workspace.typing.follow)
    ]
    try:
        async with asyncio.timeout(30):
            while not came.is_set():
                board.tell(shop, "c1", Typist(account, "客服一"), on=True)
                await asyncio.sleep(0.05)
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
    assert set(heard) == {("c1", Typist(account, "客服一"), True)}
