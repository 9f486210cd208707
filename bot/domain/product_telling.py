"""Whether what a shop says of a product names the very thing that a buyer asks of it: 「填充是什么的」 and 填充100%聚酯纤维."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Final

from bot.domain.text import asks

_RUN: Final = re.compile(r"[\u4e00-\u9fff]+")
_EMPTY: Final = re.compile(
    r"[什么怎多少几哪吗呢啊呀吧嘛的了是有没不能可以会我你您他这那个一下请问要就都也还和跟与给在到把被对用过]"
)
"""Characters of asking and pointing: two that hold one of these name nothing."""
_PIECES: Final = "(?:包|袋|片|颗|粒|条|件|双|个)"
_MEASURES: Final = (
    (
        re.compile(r"多[大长宽高厚]|尺寸|长宽|几厘米|几米"),
        re.compile(r"\d\s*(?:厘米|毫米|米|cm|mm)|\d[×x*]\d", re.I),
    ),
    (
        re.compile(r"多重|几斤|几克|多少克|克重|净含量|重量"),
        re.compile(r"\d\s*(?:克|千克|公斤|斤|kg|g\b)", re.I),
    ),
    (re.compile(r"保[修质]?\D{0,3}(?:几[年个]|多久|多长)"), re.compile(r"质保|保修|换新")),
    (
        re.compile(r"(?<!保)(?<!保修)(?<!质保)(?:多长时间|多久)|几个?小时|几个?钟头"),
        re.compile(r"\d\s*(?:个?小时|分钟)"),
    ),
    (re.compile(r"几瓦|多少瓦|多大功率|功率"), re.compile(r"\d\s*(?:瓦|W\b)")),
    (re.compile(r"几毫安|容量"), re.compile(r"\d\s*(?:毫安|mah|毫升|ml|升)", re.I)),
    (re.compile(f"多少{_PIECES}|[里每一][^，,。]{{0,3}}几{_PIECES}"), re.compile(rf"\d\s*{_PIECES}")),
)
"""What is asked for by a question of measure, and how the answer to it looks."""
_CHOOSES: Final = re.compile(r"哪|合适|适合|选|穿|够")
"""Which measure is right for him no measure tells."""


def names_asked(text: str, told: str, known: Iterable[str] = ()) -> bool:
    """Whether `told` gives a measure of the kind that the question asks for, or else holds a word of the question.

    `known` are names that stand in both for other reasons, such as the product's.
    """
    if not asks(text):
        return False
    measures = [given for asked, given in _MEASURES if asked.search(text)]
    if measures:
        return not _CHOOSES.search(text) and any(given.search(told) for given in measures)
    words = _words(text) - {word for name in known for word in _words(name)}
    return bool(words & _words(told))


def _words(text: str) -> set[str]:
    """Return the text's pairs of neighbouring characters that may name something."""
    pairs = {run[at : at + 2] for run in _RUN.findall(text) for at in range(len(run) - 1)}
    return {pair for pair in pairs if not _EMPTY.search(pair)}
