"""The searchable entries of one shop: a FAISS index of its own for each, with n-grams and learned weights beside it."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final

import faiss
import numpy as np
from numpy.typing import NDArray

from bot.ports import IndexedEntry, Question, RankedEntry
from bot.retrieval.calibration import ENTRY_FEATURES, Calibration, bundled_calibration
from bot.retrieval.halves import HalfVectors
from bot.retrieval.ngrams import Floats, GramRows, Integers, weigh_texts
from bot.retrieval.postings import Postings
from bot.retrieval.ranking import Channels, Evidence, Label, gather_evidence, scope_fits
from bot.retrieval.weights import Learned, Phrasings, learn_all, learn_some

SHARE_IDEOGRAPHIC: Final = 0.5
SHARE_ALPHABETIC: Final = 0.15
"""Weights of the dense inner product beside the n-gram one in the learned score. The bundled model knows Chinese
shops best; an English phrasing leans on its words."""

LEARNED_AT_ONCE: Final = 6000
"""Up to so many phrasings a shop's weights are learned while it is built; a larger one learns in `relearn`."""
_NEAREST_PHRASINGS: Final = 48
_BEST_ENTRIES: Final = 24
_RIVALS: Final = 80


@dataclass(frozen=True, slots=True)
class _Shelf:
    """Everything that one state of an index holds. Replaced by every change, so that a reader sees one state."""

    ids: tuple[str, ...]
    labels: tuple[Label, ...]
    starts: NDArray[np.int32]
    scoped: NDArray[np.bool_]
    vectors: HalfVectors
    postings: Postings
    weights: HalfVectors
    weight_postings: Postings
    offsets: Floats
    scales: NDArray[np.float16]
    typical: float

    @property
    def owners(self) -> Integers:
        """The number of the entry of each phrasing, ascending."""
        return np.repeat(np.arange(len(self.ids)), np.diff(self.starts))

    def phrasings(self) -> Phrasings:
        """Return the phrasings as the learner wants them."""
        vectors = self.vectors.all() * self.scales[:, None].astype(np.float32)
        return Phrasings(vectors, self.postings, self.owners, len(self.ids))


class FaissEntryIndex:
    """An EntryIndex. Reading is safe while another thread relearns; changing is for one thread at a time."""

    def __init__(self, entries: Sequence[IndexedEntry], dimension: int, calibration: Calibration) -> None:
        self._dimension = dimension
        self._calibration = calibration
        self._shelf = _empty(dimension)
        self._numbers: dict[str, int] = {}
        unique = list({entry.id: entry for entry in entries}.values())
        if unique:
            self._replace(unique, set())
            if len(self._shelf.vectors) <= LEARNED_AT_ONCE:
                self.relearn()
            else:
                self._shelf = _with_weights(self._shelf, _prototypes(self._shelf.phrasings()))

    def __len__(self) -> int:
        return len(self._shelf.ids)

    @property
    def memory_bytes(self) -> int:
        """What the index holds: vectors, n-grams, weights, ids and labels."""
        shelf = self._shelf
        arrays = (shelf.starts, shelf.scoped, shelf.offsets, shelf.scales)
        parts = (shelf.vectors, shelf.postings, shelf.weights, shelf.weight_postings)
        names = sum(sys.getsizeof(entry) for entry in shelf.ids) + sys.getsizeof(self._numbers)
        labels = sum(_label_bytes(label) for label in shelf.labels)
        pointers = sys.getsizeof(shelf.ids) + sys.getsizeof(shelf.labels)
        held = sum(array.nbytes for array in arrays) + sum(part.memory_bytes for part in parts)
        return held + names + labels + pointers

    def put(self, entry: IndexedEntry) -> None:
        """Add the entry, or replace the one with its id. Found by the next call of `rank`.

        Its own weights are learned at once, against the entries nearest to it; those of the others at `relearn`.
        """
        self._replace([entry], {entry.id})
        shelf = self._shelf
        learned = _learn_last(shelf)
        kept = np.arange(len(shelf.ids)) != len(shelf.ids) - 1
        grams, _, weights = learned.postings.triples()
        rows = GramRows(np.array([0, len(grams)]), grams, weights.astype(np.float32))
        self._shelf = replace(
            shelf,
            weights=shelf.weights.replaced(kept, learned.dense),
            weight_postings=shelf.weight_postings.replaced(kept, rows),
            offsets=np.append(shelf.offsets[:-1], learned.offsets).astype(np.float32),
            typical=learned.typical if np.isnan(shelf.typical) else shelf.typical,
        )

    def remove(self, entry: str) -> None:
        """Forget the entry; an unknown id is no error."""
        if entry in self._numbers:
            self._replace([], {entry})

    def relearn(self) -> None:
        """Learn the weights of every entry anew. May run in another thread while this one ranks.

        When the index changed in the meantime, what was learned is dropped: call it again.
        """
        before = self._shelf
        learned = learn_all(before.phrasings())
        if self._shelf is before:
            self._shelf = _with_weights(before, learned)

    def rank(self, question: Question, limit: int) -> list[RankedEntry]:
        """Return at most `limit` entries by falling confidence. An empty index gives an empty list."""
        found = self.evidence(question)
        if found is None:
            return []
        numbers, evidence = found
        confidences = evidence.probabilities(self._calibration, question)
        best = np.argsort(-confidences, kind="stable")[:limit]
        ids = self._shelf.ids
        return [
            RankedEntry(
                ids[numbers[place]],
                float(confidences[place]),
                dict(zip(ENTRY_FEATURES, map(float, evidence.entries[place]), strict=True)),
            )
            for place in best
        ]

    def evidence(self, question: Question) -> tuple[Integers, Evidence] | None:
        """Return the numbers of the candidates and what speaks for each, or None when there is none."""
        shelf = self._shelf
        if question.vector.shape != (self._dimension,):
            raise ValueError(
                f"the question's vector has the shape {question.vector.shape}; this index holds {self._dimension} "
                "numbers a vector: encode the question with the model of the index"
            )
        grams = weigh_texts([question.text])
        vector = np.nan_to_num(question.vector.astype(np.float32))
        scores = shelf.postings.scores(grams.grams, grams.weights)
        learned = shelf.weight_postings.scores(grams.grams, grams.weights) + shelf.offsets
        scaled = vector * _scale(question.text)
        numbers = _candidates(shelf, question, vector, scaled, scores, learned)
        if not len(numbers):
            return None
        first, last = shelf.starts[numbers], shelf.starts[numbers + 1]
        sizes = (last - first).astype(np.int64)
        starts = np.cumsum(sizes) - sizes
        rows = np.arange(int(sizes.sum())) + np.repeat(first - starts, sizes)
        channels = Channels(
            learned[numbers] + shelf.weights.products(scaled, numbers),
            shelf.vectors.products(vector, rows),
            scores[rows],
            starts,
            shelf.postings.known_share(grams.grams, grams.weights),
            shelf.typical,
            len(shelf.vectors) / len(shelf.ids),
        )
        labels = [shelf.labels[number] for number in numbers]
        return numbers, gather_evidence(question, labels, channels, len(shelf.ids))

    def _replace(self, entries: Sequence[IndexedEntry], gone: set[str]) -> None:
        """Forget the entries `gone` and add `entries` at the end; their weights are zero until learned."""
        shelf = self._shelf
        staying = np.array([entry not in gone for entry in shelf.ids], bool)
        kept = np.repeat(staying, np.diff(shelf.starts))
        vectors, grams, scales, sizes = _rows_of(entries, self._dimension)
        all_sizes = np.concatenate([np.diff(shelf.starts)[staying], sizes])
        nothing = np.zeros(len(entries))
        empty = GramRows(
            np.zeros(len(entries) + 1, np.int64), np.zeros(0, np.uint32), np.zeros(0, np.float32)
        )
        labels = tuple(Label(entry.group, entry.intent, entry.scope) for entry in entries)
        ids = tuple(entry.id for entry in entries)
        self._shelf = _Shelf(
            tuple(i for i, stays in zip(shelf.ids, staying, strict=True) if stays) + ids,
            tuple(lab for lab, stays in zip(shelf.labels, staying, strict=True) if stays) + labels,
            np.concatenate([[0], np.cumsum(all_sizes)]).astype(np.int32),
            np.concatenate([shelf.scoped[staying], [not e.scope.is_open() for e in entries]]).astype(bool),
            shelf.vectors.replaced(kept, vectors),
            shelf.postings.replaced(kept, grams),
            shelf.weights.replaced(staying, np.zeros((len(entries), self._dimension), np.float32)),
            shelf.weight_postings.replaced(staying, empty),
            np.concatenate([shelf.offsets[staying], nothing]).astype(np.float32),
            np.concatenate([shelf.scales[kept], scales]).astype(np.float16),
            shelf.typical,
        )
        self._numbers = {entry: number for number, entry in enumerate(self._shelf.ids)}


class FaissEntryIndexes:
    """EntryIndexes that keep each shop in FAISS objects of its own, in this process."""

    def __init__(self, calibration: Calibration | None = None) -> None:
        self._calibration = calibration or bundled_calibration()
        # One question is too little work to share among threads, and waking them costs more than it.
        faiss.omp_set_num_threads(1)

    def build(self, entries: Sequence[IndexedEntry], dimension: int) -> FaissEntryIndex:
        """Return a new index over `entries` (may be empty). CPU-bound: call it off the event loop for large shops."""
        return FaissEntryIndex(entries, dimension, self._calibration)


def _empty(dimension: int) -> _Shelf:
    nothing = GramRows(np.zeros(1, np.int64), np.zeros(0, np.uint32), np.zeros(0, np.float32))
    none = HalfVectors(dimension, np.zeros((0, dimension), np.float16))
    postings = Postings.of(nothing)
    return _Shelf(
        (),
        (),
        np.zeros(1, np.int32),
        np.zeros(0, bool),
        none,
        postings,
        none,
        postings,
        np.zeros(0, np.float32),
        np.zeros(0, np.float16),
        float("nan"),
    )


def _rows_of(
    entries: Sequence[IndexedEntry], dimension: int
) -> tuple[Floats, GramRows | None, NDArray[np.float32], Integers]:
    """Return vectors, grams and scales of all phrasings of `entries`, and how many each has."""
    for entry in entries:
        if entry.vectors.shape != (len(entry.phrasings), dimension):
            raise ValueError(
                f"entry {entry.id} has {len(entry.phrasings)} phrasings and vectors of shape {entry.vectors.shape}; "
                f"needed is ({len(entry.phrasings)}, {dimension}): encode it with the model of the index"
            )
    texts = [text for entry in entries for text in entry.phrasings]
    sizes = np.array([len(entry.phrasings) for entry in entries], np.int64)
    if not texts:
        return np.zeros((0, dimension), np.float32), None, np.zeros(0, np.float32), sizes
    vectors = np.nan_to_num(np.concatenate([entry.vectors for entry in entries]).astype(np.float32))
    return vectors, weigh_texts(texts), np.array([_scale(text) for text in texts], np.float32), sizes


def _scale(text: str) -> np.float32:
    return np.float32((SHARE_ALPHABETIC if text.isascii() else SHARE_IDEOGRAPHIC) ** 0.5)


def _with_weights(shelf: _Shelf, learned: Learned) -> _Shelf:
    weights = HalfVectors(learned.dense.shape[1], learned.dense.astype(np.float16))
    return replace(
        shelf,
        weights=weights,
        weight_postings=learned.postings,
        offsets=learned.offsets,
        typical=learned.typical,
    )


def _learn_last(shelf: _Shelf) -> Learned:
    """Return the weights of the last entry, set against the phrasings nearest to its own."""
    own = np.arange(shelf.starts[-2], shelf.starts[-1])
    scales = shelf.scales.astype(np.float32)
    vectors = shelf.vectors.rows(own)
    grams, _, weights = shelf.postings.only(own).triples()
    middle, places = np.unique(grams, return_inverse=True)
    summed = np.bincount(places, weights, len(middle)).astype(np.float32)
    near = shelf.vectors.nearest(vectors.sum(axis=0), _RIVALS + len(own))
    alike = _highest(shelf.postings.scores(middle, summed), _RIVALS + len(own))
    rows = np.unique(np.concatenate([own, near, alike]))
    phrasings = Phrasings(
        shelf.vectors.rows(rows) * scales[rows, None],
        shelf.postings.only(rows),
        (rows >= shelf.starts[-2]).astype(np.int64),
        2,
    )
    return learn_some(phrasings, [1], total=len(shelf.vectors))


def _prototypes(phrasings: Phrasings) -> Learned:
    """Return the mean of each entry's phrasings as its weights: what a very large shop answers with until it learned."""
    sizes = np.maximum(np.bincount(phrasings.owners, minlength=phrasings.entries), 1)
    dense = np.zeros((phrasings.entries, phrasings.vectors.shape[1]), np.float32)
    np.add.at(dense, phrasings.owners, phrasings.vectors)
    grams, rows, weights = phrasings.postings.triples()
    owners = phrasings.owners[rows]
    shares = (weights / sizes[owners]).astype(np.float16)
    table = Postings.of_triples(phrasings.entries, grams, owners, shares)
    return Learned(dense / sizes[:, None].astype(np.float32), table, np.zeros(phrasings.entries, np.float32))


def _candidates(
    shelf: _Shelf, question: Question, vector: Floats, scaled: Floats, scores: Floats, learned: Floats
) -> Integers:
    """Return the numbers of the entries that any channel puts forward, without those of other products."""
    allowed = _allowed(shelf, question)
    rows = None
    if allowed is not None:
        rows = np.repeat(allowed, np.diff(shelf.starts))
        scores = np.where(rows, scores, -np.inf)
        learned = np.where(allowed, learned, -np.inf)
    phrasings = np.concatenate(
        [shelf.vectors.nearest(vector, _NEAREST_PHRASINGS, rows), _highest(scores, _NEAREST_PHRASINGS)]
    )
    owners = np.searchsorted(shelf.starts, phrasings, side="right") - 1
    entries = np.concatenate(
        [owners, shelf.weights.nearest(scaled, _BEST_ENTRIES, allowed), _highest(learned, _BEST_ENTRIES)]
    )
    numbers = np.unique(entries)
    full = np.diff(shelf.starts)[numbers] > 0
    if allowed is not None:
        full &= allowed[numbers]
    return numbers[full]


def _allowed(shelf: _Shelf, question: Question) -> NDArray[np.bool_] | None:
    """Return which entries may answer; None is all. One scoped to other products than the question's may not."""
    if not (question.products or question.categories) or not shelf.scoped.any():
        return None
    allowed = ~shelf.scoped
    for number in np.flatnonzero(shelf.scoped):
        allowed[number] = scope_fits(question, shelf.labels[number].scope)
    return allowed


def _highest(values: Floats, limit: int) -> Integers:
    if len(values) <= limit:
        return np.arange(len(values))
    best: Integers = np.argpartition(-values, limit - 1)[:limit]
    return best


def _label_bytes(label: Label) -> int:
    scope = label.scope
    named = sum(sys.getsizeof(name) for name in (*scope.products, *scope.categories))
    return sys.getsizeof(label) + sys.getsizeof(scope) + named
