"""What a decided turn leaves behind."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from bot.domain.auto_reply import Decision, Deed, Heard, Offer, Reason
from bot.domain.auto_reply_policy import AutoReplyPolicy
from bot.domain.auto_turn import Decided, Finished
from bot.domain.conversation import Buyer, Conversation, Message
from bot.domain.suggestion import FactUsed
from bot.ports.auto_turns import TurnRead
from bot.ports.dialogue import DialogueTurn
from bot.services.auto_composing import Made, compose_turn, typing_seconds, wording
from bot.services.auto_gathering import Gathered, gather
from bot.services.auto_merging import Answer, Bubble

NOON = datetime(2026, 3, 5, 12, tzinfo=UTC)
_POLICY = AutoReplyPolicy(
    is_on=True, greeting="您好，我是小店助手", hand_over="马上转人工", hand_over_closed="上班后回复您"
)
_FACT = FactUsed("stock", "3", "sheet", NOON.isoformat(), stale=False)
_HEARD = Heard(Offer(frozenset({"stock"}), 0.98))


def gathered(*decisions: Decided) -> Gathered:
    talk = Conversation("c1", Buyer("b1", "买家", "web"), "open", NOON, waiting_since=NOON, last_number=3)
    messages = [
        Message(1, "buyer", "在吗", NOON), Message(2, "auto", "在的", NOON), Message(3, "buyer", "有货吗", NOON),
    ]  # fmt: skip
    return gather(TurnRead(talk, messages, decisions, (), ()), NOON)


def composed(
    deed: Deed = Deed.REPLY,
    *texts: str,
    speaks: bool = True,
    of: Gathered | None = None,
    turn: DialogueTurn | None = None,
    is_open: bool = True,
    heard: Heard = _HEARD,
) -> Finished:
    answer = Answer(
        heard,
        tuple(Bubble(each) for each in texts),
        (("e1", 2, 0.98),),
        (_FACT,),
        turn.active if turn else "",
    )
    made = Made(Decision(deed, (Reason.SURE,), 0.9), answer, speaks, NOON, is_open)
    return compose_turn(of or gathered(), made, _POLICY, turn)


def test_the_first_reply_of_a_visit_is_greeted_and_the_last_bubble_answers() -> None:
    done = composed(Deed.REPLY, "有货", "今天发")
    assert [each.text for each in done.messages] == ["您好，我是小店助手", "有货", "今天发"]
    assert [each.answers for each in done.messages] == [None, None, 3]
    assert len({each.key for each in done.messages}) == 3
    assert [each.position for each in done.messages] == [300, 301, 302]
    assert (done.hand_over, done.decided.id, done.decided.confidence) == (None, "c1-3", 0.98)


def test_who_was_greeted_is_not_greeted_again() -> None:
    before = Decided("d", 1, NOON, Deed.REPLY, (Reason.SURE,), groups=("stock",))
    assert [each.text for each in composed(Deed.REPLY, "有货", of=gathered(before)).messages] == ["有货"]


def test_a_greeting_alone_answers_and_is_not_greeted() -> None:
    greeting = Heard(Offer(frozenset(), 1.0, is_greeting=True))
    done = composed(Deed.REPLY, "您好，我是小店助手", heard=greeting)
    assert [(each.text, each.answers) for each in done.messages] == [("您好，我是小店助手", 3)]


def test_bubbles_take_the_time_that_typing_takes() -> None:
    done = composed(Deed.REPLY, "有", "货" * 30, "好" * 400)
    due = [(each.due_at - NOON).total_seconds() for each in done.messages]
    assert due == [0.6, 1.2, 2.7, 5.7]
    assert all(each.expires_at - each.due_at == timedelta(minutes=2) for each in done.messages)
    assert (typing_seconds(""), typing_seconds("字" * 20), typing_seconds("字" * 999)) == (0.6, 1.0, 3.0)


def test_a_hand_over_tells_the_buyer_and_sums_up_for_the_person() -> None:
    done = composed(Deed.HAND_OVER, speaks=False, turn=DialogueTurn(urgent=True, open=("税号",)))
    assert [(each.text, each.answers) for each in done.messages] == [("马上转人工", None)]
    assert composed(Deed.HAND_OVER, speaks=False, is_open=False).messages[0].text == "上班后回复您"
    assert done.hand_over is not None
    assert (done.hand_over.urgent, done.hand_over.open, done.hand_over.mood) == (True, ("税号",), "calm")
    assert (done.hand_over.asked, done.hand_over.answered, done.events) == ((1, 3), (2,), ())


def test_the_summary_knows_the_facts_that_were_told() -> None:
    before = Decided("d", 1, NOON, Deed.REPLY, (Reason.SURE,), facts=(_FACT,))
    done = composed(Deed.HAND_OVER, speaks=False, of=gathered(before), heard=replace(_HEARD, is_upset=True))
    assert done.hand_over is not None
    assert (done.hand_over.facts, done.hand_over.mood, done.hand_over.urgent) == ((_FACT,), "upset", True)


def test_a_dialogues_last_word_is_said_before_the_hand_over_and_stops_no_clock() -> None:
    done = composed(Deed.HAND_OVER, "订单晚了，很抱歉", turn=DialogueTurn(hand_over="late_order"))
    assert [each.text for each in done.messages] == ["您好，我是小店助手", "订单晚了，很抱歉", "马上转人工"]
    assert {each.answers for each in done.messages} == {None}


def test_a_dialogue_goes_on_only_where_it_spoke() -> None:
    turn = DialogueTurn(active="form", events=({"event": "slot"},))
    spoke = composed(Deed.ASK_BACK, "抬头是？", turn=turn)
    assert (spoke.events, spoke.decided.dialogue) == (turn.events, "form")
    before = Decided("d", 1, NOON, Deed.ASK_BACK, (Reason.SURE,), groups=("stock",), dialogue="form")
    silent = composed(Deed.SILENT, speaks=False, turn=turn, of=gathered(before))
    assert (silent.messages, silent.events, silent.decided.dialogue) == ((), None, "form")
    assert composed(Deed.SILENT, speaks=False).events == ()
    handed = composed(Deed.HAND_OVER, speaks=False, turn=turn)
    assert (handed.events, handed.decided.dialogue) == ((), "")


def test_of_several_wordings_each_conversation_gets_its_own_always_the_same() -> None:
    words = "您好\n\n你好呀\n欢迎光临"
    chosen = {wording(words, f"c{number}") for number in range(40)}
    assert chosen == {"您好", "你好呀", "欢迎光临"}
    assert wording(words, "c1") == wording(words, "c1")
    assert wording(" \n", "c1") == ""
