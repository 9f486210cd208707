"""Events are kept while the log is away, and one shop's trouble is not another's."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from datetime import datetime

import pytest

from bot.ports import Event, NotFound, StoreUnavailable
from bot.services import recording
from bot.services.recording import EventRecorder
from tests.unit.fakes.counter import NOW


class TroubledLog:
    """An EventLog that can be away, that has lost a shop, and that takes no event of kind "poison"."""

    def __init__(self) -> None:
        self.written: list[tuple[str, str]] = []
        self.away = False
        self.asked = asyncio.Event()

    async def append(self, shop: str, events: Sequence[Event]) -> None:
        self.asked.set()
        if self.away:
            raise StoreUnavailable("the database is away")
        if shop == "gone":
            raise NotFound("there is no shop gone")
        if any(event.kind == "poison" for event in events):
            raise ValueError("no such text can be stored")
        self.written += [(shop, event.kind) for event in events]

    async def read(self, shop: str, limit: int) -> list[Event]:
        raise NotImplementedError

    async def read_kinds(self, shop: str, kinds: Sequence[str], limit: int) -> list[Event]:
        raise NotImplementedError

    async def read_between(
        self, shop: str, kinds: Sequence[str], since: datetime, until: datetime, limit: int
    ) -> list[Event]:
        raise NotImplementedError

    async def read_message(self, shop: str, message: str) -> list[Event]:
        raise NotImplementedError


def event(kind: str) -> Event:
    return Event(kind, NOW)


@pytest.fixture(autouse=True)
def _at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(recording, "_PAUSE", 0)


async def test_events_are_written_in_their_order_shop_by_shop() -> None:
    log = TroubledLog()
    recorder = EventRecorder(log)
    for shop, kind in (("a", "one"), ("b", "one"), ("a", "two")):
        recorder.record(shop, event(kind))
    await recorder.close()
    assert log.written == [("a", "one"), ("a", "two"), ("b", "one")]


async def test_events_are_written_in_the_background() -> None:
    log = TroubledLog()
    recorder = EventRecorder(log)
    recorder.start()
    recorder.record("a", event("one"))
    await asyncio.wait_for(log.asked.wait(), 5)
    assert log.written == [("a", "one")]
    await recorder.close()


async def test_events_wait_while_the_log_is_away_and_keep_their_order() -> None:
    log = TroubledLog()
    log.away = True
    recorder = EventRecorder(log)
    recorder.start()
    recorder.record("a", event("one"))
    recorder.record("a", event("two"))
    await asyncio.wait_for(log.asked.wait(), 5)
    log.away = False
    recorder.record("a", event("three"))
    await recorder.close()
    assert log.written == [("a", "one"), ("a", "two"), ("a", "three")]


async def test_the_oldest_go_when_too_many_wait_and_the_log_says_how_many(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(recording, "_MAX_WAITING", 3)
    log = TroubledLog()
    recorder = EventRecorder(log)
    for kind in "abcde":
        recorder.record("a", event(kind))
    await recorder.close()
    assert [kind for _, kind in log.written] == ["c", "d", "e"]
    assert "2 events were lost" in caplog.text


async def test_what_comes_back_from_a_log_that_is_away_does_not_pile_up(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(recording, "_MAX_WAITING", 3)
    log = TroubledLog()
    log.away = True
    recorder = EventRecorder(log)
    append = log.append

    async def meanwhile(shop: str, events: Sequence[Event]) -> None:
        for number in range(3):
            recorder.record("a", event(f"{number}"))
        await append(shop, events)

    log.append = meanwhile  # type: ignore[method-assign]
    recorder.record("a", event("first"))
    for _ in range(5):
        await recorder._write()
    assert len(recorder._waiting) == 3


async def test_what_is_left_when_the_log_stays_away_is_said_at_the_end(
    caplog: pytest.LogCaptureFixture,
) -> None:
    log = TroubledLog()
    log.away = True
    recorder = EventRecorder(log)
    recorder.record("a", event("one"))
    await recorder.close()
    assert "1 events were lost" in caplog.text


async def test_a_shop_that_is_gone_holds_nobody_up() -> None:
    log = TroubledLog()
    recorder = EventRecorder(log)
    recorder.record("gone", event("one"))
    recorder.record("a", event("one"))
    await recorder.close()
    assert log.written == [("a", "one")]


async def test_one_event_that_cannot_be_stored_is_left_out_alone() -> None:
    log = TroubledLog()
    recorder = EventRecorder(log)
    for kind in ("one", "poison", "two"):
        recorder.record("a", event(kind))
    await recorder.close()
    assert [kind for _, kind in log.written] == ["one", "two"]


async def test_what_waits_is_found_by_its_shop_and_message_until_it_is_written() -> None:
    log = TroubledLog()
    recorder = EventRecorder(log)
    first, second = Event("one", NOW, message="m"), Event("two", NOW, message="m")
    recorder.record("a", first)
    recorder.record("b", event("one"))
    recorder.record("a", second)
    assert recorder.waiting("a", "m") == [second, first]
    assert recorder.waiting("b", "m") == []
    await recorder.close()
    assert recorder.waiting("a", "m") == []


async def test_what_is_just_being_written_is_found_too() -> None:
    log = TroubledLog()
    recorder = EventRecorder(log)
    shown = Event("one", NOW, message="m")
    found: list[list[Event]] = []

    async def append(shop: str, events: Sequence[Event]) -> None:
        found.append(recorder.waiting("a", "m"))

    log.append = append  # type: ignore[method-assign]
    recorder.record("a", shown)
    await recorder.close()
    assert found == [[shown]]
