"""Training: skipped when nothing changed, all or nothing, and clear about what is wrong."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import threading
from pathlib import Path

import psutil
import pytest

from bot.nlu.training import TrainingFailed, fingerprint, latest_model, model_path, train
from bot.nlu.training_data import InvalidTrainingData
from tests.integration.rasa_models import RASA_PYTHON, ROOT

_TRAINER = """#!{python}
import json, os, sys, time
options = dict(zip(sys.argv[3::2], sys.argv[4::2]))
print(json.dumps({{"kind": "progress", "text": "Loading Rasa"}}), flush=True)
print("something that Rasa prints", flush=True)
with open({runs!r}, "a") as runs:
    runs.write(os.environ.get("RASA_TELEMETRY_ENABLED", "") + os.environ.get("KUAIHUI_SECRET", "") + "\\n")
{body}
"""
_WRITE = 'open(os.path.join(options["--output"], options["--name"]), "wb").write(b"a model")'
_KEEP = 'os.makedirs(os.environ["RASA_CACHE_DIRECTORY"], exist_ok=True)\n'
_TELL = 'print(json.dumps({"kind": "progress", "text": " ".join(sys.argv)}), flush=True)\n'
_NLU = """version: "3.1"
nlu:
- intent: {intent}
  metadata:
    group: {group}
  examples: |
{examples}
"""


class Project:
    """A small project and an interpreter that plays the trainer."""

    def __init__(self, folder: Path) -> None:
        self.root = folder / "project"
        self.data = folder / "var"
        self.python = folder / "python"
        self._runs = folder / "runs"
        for folder_name in ("nlu", "domain"):
            (self.root / "intents" / folder_name).mkdir(parents=True)
        for name in ("config.yml", "intents/domain/base.yml"):
            shutil.copy(ROOT / name, self.root / name)
        self.write("invoice_can", "invoice", ["能开发票吗", "可以开票不", "有票吗"])
        self.write("ship_when", "shipping", ["[今天](date)能发货吗", "啥时候发", "多久发货"])
        self.write("gift", "price_promo", ["送什么赠品", "有没有礼物", "有小礼品吗"])
        self.play(_WRITE)

    def write(self, intent: str, group: str, examples: list[str]) -> Path:
        path = self.root / "intents" / "nlu" / f"{intent}.yml"
        lines = "\n".join(f"    - {example}" for example in examples)
        path.write_text(_NLU.format(intent=intent, group=group, examples=lines), encoding="utf-8")
        return path

    def play(self, body: str) -> None:
        script = _TRAINER.format(python=sys.executable, runs=str(self._runs), body=body)
        self.python.write_text(script, encoding="utf-8")
        self.python.chmod(0o700)

    def train(self, progress: list[str] | None = None, **options: bool) -> Path:
        told = [] if progress is None else progress
        return train(self.data, self.root, self.python, told.append, **options)

    @property
    def runs(self) -> list[str]:
        return self._runs.read_text().splitlines() if self._runs.exists() else []

    def left(self) -> list[str]:
        return sorted(path.name for path in (self.data / "rasa").iterdir() if path.name != ".training.lock")


@pytest.fixture
def project(tmp_path: Path) -> Project:
    return Project(tmp_path)


def test_the_model_is_named_after_what_it_was_made_from(project: Project) -> None:
    model = project.train()
    assert model == model_path(project.data, fingerprint(project.root))
    assert model.read_bytes() == b"a model"
    assert project.left() == [model.name]


def test_an_unchanged_project_is_not_trained_again(project: Project) -> None:
    assert project.train() == project.train()
    assert len(project.runs) == 1


def test_a_forced_training_replaces_the_model(project: Project) -> None:
    model = project.train()
    project.play(_WRITE.replace("a model", "a new model"))
    assert project.train(force=True) == model
    assert model.read_bytes() == b"a new model"


@pytest.mark.parametrize("name", ["config.yml", "intents/domain/base.yml", "intents/nlu/gift.yml"])
def test_every_source_changes_the_fingerprint(project: Project, name: str) -> None:
    before = fingerprint(project.root)
    with (project.root / name).open("a", encoding="utf-8") as file:
        file.write("# changed\n")
    assert fingerprint(project.root) != before


def test_progress_is_passed_on_and_noise_is_not(project: Project) -> None:
    progress: list[str] = []
    project.train(progress)
    assert progress == ["Training Rasa on 9 phrasings", "Loading Rasa"]


def test_telemetry_is_off_and_our_settings_are_kept_from_rasa(
    project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("KUAIHUI_SECRET", "secret")
    project.train()
    assert project.runs == ["false"]


def test_the_newest_model_serves_while_the_project_is_ahead_of_it(project: Project) -> None:
    assert latest_model(project.data, project.root) is None
    old = project.train()
    project.write("gift", "price_promo", ["有赠品没"])
    assert latest_model(project.data, project.root) == old
    new = project.train()
    os.utime(old, (2_000_000_000, 2_000_000_000))
    assert latest_model(project.data, project.root) == new
    assert latest_model(project.data) == old


def test_a_training_that_fails_says_why_and_leaves_the_old_model(project: Project) -> None:
    old = project.train()
    project.write("gift", "price_promo", ["有赠品没"])
    project.play('print(json.dumps({"kind": "error", "text": "out of luck"})); sys.exit(1)')
    with pytest.raises(TrainingFailed, match="out of luck"):
        project.train()
    assert project.left() == [old.name]


def test_a_training_that_dies_silently_is_reported_with_its_last_words(project: Project) -> None:
    project.play('sys.stderr.write("no space left\\n"); sys.exit(3)')
    with pytest.raises(TrainingFailed, match=r"status 3: no space left"):
        project.train()
    assert project.left() == []


def test_an_interrupted_training_leaves_nothing_half_written(project: Project) -> None:
    project.play(_WRITE + "; time.sleep(600)")

    def interrupt(line: str) -> None:
        if line == "Loading Rasa":
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        train(project.data, project.root, project.python, interrupt)
    assert project.left() == []


def test_what_a_killed_training_left_is_removed_by_the_next(project: Project) -> None:
    (project.data / "rasa" / ".training-abc").mkdir(parents=True)
    model = project.train()
    assert project.left() == [model.name]


def test_a_training_ends_with_the_process_that_asked_for_it(project: Project) -> None:
    shutil.copytree(ROOT / "bot", project.root / "bot", ignore=shutil.ignore_patterns("__pycache__"))
    asking = (
        "import sys; from pathlib import Path; from bot.nlu.training import train;"
        "train(*map(Path, sys.argv[1:4]), lambda line: print(line, flush=True))"
    )
    command = [sys.executable, "-c", asking, str(project.data), str(project.root), str(RASA_PYTHON)]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as owner:
        assert owner.stdout is not None
        while owner.stdout.readline().strip() != "Loading Rasa":
            pass
        trainers = psutil.Process(owner.pid).children()
        owner.kill()
    assert trainers
    assert not psutil.wait_procs(trainers, 60)[1]


def test_two_trainings_at_once_train_once(project: Project) -> None:
    threads = [threading.Thread(target=project.train) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(project.runs) == 1


def test_only_the_newest_models_are_kept(project: Project) -> None:
    for number in range(5):
        project.write("gift", "price_promo", [f"有赠品没{number}"])
        project.train()
    assert len(project.left()) == 3


def test_a_broken_file_is_named_with_its_line(project: Project) -> None:
    path = project.write("gift", "price_promo", ["有赠品没"])
    path.write_text(path.read_text(encoding="utf-8") + "  broken: [\n", encoding="utf-8")
    with pytest.raises(InvalidTrainingData, match=r"gift\.yml:\d+: .*indentation"):
        project.train()
    assert project.runs == []


def test_a_config_that_rasa_would_rewrite_is_refused(project: Project) -> None:
    config = project.root / "config.yml"
    config.write_text(
        config.read_text(encoding="utf-8").replace("assistant_id", "assistant"), encoding="utf-8"
    )
    with pytest.raises(TrainingFailed, match="assistant_id must be set"):
        project.train()


def test_a_missing_environment_is_named(project: Project) -> None:
    project.python.unlink()
    with pytest.raises(TrainingFailed, match="make setup"):
        project.train()


def test_the_real_trainer_trains_reports_and_rewrites_nothing(project: Project) -> None:
    shutil.copytree(ROOT / "bot", project.root / "bot", ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copytree(ROOT / "intents" / "person", project.root / "intents" / "person")
    before = {path: path.read_bytes() for path in project.root.rglob("*.yml")}
    progress: list[str] = []
    model = train(project.data, project.root, RASA_PYTHON, progress.append)
    assert model.stat().st_size > 1000
    assert [line.split("'")[1] for line in progress if line.startswith("Starting to train")] == [
        "JiebaTokenizer",
        "CharacterEntityExtractor",
        "BuyerIntentClassifier",
        "OnlyPersonReader",
    ]
    assert {path: path.read_bytes() for path in project.root.rglob("*.yml")} == before
    assert not (project.root / ".rasa").exists()


def test_the_real_trainer_tells_what_is_wrong_with_the_config(project: Project) -> None:
    shutil.copytree(ROOT / "bot", project.root / "bot", ignore=shutil.ignore_patterns("__pycache__"))
    config = project.root / "config.yml"
    config.write_text(
        config.read_text(encoding="utf-8").replace("JiebaTokenizer", "NoSuchTokenizer"), encoding="utf-8"
    )
    with pytest.raises(TrainingFailed, match="NoSuchTokenizer"):
        train(project.data, project.root, RASA_PYTHON)


def test_what_was_learned_of_messages_is_kept_while_only_dialogues_change(project: Project) -> None:
    project.play(_KEEP + _WRITE)
    project.train()
    (kept,) = (project.data / "rasa").glob(".understanding-*")
    rules = project.root / "intents" / "rules" / "invoice.yml"
    rules.parent.mkdir()
    rules.write_text('version: "3.1"\n', encoding="utf-8")
    project.train()
    assert kept.is_dir()
    project.write("gift", "price_promo", ["有赠品吗", "送不送东西", "有没有小礼物"])
    project.train()
    assert not kept.exists()
    assert len(list((project.data / "rasa").glob(".understanding-*"))) == 1


def test_a_forced_training_learns_everything_again(project: Project) -> None:
    project.play(_KEEP + _WRITE)
    project.train()
    (kept,) = (project.data / "rasa").glob(".understanding-*")
    (kept / "left").touch()
    project.train(force=True)
    assert not (kept / "left").exists()


def test_rules_and_stories_that_are_there_are_learned_from(project: Project) -> None:
    project.play(_TELL + _WRITE)
    told: list[str] = []
    project.train(told)
    assert told[-1].endswith("--dialogues")
    for name in ("rules", "stories"):
        (project.root / "intents" / name).mkdir()
        (project.root / "intents" / name / "invoice.yml").write_text('version: "3.1"\n', encoding="utf-8")
    project.train(told)
    assert told[-1].endswith("--dialogues intents/rules intents/stories")
