"""Figures of what agents did with suggestions, read from the shop's own log: nothing of another shop is counted."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any, Final
from zoneinfo import ZoneInfo

from bot.domain.entry import Entry
from bot.domain.feedback import EDITED, REFUSED
from bot.domain.masking import mask_text
from bot.domain.phrase_reading import title_of
from bot.domain.suggestion_figures import Day, Deeds, SuggestionFigures
from bot.ports import Clock, EntryStore, Event, EventLog, ShopStore
from bot.services.learning import KINDS
from bot.services.log_reading import Offers, entries_chosen, entries_of, offers_judged, offers_shown
from bot.services.recording import SHOWN

MOST_DAYS: Final = 366
_UNANSWERED: Final = frozenset({"no entry answers it", "nothing to answer"})
_SAID: Final = "message_out"
_READ: Final = (SHOWN, _SAID, *KINDS)
_STEP: Final = timedelta(days=1)
_PER_STEP: Final = 100_000
_LONGEST_REASON: Final = 40


@dataclass(frozen=True, slots=True)
class Report:
    """The figures of a shop from `since` to `until`, with the entries that they name as they are now."""

    shop: str
    since: datetime
    until: datetime
    figures: SuggestionFigures
    entries: Mapping[str, Entry]


class SuggestionReports:
    """Makes reports, each for the one shop that the call names."""

    def __init__(self, shops: ShopStore, entries: EntryStore, log: EventLog, clock: Clock) -> None:
        self._shops = shops
        self._entries = entries
        self._log = log
        self._clock = clock

    async def report(self, shop: str, days: int) -> Report:
        """Return the figures of the last `days` days and today. Raises NotFound, ValueError."""
        if not 1 <= days <= MOST_DAYS:
            raise ValueError(f"days 应为 1 到 {MOST_DAYS}。 days: 1 to {MOST_DAYS}.")
        zone = ZoneInfo((await self._shops.get_shop(shop)).timezone)
        until = self._clock.now().astimezone(zone)
        since = (until - timedelta(days=days)).replace(hour=0, minute=0, second=0, microsecond=0)
        counting = _Counting(zone)
        begin = since
        while begin <= until:
            # A day at a time: what is counted is small, what it is counted from is not.
            end = begin + _STEP
            events = await self._log.read_between(shop, _READ, begin, end, _PER_STEP)
            await asyncio.to_thread(counting.take, events)
            begin = end
        entries = {entry.id: entry for entry in await self._entries.list_entries(shop)}
        return Report(shop, since, until, counting.figures(), entries)


class _Counting:
    """Adds events up. Only the last reaction to a message counts, and what was shown last for it."""

    def __init__(self, zone: ZoneInfo) -> None:
        self._zone = zone
        self._figures = SuggestionFigures()
        self._offers: dict[str, Offers] = {}
        self._reactions: dict[str, Event] = {}

    def take(self, events: Iterable[Event]) -> None:
        """Count the events, oldest first."""
        for event in events:
            if event.kind == SHOWN:
                self._shown(event)
            elif event.kind == _SAID:
                self._said(event)
            elif event.message:
                self._reactions[event.message] = event

    def figures(self) -> SuggestionFigures:
        """Return what was counted, the reactions with it."""
        for event in self._reactions.values():
            self._reacted(event)
        self._reactions.clear()
        return self._figures

    def _day(self, event: Event) -> Day:
        return self._figures.day(self._date(event))

    def _date(self, event: Event) -> date:
        return event.at.astimezone(self._zone).date()

    def _shown(self, event: Event) -> None:
        figures, day = self._figures, self._day(event)
        figures.messages += 1
        day.messages += 1
        offers = offers_shown(event)
        if not offers:
            figures.unanswered += event.data.get("reason") in _UNANSWERED
            return
        figures.offered += 1
        day.offered += 1
        figures.deeds.shown += 1
        figures.deeds.first += 1
        for entry in {each for offer in offers for each in offer}:
            figures.entry(entry).shown += 1
        for entry in offers[0]:
            figures.entry(entry).first += 1
        if event.message and event.data.get("embedder", "ready") != "ready":
            # A reaction names what was offered, except where nothing is to be learned from it.
            self._offers[event.message] = offers

    def _said(self, event: Event) -> None:
        """Count a reply: an agent's, or one that software made of entries. Holding texts and greetings are made of none."""
        if event.data.get("by") != "auto":
            self._figures.replies += 1
            return
        entries = list(dict.fromkeys(entries_of(event.data.get("entries"))))
        if entries:
            self._day(event).auto += 1
        for deeds in (self._figures.deeds, *map(self._figures.entry, entries)) if entries else ():
            deeds.auto += 1
            deeds.by_day[self._date(event)] += 1

    def _reacted(self, event: Event) -> None:
        figures, day, data = self._figures, self._day(event), event.data
        kind, place = KINDS[event.kind], data.get("place")
        reason = mask_text(str(data.get("reason") or ""))[:_LONGEST_REASON]
        offers = offers_judged(event, self._offers)
        chosen = entries_chosen(event, offers)
        if kind == REFUSED and place is None:
            figures.none_fits += 1
            chosen = sorted({each for offer in offers for each in offer})
        for deeds in (figures.deeds, *(figures.entry(entry) for entry in dict.fromkeys(chosen))):
            _count(deeds, kind, _kept(data), reason)
            deeds.by_day[self._date(event)] += kind != REFUSED
        day.refused += kind == REFUSED
        day.edited += kind == EDITED
        day.taken += kind not in (REFUSED, EDITED)


def _count(deeds: Deeds, kind: str, kept: float, reason: str) -> None:
    if kind == REFUSED:
        deeds.refused += 1
    elif kind == EDITED:
        deeds.edited += 1
        deeds.changed += 1 - kept
    else:
        deeds.taken += 1
    if reason:
        deeds.reasons[reason] += 1


def _kept(data: Mapping[str, Any]) -> float:
    kept = data.get("kept")
    return min(max(float(kept), 0.0), 1.0) if isinstance(kept, int | float) else 1.0


def report_data(report: Report) -> dict[str, Any]:
    """Return the report as plain data: entries by how often they were judged, then shown."""
    figures = report.figures
    ranked = sorted(
        figures.entries.items(), key=lambda pair: (-(pair[1].sent + pair[1].refused), -pair[1].shown, pair[0])
    )
    return {
        "shop": report.shop,
        "since": report.since.isoformat(),
        "until": report.until.isoformat(),
        "messages": figures.messages,
        "offered": figures.offered,
        "unanswered": figures.unanswered,
        "none_fits": figures.none_fits,
        "replies": figures.replies,
        "suggestions": _deeds_data(figures.deeds),
        "entries": [
            {
                **_entry_data(entry, report.entries.get(entry)),
                **_deeds_data(deeds),
                "trend": {day.isoformat(): count for day, count in sorted(deeds.by_day.items()) if count},
            }
            for entry, deeds in ranked
        ],
        "days": [
            {
                "day": day.isoformat(),
                "messages": of_day.messages,
                "offered": of_day.offered,
                "sent": of_day.sent,
                "taken": of_day.taken,
                "edited": of_day.edited,
                "auto": of_day.auto,
                "refused": of_day.refused,
            }
            for day, of_day in sorted(figures.days.items())
        ],
        "unused": [_entry_data(entry.id, entry) for entry in _unused(report)],
    }


def _unused(report: Report) -> list[Entry]:
    """Return the published entries that were neither shown nor sent in the period."""
    used = {name for name, deeds in report.figures.entries.items() if deeds.shown or deeds.sent or deeds.auto}
    return [
        entry for entry in report.entries.values() if entry.status == "published" and entry.id not in used
    ]


def _entry_data(entry: str, known: Entry | None) -> dict[str, Any]:
    return {
        "id": entry,
        "question": title_of(known) if known else "",
        "status": known.status if known else "deleted",
    }


def _deeds_data(deeds: Deeds) -> dict[str, Any]:
    return {
        "shown": deeds.shown,
        "first": deeds.first,
        "taken": deeds.taken,
        "edited": deeds.edited,
        "sent": deeds.sent,
        "refused": deeds.refused,
        "auto": deeds.auto,
        "share_changed": _rounded(deeds.share_changed),
        "share_right": _rounded(deeds.share_right),
        "reasons": [{"reason": reason, "count": count} for reason, count in deeds.reasons.most_common(10)],
    }


def _rounded(share: float | None) -> float | None:
    return None if share is None else round(share, 4)
