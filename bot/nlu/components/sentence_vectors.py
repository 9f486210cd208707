"""The vectors of the bundled embedding model, computed without torch: the model is a table of token vectors."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from hashlib import sha256
from pathlib import Path

import numpy as np
from safetensors.numpy import load_file
from tokenizers import Tokenizer


class SentenceVectors:
    """Turns texts into vectors of length 1 (all zeros for a text without a known token)."""

    def __init__(self, folder: Path) -> None:
        """Read the model. Raises OSError when it is not there."""
        self._tokenizer = Tokenizer.from_file(str(folder / "tokenizer.json"))
        self._tokenizer.no_padding()
        self._tokenizer.no_truncation()
        tensors = load_file(folder / "model.safetensors")
        self._table = next(iter(tensors.values()))

    @property
    def dimension(self) -> int:
        return int(self._table.shape[1])

    def encode(self, text: str) -> np.ndarray:
        """Return float32 (dimension,)."""
        tokens = self._tokenizer.encode(text, add_special_tokens=False).ids
        vector: np.ndarray = self._table[tokens].astype(np.float32).sum(axis=0)
        length = float(np.sqrt(vector @ vector))
        return np.asarray(vector / length) if length else vector

    def encode_all(self, texts: Sequence[str]) -> np.ndarray:
        """Return float32 (len(texts), dimension)."""
        rows = np.zeros((len(texts), self.dimension), np.float32)
        for number, text in enumerate(texts):
            rows[number] = self.encode(text)
        return rows


@cache
def open_vectors(folder: Path) -> SentenceVectors:
    """Return the model of that folder, read once for all components. Raises OSError when it is not there."""
    return SentenceVectors(folder)


def model_mark(folder: Path) -> str:
    """Return 16 hexadecimal digits that change with the model."""
    return sha256((folder / "model.safetensors").read_bytes()).hexdigest()[:16]
