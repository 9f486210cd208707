"""What reactions are worth: confidences of a simulated shop before and after learning, as a table of markdown.

Run by hand: `python -m benchmarks.feedback`. Everything is seeded; the truth is known, for it is simulated.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence
from random import Random
from statistics import fmean
from typing import Final

from benchmarks.feedback_simulation import SimulatedShop, errors
from bot.domain.feedback import (
    COMMON,
    Reaction,
    ShopCalibration,
    Verdict,
    fit_calibration,
    learn_from,
)

COUNTS: Final = (50, 200, 1000)
_SEEDS: Final = range(10)
Learn = Callable[[Sequence[Reaction]], ShopCalibration]


def learn_from_clicks(reactions: Sequence[Reaction]) -> ShopCalibration:
    """Return what one learns who counts a taking as right and all else that was shown as wrong, wherever it stood."""
    return fit_calibration(
        [
            Verdict(offer.key, place, offer.confidence, float(place == reaction.place and reaction.right))
            for reaction in reactions
            for place, offer in enumerate(reaction.offers)
        ]
    )


def learn_from_taken(reactions: Sequence[Reaction]) -> ShopCalibration:
    """Return what one learns who looks at the replies that were taken or refused by themselves alone."""
    return fit_calibration(
        [
            Verdict(reaction.offers[place].key, place, reaction.offers[place].confidence, reaction.right)
            for reaction in reactions
            if (place := reaction.place) is not None
        ]
    )


WAYS: Final[dict[str, Learn]] = {
    "as shipped": lambda _: COMMON,
    "takings alone": learn_from_taken,
    "every click at its word": learn_from_clicks,
    "Kuaihui": learn_from,
}
SHOPS: Final = {
    "replies are less often right than the ranker says": SimulatedShop(),
    "replies are more often right": SimulatedShop(shift=0.5, slope=1.1),
    "the ranker is right": SimulatedShop(shift=0.0, slope=1.0, wrong=0),
    "agents tell takings only": SimulatedShop(reports=0.0),
}


def table(shop: SimulatedShop) -> str:
    """Return the errors of each way of learning, as a table of markdown."""
    lines = [
        "| calibration error / distance from the truth | "
        + " | ".join(f"{count} reactions" for count in COUNTS)
        + " |",
        "| --- |" + " ---: |" * len(COUNTS),
    ]
    for name, learn in WAYS.items():
        cells = []
        for count in COUNTS:
            found = [
                errors(shop, learn(shop.reactions(count, Random(seed))), Random(1000)) for seed in _SEEDS
            ]
            cells.append(f"{fmean(e[0] for e in found):.3f} / {fmean(e[1] for e in found):.3f}")
        lines.append(f"| {name} | " + " | ".join(cells) + " |")
    return "\n".join(lines)


def main() -> None:
    """Print the tables."""
    for title, shop in SHOPS.items():
        sys.stdout.write(f"**{title[0].upper()}{title[1:]}**\n\n{table(shop)}\n\n")


if __name__ == "__main__":
    main()
