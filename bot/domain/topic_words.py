"""Words that say by themselves what a short message is about, where a classifier that knows no shop cannot be sure."""

from __future__ import annotations

import re
from typing import Final

_STOCK: Final = re.compile(
    r"有货|没货|无货|现货|缺货|断货|断码|断了|库存|补货|补不|到货|卖完|卖光|售罄|还有(?!什么活动|优惠|券|赠)|有没得?有?$|有没有$|有[吗么嘛不伐吧木]|没了[吗么嘛]?$|咋没"
    r"|\b(?:in stock|available|sold out|out of stock|do you have)\b",
    re.IGNORECASE,
)
_OTHER: Final = re.compile(
    r"多少钱|价格|什么价|便宜|优惠|打折|活动|券|赠品|送什么|发票|运费|邮费|包邮|保质|材质|纯棉|掉色|质量|投诉|退款|退货|\b(?:price|discount|invoice|refund)\b",
    re.IGNORECASE,
)
_PARCEL: Final = re.compile(
    r"快递|物流|包裹|我的?件|单号|签收|派[送件]|到哪[了儿里]|走到哪|出库|发出|发货|发了[吗没]|还没发|没收到|几号(?:能)?到|什么时候(?:能)?到|今天(?:能)?(?:送?到|收到)"
    r"|\b(?:parcel|tracking|delivery|shipped|my order)\b",
    re.IGNORECASE,
)


def asks_for_stock(text: str) -> bool:
    """Whether the words ask if something is there, and for nothing else beside it."""
    return bool(_STOCK.search(text)) and not _OTHER.search(text)


def asks_for_parcel(text: str) -> bool:
    """Whether the words may be about an order that is on its way."""
    return bool(_PARCEL.search(text)) and not _OTHER.search(text)
