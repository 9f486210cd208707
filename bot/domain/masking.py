"""Masking what names a person in a text: telephone and bank card numbers, identity cards, e-mail addresses, door numbers.

For places that are looked over rather than worked in: previews, lists of results, drafts that stay. A masked text is as long
as it was, and masking it again changes nothing. Order and tracking numbers stay: by them work is done.
"""

from __future__ import annotations

import re
from collections.abc import Collection
from typing import Final

MASK: Final = "*"

_WIDE: Final = {wide: wide - 0xFEE0 for wide in range(0xFF01, 0xFF5F)}
"""Full-width digits, letters and signs as narrow ones: one character for one, so that places stay the same."""

_BEGIN: Final = r"(?<![0-9A-Za-z])"
_END: Final = r"(?![0-9A-Za-z])"
_MOBILE: Final = re.compile(
    r"(?<![0-9])(?:(?:\+|00)?86[ -]?)?1[3-9][0-9][ -]?([0-9]{4})[ -]?[0-9]{4}(?![0-9])"
)
_LANDLINE: Final = re.compile(
    r"(?<![0-9])\(?0(?:10|2[0-9]|[3-9][0-9]{2})\)?[ -]?([2-8][0-9]{2,3})[ -]?[0-9]{4}(?![0-9])"
)
_IDENTITY: Final = re.compile(
    rf"{_BEGIN}([1-9][0-9]{{5}}(?:19|20)[0-9]{{2}}(?:0[1-9]|1[0-2])(?:0[1-9]|[12][0-9]|3[01]))[0-9]{{3}}[0-9Xx]{_END}"
)
_CARD: Final = re.compile(
    rf"{_BEGIN}((?:[0-9]{{4}}[ -]){{3}}|(?:62|4[0-9]|5[1-5]|3[47])[0-9]{{9,13}}|(?:[0-9]{{4}}[ -]){{4}}(?=[0-9]{{3}}{_END}))"
    rf"[0-9]{{3,4}}{_END}"
)
_EMAIL: Final = re.compile(r"(?<![\w.+-])[\w.+*-]([\w.+*-]{0,63})@[\w-]{1,63}(?:\.[\w-]{1,63})+", re.ASCII)

_NUMBER: Final = "[0-9A-Za-z〇零一二三四五六七八九十百*]"
_BLOCK: Final = "(?:号楼|号院|栋|幢|座|单元|弄|号)"
_ROOM: Final = "(?:单元|层|楼|室|房|户|号)"
# What a street or an estate ends with. 道 also ends everyday words: "you know", "taste", "channel".
_PLACE: Final = "(?:路|街|(?<![知味难管通渠报频])道|巷|弄|胡同|村|小区|花园|家园|公寓|大厦|广场|苑|镇)"
_DOORS: Final = (
    re.compile(rf"{_PLACE} ?((?:{_NUMBER}{{1,5}}(?:{_BLOCK}|{_ROOM})[ -]?)+(?:[0-9*]{{1,5}})?)"),
    re.compile(rf"{_PLACE} ?([0-9*]{{1,4}}(?:-[0-9*]{{1,4}}){{1,3}})"),
    re.compile(
        rf"({_NUMBER}{{1,5}}(?:号楼|号院|栋|幢|单元)(?: ?-? ?{_NUMBER}{{1,5}}{_ROOM})*(?: ?-? ?[0-9*]{{3,5}})?)"
    ),
    re.compile(rf"({_NUMBER}{{1,5}}(?:号|弄|座|层|楼) ?{_NUMBER}{{1,5}}(?:单元|室|房|户))"),
    re.compile(r"([A-Za-z]座 ?[0-9*]{2,5})"),
    re.compile(r"([0-9*]{3,4})室"),
)
_NUMERALS: Final = re.compile(_NUMBER)
_CARD_LENGTHS: Final = range(15, 20)


def mask_text(text: str, keep: Collection[str] = ()) -> str:
    """Return the text with what names a person masked; what stands in `keep`, such as a shop's own number, is left."""
    masked = text
    while (again := _mask_once(masked, keep)) != masked:
        # What was masked may leave a number beside it standing alone.
        masked = again
    return masked


def _mask_once(text: str, keep: Collection[str]) -> str:
    narrow = text.translate(_WIDE)
    hidden = list(text)
    for pattern in (_IDENTITY, _CARD, _MOBILE, _LANDLINE, _EMAIL):
        for found in pattern.finditer(narrow):
            if found[0] in keep or (pattern is _CARD and not _is_card(found[0])):
                continue
            for place in range(*found.span(1)):
                if narrow[place] not in " -":
                    hidden[place] = MASK
    for pattern in _DOORS:
        for found in pattern.finditer(narrow):
            for numeral in _NUMERALS.finditer(narrow, *found.span(1)):
                hidden[numeral.start()] = MASK
    return "".join(hidden)


def _is_card(text: str) -> bool:
    """Whether the digits are as many as a card has and add up; written in fours they are one, mistyped or not."""
    digits = [int(character) for character in text if character.isdecimal()]
    if len(digits) not in _CARD_LENGTHS:
        return False
    if len(digits) < len(text):
        return True
    doubled = (sum(divmod(2 * digit, 10)) for digit in digits[-2::-2])
    return (sum(digits[-1::-2]) + sum(doubled)) % 10 == 0
