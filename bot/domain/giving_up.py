"""What a buyer says when he no longer wants what he was asked about, or does not care, or cannot tell."""

from __future__ import annotations

import re
from typing import Final

_GIVES_UP: Final = re.compile(
    r"^(?:那|哦|嗯|哎|唉|额|好吧){0,3}[,，\s]{0,3}(?:还是)?(?:算了|算啦|不[用要必]了|不[查问看买想开退]了|先?这样吧|没事了|不需要了?|取消吧|再说吧|回头再说|改天再说)"
    r"[吧啦呀啊]{0,3}(?:[,，。\s]{0,3}(?:不[查问看买想开退要用]了?|谢谢[您你]?|没事|先这样)){0,3}[。.!！~～\s]*$"
    r"|(?:算了|不用了|不查了|不问了|不买了)[吧啦呀。.!！~～\s]{0,5}$"
    r"|^(?:never ?mind|forget it|no thanks|no need|cancel (?:it|that)|leave it)\b",
    re.IGNORECASE,
)
_ANY: Final = re.compile(
    r"都行|都可以|随便|哪个都|无所谓|有货的?就行|\b(?:any|whatever|either)\b", re.IGNORECASE
)
_CANNOT_TELL: Final = re.compile(
    r"(?:找|查|看|记)不[到着见得起]|不知道|不清楚|不记得|忘[了记]|没有(?:订?单号|号码)?$|没有?订?单号|哪里看|在哪看|怎么[看找查]"
    r"|don'?t (?:know|have|remember)|can'?t find|no idea|lost it|where (?:can|do) i",
    re.IGNORECASE,
)


_DECIDED: Final = re.compile(
    r"^[嗯行好成中哦啊噢ok,，。!！~\s]*(?:就(?:要?它|这个|那个)了|我?(?:这就|马上|先|已经)?(?:下单?|拍下?|买|付款?)了)[吧啦哈呀。!！~～\s]*$",
    re.IGNORECASE,
)


def has_decided(text: str) -> bool:
    """Whether the buyer says that he takes it, or has ordered: nothing need be asked any more."""
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    return bool(lines) and all(map(_DECIDED.search, lines))


_WHERE_IT_STANDS: Final = re.compile(
    r"(?:哪[里儿]?|怎么|咋|如何)(?:才)?(?:能|可以|去)?(?:看|找|查|复制|弄到|有)(?!不)|号?在(?:哪|啥地方|什么地方)"
    r"|\b(?:where|how) (?:can|do|is|to)\b.{0,30}\b(?:find|see|look|number|it)\b",
    re.IGNORECASE,
)


def gives_up(text: str) -> bool:
    """Whether the buyer no longer wants an answer."""
    return bool(_GIVES_UP.search(text.strip()))


def takes_any(text: str) -> bool:
    """Whether any of the choices will do."""
    return bool(_ANY.search(text))


def asks_where_it_stands(text: str) -> bool:
    """Whether the buyer asks where to find what he was asked for: 「单号在哪看」."""
    return bool(_WHERE_IT_STANDS.search(text))


def cannot_tell(text: str) -> bool:
    """Whether the buyer does not have what he was asked for."""
    return bool(_CANNOT_TELL.search(text.strip()))


_ORDINALS: Final = {"一": 1, "二": 2, "两": 2, "三": 3, "四": 4, "五": 5, "六": 6}
_NTH: Final = re.compile(r"第([一二两三四五六1-6])[个款单条笔种]?|^\s*([1-6])\s*[.、号]?\s*$")
_NTH_ENGLISH: Final = re.compile(r"\b(first|second|third|fourth|fifth|sixth|last)\b", re.IGNORECASE)
_ENGLISH: Final = {"first": 1, "second": 2, "third": 3, "fourth": 4, "fifth": 5, "sixth": 6, "last": 0}


def nth_of(text: str, count: int) -> int | None:
    """Return the place (from 0) that the buyer named among `count` choices: 第二个, 2, the last one."""
    if count and "最后一" in text:
        return count - 1
    number: int | None = None
    if match := _NTH.search(text):
        said = match[1] or match[2]
        number = _ORDINALS.get(said) or int(said)
    elif match := _NTH_ENGLISH.search(text):
        number = _ENGLISH[match[1].lower()] or count
    return number - 1 if number and number <= count else None
