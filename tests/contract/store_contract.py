"""What every set of stores must do: inherited by the tests of the stores in memory and in PostgreSQL.

An inheriting class gives the fixture `stores`. Each test makes shops of its own, so that one database serves them all.
"""

from __future__ import annotations

import itertools
from collections.abc import AsyncIterator
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal

import numpy as np
import pytest

from bot.domain.entry import Entry, Scope, Validity, WeeklyHours
from bot.domain.facts import Fact, Order, Product, ShippingRule, Variant
from bot.domain.shop import InvalidShopId, Shop
from bot.ports import (
    Conflict,
    EntryChange,
    EntryChanged,
    EntryStore,
    Event,
    EventLog,
    FactStore,
    NotFound,
    ShopStore,
    TokenStore,
    VectorStore,
)

NOW = datetime(2026, 3, 5, 10, 30, 15, 123456, tzinfo=UTC)
_numbers = itertools.count(1)


class FixedClock:
    """A clock that stands still."""

    def __init__(self, now: datetime = NOW) -> None:
        self.moment = now

    def now(self) -> datetime:
        return self.moment


@dataclass(frozen=True)
class Stores:
    """One of each store, over the same data."""

    shops: ShopStore
    entries: EntryStore
    vectors: VectorStore
    facts: FactStore
    events: EventLog
    tokens: TokenStore


def unused_id() -> str:
    """Return a shop's id that no other test uses."""
    return f"shop-{next(_numbers)}"


def an_entry(entry_id: str = "stock-1", **changes: object) -> Entry:
    """Return an entry with every field filled."""
    entry = Entry(
        id=entry_id,
        group="stock",
        question="黑色L码还有货吗",
        reply="亲，{商品}还有{库存}件",
        phrasings=("黑色L还有吗", "L码有没有"),
        intent="stock_variant",
        cases={"out_of_stock": "暂时没货", "in_stock": "有货"},
        fallback="我帮您查一下",
        scope=Scope(("p1",), ("衣服",)),
        validity=Validity(NOW, None, (WeeklyHours(0, time(9), time(18, 30)),)),
        short_code="hl",
        language="zh",
    )
    return replace(entry, **changes)  # type: ignore[arg-type]


def a_product(product_id: str = "p1", sku: str = "p1-black-l", **changes: object) -> Product:
    """Return a product with two variants, the second without known stock."""
    product = Product(
        id=product_id,
        title="羊毛大衣",
        variants=(
            Variant(sku, {"colour": "黑色", "size": "L"}, 3, date(2026, 4, 1), Decimal("199.90")),
            Variant(f"{sku}-2", {"size": "M", "colour": "白色"}),
        ),
        source="import",
        as_of=NOW,
        stock_as_of=NOW,
        item_id="123456789",
        title_en="Wool coat",
        aliases=("大衣",),
        category="衣服",
        url="https://shop.example/p1",
        price=Decimal("209.00"),
        attributes={"material": "羊毛", "care": "干洗"},
    )
    return replace(product, **changes)  # type: ignore[arg-type]


def an_order(order_no: str, **changes: object) -> Order:
    """Return a shipped order."""
    order = Order(
        order_no=order_no,
        status="shipped",
        items=("羊毛大衣 黑色 L",),
        source="import",
        as_of=NOW,
        buyer_id="buyer-1",
        phone_last4="0000",
        amount=Decimal("199.90"),
        paid_at=NOW - timedelta(days=1),
        shipped_at=NOW,
        promised_ship_by=NOW + timedelta(days=1),
        courier="中通",
        tracking_no=f"ZT{order_no}",
        tracking_status="已揽收",
        eta=date(2026, 3, 8),
    )
    return replace(order, **changes)  # type: ignore[arg-type]


RULES = (
    ShippingRule(("*",), "中通", Decimal("0"), Decimal("0"), "2-4天", "import", NOW),
    ShippingRule(("新疆", "西藏"), "邮政", None, None, "", "import", NOW, "不发货"),
)
FACT = Fact("dispatch_time", "48小时内", "shipping", "import", NOW, timedelta(hours=36))


class StoreContract:
    async def test_an_image_for_entries_is_kept_once_and_is_its_shops_alone(self, stores: Stores) -> None:
        mine, other, png = unused_id(), unused_id(), b"\x89PNG\0"
        for shop in (mine, other):
            await stores.shops.put_shop(Shop(shop, "店"))
        image = await stores.entries.put_image(mine, "image/png", png)
        assert await stores.entries.put_image(mine, "image/png", png) == image
        await stores.entries.put_entries(mine, [an_entry(image=image)])
        assert (await stores.entries.get_entry(mine, "stock-1")).image == image
        assert (await stores.shops.load_snapshot(mine)).entries["stock-1"].image == image
        [version] = await stores.entries.list_versions(mine, "stock-1", 9)
        assert version.entry == an_entry(image=image)
        gif = await stores.entries.put_image(mine, "image/gif", b"GIF")
        assert await stores.entries.get_image(mine, image) == ("image/png", png)
        assert await stores.entries.list_images(mine) == {image, gif}
        assert await stores.entries.list_images(other) == set()
        for shop in (other, "no-such-shop"):
            with pytest.raises(NotFound):
                await stores.entries.get_image(shop, image)
        assert await stores.entries.put_image(other, "image/png", png) == image
        assert await stores.entries.list_images(other) == {image}

    """The tests."""

    @pytest.fixture
    async def shop(self, stores: Stores) -> str:
        """A shop that has nothing yet."""
        shop = unused_id()
        await stores.shops.put_shop(Shop(shop, "一号店"))
        return shop

    @pytest.fixture
    async def other(self, stores: Stores) -> str:
        """Another one."""
        shop = unused_id()
        await stores.shops.put_shop(Shop(shop, "二号店"))
        return shop

    async def test_a_shop_is_read_as_it_was_written(self, stores: Stores) -> None:
        shop = Shop(
            unused_id(), "海风", "Sea", "#123456", "海", ("海风店",), "Asia/Urumqi", ("zh", "en"), True
        )
        await stores.shops.put_shop(shop)
        assert await stores.shops.get_shop(shop.id) == shop
        renamed = replace(shop, name="海风女装")
        await stores.shops.put_shop(renamed)
        assert await stores.shops.get_shop(shop.id) == renamed

    async def test_only_the_shops_named_are_listed(self, stores: Stores, shop: str, other: str) -> None:
        assert [s.id for s in await stores.shops.list_shops([other])] == [other]
        assert [s.id for s in await stores.shops.list_shops([shop, other, "nowhere"])] == sorted(
            [shop, other]
        )
        assert await stores.shops.list_shops([]) == []
        assert {shop, other} <= {s.id for s in await stores.shops.list_shops(None)}

    async def test_what_is_no_shop_id_is_refused(self, stores: Stores) -> None:
        for wrong in ("", "Shop", "a:b", "a,b"):
            with pytest.raises(InvalidShopId):
                await stores.shops.put_shop(Shop(wrong, "店"))

    async def test_an_unknown_shop_is_not_found(self, stores: Stores) -> None:
        unknown = unused_id()
        for attempt in (
            stores.shops.get_shop(unknown),
            stores.shops.load_snapshot(unknown),
            stores.shops.delete_shop(unknown),
            stores.entries.get_entry(unknown, "e"),
            stores.entries.put_entries(unknown, [an_entry()]),
            stores.facts.put_products(unknown, [a_product()]),
            stores.facts.put_orders(unknown, [an_order("1")]),
            stores.events.append(unknown, [Event("message_in", NOW)]),
            stores.vectors.put_vectors(unknown, "f", {"a": np.ones(2, np.float32)}),
            stores.tokens.create_token("t", [unknown], may_write=False, expires_at=None),
        ):
            with pytest.raises(NotFound):
                await attempt

    async def test_a_snapshot_holds_everything_of_the_shop_and_nothing_else(
        self, stores: Stores, shop: str, other: str
    ) -> None:
        drafts = an_entry("draft", status="draft")
        for where, what in ((shop, "本店"), (other, "别店")):
            await stores.entries.put_entries(where, [an_entry(reply=what), drafts])
            await stores.facts.put_products(where, [a_product("p2", "s2"), a_product(title=what)])
            await stores.facts.put_shipping(where, [replace(RULES[0], days=what), RULES[1]])
            await stores.facts.put_facts(where, [replace(FACT, value=what)])
        snapshot = await stores.shops.load_snapshot(shop)
        assert snapshot.shop.id == shop
        assert snapshot.version == (await stores.shops.versions())[shop]
        assert snapshot.entries == {"stock-1": an_entry(reply="本店", version=1)}
        assert list(snapshot.products) == ["p2", "p1"]
        assert snapshot.products["p1"] == a_product(title="本店")
        assert snapshot.products["p1"].variants[0].label == "黑色 L"
        assert snapshot.products["p1"].variants[1].label == "M 白色"
        assert snapshot.shipping == (replace(RULES[0], days="本店"), RULES[1])
        assert snapshot.facts == {"dispatch_time": replace(FACT, value="本店")}

    async def test_every_write_raises_the_version_of_its_shop_alone(
        self, stores: Stores, shop: str, other: str
    ) -> None:
        before = await stores.shops.versions()
        last = before[shop]
        for write in (
            lambda: stores.entries.put_entries(shop, [an_entry()]),
            lambda: stores.entries.update_entry(shop, an_entry(reply="新"), None),
            lambda: stores.entries.delete_entry(shop, "stock-1"),
            lambda: stores.facts.put_products(shop, [a_product()]),
            lambda: stores.facts.set_stock(shop, "p1-black-l", 0, None, "agent", NOW),
            lambda: stores.facts.put_shipping(shop, RULES),
            lambda: stores.facts.put_facts(shop, [FACT]),
            lambda: stores.shops.put_shop(Shop(shop, "新名")),
        ):
            await write()
            version = (await stores.shops.versions())[shop]
            assert version > last
            last = version
        assert (await stores.shops.versions())[other] == before[other]

    async def test_orders_and_events_leave_the_version_alone(self, stores: Stores, shop: str) -> None:
        before = (await stores.shops.versions())[shop]
        await stores.facts.put_orders(shop, [an_order("1")])
        await stores.events.append(shop, [Event("message_in", NOW)])
        assert (await stores.shops.versions())[shop] == before

    async def test_a_watcher_hears_of_every_shop_that_changes(self, stores: Stores, shop: str) -> None:
        watch = stores.shops.watch()
        await _hears(watch, shop, (await stores.shops.versions())[shop])
        await stores.facts.put_facts(shop, [FACT])
        await _hears(watch, shop, (await stores.shops.versions())[shop])
        await stores.shops.delete_shop(shop)
        assert await _next_of(watch, shop) > 0
        await watch.aclose()  # type: ignore[attr-defined]

    async def test_changed_entries_are_told_since_a_version(self, stores: Stores, shop: str) -> None:
        await stores.entries.put_entries(shop, [an_entry("a"), an_entry("b"), an_entry("c")])
        since = (await stores.shops.versions())[shop]
        await stores.entries.update_entry(shop, an_entry("a", reply="新"), 1)
        await stores.entries.delete_entry(shop, "b")
        await stores.entries.update_entry(shop, an_entry("c", status="archived"), None)
        assert await stores.shops.entry_changes(shop, since) == [
            EntryChange("a", an_entry("a", reply="新", version=2)),
            EntryChange("b", None),
            EntryChange("c", None),
        ]
        assert await stores.shops.entry_changes(shop, since + 3) == []

    async def test_entries_of_another_shop_are_not_found(self, stores: Stores, shop: str, other: str) -> None:
        await stores.entries.put_entries(other, [an_entry("theirs")])
        with pytest.raises(NotFound):
            await stores.entries.get_entry(shop, "theirs")
        with pytest.raises(NotFound):
            await stores.entries.update_entry(shop, an_entry("theirs"), None)
        with pytest.raises(NotFound):
            await stores.entries.delete_entry(shop, "theirs")
        assert await stores.entries.list_entries(shop) == []
        await stores.entries.put_entries(shop, [an_entry("theirs", reply="自己的")])
        assert (await stores.entries.get_entry(other, "theirs")).reply == an_entry().reply

    async def test_replacing_deletes_the_other_entries_of_this_shop_only(
        self, stores: Stores, shop: str, other: str
    ) -> None:
        await stores.entries.put_entries(shop, [an_entry("a"), an_entry("b")])
        await stores.entries.put_entries(other, [an_entry("a"), an_entry("b")])
        await stores.entries.put_entries(shop, [an_entry("b"), an_entry("c")], replace=True)
        assert [(e.id, e.version) for e in await stores.entries.list_entries(shop)] == [("b", 1), ("c", 1)]
        assert [e.id for e in await stores.entries.list_entries(other)] == ["a", "b"]

    async def test_a_refused_import_writes_nothing(self, stores: Stores, shop: str) -> None:
        await stores.entries.put_entries(shop, [an_entry("a")])
        with pytest.raises(Conflict, match="b"):
            await stores.entries.put_entries(shop, [an_entry("b"), an_entry("b")])
        with pytest.raises(Conflict, match="a"):
            await stores.entries.put_entries(shop, [an_entry("new"), an_entry("a")], only_new=True)
        assert [e.id for e in await stores.entries.list_entries(shop)] == ["a"]

    async def test_an_entry_written_as_it_stands_keeps_its_version(self, stores: Stores, shop: str) -> None:
        await stores.entries.put_entries(shop, [an_entry("a"), an_entry("b")])
        await stores.entries.put_entries(shop, [an_entry("a"), an_entry("b", reply="新")], replace=True)
        assert [(e.id, e.version) for e in await stores.entries.list_entries(shop)] == [("a", 1), ("b", 2)]

    async def test_an_entry_changed_meanwhile_is_not_overwritten(self, stores: Stores, shop: str) -> None:
        await stores.entries.put_entries(shop, [an_entry("a")])
        changed = await stores.entries.update_entry(shop, an_entry("a", reply="一"), 1)
        assert (changed.version, changed.reply) == (2, "一")
        with pytest.raises(EntryChanged, match="at version 2, not 1"):
            await stores.entries.update_entry(shop, an_entry("a", reply="二"), 1)
        assert (await stores.entries.get_entry(shop, "a")).reply == "一"

    async def test_a_deleted_entry_can_be_made_anew(self, stores: Stores, shop: str) -> None:
        await stores.entries.put_entries(shop, [an_entry("a")])
        await stores.entries.delete_entry(shop, "a")
        assert await stores.entries.list_entries(shop) == []
        with pytest.raises(NotFound):
            await stores.entries.delete_entry(shop, "a")
        await stores.entries.put_entries(shop, [an_entry("a", reply="新")], only_new=True)
        assert (await stores.entries.get_entry(shop, "a")).version == 3

    async def test_every_write_of_an_entry_keeps_who_wrote_what(self, stores: Stores, shop: str) -> None:
        await stores.entries.put_entries(shop, [an_entry("a"), an_entry("b")], author="p1")
        await stores.entries.put_entries(shop, [an_entry("a"), an_entry("b")], author="p2")
        await stores.entries.update_entry(shop, an_entry("a", reply="新"), 1, author="p2")
        await stores.entries.set_status(shop, ["a"], "archived", author="token:t")
        await stores.entries.put_entries(shop, [an_entry("b")], replace=True)
        kept = await stores.entries.list_versions(shop, "a", 10)
        assert [(v.id, v.version, v.author) for v in kept] == [
            ("a", 4, ""),
            ("a", 3, "token:t"),
            ("a", 2, "p2"),
            ("a", 1, "p1"),
        ]
        assert [v.entry for v in kept] == [
            None,
            an_entry("a", reply="新", status="archived", version=3),
            an_entry("a", reply="新", version=2),
            an_entry("a", version=1),
        ]
        assert all(v.at.tzinfo is not None for v in kept)
        assert [v.author for v in await stores.entries.list_versions(shop, "b", 10)] == ["p1"]
        await stores.entries.put_entries(shop, [an_entry("a")], only_new=True, author="p3")
        assert (await stores.entries.list_versions(shop, "a", 1))[0].version == 5

    async def test_versions_are_listed_in_parts_and_found_one_by_one(self, stores: Stores, shop: str) -> None:
        await stores.entries.put_entries(shop, [an_entry("a", reply="0")])
        for number in range(1, 5):
            await stores.entries.update_entry(shop, an_entry("a", reply=str(number)), None)
        assert [v.version for v in await stores.entries.list_versions(shop, "a", 2)] == [5, 4]
        assert [v.version for v in await stores.entries.list_versions(shop, "a", 2, 4)] == [3, 2]
        assert await stores.entries.list_versions(shop, "a", 2, 1) == []
        found = await stores.entries.get_version(shop, "a", 3)
        assert found.entry is not None
        assert found.entry.reply == "2"
        for attempt in (
            stores.entries.get_version(shop, "a", 6),
            stores.entries.get_version(shop, "b", 1),
            stores.entries.list_versions(shop, "b", 2),
        ):
            with pytest.raises(NotFound):
                await attempt

    async def test_history_is_the_shops_own(self, stores: Stores, shop: str, other: str) -> None:
        await stores.entries.put_entries(
            other, [an_entry("theirs", reply="别店"), an_entry("same", reply="别店")]
        )
        await stores.entries.put_entries(shop, [an_entry("same", reply="本店")], author="p1")
        for attempt in (
            stores.entries.list_versions(shop, "theirs", 10),
            stores.entries.get_version(shop, "theirs", 1),
            stores.entries.set_status(shop, ["same", "theirs"], "archived"),
        ):
            with pytest.raises(NotFound):
                await attempt
        assert [v.author for v in await stores.entries.list_versions(shop, "same", 10)] == ["p1"]
        assert "别店" not in str(await stores.entries.list_versions(shop, "same", 10))
        await stores.entries.set_status(shop, ["same"], "archived")
        assert {e.status for e in await stores.entries.list_entries(other)} == {"published"}

    async def test_a_deleted_shop_takes_its_history_along(self, stores: Stores, shop: str) -> None:
        await stores.entries.put_entries(shop, [an_entry("a")])
        await stores.shops.delete_shop(shop)
        await stores.shops.put_shop(Shop(shop, "新店"))
        with pytest.raises(NotFound):
            await stores.entries.list_versions(shop, "a", 10)

    async def test_a_status_is_given_to_all_of_the_entries_or_none(self, stores: Stores, shop: str) -> None:
        drafts = [an_entry("a", status="draft"), an_entry("b")]
        await stores.entries.put_entries(shop, drafts)
        with pytest.raises(NotFound, match="gone"):
            await stores.entries.set_status(shop, ["a", "gone"], "published")
        assert (await stores.entries.get_entry(shop, "a")).status == "draft"
        since = (await stores.shops.versions())[shop]
        assert await stores.entries.set_status(shop, ["a", "b", "a"], "published") == 1
        found = await stores.entries.list_entries(shop)
        assert [(e.id, e.status, e.version) for e in found] == [("a", "published", 2), ("b", "published", 1)]
        changes = await stores.shops.entry_changes(shop, since)
        assert changes == [EntryChange("a", an_entry("a", version=2))]

    async def test_vectors_come_back_exactly_and_only_under_their_model(
        self, stores: Stores, shop: str, other: str
    ) -> None:
        vectors = {
            "有货吗": np.array([0.1, -0.2, 3e-8], np.float32),
            "in stock?": np.array([1, 0, 0], np.float32),
        }
        await stores.vectors.put_vectors(shop, "model-1", vectors)
        await stores.vectors.put_vectors(shop, "model-1", {"有货吗": np.zeros(3, np.float32)})
        loaded = await stores.vectors.load_vectors(shop, "model-1")
        assert {phrasing: vector.tolist() for phrasing, vector in loaded.items()} == {
            phrasing: vector.tolist() for phrasing, vector in vectors.items()
        }
        assert all(vector.dtype == np.float32 for vector in loaded.values())
        assert await stores.vectors.load_vectors(shop, "model-2") == {}
        assert await stores.vectors.load_vectors(other, "model-1") == {}

    async def test_pruning_vectors_keeps_the_texts_named_of_this_model(
        self, stores: Stores, shop: str, other: str
    ) -> None:
        one = np.ones(2, np.float32)
        for where in (shop, other):
            await stores.vectors.put_vectors(where, "old", {"a": one})
            await stores.vectors.put_vectors(where, "new", {"a": one, "b": one})
        await stores.vectors.prune_vectors(shop, "new", ["b"])
        assert list(await stores.vectors.load_vectors(shop, "new")) == ["b"]
        assert await stores.vectors.load_vectors(shop, "old") == {}
        assert len(await stores.vectors.load_vectors(other, "new")) == 2

    async def test_products_are_replaced_or_added_to(self, stores: Stores, shop: str, other: str) -> None:
        await stores.facts.put_products(other, [a_product()])
        await stores.facts.put_products(shop, [a_product("p1", "s1"), a_product("p2", "s2")])
        await stores.facts.put_products(shop, [a_product("p2", "s2-new", variants=())])
        products = (await stores.shops.load_snapshot(shop)).products
        assert {i: len(p.variants) for i, p in products.items()} == {"p1": 2, "p2": 0}
        await stores.facts.put_products(shop, [a_product("p3", "s1")], replace=True)
        assert list((await stores.shops.load_snapshot(shop)).products) == ["p3"]
        assert list((await stores.shops.load_snapshot(other)).products) == ["p1"]

    async def test_a_sku_belongs_to_one_product(self, stores: Stores, shop: str) -> None:
        await stores.facts.put_products(shop, [a_product("p1", "s1")])
        with pytest.raises(Conflict, match="s1"):
            await stores.facts.put_products(shop, [a_product("p9", "s9"), a_product("p2", "s1")])
        assert list((await stores.shops.load_snapshot(shop)).products) == ["p1"]

    async def test_stock_is_set_for_a_sku_of_this_shop(self, stores: Stores, shop: str, other: str) -> None:
        await stores.facts.put_products(shop, [a_product()])
        await stores.facts.put_products(other, [a_product("theirs", "their-sku")])
        later = NOW + timedelta(hours=1)
        await stores.facts.set_stock(shop, "p1-black-l", 0, "2026-05-01", "agent", later)
        product = (await stores.shops.load_snapshot(shop)).products["p1"]
        assert (product.variants[0].stock, product.variants[0].restock_date) == (0, date(2026, 5, 1))
        assert (product.source, product.as_of) == ("agent", NOW)
        assert [product.learned_at(variant) for variant in product.variants] == [later, NOW]
        with pytest.raises(NotFound):
            await stores.facts.set_stock(shop, "their-sku", 0, None, "agent", later)

    async def test_what_a_shop_states_is_read_and_deleted_by_itself(
        self, stores: Stores, shop: str, other: str
    ) -> None:
        for each in (shop, other):
            await stores.facts.put_products(
                each, [a_product("p1", f"{each}-1"), a_product("p2", f"{each}-2")]
            )
            await stores.facts.put_shipping(each, RULES)
            await stores.facts.put_facts(each, [FACT, replace(FACT, name="origin")])
        assert await stores.facts.delete_products(shop, ["p2", "unknown"]) == 1
        assert await stores.facts.delete_facts(shop, ["origin"]) == 1
        mine, theirs = await stores.facts.load_facts(shop), await stores.facts.load_facts(other)
        assert (list(mine.products), list(mine.facts), mine.shipping) == (["p1"], ["dispatch_time"], RULES)
        assert (list(theirs.products), len(theirs.facts)) == (["p1", "p2"], 2)
        assert mine.shop.id == shop
        with pytest.raises(NotFound):
            await stores.facts.load_facts(unused_id())

    async def test_each_shop_says_how_long_its_facts_live(
        self, stores: Stores, shop: str, other: str
    ) -> None:
        before = (await stores.shops.load_snapshot(shop)).version
        await stores.facts.set_lifetimes(shop, {"stock": timedelta(minutes=30), "order": timedelta(days=2)})
        await stores.facts.set_lifetimes(shop, {"stock": timedelta(hours=1)})
        snapshot = await stores.shops.load_snapshot(shop)
        assert snapshot.lifetimes == {"stock": timedelta(hours=1)}
        assert (await stores.facts.load_facts(shop)).lifetimes == snapshot.lifetimes
        assert snapshot.version > before
        assert (await stores.shops.load_snapshot(other)).lifetimes == {}

    async def test_orders_are_paged_found_counted_and_deleted_in_their_shop(
        self, stores: Stores, shop: str, other: str
    ) -> None:
        numbers = [f"20260305{place:08}" for place in range(5)]
        orders = [
            an_order(number, paid_at=NOW - timedelta(days=place), as_of=NOW - timedelta(hours=place))
            for place, number in enumerate(numbers)
        ]
        settled = replace(orders[4], status="delivered")
        await stores.facts.put_orders(shop, [*orders[:4], settled])
        await stores.facts.put_orders(other, [an_order("theirs-1")])
        page = await stores.facts.page_of_orders(shop, "", 1, 2)
        assert ([order.order_no for order in page.orders], page.total) == (numbers[1:3], 5)
        for words in (numbers[3], f"zt{numbers[3]}"):
            assert (await stores.facts.page_of_orders(shop, words, 0, 9)).orders == [orders[3]]
        assert (await stores.facts.page_of_orders(shop, "大衣", 0, 9)).total == 5
        assert (await stores.facts.page_of_orders(shop, "theirs", 0, 9)).total == 0
        counts = await stores.facts.count_orders(shop, NOW - timedelta(minutes=90))
        assert (counts.total, counts.open, counts.stale, counts.oldest) == (5, 4, 2, orders[3].as_of)
        assert await stores.facts.orders_of_numbers(shop, [numbers[1], "theirs-1"]) == [orders[1]]
        assert await stores.facts.order_numbers(shop) == numbers
        assert await stores.facts.delete_orders(shop, [numbers[0], "theirs-1"]) == 1
        assert (await stores.facts.order_numbers(shop), await stores.facts.order_numbers(other)) == (
            numbers[1:],
            ["theirs-1"],
        )

    async def test_facts_are_replaced_or_added_to(self, stores: Stores, shop: str) -> None:
        await stores.facts.put_facts(shop, [FACT, replace(FACT, name="origin", ttl=None)])
        await stores.facts.put_facts(shop, [replace(FACT, value="24小时内")])
        facts = (await stores.shops.load_snapshot(shop)).facts
        assert {name: fact.value for name, fact in facts.items()} == {
            "dispatch_time": "24小时内",
            "origin": "48小时内",
        }
        assert facts["origin"].ttl is None
        await stores.facts.put_facts(shop, [FACT], replace=True)
        assert list((await stores.shops.load_snapshot(shop)).facts) == ["dispatch_time"]

    async def test_an_order_is_found_in_its_shop_only(self, stores: Stores, shop: str, other: str) -> None:
        order = an_order("2026030500001")
        await stores.facts.put_orders(shop, [order, an_order("2", paid_at=None, tracking_no="")])
        assert await stores.facts.find_order(shop, "2026030500001") == order
        assert await stores.facts.find_order(shop, "zt2026030500001") == order
        assert await stores.facts.find_order(other, "2026030500001") is None
        assert await stores.facts.find_order(shop, "") is None
        assert [o.order_no for o in await stores.facts.list_orders(shop, 9)] == ["2026030500001", "2"]
        assert await stores.facts.list_orders(other, 9) == []

    async def test_a_buyers_orders_are_the_shops_own_and_his(
        self, stores: Stores, shop: str, other: str
    ) -> None:
        early, late = (an_order(number, buyer_id="b1", tracking_no="") for number in "12")
        late = replace(late, paid_at=NOW + timedelta(days=1))
        linked = an_order("3", buyer_id="x-9", paid_at=None, tracking_no="")
        nobodys = an_order("4", buyer_id="", tracking_no="")
        await stores.facts.put_orders(shop, [early, late, linked, nobodys])
        await stores.facts.put_orders(other, [an_order("5", buyer_id="b1", tracking_no="")])

        async def numbers(*buyers: str, limit: int = 9) -> list[str]:
            return [one.order_no for one in await stores.facts.buyer_orders(shop, buyers, limit)]

        assert await numbers("b1", "x-9") == ["2", "1", "3"]
        assert await numbers("b1", limit=1) == ["2"]
        assert await numbers("", "nobody") == await numbers("") == await numbers() == []

    async def test_an_order_written_again_is_the_newer_one(self, stores: Stores, shop: str) -> None:
        await stores.facts.put_orders(shop, [an_order("1")])
        await stores.facts.put_orders(shop, [an_order("1", status="delivered", amount=None)])
        found = await stores.facts.find_order(shop, "1")
        assert found is not None
        assert (found.status, found.amount) == ("delivered", None)

    async def test_events_are_read_newest_first(self, stores: Stores, shop: str, other: str) -> None:
        first = Event("message_in", NOW, "c1", {"text": "有货吗", "n": 1, "list": [1, None]})
        second = Event("suggestion_shown", NOW, "c1")
        third = Event("reply_sent", NOW + timedelta(seconds=1), "c2")
        await stores.events.append(shop, [first, second])
        await stores.events.append(shop, [third])
        assert await stores.events.read(shop, 9) == [third, second, first]
        assert await stores.events.read(shop, 1) == [third]
        assert await stores.events.read(other, 9) == []

    async def test_events_are_read_by_their_kinds(self, stores: Stores, shop: str, other: str) -> None:
        taken = [Event("suggestion_taken", NOW + timedelta(seconds=n), data={"n": n}) for n in range(4)]
        refused = Event("suggestion_refused", NOW + timedelta(seconds=2.5), message="m1")
        await stores.events.append(
            shop, [*taken[::-1], refused, Event("suggestion_shown", NOW, "c1", {}, "m1")]
        )
        await stores.events.append(other, [Event("suggestion_taken", NOW + timedelta(days=1))])
        kinds = ("suggestion_taken", "suggestion_refused")
        assert await stores.events.read_kinds(shop, kinds, 9) == [taken[3], refused, *taken[2::-1]]
        assert await stores.events.read_kinds(shop, kinds, 2) == [taken[3], refused]
        assert await stores.events.read_kinds(shop, ("reply_sent",), 9) == []
        assert await stores.events.read_kinds(shop, (), 9) == []

    async def test_many_events_of_a_kind_are_read(self, stores: Stores, shop: str) -> None:
        taken = [Event("suggestion_taken", NOW, data={"n": n}) for n in range(1500)]
        await stores.events.append(shop, taken)
        assert await stores.events.read_kinds(shop, ("suggestion_taken",), 20_000) == taken[::-1]

    async def test_events_are_found_by_their_message_in_their_own_shop_alone(
        self, stores: Stores, shop: str, other: str
    ) -> None:
        shown = Event("suggestion_shown", NOW, "c1", {"n": 1}, "m1")
        taken = Event("suggestion_taken", NOW + timedelta(seconds=1), "c1", {}, "m1")
        await stores.events.append(shop, [shown, Event("noted", NOW)])
        await stores.events.append(shop, [taken])
        assert await stores.events.read_message(shop, "m1") == [taken, shown]
        assert await stores.events.read_message(shop, "m2") == []
        assert await stores.events.read_message(shop, "") == []
        assert await stores.events.read_message(other, "m1") == []

    async def test_a_token_opens_what_it_was_made_for(self, stores: Stores, shop: str, other: str) -> None:
        token, grant = await stores.tokens.create_token(
            "店长", [shop, other], may_write=True, expires_at=None
        )
        assert len(token) >= 43
        assert await stores.tokens.find_grant(token) == grant
        assert grant.shops == {shop, other}
        assert grant in await stores.tokens.list_tokens()
        for wrong in (token + "x", token[:-1], "", "\0", "\ud800"):
            assert await stores.tokens.find_grant(wrong) is None

    async def test_revoked_and_expired_tokens_open_nothing(self, stores: Stores, shop: str) -> None:
        token, grant = await stores.tokens.create_token("t", [shop], may_write=False, expires_at=None)
        await stores.tokens.revoke_token(grant.token_id)
        assert await stores.tokens.find_grant(token) is None
        with pytest.raises(NotFound):
            await stores.tokens.revoke_token(grant.token_id)
        old, _ = await stores.tokens.create_token("t", [shop], may_write=False, expires_at=NOW)
        assert await stores.tokens.find_grant(old) is None

    async def test_a_deleted_shop_leaves_nothing_for_a_later_one_of_its_id(
        self, stores: Stores, shop: str
    ) -> None:
        await stores.entries.put_entries(shop, [an_entry()])
        await stores.facts.put_products(shop, [a_product()])
        await stores.facts.put_orders(shop, [an_order("1")])
        await stores.vectors.put_vectors(shop, "f", {"a": np.ones(2, np.float32)})
        await stores.events.append(shop, [Event("message_in", NOW)])
        token, _ = await stores.tokens.create_token("t", [shop], may_write=False, expires_at=None)
        before = (await stores.shops.versions())[shop]
        await stores.shops.delete_shop(shop)
        assert shop not in await stores.shops.versions()
        await stores.shops.put_shop(Shop(shop, "新店"))
        snapshot = await stores.shops.load_snapshot(shop)
        assert (dict(snapshot.entries), dict(snapshot.products)) == ({}, {})
        assert snapshot.version > before
        assert await stores.facts.list_orders(shop, 9) == []
        assert await stores.events.read(shop, 9) == []
        assert await stores.vectors.load_vectors(shop, "f") == {}
        grant = await stores.tokens.find_grant(token)
        assert grant is not None
        assert not grant.shops


async def _hears(watch: AsyncIterator[tuple[str, int]], shop: str, version: int) -> None:
    while await _next_of(watch, shop) < version:
        pass


async def _next_of(watch: AsyncIterator[tuple[str, int]], shop: str) -> int:
    async for changed, version in watch:
        if changed == shop:
            return version
    raise AssertionError("the watcher ended")
