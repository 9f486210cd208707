"""What every FactSourceStore must do: inherited by the tests of the one in memory and the one in PostgreSQL."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import timedelta

import pytest

from bot.domain.fact_sources import FactSource, SourceState
from bot.domain.shop import Shop
from bot.ports import NotFound, ShopStore
from bot.ports.fact_sources import DueSource, FactSourceStore
from tests.contract.store_contract import NOW, unused_id

HOUR = timedelta(hours=1)
AN_ERP = FactSource(
    "erp",
    "仓库",
    "stock",
    "http",
    HOUR,
    columns={"sku": "goods.code", "stock": "qty"},
    rows_path="data[*]",
    url="https://erp.example/stock",
    headers={"Accept": "application/json"},
    secret_headers=("Authorization",),
)
SECRETS = {"Authorization": "Bearer 钥匙"}
STATE = SourceState(NOW, NOW, NOW, NOW, "", "sku z", 3, 1, 0, '"a"', "yesterday", {"库存.csv": "1-2-3"})


@dataclass(frozen=True)
class Sources:
    """A FactSourceStore and the shops that it is for."""

    shops: ShopStore
    store: FactSourceStore
    made: list[str] = field(default_factory=list)

    async def shop(self) -> str:
        shop = f"source-{unused_id()}"
        await self.shops.put_shop(Shop(shop, f"店{shop}"))
        self.made.append(shop)
        return shop

    async def due_of(self, shop: str, at: object, *busy: str) -> list[DueSource]:
        """Claim what is due, for this shop's part of it."""
        found = await self.store.claim_due(at, 10_000, busy)  # type: ignore[arg-type]
        return [each for each in found if each.shop == shop]


class SourceContract:
    async def test_a_source_is_kept_as_it_was_written_and_its_secrets_apart(self, sources: Sources) -> None:
        shop = await sources.shop()
        await sources.store.put_source(shop, AN_ERP, SECRETS, STATE, NOW)
        kept = await sources.store.get_source(shop, "erp")
        assert (kept.source, kept.state, kept.made_at, kept.revision) == (AN_ERP, STATE, NOW, 1)
        assert await sources.store.list_sources(shop) == [kept]
        assert "钥匙" not in repr(kept)
        assert await sources.store.get_secrets(shop, "erp") == SECRETS
        assert await sources.store.get_secrets(shop, "none") == {}

    async def test_what_is_of_another_shop_is_not_there(self, sources: Sources) -> None:
        mine, theirs = await sources.shop(), await sources.shop()
        await sources.store.put_source(theirs, AN_ERP, SECRETS, STATE, NOW)
        assert await sources.store.list_sources(mine) == []
        assert await sources.store.get_secrets(mine, "erp") == {}
        for refused in (
            sources.store.get_source(mine, "erp"),
            sources.store.delete_source(mine, "erp"),
            sources.store.ask_for(mine, "erp", NOW),
        ):
            with pytest.raises(NotFound):
                await refused
        await sources.store.write_state(mine, "erp", 1, SourceState(error="x"))
        assert (await sources.store.get_source(theirs, "erp")).state == STATE

    async def test_a_source_needs_a_shop(self, sources: Sources) -> None:
        with pytest.raises(NotFound):
            await sources.store.put_source(f"no-{unused_id()}", AN_ERP, {}, STATE, NOW)

    async def test_a_change_makes_it_due_and_old_news_of_it_void(self, sources: Sources) -> None:
        shop = await sources.shop()
        await sources.store.put_source(shop, AN_ERP, {}, STATE, NOW)
        await sources.store.put_source(shop, replace(AN_ERP, name="新"), {}, STATE, NOW + HOUR)
        kept = await sources.store.get_source(shop, "erp")
        assert (kept.source.name, kept.made_at, kept.revision) == ("新", NOW, 2)
        await sources.store.write_state(shop, "erp", 1, SourceState(error="of the first"))
        assert (await sources.store.get_source(shop, "erp")).state == STATE
        await sources.store.write_state(shop, "erp", 2, SourceState(error="of the second"))
        assert (await sources.store.get_source(shop, "erp")).state.error == "of the second"

    async def test_one_worker_gets_what_is_due_one_source_of_a_shop_at_a_time(self, sources: Sources) -> None:
        shop = await sources.shop()
        for name in ("a", "b"):
            await sources.store.put_source(shop, replace(AN_ERP, id=name), {}, STATE, NOW)
        assert await sources.due_of(shop, NOW, shop) == []
        [first] = await sources.due_of(shop, NOW)
        [second] = await sources.due_of(shop, NOW)
        assert {first.id, second.id} == {"a", "b"}
        assert await sources.due_of(shop, NOW) == []
        await sources.store.look_again(first, NOW + HOUR)
        assert await sources.due_of(shop, NOW + timedelta(minutes=5)) == []
        # The other was claimed by a worker that died.
        [again] = await sources.due_of(shop, second.until)
        assert again.id == second.id
        await sources.store.look_again(again, NOW + 2 * HOUR)
        assert [each.id for each in await sources.due_of(shop, NOW + HOUR)] == [first.id]

    async def test_what_is_asked_for_meanwhile_is_not_put_off(self, sources: Sources) -> None:
        shop = await sources.shop()
        await sources.store.put_source(shop, AN_ERP, {}, STATE, NOW)
        [claimed] = await sources.due_of(shop, NOW)
        await sources.store.ask_for(shop, "erp", NOW)
        await sources.store.look_again(claimed, NOW + HOUR)
        assert len(await sources.due_of(shop, NOW)) == 1

    async def test_what_is_switched_off_or_gone_is_never_due(self, sources: Sources) -> None:
        shop = await sources.shop()
        await sources.store.put_source(shop, AN_ERP, SECRETS, STATE, NOW)
        await sources.store.put_source(shop, replace(AN_ERP, enabled=False), SECRETS, STATE, NOW)
        assert await sources.due_of(shop, NOW + HOUR) == []
        with pytest.raises(NotFound):
            await sources.store.ask_for(shop, "erp", NOW)
        await sources.store.put_source(shop, AN_ERP, SECRETS, STATE, NOW)
        await sources.store.delete_source(shop, "erp")
        assert await sources.due_of(shop, NOW + HOUR) == []
        assert await sources.store.get_secrets(shop, "erp") == {}
