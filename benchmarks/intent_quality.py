"""How well intents and groups are told apart, on our own messages and on real ones: `python -m benchmarks.intent_quality`.

Real messages are labelled by group, by hand (docs/decisions), and read from ../shared/data at run time; "tolerant" accepts
the alternatives noted with a label.
"""

from __future__ import annotations

import argparse
import asyncio
import sys
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from benchmarks.estimates import UNKNOWN, Estimate, answered, error, macro_f1, share, skill
from benchmarks.quality_page import Gallery, Section, Target, confidence_targets, shown_folder, table
from benchmarks.quality_parts import open_parts
from benchmarks.real_messages import DATA_DIR, RealMessage, RealMessagesError, load_real_messages
from bot.domain.intents import INTENT_GROUP
from bot.ports import IntentClassifier, Unavailable
from bot.retrieval.evaluation import MessageResult, evaluate_intents
from bot.retrieval.evaluation_files import read_messages
from bot.services.classifying import MessageClassifier
from bot.settings import PROJECT_ROOT

_OWN: Final = PROJECT_ROOT / "tests" / "data" / "buyer_messages.tsv"
_REAL: Final = "real messages, ten groups"
_OWN_SET: Final = "our own messages, ten groups"
_CONFUSIONS: Final = 8


@dataclass(frozen=True, slots=True)
class Filed:
    """A message with the group it was filed under, and the confidence in that group."""

    message: RealMessage
    group: str
    confidence: float

    @property
    def is_right(self) -> bool:
        """Whether the group is the label, or an accepted alternative."""
        return self.message.accepts(self.group)

    @property
    def is_strictly_right(self) -> bool:
        return self.group == self.message.group

    @property
    def label(self) -> str:
        """The label to count it under: an accepted alternative counts as the label itself."""
        return self.group if self.is_right else self.message.group


@dataclass(frozen=True, slots=True)
class IntentFindings:
    """Our own messages by intent and by group, and the real ones by group; `missing` says why there are none of those."""

    intents: Sequence[MessageResult]
    own: Sequence[Filed]
    real: Sequence[Filed]
    missing: str = ""


async def measure_intents(classifier: IntentClassifier, data: Path = DATA_DIR) -> IntentFindings:
    """Classify our own messages and, where they are, the real ones. Raises ClassifierUnavailable."""
    reading = MessageClassifier(classifier)
    messages = read_messages(_OWN)
    intents = (await evaluate_intents(messages, reading)).results
    grouped = [RealMessage(m.text, INTENT_GROUP.get(m.expected, m.expected), (), "own") for m in messages]
    own = await _filed(reading, grouped)
    try:
        return IntentFindings(intents, own, await _filed(reading, load_real_messages(data)))
    except RealMessagesError as found:
        return IntentFindings(intents, own, [], str(found).replace(str(data), shown_folder(data)))


async def _filed(classifier: IntentClassifier, messages: Sequence[RealMessage]) -> list[Filed]:
    filed: list[Filed] = []
    for message in messages:
        understood = await classifier.classify(message.text)
        group = understood.intents[0].group if understood.intents else ""
        filed.append(Filed(message, group, understood.group_confidence(group)))
    return filed


def intent_targets(found: IntentFindings | None) -> list[Target]:
    """Return the targets; unmeasured where Rasa or the real messages were missing."""
    real = found.real if found is not None else []
    own = found.own if found is not None else []
    return [
        Target(_REAL, "accuracy, alternatives accepted", 0.85, _accuracy(real)),
        Target(_REAL, "macro-F1, alternatives accepted", 0.80, _macro(real), percent=False),
        *confidence_targets(_REAL, error(*_surely(real)), skill(*_surely(real)), len(real)),
        *confidence_targets(_OWN_SET, error(*_surely(own)), skill(*_surely(own)), len(own)),
    ]


def intent_section(found: IntentFindings, gallery: Gallery) -> Section:
    """Return the section on intents."""
    lines = [
        "## Telling intents apart",
        "",
        f"Self-made: {len(found.own)} messages written by hand beside the training data, `tests/data/buyer_messages.tsv`; they read",
        f"easier than real ones. Real: {len(found.real) or 'no'} messages of Taobao and JD buyers, drawn at random and labelled by hand",
        "before anything was measured on them ([how, and how far the labels can be trusted](decisions/2026-11-23-development-set.md)).",
        "Each is read alone, without the turns around it. Tolerant: a second group that the labeller noted is right too. The share",
        "answered at 95 % is the largest that a threshold on the confidence in the group can file while 95 % of it is right.",
        "",
        *_table(found),
    ]
    if found.real:
        confused = Counter((f.message.group, f.group) for f in found.real if not f.is_right)
        worst = "; ".join(f"{a} → {b} {n}" for (a, b), n in confused.most_common(_CONFUSIONS))
        lines += ["", f"The commonest confusions of real messages (expected → given): {worst}."]
        lines += gallery.draw("real-messages", "真实消息的分组 Groups of real messages", *_surely(found.real))
    elif found.missing:
        lines += ["", f"The real messages were not measured: {found.missing}."]
    return Section(lines, intent_targets(found), [found.missing] if found.missing else [], _pairs(found))


def _table(found: IntentFindings) -> list[str]:
    intents = found.intents
    labels = sorted({result.expected for result in intents})
    right = [result.is_right for result in intents]
    sure = [result.confidence for result in intents]
    f1 = macro_f1([r.expected for r in intents], [r.intent for r in intents], labels)
    rows = [
        (
            f"self-made, {len(labels)} intents",
            str(len(intents)),
            share(right).in_percent(),
            f1.as_number(),
            *_sureness(sure, right),
        )
    ]
    rows.append(("self-made, ten groups", str(len(found.own)), *_group_row(found.own)))
    if found.real:
        rows.append(("**real, ten groups, tolerant**", str(len(found.real)), *_group_row(found.real)))
        strict = share([f.is_strictly_right for f in found.real]).in_percent()
        rows.append(("real, ten groups, strict", str(len(found.real)), strict, *["–"] * 5))
        group, count = Counter(f.message.group for f in found.real).most_common(1)[0]
        always = f"{100 * count / len(found.real):.1f}"
        rows.append((f'real, always "{group}" (baseline)', str(len(found.real)), always, *["–"] * 5))
    head = ("messages", "how many", "accuracy %", "macro-F1", "answered at 90 %", "answered at 95 %")
    return table((*head, "calibration error", "Brier skill"), rows)


def _group_row(filed: Sequence[Filed]) -> tuple[str, ...]:
    return _accuracy(filed).in_percent(), _macro(filed).as_number(), *_sureness(*_surely(filed))


def _sureness(confidences: Sequence[float], right: Sequence[bool]) -> tuple[str, ...]:
    shares = [answered(confidences, right, precision).in_percent() for precision in (0.90, 0.95)]
    return *shares, error(confidences, right).as_number(), skill(confidences, right).as_number()


def _pairs(found: IntentFindings) -> list[tuple[str, str, str]]:
    own, real = found.own, found.real
    return [
        ("group of a message: accuracy %", _accuracy(own).in_percent(), _accuracy(real).in_percent()),
        ("group of a message: macro-F1", _macro(own).as_number(), _macro(real).as_number()),
        (
            "group of a message: answered at 95 %",
            answered(*_surely(own), 0.95).in_percent(),
            answered(*_surely(real), 0.95).in_percent(),
        ),
        (
            "group of a message: calibration error",
            error(*_surely(own)).as_number(),
            error(*_surely(real)).as_number(),
        ),
    ]


def _surely(filed: Sequence[Filed]) -> tuple[list[float], list[bool]]:
    return [f.confidence for f in filed], [f.is_right for f in filed]


def _accuracy(filed: Sequence[Filed]) -> Estimate:
    return share([f.is_right for f in filed])


def _macro(filed: Sequence[Filed]) -> Estimate:
    """Return macro-F1 over the groups that some message is labelled with."""
    if not filed:
        return UNKNOWN
    labels = sorted({f.message.group for f in filed} | {f.label for f in filed})
    return macro_f1([f.label for f in filed], [f.group for f in filed], labels)


async def _run(data: Path) -> str:
    async with open_parts("bundled", True, lambda text: print(text, file=sys.stderr)) as parts:
        if parts.classifier is None:
            return "Rasa is not there: nothing was measured."
        return "\n".join(intent_section(await measure_intents(parts.classifier, data), Gallery()).lines)


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--data", type=Path, default=DATA_DIR, help="folder with the public data")
    try:
        print(asyncio.run(_run(parser.parse_args().data)))
    except Unavailable as found:
        raise SystemExit(str(found)) from found


if __name__ == "__main__":
    main()
