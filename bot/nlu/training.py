"""Models of Rasa: trained when intents/ or config.yml changed, put in place whole or not at all."""

from __future__ import annotations

import contextlib
import fcntl
import hashlib
import json
import os
import shutil
import subprocess
import tempfile
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import IO, Final

import yaml

from bot.nlu.environment import rasa_environment
from bot.nlu.training_data import read_phrasings

MODEL_PREFIX: Final = "intents-"
_SUFFIX: Final = ".tar.gz"
_COMPONENTS: Final = "bot/nlu/components"
_EMBEDDING: Final = "bot/models/kuaihui-embedder"
_SECTIONS: Final = ("recipe", "language", "assistant_id", "pipeline", "policies")
_DIALOGUES: Final = ("intents/rules", "intents/stories")
_TIMEOUT_SECONDS: Final = 1800
_KEPT_PREFIX: Final = ".understanding-"
_KEPT_MEGABYTES: Final = 200

Progress = Callable[[str], None]


class TrainingFailed(Exception):
    """Rasa could not be trained; the message says why. The models trained earlier are untouched."""


def fingerprint(project_root: Path) -> str:
    """Return 16 hexadecimal digits that change with anything the model is made from."""
    return _digest(project_root, [*_understanding(project_root), *_conversing(project_root)])


def model_path(data_dir: Path, mark: str) -> Path:
    """Return where the model of that fingerprint lies, or will lie."""
    return data_dir / "rasa" / f"{MODEL_PREFIX}{mark}{_SUFFIX}"


def latest_model(data_dir: Path, project_root: Path | None = None) -> Path | None:
    """Return the model of the project as it is now, else the newest one, else None."""
    if project_root is not None:
        current = model_path(data_dir, fingerprint(project_root))
        if current.is_file():
            return current
    models = (data_dir / "rasa").glob(f"{MODEL_PREFIX}*{_SUFFIX}")
    return max(models, key=lambda path: path.stat().st_mtime, default=None)


def train(
    data_dir: Path,
    project_root: Path,
    rasa_python: Path,
    progress: Progress = lambda line: None,
    *,
    force: bool = False,
) -> Path:
    """Return the model of the project as it is now, training it unless it is there already.

    Takes about a minute, 20 seconds where only the domain, rules or stories changed: call it off the event loop.
    Raises TrainingFailed, or InvalidTrainingData (file and line).
    """
    target = model_path(data_dir, fingerprint(project_root))
    if target.is_file() and not force:
        return target
    _check_config(project_root / "config.yml")
    count = len(read_phrasings(project_root / "intents" / "nlu"))
    if not rasa_python.exists():
        raise TrainingFailed(f"{rasa_python} is not there: run `make setup`, or set KUAIHUI_RASA_PYTHON")
    target.parent.mkdir(parents=True, exist_ok=True)
    progress(f"Training Rasa on {count} phrasings")
    with _alone(target.parent, progress):
        if target.is_file() and not force:
            return target
        with tempfile.TemporaryDirectory(prefix=".training-", dir=target.parent) as folder:
            kept = _kept_understanding(target.parent, project_root, force=force)
            made = _run_trainer(Path(folder), project_root, rasa_python, progress, kept)
            os.replace(made, target)
        _forget_old(target)
    return target


def _understanding(root: Path) -> Iterator[Path]:
    """Yield what the understanding of single messages is learned from."""
    yield root / "config.yml"
    yield from sorted((root / "intents" / "nlu").rglob("*.yml"))
    yield from sorted((root / "intents" / "person").glob("*.tsv"))
    yield from sorted((root / _COMPONENTS).rglob("*.py"))
    yield from sorted((root / _COMPONENTS).rglob("*.npz"))
    yield from sorted((root / _EMBEDDING).glob("*.safetensors"))


def _conversing(root: Path) -> Iterator[Path]:
    """Yield what dialogues are made of."""
    nlu = root / "intents" / "nlu"
    yield from (path for path in sorted((root / "intents").rglob("*.yml")) if nlu not in path.parents)


def _digest(root: Path, paths: Iterable[Path]) -> str:
    digest = hashlib.sha256()
    for path in paths:
        digest.update(path.relative_to(root).as_posix().encode())
        digest.update(hashlib.sha256(path.read_bytes()).digest())
    return digest.hexdigest()[:16]


def _kept_understanding(folder: Path, root: Path, *, force: bool) -> Path:
    """Return where Rasa keeps what it trained, so that dialogues can be changed without learning to understand again.

    Rasa itself does not see when a file changes that a component of ours reads: the folder's name does.
    """
    kept = folder / f"{_KEPT_PREFIX}{_digest(root, _understanding(root))}"
    for old in folder.glob(f"{_KEPT_PREFIX}*"):
        if force or old != kept:
            shutil.rmtree(old, ignore_errors=True)
    return kept


def _check_config(path: Path) -> None:
    # Rasa rewrites a config.yml in which one of these is missing: refuse it instead.
    try:
        config = yaml.safe_load(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise TrainingFailed(f"{path}: {error.strerror}") from None
    except yaml.YAMLError as error:
        raise TrainingFailed(f"{path}: {error}") from None
    missing = [name for name in _SECTIONS if not (isinstance(config, dict) and config.get(name))]
    if missing:
        raise TrainingFailed(f"{path}: {', '.join(missing)} must be set (see docs/decisions/)")


@contextlib.contextmanager
def _alone(folder: Path, progress: Progress) -> Iterator[None]:
    """Hold the training lock of the folder; what interrupted trainings left there is removed."""
    with (folder / ".training.lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            progress("Another process is training: waiting for it")
            fcntl.flock(lock, fcntl.LOCK_EX)
        for left in folder.glob(".training-*"):
            shutil.rmtree(left, ignore_errors=True)
        yield


def _run_trainer(folder: Path, root: Path, python: Path, progress: Progress, kept: Path) -> Path:
    command = [str(python), "-m", "bot.nlu.trainer", "--config", "config.yml", "--nlu", "intents/nlu"]
    command += [
        "--domain",
        "intents/domain",
        "--output",
        str(folder),
        "--name",
        "model" + _SUFFIX,
        "--lifeline",
    ]
    command += ["--dialogues", *(name for name in _DIALOGUES if (root / name).is_dir())]
    with (folder / "errors.log").open("w+", encoding="utf-8", errors="replace") as errors:
        process = subprocess.Popen(  # noqa: S603 - our own command
            command,
            cwd=root,
            env={**rasa_environment(scratch=folder / "scratch"), **_keeping(kept)},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=errors,
            text=True,
            start_new_session=True,
        )
        with process:
            try:
                problem = _follow(process, progress)
                status = process.wait(_TIMEOUT_SECONDS)
            except BaseException:
                process.kill()
                raise
        made = folder / ("model" + _SUFFIX)
        if status != 0 or not made.is_file():
            raise TrainingFailed(problem or f"Rasa's training ended with status {status}: {_tail(errors)}")
    return made


def _keeping(folder: Path) -> dict[str, str]:
    return {"RASA_CACHE_DIRECTORY": str(folder), "RASA_MAX_CACHE_SIZE": str(_KEPT_MEGABYTES)}


def _follow(process: subprocess.Popen[str], progress: Progress) -> str:
    """Pass on the trainer's progress; return the error it reports, or nothing."""
    problem = ""
    assert process.stdout is not None
    for line in process.stdout:
        try:
            message = json.loads(line)
        except ValueError:
            continue
        if message["kind"] == "progress":
            progress(message["text"])
        elif message["kind"] == "error":
            problem = message["text"]
    return problem


def _tail(errors: IO[str]) -> str:
    errors.seek(0)
    return " / ".join(line.strip() for line in deque(errors, 5) if line.strip())


def _forget_old(target: Path, keep: int = 3) -> None:
    """Keep the newest models only: a model is some megabytes, and intents are edited often."""
    models = sorted(target.parent.glob(f"{MODEL_PREFIX}*{_SUFFIX}"), key=lambda path: -path.stat().st_mtime)
    for old in models[keep:]:
        if old != target:
            old.unlink(missing_ok=True)
