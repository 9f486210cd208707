"""Vectors in half precision inside a FAISS index: searched by inner product, read by row, replaced as a whole."""

from __future__ import annotations

import faiss
import numpy as np
from numpy.typing import NDArray

from bot.retrieval.ngrams import Floats, Integers


class HalfVectors:
    """The rows of one FAISS index (16-bit scalar quantiser, inner product). Never changed, only replaced."""

    def __init__(self, dimension: int, halves: NDArray[np.float16]) -> None:
        self._index = faiss.IndexScalarQuantizer(
            dimension, faiss.ScalarQuantizer.QT_fp16, faiss.METRIC_INNER_PRODUCT
        )
        self._index.is_trained = True
        if len(halves):
            self._index.add_sa_codes(np.ascontiguousarray(halves).view(np.uint8).reshape(len(halves), -1))
        size = self._index.codes.size()
        codes = faiss.rev_swig_ptr(self._index.codes.data(), size) if size else np.zeros(0, np.uint8)
        self._halves: NDArray[np.float16] = codes.view(np.float16).reshape(len(halves), dimension)

    def __len__(self) -> int:
        return int(self._index.ntotal)

    @property
    def dimension(self) -> int:
        return int(self._index.d)

    @property
    def memory_bytes(self) -> int:
        return int(self._index.codes.size())

    def nearest(self, vector: Floats, limit: int, allowed: NDArray[np.bool_] | None = None) -> Integers:
        """Return at most `limit` rows by falling inner product, among those `allowed`."""
        limit = min(limit, len(self))
        if limit == 0:
            return np.zeros(0, np.int64)
        query = np.ascontiguousarray(vector[None], np.float32)
        if allowed is None:
            _, rows = self._index.search(query, limit)
        else:
            bits = np.packbits(allowed, bitorder="little")
            chosen = faiss.SearchParameters(sel=faiss.IDSelectorBitmap(bits))  # type: ignore[call-arg, arg-type]
            _, rows = self._index.search(query, limit, params=chosen)
        found: Integers = rows[0][rows[0] >= 0]
        return found

    def products(self, vector: Floats, rows: Integers) -> Floats:
        """Return the inner product of `vector` with each of `rows`."""
        return self._halves[rows].astype(np.float32) @ vector

    def rows(self, rows: Integers) -> Floats:
        """Return `rows`, as a copy."""
        return self._halves[rows].astype(np.float32)

    def all(self) -> Floats:
        """Return every row, as a copy."""
        return self._halves.astype(np.float32)

    def replaced(self, kept: NDArray[np.bool_], added: Floats) -> HalfVectors:
        """Return the vectors with the rows not `kept` gone and `added` at the end."""
        return HalfVectors(
            self._index.d, np.concatenate([self._halves[kept], added.astype(np.float16)], axis=0)
        )
