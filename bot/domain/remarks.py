"""What a buyer says after an answer: a remark that asks for nothing, or what the shop had asked him for."""

from __future__ import annotations

import re
from typing import Final

from bot.domain.text import asks

_WITHDRAWN: Final = re.compile(
    r"算了|不用了?|(?:先|就|都|也)?不(?:想)?[要买开退换改查发](?:了|啦)|不需要了?|没事了?|以后再[说买]|下次再[说买来]|再(?:看看|说|想想)|麻烦[了你您啦]*$"
)
"""He wants it no more: whatever it was, nothing has to be done about it."""
_MATTERS: Final = re.compile(
    r"\d|[两一二三四五六七八九十百千](?:件|个|条|箱|盒|套|份|包|双|袋|瓶|块|元)|[改给要发退换寄开查帮补赔查找]"
    r"|省.{1,8}市|[市区县].{1,12}[路街道镇村号]|电话|地址|单号|批发|代发|取消|拦截"
    r"|\b(?:change|refund|return|send|cancel|check|address|want|need)\b",
    re.IGNORECASE,
)
"""Numbers, addresses, and words of something to be done: there is a wish in what holds one."""
_WANTED: Final = re.compile(
    r"(?:发|告诉|留|报|说|提供|补充|拍|填)[^。！!？?\n]{0,10}(?:数量|件数|地址|照片|图片|图|视频|凭证)"
    r"|(?:数量|件数|地址|照片|图片|视频|凭证)[^。！!？?\n]{0,6}(?:发|告诉|留|报|提供|给)"
    r"|\b(?:quantity|address|photos?|pictures?|video)\b",
    re.IGNORECASE,
)
_AMOUNT: Final = re.compile(
    r"[\d两一二三四五六七八九十百千]\s*(?:件|个|条|箱|盒|套|份|包|双|袋|瓶|只|支|床)|\b\d+ ?(?:pcs|pieces|boxes)\b"
)
_ADDRESS: Final = re.compile(
    r"省.{1,8}市|[市区县].{1,14}[路街道镇村号]|[路街道村]\s*\d+\s*号|\d+号楼|收件人|\b\d+ [a-z]+ (?:road|street|rd|st|ave)\b",
    re.IGNORECASE,
)
_AMOUNTS_WANTED: Final = re.compile(r"数量|件数|\bquantity\b", re.IGNORECASE)
_ADDRESS_WANTED: Final = re.compile(r"地址|\baddress\b", re.IGNORECASE)


def asks_for_nothing(text: str) -> bool:
    """Whether the words are a mere remark, or take a wish back: nothing in them waits to be answered or done."""
    rest = _WITHDRAWN.sub(" ", text)
    return not asks(rest) and not _MATTERS.search(rest)


def gives_what_was_wanted(text: str, said: str) -> bool:
    """Whether the buyer names the amount or the address that the shop's last words `said` asked him for.

    What a shop has done with these is a person's work: an offer for so many, another address on a parcel.
    """
    wanted = " ".join(match.group() for match in _WANTED.finditer(said))
    return bool(
        (_AMOUNTS_WANTED.search(wanted) and _AMOUNT.search(text))
        or (_ADDRESS_WANTED.search(wanted) and _ADDRESS.search(text))
    )
