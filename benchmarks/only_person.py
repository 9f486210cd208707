"""How many turns that only a person may settle are heard, and how many others are taken for such.

    .venv-rasa/bin/python -m benchmarks.only_person [--show]

Run it in Rasa's environment. The turns of intents/person are read by a reader that learned from the other writers' alone (and
from intents/nlu), and by the patterns. A shop's turns are hard ones there: two in three are written to be mistaken. The turns
of the played packs' first halves and the demo shops' questions show how often a person is asked for where none is needed;
nothing is learned from them. Shares are given with the range in which the true share lies nineteen times in twenty, if turns
like these are drawn anew.
"""

from __future__ import annotations

import argparse
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any, Final

import numpy as np
import yaml

from bot.domain.demands import tells_to_act
from bot.domain.grievances import reports_harm
from bot.domain.mood import asks_for_person, is_upset
from bot.domain.thresholds import ONLY_PERSON
from bot.nlu.components.person_judge import (
    PHRASING_WEIGHT,
    SCHOOLING,
    Heard,
    PersonJudge,
    as_heard,
    teach_person,
)
from bot.nlu.components.person_turns import Turn, read_turns, to_learn
from bot.nlu.components.reading import read_text
from bot.nlu.components.sentence_vectors import SentenceVectors
from bot.nlu.training_data import read_phrasings

_ROOT: Final = Path(__file__).resolve().parents[1]
_TURNS: Final = _ROOT / "intents" / "person"
_PHRASINGS: Final = "phrasings"
_DRAWS: Final = 2000


@dataclass(frozen=True, slots=True)
class Read:
    """A turn with the probability that a reader gave it who had not learned from its writer, and what patterns say of it."""

    turn: Turn
    chance: float

    @property
    def by_reader(self) -> bool:
        return self.chance >= ONLY_PERSON

    @property
    def by_patterns(self) -> bool:
        return is_heard(self.turn.text, None)

    @property
    def by_both(self) -> bool:
        return self.by_reader or self.by_patterns


def is_heard(text: str, chance: float | None) -> bool:
    """Whether a person is asked for, for whatever reason the words or the reader give."""
    # Not bot.domain.only_person: what it leaves to the dialogues needs a newer Python than Rasa has.
    is_read_so = chance is not None and chance >= ONLY_PERSON
    told = tells_to_act(text) or reports_harm(text)
    return is_read_so or told or is_upset(text) or asks_for_person(text)


class Readers:
    """Teaches readers, and reads with them."""

    def __init__(self, vectors: SentenceVectors) -> None:
        self._vectors = vectors
        self._intents = {each.text: each.intent for each in read_phrasings(_ROOT / "intents" / "nlu")}
        self._known: dict[str, Heard] = {}

    def teach(self, turns: Iterable[Turn]) -> PersonJudge:
        """Return a reader that has learned from these turns and from intents/nlu."""
        texts = list(to_learn(turns, self._intents, PHRASING_WEIGHT))
        new = [each for each in texts if each.text not in self._known]
        self._known.update(
            zip(
                (each.text for each in new),
                as_heard(new, partial(read_text, vectors=self._vectors)),
                strict=True,
            )
        )
        return teach_person([self._known[each.text] for each in texts], SCHOOLING)

    def read(self, judge: PersonJudge, text: str) -> float:
        """Return the probability that only a person may settle it."""
        return judge.chance(*read_text(text, self._vectors))


def cross_read(readers: Readers, turns: Sequence[Turn]) -> list[Read]:
    """Return every writer's turns, read by who learned from the others."""
    found = []
    for source in sorted({turn.source for turn in turns} - {_PHRASINGS}):
        judge = readers.teach(turn for turn in turns if turn.source != source)
        own = [turn for turn in turns if turn.source == source and turn.label != "either"]
        found += [Read(turn, readers.read(judge, turn.text)) for turn in own]
    return found


def share(hits: Sequence[bool], seed: int = 0) -> str:
    """Return the share of hits with its bootstrapped range."""
    if not hits:
        return "–"
    drawn = np.random.default_rng(seed).binomial(len(hits), sum(hits) / len(hits), _DRAWS) / len(hits)
    low, high = np.quantile(drawn, (0.025, 0.975))
    return f"{sum(hits) / len(hits):.1%} ({low:.1%}-{high:.1%}) of {len(hits)}"


def table(read: Sequence[Read]) -> list[str]:
    """Return lines that tell what is heard of each sort and writer, and what a shop's turns cost."""
    lines = ["| turns | both | reader | patterns |", "| --- | --- | --- | --- |"]

    def line(name: str, of: Sequence[Read]) -> None:
        cells = [
            share([each.by_both for each in of]),
            share([each.by_reader for each in of]),
            share([each.by_patterns for each in of]),
        ]
        lines.append(f"| {name} | {' | '.join(cells)} |")

    for label in ("person", "shop"):
        of_label = [each for each in read if each.turn.label == label]
        line(f"**{label}**", of_label)
        for sort in sorted({each.turn.sort for each in of_label}):
            line(f"{label}, sort {sort}", [each for each in of_label if each.turn.sort == sort])
        for source in sorted({each.turn.source for each in of_label}):
            line(f"{label}, {source}", [each for each in of_label if each.turn.source == source])
    return lines


def _played(folder: Path) -> list[tuple[str, bool]]:
    """Return the first halves' turns, and whether a person is due by then."""
    found = []
    for path in sorted(folder.glob("*-dev.yml")):
        for conversation in yaml.safe_load(path.read_text(encoding="utf-8"))["conversations"]:
            for turn in conversation["turns"]:
                said = " ".join(str(each) for each in _listed(turn["say"]) if each != "[image]")
                if said:
                    found.append((said, "hand_over" in _listed(turn["expect"])))
    return found


def _asked(folder: Path) -> list[str]:
    pages = (yaml.safe_load(path.read_text(encoding="utf-8")) for path in sorted(folder.glob("*.yml")))
    return [str(each["text"]) for page in pages for each in page["conversations"]]


def _listed(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]


def elsewhere(readers: Readers, judge: PersonJudge) -> list[str]:
    """Return lines about turns that nothing was learned from."""
    played = _played(_ROOT / "tests" / "data" / "played")
    asked = [(text, False) for text in _asked(_ROOT / "tests" / "data" / "demo_questions")]
    lines = []
    for name, said in (("played, no person expected", played), ("questions to the demo shops", asked)):
        plain = [text for text, due in said if not due]
        flagged = [is_heard(text, readers.read(judge, text)) for text in plain]
        before = [is_heard(text, None) for text in plain]
        lines.append(f"{name}: {share(flagged)}; by patterns alone {share(before)}")
    return lines


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--show", action="store_true", help="print the turns that were misread, too")
    given = parser.parse_args()
    readers = Readers(SentenceVectors(_ROOT / "bot" / "models" / "kuaihui-embedder"))
    turns = read_turns(_TURNS)
    read = cross_read(readers, turns)
    print("\n".join(table(read)))
    print("\n".join(elsewhere(readers, readers.teach(turns))))
    if given.show:
        for each in sorted(read, key=lambda one: one.chance):
            if each.by_both != (each.turn.label == "person"):
                print(f"{each.chance:.2f} {each.turn.label} {each.turn.sort} {each.turn.text}")


if __name__ == "__main__":
    main()
