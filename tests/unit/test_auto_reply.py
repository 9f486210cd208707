"""The decision whether software answers: what holds for every policy, message and conversation."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime, time, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as some

from bot.domain.answer_quality import TARGET_PRECISIONS
from bot.domain.auto_reply import (
    DIALOGUE_REASONS,
    MOST_DIALOGUE_TURNS,
    Claim,
    Deed,
    Heard,
    Offer,
    Reason,
    Standing,
    decide,
)
from bot.domain.auto_reply_policy import AutoReplyPolicy, GroupRule, Mode, When
from bot.domain.dialogue_openings import agreed_threshold, opening_threshold
from bot.domain.entry import WeeklyHours
from bot.domain.intents import GROUPS
from bot.domain.thresholds import NEVER

NOON = datetime(2026, 3, 5, 12, tzinfo=UTC)
SPEAKS = (Deed.REPLY, Deed.ASK_BACK)

_rules = some.builds(GroupRule, some.sampled_from(Mode), some.sampled_from(TARGET_PRECISIONS))
_policies = some.builds(
    AutoReplyPolicy,
    is_on=some.booleans(),
    groups=some.dictionaries(some.sampled_from(GROUPS), _rules),
    when=some.sampled_from(When),
    weekly=some.lists(
        some.builds(WeeklyHours, some.integers(0, 6), some.times(), some.times()), max_size=3
    ).map(tuple),
    repeat_limit=some.integers(1, 5),
)
_thresholds = some.dictionaries(some.sampled_from(GROUPS), some.floats(0, NEVER))
_offers = some.builds(
    Offer,
    some.frozensets(some.sampled_from(GROUPS), max_size=2),
    some.floats(0, 1),
    *[some.booleans()] * 7,
    some.lists(
        some.builds(Claim, some.sampled_from(GROUPS), some.floats(0, 1), some.floats(0, 1)), max_size=2
    ).map(tuple),
    some.booleans(),
)
_calls = some.lists(some.sampled_from(sorted(DIALOGUE_REASONS)), max_size=2).map(tuple)
_heard = some.builds(Heard, some.none() | _offers, *[some.booleans()] * 5, _calls)
_standings = some.builds(
    Standing,
    some.datetimes(datetime(2026, 1, 1), datetime(2027, 1, 1), timezones=some.just(UTC)),
    *[some.booleans()] * 3,
    some.integers(0, 6),
    some.integers(0, 4),
    some.integers(0, MOST_DIALOGUE_TURNS + 1),
    some.booleans(),
)
_ON = AutoReplyPolicy(is_on=True, groups={"stock": GroupRule(Mode.AUTOMATIC)})
_SURE = Heard(Offer(frozenset({"stock"}), 0.97))
_HERE = Standing(NOON, is_open=True)
_HELD: Mapping[str, float] = {"stock": 0.9}


@given(_policies, _thresholds, _heard, _standings)
def test_every_decision_has_its_reasons(
    policy: AutoReplyPolicy, thresholds: Mapping[str, float], heard: Heard, standing: Standing
) -> None:
    decision = decide(policy, thresholds, heard, standing)
    assert decision.reasons
    assert (Reason.SURE in decision.reasons) == (decision.deed in SPEAKS)
    order = list(Reason)
    places = [order.index(reason) for reason in decision.reasons]
    if decision.deed is Deed.SILENT:
        assert max(places) <= order.index(Reason.LEFT_TO_PERSON)
    elif decision.deed is Deed.HAND_OVER:
        assert order.index(Reason.LEFT_TO_PERSON) < min(places) <= max(places) <= order.index(Reason.UNSURE)


@given(_policies, _thresholds, _heard, _standings)
def test_only_what_is_due_sure_fresh_and_allowed_goes_out(
    policy: AutoReplyPolicy, thresholds: Mapping[str, float], heard: Heard, standing: Standing
) -> None:
    if decide(policy, thresholds, heard, standing).deed not in SPEAKS:
        return
    offer = heard.offer
    assert offer is not None
    assert policy.is_on
    assert policy.acts_at(standing.now, is_open=standing.is_open)
    assert not standing.person_present
    assert not standing.is_handed_over
    assert not standing.is_limited
    assert not heard.calls_for_person
    assert heard.has_words
    assert not heard.asks_for_person
    assert not heard.is_upset
    assert offer.is_fresh
    assert offer.is_allowed
    assert offer.stands_alone
    assert not offer.was_said
    assert offer.is_proven
    assert offer.groups or offer.is_greeting
    if offer.in_dialogue:
        assert standing.dialogue_turns < MOST_DIALOGUE_TURNS
    else:
        assert standing.replies < policy.repeat_limit
    if not offer.is_greeting:
        assert all(policy.rule(group).mode is Mode.AUTOMATIC for group in offer.groups)
    if not offer.is_greeting and not offer.in_dialogue:
        assert heard.was_read
        for claim in offer.claims:
            of_group = opening_threshold(policy.rule(claim.group).precision)
            sure = claim.group in thresholds and claim.confidence >= thresholds[claim.group]
            assert sure or claim.of_group >= of_group
        if not offer.claims:
            assert all(offer.confidence >= thresholds[group] for group in offer.groups)


@given(_policies, _thresholds, _heard, _standings, some.floats(0, 1))
def test_a_higher_confidence_never_takes_a_reply_back(
    policy: AutoReplyPolicy, thresholds: Mapping[str, float], heard: Heard, standing: Standing, more: float
) -> None:
    if heard.offer is None:
        return
    surer = replace(heard, offer=replace(heard.offer, confidence=max(heard.offer.confidence, more)))
    before = decide(policy, thresholds, heard, standing).deed
    after = decide(policy, thresholds, surer, standing).deed
    assert after == before or (before is Deed.HAND_OVER and after in SPEAKS)


@given(_policies, _thresholds, _heard, _standings, some.sampled_from(GROUPS), some.floats(0, NEVER))
def test_a_stricter_threshold_never_sends_more(
    policy: AutoReplyPolicy,
    thresholds: Mapping[str, float],
    heard: Heard,
    standing: Standing,
    group: str,
    stricter: float,
) -> None:
    raised = {**thresholds, group: max(stricter, thresholds.get(group, NEVER))}
    if decide(policy, raised, heard, standing).deed in SPEAKS:
        assert decide(policy, thresholds, heard, standing).deed in SPEAKS


@given(_policies, _thresholds, _heard, _standings)
def test_the_switch_stops_everything(
    policy: AutoReplyPolicy, thresholds: Mapping[str, float], heard: Heard, standing: Standing
) -> None:
    decision = decide(replace(policy, is_on=False), thresholds, heard, standing)
    assert decision.deed is Deed.SILENT
    assert Reason.SWITCHED_OFF in decision.reasons


def test_a_sure_reply_goes_out_and_says_what_it_was_held_to() -> None:
    decision = decide(_ON, _HELD, _SURE, _HERE)
    assert (decision.deed, decision.reasons, decision.threshold) == (Deed.REPLY, (Reason.SURE,), 0.9)


def test_a_question_to_the_buyer_is_asked_twice_and_no_more() -> None:
    assert _SURE.offer is not None
    asking = replace(_SURE, offer=replace(_SURE.offer, asks_back=True))
    assert decide(_ON, _HELD, asking, replace(_HERE, questions_back=1)).deed is Deed.ASK_BACK
    third = decide(_ON, _HELD, asking, replace(_HERE, questions_back=2))
    assert (third.deed, third.reasons) == (Deed.HAND_OVER, (Reason.ASKED_BACK_OFTEN,))


def test_all_that_speaks_against_a_reply_is_told() -> None:
    offer = Offer(frozenset({"stock"}), 0.4, stands_alone=False, is_fresh=False, is_allowed=False)
    decision = decide(_ON, _HELD, Heard(offer, was_read=False), _HERE)
    assert decision.deed is Deed.HAND_OVER
    assert set(decision.reasons) == {
        Reason.NOT_READ, Reason.STALE_FACTS, Reason.READERS_DIFFER, Reason.GUARDED, Reason.UNSURE,
    }  # fmt: skip


@pytest.mark.parametrize(
    ("heard", "reason"),
    [
        (replace(_SURE, asks_for_person=True), Reason.ASKED_FOR_PERSON),
        (replace(_SURE, is_upset=True), Reason.UPSET),
        (Heard(has_words=False), Reason.NO_WORDS),
        (Heard(), Reason.NOTHING_FITS),
    ],
)
def test_some_messages_go_to_a_person_whatever_was_found(heard: Heard, reason: Reason) -> None:
    decision = decide(_ON, _HELD, heard, _HERE)
    assert (decision.deed, decision.reasons) == (Deed.HAND_OVER, (reason,))


def test_a_group_that_is_only_suggested_is_left_to_a_person_without_a_word_while_the_shop_is_open() -> None:
    other = Heard(Offer(frozenset({"invoice"}), 1.0))
    assert decide(_ON, {"invoice": 0.5}, other, _HERE).reasons == (Reason.LEFT_TO_PERSON,)
    away = replace(_HERE, is_open=False)
    in_the_night = decide(_ON, {"invoice": 0.5}, other, away)
    assert (in_the_night.deed, in_the_night.reasons) == (Deed.HAND_OVER, (Reason.NEEDS_PERSON,))
    both = Heard(Offer(frozenset({"invoice", "stock"}), 1.0))
    assert decide(_ON, {"invoice": 0.5, "stock": 0.5}, both, _HERE).deed is Deed.SILENT


def test_a_group_without_a_threshold_never_answers() -> None:
    sure = Heard(Offer(frozenset({"stock"}), 1.0))
    assert decide(_ON, {}, sure, _HERE).reasons == (Reason.UNSURE,)


def test_an_acknowledgement_is_met_with_silence_but_a_call_for_a_person_is_not() -> None:
    assert decide(_ON, _HELD, Heard(wants_answer=False), _HERE).reasons == (Reason.NO_ANSWER_WANTED,)
    calling = Heard(wants_answer=False, asks_for_person=True)
    assert decide(_ON, _HELD, calling, _HERE).deed is Deed.HAND_OVER


def test_what_follows_from_an_answer_to_a_dialogue_needs_no_threshold_but_all_else() -> None:
    assert _SURE.offer is not None
    answered = Heard(Offer(frozenset({"stock"}), 0.0, asks_back=True, in_dialogue=True), was_read=False)
    long = replace(_HERE, replies=9, questions_back=9, dialogue_turns=MOST_DIALOGUE_TURNS - 1)
    decision = decide(_ON, {}, answered, long)
    assert (decision.deed, decision.reasons, decision.threshold) == (Deed.ASK_BACK, (Reason.SURE,), None)
    circling = decide(_ON, {}, answered, replace(long, dialogue_turns=MOST_DIALOGUE_TURNS))
    assert circling.reasons == (Reason.LIMIT_REACHED,)
    assert answered.offer is not None
    bad = replace(answered.offer, is_fresh=False, is_allowed=False, is_proven=False)
    assert decide(_ON, {}, replace(answered, offer=bad), long).reasons == (
        Reason.STALE_FACTS, Reason.ORDER_UNPROVEN, Reason.GUARDED,
    )  # fmt: skip


@pytest.mark.parametrize("reason", sorted(DIALOGUE_REASONS))
def test_a_dialogue_that_asks_for_a_person_gets_one(reason: Reason) -> None:
    decision = decide(_ON, _HELD, replace(_SURE, calls_for_person=(reason,)), _HERE)
    assert (decision.deed, decision.reasons) == (Deed.HAND_OVER, (reason,))


def test_a_reason_is_told_once() -> None:
    calling = replace(
        _SURE, asks_for_person=True, calls_for_person=(Reason.ASKED_FOR_PERSON, Reason.LATE_ORDER)
    )
    assert decide(_ON, _HELD, calling, _HERE).reasons == (Reason.ASKED_FOR_PERSON, Reason.LATE_ORDER)


def test_who_was_told_too_much_in_too_short_a_time_gets_a_person() -> None:
    decision = decide(_ON, _HELD, _SURE, replace(_HERE, is_limited=True))
    assert (decision.deed, decision.reasons) == (Deed.HAND_OVER, (Reason.RATE_LIMITED,))


def test_the_facts_of_an_order_go_to_its_own_buyer_alone() -> None:
    assert _SURE.offer is not None
    other = replace(_SURE, offer=replace(_SURE.offer, is_proven=False))
    assert decide(_ON, _HELD, other, _HERE).reasons == (Reason.ORDER_UNPROVEN,)


def test_each_part_of_a_reply_is_held_to_its_own_group() -> None:
    both = replace(_ON, groups={**_ON.groups, "shipping": GroupRule(Mode.AUTOMATIC)})
    groups = frozenset({"stock", "shipping"})
    held = {"stock": 0.9, "shipping": 0.97}
    sure = Offer(groups, 0.5, claims=(Claim("stock", 0.93), Claim("shipping", 0.98)))
    decision = decide(both, held, Heard(sure), _HERE)
    assert (decision.deed, decision.threshold) == (Deed.REPLY, 0.97)
    unsure = replace(sure, claims=(Claim("stock", 0.99), Claim("shipping", 0.96)))
    assert decide(both, held, Heard(unsure), _HERE).reasons == (Reason.UNSURE,)
    by_group = replace(
        sure, claims=(Claim("stock", 0.93), Claim("shipping", 0.6, of_group=opening_threshold(0.95)))
    )
    assert decide(both, held, Heard(by_group), _HERE).deed is Deed.REPLY


def test_what_is_agreed_is_enough_at_its_own_measure_unless_the_group_has_failed() -> None:
    offer = Offer(frozenset({"stock"}), 0.5, claims=(Claim("stock", 0.6, agreed=agreed_threshold(0.95)),))
    assert decide(_ON, {"stock": 0.99}, Heard(offer), _HERE).deed is Deed.REPLY
    assert decide(_ON, {"stock": NEVER}, Heard(offer), _HERE).reasons == (Reason.UNSURE,)
    strict = replace(_ON, groups={"stock": GroupRule(Mode.AUTOMATIC, 0.98)})
    assert decide(strict, {"stock": 0.99}, Heard(offer), _HERE).reasons == (Reason.UNSURE,)


def test_a_greeting_needs_no_group() -> None:
    greeting = Heard(Offer(frozenset(), 1.0, is_greeting=True))
    assert decide(_ON, {}, greeting, _HERE).deed is Deed.REPLY
    assert decide(replace(_ON, is_on=False), {}, greeting, _HERE).deed is Deed.SILENT


def test_hours_are_always_outside_business_or_ones_own() -> None:
    own = (WeeklyHours(NOON.weekday(), time(22), time(7)),)
    night = NOON + timedelta(hours=11)
    assert replace(_ON, when=When.ALWAYS).acts_at(NOON, is_open=True)
    assert not replace(_ON, when=When.CLOSED).acts_at(NOON, is_open=True)
    assert replace(_ON, when=When.CLOSED).acts_at(NOON, is_open=False)
    weekly = replace(_ON, when=When.WEEKLY, weekly=own)
    assert not weekly.acts_at(NOON, is_open=False)
    assert weekly.acts_at(night, is_open=True)
    assert weekly.acts_at(night + timedelta(hours=4), is_open=False)
    assert not replace(_ON, when=When.WEEKLY).acts_at(night, is_open=False)


def test_the_words_of_a_hand_over_follow_the_business_hours() -> None:
    policy = AutoReplyPolicy(hand_over="稍等", hand_over_closed="明早回复")
    assert policy.hand_over_words(is_open=True) == "稍等"
    assert policy.hand_over_words(is_open=False) == "明早回复"
    assert replace(policy, hand_over_closed="").hand_over_words(is_open=False) == "稍等"


@pytest.mark.parametrize(
    "wrong",
    [
        {"groups": {"weather": GroupRule()}},
        {"repeat_limit": 0},
        {"repeat_limit": 21},
        {"merge_seconds": 1.9},
        {"merge_seconds": 4.1},
    ],
)
def test_a_policy_that_cannot_be_is_refused_by_field(wrong: dict[str, object]) -> None:
    with pytest.raises(ValueError, match=next(iter(wrong))):
        AutoReplyPolicy(**wrong)  # type: ignore[arg-type]


def test_a_precision_that_nobody_measured_is_refused() -> None:
    with pytest.raises(ValueError, match="precision"):
        GroupRule(Mode.AUTOMATIC, 0.5)
