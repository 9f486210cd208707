"""What a buyer's words want of his invoice: to have one, to let it be, to have one changed, or to say yes or no."""

from __future__ import annotations

import re
from typing import Final

from bot.domain.text import asks, is_acknowledgement, leans_on_words_before

_ASKS_ABOUT: Final = re.compile(
    r"什么时候|多久|几[天号点时]|何时|啥时|多少|怎[么样]|咋|如何|什么|哪|啥|要是|可能|几时|多会儿?|排队|审核|开票中|换|开成|开错|收费|要钱|加钱|加税|税点|满"
    r"|\b(?:when|how|what|which|why|where|cost|charge|cancel|void|replace|old)\b",
    re.IGNORECASE,
)
_TAG: Final = re.compile(
    r"[?？吗么嘛]|[不伐咩][呀啊]?$|没[呀啊有]?$|能不能|可不可以|行不行|^(?:can|could|do|is)\b", re.IGNORECASE
)
_FOR_ME: Final = re.compile(
    r"(?:给我|帮我|帮忙|帮开|给开|麻烦|劳烦|请(?!问)).{0,8}(?:开|补).{0,10}票|开.{0,6}票.{0,4}给我"
    r"|\b(?:can|could|may) (?:i|we|you) (?:please )?(?:have|get|issue|send|make|give)\b.{0,30}\b(?:invoice|fapiao)",
    re.IGNORECASE,
)
_NOT_WANTED: Final = re.compile(
    r"不(?:用|要|需要?|想要)(?:再?开)?[^，,。；;\s]{0,6}票|\b(?:don'?t|no) (?:need|want)?.{0,12}(?:invoice|fapiao)",
    re.IGNORECASE,
)
_WANTS: Final = re.compile(
    r"(?:要|需要|想|得|补|请)(?:要|开|补|有)?(?:一下|一?张|个|份)?.{0,8}票|^开(?:一下|下|一?张|个|份)?.{0,8}票|忘记?.{0,6}要?.{0,4}票"
    r"|^(?:an? |the )?(?:invoice|fapiao)(?:,? please)?[.!]*$|\b(?:need|want|would like|'d like|please (?:issue|send))\b.{0,40}\b(?:invoice|fapiao)",
    re.IGNORECASE,
)
_TICKETS: Final = re.compile(
    r"(?:优惠|代金|电影|[门车机股彩钞投饭船小选绑]|投[^，,。]{0,2})票|票(?:价|数|选|房|根|子)"
)
_PAPER: Final = "(?:票(?!面)|fapiao|invoice)"
_ISSUING: Final = re.compile(
    r"(?:给|来|出|开|补|弄|搞|要|整|打|办|讨|求|寄|拿)(?:我|我们|咱们?|俺|个|一?张|一?份|一下|下|点|公司|单位|个人|你们|的){0,4}[^，,。；;\s]{0,8}"
    + _PAPER
    + r"|"
    + _PAPER
    + r"(?:也|麻烦|帮忙?|顺便|记得|就|请){0,2}(?:给|帮)?(?:我|我们|咱们?)?(?:开|出|补|弄|搞|整|打|寄)(?:一?张|一?份|一下|下|上|了|给我)*"
    r"(?:吧|呗|哈|呀|啊|咯|哦|嘛|谢谢)*$"
    r"|(?:给|帮|麻烦|来)[^，,。；;\s]{0,3}开(?:一|两|个)?张(?!.{0,6}[单图表])"
)
"""To have one, in whatever words: 「来张票」, 「票给开上呗」, 「那单给开一张」."""
_NO_WISH: Final = re.compile(
    r"[能会可]|不|别|没|有|支持|包含|是否|收到|已经?|开(?:好|过|出来?|错|完)|多久|几|吗|么$|怎|啥|[?？]|自己|在哪|自动|勾"
)
"""Beside it the words ask, or tell what is so."""
_WHETHER: Final = re.compile(r"[开出给拿]得[了到成]|([开出给])不\1")
_CLAUSE: Final = re.compile(r"[，,。；;\n!！]+|(?<!\s)\s+(?=[\u4e00-\u9fff])|(?<=[?？])")
_WRITTEN: Final = re.compile(
    r"已经?开|开(?:好|出来|过)|收到|寄[来到]|红冲|作废|重开|上[次回]|之前|\b(?:issued|received|got)\b",
    re.IGNORECASE,
)
_ASKS_WHETHER: Final = re.compile(
    r"(?:还|能|可以|可|会)(?:不?能|给|有)?[^，,。]{0,8}(?:改|重开|换|救|作废|红冲|补救|办法)[^，,。]{0,4}(?:吗|么|不|没|嘛|吧)?[?？]?$|有[得法没]?(?:改|救|办法)|怎么|咋|如何|咋办"
    r"|\b(?:can|could|how|possible)\b",
    re.IGNORECASE,
)
_TELLS: Final = re.compile(
    r"帮我|给我|替我|麻烦|请(?!问)|(?:作废|冲|撤|重开|改|换)(?:掉|了吧|一下|下)|(?:按|换成|改成|改为)[^，,。]{0,12}(?:开|出|写|来|$)|再出一张|\b(?:please|pls)\b",
    re.IGNORECASE,
)
_SPOKEN_OF: Final = re.compile(r"票|抬头|品名|税号|报销|\b(?:invoice|fapiao)\b", re.IGNORECASE)
_LONGEST_LEFT_OUT: Final = 12
_DONE_WITH_ONE: Final = re.compile(r"开|出|寄|发|收|下载|领|改|报|邮|抬头|查|重")
_OF_ELSE: Final = re.compile(r"货|快递|包裹|[这那]单|件|款|色|码|券|退|换|尺|料|价|钱|送|活动|点钟|营业|门店")
_CHANGE: Final = re.compile(
    r"红冲|冲红|红字|作废|重开|重新开|换(?:个|一下)?抬头|(?:改|换)(?:一下)?发票|(?:已经?|都)开(?:好|了|出|完)|开(?:错|成)|(?:抬头|税号|发票|名称).{0,4}(?:开|写|填|打)错"
    r"|退(?:货|款|了).{0,10}发票|发票.{0,12}退|退票"
    r"|\b(?:reissue|re-issue|void|credit note|wrong invoice|change the invoice|already (?:issued|received))\b",
    re.IGNORECASE,
)
_NEEDS: Final = re.compile(
    r"(?:要|需要?|得|提供|准备|填|给|发)(?:你们?|提供|准备|填写?|给|发){0,6}(?:什么|哪些|啥)(?!时候|内容|票|发票|种)(?:资料|信息|材料|东西|抬头)?"
    r"|(?:什么|哪些|啥)(?:资料|信息|材料)|\bwhat (?:information|details|do you need|is needed|should i (?:send|provide))\b",
    re.IGNORECASE,
)
_STOP: Final = re.compile(
    r"算了|票[^，,。]{0,3}(?:先)?不(?:弄|开|要|办|用|急)|不(?:弄|办|搞|整)了|先不(?:弄|办|搞)|不(?:用|要|想|需要)?(?:再)?开了|不(?:用|要|需要|想要)(?:发?票)?(?:了|啦)|先不(?:开|要)|别开了|取消(?:开票|申请|吧|了|$)|不用麻烦|以后再说|下次再"
    r"|\b(?:never ?mind|forget (?:it|about it)|cancel (?:it|that|the invoice)|don'?t (?:need|want) (?:it|one|an invoice|the invoice)|no invoice)\b",
    re.IGNORECASE,
)
_YES_WORD: Final = (
    r"(?:对|是|没错|错不了|没问题|没毛病|没啥问题|正确|确认|核对过|看过|无误|可以|行|好|嗯|成|中|妥|就这样|这样|就这些?|ok|okay|yes|yep|yeah|sure|correct|right"
    r"|confirm(?:ed)?|that'?s (?:right|correct|it)|looks? (?:good|right)|all (?:good|correct|right))"
)
_YES_TAIL: Final = (
    r"(?:的|了|滴|呢|啊|哦|呀|吧|哈|呐|呗|头|嘞|咯|都|全|全部|信息|这回|这次|现在|那|就|开吧|开|提交|登记"
    r"|发吧|办吧|快点?|尽快|赶紧|辛苦|麻烦|谢谢?|您|你"
    r"|please|thanks|thank you|it|now|[\s,，。.!！~～])"
)
# Possessive: 开吧开吧… has many ways to be read, and none of them is tried again.
_YES: Final = re.compile(rf"^{_YES_TAIL}*+{_YES_WORD}(?:{_YES_WORD}|{_YES_TAIL})*+$", re.IGNORECASE)
_NO: Final = re.compile(
    r"^(?:不对|不是|错了?|有误|有错|不行|不可以|no|nope|wrong|incorrect|not right)(?:的|了|啊|呢|吧|[\s,，。.!！~～])*$",
    re.IGNORECASE,
)


def wants_one(text: str) -> bool:
    """Whether the buyer wants an invoice rather than only asks about invoices."""
    clauses = [each.strip() for each in _CLAUSE.split(_TICKETS.sub("", _NOT_WANTED.sub("", text)))]
    # 「要专票 你们出得了么」 asks whether there are any.
    asks_whether = any(leans_on_words_before(each) or _WHETHER.search(each) for each in clauses)
    return not asks_whether and any(map(_wants_one, clauses))


def _wants_one(clause: str) -> bool:
    if _ASKS_ABOUT.search(clause):
        return False
    if _FOR_ME.search(clause):
        return True
    if _WANTS.search(clause) is not None and not _TAG.search(clause):
        return True
    return _ISSUING.search(clause) is not None and not _NO_WISH.search(clause)


def asks_needs(text: str) -> bool:
    """Whether the buyer asks what he has to give for an invoice."""
    return _NEEDS.search(text) is not None


def leaves_it_out(text: str) -> bool:
    """Whether the words may ask of an invoice that was spoken of just before, without naming it: 「出了往哪发」."""
    is_short = len(text) <= _LONGEST_LEFT_OUT and _DONE_WITH_ONE.search(text) is not None
    return is_short and asks(text) and not speaks_of_one(text) and _OF_ELSE.search(text) is None


def wants_change(text: str) -> bool:
    """Whether the words want another invoice for one that was written already."""
    return _CHANGE.search(text) is not None


def was_written(text: str) -> bool:
    """Whether the buyer says that the invoice is there already."""
    return _WRITTEN.search(text) is not None


def asks_whether_changed(text: str) -> bool:
    """Whether the buyer only asks if and how an invoice can be changed, and tells nobody to do it."""
    return _ASKS_WHETHER.search(text) is not None and _TELLS.search(text) is None


def speaks_of_one(text: str) -> bool:
    """Whether the words speak of an invoice, whatever they want of it."""
    return _SPOKEN_OF.search(_TICKETS.sub("", text)) is not None


def calls_off(text: str) -> bool:
    """Whether the buyer lets it be."""
    return _STOP.search(text) is not None


def agrees(text: str) -> bool:
    """Whether the words are a yes to what was read out to him."""
    bare = text.strip()
    return _YES.fullmatch(bare) is not None or (is_acknowledgement(bare) and not refuses(bare))


def refuses(text: str) -> bool:
    """Whether the words are a no, without what would be right."""
    return _NO.fullmatch(text.strip()) is not None
