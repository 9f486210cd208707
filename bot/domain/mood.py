"""What a buyer's words say beside the question: that he wants a person, or has had enough."""

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
    r"|(?:申请|找|要|叫|请|让)\S{0,4}介入|(?:平台|小二)介入|律师函|起诉你|打官司|退一赔[三十]|坑人|太坑|坑爹|黑心|维权|去平台告|告你们|消费者协会|欺诈|欺骗"
    r"|\b(?:scam|fraud|lawsuit|ridiculous|worst)\b",
    re.IGNORECASE,
)


def asks_for_person(text: str, intents: Iterable[IntentScore] = ()) -> bool:
    """Whether the buyer asks for a person instead of a machine."""
    return bool(_PERSON.search(text)) or _leads(intents, "human_request")


def is_upset(text: str, intents: Iterable[IntentScore] = ()) -> bool:
    """Whether the buyer complains or swears: software soothes nobody."""
    return bool(_UPSET.search(text)) or _leads(intents, "complaint")


def _leads(intents: Iterable[IntentScore], intent: str) -> bool:
    return any(score.intent == intent and score.confidence >= _SURE for score in intents)
