"""How the entries of a shop fared of late."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from bot.domain.shop import Shop
from bot.ports import Event
from bot.services.entry_use import EntryUses, count_uses
from bot.storage.memory import Memory, MemoryEvents, MemoryShops

NOW = datetime(2026, 3, 5, 10, tzinfo=UTC)


class SetClock:
    def __init__(self) -> None:
        self.moment = NOW

    def now(self) -> datetime:
        return self.moment


def shown(*offers: tuple[str, float], at: datetime = NOW, message: str = "m1") -> Event:
    replies = [{"confidence": share, "entries": [[entry, 1, share]]} for entry, share in offers]
    return Event("suggestion_shown", at, "c1", {"suggestions": replies}, message)


def taken(place: int, *, told: bool = True, at: datetime = NOW, message: str = "m1") -> Event:
    offers = [[["stock", 1, 0.4]], [["gift", 1, 0.3]]] if told else []
    return Event("suggestion_taken", at, "c1", {"place": place, "offers": offers}, message)


def test_what_agents_sent_counts_for_its_entry_and_what_they_refused_does_not() -> None:
    refused = Event("suggestion_refused", NOW, "c1", {"place": 0, "offers": [[["stock", 1, 0.4]]]}, "m2")
    looked_up = Event("phrase_used", NOW, "c1", {"entry": "post", "kept": 1.0})
    found = count_uses([shown(("stock", 0.4), ("gift", 0.3)), taken(1), refused, looked_up])
    assert {entry: use.used for entry, use in found.items()} == {"stock": 0, "gift": 1, "post": 1}


def test_a_reaction_that_does_not_name_what_was_offered_is_read_with_what_was_shown() -> None:
    found = count_uses([shown(("stock", 0.4), ("gift", 0.3)), taken(1, told=False)])
    assert found["gift"].used == 1


def test_an_entry_is_unsure_when_it_is_often_first_and_seldom_sure() -> None:
    twice = count_uses([shown(("stock", 0.4))] * 2)
    thrice = count_uses([shown(("stock", 0.4))] * 3)
    sure = count_uses([shown(("stock", 0.8), ("gift", 0.1))] * 5)
    assert (twice["stock"].mean, twice["stock"].is_unsure) == (None, False)
    assert thrice["stock"].is_unsure
    assert not sure["stock"].is_unsure
    assert "gift" not in sure


def test_events_of_another_shape_are_passed_over() -> None:
    odd = [
        Event("suggestion_shown", NOW, "", {"suggestions": "x"}),
        Event("suggestion_shown", NOW, "", {"suggestions": [{"entries": 3, "confidence": "high"}]}),
        Event("suggestion_taken", NOW, "", {"place": 9, "offers": [[["a"]]]}),
        Event("suggestion_edited", NOW, "", {}),
    ]
    assert count_uses(odd) == {}


async def test_the_last_days_are_added_up_and_what_is_over_is_read_once() -> None:
    memory, clock = Memory(), SetClock()
    await MemoryShops(memory).put_shop(Shop("tea", "茶"))
    log = MemoryEvents(memory)
    uses = EntryUses(log, clock)
    await log.append("tea", [shown(("old", 0.9), at=NOW - timedelta(days=40))])
    await log.append("tea", [shown(("stock", 0.9), at=NOW - timedelta(days=9)), shown(("stock", 0.9))])
    assert {entry: use.first for entry, use in (await uses.of("tea")).items()} == {"stock": 2}
    await log.append("tea", [shown(("stock", 0.9), at=NOW - timedelta(seconds=1))])
    assert (await uses.of("tea"))["stock"].first == 2
    clock.moment += timedelta(minutes=2)
    assert (await uses.of("tea"))["stock"].first == 3
    await log.append("tea", [shown(("late", 0.9), at=NOW + timedelta(hours=13, seconds=-1))])
    clock.moment += timedelta(days=1)
    assert (await uses.of("tea"))["late"].first == 1
    clock.moment += timedelta(days=30)
    assert set(await uses.of("tea")) == {"late", "stock"}
    clock.moment += timedelta(days=2)
    assert await uses.of("tea") == {}


async def test_each_shop_has_its_own() -> None:
    memory = Memory()
    for shop in ("tea", "lamp"):
        await MemoryShops(memory).put_shop(Shop(shop, shop))
    log = MemoryEvents(memory)
    await log.append("tea", [shown(("stock", 0.9))])
    uses = EntryUses(log, SetClock())
    assert set(await uses.of("tea")) == {"stock"}
    assert await uses.of("lamp") == {}
