"""Measures how well messages are understood, and writes docs/quality.md: `make evaluate`, or `python -m benchmarks.quality`.

Without --out the page is printed, without pictures. With --embedder another sentence-transformers model is measured by the
same command; --out then writes a page of its own, quality-NAME.md.
"""

from __future__ import annotations

import argparse
import asyncio
import re
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from benchmarks.demo_conversations import read_conversations
from benchmarks.demo_questions import measure_demo
from benchmarks.demo_report import demo_section
from benchmarks.faq_quality import faq_section, faq_targets, measure_faq
from benchmarks.feedback import SHOPS
from benchmarks.feedback import table as feedback_table
from benchmarks.intent_quality import intent_section, intent_targets, measure_intents
from benchmarks.quality_page import Gallery, Section, pairs_table, shown_folder, targets_table
from benchmarks.quality_parts import QualityParts, open_parts
from benchmarks.real_messages import DATA_DIR
from bot.ports import IntentClassifier, Unavailable
from bot.retrieval.embedder import BUNDLED
from bot.services.classifying import MessageClassifier

_HINT_BUNDLED: Final = (0.78, 0.96, 0.34)
_HINT_MINILM: Final = (0.80, 0.975, 0.38)
_NO_RASA: Final = "Rasa is not here (`make setup` builds its environment): intents, and replies that go out alone, which need them."
_NOT_WANTED: Final = "Rasa was left out: intents, and replies that go out alone, which need them."
_PUBLIC_DATA: Final = "The public data is no part of the project: `python -m benchmarks.quality --data FOLDER` says where it is."


@dataclass(frozen=True, slots=True)
class Place:
    """Where a page and its pictures go."""

    page: Path
    pictures: Path

    @classmethod
    def under(cls, docs: Path, model: str) -> Place:
        """Return the place of that model's page below `docs`; each model has its own."""
        stem = "quality" if model == BUNDLED else f"quality-{short_name(model)}"
        return cls(docs / f"{stem}.md", docs / "images" / stem)


def short_name(model: str) -> str:
    """Return a name for files and headings: the last telling part of the model's path or name, in small letters."""
    telling = [part for part in Path(model).parts if part.strip("./~") and part != "model"]
    return re.sub(r"[^a-z0-9]+", "-", telling[-1].lower()).strip("-") if telling else "model"


async def measure(model: str, data: Path, with_rasa: bool, gallery: Gallery) -> str:
    """Return the page. Raises Unavailable."""
    async with open_parts(model, with_rasa, _say) as parts:
        sections = await _sections_of_model(model, data, parts, gallery)
        # Intents and what agents teach do not depend on the model of the vectors: they stand on the page of the bundled one.
        if model == BUNDLED:
            sections += [await _intents(data, parts.classifier, gallery), _feedback_section()]
        read = parts.classifier is not None
    if not read:
        sections[0].missing.append(_NO_RASA if with_rasa else _NOT_WANTED)
    return "\n".join([*head_lines(model, read, sections), *_bodies(sections)]) + "\n"


async def _sections_of_model(model: str, data: Path, parts: QualityParts, gallery: Gallery) -> list[Section]:
    """Return the sections on the demo shops and on the public sets."""
    _say("the demo shops…")
    demo = demo_section(await measure_demo(read_conversations(), parts.embedder, parts.classifier), gallery)
    _say("public sets of questions…")
    reading = MessageClassifier(parts.classifier) if parts.classifier is not None else None
    found, absent = await measure_faq(data, parts.embedder, reading)
    faq = faq_section(found, gallery)
    faq.targets = faq_targets(found, _HINT_MINILM if "minilm" in model.lower() else _HINT_BUNDLED)
    if absent:
        names = ", ".join(f"`{Path(path).relative_to(data)}`" for path in absent)
        faq.missing = [f"Not in `{shown_folder(data)}`: {names}. {_PUBLIC_DATA}"]
    return [demo, faq]


async def _intents(data: Path, classifier: IntentClassifier | None, gallery: Gallery) -> Section:
    _say("intents…")
    if classifier is None:
        return Section(targets=intent_targets(None))
    return intent_section(await measure_intents(classifier, data), gallery)


def head_lines(model: str, with_rasa: bool, sections: Sequence[Section]) -> list[str]:
    """Return what stands above the sections: how it was measured, what is missing, targets, self-made beside real text."""
    bundled = model == BUNDLED
    command = "make evaluate" if bundled else f"make evaluate EMBEDDER=…/{short_name(model)}"
    named = "the bundled model" if bundled else f"{short_name(model)} in place of the bundled model"
    lines = [
        "# How well messages are understood" + ("" if bundled else f", with {short_name(model)}"),
        "",
        f"Written by `{command}`, with {named} and {'with' if with_rasa else '**without**'} Rasa. In brackets: 95 % intervals of the",
        "bootstrap, 1,000 draws of the messages; differences are drawn message by message; where all messages of a sample are alike,",
        "the rule of three. Shares are per cent.",
        "Another model: `make evaluate EMBEDDER=NAME_OR_PATH` writes the same page for it, `docs/quality-NAME.md`.",
    ]
    if not bundled:
        lines += [
            "Intents do not depend on the model: [quality.md](quality.md). The targets are those of the bundled model, with a MiniLM",
            "the higher ones that were set for it on HINT3.",
        ]
    missing = [text for section in sections for text in section.missing]
    if missing:
        lines += ["", "## Not measured here", ""]
        lines += [f"- {text}" for text in missing]
    targets = [target for section in sections for target in section.targets]
    lines += ["", "## Targets", "", *targets_table(targets)]
    lines += [
        "",
        "Confidences have a target where a set has 800 messages or more. Within chance: the target lies inside the interval.",
    ]
    pairs = [pair for section in sections for pair in section.pairs]
    return [*lines, "", "## Self-made beside real text", "", *pairs_table(pairs)]


def _bodies(sections: Sequence[Section]) -> list[str]:
    return [line for section in sections if section.lines for line in ("", *section.lines)]


def _feedback_section() -> Section:
    """Return what reactions of agents are worth; simulated, for there the truth is known."""
    _say("learning from reactions (simulated)…")
    lines = [
        "## Learning from what agents do, simulated",
        "",
        "`python -m benchmarks.feedback`. Self-made: simulated agents who look at the first place first, so that the truth behind",
        "each reaction is known. Calibration error, and the mean distance of the confidences from the true probabilities, after",
        "a shop has seen so many reactions; ten seeds. Kuaihui is to be nearer to the truth than the others wherever it can be.",
    ]
    for title, shop in SHOPS.items():
        lines += ["", f"**{title[0].upper()}{title[1:]}**", "", feedback_table(shop)]
    return Section(lines)


def _say(text: str) -> None:
    print(text, file=sys.stderr, flush=True)


def main() -> None:
    """Run the command."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--data", type=Path, default=DATA_DIR, help="folder with the public data")
    parser.add_argument("--embedder", default=BUNDLED, help="as in KUAIHUI_EMBEDDER")
    parser.add_argument("--without-rasa", action="store_true", help="measure retrieval alone")
    parser.add_argument(
        "--out", type=Path, default=None, help="the docs folder to write page and pictures into"
    )
    given = parser.parse_args()
    place = Place.under(given.out, given.embedder) if given.out is not None else None
    gallery = Gallery(place.pictures, place.page.parent) if place is not None else Gallery()
    try:
        page = asyncio.run(measure(given.embedder, given.data, not given.without_rasa, gallery))
    except Unavailable as error:
        raise SystemExit(str(error)) from error
    if place is None:
        print(page)
    else:
        place.page.write_text(page, encoding="utf-8")
        _say(f"{place.page} is written")


if __name__ == "__main__":
    main()
