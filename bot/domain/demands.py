"""What a buyer tells the shop to do about his money, his order or its prices: no software does that."""

from __future__ import annotations

import re
from typing import Final

_DEEDS: Final = (
    r"(?:退|赔|补偿|补发|补寄|补差|补[一两]?[个件份]|补我|补个?差|退差|优先发|换个?(?:地址|电话|收货|收件)|拦一下|取消|撤销|拦截|拦回|改一?下|改成|改到|改个|改$|改地址|改价|换成|换新|换一?[件个双条]|转到|推到|推迟|延后|晚点发"
    r"|重新?[开发寄]|加急|(?<!不)同意)"
)
_ACT: Final = re.compile(
    r"(?:帮我|帮忙|给我|替我|麻烦|赶紧|赶快|马上|立刻|立即|现在就|必须|尽快|我要求|请)[^？?]{0,14}" + _DEEDS
    + r"|[把将][^？?]{0,14}(?:退给?我|退了|退回|取消|改成|改到|换成|拦截|拦回|转到)|退钱|赔钱|赔我|退我钱|退我差价"
    r"|退我$|还我钱|把[^？?]{0,4}钱还|最低价给我|给我(?:个)?最低价"
    r"|给我(?:重新|再)?[发寄换]"
    r"(?:新的|[一两]?[个件双条](?!链接|图|视频|单号|地址|表)|[大小][一号码的]|[黑白红蓝灰粉绿黄紫LMSX])|^(?:那)?换[^？?]{1,8}给我|换成[^？?]{1,6}给我[发寄]"
    r"|\b(?:refund|cancel|change) (?:me|my|it|this)\b|\b(?:please|pls|plz) (?:refund|cancel|change|replace|exchange)\b|\bmoney back\b"
    r"|\bi (?:want|need) (?:a |my )?refund\b|^(?:exchange|replace|refund) (?:it|this)\b"
    r"|\b(?:send|ship) (?:me )?(?:a |another |the )?(?:replacement|new one|missing)|\bcompensate me\b",
    re.IGNORECASE,
)  # fmt: skip
_DEED: Final = re.compile(
    r"^(?!.*(?:抬头|发票|税号|邮箱|[专普]票)).*改[成为到](?!了|过|的)|按.{1,8}改|\d+改了?吧?$"
    r"|(?:给|报|出)(?:我们?|咱们?)?一?个?(?:批发|团购|拿货|代理|实在|最低|优惠)?价(?!格)|给(?:我们?|咱们?)?个(?:批发|团购|拿货|实在)"
    r"|(?:补发|补寄|退款|取消|赔偿?|退钱|改价)了?吧|重新发货|(?:直接|同意|现在|马上)退款|退款给我|赔偿?我|退回来(?:吧|$)"
    r"|^(?:那|请|就|我要|直接|现在|先|都|全部|订单){0,3}(?:[改换]一?[下个]?(?:收货)?(?:地址|电话|价格?|规格|尺码|颜色)|取消(?:订单|掉|了|一下)|拦截(?:一下|快递|下)?|拦截一下(?:快递|包裹)|补[寄发](?:一下|一[个件份双条包])?(?:给我)?|加急)"
    r"(?:吧|一下|谢谢|啊|呀)?$|(?:地址|电话|手机号|收件人|价格?|运费|规格|尺码|颜色)(?:帮忙)?(?:改一?下|[换改][成为到])|订单取消|(?:先别|先不要|不要|别)发货$|(?:单|订单)里?的?[^？?]{0,8}(?:换|改)(?:成|一?下)"
    r"|(?:同意|通过|处理|审核)(?:一下|下)(?:我的)?(?:退|申请|售后)|(?:退款|退货|售后)(?:申请)?(?:帮忙)?(?:同意|通过|处理|审核)(?:一下|下)"
    r"|(?:运费|邮费|快递费|差价)(?:必须|应该|得|要|都|就)?(?:是|由)?(?:你们?|商家|店家|卖家)(?:家|店)?(?:应该|得|来|必须)?(?:出|承担|付|补|赔|掏)"
    r"|(?:你们?|商家|店家)(?:必须|得|要|应该|给我)(?:赔|补偿|退|承担)|(?:要求|必须|应该)(?:你们?)?(?:赔|补偿|退款|退差价)|补(?:偿)?我\d|[补赔退]一?个(?:新的|差价|给我)|(?:补偿|赔偿|拦)(?:一下|下来)|承担(?:一下|下)?(?:运费|邮费)|(?:退|补|返|赔)(?:给|还)我"
    r"|(?:催|查)(?:一下|下)?(?:我的)?退款|重新?开[^？?]{0,4}给我|送我[一两二几个双件条包]|送[一两二几]?[个双件条包盒][^？?]{0,4}吧$|给(?:我|我们)?一?个(?:说法|交代|解决)|[你您]们?(?:得|要|必须|应该)负责",
    re.IGNORECASE,
)
"""Deeds about money or an order that need no 帮我 before them."""
_OFFERED: Final = re.compile(
    r"(?:便宜|少|降|优惠)到\s*\d|\d+(?:块|元)?(?:卖不卖|卖吗|成交)|(?:便宜|少|降|优惠)(?:\d+|[一两二三四五六七八九十])(?:块|元)?我就?(?:立马|马上|现在)?[付拍买要]|打[一二三四五六七八九\d.]{1,3}折我?就[拍买要付]|\d+(?:块|元)?我就(?:付|拍|买|下单)|\d+(?:块|元)?卖我"
    r"|一口价\s*\d|(?<![满到过\d])\d+(?:块|元)?包邮(?:行不行|行吗|可以吗|我就|卖不卖)|改(?:个|下)?价我就"
    r"|(?:\d+(?:块|元)(?:一[件个条双])?|\d+一[件个条双]|[件个条双箱]\d+)(?:行不行|行吗|行不|可以吗|可以不|成不)"
)
"""A price that the buyer names: nobody but the shop takes it."""
_NO_BUYER: Final = re.compile(
    r"我(?:们)?(?:这边)?是.{0,6}(?:快递员|快递公司|骑手|派件员|收件员|供应商|厂家|记者|平台小二|工商局|律师|主播|达人)"
    r"|\bI am (?:a|the) (?:courier|supplier|reporter|lawyer)\b",
    re.IGNORECASE,
)
"""He has business with the shop, though not as a buyer: its entries are none for him."""
_ASKED: Final = re.compile(
    r"[吗么不没][？?~～]*$|怎么|咋|如何|可以|能不能|能否|什么|多久|几天|多少|哪|谁|\b(?:can|could|how|when|what|do)\b",
    re.IGNORECASE,
)
_CLAUSE: Final = re.compile(r"[\s,，。;；!！?？]+")
_WORD: Final = re.compile(r"[A-Za-z]")


def tells_to_act(text: str) -> bool:
    """Whether the buyer tells the shop to do something about his money or his order, or names a price: no software does that.

    Neither does it deal with those who are no buyers.
    """
    if _OFFERED.search(text) or _NO_BUYER.search(text):
        return True
    # English clauses are whole sentences; Chinese ones are often told apart by a space alone.
    clauses = [text] if _WORD.search(text) and text.isascii() else dict.fromkeys(_CLAUSE.split(text))
    return any(
        (_ACT.search(clause) or _DEED.search(clause)) and not _ASKED.search(clause) for clause in clauses
    )
