"""Shops in memory with a guard over them."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from bot.domain.entry import Entry
from bot.domain.service_policy import ServicePolicy
from bot.retrieval.normaliser import OpenccNormaliser
from bot.retrieval.phrase_matcher import AutomatonMatchers
from bot.services.guarding import Guard
from tests.unit.fakes.counter import Counter

CLOUD = """
kuaihui: 1
shop: {id: cloud, name: 云朵优选, name_en: Cloud Select, aliases: [云朵店]}
facts: {称呼: 亲, 客服电话: 400-000-2202, 优惠券: 满199减20券，券码DUOXUAN20, 退货地址: 广东省东莞市虎门镇朵选路66号退货中心, 发货地: 东莞}
shipping: [{regions: ["*"], courier: 顺丰速运, fee: 8, days: 次日}]
products:
  - {id: tee, title: 云感纯棉圆领短袖, item_id: "846700559901", url: "https://m.cloud.example.com/g/846700559901", aliases: [短袖],
     variants: [{sku: tee-l, stock: 1, options: {size: L}}]}
orders: [{order_no: "2026030500000001", status: shipped, tracking_no: SF1350000007919}]
entries:
  - {id: a, group: other, question: 问, reply: "{称呼}，退换都由顺丰免费上门取件，来回运费小店承担。放心拍"}
  - {id: b, group: other, question: 问问, reply: "{称呼}，您的运单{快递单号}当前状态：{物流状态}"}
  - {id: c, group: other, question: 问问问, reply: "亲，麻烦您提供一下订单号我帮您查"}
"""
HILL = """
kuaihui: 1
shop: {id: hill, name: 山间小屋, aliases: [山间家, 小铺]}
facts: {称呼: 亲, 客服电话: 400-000-3303}
shipping: [{regions: ["*"], courier: 圆通, fee: 8}]
products: [{id: tee, title: 山间亚麻短袖衬衫, item_id: "612001334501", aliases: [短袖], variants: [{sku: tee-l, stock: 1}]}]
orders: [{order_no: "2026030500000002", status: paid}]
entries:
  - {id: a, group: other, question: 问, reply: 您好，本屋所有衬衫都是手工缝制的呢}
  - {id: c, group: other, question: 问问问, reply: "亲，麻烦您提供一下订单号我帮您查"}
"""


class GuardedShops:
    """Two shops, `cloud` and `hill`, their policies, and the guard that knows them once `known` returned."""

    def __init__(self, common: tuple[Entry, ...] = ()) -> None:
        self.counter = Counter()
        self.policies: dict[str, ServicePolicy] = {}
        self.guard = Guard(
            self.counter.shops, self.counter.facts, self.policy, AutomatonMatchers(), OpenccNormaliser(),
            common=common, settle=0,
        )  # fmt: skip

    async def policy(self, shop: str) -> ServicePolicy:
        return self.policies.get(shop, ServicePolicy())

    async def known(self) -> None:
        """Return when the guard is ready."""
        async with asyncio.timeout(20):
            while self.guard.state != "ready":  # noqa: ASYNC110 - it says so in no other way
                await asyncio.sleep(0)


@asynccontextmanager
async def guarded_shops(*, common: tuple[Entry, ...] = ()) -> AsyncIterator[GuardedShops]:
    """Yield the two shops with a guard that follows them."""
    held = GuardedShops(common)
    for text in (CLOUD, HILL):
        await held.counter.open_shop(text)
    following = asyncio.create_task(held.guard.follow())
    try:
        await held.known()
        yield held
    finally:
        following.cancel()
        await asyncio.gather(following, return_exceptions=True)
