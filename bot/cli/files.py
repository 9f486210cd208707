"""Writing files whole: beside the target, then renamed, so that a full disk leaves the old file as it was."""

from __future__ import annotations

import contextlib
from pathlib import Path

from bot.cli.console import CommandError


def write_whole(file: Path, content: bytes) -> None:
    """Write the file, or leave what was there. Raises CommandError."""
    partial = file.with_name(f".{file.name}.partial")
    try:
        partial.write_bytes(content)
        partial.replace(file)
    except OSError as error:
        raise CommandError(
            f"{file} cannot be written ({error.strerror or error}); nothing was changed"
        ) from None
    finally:
        with contextlib.suppress(OSError):
            partial.unlink(missing_ok=True)
