"""What the benchmarks share: the folder, the two Rasa servers (the reference and our own), messages, and how much to do."""

from __future__ import annotations

import asyncio
import csv
import hashlib
import json
import os
import shutil
import subprocess
from collections.abc import Callable
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

from benchmarks.connections import Connection
from benchmarks.installation import Installation
from bot.nlu.environment import rasa_environment
from bot.nlu.process import RasaProcess
from bot.nlu.training import latest_model, train
from bot.settings import PREFIX, PROJECT_ROOT, Settings

_MESSAGES = PROJECT_ROOT / "tests" / "data" / "buyer_messages.tsv"
_REFERENCE = PROJECT_ROOT / "benchmarks" / "reference_config.yml"
_RASA_SECONDS = 180.0
DIALOGUES = PROJECT_ROOT.parent / "shared" / "data"

Say = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class RasaServer:
    """A running Rasa."""

    url: str
    token: str

    def connection(self) -> Connection:
        """Return an unopened connection."""
        address = urlsplit(self.url)
        return Connection(str(address.hostname), int(address.port or 0), {})

    @property
    def parse_path(self) -> str:
        return f"/model/parse?token={self.token}"


@dataclass(slots=True)
class Workbench:
    """Folder, servers and amounts of one run. Servers start when first asked for and end with `stack`."""

    settings: Settings
    quick: bool
    say: Say
    stack: AsyncExitStack
    _servers: dict[str, RasaServer] = field(default_factory=dict)

    @property
    def folder(self) -> Path:
        return self.settings.resolved_data_dir / "bench"

    def amount(self, full: int, quick: int) -> int:
        """Return how many of something to do."""
        return quick if self.quick else full

    async def reference_rasa(self) -> RasaServer:
        """Return the Rasa that speed is measured against: the reference pipeline, asked directly."""
        return await self._server("reference", self._reference_model)

    async def own_rasa(self) -> RasaServer:
        """Return a Rasa with our own pipeline, for the installations to use."""
        return await self._server("own", self.own_model)

    async def installation(self, name: str, *, demo: bool = False, workers: int = 1) -> Installation:
        """Return an installation of that name that uses our own Rasa; not started."""
        rasa = await self.own_rasa()
        overrides = {"RASA_URL": rasa.url, "RASA_TOKEN": rasa.token, "WORKERS": str(workers)}
        given = {f"{PREFIX}{key}": value for key, value in overrides.items()}
        return Installation(self.folder / name, given, demo=demo)

    def own_model(self) -> Path:
        """Return the model of our own pipeline, trained if need be."""
        data = self.settings.resolved_data_dir
        return train(data, PROJECT_ROOT, self.settings.resolved_rasa_python, self.say)

    async def _server(self, name: str, model: Callable[[], Path]) -> RasaServer:
        if name not in self._servers:
            path = await asyncio.to_thread(model)
            self.say(f"starting Rasa ({name})…")
            process = RasaProcess(
                self.folder / f"rasa-{name}", PROJECT_ROOT, self.settings.resolved_rasa_python, model=path
            )
            await process.start()
            self.stack.push_async_callback(process.stop)
            async with asyncio.timeout(_RASA_SECONDS):
                while process.state != "running":  # noqa: ASYNC110 - it has a state, not an event
                    await asyncio.sleep(0.1)
            self._servers[name] = RasaServer(process.url, process.token)
        return self._servers[name]

    def _reference_model(self) -> Path:
        folder = self.folder / "rasa-reference"
        target = folder / f"reference-{_reference_mark()}.tar.gz"
        if not target.is_file():
            self.say("training the reference pipeline (about a minute, once)…")
            folder.mkdir(parents=True, exist_ok=True)
            self._train_reference(folder, target)
        return target

    def _train_reference(self, folder: Path, target: Path) -> None:
        command = [
            str(self.settings.resolved_rasa_python),
            "-m",
            "bot.nlu.trainer",
            "--config",
            str(_REFERENCE),
        ]
        command += ["--nlu", "intents/nlu", "--domain", "intents/domain/base.yml", "--output", str(folder)]
        command += ["--name", "partial.tar.gz"]
        log = folder / "training.log"
        with log.open("wb") as errors:
            status = subprocess.run(
                command, cwd=PROJECT_ROOT, env=rasa_environment(folder / "scratch"), stdout=errors, stderr=errors,
                check=False,
            ).returncode  # fmt: skip
        if status != 0:
            raise RuntimeError(f"the reference pipeline could not be trained; {log} says why")
        os.replace(folder / "partial.tar.gz", target)

    def lend_model(self, installation: Installation) -> None:
        """Put the trained model where the installation, which starts a Rasa of its own, looks for it."""
        if latest_model(installation.data_dir, PROJECT_ROOT) is None:
            model = self.own_model()
            target = installation.data_dir / "rasa" / model.name
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(model, target)


def _reference_mark() -> str:
    digest = hashlib.sha256(_REFERENCE.read_bytes())
    for path in sorted((PROJECT_ROOT / "intents").rglob("*.yml")):
        digest.update(path.read_bytes())
    return digest.hexdigest()[:16]


def buyer_messages() -> list[str]:
    """Return our own thousand buyer messages, without repetition, in the file's order."""
    with _MESSAGES.open(encoding="utf-8", newline="") as lines:
        return list(dict.fromkeys(row["text"] for row in csv.DictReader(lines, delimiter="\t")))


def dialogues(name: str) -> list[list[dict[str, str]]]:
    """Return the dialogues of a file of the shared data as lists of {"role", "text"}; empty when it is not there."""
    path = DIALOGUES / name
    if not path.is_file():
        return []
    with path.open(encoding="utf-8") as lines:
        return [json.loads(line)["turns"] for line in lines]
