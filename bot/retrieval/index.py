"""The searchable entries of one shop: a FAISS index of its own for each, with n-grams and learned weights beside it."""

from __future__ import annotations

import sys
import threading
from collections.abc import Sequence
from typing import Final

import faiss
import numpy as np
from numpy.typing import NDArray

from bot.ports import IndexedEntry, Question, RankedEntry
from bot.retrieval.calibration import ENTRY_FEATURES, Calibration, bundled_calibration
from bot.retrieval.ngrams import Floats, Integers, weigh_texts
from bot.retrieval.ranking import Channels, Evidence, gather_evidence, scope_fits
from bot.retrieval.shelf import (
    Shelf,
    changed_shelf,
    empty_shelf,
    finite,
    highest,
    prototypes,
    relearned_shelf,
    with_last_learned,
    with_weights,
)

LEARNED_AT_ONCE: Final = 6000
"""Up to so many phrasings a shop's weights are learned while it is built; a larger one learns in `relearn`."""
_NEAREST_PHRASINGS: Final = 40
_BEST_ENTRIES: Final = 20
_SAME: Final = ENTRY_FEATURES.index("same")


class FaissEntryIndex:
    """An EntryIndex. Its state is replaced as a whole: who ranks sees one state whatever another thread changes."""

    def __init__(self, entries: Sequence[IndexedEntry], dimension: int, calibration: Calibration) -> None:
        self._calibration = calibration
        self._changing = threading.Lock()
        # The last one of an id counts, as if they had been put one after the other.
        unique = list({entry.id: entry for entry in entries}.values())
        self._shelf = changed_shelf(empty_shelf(dimension), unique, frozenset())
        if 0 < len(self._shelf.vectors) <= LEARNED_AT_ONCE:
            self.relearn()
        elif len(self._shelf.vectors):
            self._shelf = with_weights(self._shelf, prototypes(self._shelf.phrasings()))

    def __len__(self) -> int:
        return len(self._shelf.ids)

    @property
    def memory_bytes(self) -> int:
        """What the index holds: vectors, n-grams, weights, ids and labels."""
        return self._shelf.memory_bytes + sys.getsizeof(self._shelf)

    def put(self, entry: IndexedEntry) -> None:
        """Add the entry, or replace the one with its id. Found by the next call of `rank`.

        Its own weights are learned at once, against the phrasings nearest to its own; those of the others at `relearn`.
        """
        with self._changing:
            self._shelf = with_last_learned(changed_shelf(self._shelf, [entry], frozenset([entry.id])))

    def remove(self, entry: str) -> None:
        """Forget the entry; an unknown id is no error."""
        with self._changing:
            if entry in self._shelf.ids:
                self._shelf = changed_shelf(self._shelf, [], frozenset([entry]))

    def relearn(self) -> bool:
        """Learn the weights of every entry anew. May run in another thread while this one ranks.

        Returns False, and changes nothing, when the index changed in the meantime: call it again.
        """
        before = self._shelf
        after = relearned_shelf(before, self._calibration.left_out)
        with self._changing:
            if self._shelf is not before:
                return False
            self._shelf = after
        return True

    def branch(self) -> FaissEntryIndex:
        """Return an index that holds the same now: a shelf is never changed, so both may stand on it."""
        other = FaissEntryIndex((), self._shelf.vectors.dimension, self._calibration)
        other._shelf = self._shelf
        return other

    def rank(self, question: Question, limit: int) -> list[RankedEntry]:
        """Return at most `limit` entries by falling confidence. An empty index gives an empty list."""
        shelf = self._shelf
        numbers, evidence = _evidence(shelf, question)
        if evidence is None:
            return []
        confidences = evidence.probabilities(self._calibration, question)
        best = np.argsort(-confidences, kind="stable")[:limit]
        return [
            RankedEntry(
                shelf.ids[numbers[place]],
                float(confidences[place]),
                dict(zip(ENTRY_FEATURES, map(float, evidence.entries[place]), strict=True)),
                bool(evidence.entries[place, _SAME]),
            )
            for place in best
        ]

    def evidence(self, question: Question) -> tuple[list[str], Evidence | None]:
        """Return the ids of the candidates and what speaks for each, in the same order; what fitting learns from."""
        shelf = self._shelf
        numbers, evidence = _evidence(shelf, question)
        return [shelf.ids[number] for number in numbers], evidence


class FaissEntryIndexes:
    """EntryIndexes that keep each shop in FAISS objects of its own, in this process."""

    def __init__(self, calibration: Calibration | None = None) -> None:
        self._calibration = calibration or bundled_calibration()
        # One question is too little work to share among threads, and waking them costs more than it.
        faiss.omp_set_num_threads(1)

    def build(self, entries: Sequence[IndexedEntry], dimension: int) -> FaissEntryIndex:
        """Return a new index over `entries` (may be empty). CPU-bound: call it off the event loop for large shops."""
        return FaissEntryIndex(entries, dimension, self._calibration)


def _evidence(shelf: Shelf, question: Question) -> tuple[Integers, Evidence | None]:
    dimension = shelf.vectors.dimension
    if question.vector.shape != (dimension,):
        raise ValueError(
            f"the question's vector has the shape {question.vector.shape}; this index holds {dimension} numbers a "
            "vector: encode the question with the model of the index"
        )
    grams = weigh_texts([question.text])
    vector = finite(question.vector)
    scaled = vector * shelf.shares.scale(question.text)
    scores = shelf.postings.scores(grams.grams, grams.weights)
    learned = shelf.weight_postings.scores(grams.grams, grams.weights) + shelf.offsets
    numbers = _candidates(shelf, question, vector, scaled, scores, learned)
    if not len(numbers):
        return numbers, None
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
        shelf.steepness,
    )
    labels = [shelf.labels[number] for number in numbers]
    return numbers, gather_evidence(question, labels, channels, len(shelf.ids))


def _candidates(
    shelf: Shelf, question: Question, vector: Floats, scaled: Floats, scores: Floats, learned: Floats
) -> Integers:
    """Return the numbers of the entries that any channel puts forward, without those of other products."""
    allowed = _allowed(shelf, question)
    rows = None
    if allowed is not None:
        rows = np.repeat(allowed, np.diff(shelf.starts))
        scores = np.where(rows, scores, -np.inf)
        learned = np.where(allowed, learned, -np.inf)
    phrasings = np.concatenate(
        [shelf.vectors.nearest(vector, _NEAREST_PHRASINGS, rows), highest(scores, _NEAREST_PHRASINGS)]
    )
    owners = np.searchsorted(shelf.starts, phrasings, side="right") - 1
    entries = np.concatenate(
        [owners, shelf.weights.nearest(scaled, _BEST_ENTRIES, allowed), highest(learned, _BEST_ENTRIES)]
    )
    numbers: Integers = np.unique(entries)
    full = np.diff(shelf.starts)[numbers] > 0
    if allowed is not None:
        full &= allowed[numbers]
    found: Integers = numbers[full]
    return found


def _allowed(shelf: Shelf, question: Question) -> NDArray[np.bool_] | None:
    """Return which entries may answer; None is all. One scoped to other products than the question's may not."""
    if not (question.products or question.categories) or not shelf.scoped.any():
        return None
    allowed = ~shelf.scoped
    for number in np.flatnonzero(shelf.scoped):
        allowed[number] = scope_fits(question, shelf.labels[number].scope)
    return allowed
