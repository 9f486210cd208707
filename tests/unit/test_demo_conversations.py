"""An answer to a buyer of a demo shop is judged as a careful agent would judge it."""

from __future__ import annotations

from collections import Counter

import pytest
import yaml

from benchmarks.demo_conversations import Conversation, Outcome, Reply, is_right, read_conversations
from benchmarks.demo_report import among_three, whole_of, wrong_lines, wrongly_automatic
from bot.domain.conversation import Turn
from bot.domain.suggestion import Part, Suggestion, SuggestionResult
from bot.settings import PROJECT_ROOT

SINGLE = Conversation("shop", "有货吗", ("stock", "variant"))
DOUBLE = Conversation("shop", "有货吗 什么快递", ("stock",), also=("courier", "when"))
SILENT = Conversation("shop", "嗯嗯", ())


def replies(*given: str, automatic: bool = False) -> tuple[Reply, ...]:
    """Replies of one or, joined by +, several entries; only the first may go out alone."""
    return tuple(
        Reply(tuple(entries.split("+")), 0.9 - place / 10, automatic and place == 0)
        for place, entries in enumerate(given)
    )


@pytest.mark.parametrize(
    ("conversation", "entries", "right"),
    [
        (SINGLE, "stock", True),
        (SINGLE, "variant", True),
        (SINGLE, "courier", False),
        (SINGLE, "stock+courier", False),
        (DOUBLE, "stock+courier", True),
        (DOUBLE, "stock+when", True),
        (DOUBLE, "courier+stock", False),
        (DOUBLE, "stock", False),
        (DOUBLE, "stock+courier+gift", False),
        (SILENT, "stock", False),
    ],
)
def test_a_reply_is_right_when_it_answers_all_that_was_asked_in_order_and_nothing_else(
    conversation: Conversation, entries: str, right: bool
) -> None:
    assert is_right(conversation, replies(entries)[0]) is right


def test_one_entry_that_answers_both_questions_is_right() -> None:
    both = Conversation("shop", "包邮吗 运费多少", ("fee", "free"), also=("fee",))
    assert is_right(both, Reply(("fee",), 0.9))


def test_the_fourth_reply_comes_too_late() -> None:
    assert Outcome(SINGLE, replies("a", "b", "stock")).is_among_three
    assert not Outcome(SINGLE, replies("a", "b", "c", "stock")).is_among_three


def test_answers_to_both_questions_in_two_replies_are_there_but_not_right_alone() -> None:
    outcome = Outcome(DOUBLE, replies("courier", "stock"))
    assert outcome.are_both_among_three
    assert not outcome.is_among_three


def test_half_an_answer_sent_alone_is_wrong_and_known_as_half() -> None:
    outcome = Outcome(DOUBLE, replies("stock", automatic=True))
    assert outcome.is_wrongly_automatic
    assert outcome.is_half_right
    assert not Outcome(DOUBLE, replies("gift", automatic=True)).is_half_right


def test_any_reply_to_a_message_that_wants_none_is_wrong_if_it_goes_out_alone() -> None:
    assert Outcome(SILENT, replies("stock", automatic=True)).is_wrongly_automatic
    assert not Outcome(SILENT, replies("stock")).is_wrongly_automatic
    assert Outcome(SILENT, ()).is_fine
    assert not Outcome(SINGLE, ()).is_fine


def test_right_replies_are_counted_among_messages_that_want_one_and_wrong_automatic_ones_among_all() -> None:
    outcomes = [
        Outcome(SINGLE, replies("stock")),
        Outcome(SINGLE, replies("courier", automatic=True)),
        Outcome(SILENT, ()),
        Outcome(SILENT, ()),
    ]
    assert among_three(outcomes).value == 0.5
    assert wrongly_automatic(outcomes).value == 0.25


def test_what_is_wrong_is_listed_with_what_was_expected() -> None:
    told = Conversation("shop", "白色呢", ("stock",), turns=(Turn("buyer", "T恤有吗"),), viewed="tee")
    outcomes = [Outcome(told, replies("courier", automatic=True)), Outcome(SINGLE, replies("stock"))]
    assert wrong_lines(outcomes) == ["shop\tfollow-up\t白色呢 [tee] ‹ T恤有吗\tstock\tcourier 0.90 AUTOMATIC"]


def test_an_outcome_is_made_of_the_parts_of_the_suggestions() -> None:
    parts = (Part("stock", 1, None, "有"), Part("courier", 1, None, "中通"))
    result = SuggestionResult("shop", False, (), (Suggestion("1", "有\n中通", 0.8, parts, automatic=True),))
    assert Outcome.of(DOUBLE, result) == Outcome(DOUBLE, (Reply(("stock", "courier"), 0.8, True),))


def test_without_rasa_the_suggester_without_it_is_the_whole_of_it() -> None:
    assert whole_of({"without Rasa": []})[0] == "without Rasa"
    assert whole_of({"without Rasa": [], "Kuaihui": []})[0] == "Kuaihui"


def test_a_message_belongs_to_the_rarest_kind_that_fits() -> None:
    turns = (Turn("buyer", "hi"),)
    assert Conversation("shop", "and in white?", ("stock",), turns=turns).kind == "English"
    assert Conversation("shop", "735002118810", ("stock",), turns=turns).kind == "follow-up"
    assert Conversation("shop", "thx bye", ()).kind == "silence"
    assert (SINGLE.kind, DOUBLE.kind) == ("single", "double")


def test_each_demo_shop_has_its_conversations_and_every_answer_is_an_entry_of_that_shop() -> None:
    conversations = read_conversations()
    assert set(Counter(each.shop for each in conversations).values()) == {220}
    for shop in {each.shop for each in conversations}:
        pack = yaml.safe_load((PROJECT_ROOT / "templates" / "demo" / f"{shop}.yml").read_text("utf-8"))
        entries = {entry["id"] for entry in pack["entries"]}
        named = {e for c in conversations if c.shop == shop for e in (*c.right, *c.also)}
        assert named <= entries
