"""What a turn about an invoice says as a whole: nothing beside it, or a part of an address anew."""

from __future__ import annotations

import re
from typing import Final

from bot.domain.invoice_reading import looks_like_place, read_details
from bot.domain.invoice_wishes import speaks_of_one, wants_change, wants_one
from bot.domain.invoices import Field

_CLAUSE: Final = re.compile(r"[，,。；;\n!！?？]+|(?<=[\u4e00-\u9fff])\s+(?=[\u4e00-\u9fff])")
_SHORT: Final = 6
_END_OF_PLACE: Final = re.compile(r"[0-9A-Za-z\-]*(?:号|栋|室|楼|幢|单元|弄|层)?")
_IS: Final = re.compile(r"(?:应该|其实)?(?:改成|改为|换成|是|写)[:：\s]*|错[了啦]?[，,\s]+")


def only_asks_for_one(text: str) -> bool:
    """Whether the message wants an invoice, or gives a tax number for one, and says nothing beside that."""
    told = read_details(text).values
    if wants_change(text) or not (wants_one(text) or Field.TAX_NUMBER in told):
        return False
    clauses = (each.strip() for each in _CLAUSE.split(text))
    return all(map(_is_of_one, clauses))


def _is_of_one(clause: str) -> bool:
    is_told = bool(read_details(clause)) or looks_like_place(clause)
    return len(clause) <= _SHORT or is_told or speaks_of_one(clause) or wants_one(clause)


def patched_place(known: str, text: str) -> str:
    """Return the address with the part of it that the text says anew: 「门牌错了 是样例大道9号」; "" where it holds none."""
    said = _IS.split(text)[-1].strip(" ,，。.！!的")
    for length in range(len(said) - 1, 1, -1):
        place = known.find(said[:length])
        if place < 0:
            continue
        if place == 0:
            return said  # the whole of it anew
        end = place + length
        old = _END_OF_PLACE.match(known, end)
        return known[:place] + said + known[old.end() if old else end :]
    return ""
