"""How well the demo shops are answered: 220 conversations a shop, asked of the whole suggester.

    python -m benchmarks.demo_questions [--wrong] [--embedder MODEL] [--without-rasa]

The questions are for measuring. Nothing is trained on them, and nothing is to be tuned to single ones of them.
"""

from __future__ import annotations

import argparse
import asyncio
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Final

from benchmarks.channels import GRAMS, GRAMS_AND_DENSE, LessKnowingIndexes
from benchmarks.demo_conversations import KINDS, Conversation, Outcome, read_conversations
from benchmarks.estimates import UNKNOWN, Estimate, answered, error, gain, share, skill
from benchmarks.faq_quality import what_it_adds
from benchmarks.quality_page import Gallery, Section, Target, table
from benchmarks.quality_parts import open_parts
from bot.bootstrap.engine import Engine, MissingClassifier, Parts
from bot.ports import ClassifierUnavailable, Embedder, EntryIndexes, IntentClassifier, Unavailable
from bot.retrieval.index import FaissEntryIndexes
from bot.retrieval.normaliser import OpenccNormaliser
from bot.services.packs import load_pack
from bot.services.shop_loading import load_shop
from bot.services.suggesting import SuggestionRequest
from bot.settings import PROJECT_ROOT
from bot.storage.memory import (
    Memory,
    MemoryEntries,
    MemoryEvents,
    MemoryFacts,
    MemoryShops,
    MemoryTokens,
    MemoryVectors,
)

WHOLE: Final = "Kuaihui"
WITHOUT_RASA: Final = "without Rasa"
WITHOUT_SCOPE: Final = "without product scope"
WITHOUT_TURNS: Final = "without the earlier turns"
_NO_RASA_NO_SCOPE: Final = "without Rasa and product scope"
_TEMPLATES: Final = PROJECT_ROOT / "templates" / "demo"
_AFTERNOON: Final = datetime(2026, 3, 11, 6, tzinfo=UTC)
"""A Wednesday, two in the afternoon in Shanghai: the shops are open, and no parcel of the day has left yet."""
_LADDER: Final = (
    ("n-grams only", "n-grams only"),
    ("+ dense vectors", "n-grams and dense vectors"),
    ("+ learned weights", _NO_RASA_NO_SCOPE),
    ("+ intent", WITHOUT_SCOPE),
    ("+ product scope", WHOLE),
)

Outcomes = Sequence[Outcome]


@dataclass(frozen=True, slots=True)
class _Afternoon:
    """A clock that stands still."""

    def now(self) -> datetime:
        return _AFTERNOON


@dataclass(frozen=True, slots=True)
class _Way:
    """One way of answering: the whole suggester, or one from which something was taken."""

    indexes: EntryIndexes
    reads: bool = True
    remembers: bool = True


def _ways() -> dict[str, _Way]:
    return {
        "n-grams only": _Way(LessKnowingIndexes(GRAMS), reads=False),
        "n-grams and dense vectors": _Way(LessKnowingIndexes(GRAMS_AND_DENSE), reads=False),
        _NO_RASA_NO_SCOPE: _Way(LessKnowingIndexes(), reads=False),
        WITHOUT_SCOPE: _Way(LessKnowingIndexes()),
        WHOLE: _Way(FaissEntryIndexes()),
        WITHOUT_RASA: _Way(FaissEntryIndexes(), reads=False),
        WITHOUT_TURNS: _Way(FaissEntryIndexes(), remembers=False),
    }


async def measure_demo(
    conversations: Sequence[Conversation],
    embedder: Embedder,
    classifier: IntentClassifier | None,
    only: Sequence[str] = (),
) -> dict[str, list[Outcome]]:
    """Return what became of every conversation, by way of answering; those that need Rasa are left out without it."""
    found: dict[str, list[Outcome]] = {}
    for name, way in _ways().items():
        if (way.reads and classifier is None) or (only and name not in only):
            continue
        reading = classifier if way.reads and classifier is not None else MissingClassifier()
        asked = conversations if way.remembers else [replace(each, turns=()) for each in conversations]
        found[name] = await _ask(asked, Engine(_parts(embedder, reading, way.indexes)), read=way.reads)
    return found


def _parts(embedder: Embedder, classifier: IntentClassifier, indexes: EntryIndexes) -> Parts:
    memory, clock = Memory(), _Afternoon()
    return Parts(
        shops=MemoryShops(memory),
        entries=MemoryEntries(memory),
        vectors=MemoryVectors(memory),
        facts=MemoryFacts(memory),
        events=MemoryEvents(memory),
        tokens=MemoryTokens(memory, clock),
        clock=clock,
        embedder=embedder,
        classifier=classifier,
        indexes=indexes,
        normaliser=OpenccNormaliser(),
    )


async def _ask(conversations: Sequence[Conversation], engine: Engine, *, read: bool) -> list[Outcome]:
    """Ask everything of an engine that is not started: nothing is written, so that nothing is learned from it either."""
    parts = engine.parts
    for shop in sorted({each.shop for each in conversations}):
        path = _TEMPLATES / f"{shop}.yml"
        pack = load_pack(path.read_bytes(), path.name, parts.clock.now(), is_demo=True)
        await load_shop(parts.shops, parts.entries, parts.facts, pack)
    outcomes = []
    for each in conversations:
        request = SuggestionRequest(each.shop, each.text, each.turns, viewed=each.viewed)
        result = await engine.suggester.suggest(request)
        if read and result.classifier != "ready":
            raise ClassifierUnavailable("Rasa went away while it was measured: measure again")
        outcomes.append(Outcome.of(each, result))
    engine.live_shops.close()
    return outcomes


def whole_of(found: Mapping[str, list[Outcome]]) -> tuple[str, list[Outcome]]:
    """Return the best equipped way that was measured, and its outcomes."""
    name = WHOLE if WHOLE in found else WITHOUT_RASA
    return name, found[name]


def among_three(outcomes: Outcomes) -> Estimate:
    """Return the share, of the messages that want an answer, with a right reply among three."""
    return share([o.is_among_three for o in outcomes if o.wants_answer])


def wrongly_automatic(outcomes: Outcomes) -> Estimate:
    """Return the share of all messages to which a wrong reply would go out alone."""
    return share([o.is_wrongly_automatic for o in outcomes])


def demo_targets(found: Mapping[str, list[Outcome]]) -> list[Target]:
    """Return the targets, for each shop and for all together."""
    name, outcomes = whole_of(found)
    shops = {"three demo shops": outcomes} | _by_shop(outcomes)
    three = [
        Target(shop, "right reply among three", 0.95, among_three(theirs)) for shop, theirs in shops.items()
    ]
    # Nothing goes out alone that the classifier has not read: without it the figure says nothing.
    wrong = [
        Target(
            shop,
            "wrong reply above the automatic threshold",
            0.02,
            wrongly_automatic(theirs) if name == WHOLE else UNKNOWN,
            at_most=True,
        )
        for shop, theirs in shops.items()
    ]
    return [*three, *wrong]


def demo_section(found: Mapping[str, list[Outcome]], gallery: Gallery) -> Section:
    """Return the section on the demo shops."""
    name, outcomes = whole_of(found)
    asked = "" if name == WHOLE else f", {name}"
    adapted = [o for o in outcomes if o.conversation.adapted]
    own = [o for o in outcomes if not o.conversation.adapted]
    lines = [
        "## Answering in the demo shops",
        "",
        f"{len(outcomes)} conversations of buyers with the three demo shops, `tests/data/demo_questions`, asked of the whole suggester on a",
        f"weekday at two in the afternoon{asked}. Self-made: {len(own)} were made up. Real in manner: {len(adapted)} are turns of",
        "real buyers, adapted to what these shops sell. All were written before the ranker was tuned; nothing learns from them.",
        "Right is what a careful agent would send; to two questions in a message, one reply that answers both in the order asked,",
        "and nothing else. Silence is right where no entry answers. A reply is automatic when the suggester would let it go out",
        "alone, at a wanted precision of 95 %; wrong ones are counted among all messages, answers to one of two questions too.",
        "",
        *_quality_table(
            {"all": outcomes} | _by_shop(outcomes) | {"adapted from real turns": adapted, "self-made": own}
        ),
        "",
        *_kinds_table(outcomes),
        "",
        *_confidence_lines(outcomes),
        "",
        *_ablation(found),
    ]
    shown = [o for o in outcomes if o.replies]
    lines += gallery.draw(
        "demo-shops",
        "示例店铺 The demo shops",
        [o.confidence for o in shown],
        [o.is_first_right for o in shown],
    )
    pairs: list[tuple[str, Callable[[Outcomes], Estimate]]] = [
        ("demo shops: right reply among three, % (real: adapted)", among_three),
        ("demo shops: first reply right, % (real: adapted)", _first_right),
        ("demo shops: wrong and automatic, % (real: adapted)", wrongly_automatic),
    ]
    rows = [(text, measure(own).in_percent(), measure(adapted).in_percent()) for text, measure in pairs]
    return Section(lines, demo_targets(found), [], rows)


def _by_shop(outcomes: Outcomes) -> dict[str, list[Outcome]]:
    shops: dict[str, list[Outcome]] = {}
    for outcome in outcomes:
        shops.setdefault(outcome.conversation.shop, []).append(outcome)
    return shops


def _first_right(outcomes: Outcomes) -> Estimate:
    return share([o.is_first_right for o in outcomes if o.wants_answer])


def _silence_kept(outcomes: Outcomes) -> Estimate:
    return share([o.is_silent for o in outcomes if not o.wants_answer])


def _quality_table(groups: Mapping[str, Outcomes]) -> list[str]:
    rows = []
    for name, outcomes in groups.items():
        silent = [o for o in outcomes if not o.wants_answer]
        figures = [
            among_three(outcomes),
            _first_right(outcomes),
            _silence_kept(outcomes),
            share([not o.is_automatic for o in silent]),
            wrongly_automatic(outcomes),
            share([o.is_automatic for o in outcomes]),
        ]
        rows.append((name, str(len(outcomes)), *(figure.in_percent() for figure in figures)))
    head = (
        "messages",
        "how many",
        "right among three %",
        "first right %",
        "silence kept %",
        "silence, none automatic %",
    )
    return table((*head, "wrong and automatic %", "automatic %"), rows)


def _kinds_table(outcomes: Outcomes) -> list[str]:
    rows = []
    for kind in KINDS[:-1]:
        those = [o for o in outcomes if o.conversation.kind == kind]
        both = share([o.are_both_among_three for o in those]).in_percent() if kind == "double" else "–"
        figures = (among_three(those), _first_right(those), wrongly_automatic(those))
        rows.append((kind, str(len(those)), *(figure.in_percent() for figure in figures), both))
    head = ("kind", "how many", "right among three %", "first right %", "wrong and automatic %")
    return table((*head, "an answer to each question among three %"), rows)


def _confidence_lines(outcomes: Outcomes) -> list[str]:
    shown = [o for o in outcomes if o.replies]
    given, right = [o.confidence for o in shown], [o.is_first_right for o in shown]
    everything = [o.confidence for o in outcomes], [o.is_first_right for o in outcomes]
    shares = [answered(*everything, precision).in_percent() for precision in (0.90, 0.95, 0.98)]
    halves = sum(o.is_wrongly_automatic and o.is_half_right for o in outcomes)
    wrong = sum(o.is_wrongly_automatic for o in outcomes)
    head = (
        "first replies shown",
        "calibration error",
        "Brier skill",
        *(f"answered at {p} %" for p in (90, 95, 98)),
    )
    row = (str(len(shown)), error(given, right).as_number(), skill(given, right).as_number(), *shares)
    return [
        *table(head, [row]),
        "",
        f"Of the {wrong} wrong and automatic replies, {halves} rightly answer one of two questions.",
    ]


def _ablation(found: Mapping[str, list[Outcome]]) -> list[str]:
    steps = [(part, found[name]) for part, name in _LADDER if name in found]
    name, whole = whole_of(found)
    rows, sentences = [], []
    before: list[Outcome] | None = None
    for part, outcomes in steps:
        added = [UNKNOWN, UNKNOWN] if before is None else _gains(before, outcomes)
        if before is not None:
            sentences.append(what_it_adds(part, added[0], "right replies among three"))
        rows.append(_ablation_row(part, outcomes, added))
        before = outcomes
    for left_out in (WITHOUT_RASA, WITHOUT_TURNS):
        if left_out in found and left_out != name:
            rows.append(_ablation_row(f"{name} {left_out}", found[left_out], _gains(whole, found[left_out])))
    head = (
        "part by part, then what is lost",
        "right among three %",
        "difference",
        "first right %",
        "difference",
    )
    note = (
        "The scores of n-grams and vectors are no probabilities: those two nearly always show something, which the last column"
        " holds against them."
    )
    return [*table((*head, "silence kept %"), rows), "", note, " ".join(sentences)]


def _ablation_row(part: str, outcomes: Outcomes, added: Sequence[Estimate]) -> tuple[str, ...]:
    three, first = among_three(outcomes).in_percent(), _first_right(outcomes).in_percent()
    silence = _silence_kept(outcomes).in_percent()
    return part, three, added[0].as_gain(), first, added[1].as_gain(), silence


def _gains(before: Outcomes, after: Outcomes) -> list[Estimate]:
    pairs = [(b, a) for b, a in zip(before, after, strict=True) if b.wants_answer]
    return [
        gain([b.is_among_three for b, _ in pairs], [a.is_among_three for _, a in pairs]),
        gain([b.is_first_right for b, _ in pairs], [a.is_first_right for _, a in pairs]),
    ]


def wrong_lines(outcomes: Outcomes) -> list[str]:
    """Return a line for each conversation answered wrongly or automatically wrongly: text, expected, got."""
    lines = []
    for outcome in outcomes:
        if outcome.is_fine and not outcome.is_wrongly_automatic:
            continue
        told = outcome.conversation
        expected = (
            " + ".join("|".join(entries) for entries in (told.right, told.also) if entries) or "silence"
        )
        got = " / ".join(f"{'+'.join(r.entries)} {r.confidence:.2f}" for r in outcome.replies) or "silence"
        automatic = " AUTOMATIC" if outcome.is_wrongly_automatic else ""
        before = " ‹ ".join(turn.text for turn in reversed(told.turns))
        context = f" [{told.viewed}]" * bool(told.viewed) + f" ‹ {before}" * bool(before)
        lines.append(f"{told.shop}\t{told.kind}\t{told.text}{context}\t{expected}\t{got}{automatic}")
    return lines


async def _run(model: str, with_rasa: bool, wrong: bool) -> str:
    async with open_parts(model, with_rasa, lambda text: print(text, file=sys.stderr)) as parts:
        only = (WHOLE if parts.classifier is not None else WITHOUT_RASA,) if wrong else ()
        found = await measure_demo(read_conversations(), parts.embedder, parts.classifier, only)
    lines = wrong_lines(whole_of(found)[1]) if wrong else demo_section(found, Gallery()).lines
    return "\n".join(lines)


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument(
        "--wrong", action="store_true", help="list what is answered wrongly: text, expected, got"
    )
    parser.add_argument("--embedder", default="bundled", help="as in KUAIHUI_EMBEDDER")
    parser.add_argument("--without-rasa", action="store_true", help="measure retrieval alone")
    given = parser.parse_args()
    try:
        print(asyncio.run(_run(given.embedder, not given.without_rasa, given.wrong)))
    except Unavailable as error_found:
        raise SystemExit(str(error_found)) from error_found


if __name__ == "__main__":
    main()
