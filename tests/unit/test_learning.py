"""A shop learns from its own log, in the background, and from no other shop's."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Sequence
from datetime import timedelta

import pytest

from bot.domain.feedback import COMMON
from bot.domain.suggestion import Suggestion
from bot.domain.thresholds import NEVER
from bot.ports import Event, StoreUnavailable
from bot.services import learning
from bot.services.learning import MOST_REACTIONS, Aim, learn
from bot.services.reacting import ReactionRequest
from tests.unit.fakes.counter import NOW, Counter
from tests.unit.test_reacting import SHOP

AIM = Aim(0.95, {0.95: 0.9})


@pytest.fixture(autouse=True)
def _at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(learning, "_SOON", 0)
    monkeypatch.setattr(learning, "_SECONDS_A_REACTION", 0)


@pytest.fixture
async def counter() -> AsyncIterator[Counter]:
    counter = Counter()
    for shop in ("a", "b"):
        await counter.open_shop(SHOP % shop)
    yield counter
    counter.live.close()


def reaction(
    number: int = 0, kind: str = "refused", *, place: int | None = 0, read: bool = True, **data: object
) -> Event:
    told = {
        "place": place, "kept": 1.0, "read": read,
        "offers": [[["when", 1, 0.9]], [["courier", 1, 0.05]]],
    }  # fmt: skip
    return Event(f"suggestion_{kind}", NOW, "", {**told, **data}, f"m{number}")


async def best(counter: Counter, shop: str = "a", text: str = "什么时候发货") -> Suggestion:
    return (await counter.ask(shop, text)).suggestions[0]


async def settled(counter: Counter, shop: str = "a") -> None:
    await (await counter.live.get(shop)).lessons.settle()


async def test_without_reactions_everything_is_common(counter: Counter) -> None:
    live = await counter.live.get("a")
    await settled(counter)
    assert live.lessons.learned.read is COMMON
    suggestion = await best(counter)
    assert suggestion.confidence == suggestion.parts[0].common


async def test_a_shop_learns_when_it_is_loaded_and_the_first_message_does_not_wait(counter: Counter) -> None:
    await counter.events.append("a", [reaction(number) for number in range(30)])
    read, go_on = counter.events.read_kinds, asyncio.Event()

    async def slow(shop: str, kinds: Sequence[str], limit: int) -> list[Event]:
        await go_on.wait()
        return await read(shop, kinds, limit)

    counter.events.read_kinds = slow  # type: ignore[method-assign]
    first = await best(counter)
    assert first.confidence == first.parts[0].common
    go_on.set()
    await settled(counter)
    later = await best(counter)
    assert later.parts[0].common == first.parts[0].common
    assert later.confidence < first.confidence


async def test_a_reaction_told_here_is_learned_from_soon(counter: Counter) -> None:
    before = await best(counter)
    for _ in range(12):
        suggestion = (await counter.ask("a", "什么时候发货")).suggestions[0]
        await counter.reactions.react(ReactionRequest("a", suggestion.id, "refused"))
    await settled(counter)
    assert (await best(counter)).confidence < before.confidence


async def test_reactions_told_elsewhere_are_learned_from_within_a_minute_or_so(counter: Counter) -> None:
    before = await best(counter)
    await settled(counter)
    await counter.events.append("a", [reaction(number) for number in range(30)])
    await settled(counter)
    assert (await best(counter)).confidence == before.confidence
    counter.clock.advance(timedelta(minutes=1))
    await settled(counter)
    assert (await best(counter)).confidence < before.confidence


async def test_a_log_without_anything_new_is_not_read_again(counter: Counter) -> None:
    await counter.events.append("a", [reaction()])
    await settled(counter)
    learned = (await counter.live.get("a")).lessons.learned
    counter.clock.advance(timedelta(minutes=2))
    await settled(counter)
    assert (await counter.live.get("a")).lessons.learned is learned


async def test_what_one_shop_learns_of_an_entry_leaves_that_of_another_shop_alone(counter: Counter) -> None:
    before = await best(counter, "b")
    for _ in range(12):
        suggestion = await best(counter, "a")
        await counter.reactions.react(ReactionRequest("a", suggestion.id, "refused"))
    await settled(counter, "a")
    await settled(counter, "b")
    assert (await best(counter, "a")).confidence < before.confidence
    assert (await best(counter, "b")).confidence == before.confidence
    a, b = await counter.live.get("a"), await counter.live.get("b")
    assert a.lessons is not b.lessons


async def test_an_entry_that_is_always_refused_gives_way_to_the_next(counter: Counter) -> None:
    text = "可以开发票吗"
    counter.classifier.available = False
    first = await counter.ask("a", text)
    assert first.suggestions[0].parts[0].entry == "invoice"
    wrong = reaction(read=False, offers=[[["invoice", 1, 0.9]], [["courier", 1, 0.05]]])
    right = reaction(kind="taken", read=False, offers=[[["courier", 1, 0.3]]])
    events = [Event(e.kind, NOW, "", e.data, f"{e.kind}{n}") for e in (wrong, right) for n in range(80)]
    learned = learn(events, AIM)
    assert learned.unread.confidence("invoice", 1, 0.5) < learned.unread.confidence("courier", 1, 0.3)
    assert learned.read is COMMON


async def test_while_the_log_is_away_the_shop_keeps_what_it_learned(
    counter: Counter, caplog: pytest.LogCaptureFixture
) -> None:
    await counter.events.append("a", [reaction(number) for number in range(30)])
    await settled(counter)
    learned = (await counter.live.get("a")).lessons.learned

    async def away(shop: str, kinds: Sequence[str], limit: int) -> list[Event]:
        raise StoreUnavailable("the database is away")

    counter.events.read_kinds = away  # type: ignore[method-assign]
    counter.clock.advance(timedelta(minutes=2))
    with caplog.at_level(logging.WARNING):
        await settled(counter)
    assert (await counter.live.get("a")).lessons.learned is learned
    assert "keeps what it learned" in caplog.text


async def test_a_shop_that_is_forgotten_stops_learning(counter: Counter) -> None:
    lessons = (await counter.live.get("a")).lessons
    counter.live.forget("a")
    await lessons.settle()
    counter.live.notice("a")
    assert not counter.live.holds("a")


def test_the_last_reaction_to_a_message_counts() -> None:
    newest_first = [reaction(kind="refused"), *[reaction(kind="taken")] * 50]
    assert learn(newest_first, AIM) == learn(newest_first[:1], AIM)


def test_a_reply_composed_of_several_parts_teaches_nothing() -> None:
    composed = [[["when", 1, 0.9], ["invoice", 1, 0.9]], [["when", 1, 0.9]]]
    assert learn([reaction(n, offers=composed) for n in range(50)], AIM).read is COMMON


@pytest.mark.parametrize(
    "broken",
    [{"offers": None}, {"offers": [[["when", 1]]]}, {"offers": [[["when", "x", 1]]]}, {"place": "first"}, {"kept": None}, {"offers": 3}],
)  # fmt: skip
def test_what_cannot_be_read_teaches_nothing(broken: dict[str, object]) -> None:
    assert learn([reaction(**broken)], AIM).read is COMMON  # type: ignore[arg-type]


def test_questions_that_the_classifier_read_teach_nothing_of_those_it_did_not() -> None:
    learned = learn([reaction(n) for n in range(30)], AIM)
    assert learned.unread is COMMON
    assert learned.calibration(was_read=True) is learned.read is not COMMON


def test_the_threshold_is_closed_when_sure_replies_turn_out_wrong() -> None:
    assert learn([], AIM).threshold == 0.9
    # Two entries as sure as each other, one right and one wrong, by turns at their former versions: no confidence tells.
    told = [
        reaction(number, "taken" if number % 4 else "refused", offers=[[["when", number, 0.9999]]])
        for number in range(400)
    ]
    assert learn(told, Aim(0.95, {0.95: 0.6})).threshold == NEVER


async def test_the_newest_reactions_are_read_and_no_more(counter: Counter) -> None:
    read, limits = counter.events.read_kinds, []

    async def counted(shop: str, kinds: Sequence[str], limit: int) -> list[Event]:
        limits.append(limit)
        return await read(shop, kinds, limit)

    counter.events.read_kinds = counted  # type: ignore[method-assign]
    await counter.events.append("a", [reaction()])
    await settled(counter)
    assert limits == [1, MOST_REACTIONS]
