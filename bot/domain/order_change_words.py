"""Words by which a buyer speaks of an order that he would have otherwise: where it goes, or that it was made at all."""

from __future__ import annotations

import re
from typing import Final

_WHERE_IT_GOES: Final = re.compile(
    r"(?:填|写|选|留)(?:的|了|成)?[^，,。；;\n]{0,8}(?:地址|电话|手机号?|号码|收货|收件)"
    r"|(?:收货|收件|寄送)?(?:地址|电话|手机号|收件人|收货人)[^，,。；;\n]{0,10}(?:错|改|换|填|不对|停机|打不通)"
    r"|\b(?:change|wrong|edit|update)\b.{0,20}\b(?:address|phone|recipient)\b",
    re.IGNORECASE,
)
_UNDONE: Final = re.compile(
    r"(?:拍|下|点|买|订|付)(?:重|错|多(?![大少宽几送长久重高]))了?|(?:手滑|手抖|误)[^，,。；;\n]{0,6}(?:拍|下|点|买|付)|反悔|后悔|撤单|撤销|取消|退单|关单"
    r"|\bcancel(?:ling|ing)?\b|\bordered (?:twice|by mistake)\b",
    re.IGNORECASE,
)
_OF_ELSE: Final = re.compile(
    r"退(?!单)|钱(?!付)|票|抬头|寄回|质量|坏|破|\b(?:refund|return|invoice)\b", re.IGNORECASE
)


def speaks_of_change(text: str) -> bool:
    """Whether the words speak of an order's address or phone, or of an order that he regrets, and of nothing else."""
    return bool(_WHERE_IT_GOES.search(text) or _UNDONE.search(text)) and _OF_ELSE.search(text) is None
