"""A pack is loaded whole or not at all."""

from __future__ import annotations

import pytest

from bot.domain.entry import Entry
from bot.ports import Conflict
from bot.services.packs import load_pack
from bot.services.shop_loading import load_shop
from tests.unit.fakes.counter import NOW, Counter

SHOP = """
kuaihui: 1
shop: {id: mine, name: 小摊}
facts: {称呼: 亲}
shipping: [{regions: ["*"], courier: 中通, fee: 8}]
products: [{id: tee, title: 短袖, variants: [{sku: tee-l, stock: 1}]}]
orders: [{order_no: "2026030500000001", status: paid}]
entries: [{id: a, group: other, question: 问, reply: 答}]
"""


async def test_everything_of_a_pack_is_in_the_shop() -> None:
    counter = Counter()
    assert await counter.open_shop(SHOP) == "mine"
    snapshot = await counter.shops.load_snapshot("mine")
    assert (list(snapshot.entries), list(snapshot.products), list(snapshot.facts)) == (
        ["a"],
        ["tee"],
        ["address_form"],
    )
    assert snapshot.shipping[0].courier == "中通"
    assert await counter.facts.find_order("mine", "2026030500000001") is not None


async def test_loading_again_takes_away_what_the_pack_no_longer_has() -> None:
    counter = Counter()
    await counter.open_shop(SHOP)
    await counter.entries.put_entries("mine", [Entry("b", "other", "问", "答")])
    await counter.open_shop(SHOP)
    assert list((await counter.shops.load_snapshot("mine")).entries) == ["a"]


async def test_loading_without_replacing_keeps_what_the_shop_has_beyond_the_pack() -> None:
    counter = Counter()
    await counter.open_shop(SHOP)
    await counter.entries.put_entries("mine", [Entry("b", "other", "问", "答")])
    pack = load_pack(SHOP.encode(), "p.yml", NOW)
    await load_shop(counter.shops, counter.entries, counter.facts, pack, replace=False)
    assert list((await counter.shops.load_snapshot("mine")).entries) == ["a", "b"]


async def test_a_pack_that_fails_half_way_leaves_no_shop_behind(monkeypatch: pytest.MonkeyPatch) -> None:
    counter = Counter()

    async def refuse(*_: object, **__: object) -> None:
        raise Conflict("no")

    monkeypatch.setattr(counter.entries, "put_entries", refuse)
    with pytest.raises(Conflict):
        await counter.open_shop(SHOP)
    assert await counter.shops.list_shops(None) == []


async def test_a_starter_pack_is_no_shop() -> None:
    counter = Counter()
    with pytest.raises(ValueError, match="starter pack"):
        await counter.open_shop("kuaihui: 1\npack: {id: a, trade: b, name: c}\n")
