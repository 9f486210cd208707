"""The token vectors before training: what a token's own direction and its company in the corpus say, times its rarity."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from typing import TYPE_CHECKING, Final

import numpy as np
from numpy.typing import NDArray
from pypinyin import lazy_pinyin
from scipy.sparse import csr_matrix, diags
from sklearn.utils.extmath import randomized_svd

if TYPE_CHECKING:
    from tokenizers import Tokenizer

OWN: Final = 1.0
COMPANY: Final = 0.5
SOUND: Final = 0.35


def initial_vectors(
    texts: Sequence[str], tokenizer: Tokenizer, dimension: int, seed: int
) -> NDArray[np.float32]:
    """Return float32 (tokens, dimension): own random direction + latent semantic direction + that of its sound, by idf."""
    counts = _counts(texts, tokenizer)
    documents = np.asarray((counts > 0).sum(axis=0)).ravel()
    idf = np.log((1 + len(texts)) / (1 + documents)) + 1
    random = np.random.default_rng(seed)
    own = _unit(random.standard_normal((len(idf), dimension)))
    vectors = (
        OWN * own
        + COMPANY * _company(counts, idf, dimension, seed)
        + SOUND * _sound(tokenizer, random, dimension)
    )
    scaled = _unit(vectors) * idf[:, None] / idf.mean()
    scaled[0] = 0
    return np.asarray(scaled, dtype=np.float32)


def _counts(texts: Sequence[str], tokenizer: Tokenizer) -> csr_matrix:
    encoded = [e.ids for e in tokenizer.encode_batch_fast(list(texts), add_special_tokens=False)]
    ends = np.cumsum([0, *map(len, encoded)])
    columns = np.array([number for ids in encoded for number in ids if number >= 0], dtype=np.int64)
    shape = (len(texts), tokenizer.get_vocab_size())
    matrix = csr_matrix((np.ones(len(columns)), columns, ends), shape=shape)
    matrix.sum_duplicates()
    return matrix


def _company(counts: csr_matrix, idf: NDArray[np.float64], dimension: int, seed: int) -> NDArray[np.float64]:
    """Return the right singular vectors of the TF-IDF matrix, scaled to rows of length 1 (0 for unseen tokens)."""
    weighted = counts.log1p() @ diags(idf)
    lengths = np.sqrt(np.asarray(weighted.multiply(weighted).sum(axis=1)).ravel())
    weighted = diags(1 / np.maximum(lengths, 1e-9)) @ weighted
    size = min(dimension, min(weighted.shape) - 1)
    _, strengths, directions = randomized_svd(weighted, size, random_state=seed)
    company = np.zeros((counts.shape[1], dimension))
    company[:, :size] = (directions * np.sqrt(strengths)[:, None]).T
    return _unit(company)


def _sound(tokenizer: Tokenizer, random: np.random.Generator, dimension: int) -> NDArray[np.float64]:
    """Return a direction shared by all tokens of one pronunciation, so that typos by sound start near the right word."""
    by_sound: defaultdict[str, list[int]] = defaultdict(list)
    for token, number in sorted(tokenizer.get_vocab().items()):
        if not token.isascii():
            by_sound[" ".join(lazy_pinyin(token))].append(number)
    sounds = np.zeros((tokenizer.get_vocab_size(), dimension))
    for numbers in by_sound.values():
        direction = random.standard_normal(dimension)
        sounds[numbers] = direction / np.linalg.norm(direction)
    return sounds


def _unit(rows: NDArray[np.float64]) -> NDArray[np.float64]:
    lengths = np.linalg.norm(rows, axis=1, keepdims=True)
    return rows / np.where(lengths > 0, lengths, 1)
