"""How well the guard guards: `python -m benchmarks.guard [--missed] [--stopped] [--json OUT]`; writes docs/guard.md.

Facts of two demo shops are planted into texts spoken for the third (benchmarks/guard_plants.py), and every turn of real
agents in ../shared/data (Taobao's ecd_dialogues.jsonl, JD's jddc_dialogues.jsonl) is spoken for each demo shop: any stop of
a real turn counts as wrong.
"""

from __future__ import annotations

import argparse
import asyncio
import gc
import json
import sys
import time
from collections import Counter
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

import psutil

from benchmarks.figures import Figure, Report, circumstances, median, percentile
from benchmarks.guard_plants import Plant, plant, spoken_replies
from benchmarks.synthesis import make_shop
from bot.domain.guard import Verdict
from bot.domain.service_policy import ServicePolicy
from bot.retrieval.normaliser import OpenccNormaliser
from bot.retrieval.phrase_matcher import AutomatonMatchers
from bot.services.guarding import Guard
from bot.services.packs import Pack, load_pack
from bot.services.shop_loading import load_shop
from bot.settings import PROJECT_ROOT
from bot.storage.memory import Memory, MemoryEntries, MemoryShops
from bot.storage.memory_facts import MemoryFacts

_PAGE: Final = PROJECT_ROOT / "docs" / "guard.md"
_DATA: Final = PROJECT_ROOT.parent / "shared" / "data"
_TAOBAO: Final = _DATA / "ecd_dialogues.jsonl"
_JD: Final = _DATA / "jddc_dialogues.jsonl"
_NOW: Final = datetime(2026, 3, 11, 6, tzinfo=UTC)
_MANY: Final = 1000
_ENTRIES: Final = 75


class GuardBench:
    """A guard over shops in memory."""

    def __init__(self, common: list[Pack]) -> None:
        memory = Memory()
        self.shops, self.entries, self.facts = MemoryShops(memory), MemoryEntries(memory), MemoryFacts(memory)
        entries = [entry for pack in common for entry in pack.entries]
        self.guard = Guard(
            self.shops,
            self.facts,
            self._policy,
            AutomatonMatchers(),
            OpenccNormaliser(),
            common=entries,
            settle=0,
        )
        self._following: asyncio.Task[None] | None = None

    async def _policy(self, shop: str) -> ServicePolicy:
        return ServicePolicy()

    async def start(self) -> float:
        """Return the seconds until the guard is ready."""
        began = time.perf_counter()
        self._following = asyncio.create_task(self.guard.follow())
        while self.guard.state != "ready":  # noqa: ASYNC110 - it says so in no other way
            await asyncio.sleep(0.01)
        return time.perf_counter() - began

    async def close(self) -> None:
        if self._following is not None:
            self._following.cancel()
            await asyncio.gather(self._following, return_exceptions=True)


def read_packs(folder: str) -> list[Pack]:
    """Return the packs of a folder of templates/."""
    paths = sorted((PROJECT_ROOT / "templates" / folder).glob("*.yml"))
    return [load_pack(path.read_bytes(), path.name, _NOW) for path in paths]


def real_turns(dialogues: Path) -> list[str]:
    """Return what real agents said; empty when the data is not there."""
    if not dialogues.exists():
        sys.stderr.write(f"{dialogues} is not there: wrong stops of its turns are not measured\n")
        return []
    lines = dialogues.read_text(encoding="utf-8").splitlines()
    turns = [turn for line in lines for turn in json.loads(line)["turns"]]
    return [turn["text"] for turn in turns if turn["role"] == "agent"]


async def measure(show_missed: bool, show_stopped: bool) -> Report:
    """Return the figures."""
    begun = circumstances()
    packs, common = read_packs("demo"), read_packs("starter")
    bench = GuardBench(common)
    for pack in packs:
        await load_shop(bench.shops, bench.entries, bench.facts, pack)
    await bench.start()
    figures = [
        *await _caught(bench.guard, plant(packs, common), show_missed),
        *await _wrongly_stopped(bench.guard, packs, _TAOBAO, "Taobao", show_stopped),
        *await _wrongly_stopped(bench.guard, packs, _JD, "JD", show_stopped),
        *await _own_texts(bench.guard, packs, show_stopped),
    ]
    await bench.close()
    figures += await _at_size(packs, common)
    return Report("guard", "The guard: foreign facts caught, real turns let through", tuple(figures), begun)


async def _caught(guard: Guard, plants: list[Plant], show: bool) -> list[Figure]:
    planted, caught, disguised, missed = Counter[str](), Counter[str](), Counter[str](), list[Plant]()
    for each in plants:
        result = await guard.check(each.speaker, each.text, may_name=frozenset({each.owner}))
        planted[each.kind] += 1
        disguised[each.disguise] += 1
        if any(finding.kind.is_foreign and finding.shop == each.owner for finding in result.findings):
            caught[each.kind] += 1
        else:
            missed.append(each)
    if show:
        for each in missed:
            sys.stdout.write(f"missed {each.kind} ({each.disguise}) for {each.speaker}: {each.text!r}\n")
    share = 100 * caught.total() / planted.total()
    note = f"{planted.total():,} texts, {len(disguised)} disguises; whose it is was named rightly too"
    return [Figure("planted foreign facts caught", share, "%", 99, True, note)] + [
        Figure(f"… {kind}", 100 * caught[kind] / count, "%", note=f"{count:,} texts")
        for kind, count in sorted(planted.items())
    ]


async def _wrongly_stopped(
    guard: Guard, packs: list[Pack], dialogues: Path, platform: str, show: bool
) -> list[Figure]:
    turns = real_turns(dialogues)
    if not turns:
        return []
    stopped, kinds, spoken = 0, Counter[str](), 0
    for pack in packs:
        assert pack.shop is not None
        for turn in turns:
            result = await guard.check(pack.shop.id, turn)
            spoken += 1
            stopped += result.verdict is not Verdict.PASS
            kinds.update({finding.kind.value for finding in result.findings})
            if show and result.findings:
                sys.stdout.write(
                    f"stopped {pack.shop.id}: {turn!r} {[(f.kind, f.text) for f in result.findings]}\n"
                )
    foreign = sum(count for kind, count in kinds.items() if kind not in ("forbidden", "contact"))
    by_kind = ", ".join(f"{kind} {count}" for kind, count in kinds.most_common()) or "none"
    note = f"{len(turns):,} turns for each of {len(packs)} shops; {by_kind}"
    return [
        Figure(
            f"real {platform} agent turns stopped, for whatever reason",
            100 * stopped / spoken,
            "%",
            0.3,
            note=note,
        ),
        Figure("… as another shop's", 100 * foreign / spoken, "%"),
    ]


async def _own_texts(guard: Guard, packs: list[Pack], show: bool) -> list[Figure]:
    stopped, spoken = 0, 0
    for pack in packs:
        assert pack.shop is not None
        for text in spoken_replies(pack):
            result = await guard.check(pack.shop.id, text)
            spoken += 1
            stopped += result.verdict is not Verdict.PASS
            if show and result.findings:
                sys.stdout.write(
                    f"own {pack.shop.id}: {text!r} {[(f.kind, f.text) for f in result.findings]}\n"
                )
    return [Figure("a shop's own replies stopped", 100 * stopped / spoken, "%", 0, note=f"{spoken} replies")]


async def _at_size(packs: list[Pack], common: list[Pack]) -> list[Figure]:
    bench = GuardBench(common)
    for pack in packs:
        await load_shop(bench.shops, bench.entries, bench.facts, pack)
    for number in range(_MANY - len(packs)):
        made = make_shop(number)
        async with bench.shops.together(made.shop.id):
            await bench.shops.put_shop(made.shop)
            await bench.facts.put_facts(made.shop.id, made.facts)
            await bench.facts.put_products(made.shop.id, made.products)
            entries = [
                replace(entry, reply=f"{entry.reply}，本店编号{number}的说明第{i}条请您放心参考")
                for i, entry in enumerate(made.entries[:_ENTRIES])
            ]
            await bench.entries.put_entries(made.shop.id, entries)
    gc.collect()
    before = psutil.Process().memory_info().rss
    seconds = await bench.start()
    gc.collect()
    grown = psutil.Process().memory_info().rss - before
    turns = real_turns(_TAOBAO)[:2000] or [text for pack in packs for text in spoken_replies(pack)]
    assert packs[0].shop is not None
    times: list[float] = []
    for turn in turns:
        began = time.perf_counter()
        await bench.guard.check(packs[0].shop.id, turn)
        times.append(1000 * (time.perf_counter() - began))
    await bench.close()
    size = f"{_MANY:,} shops of {_ENTRIES} entries"
    return [
        Figure("a check, median", median(times), "ms", 1, note=size),
        Figure("a check, 99th percentile", percentile(times, 0.99), "ms", note=size),
        Figure(
            "memory of all shops' terms",
            grown / 2**20,
            "MiB",
            note=f"{size}, what a process grows by",
        ),
        Figure("until all shops are known", seconds, "s", note=f"{size}, in a thread beside the service"),
    ]


def _write(report: Report) -> None:
    begin, end = "<!-- bench:guard -->", "<!-- /bench:guard -->"
    head, _, rest = _PAGE.read_text(encoding="utf-8").partition(begin)
    rows = [
        f"| {f.name} | {f.shown_value} | {f.shown_target} | {f.shown_verdict} | {f.note} |"
        for f in report.figures
    ]
    table = ["| figure | measured | target | | note |", "| --- | ---: | ---: | --- | --- |", *rows]
    section = "\n".join(["", *table, "", f"Measured: {report.circumstances}.", ""])
    _PAGE.write_text(f"{head}{begin}\n{section}{end}{rest.partition(end)[2]}", encoding="utf-8")


def main() -> None:
    """Measure, write the page, and exit with 1 when a target is missed."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--missed", action="store_true", help="list the plants that were not caught")
    parser.add_argument("--stopped", action="store_true", help="list the texts that were stopped wrongly")
    parser.add_argument("--json", type=Path, metavar="OUT", help="write the figures as JSON too")
    given = parser.parse_args()
    report = asyncio.run(measure(given.missed, given.stopped))
    for figure in report.figures:
        sys.stdout.write(
            f"{figure.name}: {figure.shown_value} {figure.shown_target} {figure.shown_verdict} {figure.note}\n"
        )
    if given.json:
        figures = [figure.as_json() for figure in report.figures]
        given.json.write_text(json.dumps(figures, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
    _write(report)
    if any(figure.is_met is False for figure in report.figures):
        sys.exit(1)


if __name__ == "__main__":
    main()
