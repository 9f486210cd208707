"""The guard keeps what its benchmark measured: planted facts are caught, and a shop's own replies pass for every product."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace
from typing import Any

import pytest

from benchmarks.guard import GuardBench, read_packs
from benchmarks.guard_plants import plant, spoken_replies
from bot.domain.guard import Verdict
from bot.services.packs import Pack
from bot.services.shop_loading import load_shop

_EVERY = 9


@pytest.fixture(scope="module")
def packs() -> list[Pack]:
    return read_packs("demo")


@pytest.fixture
async def bench(packs: list[Pack]) -> AsyncIterator[GuardBench]:
    held = GuardBench(read_packs("starter"))
    for pack in packs:
        await load_shop(held.shops, held.entries, held.facts, pack)
    await held.start()
    yield held
    await held.close()


async def test_planted_facts_of_other_shops_are_caught_through_their_disguises(
    bench: GuardBench, packs: list[Pack]
) -> None:
    plants = plant(packs, read_packs("starter"))[::_EVERY]
    missed = []
    for each in plants:
        result = await bench.guard.check(each.speaker, each.text, may_name=frozenset({each.owner}))
        if not any(finding.shop == each.owner for finding in result.findings):
            missed.append(each)
    assert len(missed) <= len(plants) // 100, missed


async def test_a_shops_own_replies_pass_whatever_product_and_region_they_speak_of(
    bench: GuardBench, packs: list[Pack]
) -> None:
    for pack in packs:
        assert pack.shop is not None
        for turn in range(max(len(pack.products), len(pack.shipping))):
            turned = replace(
                pack, products=_from(pack.products, turn), shipping=_from(pack.shipping, turn),
                entries=tuple(replace(entry, scope=type(entry.scope)()) for entry in pack.entries),
            )  # fmt: skip
            for text in spoken_replies(turned):
                result = await bench.guard.check(pack.shop.id, text)
                assert (text, result.verdict, result.findings) == (text, Verdict.PASS, ())


def _from(things: tuple[Any, ...], start: int) -> tuple[Any, ...]:
    start %= len(things)
    return (*things[start:], *things[:start])
