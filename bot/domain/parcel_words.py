"""Words by which a buyer asks where his order is, whether it has left, and when it comes; and that it is an order of his."""

from __future__ import annotations

import re
from typing import Final

from bot.domain.regions import find_place
from bot.domain.text import UnreadableMessage, read_message

WHERE: Final = "logistics_track"
LEFT: Final = "ship_when"
COMES: Final = "ship_duration"
MISSED: Final = "logistics_not_received"
"""What is asked, by the intents of such questions."""

_MOOD: Final = r"(?:了|啦|咯|喽|嘞|呢|呀|啊|哇|哦|哈|嘛|么|去|来|吗|的|捏|[\s?？~～!！。])*"
_END: Final = rf"{_MOOD}(?:$|[，,。；;\n\s])"
_WHERE: Final = re.compile(
    r"(?:到(?!底)|(?:件|货|单|包裹|快递|东西|宝贝|现在|这会儿|目前|它|还)[^，,。\s]{0,4}在|去|走|跑|飘|漂|飞|运|送|(?:寄|发)(?=[^，,。\s]{1,4}了|到)|放|搁|丢|停|卡|堵|晃|溜达?|流转|转)(?:到|在|去|往|至|达|了|完|着|过){0,6}(?:的是)?"
    r"(?:哪一?(?:[儿里了啦]|条[街路]|个?(?:省|城市|市|站|步|地方|地|位置|网点|中转\w?|环节))|哪(?=[\s，,。?？]|$)|(?:啥|什么|何)(?:地方?|位置|处|情况|进度))"
    rf"(?:{_END}|{_MOOD}(?:我|那|这)[^，,。\s]{{0,8}}$)"
    r"|\bwhere(?:'s| is| are)? (?:is |are )?(?:my|the|our) (?!money|refund|gift|free|coupon|invoice)|\btrack(?:ing)?\b",
    re.IGNORECASE,
)
_STILL: Final = re.compile(
    r"(?:还|一直|老|咋|怎么)(?:是|还)?(?:在|没)[^，,。\s]{0,10}(?:趴|停|躺|待|呆|卡|压|滞留|堆|搁|蹲|堵|仓库|仓里|中转|转运|网点|分拨)"
    r"|(?:物流|快递|包裹|单子?|订单|货)[^，,。]{0,6}(?:不动|没更新|不更新|没动静|没变化|停更|卡[住着])"
    r"|一直(?:停|趴|躺|滞留)|(?:停|卡|堵|压|滞留)在[^，,。\s]{0,8}(?:站|中心|转运|分拨|海关|仓|网点|地方)|[几两三四五六七\d]天[^，,。\s]{0,3}(?:没动|不动)|在[^，,。\s]{1,6}(?:转圈|打转|绕圈)"
    r"|\bstill (?:in|at|stuck)\b|\bstuck (?:in|at)\b",
    re.IGNORECASE,
)
_BY_NAME: Final = re.compile(
    r"走到|还(?:是)?在|[跑绕]到?(?!步)|(?:咋|怎么|为啥|为什么)又?(?:去|到|寄|送)|到了?没|到达|过了|离开|(?:^|[^发付拿给])出(?!差|租|货|单|不|得)"
)
"""Beside the name of a place: where a parcel is, or what it has left behind."""
_SENDING: Final = (
    r"(?:发(?!票|型|黄|霉|货地|现|什么|啥|哪|的)|寄(?!到哪)|走|动身|动弹|(?<![做开弄看拿退])出(?:库|门|发|仓|手|货|去|来)|上路|启程|起飞|打(?:好)?包|装(?:车|箱|好)|拣|揽|送出|递出"
    r"|轮到|排到|安排|备好|弄(?:走|出去))"
)
_DONE: Final = rf"(?:了|出|走|好|上|完|去|来|货|过){{0,6}}(?:了没|没有?|没得|木有|了吗|了么|了嘛|了不|了吧|[没冇]){_MOOD}(?:$|[，,。；;\n\s])"
_LEFT: Final = re.compile(
    rf"{_SENDING}{_DONE}|(?:有没有|有没|是否|是不是){_SENDING}"
    rf"|(?:还|咋|怎么|为啥|为什么|一直|迟迟|都|到现在|这会儿)[^，,。\s]{{0,3}}(?:没有?|不|未){_SENDING}"
    r"|(?:把|将)?(?:我|人家|俺)(?:的?单子?|的?订单)?(?:给)?(?:忘|漏)(?:了|掉|记|啦)"
    r"|忘(?:了|记)?(?:给我|我)?发|(?:没|冇|无)(?:有)?(?:点|任何|啥|什么)?(?:动静|消息|下文|音讯|着落)"
    r"|(?:动静|消息|下文|音讯|着落)(?:也|都)?(?:没|冇|无)"
    r"|([发走寄动出])没有?\1"
    r"|弄到哪一?步|到哪一?步"
    r"|\b(?:has|have|did|was) [^.?!]{0,40}\b(?:left|leave|shipped|sent|dispatched|posted|moved|packed|gone out|ship)\b"
    r"|\bis [^.?!]{0,30}\b(?:shipped|dispatched|packed|on its way)\b"
    r"|\b(?:not|n't|hasn't) (?:been )?(?:shipped|sent|left|dispatched|moved)\b",
    re.IGNORECASE,
)
_TIME: Final = (
    r"(?:几时|几号(?!线)|几天|哪一?天|哪日|多久|多会儿?|多咱|啥时[候辰间]?|什么时[候辰间]|何时|多长时间"
    r"|多少天|周几|礼拜几|(?:准|确切|具体)(?:日子|时间|信)|什么日子)"
)
_COMING: Final = (
    r"(?:到(?![货期账帐仓位])|收(?![费税藏])|拿|送(?!的|啥|什么|我|优)|派|签|穿(?!几|多|什么)|用上|吃[上到]|见到|见得"
    r"|摸|拆(?!封|开)|看到|落地|来(?![货新])|配送|取)"
)
_DAY: Final = r"(?:今[天晚儿]|明[天儿早晚]|后天|这两天|周末|周[一二三四五六日]|月底)"
_COMES: Final = re.compile(
    rf"{_TIME}[^，,。；;\n]{{0,6}}{_COMING}|{_COMING}[^，,。；;\n]{{0,6}}(?:要|得|还要|还得|是){{0,2}}{_TIME}"
    rf"|{_DAY}[^，,。；;\n]{{0,5}}{_COMING}[^，,。；;\n]{{0,6}}(?:不|吗|么|没|嘛|吧){_END}"
    r"|快(?:要)?到了?[吗没不嘛]|([派送到来])不\1(?:件|货|得了?)?[\s呀啊呢了吗的]*(?:$|[，,。?？])|(?:还得|还要|还需)[^，,。；;\n]{0,4}(?:几天|多久|多长)"
    r"|\b(?:when|how (?:long|soon)|what (?:day|time)|which day)\b.{0,40}"
    r"\b(?:arrive|get (?:here|it|there|to)|come|be here|receive|delivered|delivery)\b"
    r"|\b(?:arrive|be here|delivered) (?:today|tomorrow|by|this)\b",
    re.IGNORECASE,
)
_GOES: Final = re.compile(
    rf"{_TIME}[^，,。；;\n]{{0,6}}{_SENDING}|{_SENDING}[^，,。；;\n]{{0,4}}{_TIME}"
    r"|\b(?:when|how soon)\b.{0,30}\b(?:ship|send|sent|leave|dispatch|go out|post)",
    re.IGNORECASE,
)
_NUMBER_OF_IT: Final = re.compile(
    r"(?:快递|物流|运|包裹|邮寄)?(?:单号|运单|快递号|物流号)(?:是多少|是啥|是什么|多少|呢|有[吗么没]|在哪)|(?:单号|快递号|物流号|运单号?)[^，,。\s]{0,3}(?:发|给|甩|报|丢|传|说|告诉)(?:我|一?下|过?来|个)"
    r"|(?:发|给|甩|报|丢|传|告诉|要)(?:我|一?下|个|一?个){0,3}[^，,。\s]{0,3}(?:快递单?号|物流单?号|运单号?|单号)|\btracking (?:number|no|id|code)\b",
    re.IGNORECASE,
)
_MISSED: Final = re.compile(
    r"(?:柜|(?<!邮)箱|袋|盒|格子|驿站|门口|里[头面边])[^，,。]{0,8}(?:空(?![调气间])|没有?东西|没货|啥都[没冇]|什么都[没冇]|(?:里[头面边]?|内)(?:都|也|压根|根本)?(?:没有?|[冇木]有?)[啊呀呢]?(?:$|[，,。\s]))"
    r"|空空(?:如也|的)?|(?:东西|包裹|快递|件|货)[^，,。]{0,4}(?:没影|不见|不翼而飞|丢了|失踪|没了)|啥都[没冇]"
    r"|\b(?:locker|box|mailbox)\b.{0,20}\bempty\b",
    re.IGNORECASE,
)
_HIS: Final = re.compile(
    r"我(?:的|那|这|们的|家的?)?(?:一?[个条件双盒箱盏只罐袋包份台床罐支])?[^，,。\s]{0,6}(?:单|件(?!套)|包裹|快递|货|东西)|[那这]一?单|上回|订单|包裹|[取签]件|快件|(?:物流|快递)(?:信息|状态|记录|进度|显示|动)"
    r"|(?:买|拍|订|付|下单|购|点)(?:的|过|完|好)"
    r"|(?:买|拍|下单|付款?|付钱|付了?)[^，,。\s]{0,4}(?:天|小时|周|星期)(?:了|前)?|(?:前|昨|上|大前)[天晚午个周]?[^，,。\s]{0,6}(?:买|拍|订|付|下)|付(?:过|了|的|完)?(?:钱|款)"
    r"|都?[两二三四五六七八九十几\d]+天了"
    r"|\bmy (?:order|parcel|package|stuff|purchase)\b|\bi (?:bought|ordered|paid)\b",
    re.IGNORECASE,
)
_MINE: Final = re.compile(r"我(?:的|那|这|买|拍|订|家)|\bmy\b", re.IGNORECASE)
_THING: Final = re.compile(
    r"(?:^|[\s，,。我的])(?:东西|货|件|单子?|宝贝|快递|包裹|物流)|快递|包裹|物流", re.IGNORECASE
)
_OF_SHOP: Final = re.compile(
    r"(?:你们?|咱们?|您家?|贵?店|店铺|公司|客服|老板|掌柜|实体|仓库?|工厂|入口|自提点|站点|按钮|页面)[^，,。\s]{0,3}(?:在|是在|开在|搬)(?!忙)|一般|通常|正常情况|平时|平常|大概要几天"
    r"|如果|要是|假如|万一"
    r"|(?:现在|今天|今晚|明天|这会儿|马上|现)[^，,。\s]{0,2}(?:拍|买|付|下单)(?!的|了|过|完)"
    r"|拍下|下单(?:后|之后|的话)|付(?:完)?款?(?:后|之后)|\b(?:usually|normally|if i)\b",
    re.IGNORECASE,
)
"""Whoever asks like this asks where the shop is, or for a rule of it."""
_ELSE: Final = re.compile(
    r"票(?!据号)|抬头|税号|退|换|赔|补(?!货)|取消|撤|改|不(?:想)?要(?!紧|急)|关单|关[掉了]|别(?:寄|发|送)|停发|反悔|后悔|送回|掉头|地址|电话错|拦截|投诉|差评|优惠|券|便宜|降价|差价|保价|坏|破|碎|脏|漏|少(?:了|发|个|件)|发错|质量|运费|邮费|包邮|赠品|送的|价格|多少钱|怎么用|尺码|洗|保修|返修|维修|售后|服务单|充值|话费|流量|活动|保质|日期|有效|安装|礼物|礼品|寄给[你您店]|寄回|到账|(?:钱|款)[^，,。]{0,4}(?:打|退|返)"
    r"|\b(?:refund|return|cancel|change|invoice|fapiao|broken|damaged|wrong|price|discount|address)\b",
    re.IGNORECASE,
)
"""What has answers of its own, and those that only a person gives: the number of an order stands in it as a proof."""
_RESTOCK: Final = re.compile(
    r"下一?[批回波]|新[款货的品]|[春夏秋冬]款|卖[完光]|厂家|工厂|[入到]仓|补货|再(?:补|有|来|上)|到货|来货|上架|上新|现货|有货|没货|缺货|开卖|预售"
    r"|\b(?:restock|back in stock|in stock|new (?:crop|batch|stock))\b",
    re.IGNORECASE,
)


_NOT_COME: Final = re.compile(
    r"(?:还|一直|迟迟|到现在|怎么|都|也|根本)(?:都|还)?没(?:有)?(?:收到|送到|拿到|到)(?![账帐货期])(?:呢|啊|呀|了|的|[\s!！。~～])*(?:$|[，,。；;])"
)
_LOOKS: Final = re.compile(r"查|看[看下一]|瞅|瞧|跟踪|\b(?:track|check|look up|find)\b", re.IGNORECASE)
_LABELS: Final = re.compile(
    r"[0-9A-Za-z]{4,}|订单|单号?|快递|物流|手机|电话|号码?|后四位|尾号|尾数|最后四个数|[\s，,。.:：是的那留]"
)
_SHORT: Final = 4
_DEED: Final = re.compile(
    r"送回|拉回|掉头|别(?:送|发|寄)|不要|先别|停(?:发|送)|转(?:寄|送|到)|合并|一起发|加急|优先|赶紧|赶快|马上|立刻|必须|给我(?:发|送|寄|弄)|帮我(?:发|送|寄|弄)|\b(?:hurry|now|stop|send)\b",
    re.IGNORECASE,
)
"""What somebody is told to do about it."""


def asks_of_parcel(text: str) -> str:
    """Return what the words ask of a parcel or an order, by the intent of such questions; "" for nothing.

    That there is an order they do not show: what is bought today is asked for in the same words.
    """
    if _RESTOCK.search(text) or _OF_SHOP.search(text) or _ELSE.search(text):
        return ""
    if _MISSED.search(text):
        return MISSED
    if is_whereabouts(text):
        return WHERE
    if _LEFT.search(text) or _GOES.search(text):
        return LEFT
    return COMES if _COMES.search(text) else ""


def is_whereabouts(text: str) -> bool:
    """Whether the words can only be about something that is on its way: where it is, what its number is."""
    if _WHERE.search(text) or _STILL.search(text) or _NUMBER_OF_IT.search(text):
        return True
    return bool(_BY_NAME.search(text)) and find_place(text) is not None and not _COMES.search(text)


def has_set_out(text: str) -> bool:
    """Whether the words ask if something has left, or complain that nothing happens."""
    return bool(_LEFT.search(text))


def is_of_his(text: str) -> bool:
    """Whether the words speak of an order that the buyer has made."""
    return bool(_HIS.search(text) or _MINE.search(text))


def is_surely_of_parcel(text: str) -> bool:
    """Whether the words can only be about an order that somebody has made, whoever he is: 「货走到哪儿啦」."""
    asked = asks_of_parcel(text)
    if asked in (WHERE, MISSED):
        return bool(_THING.search(text)) or is_of_his(text)
    return bool(asked) and is_of_his(text)


def misses_parcel(text: str) -> bool:
    """Whether the words tell that something of his has not come, though they ask nothing: 「我上次买的还没收到」."""
    return bool(_NOT_COME.search(text)) and (is_of_his(text) or bool(_THING.search(text)))


def names_order(text: str) -> bool:
    """Whether the words name an order or a parcel by its number, and want nothing else than to hear of it."""
    try:
        return bool(read_message(text).numbers) and not wants_else(text)
    except UnreadableMessage:
        return False


def only_looks_up(text: str) -> bool:
    """Whether the words say no more than that an order is to be looked up: its number, what proves it, and where it is."""
    if not names_order(text) or _DEED.search(text):
        return False
    rest = _LABELS.sub("", text)
    return bool(asks_of_parcel(text) or _LOOKS.search(rest)) or len(rest) <= _SHORT


def wants_else(text: str) -> bool:
    """Whether something else than an order's whereabouts is wanted, in which its number is no more than a proof."""
    return bool(_ELSE.search(text))
