"""How well entries are found on public FAQ sets, part by part, beside other systems. Nothing is learned from the queries."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from benchmarks.channels import DENSE, GRAMS, GRAMS_AND_DENSE, LEARNED, LessKnowingIndexes
from benchmarks.estimates import UNKNOWN, Estimate, answered, error, gain, share, skill
from benchmarks.faq_sets import FaqSet, read_sets
from benchmarks.quality_page import Gallery, Section, Target, confidence_targets, table
from bot.ports import Embedder, EntryIndexes, IntentClassifier
from bot.retrieval.evaluation import FaqReport, evaluate_faq
from bot.retrieval.index import FaissEntryIndexes
from bot.retrieval.normaliser import OpenccNormaliser

JDDC: Final = "JDDC"
HINT3: Final = "HINT3 sofmattress"
_CHANNELS: Final[Mapping[str, Mapping[str, float]]] = {
    "n-grams alone": GRAMS,
    "dense vectors alone": DENSE,
    "learned weights alone": LEARNED,
    "n-grams and dense vectors": GRAMS_AND_DENSE,
}
_WITHOUT: Final = "Kuaihui without Rasa"
_WITH: Final = "Kuaihui with Rasa"
_LADDER: Final = (
    ("n-grams only", "n-grams alone"),
    ("+ dense vectors", "n-grams and dense vectors"),
    ("+ learned weights", _WITHOUT),
    ("+ intent", _WITH),
)
_PRECISIONS: Final = (0.90, 0.95, 0.98)


@dataclass(frozen=True, slots=True)
class FaqFindings:
    """One set with the report of each system on it."""

    faq: FaqSet
    reports: Mapping[str, FaqReport]

    @property
    def name(self) -> str:
        return JDDC if self.faq.name.startswith(JDDC) else HINT3

    @property
    def best_equipped(self) -> str:
        """The name of the whole of Kuaihui, as far as it was there."""
        return _WITH if _WITH in self.reports else _WITHOUT


async def measure_faq(
    data: Path, embedder: Embedder, classifier: IntentClassifier | None
) -> tuple[list[FaqFindings], list[str]]:
    """Return what was found on the sets under `data`, and the files that are missing there."""
    sets, missing = read_sets(data)
    findings = []
    for each in sets:
        reports = {
            name: await _evaluate(each, embedder, LessKnowingIndexes(channels), None)
            for name, channels in _CHANNELS.items()
        }
        reports[_WITHOUT] = await _evaluate(each, embedder, FaissEntryIndexes(), None)
        if classifier is not None:
            reports[_WITH] = await _evaluate(each, embedder, FaissEntryIndexes(), classifier)
        findings.append(FaqFindings(each, reports))
    return findings, missing


async def _evaluate(
    each: FaqSet, embedder: Embedder, indexes: EntryIndexes, classifier: IntentClassifier | None
) -> FaqReport:
    return await evaluate_faq(each.entries, each.queries, embedder, OpenccNormaliser(), indexes, classifier)


def faq_targets(findings: Sequence[FaqFindings], wanted_hint: tuple[float, float, float]) -> list[Target]:
    """Return the targets of both sets; those of a set that is not there are unmeasured."""
    by_name = {found.name: found.reports[found.best_equipped] for found in findings}
    jddc, hint = by_name.get(JDDC), by_name.get(HINT3)
    one, three, at_90 = wanted_hint
    return [
        Target(JDDC, "hit@1", 0.70, _hits(jddc, 1)),
        Target(JDDC, "hit@3", 0.87, _hits(jddc, 3)),
        Target(HINT3, "top-1, in scope", one, _hits(hint, 1)),
        Target(HINT3, "top-3, in scope", three, _hits(hint, 3)),
        Target(HINT3, "answered at 90 % precision", at_90, _answered(hint, 0.90) if hint else UNKNOWN),
        *confidence_targets(JDDC, _error(jddc), _skill(jddc), jddc.queries if jddc else 0),
    ]


def faq_section(findings: Sequence[FaqFindings], gallery: Gallery) -> Section:
    """Return the sections of all sets."""
    section = Section()
    if not findings:
        return section
    section.lines += ["## Finding the right entry: public data sets", ""]
    section.lines += [
        "Real questions to other shops, read from `../shared/data` when this is measured; nothing learns from them. Each entry",
        "of the set is an FAQ entry, known by a few of its questions; the others are asked. hit@k: the right entry is among",
        "the first k. Answered at 90 %: the largest share of all messages, also of those that no entry answers, that a",
        "threshold on the confidence can answer while 90 % of it is right. Baselines are those of the sets' own protocol.",
    ]
    for found in findings:
        section.lines += _set_lines(found, gallery)
    return section


def _set_lines(found: FaqFindings, gallery: Gallery) -> list[str]:
    faq, whole = found.faq, found.reports[found.best_equipped]
    outside = whole.queries - whole.in_scope
    titles = {JDDC: "京东用户问题 JD buyers' questions", HINT3: "英文床垫店 An English mattress shop"}
    scope = f"{outside} of them answered by no entry" if outside else "each answered by one entry"
    lines = [
        "",
        f"### {faq.name}",
        "",
        f"{len(faq.entries)} entries, {whole.queries} questions, {scope}.",
        "",
    ]
    lines += _compared(found)
    lines += ["", *_confidence_table(found), "", *_ablation(found), "", _cost(found.best_equipped, whole)]
    confidences = [result.confidence for result in whole.results]
    right = [result.is_right for result in whole.results]
    name = "jddc" if found.name == JDDC else "hint3"
    return lines + gallery.draw(name, titles[found.name], confidences, right)


def _compared(found: FaqFindings) -> list[str]:
    rows: list[Sequence[str]] = [
        (f"{name} (baseline)", _plain(one), _plain(three), _plain(at_90))
        for name, one, three, at_90 in found.faq.baselines
    ]
    for name, report in found.reports.items():
        shown = f"**{name}**" if name in (_WITHOUT, _WITH) else name
        at_90 = _answered(report, 0.90).in_percent()
        rows.append((shown, _hits(report, 1).in_percent(), _hits(report, 3).in_percent(), at_90))
    return table(("system", "hit@1 %", "hit@3 %", "answered at 90 %"), rows)


def _confidence_table(found: FaqFindings) -> list[str]:
    head = (
        "confidences",
        *(f"answered at {100 * p:.0f} %" for p in _PRECISIONS),
        "calibration error",
        "Brier skill",
    )
    rows = []
    for name in (_WITHOUT, _WITH):
        if (report := found.reports.get(name)) is not None:
            shares = [_answered(report, precision).in_percent() for precision in _PRECISIONS]
            rows.append((name, *shares, _error(report).as_number(), _skill(report).as_number()))
    return table(head, rows)


def _ablation(found: FaqFindings) -> list[str]:
    """Return the table in which each part joins those before it, and a sentence on what each adds."""
    steps = [(part, found.reports[name]) for part, name in _LADDER if name in found.reports]
    rows, sentences = [], []
    before: FaqReport | None = None
    for part, report in steps:
        added = [UNKNOWN, UNKNOWN]
        if before is not None:
            added = [gain(_hit_list(before, cut), _hit_list(report, cut)) for cut in (1, 3)]
            sentences.append(what_it_adds(part, added[0], "hit@1"))
        one, three = (_hits(report, cut).in_percent() for cut in (1, 3))
        rows.append(
            (part, one, added[0].as_gain(), three, added[1].as_gain(), _answered(report, 0.90).in_percent())
        )
        before = report
    head = ("part by part", "hit@1 %", "it adds", "hit@3 %", "it adds", "answered at 90 %")
    return [*table(head, rows), "", " ".join(sentences)]


def what_it_adds(part: str, added: Estimate, figure: str) -> str:
    """Return a sentence on a part of the ranker, which says so when nothing but chance may be behind the difference."""
    chance = ", which may be chance" if added.low <= 0 <= added.high else ""
    return f"{part.removeprefix('+ ').capitalize()}: {added.as_gain()} points of {figure}{chance}."


def _cost(name: str, report: FaqReport) -> str:
    return (
        f"{name}: a question took {report.latency_ms_p50:.1f} ms in the middle with encoding, building the index "
        f"{report.build_ms:.0f} ms, its memory is {report.memory_bytes / 1024:.0f} KiB."
    )


def _hit_list(report: FaqReport, cut: int) -> list[bool]:
    return [r.place is not None and r.place <= cut for r in report.results if r.expected is not None]


def _hits(report: FaqReport | None, cut: int) -> Estimate:
    return share(_hit_list(report, cut)) if report is not None else UNKNOWN


def _surely(report: FaqReport) -> tuple[list[float], list[bool]]:
    return [r.confidence for r in report.results], [r.is_right for r in report.results]


def _answered(report: FaqReport, precision: float) -> Estimate:
    return answered(*_surely(report), precision)


def _error(report: FaqReport | None) -> Estimate:
    return error(*_surely(report)) if report is not None else UNKNOWN


def _skill(report: FaqReport | None) -> Estimate:
    return skill(*_surely(report)) if report is not None else UNKNOWN


def _plain(value: float | None) -> str:
    return "–" if value is None else f"{value:.1f}"
