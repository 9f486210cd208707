"""kuaihui play."""

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
    app.command(context_settings={"allow_extra_args": True, "ignore_unknown_options": True})(play)


def play(
    context: typer.Context,
    packs: Annotated[
        list[Path] | None,
        typer.Argument(help="对话文件，默认仓库自带的 600 段。 Packs; the 600 of the repository by default."),
    ] = None,
) -> None:
    """试演对话并评分，见 docs/playing.md。 Play conversations on the running system and score them; options: docs/playing.md."""
    if not (PROJECT_ROOT / "benchmarks").is_dir():
        raise CommandError("played conversations are part of the source tree: run this in a clone of the repository")
    files = [str(path if str(path).startswith("-") else path.resolve()) for path in packs or []]
    # What plays is no part of the installed package: it gets a process in the source tree, in place of this one.
    os.chdir(PROJECT_ROOT)
    os.execv(sys.executable, [sys.executable, "-m", "benchmarks.playing", *files, *context.args])  # noqa: S606
