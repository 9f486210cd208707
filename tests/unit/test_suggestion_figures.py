"""Figures of suggestions count what was shown once, the last reaction to a message, and the share that editing changed."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from bot.domain.shop import Shop
from bot.ports import Event, NotFound
from bot.services.documents import EntryDocument, Loading
from bot.services.suggestion_figures import SuggestionReports, report_data
from bot.storage.memory import Memory, MemoryEntries, MemoryEvents, MemoryShops
from tests.contract.store_contract import FixedClock

SHOP = "tea"


class Desk:
    """A shop with one entry and its log."""

    def __init__(self) -> None:
        self.memory, self.clock = Memory(), FixedClock()
        self.events = MemoryEvents(self.memory)
        entries = MemoryEntries(self.memory)
        self.entries = entries
        self.reports = SuggestionReports(MemoryShops(self.memory), entries, self.events, self.clock)

    async def open(self) -> Desk:
        await MemoryShops(self.memory).put_shop(Shop(SHOP, "茶"))
        document = EntryDocument(id="courier", group="shipping", question="发什么快递", reply="顺丰")
        loading = Loading(self.clock.now(), self.clock.now().tzinfo, "")  # type: ignore[arg-type]
        await self.entries.put_entries(SHOP, [document.to_entry(loading)])
        return self

    async def shows(self, message: str, *entries: str, days_ago: float = 0, **data: Any) -> None:
        replies = [
            {"id": f"{message}-{n}", "text": "顺丰", "entries": [[e, 1, 0.5]]} for n, e in enumerate(entries)
        ]
        await self.logs(
            "suggestion_shown", message, days_ago, silent=not entries, suggestions=replies, **data
        )

    async def reacts(self, kind: str, message: str, place: int | None, *entries: str, **data: Any) -> None:
        offers = [[[entry, 1, 0.5]] for entry in entries]
        given = {"place": place, "kept": 1.0, "reason": "", "offers": offers, **data}
        await self.logs(f"suggestion_{kind}", message, 0, **given)

    async def logs(self, kind: str, message: str, days_ago: float, **data: Any) -> None:
        at = self.clock.now() - timedelta(days=days_ago)
        await self.events.append(SHOP, [Event(kind, at, "c", data, message)])

    async def figures(self, days: int = 30) -> dict[str, Any]:
        return report_data(await self.reports.report(SHOP, days))


@pytest.fixture
async def desk() -> Desk:
    return await Desk().open()


async def test_what_was_shown_taken_edited_and_refused_is_counted_by_entry(desk: Desk) -> None:
    for message in "abcd":
        await desk.shows(message, "courier", "invoice")
    await desk.reacts("taken", "a", 0, "courier", "invoice")
    await desk.reacts("edited", "b", 1, "courier", "invoice", kept=0.75)
    await desk.reacts("refused", "c", 0, "courier", "invoice", reason="语气不合适")
    await desk.reacts("refused", "d", None, "courier", "invoice")
    found = await desk.figures()
    deeds, entries = found["suggestions"], {entry["id"]: entry for entry in found["entries"]}
    assert (deeds["taken"], deeds["edited"], deeds["refused"], found["none_fits"]) == (1, 1, 2, 1)
    assert deeds["share_changed"] == 0.25
    assert (entries["courier"]["shown"], entries["courier"]["first"]) == (4, 4)
    assert (entries["courier"]["sent"], entries["courier"]["refused"]) == (1, 2)
    assert (entries["invoice"]["sent"], entries["invoice"]["refused"]) == (1, 1)
    assert entries["courier"]["reasons"] == [{"reason": "语气不合适", "count": 1}]
    assert (entries["invoice"]["first"], entries["invoice"]["status"]) == (0, "deleted")


async def test_the_last_reaction_to_a_message_counts(desk: Desk) -> None:
    await desk.shows("a", "courier")
    await desk.reacts("refused", "a", 0, "courier")
    await desk.reacts("taken", "a", 0, "courier")
    deeds = (await desk.figures())["suggestions"]
    assert (deeds["taken"], deeds["refused"], deeds["share_right"]) == (1, 0, 1.0)


async def test_no_answer_is_told_from_none_wanted(desk: Desk) -> None:
    await desk.shows("a", reason="no entry answers it")
    await desk.shows("b", reason="acknowledgement")
    found = await desk.figures()
    assert (found["messages"], found["offered"], found["unanswered"]) == (2, 0, 1)


async def test_what_lies_before_the_period_is_left_out_and_days_are_the_shops(desk: Desk) -> None:
    await desk.shows("a", "courier", days_ago=31.9)
    await desk.shows("b", "courier", days_ago=2)
    found = await desk.figures(30)
    assert [day["offered"] for day in found["days"]] == [1]
    assert (await desk.figures(60))["offered"] == 2


async def test_replies_of_people_are_counted_and_those_of_the_automaton_are_not(desk: Desk) -> None:
    for by in ("a1", "a2", "auto"):
        await desk.logs("message_out", "", 0, by=by)
    assert (await desk.figures())["replies"] == 2


async def test_a_reaction_that_teaches_nothing_is_still_counted_for_its_entry(desk: Desk) -> None:
    await desk.shows("a", "courier", embedder="down")
    await desk.reacts("taken", "a", 0)
    entry = next(entry for entry in (await desk.figures())["entries"] if entry["id"] == "courier")
    assert entry["taken"] == 1


async def test_a_reason_names_no_person(desk: Desk) -> None:
    await desk.reacts("refused", "a", 0, "courier", reason="他的电话是13812345678")
    assert "13812345678" not in str(await desk.figures())


async def test_strange_lines_of_the_log_harm_nothing(desk: Desk) -> None:
    for data in ({}, {"offers": 3, "place": "x", "kept": "y"}, {"offers": [[], [[]]], "place": 9}):
        await desk.logs("suggestion_taken", f"m{len(data)}", 0, **data)
    await desk.logs("suggestion_shown", "s", 0, suggestions=[{"entries": None}, 7])
    assert (await desk.figures())["suggestions"]["taken"] == 3


async def test_unknown_shops_and_periods_are_refused(desk: Desk) -> None:
    with pytest.raises(NotFound):
        await desk.reports.report("nowhere", 30)
    for days in (0, 367):
        with pytest.raises(ValueError, match="366"):
            await desk.reports.report(SHOP, days)


async def test_what_software_sent_is_counted_by_entry_and_holding_texts_are_not(desk: Desk) -> None:
    await desk.logs("message_out", "", 1, by="auto", entries=[["courier", 1, 0.99]])
    await desk.logs("message_out", "", 0, by="auto")
    found = await desk.figures()
    assert (found["suggestions"]["auto"], found["replies"]) == (1, 0)
    assert [day["auto"] for day in found["days"]] == [1]
    [courier] = found["entries"]
    assert (courier["auto"], courier["sent"], list(courier["trend"].values())) == (1, 0, [1])


async def test_the_trend_of_an_entry_and_the_days_tell_taken_from_edited(desk: Desk) -> None:
    for message, kind in (("a", "taken"), ("b", "edited"), ("c", "refused")):
        await desk.shows(message, "courier")
        await desk.reacts(kind, message, 0, "courier")
    found = await desk.figures()
    [day] = found["days"]
    assert (day["taken"], day["edited"], day["sent"], day["refused"]) == (1, 1, 2, 1)
    assert found["entries"][0]["trend"] == {day["day"]: 2}


async def test_entries_that_nobody_saw_in_the_period_are_named(desk: Desk) -> None:
    assert [entry["id"] for entry in (await desk.figures())["unused"]] == ["courier"]
    await desk.shows("a", "courier", days_ago=3)
    assert (await desk.figures())["unused"] == []
    assert [entry["id"] for entry in (await desk.figures(2))["unused"]] == ["courier"]
