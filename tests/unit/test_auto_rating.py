"""Each sign of how an automatic reply turned out, and when a group is surely below its target."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.auto_rating import Measured, Sign, is_same_question, rate
from bot.domain.auto_reply import Deed, Reason
from bot.domain.auto_turn import Decided
from bot.domain.conversation import Message
from bot.domain.thresholds import FEWEST_CASES

NOW = datetime(2026, 3, 5, 10, 30, tzinfo=UTC)
END = NOW + timedelta(days=1)
QUESTION = "今天拍什么时候能发货"
ENTRY = (("ship-when", 1, 0.97),)
Line = tuple[str, str] | tuple[str, str, float]


def minutes(count: float) -> datetime:
    return NOW + timedelta(minutes=count)


def decided(upto: int, at: float, deed: Deed = Deed.REPLY, *reasons: Reason, **fields: object) -> Decided:
    return Decided(
        f"c-{upto}",
        upto,
        minutes(at),
        deed,
        reasons or (Reason.SURE,),
        fields.get("confidence", 0.97),  # type: ignore[arg-type]
        groups=("shipping",),
        entries=fields.get("entries", ENTRY),  # type: ignore[arg-type]
    )


def said(*lines: Line) -> list[Message]:
    """Return what was said a minute apart, or when the line says; "auto" answers the bubble before it."""
    messages = []
    for number, (author, text, *at) in enumerate(lines, start=1):
        key = f"auto-c-{number - 1}-1" if author == "auto" else f"k{number}"
        messages.append(Message(number, author, text, minutes(at[0] if at else number), key=key))
    return messages


ASKED: tuple[Line, Line] = (("buyer", QUESTION), ("auto", "48小时内发出"))


def sign(*later: Line, decisions: tuple[Decided, ...] = (), first: Decided | None = None) -> Sign:
    """Return the sign of an answer to QUESTION after which that was said."""
    all_decisions = [first or decided(1, 1.5), *decisions]
    return rate(said(*ASKED, *later), all_decisions, NOW, END)[0].sign


def test_the_same_words_again_say_that_it_was_wrong() -> None:
    assert sign(("buyer", "哦"), ("buyer", "今天拍什么时候可以发货呢？")) is Sign.ASKED_AGAIN


def test_what_would_have_been_said_a_second_time_was_asked_a_second_time() -> None:
    again = decided(3, 4, Deed.HAND_OVER, Reason.SAID_BEFORE)
    assert sign(("buyer", "那究竟哪天走"), decisions=(again,)) is Sign.ASKED_AGAIN
    elsewhere = decided(3, 4, Deed.HAND_OVER, Reason.SAID_BEFORE, entries=(("other", 1, 0.9),))
    assert sign(("buyer", "那究竟哪天走"), decisions=(elsewhere,)) is Sign.WENT_ON


def test_the_same_words_after_the_visit_say_nothing() -> None:
    assert sign(("buyer", QUESTION, 125)) is Sign.SILENT


def test_what_a_dialogue_was_answered_may_be_said_again() -> None:
    in_dialogue = decided(1, 1.5, confidence=None)
    assert sign(("buyer", QUESTION), first=in_dialogue) is Sign.WENT_ON


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("转人工", Sign.ASKED_FOR_PERSON),
        ("什么态度，我要投诉", Sign.UPSET),
        ("好的谢谢", Sign.ACKNOWLEDGED),
        ("那件黑色的还有吗", Sign.WENT_ON),
    ],
)
def test_the_next_thing_the_buyer_says_tells(text: str, expected: Sign) -> None:
    assert sign(("buyer", text)) is expected


def test_reasons_of_the_next_decision_tell_as_words_do() -> None:
    for reason, expected in ((Reason.ASKED_FOR_PERSON, Sign.ASKED_FOR_PERSON), (Reason.UPSET, Sign.UPSET)):
        next_one = decided(3, 4, Deed.HAND_OVER, reason, entries=())
        assert sign(("buyer", "唉"), decisions=(next_one,)) is expected


def test_a_call_for_a_person_is_laid_to_the_last_answer_alone() -> None:
    messages = said(*ASKED, ("buyer", "包邮吗"), ("auto", "满88包邮"), ("buyer", "转人工"))
    found = rate(messages, [decided(1, 1.5), decided(3, 3.5, entries=(("post", 1, 0.9),))], NOW, END)
    assert [each.sign for each in found] == [Sign.WENT_ON, Sign.ASKED_FOR_PERSON]


def test_a_person_who_says_something_else_first_corrects_it() -> None:
    assert sign(("agent", "不好意思，这款要到周五")) is Sign.CORRECTED
    assert sign(("system", "客服加入"), ("agent", "这款要到周五")) is Sign.CORRECTED


def test_a_person_who_says_the_same_or_only_greets_corrects_nothing() -> None:
    assert sign(("agent", "48小时内发出哦。")) is Sign.SILENT
    assert sign(("agent", "您好"), ("buyer", "好的")) is Sign.ACKNOWLEDGED


def test_a_person_who_answers_the_repeated_question_otherwise_corrects_it() -> None:
    assert sign(("buyer", QUESTION), ("agent", "这款是预售，周五发")) is Sign.CORRECTED


def test_a_buyer_who_says_nothing_more_is_taken_as_content() -> None:
    assert sign() is Sign.SILENT
    assert Sign.SILENT.is_right
    assert not Sign.CORRECTED.is_right


def test_what_never_reached_the_buyer_is_not_rated() -> None:
    assert rate(said(("buyer", QUESTION)), [decided(1, 1.5)], NOW, END) == []


def test_only_what_was_decided_in_that_time_is_rated() -> None:
    messages, decisions = said(*ASKED), [decided(1, 1.5)]
    assert rate(messages, decisions, minutes(2), END) == []
    assert rate(messages, decisions, NOW, minutes(1.5)) == []
    assert len(rate(messages, decisions, minutes(1.5), minutes(1.6))) == 1


def test_hand_overs_and_greetings_are_not_rated() -> None:
    messages = said(*ASKED)
    assert rate(messages, [decided(1, 1.5, Deed.HAND_OVER, Reason.UNSURE)], NOW, END) == []


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("有货吗", "有货吗？？", True),
        ("亲，请问包邮吗", "包邮不", False),
        ("今天拍几号能发货呀", "今天拍几号可以发货", True),
        ("黑色有吗", "白色有吗", False),
        ("这件衣服42码现在还有吗", "这件衣服43码现在还有吗", False),
        ("好的", "好的", False),
        ("", "", False),
    ],
)
def test_the_same_question_is_nearly_the_same_words(one: str, other: str, same: bool) -> None:
    assert is_same_question(one, other) is same
    assert is_same_question(other, one) is same


@given(cases=st.integers(0, FEWEST_CASES - 1), right=st.integers(0, FEWEST_CASES), target=st.floats(0.5, 1))
def test_too_few_cases_are_never_surely_below(cases: int, right: int, target: float) -> None:
    assert not Measured(cases, min(right, cases)).is_surely_below(target)


@given(cases=st.integers(0, 2000), missed=st.integers(0, 2000), target=st.sampled_from((0.9, 0.95, 0.98)))
def test_a_group_that_is_as_good_as_it_has_to_be_is_never_surely_below(
    cases: int, missed: int, target: float
) -> None:
    measured = Measured(cases, max(cases - missed, 0))
    if measured.right >= target * cases or measured.bounds[1] >= target:
        assert not measured.is_surely_below(target)


def test_sixty_cases_far_below_are_surely_below() -> None:
    assert Measured(60, 45).is_surely_below(0.95)
    assert not Measured(60, 54).is_surely_below(0.95)
    assert Measured(600, 540).is_surely_below(0.95)
