"""Foreign facts planted into texts spoken for another shop: what the guard is measured on.

The list is made from the demo shops' packs, not from what the guard looks for, and was fixed before the guard was tuned:
every name, alias, title, item id, link, phone, coupon code, return address and whole reply sentence, in the disguises that
people use, in sentences such as agents write. A fact that the speaking shop says too is nobody's alone and is left out, and
so is a sentence of fewer than ten letters. One mistake was mended later: postage is each shop's own, not the same made-up sum.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from random import Random
from typing import Final

import opencc

from bot.domain.entry import Entry
from bot.domain.facts import Product
from bot.domain.resolving import money
from bot.domain.template import TemplateError, parse_template
from bot.domain.variables import Variable
from bot.services.packs import Pack

_CARRIERS: Final = (
    "{}",
    "亲，{}哦",
    "您好，{}",
    "好的亲 {} 您看一下呢",
    "亲亲，这边帮您查到了：{}",
    "不好意思久等了，{}，有问题随时联系",
    "在的呢～{}",
    "{} 亲可以先收藏一下",
    "麻烦您核对一下\n{}\n没问题的话今天安排发出",
    "嗯嗯{}亲",
    "亲这款没有货了呢，可以看看{}，也很不错的",
    "Hi, {} thank you!",
)
_SENTENCE_END: Final = re.compile(r"[。！？!?；;\n]+")
_LETTERS: Final = re.compile(r"[\W_]+")
_CHINESE_DIGITS: Final = str.maketrans("0123456789", "零一二三四五六七八九")
_WIDE: Final = str.maketrans({chr(c): chr(c + 0xFEE0) for c in range(0x21, 0x7F)})
_CIRCLED: Final = str.maketrans("123456789", "①②③④⑤⑥⑦⑧⑨")

Disguise = Callable[[str], str]


@dataclass(frozen=True, slots=True)
class Fact:
    """Something that one shop says of itself."""

    kind: str
    text: str


@dataclass(frozen=True, slots=True)
class Plant:
    """A text spoken for `speaker` that holds a fact of `owner`."""

    speaker: str
    owner: str
    kind: str
    disguise: str
    text: str


def letters_of(text: str) -> str:
    """Return the text as facts are compared here."""
    return _LETTERS.sub("", text.lower())


def facts_of(pack: Pack) -> list[Fact]:
    """Return everything in the pack that must not be said for another shop."""
    assert pack.shop is not None
    found = [Fact("name", name) for name in (pack.shop.name, pack.shop.name_en, *pack.shop.aliases) if name]
    for product in pack.products:
        found += [Fact("title", title) for title in (product.title, product.title_en) if title]
        found += [Fact("item id", product.item_id), Fact("link", product.url)]
    for fact in pack.facts:
        if fact.name == "phone":
            found.append(Fact("phone", fact.value))
        if fact.name == "coupon":
            found += [Fact("coupon code", code) for code in re.findall(r"[A-Z]{2,}[A-Z0-9]*\d", fact.value)]
        if fact.name == "return_address":
            found.append(Fact("address", fact.value))
    found += [Fact("sentence", sentence) for sentence in sentences_of(pack)]
    return list(dict.fromkeys(found))


def sentences_of(pack: Pack) -> Iterator[str]:
    """Yield the whole sentences of the pack's replies as they are said, with their variables filled."""
    for text in spoken_replies(pack):
        for sentence in _SENTENCE_END.split(text):
            if len(letters_of(sentence)) >= (30 if sentence.isascii() else 10):
                yield sentence.strip()


def spoken_replies(pack: Pack) -> Iterator[str]:
    """Yield every reply, case and fallback of the pack with its variables filled by facts of the shop."""
    products = {product.id: product for product in pack.products}
    for entry in pack.entries:
        scoped = [products[i] for i in entry.scope.products if i in products]
        scoped += [p for p in pack.products if p.category in entry.scope.categories]
        for template in (entry.reply, entry.fallback, *entry.cases.values()):
            if (text := _said(template, pack, entry, (scoped or list(pack.products))[0])) is not None:
                yield text


def _said(template: str, pack: Pack, entry: Entry, product: Product) -> str | None:
    if not template:
        return None
    try:
        return parse_template(template).fill(lambda variable: _value(variable, pack, product))
    except TemplateError:
        return None


def _value(variable: Variable, pack: Pack, product: Product) -> str | None:
    assert pack.shop is not None
    rule = pack.shipping[0]
    order = pack.orders[0]
    values = {fact.name: fact.value for fact in pack.facts} | dict(product.attributes)
    values |= {
        "shop_name": pack.shop.name, "product": product.title, "product_url": product.url, "price": str(product.price),
        "variant": product.variants[0].label, "stock": "12", "restock_date": "3月15日", "courier": rule.courier,
        "available_variants": "、".join(v.label for v in product.variants[:3]), "matching_products": product.title,
        "region": rule.regions[0],
        "shipping_fee": money(rule.fee or Decimal(0)),
        "free_shipping": f"满{money(rule.free_from)}元包邮" if rule.free_from else "全场包邮", "delivery_days": rule.days,
        "order_no": order.order_no, "tracking_no": order.tracking_no or "75300000007919", "eta": "3月14日",
        "order_status": "已发货", "tracking_status": "已到达转运中心", "shipped_at": "3月10日", "ship_by": "3月12日",
    }  # fmt: skip
    return values.get(variable.name)


def plant(packs: Sequence[Pack], common: Sequence[Pack], seed: int = 5) -> list[Plant]:
    """Return the plants: every foreign fact for every speaker, plain and in each disguise of its kind."""
    random = Random(seed)
    disguises = _disguises()
    said = {_id(pack): _everything(pack) for pack in packs}
    starters = "\n".join(
        letters_of(t) for pack in common for e in pack.entries for t in (e.reply, *e.cases.values())
    )
    plants: list[Plant] = []
    for owner in packs:
        for fact in facts_of(owner):
            users = [shop for shop, texts in said.items() if letters_of(fact.text) in texts]
            if len(users) > 1 or letters_of(fact.text) in starters:
                continue
            for speaker in packs:
                if speaker is owner:
                    continue
                for name, disguise in disguises[fact.kind].items():
                    carrier = random.choice(_CARRIERS)
                    plants.append(
                        Plant(_id(speaker), _id(owner), fact.kind, name, carrier.format(disguise(fact.text)))
                    )
    return plants


def _id(pack: Pack) -> str:
    assert pack.shop is not None
    return pack.shop.id


def _everything(pack: Pack) -> str:
    assert pack.shop is not None
    texts = [pack.shop.name, pack.shop.name_en, *pack.shop.aliases, *spoken_replies(pack)]
    texts += [fact.value for fact in pack.facts]
    for product in pack.products:
        texts += [product.title, product.title_en, *product.aliases, product.item_id, product.url]
        texts += product.attributes.values()
    return "\n".join(map(letters_of, texts))


def _disguises() -> dict[str, dict[str, Disguise]]:
    traditional = opencc.OpenCC("s2t")
    common: dict[str, Disguise] = {
        "plain": str,
        "spaces": " ".join,
        "zero width": "\u200b".join,
        "full width": lambda text: text.translate(_WIDE),
        "upper case": str.upper,
    }
    words: dict[str, Disguise] = common | {
        "traditional": lambda text: str(traditional.convert(text)),
        "dots": ".".join,
        "emoji between": "🌸".join,
        "in quotes": lambda text: f"「{text}」",
        "one dash": lambda text: f"{text[:2]}-{text[2:]}",
    }
    numbers: dict[str, Disguise] = {
        name: common[name] for name in ("plain", "spaces", "zero width", "full width")
    } | {
        "Chinese digits": lambda text: text.translate(_CHINESE_DIGITS),
        "circled": lambda text: text.translate(_CIRCLED),
        "dashes": lambda text: _grouped(text, "-"),
        "groups": lambda text: _grouped(text, " "),
        "dots": lambda text: ".".join(filter(str.isdigit, text)),
        "first digits apart": lambda text: f"{text[0]} {text[1]} {text[2:]}",
        "glued": lambda text: f"拍这个{text}的",
    }
    sentences: dict[str, Disguise] = {
        "plain": str,
        "without marks": lambda text: re.sub(r"[，,、：:。！]", "", text),
        "spaces for marks": lambda text: re.sub(r"[，,、：:]", " ", text),
        "traditional": lambda text: str(traditional.convert(text)),
        "an emoji": lambda text: f"{text[:6]}😊{text[6:]}",
        "~": lambda text: re.sub(r"[，,]", "~", text),
    }
    links: dict[str, Disguise] = {
        "plain": str,
        "without scheme": lambda text: text.partition("://")[2],
        "upper case": str.upper,
        "spaced dots": lambda text: text.replace(".", " . "),
        "full width": lambda text: text.translate(_WIDE),
    }
    return {
        "name": words, "title": words, "coupon code": common | {"dashes": "-".join, "in quotes": words["in quotes"]},
        "item id": numbers, "phone": numbers, "link": links, "address": sentences, "sentence": sentences,
    }  # fmt: skip


def _grouped(text: str, mark: str) -> str:
    digits = "".join(filter(str.isdigit, text))
    return mark.join((digits[:3], digits[3:7], digits[7:]))
