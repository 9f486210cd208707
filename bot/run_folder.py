"""The folder of a running installation's sockets: short enough for a socket's path, and closed to every other user."""

from __future__ import annotations

import hashlib
import os
import stat
import tempfile
from pathlib import Path

from bot.ports import Unavailable

_LONGEST = 80


def run_folder(data_dir: Path) -> Path:
    """Return the folder, made if need be, mode 0700. Raises Unavailable when another user holds it."""
    folder = _choose(data_dir)
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    found = folder.lstat()
    if not stat.S_ISDIR(found.st_mode) or found.st_uid != os.geteuid() or found.st_mode & 0o077:
        raise Unavailable(
            f"{folder} belongs to another user or is open to others: remove it, or set XDG_RUNTIME_DIR"
        )
    return folder


def operator_socket(data_dir: Path) -> Path:
    """Return where a running server listens for the commands of the same user."""
    return _choose(data_dir) / "operator.sock"


def serve_lock(data_dir: Path) -> Path:
    """Return the lock that a running server holds, so that a data folder has one server at most."""
    return _choose(data_dir) / "serve.lock"


def _choose(data_dir: Path) -> Path:
    inside = data_dir / "run"
    if len(str(inside)) <= _LONGEST:
        return inside
    name = hashlib.sha256(str(data_dir).encode()).hexdigest()[:12]
    base = os.environ.get("XDG_RUNTIME_DIR") or tempfile.gettempdir()
    return Path(base) / f"kuaihui-{os.geteuid()}-{name}"
