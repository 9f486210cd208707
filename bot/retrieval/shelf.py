"""One state of a shop's index: all that is searched, in arrays that are replaced and never changed."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final

import numpy as np
from numpy.typing import NDArray

from bot.ports import IndexedEntry
from bot.retrieval.calibration import Coefficients
from bot.retrieval.halves import HalfVectors
from bot.retrieval.ngrams import Floats, GramRows, Integers, weigh_texts
from bot.retrieval.postings import Postings
from bot.retrieval.ranking import OPEN, Label
from bot.retrieval.shares import USUAL, Shares, choose_shares, is_alphabetic
from bot.retrieval.steepness import measure_steepness
from bot.retrieval.weights import Learned, Phrasings, learn_all, learn_some

_RIVALS: Final = 80


@dataclass(frozen=True, slots=True)
class Shelf:
    """Everything that one state of an index holds: a reader that has it sees one state whatever happens meanwhile."""

    ids: tuple[str, ...]
    labels: tuple[Label, ...]
    starts: NDArray[np.int32]
    scoped: NDArray[np.bool_]
    vectors: HalfVectors
    postings: Postings
    weights: HalfVectors
    weight_postings: Postings
    offsets: Floats
    alphabetic: NDArray[np.bool_]
    shares: Shares
    typical: float
    steepness: float

    @property
    def owners(self) -> Integers:
        """The number of the entry of each phrasing, ascending."""
        return np.repeat(np.arange(len(self.ids)), np.diff(self.starts))

    @property
    def memory_bytes(self) -> int:
        """What the arrays, the ids and the labels hold."""
        arrays = (self.starts, self.scoped, self.offsets, self.alphabetic)
        parts = (self.vectors, self.postings, self.weights, self.weight_postings)
        held = sum(array.nbytes for array in arrays) + sum(part.memory_bytes for part in parts)
        names = sum(sys.getsizeof(entry) for entry in self.ids) + sys.getsizeof(self.ids)
        return held + names + sum(_label_bytes(label) for label in self.labels) + sys.getsizeof(self.labels)

    def phrasings(self) -> Phrasings:
        """Return the phrasings as the learner wants them."""
        vectors = self.vectors.all() * self.shares.scales(self.alphabetic)[:, None]
        return Phrasings(vectors, self.postings, self.owners, len(self.ids))


def empty_shelf(dimension: int) -> Shelf:
    nothing = GramRows(np.zeros(1, np.int64), np.zeros(0, np.uint32), np.zeros(0, np.float32))
    none = HalfVectors(dimension, np.zeros((0, dimension), np.float16))
    postings = Postings.of(nothing)
    return Shelf(
        (),
        (),
        np.zeros(1, np.int32),
        np.zeros(0, bool),
        none,
        postings,
        none,
        postings,
        np.zeros(0, np.float32),
        np.zeros(0, bool),
        USUAL,
        float("nan"),
        1.0,
    )


def changed_shelf(shelf: Shelf, entries: Sequence[IndexedEntry], gone: frozenset[str]) -> Shelf:
    """Return the shelf without the entries `gone` and with `entries` at the end; their weights are zero until learned."""
    staying = np.array([entry not in gone for entry in shelf.ids], bool)
    kept = np.repeat(staying, np.diff(shelf.starts))
    vectors, grams, alphabetic, sizes = _rows_of(entries, shelf.vectors.dimension)
    all_sizes = np.concatenate([np.diff(shelf.starts)[staying], sizes])
    no_grams = GramRows(np.zeros(len(entries) + 1, np.int64), np.zeros(0, np.uint32), np.zeros(0, np.float32))
    no_weights = np.zeros((len(entries), shelf.vectors.dimension), np.float32)
    labels = tuple(
        Label(entry.group, entry.intent, OPEN if entry.scope.is_open() else entry.scope) for entry in entries
    )
    scoped = np.array([not entry.scope.is_open() for entry in entries], bool)
    return Shelf(
        tuple(i for i, stays in zip(shelf.ids, staying, strict=True) if stays) + tuple(e.id for e in entries),
        tuple(label for label, stays in zip(shelf.labels, staying, strict=True) if stays) + labels,
        np.concatenate([[0], np.cumsum(all_sizes)]).astype(np.int32),
        np.concatenate([shelf.scoped[staying], scoped]),
        shelf.vectors.replaced(kept, vectors),
        shelf.postings.replaced(kept, grams),
        shelf.weights.replaced(staying, no_weights),
        shelf.weight_postings.replaced(staying, no_grams),
        np.concatenate([shelf.offsets[staying], np.zeros(len(entries))]).astype(np.float32),
        np.concatenate([shelf.alphabetic[kept], alphabetic]),
        shelf.shares,
        shelf.typical,
        shelf.steepness,
    )


def relearned_shelf(shelf: Shelf, reading: Coefficients) -> Shelf:
    """Return the shelf with every entry's weights learned anew, and with what its phrasings say of the shop as a whole.

    That is how much the vectors count in the weights, and how steeply evidence (read by `reading`) becomes confidence.
    """
    plain = Phrasings(shelf.vectors.all(), shelf.postings, shelf.owners, len(shelf.ids))
    shares = choose_shares(plain, shelf.alphabetic, shelf.ids)
    steepness = measure_steepness(plain, shares.scales(shelf.alphabetic), shelf.ids, reading)
    chosen = replace(shelf, shares=shares, steepness=steepness)
    return with_weights(chosen, learn_all(chosen.phrasings()))


def with_weights(shelf: Shelf, learned: Learned) -> Shelf:
    weights = HalfVectors(learned.dense.shape[1], learned.dense.astype(np.float16))
    return replace(
        shelf,
        weights=weights,
        weight_postings=learned.postings,
        offsets=learned.offsets,
        typical=learned.typical,
    )


def with_last_learned(shelf: Shelf) -> Shelf:
    """Return the shelf with the weights of its last entry learned, set against the phrasings nearest to its own."""
    if shelf.starts[-2] == shelf.starts[-1]:
        return shelf
    learned = _learn_last(shelf)
    kept = np.arange(len(shelf.ids)) != len(shelf.ids) - 1
    grams, _, weights = learned.postings.triples()
    row = GramRows(np.array([0, len(grams)]), grams, weights.astype(np.float32))
    return replace(
        shelf,
        weights=shelf.weights.replaced(kept, learned.dense),
        weight_postings=shelf.weight_postings.replaced(kept, row),
        offsets=np.append(shelf.offsets[:-1], learned.offsets).astype(np.float32),
        typical=learned.typical if np.isnan(shelf.typical) else shelf.typical,
    )


def _learn_last(shelf: Shelf) -> Learned:
    own = np.arange(shelf.starts[-2], shelf.starts[-1])
    vectors = shelf.vectors.rows(own)
    grams, _, weights = shelf.postings.only(own).triples()
    middle, places = np.unique(grams, return_inverse=True)
    summed = np.bincount(places, weights, len(middle)).astype(np.float32)
    near = shelf.vectors.nearest(vectors.sum(axis=0), _RIVALS + len(own))
    alike = highest(shelf.postings.scores(middle, summed), _RIVALS + len(own))
    rows = np.unique(np.concatenate([own, near, alike]))
    phrasings = Phrasings(
        shelf.vectors.rows(rows) * shelf.shares.scales(shelf.alphabetic[rows])[:, None],
        shelf.postings.only(rows),
        (rows >= shelf.starts[-2]).astype(np.int64),
        2,
    )
    return learn_some(phrasings, [1], total=len(shelf.vectors))


def prototypes(phrasings: Phrasings) -> Learned:
    """Return the mean of each entry's phrasings as its weights: what a very large shop answers with until it learned."""
    sizes = np.maximum(np.bincount(phrasings.owners, minlength=phrasings.entries), 1)
    dense = np.zeros((phrasings.entries, phrasings.vectors.shape[1]), np.float32)
    np.add.at(dense, phrasings.owners, phrasings.vectors)
    grams, rows, weights = phrasings.postings.triples()
    owners = phrasings.owners[rows]
    shares = (weights / sizes[owners]).astype(np.float16)
    table = Postings.of_triples(phrasings.entries, grams, owners, shares)
    middles = (dense / sizes[:, None]).astype(np.float32)
    return Learned(middles, table, np.zeros(phrasings.entries, np.float32), float("nan"))


def highest(values: Floats, limit: int) -> Integers:
    if len(values) <= limit:
        return np.arange(len(values))
    best: Integers = np.argpartition(-values, limit - 1)[:limit]
    return best


def _rows_of(
    entries: Sequence[IndexedEntry], dimension: int
) -> tuple[Floats, GramRows | None, NDArray[np.bool_], Integers]:
    """Return vectors, grams and script of all phrasings of `entries`, and how many each has."""
    for entry in entries:
        if entry.vectors.shape != (len(entry.phrasings), dimension):
            raise ValueError(
                f"entry {entry.id} has {len(entry.phrasings)} phrasings and vectors of shape {entry.vectors.shape}; "
                f"needed is ({len(entry.phrasings)}, {dimension}): encode it with the model of the index"
            )
    texts = [text for entry in entries for text in entry.phrasings]
    sizes = np.array([len(entry.phrasings) for entry in entries], np.int64)
    if not texts:
        return np.zeros((0, dimension), np.float32), None, np.zeros(0, bool), sizes
    vectors = finite(np.concatenate([entry.vectors for entry in entries]))
    return vectors, weigh_texts(texts), np.array([is_alphabetic(text) for text in texts], bool), sizes


def finite(vectors: Floats) -> Floats:
    """Return the vectors with nothing in them that is not a number."""
    clean: Floats = np.nan_to_num(vectors.astype(np.float32), posinf=0.0, neginf=0.0)
    return clean


def _label_bytes(label: Label) -> int:
    scope = label.scope
    named = sum(sys.getsizeof(name) for name in (*scope.products, *scope.categories))
    return sys.getsizeof(label) + sys.getsizeof(scope) + named
