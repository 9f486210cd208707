"""Accounts from a table (CSV, TSV, XLSX, or pasted): read, and checked row by row before anything is written."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial
from typing import Final, TypeVar
from zoneinfo import ZoneInfo

from bot.domain.account import ROLES
from bot.domain.entry import Validity, WeeklyHours
from bot.domain.shop import Shop
from bot.services.moments import InvalidMoment, parse_clock, parse_moment
from bot.services.tables import UnreadableTable, read_grid

T = TypeVar("T")

MAX_ACCOUNTS: Final = 300
"""Each password takes a tenth of a second to hash."""
_MAX_NAME: Final = 40
_LOGIN: Final = re.compile(r"[\w.@+-]{2,40}")
_COLUMNS: Final[Mapping[str, str]] = {
    "login": "login", "登录名": "login", "账号": "login", "子账号": "login",
    "name": "name", "姓名": "name", "昵称": "name",
    "shops": "shops", "shop": "shops", "店铺": "shops",
    "role": "role", "角色": "role",
    "from": "from", "开始": "from", "until": "until", "结束": "until", "hours": "hours", "时段": "hours",
}  # fmt: skip
_ROLES: Final[Mapping[str, str]] = {
    **{role: role for role in ROLES},
    "客服": "agent", "坐席": "agent", "主管": "supervisor", "店长": "supervisor", "店主": "owner", "负责人": "owner",
}  # fmt: skip
_BETWEEN_SHOPS: Final = re.compile(r"[,;，；、|\s]+")
_DAYS: Final = re.compile(r"([1-7])(?:-([1-7]))?")


@dataclass(frozen=True, slots=True)
class TableError:
    """What is wrong in which row (from 1 below the header) and column."""

    row: int
    column: str
    message: str


@dataclass(slots=True)
class PlannedAccount:
    """An account to be made, with its shops: (shop's id, role, validity)."""

    login: str
    name: str
    memberships: list[tuple[str, str, Validity]] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class AccountPlan:
    """What a table asks for. It is carried out only without errors."""

    accounts: list[PlannedAccount]
    errors: list[TableError]


class _WrongCell(ValueError):
    def __init__(self, column: str, message: str) -> None:
        super().__init__(message)
        self.column = column


def check_login(login: str) -> str:
    """Return the login as it is kept. Raises ValueError."""
    kept = unicodedata.normalize("NFKC", login).strip()
    if not _LOGIN.fullmatch(kept):
        raise ValueError(
            "登录名为 2 到 40 个字母、数字、汉字或 . _ - @ +。 "
            "A login has 2 to 40 letters, digits or . _ - @ + and no spaces."
        )
    return kept


def check_name(name: str) -> str:
    """Return the name as it is kept. Raises ValueError."""
    kept = name.strip()
    if not 0 < len(kept) <= _MAX_NAME or not kept.isprintable():
        raise ValueError(f"姓名为 1 到 {_MAX_NAME} 个字。 A name has 1 to {_MAX_NAME} characters.")
    return kept


def plan_accounts(
    content: bytes, name: str, shops: Sequence[Shop], taken: Iterable[str], now: datetime
) -> AccountPlan:
    """Return what the table asks for and all that is wrong with it. Raises UnreadableTable.

    `taken` are the logins in use. A login may stand in several rows, with other shops in each.
    """
    rows = _rows(content, name)
    used = {login.casefold() for login in taken}
    accounts: dict[str, PlannedAccount] = {}
    errors: list[TableError] = []
    for number, cells in rows:
        wrong = _plan_row(cells, shops, used, accounts, now)
        errors += [TableError(number, each.column, str(each)) for each in wrong]
    if len(accounts) > MAX_ACCOUNTS:
        raise UnreadableTable(
            f"{name}: 一次最多 {MAX_ACCOUNTS} 个账号。 At most {MAX_ACCOUNTS} accounts at once; split the table."
        )
    return AccountPlan(list(accounts.values()), errors)


def _rows(content: bytes, name: str) -> list[tuple[int, dict[str, str]]]:
    lines = [
        (number, line) for number, line in enumerate(read_grid(content)) if any(cell.strip() for cell in line)
    ]
    if not lines:
        raise UnreadableTable(f"{name}: 表格是空的。 The table is empty.")
    first, header = lines[0]
    columns = [_column(cell, name) for cell in header]
    named = [column for column in columns if column]
    if len(set(named)) != len(named):
        raise UnreadableTable(f"{name}: 有一列出现了两次。 A column stands twice; keep one.")
    if missing := [column for column in ("login", "name") if column not in named]:
        raise UnreadableTable(
            f"{name}: 缺少列。 Missing: {', '.join(missing)}; the first line holds 登录名/login, 姓名/name, 店铺/shops, …"
        )
    return [
        (number - first, {c: cell.strip() for c, cell in zip(columns, line, strict=False) if c})
        for number, line in lines[1:]
    ]


def _column(cell: str, name: str) -> str:
    key = cell.strip().lower()
    if key and key not in _COLUMNS:
        raise UnreadableTable(
            f"{name}: 没有这一列 unknown column {cell.strip()[:40]!r}; 可用 use 登录名/login, 姓名/name, 店铺/shops, "
            f"角色/role, 开始/from, 结束/until, 时段/hours"
        )
    return _COLUMNS.get(key, "")


def _plan_row(
    cells: Mapping[str, str],
    shops: Sequence[Shop],
    used: set[str],
    accounts: dict[str, PlannedAccount],
    now: datetime,
) -> list[_WrongCell]:
    """Add what the row asks for, or return all that is wrong with it."""
    wrong: list[_WrongCell] = []
    login = _attempt(wrong, lambda: _login(cells, used)) or ""
    person = _attempt(wrong, lambda: _checked("name", check_name, cells))
    role = _attempt(wrong, lambda: _role(cells))
    given = [each for each in _BETWEEN_SHOPS.split(cells.get("shops", "")) if each]
    found = _attempt(wrong, lambda: [_shop(each, shops) for each in given]) or []
    hours = _attempt(wrong, lambda: _hours(cells))
    spans = [
        _attempt(wrong if at == 0 else [], partial(_span, cells, ZoneInfo(zone), now))
        for at, zone in enumerate([shop.timezone for shop in found] or ["UTC"])
    ]
    if wrong or role is None or person is None or hours is None:
        return wrong
    planned = accounts.get(login.casefold())
    if planned is not None and planned.name != person:
        wrong.append(
            _WrongCell("name", f"{login} 在前面的行里是另一个姓名。 Another name stands in a row above.")
        )
    memberships = [
        (shop.id, role, Validity(*span, hours)) for shop, span in zip(found, spans, strict=False) if span
    ]
    ids = [shop for shop, _, _ in (*(planned.memberships if planned else ()), *memberships)]
    if len(set(ids)) != len(ids):
        wrong.append(_WrongCell("shops", f"{login} 的同一店铺出现了两次。 The same shop stands twice."))
    if not wrong:
        accounts.setdefault(login.casefold(), PlannedAccount(login, person)).memberships.extend(memberships)
    return wrong


def _attempt(wrong: list[_WrongCell], read: Callable[[], T]) -> T | None:
    try:
        return read()
    except _WrongCell as error:
        wrong.append(error)
        return None


def _checked(column: str, check: Callable[[str], str], cells: Mapping[str, str]) -> str:
    try:
        return check(cells.get(column, ""))
    except ValueError as error:
        raise _WrongCell(column, str(error)) from None


def _login(cells: Mapping[str, str], used: set[str]) -> str:
    login = _checked("login", check_login, cells)
    if login.casefold() in used:
        raise _WrongCell("login", f"登录名已被使用 the login is in use: {login}")
    return login


def _role(cells: Mapping[str, str]) -> str:
    given = cells.get("role", "").lower() or "agent"
    if given not in _ROLES:
        raise _WrongCell("role", "用 客服/agent、主管/supervisor 或 店主/owner。 Use one of these.")
    return _ROLES[given]


def _shop(given: str, shops: Sequence[Shop]) -> Shop:
    for shop in shops:
        if given in (shop.id, shop.name):
            return shop
    raise _WrongCell("shops", f"没有这家店铺 there is no shop {given[:40]!r} in your organisation")


def _span(cells: Mapping[str, str], zone: ZoneInfo, now: datetime) -> tuple[datetime | None, datetime | None]:
    moments: dict[str, datetime | None] = {}
    for column in ("from", "until"):
        try:
            moments[column] = parse_moment(cells[column], now, zone) if cells.get(column) else None
        except InvalidMoment as error:
            raise _WrongCell(column, str(error)) from None
    since, until = moments["from"], moments["until"]
    if since is not None and until is not None and until <= since:
        raise _WrongCell("until", "结束要晚于开始。 The end must lie after the beginning.")
    return since, until


def _hours(cells: Mapping[str, str]) -> tuple[WeeklyHours, ...]:
    try:
        return read_hours(cells.get("hours", ""))
    except ValueError as error:
        raise _WrongCell("hours", str(error)) from None


def read_hours(text: str) -> tuple[WeeklyHours, ...]:
    """Return weekly hours written "1-5 18:00-02:00; 6,7 09:00-18:00" (1 = Monday). Raises ValueError."""
    hours: list[WeeklyHours] = []
    for item in re.split(r"[;；\n]", text):
        if not item.strip():
            continue
        days, _, clocks = item.strip().replace("，", ",").replace("：", ":").partition(" ")
        since, _, until = clocks.partition("-")
        try:
            start, end = parse_clock(since.strip()), parse_clock(until.strip().replace("24:00", "00:00"))
            hours += [WeeklyHours(day, start, end) for day in _days(days)]
        except ValueError:
            raise ValueError(
                f"{item.strip()[:40]!r}: 请写成 1-5 18:00-02:00；6,7 09:00-18:00（1 为周一）。 "
                f"Write 1-5 18:00-02:00; 6,7 09:00-18:00 (1 = Monday)."
            ) from None
    return tuple(hours)


def _days(text: str) -> list[int]:
    days: list[int] = []
    for part in text.split(","):
        match = _DAYS.fullmatch(part.strip())
        if match is None or int(match[2] or match[1]) < int(match[1]):
            raise ValueError(part)
        days += range(int(match[1]) - 1, int(match[2] or match[1]))
    return days


def write_hours(weekly: Sequence[WeeklyHours]) -> str:
    """Return weekly hours as `read_hours` reads them."""
    by_clock: dict[str, list[int]] = {}
    for each in weekly:
        by_clock.setdefault(f"{each.since:%H:%M}-{each.until:%H:%M}", []).append(each.weekday + 1)
    return "; ".join(f"{_write_days(days)} {clock}" for clock, days in by_clock.items())


def _write_days(days: Iterable[int]) -> str:
    runs: list[list[int]] = []
    for day in sorted(days):
        if runs and day == runs[-1][-1] + 1:
            runs[-1].append(day)
        else:
            runs.append([day])
    return ",".join(str(run[0]) if len(run) == 1 else f"{run[0]}-{run[-1]}" for run in runs)
