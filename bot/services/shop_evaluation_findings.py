"""What the answers say of a shop's entries: which take each other's questions, which are never reached, which are twins."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import Final, TypeAlias

from bot.services.shop_evaluation_asking import Answer, ExaminedShop, Phrasing
from bot.services.shop_evaluation_report import (
    Example,
    Misplaced,
    Theft,
    Twins,
    Unasked,
    Unjudged,
    Unreachable,
)

ENOUGH_PHRASINGS: Final = 4
"""An entry that has so many reads well enough for most shops; fewer are the likeliest reason for what goes wrong."""
_EXAMPLES: Final = 2
SURE: Final = 0.5
_MERGED_FROM: Final = 0.4
"""Two entries that exchange so much of their phrasings ask the same thing."""
_NEAR_FROM: Final = 0.6
_CLEARLY: Final = 4.0

Lost: TypeAlias = Mapping[tuple[str, str], Sequence[Answer]]
"""The answers in which an entry loses to another, by the two."""


def find_lost(shop: ExaminedShop, answers: Iterable[Answer]) -> dict[tuple[str, str], list[Answer]]:
    """Return the answers in which another entry with another reply came first, the surest first."""
    lost: defaultdict[tuple[str, str], list[Answer]] = defaultdict(list)
    for answer in answers:
        if answer.first is not None and not shop.is_right(answer):
            lost[answer.phrasing.entry, answer.first].append(answer)
    return {pair: sorted(found, key=lambda answer: -answer.confidence) for pair, found in lost.items()}


def find_twins(shop: ExaminedShop, lost: Lost, asked: Mapping[str, int]) -> list[Twins]:
    """Return the pairs of entries with the same phrasings, or whose phrasings go to the other one both ways."""
    keys = {entry: _keys(shop, entry) for entry in shop.reachable}
    owners: defaultdict[str, list[str]] = defaultdict(list)
    for entry in sorted(keys):
        for key in keys[entry]:
            owners[key].append(entry)
    pairs: defaultdict[tuple[str, str], list[str]] = defaultdict(list)
    for key, sharing in owners.items():
        for place, first in enumerate(sharing):
            for second in sharing[place + 1 :]:
                pairs[first, second].append(key)
    twins = []
    for (first, second), shared in pairs.items():
        kind = "identical" if len(shared) == min(len(keys[first]), len(keys[second])) else "shared"
        texts = tuple(keys[first][key].text for key in shared)
        twins.append(Twins(first, second, kind, shop.answers_alike(first, second), texts))
    for first, second in sorted(lost):
        ways = ((first, second), (second, first))
        near = first < second and all(_share_lost(lost, asked, *way) >= _NEAR_FROM for way in ways)
        if near and (first, second) not in pairs:
            twins.append(Twins(first, second, "near", False, ()))
    order = ("identical", "shared", "near")
    return sorted(twins, key=lambda pair: (order.index(pair.kind), -len(pair.shared), pair.first))


def _share_lost(lost: Lost, asked: Mapping[str, int], entry: str, thief: str) -> float:
    return len(lost.get((entry, thief), ())) / asked[entry] if asked.get(entry) else 0.0


def _keys(shop: ExaminedShop, entry: str) -> dict[str, Phrasing]:
    return {p.key: p for p in reversed(shop.by_entry[entry]) if p.key}


def find_thefts(
    shop: ExaminedShop, lost: Lost, asked: Mapping[str, int], twins: Iterable[Twins]
) -> list[Theft]:
    """Return who loses questions to whom, what costs most first; one unsure loss is chance and left out."""
    same = {frozenset((pair.first, pair.second)) for pair in twins if pair.kind == "identical"}
    thefts = []
    for (entry, thief), answers in lost.items():
        sure = sum(answer.confidence >= SURE for answer in answers)
        if frozenset((entry, thief)) in same or (len(answers) < 2 and not sure):
            continue
        mutual = len(lost.get((thief, entry), ()))
        action = _action(shop, entry, thief, (len(answers), mutual), asked)
        mean = sum(answer.confidence for answer in answers) / len(answers)
        examples = tuple(map(as_example, answers[:_EXAMPLES]))
        thefts.append(
            Theft(entry, thief, len(answers), asked[entry], mean, mutual, action, examples),
        )
    return sorted(thefts, key=lambda theft: (-theft.count * theft.confidence, theft.entry, theft.thief))


def _action(
    shop: ExaminedShop, entry: str, thief: str, counts: tuple[int, int], asked: Mapping[str, int]
) -> str:
    """Return what would help: "merge" the two, "add" phrasings, "move" those lost, or "part" the two more clearly."""
    both = asked[entry] + asked.get(thief, 0)
    if min(counts) and sum(counts) >= _MERGED_FROM * both:
        return "merge"
    if len(_keys(shop, entry)) < ENOUGH_PHRASINGS:
        return "add"
    return "part" if min(counts) else "move"


def as_example(answer: Answer) -> Example:
    """Return the answer as an owner reads it."""
    return Example(
        answer.phrasing.text, answer.phrasing.entry, answer.first or "", answer.confidence, answer.own_place
    )


def find_unreachable(
    answers: Sequence[Answer], twins: Iterable[Twins], in_log: Mapping[str, int]
) -> list[Unreachable]:
    """Return the entries that none of their phrasings brings among those shown, twins excepted (they have a list)."""
    named = {entry for pair in twins if pair.kind == "identical" for entry in (pair.first, pair.second)}
    by_entry: defaultdict[str, list[Answer]] = defaultdict(list)
    for answer in answers:
        by_entry[answer.phrasing.entry].append(answer)
    found = []
    for entry, own in by_entry.items():
        if entry in named or any(answer.own_place for answer in own):
            continue
        instead = Counter(answer.first for answer in own if answer.first is not None)
        behind, times = instead.most_common(1)[0] if instead else (None, 0)
        shown = behind if 2 * times >= len(own) else None
        own.sort(key=lambda answer: -answer.confidence)
        examples = tuple(map(as_example, own[:_EXAMPLES]))
        found.append(Unreachable(entry, len(own), shown, in_log.get(entry, 0), examples))
    return sorted(found, key=lambda entry: (-entry.asked, entry.entry))


def find_misplaced(lost: Lost, twins: Iterable[Twins]) -> list[Misplaced]:
    """Return the phrasings for which the shop is sure of another entry and holds their own for far less likely."""
    shared = {(entry, text) for pair in twins for text in pair.shared for entry in (pair.first, pair.second)}
    found = [
        Misplaced(entry, answer.phrasing.text, thief, answer.confidence, answer.own_confidence)
        for (entry, thief), answers in lost.items()
        for answer in answers
        if answer.confidence >= SURE
        and answer.own_confidence * _CLEARLY <= answer.confidence
        and (entry, answer.phrasing.text) not in shared
    ]
    return sorted(found, key=lambda phrasing: (-phrasing.confidence, phrasing.entry, phrasing.text))


def find_unasked(shop: ExaminedShop) -> list[Unasked]:
    """Return the phrasings that no message finds."""
    return [
        Unasked(p.entry, p.text, p.refusal) for p in shop.phrasings if p.refusal and p.entry in shop.reachable
    ]


def find_unjudged(shop: ExaminedShop, asked: Mapping[str, int], in_log: Mapping[str, int]) -> list[Unjudged]:
    """Return the entries of which no phrasing could be asked without leaving nothing."""
    found = []
    for entry in sorted(shop.reachable):
        if not asked.get(entry):
            count = sum(not p.refusal for p in _keys(shop, entry).values())
            write = max(1, ENOUGH_PHRASINGS - count)
            found.append(Unjudged(entry, count, write, in_log.get(entry, 0)))
    return found
