"""What a message leaves out is found in its conversation, and not too much of it."""

from __future__ import annotations

import pytest

from bot.domain.catalogue import Catalogue
from bot.domain.conversation import Turn
from bot.domain.intents import IntentScore
from bot.retrieval.normaliser import OpenccNormaliser
from bot.services.composing import Reading
from bot.services.context import (
    PastTurn,
    is_fragment,
    language_of,
    own_weight,
    previous_question,
    read_history,
    resolve_mention,
    was_asked_back,
)
from tests.unit.fakes.replies import product, variant

CATALOGUE = Catalogue(
    [
        product(
            "tee",
            "纯棉短袖",
            variant("bl", colour="黑色", size="L"),
            variant("wm", colour="白色", size="M"),
            aliases=("短袖",),
        ),
        product("cap", "渔夫帽", variant("cap", colour="黑色")),
    ]
)


def past(*turns: tuple[str, str]) -> list[PastTurn]:
    return read_history([Turn(role, text) for role, text in turns], OpenccNormaliser())


def mention(text: str, *turns: tuple[str, str]) -> tuple[tuple[str, ...], dict[str, str]]:
    message = past(("buyer", text))[0]
    found = resolve_mention(CATALOGUE, message.message, message.text, past(*turns))
    return found.products, dict(found.options)


def test_a_history_is_read_like_a_message_and_the_unreadable_is_left_out() -> None:
    turns = past(("buyer", "你好，請問還有貨嗎"), ("agent", "\u200b"), ("agent", "有"))
    assert [(turn.role, turn.text) for turn in turns] == [("buyer", "还有货吗"), ("agent", "有")]


@pytest.mark.parametrize(
    ("text", "turns", "expected"),
    [
        ("多少钱", [("buyer", "短袖黑色L码有吗")], (("tee",), {"colour": "黑色", "size": "L"})),
        ("渔夫帽多少钱", [("buyer", "短袖黑色L码有吗")], (("cap",), {})),
        ("短袖M码呢", [("buyer", "渔夫帽黑色有吗")], (("tee",), {"size": "M"})),
        ("还有别的颜色吗", [("buyer", "短袖黑色L码有吗")], (("tee",), {})),
        ("多少钱", [("agent", "纯棉短袖黑色有货")], (("tee",), {})),
        (
            "M码呢",
            [("buyer", "短袖黑色L码有吗"), ("agent", "有")],
            (("tee",), {"colour": "黑色", "size": "M"}),
        ),
        (
            "M码呢",
            [("buyer", "渔夫帽黑色有吗"), ("buyer", "短袖白色呢"), ("agent", "有")],
            (("tee",), {"colour": "白色", "size": "M"}),
        ),
        ("多少钱", [], ((), {})),
    ],
)
def test_products_and_options_come_from_the_latest_turn_that_names_them(
    text: str, turns: list[tuple[str, str]], expected: tuple[tuple[str, ...], dict[str, str]]
) -> None:
    assert mention(text, *turns) == expected


@pytest.mark.parametrize("text", ["L码呢", "黑色", "短袖", "那新疆呢", "广东深圳", "黑色L码"])
def test_a_fragment_names_something_and_asks_nothing(text: str) -> None:
    assert is_fragment(text, CATALOGUE.find(text))


@pytest.mark.parametrize("text", ["黑色有吗", "短袖多少钱", "发新疆吗", "可以开发票吗", "几天能到广东"])
def test_a_question_is_no_fragment(text: str) -> None:
    assert not is_fragment(text, CATALOGUE.find(text))


@pytest.mark.parametrize(
    ("turns", "question"),
    [
        (
            [
                ("buyer", "还有货吗"),
                ("agent", "哪一款"),
                ("buyer", "短袖"),
                ("agent", "什么颜色"),
                ("buyer", "黑色"),
            ],
            "还有货吗",
        ),
        ([("buyer", "还有货吗"), ("agent", "有"), ("buyer", "好的谢谢")], "还有货吗"),
        ([("buyer", "在吗"), ("agent", "什么时候发货")], None),
        ([("buyer", "短袖"), ("buyer", "L码呢")], "短袖"),
        ([], None),
    ],
)
def test_the_question_before_is_the_latest_that_stands_by_itself(
    turns: list[tuple[str, str]], question: str | None
) -> None:
    found = previous_question(past(*turns), CATALOGUE)
    assert (found.text if found else None) == question


@pytest.mark.parametrize(
    ("turns", "asked"),
    [
        ([("agent", "您看的是哪一款呢")], True),
        ([("bot", "订单号发我")], True),
        ([("agent", "Which one do you mean?")], True),
        ([("agent", "好的")], False),
        ([("agent", "哪一款"), ("buyer", "这个")], False),
        ([], False),
    ],
)
def test_the_shop_has_asked_back_when_it_spoke_last_and_asked(
    turns: list[tuple[str, str]], asked: bool
) -> None:
    assert was_asked_back(past(*turns)) is asked


STATEMENT = (IntentScore("inform", "other", 0.9),)
SMALL_TALK = (IntentScore("chitchat", "other", 0.9),)
ASKED = [("buyer", "可以换货吗"), ("agent", "七天内可以")]
ASKED_BACK = [("buyer", "可以换货吗"), ("agent", "请问拆封了吗")]


def weight(text: str, turns: list[tuple[str, str]], intents: tuple[IntentScore, ...] = ()) -> float | None:
    return own_weight(Reading(text, intents, ()), CATALOGUE.find(text), past(*turns))


def test_a_fragment_that_names_something_says_nothing_by_itself() -> None:
    assert weight("L码呢", ASKED) == 0.0


def test_an_answer_to_the_shops_question_says_less_by_itself_than_a_remark() -> None:
    answer, remark = weight("拆了一袋", ASKED_BACK, STATEMENT), weight("已经拆了一袋", ASKED, STATEMENT)
    assert answer is not None
    assert remark is not None
    assert 0 < answer < remark < 1


def test_a_question_that_opens_like_an_objection_is_half_about_the_one_before() -> None:
    assert weight("可是要付钱吗", ASKED) == 0.5


def test_small_talk_and_what_is_long_enough_stand_by_themselves() -> None:
    assert weight("今天天气真不错", ASKED, SMALL_TALK) is None
    assert weight("我上个月在你家买的那条裤子到现在还没有穿过", ASKED, STATEMENT) is None


@pytest.mark.parametrize(
    ("text", "before", "language"),
    [
        ("还有货吗", [], "zh"),
        ("is it in stock", [], "en"),
        ("XL", [("buyer", "any in black")], "en"),
        ("XL", [], "zh"),
    ],
)
def test_a_message_too_short_to_tell_is_in_the_language_of_those_before(
    text: str, before: list[tuple[str, str]], language: str
) -> None:
    assert language_of(text, past(*before)) == language
