"""What a buyer's words say beside the question."""

from __future__ import annotations

import pytest

from bot.domain.intents import IntentScore
from bot.domain.mood import asks_for_person, is_upset


@pytest.mark.parametrize(
    "text",
    ["转人工", "人工客服", "人工", "我要人工", "有没有真人", "你是机器人吗", "找个真人说", "I want a human"],
)
def test_who_wants_a_person_is_heard(text: str) -> None:
    assert asks_for_person(text)


@pytest.mark.parametrize(
    "text",
    [
        "人工皮草会掉毛吗",
        "有人工费吗",
        "机器人扫地机有货吗",
        "这是机器人玩具吗",
        "有没有黑色",
        "客服说今天发",
    ],
)
def test_who_speaks_of_other_things_is_not_handed_over(text: str) -> None:
    assert not asks_for_person(text)


@pytest.mark.parametrize(
    "text",
    [
        "我要投诉你们",
        "再不发货就差评",
        "打12315了",
        "你们这是什么态度",
        "this is a scam",
        "妈的还不发",
        "什么垃圾店",
    ],
)
def test_who_has_had_enough_is_heard(text: str) -> None:
    assert is_upset(text)


@pytest.mark.parametrize(
    "text", ["什么时候发货", "怎么还没到", "垃圾桶有货吗", "给我妈的能退吗", "送他妈妈的", "相机怎么调曝光"]
)
def test_a_plain_question_is_no_complaint(text: str) -> None:
    assert not is_upset(text)


def test_the_classifier_is_believed_when_it_is_sure() -> None:
    sure, unsure = IntentScore("complaint", "other", 0.6), IntentScore("complaint", "other", 0.4)
    assert is_upset("怎么这样", [sure])
    assert not is_upset("怎么这样", [unsure])
    assert asks_for_person("来个人", [IntentScore("human_request", "other", 0.8)])
