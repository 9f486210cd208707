"""Agents who read from the top, over a shop whose true odds are not the common ones: reactions with the truth behind them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import exp, log
from random import Random

from bot.domain.feedback import Offer, Reaction, ShopCalibration

LOOKS = (1.0, 0.6, 0.4)
"""The share of agents that look at each place."""


@dataclass(frozen=True, slots=True)
class SimulatedShop:
    """A shop of `entries`: true log-odds are `shift` + `slope` x the common ones, those of the first `wrong` entries lower still.

    `careless` is the share of agents that take the first reply whatever it says; `reports` the share of refusals told.
    """

    entries: int = 30
    wrong: int = 3
    shift: float = -0.7
    slope: float = 0.8
    wrong_by: float = 2.5
    careless: float = 0.03
    reports: float = 1.0

    def truth(self, offer: Offer) -> float:
        """Return how probable it is that the reply is right, asked for by itself."""
        own = -self.wrong_by if int(offer.entry[1:]) < self.wrong else 0.0
        return _share(self.shift + self.slope * _odds(offer.confidence) + own)

    def offers(self, random: Random) -> tuple[Offer, ...]:
        """Return three replies as the ranker gives them: confidences that fall and leave room for none being right."""
        sure = min(0.99, 0.15 + 0.85 * random.betavariate(2.2, 1.1))
        second = (1 - sure) * random.uniform(0.2, 0.7)
        third = (1 - sure - second) * random.uniform(0.1, 0.5)
        named = random.sample(range(self.entries), 3)
        return tuple(
            Offer(f"e{number}", 1, confidence)
            for number, confidence in zip(named, (sure, second, third), strict=True)
        )

    def right_place(self, offers: Sequence[Offer], random: Random) -> int | None:
        """Return the place of the right reply, None when none is."""
        draw, below = random.random(), 0.0
        for place, offer in enumerate(offers):
            below += self.truth(offer)
            if draw < below:
                return place
        return None

    def reactions(self, count: int, random: Random) -> list[Reaction]:
        """Return what agents told of the replies to messages, until they told `count` times."""
        told: list[Reaction] = []
        while len(told) < count:
            reaction = self._reaction(random)
            if reaction is not None:
                told.append(reaction)
        return told

    def _reaction(self, random: Random) -> Reaction | None:
        offers = self.offers(random)
        right = self.right_place(offers, random)
        if random.random() < self.careless:
            return Reaction(offers, "taken", 0)
        read = random.random()
        if right is not None and read < LOOKS[right]:
            return Reaction(offers, "taken", right)
        return Reaction(offers, "refused", None) if random.random() < self.reports else None


def errors(
    shop: SimulatedShop, calibration: ShopCalibration, random: Random, messages: int = 2000
) -> tuple[float, float]:
    """Return how far the confidences of the replies shown lie from the truth: by fifteenths of equal mass (the calibration
    error), and reply by reply."""
    pairs = sorted(
        (calibration.confidence(offer.entry, offer.version, offer.confidence), shop.truth(offer))
        for _ in range(messages)
        for offer in shop.offers(random)
    )
    size = len(pairs) // 15
    bins = [pairs[start : start + size] for start in range(0, size * 15, size)]
    by_bin = sum(abs(sum(said - true for said, true in some)) for some in bins) / (size * 15)
    return by_bin, sum(abs(said - true) for said, true in pairs) / len(pairs)


def _odds(chance: float) -> float:
    return log(chance / (1 - chance))


def _share(odds: float) -> float:
    return 1 / (1 + exp(-odds))
