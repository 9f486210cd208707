"""Whole installations for tests: a data folder, the commands run over it, and a server that can be asked, hit and ended."""

from __future__ import annotations

import http.client
import io
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self
from unittest import mock
from urllib.parse import urlsplit

import psutil

from bot.cli.application import run as run_application
from tests.integration.rasa_models import ROOT, project_model

KUAIHUI = ROOT / ".venv" / "bin" / "kuaihui"
NOWHERE = "/nowhere/python"
PATIENCE = 120.0
LIFE = "yunduo-life"
SELECT = "yunduo-select"
YUNSHANG = "yunshang"
DEMO_SHOPS = (LIFE, SELECT, YUNSHANG)


def until(condition: Callable[[], Any], seconds: float = PATIENCE) -> Any:
    """Return what the condition gives once it holds; other processes have no event to wait for."""
    deadline = time.monotonic() + seconds
    while not (found := condition()):
        assert time.monotonic() < deadline, f"{condition} did not hold within {seconds:g} seconds"
        time.sleep(0.05)
    return found


def json_lines(*rows: Any) -> bytes:
    """Return the rows as JSON lines; bytes stand for themselves."""
    return b"".join((row if isinstance(row, bytes) else json.dumps(row).encode()) + b"\n" for row in rows)


@dataclass(frozen=True)
class Outcome:
    """What a command said and how it ended."""

    status: int
    out: str
    err: str

    @property
    def rows(self) -> list[Any]:
        """The JSON lines that it printed."""
        return [json.loads(line) for line in self.out.splitlines()]

    @property
    def row(self) -> Any:
        """The one JSON line that it printed."""
        (row,) = self.rows
        return row

    def refused(self, *words: str) -> None:
        """Assert that it ended with status 1 and a message, not a stack trace, that holds these words."""
        assert self.status == 1, self
        assert "Traceback" not in self.err
        assert all(word in self.err for word in words), self.err


def _heed_interrupts() -> None:
    """Let Ctrl-C through: what a shell runs in the background, these tests too perhaps, inherits it ignored."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)


class Installation:
    """A data folder and what is said to commands about it."""

    def __init__(self, data_dir: Path, **settings: str) -> None:
        self.data_dir = data_dir
        model = project_model()
        (data_dir / "rasa").mkdir(parents=True, exist_ok=True)
        (data_dir / "rasa" / model.name).symlink_to(model)
        self.settings = {"KUAIHUI_DATA_DIR": str(data_dir), "OMP_NUM_THREADS": "1", **settings}

    def environment(self, settings: Mapping[str, str]) -> dict[str, str]:
        kept = {name: value for name, value in os.environ.items() if not name.startswith("KUAIHUI_")}
        return {**kept, **self.settings, **settings}

    def run(self, *arguments: str | Path, stdin: bytes = b"", **settings: str) -> Outcome:
        """Run a command in a process of its own."""
        done = subprocess.run(
            [KUAIHUI, *arguments], input=stdin, capture_output=True, env=self.environment(settings),
            timeout=PATIENCE, check=False,
        )  # fmt: skip
        return Outcome(done.returncode, done.stdout.decode(), done.stderr.decode())

    def start(self, *arguments: str | Path, **settings: str) -> subprocess.Popen[bytes]:
        """Start a command in a session of its own, as a terminal does."""
        return subprocess.Popen(
            [KUAIHUI, *arguments], stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
            env=self.environment(settings), start_new_session=True, preexec_fn=_heed_interrupts,
        )  # fmt: skip

    def call(self, *arguments: str | Path, stdin: bytes = b"", **settings: str) -> Outcome:
        """Run a command inside this process, which saves it the two seconds that its imports take."""
        streams = [io.TextIOWrapper(io.BytesIO(part), "utf-8", newline="\n") for part in (stdin, b"", b"")]
        given = ["kuaihui", *map(str, arguments)]
        with (
            mock.patch.dict(os.environ, self.environment(settings), clear=True),
            mock.patch.multiple(sys, argv=given, stdin=streams[0], stdout=streams[1], stderr=streams[2]),
        ):
            status = _status_of(run_application)
        said = []
        for stream in streams[1:]:
            stream.flush()
            said.append(stream.buffer.getvalue().decode())  # type: ignore[attr-defined]
        return Outcome(status, *said)

    def processes(self) -> list[psutil.Process]:
        """Return the processes that work on this data folder, by command line, folder or environment."""
        return [process for process in psutil.process_iter() if self._mentions(process)]

    def _mentions(self, process: psutil.Process) -> bool:
        folder = str(self.data_dir)
        if process.pid == os.getpid():
            return False
        try:
            said = [*process.cmdline(), process.cwd(), *process.environ().values()]
        except (psutil.Error, OSError):
            return False
        return process.status() != psutil.STATUS_ZOMBIE and any(folder in text for text in said)


def _status_of(command: Callable[[], None]) -> int:
    try:
        command()
    except SystemExit as end:
        return end.code if isinstance(end.code, int) else int(end.code is not None)
    return 0


class Server:
    """A running `kuaihui serve`."""

    def __init__(self, installation: Installation, *arguments: str, **settings: str) -> None:
        self.installation = installation
        self._said = [installation.data_dir / f"server-{name}.txt" for name in ("out", "err")]
        with self._said[0].open("wb") as out, self._said[1].open("wb") as err:
            self.process = psutil.Popen(
                [KUAIHUI, "serve", "--port", "0", *arguments], stdin=subprocess.DEVNULL, stdout=out, stderr=err,
                env=installation.environment(settings), start_new_session=True,
            )  # fmt: skip
        self._token = ""
        self.first_answer: tuple[int, Any] = (0, None)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        if self.process.is_running() and self.process.status() != psutil.STATUS_ZOMBIE:
            self.signal(signal.SIGINT)
        self.process.wait(30)

    @property
    def out(self) -> str:
        return self._said[0].read_text()

    @property
    def err(self) -> str:
        return self._said[1].read_text()

    @property
    def address(self) -> str:
        """Where it serves, taken from what it prints; waits for that."""

        def printed() -> str:
            assert self.process.poll() is None, self.err
            return next((word for word in self.out.split() if word.startswith("http://")), "")

        found: str = until(printed)
        return found

    def family(self) -> list[psutil.Process]:
        """Return the server with everything that it started."""
        return [self.process, *self.process.children(recursive=True)]

    def parts(self, word: str) -> list[psutil.Process]:
        """Return its own children whose command line holds the word."""
        found = []
        for child in self.process.children():
            try:
                if any(word in argument for argument in child.cmdline()):
                    found.append(child)
            except psutil.Error:
                continue
        return found

    def signal(self, number: signal.Signals) -> None:
        """Send a signal to its process group, as a terminal does for Ctrl-C."""
        os.killpg(self.process.pid, number)

    def get(self, path: str) -> tuple[int, Any]:
        """Return status and body of a page that needs no token."""
        return self._call("GET", path, None, {})

    def works(self) -> bool:
        """Whether database and embedder answer, whichever worker takes the question."""
        return all(self.get("/api/v1/health")[0] == 200 for _ in range(12))

    def is_ready(self) -> bool:
        """Whether everything works, the classifier included, whichever worker takes the question."""
        answers = [self.get("/api/v1/health") for _ in range(12)]
        return all(status == 200 and answer["classifier"] == "ready" for status, answer in answers)

    def suggest(self, shop: str, text: str) -> tuple[int, Any]:
        """Return status and answer to a buyer's message, over a connection of its own: any worker may take it."""
        if not self._token:
            shops = [part for shop in DEMO_SHOPS for part in ("--shop", shop)]
            made = self.installation.call("token", "create", *shops)
            assert made.status == 0, made
            self._token = made.out.strip()
        return self.post(f"/api/v1/shops/{shop}/suggestions", {"text": text}, self._token)

    def post(self, path: str, body: Any, token: str) -> tuple[int, Any]:
        """Return status and answer."""
        headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/json"}
        return self._call("POST", path, body, headers)

    def _call(self, method: str, path: str, body: Any, headers: Mapping[str, str]) -> tuple[int, Any]:
        connection = http.client.HTTPConnection(urlsplit(self.address).netloc, timeout=PATIENCE)
        try:
            connection.request(method, path, json.dumps(body) if body else None, dict(headers))
            response = connection.getresponse()
            return response.status, json.loads(response.read())
        except (OSError, http.client.HTTPException) as error:
            return 0, error
        finally:
            connection.close()


def alive(processes: Sequence[psutil.Process], seconds: float = 15.0) -> list[psutil.Process]:
    """Return those that have not ended within the time."""
    _, left = psutil.wait_procs(processes, seconds)
    return [process for process in left if process.is_running() and process.status() != psutil.STATUS_ZOMBIE]
