"""What a buyer tells the shop to do about his money, his order or its prices, in words that leave no doubt.

What is said in other words the classifier's reader hears (bot.domain.only_person): a pattern stays here only where it adds to
that reader, or where it has to be sure.
"""

from __future__ import annotations

import re
from typing import Final

_URGED: Final = r"(?:帮我|帮忙|给我|替我|麻烦|赶紧|赶快|马上|立刻|立即|必须|尽快|我要求|请)"
_DEED: Final = (
    r"(?:退款|退钱|退货款|退差|退给我|退了|赔|补偿|补发|补寄|补差|取消|撤销|拦截|拦回|拦一下|改一?下|改成|改到|改地址|改价"
    r"|换成|换新|换地址|换电话|重新?[开发寄]|加急|(?<!不)同意)"
)
_OBJECT: Final = r"(?:收货|收件)?(?:地址|电话|手机号|收件人|价格?|运费|邮费|规格|尺码|颜色)"
_SHOP: Final = r"(?:你们?|商家|店家|卖家)(?:家|店)?"
_TOLD: Final = re.compile(
    rf"{_URGED}[^？?]{{0,14}}{_DEED}"
    r"|[把将][^？?]{0,14}(?:退给?我|退了|退回|取消|改成|改到|换成|拦截|拦回|去掉)"
    r"|退钱|退我钱|还我钱|赔钱|赔我|退我差价|(?:退款|补发|补寄)了?吧$|订单取消|取消订单$|拦截(?:一下)?(?:快递|包裹)"
    rf"|^(?:那|请|就|我要|直接|现在|先){{0,2}}(?:改|换)一?下?{_OBJECT}(?:吧|谢谢|啊)?$|{_OBJECT}(?:帮忙)?改一?下"
    rf"|(?:运费|邮费|快递费|差价)(?:必须|应该|得|要|都|就)?(?:是|由)?{_SHOP}(?:应该|得|来|必须)?(?:出|承担|付|补|赔|掏)"
    rf"|{_SHOP}(?:必须|得|要|应该|给我)(?:赔|补偿|退|承担|负责)|承担(?:一下|下)?(?:运费|邮费)"
    r"|给(?:我|我们)?一?个(?:说法|交代)|送我[一两二几个][个双件条包盒]?|先别发货$|^(?:麻烦)?加急$|给(?:我们?|咱们?)?一?个(?:批发|团购|拿货|代理)价(?!格)"
    r"|\b(?:refund|cancel) (?:me|my|it|this)\b|\b(?:please|pls|plz) (?:refund|cancel|change|replace|exchange)\b|\bmoney back\b",
    re.IGNORECASE,
)
_SUM: Final = (
    r"(?:(?<![\d.满])\d{1,5}(?:\.\d{1,2})?|[一二两三四五六七八九]?[百十][零一二三四五六七八九十]{0,3})(?:块钱?|元)?"
    r"(?![\d件个条码号包盒袋双克斤天毫小点月日年分米厘寸瓦支只罐瓶片张折多楼岁份套台箱])"
)
_NAMED_PRICE: Final = re.compile(
    rf"{_SUM}[^，,。？?!！\d]{{0,6}}我(?:现在|马上|立马|立刻|这就|就|直接){{1,2}}(?:付|拍|买|下单|拿|要)"
    rf"|{_SUM}(?:能|可以)?(?:卖不卖|卖吗|出不出|出吗|卖我)"
    r"|(?:便宜|少|降|优惠|改)(?:成|到)?\s*\d+(?:块|元)?(?:卖不卖|卖吗|成交|我?就?(?:立马|马上|现在)?[付拍买要])"
    r"|(?:便宜|少|降|优惠)到\s*\d|\d{1,7}(?:块|元)?(?:卖不卖|卖吗|成交|卖我|我就(?:付|拍|买|下单))|一口价\s*\d"
    r"|打[一二三四五六七八九\d.]{1,3}折我?就[拍买要付]|(?<![满到过\d])\d+(?:块|元)?包邮(?:行不行|行吗|可以吗|我就|卖不卖)"
    r"|(?:\d{1,7}(?:块|元)?(?:一[件个条双])?|[件个条双箱]\d+)(?:行不行|行吗|行不|成不)"
)
"""A price that the buyer names: nobody but the shop takes it."""
_BUSINESS: Final = re.compile(
    r"供货|拿货|进货|出厂价|代理|采购|批[发量]|团购|长期合作|公司|单位|企业|员工|学校|班[服级上里]|社团|活动|客户|酒店|民宿|饭店|开店|福利|年会|婚礼"
)
_MANY: Final = re.compile(
    r"(?:[2-9]\d|\d{3,5}|[二三四五六七八九]十[一二三四五六七八九]?|[一二两三四五六七八九]?[百千])多?(?:来)?[件个条箱盒套份双袋瓶支床台只把]"
)
_TRADE: Final = re.compile(r"供货|拿货|进货|长期合作")
_PRICE: Final = re.compile(r"价(?!保)|折|优惠|便宜|多少钱|怎么算")
"""Words of who buys for others, of so many pieces, and of what they would cost: a quote, which nobody but the shop makes."""
_NO_BUYER: Final = re.compile(
    r"我(?:们)?(?:这边)?是.{0,6}(?:快递员|快递公司|骑手|派件员|收件员|供应商|厂家|记者|平台小二|工商局|律师|主播|达人)"
    r"|\bI am (?:a|the) (?:courier|supplier|reporter|lawyer)\b",
    re.IGNORECASE,
)
"""He has business with the shop, though not as a buyer: its entries are none for him."""
_ASKED: Final = re.compile(
    r"[吗么不没][？?~～]*$|怎么|咋|如何|可以|能不能|能否|什么|多久|几天|多少|哪|谁|会不会|会自动|自己|发票|抬头|收不收"
    r"|\b(?:can|could|how|when|what|do|got|received)\b",
    re.IGNORECASE,
)
_CLAUSE: Final = re.compile(r"[\s,，。;；!！?？]+")
_WORD: Final = re.compile(r"[A-Za-z]")


def asks_quote(text: str) -> bool:
    """Whether the buyer wants a price for what he buys for others or for his own shop: a quote, not the price of a thing."""
    if not _PRICE.search(text) or not _BUSINESS.search(text):
        return False
    return bool(_TRADE.search(text) or _MANY.search(text))


def tells_to_act(text: str) -> bool:
    """Whether the buyer surely tells the shop to do something about his money or his order, or names a price.

    So does who has business with the shop and is no buyer.
    """
    if _NAMED_PRICE.search(text) or _NO_BUYER.search(text):
        return True
    # English clauses are whole sentences; Chinese ones are often told apart by a space alone.
    clauses = [text] if _WORD.search(text) and text.isascii() else dict.fromkeys(_CLAUSE.split(text))
    return any(_TOLD.search(clause) and not _ASKED.search(clause) for clause in clauses)
