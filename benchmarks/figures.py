"""Measured figures: how they are summed up, shown in a table, and kept in docs/performance.md."""

from __future__ import annotations

import os
import platform
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import psutil


@dataclass(frozen=True, slots=True)
class Figure:
    """One measured figure. `target` is a limit: an upper one, or a lower one with `at_least`; None = reported only."""

    name: str
    value: float
    unit: str
    target: float | None = None
    at_least: bool = False
    note: str = ""

    @property
    def is_met(self) -> bool | None:
        """Whether the target is met; None where there is none."""
        if self.target is None:
            return None
        return self.value >= self.target if self.at_least else self.value <= self.target

    @property
    def shown_value(self) -> str:
        return f"{_number(self.value)} {self.unit}".strip()

    @property
    def shown_target(self) -> str:
        if self.target is None:
            return ""
        return f"{'≥' if self.at_least else '≤'} {_number(self.target)} {self.unit}".strip()

    @property
    def shown_verdict(self) -> str:
        return {None: "", True: "met", False: "**missed**"}[self.is_met]

    def as_json(self) -> dict[str, Any]:
        """Return plain data."""
        return {
            "name": self.name, "value": round(self.value, 5), "unit": self.unit, "target": self.target,
            "at_least": self.at_least, "met": self.is_met, "note": self.note,
        }  # fmt: skip


@dataclass(frozen=True, slots=True)
class Report:
    """What one benchmark found, under which circumstances."""

    benchmark: str
    title: str
    figures: tuple[Figure, ...]
    circumstances: str
    skipped: str = ""


def percentile(values: Sequence[float], share: float) -> float:
    """Return the value below which `share` (0 to 1) of the values lie: the nearest measured one, no interpolation."""
    if not values:
        return float("nan")
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, round(share * (len(ordered) - 1)))]


def median(values: Sequence[float]) -> float:
    """Return the middle value."""
    return percentile(values, 0.5)


def circumstances() -> str:
    """Return machine, versions and how busy the machine is, in a line."""
    day = datetime.now(UTC).date().isoformat()
    load = os.getloadavg()[0]
    cores = (
        len(psutil.Process().cpu_affinity() or ())
        if hasattr(psutil.Process, "cpu_affinity")
        else psutil.cpu_count()
    )
    memory = psutil.virtual_memory().total / 2**30
    return f"{day}, {cores} cores, {memory:.0f} GiB, Python {platform.python_version()}, load {load:.1f} at the start"


def _number(value: float) -> str:
    if isinstance(value, int) or abs(value) >= 100:
        return f"{value:,.0f}"
    return f"{value:.1f}" if abs(value) >= 10 else f"{value:.2f}"


def markdown(report: Report) -> str:
    """Return the report as a heading with a table."""
    lines = [f"### {report.title} (`kuaihui bench {report.benchmark}`)", ""]
    if report.skipped:
        return "\n".join([*lines, f"Skipped: {report.skipped}.", ""])
    lines += ["| figure | measured | target | | note |", "| --- | ---: | ---: | --- | --- |"]
    lines += [
        f"| {f.name} | {f.shown_value} | {f.shown_target} | {f.shown_verdict} | {f.note} |"
        for f in report.figures
    ]
    return "\n".join([*lines, "", f"Measured: {report.circumstances}.", ""])


def write_section(page: Path, report: Report) -> None:
    """Put the report between its markers in the page, in place of the earlier one. Raises ValueError without markers."""
    begin, end = f"<!-- bench:{report.benchmark} -->", f"<!-- /bench:{report.benchmark} -->"
    text = page.read_text(encoding="utf-8")
    head, found, rest = text.partition(begin)
    _, closed, tail = rest.partition(end)
    if not found or not closed:
        raise ValueError(f"{page.name} lacks the markers {begin} and {end}")
    page.write_text(f"{head}{begin}\n{markdown(report)}{end}{tail}", encoding="utf-8")
