"""How well the demo shops are answered: 220 conversations a shop, asked of the whole suggester.

    python -m benchmarks.demo_questions [--wrong] [--embedder MODEL] [--without-rasa]

The questions are for measuring. Nothing is trained on them, and nothing is to be tuned to single ones of them.
"""

from __future__ import annotations

import argparse
import asyncio
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass, fields, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from benchmarks.channels import GRAMS, GRAMS_AND_DENSE, LessKnowingIndexes
from benchmarks.demo_conversations import Conversation, Outcome, read_conversations
from benchmarks.demo_report import (
    GRAMS_AND_VECTORS,
    ONLY_GRAMS,
    WHOLE,
    WITHOUT_RASA,
    WITHOUT_RASA_AND_SCOPE,
    WITHOUT_SCOPE,
    WITHOUT_TURNS,
    demo_section,
    whole_of,
    wrong_lines,
)
from benchmarks.quality_page import Gallery
from benchmarks.quality_parts import open_parts
from bot.bootstrap.databases import memory_stores
from bot.bootstrap.engine import Engine, MissingClassifier, Parts
from bot.facts.folder_source import InboxFolders
from bot.facts.http_source import OpenInternetFetcher
from bot.open_internet import OpenInternet
from bot.ports import ClassifierUnavailable, Embedder, EntryIndexes, IntentClassifier, Unavailable
from bot.retrieval.index import FaissEntryIndexes
from bot.retrieval.normaliser import OpenccNormaliser
from bot.retrieval.phrase_matcher import AutomatonMatchers
from bot.services.packs import load_pack
from bot.services.shop_loading import load_shop
from bot.services.suggesting import SuggestionRequest
from bot.settings import PROJECT_ROOT
from bot.storage.memory import Memory
from bot.storage.memory_accounts import MemoryPeople

_TEMPLATES: Final = PROJECT_ROOT / "templates" / "demo"
_AFTERNOON: Final = datetime(2026, 3, 11, 6, tzinfo=UTC)
"""A Wednesday, two in the afternoon in Shanghai: the shops are open, and no parcel of the day has left yet."""


@dataclass(frozen=True, slots=True)
class _Afternoon:
    """A clock that stands still."""

    def now(self) -> datetime:
        return _AFTERNOON


@dataclass(frozen=True, slots=True)
class _Way:
    """One way of answering: the whole suggester, or one from which something was taken."""

    indexes: EntryIndexes
    reads: bool = True
    remembers: bool = True


def _ways() -> dict[str, _Way]:
    return {
        ONLY_GRAMS: _Way(LessKnowingIndexes(GRAMS), reads=False),
        GRAMS_AND_VECTORS: _Way(LessKnowingIndexes(GRAMS_AND_DENSE), reads=False),
        WITHOUT_RASA_AND_SCOPE: _Way(LessKnowingIndexes(), reads=False),
        WITHOUT_SCOPE: _Way(LessKnowingIndexes()),
        WHOLE: _Way(FaissEntryIndexes()),
        WITHOUT_RASA: _Way(FaissEntryIndexes(), reads=False),
        WITHOUT_TURNS: _Way(FaissEntryIndexes(), remembers=False),
    }


async def measure_demo(
    conversations: Sequence[Conversation],
    embedder: Embedder,
    classifier: IntentClassifier | None,
    only: Sequence[str] = (),
) -> dict[str, list[Outcome]]:
    """Return what became of every conversation, by way of answering; those that need Rasa are left out without it."""
    found: dict[str, list[Outcome]] = {}
    for name, way in _ways().items():
        if (way.reads and classifier is None) or (only and name not in only):
            continue
        reading = classifier if way.reads and classifier is not None else MissingClassifier()
        asked = conversations if way.remembers else [replace(each, turns=()) for each in conversations]
        found[name] = await _ask(
            asked, Engine(parts_in_memory(embedder, reading, way.indexes)), read=way.reads
        )
    return found


def parts_in_memory(embedder: Embedder, classifier: IntentClassifier, indexes: EntryIndexes) -> Parts:
    """Return parts over stores in memory, in the afternoon of a day that stands still."""
    stores = memory_stores(Memory(), MemoryPeople(), _Afternoon())
    return Parts(
        **{field.name: getattr(stores, field.name) for field in fields(stores)},
        embedder=embedder,
        classifier=classifier,
        indexes=indexes,
        normaliser=OpenccNormaliser(),
        matchers=AutomatonMatchers(),
        fetcher=OpenInternetFetcher(OpenInternet()),
        folders=InboxFolders(Path(tempfile.gettempdir()) / "kuaihui-inbox"),
    )


async def open_demo(
    conversations: Sequence[Conversation], embedder: Embedder, classifier: IntentClassifier | None
) -> Engine:
    """Return an engine that is not started, with the shops of the conversations."""
    # One that keeps what it read is empty at first, and so false.
    reading = classifier if classifier is not None else MissingClassifier()
    engine = Engine(parts_in_memory(embedder, reading, FaissEntryIndexes()))
    await _load_shops(conversations, engine.parts)
    return engine


async def _load_shops(conversations: Sequence[Conversation], parts: Parts) -> None:
    for shop in sorted({each.shop for each in conversations}):
        path = _TEMPLATES / f"{shop}.yml"
        pack = load_pack(path.read_bytes(), path.name, parts.clock.now(), is_demo=True)
        await load_shop(parts.shops, parts.entries, parts.facts, pack)


async def _ask(conversations: Sequence[Conversation], engine: Engine, *, read: bool) -> list[Outcome]:
    """Ask everything of an engine that is not started: nothing is written, so that nothing is learned from it either."""
    await _load_shops(conversations, engine.parts)
    outcomes = []
    for each in conversations:
        request = SuggestionRequest(each.shop, each.text, each.turns, viewed=each.viewed)
        result = await engine.suggester.suggest(request)
        if read and result.classifier != "ready":
            raise ClassifierUnavailable("Rasa went away while it was measured: measure again")
        outcomes.append(Outcome.of(each, result))
    engine.live_shops.close()
    return outcomes


async def _run(model: str, with_rasa: bool, wrong: bool) -> str:
    async with open_parts(model, with_rasa, lambda text: print(text, file=sys.stderr)) as parts:
        only = (WHOLE if parts.classifier is not None else WITHOUT_RASA,) if wrong else ()
        found = await measure_demo(read_conversations(), parts.embedder, parts.classifier, only)
    lines = wrong_lines(whole_of(found)[1]) if wrong else demo_section(found, Gallery()).lines
    return "\n".join(lines)


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument(
        "--wrong", action="store_true", help="list what is answered wrongly: text, expected, got"
    )
    parser.add_argument("--embedder", default="bundled", help="as in KUAIHUI_EMBEDDER")
    parser.add_argument("--without-rasa", action="store_true", help="measure retrieval alone")
    given = parser.parse_args()
    try:
        print(asyncio.run(_run(given.embedder, not given.without_rasa, given.wrong)))
    except Unavailable as error_found:
        raise SystemExit(str(error_found)) from error_found


if __name__ == "__main__":
    main()
