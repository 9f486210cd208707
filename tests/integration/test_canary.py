"""The canary: 100 shops with alike entries, each with a secret word, 20,000 messages; no word is heard elsewhere."""

from __future__ import annotations

import asyncio
import json
import random
import re
import string
from collections import Counter
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np
import pytest

from bot.bootstrap.engine import Engine, Parts
from bot.domain.conversation import Turn
from bot.domain.entry import Entry
from bot.domain.facts import Fact, Order, Product, ShippingRule, Variant
from bot.domain.shop import Shop
from bot.services.documents import Loading, to_facts
from bot.services.rendering import result_data
from bot.services.suggesting import SuggestionRequest
from bot.storage.database import Database
from tests.integration.engines import real_parts

SHOPS = 100
QUERIES = 20_000
AT_ONCE = 50
SEED = 20260305
WORD = re.compile(r"canary[a-z]{8}")
NOW = datetime(2026, 3, 5, 2, 30, tzinfo=UTC)

ENTRIES = (
    ("courier", "shipping", "ship_courier", "发什么快递", "W发{快递|普通快递}"),
    ("when", "shipping", "ship_when", "什么时候发货", "W{发货时限}发出"),
    ("fee", "shipping", "ship_fee", "到新疆要运费吗", "W运费{运费|请稍等}元"),
    ("stock", "stock", "stock_available", "短袖还有货吗", "W{商品|这款}还有{库存|一些}件"),
    ("restock", "stock", "stock_restock", "什么时候补货", "W{补货日期|到货会通知您}"),
    ("invoice", "invoice", "invoice_can", "可以开发票吗", "W可开{发票类型|发票}"),
    ("parcel", "logistics", "logistics_track", "我的快递到哪了", "W{物流状态|在路上}，{快递单号|单号稍后}"),
    ("return", "return_refund", "return_how", "怎么退货", "W寄到{退货地址|店里}"),
    ("gift", "price_promo", "gift", "有什么赠品", "W送{赠品|小礼物}"),
    ("coupon", "price_promo", "coupon", "有优惠券吗", "W领{优惠券|券}"),
)
FACTS = ("发货时限", "发票类型", "退货地址", "赠品", "优惠券")
MESSAGES = (
    "发什么快递", "发顺丰吗", "亲，什么时候发货呀", "今天能发吗", "到新疆要运费吗", "包邮吗", "短袖还有货吗", "黑色L码还有货吗什么时候发",
    "短袖白色的有吗", "什么时候补货", "可以开发票吗", "能开专票吗，发什么快递", "我的快递到哪了", "怎么退货", "退货运费谁出", "有什么赠品",
    "有优惠券吗", "便宜点呗", "嗯嗯好的", "在吗", "which courier do you use", "is the black T-shirt in stock", "L码呢", "还有别的颜色吗",
)  # fmt: skip


def secret_words(count: int) -> list[str]:
    """Return words that no text holds by chance."""
    chance = random.Random(SEED)
    return ["canary" + "".join(chance.choices(string.ascii_lowercase, k=8)) for _ in range(count)]


async def fill(parts: Parts, shop: str, word: str, order_no: str) -> None:
    """Write a shop that is like all others but for its word, which stands in every reply and every fact."""
    loading = Loading(NOW, ZoneInfo("Asia/Shanghai"), f"{word}-table")
    variants = [
        Variant(f"shirt-{colour}", {"colour": colour, "size": "L"}, stock, None, Decimal(99))
        for colour, stock in (("黑色", 7), ("白色", 0))
    ]
    shirt = Product(
        "shirt", f"短袖{word}", tuple(variants), loading.source, NOW, NOW, aliases=("短袖", "T-shirt")
    )
    facts: list[Fact] = to_facts(dict.fromkeys(FACTS, f"{word}事实"), loading)
    order = Order(order_no, "shipped", (f"短袖{word}",), loading.source, NOW, courier=word, tracking_no="SF1234567890123",
                  tracking_status=f"已到{word}站")  # fmt: skip
    await parts.shops.put_shop(Shop(shop, f"{word}小店"))
    await parts.facts.put_products(shop, [shirt])
    await parts.facts.put_shipping(
        shop, [ShippingRule(("*",), word, Decimal(8), None, "3天", loading.source, NOW)]
    )
    await parts.facts.put_facts(shop, facts)
    await parts.facts.put_orders(shop, [order])
    await parts.entries.put_entries(shop, [an_entry(word, *texts) for texts in ENTRIES])


def an_entry(word: str, entry_id: str, group: str, intent: str, question: str, reply: str) -> Entry:
    """Return one of the entries that all shops have."""
    phrasings = (f"请问{question}", f"{question}呀亲", f"想知道{question}")
    return Entry(
        entry_id, group, question, reply.replace("W", word, 1), phrasings, intent, fallback=f"{word}稍等"
    )


def requests(shops: list[str], orders: list[str]) -> list[SuggestionRequest]:
    """Return messages over Zipf-distributed shops; some name an order of any shop, some lean on a conversation."""
    chance = np.random.default_rng(SEED)
    shares = 1 / np.arange(1, len(shops) + 1)
    drawn = chance.choice(len(shops), QUERIES, p=shares / shares.sum())
    made = []
    for number, place in enumerate(drawn):
        text = MESSAGES[int(chance.integers(len(MESSAGES)))]
        history: tuple[Turn, ...] = ()
        if number % 10 == 0:
            text = f"{orders[int(chance.integers(len(orders)))]} {text}"
        if number % 4 == 0:
            earlier = MESSAGES[int(chance.integers(len(MESSAGES)))]
            history = (Turn("buyer", earlier), Turn("agent", "稍等"))
        made.append(SuggestionRequest(shops[place], text, history, conversation=f"c-{number % 50}"))
    return made


@pytest.mark.timeout(240)
async def test_no_shops_secret_word_is_heard_in_another(database: Database) -> None:
    parts = real_parts(database)
    words = {f"canary-{number:03}": word for number, word in enumerate(secret_words(SHOPS))}
    orders = [f"20260305{number:08}" for number in range(SHOPS)]
    for (shop, word), order_no in zip(words.items(), orders, strict=True):
        await fill(parts, shop, word, order_no)
    # Fewer shops are kept than are asked, so that shops leave memory and come again.
    engine = Engine(parts, shop_capacity=SHOPS - 3)
    await engine.start()
    heard: Counter[str] = Counter()
    answered = 0

    async def ask(request: SuggestionRequest) -> None:
        nonlocal answered
        answer: dict[str, Any] = result_data(await engine.suggester.suggest(request))
        assert answer["shop"] == request.shop
        found = set(WORD.findall(json.dumps(answer, ensure_ascii=False)))
        assert found <= {words[request.shop]}, f"{request.shop} was answered with words of another shop"
        heard[request.shop] += len(found)
        answered += 1

    asked = requests(list(words), orders)
    for start in range(0, QUERIES, AT_ONCE):
        await asyncio.gather(*(ask(request) for request in asked[start : start + AT_ONCE]))
    await engine.close()
    assert answered == QUERIES
    assert len(heard) == SHOPS
    assert min(heard.values()) > 0
    assert sum(heard.values()) > QUERIES // 2
    for shop in random.Random(SEED).sample(list(words), 10):
        kept = str(await parts.events.read(shop, 1000)) + str(await parts.shops.load_snapshot(shop))
        assert set(WORD.findall(kept)) == {words[shop]}
