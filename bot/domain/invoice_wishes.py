"""What a buyer's words want of his invoice: to have one, to let it be, to have one changed, or to say yes or no."""

from __future__ import annotations

import re
from typing import Final

from bot.domain.text import is_acknowledgement

_ASKS_ABOUT: Final = re.compile(
    r"什么时候|多久|几[天号点时]|何时|啥时|多少|怎么|咋|如何|什么|哪|啥|收费|要钱|加钱|加税|税点|满"
    r"|\b(?:when|how|what|which|why|where|cost|charge)\b",
    re.IGNORECASE,
)
_TAG: Final = re.compile(
    r"[?？吗么嘛]|不[呀啊]?$|没[呀啊有]?$|能不能|可不可以|行不行|^(?:can|could|do|is)\b", re.IGNORECASE
)
_FOR_ME: Final = re.compile(
    r"(?:给我|帮我|帮忙|帮开|给开|麻烦|劳烦|请).{0,8}(?:开|补).{0,10}票|开.{0,6}票.{0,4}给我"
    r"|\b(?:can|could|may) (?:i|we|you) (?:please )?(?:have|get|issue|send|make|give)\b.{0,30}\b(?:invoice|fapiao)",
    re.IGNORECASE,
)
_NOT_WANTED: Final = re.compile(
    r"不(?:用|要|需要?|想要)(?:再?开)?[^，,。；;\s]{0,6}票|\b(?:don'?t|no) (?:need|want)?.{0,12}(?:invoice|fapiao)",
    re.IGNORECASE,
)
_WANTS: Final = re.compile(
    r"(?:要|需要|想|得|补|请)(?:要|开|补|有)?(?:一下|一?张|个|份)?.{0,8}票|^开(?:一下|下|一?张|个|份)?.{0,8}票|忘记?.{0,6}要?.{0,4}票"
    r"|^(?:an? |the )?(?:invoice|fapiao)(?:,? please)?[.!]*$|\b(?:need|want|would like|'d like|please (?:issue|send))\b.{0,40}\b(?:invoice|fapiao)",
    re.IGNORECASE,
)
_CHANGE: Final = re.compile(
    r"红冲|冲红|红字|作废|重开|重新开|换(?:个|一下)?抬头|(?:改|换)(?:一下)?发票|(?:已经?|都)开(?:好|了|出|完)|开(?:错|成)|(?:抬头|税号|发票|名称).{0,4}(?:开|写|填|打)错"
    r"|退(?:货|款|了).{0,10}发票|发票.{0,12}退|退票"
    r"|\b(?:reissue|re-issue|void|credit note|wrong invoice|change the invoice|already (?:issued|received))\b",
    re.IGNORECASE,
)
_NEEDS: Final = re.compile(
    r"(?:要|需要?|得|提供|准备|填|给|发)(?:你们?|提供|准备|填写?|给|发)*(?:什么|哪些|啥)(?!时候|内容|票|发票|种)(?:资料|信息|材料|东西|抬头)?"
    r"|(?:什么|哪些|啥)(?:资料|信息|材料)|\bwhat (?:information|details|do you need|is needed|should i (?:send|provide))\b",
    re.IGNORECASE,
)
_STOP: Final = re.compile(
    r"算了|不(?:用|要|想|需要)?(?:再)?开了|不(?:用|要|需要|想要)(?:发?票)?(?:了|啦)|先不(?:开|要)|别开了|取消(?:开票|申请|吧|了|$)|不用麻烦|以后再说|下次再"
    r"|\b(?:never ?mind|forget (?:it|about it)|cancel (?:it|that|the invoice)|don'?t (?:need|want) (?:it|one|an invoice|the invoice)|no invoice)\b",
    re.IGNORECASE,
)
_YES: Final = re.compile(
    r"^(?:对|是|没错|没问题|正确|确认|无误|可以|行|好|嗯|ok|okay|yes|yep|yeah|sure|correct|right"
    r"|confirm(?:ed)?|that'?s (?:right|correct)|all (?:good|correct))"
    r"(?:的|了|滴|呢|啊|哦|呀|吧|无误|没错|可以|就这样|提交|开吧|谢谢|please|thanks|thank you|[\s,，。.!！~～对是好嗯])*$",
    re.IGNORECASE,
)
_NO: Final = re.compile(
    r"^(?:不对|不是|错了?|有误|有错|不行|不可以|no|nope|wrong|incorrect|not right)(?:的|了|啊|呢|吧|[\s,，。.!！~～])*$",
    re.IGNORECASE,
)


def wants_one(text: str) -> bool:
    """Whether the buyer wants an invoice rather than only asks about invoices."""
    text = _NOT_WANTED.sub("", text)
    if _ASKS_ABOUT.search(text):
        return False
    if _FOR_ME.search(text):
        return True
    return _WANTS.search(text) is not None and not _TAG.search(text)


def asks_needs(text: str) -> bool:
    """Whether the buyer asks what he has to give for an invoice."""
    return _NEEDS.search(text) is not None


def wants_change(text: str) -> bool:
    """Whether the words speak of an invoice that was written already."""
    return _CHANGE.search(text) is not None


def calls_off(text: str) -> bool:
    """Whether the buyer lets it be."""
    return _STOP.search(text) is not None


def agrees(text: str) -> bool:
    """Whether the words are a yes to what was read out to him."""
    bare = text.strip()
    return _YES.fullmatch(bare) is not None or (is_acknowledgement(bare) and not refuses(bare))


def refuses(text: str) -> bool:
    """Whether the words are a no, without what would be right."""
    return _NO.fullmatch(text.strip()) is not None
