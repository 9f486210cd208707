"""How soon software has an answer: from the moment when a buyer has finished speaking to the answer standing in the outbox."""

from __future__ import annotations

import asyncio
import secrets
import time
from collections import Counter, defaultdict
from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final

import aiohttp

from benchmarks.auto_shops import AutoShop, AutoStage, open_stage
from benchmarks.figures import Figure, Report, circumstances, median, percentile
from benchmarks.played_channel import Receiver, Said, say
from benchmarks.workbench import Workbench
from bot.bootstrap.engine import Stores
from bot.domain.auto_lines import read_decided_line
from bot.domain.auto_reply import Deed
from bot.domain.auto_turn import Decided
from bot.domain.conversation import Message
from bot.domain.conversation_lines import read_message_line

NAME = "auto"
TITLE = "Answers without a person"
RATE: Final = 10
_SHOPS: Final = 30
_SECONDS, _QUICK_SECONDS = 90, 20
_MERGE: Final = timedelta(seconds=2)
_LONGEST_MERGE: Final = timedelta(seconds=10)
_FIRST_ROUNDS: Final = 7
_SECOND_BUBBLE: Final = 0.7
_TURN_SECONDS: Final = 6.0
"""Between the turns of a dialogue: a buyer reads what he was told first."""
_SETTLE_SECONDS: Final = 12.0
_LINES_READ: Final = 2_000
_OPENINGS: Final = ("请问", "亲，", "那个", "老板 ", "麻烦问下 ", "hi ", "在吗 ", "我想问", "咨询一下，", "")
_ENDS: Final = ("", "呀", "呢", "？", "~", " 谢谢", "哈", "哦", "！", "…")


@dataclass(frozen=True, slots=True)
class Bubble:
    """What a buyer says `at` so many seconds after the start."""

    at: float
    shop: AutoShop
    buyer: str
    text: str


@dataclass(slots=True)
class Heard:
    """What happened in the shops, and when this process heard that it was committed."""

    committed: defaultdict[str, list[tuple[int, float]]] = field(default_factory=lambda: defaultdict(list))

    def when(self, shop: str, number: int) -> float:
        """Return when line `number` of the shop's feed was known to be committed."""
        return next(at for last, at in self.committed[shop] if last >= number)


@dataclass(frozen=True, slots=True)
class Turn:
    """A decided turn: seconds from the end of the merge window to the commit, and to the decision alone."""

    late: float
    decided_late: float
    deed: Deed
    reasons: tuple[str, ...]


async def measure(bench: Workbench) -> Report:
    """Return the figures."""
    began = circumstances()
    seconds = bench.amount(_SECONDS, _QUICK_SECONDS)
    async with AsyncExitStack() as stack:
        stage = await open_stage(bench, bench.amount(_SHOPS, 6), Receiver(), stack)
        stores = await stack.enter_async_context(stage.installation.stores())
        http = await stack.enter_async_context(aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=0)))
        traffic = Traffic(stage, stores, http)
        bench.say("every shop is asked some times, so that every worker has it in memory…")
        await traffic.run(_first(stage.shops))
        bench.say(f"buyers ask {RATE} times a second for {seconds} seconds…")
        asked = await traffic.run(_questions(stage.shops, seconds))
        bench.say(f"buyers hold dialogues, {RATE} bubbles a second for {seconds} seconds…")
        talked = await traffic.run(_dialogues(stage.shops, seconds))
    figures = (*_figures("one-turn answers", asked, 400), *_figures("turns of dialogues", talked, 900))
    return Report(NAME, TITLE, figures, began)


def _first(shops: list[AutoShop]) -> Iterator[Bubble]:
    """Yield a question for each shop again and again, until most likely each worker has taken one of every shop."""
    for number in range(_FIRST_ROUNDS * len(shops)):
        again, place = divmod(number, len(shops))
        yield Bubble(number / RATE, shops[place], f"first-{again}", shops[place].questions[again])


def _questions(shops: list[AutoShop], seconds: int) -> Iterator[Bubble]:
    """Yield bubbles at the rate: every third turn has two of them; a buyer comes back with another question later."""
    turns = round(RATE * seconds * 3 / 4)
    buyers = max(1, turns // 3)
    for turn in range(turns):
        who, again = turn % buyers, turn // buyers
        shop = shops[who % len(shops)]
        place = (who // len(shops)) * 3 + again
        asked = shop.questions[place % len(shop.questions)]
        text = f"{_OPENINGS[place % len(_OPENINGS)]}{asked}{_ENDS[(who + again) % len(_ENDS)]}"
        at = turn * 4 / 3 / RATE
        if turn % 3 == 0:
            yield Bubble(at, shop, f"asks-{who}", "你好")
            at += _SECOND_BUBBLE
        yield Bubble(at, shop, f"asks-{who}", text)


def _dialogues(shops: list[AutoShop], seconds: int) -> Iterator[Bubble]:
    number, at = 0, 0.0
    while at < seconds:
        shop = shops[number % len(shops)]
        script = shop.dialogues[number // len(shops) % len(shop.dialogues)]
        for turn, text in enumerate(script):
            yield Bubble(at + turn * _TURN_SECONDS, shop, f"talks-{number}", text)
        at += len(script) / RATE
        number += 1


class Traffic:
    """Buyers who write at their times, whether or not the shops keep up."""

    def __init__(self, stage: AutoStage, stores: Stores, http: aiohttp.ClientSession) -> None:
        self._stage = stage
        self._stores = stores
        self._http = http
        self._run = secrets.token_hex(4)
        self._sent = 0

    async def run(self, bubbles: Iterator[Bubble]) -> list[Turn]:
        """Say the bubbles, wait until all was decided, and return the turns."""
        shops = [shop.id for shop in self._stage.shops]
        since = dict(await self._stores.conversations.feed_numbers(shops))
        heard, began = Heard(), time.perf_counter()
        async with self._listening(heard):
            said: list[asyncio.Task[Said]] = []
            for bubble in sorted(bubbles, key=lambda each: each.at):
                if (wait := began + bubble.at - time.perf_counter()) > 0:
                    await asyncio.sleep(wait)
                said.append(asyncio.create_task(self._say(bubble)))
            await asyncio.gather(*said)
            await asyncio.sleep(_SETTLE_SECONDS)
        return [turn for shop in shops async for turn in self._turns(shop, since.get(shop, 0), heard)]

    async def _say(self, bubble: Bubble) -> Said:
        self._sent += 1
        channel = self._stage.channels[bubble.shop.id]
        buyer = {"id": f"{self._run}-{bubble.buyer}", "verified": True}
        return await say(self._http, channel, f"{self._run}-{self._sent}", buyer, bubble.text)

    @asynccontextmanager
    async def _listening(self, heard: Heard) -> AsyncIterator[None]:
        async def listen() -> None:
            async for shop, number in self._stores.conversations.watch_feeds():
                heard.committed[shop].append((number, time.time()))

        task = asyncio.create_task(listen())
        try:
            yield
        finally:
            task.cancel()
            with suppress(asyncio.CancelledError):
                await task

    async def _turns(self, shop: str, since: int, heard: Heard) -> AsyncIterator[Turn]:
        """Yield the shop's turns since then; one that nobody decided about is late without end."""
        said: defaultdict[str, list[Message]] = defaultdict(list)
        number = since
        while lines := await self._stores.conversations.feed_since(shop, number, _LINES_READ):
            for line in lines:
                if line.kind == "message" and line.data["author"] == "buyer":
                    said[line.conversation].append(read_message_line(line.data))
                elif line.kind == "decided":
                    decided, waiting = read_decided_line(line.data), said.pop(line.conversation, [])
                    if waiting:  # not what was handed over outside of a turn
                        yield _turn(decided, waiting, heard.when(shop, line.number))
            number = lines[-1].number
        for _ in said.values():
            yield Turn(float("inf"), float("inf"), Deed.SILENT, ("not decided",))


def _turn(decided: Decided, waiting: list[Message], committed: float) -> Turn:
    first, last = waiting[0].at, waiting[-1].at
    due = min(last + _MERGE, first + _LONGEST_MERGE)
    reasons = tuple(str(reason) for reason in decided.reasons)
    return Turn(committed - due.timestamp(), _seconds(decided.at, due), decided.deed, reasons)


def _seconds(later: datetime, earlier: datetime) -> float:
    return (later - earlier).total_seconds()


def _figures(name: str, turns: list[Turn], target: float) -> Iterator[Figure]:
    said = [turn for turn in turns if turn.deed in (Deed.REPLY, Deed.ASK_BACK)]
    late = [turn.late * 1000 for turn in said]
    others = _counted([turn for turn in turns if turn not in said])
    undecided = sum(turn.late == float("inf") for turn in turns)
    decided = median([turn.decided_late for turn in said]) * 1000
    yield Figure(
        f"{name}: merge window's end to outbox, p95", percentile(late, 0.95), "ms", target,
        note=f"{len(said)} answers at {RATE} messages a second; besides {others}",
    )  # fmt: skip
    yield Figure(
        "the same, p50", median(late), "ms",
        note=f"p99 {percentile(late, 0.99):.0f} ms, slowest {max(late, default=0):.0f} ms; until decided, p50 {decided:.0f} ms",
    )  # fmt: skip
    yield Figure("turns that nobody decided about", undecided, "", 0)


def _counted(turns: list[Turn]) -> str:
    counts: Mapping[str, int] = Counter(f"{turn.deed} ({', '.join(turn.reasons)})" for turn in turns)
    return ", ".join(f"{count} × {what}" for what, count in sorted(counts.items())) or "none"
