"""Dates and times as documents write them: ISO 8601, or relative to the moment of loading (+5d, -2d 14:30, today)."""

from __future__ import annotations

import re
from datetime import date, datetime, time, timedelta
from typing import Final
from zoneinfo import ZoneInfo

_RELATIVE: Final = re.compile(r"(?:(?P<days>[+-]\d{1,4})d|today|今天)(?:[ T](?P<clock>\d{1,2}:\d{2}))?")
_YEARS: Final = range(1970, 3000)
_EXPECTED: Final = (
    "write a date such as 2026-12-01 or 2026-12-01 14:30, or one from today on such as +5d or -2d 14:30"
)


class InvalidMoment(ValueError):
    """The text is no date or time."""


def parse_moment(value: object, now: datetime, zone: ZoneInfo) -> datetime:
    """Return an aware time in `zone`; a date alone means its first minute. Raises InvalidMoment."""
    text = str(value).strip()
    if isinstance(value, datetime):
        moment = value
    elif isinstance(value, date):
        moment = datetime.combine(value, time())
    elif match := _RELATIVE.fullmatch(text):
        day = now.astimezone(zone).date() + timedelta(days=int(match["days"] or 0))
        moment = datetime.combine(day, parse_clock(match["clock"]) if match["clock"] else time())
    else:
        try:
            moment = datetime.fromisoformat(text)
        except ValueError:
            raise InvalidMoment(f"{text[:40]!r} is no date: {_EXPECTED}") from None
    if moment.year not in _YEARS:
        # Far from the edges of the calendar no change of time zone can fail.
        raise InvalidMoment(f"the year {moment.year} is no year that a shop plans for: {_EXPECTED}")
    return moment.astimezone(zone) if moment.tzinfo else moment.replace(tzinfo=zone)


def parse_day(value: object, now: datetime, zone: ZoneInfo) -> date:
    """Return a date. Raises InvalidMoment."""
    return parse_moment(value, now, zone).date()


def parse_clock(text: str) -> time:
    """Return a time of day written 14:30. Raises InvalidMoment."""
    try:
        hours, minutes = text.split(":")
        return time(int(hours), int(minutes))
    except ValueError:
        raise InvalidMoment(f"{text[:20]!r} is no time of day: write 14:30") from None
