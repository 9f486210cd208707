"""Runs the benchmarks one after another: `python -m benchmarks [NAME…] [--quick] [--json OUT]`."""

from __future__ import annotations

import argparse
import asyncio
import json
import logging
import sys
import time
from contextlib import AsyncExitStack
from pathlib import Path
from types import ModuleType

from rich.console import Console
from rich.table import Table

from benchmarks import (
    auto_kills,
    auto_traffic,
    editing,
    entry_page,
    http_suggestions,
    live_traffic,
    many_shops,
    message_search,
    queue_scrolling,
    replaying,
    starting,
)
from benchmarks.figures import Report, write_section
from benchmarks.workbench import Workbench
from bot.settings import PROJECT_ROOT, InvalidSettings, load_settings

_ALL: tuple[ModuleType, ...] = (
    http_suggestions,
    many_shops,
    replaying,
    editing,
    entry_page,
    starting,
    live_traffic,
    queue_scrolling,
    message_search,
    auto_traffic,
    auto_kills,
)
_BY_NAME = {module.NAME: module for module in _ALL}
_PAGE = PROJECT_ROOT / "docs" / "performance.md"


def main() -> None:
    """Run what was asked for; exit status 1 when a target is missed."""
    parser = argparse.ArgumentParser(prog="kuaihui bench", description=__doc__)
    parser.add_argument("names", nargs="*", metavar="NAME", help=", ".join(_BY_NAME))
    parser.add_argument(
        "--quick", action="store_true", help="smaller amounts; docs/performance.md stays as it is"
    )
    parser.add_argument("--json", type=Path, metavar="OUT", help="write the figures as JSON too")
    given = parser.parse_args()
    if unknown := [name for name in given.names if name not in _BY_NAME]:
        parser.error(f"unknown benchmark {', '.join(unknown)}; there are {', '.join(_BY_NAME)}")
    logging.basicConfig(level=logging.ERROR)
    console = Console(stderr=True, highlight=False)
    try:
        reports = asyncio.run(_run(given.names or list(_BY_NAME), given.quick, console))
    except InvalidSettings as error:
        sys.exit(f"kuaihui: {error}")
    if given.json:
        given.json.write_text(
            json.dumps(_as_json(reports), ensure_ascii=False, indent=1) + "\n", encoding="utf-8"
        )
    if not given.quick:
        for report in reports:
            write_section(_PAGE, report)
        console.print(f"written into {_PAGE.relative_to(PROJECT_ROOT)}")
    _show(reports)
    if any(figure.is_met is False for report in reports for figure in report.figures):
        sys.exit(1)


async def _run(names: list[str], quick: bool, console: Console) -> list[Report]:
    def say(text: str) -> None:
        console.print(text, markup=False, style="dim")

    reports: list[Report] = []
    async with AsyncExitStack() as stack:
        bench = Workbench(load_settings(), quick, say, stack)
        for name in names:
            began = time.perf_counter()
            say(f"— {name}: {_BY_NAME[name].TITLE}")
            report: Report = await _BY_NAME[name].measure(bench)
            say(f"  {report.skipped or 'done'} ({time.perf_counter() - began:.0f} s)")
            reports.append(report)
    return reports


def _as_json(reports: list[Report]) -> list[dict[str, object]]:
    return [
        {
            "benchmark": report.benchmark,
            "circumstances": report.circumstances,
            "skipped": report.skipped,
            "figures": [figure.as_json() for figure in report.figures],
        }
        for report in reports
    ]


def _show(reports: list[Report]) -> None:
    table = Table("", "figure", "measured", "target", "", "note")
    for column in (2, 3):
        table.columns[column].justify = "right"
    for report in reports:
        if report.skipped:
            table.add_row(report.benchmark, "skipped", "", "", "", report.skipped)
        for figure in report.figures:
            style = {None: "dim", True: "green", False: "red"}[figure.is_met]
            table.add_row(
                report.benchmark, figure.name, figure.shown_value, figure.shown_target,
                f"[{style}]{figure.shown_verdict.strip('*')}[/]", figure.note,
            )  # fmt: skip
        table.add_section()
    Console(highlight=False).print(table)


if __name__ == "__main__":
    main()
