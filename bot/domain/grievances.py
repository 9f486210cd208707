"""What a buyer reports that only a person settles: goods that came broken, short or wrong, money that did not come back.

Pure word classes, each bounded: a thing and its defect, an amount that is missing, what was sent in place of what was bought,
money and its absence. Who asks whether such a thing may happen, or what the shop does then, reports nothing.
"""

from __future__ import annotations

import re
from typing import Final

_DEFECT: Final = (
    r"(?:坏|破(?!洞|价|壁)|碎(?!花)|裂|烂|发霉|霉味|生霉|变质|过期|异味|怪味|哈喇|臭味|受潮|潮了|湿透|裂痕|沾了|夹着|没法(?:用|充|开|穿)|没用$|一长一短|虫子|长虫|有虫|头发丝|脏[了的]|勾丝|陈年|缺了?个?[角口]|漏得|污渍|污点|瑕疵|划痕|刮痕"
    r"|开线|脱线|开胶|开缝|线头|掉色|褪色|染色|缩水|变形|压扁|生锈|短路|冒烟|失灵|卡死|松动|接触不良|有(?:个|一个|几个)(?:小|大)?(?:破?洞|口子)"
    r"|(?:不(?:会)?|没(?:有)?)(?:亮|通电|出声|声音|响|转|制冷|加热)|(?:充|连|关|打|开|转|用)不(?:进|上|了|开|动|起)电?|没反应|不能用|漏(?:气|水|油|液|电|出来|光|完)|缩(?:成|了)|小了?一圈|短了?一截)"
)
_EVIDENT: Final = re.compile(
    r"(?:收到|到手|拿到|打开|拆开|刚买|刚到|刚拆|买的|买了|买来|买回|送来|寄来|发来|寄过来|快递来|穿了|洗了|用了|戴了|吃了|一次就|[天次]就|里面|里头"
    r"|[上里]有|质量)[^？?]{0,14}" + _DEFECT
)
"""He has the thing, and it is not as it should be."""
_STATED: Final = re.compile(
    _DEFECT
    + r"[^吗么不没？?]{0,6}(?:了|的|啦|啊|呀)$|(?:是|都|全|又|就|根本|一直|已经|居然|竟然)(?:是|全|都)?[^？?]{0,3}"
    + _DEFECT
    + r"|[破裂坏碎]了(?:个|一|两|好)[^？?]{0,5}$|(?:有|股|吃出|发现|带着)[^？?]{0,5}(?:异味|怪味|哈喇|臭味|霉味|虫子|头发|瑕疵|污渍|污点|划痕)|"
    + _DEFECT
    + r"$"
)
_PIECES: Final = r"(?:[一两二三四五六七八九十半几\d]{1,3}|好几)[件个条双包袋盒瓶只支箱样份套罐块张本片]"
_SHORT: Final = re.compile(
    r"(?:少|漏|缺|短)(?:了|发|寄|给|装|放|我){0,3}" + _PIECES + r"(?!.{0,4}(?:我就|就[拍买]|[元钱]))"
    r"|(?:漏|少)[发寄装给](?:了|啦|我|货|吧|啊)|[发寄装]漏了?|[发寄给]少了|[少漏缺](?:了)?(?:东西|配件|赠品|货)|东西[少缺]了"
    r"|还[差少缺]"
    + _PIECES
    + r"|[才只][来到收]了?(?:到)?一半|[就只才](?:收到|来|到|有|给|发)了?[^？?]{0,2}"
    + _PIECES
    + r"|数量?(?:不对|不够|不符|对不上)"
    r"|(?:赠品|礼物|礼品|配件|说明书|试吃|小样)[^？?]{0,4}(?:没[有给放发送寄收见]|没在|没了|不在|不见|漏)|说好的[^？?]{1,10}(?:没[放给送发寄]|呢)"
)
_WRONG: Final = re.compile(
    r"(?:发|寄|装|拿|给|配)(?:我)?错(?:了|货|啦|成|颜色|尺码|款)|[发寄][了成]?别人的|货不对[板版]|(?:与|跟|和)(?:图片|详情|写的|说的|直播|描述|页面|照片|宣传|介绍|我[买拍要订]的)[^？?]{0,6}(?:不一样|不符|不同|差)"
    r"|(?:颜色|款式|型号|口味|规格|东西|货|款)(?:都|也|完全|根本)?(?:不对|不符|对不上|发错|寄错)|(?:是不是|可能|好像|肯定|又)[发寄装拿]错"
    r"|(?:左右|两[只边脚])[^？?]{0,4}不一样|给我[发寄]成|(?:这|收到的|来的|给我的)?不是我(?:们)?[买要拍订选]的|(?<!不是)(?:假货|仿品|二手货|用过的|拆过封)"
)
_SWAPPED: Final = re.compile(
    r"[买要拍订选]的(?:明明|可)?(?:是)?[^？?]{1,14}(?:收到|[发寄来给]|怎么)(?:来|了|我|过来)?(?:的|成)(?:却|怎么)?(?:是|成)?(?!什么|哪|啥|快递|吗|时)"
    r"|[买要拍订](?:了|的)[^？?]{0,4}" + _PIECES + r"[^？?]{0,5}(?:只|才|就|到了)(?:有|来|到|收到|发|给|\d)?"
    r"|[发寄]来?的是?(?!什么|哪|啥)[^？?]{1,10}我[买要拍订选]的"
)
"""One thing was bought and another, or less, came: told over two clauses as often as in one."""
_MONEY: Final = r"(?:退款|退的钱|钱|货款|差价|运费|邮费|赔款|赔付|补偿|返现|红包|押金|退货款)"
_UNPAID: Final = re.compile(
    _MONEY + r"[^？?]{0,6}(?:还没|还不|没有?|未|一直|迟迟|到现在|咋还|怎么还)(?:都|给|有|人|没|未|不|我){0,3}"
    r"(?:到|收|退|给|返|处理|管|动静|消息|打|同意)|没(?:有)?(?:收到)?退(?:款|钱|给我)|(?:还|一直|迟迟|到现在都?|也)[没不](?:给我?|有)?(?:退|到账|赔|补|处理)"
    r"|退款[^？?]{0,6}(?:拒绝|驳回|失败|关闭了|没人|不同意|卡住)|退(?:的钱|款|款金额)(?:少了|不对|不够)|(?:少退|退少|多扣|扣多)了?|扣了我?两次|重复扣|多收了?"
    r"|钱没到账|(?:退款|退的钱|货款|差价)呢|说好?退[^？?]{0,6}没退|[退返赔补][^？?]{0,6}到现在|(?:型号|颜色|尺码|规格|口味)[发寄]成"
)
_HYPOTHESIS: Final = re.compile(
    r"会不会|容易|会[^不]{0,4}吗|不会|怕|担心|要是|如果|万一|假如|若是|的话|别|不要|千万|保修|包[退换]|你们怎么|有没有|[是能]否|(?:能|可)不(?:能|可以)|可以|可能会|才能|多久|几天|多少|哪里"
    r"|什么时候|啥时候|谁|(?!是)(\w)[不没]\1|怎么(?:补|赔|换|退(?!款.{0,4}没)|处理流程|开|算|弄|申请)|原因|款的?[^？?]{0,6}(?:有|吗)"
)
"""It has not happened, or it is asked what would be then."""
_QUESTION: Final = re.compile(r"(?:[吗么嘛不没]|没有|不会吧|的吧)[？?~～。]*$")
_REPROACH: Final = re.compile(r"怎么办|咋办|咋整|怎么处理|怎么回事|什么情况|什么意思|怎么搞的|咋回事")
_THEN: Final = re.compile(r"怎么办|咋办|咋整|怎么处理")
_HAS_IT: Final = re.compile(r"收到|到手|拿到|打开|拆开|给我|我的")
_NEGATED: Final = re.compile(
    r"(?:没有?|不|无|非|以为是?|免|防|抗|耐)(?:坏|破|碎|裂|异味|瑕疵|变形|掉色|褪色|缩水|过期|划痕|漏)"
)
_SOLD_SO: Final = re.compile(r"破洞|碎花|防漏|断码|断货")
"""Words of what the shop sells, and of what it has not."""
_CLAUSE: Final = re.compile(r"[\s,，。;；!！?？]+")
_ENGLISH: Final = re.compile(
    r"\b(?:i (?:got|received)|arrived|came|it is|it's|was|were|is|are)\b[^.?!]{0,30}"
    r"\b(?:broken|damaged|cracked|defective|torn|stained|expired|mouldy|moldy|missing|faulty)\b"
    r"|\b(?:sent|got|received|shipped)\b[^.?!]{0,20}\bwrong\b|\bwrong (?:item|colou?r|size|product|one)\b"
    r"|\bmissing (?:item|piece|part)s?\b|\b(?:not|never|haven't|hasn't)\b[^.?!]{0,24}\brefund(?:ed)?\b|\brefund\b[^.?!]{0,16}\b(?:not|never|hasn't)\b"
    r"|\bwhere is my refund\b|\b(?:stopped working|does(?:n't| not) work|not working)\b",
    re.IGNORECASE,
)
_ENGLISH_HYPOTHESIS: Final = re.compile(
    r"\b(?:if|does|do you|easily|can|could|how|would|will)\b|^\s*(?:is|are)\b", re.IGNORECASE
)
_HAS_DEFECT: Final = re.compile(_DEFECT)
_TOLD: Final = (_WRONG, _UNPAID)
_INVOICE: Final = re.compile(r"发票|抬头|税号|[专普]票|票")


def reports_harm(text: str) -> bool:
    """Whether the buyer reports harm that a person has to look at: broken, short or wrong goods, money that is missing."""
    if text.isascii():
        return bool(_ENGLISH.search(text)) and not _ENGLISH_HYPOTHESIS.search(text)
    if _INVOICE.search(text):
        return False  # a wrong invoice is the invoice dialogue's
    if _SWAPPED.search(text) and not _HYPOTHESIS.search(text):
        return True
    return any(_is_report(clause) for clause in dict.fromkeys(_CLAUSE.split(text)) if clause)


def _is_report(clause: str) -> bool:
    if _THEN.search(clause) and not _HAS_IT.search(clause):
        return False
    told = _REPROACH.sub("", clause)
    if _HYPOTHESIS.search(told) or _QUESTION.search(told):
        return False
    if any(pattern.search(told) for pattern in _TOLD):
        return True
    # 「少发了一件怎么回事」 is answered by what the shop needs to look into it.
    if told == clause and _SHORT.search(told):
        return True
    bare = _SOLD_SO.sub("", _NEGATED.sub("", told))
    if not _HAS_DEFECT.search(bare):
        return False
    if _EVIDENT.search(bare):
        return True
    # 「坏了怎么办」 without a word of having the thing asks what the shop does.
    return told == clause and bool(_STATED.search(bare))
