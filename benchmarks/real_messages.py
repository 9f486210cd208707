"""900 real buyer messages with the group an agent would file each under: drawn at random, labelled by hand, never trained on.

    .venv/bin/python -m benchmarks.real_messages [--data ../shared/data]

`data/real_messages.tsv` holds references, hashes and labels only; the texts are read from the data folder when they are needed.
The command repeats the draw and reports whether the file still matches it. How the labels were made and how far they can be
trusted: docs/decisions/2026-11-23-development-set.md.
"""

from __future__ import annotations

import argparse
import csv
import hashlib
import json
import random
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from bot.domain.intents import GROUPS

SEED: Final = 20261123
ECD_FILE: Final = "ecd_buyer_messages.txt"
JDDC_FILE: Final = "jddc_dialogues.jsonl"
ECD_COUNT: Final = 560
JDDC_COUNT: Final = 340
MEASURING_DIGITS: Final = frozenset("0123")
"""A JDDC session is for measuring when the hash of its id begins with one of these; the others may be trained on."""

DATA_DIR: Final = Path(__file__).resolve().parents[2] / "shared" / "data"
LABELS_FILE: Final = Path(__file__).resolve().parent / "data" / "real_messages.tsv"
COLUMNS: Final = ("source", "ref", "sha", "group", "alternatives")


class RealMessagesError(Exception):
    """The labels cannot be joined to the data: something is missing, damaged, or not the edition that was labelled."""


@dataclass(frozen=True, slots=True)
class RealMessage:
    """`group` is the strict label; a prediction in `alternatives` is also right when measured tolerantly."""

    text: str
    group: str
    alternatives: tuple[str, ...]
    source: str

    def accepts(self, group: str) -> bool:
        return group == self.group or group in self.alternatives


@dataclass(frozen=True, slots=True)
class Label:
    """One row of the labels file. `ref` is a 1-based line number (ecd) or "session id:turn index" (jddc)."""

    source: str
    ref: str
    sha: str
    group: str
    alternatives: tuple[str, ...]


def short_hash(text: str) -> str:
    return hashlib.sha256(text.encode("utf-8")).hexdigest()[:12]


def load_real_messages(data_dir: Path = DATA_DIR, labels: Path = LABELS_FILE) -> list[RealMessage]:
    """The labelled messages with their texts; raises RealMessagesError unless every text is the one that was labelled."""
    texts = read_ecd(data_dir) | read_measuring_jddc(data_dir)
    messages: list[RealMessage] = []
    for label in read_labels(labels):
        text = texts.get((label.source, label.ref))
        if text is None:
            raise RealMessagesError(
                f"{data_dir} has no {label.source} message {label.ref}: not the labelled edition"
            )
        if short_hash(text) != label.sha:
            raise RealMessagesError(
                f"{label.source} message {label.ref} in {data_dir} differs from the one that was labelled "
                f"(hash {short_hash(text)}, expected {label.sha})"
            )
        messages.append(RealMessage(text, label.group, label.alternatives, label.source))
    return messages


def read_labels(path: Path = LABELS_FILE) -> list[Label]:
    try:
        with path.open(encoding="utf-8", newline="") as file:
            rows = list(csv.reader(file, delimiter="\t", quoting=csv.QUOTE_NONE))
    except FileNotFoundError as error:
        raise RealMessagesError(f"the labels {path} are missing") from error
    if not rows or tuple(rows[0]) != COLUMNS:
        raise RealMessagesError(f"{path} must begin with the columns {', '.join(COLUMNS)}")
    return [_label(path, number, row) for number, row in enumerate(rows[1:], start=2)]


def _label(path: Path, number: int, row: list[str]) -> Label:
    if len(row) != len(COLUMNS):
        raise RealMessagesError(f"{path}, line {number}: {len(row)} columns instead of {len(COLUMNS)}")
    source, ref, sha, group, joined = row
    alternatives = tuple(joined.split(",")) if joined else ()
    for name in (group, *alternatives):
        if name not in GROUPS:
            raise RealMessagesError(f"{path}, line {number}: there is no group {name!r}")
    return Label(source, ref, sha, group, alternatives)


def read_ecd(data_dir: Path) -> dict[tuple[str, str], str]:
    """Every Taobao message by its 1-based line number."""
    return {("ecd", str(number)): line for number, line in enumerate(_lines(data_dir / ECD_FILE), start=1)}


def read_measuring_jddc(data_dir: Path) -> dict[tuple[str, str], str]:
    """Every buyer turn of the sessions that are for measuring, by session id and turn index; blank turns are left out."""
    texts: dict[tuple[str, str], str] = {}
    path = data_dir / JDDC_FILE
    for number, line in enumerate(_lines(path), start=1):
        try:
            session = json.loads(line)
            if hashlib.sha256(session["id"].encode()).hexdigest()[0] not in MEASURING_DIGITS:
                continue
            for turn, said in enumerate(session["turns"]):
                if said["role"] == "buyer" and said["text"].strip():
                    texts["jddc", f"{session['id']}:{turn}"] = said["text"]
        except (json.JSONDecodeError, AttributeError, KeyError, TypeError) as error:
            raise RealMessagesError(f"{path}, line {number}: not a session ({error})") from error
    return texts


def _lines(path: Path) -> list[str]:
    try:
        text = path.read_text(encoding="utf-8")
    except FileNotFoundError as error:
        raise RealMessagesError(
            f"{path} is missing: the data is not part of the project, name its folder with --data"
        ) from error
    except (OSError, UnicodeDecodeError) as error:
        raise RealMessagesError(f"{path} cannot be read: {error}") from error
    return text.removesuffix("\n").split("\n") if text else []


def draw(data_dir: Path) -> list[tuple[str, str, str]]:
    """(source, ref, text) of the messages that were labelled: the same for everybody who has the same data."""
    chooser = random.Random(SEED)
    ecd = sorted(read_ecd(data_dir).items(), key=lambda item: int(item[0][1]))
    drawn = [(source, ref, text) for (source, ref), text in chooser.sample(ecd, ECD_COUNT)]
    return drawn + _draw_sessions(data_dir, chooser, seen={text for _, _, text in drawn})


def _draw_sessions(data_dir: Path, chooser: random.Random, seen: set[str]) -> list[tuple[str, str, str]]:
    """One turn of each session in random order, then a second of each, until there are enough; no text twice."""
    sessions: dict[str, list[tuple[str, str]]] = {}
    for (_, ref), text in read_measuring_jddc(data_dir).items():
        sessions.setdefault(ref.split(":")[0], []).append((ref, text))
    order = sorted(sessions)
    chooser.shuffle(order)
    for session in order:
        chooser.shuffle(sessions[session])
    drawn: list[tuple[str, str, str]] = []
    while len(drawn) < JDDC_COUNT and any(sessions.values()):
        for session in order:
            fresh = _next_unseen(sessions[session], seen)
            if fresh and len(drawn) < JDDC_COUNT:
                drawn.append(("jddc", *fresh))
    return drawn


def _next_unseen(turns: list[tuple[str, str]], seen: set[str]) -> tuple[str, str] | None:
    while turns:
        ref, text = turns.pop()
        if text not in seen:
            seen.add(text)
            return ref, text
    return None


def _matches_draw(labels: Iterable[Label], data_dir: Path) -> bool:
    return [(label.source, label.ref) for label in labels] == [
        (source, ref) for source, ref, _ in draw(data_dir)
    ]


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--data", type=Path, default=DATA_DIR, help="folder with the public data")
    data_dir = parser.parse_args().data
    try:
        messages = load_real_messages(data_dir)
        drawn_so = _matches_draw(read_labels(), data_dir)
    except RealMessagesError as error:
        raise SystemExit(str(error)) from error
    print(f"{len(messages)} messages, every hash matches; the draw {'repeats' if drawn_so else 'DIFFERS'}")
    for source in ("ecd", "jddc"):
        groups = Counter(message.group for message in messages if message.source == source)
        print(source, ", ".join(f"{group} {groups[group]}" for group in GROUPS))
    print(f"{sum(bool(message.alternatives) for message in messages)} messages have alternatives")


if __name__ == "__main__":
    main()
