"""A shop in memory that can be examined: entries from a few words each, an index anyone can compute by hand."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime

from bot.domain.entry import Entry
from bot.domain.shop import Shop
from bot.ports import EntryIndexes, Event, IntentClassifier
from bot.retrieval.evaluation_coverage import measure_answers
from bot.retrieval.fake_embedder import FakeEmbedder
from bot.retrieval.normaliser import OpenccNormaliser
from bot.services.shop_evaluation import ShopExaminer
from bot.services.shop_evaluation_report import ShopReport
from bot.storage.memory import Memory, MemoryEntries, MemoryEvents, MemoryShops
from tests.unit.fakes.plain_index import PlainIndexes

NOW = datetime(2026, 3, 5, 2, 30, tzinfo=UTC)


class StillClock:
    """A clock that stands."""

    def now(self) -> datetime:
        return NOW


def entry(entry_id: str, *phrasings: str, **more: object) -> Entry:
    """Return a published entry whose first phrasing is its question; its reply is its own unless given."""
    question, *others = phrasings
    fields = {"group": "stock", "reply": f"回复 {entry_id}", **more}
    return Entry(id=entry_id, question=question, phrasings=tuple(others), **fields)  # type: ignore[arg-type]


async def examine(
    entries: Sequence[Entry],
    events: Sequence[Event] = (),
    indexes: EntryIndexes | None = None,
    classifier: IntentClassifier | None = None,
    shop: str = "mine",
) -> ShopReport:
    """Return the evaluation of the shop "mine" with these entries and this log, beside another shop that has neither."""
    memory = Memory()
    shops, kept, log = MemoryShops(memory), MemoryEntries(memory), MemoryEvents(memory)
    for name in ("mine", "other"):
        await shops.put_shop(Shop(name, "小摊"))
    await kept.put_entries("mine", entries)
    await kept.put_entries("other", [entry("foreign", "还有货吗", "能开发票吗", "什么时候发货")])
    await log.append("mine", events)
    examiner = ShopExaminer(
        shops, kept, log, FakeEmbedder(256), classifier, indexes or PlainIndexes(), OpenccNormaliser(), StillClock(),
        measure_answers,
    )  # fmt: skip
    return await examiner.examine(shop)
