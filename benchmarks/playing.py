"""Plays packs of conversations on the running system and scores them: `python -m benchmarks.playing [PACK.yml…]`.

Without --url a whole installation is started over a folder of its own, with the three demo shops. docs/playing.md says the rest.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import re
import secrets
import signal
import sys
import time
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any, Final
from zoneinfo import ZoneInfo

import yaml
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from benchmarks.played_buyers import Buyer, Seen
from benchmarks.played_channel import OpenChannel, Receiver
from benchmarks.played_installation import start_installation
from benchmarks.played_packs import HEAD_NAME, Head, InvalidPack, PlayedConversation, read_head, read_pack
from benchmarks.played_scoring import Verdict, foreign_words, judge, share_of
from benchmarks.played_system import NotPlayable, PlayedSystem, channels_needed, connect
from bot.settings import PROJECT_ROOT, InvalidSettings

PACKS: Final = PROJECT_ROOT / "tests" / "data" / "played"
_SHOPS: Final = PROJECT_ROOT / "templates" / "demo"
_ZONE: Final = ZoneInfo("Asia/Shanghai")
_HELD: Final = "-held"
"""Files of that end are kept for the figure: what went wrong in them is never shown singly."""
_TELLING: Final = (
    "phone",
    "dispatch_time",
    "origin",
    "promotion",
    "coupon",
    "gift",
    "return_address",
    "invoice_how",
)
_CODE: Final = re.compile(r"\b[A-Z]{4,}\d+\b")
_PASSWORD: Final = "PLAY_PASSWORD"
_AT_ONCE: Final = 40
_PROGRESS_SECONDS: Final = 30.0


@dataclass(slots=True)
class Stage:
    """What is played, where from, and what came of it."""

    held: frozenset[str]
    seen: list[Seen] = field(default_factory=list)
    verdicts: list[Verdict] = field(default_factory=list)


def main() -> None:
    """Play; the last line printed is the figures as JSON."""
    given = _arguments()
    console = Console(stderr=True, highlight=False, soft_wrap=True)
    # What was started ends with us, however we are ended.
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        heads, conversations, held = _read(given.packs or _own_packs(given.part))
        stage = asyncio.run(_play(given, heads, conversations, held, console))
    except (InvalidPack, InvalidSettings, NotPlayable) as error:
        sys.exit(f"kuaihui play: {error}")
    _show(stage, console, failures=given.failures)
    print(share_of(stage.verdicts).as_json())


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="kuaihui play", description=__doc__)
    parser.add_argument(
        "packs", nargs="*", type=Path, metavar="PACK.yml", help="dev and held of tests/data/played by default"
    )
    parser.add_argument(
        "--part",
        choices=("dev", "held", "all", "more"),
        default="all",
        help="of our own packs; all: dev and held",
    )
    parser.add_argument("--url", help=f"a running system; needs --login, and its password in {_PASSWORD}")
    parser.add_argument("--login", default="admin")
    parser.add_argument("--at-once", type=int, default=_AT_ONCE, help="conversations played at a time")
    parser.add_argument(
        "--failures", action="store_true", help="show what went wrong, but in packs kept for the figure"
    )
    given = parser.parse_args()
    if given.at_once < 1:
        parser.error("--at-once: 1 or more")
    return given


def _own_packs(part: str) -> list[Path]:
    ends = ("-dev", _HELD) if part == "all" else (f"-{part}",)
    return [path for path in sorted(PACKS.glob("*.yml")) if path.stem.endswith(ends)]


def _read(paths: Sequence[Path]) -> tuple[dict[str, Head], list[PlayedConversation], frozenset[str]]:
    """Return the head of each shop's packs, the conversations, and the ids of those whose failures stay unseen."""
    today = datetime.now(_ZONE).date()
    heads: dict[str, Head] = {}
    conversations: list[PlayedConversation] = []
    held: set[str] = set()
    origin: dict[str, str] = {}
    for path in paths:
        beside = path.parent / HEAD_NAME
        head = read_head(beside if beside.is_file() else PACKS / HEAD_NAME)
        for each in read_pack(path, head, today):
            if each.id in origin:
                raise InvalidPack(f"{path.name}: conversation {each.id}: id: stands in {origin[each.id]} too")
            origin[each.id] = path.name
            if heads.setdefault(each.shop, head) != head:
                raise InvalidPack(f"{path.name}: shop: {each.shop} is played by another head already")
            conversations.append(each)
            held |= {each.id} if path.stem.endswith(_HELD) else set()
    return heads, conversations, frozenset(held)


async def _play(
    given: argparse.Namespace,
    heads: Mapping[str, Head],
    conversations: Sequence[PlayedConversation],
    held: frozenset[str],
    console: Console,
) -> Stage:
    async with AsyncExitStack() as stack:
        receiver = await stack.enter_async_context(Receiver().open())
        system = await _system(given, sorted(heads), stack, console)
        await system.wait_until_ready()
        stack.push_async_callback(_put_back, system, console)
        channels: dict[str, list[OpenChannel]] = {}
        for shop, head in heads.items():
            buyers = [each.buyer for each in conversations if each.shop == shop]
            channels[shop] = await system.prepare(
                shop, head.policy, receiver.address, channels_needed(buyers)
            )
            for channel in channels[shop]:
                receiver.secrets[shop, channel.id] = channel.secret
        stage = Stage(held)
        console.print(f"{len(conversations)} conversations, {given.at_once} at once…", style="dim")
        await _play_all(stage, system, receiver, channels, conversations, given.at_once, console)
        if receiver.inbox.refused:
            console.print(
                f"{receiver.inbox.refused} deliveries were not signed with their channel's secret",
                style="red",
            )
    foreign = _foreign(sorted(heads))
    stage.seen.sort(key=lambda seen: seen.conversation.id)
    stage.verdicts = [
        judge(seen.conversation, seen.turns, foreign.get(seen.conversation.shop, ())) for seen in stage.seen
    ]
    return stage


async def _put_back(system: PlayedSystem, console: Console) -> None:
    """What was played is worth its figures also when the shops keep the player's rules."""
    try:
        await system.put_back()
    except (NotPlayable, OSError) as error:
        console.print(f"the shops keep the rules that were played by: {error}", style="red", markup=False)


async def _system(
    given: argparse.Namespace, shops: Sequence[str], stack: AsyncExitStack, console: Console
) -> PlayedSystem:
    if not given.url:
        address, session, csrf = await start_installation(shops, stack, console)
        system = await stack.enter_async_context(connect(address, session))
        system.csrf = csrf
        return system
    password = os.environ.get(_PASSWORD, "")
    if not password:
        raise NotPlayable(f"--url needs the password of {given.login} in {_PASSWORD}")
    system = await stack.enter_async_context(connect(given.url))
    await system.sign_in(given.login, password)
    return system


async def _play_all(
    stage: Stage,
    system: PlayedSystem,
    receiver: Receiver,
    channels: Mapping[str, Sequence[OpenChannel]],
    conversations: Sequence[PlayedConversation],
    at_once: int,
    console: Console,
) -> None:
    run = secrets.token_hex(4)
    met: Counter[tuple[str, str]] = Counter()
    waiting: list[Buyer] = []
    for each in conversations:
        # Nobody has two conversations at a time on one channel: the second is held on the next.
        place = met[each.shop, each.buyer] if each.buyer else 0
        met[each.shop, each.buyer] += 1
        waiting.append(Buyer(system, receiver.inbox, channels[each.shop][place], each, run))
    began = told = time.monotonic()
    left = iter(waiting)

    async def go_on() -> None:
        nonlocal told
        for buyer in left:
            stage.seen.append(await buyer.play())
            if time.monotonic() - told > _PROGRESS_SECONDS:
                told = time.monotonic()
                console.print(f"  {len(stage.seen)} played after {told - began:.0f} s", style="dim")

    async with asyncio.TaskGroup() as group:
        for _ in range(at_once):
            group.create_task(go_on())


def _foreign(shops: Sequence[str]) -> dict[str, tuple[str, ...]]:
    """Return what tells the other demo shops from each, by their own files."""
    telling: dict[str, list[str]] = {}
    whole: dict[str, str] = {}
    for path in sorted(_SHOPS.glob("*.yml")):
        text = path.read_text(encoding="utf-8")
        shop: dict[str, Any] = yaml.safe_load(text)
        facts = [str(shop["facts"][name]) for name in _TELLING if name in shop["facts"]]
        titles = [str(product["title"]) for product in shop["products"]]
        telling[path.stem] = [str(shop["shop"]["name"]), *facts, *titles, *_CODE.findall(text)]
        whole[path.stem] = text
    return {shop: words for shop, words in foreign_words(telling, whole).items() if shop in shops}


def _show(stage: Stage, console: Console, *, failures: bool) -> None:
    by_kind: defaultdict[str, list[Verdict]] = defaultdict(list)
    for verdict in stage.verdicts:
        by_kind[verdict.conversation.kind].append(verdict)
    table = Table(
        "kind", "played", "finished rightly", "wrong", "due", "handed over when due", "needlessly", "broken"
    )
    broken = {seen.conversation.id for seen in stage.seen if seen.broken}
    for kind, verdicts in (*sorted(by_kind.items()), ("all", stage.verdicts)):
        table.add_row(
            kind, str(len(verdicts)), str(sum(v.finished_rightly for v in verdicts)),
            str(sum(bool(v.wrong) for v in verdicts)), str(sum(v.is_due for v in verdicts)),
            str(sum(v.handed_over_when_due for v in verdicts)), str(sum(v.handed_over_needlessly for v in verdicts)),
            str(sum(v.conversation.id in broken for v in verdicts)), end_section=kind == "all",
        )  # fmt: skip
    console.print(table)
    for part, is_held in (("seen", False), ("kept for the figure", True)):
        of_part = [each for each in stage.verdicts if (each.conversation.id in stage.held) is is_held]
        if of_part:
            console.print(f"{part}: {share_of(of_part).as_json()}", markup=False)
    if failures:
        for seen, verdict in zip(stage.seen, stage.verdicts, strict=True):
            if seen.conversation.id not in stage.held:
                _show_failure(seen, verdict, console)


def _show_failure(seen: Seen, verdict: Verdict, console: Console) -> None:
    if verdict.finished_rightly or (verdict.handed_over_when_due and not verdict.wrong):
        return
    late = ["no person was asked for in time"] if verdict.is_due and not verdict.handed_over_when_due else []
    needless = ["a person was asked for needlessly"] if verdict.handed_over_needlessly else []
    marks = [*(f"WRONG {why}" for why in verdict.wrong), *verdict.off, *late, *needless]
    marks += [f"BROKEN {seen.broken}"] if seen.broken else []
    console.print(
        f"\n[bold]{verdict.conversation.id}[/] {verdict.conversation.kind}: {escape('; '.join(marks))}"
    )
    for turn, why in zip(seen.turns, seen.reasons, strict=True):
        console.print(f"  > {escape(' | '.join(turn.said))}", style="cyan")
        console.print(f"  {turn.deed} ({', '.join(why)}) {escape(' | '.join(turn.bubbles))}")


if __name__ == "__main__":
    main()
