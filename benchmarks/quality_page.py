"""What docs/quality.md is made of: sections with their targets, tables, and two pictures a set."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from benchmarks.estimates import UNKNOWN, Estimate
from benchmarks.real_messages import DATA_DIR
from bot.retrieval.evaluation_pictures import NothingToDraw, draw_coverage, draw_reliability

FEWEST_FOR_CALIBRATION: Final = 800
"""Messages from which on a calibration error says something about the confidences and not about the draw."""

_CURVE: Final = re.compile(r'\bd="[^"]*"')
_LONG_NUMBER: Final = re.compile(r"-?\d+\.\d{2,}")


@dataclass(frozen=True, slots=True)
class Target:
    """A figure that was to be reached: at least `wanted`, or with `at_most` no more than it. UNKNOWN: not measured."""

    measured_on: str
    figure: str
    wanted: float
    found: Estimate = UNKNOWN
    at_most: bool = False
    percent: bool = True

    @property
    def is_met(self) -> bool | None:
        """Whether the measured value reaches it; None where nothing was measured."""
        if not self.found.is_known:
            return None
        return self.found.value <= self.wanted if self.at_most else self.found.value >= self.wanted

    @property
    def is_in_doubt(self) -> bool:
        """Whether the target lies inside the interval: another draw might fall on its other side."""
        return self.found.is_known and self.found.low <= self.wanted <= self.found.high

    def row(self) -> str:
        """Return its row of the table."""
        measured = self.found.in_percent() if self.percent else self.found.as_number()
        wanted = f"{100 * self.wanted:g} %" if self.percent else f"{self.wanted:g}"
        met = {None: "not measured", True: "yes", False: "**no**"}[self.is_met]
        doubt = ", within chance" if self.is_in_doubt else ""
        limit = "≤" if self.at_most else "≥"
        return f"| {self.measured_on} | {self.figure} | {measured} | {limit} {wanted} | {met}{doubt} |"


@dataclass(slots=True)
class Section:
    """A part of the page: its lines, the targets measured in it, and what could not be measured."""

    lines: list[str] = field(default_factory=list)
    targets: list[Target] = field(default_factory=list)
    missing: list[str] = field(default_factory=list)
    pairs: list[tuple[str, str, str]] = field(default_factory=list)
    """(figure, on self-made text, on real text)."""


@dataclass(frozen=True, slots=True)
class Gallery:
    """Where the pictures go: into `folder`, linked from a page in `page_folder`. Nothing is drawn where there is no folder."""

    folder: Path | None = None
    page_folder: Path | None = None

    def draw(self, name: str, title: str, confidences: Sequence[float], right: Sequence[bool]) -> list[str]:
        """Draw reliability diagram and coverage curve, and return the lines that show them."""
        if self.folder is None or self.page_folder is None:
            return []
        self.folder.mkdir(parents=True, exist_ok=True)
        reliability, coverage = (self.folder / f"{name}-{kind}.svg" for kind in ("reliability", "coverage"))
        try:
            draw_reliability(confidences, right, reliability, title)
            draw_coverage(confidences, right, coverage, title)
        except NothingToDraw:
            return []
        links = [path.relative_to(self.page_folder).as_posix() for path in (reliability, coverage)]
        for path in (reliability, coverage):
            path.write_text(with_short_numbers(path.read_text(encoding="utf-8")), encoding="utf-8")
        shown = [f"![Reliability diagram: {title}]({links[0]})", f"![Coverage curve: {title}]({links[1]})"]
        return [
            "",
            "| how true the confidences are | what could be answered alone |",
            "| --- | --- |",
            f"| {' | '.join(shown)} |",
        ]


def with_short_numbers(svg: str) -> str:
    """Return the picture with its curves in tenths of a point, which nobody sees and which make it half as large."""

    def short(found: re.Match[str]) -> str:
        return _LONG_NUMBER.sub(lambda number: f"{float(number[0]):.1f}", found[0].replace("\n", " "))

    return _CURVE.sub(short, svg)


def shown_folder(data: Path) -> str:
    """Return how a page names the folder of the public data: without the place it has on this machine."""
    return "../shared/data" if data == DATA_DIR else data.name


def table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> list[str]:
    """Return a table of markdown; all columns but the first are numbers."""
    lines = [f"| {' | '.join(head)} |", f"| --- |{' ---: |' * (len(head) - 1)}"]
    return lines + [f"| {' | '.join(row)} |" for row in rows]


def confidence_targets(
    measured_on: str, found_error: Estimate, found_skill: Estimate, messages: int
) -> list[Target]:
    """Return the targets of confidences; none for a set that is too small to tell."""
    if 0 < messages < FEWEST_FOR_CALIBRATION:
        return []
    return [
        Target(measured_on, "calibration error", 0.04, found_error, at_most=True, percent=False),
        Target(measured_on, "Brier skill", 0.25, found_skill, percent=False),
    ]


def targets_table(targets: Sequence[Target]) -> list[str]:
    """Return the table of all targets under a sentence that counts them."""
    measured = [target for target in targets if target.is_met is not None]
    met = sum(bool(target.is_met) for target in measured)
    left = len(targets) - len(measured)
    counted = f"{met} of the {len(measured)} targets measured here are met"
    counted += f"; {left} could not be measured." if left else "."
    return [
        counted,
        "",
        "| set | figure | measured (95 % interval) | target | met |",
        "| --- | --- | ---: | ---: | --- |",
        *(target.row() for target in targets),
    ]


def pairs_table(pairs: Sequence[tuple[str, str, str]]) -> list[str]:
    """Return the table that puts figures on self-made and on real text side by side."""
    return table(("figure", "self-made text", "real text"), pairs)
