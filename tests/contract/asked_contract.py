"""What every AskedStore must do: inherited by the tests of the one in memory and the one in PostgreSQL."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import timedelta

import pytest

from bot.domain.asked import SetAside, key_of
from bot.domain.shop import Shop
from bot.ports import NotFound, ShopStore
from bot.ports.asked import AskedStore
from tests.contract.store_contract import NOW, unused_id

ENGRAVING = SetAside(key_of("能刻字吗"), "", "能刻字吗", NOW, "a1")
UNWANTED = SetAside(key_of("在吗", "courier"), "courier", "", NOW + timedelta(minutes=1), "a1")


@dataclass(frozen=True)
class AskedStores:
    """An AskedStore and the shops that it stands on."""

    shops: ShopStore
    asked: AskedStore

    async def shop(self) -> str:
        shop = unused_id()
        await self.shops.put_shop(Shop(shop, "店"))
        return shop


class AskedContract:
    async def test_what_is_put_aside_is_listed_newest_first_and_once(self, stores: AskedStores) -> None:
        shop = await stores.shop()
        await stores.asked.put_aside(shop, [ENGRAVING, UNWANTED, ENGRAVING])
        await stores.asked.put_aside(shop, [replace(ENGRAVING, at=NOW + timedelta(days=1))])
        await stores.asked.put_aside(shop, [])
        assert await stores.asked.list_aside(shop) == [UNWANTED, ENGRAVING]

    async def test_what_is_taken_back_is_gone(self, stores: AskedStores) -> None:
        shop = await stores.shop()
        await stores.asked.put_aside(shop, [ENGRAVING, UNWANTED])
        await stores.asked.take_back(shop, ENGRAVING.key)
        assert await stores.asked.list_aside(shop) == [UNWANTED]
        with pytest.raises(NotFound):
            await stores.asked.take_back(shop, ENGRAVING.key)

    async def test_each_shop_has_its_own_and_it_goes_with_the_shop(self, stores: AskedStores) -> None:
        shop, other = await stores.shop(), await stores.shop()
        await stores.asked.put_aside(shop, [ENGRAVING])
        assert await stores.asked.list_aside(other) == []
        with pytest.raises(NotFound):
            await stores.asked.take_back(other, ENGRAVING.key)
        with pytest.raises(NotFound):
            await stores.asked.put_aside(unused_id(), [ENGRAVING])
        await stores.shops.delete_shop(shop)
        await stores.shops.put_shop(Shop(shop, "店"))
        assert await stores.asked.list_aside(shop) == []
