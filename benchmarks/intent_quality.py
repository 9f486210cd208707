"""How well intents and groups are told apart, on our own messages and on real ones: `python -m benchmarks.intent_quality`.

Real messages are labelled by group, by hand (docs/decisions), and read from ../shared/data at run time; "tolerant" accepts
the alternatives noted with a label. With --append FILE the section is added to that page.
"""

from __future__ import annotations

import argparse
import asyncio
import sys
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from benchmarks.real_messages import RealMessage, RealMessagesError, load_real_messages
from bot.bootstrap.platform import Needs, open_platform
from bot.ports import IntentClassifier
from bot.retrieval.evaluation import IntentReport, evaluate_intents
from bot.retrieval.evaluation_files import read_messages
from bot.retrieval.evaluation_measures import (
    answered_at_precision,
    bootstrap_interval,
    brier_skill,
    calibration_error,
)
from bot.services.classifying import MessageClassifier
from bot.settings import PROJECT_ROOT, load_settings

_OWN = PROJECT_ROOT / "tests" / "data" / "buyer_messages.tsv"


async def _classified(
    classifier: IntentClassifier, messages: Sequence[RealMessage]
) -> list[tuple[str, float]]:
    """Return the group given to each message, and the confidence in it."""
    given: list[tuple[str, float]] = []
    for message in messages:
        understood = await classifier.classify(message.text)
        group = understood.intents[0].group if understood.intents else ""
        given.append((group, understood.group_confidence(group)))
    return given


def _real_lines(messages: Sequence[RealMessage], given: Sequence[tuple[str, float]]) -> list[str]:
    right = [message.accepts(group) for message, (group, _) in zip(messages, given, strict=True)]
    strict = [message.group == group for message, (group, _) in zip(messages, given, strict=True)]
    sure = [confidence for _, confidence in given]
    hits = np.array(right, dtype=float)
    low, high = bootstrap_interval(lambda drawn: float(hits[drawn].mean()), len(hits))
    lines = [
        f"| real ({len(messages)}), group, tolerant | {np.mean(right):.3f} ({low:.3f}-{high:.3f}) | "
        f"{_macro_f1(messages, given):.3f} | {answered_at_precision(sure, right, 0.90):.1%} | "
        f"{answered_at_precision(sure, right, 0.95):.1%} | {calibration_error(sure, right):.3f} | "
        f"{brier_skill(sure, right):.2f} |",
        f"| real ({len(messages)}), group, strict | {np.mean(strict):.3f} | | | | | |",
    ]
    confused = Counter(
        (message.group, group)
        for message, (group, _), fine in zip(messages, given, right, strict=True)
        if not fine
    )
    worst = "; ".join(f"{expected} → {got} {count}" for (expected, got), count in confused.most_common(8))
    return [*lines, "", f"The commonest confusions of real messages (expected → given): {worst}."]


def _macro_f1(messages: Sequence[RealMessage], given: Sequence[tuple[str, float]]) -> float:
    """Return the mean F1 over the groups; an accepted alternative counts as the label itself."""
    pairs = [(g if m.accepts(g) else m.group, g) for m, (g, _) in zip(messages, given, strict=True)]
    scores = []
    for label in sorted({message.group for message in messages}):
        correct = sum(expected == got == label for expected, got in pairs)
        named = sum(expected == label for expected, _ in pairs) + sum(got == label for _, got in pairs)
        scores.append(2 * correct / named if named else 0.0)
    return float(np.mean(scores))


def _own_lines(report: IntentReport) -> list[str]:
    answered = report.answered
    return [
        f"| our own ({report.messages}), intent | {report.accuracy:.3f} | {report.macro_f1:.3f} | {answered['0.90']:.1%} | "
        f"{answered['0.95']:.1%} | {report.calibration_error:.3f} | {report.brier_skill:.2f} |",
        f"| our own ({report.messages}), group | {report.group_accuracy:.3f} | {report.group_macro_f1:.3f} | | | | |",
    ]


async def measure() -> list[str]:
    """Return the section as lines."""
    lines = [
        "",
        "## Intents",
        "",
        "`python -m benchmarks.intent_quality`. Our own messages were written by hand beside the training data, so they read",
        "easier than real ones; the real ones were drawn at random and labelled before any measurement.",
        "",
        "| messages | accuracy | macro-F1 | answered at 90 % | at 95 % | calibration error | Brier skill |",
        "| --- | --- | --- | --- | --- | --- | --- |",
    ]
    needs = Needs(embedder=False, classifier=True, wait_for_classifier=True)
    async with open_platform(load_settings(), needs, _say) as platform, platform.classifier() as plain:
        classifier = MessageClassifier(plain)
        lines += _own_lines(await evaluate_intents(read_messages(_OWN), classifier))
        try:
            messages = load_real_messages()
        except RealMessagesError as error:
            return [*lines, "", f"Real messages were not measured: {error}"]
        lines += _real_lines(messages, await _classified(classifier, messages))
    return lines


def _say(text: str) -> None:
    print(text, file=sys.stderr)


def main() -> None:
    """Measure and print, or append to a page."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--append", type=Path, default=None, help="the page to add the section to")
    arguments = parser.parse_args()
    text = "\n".join(asyncio.run(measure())) + "\n"
    if arguments.append is None:
        print(text)
    else:
        with arguments.append.open("a", encoding="utf-8") as page:
            page.write(text)


if __name__ == "__main__":
    main()
