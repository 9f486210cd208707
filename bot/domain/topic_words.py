"""Words that say by themselves what a short message is about, where a classifier that knows no shop cannot be sure."""

from __future__ import annotations

import re
from typing import Final

_STOCK: Final = re.compile(
    r"有货|没货|无货|现货|缺货|断货|断码|断了|库存|补货|补不|到货|卖完|卖光|售罄|还有(?!什么活动|优惠|券|赠)|有没得?有?$|有没有$|有[吗么嘛不伐吧木哒]|没了[吗么嘛]?$|咋没"
    r"|\b(?:in stock|available|sold out|out of stock|do you have)\b",
    re.IGNORECASE,
)
_GETTING: Final = re.compile(
    r"[拍买拿选点抢订](?:得|不)(?:到|着|了|上|动|得|成)|(?:还|能|可以|可|有得)[^，,。\s我]{0,3}(?:拍|下单|买(?!单)|卖)(?!了|完|过|照)"
    r"|剩(?!下)|抢[光完空没]|卖[没断]|在卖|断[啦码货]|灰[了掉]|上架|现成|有[木冇]|冇得|有得|有这么多"
    r"|\b(?:still (?:around|there|get|have|hv|got)|gone|left(?= ?(?:in|\?|$))|got any|can i (?:still )?get)\b",
    re.IGNORECASE,
)
"""Whether he can get it: verbs of taking with what makes them possible or not, and words of what is left."""
_OTHER: Final = re.compile(
    r"多少钱|价格|什么价|便宜|优惠|打折|活动|券|赠品|送什么|发票|运费|邮费|包邮|保质|材质|纯棉|掉色|质量|投诉|退款|退货|\b(?:price|discount|invoice|refund)\b",
    re.IGNORECASE,
)
_NOT_GOODS: Final = re.compile(r"活动|券|赠品|送什么|投诉|退款|退货|\brefund\b", re.IGNORECASE)
"""What may be there or not as goods are: beside it the words that ask for stock say nothing of goods."""
_CLAUSE: Final = re.compile(r"[\n,，。;；?？!！]|(?<=[\u4e00-\u9fff])\s|\s(?=[\u4e00-\u9fff])")
_PRICE: Final = re.compile(
    r"多少钱|多钱|几块钱|单价|价位|啥价|什么价(?!保)|怎么卖|(?:价格|价钱|售价)(?:是|呢|多少|一样|怎么|都?一样)"
    r"|\bhow much (?:is|are|for|does)\b|\bwhat(?:'s| is) the price\b",
    re.IGNORECASE,
)
_OTHER_PRICE: Final = re.compile(
    r"运费|邮费|快递|邮寄|包邮|退|补|券|减|优惠|打折|折扣|送|税|票|批发|团购|拿货|采购|便宜|活动|半价|定制|企业|福利|\b(?:shipping|postage|delivery|invoice|coupon)\b",
    re.IGNORECASE,
)
"""A fee, a sum given back or a price that is made for one buyer: none of them stands in the catalogue."""
_IN_BULK: Final = re.compile(
    r"(?:[1-9][0-9]{1,6}|[2-9]|[二两三四五六七八九十百千])\s*(?:件|份|盒|个|条|双|箱|套|包|袋)(?!装|的|那|这|尺|颜|款|规|口?味|码|型|颜?色)"
)
_LISTS: Final = re.compile(
    r"(?<![穿选买拿合适该用戴])(?:几|哪|什么|啥)(?:个|种|些|几[个种])?(?:颜色|花色|色|尺码|尺寸|码|口味|味[道儿]?|规格|款式?)(?:的|呀|啊|呢|可选|能选)?(?:[?？]|$)"
)
_WHEN_BACK: Final = re.compile(
    r"(?:什么时候|啥时[候辰]?|几时|多久|哪天|几号|何时)(?:会|能|才|再|又|可以|得)*(?:有(?!效)|[点拍买选来上补]|到货|回来)"
    r"|\bback in stock\b",
    re.IGNORECASE,
)
_PARCEL: Final = re.compile(
    r"快递|物流|包裹|我的?件|单号|签收|派[送件]|到哪[了儿里]|走到哪|出库|发出|发货|发了[吗没]|还没发|没收到|几号(?:能)?到|什么时候(?:能)?到|今天(?:能)?(?:送?到|收到)"
    r"|\b(?:parcel|tracking|delivery|shipped|my order)\b",
    re.IGNORECASE,
)


def asks_for_stock(text: str) -> bool:
    """Whether one of the text's questions is if something is there, and for nothing else."""
    if _NOT_GOODS.search(text):
        return False
    return any(_is_of_stock(clause) and not _OTHER.search(clause) for clause in _CLAUSE.split(text))


def _is_of_stock(clause: str) -> bool:
    gets = _GETTING.search(clause) is not None and not asks_something_else(clause)
    return gets or _STOCK.search(clause) is not None


def asks_price(text: str) -> bool:
    """Whether one of the text's questions is what something costs, as it stands in the catalogue."""
    if _IN_BULK.search(text):
        return False
    return any(_PRICE.search(clause) and not _OTHER_PRICE.search(clause) for clause in _CLAUSE.split(text))


def asks_for_choices(text: str) -> bool:
    """Whether the words ask in what colours, sizes or flavours something comes: 「有几个花色」."""
    return any(_LISTS.search(clause) for clause in _CLAUSE.split(text))


def asks_when_back(text: str) -> bool:
    """Whether the words ask when there will be some again."""
    return bool(_WHEN_BACK.search(text))


def asks_of_product(text: str) -> bool:
    """Whether the words ask what the catalogue knows of a product: what it costs, in what it comes."""
    return asks_price(text) or asks_for_choices(text)


def asks_for_parcel(text: str) -> bool:
    """Whether the words may be about an order that is on its way."""
    return bool(_PARCEL.search(text)) and not _OTHER.search(text)


_ELSEWHERE: Final = re.compile(
    r"[洗晾烫晒熨]|掉[色毛]|起[球皱]|缩水|[变褪]色|透|绒|[厚薄软硬]|弹力?|紧|松|勒|显[胖瘦白黑]|合[身适脚]|[穿戴][^不]|尺码|身高|体重|斤|[米m][一二三四五六七八九0-9]|味道|好[吃喝用看]|[甜咸辣]不"
    r"|质量|正品|真的?假|质保|保修|坏|破|裂|漏|脏|瑕疵|线头|怎么[用开关弄调连充]|咋[用弄调连充]|飞机|安检|充[电满一]|过敏|材质|面料|成分|配料|保质|生产"
    r"|退|换货|[调换]成|运费|邮[费寄]|包邮|快递|物流|发货|寄|几天到|签收|单号|地址|发票|[开专普]票|抬头|税号|活动|优惠|便宜|券|打折|折扣|赠|送[什啥给不]|保价|降价|备注|区别|差别|哪个好|推荐"
    r"|\b(?:wash|shrink|fade|material|quality|return|refund|ship|shipping|postage|invoice|coupon|discount|gift|fit|wear)\b",
    re.IGNORECASE,
)
"""Words of what may be asked of a variant beside whether it is there and what it costs."""


def asks_something_else(text: str) -> bool:
    """Whether the words speak of something else than whether a thing is there, and what it costs."""
    return bool(_ELSEWHERE.search(text))
