"""What a buyer's words say beside the question: that he wants a person, has had enough, or tells the shop to do something."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Final

from bot.domain.intents import IntentScore

_SURE: Final = 0.5
_PERSON: Final = re.compile(
    r"(?:转|找|要|叫|喊|接|换|来个?)(?:一下|个)?(?:人工|真人|活人)|(?:人工|真人)(?:客服|服务|在吗|呢|$)"
    r"|有没有(?:人工|真人|活人)|有(?:人工|真人|活人)(?:吗|么|嘛|$)|[你您]们?(?:是不是|是|就是|不会是)(?:个)?机器人|机器人(?:客服|回复|吧)|是机器人[吗么嘛]|换个?人[来说聊]?$"
    r"|\b(?:human|real person|live agent|manager|representative)\b",
    re.IGNORECASE,
)
_UPSET: Final = re.compile(
    r"投诉|举报|差评|曝光你|12315|消协|工商局|骗子|骗人|黑店|奸商|垃圾(?![桶袋箱篓铲分处])|气死|忍无可忍|太过分|什么态度|不要脸|他妈的|(?<![我你他她咱爸婆妈])妈的|傻逼|脑残|滚蛋"
    r"|\b(?:scam|fraud|lawsuit|ridiculous|worst)\b",
    re.IGNORECASE,
)
_ACT: Final = re.compile(
    r"(?:帮我|给我|替我|麻烦|赶紧|赶快|马上|立刻|立即|现在就|必须|尽快|我要求)[^？?]{0,14}"
    r"(?:退|赔|补偿|补发|补差|取消|撤销|拦截|改一?下|改成|改到|改个|改$|改地址|换成|换一?[件个双]|转到|推到|推迟|延后|晚点发)"
    r"|[把将][^？?]{0,14}(?:退给我|退了|取消|改成|改到|换成|拦截|转到)|退钱|赔钱|赔我|退我钱"
    r"|\b(?:refund|cancel|change) (?:me|my|it|this)\b",
    re.IGNORECASE,
)
_DEED: Final = re.compile(
    r"^(?!.*(?:抬头|发票|税号|邮箱|[专普]票)).*改[成为到](?!了|过|的)|按.{1,8}改|\d+改了?吧?$"
    r"|(?:给|报|出)(?:我们?|咱们?)?一?个?(?:批发|团购|拿货|代理|实在|最低)?价(?!格)|给(?:我们?|咱们?)?个(?:批发|团购|拿货|实在)"
    r"|(?:补发|退款|取消|赔偿?|退钱)了?吧$",
    re.IGNORECASE,
)
"""Deeds about money or an order that need no 帮我 before them."""
_OFFERED: Final = re.compile(
    r"(?:便宜|少|降|优惠)到\s*\d|\d+(?:块|元)?(?:卖不卖|卖吗|成交)|\d+(?:块|元)?我就(?:付|拍|买|下单)"
)
"""A price that the buyer names: nobody but the shop takes it."""
_NO_BUYER: Final = re.compile(
    r"我(?:们)?(?:这边)?是.{0,6}(?:快递员|快递公司|骑手|派件员|收件员|供应商|厂家|记者|平台小二|工商局|律师|主播|达人)"
    r"|\bI am (?:a|the) (?:courier|supplier|reporter|lawyer)\b",
    re.IGNORECASE,
)
"""He has business with the shop, though not as a buyer: its entries are none for him."""
_ASKED: Final = re.compile(
    r"[吗么不没][？?~～]*$|怎么|咋|如何|可以|能不能|能否|什么|多久|几天|多少|哪|\b(?:can|could|how|when|what|do)\b",
    re.IGNORECASE,
)
_CLAUSE: Final = re.compile(r"[\s,，。;；!！?？]+")
_WORD: Final = re.compile(r"[A-Za-z]")


def asks_for_person(text: str, intents: Iterable[IntentScore] = ()) -> bool:
    """Whether the buyer asks for a person instead of a machine."""
    return bool(_PERSON.search(text)) or _leads(intents, "human_request")


def is_upset(text: str, intents: Iterable[IntentScore] = ()) -> bool:
    """Whether the buyer complains or swears: software soothes nobody."""
    return bool(_UPSET.search(text)) or _leads(intents, "complaint")


def tells_to_act(text: str) -> bool:
    """Whether the buyer tells the shop to do something about his money or his order, or names a price: no software does that.

    Neither does it deal with those who are no buyers.
    """
    if _OFFERED.search(text) or _NO_BUYER.search(text):
        return True
    # English clauses are whole sentences; Chinese ones are often told apart by a space alone.
    clauses = [text] if _WORD.search(text) and text.isascii() else _CLAUSE.split(text)
    return any(
        (_ACT.search(clause) or _DEED.search(clause)) and not _ASKED.search(clause) for clause in clauses
    )


def _leads(intents: Iterable[IntentScore], intent: str) -> bool:
    return any(score.intent == intent and score.confidence >= _SURE for score in intents)
