"""An entry holds in its time and only then."""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.entry import Entry, Scope, Validity, WeeklyHours

ZONE = ZoneInfo("Asia/Shanghai")
THURSDAY = datetime(2026, 3, 5, tzinfo=ZONE)


def at(clock: str, days: int = 0) -> datetime:
    return datetime.combine(THURSDAY.date() + timedelta(days=days), time.fromisoformat(clock), ZONE)


def test_an_entry_without_limits_always_holds() -> None:
    assert Validity().holds_at(at("03:00"))


def test_an_entry_holds_from_its_first_moment_until_just_before_its_last() -> None:
    validity = Validity(at("10:00"), at("12:00"))
    assert [validity.holds_at(at(clock)) for clock in ("09:59", "10:00", "11:59", "12:00")] == [
        False,
        True,
        True,
        False,
    ]


def test_moments_of_another_time_zone_are_compared_as_moments() -> None:
    assert Validity(since=datetime(2026, 3, 5, 2, tzinfo=UTC)).holds_at(at("10:00"))


@pytest.mark.parametrize(
    ("since", "until", "days", "clock", "holds"),
    [
        ("09:00", "18:00", 0, "09:00", True),
        ("09:00", "18:00", 0, "18:00", False),
        ("09:00", "18:00", 1, "12:00", False),
        ("22:00", "08:00", 0, "23:00", True),
        ("22:00", "08:00", 1, "07:59", True),
        ("22:00", "08:00", 1, "08:00", False),
        ("22:00", "08:00", 0, "07:00", False),
        ("00:00", "00:00", 0, "00:00", True),
        ("00:00", "00:00", 0, "23:59", True),
        ("00:00", "00:00", 1, "00:00", False),
    ],
)
def test_weekly_hours_hold_on_their_day_and_run_past_midnight(
    since: str, until: str, days: int, clock: str, holds: bool
) -> None:
    hours = WeeklyHours(THURSDAY.weekday(), time.fromisoformat(since), time.fromisoformat(until))
    assert Validity(weekly=(hours,)).holds_at(at(clock, days)) is holds


@given(st.times(), st.times(), st.integers(0, 6), st.integers(0, 7 * 24 * 60 - 1))
def test_weekly_hours_come_back_every_week(since: time, until: time, weekday: int, minutes: int) -> None:
    validity = Validity(weekly=(WeeklyHours(weekday, since, until),))
    now = THURSDAY + timedelta(minutes=minutes)
    assert validity.holds_at(now) == validity.holds_at(now + timedelta(days=7))


def test_a_scope_without_products_and_categories_is_open() -> None:
    assert Scope().is_open()
    assert not Scope(categories=("tea",)).is_open()


def test_the_question_is_a_phrasing_too_and_none_stands_twice() -> None:
    entry = Entry("e", "stock", "有货吗", "有", phrasings=("还有吗", "有货吗", " ", "还有吗"))
    assert entry.all_phrasings == ("有货吗", "还有吗")
