"""The rules of the queue: when the clock runs, who holds what, who gets the next one."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain import queueing
from bot.domain.conversation import Buyer, Conversation, Message
from bot.domain.message_text import UnusableMessage, clean_message
from bot.domain.queueing import Candidate, HeldByAnother, Service
from bot.domain.service_policy import ServicePolicy

NOW = datetime(2026, 3, 5, 2, 0, tzinfo=UTC)
SERVICE = Service(ServicePolicy(target_seconds=120, reassign_seconds=180), ZoneInfo("Asia/Shanghai"))
FRESH = Conversation("c1", Buyer("b1", "买家", "web"), "open", NOW)


def after(seconds: float) -> datetime:
    return NOW + timedelta(seconds=seconds)


def apply(conversation: Conversation, change: dict[str, Any]) -> Conversation:
    fields = {name: value for name, value in change.items() if name != "look_at"}
    return replace(conversation, **fields)


def heard(conversation: Conversation, text: str, seconds: float, image: str = "") -> Conversation:
    message = Message(conversation.last_number + 1, "buyer", text, after(seconds), image=image)
    change = queueing.buyer_spoke(conversation, message, SERVICE)
    return replace(apply(conversation, change), last_number=message.number)


def said(
    conversation: Conversation, seconds: float, later: tuple[Message, ...] = (), account: str = "a1"
) -> Conversation:
    message = Message(conversation.last_number + 1, "agent", "好的亲", after(seconds), account)
    change = queueing.agent_answered(conversation, message, SERVICE, later)
    return replace(apply(conversation, change), last_number=message.number)


def test_the_clock_runs_from_the_first_unanswered_bubble() -> None:
    conversation = heard(heard(heard(FRESH, "在吗", 0), "黑色有货吗", 10), "好的", 20)
    assert conversation.waiting_since == NOW
    assert conversation.due_at == after(120)
    assert conversation.unread == 3


@pytest.mark.parametrize("text", ["好的", "谢谢亲", "嗯嗯", "ok"])
def test_an_acknowledgement_starts_no_clock(text: str) -> None:
    conversation = heard(FRESH, text, 0)
    assert conversation.waiting_since is None
    assert conversation.unread == 1
    assert heard(conversation, "多久到", 5).waiting_since == after(5)


def test_a_picture_wants_an_answer() -> None:
    conversation = heard(FRESH, "", 0, image="i1")
    assert conversation.waiting_since == NOW
    assert conversation.last_text == "[图片]"


def test_an_answer_stops_the_clock_and_takes_what_nobody_holds() -> None:
    conversation = said(heard(FRESH, "在吗", 0), 30)
    assert (conversation.waiting_since, conversation.due_at, conversation.unread) == (None, None, 0)
    assert (conversation.assignee, conversation.taken_at) == ("a1", after(30))


def test_an_answer_to_older_bubbles_lets_the_clock_run_from_the_first_newer_one() -> None:
    waiting = heard(heard(FRESH, "在吗", 0), "多久发货", 25)
    later = (
        Message(2, "buyer", "好的", after(20)),
        Message(3, "buyer", "多久发货", after(25)),
        Message(4, "buyer", "人呢", after(26)),
    )
    conversation = said(waiting, 30, later)
    assert conversation.waiting_since == after(25)
    assert conversation.due_at == after(145)
    assert conversation.unread == 3


def test_bubbles_that_were_answered_meanwhile_start_no_clock_again() -> None:
    waiting = heard(said(heard(FRESH, "在吗", 0), 5), "几天到", 20)
    later = (Message(2, "buyer", "多久发货", after(3)), Message(4, "buyer", "几天到", after(20)))
    assert said(waiting, 30, later).waiting_since == after(20)


def test_a_holding_text_does_not_stop_the_clock_and_an_automatic_answer_does() -> None:
    waiting = heard(FRESH, "在吗", 0)
    message = Message(2, "auto", "请稍等", after(5))
    held = apply(waiting, queueing.automaton_spoke(waiting, message, SERVICE, answers=False))
    assert (held.waiting_since, held.last_author) == (NOW, "auto")
    answered = apply(waiting, queueing.automaton_spoke(waiting, message, SERVICE, answers=True))
    assert answered.waiting_since is None


def test_a_buyer_who_writes_wakes_what_was_put_aside() -> None:
    aside = apply(FRESH, queueing.put_aside(FRESH, "a1", after(900), SERVICE))
    assert (aside.state, aside.snoozed_until, aside.assignee) == ("snoozed", after(900), "a1")
    assert queueing.next_look(aside, SERVICE.policy, NOW) == after(900)
    conversation = heard(aside, "在吗", 10)
    assert (conversation.state, conversation.snoozed_until) == ("open", None)
    assert queueing.woken(FRESH, SERVICE, NOW) == {}


def test_closing_ends_the_wait_and_reopening_begins_none() -> None:
    conversation = apply(heard(FRESH, "在吗", 0), queueing.closed(FRESH, after(60)))
    assert (conversation.state, conversation.waiting_since, conversation.unread) == ("closed", None, 0)
    assert queueing.closed(conversation, after(70)) == {}
    again = apply(conversation, queueing.reopened(conversation))
    assert (again.state, again.closed_at, again.waiting_since) == ("open", None, None)


def test_who_holds_a_conversation_keeps_others_out() -> None:
    held = apply(FRESH, queueing.taken(FRESH, "a1", SERVICE, NOW))
    queueing.require_free(held, "a1")
    with pytest.raises(HeldByAnother) as refused:
        queueing.require_free(held, "a2")
    assert refused.value.account == "a1"
    assert queueing.taken(held, "a1", SERVICE, after(5)) == {}
    assert apply(held, queueing.given_back(held, SERVICE, NOW)).assignee == ""
    assert queueing.given_back(FRESH, SERVICE, NOW) == {}


def test_a_waiting_conversation_is_looked_at_now_or_when_its_agent_has_had_time() -> None:
    waiting = heard(FRESH, "在吗", 0)
    assert queueing.next_look(waiting, SERVICE.policy, after(1)) == after(1)
    held = replace(waiting, assignee="a1", taken_at=after(10))
    assert queueing.next_look(held, SERVICE.policy, after(20)) == after(190)
    assert queueing.next_look(waiting, replace(SERVICE.policy, distributes=False), NOW) is None
    assert queueing.next_look(FRESH, SERVICE.policy, NOW) is None
    assert queueing.reassign_at(FRESH, SERVICE.policy) is None


def test_nobody_free_is_asked_for_again_more_and_more_seldom() -> None:
    waiting = heard(FRESH, "在吗", 0)
    pauses = [queueing.retry_at(waiting, after(s)) - after(s) for s in (0, 40, 4000)]
    assert [pause.total_seconds() for pause in pauses] == [5, 10, 30]


def test_the_one_with_the_most_room_is_chosen_and_of_equals_the_one_who_waits_longest() -> None:
    chosen = queueing.choose(
        [Candidate("a1", 3, 8), Candidate("a2", 1, 2), Candidate("a3", 3, 8, NOW), Candidate("a4", 9, 8)]
    )
    assert chosen == "a1"
    assert queueing.choose([Candidate("a1", 0, 8, NOW), Candidate("a2", 0, 8)]) == "a2"
    assert queueing.choose([Candidate("a1", 2, 2), Candidate("a2", 0, 0)]) == ""
    assert queueing.choose([]) == ""


def test_the_queue_shows_one_short_line() -> None:
    assert queueing.shown("一\n二  三") == "一 二 三"
    assert len(queueing.shown("长" * 500)) == 120


bubbles = st.lists(
    st.tuples(st.sampled_from(["ask", "ack", "auto", "agent"]), st.integers(1, 300)), max_size=25
)


@given(bubbles)
def test_whatever_is_said_the_clock_shows_the_first_question_since_the_last_answer(
    spoken: list[tuple[str, int]],
) -> None:
    conversation, at, expected = FRESH, 0, None
    for who, pause in spoken:
        at += pause
        if who == "agent":
            conversation, expected = said(conversation, at), None
        elif who == "auto":
            message = Message(conversation.last_number + 1, "auto", "稍等", after(at))
            change = queueing.automaton_spoke(conversation, message, SERVICE, answers=False)
            conversation = replace(apply(conversation, change), last_number=message.number)
        else:
            conversation = heard(conversation, "多久发货" if who == "ask" else "好的", at)
            expected = expected or (after(at) if who == "ask" else None)
        assert conversation.waiting_since == expected
        assert (conversation.due_at is None) == (expected is None)


@given(
    st.lists(
        st.builds(
            Candidate,
            st.uuids().map(str),
            st.integers(0, 12),
            st.integers(0, 10),
            st.none() | st.datetimes(timezones=st.just(UTC), min_value=datetime(2000, 1, 1)),
        )
    )
)
def test_nobody_is_ever_given_more_than_fits(candidates: list[Candidate]) -> None:
    chosen = queueing.choose(candidates)
    free = [each for each in candidates if each.load < each.capacity]
    assert (chosen == "") == (not free)
    if chosen:
        burden = {each.account: each.load / each.capacity for each in free}
        assert burden[chosen] == min(burden.values())


def test_what_deceives_is_taken_out_of_a_message_and_the_rest_is_left() -> None:
    assert (
        clean_message(" 价格\u202e001\u2066元\0\r\n第二行\t👩‍👩‍👧 <b>粗</b>\ud800 ")
        == "价格001元\n第二行\t👩‍👩‍👧 <b>粗</b>"
    )
    assert clean_message("", image="i1") == ""
    for unusable in ("", " \u202e\n", "长" * 4001):
        with pytest.raises(UnusableMessage):
            clean_message(unusable)


@given(st.text(max_size=200))
def test_a_cleaned_message_is_clean(text: str) -> None:
    try:
        kept = clean_message(text)
    except UnusableMessage:
        return
    assert clean_message(kept) == kept
    kept.encode()
    assert "\0" not in kept


def asked(conversation: Conversation, seconds: float, *, urgent: bool = False) -> Conversation:
    change = queueing.asked_for_person(conversation, SERVICE, after(seconds), "unsure", urgent=urgent)
    return apply(conversation, change)


def test_who_waits_for_a_person_keeps_his_place_and_an_urgent_one_goes_first() -> None:
    waiting = heard(FRESH, "怎么还没到", 0)
    handed = asked(waiting, 5)
    assert (handed.waiting_since, handed.due_at) == (NOW, after(120))
    assert (handed.handed_at, handed.hand_over, handed.urgent) == (after(5), "unsure", False)
    assert asked(waiting, 5, urgent=True).due_at == after(5)
    # One whose time has run out long ago is not put behind for being urgent.
    assert asked(waiting, 500, urgent=True).due_at == after(120)


def test_a_hand_over_starts_the_clock_of_who_was_answered_already() -> None:
    handed = asked(FRESH, 5)
    assert (handed.waiting_since, handed.due_at) == (after(5), after(125))


def test_a_persons_answer_ends_the_hand_over_and_he_has_it_in_hand() -> None:
    answered = said(asked(heard(FRESH, "在吗", 0), 5, urgent=True), 60)
    assert (answered.handed_at, answered.hand_over, answered.urgent) == (None, "", False)
    assert answered.person_at == after(60)


def test_a_person_is_written_down_once_in_a_while() -> None:
    there = apply(FRESH, queueing.person_came(FRESH, NOW))
    assert there.person_at == NOW
    assert queueing.person_came(there, after(599)) == {}
    assert queueing.person_came(there, after(601)) == {"person_at": after(601)}
    # The clock was set back.
    assert queueing.person_came(there, after(-60)) == {"person_at": after(-60)}


def test_what_is_given_back_closed_or_opened_anew_is_nobodys() -> None:
    handed = apply(asked(heard(FRESH, "在吗", 0), 5), {"person_at": after(6)})
    for change in (
        queueing.given_to_software(handed),
        queueing.closed(handed, after(9)),
        queueing.reopened(replace(handed, state="closed")),
    ):
        left = apply(handed, change)
        assert (left.person_at, left.handed_at, left.hand_over, left.urgent) == (None, None, "", False)
    assert queueing.given_to_software(FRESH) == {}


def test_software_that_answers_stops_no_clock_of_who_was_promised_a_person() -> None:
    message = Message(2, "auto", "有货的", after(9))
    waiting = heard(FRESH, "有货吗", 0)
    stopped = apply(waiting, queueing.automaton_spoke(waiting, message, SERVICE, answers=True))
    assert stopped.waiting_since is None
    handed = asked(waiting, 5)
    assert (
        apply(handed, queueing.automaton_spoke(handed, message, SERVICE, answers=True)).waiting_since == NOW
    )
