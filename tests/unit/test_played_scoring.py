"""What came of a played conversation is held against what had to come of it."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from benchmarks.played_packs import PlayedConversation, Turn
from benchmarks.played_scoring import PlayedTurn, Verdict, foreign_words, judge, share_of

WORDS = ("有货", "没货", "中通", "顺丰", "48小时")
DEEDS = ("reply", "ask_back", "hand_over", "silent")


def asked(*turns: Turn, person_by: int | None = None) -> PlayedConversation:
    return PlayedConversation("shop", "c-1", "any", "", "", turns, person_by)


def turn(*expect: str, has: tuple[tuple[str, ...], ...] = (), lacks: tuple[str, ...] = ()) -> Turn:
    return Turn(("在吗",), frozenset(expect), has, lacks)


def reply(*bubbles: str, said: str = "在吗") -> PlayedTurn:
    return PlayedTurn("reply", bubbles, (said,))


IN_STOCK = turn("reply", has=(("有货", "现货"),), lacks=("没货",))
PERSON = PlayedTurn("hand_over", ("马上转给同事",))
SILENT = PlayedTurn("silent")


def test_a_conversation_is_finished_when_every_turn_went_as_expected() -> None:
    verdict = judge(asked(IN_STOCK, turn("silent")), [reply("黑色L有货的"), SILENT])
    assert verdict.finished_rightly
    assert not verdict.wrong
    assert not verdict.handed_over_needlessly
    assert not verdict.handed_over_when_due


@pytest.mark.parametrize("text", ["稍等哦", "没货了，明天有货"])
def test_an_answer_without_its_words_or_with_forbidden_ones_is_wrong(text: str) -> None:
    verdict = judge(asked(IN_STOCK), [reply(text)])
    assert verdict.wrong
    assert not verdict.finished_rightly


def test_words_may_stand_in_different_bubbles_of_a_turn() -> None:
    both = turn("reply", has=(("有货",), ("中通",)))
    assert judge(asked(both), [reply("有货的", "发中通")]).finished_rightly
    assert judge(asked(both), [reply("有货的")]).wrong


def test_another_shops_facts_are_wrong_unless_the_buyer_named_them() -> None:
    conversation = asked(turn("reply"))
    assert judge(conversation, [reply("我们发顺丰")], ["顺丰"]).wrong
    assert judge(conversation, [reply("顺丰发不了哦", said="能发顺丰吗")], ["顺丰"]).finished_rightly


def test_answering_where_a_person_was_due_is_wrong() -> None:
    verdict = judge(asked(turn("hand_over"), person_by=1), [reply("亲，已经帮您催了")])
    assert verdict.wrong
    assert not verdict.handed_over_when_due


def test_a_person_asked_for_earlier_than_needed_is_in_time_and_later_is_not() -> None:
    conversation = asked(turn("reply", "hand_over"), turn("hand_over"), turn("hand_over"), person_by=2)
    assert judge(conversation, [PERSON, SILENT, SILENT]).handed_over_when_due
    assert judge(conversation, [reply("在"), PERSON, SILENT]).handed_over_when_due
    late = judge(conversation, [reply("在"), SILENT, PERSON])
    assert not late.handed_over_when_due


def test_a_person_nobody_needed_leaves_it_unfinished_but_not_wrong() -> None:
    verdict = judge(asked(turn("reply", "hand_over")), [PERSON])
    assert verdict.handed_over_needlessly
    assert not verdict.wrong
    assert not verdict.finished_rightly


def test_speaking_after_a_person_was_asked_for_is_wrong() -> None:
    conversation = asked(turn("hand_over"), turn("silent"), person_by=1)
    assert judge(conversation, [PERSON, PlayedTurn("silent", ("发中通哦",))]).wrong


def test_asking_back_or_silence_where_an_answer_was_wanted_is_not_finished_and_not_wrong() -> None:
    for got in (PlayedTurn("ask_back", ("哪一款呀？",)), SILENT):
        verdict = judge(asked(IN_STOCK), [got])
        assert not verdict.finished_rightly
        assert not verdict.wrong
        assert verdict.off


def test_a_question_that_says_all_that_was_wanted_is_an_answer() -> None:
    assert judge(asked(IN_STOCK), [PlayedTurn("ask_back", ("有货的，还要别的吗？",))]).finished_rightly


def test_answering_what_had_to_be_asked_about_is_wrong() -> None:
    conversation = asked(turn("ask_back"))
    assert judge(conversation, [reply("黑色L有货")]).wrong
    assert judge(conversation, [reply("您看的是哪一款？")]).finished_rightly


def test_an_answer_to_thanks_is_needless_but_not_wrong() -> None:
    verdict = judge(asked(turn("silent")), [reply("不客气")])
    assert not verdict.wrong
    assert not verdict.finished_rightly


def test_a_conversation_that_was_not_played_to_its_end_is_unfinished() -> None:
    assert not judge(asked(IN_STOCK, IN_STOCK), [reply("有货")]).finished_rightly


def test_shares_are_of_all_but_the_one_of_those_due() -> None:
    good = judge(asked(IN_STOCK), [reply("有货")])
    bad = judge(asked(IN_STOCK), [reply("没货")])
    due = judge(asked(turn("hand_over"), person_by=1), [PERSON])
    needless = judge(asked(IN_STOCK), [PERSON])
    shares = share_of([good, bad, due, needless])
    assert json.loads(shares.as_json()) == {
        "conversations": 4, "finished_rightly": 0.25, "wrong": 0.25, "handed_over_when_due": 1.0,
        "handed_over_needlessly": 0.25,
    }  # fmt: skip


def test_without_conversations_nothing_was_missed() -> None:
    assert share_of([]).handed_over_when_due == 1.0
    assert share_of([]).finished_rightly == 0.0


def test_what_two_shops_share_tells_neither() -> None:
    found = foreign_words(
        {"a": ["云朵", "7天"], "b": ["云上", "15天"]}, {"a": "云朵 7天 15天", "b": "云上 15天"}
    )
    assert found == {"a": ("云上",), "b": ("7天", "云朵")}


groups = st.lists(st.lists(st.sampled_from(WORDS), min_size=1, max_size=3).map(tuple), max_size=2).map(tuple)
turns = st.builds(
    Turn,
    say=st.just(("在吗",)),
    expect=st.frozensets(st.sampled_from(DEEDS), min_size=1),
    has=groups,
    lacks=st.lists(st.sampled_from(WORDS), max_size=2).map(tuple),
)
played = st.builds(
    PlayedTurn,
    deed=st.sampled_from(DEEDS),
    bubbles=st.lists(st.sampled_from(WORDS), max_size=3).map(tuple),
    said=st.just(("在吗",)),
)


@st.composite
def verdicts(draw: st.DrawFn) -> Verdict:
    asked_turns = tuple(draw(st.lists(turns, min_size=1, max_size=4)))
    by = draw(st.none() | st.integers(1, len(asked_turns)))
    conversation = replace(asked(*asked_turns), person_by=by)
    got = draw(st.lists(played, max_size=4))
    return judge(conversation, got, draw(st.lists(st.sampled_from(WORDS), max_size=2)))


@given(verdicts())
def test_no_conversation_is_finished_and_wrong_or_handed_over(verdict: Verdict) -> None:
    assert not (verdict.finished_rightly and (verdict.wrong or verdict.is_due or verdict.handed_over_at))
    assert not (verdict.handed_over_when_due and verdict.handed_over_needlessly)


@given(st.lists(verdicts(), max_size=12))
def test_shares_are_shares_whatever_the_order(found: list[Verdict]) -> None:
    shares = share_of(found)
    assert shares == share_of(found[::-1])
    for value in (
        shares.finished_rightly,
        shares.wrong,
        shares.handed_over_when_due,
        shares.handed_over_needlessly,
    ):
        assert 0 <= value <= 1
    assert shares.finished_rightly + shares.handed_over_needlessly <= 1.0001


@given(turns, played)
def test_a_word_that_must_not_stand_is_always_wrong(expected: Turn, got: PlayedTurn) -> None:
    forbidden = replace(expected, lacks=(*expected.lacks, "别家的话"))
    said = replace(got, bubbles=(*got.bubbles, "这是别家的话"))
    assert judge(asked(forbidden), [said]).wrong
