"""An inverted table: for each gram, the rows that hold it and with what weight. Never changed, only replaced."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from bot.retrieval.ngrams import Floats, GramRows, Grams, Integers


@dataclass(frozen=True, slots=True)
class Postings:
    """``rows[starts[g]:starts[g+1]]`` are the rows that hold ``grams[g]``, `weights` (fp16) theirs; `size` rows in all."""

    size: int
    grams: Grams
    starts: NDArray[np.int32]
    rows: NDArray[np.uint16] | NDArray[np.uint32]
    weights: NDArray[np.float16]

    @classmethod
    def of(cls, texts: GramRows) -> Postings:
        """Return the table of those rows."""
        return cls.of_triples(len(texts), texts.grams, texts.rows, texts.weights.astype(np.float16))

    @classmethod
    def of_triples(cls, size: int, grams: Grams, rows: Integers, weights: NDArray[np.float16]) -> Postings:
        """Return the table of (gram, row, weight), in any order."""
        order = np.lexsort((rows, grams))
        unique, starts = np.unique(grams[order], return_index=True)
        ends = np.append(starts, len(grams)).astype(np.int32)
        return cls(size, unique, ends, _narrow(rows[order], size), weights[order])

    @property
    def memory_bytes(self) -> int:
        return self.grams.nbytes + self.starts.nbytes + self.rows.nbytes + self.weights.nbytes

    def scores(self, grams: Grams, weights: Floats) -> Floats:
        """Return the inner product of one row of grams with every row here."""
        if not len(self.grams):
            return np.zeros(self.size, np.float32)
        places = np.searchsorted(self.grams, grams)
        places[places == len(self.grams)] = 0
        known = self.grams[places] == grams
        places, weights = places[known], weights[known]
        first, counts = self.starts[places], self.starts[places + 1] - self.starts[places]
        total = int(counts.sum())
        skipped = np.repeat(first - (np.cumsum(counts) - counts), counts)
        where = np.arange(total) + skipped
        products = self.weights[where] * np.repeat(weights, counts)
        return np.bincount(self.rows[where], products, self.size).astype(np.float32)

    def known_share(self, grams: Grams, weights: Floats) -> float:
        """Return the share of the row's squared weight that lies in grams known here."""
        if not len(self.grams) or not len(grams):
            return 0.0
        places = np.minimum(np.searchsorted(self.grams, grams), len(self.grams) - 1)
        squares = weights * weights
        return float(squares[self.grams[places] == grams].sum() / max(float(squares.sum()), 1e-9))

    def triples(self) -> tuple[Grams, Integers, NDArray[np.float16]]:
        """Return (grams, rows, weights), by gram and row."""
        return np.repeat(self.grams, np.diff(self.starts)), self.rows.astype(np.int64), self.weights

    def replaced(self, kept: NDArray[np.bool_], added: GramRows | None) -> Postings:
        """Return the table with the rows not `kept` gone, the others moved together, and `added` rows at the end."""
        renumbered = np.cumsum(kept) - 1
        grams, rows, weights = self.triples()
        still = kept[rows]
        grams, rows, weights = grams[still], renumbered[rows[still]], weights[still]
        size = int(kept.sum())
        if added is None or not len(added):
            return _in_order(size, grams, rows, weights)
        order = np.argsort(added.grams, kind="stable")
        new_grams = added.grams[order]
        places = np.searchsorted(grams, new_grams, side="right")
        return _in_order(
            size + len(added),
            np.insert(grams, places, new_grams),
            np.insert(rows, places, added.rows[order] + size),
            np.insert(weights, places, added.weights[order].astype(np.float16)),
        )

    def only(self, rows: Integers) -> Postings:
        """Return the table of `rows` (ascending) alone, numbered anew."""
        places = np.full(self.size, -1, np.int64)
        places[rows] = np.arange(len(rows))
        found = places[self.rows]
        kept = np.flatnonzero(found >= 0)
        # Rows are picked out before the grams are spelled out: the table may hold a million of them.
        numbers = np.searchsorted(self.starts, kept, side="right") - 1
        return _in_order(len(rows), self.grams[numbers], found[kept], self.weights[kept])

    def matrix(self) -> sparse.csr_matrix:
        """Return the rows as a sparse matrix; its columns are the grams, in order."""
        shape = (self.size, len(self.grams))
        content = (self.weights.astype(np.float32), self.rows.astype(np.int32), self.starts)
        return sparse.csc_matrix(content, shape=shape).tocsr()


def _in_order(size: int, grams: Grams, rows: Integers, weights: NDArray[np.float16]) -> Postings:
    changes = np.flatnonzero(np.diff(grams)) + 1 if len(grams) else np.zeros(0, np.int64)
    starts = np.concatenate([np.zeros(min(len(grams), 1), np.int64), changes, [len(grams)]]).astype(np.int32)
    return Postings(size, grams[starts[:-1]], starts, _narrow(rows, size), weights)


def _narrow(rows: Integers, size: int) -> NDArray[np.uint16] | NDArray[np.uint32]:
    return rows.astype(np.uint16) if size <= 1 << 16 else rows.astype(np.uint32)
