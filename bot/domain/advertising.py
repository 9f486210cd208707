"""Words that China's Advertising Law (article 9 and its practice) forbids in a seller's mouth: 极限词.

A list of words, not the character 最 or 第一 by itself: 「最近」「最晚」「第一时间」「最好拍张照」 are everyday speech. A shop adds its own
words in its policy.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

_SUPERLATIVES: Final = (
    "高级|佳|优秀|优质|优惠|低价|便宜|先进|正宗|权威|强|顶级|高端|奢华|受欢迎|畅销|火爆"
    "|划算|实惠|高品质|专业|安全|健康|有效|高档|靠谱"
)
_FORBIDDEN: Final = re.compile(
    rf"""
      (?:国家|世界|全球|宇宙|国际)级(?:产品|品质|水平|标准)?(?!别|市|大|贫困|非遗|森林|自然)
    | (?:全网|全国|全球|世界|史上|行业|业内|全市场|同行|同类|历史|淘宝|天猫|京东|全城)最(?!近|后|晚|早|迟|初|终)[\u4e00-\u9fff]
    | (?<!小时)(?<!分钟)最(?:{_SUPERLATIVES})(?!不过|还是|食用|饮用|赏味|时间|使用|的?(?:快递|物流|寄))
    | 最好的(?!办法|方式|方法|时间|话|是) | (?:质量|品质|效果|口碑|性价比|材料|面料|服务)最(?:好|高|棒)(?!是)
    | (?:全网|全国|全球|世界|销量|排名|行业|质量|品质|口碑|人气|类目|国内|亚洲|中国)(?:排名)?第[一1](?!次|时间|天|批|步|季|件|单)
    | 第[一1]品牌 | (?<![a-z0-9])(?:no1|top1)(?![0-9a-z])
    | (?:全国|全网|全球|行业|世界|国内)(?:首家|独家|唯一|首发|之最|冠军|领先)
    | (?:国家|世界)(?:领导人|机关|免检|专利保护|特供) | 国家免检 | 免检产品 | 驰名商标 | 特供酒?(?=产品|专用)
    | 顶级(?!域名) | 极品 | 至尊(?!宝) | 王牌产品 | 销冠 | 史无前例 | 前无古人 | 万能药 | 绝无仅有 | 独一无二 | 无与伦比 | 世界领先 | 遥遥领先
    | 百分(?:之)?百(?:有效|治愈|安全|纯天然|无害|不过敏) | 100(?:有效|治愈|安全|纯天然|无害|不过敏)
    | 永不(?:褪色|变形|反弹|复发) | 包治百病 | 药到病除 | 根治 | 无副作用 | 零副作用 | 点击有奖 | 全民免单
    """,
    re.VERBOSE,
)
"""Matched on folded text (see bot.domain.disguises): no spaces, no signs, lower case, simplified characters."""


def forbidden_words(folded: str) -> Iterator[tuple[int, int]]:
    """Yield (start, end) of each forbidden word in a folded text."""
    for match in _FORBIDDEN.finditer(folded):
        yield match.span()
