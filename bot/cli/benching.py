"""kuaihui bench."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import Annotated

import typer

from bot.cli.console import CommandError
from bot.settings import PROJECT_ROOT


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command()(bench)


def bench(
    names: Annotated[
        list[str] | None,
        typer.Argument(
            help="要测的项目，默认全部。 http, shops, replay, edit, start, live, auto…; all by default."
        ),
    ] = None,
    quick: Annotated[
        bool, typer.Option("--quick", help="少量、不写文档。 Smaller amounts; writes no page.")
    ] = False,
    json: Annotated[
        Path | None, typer.Option("--json", help="另存为 JSON。 Write the figures here too.")
    ] = None,
) -> None:
    """测速，写入 docs/performance.md。 Measure speed, as ratios in one run, into docs/performance.md."""
    if not (PROJECT_ROOT / "benchmarks").is_dir():
        raise CommandError(
            "the benchmarks are part of the source tree: run this in a clone of the repository"
        )
    arguments = [
        *(names or []),
        *(["--quick"] if quick else []),
        *(["--json", str(json.resolve())] if json else []),
    ]
    # The benchmarks are no part of the installed package: they get a process in the source tree, in place of this one.
    os.chdir(PROJECT_ROOT)
    os.execv(sys.executable, [sys.executable, "-m", "benchmarks", *arguments])  # noqa: S606
