"""Builds what Kuaihui needs on a fresh machine: the application's environment (.venv) and Rasa's (.venv-rasa).

Standard library only, run by `make`. Safe to run again: what is up to date is left alone, what was interrupted is mended.
"""

from __future__ import annotations

import argparse
import hashlib
import os
import shutil
import subprocess
import sys
import threading
import time
from collections.abc import Sequence
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
APP = ROOT / ".venv"
RASA = ROOT / ".venv-rasa"
LOCKS = ROOT / "locks"
UV_VERSION = "0.13.9"
TORCH = "torch==2.13.0"
NEEDED_GB = 6.0
STARTED = time.monotonic()


class SetUpError(Exception):
    """Set-up cannot go on; the message says what to install or mend."""


def say(text: str) -> None:
    """Print a line of progress with the time it took so far."""
    print(f"[{time.monotonic() - STARTED:5.1f} s] {text}", flush=True)


def run(command: Sequence[str | Path], what: str) -> None:
    """Run a command, showing what it printed only when it fails. Raises SetUpError."""
    environment = {
        k: v for k, v in os.environ.items() if k not in ("VIRTUAL_ENV", "PYTHONPATH", "PYTHONHOME")
    }
    done = subprocess.run(
        [str(part) for part in command], cwd=ROOT, env=environment, stdin=subprocess.DEVNULL, text=True,
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT, errors="replace", check=False,
    )  # fmt: skip
    if done.returncode:
        tail = "\n".join(done.stdout.strip().splitlines()[-15:])
        raise SetUpError(f"{what} failed:\n{tail}\n{hint(done.stdout)}".rstrip())


def hint(output: str) -> str:
    """Say what would help, for the failures that are common."""
    if "No space left" in output:
        return f"The disk is full: about {NEEDED_GB:.0f} GB are needed. Free space and run make again."
    if "ensurepip" in output:
        return "Python's venv module is incomplete: on Debian and Ubuntu run `apt install python3-venv`."
    if any(
        word in output
        for word in ("Temporary failure in name", "Connection refused", "ConnectionError", "timed out")
    ):
        return "No package index was reached: check the network, or pip's index-url. Then run make again."
    return ""


def works(python: Path | str, version: tuple[int, int] | None = None) -> bool:
    """Whether this Python runs (a pyenv shim may not) and is of that version."""
    code = "import sys; print('%d.%d' % sys.version_info[:2])"
    try:
        done = subprocess.run(
            [str(python), "-c", code], capture_output=True, text=True, timeout=30, check=False, cwd="/"
        )
    except (OSError, subprocess.TimeoutExpired):
        return False
    return done.returncode == 0 and (version is None or done.stdout.strip() == "{}.{}".format(*version))


def up_to_date(folder: Path, mark: str) -> bool:
    """Whether the environment was finished from the same locks."""
    stamp = folder / ".kuaihui"
    return stamp.is_file() and stamp.read_text() == mark and works(folder / "bin" / "python")


def begun_well(folder: Path) -> bool:
    """Whether the environment runs on this Python and has pip, which `venv` puts there last."""
    version = (sys.version_info[0], sys.version_info[1])
    return works(folder / "bin" / "python", version) and (folder / "bin" / "pip").exists()


def mark_of(*parts: str | Path) -> str:
    """Return a digest of files and texts."""
    digest = hashlib.sha256()
    for part in parts:
        digest.update(part.read_bytes() if isinstance(part, Path) else part.encode())
    return digest.hexdigest()


def make_environment(folder: Path, python: Path | str) -> None:
    """Make an empty virtual environment, an earlier half-made one removed."""
    if folder.exists():
        shutil.rmtree(folder)
    run([python, "-m", "venv", folder], f"making {folder.name}")


def set_up_application(dev: bool) -> None:
    """Build .venv from its lock: torch first and by pip, since its build depends on the machine; the rest by uv."""
    lock = LOCKS / ("dev.txt" if dev else "app.txt")
    mark = mark_of(lock, ROOT / "pyproject.toml", UV_VERSION, TORCH, sys.version)
    larger = mark_of(LOCKS / "dev.txt", ROOT / "pyproject.toml", UV_VERSION, TORCH, sys.version)
    if up_to_date(APP, mark) or up_to_date(APP, larger):
        say("application environment: up to date")
        return
    python = APP / "bin" / "python"
    (APP / ".kuaihui").unlink(missing_ok=True)
    say("application environment: installing torch (the CPU build needs about 0.8 GB)")
    index = os.environ.get("KUAIHUI_TORCH_INDEX")
    run(
        [python, "-m", "pip", "install", "--quiet", TORCH, *(["--index-url", index] if index else [])],
        "installing torch",
    )
    say("application environment: installing the locked packages")
    install(python, lock)
    run(
        [python, "-m", "pip", "install", "--quiet", "--no-deps", "--no-build-isolation", "-e", ROOT],
        "installing kuaihui",
    )
    (APP / ".kuaihui").write_text(mark)
    say("application environment: ready")


def ensure_uv() -> None:
    """Install uv beside pip: it is much faster. Without it pip does the work."""
    if uv() is None:
        try:
            run(
                [APP / "bin" / "python", "-m", "pip", "install", "--quiet", f"uv=={UV_VERSION}"],
                "installing uv",
            )
        except SetUpError:
            say("uv cannot be had: pip does the work (about a minute more)")


def uv() -> Path | None:
    """Return uv, ours or the machine's."""
    found = APP / "bin" / "uv"
    if found.is_file():
        return found
    on_path = shutil.which("uv")
    return Path(on_path) if on_path else None


def install(python: Path, lock: Path, *, any_python: bool = False) -> None:
    """Install exactly what the lock names, by hash, without resolving anything. Raises SetUpError."""
    tool = uv()
    arguments = ["--no-deps", "--require-hashes", "-r", str(lock)]
    if tool is not None and not any_python:
        try:
            run(
                [tool, "pip", "install", "--quiet", "--python", python, *arguments],
                f"installing {lock.name} with uv",
            )
        except SetUpError:
            say(f"uv could not install {lock.name}: trying pip")
        else:
            return
    extra = ["--ignore-requires-python"] if any_python else []
    run([python, "-m", "pip", "install", "--quiet", *extra, *arguments], f"installing {lock.name}")


def find_python(version: tuple[int, int]) -> Path | None:
    """Return a Python of that version: on the PATH, under pyenv, or one that uv finds."""
    name = "python{}.{}".format(*version)
    candidates = [Path(folder) / name for folder in os.environ.get("PATH", "").split(os.pathsep) if folder]
    pyenv = Path(os.environ.get("PYENV_ROOT") or Path.home() / ".pyenv") / "versions"
    if pyenv.is_dir():
        candidates += sorted(pyenv.glob("{}.{}.*/bin/python".format(*version)), reverse=True)
    for candidate in candidates:
        if candidate.is_file() and works(candidate, version):
            return candidate
    tool = uv()
    if tool is None:
        return None
    done = subprocess.run(
        [str(tool), "python", "find", "--managed-python", "{}.{}".format(*version)],
        capture_output=True, text=True, check=False, cwd="/",
    )  # fmt: skip
    found = Path(done.stdout.strip()) if done.returncode == 0 and done.stdout.strip() else None
    return found if found is not None and works(found, version) else None


def set_up_rasa() -> None:
    """Build .venv-rasa: Rasa 3.6 is made for Python 3.10; 3.11 runs it too when its lock is installed as it stands."""
    lock = LOCKS / "rasa.txt"
    python = find_python((3, 10))
    substitute = (
        None
        if python
        else find_python((3, 11)) or (Path(sys.executable) if works(sys.executable, (3, 11)) else None)
    )
    chosen = python or substitute
    if chosen is None:
        raise SetUpError(
            "Rasa needs Python 3.10 (or 3.11), and none was found: install one of them "
            "(`apt install python3.11 python3.11-venv`, `pyenv install 3.10`, or `uv python install 3.10`), then run make again"
        )
    mark = mark_of(lock, str(chosen.resolve()))
    if up_to_date(RASA, mark):
        say("Rasa's environment: up to date")
        return
    say(f"Rasa's environment: making .venv-rasa with {chosen} and installing Rasa (2.7 GB on disk)")
    make_environment(RASA, chosen)
    install(RASA / "bin" / "python", lock, any_python=substitute is not None)
    if substitute is not None:
        run(
            [RASA / "bin" / "python", "-c", "import rasa.model_training, rasa.server"],
            "importing Rasa on Python 3.11",
        )
    (RASA / ".kuaihui").write_text(mark)
    say("Rasa's environment: ready")


def set_up_chromium() -> None:
    """Have a browser for the browser tests; where none can be had they say so and are skipped."""
    if any(shutil.which(name) for name in ("chromium", "chromium-browser", "google-chrome")):
        return
    if os.geteuid() == 0 and shutil.which("apt-get"):
        say("browser tests: installing Chromium")
        try:
            run(["apt-get", "update", "-qq"], "apt-get update")
            run(
                ["apt-get", "install", "-y", "-qq", "--no-install-recommends", "chromium", "fonts-noto-cjk"],
                "installing Chromium",
            )
            return
        except SetUpError as error:
            say(str(error))
    say("browser tests will be skipped: no Chromium found (install the package chromium)")


def check_machine() -> None:
    """Refuse a Python that is too old, and a disk that is too small, before anything is begun."""
    if sys.version_info < (3, 11):
        raise SetUpError(
            f"Kuaihui needs Python 3.11 or newer; this is {sys.version.split()[0]} ({sys.executable})"
        )
    free = shutil.disk_usage(ROOT).free / 1e9
    if not (APP / ".kuaihui").exists() and free < NEEDED_GB:
        raise SetUpError(
            f"{free:.1f} GB are free here and about {NEEDED_GB:.0f} GB are needed: free some space first"
        )


def both(dev: bool) -> None:
    """Build both environments side by side."""
    failures: list[SetUpError] = []

    def rasa() -> None:
        try:
            set_up_rasa()
        except SetUpError as error:
            failures.append(error)

    if not begun_well(APP):
        say(f"application environment: making .venv with Python {sys.version.split()[0]}")
        make_environment(APP, sys.executable)
    ensure_uv()
    thread = threading.Thread(target=rasa)
    thread.start()
    try:
        set_up_application(dev)
    finally:
        thread.join()
    if failures:
        raise failures[0]


def main() -> None:
    """Build everything that is missing."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--dev", action="store_true", help="also what the tests need")
    arguments = parser.parse_args()
    try:
        check_machine()
        both(arguments.dev)
        if arguments.dev:
            set_up_chromium()
    except SetUpError as error:
        print(f"\nset-up stopped: {error}", file=sys.stderr)
        sys.exit(1)
    except KeyboardInterrupt:
        print("\nset-up interrupted: run make again to go on", file=sys.stderr)
        sys.exit(130)


if __name__ == "__main__":
    main()
