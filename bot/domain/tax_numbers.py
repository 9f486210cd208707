"""Tax numbers of companies: whether one can be right, and what is wrong with one that cannot.

Since 2015 a company's tax number is its unified social credit code: 18 characters, the last of them a check character
(GB 32100-2015, section 4). The older forms have 15 characters (area and organisation code) or 20 (of sole traders).
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

_ALPHABET: Final = "0123456789ABCDEFGHJKLMNPQRTUWXY"
"""Digits and capitals but I, O, Z, S and V, which are taken for 1, 0, 2, 5 and U. A character's value is its place."""
_MODULUS: Final = len(_ALPHABET)
_WEIGHTS: Final = tuple(pow(3, place, _MODULUS) for place in range(17))
_LOOK_ALIKES: Final = str.maketrans("OIZSV", "0125U")
_LENGTHS: Final = (15, 18, 20)
_AREA: Final = re.compile(r"[0-9]{6}")
_IDENTITY: Final = re.compile(
    r"[1-9][0-9]{5}(?:19|20)[0-9]{2}(?:0[1-9]|1[0-2])(?:0[1-9]|[12][0-9]|3[01])[0-9]{3}[0-9X]"
)
_BETWEEN: Final = re.compile(r"[\s\-_.·,，、/]+")


class TaxFlaw(StrEnum):
    """Why a tax number cannot be right."""

    LENGTH = "length"
    LETTER = "letter"
    SHAPE = "shape"
    CHECK = "check"
    IDENTITY = "identity"
    """It is the number of somebody's identity card, which no invoice needs."""


@dataclass(frozen=True, slots=True)
class TaxNumber:
    """A tax number as it was read: narrow capitals without spaces. `flaw` is None when it can be right.

    `letters` are those of it that no tax number holds; `likely` is what it would be with the digits or the letter that they
    are taken for, "" unless that could be right. It is never put in its place: only who has the paper knows.
    """

    text: str
    flaw: TaxFlaw | None = None
    letters: tuple[str, ...] = ()
    likely: str = ""


def compact_number(text: str) -> str:
    """Return the text in narrow capitals, without the spaces and strokes that people write into numbers."""
    return _BETWEEN.sub("", unicodedata.normalize("NFKC", text)).upper()


def check_character(first_17: str) -> str:
    """Return the check character of a credit code's first 17. Raises ValueError for characters that none holds."""
    if len(first_17) != len(_WEIGHTS):
        raise ValueError(f"17 characters have a check character, not {len(first_17)}")
    total = sum(
        weight * _ALPHABET.index(character) for weight, character in zip(_WEIGHTS, first_17, strict=True)
    )
    return _ALPHABET[-total % _MODULUS]


def read_tax_number(text: str) -> TaxNumber:
    """Return the tax number that the whole text is meant to be, with what is wrong with it."""
    number = compact_number(text)
    if len(number) not in _LENGTHS:
        return TaxNumber(number, TaxFlaw.LENGTH)
    if _IDENTITY.fullmatch(number) and not _is_credit_code(number):
        return TaxNumber(number, TaxFlaw.IDENTITY)
    if len(number) != 18:
        return _read_older(number)
    letters = tuple(dict.fromkeys(each for each in number if each not in _ALPHABET))
    if letters:
        likely = number.translate(_LOOK_ALIKES)
        return TaxNumber(number, TaxFlaw.LETTER, letters, likely if _is_credit_code(likely) else "")
    if not _AREA.fullmatch(number[2:8]):
        return TaxNumber(number, TaxFlaw.SHAPE)
    return TaxNumber(number, None if _is_credit_code(number) else TaxFlaw.CHECK)


def _is_credit_code(number: str) -> bool:
    fits = all(each in _ALPHABET for each in number) and _AREA.fullmatch(number[2:8]) is not None
    return fits and check_character(number[:17]) == number[17]


def _read_older(number: str) -> TaxNumber:
    """Read a number of 15 or 20 characters: the older forms have no check character over all of them."""
    fits = number.isascii() and number.isalnum() and _AREA.fullmatch(number[:6]) is not None
    return TaxNumber(number, None if fits else TaxFlaw.SHAPE)
