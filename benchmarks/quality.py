"""How well entries are found, part by part, beside other systems: `python -m benchmarks.quality [--data DIR] [--out FILE]`.

Parts are added one after the other: the n-gram channel alone, with the dense one, with the learned weights, and, where a
Rasa server is named by --rasa, with the classifier. Nothing is learned from the queries.
"""

from __future__ import annotations

import argparse
import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

import numpy as np

from benchmarks.faq_sets import FaqSet, read_sets
from bot.ports import EntryIndex, EntryIndexes, IndexedEntry, IntentClassifier, Question, RankedEntry
from bot.retrieval.embedder import SentenceTransformerEmbedder, resolve_model
from bot.retrieval.evaluation import FaqReport, evaluate_faq
from bot.retrieval.evaluation_measures import answered_at_precision, bootstrap_interval
from bot.retrieval.index import FaissEntryIndexes
from bot.retrieval.normaliser import OpenccNormaliser
from bot.settings import PROJECT_ROOT

_CHANNELS: Final[Mapping[str, Mapping[str, float]]] = {
    "n-grams, nearest phrasing": {"grams": 1.0},
    "dense, two nearest phrasings": {"dense_two": 1.0},
    "n-grams + dense": {"grams": 1.0, "dense_two": 0.6},
    "learned weights": {"learned": 1.0},
}
"""Rankings by single channels, with the weight of each; their scores are no probabilities."""


@dataclass(frozen=True, slots=True)
class _ByChannels:
    """An index that ranks by a sum of channels instead of the whole ranker."""

    inner: EntryIndex
    weights: Mapping[str, float]

    def put(self, entry: IndexedEntry) -> None:
        self.inner.put(entry)

    def remove(self, entry: str) -> None:
        self.inner.remove(entry)

    def relearn(self) -> bool:
        return self.inner.relearn()

    def rank(self, question: Question, limit: int) -> list[RankedEntry]:
        """See EntryIndex.rank."""
        ranked = [
            RankedEntry(found.entry, sum(found.features[name] * by for name, by in self.weights.items()))
            for found in self.inner.rank(question, 200)
        ]
        return sorted(ranked, key=lambda found: -found.confidence)[:limit]

    def __len__(self) -> int:
        return len(self.inner)

    @property
    def memory_bytes(self) -> int:
        return self.inner.memory_bytes


@dataclass(frozen=True, slots=True)
class _ChannelIndexes:
    weights: Mapping[str, float]
    inner: FaissEntryIndexes = field(default_factory=FaissEntryIndexes)

    def build(self, entries: Sequence[IndexedEntry], dimension: int) -> _ByChannels:
        """See EntryIndexes.build."""
        return _ByChannels(self.inner.build(entries, dimension), self.weights)


def main() -> None:
    """Run the command."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--data", type=Path, default=PROJECT_ROOT.parent / "shared" / "data")
    parser.add_argument("--embedder", default="bundled", help="as in KUAIHUI_EMBEDDER")
    parser.add_argument("--classifier", action="store_true", help="measure with Rasa too (starts it)")
    parser.add_argument("--out", type=Path, default=None, help="write the page there instead of printing it")
    given = parser.parse_args()
    page = asyncio.run(_measure(given.data, given.embedder, given.classifier))
    if given.out is None:
        print(page)
    else:
        given.out.write_text(page, encoding="utf-8")


async def _measure(data: Path, model: str, with_classifier: bool) -> str:
    sets, missing = read_sets(data)
    lines = ["# Finding the right entry", ""]
    lines += [f"Not measured, the file is missing: `{path}`." for path in missing]
    embedder = SentenceTransformerEmbedder(resolve_model(model))
    await embedder.warm_up()
    reports: dict[str, list[tuple[str, FaqReport]]] = {each.name: [] for each in sets}
    for each in sets:
        for name, weights in _CHANNELS.items():
            report = await _evaluate(each, embedder, _ChannelIndexes(weights), None)
            reports[each.name].append((name, report))
        whole = await _evaluate(each, embedder, FaissEntryIndexes(), None)
        reports[each.name].append(("the whole ranker, without Rasa", whole))
    if with_classifier:
        await _add_classified(sets, embedder, reports)
    for each in sets:
        lines += ["", *_section(each, reports[each.name])]
    return "\n".join(lines) + "\n"


async def _add_classified(
    sets: Sequence[FaqSet],
    embedder: SentenceTransformerEmbedder,
    reports: Mapping[str, list[tuple[str, FaqReport]]],
) -> None:
    from bot.bootstrap.platform import Needs, open_platform
    from bot.services.classifying import MessageClassifier
    from bot.settings import load_settings

    needs = Needs(embedder=False, classifier=True, wait_for_classifier=True)
    async with open_platform(load_settings(), needs, print) as platform, platform.engine() as engine:
        reading = MessageClassifier(engine.parts.classifier)
        for each in sets:
            report = await _evaluate(each, embedder, FaissEntryIndexes(), reading)
            reports[each.name].append(("the whole ranker, with Rasa", report))


async def _evaluate(
    each: FaqSet,
    embedder: SentenceTransformerEmbedder,
    indexes: EntryIndexes,
    classifier: IntentClassifier | None,
) -> FaqReport:
    return await evaluate_faq(each.entries, each.queries, embedder, OpenccNormaliser(), indexes, classifier)


def _section(each: FaqSet, reports: Sequence[tuple[str, FaqReport]]) -> list[str]:
    head = "| system | hit@1 | hit@3 | hit@5 | answered at 90 / 95 / 98 % | calibration error | Brier skill |"
    lines = [f"## {each.name}", "", f"{len(each.entries)} entries, {len(each.queries)} queries.", "", head]
    lines.append("| --- | --- | --- | --- | --- | --- | --- |")
    for name, one, three, answered in each.baselines:
        lines.append(
            f"| {name} (baseline) | {_shown(one)} | {_shown(three)} | – | {_shown(answered)} | – | – |"
        )
    lines += [_row(name, report) for name, report in reports]
    name, report = reports[-1]
    return [*lines, "", f"{name.capitalize()}, 95 % intervals: {_intervals(report)}.", _cost(report)]


def _row(name: str, report: FaqReport) -> str:
    hits = " | ".join(_shown(100 * hit) for hit in (report.hit_at_1, report.hit_at_3, report.hit_at_5))
    answered = " / ".join(_shown(100 * share) for share in report.answered.values())
    if not name.startswith("the whole"):
        # Scores of single channels are no probabilities: their error would say nothing.
        return f"| {name} | {hits} | {answered} | – | – |"
    return f"| {name} | {hits} | {answered} | {report.calibration_error:.3f} | {report.brier_skill:.2f} |"


def _intervals(report: FaqReport) -> str:
    places = np.array([r.place or 99 for r in report.results if r.expected is not None])
    confidences = np.array([r.confidence for r in report.results])
    right = np.array([r.is_right for r in report.results])
    one = bootstrap_interval(lambda drawn: float((places[drawn] <= 1).mean()), len(places))
    three = bootstrap_interval(lambda drawn: float((places[drawn] <= 3).mean()), len(places))
    answered = bootstrap_interval(
        lambda drawn: answered_at_precision(confidences[drawn].tolist(), right[drawn].tolist(), 0.9),
        len(right),
    )
    named = {"hit@1": one, "hit@3": three, "answered at 90 %": answered}
    return ", ".join(f"{name} {100 * low:.1f}–{100 * high:.1f}" for name, (low, high) in named.items())


def _cost(report: FaqReport) -> str:
    return (
        f"A query took {report.latency_ms_p50:.1f} ms (99 %: {report.latency_ms_p99:.1f} ms) with encoding, building "
        f"{report.build_ms:.0f} ms, memory {report.memory_bytes / 1024:.0f} KiB."
    )


def _shown(value: float | None) -> str:
    return "–" if value is None else f"{value:.1f}"


if __name__ == "__main__":
    main()
