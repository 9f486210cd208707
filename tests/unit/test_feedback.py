"""What agents did becomes evidence without the bias of places, and moves a shop's confidences as far as it goes."""

from __future__ import annotations

from itertools import pairwise
from random import Random
from statistics import fmean

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from benchmarks.feedback import learn_from_clicks
from benchmarks.feedback_simulation import LOOKS, SimulatedShop, errors
from bot.domain.feedback import (
    COMMON,
    Offer,
    Reaction,
    Verdict,
    fit_calibration,
    glances,
    learn_from,
    tells_misses,
    verdicts,
)

OFFERS = (Offer("a", 1, 0.6), Offer("b", 1, 0.2), Offer("c", 1, 0.1))
REST = SimulatedShop()
CONFIDENCES = st.floats(0, 1)


@st.composite
def reactions(draw: st.DrawFn) -> Reaction:
    """Any reaction, sensible or not."""
    offers = tuple(
        Offer(draw(st.sampled_from("abcde")), draw(st.integers(1, 2)), draw(CONFIDENCES))
        for _ in range(draw(st.integers(0, 4)))
    )
    kind = draw(st.sampled_from(["taken", "edited", "refused"]))
    place = draw(st.integers(0, 4)) if kind != "refused" or draw(st.booleans()) else None
    return Reaction(offers, kind, place, draw(st.floats(-0.5, 1.5)))


def judged(reaction: Reaction) -> list[tuple[str, float]]:
    return [(verdict.key[0], verdict.right) for verdict in verdicts([reaction])]


def test_no_reactions_change_nothing() -> None:
    assert learn_from([]) is COMMON
    assert COMMON.confidence("a", 1, 0.73) == 0.73


@pytest.mark.parametrize(
    ("reaction", "expected"),
    [
        (Reaction(OFFERS, "taken", 0), [("a", 1.0)]),
        (Reaction(OFFERS, "taken", 2), [("a", 0.0), ("b", 0.0), ("c", 1.0)]),
        (Reaction(OFFERS, "edited", 0, 0.95), [("a", 1.0)]),
        (Reaction(OFFERS, "edited", 1, 0.4), [("a", 0.0), ("b", 0.5)]),
        (Reaction(OFFERS, "refused", 1), [("b", 0.0)]),
        (Reaction(OFFERS, "refused", None), [("a", 0.0), ("b", 0.0), ("c", 0.0)]),
        (Reaction(OFFERS, "taken", 3), []),
        (Reaction((), "refused", None), []),
    ],
)
def test_only_what_was_read_is_judged(reaction: Reaction, expected: list[tuple[str, float]]) -> None:
    assert judged(reaction) == expected


def test_the_further_down_the_less_a_refusal_of_all_says() -> None:
    weights = [verdict.weight for verdict in verdicts([Reaction(OFFERS, "refused", None)], LOOKS)]
    assert weights[0] == pytest.approx(1)
    assert weights[0] > weights[1] > weights[2] > 0


def test_a_lower_reply_is_held_to_its_chance_among_what_was_left() -> None:
    first, second, third = verdicts([Reaction(OFFERS, "taken", 2)])
    assert first.lift == 0
    assert 0 < second.lift < third.lift


def test_an_edited_entry_starts_anew() -> None:
    learned = learn_from([Reaction(OFFERS, "refused", 0)] * 20)
    assert (
        learned.confidence("a", 1, 0.6) < learned.confidence("a", 2, 0.6) == learned.confidence("z", 1, 0.6)
    )


def test_few_reactions_move_little() -> None:
    learned = learn_from([Reaction(OFFERS, "refused", None)] * 2)
    assert 0.4 < learned.confidence("a", 1, 0.6) < 0.6
    assert 0.45 < learned.confidence("other", 1, 0.6) < 0.6


def test_an_entry_that_is_always_refused_sinks_below_the_others() -> None:
    shop = SimulatedShop(shift=0.0, slope=1.0, wrong=0, careless=0.0)
    told = shop.reactions(300, Random(3))
    always = [Reaction((Offer("e99", 1, 0.8), *OFFERS[1:]), "refused", 0)] * 30
    learned = learn_from(told + always)
    assert learned.confidence("e99", 1, 0.8) < 0.4 < 0.6 < learned.confidence("e5", 1, 0.8)


def test_how_many_look_at_each_place_is_found_in_the_log() -> None:
    shop = SimulatedShop(careless=0.0)
    told = shop.reactions(6000, Random(7))
    assert glances(told, learn_from(told)) == pytest.approx(LOOKS, abs=0.06)


@pytest.mark.parametrize(
    "shop", [SimulatedShop(), SimulatedShop(shift=0.5, slope=1.1)], ids=["worse", "better"]
)
def test_confidences_become_true_and_truer_than_clicks_at_their_word(shop: SimulatedShop) -> None:
    before, _ = errors(shop, COMMON, Random(1))
    logs = [shop.reactions(1000, Random(seed)) for seed in range(5)]
    after, distance = map(
        fmean, zip(*(errors(shop, learn_from(log), Random(1)) for log in logs), strict=True)
    )
    clicks, clicks_distance = map(
        fmean, zip(*(errors(shop, learn_from_clicks(log), Random(1)) for log in logs), strict=True)
    )
    assert after < 0.7 * before
    assert after < 0.02
    assert after < 0.7 * clicks
    assert distance < 0.9 * clicks_distance


def test_entries_that_are_wrong_in_this_shop_are_found() -> None:
    learned = learn_from(REST.reactions(1000, Random(4)))
    wrong = [learned.confidence(f"e{number}", 1, 0.8) for number in range(REST.wrong)]
    others = [learned.confidence(f"e{number}", 1, 0.8) for number in range(REST.wrong, REST.entries)]
    assert max(wrong) < min(others)


def test_a_ranker_that_is_right_is_left_nearly_as_it_is() -> None:
    shop = SimulatedShop(shift=0.0, slope=1.0, wrong=0, careless=0.0)
    after, _ = errors(shop, learn_from(shop.reactions(1000, Random(5))), Random(1))
    assert after < 0.02


def test_a_log_of_takings_alone_raises_no_confidence() -> None:
    shop = SimulatedShop(reports=0.0)
    told = shop.reactions(500, Random(6))
    assert not tells_misses(told)
    learned = learn_from(told)
    for number in range(shop.entries):
        for common in (0.1, 0.5, 0.9):
            assert learned.confidence(f"e{number}", 1, common) <= common + 1e-9


def test_many_verdicts_outweigh_what_was_believed_before() -> None:
    learned = fit_calibration([Verdict(("a", 1), 0, 0.5, right) for right in (0.0, 0.0, 0.0, 1.0)] * 500)
    assert learned.confidence("a", 1, 0.5) == pytest.approx(0.25, abs=0.01)


@settings(max_examples=150, deadline=None)
@given(st.lists(reactions(), max_size=40), CONFIDENCES, CONFIDENCES)
def test_any_log_gives_confidences_that_are_probabilities_and_keep_the_rankers_order(
    told: list[Reaction], one: float, other: float
) -> None:
    learned = learn_from(told)
    low, high = sorted((one, other))
    for entry in "abz":
        assert 0 <= learned.confidence(entry, 1, low) <= learned.confidence(entry, 1, high) <= 1
    looked = glances(told, learned)
    assert looked[0] == 1
    assert all(0 < below <= above for above, below in pairwise(looked))


@settings(max_examples=60, deadline=None)
@given(st.lists(reactions(), max_size=40), st.randoms(use_true_random=False))
def test_the_order_of_the_log_does_not_matter(told: list[Reaction], random: Random) -> None:
    shuffled = list(told)
    random.shuffle(shuffled)
    one, other = learn_from(told), learn_from(shuffled)
    for entry in "abz":
        assert one.confidence(entry, 1, 0.6) == pytest.approx(other.confidence(entry, 1, 0.6), abs=1e-6)
