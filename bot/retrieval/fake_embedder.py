"""An Embedder without a model, for tests: characters and their pairs, hashed. The same text gives the same vector anywhere."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from typing import Final

import numpy as np

from bot.ports import EmbedderUnavailable, Vectors

_LONGEST_GRAM: Final = 2


class FakeEmbedder:
    """Texts that share characters are near each other; one without a letter, digit or character is all zeros."""

    def __init__(self, dimension: int = 64) -> None:
        self._dimension = dimension
        self._reason: str | None = None
        self.calls: list[tuple[str, ...]] = []

    @property
    def fingerprint(self) -> str:
        return f"fake-{self._dimension}"

    @property
    def dimension(self) -> int:
        return self._dimension

    async def warm_up(self) -> None:
        """Nothing to load."""

    async def encode(self, texts: Sequence[str]) -> Vectors:
        """See Embedder.encode; remembers the texts in `calls`."""
        if self._reason is not None:
            raise EmbedderUnavailable(self._reason)
        self.calls.append(tuple(texts))
        return (
            np.stack([self._vector(text) for text in texts])
            if texts
            else np.zeros((0, self._dimension), np.float32)
        )

    async def close(self) -> None:
        """Nothing to close."""

    def become(self, dimension: int) -> None:
        """Turn into another model: of another fingerprint, with vectors of that length."""
        self._dimension = dimension

    def fail(self, reason: str | None) -> None:
        """Make `encode` raise EmbedderUnavailable with that reason; None mends it."""
        self._reason = reason

    def _vector(self, text: str) -> Vectors:
        vector = np.zeros(self._dimension, dtype=np.float32)
        for gram in _grams(text.lower()):
            digest = hashlib.sha256(gram.encode()).digest()
            place = int.from_bytes(digest[:4], "little") % self._dimension
            vector[place] += 1.0 if digest[4] & 1 else -1.0
        length = float(np.linalg.norm(vector))
        return vector / np.float32(length) if length else vector


def _grams(text: str) -> Iterator[str]:
    kept = "".join(character for character in text if character.isalnum())
    for length in range(1, _LONGEST_GRAM + 1):
        for start in range(len(kept) - length + 1):
            yield kept[start : start + length]
