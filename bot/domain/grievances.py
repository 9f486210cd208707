"""What a buyer surely reports that only a person settles: the wrong thing, too few of it, money that did not come back.

How goods can be broken has more words than a pattern holds: the classifier's reader hears them (bot.domain.only_person). Here
is what it hears less well, since it takes two clauses or a number to say it.
"""

from __future__ import annotations

import re
from typing import Final

_PIECES: Final = r"(?:[一两二三四五六七八九十半几\d]{1,3}|好几)[件个条双包袋盒瓶只支箱样份套罐块张本片]"
_SHORT: Final = re.compile(
    rf"(?:少|漏)(?:了|发|寄|给|装|我){{1,3}}{_PIECES}|漏[发寄装](?:了|啦|我)|[发寄装]漏了?|怎么少了?{_PIECES}|少{_PIECES}$"
    rf"|(?:就|只|才)(?:收到|来|到|给|发)了?{_PIECES}|[订买拍]了?{_PIECES}[^？?]{{0,5}}(?:只|才|就|到了)(?:有|来|到|收到|发|给|\d)"
    r"|数量?(?:不对|不够|对不上)|(?:赠品|礼物|小样|试吃)[^？?]{0,4}(?:没给|没放|没送|没收到|不见)|说好的[^？?]{1,10}没[放给送发寄]"
)
_WRONG: Final = re.compile(
    r"[发寄拿]错(?:了|货|成|颜色|尺码|款)|货不对板|不是我(?:们)?[买要拍订选]的|[发寄]成别人的"
    r"|(?:颜色|款式|型号|口味|规格|尺码)(?:都|也|完全|根本)?(?:不对|不符|对不上)"
    r"|(?:与|跟|和)(?:图片|详情|描述|页面|照片|宣传|我[买拍要订]的)[^？?]{0,6}(?:不一样|不符|两样)"
)
_SWAPPED: Final = re.compile(
    r"[买要拍订选]的(?:明明|可)?(?:是)?[^？?]{1,8}(?:收到|[发寄来给])(?:来|了|我|过来)?的(?:却|怎么)?(?:是|成)?(?!什么|哪|啥|快递|吗|时)"
)
"""One thing was bought and another came: told over two clauses as often as in one."""
_MONEY: Final = r"(?:退款|退的钱|钱|货款|差价|运费|邮费|赔款|赔付|补偿|返现|押金)"
_UNPAID: Final = re.compile(
    rf"{_MONEY}[^？?]{{0,6}}(?:还没|没有?|一直|迟迟|到现在)(?:都|给|没|未|不|我){{0,3}}(?:到账|收到|退|给我|返|动静)"
    rf"|(?:还|一直|迟迟|到现在都?)没(?:给我?|有)?(?:退|赔)|退款[^？?]{{0,4}}(?:被拒|驳回)|少退了?我?|多扣了我"
)
_HYPOTHESIS: Final = re.compile(
    r"会不会|容易|会[^不]{0,4}吗|不会|怕|担心|要是|如果|万一|假如|若是|的话|别|不要|千万|包[退换]|你们怎么|有没有|[是能]否|可以|可能会"
    r"|多久|几天|多少|哪里|什么时候|啥时候|谁|怎么(?:补|赔|换|算|弄|申请|处理|办)|不是[发寄]错|我(?:自己)?[发打]错|[吗么嘛不没][？?~～。]*$"
)
"""It has not happened, or it is asked what would be then."""
_INVOICE: Final = re.compile(r"发票|抬头|税号|[专普]票|票")


def reports_harm(text: str) -> bool:
    """Whether the buyer surely reports harm that a person has to look at; a wrong invoice is the invoice dialogue's."""
    if _INVOICE.search(text) or _HYPOTHESIS.search(text):
        return False
    return any(pattern.search(text) for pattern in (_SHORT, _WRONG, _SWAPPED, _UNPAID))
