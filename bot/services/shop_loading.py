"""Loading a pack into its shop: everything or nothing."""

from __future__ import annotations

from bot.ports import EntryStore, FactStore, ShopStore
from bot.services.packs import Pack


async def load_shop(
    shops: ShopStore, entries: EntryStore, facts: FactStore, pack: Pack, *, replace: bool = True
) -> str:
    """Write the pack's shop with all that it holds, in one transaction, and return its id.

    With `replace` what the shop has beyond the pack goes. Raises ValueError for a starter pack, Conflict.
    """
    if pack.shop is None:
        raise ValueError(
            "a starter pack has no shop of its own: import it into one with `kuaihui import --shop`"
        )
    shop = pack.shop.id
    async with shops.together(shop):
        await shops.put_shop(pack.shop)
        await facts.put_facts(shop, pack.facts, replace=replace)
        if pack.shipping:
            await facts.put_shipping(shop, pack.shipping)
        await facts.put_products(shop, pack.products, replace=replace)
        await facts.put_orders(shop, pack.orders)
        await entries.put_entries(shop, pack.entries, replace=replace)
    return shop
