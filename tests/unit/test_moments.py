"""Dates and times in documents, as people write them."""

from __future__ import annotations

from datetime import UTC, date, datetime, time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.services.moments import InvalidMoment, parse_clock, parse_day, parse_moment
from tests.unit.fakes.counter import ZONE

NOW = datetime(2026, 3, 4, 17, 30, tzinfo=UTC)  # already the 5th in Shanghai


@pytest.mark.parametrize(
    ("value", "moment"),
    [
        ("2026-12-01", "2026-12-01T00:00:00+08:00"),
        ("2026-12-01 14:30", "2026-12-01T14:30:00+08:00"),
        ("2026-12-01T14:30:00Z", "2026-12-01T22:30:00+08:00"),
        (date(2026, 12, 1), "2026-12-01T00:00:00+08:00"),
        (datetime(2026, 12, 1, 9), "2026-12-01T09:00:00+08:00"),
        (datetime(2026, 12, 1, 9, tzinfo=UTC), "2026-12-01T17:00:00+08:00"),
        ("today", "2026-03-05T00:00:00+08:00"),
        ("今天", "2026-03-05T00:00:00+08:00"),
        ("+5d", "2026-03-10T00:00:00+08:00"),
        ("-2d 14:30", "2026-03-03T14:30:00+08:00"),
        ("today 9:05", "2026-03-05T09:05:00+08:00"),
    ],
)
def test_a_moment_is_read_in_the_time_zone_of_the_shop(value: object, moment: str) -> None:
    assert parse_moment(value, NOW, ZONE).isoformat() == moment


def test_a_day_is_the_day_of_the_shop() -> None:
    assert parse_day("2026-12-01T23:00:00Z", NOW, ZONE) == date(2026, 12, 2)
    assert parse_day("+1d", NOW, ZONE) == date(2026, 3, 6)


@pytest.mark.parametrize(
    "value",
    [
        "",
        "tomorrow",
        "5d",
        "+5",
        "2026-13-01",
        "01/02/2026",
        "today 25:00",
        "9999-12-31",
        "0001-01-01T00:00+14:00",
        "+5d 14",
        5,
        True,
        None,
        [],
    ],
)
def test_what_is_no_date_is_refused_with_an_example(value: object) -> None:
    with pytest.raises(InvalidMoment, match="write"):
        parse_moment(value, NOW, ZONE)


@pytest.mark.parametrize("text", ["", "24:00", "14", "14:30:00", "-1:30", "ab:cd", "14:60"])
def test_what_is_no_time_of_day_is_refused(text: str) -> None:
    with pytest.raises(InvalidMoment, match="write 14:30"):
        parse_clock(text)


@given(st.times())
def test_a_time_of_day_is_read_as_written(moment: time) -> None:
    assert parse_clock(f"{moment:%H:%M}") == time(moment.hour, moment.minute)


@given(st.datetimes(datetime(1970, 1, 1), datetime(2200, 1, 1), timezones=st.just(UTC)))
def test_a_moment_that_is_written_out_is_the_same_moment(moment: datetime) -> None:
    assert parse_moment(moment.isoformat(), NOW, ZONE) == moment


@given(st.text(max_size=20))
def test_reading_any_text_gives_a_moment_or_says_why_not(text: str) -> None:
    try:
        assert parse_moment(text, NOW, ZONE).tzinfo is not None
    except InvalidMoment as error:
        assert "is no " in str(error)  # noqa: PT017  (either outcome is right)
