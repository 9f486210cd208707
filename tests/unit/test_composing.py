"""Which questions a message consists of, and which replies answer all of them."""

from __future__ import annotations

from dataclasses import replace

import pytest

from bot.domain.entry import Entry
from bot.domain.intents import INTENT_GROUP, IntentScore
from bot.services.composing import (
    Candidate,
    Composed,
    Reading,
    compose,
    divide,
    is_guessed,
    is_one_question,
    joins_to_read,
    leans_on_context,
    leaves_open,
    mix,
    questions_among,
    say_together,
    stands_first,
)
from bot.services.filling import FilledReply

SMALL_TALK = (IntentScore("chitchat", "other", 0.9),)


def answer(name: str, confidence: float, intent: str | None = None, *, alone: bool = True) -> Candidate:
    entry = Entry(name, "shipping", name, f"reply {name}", intent=intent)
    return Candidate(entry, confidence, FilledReply(f"reply {name}", "", ()), confidence, alone)


def reading(text: str, *answers: Candidate, intents: tuple[IntentScore, ...] = ()) -> Reading:
    return Reading(text, intents, answers)


FEE = reading("邮费多少", answer("fee", 0.9), answer("free", 0.06))
WHEN = reading("几天发货", answer("when", 0.8), answer("today", 0.15))
QUIET = reading("天气真好", intents=SMALL_TALK)


def names(composed: Composed) -> list[str]:
    return [each.entry.id for each in composed.answers]


def test_the_reply_to_all_questions_keeps_their_order_and_is_as_likely_as_all_of_them_together() -> None:
    best = compose([WHEN, FEE])[0]
    assert names(best) == ["when", "fee"]
    assert best.confidence == pytest.approx(0.72)


def test_the_next_reply_to_all_changes_the_answer_that_is_least_sure() -> None:
    assert [names(each) for each in compose([FEE, WHEN])] == [["fee", "when"], ["fee", "today"]]


def test_one_question_needs_no_composed_reply() -> None:
    assert compose([FEE]) == []
    assert compose([]) == []


def test_no_composed_reply_says_one_thing_twice() -> None:
    other = reading("多久发", answer("late", 0.5), answer("fee", 0.4))
    assert [names(each) for each in compose([FEE, other])][1] != ["fee", "fee"]


def test_a_statement_beside_a_question_makes_the_reply_to_both_less_sure() -> None:
    said = reading("东西已经寄走", answer("sent", 0.9))
    assert compose([said, FEE])[0].confidence < 0.9 * 0.9


def test_what_says_nothing_is_no_question_and_a_statement_is_one_only_when_its_answer_is_sure() -> None:
    vague = reading("东西已经寄走", answer("sent", 0.5))
    sure = reading("东西已经寄走", answer("sent", 0.7))
    assert questions_among([QUIET, vague, FEE]) == [FEE]
    assert questions_among([sure, FEE]) == [sure, FEE]
    assert questions_among([reading("怎么回事")]) == []


def test_a_question_asked_twice_counts_once() -> None:
    again = reading("运费几块", answer("fee", 0.7))
    assert questions_among([FEE, again]) == [FEE]


def test_two_entries_of_one_intent_are_one_question_only_when_each_piece_fits_both() -> None:
    first = reading("有什么券", answer("coupon", 0.9, "coupon"))
    second = reading("有什么活动", answer("promotion", 0.8, "coupon"))
    assert questions_among([first, second]) == [first, second]
    vague = reading("有啥优惠", answer("promotion", 0.5, "coupon"), answer("coupon", 0.4, "coupon"))
    either = reading("能优惠吗", answer("coupon", 0.5, "coupon"), answer("promotion", 0.4, "coupon"))
    assert questions_among([vague, either]) == [vague]


def test_only_neighbours_of_what_is_not_understood_are_read_together() -> None:
    unclear = reading("我在广州这边", answer("region", 0.2))
    assert joins_to_read([FEE, WHEN, FEE]) == []
    assert joins_to_read([unclear, WHEN, FEE]) == [(0, 2)]
    assert joins_to_read([FEE, unclear, WHEN]) == [(0, 2), (1, 3)]
    assert joins_to_read([FEE, QUIET, WHEN]) == []


def test_a_few_words_that_could_mean_much_are_read_with_their_neighbours() -> None:
    assert joins_to_read([FEE, reading("怎么弄", answer("when", 0.5)), WHEN]) == [(0, 2), (1, 3)]


def test_a_message_is_cut_where_it_is_understood_best() -> None:
    unclear = reading("我在广州这边", answer("region", 0.2))
    together = reading("我在广州这边几天发货", answer("when", 0.95))
    assert divide([unclear, WHEN, FEE], {(0, 2): together}) == [together, FEE]
    worse = reading("我在广州这边几天发货", answer("when", 0.3))
    assert divide([unclear, WHEN, FEE], {(0, 2): worse}) == [unclear, WHEN, FEE]
    assert divide([], {}) == []


def test_the_reply_to_all_stands_first_when_every_answer_is_sure() -> None:
    whole = reading("邮费多少几天发货", answer("fee", 0.99))
    assert stands_first(compose([FEE, WHEN])[0], whole)
    unsure = reading("几天发货", answer("when", 0.3))
    assert not stands_first(compose([FEE, unsure])[0], whole)
    assert not stands_first(compose([FEE, unsure])[0], reading("邮费多少几天发货"))


def test_a_reply_leaves_open_what_it_does_not_answer_unless_nothing_is_asked_there() -> None:
    assert leaves_open([FEE, WHEN], FEE.candidates[:1])
    assert not leaves_open([FEE, WHEN], [FEE.candidates[0], WHEN.candidates[0]])
    assert not leaves_open([FEE, QUIET], FEE.candidates[:1])
    assert leaves_open([FEE, reading("那个事情呢")], FEE.candidates[:1])
    assert not leaves_open([], FEE.candidates[:1])


def test_two_readings_of_a_message_share_its_chances_and_go_alone_only_together() -> None:
    alone = reading("要花钱吗", answer("fee", 0.8), answer("gift", 0.1))
    joined = reading("能换吗要花钱吗", answer("fee", 0.2), answer("back", 0.6, alone=False))
    mixed = mix(alone, joined, 0.25)
    assert mixed.text == "要花钱吗"
    assert [(each.entry.id, round(each.confidence, 3)) for each in mixed.candidates] == [
        ("back", 0.45),
        ("fee", 0.35),
        ("gift", 0.025),
    ]
    assert [each.may_go_alone for each in mixed.candidates] == [False, True, True]
    assert all(each.common == pytest.approx(each.confidence) for each in mixed.candidates)


def test_a_fragment_that_says_nothing_by_itself_forbids_nothing() -> None:
    alone = reading("拉萨", answer("fee", 0.2, alone=False))
    mixed = mix(alone, reading("邮费多少拉萨", answer("fee", 0.9)), 0.0)
    assert [(each.entry.id, each.confidence, each.may_go_alone) for each in mixed.candidates] == [
        ("fee", 0.9, True)
    ]


def test_what_a_quiet_message_would_be_answered_with_does_not_count_beside_its_context() -> None:
    quiet = reading("没拆", answer("fee", 0.5), intents=(IntentScore("inform", "other", 0.9),))
    assert quiet.is_quiet
    assert [each.entry.id for each in mix(quiet, WHEN, 0.5).candidates] == ["when", "today"]


def test_the_owners_own_words_are_never_quiet() -> None:
    entry = answer("weather", 0.3)
    same = Candidate(entry.entry, 0.3, entry.filled, 0.3, may_go_alone=True, same=True)
    assert not reading("天气真好", same, intents=SMALL_TALK).is_quiet
    assert reading("天气真好", entry, intents=SMALL_TALK).is_quiet


def test_a_reply_of_two_parts_greets_once() -> None:
    said = say_together(["您好，可以开专票", "您好，抬头和税号发给我"])
    assert said == ["您好，可以开专票", "抬头和税号发给我"]


def test_only_the_very_same_greeting_is_left_out() -> None:
    apart = ["亲，有货的", "现货付款后48小时内发出", "亲亲，江浙沪包邮"]
    assert say_together(apart) == apart
    words = ["黑色、白色都有货，放心拍", "黑色、白色都有货，也能换"]
    assert say_together(words) == words


def _of(intent: str, read: float) -> tuple[IntentScore, ...]:
    return (IntentScore(intent, INTENT_GROUP[intent], read),)


def test_a_message_that_is_surely_one_question_is_not_divided_by_what_sounds_like_another() -> None:
    sure = answer("address", 0.97, "order_address")
    whole = reading("电话填错了 这会儿还能动吗", sure, intents=_of("order_address", 0.97))
    told = reading("电话填错了", answer("address", 0.97), intents=_of("order_address", 0.98))
    vague = reading("这会儿还能动吗", answer("stock", 0.2), intents=_of("coupon", 0.39))
    other = reading("这会儿还有券吗", answer("coupon", 0.9), intents=_of("coupon", 0.9))
    assert is_one_question(whole, [told, vague])
    assert not is_one_question(whole, [told, other])
    assert not is_one_question(whole, [vague, replace(vague, text="还能改吗")])
    assert not is_one_question(whole, [told, replace(vague, text="另外那个呢")])
    assert not is_one_question(replace(whole, intents=_of("order_address", 0.8)), [told, vague])


def test_a_piece_that_asks_nothing_was_only_guessed_to_be_a_question() -> None:
    assert is_guessed([reading("送领导的", answer("gift", 0.9)), FEE])
    assert not is_guessed([reading("能开票吧", answer("bill", 0.9)), FEE])


def test_a_parcel_that_has_not_come_stays_open_beside_an_answer() -> None:
    missing = reading("我上次买的还没收到", answer("track", 0.5))
    assert leaves_open([WHEN, missing], WHEN.candidates[:1])
    told = reading("学生党吃土中", answer("coupon", 0.5))
    assert not leaves_open([WHEN, told], WHEN.candidates[:1])


@pytest.mark.parametrize(
    ("intents", "leans"),
    [
        ((), True), ((("inform", 0.9),), True), ((("human_request", 0.5),), False),
        ((("logistics_urge", 0.58), ("logistics_not_received", 0.37)), False),
        ((("logistics_urge", 0.5), ("ship_when", 0.45)), True), ((("order_address", 0.99),), False),
    ],
)  # fmt: skip
def test_what_is_surely_of_his_own_order_is_not_read_as_a_part_of_the_question_before(
    intents: tuple[tuple[str, float], ...], leans: bool
) -> None:
    scores = tuple(IntentScore(name, INTENT_GROUP[name], confidence) for name, confidence in intents)
    assert leans_on_context(scores) is leans
