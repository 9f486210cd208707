"""The cells of tables of facts: texts read as numbers, money, days, lists and states, as people and ERPs write them."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date, datetime
from decimal import Decimal, InvalidOperation
from types import MappingProxyType
from typing import Final

from bot.domain.facts import ORDER_STATUSES
from bot.services.documents import Loading
from bot.services.moments import InvalidMoment, parse_day, parse_moment

_DIVIDER: Final = re.compile(r"\\[|;；\\]|[\r\n;；|]")
_SPECIAL: Final = re.compile(r"[|;；\\]")
_COLON: Final = re.compile(r"[:：]")
_ESCAPED: Final = re.compile(r"\\([|;；\\])")
_REGION_DIVIDER: Final = re.compile(r"[\r\n|;；,，、]+|(?<=[\u4e00-\u9fff])\s+(?=[\u4e00-\u9fff])")
_GROUPING: Final = re.compile(r"(?<=\d)[,，](?=\d{3}(?!\d))")
_CHINESE_DATE: Final = re.compile(r"(\d{4})\s*[年/.]\s*(\d{1,2})\s*[月/.]\s*(\d{1,2})日?")
_SHORT_CLOCK: Final = re.compile(r"(?<=\d)[ T]+(\d):")
_WHOLE: Final = re.compile(r"([+-]?\d+)(?:\.0+)?")
_MOST_PIECES: Final = 100_000_000
_EVERYWHERE: Final = frozenset(
    ("*", "其他", "其它", "其余", "其他地区", "其它地区", "全国", "默认", "others", "default")
)
_NOT_SHIPPED_TO: Final = frozenset(("不发货", "不发", "不配送", "不送达", "no", "none"))
NOT_SHIPPED_TO: Final = "不发货"
"""How the fee of a region to which nothing is sent is written."""

STATUS_WORDS: Final[Mapping[str, str]] = MappingProxyType(
    {
        **{status: status for status in ORDER_STATUSES},
        "待付款": "unpaid", "等待买家付款": "unpaid", "未付款": "unpaid",
        "待发货": "paid", "买家已付款": "paid", "等待卖家发货": "paid", "已付款": "paid", "未发货": "paid", "待配货": "paid",
        "已发货": "shipped", "卖家已发货": "shipped", "等待买家确认收货": "shipped", "待收货": "shipped", "运输中": "shipped",
        "已签收": "delivered", "交易成功": "delivered", "已完成": "delivered", "已收货": "delivered", "完成": "delivered",
        "已关闭": "closed", "交易关闭": "closed", "已取消": "closed", "关闭": "closed", "取消": "closed",
        "退款中": "refunding", "售后中": "refunding", "退货中": "refunding", "申请退款": "refunding",
    }
)  # fmt: skip


class WrongCell(ValueError):
    """The cell cannot be read; the message says what would be right."""


def read_pieces(cell: str) -> int | None:
    """Return a number of pieces, None for an empty cell. What is oversold (below nothing) counts as nothing."""
    text = _GROUPING.sub("", cell).removesuffix("件").strip()
    if not text:
        return None
    match = _WHOLE.fullmatch(text)
    if match is None or len(match[1]) > len(str(_MOST_PIECES)) or int(match[1]) > _MOST_PIECES:
        raise WrongCell(
            "应为整数，例如 12；不知道就留空。 a whole number such as 12, or nothing when it is unknown"
        )
    return max(int(match[1]), 0)


def read_money(cell: str) -> Decimal | None:
    """Return an amount in yuan, None for an empty cell."""
    text = _GROUPING.sub("", cell).strip().lstrip("¥￥").removesuffix("元").strip()
    if not text:
        return None
    try:
        amount = Decimal(text)
    except InvalidOperation:
        amount = Decimal(-1)
    if not amount.is_finite() or not 0 <= amount <= 10_000_000 or amount != round(amount, 2):
        raise WrongCell("应为金额，例如 59.90。 an amount in yuan such as 59.90")
    return round(amount, 2)


def read_fee(cell: str) -> Decimal | None:
    """Return what shipping costs, None where nothing is sent; an empty cell says neither."""
    text = cell.strip().lower()
    if text in _NOT_SHIPPED_TO:
        return None
    fee = Decimal(0) if text in ("包邮", "免邮", "free") else read_money(text)
    if fee is None:
        raise WrongCell(
            f"写运费：0 是包邮，不送的地区写「{NOT_SHIPPED_TO}」。 write the fee: 0 is free, {NOT_SHIPPED_TO} where nothing is sent"
        )
    return fee


def read_moment(cell: str, loading: Loading) -> datetime | None:
    """Return a time, in the shop's time zone unless it names one; None for an empty cell."""
    try:
        return parse_moment(_iso(cell), loading.now, loading.zone) if cell.strip() else None
    except InvalidMoment as error:
        raise WrongCell(str(error)) from None


def read_day(cell: str, loading: Loading) -> date | None:
    """Return a day, None for an empty cell."""
    try:
        return parse_day(_iso(cell), loading.now, loading.zone) if cell.strip() else None
    except InvalidMoment as error:
        raise WrongCell(str(error)) from None


def _iso(cell: str) -> str:
    """Write 2026年3月5日 and 2026/3/5 8:05 as 2026-03-05 08:05."""
    text = _CHINESE_DATE.sub(lambda m: f"{m[1]}-{int(m[2]):02}-{int(m[3]):02}", cell.strip())
    return _SHORT_CLOCK.sub(r" 0\1:", text)


def read_list(cell: str) -> list[str]:
    """Return the items of a cell: between them stands a new line, a semicolon or an upright stroke.

    Within an item these follow a backslash.
    """
    return [item for text in _split(cell) if (item := _ESCAPED.sub(r"\1", text).strip())]


def _split(cell: str) -> list[str]:
    return _DIVIDER.sub(lambda match: match[0] if match[0].startswith("\\") else "\n", cell).split("\n")


def write_list(items: tuple[str, ...]) -> str:
    """Return the cell that `read_list` reads as these items."""
    return "|".join(_SPECIAL.sub(r"\\\g<0>", item) for item in items)


def read_regions(cell: str) -> list[str]:
    """Return the regions of a cell; "*" is everywhere that no other rule names."""
    items = (item.strip() for item in _REGION_DIVIDER.split(cell))
    return list(dict.fromkeys("*" if item.lower() in _EVERYWHERE else item for item in items if item))


def write_regions(regions: tuple[str, ...]) -> str:
    """Return the cell that `read_regions` reads as these regions."""
    return "、".join(regions)


def read_status(cell: str) -> str:
    """Return the state of an order, as its name or as shops' systems say it."""
    status = STATUS_WORDS.get(cell.strip().lower())
    if status is None:
        raise WrongCell(
            "不认识的状态，写待付款、待发货、已发货、已签收、已关闭或退款中。 "
            f"unknown status; one of {', '.join(ORDER_STATUSES)}"
        )
    return status


def read_last_digits(cell: str) -> str:
    """Return the last four digits of a telephone number: the others are not kept."""
    digits = re.sub(r"\D", "", cell.removesuffix(".0"))
    if cell.strip() and len(digits) < 4:
        raise WrongCell("写手机号的后四位。 the last four digits of the number")
    return digits[-4:]


def read_options(cell: str) -> dict[str, str]:
    """Return a variant's options written 颜色:黑色;尺码:L. Raises WrongCell."""
    options: dict[str, str] = {}
    for item in read_list(cell):
        name, *value = (piece.strip() for piece in _COLON.split(item, 1))
        if not (name and value and value[0]):
            raise WrongCell(
                "写成 颜色:黑色;尺码:L，或各用一列。 write name:value;name:value, or a column for each"
            )
        options[name] = value[0]
    return options


def write_amount(amount: Decimal | None) -> str:
    """Return an amount without idle zeros, "" for None."""
    if amount is None:
        return ""
    text = f"{amount:.2f}"
    return text.rstrip("0").rstrip(".") if "." in text else text
