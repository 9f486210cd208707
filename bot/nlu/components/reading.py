"""A text as the classifiers get it: cleaned as a message is before it is parsed, in counted pieces and as a vector."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable

import jieba
import numpy as np

from bot.domain.text import UnreadableMessage, read_message, strip_opener
from bot.nlu.components.ngrams import pieces
from bot.nlu.components.sentence_vectors import SentenceVectors

SHORTEST_PIECE, LONGEST_PIECE = 1, 4


def read_text(text: str, vectors: SentenceVectors) -> tuple[Counter[str], np.ndarray]:
    """Return the counted pieces and the vector of a text, read as a classifier gets it."""
    read = _as_classified(text)
    return count_pieces_of(jieba.lcut(read)), vectors.encode(read)


def count_pieces_of(words: Iterable[str]) -> Counter[str]:
    """Return how often each piece stands in a text of these words."""
    return Counter(pieces(list(words), SHORTEST_PIECE, LONGEST_PIECE))


def _as_classified(text: str) -> str:
    try:
        return strip_opener(read_message(text).text) or text.strip()
    except UnreadableMessage:
        return text
