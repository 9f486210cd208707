"""The database and its stores: all that commands need which neither search nor classify."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager

from bot.bootstrap.engine import Stores, SystemClock
from bot.ports import Clock
from bot.retrieval.normaliser import OpenccNormaliser
from bot.settings import Settings
from bot.storage.accounts import PostgresAccounts
from bot.storage.asked import PostgresAsked
from bot.storage.auto_ratings import PostgresAutoRatings
from bot.storage.auto_replies import PostgresAutoReplies
from bot.storage.auto_turns import PostgresAutoTurns
from bot.storage.channels import PostgresChannels
from bot.storage.connecting import role_of
from bot.storage.conversations import PostgresConversations
from bot.storage.database import Database
from bot.storage.embedded import EmbeddedPostgres
from bot.storage.entries import PostgresEntries
from bot.storage.erasing import PostgresForgetting
from bot.storage.events import PostgresEvents
from bot.storage.fact_sources import PostgresFactSources
from bot.storage.facts import PostgresFacts
from bot.storage.invoice_requests import PostgresInvoiceRequests
from bot.storage.memory import (
    Memory,
    MemoryEntries,
    MemoryEvents,
    MemoryShops,
    MemoryTokens,
    MemoryVectors,
)
from bot.storage.memory_accounts import MemoryAccounts, MemoryPeople, MemoryPresence
from bot.storage.memory_asked import MemoryAsked
from bot.storage.memory_auto_ratings import MemoryAutoRatings
from bot.storage.memory_auto_replies import MemoryAutoReplies
from bot.storage.memory_auto_turns import MemoryAutoTurns
from bot.storage.memory_channels import MemoryChannels
from bot.storage.memory_conversations import MemoryConversations
from bot.storage.memory_fact_sources import MemoryFactSources
from bot.storage.memory_facts import MemoryFacts
from bot.storage.memory_forgetting import MemoryForgetting
from bot.storage.memory_invoice_requests import MemoryInvoiceRequests
from bot.storage.memory_order_tries import MemoryOrderTries
from bot.storage.memory_typing import MemoryTypingRelay
from bot.storage.migration import migrate
from bot.storage.order_tries import PostgresOrderTries
from bot.storage.presence import PostgresPresence
from bot.storage.shops import PostgresShops
from bot.storage.tokens import PostgresTokens
from bot.storage.typing_relay import PostgresTypingRelay
from bot.storage.vectors import PostgresVectors


@asynccontextmanager
async def open_database(settings: Settings) -> AsyncIterator[tuple[str, str]]:
    """Yield the DSNs of owner and application of a migrated database, the embedded one started if it is not running."""
    async with AsyncExitStack() as stack:
        if settings.database_url is not None:
            app = settings.database_url.get_secret_value()
            owner = settings.migration_url.get_secret_value() if settings.migration_url else ""
        else:
            postgres = EmbeddedPostgres(settings.resolved_data_dir)
            await postgres.start()
            stack.push_async_callback(postgres.stop)
            app, owner = postgres.app_dsn, postgres.owner_dsn
        if owner:
            await migrate(owner, app_role=role_of(app))
        yield owner, app


@asynccontextmanager
async def open_stores(app_dsn: str) -> AsyncIterator[Stores]:
    """Yield the stores over a running database. Raises StoreUnavailable."""
    database = Database(app_dsn)
    try:
        await database.start()
        yield postgres_stores(database, SystemClock())
    finally:
        await database.close()


def postgres_stores(database: Database, clock: Clock) -> Stores:
    """Return the stores of one database."""
    return Stores(
        shops=PostgresShops(database),
        entries=PostgresEntries(database),
        vectors=PostgresVectors(database),
        facts=PostgresFacts(database),
        events=PostgresEvents(database),
        tokens=PostgresTokens(database, clock),
        accounts=PostgresAccounts(database, clock),
        presence=PostgresPresence(database),
        conversations=PostgresConversations(database, OpenccNormaliser().normalise),
        forgetting=PostgresForgetting(database),
        typing=PostgresTypingRelay(database),
        asked=PostgresAsked(database),
        auto_replies=PostgresAutoReplies(database),
        auto_turns=PostgresAutoTurns(database),
        auto_ratings=PostgresAutoRatings(database),
        order_tries=PostgresOrderTries(database),
        invoice_requests=PostgresInvoiceRequests(database),
        fact_sources=PostgresFactSources(database),
        channels=PostgresChannels(database),
        clock=clock,
    )


def memory_stores(memory: Memory, people: MemoryPeople, clock: Clock) -> Stores:
    """Return the stores in memory, for tests and measurements."""
    conversations = MemoryConversations(memory, OpenccNormaliser().normalise)
    return Stores(
        shops=MemoryShops(memory),
        entries=MemoryEntries(memory),
        vectors=MemoryVectors(memory),
        facts=MemoryFacts(memory),
        events=MemoryEvents(memory),
        tokens=MemoryTokens(memory, clock),
        accounts=MemoryAccounts(people, clock),
        presence=MemoryPresence(people),
        conversations=conversations,
        forgetting=MemoryForgetting(memory, conversations),
        typing=MemoryTypingRelay(),
        asked=MemoryAsked(memory),
        auto_replies=MemoryAutoReplies(memory, conversations),
        auto_turns=MemoryAutoTurns(conversations),
        auto_ratings=MemoryAutoRatings(memory, conversations),
        order_tries=MemoryOrderTries(conversations),
        invoice_requests=MemoryInvoiceRequests(conversations),
        fact_sources=MemoryFactSources(memory),
        channels=MemoryChannels(memory, conversations),
        clock=clock,
    )
