"""The command line as a whole: its families, and how errors reach the person."""

from __future__ import annotations

import io
import sys

import typer

from bot.cli import (
    accounts,
    administration,
    auto_replies,
    benching,
    channels,
    evaluating,
    organisations,
    packing,
    playing,
    records,
    serving,
    suggesting,
    training,
)
from bot.cli.console import CommandError, fail

app = typer.Typer(
    name="kuaihui",
    help="快回：同时服务多家店铺的客服快捷回复。 Quick replies for agents who answer for several shops.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)
for family in (
    serving,
    suggesting,
    packing,
    training,
    evaluating,
    benching,
    playing,
    administration,
    auto_replies,
    channels,
    accounts,
    organisations,
    records,
):
    family.register(app)


def run() -> None:
    """Run the command; a foreseen error becomes one clear message and exit status 1."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            # A terminal that cannot show a character (GBK and an emoji) shows a question mark, and the command goes on.
            stream.reconfigure(errors="replace")
    try:
        app()
    except KeyboardInterrupt:
        sys.exit(130)
    except Exception as error:
        if not isinstance(error, _foreseen()):
            raise
        fail(_describe(error))
        sys.exit(1)


def _foreseen() -> tuple[type[Exception], ...]:
    """Return the errors whose message is written for the person. Imported only once something failed."""
    from bot.domain.shop import InvalidShopId
    from bot.ports import Conflict, NotFound, Unavailable
    from bot.services.packs import BrokenPack
    from bot.settings import InvalidSettings
    from bot.storage.archive import BackupRefused

    return (
        CommandError, InvalidSettings, InvalidShopId, Unavailable, NotFound, Conflict, BrokenPack, BackupRefused, OSError,
    )  # fmt: skip


def _describe(error: BaseException) -> str:
    if isinstance(error, OSError):
        if error.filename:
            return f"{error.filename}: {error.strerror or error}"
        return error.strerror or str(error)
    return str(error)
