"""What commands print: progress and errors on standard error, results on standard output."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache

from rich.console import Console
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    SpinnerColumn,
    TextColumn,
    TimeElapsedColumn,
)


class CommandError(Exception):
    """What the person asked for cannot be done; the message says why and what would be right."""


@cache
def out() -> Console:
    """Return the console for results."""
    return Console(soft_wrap=True, highlight=False)


@cache
def err() -> Console:
    """Return the console for progress and errors."""
    return Console(stderr=True, soft_wrap=True, highlight=False)


def say(text: str) -> None:
    """Print a line of progress."""
    err().print(text, markup=False)


def fail(text: str) -> None:
    """Print an error."""
    err().print(f"kuaihui: {text}", style="red" if sys.stderr.isatty() else "", markup=False)


@contextmanager
def progress_bar() -> Iterator[Progress]:
    """Show a progress bar on standard error for the time of the block."""
    columns = (
        SpinnerColumn(),
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
    )
    with Progress(*columns, console=err(), transient=not sys.stderr.isatty()) as progress:
        yield progress
