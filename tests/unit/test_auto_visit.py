"""A buyer's visit as software finds it."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from bot.domain.auto_reply import Deed, Reason
from bot.domain.auto_turn import Decided
from bot.domain.auto_visit import VISIT, Visit, visit_of
from bot.domain.conversation import Buyer, Conversation, Message

NOON = datetime(2026, 3, 5, 12, tzinfo=UTC)
_TALK = Conversation("c1", Buyer("b1", "买家", "web"), "open", NOON)


def said(number: int, author: str = "buyer", minutes: float = 0, text: str = "有货吗") -> Message:
    return Message(number, author, text, NOON + timedelta(minutes=minutes))


def decided(
    upto: int, deed: Deed = Deed.REPLY, minutes: float = 0, dialogue: str = "", group: str = "stock"
) -> Decided:
    return Decided(
        f"d{upto}", upto, NOON + timedelta(minutes=minutes), deed, (Reason.SURE,),
        groups=(group,) if group else (), dialogue=dialogue,
    )  # fmt: skip


def visit(messages: list[Message], decisions: list[Decided] | None = None, **fields: datetime) -> Visit:
    return visit_of(replace(_TALK, **fields), messages, decisions or [], messages[-1].at)  # type: ignore[arg-type]


def test_after_two_silent_hours_a_visit_is_new() -> None:
    found = visit(
        [said(1), said(2, minutes=1), said(3, minutes=122), said(4, minutes=123)], [decided(2, minutes=1)]
    )
    assert [each.number for each in found.messages] == [3, 4]
    assert (found.since, found.decisions, found.was_greeted) == (NOON + timedelta(minutes=122), (), False)


def test_who_served_the_buyer_is_there_until_the_visit_ends() -> None:
    assert visit([said(1), said(2, minutes=90)], person_at=NOON).person_present
    assert not visit([said(1), said(2, minutes=121)], person_at=NOON).person_present
    assert visit([said(1), said(2, minutes=121)], person_at=NOON + timedelta(minutes=60)).person_present
    assert visit([said(1), said(2, minutes=90)], handed_at=NOON).is_handed_over
    assert not visit([said(1), said(2, minutes=1)]).person_present


def test_replies_are_counted_since_a_person_last_spoke() -> None:
    own = [said(1), said(2, "agent", 5), said(3, minutes=6), said(4, minutes=7)]
    found = visit(own, [decided(1, minutes=1), decided(3, minutes=6), decided(4, Deed.SILENT, minutes=7)])
    assert (found.replies, found.decided_upto) == (1, 4)


def test_questions_back_are_counted_in_a_row() -> None:
    own = [said(number, minutes=number) for number in range(1, 5)]
    deeds = [Deed.ASK_BACK, Deed.REPLY, Deed.ASK_BACK, Deed.ASK_BACK]
    decisions = [decided(number, deed, number) for number, deed in enumerate(deeds, 1)]
    assert visit(own, decisions).questions_back == 2
    assert visit(own, decisions[:2]).questions_back == 0


def test_what_a_dialogue_asks_on_its_way_is_one_reply() -> None:
    own = [said(number, minutes=number) for number in range(1, 6)]
    forms = ["invoice", "invoice", "invoice", "", ""]
    decisions = [decided(number, Deed.ASK_BACK, number, form) for number, form in enumerate(forms, 1)]
    going_on = visit(own[:3], decisions[:3])
    assert (going_on.replies, going_on.dialogue_turns, going_on.dialogue) == (1, 2, "invoice")
    ended = visit(own, decisions)
    assert (ended.replies, ended.dialogue_turns, ended.dialogue) == (2, 0, "")


def test_a_greeting_alone_is_no_reply_but_it_was_said() -> None:
    found = visit([said(1, minutes=1)], [decided(1, minutes=1, group="")])
    assert (found.replies, found.was_greeted) == (0, True)


def test_a_gap_of_exactly_a_visit_is_none() -> None:
    last = replace(said(2), at=NOON + VISIT)
    assert len(visit([said(1), last]).messages) == 2
