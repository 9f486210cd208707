"""An engine over the real database and the real index; only the model and the classifier are stood in for."""

from __future__ import annotations

import itertools
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, fields

from bot.bootstrap.databases import postgres_stores
from bot.bootstrap.engine import Engine, Parts
from bot.nlu.cache import CachedClassifier
from bot.nlu.fake import KeywordClassifier
from bot.retrieval.cached_embedder import CachedEmbedder
from bot.retrieval.fake_embedder import FakeEmbedder
from bot.retrieval.index import FaissEntryIndexes
from bot.retrieval.normaliser import OpenccNormaliser
from bot.retrieval.phrase_matcher import AutomatonMatchers
from bot.storage.database import Database
from tests.unit.fakes.fact_sources import FakeFetcher, FakeFolders
from tests.web.memory_app import StandingClock, fill

_numbers = itertools.count(1)


@dataclass(frozen=True)
class Secret:
    """A shop of a test, the word that stands in all its texts and nowhere else, and the number of its order."""

    shop: str
    word: str
    order_no: str


def real_parts(database: Database, clock: StandingClock | None = None) -> Parts:
    """Return parts over the database, the caches of the running program included."""
    stores = postgres_stores(database, clock or StandingClock())
    return Parts(
        **{field.name: getattr(stores, field.name) for field in fields(stores)},
        embedder=CachedEmbedder(FakeEmbedder()),
        classifier=CachedClassifier(KeywordClassifier()),
        indexes=FaissEntryIndexes(),
        normaliser=OpenccNormaliser(),
        matchers=AutomatonMatchers(),
        fetcher=FakeFetcher(),
        folders=FakeFolders(),
    )


@asynccontextmanager
async def running(parts: Parts) -> AsyncIterator[Engine]:
    """Yield a started engine."""
    engine = Engine(parts)
    await engine.start()
    try:
        yield engine
    finally:
        await engine.close()


async def two_shops(parts: Parts) -> tuple[Secret, Secret]:
    """Write two shops that differ in their words alone, under ids that no other test uses."""
    number = next(_numbers)
    left = Secret(f"left-{number}", f"青岚{number}号", f"20260305{number:04}0001")
    right = Secret(f"right-{number}", f"赤霞{number}号", f"20260305{number:04}0002")
    for secret in (left, right):
        await fill(parts, secret.shop, secret.word, secret.order_no)
    return left, right
