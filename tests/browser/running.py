"""A `kuaihui serve` of two workers with the demo shops, in a data folder of its own, and the passwords it printed."""

from __future__ import annotations

import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

from bot.settings import PROJECT_ROOT
from tests.integration.rasa_models import project_model

_START_SECONDS = 240
_ADDRESS = re.compile(r"serving at (http://\S+)")
_PASSWORD = re.compile(r"^\s+(admin|kefu1|kefu2)\s+(\S+)\s*$")
_LAST_LINE = "Ctrl-C"


@dataclass(frozen=True)
class Running:
    """Where it serves, and the first accounts' passwords by login."""

    address: str
    passwords: Mapping[str, str]


@contextmanager
def serving(*, rasa: bool, workers: int = 2) -> Iterator[Running]:
    """Serve on a free port until left. The demo's own buyers stay away: each test brings those that it needs."""
    folder = Path(tempfile.mkdtemp(prefix="kuaihui-browser-", dir="/tmp"))
    folder.chmod(0o711)  # as root the database runs as another user, who must be able to step in
    kept = {name: value for name, value in os.environ.items() if not name.startswith("KUAIHUI_")}
    settings = {"KUAIHUI_DATA_DIR": str(folder), "KUAIHUI_DEMO_BUYERS": "false", "OMP_NUM_THREADS": "1"}
    if rasa:
        model = project_model()
        (folder / "rasa").mkdir()
        (folder / "rasa" / model.name).symlink_to(model)
    else:
        settings["KUAIHUI_RASA_PYTHON"] = str(folder / "none")
    log = folder / "errors.log"
    with log.open("wb") as errors:
        server = subprocess.Popen(
            [sys.executable, "-m", "bot", "serve", "--demo", "--port", "0", "--workers", str(workers)],
            cwd=PROJECT_ROOT, env={**kept, **settings}, stdout=subprocess.PIPE, stderr=errors, start_new_session=True,
            preexec_fn=_heed_interrupts,
        )  # fmt: skip
    try:
        with server:
            try:
                yield _read(server, log)
            finally:
                server.send_signal(signal.SIGINT)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _heed_interrupts() -> None:
    """Let Ctrl-C through: what a shell runs in the background, these tests too perhaps, inherits it ignored."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)


def _read(server: subprocess.Popen[bytes], log: Path) -> Running:
    too_late = threading.Timer(_START_SECONDS, server.terminate)
    too_late.start()
    address, passwords = "", {}
    try:
        assert server.stdout is not None
        for raw in server.stdout:
            line = raw.decode()
            if found := _ADDRESS.search(line):
                address = found[1]
            elif found := _PASSWORD.match(line):
                passwords[found[1]] = found[2]
            elif address and _LAST_LINE in line:
                return Running(address, passwords)
    finally:
        too_late.cancel()
    pytest.fail(f"the server did not start:\n{log.read_text(errors='replace')}")
