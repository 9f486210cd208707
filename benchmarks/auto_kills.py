"""Ten thousand messages of a hundred shops while Rasa, a web worker, PostgreSQL and all of it are killed in turn: nothing may be lost."""

from __future__ import annotations

import asyncio
import re
import time
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from contextlib import AsyncExitStack, suppress
from dataclasses import dataclass, field
from itertools import cycle
from pathlib import Path
from typing import Any, Final

import aiohttp
import psutil

from benchmarks.auto_buyers import Buyers, Talk, talks
from benchmarks.auto_shops import WORD, WORKERS, AutoShop, AutoStage, open_stage
from benchmarks.figures import Figure, Report, circumstances, median
from benchmarks.installation import Installation
from benchmarks.played_channel import Inbox, Receiver
from benchmarks.workbench import Say, Workbench
from bot.bootstrap.engine import Stores
from bot.domain.auto_reply import Deed
from bot.domain.auto_turn import Decided, SendState

NAME = "auto-kill"
TITLE = "Killed at work"
KINDS: Final = ("Rasa", "a web worker", "PostgreSQL", "everything")
_SHOPS, _TALKS, _RATE = 100, 20, 20
_QUICK_SHOPS, _QUICK_TALKS, _QUICK_RATE = 10, 6, 6
_PAUSE: Final = 6.0
"""Seconds of undisturbed work between one death's end and the next one."""
_READY_SECONDS: Final = 150.0
_GOOD: Final = 8
_NOTICED: Final = 1.5
"""Seconds until everybody has noticed a death."""
_PATIENCE: Final = aiohttp.ClientTimeout(total=10)
_SETTLE_SECONDS: Final = 240.0
_READ: Final = 60
_SENDS: Final = 10_000
_ANY_WORD: Final = re.compile(WORD + r"[A-Z]{4}")


class Ledger(Inbox):
    """All that shops said to buyers, with how often the same was delivered."""

    def __init__(self) -> None:
        super().__init__()
        self.deliveries: Counter[str] = Counter()
        self.contents: defaultdict[str, set[str]] = defaultdict(set)

    def take(self, document: Mapping[str, Any]) -> None:
        """See Inbox.take."""
        key = f"{document['shop']} {document['id']}"
        self.deliveries[key] += 1
        self.contents[key].add(str(document.get("text", document.get("status"))))
        super().take(document)


@dataclass(slots=True)
class Found:
    """What stands in the database and came to the buyers in the end, against what was said to the shops."""

    said: int = 0
    lost: int = 0
    doubled: int = 0
    undecided: int = 0
    answers: int = 0
    undelivered: int = 0
    said_twice: int = 0
    astray: int = 0
    nameless: int = 0
    sends: Counter[str] = field(default_factory=Counter)
    deeds: Counter[str] = field(default_factory=Counter)
    reasons: Counter[str] = field(default_factory=Counter)


@dataclass(slots=True)
class Deaths:
    """Who was killed, and the seconds until everything worked again, by kind."""

    seconds: defaultdict[str, list[float]] = field(default_factory=lambda: defaultdict(list))

    @property
    def told(self) -> str:
        """All of it in words."""
        return ", ".join(
            f"{kind} {len(times)} × (well again after {median(times):.0f} s)"
            for kind, times in self.seconds.items()
        )


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of a run. `words_in_logs` are words of buyers and secrets that stand in a log file."""

    found: Found
    deaths: Deaths
    ledger: Ledger
    buyers: Buyers
    words_in_logs: int
    log_files: int
    seconds: float


async def measure(bench: Workbench) -> Report:
    """Return the figures."""
    began = circumstances()
    amounts = [
        bench.amount(*each) for each in ((_SHOPS, _QUICK_SHOPS), (_TALKS, _QUICK_TALKS), (_RATE, _QUICK_RATE))
    ]
    outcome = await kill_at_work(bench, *amounts)
    return Report(NAME, TITLE, tuple(_figures(outcome)), began)


async def kill_at_work(bench: Workbench, shops: int, talks_each: int, rate: float) -> Outcome:
    """Let buyers of the shops write so many messages a second, kill everything in turn meanwhile, and look what came of it."""
    ledger, deaths = Ledger(), Deaths()
    receiver = Receiver()
    receiver.inbox = ledger
    async with AsyncExitStack() as stack:
        stage = await open_stage(bench, shops, receiver, stack, log_level="INFO")
        buyers = await stack.enter_async_context(Buyers(stage.channels).open())
        told = list(talks(stage.shops, talks_each, rate))
        bench.say(f"{sum(len(talk.lines) for talk in told)} messages, {rate:g} a second…")
        began = time.monotonic()
        over = asyncio.Event()
        async with asyncio.TaskGroup() as group:
            group.create_task(_kill_in_turn(stage, deaths, over, bench.say))
            await buyers.hold(told)
            over.set()
        seconds = time.monotonic() - began
        bench.say("waiting for the last answers…")
        async with stage.installation.stores() as stores:
            found = await _settled(stage, stores, told, buyers, ledger)
        words = {line.text for talk in told for line in talk.lines if len(line.text) > 3}
        words |= {channel.secret for channel in stage.channels.values()} | {shop.word for shop in stage.shops}
        leaked, files = words_in_logs(stage.installation.data_dir, words)
    return Outcome(found, deaths, ledger, buyers, leaked, files, seconds)


async def _kill_in_turn(stage: AutoStage, deaths: Deaths, over: asyncio.Event, say: Say) -> None:
    """Kill one kind after another until it is over; each death is waited for to its end."""
    for kind in cycle(KINDS):
        with suppress(TimeoutError):
            await asyncio.wait_for(over.wait(), _PAUSE)
        if over.is_set():
            return
        began = time.monotonic()
        await _kill(kind, stage, len(deaths.seconds[kind]))
        deaths.seconds[kind].append(time.monotonic() - began)
        say(f"  {kind} was killed; all is well again after {deaths.seconds[kind][-1]:.0f} s")


async def _kill(kind: str, stage: AutoStage, times: int) -> None:
    installation = stage.installation
    if kind == "everything":
        await installation.kill()
        await installation.start()
    else:
        _victim(kind, stage, times).kill()
        await asyncio.sleep(_NOTICED)
    await _all_well(stage)


def _victim(kind: str, stage: AutoStage, times: int) -> psutil.Process:
    if kind == "a web worker":
        workers = stage.installation.workers()
        return workers[times % len(workers)]
    word = {"Rasa": "bot.nlu.launcher", "PostgreSQL": "postgres"}[kind]
    return stage.installation.parts(word)[0]


async def _all_well(stage: AutoStage) -> None:
    """Return once every part answers, whichever worker is asked."""
    deadline, good = time.monotonic() + _READY_SECONDS, 0
    # A connection each time: the kernel gives it to any of the workers.
    connector = aiohttp.TCPConnector(force_close=True)
    async with aiohttp.ClientSession(connector=connector, timeout=_PATIENCE) as http:
        while good < _GOOD:
            good = good + 1 if await _is_well(stage.installation, http) else 0
            if time.monotonic() > deadline:
                raise RuntimeError(f"not all is well again; see {stage.installation.log}")
            await asyncio.sleep(0.1)


async def _is_well(installation: Installation, http: aiohttp.ClientSession) -> bool:
    if any(not installation.parts(word) for word in ("embedder_process", "postgres", "bot.nlu.launcher")):
        return False
    if len(installation.workers()) < WORKERS:
        return False
    try:
        async with http.get(f"{installation.address}/api/v1/health") as answer:
            state = await answer.json()
    except (aiohttp.ClientError, OSError, TimeoutError):
        return False
    return all(state.get(part) == "ready" for part in ("database", "embedder", "classifier"))


async def _settled(
    stage: AutoStage, stores: Stores, told: Sequence[Talk], buyers: Buyers, ledger: Ledger
) -> Found:
    """Return what stands there once nothing waits any more, or after minutes in vain."""
    deadline = time.monotonic() + _SETTLE_SECONDS
    by_id = {shop.id: shop for shop in stage.shops}
    while True:
        found = Found()
        for talk in told:
            await _look(by_id[talk.shop], talk, stores, buyers, ledger, found)
        for shop in by_id:
            sends = await stores.auto_turns.list_sends(shop, tuple(SendState), _SENDS)
            found.sends.update(str(each.state) for each in sends)
        found.said_twice += sum(len(contents) - 1 for contents in ledger.contents.values())
        settled = not (found.undecided or found.undelivered)
        if settled or time.monotonic() > deadline:
            _look_for_strangers(by_id, told, buyers, ledger, found)
            return found
        await asyncio.sleep(2)


async def _look(
    shop: AutoShop, talk: Talk, stores: Stores, buyers: Buyers, ledger: Ledger, found: Found
) -> None:
    """Compare one conversation with what its buyer said and what came back to him."""
    conversation = buyers.conversations[talk.shop, talk.buyer]
    read = await stores.auto_turns.read_turn(shop.id, conversation, _READ)
    _compare(
        [line.text for line in talk.lines], [m.text for m in read.messages if m.author == "buyer"], found
    )
    last = max(m.number for m in read.messages if m.author == "buyer")
    found.undecided += max((decided.upto for decided in read.decisions), default=0) < last
    _count(read.decisions, found)
    answers = [m.text for m in read.messages if m.author == "auto"]
    came = ledger.bubbles[shop.id, conversation]
    found.answers += len(answers)
    found.undelivered += len(read.waiting) + max(len(answers) - len(came), 0)
    found.said_twice += max(len(came) - len(answers), 0)
    if len(came) == len(answers):
        found.astray += sum(one != other for one, other in zip(came, answers, strict=True))
    for text in came:
        words = set(_ANY_WORD.findall(text))
        found.nameless += not words
        found.astray += bool(words - {shop.word})


def _compare(expected: Sequence[str], written: Sequence[str], found: Found) -> None:
    found.said += len(expected)
    missing, surplus = Counter(expected) - Counter(written), Counter(written) - Counter(expected)
    found.lost += missing.total()
    found.doubled += surplus.total()
    if not missing and not surplus:
        found.astray += sum(one != other for one, other in zip(expected, written, strict=True))


def _count(decisions: Sequence[Decided], found: Found) -> None:
    for decided in decisions:
        found.deeds[str(decided.deed)] += 1
        if decided.deed is Deed.HAND_OVER:
            found.reasons.update(str(reason) for reason in decided.reasons)


def _look_for_strangers(
    by_id: Mapping[str, AutoShop], told: Sequence[Talk], buyers: Buyers, ledger: Ledger, found: Found
) -> None:
    """Count what was said in conversations that nobody began."""
    known = {(talk.shop, buyers.conversations[talk.shop, talk.buyer]) for talk in told}
    found.astray += sum(len(texts) for place, texts in ledger.bubbles.items() if place not in known)


def words_in_logs(folder: Path, words: set[str]) -> tuple[int, int]:
    """Return how many of the words stand in a log file of the installation, and how many log files it has."""
    # As root the database's files may lie elsewhere.
    folders = {folder, (folder / "postgres").resolve().parent}
    files = {path for each in folders for path in each.glob("**/*.log") if path.is_file()}
    texts = [path.read_text(encoding="utf-8", errors="replace") for path in files]
    return sum(any(word in text for text in texts) for word in words), len(texts)


def _figures(outcome: Outcome) -> Iterator[Figure]:
    found, buyers, ledger = outcome.found, outcome.buyers, outcome.ledger
    again = sum(count - 1 for count in ledger.deliveries.values())
    deeds = ", ".join(f"{count} × {deed}" for deed, count in found.deeds.most_common())
    reasons = ", ".join(f"{reason} {count}" for reason, count in found.reasons.most_common())
    yield Figure("messages of buyers", found.said, "", note=f"in {outcome.seconds:.0f} s; {buyers.told}")
    yield Figure(
        "deaths by kill -9", sum(map(len, outcome.deaths.seconds.values())), "", note=outcome.deaths.told
    )
    yield Figure("messages lost", found.lost, "", 0)
    yield Figure("messages doubled", found.doubled, "", 0, note="by the id that the sender gave them")
    yield Figure("turns that nobody decided about", found.undecided, "", 0, note=deeds)
    states = ", ".join(f"{count} {state}" for state, count in found.sends.most_common())
    yield Figure(
        "answers said", found.answers, "",
        note=f"outbox: {states}; {found.nameless} without the shop's word, a dialogue's own wordings",
    )  # fmt: skip
    yield Figure(
        "answers that did not arrive", found.undelivered, "", 0, note="the channel took each signed, by its key"
    )  # fmt: skip
    yield Figure(
        "answers said twice", found.said_twice, "", 0,
        note=f"by idempotency key; {again} deliveries came again under the same key",
    )  # fmt: skip
    yield Figure("messages or answers of another shop, or out of order", found.astray, "", 0)
    yield Figure("deliveries with a wrong signature", ledger.refused, "", 0)
    yield Figure("handed to a person", found.deeds[str(Deed.HAND_OVER)], "", note=reasons)
    yield Figure(
        "words of buyers, shops and secrets in log files", outcome.words_in_logs, "", 0,
        note=f"{outcome.log_files} log files, level INFO",
    )  # fmt: skip
