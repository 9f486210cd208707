"""Fills a data folder with synthetic shops and the vectors of their phrasings, once; later runs find them there."""

from __future__ import annotations

import json
from collections.abc import Sequence
from itertools import islice
from pathlib import Path

import numpy as np

from benchmarks import synthesis
from benchmarks.installation import Installation
from benchmarks.synthesis import SyntheticShop, make_shop, shop_name
from benchmarks.workbench import Say
from bot.bootstrap.engine import Engine, Stores
from bot.bootstrap.platform import Needs, open_platform
from bot.domain.entry import Entry
from bot.ports import Vectors

_MARK = "seeded.json"
_SHOWN_EVERY = 100
_GENERATION = 1
"""Raise it when make_shop makes other shops: folders filled before are filled anew."""


async def seed_shops(installation: Installation, count: int, say: Say) -> list[str]:
    """Return the ids of the first `count` synthetic shops, which the (stopped) installation then holds."""
    names = [shop_name(number) for number in range(count)]
    async with (
        open_platform(installation.settings, Needs(embedder=True), say) as platform,
        platform.engine() as engine,
    ):
        mark = installation.data_dir / _MARK
        done = _seeded(mark, engine.parts.embedder.fingerprint)
        if done < count:
            say(
                f"making {count - done} shops of {synthesis.ENTRIES} entries × {synthesis.PHRASINGS} phrasings (once)…"
            )
            await _seed(engine, mark, done, count, say)
    return names


def _seeded(mark: Path, fingerprint: str) -> int:
    try:
        told = json.loads(mark.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return 0
    same = told.get("generation") == _GENERATION and told.get("fingerprint") == fingerprint
    return int(told["shops"]) if same else 0


def _note(mark: Path, fingerprint: str, shops: int) -> None:
    told = {"generation": _GENERATION, "fingerprint": fingerprint, "shops": shops}
    mark.write_text(json.dumps(told), encoding="utf-8")


async def _seed(engine: Engine, mark: Path, done: int, count: int, say: Say) -> None:
    fingerprint = engine.parts.embedder.fingerprint
    vectors = VectorMaker(engine)
    for number in range(done, count):
        made = make_shop(number)
        await write_shop(engine.parts, made)
        await engine.parts.vectors.put_vectors(made.shop.id, fingerprint, await vectors.of(made.entries))
        if (number + 1) % _SHOWN_EVERY == 0 or number + 1 == count:
            _note(mark, fingerprint, number + 1)
            say(f"  {number + 1} shops")


async def write_shop(stores: Stores, made: SyntheticShop) -> None:
    """Write a synthetic shop in one transaction."""
    shop = made.shop.id
    async with stores.shops.together(shop):
        await stores.shops.put_shop(made.shop)
        await stores.facts.put_facts(shop, made.facts)
        await stores.facts.put_products(shop, made.products, replace=True)
        await stores.entries.put_entries(shop, made.entries, replace=True)


class VectorMaker:
    """Encodes phrasings; alike shops share many, which are encoded once."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._known: dict[str, Vectors] = {}

    async def of(self, entries: Sequence[Entry]) -> dict[str, Vectors]:
        """Return the vector of every phrasing, as the engine folds it before it encodes it."""
        normalise = self._engine.parts.normaliser.normalise
        texts = dict.fromkeys(normalise(text) for entry in entries for text in entry.all_phrasings)
        missing = iter([text for text in texts if text not in self._known])
        while some := list(islice(missing, 500)):
            rows = await self._engine.parts.embedder.encode(some)
            self._known.update(zip(some, np.asarray(rows), strict=True))
        return {text: self._known[text] for text in texts}
