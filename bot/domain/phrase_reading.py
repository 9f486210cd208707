"""Reading a ready phrase that came without a buyer's question: what it is about, and what it answers.

Tables of phrases out of other tools hold a code, a group and a text. Which intent the text answers is guessed from its
words; until people give it phrasings of its own, it is found by what buyers of that intent ask, and by its own words.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

from bot.domain.entry import MAX_PHRASING, Entry
from bot.domain.intents import GROUPS, INTENT_GROUP
from bot.domain.template import Slot, TemplateError, parse_template
from bot.domain.text import strip_opener


@dataclass(frozen=True, slots=True)
class Topic:
    """What is known of one intent: how buyers ask for it, and words that its replies use."""

    asked: str
    signs: re.Pattern[str]


def _topic(asked: str, signs: str) -> Topic:
    return Topic(asked, re.compile(signs, re.IGNORECASE))


TOPICS: Final[dict[str, Topic]] = {
    "stock_available": _topic("有货吗", "现货|有货|在售|能拍的?都|可以直接拍|直接下单|库存"),
    "stock_variant": _topic("这个颜色有货吗", "有货规格|断码|缺码|(?:颜色|尺码|口味|规格).{0,6}(?:有货|没货|齐全)"),
    "stock_restock": _topic("什么时候补货", "补货|到货|上新|重新上架|返场|来货|回货"),
    "stock_cannot_buy": _topic("怎么拍不了", "拍不了|拍不下|无法下单|下不了单|灰色|下架|刷新|库存不足|买不了|限购"),
    "ship_when": _topic(
        "什么时候发货",
        "发货时限|发货时间|最晚发货|假期发货|截单|(?:小时|天|当天|今天|明天|次日|下午|点前).{0,6}发(?!票|到|送)|发出|停发|"
        "(?:安排|开始|正常|恢复|尽快)发货"
    ),
    "ship_courier": _topic(
        "发什么快递",
        "可选快递|默认.{0,8}(?:快递|顺丰|[中圆申]通|韵达|极兔|邮政)|顺丰|[中圆申]通|韵达|极兔|邮政|EMS|京东快递|指定快递|"
        "(?:发|走|换).{0,2}快递"
    ),
    "ship_duration": _topic("几天能到", "时效|天.{0,4}(?:到(?!账)|送达|收到)|到达|到手|路上|预计送达"),
    "ship_fee": _topic("包邮吗", "包邮|邮费|(?<!退货)运费(?!险)|补邮|免邮|首重|续重"),
    "ship_region": _topic(
        "新疆西藏能发货吗",
        "发货地|不发货地区|偏远|新疆|西藏|内蒙|港澳台|海外|国外|(?:不能|暂不|可以|都能|能)发|发不了|仓库在|从.{0,8}(?:发出|寄出|发货)"
    ),
    "logistics_track": _topic("我的快递到哪里了", "单号|物流|查件|查快递|揽收|中转|派送|不更新"),
    "logistics_not_received": _topic(
        "显示签收但是没有收到",
        "签收.{0,10}(?:没|未)|没有?收到|未收到|代收|驿站|丢件|丢失|漏发|少发|补发|面单"
    ),
    "logistics_urge": _topic("帮我催一下", "催|加急|优先(?:安排|处理)"),
    "invoice_can": _topic("可以开发票吗", "发票"),
    "invoice_type": _topic("能开专票吗", "发票类型|专票|普票|专用发票|普通发票|电子发票|纸质|增值税"),
    "invoice_details": _topic("开发票要提供什么信息", "抬头|税号|开票信息|开票资料|开票内容|开户行"),
    "invoice_when": _topic("发票什么时候开", "开票时限|(?:发票|开票).{0,8}(?:天|日|号|周|工作日|次月)|次月.{0,6}(?:开|寄)"),
    "invoice_change": _topic("发票抬头开错了能改吗", "重开|开错|填错|发票修改|红冲|作废"),
    "return_how": _topic("怎么退货", "退货(?!运费)|退换|无理由|吊牌|寄回|退货地址|二次销售"),
    "refund_when": _topic("退款什么时候到账", "退款时限|到账|原路|退款.{0,8}(?:天|小时|工作日)|退回.{0,6}(?:账户|支付)|退款进度"),
    "exchange": _topic("可以换货吗", "换货|调换|换.{0,4}(?:码|颜色|尺码|款式?|大小)|发错"),
    "quality_problem": _topic("收到的东西是坏的", "质量问题|瑕疵|破损|损坏|坏[了的]|变质|拍.{0,8}(?:照片|图片|视频|照)|换新|赔付|质保|保修"),
    "return_fee": _topic(
        "退货运费谁出",
        "运费险|退货运费|(?:退回|来回|寄回).{0,6}(?:运费|邮费)|(?:运费|邮费).{0,10}(?:承担|我们出|您出|报销)|到付|垫付"
    ),
    "price_bargain": _topic("能便宜点吗", "最低价|实价|议价|讲价|还价|便宜|优惠活动|活动价|批发|团购|小本|薄利|[0-9一二三四五六七八九]折"),
    "coupon": _topic("有优惠券吗", "优惠券|优惠卷|领券|用券|红包|满减|满\\d+减"),
    "gift": _topic("有赠品吗", "赠品|赠送|送.{0,4}(?:小礼|礼品|礼物|小样|试用|试吃)"),
    "price_protection": _topic("降价了可以退差价吗", "价保|保价|差价|降价"),
    "product_material": _topic("是什么材质的", "材质|面料|纯棉|真皮|成分|配料|不锈钢|聚酯|里料|厚度|克重"),
    "product_size_advice": _topic("我穿多大码", "尺码建议|尺码表|身高|体重|偏大|偏小|(?:选|拍|穿|建议).{0,6}码"),
    "product_usage": _topic("怎么用", "使用方法|用法|保养|清洗|洗涤|机洗|手洗|安装|充电|步骤|说明书|晾|食用|开机"),
    "product_shelf_life": _topic("保质期多久", "保质期|生产日期|新鲜|临期|冷藏|阴凉|有效期"),
    "product_compare": _topic("这两款有什么区别", "区别|对比|更适合|哪一?款|推荐"),
    "product_authentic": _topic("是正品吗", "正品|专柜|授权|防伪|质检|合格证|假一赔|产地|官方"),
    "order_cancel": _topic("想取消订单", "取消|申请退款|不想要|拒收|重新(?:拍|下单)|关闭订单"),
    "order_address": _topic("可以改地址吗", "改.{0,4}地址|新地址|地址.{0,6}(?:改|错|发)|收货信息|转寄|改派"),
    "order_remark": _topic("可以备注一下吗", "备注|贺卡|价格单|小票"),
    "greet": _topic("在吗", "欢迎(?:光临|来)|请问有什么|在的|在呢|在哒|为您服务|有什么可以帮"),
    "human_request": _topic("转人工客服", "转接|人工|(?:喊|叫|换).{0,4}同事"),
    "complaint": _topic("我要投诉你们", "投诉|不愉快|差评|店长|主管|(?:惹|让)您生气"),
}  # fmt: skip
"""By intent. An intent that is not here is answered by silence, or by nothing that a shop keeps as a phrase."""

_GROUP_WORDS: Final[dict[str, re.Pattern[str]]] = {
    group: re.compile(words)
    for group, words in (
        ("invoice", "发票|开票"),
        ("return_refund", "退货|退款|退换|换货|售后|质量"),
        ("logistics", "物流|查件|催件|签收|派送"),
        ("shipping", "发货|快递|邮费|运费|包邮|配送"),
        ("price_promo", "优惠|活动|价格|议价|砍价|促销|赠品|优惠券"),
        ("stock", "库存|有货|缺货|补货|现货"),
        ("order_change", "改地址|改单|订单|备注|取消"),
        ("product_info", "商品|产品|尺码|尺寸|材质|面料|使用|保养|正品|推荐"),
        ("greeting_thanks", "欢迎|问候|问好|开场|结束|感谢|好评|告别|首次"),
    )
}
"""What groups are called elsewhere; the first whose words stand in a name is meant."""

_HAN: Final = re.compile(r"[\u4e00-\u9fff]")
_ADDRESS: Final = re.compile(r"称呼[，,\s～~]*")
_LONGEST_TITLE: Final = 30
_LONGEST_SIGN: Final = 4
"""A longer word tells no more than one of so many characters."""


def group_named(name: str) -> str | None:
    """Return the group that a name in a table means, None when it tells nothing."""
    if name.lower() in GROUPS:
        return name.lower()
    return next((group for group, words in _GROUP_WORDS.items() if words.search(name)), None)


def guess_topic(reply: str, group: str | None = None) -> tuple[str, str | None]:
    """Return the group and the intent that the reply answers by its words; None is no intent, "other" no group.

    With `group` the intent is one of that group.
    """
    text = plain_text(reply)
    best: tuple[int, int, str] | None = None
    for intent, topic in TOPICS.items():
        if group is not None and INTENT_GROUP[intent] != group:
            continue
        found = list(topic.signs.finditer(text))
        if not found:
            continue
        weight = sum(min(len(word), _LONGEST_SIGN) for word in {match.group() for match in found})
        rank = (weight, -found[0].start(), intent)
        best = rank if best is None else max(best, rank)
    if best is None:
        return group or "other", None
    return INTENT_GROUP[best[2]], best[2]


def plain_text(reply: str) -> str:
    """Return the reply with each variable's Chinese name in its place: {发货时限} tells what a reply is about."""
    try:
        pieces = parse_template(reply).pieces
    except TemplateError:
        return reply
    return "".join(piece.variable.zh if isinstance(piece, Slot) else piece for piece in pieces)


def language_of_reply(reply: str) -> str:
    """Return zh, or en for a reply without any Chinese character outside its variables."""
    try:
        texts = [piece for piece in parse_template(reply).pieces if isinstance(piece, str)]
    except TemplateError:
        texts = [reply]
    return "zh" if _HAN.search("".join(texts)) or not any(map(str.strip, texts)) else "en"


def title_of(entry: Entry) -> str:
    """Return what people know the entry by: its question, else how its reply begins."""
    if known := next(iter(entry.all_phrasings), ""):
        return known
    said = " ".join((entry.reply or " ".join(entry.cases.values())).split())
    return said if len(said) <= _LONGEST_TITLE else f"{said[: _LONGEST_TITLE - 1]}…"


def stand_in_phrasing(entry: Entry) -> str:
    """Return what an entry without a question is found by: how buyers ask for its intent, then its reply's own words.

    It is one text: several that resemble each other little would tell the ranking that this shop's phrasings tell little.
    """
    said = plain_text(entry.reply or " ".join(entry.cases.values()))
    if entry.language != "zh":
        return said[:MAX_PHRASING]
    said = strip_opener(_ADDRESS.sub("", said))
    asked = f"{TOPICS[entry.intent].asked}，" if entry.intent in TOPICS else ""
    return f"{asked}{said}"[:MAX_PHRASING]
