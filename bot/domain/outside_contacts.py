"""Contact details that lead a buyer away from the platform: phones, WeChat and QQ accounts, links."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from typing import Final

from bot.domain.disguises import DigitRun

PLATFORMS: Final = frozenset(
    (
        "taobao.com", "taobao.cn", "tmall.com", "tmall.hk", "tb.cn", "1688.com", "alibaba.com", "aliyun.com", "alipay.com",
        "alicdn.com", "jd.com", "jd.hk", "3.cn", "pinduoduo.com", "yangkeduo.com", "pdd.com", "douyin.com",
        "jinritemai.com", "kuaishou.com", "kwaixiaodian.com", "xiaohongshu.com", "xhslink.com", "vip.com", "suning.com",
        "weidian.com", "youzan.com", "dangdang.com", "amazon.cn", "cainiao.com", "sf-express.com", "chinatax.gov.cn",
        "12306.cn",
    )
)  # fmt: skip
"""Domains of marketplaces, their payment and parcel services: a link there leads nobody away."""

_DOMAIN: Final = re.compile(
    r"(?<![a-z0-9.@-])(?:https?://)?"
    r"((?:[a-z0-9][a-z0-9-]{0,62}\s?(?:[.。．·]|点|dot)\s?){1,5}"
    r"(?:com|cn|net|org|shop|top|vip|xyz|cc|io|me|info|site|store|club|tv|link|online|app|hk|tw|co))(?![a-z0-9-])"
)
_DOT: Final = re.compile(r"\s?(?:[.。．·]|点|dot)\s?")
_ACCOUNT: Final = (
    r"(?:微信|微❤|薇信|威信|徽信|微心|薇❤|v信|vx|wx|wechat|weixin|卫星号|企业微信|企微|扣扣|企鹅号|qq)"
)
_SKIP: Final = r"[\s\W_]{0,4}"
_MESSENGER: Final = re.compile(
    # 「微信号：abc12345」, 「加QQ 12345678」
    rf"(?<![a-z]){_ACCOUNT}{_SKIP}(?:号码?|账号|群|id){{0,2}}{_SKIP}(?:是|为|加|搜|同)?{_SKIP}"
    r"(?:(?<![a-z])[a-z][a-z0-9_-]{5,19}|[1-9](?:[\s-]?\d){4,11})(?![a-z0-9])"
    # 「加我微信」, 「＋v」, 「加下薇」
    rf"|(?:加|＋|\+|➕|添加|私加){_SKIP}(?:我|我们|咱们?|店主|老板|掌柜|客服|一下|下|个|本人)*的?{_SKIP}"
    rf"(?:{_ACCOUNT}(?![a-z])|薇(?!娅)|微(?![\u4e00-\u9fff])|[vⅴ](?![a-z0-9领]))"
    r"|(?:私聊|私下|线下|场外)(?:转账|交易|付款|打款)"
)
_HINT: Final = re.compile(r"信|[vwq❤ⅴ]|薇|微|扣|企|私|线下|场外|卫星")
_MOBILE: Final = re.compile(r"1[3-9]\d{9}")
_HOTLINE: Final = re.compile(r"[48]00\d{7}")
_LANDLINE: Final = re.compile(r"0(?:10|2\d|[3-9]\d{2})\d{7,8}")
_PHONE_IN_TEXT: Final = re.compile(
    r"(?<!\d)(?:1[3-9]\d[\s-]?\d{4}[\s-]?\d{4}|[48]00[\s-]?\d{3}[\s-]?\d{4}|[48]00[\s-]?\d{4}[\s-]?\d{3}"
    r"|0\d{2,3}[\s-]?\d{7,8})(?!\d)"
)


def plain_width(text: str) -> str:
    """Return the text in lower case and ordinary width, character by character: places stay places."""
    return "".join(map(_plain, text))


def _plain(character: str) -> str:
    if character.isascii():
        return character.lower()
    plain = unicodedata.normalize("NFKC", character).lower()
    return plain if len(plain) == 1 else character


def phones_in(text: str) -> list[str]:
    """Return the digits of each phone number written in a shop's own text."""
    return ["".join(filter(str.isdigit, found)) for found in _PHONE_IN_TEXT.findall(text)]


def phone_spans(run: DigitRun) -> Iterator[tuple[int, int]]:
    """Yield (start, end) of the digits of a run that are a phone number."""
    groups = run.groups()
    for start, end in groups:
        if _is_phone(run.digits[start:end], spaced=False):
            yield start, end
    if len(groups) > 1 and not _is_list(groups) and _is_phone(run.digits, spaced=True):
        yield 0, len(run.digits)


def _is_list(groups: list[tuple[int, int]]) -> bool:
    """Whether the groups read like sizes or prices side by side: 13 15 18 20 25 9."""
    lengths = {end - start for start, end in groups}
    return len(groups) > 3 and max(lengths) == 2


def _is_phone(digits: str, *, spaced: bool) -> bool:
    if _MOBILE.fullmatch(digits) or _HOTLINE.fullmatch(digits):
        return True
    # Without a dash it is as likely to be some other number.
    return spaced and _LANDLINE.fullmatch(digits) is not None


def messenger_spans(plain: str) -> Iterator[tuple[int, int]]:
    """Yield (start, end) of WeChat and QQ accounts, and invitations to add one, in a `plain_width` text."""
    if _HINT.search(plain) is None:
        return
    for match in _MESSENGER.finditer(plain):
        yield match.span()


def domain_spans(plain: str) -> Iterator[tuple[int, int, str]]:
    """Yield (start, end, domain) of links and bare domains in a `plain_width` text."""
    for match in _DOMAIN.finditer(plain):
        yield match.start(), match.end(), _DOT.sub(".", match.group(1))


def domains_above(domain: str) -> Iterator[str]:
    """Yield the domain and those above it: a.b.com, b.com."""
    parts = domain.split(".")
    for first in range(len(parts) - 1):
        yield ".".join(parts[first:])
