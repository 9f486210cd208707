"""The words of the pages, Chinese first."""

from __future__ import annotations

from types import MappingProxyType
from typing import Final

from bot.web.languages import choose_language

_ZH: Final = MappingProxyType(
    {
        "lang": "zh", "html_lang": "zh-CN", "title": "试一试 · 快回", "brand": "快回", "other_name": "English",
        "lead": "像买家一样提问，看三家店各自会推荐什么回复。每家店只用自己的知识库和数据。",
        "placeholder": "输入买家的话，例如：黑色L码还有货吗什么时候发", "send": "发送", "restart": "重新开始",
        "examples": "试试这些", "ready": "意图识别已就绪", "warming": "意图识别预热中，先由检索推荐",
        "down": "意图识别未运行，由检索推荐", "silent": "无需回复", "acknowledgement": "买家只是应声",
        "nothing": "没有条目能回答", "confidence": "把握", "facts": "依据", "stale": "可能过时", "entry": "条目",
        "use": "采用", "intent": "意图", "as_of": "截至", "thinking": "正在查找…", "offline": "连接不上服务，请稍后再试",
        "no_shops": "还没有演示店铺：运行 kuaihui demo-shops 载入。", "buyer": "买家的话",
        "waiting": "等待买家的第一句话", "unreadable": "这句话没法读", "unavailable": "暂时不能推荐",
    }
)  # fmt: skip
_EN: Final = MappingProxyType(
    {
        "lang": "en", "html_lang": "en", "title": "Try it · Kuaihui", "brand": "Kuaihui 快回", "other_name": "中文",
        "lead": "Ask as a buyer would and see what each of the three shops suggests, from its own entries and facts alone.",
        "placeholder": "A buyer's words, such as: is the black one in L in stock, when do you ship", "send": "Send",
        "restart": "Start over", "examples": "Try these", "ready": "Intent classifier ready",
        "warming": "Intent classifier warming up: retrieval answers alone",
        "down": "Intent classifier not running: retrieval answers alone", "silent": "No reply needed",
        "acknowledgement": "Only an acknowledgement", "nothing": "No entry answers this", "confidence": "Confidence",
        "facts": "Facts", "stale": "may be stale", "entry": "Entry", "use": "Use", "intent": "Intent", "as_of": "as of",
        "thinking": "Looking…", "offline": "The server does not answer; try again in a moment",
        "no_shops": "No demo shops yet: run kuaihui demo-shops.", "buyer": "The buyer's words",
        "waiting": "Waiting for the buyer's first words", "unreadable": "This cannot be read",
        "unavailable": "No suggestions for now",
    }
)  # fmt: skip


def texts_for(asked: str | None, accepted: str) -> dict[str, str]:
    """Return the words in the language asked for, else in the browser's, else in Chinese."""
    return dict(_EN if choose_language(asked, accepted=accepted) == "en" else _ZH)
