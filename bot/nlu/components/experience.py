"""What a classifier brings along: weights learned from messages that cannot be part of the repository.

`python -m bot.nlu.experience` writes them. Training from `intents/` starts there and stays near, so that real messages
count without lying in the repository, and a shop's own intents are learned all the same.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np


@dataclass(frozen=True)
class Experience:
    """`weights` is float32 (pieces + numbers of a vector + 1, intents + groups), the last row being the bias.

    `counts` is float32 (pieces, groups): in how many real messages of a group a piece stood. `model` marks the embedding
    model whose vectors the weights belong to; `intents` and `groups` name the columns.
    """

    pieces: tuple[str, ...]
    intents: tuple[str, ...]
    groups: tuple[str, ...]
    weights: np.ndarray
    counts: np.ndarray
    model: str

    def earlier(
        self, intents: Sequence[str], groups: Sequence[str], columns: int
    ) -> tuple[np.ndarray, np.ndarray]:
        """Return the weights as a classifier with `columns` pieces, these first, wants them: for intents and for groups.

        What it does not know has weights of zero.
        """
        return self._part(intents, columns, self.intents, 0), self._part(
            groups, columns, self.groups, len(self.intents)
        )

    def seen(self, groups: Sequence[str], columns: int) -> np.ndarray:
        """Return the counts as a classifier with `columns` pieces, these first, wants them."""
        counts = np.zeros((columns, len(groups)), np.float32)
        for place, name in enumerate(groups):
            if name in self.groups:
                counts[: len(self.pieces), place] = self.counts[:, self.groups.index(name)]
        return counts

    def _part(self, wanted: Sequence[str], columns: int, names: Sequence[str], first: int) -> np.ndarray:
        known = len(self.pieces)
        rest = self.weights.shape[0] - known
        part = np.zeros((columns + rest, len(wanted)), np.float32)
        for place, name in enumerate(wanted):
            if name in names:
                column = self.weights[:, first + names.index(name)]
                part[:known, place], part[columns:, place] = column[:known], column[known:]
        return part


def nothing_learned(dimension: int) -> Experience:
    """Return the experience of a beginner, for vectors of `dimension` numbers."""
    return Experience((), (), (), np.zeros((dimension + 1, 0), np.float32), np.zeros((0, 0), np.float32), "")


def read_experience(path: Path) -> Experience:
    """Return what the file holds. Raises OSError, or ValueError or KeyError for a file that is something else."""
    with np.load(path, allow_pickle=False) as arrays:
        names = {key: _unpack(arrays[key]) for key in ("pieces", "intents", "groups")}
        weights = arrays["weights"].astype(np.float32) * arrays["scale"]
        counts = arrays["counts"].astype(np.float32)
        return Experience(**names, weights=weights, counts=counts, model=str(arrays["model"]))


def write_experience(path: Path, learned: Experience) -> None:
    """Write the file: weights in steps of a 127th of each column's largest, which changes no answer and packs well."""
    scale = np.maximum(np.abs(learned.weights).max(axis=0), 1e-6) / 127
    np.savez_compressed(
        path,
        pieces=_pack(learned.pieces),
        intents=_pack(learned.intents),
        groups=_pack(learned.groups),
        weights=np.round(learned.weights / scale).astype(np.int8),
        scale=scale.astype(np.float32),
        counts=learned.counts.astype(np.float16),
        model=np.array(learned.model),
    )


def _pack(names: Sequence[str]) -> np.ndarray:
    return np.frombuffer("\n".join(names).encode(), np.uint8)


def _unpack(packed: np.ndarray) -> tuple[str, ...]:
    return tuple(packed.tobytes().decode().split("\n"))
