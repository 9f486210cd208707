"""Character and word n-grams of many texts at once, weighted by how rare they are in shop messages.

Chinese: single characters and pairs (the edge of a clause counts as a character). Alphabetic scripts: words, pairs of
words, and 3-4 letters of a word with its edges. A gram is known by a 32-bit hash; weights are TF-IDF, rows of length 1.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import Final, TypeAlias

import numpy as np
from numpy.typing import NDArray

Floats: TypeAlias = NDArray[np.float32]
Integers: TypeAlias = NDArray[np.int64]
Grams: TypeAlias = NDArray[np.uint32]
_Hashes: TypeAlias = NDArray[np.uint64]

RARITY_BITS: Final = 18
RARITY_STEP: Final = 16
"""The table of rarities holds an idf in steps of 1/16 for each value of a gram's highest 18 bits."""
_RARITY_FILE: Final = "rarity.npz"

_LONGEST: Final = 2000
"""Characters of one text that are read; what follows in a longer one changes nothing anyone would notice."""
_EDGE: Final = 32
_ALPHABETIC, _IDEOGRAPHIC = 1, 2
_FIRST_PRIME: Final = np.uint64(0x9E3779B97F4A7C15)
_SECOND_PRIME: Final = np.uint64(0xC2B2AE3D27D4EB4F)
_BASE: Final = 0x100000001B3
_BASE_INVERSE: Final = pow(_BASE, -1, 1 << 64)


@dataclass(frozen=True, slots=True)
class GramRows:
    """One row of grams a text: ``grams[starts[i]:starts[i+1]]`` are those of text i, ascending, with their weights."""

    starts: Integers
    grams: Grams
    weights: Floats

    def __len__(self) -> int:
        return len(self.starts) - 1

    @property
    def rows(self) -> Integers:
        """The row of each gram."""
        return np.repeat(np.arange(len(self), dtype=np.int64), np.diff(self.starts))


@dataclass(frozen=True, slots=True)
class _Family:
    """One kind of gram: the share of its weight, and where the grams found lie."""

    weight: float
    rows: Integers
    hashes: _Hashes


def weigh_texts(texts: Sequence[str], rarity: NDArray[np.uint8] | None = None) -> GramRows:
    """Return the weighted grams of each text; `rarity` is the bundled table when it is None."""
    table = bundled_rarity() if rarity is None else rarity
    if not texts:
        return GramRows(np.zeros(1, np.int64), np.zeros(0, np.uint32), np.zeros(0, np.float32))
    families = _families(texts)
    rows = np.concatenate([family.rows for family in families])
    grams = np.concatenate([_fold(family.hashes) for family in families])
    shares = np.repeat(np.array([f.weight for f in families], np.float32), [len(f.rows) for f in families])
    keys = (rows.astype(np.uint64) << np.uint64(32)) | grams
    order = np.argsort(keys, kind="stable")
    keys = keys[order]
    first = np.flatnonzero(np.concatenate([[True], keys[1:] != keys[:-1]])) if len(keys) else order
    counts = np.diff(np.append(first, len(keys)))
    shares, found, owners = shares[order[first]], grams[order[first]], rows[order[first]]
    idf = table[found >> np.uint32(32 - RARITY_BITS)].astype(np.float32) / RARITY_STEP
    weights = shares * (1 + np.log(counts.astype(np.float32))) * idf
    squares = np.bincount(owners, weights * weights, len(texts))
    weights = weights / np.sqrt(np.maximum(squares, 1e-12)).astype(np.float32)[owners]
    starts = np.searchsorted(owners, np.arange(len(texts) + 1)).astype(np.int64)
    return GramRows(starts, found, weights.astype(np.float32))


def count_rarity(texts: Sequence[str]) -> NDArray[np.uint8]:
    """Return a table of rarities of the grams in `texts`."""
    rows = weigh_texts(texts, np.full(1 << RARITY_BITS, RARITY_STEP, np.uint8))
    buckets = rows.grams >> np.uint32(32 - RARITY_BITS)
    documents = np.bincount(buckets, minlength=1 << RARITY_BITS)
    idf = np.log((1 + len(texts)) / (1 + documents)) + 1
    steps: NDArray[np.uint8] = np.clip(np.rint(idf * RARITY_STEP), 1, 255).astype(np.uint8)
    return steps


@cache
def bundled_rarity() -> NDArray[np.uint8]:
    """Return the table that comes with the program, read once a process."""
    with (
        resources.files("bot.retrieval.data").joinpath(_RARITY_FILE).open("rb") as file,
        np.load(file) as data,
    ):
        table: NDArray[np.uint8] = data["rarity"]
    return table


def _families(texts: Sequence[str]) -> tuple[_Family, ...]:
    codes, kinds, rows = _characters(texts)
    ideographs = kinds == _IDEOGRAPHIC
    singles = np.flatnonzero(ideographs)
    pairs = np.flatnonzero(ideographs[:-1] | ideographs[1:])
    pair_rows = np.where(kinds[pairs] != 0, rows[pairs], rows[pairs + 1])
    wide = codes.astype(np.uint64)
    found = [
        _Family(2**0.5, rows[singles], wide[singles] * _FIRST_PRIME + np.uint64(1)),
        _Family(1.0, pair_rows, wide[pairs] * _FIRST_PRIME + wide[pairs + 1] * _SECOND_PRIME + np.uint64(2)),
    ]
    alphabetic = kinds == _ALPHABETIC
    if alphabetic.any():
        found += _word_families(np.where(alphabetic, wide, np.uint64(_EDGE)), alphabetic, rows)
    return tuple(found)


def _characters(texts: Sequence[str]) -> tuple[NDArray[np.uint32], NDArray[np.int8], Integers]:
    """Return code, kind and row of every character, runs of anything but letters and digits folded to one edge."""
    joined = "\n" + "\n".join(text[:_LONGEST].replace("\n", " ").lower() for text in texts) + "\n"
    codes = np.frombuffer(joined.encode("utf-32-le", errors="replace"), dtype="<u4").copy()
    rows = np.cumsum(codes == 10) - 1
    kinds = _kinds(codes)
    codes[kinds == 0] = _EDGE
    kept = kinds != 0
    kept[1:] |= kinds[:-1] != 0
    kept[0] = True
    return codes[kept], kinds[kept], rows[kept]


def _kinds(codes: NDArray[np.uint32]) -> NDArray[np.int8]:
    letters = ((codes >= 97) & (codes <= 122)) | ((codes >= 48) & (codes <= 57))
    letters |= (codes >= 0xC0) & (codes < 0x2000)
    ideographs = ((codes >= 0x3400) & (codes <= 0x9FFF)) | ((codes >= 0x3041) & (codes <= 0x30FF))
    ideographs |= ((codes >= 0xAC00) & (codes <= 0xD7AF)) | (codes >= 0x20000)
    return letters.astype(np.int8) * _ALPHABETIC + ideographs.astype(np.int8) * _IDEOGRAPHIC


def _word_families(codes: _Hashes, alphabetic: NDArray[np.bool_], rows: Integers) -> list[_Family]:
    edges = np.flatnonzero(np.diff(alphabetic.astype(np.int8)))
    starts, ends = edges[::2] + 1, edges[1::2] + 1
    powers = _powers(len(codes) + 1, _BASE)
    inverse = _powers(len(codes) + 1, _BASE_INVERSE)
    prefix = np.concatenate([np.zeros(1, np.uint64), np.cumsum(codes * powers[:-1], dtype=np.uint64)])

    def hashes(first: Integers, last: Integers) -> _Hashes:
        spans: _Hashes = (prefix[last] - prefix[first]) * inverse[first]
        return spans

    words = hashes(starts, ends)
    owners = rows[starts]
    following = np.flatnonzero(owners[:-1] == owners[1:])
    found = [
        _Family(1.0, owners, words * _FIRST_PRIME + np.uint64(3)),
        _Family(
            1.0,
            owners[following],
            words[following] * _FIRST_PRIME + words[following + 1] * _SECOND_PRIME + np.uint64(4),
        ),
    ]
    for length in (3, 4):
        inner = np.ones(max(len(codes) - length + 1, 0), bool)
        for offset in range(1, length - 1):
            inner &= alphabetic[offset : offset + len(inner)]
        first = np.flatnonzero(inner)
        grams = hashes(first, first + length) * _FIRST_PRIME + np.uint64(length + 2)
        found.append(_Family(0.5**0.5, rows[first + 1], grams))
    return found


def _powers(count: int, base: int) -> _Hashes:
    known = _power_table(base)
    if count <= len(known):
        return known[:count]
    factors = np.full(count, base, np.uint64)
    factors[0] = 1
    return np.cumprod(factors, dtype=np.uint64)


@cache
def _power_table(base: int) -> _Hashes:
    factors = np.full(256, base, np.uint64)
    factors[0] = 1
    return np.cumprod(factors, dtype=np.uint64)


def _fold(hashes: _Hashes) -> Grams:
    mixed = (hashes ^ (hashes >> np.uint64(29))) * _SECOND_PRIME
    mixed = (mixed ^ (mixed >> np.uint64(32))) * _FIRST_PRIME
    return (mixed >> np.uint64(32)).astype(np.uint32)
