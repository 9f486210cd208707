"""A really running server with the demo shops, and a browser to look at it."""

from __future__ import annotations

import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
from playwright.async_api import Browser, async_playwright

from bot.settings import PROJECT_ROOT

_START_SECONDS = 180
_ADDRESS = re.compile(rb"serving at (http://\S+)")
_ARGUMENTS = (
    "--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking", "--disable-component-update",
    "--disable-sync",
)  # fmt: skip


@pytest.fixture(scope="session")
def chromium() -> str:
    """The path of a Chromium of this machine; without one the browser tests are skipped."""
    for name in ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable"):
        if found := shutil.which(name):
            return found
    pytest.skip("no Chromium on this machine: apt install chromium fonts-noto-cjk")


@pytest.fixture(scope="session")
def address(chromium: str) -> Iterator[str]:
    """Where `kuaihui serve --demo` serves, on a free port and in a data folder of its own, without Rasa."""
    folder = Path(tempfile.mkdtemp(prefix="kuaihui-browser-", dir="/tmp"))
    folder.chmod(0o711)  # as root the database runs as another user, who must be able to step in
    kept = {name: value for name, value in os.environ.items() if not name.startswith("KUAIHUI_")}
    environment = {**kept, "KUAIHUI_DATA_DIR": str(folder), "KUAIHUI_RASA_PYTHON": str(folder / "none")}
    log = folder / "errors.log"
    with log.open("wb") as errors:
        server = subprocess.Popen(
            [sys.executable, "-m", "bot", "serve", "--demo", "--port", "0"],
            cwd=PROJECT_ROOT, env=environment, stdout=subprocess.PIPE, stderr=errors, start_new_session=True,
        )  # fmt: skip
    try:
        with server:
            try:
                yield _read_address(server, log)
            finally:
                server.send_signal(signal.SIGINT)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _read_address(server: subprocess.Popen[bytes], log: Path) -> str:
    too_late = threading.Timer(_START_SECONDS, server.terminate)
    too_late.start()
    try:
        assert server.stdout is not None
        for line in server.stdout:
            if found := _ADDRESS.search(line):
                return found[1].decode()
    finally:
        too_late.cancel()
    pytest.fail(f"the server did not start:\n{log.read_text(errors='replace')}")


@pytest.fixture(scope="session")
async def browser(chromium: str) -> AsyncIterator[Browser]:
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=chromium, args=list(_ARGUMENTS))
        yield browser
        await browser.close()
