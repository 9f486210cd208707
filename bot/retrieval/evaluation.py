"""Measures how well entries are found and intents are told apart, on questions whose right answer is known."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np

from bot.domain.entry import Scope
from bot.domain.intents import INTENT_GROUP, IntentScore
from bot.domain.text import UnreadableMessage, read_message, strip_opener
from bot.ports import (
    Embedder,
    EntryIndexes,
    IndexedEntry,
    IntentClassifier,
    Question,
    RankedEntry,
    TextNormaliser,
)
from bot.retrieval.evaluation_files import FaqEntry, FaqQuery, LabelledMessage
from bot.retrieval.evaluation_measures import answered_at_precision, brier_skill, calibration_error

PRECISIONS: Final = (0.90, 0.95, 0.98)
RANKED: Final = 10
_BATCH: Final = 256


@dataclass(frozen=True, slots=True)
class QueryResult:
    """One query with the first ten of its ranking."""

    text: str
    expected: str | None
    ranking: tuple[tuple[str, float], ...]

    @property
    def place(self) -> int | None:
        """The place of the right entry in the ranking, from 1; None when it is not there."""
        names = [entry for entry, _ in self.ranking]
        return names.index(self.expected) + 1 if self.expected in names else None

    @property
    def confidence(self) -> float:
        return self.ranking[0][1] if self.ranking else 0.0

    @property
    def is_right(self) -> bool:
        """Whether the first entry is the right one."""
        return self.place == 1

    def as_row(self) -> dict[str, Any]:
        """Return the row of the per-query file."""
        ranking = [{"entry": entry, "confidence": round(value, 6)} for entry, value in self.ranking]
        return {"text": self.text, "expected": self.expected, "ranking": ranking}


@dataclass(frozen=True, slots=True)
class FaqReport:
    """How well the entries were found. Hits and MRR count queries that an entry answers; the rest counts all.

    `answered` maps a precision to the share of all queries that a threshold can answer at it. Times are milliseconds a query.
    """

    entries: int
    queries: int
    in_scope: int
    hit_at_1: float
    hit_at_3: float
    hit_at_5: float
    mrr: float
    calibration_error: float
    brier_skill: float
    answered: dict[str, float]
    latency_ms_p50: float
    latency_ms_p99: float
    build_ms: float
    memory_bytes: int
    classifier: bool
    results: tuple[QueryResult, ...]

    def as_mapping(self) -> dict[str, Any]:
        """Return the figures, without the results of each query, as JSON values."""
        return _figures(self, {"results"})


@dataclass(frozen=True, slots=True)
class MessageResult:
    """One message with the first intent that the classifier gave it.

    `confidence` is in what is asked for: in the intent, or in its group where the message is labelled with a group.
    """

    text: str
    expected: str
    intent: str
    group: str
    confidence: float

    @property
    def is_right(self) -> bool:
        """Whether the intent is right, or the group where the message is labelled with a group."""
        return self.expected == (self.intent if self.expected in INTENT_GROUP else self.group)

    @property
    def is_group_right(self) -> bool:
        return INTENT_GROUP.get(self.expected, self.expected) == self.group

    def as_row(self) -> dict[str, Any]:
        """Return the row of the per-message file."""
        return {
            "text": self.text,
            "expected": self.expected,
            "intent": self.intent,
            "group": self.group,
            "confidence": round(self.confidence, 6),
        }


@dataclass(frozen=True, slots=True)
class LabelFigures:
    """Precision, recall and F1 of one label, and how many messages carry it."""

    label: str
    messages: int
    precision: float
    recall: float
    f1: float


@dataclass(frozen=True, slots=True)
class IntentReport:
    """How well intents (and groups) were told apart. `confusions` are (expected, got, how often), the commonest first."""

    messages: int
    accuracy: float
    group_accuracy: float
    macro_f1: float
    group_macro_f1: float
    calibration_error: float
    brier_skill: float
    answered: dict[str, float]
    labels: tuple[LabelFigures, ...]
    groups: tuple[LabelFigures, ...]
    confusions: tuple[tuple[str, str, int], ...]
    results: tuple[MessageResult, ...]

    def as_mapping(self) -> dict[str, Any]:
        """Return the figures, without the results of each message, as JSON values."""
        return _figures(self, {"results"})


async def evaluate_faq(
    entries: Sequence[FaqEntry],
    queries: Sequence[FaqQuery],
    embedder: Embedder,
    normaliser: TextNormaliser,
    indexes: EntryIndexes,
    classifier: IntentClassifier | None = None,
) -> FaqReport:
    """Build a shop of its own from `entries` and rank every query in it.

    Raises EmbedderUnavailable; a classifier that does not answer raises ClassifierUnavailable.
    """
    indexed = await _indexed(entries, embedder, normaliser)
    began = time.perf_counter()
    index = indexes.build(indexed, embedder.dimension)
    build_ms = (time.perf_counter() - began) * 1000
    results: list[QueryResult] = []
    times: list[float] = []
    for query in queries:
        began = time.perf_counter()
        text = _as_searched(query.text, normaliser)
        vector = (await embedder.encode([text]))[0]
        intents = (await classifier.classify(text)).intents if classifier is not None else ()
        ranked = index.rank(Question(text, vector, intents), RANKED)
        times.append((time.perf_counter() - began) * 1000)
        results.append(QueryResult(query.text, query.expected, _pairs(ranked)))
    return _faq_report(results, len(entries), times, build_ms, index.memory_bytes, classifier is not None)


async def evaluate_intents(messages: Sequence[LabelledMessage], classifier: IntentClassifier) -> IntentReport:
    """Classify every message. Raises ClassifierUnavailable."""
    results: list[MessageResult] = []
    for message in messages:
        understood = await classifier.classify(message.text)
        best = understood.intents[0] if understood.intents else IntentScore("", "", 0.0)
        of_intent = message.expected in INTENT_GROUP
        sure = best.confidence if of_intent else understood.group_confidence(best.group)
        results.append(MessageResult(message.text, message.expected, best.intent, best.group, sure))
    return _intent_report(results)


async def _indexed(
    entries: Sequence[FaqEntry],
    embedder: Embedder,
    normaliser: TextNormaliser,
) -> list[IndexedEntry]:
    indexed: list[IndexedEntry] = []
    folded = [tuple(dict.fromkeys(map(normaliser.normalise, entry.questions))) for entry in entries]
    texts = [text for phrasings in folded for text in phrasings]
    parts = [await embedder.encode(texts[at : at + _BATCH]) for at in range(0, len(texts), _BATCH)]
    vectors = np.concatenate(parts)
    first = 0
    for entry, phrasings in zip(entries, folded, strict=True):
        own = vectors[first : first + len(phrasings)]
        indexed.append(IndexedEntry(entry.id, "", None, Scope(), phrasings, own))
        first += len(phrasings)
    return indexed


def _as_searched(text: str, normaliser: TextNormaliser) -> str:
    """Return the text as a message is searched for: ids and links taken out, without its opener, folded."""
    try:
        return normaliser.normalise(strip_opener(read_message(text).text)) or normaliser.normalise(text)
    except UnreadableMessage:
        return ""


def _pairs(ranked: Sequence[RankedEntry]) -> tuple[tuple[str, float], ...]:
    return tuple((entry.entry, entry.confidence) for entry in ranked)


def _faq_report(
    results: Sequence[QueryResult],
    entries: int,
    times: Sequence[float],
    build_ms: float,
    memory_bytes: int,
    classifier: bool,
) -> FaqReport:
    places = [result.place for result in results if result.expected is not None]
    confidences = [result.confidence for result in results]
    right = [result.is_right for result in results]

    def hits(cut: int) -> float:
        return _mean([place is not None and place <= cut for place in places])

    return FaqReport(
        entries=entries,
        queries=len(results),
        in_scope=len(places),
        hit_at_1=hits(1),
        hit_at_3=hits(3),
        hit_at_5=hits(5),
        mrr=_mean([1 / place if place else 0.0 for place in places]),
        calibration_error=calibration_error(confidences, right),
        brier_skill=brier_skill(confidences, right),
        answered=_answered(confidences, right),
        latency_ms_p50=float(np.quantile(times, 0.5)) if times else 0.0,
        latency_ms_p99=float(np.quantile(times, 0.99)) if times else 0.0,
        build_ms=build_ms,
        memory_bytes=memory_bytes,
        classifier=classifier,
        results=tuple(results),
    )


def _intent_report(results: Sequence[MessageResult]) -> IntentReport:
    confidences = [result.confidence for result in results]
    right = [result.is_right for result in results]
    # A message labelled with a group alone is compared by group, so its label stands among the groups' only.
    named = [result for result in results if result.expected in INTENT_GROUP]
    labels = _label_figures([(result.expected, result.intent) for result in named])
    groups = _label_figures(
        [(INTENT_GROUP.get(result.expected, result.expected), result.group) for result in results]
    )
    confused = Counter(
        (r.expected, r.intent if r.expected in INTENT_GROUP else r.group) for r in results if not r.is_right
    )
    return IntentReport(
        messages=len(results),
        accuracy=_mean(right),
        group_accuracy=_mean([result.is_group_right for result in results]),
        macro_f1=_mean([figures.f1 for figures in labels]),
        group_macro_f1=_mean([figures.f1 for figures in groups]),
        calibration_error=calibration_error(confidences, right),
        brier_skill=brier_skill(confidences, right),
        answered=_answered(confidences, right),
        labels=labels,
        groups=groups,
        confusions=tuple((expected, got, count) for (expected, got), count in confused.most_common()),
        results=tuple(results),
    )


def _label_figures(pairs: Sequence[tuple[str, str]]) -> tuple[LabelFigures, ...]:
    """Return the figures of every label that some message carries."""
    expected = Counter(label for label, _ in pairs)
    given = Counter(label for _, label in pairs)
    correct = Counter(label for label, got in pairs if label == got)
    figures = []
    for label, messages in sorted(expected.items()):
        precision = correct[label] / given[label] if given[label] else 0.0
        recall = correct[label] / messages
        f1 = 2 * precision * recall / (precision + recall) if correct[label] else 0.0
        figures.append(LabelFigures(label, messages, precision, recall, f1))
    return tuple(figures)


def _answered(confidences: Sequence[float], right: Sequence[bool]) -> dict[str, float]:
    return {
        f"{precision:.2f}": answered_at_precision(confidences, right, precision) for precision in PRECISIONS
    }


def _mean(values: Sequence[float] | Sequence[bool]) -> float:
    return float(np.mean(values)) if len(values) else float("nan")


def _figures(report: FaqReport | IntentReport, without: set[str]) -> dict[str, Any]:
    names = [name for name in report.__dataclass_fields__ if name not in without]
    return {name: _plain(getattr(report, name)) for name in names}


def _plain(value: Any) -> Any:
    if isinstance(value, float):
        return None if np.isnan(value) else round(value, 5)
    if isinstance(value, LabelFigures):
        return {name: _plain(getattr(value, name)) for name in value.__dataclass_fields__}
    if isinstance(value, tuple):
        return [_plain(item) for item in value]
    if isinstance(value, dict):
        return {key: _plain(item) for key, item in value.items()}
    return value
