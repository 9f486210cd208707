"""Finding Chinese texts by the initials of their pinyin: 发货时间 by "fhsj"."""

from __future__ import annotations

from functools import lru_cache

from pypinyin import Style, pinyin

_READINGS = 8
"""So many readings of a text are kept where its characters have several."""


# Keyed by the text alone, and the initials of a text say nothing of whose it is.
@lru_cache(maxsize=16384)
def initials(text: str) -> tuple[str, ...]:
    """Return the initials of the text in its likely readings, lower case; what is no Chinese character stays itself."""
    readings = [""]
    for choices in pinyin(text.lower(), style=Style.FIRST_LETTER, heteronym=True):
        letters = list(dict.fromkeys(choice for choice in choices if choice.strip()))[:2]
        if letters:
            readings = [head + letter for head in readings for letter in letters][:_READINGS]
    return tuple(dict.fromkeys("".join(reading.split()) for reading in readings))
