"""The buyers' turns of intents/person: which of them only a person may settle. The form stands at the head of each file."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

LABELS = ("person", "shop", "either")
SORTS = ("a", "b", "c", "d", "e", "n")

PERSON_INTENTS = frozenset({"complaint", "human_request"})
"""Intents of intents/nlu whose phrasings are all a person's."""
SHOP_INTENTS = frozenset(
    {
        "acknowledge", "chitchat", "coupon", "deny", "goodbye", "greet", "inform", "invoice_can", "invoice_details",
        "invoice_type", "invoice_when", "logistics_track", "product_authentic", "product_compare", "product_material",
        "product_shelf_life", "product_size_advice", "product_usage", "return_fee", "return_how", "ship_courier",
        "ship_duration", "ship_fee", "ship_region", "ship_when", "stock_available", "stock_cannot_buy", "stock_restock",
        "stock_variant",
    }
)  # fmt: skip
"""Those whose phrasings a shop's entries answer, but for the ones that intents/person names."""


class InvalidTurns(ValueError):
    """A file of intents/person cannot be read; the message names the file and the line."""


@dataclass(frozen=True, slots=True)
class Turn:
    """What a buyer sent in one go. `label` is one of LABELS, `sort` one of SORTS, `source` the file that it stands in."""

    text: str
    label: str
    sort: str
    source: str


@dataclass(frozen=True, slots=True)
class LabelledText:
    """A text to learn from, and how much it counts."""

    text: str
    is_person: bool
    weight: float


def read_turns(folder: Path) -> list[Turn]:
    """Return the turns of every `*.tsv` in the folder, each text once. Raises InvalidTurns, OSError."""
    found: dict[str, Turn] = {}
    for path in sorted(folder.glob("*.tsv")):
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), start=1):
            if not line or line.startswith("#"):
                continue
            turn = _turn(path, number, line)
            known = found.setdefault(turn.text, turn)
            if known.label != turn.label:
                raise InvalidTurns(f"{path}:{number}: {known.source}.tsv says {known.label} of this text")
    if not found:
        raise InvalidTurns(f"{folder}: no turns; expected files such as plain.tsv")
    return list(found.values())


def to_learn(
    turns: Iterable[Turn], intents: Mapping[str, str], phrasing_weight: float
) -> Iterator[LabelledText]:
    """Yield what is learned from turns and from the phrasings of intents/nlu, given with their intents.

    A phrasing counts `phrasing_weight`, also one that stands among the turns with a label of its own.
    """
    said = {turn.text: turn for turn in turns}
    for text, turn in said.items():
        if turn.label != "either":
            weight = phrasing_weight if text in intents else 1.0
            yield LabelledText(text, turn.label == "person", weight)
    for text, intent in intents.items():
        if text not in said and intent in PERSON_INTENTS | SHOP_INTENTS:
            yield LabelledText(text, intent in PERSON_INTENTS, phrasing_weight)


def _turn(path: Path, number: int, line: str) -> Turn:
    fields = line.split("\t")
    if len(fields) != 3 or fields[0] not in LABELS or fields[1] not in SORTS or not fields[2].strip():
        raise InvalidTurns(
            f"{path}:{number}: expected label ({', '.join(LABELS)}), sort ({', '.join(SORTS)}) and text, with tabs between"
        )
    return Turn(fields[2].strip(), fields[0], fields[1], path.stem)
