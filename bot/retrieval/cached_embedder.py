"""An Embedder that remembers the vectors of recent texts. Vectors are shop-free, so the memory may be shared by all shops."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Sequence
from typing import Final

import numpy as np
from numpy.typing import NDArray

from bot.ports import Embedder, EmbedderUnavailable, Vectors

_LONGEST_KEPT: Final = 500


class CachedEmbedder:
    """Keeps the `capacity` texts used last, about 1 KB each with 256 dimensions; longer texts than 500 are not kept."""

    def __init__(self, inner: Embedder, capacity: int = 20_000) -> None:
        self._inner = inner
        self._capacity = capacity
        self._kept: OrderedDict[str, NDArray[np.float32]] = OrderedDict()
        self._model = ""
        self.hits = 0
        self.misses = 0

    @property
    def fingerprint(self) -> str:
        return self._inner.fingerprint

    @property
    def dimension(self) -> int:
        return self._inner.dimension

    async def encode(self, texts: Sequence[str]) -> Vectors:
        """See Embedder.encode; only texts that are not remembered reach the model. What another model made is forgotten."""
        if not texts:
            return await self._inner.encode(texts)
        model = self._present_model()
        found = {text: row for text in texts if (row := self._recall(text)) is not None}
        missing = list(dict.fromkeys(text for text in texts if text not in found))
        self.hits += len(found)
        self.misses += len(missing)
        if missing:
            rows = await self._inner.encode(missing)
            if self._present_model() != model and found:
                # The model changed meanwhile: its vectors and those found do not go together.
                return await self._inner.encode(texts)
            for text, row in zip(missing, rows, strict=True):
                found[text] = row
                self._keep(text, row)
        return np.stack([found[text] for text in texts])

    async def close(self) -> None:
        """Forget everything and close the embedder behind."""
        self._kept.clear()
        await self._inner.close()

    def _present_model(self) -> str:
        """Return the fingerprint of the model behind; what another one made is forgotten."""
        try:
            model = self._inner.fingerprint
        except EmbedderUnavailable:  # never reached: nothing is remembered either
            return self._model
        if model != self._model:
            self._kept.clear()
            self._model = model
        return model

    def _recall(self, text: str) -> NDArray[np.float32] | None:
        row = self._kept.get(text)
        if row is not None:
            self._kept.move_to_end(text)
        return row

    def _keep(self, text: str, row: NDArray[np.float32]) -> None:
        if len(text) > _LONGEST_KEPT:
            return
        self._kept[text] = row.copy()  # a view would hold on to the whole batch
        self._kept.move_to_end(text)
        while len(self._kept) > self._capacity:
            self._kept.popitem(last=False)
