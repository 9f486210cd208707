"""What a shop's log says of its groups: only what counts since a person decided, and what dropped by itself."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from bot.domain.auto_rating import Measured, Rating, Sign
from bot.domain.auto_reply import Deed, Reason
from bot.domain.auto_reply_policy import AutoReplyPolicy, GroupRule, Mode
from bot.domain.auto_turn import Decided
from bot.ports import Event
from bot.services.auto_measuring import (
    Demoted,
    Measures,
    demoted_event,
    group_set,
    measure,
    rated_event,
    set_events,
    without,
)

NOW = datetime(2026, 3, 5, 10, 30, tzinfo=UTC)
POLICY = AutoReplyPolicy(
    groups={"stock": GroupRule(Mode.AUTOMATIC, 0.95), "invoice": GroupRule(Mode.SUGGEST, 0.9)}
)


def hours(count: float) -> datetime:
    return NOW + timedelta(hours=count)


def rated(*groups: str, said: float = 0, sign: Sign = Sign.SILENT) -> Event:
    decided = Decided("c-1", 1, hours(said), Deed.REPLY, (Reason.SURE,), 0.97, groups=groups)
    return rated_event(Rating(decided, sign), hours(said + 2), "c")


def test_a_rating_in_the_log_holds_no_words() -> None:
    assert rated("stock", sign=Sign.CORRECTED).data == {
        "decision": "c-1",
        "groups": ["stock"],
        "right": False,
        "sign": "corrected",
        "confidence": 0.97,
        "said_at": NOW.isoformat(),
    }


def test_a_reply_of_two_groups_counts_for_both() -> None:
    found = measure([rated("stock", "shipping"), rated("stock", sign=Sign.UPSET)], [])
    assert found.by_group == {"stock": Measured(2, 1), "shipping": Measured(1, 1)}
    assert found.of("invoice") == Measured()


def test_only_what_was_said_since_a_person_decided_counts_also_when_it_is_judged_later() -> None:
    ratings = [rated("stock", said=3), rated("stock", said=0.9, sign=Sign.UPSET)]
    changes = [group_set("stock", POLICY, hours(1)), group_set("stock", POLICY, hours(0.5))]
    assert measure(ratings, changes).of("stock") == Measured(1, 1, hours(1))


def test_a_group_that_dropped_is_told_of_until_a_person_decides() -> None:
    dropped = demoted_event("stock", Measured(84, 61), 0.95, hours(1))
    assert measure([], [dropped]).demoted == (Demoted("stock", hours(1), 84, 61, 0.95),)
    assert measure([], [group_set("stock", POLICY, hours(2)), dropped]).demoted == ()
    assert len(measure([], [group_set("invoice", POLICY, hours(2)), dropped]).demoted) == 1


def test_only_automatic_groups_fail_and_only_surely() -> None:
    bad, fair = Measured(84, 61), Measured(84, 80)
    assert Measures({"stock": bad, "invoice": bad}).failing(POLICY) == ["stock"]
    assert Measures({"stock": fair}).failing(POLICY) == []
    assert Measures({"stock": bad}).failing(without(POLICY, "stock")) == []


def test_dropping_changes_the_mode_and_nothing_else() -> None:
    assert without(POLICY, "stock").groups == {
        "stock": GroupRule(Mode.SUGGEST, 0.95),
        "invoice": GroupRule(Mode.SUGGEST, 0.9),
    }


def test_the_log_is_told_of_each_group_whose_rule_changed() -> None:
    after = AutoReplyPolicy(
        groups={"stock": GroupRule(Mode.AUTOMATIC, 0.9), "invoice": GroupRule(Mode.SUGGEST, 0.9)}
    )
    events = set_events(POLICY, after, NOW)
    assert [event.data for event in events] == [{"group": "stock", "mode": "automatic", "precision": 0.9}]
