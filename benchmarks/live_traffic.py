"""A whole customer service at work: 300 agents' pages, 3,000 open conversations, buyers who write 20 and 60 times a second."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from dataclasses import dataclass, field
from random import Random

import aiohttp
import psutil

from benchmarks.figures import Figure, Report, circumstances, median, percentile
from benchmarks.installation import Installation, serving
from benchmarks.live_agents import Agent, connect_all
from benchmarks.people import (
    AGENTS,
    CONVERSATIONS,
    MEMBERSHIPS,
    account_of,
    conversing_over,
    hold_conversations,
    seat,
    settle_people,
)
from benchmarks.seeding import seed_shops
from benchmarks.synthesis import questions
from benchmarks.workbench import Workbench, buyer_messages
from bot.bootstrap.engine import Stores
from bot.domain.account import Membership
from bot.ports import StoreUnavailable
from bot.services.conversing import Conversing
from bot.services.recording import EventRecorder

NAME = "live"
TITLE = "Agents and buyers at work"
SHOPS = 100
_WORKERS = 2
_SLOW, _FAST = 20, 60
_SECONDS, _QUICK_SECONDS = 20, 8
_WARM_SECONDS = 6
_BARE = 150
_SETTLE_SECONDS = 8.0
_LAST_REPLIES = 15.0
"""Seconds until the last replies, thought about and held, have left."""
_LONGEST_WAIT = 60.0
_BEAT_SECONDS = 10.0
_REMOVALS = 20
_PATIENCE = 10.0


async def measure(bench: Workbench) -> Report:
    """Return the figures."""
    began = circumstances()
    installation = await bench.installation("live", workers=_WORKERS)
    shops = await seed_shops(installation, SHOPS, bench.say)
    async with AsyncExitStack() as stack:
        stores = await stack.enter_async_context(installation.stores())
        await settle_people(stores, shops, bench.say)
        posts = await hold_conversations(stores, shops)
        present = await stack.enter_async_context(_all_present(stores))
        await stack.enter_async_context(serving(installation))
        seats = [await seat(stores, account, held) for account, held in posts.items()]
        # Cookies are given by hand: one session serves three hundred people.
        http = aiohttp.ClientSession(
            connector=aiohttp.TCPConnector(limit=0), cookie_jar=aiohttp.DummyCookieJar()
        )
        await stack.enter_async_context(http)
        bench.say(f"{AGENTS} agents open their pages…")
        connected = time.perf_counter()
        agents = await connect_all(http, f"{installation.address}/api/v1/live", seats)
        stack.push_async_callback(_leave, agents)
        connected = time.perf_counter() - connected
        present.cancel()
        service = await stack.enter_async_context(_service(stores))
        texts = _Texts()
        bare = await _bare(installation, shops, texts)
        traffic = Traffic(installation, service, agents, texts)
        bench.say("buyers write…")
        await traffic.run(_SLOW, _WARM_SECONDS)
        seconds = bench.amount(_SECONDS, _QUICK_SECONDS)
        slow = await traffic.run(_SLOW, seconds)
        fast = await traffic.run(_FAST, seconds)
        for agent in agents:
            agent.replies = False
        await asyncio.sleep(_LAST_REPLIES)
        read = await traffic.run(_FAST, seconds)
        told = await _take_away(stores, agents)
    return Report(NAME, TITLE, _figures(slow, fast, read, bare, told, connected), began)


@asynccontextmanager
async def _all_present(stores: Stores) -> AsyncIterator[asyncio.Task[None]]:
    """Keep all agents present until their pages do: what absent agents hold is given to others."""

    async def beat() -> None:
        while True:
            for number in range(AGENTS):
                await stores.presence.put_presence(account_of(number), "online", stores.clock.now())
            await asyncio.sleep(_BEAT_SECONDS)

    task = asyncio.create_task(beat())
    try:
        yield task
    finally:
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task


@asynccontextmanager
async def _service(stores: Stores) -> AsyncIterator[Conversing]:
    recorder = EventRecorder(stores.events)
    recorder.start()
    try:
        yield conversing_over(stores, recorder)
    finally:
        await recorder.close()


async def _leave(agents: Sequence[Agent]) -> None:
    for agent in agents:
        await agent.leave()


class _Texts:
    """What buyers write, no text twice: our own messages first, then questions about products, in a mixed order."""

    def __init__(self) -> None:
        self._real = buyer_messages()
        Random(11).shuffle(self._real)
        self._made = questions(0, "live")

    def take(self, count: int) -> list[str]:
        """Return the next texts."""
        taken, self._real = self._real[:count], self._real[count:]
        made = [next(self._made) for _ in range(count - len(taken))]
        mixed = taken + made
        Random(count).shuffle(mixed)
        return mixed


async def _bare(installation: Installation, shops: Sequence[str], texts: _Texts) -> list[float]:
    """Return the seconds of suggestions asked for over HTTP one after another, while the agents only look."""
    token = await installation.token(list(shops))
    connection = await installation.connection(token).open()
    times: list[float] = []
    for number, text in enumerate(texts.take(_BARE)):
        shop = shops[number % len(shops)]
        # Once, so that the shop is in this worker's memory, as the shops of agents at work are.
        await connection.expect("POST", f"/api/v1/shops/{shop}/suggestions", {"text": "在吗"})
        answer = await connection.expect("POST", f"/api/v1/shops/{shop}/suggestions", {"text": text})
        times.append(answer.seconds)
    connection.close()
    return times


@dataclass(slots=True)
class Phase:
    """What came of one rate of messages. `cores` says how many cores each kind of process kept busy."""

    rate: int
    times: list[float] = field(default_factory=list)
    received: list[float] = field(default_factory=list)
    lost: int = 0
    frames: float = 0.0
    replies: float = 0.0
    refused: int = 0
    repeated: int = 0
    cores: dict[str, float] = field(default_factory=dict)

    @property
    def load(self) -> str:
        """What kept the machine busy, in words."""
        shares = ", ".join(f"{name} {share:.2f}" for name, share in self.cores.items())
        return f"{self.frames:.0f} frames and {self.replies:.0f} replies a second; cores busy: {shares}"

    @property
    def trouble(self) -> str:
        """What did not go through at once, in words."""
        return f"{self.refused} replies stopped by the guard, {self.repeated} messages sent again"


class Traffic:
    """Buyers of the conversations in view write at a rate, whether or not the server keeps up."""

    def __init__(
        self, installation: Installation, service: Conversing, agents: Sequence[Agent], texts: _Texts
    ) -> None:
        self._installation = installation
        self._service = service
        self._agents = agents
        self._texts = texts
        self._sent = 0
        self._turn = self._turns()

    async def run(self, rate: int, seconds: int) -> Phase:
        """Let buyers write, wait until everything settled, and return what came of it."""
        phase, count = Phase(rate), rate * seconds
        texts, written = self._texts.take(count), []
        before, busy, began = self._heard(), self._busy(), time.perf_counter()
        frames = self._frames()
        for number, text in enumerate(texts):
            wait = began + number / rate - time.perf_counter()
            if wait > 0:
                await asyncio.sleep(wait)
            written.append(asyncio.create_task(self._write(next(self._turn), text, phase)))
        took = time.perf_counter() - began
        phase.cores = {name: (used - busy[name]) / took for name, used in self._busy().items()}
        after = self._heard()
        phase.frames = (self._frames() - frames) / took
        phase.replies = (after["sent"] - before["sent"]) / took
        phase.refused = after["refused"] - before["refused"]
        said = await asyncio.gather(*written)
        with suppress(TimeoutError):
            async with asyncio.timeout(_LONGEST_WAIT):
                while any(a.desk.suggested_at(number) is None for a, _, number in said):  # noqa: ASYNC110
                    await asyncio.sleep(0.1)  # what comes late counts as late, not as lost
        await asyncio.sleep(_SETTLE_SECONDS)
        for agent, start, number in said:
            at = agent.desk.suggested_at(number)
            if at is None:
                phase.lost += 1
            else:
                phase.times.append(at - start)
        return phase

    async def _write(self, agent: Agent, text: str, phase: Phase) -> tuple[Agent, float, int]:
        self._sent += 1
        key, start = f"live-{time.time_ns()}-{self._sent}", time.perf_counter()
        while True:
            try:
                written = await self._service.receive(agent.view.shop, agent.view.buyer, text, key=key)
                break
            except StoreUnavailable:
                # What a buyer's page does: the same words again, with the same key. The time goes on.
                phase.repeated += 1
        phase.received.append(time.perf_counter() - start)
        return agent, start, written.message.number

    def _turns(self) -> Iterator[Agent]:
        random = Random(5)
        while True:
            yield from random.sample(self._agents, len(self._agents))

    def _frames(self) -> int:
        return sum(agent.frames for agent in self._agents)

    def _heard(self) -> dict[str, int]:
        kinds = {kind for agent in self._agents for kind in agent.heard} | {"sent", "refused"}
        return {kind: sum(agent.heard.get(kind, 0) for agent in self._agents) for kind in kinds}

    def _busy(self) -> dict[str, float]:
        """Return the processor seconds used so far, by kind of process."""
        used = dict.fromkeys(("workers", "embedder", "PostgreSQL", "Rasa", "this client"), 0.0)
        own = psutil.Process()
        for process in (own, *own.children(recursive=True)):
            with suppress(psutil.Error):
                name = "this client" if process == own else _kind(" ".join(process.cmdline()))
                times = process.cpu_times()
                if name:
                    used[name] += times.user + times.system
        return used


def _kind(line: str) -> str:
    words = {
        "bot.bootstrap.worker": "workers", "embedder_process": "embedder", "postgres": "PostgreSQL",
        "bot.nlu.launcher": "Rasa",
    }  # fmt: skip
    return next((name for word, name in words.items() if word in line), "")


async def _take_away(stores: Stores, agents: Sequence[Agent]) -> list[float]:
    """Take agents off a shop; return the seconds until their pages were told to forget it."""
    times: list[float] = []
    for agent in agents[:: len(agents) // _REMOVALS]:
        shop, account = agent.view.shop, agent.seat.account
        began = time.perf_counter()
        await stores.accounts.end_membership(account, shop, stores.clock.now())
        with suppress(TimeoutError):
            async with asyncio.timeout(_PATIENCE):
                while shop not in agent.removed:  # noqa: ASYNC110 - the page's own moment is what counts, not this loop's
                    await asyncio.sleep(0.01)
        times.append(agent.removed.get(shop, began + _PATIENCE) - began)
        await stores.accounts.put_membership(Membership(account, shop, "agent"))
    return times


def _figures(
    slow: Phase, fast: Phase, read: Phase, bare: Sequence[float], told: Sequence[float], connected: float
) -> tuple[Figure, ...]:
    people = f"{AGENTS} agents, {MEMBERSHIPS:,} memberships, {CONVERSATIONS:,} conversations, {SHOPS} shops, {_WORKERS} workers"
    figures: list[Figure] = []
    for phase, target in ((slow, 150.0), (fast, 500.0), (read, 500.0)):
        a_second = f"{phase.rate} messages a second{', nobody replies' if phase is read else ''}"
        figures += [
            Figure(f"message to suggestions on the page, {a_second}, p95", percentile(phase.times, 0.95) * 1000, "ms", target,
                   note=f"{len(phase.times)} messages; {people}" if phase is slow else f"{len(phase.times)} messages"),
            Figure("the same, p50", median(phase.times) * 1000, "ms",
                   note=f"p99 {percentile(phase.times, 0.99) * 1000:.0f} ms; until it is stored, p50 {median(phase.received) * 1000:.1f} ms"),
            Figure("p50 / a suggestion alone, p50", median(phase.times) / median(bare), "×", note=phase.load),
            Figure("messages without suggestions", phase.lost, "", 0, note=phase.trouble),
        ]  # fmt: skip
    return (
        *figures,
        Figure("a suggestion alone, over HTTP, p50", median(bare) * 1000, "ms", note=f"{len(bare)} messages, the same agents connected"),
        Figure("taken off a shop to the page forgetting it, slowest", max(told) * 1000, "ms", 1000, note=f"{len(told)} times"),
        Figure(f"{AGENTS} pages opened", connected, "s", note="20 at a time: what follows a restart"),
    )  # fmt: skip
