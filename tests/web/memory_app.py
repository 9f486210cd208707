"""The web application over stores in memory: two shops of one trade, and a demo shop, whose words are told apart."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field, fields
from datetime import UTC, datetime
from decimal import Decimal
from ipaddress import ip_network
from typing import Any
from zoneinfo import ZoneInfo

from aiohttp import web
from aiohttp.test_utils import TestClient, TestServer

from bot.bootstrap.channels import all_kinds
from bot.bootstrap.databases import memory_stores
from bot.bootstrap.engine import Engine, Parts, Stores
from bot.bootstrap.worker import chat_services, intake_of, web_services
from bot.nlu.fake import KeywordClassifier
from bot.open_internet import OpenInternet
from bot.ports import Event
from bot.retrieval.fake_embedder import FakeEmbedder
from bot.retrieval.index import FaissEntryIndexes
from bot.retrieval.normaliser import OpenccNormaliser
from bot.retrieval.phrase_matcher import AutomatonMatchers
from bot.services.documents import (
    EntryDocument,
    Loading,
    OrderDocument,
    ProductDocument,
    ShippingDocument,
    ShopDocument,
    to_facts,
)
from bot.storage.memory import Memory
from bot.storage.memory_accounts import MemoryPeople
from bot.web.application import create_app
from tests.unit.fakes.fact_sources import FakeFetcher, FakeFolders

NOW = datetime(2026, 3, 5, 2, 30, tzinfo=UTC)
WORDS = {"tea": "青岚", "lamp": "赤霞", "demo-silk": "白露"}
"""A word of each shop that stands in its name, its replies, its facts, its products and its orders, and nowhere else."""
SUGGESTION = "00000000000000a1-1"
"""The first of two suggestions that every shop has shown, each under the same id."""
ORDERS = {"tea": "2026030500000001", "lamp": "2026030500000002", "demo-silk": "2026030500000003"}


class StandingClock:
    """A clock that is set by hand."""

    def __init__(self, moment: datetime = NOW) -> None:
        self.moment = moment

    def now(self) -> datetime:
        return self.moment


@dataclass
class Served:
    """A running application with what is behind it, and a token for each right."""

    client: TestClient[web.Request, web.Application]
    engine: Engine
    memory: Memory
    clock: StandingClock
    embedder: FakeEmbedder
    classifier: KeywordClassifier
    tokens: dict[str, str] = field(default_factory=dict)

    async def call(
        self, method: str, path: str, *, token: str | None = "tea", json: Any = None, **options: Any
    ) -> tuple[int, Any]:
        """Return status and JSON of a call below /api/v1. `token` names one of `tokens`, or is a text of its own."""
        headers = dict(options.pop("headers", {}))
        if token is not None:
            headers["Authorization"] = f"Bearer {self.tokens.get(token, token)}"
        async with self.client.request(
            method, f"/api/v1{path}", headers=headers, json=json, **options
        ) as response:
            text = await response.text()
            return response.status, await response.json() if text else None


def parts(clock: StandingClock, memory: Memory) -> Parts:
    """Return fakes for everything behind the application."""
    stores = memory_stores(memory, MemoryPeople(), clock)
    return Parts(
        **{field.name: getattr(stores, field.name) for field in fields(stores)},
        embedder=FakeEmbedder(),
        classifier=KeywordClassifier(),
        indexes=FaissEntryIndexes(),
        normaliser=OpenccNormaliser(),
        matchers=AutomatonMatchers(),
        fetcher=FakeFetcher(),
        folders=FakeFolders(),
        channel_kinds=all_kinds(OpenInternet([ip_network("127.0.0.0/8")])),
    )


async def fill(stores: Stores, shop: str, word: str, order_no: str) -> None:
    """Write a shop whose every text holds its word."""
    loading = Loading(stores.clock.now(), ZoneInfo("Asia/Shanghai"), f"{word}表")
    document = ShopDocument(id=shop, name=f"{word}小店", name_en=f"The {shop} shop", colour="#1f6f5c")
    await stores.shops.put_shop(document.to_shop(is_demo=shop.startswith("demo-")))
    product = ProductDocument.model_validate(
        {
            "id": "shirt",
            "title": f"{word}短袖",
            "aliases": ["短袖"],
            "category": "衣服",
            "variants": [{"sku": "shirt-black-l", "options": {"colour": "黑色", "size": "L"}, "stock": 7}],
        }
    )
    await stores.facts.put_products(shop, [product.to_product(loading)])
    rule = ShippingDocument(regions=["*"], courier=f"{word}速运", fee=Decimal(0), days="3天")
    await stores.facts.put_shipping(shop, [rule.to_rule(loading)])
    await stores.facts.put_facts(shop, to_facts({"发货时限": f"{word}48小时内"}, loading))
    order = OrderDocument(
        order_no=order_no,
        status="shipped",
        items=[f"{word}短袖"],
        courier=f"{word}速运",
        tracking_no=f"SF{order_no[:13]}",
        tracking_status=f"已到{word}站",
    )
    await stores.facts.put_orders(shop, [order.to_order(loading)])
    await stores.entries.put_entries(shop, [document.to_entry(loading) for document in entries(word)])


def shown(at: datetime, word: str) -> Event:
    """Return what a shop showed for a message."""
    message = SUGGESTION.partition("-")[0]
    replies = [
        {
            "id": f"{message}-{number}",
            "text": f"{word}{entry}",
            "confidence": 0.5,
            "entries": [[entry, 1, common]],
        }
        for number, (entry, common) in enumerate((("courier", 0.6), ("invoice", 0.2)), start=1)
    ]
    return Event("suggestion_shown", at, "c-1", {"read": True, "suggestions": replies}, message)


def entries(word: str) -> list[EntryDocument]:
    """Return the entries that every shop has, each with its shop's word in the reply."""
    texts = {
        "courier": ("shipping", "ship_courier", "发什么快递", f"{word}发{{快递|普通快递}}"),
        "stock": ("stock", "stock_available", "短袖还有货吗", f"{word}还有{{库存|一些}}件"),
        "invoice": ("invoice", "invoice_can", "可以开发票吗", f"{word}可以开票"),
        "dispatch": ("shipping", "ship_when", "什么时候发货", f"{word}{{发货时限}}发出"),
        "parcel": (
            "logistics",
            "logistics_track",
            "我的快递到哪了",
            f"{word}包裹{{物流状态|在路上}}，{{快递单号|单号稍后}}",
        ),
    }
    return [
        EntryDocument(id=entry_id, group=group, intent=intent, question=question, reply=reply)
        for entry_id, (group, intent, question, reply) in texts.items()
    ]


async def teach_guard(served: Served) -> None:
    """Have the guard read every shop, as it does where people are served: until then each message waits for it."""
    guard = served.engine.workspace.guard
    following = asyncio.create_task(guard.follow())
    assert await guard.become_ready(10.0)
    following.cancel()
    await asyncio.gather(following, return_exceptions=True)


async def serve(*, trusts_caller: bool = False) -> Served:
    """Return the application, running, its shops filled and its tokens made."""
    clock, memory = StandingClock(), Memory()
    made = parts(clock, memory)
    engine = Engine(made)
    for shop in WORDS:
        await fill(made, shop, WORDS[shop], ORDERS[shop])
        await made.events.append(shop, [shown(clock.now(), WORDS[shop])])
    client = TestClient(
        TestServer(
            create_app(
                web_services(engine, trusts_caller=trusts_caller),
                clock,
                None if trusts_caller else chat_services(engine),
                None if trusts_caller else intake_of(engine),
            )
        )
    )
    await engine.start()
    await client.start_server()
    assert isinstance(made.embedder, FakeEmbedder)
    assert isinstance(made.classifier, KeywordClassifier)
    served = Served(client, engine, memory, clock, made.embedder, made.classifier)
    for name, shops, may_write in (
        ("tea", ["tea"], True),
        ("tea-read", ["tea"], False),
        ("lamp", ["lamp"], True),
        ("both", ["tea", "lamp"], True),
        ("nothing", [], True),
    ):
        served.tokens[name], _ = await made.tokens.create_token(
            name, shops, may_write=may_write, expires_at=None
        )
    return served
