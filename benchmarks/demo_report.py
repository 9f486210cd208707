"""What the demo shops' answers come to: the section of docs/quality.md, and the targets."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Final

from benchmarks.demo_conversations import KINDS, Outcome
from benchmarks.estimates import UNKNOWN, Estimate, answered, error, gain, share, skill
from benchmarks.faq_quality import what_it_adds
from benchmarks.quality_page import Gallery, Section, Target, table

WHOLE: Final = "Kuaihui"
WITHOUT_RASA: Final = "without Rasa"
WITHOUT_SCOPE: Final = "without product scope"
WITHOUT_TURNS: Final = "without the earlier turns"
WITHOUT_RASA_AND_SCOPE: Final = "without Rasa and product scope"
ONLY_GRAMS: Final = "n-grams only"
GRAMS_AND_VECTORS: Final = "n-grams and dense vectors"
_LADDER: Final = (
    ("n-grams only", ONLY_GRAMS),
    ("+ dense vectors", GRAMS_AND_VECTORS),
    ("+ learned weights", WITHOUT_RASA_AND_SCOPE),
    ("+ intent", WITHOUT_SCOPE),
    ("+ product scope", WHOLE),
)

Outcomes = Sequence[Outcome]


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
