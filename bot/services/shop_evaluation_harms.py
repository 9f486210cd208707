"""Phrasings that hurt: asked again without them, questions of other entries come right. Measured, not guessed."""

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final

from bot.services.shop_evaluation_asking import Answer, ExaminedShop, Fold, Phrasing, Tick, without
from bot.services.shop_evaluation_findings import SURE, Lost, as_example
from bot.services.shop_evaluation_report import Harm

_MOST_TRIED: Final = 30
_EXAMPLES: Final = 2


@dataclass(frozen=True, slots=True)
class _Suspect:
    """A phrasing that stands nearest to questions lost to its entry, and the entries that lost them."""

    phrasing: Phrasing
    losers: tuple[str, ...]


async def find_harms(
    shop: ExaminedShop, folds: Sequence[Fold], answers: Sequence[Answer], lost: Lost, tick: Tick
) -> tuple[list[Harm], int]:
    """Return the phrasings whose absence repairs more than it breaks, and how many were tried.

    At most 30 are tried: those that stand nearest to the most, and surest, wrongly answered questions. An entry's question,
    which names it, is not.
    """
    suspects = _suspects(shop, folds, lost)
    said = {answer.phrasing: answer for answer in answers}
    found: list[Harm] = []
    for done, suspect in enumerate(suspects):
        tick("re-asking", done, len(suspects))
        harm = await asyncio.to_thread(_try_without, shop, folds, said, suspect)
        if _counts(harm):
            found.append(harm)
    tick("re-asking", len(suspects), len(suspects))
    order = sorted(found, key=lambda harm: (harm.broken - harm.repaired, harm.entry, harm.text))
    return order, len(suspects)


def _counts(harm: Harm) -> bool:
    """Whether more is repaired than broken, and that by more than chance: twice, or where the shop was sure and wrong."""
    net = harm.repaired - harm.broken
    return net > 1 or (net == 1 and harm.examples[0].confidence >= SURE)


def _suspects(shop: ExaminedShop, folds: Sequence[Fold], lost: Lost) -> list[_Suspect]:
    fold_of = {phrasing: fold for fold in folds for phrasing in fold.held_out}
    own_keys: defaultdict[str, set[str]] = defaultdict(set)
    for phrasing in shop.phrasings:
        own_keys[phrasing.entry].add(phrasing.key)
    weight: defaultdict[Phrasing, float] = defaultdict(float)
    losers: defaultdict[Phrasing, set[str]] = defaultdict(set)
    for (entry, thief), answers in lost.items():
        for answer in answers:
            nearest = _nearest(shop, fold_of[answer.phrasing], answer.phrasing, thief)
            if nearest is None or nearest.text == shop.entries[thief].question:
                continue  # nobody takes away what names an entry: what it attracts stands under the thefts
            # A phrasing that stands in both entries is told of as such.
            if nearest.key not in own_keys[entry]:
                weight[nearest] += answer.confidence
                losers[nearest].add(entry)
    worst = sorted(weight, key=lambda phrasing: (-weight[phrasing], phrasing.entry, phrasing.row))
    return [_Suspect(phrasing, tuple(sorted(losers[phrasing]))) for phrasing in worst[:_MOST_TRIED]]


def _nearest(shop: ExaminedShop, fold: Fold, asked: Phrasing, thief: str) -> Phrasing | None:
    """Return the thief's phrasing nearest to what was asked, among those that the fold's shop knows."""
    held = fold.entries[thief]
    if not held.phrasings:
        return None
    text = held.phrasings[int((held.vectors @ shop.questions[asked].vector).argmax())]
    return next(phrasing for phrasing in shop.by_entry[thief] if phrasing.folded == text)


def _try_without(
    shop: ExaminedShop, folds: Sequence[Fold], said: dict[Phrasing, Answer], suspect: _Suspect
) -> Harm:
    repaired: list[Answer] = []
    # Without it, its own words are a question like any other: the shop that did not know it was asked just that.
    broken = int(suspect.phrasing in said and not shop.is_right(said[suspect.phrasing]))
    for fold in folds:
        if suspect.phrasing in fold.held_out:
            continue
        concerned = [p for p in fold.held_out if _concerns(suspect, said[p])]
        if not concerned:
            continue
        for before, after in _ask_twice(shop, fold, suspect, concerned):
            right_before, right_after = shop.is_right(before), shop.is_right(after)
            broken += right_before and not right_after
            if right_after and not right_before:
                repaired.append(before)
    repaired.sort(key=lambda answer: -answer.confidence)
    examples = tuple(map(as_example, repaired[:_EXAMPLES]))
    phrasing = suspect.phrasing
    return Harm(phrasing.entry, phrasing.text, len(repaired), broken, examples)


def _concerns(suspect: _Suspect, answer: Answer) -> bool:
    """Whether the answer may change without the phrasing: its entry was in play, or lost questions to it."""
    entry = suspect.phrasing.entry
    ranked = [name for name, _ in answer.ranking]
    return answer.phrasing.entry in (entry, *suspect.losers) or entry in ranked


def _ask_twice(
    shop: ExaminedShop, fold: Fold, suspect: _Suspect, concerned: Iterable[Phrasing]
) -> list[tuple[Answer, Answer]]:
    """Return the answers with the phrasing and without it.

    `put` learns an entry's weights against its rivals alone; both times the entries concerned are put, the thief first, so
    that what differs is the phrasing and not the way of learning. The index is left as it was with the phrasing.
    """
    thief = suspect.phrasing.entry
    losers = [fold.entries[entry] for entry in suspect.losers]
    for entry in (fold.entries[thief], *losers):
        if entry.id not in fold.settled:
            fold.index.put(entry)
            fold.settled.add(entry.id)
    asked = list(concerned)
    before = [shop.ask(fold.index, phrasing) for phrasing in asked]
    held = fold.entries[thief]
    row = held.phrasings.index(suspect.phrasing.folded)
    for entry in (without(held, {row}), *losers):
        fold.index.put(entry)
    after = [shop.ask(fold.index, phrasing) for phrasing in asked]
    for entry in (held, *losers):
        fold.index.put(entry)
    return list(zip(before, after, strict=True))
