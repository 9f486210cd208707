"""A reaction reaches the log of the shop that showed the suggestion, with all that learning needs."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.suggestion import SuggestionResult
from bot.ports import Event, NotFound, StoreUnavailable
from bot.services.reacting import ReactionLog, ReactionRequest, share_kept
from tests.unit.fakes.counter import Counter

SHOP = """
kuaihui: 1
shop: {id: %s, name: 小摊}
entries:
  - {id: when, group: shipping, intent: ship_when, question: 什么时候发货, reply: "48小时内发货"}
  - {id: courier, group: shipping, intent: ship_courier, question: 发什么快递, reply: "发中通"}
  - {id: invoice, group: invoice, intent: invoice_can, question: 可以开发票吗, reply: "可以开票"}
"""


@pytest.fixture
async def counter() -> AsyncIterator[Counter]:
    counter = Counter()
    for shop in ("a", "b"):
        await counter.open_shop(SHOP % shop)
    yield counter
    counter.live.close()


async def shown(counter: Counter, text: str = "什么时候发货", shop: str = "a") -> SuggestionResult:
    return await counter.ask(shop, text)


async def told(counter: Counter, shop: str = "a") -> list[tuple[str, dict[str, Any]]]:
    kinds = ("suggestion_taken", "suggestion_edited", "suggestion_refused")
    return [(event.kind, dict(event.data)) for event in await counter.events.read_kinds(shop, kinds, 99)]


async def test_a_taking_is_written_with_what_was_shown(counter: Counter) -> None:
    first = (await shown(counter)).suggestions[0]
    await counter.reactions.react(ReactionRequest("a", first.id, "taken", conversation="c-9"))
    [(kind, data)] = await told(counter)
    assert kind == "suggestion_taken"
    assert (data["suggestion"], data["place"], data["kept"], data["read"]) == (first.id, 0, 1.0, True)
    assert data["offers"][0] == [["when", 1, first.parts[0].common]]


async def test_an_edited_reply_is_written_with_the_share_that_was_kept(counter: Counter) -> None:
    first = (await shown(counter)).suggestions[0]
    sent = f"亲，{first.text}"
    await counter.reactions.react(ReactionRequest("a", first.id, "edited", sent))
    [(_, data)] = await told(counter)
    assert data["kept"] == pytest.approx(2 * len(first.text) / (len(first.text) + len(sent)), abs=1e-3)


async def test_all_that_was_shown_is_refused_at_once(counter: Counter) -> None:
    first = (await shown(counter)).suggestions[0]
    request = ReactionRequest("a", first.id, "refused", reason="不对", nothing_fits=True)
    await counter.reactions.react(request)
    [(kind, data)] = await told(counter)
    assert (kind, data["place"], data["reason"]) == ("suggestion_refused", None, "不对")


@pytest.mark.parametrize("wait", [True, False])
async def test_a_suggestion_is_known_before_and_after_it_is_in_the_log(counter: Counter, wait: bool) -> None:
    first = (await shown(counter)).suggestions[0]
    if not wait:
        await counter.recorder.close()
    await counter.reactions.react(ReactionRequest("a", first.id, "taken"))
    assert len(await told(counter)) == 1


async def test_a_suggestion_that_another_worker_has_yet_to_write_is_waited_for(counter: Counter) -> None:
    first = (await shown(counter)).suggestions[0]
    elsewhere = Counter(memory=counter.memory)
    reactions = ReactionLog(
        elsewhere.events, elsewhere.recorder, elsewhere.clock, elsewhere.live.notice, pauses=(0.0, 0.0)
    )
    read_message = elsewhere.events.read_message

    async def written_meanwhile(shop: str, message: str) -> list[Event]:
        found = await read_message(shop, message)
        await counter.recorder.close()
        return found

    elsewhere.events.read_message = written_meanwhile  # type: ignore[method-assign]
    await reactions.react(ReactionRequest("a", first.id, "taken"))
    assert len(await told(counter)) == 1


@pytest.mark.parametrize("wait", [True, False])
async def test_a_suggestion_of_another_shop_is_not_found(counter: Counter, wait: bool) -> None:
    first = (await shown(counter, shop="b")).suggestions[0]
    if not wait:
        await counter.recorder.close()
    with pytest.raises(NotFound):
        await counter.reactions.react(ReactionRequest("a", first.id, "taken"))
    assert await told(counter, "a") == await told(counter, "b") == []


@pytest.mark.parametrize(
    "name", ["", "x", "0123456789abcdef", "0123456789abcdef-1", "-1", "0123456789ABCDEF-1"]
)
async def test_a_suggestion_that_was_never_shown_is_not_found(counter: Counter, name: str) -> None:
    await shown(counter)
    with pytest.raises(NotFound):
        await counter.reactions.react(ReactionRequest("a", name, "taken"))


async def test_a_number_that_was_not_shown_for_the_message_is_not_found(counter: Counter) -> None:
    first = (await shown(counter)).suggestions[0]
    with pytest.raises(NotFound):
        await counter.reactions.react(ReactionRequest("a", first.id.replace("-1", "-77"), "taken"))


async def test_without_the_log_the_caller_is_told(counter: Counter) -> None:
    first = (await shown(counter)).suggestions[0]

    async def away(shop: str, events: object) -> None:
        raise StoreUnavailable("the database is away")

    counter.events.append = away  # type: ignore[method-assign]
    with pytest.raises(StoreUnavailable):
        await counter.reactions.react(ReactionRequest("a", first.id, "taken"))


@given(st.text(max_size=30), st.text(max_size=30))
def test_the_share_kept_is_one_for_the_same_text_and_zero_for_nothing_in_common(one: str, other: str) -> None:
    assert share_kept(one, one) == 1
    assert 0 <= share_kept(one, other) <= 1
    assert share_kept("发货", "退款") == 0
