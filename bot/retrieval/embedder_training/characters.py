"""What each character becomes before it is cut into tokens; the table is stored in the model's tokenizer.json.

Chinese characters and digits are written three times, with spaces between the copies: 发货 becomes "发 发 发货 货 货".
Splitting that at spaces gives every character and every overlapping pair of characters, which no tokenizer offers by
itself. Traditional characters, full-width forms, capitals and accents fold into their plain forms; the rest is a space.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable
from typing import Final

from opencc import OpenCC

_HAN: Final = range(0x4E00, 0xA000)
_FOLDED: Final = (
    *range(0x20, 0x3100),
    *range(0x3200, 0x3400),
    *range(0xF900, 0xFB00),
    *range(0xFE10, 0x10000),
)
_SYMBOLS: Final = range(0x1F000, 0x1FB00)
_DROPPED: Final = frozenset("'’‘\u200b\u200c\u200d\ufe0e\ufe0f\ufeff")
_COPIES: Final = 3


def is_gram_character(character: str) -> bool:
    """Whether the character takes part in pairs: Chinese characters and the ten digits."""
    return ord(character) in _HAN or character in "0123456789"


def character_table(known: Iterable[str]) -> dict[str, str]:
    """Return the replacement of every character that needs one; `known` are the Chinese characters of the vocabulary."""
    known_characters = frozenset(known)
    simplify = OpenCC("t2s").convert
    table: dict[str, str] = {}
    for code in _HAN:
        plain = simplify(chr(code))
        if plain in known_characters:
            table[chr(code)] = _copies(plain)
    for code in (*_FOLDED, *_SYMBOLS):
        character = chr(code)
        replacement = _fold(character)
        if replacement != character:
            table[character] = replacement
    return table


def _fold(character: str) -> str:
    if character in _DROPPED:
        return ""
    plain = unicodedata.normalize("NFKD", character).lower()
    kept = "".join(part for part in plain if not unicodedata.combining(part))
    if kept and all(is_gram_character(part) for part in kept):
        return _copies(kept)
    if kept.isascii() and kept.isalpha():
        return kept
    if unicodedata.category(character)[0] in "PSZCM" or not kept.isalnum():
        return " "
    return character


def _copies(text: str) -> str:
    """Return "A A A" for "A", and "A A AB B B" for "AB": pieces never stick to the character before by accident."""
    return "".join(" ".join([part] * _COPIES) for part in text)
