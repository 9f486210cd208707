"""What of a demo shop is its alone: the strings that no other shop's buyer may ever read."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from typing import Any

import yaml

from tests.integration.installations import DEMO_SHOPS
from tests.integration.rasa_models import ROOT

_CODES = re.compile(r"\b[A-Z]{3,}[0-9]+\b|\b\d{3}-\d{3}-\d{4}\b|https?://[^\s\"]+|[a-z.-]+\.example\.com")
_VARIABLE = re.compile(r"\{[^{}]*\}")
_LONG_SENTENCE = 10
_TOLD_APART = 4


@dataclass(frozen=True)
class Pack:
    """A demo shop's pack: its raw text and what it says."""

    raw: str
    data: dict[str, Any]


@cache
def pack_of(shop: str) -> Pack:
    raw = (ROOT / "templates" / "demo" / f"{shop}.yml").read_text(encoding="utf-8")
    return Pack(raw, yaml.safe_load(raw))


def belongings(shop: str) -> frozenset[str]:
    """Return names, couriers, times, rules, codes, links, numbers, titles and sentences that the pack holds."""
    pack = pack_of(shop)
    found = {
        *_identity(pack.data),
        *_rules(pack.data),
        *_goods(pack.data),
        *_orders(pack.data),
        *_sentences(pack.data),
    }
    return frozenset(text for text in (*found, *_CODES.findall(pack.raw)) if text)


@cache
def foreign_to(shop: str) -> frozenset[str]:
    """Return what belongs to the other demo shops and stands nowhere in this shop's own pack."""
    others = frozenset[str]().union(*(belongings(other) for other in DEMO_SHOPS if other != shop))
    own = pack_of(shop).raw
    return frozenset(text for text in others if text not in own)


def _identity(data: dict[str, Any]) -> Iterator[str]:
    yield from (data["shop"]["id"], data["shop"]["name"], data["shop"]["name_en"], *data["shop"]["aliases"])


def _rules(data: dict[str, Any]) -> Iterator[str]:
    yield from data["facts"].values()
    for rule in data["shipping"]:
        # People say 顺丰 for 顺丰速运: the name's beginning counts too.
        yield from (rule["courier"], rule["courier"][:2])
        yield from (text for text in (rule["days"], rule.get("note", "")) if len(text) >= _TOLD_APART)


def _goods(data: dict[str, Any]) -> Iterator[str]:
    for product in data["products"]:
        yield from (product["item_id"], product["title"], product["title_en"], product["url"])
        yield from (text for text in map(str, product["attributes"].values()) if len(text) > _TOLD_APART)


def _orders(data: dict[str, Any]) -> Iterator[str]:
    for order in data["orders"]:
        yield from (order["order_no"], order.get("tracking_no", ""), order["buyer_id"])


def _sentences(data: dict[str, Any]) -> Iterator[str]:
    for entry in data["entries"]:
        for text in (entry["reply"], *entry.get("cases", {}).values(), entry.get("fallback", "")):
            yield from (part for part in _VARIABLE.split(text) if len(part) >= _LONG_SENTENCE)
