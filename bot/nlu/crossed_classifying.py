"""`python -m bot.nlu.crossed_classifying --dialogues FILE --out OUT.jsonl`: how texts are classified by who never saw them.

Run it in Rasa's environment. Two classifiers learn from half of the examples each, and each classifies what the other learned
from, and the phrasings of the packs. bot.retrieval.calibrating fits the ranker's trust in intents with it: with a classifier
that knows its texts by heart the ranker would trust it too much. One line a text: {"text", "intents": [[name, confidence], …]}.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Iterator
from hashlib import sha256
from pathlib import Path
from typing import Final

import numpy as np
import yaml

from bot.domain.intents import INTENT_GROUP
from bot.nlu.components.experience import nothing_learned
from bot.nlu.components.judge import WEIGHING, Judge, Teaching, teach
from bot.nlu.components.reading import read_text
from bot.nlu.components.sentence_vectors import SentenceVectors
from bot.nlu.gaining_experience import Example, as_lesson, labelled_turns, own_examples

_TEACHING: Final = Teaching(fewest=2, strength=0.3, steps=80)
_KEPT: Final = 10
_QUESTIONS: Final = Path("bot/retrieval/embedder_training/questions")


class Crossing:
    """Two judges, each taught by the examples of one side."""

    def __init__(self, examples: list[Example], model: Path) -> None:
        self._vectors = SentenceVectors(model)
        self._judges = [self._taught([e for e in examples if _side(e.text) == side]) for side in (0, 1)]

    def classify(self, text: str) -> list[tuple[str, float]]:
        """Return the likeliest intents by the judge that was not taught this text."""
        judge = self._judges[1 - _side(text)]
        chances = judge.chances(*read_text(text, self._vectors), WEIGHING)
        return [(judge.intents[n], float(chances[n])) for n in np.argsort(-chances)[:_KEPT]]

    def _taught(self, examples: list[Example]) -> Judge:
        lessons = [as_lesson(example, self._vectors) for example in examples]
        return teach(lessons, INTENT_GROUP, nothing_learned(self._vectors.dimension), _TEACHING)


def _side(text: str) -> int:
    return sha256(text.encode()).digest()[1] % 2


def _other_texts(templates: Path, questions: Path) -> Iterator[str]:
    """Yield what no example is: the phrasings of packs, and the questions that the embedding model learns from."""
    for path in sorted(questions.glob("*.yml")):
        for group in yaml.safe_load(path.read_text(encoding="utf-8"))["paraphrases"]:
            yield from map(str, group)
    for path in sorted(templates.rglob("*.yml")):
        for entry in yaml.safe_load(path.read_text(encoding="utf-8")).get("entries") or ():
            yield str(entry["question"])
            yield from map(str, entry.get("phrasings") or ())


def main() -> None:
    """Run the command."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--dialogues", type=Path, required=True)
    parser.add_argument("--labels", type=Path, default=Path("intents/labels/jddc_turns.tsv"))
    parser.add_argument("--model", type=Path, default=Path("bot/models/kuaihui-embedder"))
    parser.add_argument("--out", type=Path, default=Path("build/crossed.jsonl"))
    given = parser.parse_args()
    examples = own_examples(Path("intents/nlu")) + list(labelled_turns(given.dialogues, given.labels))
    crossing = Crossing(examples, given.model)
    texts = dict.fromkeys([e.text for e in examples] + list(_other_texts(Path("templates"), _QUESTIONS)))
    given.out.parent.mkdir(parents=True, exist_ok=True)
    with given.out.open("w", encoding="utf-8") as file:
        for text in texts:
            line = {"text": text, "intents": crossing.classify(text)}
            file.write(json.dumps(line, ensure_ascii=False) + "\n")
    print(f"{given.out}: {len(texts)} texts")


if __name__ == "__main__":
    main()
