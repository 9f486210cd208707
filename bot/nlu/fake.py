"""A classifier without Rasa, for tests and for trying things out: deterministic, by keyword."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Final

from bot.domain.intents import INTENT_GROUP, Entity, IntentScore, Understanding
from bot.ports import ClassifierUnavailable

_KEYWORDS: Final = (
    ("order_cancel", ("取消", "不想要了", "cancel")),
    ("order_address", ("改地址", "换地址", "change address")),
    ("order_remark", ("备注", "不要放发票", "remark")),
    ("price_protection", ("降价", "价保", "保价", "price drop")),
    ("gift", ("送什么", "赠品", "礼物", "gift")),
    ("coupon", ("优惠券", "优惠卷", "红包", "coupon")),
    ("price_bargain", ("便宜", "优惠", "少点", "discount")),
    ("refund_when", ("退款", "refund")),
    ("return_how", ("退货", "七天无理由", "return")),
    ("exchange", ("换货", "换个", "exchange")),
    ("quality_problem", ("坏了", "破了", "质量", "broken")),
    ("invoice_change", ("改发票", "抬头错", "重开")),
    ("invoice_type", ("专票", "普票", "电子发票")),
    ("invoice_details", ("抬头", "税号")),
    ("invoice_can", ("发票", "开票", "invoice")),
    ("logistics_not_received", ("没收到", "签收", "not received")),
    ("logistics_track", ("物流", "单号", "到哪", "tracking")),
    ("logistics_urge", ("催", "太慢", "hurry")),
    ("ship_courier", ("什么快递", "啥快递", "顺丰", "courier")),
    ("ship_fee", ("运费", "包邮", "邮费", "postage")),
    ("ship_region", ("哪里发货", "发不发", "ship to")),
    ("ship_duration", ("几天到", "多久到", "how many days")),
    ("ship_when", ("发货", "啥时候发", "什么时候发", "when will you ship")),
    ("stock_restock", ("补货", "到货", "restock")),
    ("stock_cannot_buy", ("下架", "拍不了", "买不了", "cannot buy")),
    ("stock_variant", ("码还有", "色还有", "码有", "色有")),
    ("stock_available", ("有货", "还有吗", "有没有", "现货", "in stock")),
    ("product_size_advice", ("穿多大", "什么码", "尺码", "which size")),
    ("product_material", ("材质", "面料", "material")),
    ("product_usage", ("怎么用", "how to use")),
    ("product_shelf_life", ("保质期", "expire")),
    ("product_authentic", ("正品", "假货", "authentic")),
    ("human_request", ("转人工", "人工客服", "human")),
    ("complaint", ("投诉", "差评", "complain")),
    ("greet", ("你好", "在吗", "hello")),
    ("goodbye", ("再见", "拜拜", "bye")),
    ("acknowledge", ("好的", "谢谢", "嗯", "thanks", "ok")),
    ("deny", ("不用", "算了", "不是")),
)
_PATTERNS: Final = (
    ("colour", re.compile(r"[黑白红蓝绿灰粉紫黄]色")),
    ("size", re.compile(r"(?<![A-Za-z])(?:X{0,3}L|S|M)(?=码|号)|\d{2}码")),
    ("courier", re.compile("顺丰|中通|圆通|韵达|申通|京东快递")),
    ("region", re.compile("北京|上海|广东|江苏|浙江|新疆|西藏|内蒙古")),
    ("date", re.compile("今天|明天|后天|周[一二三四五六日]")),
)
_SURE: Final = 0.9


class KeywordClassifier:
    """An IntentClassifier for tests. `answers` overrides it by text; `available` False makes it raise; `asked` tells calls."""

    def __init__(self, answers: Mapping[str, Understanding] | None = None) -> None:
        self._answers = dict(answers or {})
        self.available = True
        self.asked: list[str] = []

    @property
    def state(self) -> str:
        return "ready" if self.available else "down"

    async def classify(self, text: str) -> Understanding:
        """Return the intents whose keywords stand in the text, by falling confidence. Raises ClassifierUnavailable."""
        self.asked.append(text)
        if not self.available:
            raise ClassifierUnavailable("the fake classifier was told to be down")
        if text in self._answers:
            return self._answers[text]
        return Understanding(_intents(text.lower()), _entities(text)) if text.strip() else Understanding()

    async def close(self) -> None:
        self.available = False


def _intents(text: str) -> tuple[IntentScore, ...]:
    found = [intent for intent, words in _KEYWORDS if any(word in text for word in words)] or ["out_of_scope"]
    share = 1 - _SURE
    scores = [IntentScore(found[0], INTENT_GROUP[found[0]], _SURE)]
    for intent in found[1:10]:
        share /= 2
        scores.append(IntentScore(intent, INTENT_GROUP[intent], share))
    return tuple(scores)


def _entities(text: str) -> tuple[Entity, ...]:
    found = [
        Entity(name, match[0], match.start(), match.end())
        for name, pattern in _PATTERNS
        for match in pattern.finditer(text)
    ]
    return tuple(sorted(found, key=lambda entity: entity.start))
