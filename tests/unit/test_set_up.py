"""scripts/set_up.py on machines of every kind: which Python it takes, what it leaves alone, what it mends and says."""

from __future__ import annotations

import importlib.util
import os
import stat
import sys
from collections.abc import Callable
from pathlib import Path
from types import ModuleType

import pytest

ROOT = Path(__file__).resolve().parents[2]
_RUNS = """#!/bin/sh
echo "$0 $*" >> {log}
case "$1 $2" in
  "-c import sys; print"*) echo {version};;
  "-m venv") mkdir -p "$3/bin" && ln -s "$0" "$3/bin/python" && : > "$3/bin/pip";;
esac
exit {status}
"""
Fake = Callable[..., Path]


@pytest.fixture
def set_up(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    """The script, at work in an empty folder on a machine that has nothing but a shell."""
    spec = importlib.util.spec_from_file_location("set_up", ROOT / "scripts" / "set_up.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    (tmp_path / "locks").mkdir()
    (tmp_path / "locks" / "rasa.txt").write_text("rasa==3.6.21\n")
    places = {
        "ROOT": tmp_path,
        "APP": tmp_path / ".venv",
        "RASA": tmp_path / ".venv-rasa",
        "LOCKS": tmp_path / "locks",
    }
    for name, place in places.items():
        monkeypatch.setattr(module, name, place)
    monkeypatch.setattr(sys, "executable", str(tmp_path / "no-python"))
    (tmp_path / "tools").mkdir()
    for tool in ("sh", "mkdir", "ln"):
        (tmp_path / "tools" / tool).symlink_to(f"/bin/{tool}")
    monkeypatch.setenv("PATH", f"{tmp_path / 'bin'}{os.pathsep}{tmp_path / 'tools'}")
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    monkeypatch.setenv("PYENV_ROOT", str(tmp_path / "pyenv"))
    return module


@pytest.fixture
def fake(tmp_path: Path) -> Fake:
    """Make an executable that says it is a Python of that version, or fails with that status."""

    def make(place: str, version: str = "", status: int = 0) -> Path:
        program = tmp_path / place
        program.parent.mkdir(parents=True, exist_ok=True)
        program.write_text(_RUNS.format(log=tmp_path / "log", version=version, status=status))
        program.chmod(program.stat().st_mode | stat.S_IXUSR)
        return program

    return make


def calls(tmp_path: Path) -> str:
    log = tmp_path / "log"
    return log.read_text() if log.exists() else ""


def test_a_python_on_the_path_is_found(set_up: ModuleType, fake: Fake) -> None:
    assert set_up.find_python((3, 10)) is None
    made = fake("bin/python3.10", "3.10")
    assert set_up.find_python((3, 10)) == made
    assert set_up.find_python((3, 11)) is None


def test_a_shim_that_does_not_run_is_passed_over_for_the_version_under_pyenv(
    set_up: ModuleType, fake: Fake
) -> None:
    fake("bin/python3.10", status=127)
    made = fake("pyenv/versions/3.10.13/bin/python", "3.10")
    assert set_up.find_python((3, 10)) == made


def test_a_python_that_is_of_another_version_than_its_name_says_is_passed_over(
    set_up: ModuleType, fake: Fake
) -> None:
    fake("bin/python3.10", "3.12")
    assert set_up.find_python((3, 10)) is None


def test_a_python_that_only_uv_knows_is_found(set_up: ModuleType, fake: Fake, tmp_path: Path) -> None:
    made = fake("uv-store/python", "3.10")
    uv = fake("bin/uv")
    uv.write_text(f'#!/bin/sh\necho "$*" >> {tmp_path / "log"}\necho {made}\n')
    assert set_up.find_python((3, 10)) == made
    assert "python find --managed-python 3.10" in calls(tmp_path)


def test_rasas_environment_is_built_with_python_3_10(set_up: ModuleType, fake: Fake, tmp_path: Path) -> None:
    fake("bin/python3.11", "3.11")
    python = fake("bin/python3.10", "3.10")
    set_up.set_up_rasa()
    done = calls(tmp_path)
    assert f"{python} -m venv {set_up.RASA}" in done
    assert "-m pip install --quiet --no-deps --require-hashes -r" in done
    assert "--ignore-requires-python" not in done


def test_python_3_11_stands_in_from_the_same_lock_and_is_tried(
    set_up: ModuleType, fake: Fake, tmp_path: Path
) -> None:
    python = fake("bin/python3.11", "3.11")
    fake("bin/uv", status=1)
    set_up.set_up_rasa()
    done = calls(tmp_path)
    assert f"{python} -m venv {set_up.RASA}" in done
    assert f"--ignore-requires-python --no-deps --require-hashes -r {set_up.LOCKS / 'rasa.txt'}" in done
    assert "import rasa.model_training" in done
    assert "uv pip install" not in done


def test_the_python_that_runs_the_set_up_may_stand_in_too(
    set_up: ModuleType, fake: Fake, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    python = fake("elsewhere/python", "3.11")
    monkeypatch.setattr(sys, "executable", str(python))
    set_up.set_up_rasa()
    assert f"{python} -m venv {set_up.RASA}" in calls(tmp_path)


def test_where_neither_can_be_had_it_says_what_to_install(set_up: ModuleType, fake: Fake) -> None:
    fake("bin/python3.10", status=127)
    fake("bin/python3.12", "3.12")
    with pytest.raises(set_up.SetUpError) as refusal:
        set_up.set_up_rasa()
    for expected in (
        "3.10",
        "3.11",
        "apt install python3.11",
        "pyenv install 3.10",
        "uv python install 3.10",
    ):
        assert expected in str(refusal.value)
    assert not set_up.RASA.exists()


def test_what_is_up_to_date_is_left_alone(set_up: ModuleType, fake: Fake, tmp_path: Path) -> None:
    fake("bin/python3.10", "3.10")
    set_up.set_up_rasa()
    before = calls(tmp_path)
    set_up.set_up_rasa()
    assert "-m venv" not in calls(tmp_path).removeprefix(before)


def test_another_lock_builds_the_environment_anew(set_up: ModuleType, fake: Fake) -> None:
    fake("bin/python3.10", "3.10")
    set_up.set_up_rasa()
    (set_up.RASA / "old").touch()
    (set_up.LOCKS / "rasa.txt").write_text("rasa==3.6.22\n")
    set_up.set_up_rasa()
    assert not (set_up.RASA / "old").exists()
    assert (set_up.RASA / ".kuaihui").is_file()


def test_an_environment_whose_building_was_interrupted_is_built_anew(set_up: ModuleType, fake: Fake) -> None:
    fake("bin/python3.10", "3.10")
    fake(".venv-rasa/bin/python", "3.10")
    (set_up.RASA / "half").touch()
    set_up.set_up_rasa()
    assert not (set_up.RASA / "half").exists()


def test_an_environment_whose_python_is_gone_is_built_anew(
    set_up: ModuleType, fake: Fake, tmp_path: Path
) -> None:
    python = fake("bin/python3.10", "3.10")
    set_up.set_up_rasa()
    (set_up.RASA / "bin" / "python").unlink()
    set_up.set_up_rasa()
    assert calls(tmp_path).count(f"{python} -m venv") == 2


def test_an_environment_that_was_interrupted_before_it_had_pip_is_built_anew(
    set_up: ModuleType, fake: Fake, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    version = f"{sys.version_info[0]}.{sys.version_info[1]}"
    python = fake("elsewhere/python", version)
    monkeypatch.setattr(sys, "executable", str(python))
    fake("bin/python3.10", "3.10")
    fake(".venv/bin/python", version)
    for name in ("app.txt", "dev.txt"):
        (set_up.LOCKS / name).touch()
    (set_up.ROOT / "pyproject.toml").touch()
    set_up.both(dev=False)
    assert f"{python} -m venv {set_up.APP}" in calls(tmp_path)
    assert (set_up.APP / ".kuaihui").is_file()
    before = calls(tmp_path)
    set_up.both(dev=False)
    assert "-m venv" not in calls(tmp_path).removeprefix(before)


def test_an_installation_that_fails_is_not_taken_for_whole(
    set_up: ModuleType, fake: Fake, tmp_path: Path
) -> None:
    python = fake("bin/python3.10", "3.10")
    python.write_text(
        python.read_text().replace(
            "esac\n", 'esac\n[ "$2" = pip ] && { echo "No space left on device"; exit 1; }\n'
        )
    )
    with pytest.raises(set_up.SetUpError, match="disk is full"):
        set_up.set_up_rasa()
    assert not (set_up.RASA / ".kuaihui").exists()


@pytest.mark.parametrize(
    ("output", "advice"),
    [
        ("OSError: [Errno 28] No space left on device", "disk is full"),
        ("The virtual environment was not created: ensurepip is not available", "python3-venv"),
        ("Temporary failure in name resolution", "package index"),
        ("something new", ""),
    ],
)
def test_common_failures_come_with_advice(set_up: ModuleType, output: str, advice: str) -> None:
    assert advice in set_up.hint(output)
    assert bool(set_up.hint(output)) == bool(advice)


def test_a_command_that_fails_shows_the_end_of_what_it_said(set_up: ModuleType, fake: Fake) -> None:
    broken = fake("bin/broken", status=3)
    broken.write_text("#!/bin/sh\nfor n in 1 2 3; do echo line $n; done\nexit 3\n")
    with pytest.raises(set_up.SetUpError, match=r"doing it failed:\nline 1\nline 2\nline 3"):
        set_up.run([broken], "doing it")


def test_another_environments_variables_do_not_reach_what_is_run(
    set_up: ModuleType, fake: Fake, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    for name in ("VIRTUAL_ENV", "PYTHONPATH", "PYTHONHOME"):
        monkeypatch.setenv(name, "/elsewhere")
    program = fake("bin/program")
    program.write_text(f'#!/bin/sh\necho "$VIRTUAL_ENV$PYTHONPATH$PYTHONHOME" > {tmp_path / "seen"}\n')
    set_up.run([program], "looking")
    assert (tmp_path / "seen").read_text() == "\n"


def test_a_disk_that_is_too_small_is_refused_before_anything_is_begun(
    set_up: ModuleType, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(set_up, "NEEDED_GB", 1e9)
    with pytest.raises(set_up.SetUpError, match="free"):
        set_up.check_machine()


def test_a_python_that_is_too_old_is_refused(set_up: ModuleType, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "version_info", (3, 10, 0))
    with pytest.raises(set_up.SetUpError, match=r"needs Python 3\.11"):
        set_up.check_machine()
