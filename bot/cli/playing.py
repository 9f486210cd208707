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
    app.command()(play)


def play(
    packs: Annotated[
        list[Path] | None,
        typer.Argument(help="对话文件，默认自带的 600 段。 Packs; the repository's 600 by default."),
    ] = None,
    part: Annotated[
        str, typer.Option("--part", help="自带的哪一半：dev、held、all。 Which half of them.")
    ] = "all",
    url: Annotated[
        str, typer.Option("--url", help="已在运行的系统，密码放在 PLAY_PASSWORD。 A running system.")
    ] = "",
    login: Annotated[str, typer.Option("--login", help="那里的管理账号。 Who signs in there.")] = "admin",
    at_once: Annotated[int, typer.Option("--at-once", help="同时进行几段。 Conversations at a time.")] = 40,
    failures: Annotated[
        bool, typer.Option("--failures", help="列出没做好的（留作评分的除外）。 List what went wrong.")
    ] = False,
) -> None:
    """试演对话并评分，见 docs/playing.md。 Play conversations on the running system and score them."""
    if not (PROJECT_ROOT / "benchmarks").is_dir():
        raise CommandError("what plays is part of the source tree: run this in a clone of the repository")
    arguments = [*(str(path.resolve()) for path in packs or []), "--part", part, "--login", login]
    arguments += [
        "--at-once",
        str(at_once),
        *(["--url", url] if url else []),
        *(["--failures"] if failures else []),
    ]
    # It is no part of the installed package: it gets a process in the source tree, in place of this one.
    os.chdir(PROJECT_ROOT)
    os.execv(sys.executable, [sys.executable, "-m", "benchmarks.playing", *arguments])  # noqa: S606
