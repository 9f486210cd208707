"""Synthetic shops that are alike: drawn from one stock of products and our own training phrasings, always the same for a
seed, and questions that their buyers might ask, no two of them the same."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from functools import cache
from itertools import product
from random import Random

from bot.domain.entry import Entry
from bot.domain.facts import Fact, Product, Variant
from bot.domain.intents import INTENT_GROUP, SILENT_INTENTS
from bot.domain.shop import Shop
from bot.nlu.training_data import read_phrasings
from bot.settings import PROJECT_ROOT

ENTRIES = 200
PHRASINGS = 5
_PRODUCTS = 20
_LONGEST = 24
_KINDS = (
    "卫衣", "衬衫", "连衣裙", "牛仔裤", "羽绒服", "运动鞋", "背包", "保温杯", "床单", "枕头",
    "坚果", "牛肉干", "绿茶", "咖啡", "蜂蜜", "充电宝", "耳机", "台灯", "键盘", "面霜",
)  # fmt: skip
_MAKES = (
    "云朵", "青山", "简约", "复古", "轻薄", "加厚", "儿童", "男士", "女士", "旅行",
    "家用", "礼盒",
)  # fmt: skip
_COLOURS = ["黑色", "白色", "米色", "灰色", "蓝色", "粉色"]
_SIZES = ["S", "M", "L", "XL"]
_REPLIES = (
    "{称呼|亲}，{title}今天有货，{发货时限|48小时内}发出，走{可选快递|中通}",
    "{title}的话{发货时限|48小时内}从{发货地|杭州}发出哦，{可选快递|中通}配送",
    "亲，{title}支持{发票类型|电子普通发票}，{开票时限|收货后7天内}开好",
    "{title}这款您可以放心，有问题{退货期限|7天}内都能退换",
)


@dataclass(frozen=True, slots=True)
class SyntheticShop:
    """A shop with all that it holds."""

    shop: Shop
    facts: tuple[Fact, ...]
    products: tuple[Product, ...]
    entries: tuple[Entry, ...]


def shop_name(number: int) -> str:
    """Return the id of a synthetic shop."""
    return f"bench-{number:05d}"


def make_shop(number: int) -> SyntheticShop:
    """Return shop `number`: 200 entries of five phrasings, 20 products of four variants, its own couriers and times."""
    random = Random(f"shop {number}")
    titles = random.sample(_titles(), _PRODUCTS)
    name = f"测速{number}号店"
    return SyntheticShop(
        Shop(shop_name(number), name, languages=("zh",)),
        _facts(random),
        tuple(_product(title, random) for title in titles),
        tuple(_entries(titles, name, random)),
    )


def questions(number: int, seed: str = "") -> Iterator[str]:
    """Yield what buyers of shop `number` ask, without end and without repetition."""
    random = Random(f"questions {number} {seed}")
    titles = Random(f"shop {number}").sample(_titles(), _PRODUCTS)
    pool = [text for texts in _phrases().values() for text in texts]
    seen: set[str] = set()
    while True:
        text = random.choice(pool)
        asked = random.choice(
            (f"{random.choice(titles)}{text}", f"{text} {random.choice(_COLOURS)}{random.choice(_SIZES)}的",
             f"{random.choice(_COLOURS)}{random.choice(titles)}{text}")
        )  # fmt: skip
        if asked not in seen:
            seen.add(asked)
            yield asked


@cache
def _titles() -> tuple[str, ...]:
    return tuple(make + kind for make, kind in product(_MAKES, _KINDS))


@cache
def _phrases() -> dict[str, tuple[str, ...]]:
    """Return short phrasings by intent, of the intents that entries answer."""
    found: defaultdict[str, list[str]] = defaultdict(list)
    for phrasing in read_phrasings(PROJECT_ROOT / "intents" / "nlu"):
        text = phrasing.text.strip()
        if phrasing.intent not in SILENT_INTENTS and 2 < len(text) <= _LONGEST and not text.isascii():
            found[phrasing.intent].append(text)
    return {intent: tuple(dict.fromkeys(texts)) for intent, texts in found.items() if len(texts) >= PHRASINGS}


@cache
def _texts_of(title: str, intent: str) -> tuple[str, ...]:
    """Return five phrasings about a product, the same in every shop that sells it, as starter packs make it."""
    chosen = Random(f"{title} {intent}").sample(_phrases()[intent], PHRASINGS)
    return tuple(f"{title}{text}" for text in chosen)


def _entries(titles: list[str], name: str, random: Random) -> Iterator[Entry]:
    intents = sorted(_phrases())
    for place, title in enumerate(titles):
        for intent in random.sample(intents, ENTRIES // _PRODUCTS):
            question, *phrasings = _texts_of(title, intent)
            reply = f"（{name}）" + random.choice(_REPLIES).replace("{title}", title)
            yield Entry(
                f"e{place:02d}-{intent.replace('_', '-')}",
                INTENT_GROUP[intent],
                question,
                reply,
                tuple(phrasings),
                intent,
            )


def _facts(random: Random) -> tuple[Fact, ...]:
    now = datetime.now(UTC)
    values = {
        ("dispatch_time", "shipping"): random.choice(("24小时内", "48小时内", "72小时内")),
        ("couriers", "shipping"): random.choice(("中通", "圆通", "顺丰", "韵达")),
        ("origin", "shipping"): random.choice(("杭州", "广州", "成都", "武汉")),
        ("invoice_types", "invoice"): random.choice(("电子普通发票", "纸质普通发票")),
        ("return_days", "returns"): random.choice(("7天", "10天", "15天")),
    }
    return tuple(Fact(name, value, kind, "bench", now) for (name, kind), value in values.items())


def _product(title: str, random: Random) -> Product:
    now = datetime.now(UTC)
    number = str(random.randrange(10**11, 10**12))
    variants = tuple(
        Variant(f"{number}-{place}", {"colour": colour, "size": size}, random.randrange(0, 200))
        for place, (colour, size) in enumerate(random.sample(list(product(_COLOURS, _SIZES)), 4))
    )
    return Product(
        number, title, variants, "bench", now, now, item_id=number, price=Decimal(random.randrange(20, 400)),
        attributes={"material": random.choice(("棉", "涤纶", "不锈钢", "实木"))},
    )  # fmt: skip
