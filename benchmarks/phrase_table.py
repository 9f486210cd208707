"""How well a table of 2,000 phrases without a buyer's question answers on its first day: imported, and asked at once.

    python -m benchmarks.phrase_table [--without-rasa] [--wrong]

The table is that of scripts/make_phrase_table.py; tests/data/phrase_questions.tsv holds a hundred messages with the phrases that
answer each, written down before anything was measured. Nothing is learned from them.
"""

from __future__ import annotations

import argparse
import asyncio
import csv
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from benchmarks.demo_questions import parts_in_memory
from benchmarks.estimates import Estimate, share
from benchmarks.quality_parts import open_parts
from bot.bootstrap.engine import Engine, MissingClassifier
from bot.domain.shop import Shop
from bot.ports import Embedder, IntentClassifier, Unavailable
from bot.retrieval.embedder import BUNDLED
from bot.retrieval.index import FaissEntryIndexes
from bot.services.importing import import_entries
from bot.services.suggesting import SuggestionRequest
from bot.settings import PROJECT_ROOT
from scripts.make_phrase_table import phrases, table

_QUESTIONS: Final = PROJECT_ROOT / "tests" / "data" / "phrase_questions.tsv"
_SHOP: Final = "first-day"
_SHOWN: Final = 3
TARGET: Final = 0.5


@dataclass(frozen=True, slots=True)
class Asked:
    """A message, the codes of the phrases that answer it, and those of the phrases that were shown, best first."""

    text: str
    right: frozenset[str]
    shown: tuple[str, ...]

    def hits(self, most: int) -> bool:
        """Whether a right phrase is among the first `most`."""
        return not self.right.isdisjoint(self.shown[:most])


def questions() -> list[tuple[str, frozenset[str]]]:
    """Return the messages with the codes of the phrases that answer each."""
    with _QUESTIONS.open(encoding="utf-8", newline="") as file:
        return [
            (row["text"], frozenset(row["codes"].split())) for row in csv.DictReader(file, delimiter="\t")
        ]


async def ask(embedder: Embedder, classifier: IntentClassifier) -> tuple[list[Asked], float]:
    """Import the table into an empty shop and ask everything; return also the seconds that the import took."""
    engine = Engine(parts_in_memory(embedder, classifier, FaissEntryIndexes()))
    parts = engine.parts
    await parts.shops.put_shop(Shop(_SHOP, "家纺小店"))
    began = time.perf_counter()
    report = await import_entries(engine.editor, _SHOP, table(phrases()), "phrases.csv")
    seconds = time.perf_counter() - began
    if report.errors:
        raise RuntimeError(f"the table was refused: {report.errors[0]}")
    codes = {entry.id: entry.short_code for entry in await parts.entries.list_entries(_SHOP)}
    found = []
    for text, right in questions():
        result = await engine.suggester.suggest(SuggestionRequest(_SHOP, text))
        shown = [
            codes[part.entry] for suggestion in result.suggestions[:_SHOWN] for part in suggestion.parts[:1]
        ]
        found.append(Asked(text, right, tuple(shown)))
    engine.live_shops.close()
    return found, seconds


def hit_rate(asked: Sequence[Asked], most: int) -> Estimate:
    """Return how often a right phrase is among the first `most`."""
    return share([each.hits(most) for each in asked])


async def _run(with_rasa: bool, wrong: bool) -> bool:
    async with open_parts(BUNDLED, with_rasa, lambda text: print(text, file=sys.stderr)) as parts:
        asked, seconds = await ask(parts.embedder, parts.classifier or MissingClassifier())
        name = "with Rasa" if parts.classifier is not None else "without Rasa"
    print(f"{len(phrases())} phrases imported in {seconds:.1f} s; {len(asked)} messages, {name}:")
    for most in (1, _SHOWN):
        print(f"  the right phrase among {most}: {hit_rate(asked, most).in_percent()} %")
    if wrong:
        for each in asked:
            if not each.hits(_SHOWN):
                print(f"  {each.text}\t{' '.join(sorted(each.right))}\t{' '.join(each.shown)}")
    return hit_rate(asked, _SHOWN).value >= TARGET


def main() -> None:
    """Measure and print; exit status 1 when fewer than half are answered."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--without-rasa", action="store_true")
    parser.add_argument(
        "--wrong", action="store_true", help="list the messages whose phrase is not among three"
    )
    given = parser.parse_args()
    try:
        met = asyncio.run(_run(not given.without_rasa, given.wrong))
    except Unavailable as error:
        sys.exit(f"kuaihui: {error}")
    sys.exit(0 if met else 1)


if __name__ == "__main__":
    main()
