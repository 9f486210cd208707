"""What a reply promises in numbers: dispatch and refund times, postage, days to return. Two replies may contradict here."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from types import MappingProxyType
from typing import Final

from bot.domain.regions import find_place

_DIGITS: Final = {digit: value for value, digit in enumerate("零一二三四五六七八九")} | {"两": 2}
_NUMBER: Final = r"(\d{1,4}(?:\.\d{1,2})?|[一二两三四五六七八九十]{1,3})"
_SPAN: Final = rf"{_NUMBER}(?:\s*[-~～–—到至]\s*{_NUMBER})?"
_TIME: Final = rf"{_SPAN}\s*个?\s*(小时|天|日|工作日|周|月|年)"
_TIME_EN: Final = (
    r"(\d{1,3})(?:\s*(?:-|–|to)\s*(\d{1,3}))?[\s-]*(hour|day|working day|business day|week|month|year)s?"
)
_CLOCK: Final = r"(\d{1,2})(?:[:：点](\d{2})?)"
_HOURS: Final = {"小时": 1, "天": 24, "日": 24, "周": 168, "hour": 1, "day": 24, "week": 168}
_CLAUSE: Final = re.compile(r"[，。；！？!?;\n]|,(?!\d)|\.(?!\d)")
_CONDITION: Final = re.compile(
    r"预售|定制|刻字|大件|偏远|节|假期|大促|双1|双十|618|除外|最晚|最迟|超过|超出|加急|缺货|补货|没|未|不|如果|的话|除非|"
    r"pre-?order|custom|holiday|unless|except|not|if\b|out of stock"
)
"""A clause that holds only sometimes contradicts nothing."""
_MAYBE_DIGITS: Final = re.compile(r"[0-9一二两三四五六七八九十]|包邮|free")

_TOPICS: Final[tuple[tuple[str, re.Pattern[str]], ...]] = tuple(
    (topic, re.compile(pattern))
    for topic, pattern in (
        ("dispatch_time", rf"{_TIME}(?:之?内|左右)?(?:会|就|能|可以?|给您?|安排|统一|全部)*(?:发货|发出|寄出|发走|出库)"),
        ("dispatch_time", rf"(?:发货|发出|寄出)(?:时间|时效|时限)?(?:是|为|在|需要?|一般|大概|约)*{_TIME}"),
        ("dispatch_time", rf"(?:ship|send|sent|dispatch)\w*\b[^.]{{0,20}}?\bwithin {_TIME_EN}"),
        ("dispatch_time", rf"within {_TIME_EN}[^.]{{0,12}}?(?:ship|sent|dispatch)"),
        ("return_days", rf"{_TIME}(?:之?内)?(?:可以?|支持|都能|能|免费)*(?:无理由|退换|退货)"),
        ("return_days", rf"(?:return|send)\w*\b[^.]{{0,20}}?\bwithin {_TIME_EN}|{_TIME_EN}[^.]{{0,10}}?returns?\b"),
        ("refund_time", rf"(?:退款|退钱|钱款)[^退]{{0,8}}?{_TIME}(?:之?内|左右)?[^退]{{0,4}}到账?"),
        ("refund_time", rf"{_TIME}(?:之?内|左右)?[^退]{{0,4}}(?:退款|到账)"),
        ("invoice_time", rf"(?:发票|开票|开具)[^发开]{{0,8}}?{_TIME}|{_TIME}(?:之?内|左右)?[^发开]{{0,4}}(?:开票|开具|开好|开出)"),
        ("price_protection", rf"(?:价保|保价)(?:期|时间)?(?:是|为|有)?{_TIME}|{_TIME}(?:之?内)?(?:价保|保价)"),
        ("warranty", rf"(?:保修|质保)(?:期|时间)?(?:是|为|有)?{_TIME}|{_TIME}(?:之?内)?(?:免费)?(?:保修|质保)"),
        ("free_shipping", rf"满\s*{_NUMBER}\s*(?:元|块)?(?:就|即可|可以?|都)*包邮|free shipping (?:over|from) (?:¥|￥)?(\d+)"),
        ("shipping_fee", rf"(?:邮费|运费|快递费)(?:是|为|要|收|统一|都是?|一律|只要|仅)*{_NUMBER}\s*(?:元|块)"),
        ("business_hours", rf"(?:客服|人工|营业|上班|在线)[^0-9]{{0,8}}{_CLOCK}\s*[-~～–—到至]\s*{_CLOCK}"),
    )
)  # fmt: skip
_ONE_PLACE: Final = frozenset({"shipping_fee", "free_shipping"})
_RETURNING: Final = re.compile(r"退|换|险|return")
_FROM_FACT: Final = frozenset(
    {"dispatch_time", "return_days", "refund_time", "invoice_time", "price_protection", "business_hours"}
)
_CONDITIONAL_CASES: Final = frozenset({"out_of_stock", "several", "unknown"})


@dataclass(frozen=True, slots=True)
class Claim:
    """A promise: `topic` names it as variables do, `value` is the same for the same promise, `said` the clause."""

    topic: str
    value: str
    said: str


def claims_in(text: str) -> list[Claim]:
    """Return what the text promises whatever the circumstances, each topic once: a reply that says two knows why."""
    if not _MAYBE_DIGITS.search(text):
        return []
    found: dict[str, Claim] = {}
    twice: set[str] = set()
    for clause in filter(None, map(str.strip, _CLAUSE.split(text))):
        if _CONDITION.search(clause):
            continue
        for topic, pattern in _TOPICS:
            match = pattern.search(clause.lower())
            if match is None or (topic in _ONE_PLACE and (find_place(clause) or _RETURNING.search(clause))):
                continue
            claim = Claim(topic, _value(topic, match), clause)
            if found.setdefault(topic, claim).value != claim.value:
                twice.add(topic)
    return [claim for topic, claim in found.items() if topic not in twice]


def claims_of(texts: Mapping[str, str]) -> dict[str, Claim]:
    """Return the promises of an entry's texts by topic; `texts` are by case, "" for what is said without one."""
    found: dict[str, Claim] = {}
    for case, text in texts.items():
        if case not in _CONDITIONAL_CASES:
            for claim in claims_in(text):
                found.setdefault(claim.topic, claim)
    return found


def value_stated(topic: str, fact: str) -> str | None:
    """Return the value that a fact of the shop gives to the topic; None where it gives none in numbers."""
    if topic not in _FROM_FACT:
        return None
    pattern = _FACT_CLOCK if topic == "business_hours" else _FACT_TIME
    found = {_value(topic, match) for match in pattern.finditer(fact.lower())}
    return found.pop() if len(found) == 1 else None


_FACT_TIME: Final = re.compile(rf"{_TIME}|{_TIME_EN}")
_FACT_CLOCK: Final = re.compile(rf"{_CLOCK}\s*[-~～–—到至]\s*{_CLOCK}")
_EXACT: Final = MappingProxyType({"工作日": "w", "月": "m", "年": "y", "working day": "w", "business day": "w",
                                  "month": "m", "year": "y"})  # fmt: skip


def _value(topic: str, match: re.Match[str]) -> str:
    groups = match.groups()
    if topic == "business_hours":
        first, first_minutes, last, last_minutes = groups
        return f"{int(first)}:{first_minutes or '00'}-{int(last)}:{last_minutes or '00'}"
    told = [group for group in groups if group]
    if topic in _ONE_PLACE:
        return f"{_number(told[0]).normalize():f}"
    *numbers, unit = told
    if unit in _EXACT:
        return "-".join(f"{_number(each).normalize():f}" for each in numbers) + _EXACT[unit]
    return "-".join(f"{(_number(each) * _HOURS[unit]).normalize():f}" for each in numbers) + "h"


def _number(text: str) -> Decimal:
    """Return the number of digits or of Chinese numerals up to ninety-nine."""
    if text[0].isdigit():
        return Decimal(text)
    if "十" not in text:
        return Decimal("".join(str(_DIGITS[each]) for each in text))
    tens, _, ones = text.partition("十")
    return Decimal(10 * (_DIGITS.get(tens, 1) if tens else 1) + (_DIGITS.get(ones, 0) if ones else 0))
