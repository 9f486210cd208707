"""Vectors are stored as they are made, are all of one model, and follow a change of it."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from bot.ports import EmbedderUnavailable, Vectors
from bot.retrieval.normaliser import OpenccNormaliser
from bot.services.vector_keeping import VectorKeeper, vectors_of
from tests.unit.fakes.counter import Counter

SHOP = """
kuaihui: 1
shop: {id: %s, name: 小摊}
entries:
  - {id: stock, group: stock, question: 还有货吗, reply: 有}
"""
MANY = {f"第{number}问" for number in range(600)}


async def test_whoever_is_cut_short_goes_on_where_it_stopped() -> None:
    counter = Counter()
    await counter.open_shop(SHOP % "a")
    encode = counter.embedder.encode

    async def failing(texts: Sequence[str]) -> Vectors:
        if len(counter.embedder.calls) == 2:
            counter.embedder.fail("killed")
        return await encode(texts)

    counter.embedder.encode = failing  # type: ignore[method-assign]
    with pytest.raises(EmbedderUnavailable, match="killed"):
        await vectors_of("a", MANY, counter.embedder, counter.vectors, stored=True)
    assert len(await counter.vectors.load_vectors("a", counter.embedder.fingerprint)) == 512
    counter.embedder.fail(None)
    counter.embedder.calls.clear()
    found = await vectors_of("a", MANY, counter.embedder, counter.vectors, stored=True)
    assert set(found) == MANY
    assert sum(map(len, counter.embedder.calls)) == 600 - 512


async def test_vectors_of_two_models_never_come_together() -> None:
    counter = Counter()
    await counter.open_shop(SHOP % "a")
    encode = counter.embedder.encode

    async def changing(texts: Sequence[str]) -> Vectors:
        if counter.embedder.calls:
            counter.embedder.become(32)
        return await encode(texts)

    counter.embedder.encode = changing  # type: ignore[method-assign]
    with pytest.raises(EmbedderUnavailable, match="changed"):
        await vectors_of("a", MANY, counter.embedder, counter.vectors, stored=True)
    assert {row.shape for row in (await counter.vectors.load_vectors("a", "fake-256")).values()} == {(256,)}
    assert await counter.vectors.load_vectors("a", "fake-32") == {}


async def test_after_a_change_of_the_model_every_shop_that_is_not_held_is_embedded_anew() -> None:
    counter = Counter()
    for shop in ("a", "b"):
        await counter.open_shop(SHOP % shop)
    await counter.live.get("b")
    keeper = VectorKeeper(
        counter.shops, counter.vectors, counter.embedder, OpenccNormaliser(), counter.live.holds
    )
    await keeper.complete_all()
    counter.embedder.become(32)
    await keeper.complete_all()
    assert set(await counter.vectors.load_vectors("a", "fake-32")) == {"还有货吗"}
    assert await counter.vectors.load_vectors("a", "fake-256") == {}
    assert set(await counter.vectors.load_vectors("b", "fake-256")) == {"还有货吗"}
