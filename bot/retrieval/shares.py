"""How much the dense vectors count beside the n-grams in a shop's learned scores: measured on the shop's own phrasings.

A strong model deserves more of a say than a weak one, and the same model more in one script than in another. What it
deserves shows when each phrasing is left out of the learning and its entry is asked for again.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final
from zlib import crc32

import numpy as np
from numpy.typing import NDArray

from bot.retrieval.ngrams import Floats, Integers
from bot.retrieval.weights import Phrasings, dense_kernel, gram_kernel, left_out_scores

GRID: Final = (0.05, 0.15, 0.3, 0.5, 1.0, 2.0)
FEWEST: Final = 30
"""Fewer phrasings that can be left out say too little: the usual share holds."""
_MOST: Final = 400
"""Phrasings that are looked at; more cost time and hardly change what is chosen."""
_SHARPNESS: Final = 20.0
"""What a learned score is multiplied with to read a chance from it, about as much as the ranker makes of it."""
_DOUBT: Final = 2.0
"""Standard errors by which a larger share must be better to be taken. A shop's phrasings are more alike than what
buyers write is like them, so that what leaving out one shows flatters the vectors."""
_IDEOGRAPH: Final = re.compile("[\u3041-\u30ff\u3400-\u9fff\uac00-\ud7af\U00020000-\U0010ffff]")


def is_alphabetic(text: str) -> bool:
    """Whether the text holds no ideograph: an English sentence stays one with a curly quote or an emoji in it."""
    return _IDEOGRAPH.search(text) is None


@dataclass(frozen=True, slots=True)
class Shares:
    """Weight of the dense inner product beside the n-gram one, for texts with ideographs and for those without.

    The usual ones suit the bundled model: it knows Chinese shops best, and an English phrasing leans on its words.
    """

    ideographic: float = 0.5
    alphabetic: float = 0.15

    def scale(self, text: str) -> np.float32:
        """Return what the vector of `text` is multiplied with."""
        return np.float32((self.alphabetic if is_alphabetic(text) else self.ideographic) ** 0.5)

    def scales(self, alphabetic: NDArray[np.bool_]) -> Floats:
        """Return the same for many texts, of which is known whether they are alphabetic."""
        both = np.array([self.ideographic**0.5, self.alphabetic**0.5], np.float32)
        return both[alphabetic.astype(np.intp)]


USUAL: Final = Shares()


def choose_shares(phrasings: Phrasings, alphabetic: NDArray[np.bool_], ids: Sequence[str]) -> Shares:
    """Return the shares for a shop with those phrasings (vectors not scaled) of the entries `ids`."""
    order = drawn_order(ids)
    return Shares(
        _choose(phrasings, np.flatnonzero(~alphabetic), order, USUAL.ideographic),
        _choose(phrasings, np.flatnonzero(alphabetic), order, USUAL.alphabetic),
    )


def _choose(phrasings: Phrasings, rows: Integers, order: Integers, usual: float) -> float:
    """Return the smallest share that is not clearly worse than the best."""
    rows = drawn_rows(rows, phrasings.owners[rows], order)
    _, owners, sizes = np.unique(phrasings.owners[rows], return_inverse=True, return_counts=True)
    testable = sizes[owners] > 1
    if int(testable.sum()) < FEWEST:
        return usual
    grams = gram_kernel(phrasings.postings.only(rows).matrix())
    dense = dense_kernel(phrasings.vectors[rows])
    losses = [_losses(left_out_scores(grams + share * dense, owners), owners)[testable] for share in GRID]
    best = min(losses, key=lambda found: float(found.mean()))
    return next(share for share, found in zip(GRID, losses, strict=True) if not _clearly_worse(found, best))


def _losses(scores: Floats, owners: Integers) -> Floats:
    """Return how surprising each phrasing's own entry is, judged by its left-out scores."""
    sharp = scores * np.float32(_SHARPNESS)
    sharp -= sharp.max(axis=1, keepdims=True)
    losses: Floats = np.log(np.exp(sharp).sum(axis=1)) - sharp[np.arange(len(owners)), owners]
    return losses


def _clearly_worse(losses: Floats, best: Floats) -> bool:
    excess = losses - best
    return bool(excess.mean() > _DOUBT * excess.std() / len(excess) ** 0.5)


def drawn_order(ids: Sequence[str]) -> Integers:
    """Return a place for each entry that depends on its id alone, not on when it was put."""
    return np.array([crc32(entry.encode()) for entry in ids], np.int64)


def drawn_rows(rows: Integers, owners: Integers, order: Integers) -> Integers:
    """Return the rows (ascending) of whole entries, drawn by `order`, up to the most that are looked at."""
    if len(rows) <= _MOST:
        return rows
    entries, sizes = np.unique(owners, return_counts=True)
    drawn = np.argsort(order[entries], kind="stable")
    kept = drawn[np.cumsum(sizes[drawn]) <= _MOST]
    found: Integers = rows[np.isin(owners, entries[kept])]
    return found
