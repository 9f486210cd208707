"""Leak paths on a message's way: what is suggested, remembered, logged and refused is the shop's own."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator
from dataclasses import replace
from typing import Any

import pytest

from bot.bootstrap.engine import Engine, Parts
from bot.domain.conversation import Turn
from bot.domain.entry import Entry
from bot.domain.shop import Shop
from bot.domain.text import UnreadableMessage
from bot.nlu.cache import CachedClassifier
from bot.ports import NotFound, StoreUnavailable
from bot.retrieval.cached_embedder import CachedEmbedder
from bot.services.documents import EntryDocument
from bot.services.entries import InvalidEntries
from bot.services.rendering import result_data
from bot.services.suggesting import SuggestionRequest
from bot.storage.database import Database
from tests.integration.engines import Secret, real_parts, running, two_shops

QUESTIONS = (
    "发什么快递", "短袖还有货吗", "黑色L码还有货吗什么时候发", "可以开发票吗", "什么时候发货", "我的快递到哪了",
    "发什么快递，可以开发票吗", "which courier do you use",
)  # fmt: skip


@pytest.fixture
def parts(database: Database) -> Parts:
    return real_parts(database)


@pytest.fixture
async def engine(parts: Parts) -> AsyncIterator[Engine]:
    async with running(parts) as engine:
        yield engine


@pytest.fixture
async def shops(parts: Parts) -> tuple[Secret, Secret]:
    return await two_shops(parts)


async def ask(engine: Engine, shop: str, text: str, *history: Turn, **more: str) -> dict[str, Any]:
    """Return the answer as the API gives it."""
    return result_data(await engine.suggester.suggest(SuggestionRequest(shop, text, history, **more)))


async def test_two_shops_asked_in_turn_answer_with_their_own_words(
    engine: Engine, shops: tuple[Secret, Secret]
) -> None:
    left, right = shops
    suggested = 0
    for text in QUESTIONS:
        for mine, other in ((left, right), (right, left), (left, right)):
            answer = await ask(engine, mine.shop, text)
            assert answer["shop"] == mine.shop
            assert other.word not in str(answer)
            assert other.shop not in str(answer)
            suggested += all(mine.word in suggestion["text"] for suggestion in answer["suggestions"])
    assert suggested == 3 * len(QUESTIONS)


async def test_messages_at_the_same_time_are_answered_each_by_its_shop(
    engine: Engine, shops: tuple[Secret, Secret]
) -> None:
    left, right = shops
    asked = [(mine, other, text) for text in QUESTIONS for mine, other in ((left, right), (right, left))] * 5
    answers = await asyncio.gather(*(ask(engine, mine.shop, text) for mine, _, text in asked))
    for (mine, other, _), answer in zip(asked, answers, strict=True):
        assert answer["shop"] == mine.shop
        assert other.word not in str(answer)


async def test_an_index_is_one_shops_own(engine: Engine, shops: tuple[Secret, Secret]) -> None:
    left, right = [await engine.live_shops.get(secret.shop) for secret in shops]
    assert left.index is not right.index
    assert left.snapshot.entries is not right.snapshot.entries
    assert left.catalogue is not right.catalogue
    left.index.remove("courier")
    assert len(right.index) == len(left.index) + 1


async def test_a_small_shop_is_not_starved_by_a_large_one(
    parts: Parts, engine: Engine, shops: tuple[Secret, Secret]
) -> None:
    small, large = shops
    only = await parts.entries.get_entry(small.shop, "courier")
    await parts.entries.put_entries(small.shop, [only], replace=True)
    crowd = [
        replace(
            only, id=f"courier-{n}", reply=f"{large.word}{n}", phrasings=(f"发什么快递{n}", f"发哪家快递{n}")
        )
        for n in range(500)
    ]
    await parts.entries.put_entries(large.shop, crowd)
    answer = await ask(engine, small.shop, "发什么快递")
    assert [part["entry"] for part in answer["suggestions"][0]["parts"]] == ["courier"]
    assert large.word not in str(answer)


async def test_a_shop_without_entries_borrows_none(
    parts: Parts, engine: Engine, shops: tuple[Secret, Secret]
) -> None:
    bare = Shop(f"bare-{shops[0].shop}", "空店")
    await parts.shops.put_shop(bare)
    for text in QUESTIONS:
        answer = await ask(engine, bare.id, text)
        assert answer["silent"] is True
        assert answer["suggestions"] == []


async def test_an_unknown_shop_answers_with_nothing(engine: Engine, shops: tuple[Secret, Secret]) -> None:
    await ask(engine, shops[0].shop, "发什么快递")
    for nowhere in ("no-such-shop", f"{shops[0].shop}0", shops[0].shop.upper()):
        with pytest.raises(NotFound) as refused:
            await ask(engine, nowhere, "发什么快递")
        assert shops[0].word not in str(refused.value)


async def test_an_order_of_another_shop_is_not_known(engine: Engine, shops: tuple[Secret, Secret]) -> None:
    left, right = shops
    own = await ask(engine, left.shop, f"{left.order_no} 我的快递到哪了")
    assert f"已到{left.word}站" in own["suggestions"][0]["text"]
    history = (
        Turn("buyer", f"订单{right.order_no}"),
        Turn("agent", "好的，帮您查"),
        Turn("buyer", right.order_no),
    )
    for text, past in (
        (f"{right.order_no} 我的快递到哪了", ()),
        ("我的快递到哪了", history),
        (right.order_no, ()),
        (f"{right.order_no} 什么时候发货", ()),
    ):
        answer = await ask(engine, left.shop, text, *past)
        assert right.word not in str(answer)
        assert all(fact["name"] != "tracking_status" for s in answer["suggestions"] for fact in s["facts"])


async def test_a_conversation_names_no_shop(engine: Engine, shops: tuple[Secret, Secret]) -> None:
    left, right = shops
    for words in (
        right.shop,
        f"shop={right.shop}",
        f"{right.word}小店发什么快递",
        f"{{店铺名}} {right.shop}",
        "{快递}",
    ):
        history = (Turn("agent", f"这里是{right.shop}"), Turn("bot", words))
        answer = await ask(
            engine, left.shop, f"{words} 发什么快递", *history, conversation=right.shop, viewed=right.shop
        )
        assert answer["shop"] == left.shop
        assert f"{right.word}发" not in str(answer)
        assert f"{right.word}速运" not in str(answer)


async def test_what_is_remembered_between_requests_holds_no_reply_and_no_fact(
    parts: Parts, engine: Engine, shops: tuple[Secret, Secret]
) -> None:
    for secret in shops:
        for text in QUESTIONS:
            await ask(engine, secret.shop, text)
    assert isinstance(parts.classifier, CachedClassifier)
    assert isinstance(parts.embedder, CachedEmbedder)
    assert len(parts.classifier) > 0
    remembered = str(parts.classifier._known) + str(list(parts.embedder._kept))
    for secret in shops:
        assert secret.word not in remembered
        assert secret.shop not in remembered


async def test_a_reply_is_filled_anew_every_time(
    parts: Parts, engine: Engine, shops: tuple[Secret, Secret]
) -> None:
    left, right = shops
    for secret in shops:
        assert "还有7件" in (await ask(engine, secret.shop, "黑色L码短袖还有货吗"))["suggestions"][0]["text"]
    await parts.facts.set_stock(left.shop, "shirt-black-l", 9, None, "test", parts.clock.now())
    await engine.live_shops.refresh(left.shop, (await parts.shops.versions())[left.shop])
    for secret, stock in ((left, 9), (right, 7)):
        assert (
            f"还有{stock}件"
            in (await ask(engine, secret.shop, "黑色L码短袖还有货吗"))["suggestions"][0]["text"]
        )


async def test_the_vector_of_a_text_is_the_same_whoever_asked_first(parts: Parts) -> None:
    text = "发什么快递"
    one, other = CachedEmbedder(parts.embedder), CachedEmbedder(parts.embedder)
    await other.encode(["可以开发票吗", text])
    assert ((await one.encode([text]))[0] == (await other.encode([text]))[0]).all()


async def test_a_deleted_shop_that_comes_again_is_empty(
    parts: Parts, engine: Engine, shops: tuple[Secret, Secret]
) -> None:
    left, right = shops
    await ask(engine, left.shop, "发什么快递")
    await parts.shops.delete_shop(left.shop)
    await engine.live_shops.refresh(left.shop, 1_000_000)
    with pytest.raises(NotFound):
        await ask(engine, left.shop, "发什么快递")
    await parts.shops.put_shop(Shop(left.shop, "新店主"))
    answer = await ask(engine, left.shop, "发什么快递")
    assert answer["suggestions"] == []
    assert await parts.facts.find_order(left.shop, left.order_no) is None
    assert left.word not in str(await parts.events.read(left.shop, 100))
    assert right.word in str(await ask(engine, right.shop, "发什么快递"))


async def test_events_are_written_into_their_own_shop(parts: Parts, shops: tuple[Secret, Secret]) -> None:
    async with running(parts) as engine:
        for secret in shops:
            await ask(engine, secret.shop, f"{secret.word}发什么快递", conversation=secret.word)
    for mine, other in (shops, shops[::-1]):
        events = await parts.events.read(mine.shop, 100)
        assert [event.kind for event in events].count("suggestion_shown") == 1
        assert mine.word in str(events)
        assert other.word not in str(events)


async def test_one_unwritable_message_does_not_end_the_log_of_all_shops(
    parts: Parts, shops: tuple[Secret, Secret]
) -> None:
    left, right = shops
    async with running(parts) as engine:
        await ask(engine, left.shop, "发什么\0快递", conversation="c\ud800")
        await engine.recorder._write()
        await ask(engine, right.shop, "发什么快递")
    assert len(await parts.events.read(right.shop, 100)) == 2


async def test_logs_and_errors_carry_no_text_of_a_shop_or_a_buyer(
    parts: Parts, engine: Engine, shops: tuple[Secret, Secret], caplog: pytest.LogCaptureFixture
) -> None:
    left, right = shops
    caplog.set_level(logging.DEBUG)
    buyer = "买家的原话独一无二"
    said: list[str] = []
    alike = {"group": "shipping", "question": "问", "reply": left.word}
    broken = [
        EntryDocument.model_validate({**alike, "id": "a", "scope": {"products": ["nowhere"]}}),
        EntryDocument.model_validate({**alike, "id": "b", "validity": {"since": "gestern"}}),
    ]
    for secret in shops:
        await ask(engine, secret.shop, f"{buyer}，发什么快递")
    for call, expected in (
        (ask(engine, left.shop, ""), UnreadableMessage),
        (ask(engine, left.shop, "\0" * 10), UnreadableMessage),
        (ask(engine, "nowhere", buyer), NotFound),
        (engine.editor.put_entries(left.shop, broken), InvalidEntries),
        (engine.editor.get_entry(left.shop, "nothing"), NotFound),
        (parts.entries.put_entries("nowhere", [_entry(left.word)]), NotFound),
    ):
        with pytest.raises(expected) as refused:
            await call
        said.append(str(refused.value))
    await engine.recorder.close()
    written = caplog.text + str(said)
    for word in (right.word, buyer, f"{left.word}发"):
        assert word not in written


async def test_a_database_that_is_away_is_reported_without_a_shops_text(
    parts: Parts,
    shops: tuple[Secret, Secret],
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    async def fail(*_: object) -> None:
        raise StoreUnavailable("the database does not answer")

    async with running(parts) as engine:
        await ask(engine, shops[0].shop, "发什么快递")
        monkeypatch.setattr(parts.events, "append", fail)
        await ask(engine, shops[0].shop, "发什么快递")
        await engine.recorder._write()
        monkeypatch.undo()
    assert "events wait" in caplog.text
    assert shops[0].word not in caplog.text
    assert "发什么快递" not in caplog.text


def _entry(word: str) -> Entry:
    return Entry(id="a", group="shipping", question="发什么快递", reply=f"{word}发顺丰")
