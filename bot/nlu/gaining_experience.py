"""`python -m bot.nlu.gaining_experience --dialogues FILE`: learns the weights that every training begins with.

Run it in Rasa's environment (`.venv-rasa/bin/python`) after the bundled embedding model or the labels have changed. It learns
from `intents/nlu/` and from the real messages that `intents/labels/jddc_turns.tsv` labels by session and turn; their texts
are read from FILE (JDDC, Apache 2.0) and never written. Sessions that are kept for measuring are refused.
"""

from __future__ import annotations

import argparse
import csv
import json
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Final

import numpy as np

from bot.domain.intents import GROUPS, INTENT_GROUP
from bot.nlu.components.experience import Experience, nothing_learned, write_experience
from bot.nlu.components.judge import PHRASING_WEIGHT, Lesson, Teaching, teach
from bot.nlu.components.reading import read_text
from bot.nlu.components.sentence_vectors import SentenceVectors, model_mark
from bot.nlu.components.votes import count_pieces
from bot.nlu.training_data import read_phrasings

_LABELS: Final = Path("intents/labels/jddc_turns.tsv")
_MODEL: Final = Path("bot/models/kuaihui-embedder")
_OUT: Final = Path("bot/nlu/components/experience.npz")
_MESSAGES: Final = "messages"
_MEASURED: Final = frozenset("0123")
_TEACHING: Final = Teaching(fewest=3, strength=0.3, steps=120)
_SMALLEST: Final = 0.015
"""Pieces whose weights are all smaller are left out: they change no answer and fill the repository."""

_NUMBER_MASK: Final = re.compile(
    r"\[(?:数字|金额|日期|时间|电话|邮箱|身份证号|站点|组织机构|订单|商品快照)[^\]\[]{0,3}\]"
)
_NAME_MASK: Final = re.compile(r"\[(?:姓名|地址)[^\]\[]{0,3}\]")


class LabelsDoNotFit(Exception):
    """The labels and the dialogues do not belong together; the message says where."""


@dataclass(frozen=True, slots=True)
class Example:
    """A text with its intent, how much it counts, and whether it lies outside the repository."""

    text: str
    intent: str
    weight: float
    outside: bool


def labelled_turns(dialogues: Path, labels: Path) -> Iterator[Example]:
    """Yield every labelled turn, one with masks twice. Raises LabelsDoNotFit, OSError."""
    sessions = {}
    for line in dialogues.read_text(encoding="utf-8").splitlines():
        session = json.loads(line)
        sessions[session["id"]] = session["turns"]
    with labels.open(encoding="utf-8", newline="") as file:
        for number, row in enumerate(csv.DictReader(file, delimiter="\t"), start=2):
            if sha256(row["session"].encode()).hexdigest()[0] in _MEASURED:
                raise LabelsDoNotFit(f"{labels}:{number}: this session is kept for measuring")
            turns = sessions.get(row["session"], ())
            place = int(row["turn"])
            text = turns[place]["text"].strip() if place < len(turns) else ""
            if sha256(text.encode()).hexdigest()[:12] != row["sha"]:
                raise LabelsDoNotFit(f"{labels}:{number}: {dialogues} holds another text there")
            if row["intent"] not in INTENT_GROUP:
                raise LabelsDoNotFit(f"{labels}:{number}: no intent is called {row['intent']!r}")
            # Buyers send numbers and names, anonymised messages the masks for them.
            plain = _NAME_MASK.sub("某", _NUMBER_MASK.sub("0", text))
            forms = {text, plain}
            yield from (Example(form, row["intent"], 1 / len(forms), outside=True) for form in sorted(forms))


def gain_experience(examples: Sequence[Example], model: Path) -> Experience:
    """Return what is learned from the examples; only those from outside are remembered as seen."""
    vectors = SentenceVectors(model)
    lessons = [as_lesson(example, vectors) for example in examples]
    judge = teach(lessons, INTENT_GROUP, nothing_learned(vectors.dimension), _TEACHING)
    outside = [lesson for lesson, example in zip(lessons, examples, strict=True) if example.outside]
    groups = sorted(GROUPS)
    counts = count_pieces(
        [lesson.counts for lesson in outside],
        np.array([groups.index(INTENT_GROUP[lesson.intent]) for lesson in outside]),
        np.array([lesson.weight for lesson in outside]),
        judge.vocabulary,
        len(groups),
    )
    known = list(judge.vocabulary)
    kept = np.flatnonzero(np.abs(judge.weights[: len(known)]).max(axis=1) >= _SMALLEST)
    return Experience(
        tuple(known[place] for place in kept),
        judge.intents,
        tuple(groups),
        np.vstack([judge.weights[kept], judge.weights[len(known) :]]),
        counts[kept],
        model_mark(model),
    )


def as_lesson(example: Example, vectors: SentenceVectors) -> Lesson:
    """Return the example as a judge learns it."""
    return Lesson(*read_text(example.text, vectors), example.intent, example.weight)


def own_examples(folder: Path) -> list[Example]:
    """Return the examples of `intents/nlu/`: messages count whole, phrasings that cover an intent less."""
    return [
        Example(
            phrasing.text,
            phrasing.intent,
            phrasing.weight if phrasing.path.parent.name == _MESSAGES else PHRASING_WEIGHT,
            outside=False,
        )
        for phrasing in read_phrasings(folder)
    ]


def main() -> None:
    """Run the command."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--dialogues", type=Path, required=True, help="jddc_dialogues.jsonl")
    parser.add_argument("--labels", type=Path, default=_LABELS)
    parser.add_argument("--model", type=Path, default=_MODEL)
    parser.add_argument("--out", type=Path, default=_OUT)
    given = parser.parse_args()
    examples = own_examples(Path("intents/nlu"))
    examples += labelled_turns(given.dialogues, given.labels)
    learned = gain_experience(examples, given.model)
    write_experience(given.out, learned)
    size = given.out.stat().st_size / 1e6
    print(f"{given.out}: {len(examples)} examples, {len(learned.pieces)} pieces, {size:.1f} MB")


if __name__ == "__main__":
    main()
