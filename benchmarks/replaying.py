"""Sixteen clients replay real dialogues in their order, against Rasa alone with the same turns."""

from __future__ import annotations

import asyncio
import time
from collections import deque
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass

from benchmarks.connections import Connection
from benchmarks.figures import Figure, Report, circumstances, median, percentile
from benchmarks.installation import serving
from benchmarks.workbench import DIALOGUES, RasaServer, Workbench, dialogues
from bot.domain.conversation import MAX_HISTORY_TURNS

NAME = "replay"
TITLE = "Sixteen clients replaying real dialogues"
_FILES = ("ecd_dialogues.jsonl", "jddc_dialogues.jsonl")
_CLIENTS = 16
_SHOP = "yunshang"
_LONGEST = 400
"""Characters of a turn that are sent, to both sides alike."""
_ROUNDS = 8

Turn = dict[str, str]
Ask = Callable[[Connection, str, list[Turn]], Awaitable[float]]


@dataclass(slots=True)
class _Side:
    """One side: how it is asked, its connections, and what came of it."""

    ask: Ask
    connections: list[Connection]
    seconds: float = 0.0
    turns: int = 0

    @property
    def throughput(self) -> float:
        return self.turns / self.seconds

    def forget(self) -> None:
        """Begin to count anew."""
        self.seconds, self.turns = 0.0, 0


async def measure(bench: Workbench) -> Report:
    """Return the figures: the dialogues in eight parts, each part first to Rasa, then to us; then once more."""
    began = circumstances()
    all_dialogues = _interleaved([dialogues(name) for name in _FILES])
    if not all_dialogues:
        return Report(NAME, TITLE, (), began, skipped=f"no dialogues in {DIALOGUES}")
    chosen = all_dialogues[: bench.amount(len(all_dialogues), 240)]
    size = -(-len(chosen) // _ROUNDS)
    parts = [chosen[start : start + size] for start in range(0, len(chosen), size)]
    reference = await bench.reference_rasa()
    installation = await bench.installation("demo", demo=True)
    async with serving(installation):
        token = await installation.token([_SHOP])
        rasa = _Side(_parse(reference), [await reference.connection().open() for _ in range(_CLIENTS)])
        ours = _Side(_suggest, [await installation.connection(token).open() for _ in range(_CLIENTS)])
        latencies = await _alternate(rasa, ours, parts, bench)
        first = (rasa.throughput, ours.throughput, ours.turns)
        rasa.forget()
        ours.forget()
        # A second pass over a third of the dialogues is enough: every turn of it was seen in the first.
        await _alternate(rasa, ours, parts[::3], bench)
        second = (rasa.throughput, ours.throughput, ours.turns)
        for connection in (*rasa.connections, *ours.connections):
            connection.close()
    return Report(NAME, TITLE, _figures(first, second, latencies, len(chosen)), began)


def _interleaved(files: Sequence[list[list[Turn]]]) -> list[list[Turn]]:
    """Return the dialogues of the files in turn, each file in its own order, so that every part holds some of each."""
    waiting = [deque(file) for file in files if file]
    found: list[list[Turn]] = []
    while waiting:
        for file in list(waiting):
            found.append(file.popleft())
            if not file:
                waiting.remove(file)
    return found


def _parse(reference: RasaServer) -> Ask:
    async def ask(connection: Connection, text: str, history: list[Turn]) -> float:
        return (await connection.expect("POST", reference.parse_path, {"text": text})).seconds

    return ask


async def _suggest(connection: Connection, text: str, history: list[Turn]) -> float:
    body = {"text": text, "history": history}
    return (await connection.expect("POST", f"/api/v1/shops/{_SHOP}/suggestions", body)).seconds


async def _alternate(
    rasa: _Side, ours: _Side, parts: list[list[list[Turn]]], bench: Workbench
) -> list[float]:
    latencies: list[float] = []
    for number, part in enumerate(parts, start=1):
        await _replay(rasa, part)
        latencies += await _replay(ours, part)
        bench.say(
            f"  part {number} of {len(parts)}: Rasa {rasa.throughput:.0f}/s, ours {ours.throughput:.0f}/s"
        )
    return latencies


async def _replay(side: _Side, part: list[list[Turn]]) -> list[float]:
    """Let the side's clients take dialogue after dialogue; return the seconds of every turn."""
    waiting = deque(part)
    latencies: list[float] = []

    async def client(connection: Connection) -> None:
        while waiting:
            history: list[Turn] = []
            for turn in waiting.popleft():
                said = {"role": turn["role"], "text": turn["text"][:_LONGEST]}
                if turn["role"] == "buyer" and said["text"].strip():
                    latencies.append(await side.ask(connection, said["text"], history[-MAX_HISTORY_TURNS:]))
                history.append(said)

    began = time.perf_counter()
    await asyncio.gather(*(client(connection) for connection in side.connections))
    side.seconds += time.perf_counter() - began
    side.turns += len(latencies)
    return latencies


def _figures(
    first: tuple[float, float, int], second: tuple[float, float, int], latencies: list[float], count: int
) -> tuple[Figure, ...]:
    note = (
        f"{first[2]:,} buyer turns of {count:,} dialogues, {_CLIENTS} clients, each with the dialogue so far"
    )
    return (
        Figure("throughput / Rasa alone", first[1] / first[0], "×", 1.1, at_least=True, note=note),
        Figure("the same, all seen before", second[1] / second[0], "×", 3.0, at_least=True, note=f"{second[2]:,} turns"),
        Figure("suggestions a second", first[1], "/s", note=f"all seen before: {second[1]:.0f} /s"),
        Figure("Rasa alone, parses a second", first[0], "/s", note=f"second pass: {second[0]:.0f} /s"),
        Figure(
            "suggestion with 16 clients, p50", median(latencies) * 1000, "ms",
            note=f"p99 {percentile(latencies, 0.99) * 1000:.0f} ms",
        ),
    )  # fmt: skip
