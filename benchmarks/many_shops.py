"""A thousand alike shops in two workers against one shop: speed under Zipf-distributed traffic, first messages, memory."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from itertools import accumulate
from random import Random

from benchmarks.connections import Connection
from benchmarks.figures import Figure, Report, circumstances, median, percentile
from benchmarks.installation import Installation, serving
from benchmarks.seeding import seed_shops
from benchmarks.synthesis import questions
from benchmarks.workbench import Workbench

NAME = "shops"
TITLE = "A thousand shops"
_BLOCK = 20
_EXPONENT = 1.1
_WARM_UP = 60
_SETTLED = 20
"""Shops that a worker holds before memory is counted: what it loads once for all shops is then there."""


@dataclass(slots=True)
class _Side:
    """One of the two installations under test, with a connection to each worker and the times of its answers."""

    installation: Installation
    shops: list[str]
    token: str
    connections: dict[int, Connection]
    random: Random
    times: list[float] = field(default_factory=list)
    again: list[float] = field(default_factory=list)
    asked: list[tuple[Connection, str, str]] = field(default_factory=list)
    _questions: dict[int, Iterator[str]] = field(default_factory=dict)
    _weights: list[float] = field(default_factory=list)

    async def ask(self, count: int) -> list[float]:
        """Return the seconds of `count` new messages, shops drawn by Zipf's law, workers in turn."""
        if not self._weights:
            self._weights = list(accumulate(1 / rank**_EXPONENT for rank in range(1, len(self.shops) + 1)))
        times: list[float] = []
        connections = list(self.connections.values())
        for place, number in enumerate(
            self.random.choices(range(len(self.shops)), cum_weights=self._weights, k=count)
        ):
            text = self.question(number)
            connection = connections[place % len(connections)]
            times.append(await _suggest(connection, self.shops[number], text))
            self.asked.append((connection, self.shops[number], text))
        return times

    def question(self, number: int) -> str:
        if number not in self._questions:
            self._questions[number] = questions(number)
        return next(self._questions[number])


async def _suggest(connection: Connection, shop: str, text: str) -> float:
    answer = await connection.expect("POST", f"/api/v1/shops/{shop}/suggestions", {"text": text})
    return answer.seconds


async def measure(bench: Workbench) -> Report:
    """Return the figures. Both installations run at the same time and are asked in turns of twenty."""
    began = circumstances()
    count = bench.amount(1000, 80)
    many = await bench.installation("shops", workers=2)
    one = await bench.installation("one-shop", workers=2)
    many_names = await seed_shops(many, count, bench.say)
    one_names = await seed_shops(one, 1, bench.say)
    async with AsyncExitStack() as stack:
        sides = []
        for installation, names in ((many, many_names), (one, one_names)):
            await stack.enter_async_context(serving(installation))
            token = await installation.token(names)
            connections = await installation.connection_to_each_worker(token)
            stack.callback(lambda held: [c.close() for c in held.values()], connections)
            sides.append(_Side(installation, names, token, connections, Random(7)))
        thousand, single = sides
        firsts, grown = await _load_all(thousand, bench)
        await _alternate(single, thousand, bench.amount(1200, 400))
    return Report(NAME, TITLE, _figures(firsts, grown, single, thousand), began)


async def _load_all(side: _Side, bench: Workbench) -> tuple[list[float], list[float]]:
    """Send each shop's first message to each worker; return the seconds, and the bytes by which each worker grew a shop."""
    bench.say(f"first messages of {len(side.shops)} shops in {len(side.connections)} workers…")
    workers = {worker.pid: worker for worker in side.installation.workers()}
    firsts: list[float] = []
    before: dict[int, int] = {}
    for number, shop in enumerate(side.shops):
        if number == _SETTLED:
            before = {pid: worker.memory_info().rss for pid, worker in workers.items()}
        for connection in side.connections.values():
            firsts.append(await _suggest(connection, shop, side.question(number)))
    # What loading left behind for a moment is no shop's memory, but it is still in use: it counts.
    counted = len(side.shops) - _SETTLED
    grown = [(worker.memory_info().rss - before[pid]) / counted for pid, worker in workers.items()]
    return firsts[2 * len(side.connections) :], grown


async def _alternate(single: _Side, thousand: _Side, count: int) -> None:
    for side in (single, thousand):
        await side.ask(_WARM_UP)
        side.asked.clear()
    for _ in range(count // _BLOCK):
        single.times += await single.ask(_BLOCK)
        thousand.times += await thousand.ask(_BLOCK)
    # The same once more: parse and vector are remembered now, and the shops' own share stands alone.
    for start in range(0, count, _BLOCK):
        for side in (single, thousand):
            for asked in side.asked[start : start + _BLOCK]:
                side.again.append(await _suggest(*asked))
    await asyncio.sleep(0)


def _figures(
    firsts: Sequence[float], grown: Sequence[float], single: _Side, thousand: _Side
) -> tuple[Figure, ...]:
    one, many = median(single.times), median(thousand.times)
    traffic = f"{len(thousand.times)} distinct messages a side, Zipf exponent {_EXPONENT}"
    shops = f"{len(thousand.shops):,} shops"
    return (
        Figure(f"{shops} / 1 shop, p50", many / one, "×", 1.2, note=traffic),
        Figure(
            "the same, messages seen before", median(thousand.again) / median(single.again), "×",
            note="without the wait for Rasa, which dilutes the ratio",
        ),
        Figure(f"suggestion, {shops}, p50", many * 1000, "ms", note=f"p99 {percentile(thousand.times, 0.99) * 1000:.1f} ms"),
        Figure("suggestion, 1 shop, p50", one * 1000, "ms", note=f"p99 {percentile(single.times, 0.99) * 1000:.1f} ms"),
        Figure(
            "first message of a shop not in memory, p99", percentile(firsts, 0.99) * 1000, "ms", 150,
            note=f"{len(firsts)} first messages, p50 {median(firsts) * 1000:.0f} ms",
        ),
        Figure(
            "memory a shop and worker", max(grown) / 1e6, "MB", 2,
            note="growth of the resident memory of the worker that grew more",
        ),
    )  # fmt: skip
