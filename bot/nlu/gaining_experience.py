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
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Final

import jieba
import numpy as np

from bot.domain.intents import GROUPS, INTENT_GROUP
from bot.domain.text import UnreadableMessage, read_message, strip_opener
from bot.nlu.components.experience import Experience, nothing_learned, write_experience
from bot.nlu.components.features import feature_matrix
from bot.nlu.components.ngrams import learn_vocabulary, pieces
from bot.nlu.components.regression import fit_softmax
from bot.nlu.components.sentence_vectors import SentenceVectors, model_mark
from bot.nlu.components.votes import count_pieces
from bot.nlu.training_data import read_phrasings

_LABELS: Final = Path("intents/labels/jddc_turns.tsv")
_MODEL: Final = Path("bot/models/kuaihui-embedder")
_OUT: Final = Path("bot/nlu/components/experience.npz")
_MESSAGES: Final = "messages"
_MEASURED: Final = frozenset("0123")
_PHRASING_WEIGHT: Final = 0.3
_STRENGTH: Final = 0.3
_STEPS: Final = 120
_FEWEST: Final = 3
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
    texts = [as_classified(example.text) for example in examples]
    counted = [Counter(pieces(jieba.lcut(text), 1, 4)) for text in texts]
    vocabulary = learn_vocabulary(counted, _FEWEST)
    rows = feature_matrix(counted, vectors.encode_all(texts), vocabulary)
    weights = np.array([example.weight for example in examples])
    intents = sorted(INTENT_GROUP)
    blank = nothing_learned(vectors.dimension)
    parts = []
    for names, labels in (
        (intents, [example.intent for example in examples]),
        (sorted(GROUPS), [INTENT_GROUP[example.intent] for example in examples]),
    ):
        numbers = np.array([names.index(label) for label in labels])
        earlier = blank.earlier(names, (), len(vocabulary))[0]
        parts.append(fit_softmax(rows, numbers, weights, earlier, _STRENGTH, _STEPS))
    both = np.hstack(parts)
    outside = [n for n, example in enumerate(examples) if example.outside]
    counts = count_pieces(
        [counted[n] for n in outside], numbers[outside], weights[outside], vocabulary, len(GROUPS)
    )
    known = list(vocabulary)
    kept = np.flatnonzero(np.abs(both[: len(known)]).max(axis=1) >= _SMALLEST)
    return Experience(
        tuple(known[place] for place in kept),
        tuple(intents),
        tuple(sorted(GROUPS)),
        np.vstack([both[kept], both[len(known) :]]),
        counts[kept],
        model_mark(model),
    )


def own_examples(folder: Path) -> list[Example]:
    """Return the examples of `intents/nlu/`: messages count whole, phrasings that cover an intent less."""
    return [
        Example(
            phrasing.text,
            phrasing.intent,
            1.0 if phrasing.path.parent.name == _MESSAGES else _PHRASING_WEIGHT,
            outside=False,
        )
        for phrasing in read_phrasings(folder)
    ]


def as_classified(text: str) -> str:
    """Return the text as a classifier gets it."""
    try:
        return strip_opener(read_message(text).text) or text.strip()
    except UnreadableMessage:
        return text


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
