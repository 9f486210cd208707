"""How a shop wants to be served: target times, hours, distribution, and what must not be said."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from bot.domain.entry import Validity, WeeklyHours

MOST_DAYS_KEPT: Final = 1095
"""Three years: longer nobody keeps what buyers wrote."""


@dataclass(frozen=True, slots=True)
class ServicePolicy:
    """A shop's own rules of service. Empty `hours` = always open. `alarm_seconds` after the first unanswered bubble the alarm is raised.

    `distributes` gives waiting conversations to present members by itself; after `reassign_seconds` without an answer
    another one gets it. `forbidden` are words never to be used (极限词); `contacts` the shop's own contact details, which
    may be said; every other phone number, link or account counts as outside contact when `blocks_contacts`.
    `notice` is today's, `address` the form of address (亲 / 您好; "" = what the shop's facts say),
    `origins` the sites that may embed the shop's chat and sidebar.
    `keep_days` after a conversation was closed its words, images and notes are forgotten.
    """

    target_seconds: int = 120
    alarm_seconds: int = 90
    hours: tuple[WeeklyHours, ...] = ()
    distributes: bool = True
    reassign_seconds: int = 180
    forbidden: tuple[str, ...] = ()
    contacts: tuple[str, ...] = ()
    blocks_contacts: bool = True
    notice: str = ""
    address: str = ""
    origins: tuple[str, ...] = ()
    holding_texts: tuple[str, ...] = ()
    keep_days: int = 180

    def is_open_at(self, now: datetime) -> bool:
        """Whether `now`, aware and in the shop's own time zone, lies in its business hours."""
        return Validity(weekly=self.hours).holds_at(now)

    def due_at(self, since: datetime) -> datetime:
        """Return when the target runs out for who waits since `since` (aware, the shop's zone); only open time counts."""
        return self._after(since, self.target_seconds)

    def alarm_at(self, since: datetime) -> datetime:
        """Return when the alarm is raised for who waits since `since`; only open time counts."""
        return self._after(since, self.alarm_seconds)

    def _after(self, since: datetime, seconds: int) -> datetime:
        if self.is_open_at(since):
            # A target is minutes long: that closing time falls into it lets the rest run on, an answer is owed tonight.
            return since + timedelta(seconds=seconds)
        return self._next_opening(since) + timedelta(seconds=seconds)

    def _next_opening(self, since: datetime) -> datetime:
        openings = [
            datetime.combine(since.date() + timedelta(days=day), hours.since, since.tzinfo)
            for day in range(8)
            for hours in self.hours
            if (since.date() + timedelta(days=day)).weekday() == hours.weekday
        ]
        return min((opening for opening in openings if opening >= since), default=since)
