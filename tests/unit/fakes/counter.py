"""Two shops behind one counter: everything that suggesting needs, in memory, at a time set by hand."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from bot.domain.conversation import Turn
from bot.domain.entry import Entry
from bot.domain.suggestion import SuggestionResult
from bot.nlu.fake import KeywordClassifier
from bot.retrieval.fake_embedder import FakeEmbedder
from bot.retrieval.normaliser import OpenccNormaliser
from bot.services.entries import EntryEditor
from bot.services.learning import Aim
from bot.services.live_shops import LiveShops
from bot.services.packs import load_pack
from bot.services.reacting import ReactionLog
from bot.services.recording import EventRecorder
from bot.services.shop_loading import load_shop
from bot.services.suggesting import Suggester, SuggestionRequest
from bot.storage.memory import Memory, MemoryEntries, MemoryEvents, MemoryShops, MemoryVectors
from bot.storage.memory_facts import MemoryFacts
from tests.unit.fakes.plain_index import PlainIndexes

NOW = datetime(2026, 3, 5, 2, 30, tzinfo=UTC)
ZONE = ZoneInfo("Asia/Shanghai")


class SetClock:
    """A clock set by hand."""

    def __init__(self, moment: datetime = NOW) -> None:
        self.moment = moment

    def now(self) -> datetime:
        return self.moment

    def advance(self, by: timedelta) -> None:
        self.moment += by


@dataclass
class Counter:
    """Stores, fakes and the use cases over them. `capacity` is how many shops may be held at once."""

    capacity: int = 10
    idle: timedelta = timedelta(hours=6)
    patience: float = 5.0
    aim: Aim = field(default_factory=lambda: Aim(0.95, {0.95: 0.95}))
    clock: SetClock = field(default_factory=SetClock)
    memory: Memory = field(default_factory=Memory)
    embedder: FakeEmbedder = field(default_factory=lambda: FakeEmbedder(256))
    classifier: KeywordClassifier = field(default_factory=KeywordClassifier)
    indexes: PlainIndexes = field(default_factory=PlainIndexes)

    def __post_init__(self) -> None:
        self.shops = MemoryShops(self.memory)
        self.entries = MemoryEntries(self.memory)
        self.facts = MemoryFacts(self.memory)
        self.events = MemoryEvents(self.memory)
        self.vectors = MemoryVectors(self.memory)
        normaliser = OpenccNormaliser()
        self.live = LiveShops(
            self.shops,
            self.vectors,
            self.events,
            self.embedder,
            self.indexes,
            normaliser,
            self.clock,
            aim=self.aim,
            capacity=self.capacity,
            idle=self.idle,
            patience=self.patience,
        )
        self.recorder = EventRecorder(self.events)
        self.reactions = ReactionLog(self.events, self.recorder, self.clock, self.live.notice, pauses=())
        self.editor = EntryEditor(self.shops, self.entries, self.clock)
        self.suggester = Suggester(
            self.live, self.embedder, self.classifier, self.facts, normaliser, self.recorder, self.clock
        )

    async def open_shop(self, pack: str) -> str:
        """Load a shop pack written as YAML and return the shop's id."""
        loaded = load_pack(pack.encode(), "test.yml", self.clock.now())
        return await load_shop(self.shops, self.entries, self.facts, loaded)

    async def ask(
        self, shop: str, text: str, *history: tuple[str, str], viewed: str = ""
    ) -> SuggestionResult:
        """Return what is suggested for a buyer's message; `history` is (role, text), oldest first."""
        turns = tuple(Turn(role, said) for role, said in history)
        return await self.suggester.suggest(SuggestionRequest(shop, text, turns, viewed=viewed))

    async def edit(self, shop: str, *entries: Entry) -> None:
        """Write entries behind the application's back, then let it hear of the change."""
        await self.entries.put_entries(shop, entries)
        await self.hear_of(shop)

    async def hear_of(self, shop: str) -> None:
        """Tell the shops that are held that this one has changed."""
        await self.live.refresh(shop, (await self.shops.versions())[shop])


def texts(result: SuggestionResult) -> Sequence[str]:
    """Return the suggested texts, best first."""
    return [suggestion.text for suggestion in result.suggestions]
