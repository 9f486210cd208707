"""The model's tokenizer: single Chinese characters, overlapping pairs of them, and English words or parts of words."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from typing import Final

from tokenizers import Regex, Tokenizer
from tokenizers.models import WordPiece
from tokenizers.normalizers import Precompiled
from tokenizers.pre_tokenizers import Sequence as PreTokenizers
from tokenizers.pre_tokenizers import Split, WhitespaceSplit

from bot.retrieval.embedder_training.characters import character_table, is_gram_character
from bot.retrieval.embedder_training.charsmap import pack_charsmap

UNKNOWN: Final = "[UNK]"
_WORD: Final = re.compile(r"[a-z]+")
_LETTERS: Final = "abcdefghijklmnopqrstuvwxyz"
_ENDINGS: Final = ("s", "es", "ed", "d", "ing", "er", "ers", "ly", "ment", "able")
_LONGEST_WORD: Final = 40
_LEVEL_ONE: Final = range(0xB0, 0xF8)
_COLUMNS: Final = range(0xA1, 0xFF)


def common_characters() -> list[str]:
    """Return the 6,763 simplified characters of GB 2312, so that rare ones at least match themselves."""
    codes = (bytes((row, column)) for row in _LEVEL_ONE for column in _COLUMNS)
    return [character for code in codes if (character := code.decode("gb2312", errors="ignore"))]


def build_tokenizer(texts: Sequence[str], size: int) -> Tokenizer:
    """Return a tokenizer of at most `size` tokens for `texts`: all characters, then pairs and words by frequency."""
    characters = sorted({*common_characters(), *(c for text in texts for c in text if is_gram_character(c))})
    normalizer = Precompiled(pack_charsmap(character_table(characters)))
    splitter = _splitter()
    counts: Counter[str] = Counter()
    for text in texts:
        counts.update(piece for piece, _ in splitter.pre_tokenize_str(normalizer.normalize_str(text)))
    vocabulary = [UNKNOWN, *characters, *_LETTERS, *(f"##{letter}" for letter in _LETTERS)]
    vocabulary += [f"##{ending}" for ending in _ENDINGS if len(ending) > 1]
    known = frozenset(vocabulary)
    ranked = sorted(counts.items(), key=lambda item: (-item[1], item[0]))
    words = _stems(piece for piece, _ in ranked if _WORD.fullmatch(piece) and len(piece) > 1)
    grams = [
        piece for piece, _ in ranked if piece not in known and not _WORD.search(piece) and len(piece) == 2
    ]
    vocabulary += [word for word in words if word not in known]
    vocabulary += grams[: max(0, size - len(vocabulary))]
    tokenizer = Tokenizer(
        WordPiece(
            {token: number for number, token in enumerate(vocabulary)},
            unk_token=UNKNOWN,
            continuing_subword_prefix="##",
            max_input_chars_per_word=_LONGEST_WORD,
        )
    )
    tokenizer.normalizer = normalizer
    tokenizer.pre_tokenizer = splitter
    return tokenizer


def _splitter() -> PreTokenizers:
    return PreTokenizers([WhitespaceSplit(), Split(Regex("[a-z]+"), "isolated")])


def _stems(words: Iterable[str]) -> list[str]:
    """Return the words without those that are another one plus an ending: "refunds" then reads "refund" + "##s"."""
    kept = list(words)
    known = set(kept)
    return [
        word
        for word in kept
        if not any(word.endswith(end) and word[: -len(end)] in known for end in _ENDINGS)
    ]
