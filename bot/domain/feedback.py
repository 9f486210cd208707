"""What agents did with suggestions, as evidence of which were right, and what a shop's confidences become through it.

Agents read from the top and stop at what will do. So a reply that was taken says something about itself and about those above
it, which were read and passed over, and nothing about those below (Joachims and others, "Accurately interpreting
clickthrough data as implicit feedback", SIGIR 2005). Two things follow for a reply further down, and both are heeded here.
It is judged only where those above it would not do, so what it is held to is its chance *given that*, not its chance among
all. And where everything was refused nobody can say how far down the agent had read: that is weighed by how likely he read
so far, given how many look at each place, which is estimated from the shop's own log (the examination hypothesis of
Craswell and others, "An experimental comparison of click position-bias models", WSDM 2008).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from math import exp, log
from typing import Final, TypeAlias

TAKEN: Final = "taken"
EDITED: Final = "edited"
REFUSED: Final = "refused"
REACTIONS: Final = (TAKEN, EDITED, REFUSED)
PLACES: Final = 3
_GLANCES: Final = (1.0, 0.7, 0.5)
"""The share of agents that look at each place, before the shop's own log says otherwise."""
_GLANCES_STRENGTH: Final = 60.0
"""So many expected takings at a place weigh as much as what was believed before."""
_KEPT_AS_RIGHT: Final = 0.8
"""A reply of which so much was kept was right: a form of address put before it is no correction."""
_SHIFT_SPREAD: Final = 0.5
_SLOPE_SPREAD: Final = 0.25
_ENTRY_SPREAD: Final = 0.6
"""How far a shop's confidences, their steepness and one entry's confidence are expected to lie from the common ones (standard
deviations, in log-odds): a shop with few reactions keeps the common ones."""
_TOLD: Final = 0.25
_TOLD_ENOUGH: Final = 10
_DUE: Final = 3.0
_TURNS: Final = 4
_ROUNDS: Final = 40
_STILL: Final = 1e-6
_LEAST_SLOPE: Final = 0.1
_CELLS: Final = 10
"""Verdicts on an entry whose log-odds differ by less than 1/10 are counted together: a shop's log fits in a few thousand."""
_EDGE: Final = 1e-4
_SUREST: Final = 0.95
"""No reply is surer than that because those above it are wrong: something may be missing from all three."""

Key: TypeAlias = tuple[str, int]
"""An entry at one version: an edited entry is judged anew."""


@dataclass(frozen=True, slots=True)
class Offer:
    """One reply that was shown: its entry, and what the ranker believed of it (0 to 1) before the shop's own calibration."""

    entry: str
    version: int
    confidence: float

    @property
    def key(self) -> Key:
        return self.entry, self.version


@dataclass(frozen=True, slots=True)
class Reaction:
    """What an agent did with the replies to one message (`offers`, from the top).

    `kind` is one of REACTIONS. `place` is the reply's, from 0; None with "refused" says that none of them fits. `kept` is
    the share of an edited reply that was left as it stood.
    """

    offers: tuple[Offer, ...]
    kind: str
    place: int | None
    kept: float = 1.0

    @property
    def right(self) -> float:
        """How far the reply at `place` was right, 0 to 1."""
        if self.kind == EDITED:
            return min(max(self.kept, 0.0) / _KEPT_AS_RIGHT, 1.0)
        return 1.0 if self.kind == TAKEN else 0.0


@dataclass(frozen=True, slots=True)
class Verdict:
    """One reply that an agent has judged: `right` from 0 to 1, counted `weight` times.

    `confidence` is the ranker's, among all replies; `lift` is what it gains (in log-odds) once those above the reply are known
    to be wrong.
    """

    key: Key
    place: int
    confidence: float
    right: float
    weight: float = 1.0
    lift: float = 0.0


@dataclass(frozen=True, slots=True)
class ShopCalibration:
    """How one shop's confidences differ from the common ones: in log-odds, `shift` + `slope` x the common one + the entry's own."""

    shift: float = 0.0
    slope: float = 1.0
    entries: Mapping[Key, float] = field(default_factory=dict)

    def confidence(self, entry: str, version: int, common: float) -> float:
        """Return the shop's own probability for what is commonly given `common`."""
        if self is COMMON:
            return common
        return _share(self.shift + self.slope * _odds(common) + self.entries.get((entry, version), 0.0))


COMMON: Final = ShopCalibration()
"""The calibration of a shop that nobody has worked in yet: it changes nothing."""


def learn_from(reactions: Sequence[Reaction]) -> ShopCalibration:
    """Return what the reactions make of the shop's confidences.

    How many look where, and what a reply gains when those above it are wrong, follow from the confidences: each is estimated
    with the other in turn. Where misses are not reported (`tells_misses`) confidences only fall: a log of nothing but takings tells which entries
    are better than others, not how often all of them are wrong.
    """
    calibration = COMMON
    for _ in range(_TURNS):
        calibration = fit_calibration(verdicts(reactions, glances(reactions, calibration), calibration))
    if calibration is COMMON or tells_misses(reactions):
        return calibration
    lowered = {key: offset for key, offset in calibration.entries.items() if offset < 0}
    return replace(calibration, shift=min(calibration.shift, 0.0), slope=1.0, entries=lowered)


def tells_misses(reactions: Iterable[Reaction]) -> bool:
    """Whether agents report that nothing fitted about as often as the ranker itself expects it, or often enough to tell."""
    due = told = 0.0
    for reaction in reactions:
        due += max(0.0, 1 - sum(offer.confidence for offer in reaction.offers[:PLACES]))
        told += 1 - reaction.right
    return due < _DUE or told >= min(_TOLD * due, _TOLD_ENOUGH)


def glances(reactions: Iterable[Reaction], calibration: ShopCalibration = COMMON) -> tuple[float, ...]:
    """Return the share of agents that look at each place; the first place's is 1, and no place has more than one above it.

    Replies at a place would be taken as often as they are right if all looked there.
    """
    expected, taken = [0.0] * PLACES, [0.0] * PLACES
    for reaction in reactions:
        left = 1.0
        for place, offer in enumerate(reaction.offers[:PLACES]):
            chance = min(calibration.confidence(offer.entry, offer.version, offer.confidence), left)
            expected[place] += chance
            left -= chance
        if reaction.kind != REFUSED and reaction.place is not None and reaction.place < PLACES:
            taken[reaction.place] += 1
    first = (taken[0] + _GLANCES_STRENGTH) / (expected[0] + _GLANCES_STRENGTH)
    found = [1.0]
    for place in range(1, PLACES):
        strength = _GLANCES_STRENGTH
        share = (taken[place] + _GLANCES[place] * strength) / (expected[place] + strength) / first
        found.append(min(found[-1], share))
    return tuple(found)


def verdicts(
    reactions: Iterable[Reaction],
    looked: Sequence[float] = _GLANCES,
    calibration: ShopCalibration = COMMON,
) -> list[Verdict]:
    """Return what the reactions say of the replies shown, those that nobody can have judged left out.

    `looked` is the share of agents that look at each place, `calibration` the best that is known of the shop's.
    """
    found: list[Verdict] = []
    for reaction in reactions:
        offers = reaction.offers[:PLACES]
        lifts, shares = _in_turn(offers, looked, calibration)
        place = reaction.place
        if place is None:
            found += [
                Verdict(offers[at].key, at, offers[at].confidence, 0.0, shares[at], lifts[at])
                for at in range(len(offers))
            ]
        elif place < len(offers) and reaction.kind == REFUSED:
            # Refused by itself, whatever stands above: it is held to its chance among all.
            found.append(Verdict(offers[place].key, place, offers[place].confidence, 0.0))
        elif place < len(offers):
            for at, offer in enumerate(offers[: place + 1]):
                right = reaction.right if at == place else 0.0
                found.append(Verdict(offer.key, at, offer.confidence, right, 1.0, lifts[at]))
    return found


def _in_turn(
    offers: Sequence[Offer], looked: Sequence[float], calibration: ShopCalibration
) -> tuple[list[float], list[float]]:
    """Return, for each reply, what it gains once those above it are known to be wrong (at most one reply is right), and how
    likely it was read where all were refused: who reads as far as a right one takes it."""
    lifts: list[float] = []
    depths: list[float] = []
    left = wrong = 1.0
    for place, offer in enumerate(offers):
        chance = calibration.confidence(offer.entry, offer.version, offer.confidence)
        turn = min(chance / max(left, _EDGE), _SUREST)
        lifts.append(_odds(turn) - _odds(min(chance, _SUREST)) if place else 0.0)
        left -= chance
        wrong *= 1 - turn
        below = looked[place + 1] if place + 1 < len(offers) else 0.0
        depths.append((looked[place] - below) * wrong + _EDGE)
    return lifts, [sum(depths[place:]) / sum(depths) for place in range(len(offers))]


@dataclass(slots=True)
class _Own:
    """One entry's verdicts, as (log-odds, lift, weight, right x weight), and how they bear on its own offset in one step."""

    cells: list[tuple[float, float, float, float]]
    offset: float = 0.0
    down: float = 0.0
    bend: float = 0.0
    bend_slope: float = 0.0


def fit_calibration(judged: Sequence[Verdict]) -> ShopCalibration:
    """Return the calibration under which the verdicts are likeliest, shrunk towards the common one.

    A logistic regression with normal priors, solved by Newton's steps for all its numbers at once: an entry's own offset
    meets only its own verdicts, so each step takes the offsets out, solves for the shop's two numbers and puts them back.
    """
    entries = _gathered(judged)
    if not entries:
        return COMMON
    shift, slope = 0.0, 1.0
    for _ in range(_ROUNDS):
        step_shift, step_slope = _shop_step(entries.values(), shift, slope)
        steps = [
            (own.down - own.bend * step_shift - own.bend_slope * step_slope)
            / (own.bend + 1 / _ENTRY_SPREAD**2)
            for own in entries.values()
        ]
        longest = max(abs(step_shift), abs(step_slope), *map(abs, steps))
        # A full step from far away may overshoot.
        share = 1 / max(1.0, longest)
        shift -= share * step_shift
        slope = max(_LEAST_SLOPE, slope - share * step_slope)
        for own, step in zip(entries.values(), steps, strict=True):
            own.offset -= share * step
        if longest < _STILL:
            break
    return ShopCalibration(shift, slope, {key: own.offset for key, own in entries.items()})


def _gathered(judged: Iterable[Verdict]) -> dict[Key, _Own]:
    sums: dict[tuple[Key, int, int], list[float]] = {}
    for verdict in judged:
        odds, lift = round(_odds(verdict.confidence) * _CELLS), round(verdict.lift * _CELLS)
        cell = sums.setdefault((verdict.key, odds, lift), [0.0, 0.0])
        cell[0] += verdict.weight
        cell[1] += verdict.weight * verdict.right
    entries: dict[Key, _Own] = {}
    for (key, odds, lift), (weight, right) in sums.items():
        entries.setdefault(key, _Own([])).cells.append((odds / _CELLS, lift / _CELLS, weight, right))
    return entries


def _shop_step(entries: Iterable[_Own], shift: float, slope: float) -> tuple[float, float]:
    """Return the Newton step of the shop's two numbers, the entries' offsets taken out; leaves in each how its own follows."""
    down_shift, down_slope = shift / _SHIFT_SPREAD**2, (slope - 1) / _SLOPE_SPREAD**2
    bend, bend_both, bend_slope = 1 / _SHIFT_SPREAD**2, 0.0, 1 / _SLOPE_SPREAD**2
    for own in entries:
        down = miss_slope = steep_sum = steep_slope = steep_square = 0.0
        for odds, lift, weight, right in own.cells:
            chance = _share(shift + slope * odds + own.offset + lift)
            miss, steep = weight * chance - right, weight * chance * (1 - chance)
            down += miss
            miss_slope += miss * odds
            steep_sum += steep
            steep_slope += steep * odds
            steep_square += steep * odds * odds
        own.down, own.bend, own.bend_slope = down + own.offset / _ENTRY_SPREAD**2, steep_sum, steep_slope
        held = steep_sum + 1 / _ENTRY_SPREAD**2
        down_shift += down - steep_sum * own.down / held
        down_slope += miss_slope - steep_slope * own.down / held
        bend += steep_sum - steep_sum * steep_sum / held
        bend_both += steep_slope - steep_sum * steep_slope / held
        bend_slope += steep_square - steep_slope * steep_slope / held
    whole = bend * bend_slope - bend_both * bend_both
    return (
        (bend_slope * down_shift - bend_both * down_slope) / whole,
        (bend * down_slope - bend_both * down_shift) / whole,
    )


def _odds(chance: float) -> float:
    inside = min(max(chance, _EDGE), 1 - _EDGE)
    return log(inside / (1 - inside))


def _share(odds: float) -> float:
    # Beyond this a float has no room for the difference, and exp might have none for the power.
    return 1 / (1 + exp(-min(max(odds, -40.0), 40.0)))
