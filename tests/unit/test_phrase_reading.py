"""A phrase without a buyer's question tells by its words what it answers."""

from __future__ import annotations

import pytest

from bot.domain.entry import MAX_PHRASING, Entry
from bot.domain.intents import GROUPS, INTENT_GROUP, SILENT_INTENTS
from bot.domain.phrase_reading import (
    TOPICS,
    group_named,
    guess_topic,
    language_of_reply,
    stand_in_phrasing,
    title_of,
)


def phrase(reply: str, **fields: object) -> Entry:
    return Entry(**{"id": "p", "group": "other", "question": "", "reply": reply} | fields)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("reply", "intent"),
    [
        ("亲，我们默认发中通快递的哦", "ship_courier"),
        ("现货48小时内发出，请耐心等待", "ship_when"),
        ("全国包邮，不用补邮费", "ship_fee"),
        ("亲，可以开电子普通发票", "invoice_type"),
        ("把抬头和税号发我就可以", "invoice_details"),
        ("支持七天无理由退货，吊牌不要剪", "return_how"),
        ("退款三个工作日原路退回您的账户", "refund_when"),
        ("关注店铺可以领取5元优惠券哦", "coupon"),
        ("身高160体重100斤建议拍M码", "product_size_advice"),
        ("{称呼}，{发货时限}", "ship_when"),
    ],
)
def test_a_replys_words_tell_its_intent(reply: str, intent: str) -> None:
    assert guess_topic(reply) == (INTENT_GROUP[intent], intent)


def test_a_reply_that_tells_nothing_has_no_intent() -> None:
    assert guess_topic("嗯嗯") == ("other", None)
    assert guess_topic("嗯嗯", "invoice") == ("invoice", None)


def test_the_group_that_is_known_limits_the_intent() -> None:
    reply = "质量问题退货运费我们承担"
    assert guess_topic(reply, "return_refund")[0] == "return_refund"
    assert guess_topic(reply, "stock") == ("stock", None)


@pytest.mark.parametrize(
    ("name", "group"),
    [
        ("发货话术", "shipping"), ("售后", "return_refund"), ("发票问题", "invoice"), ("Stock", "stock"),
        ("欢迎语", "greeting_thanks"), ("默认分组", None), ("", None),
    ],
)  # fmt: skip
def test_names_of_groups_from_elsewhere_are_understood(name: str, group: str | None) -> None:
    assert group_named(name) == group


def test_every_topic_is_an_intent_that_entries_answer() -> None:
    assert not TOPICS.keys() - INTENT_GROUP.keys()
    assert not TOPICS.keys() & SILENT_INTENTS
    assert {INTENT_GROUP[intent] for intent in TOPICS} == set(GROUPS)


def test_what_stands_in_for_a_question_is_how_buyers_ask_and_what_the_reply_says() -> None:
    text = stand_in_phrasing(phrase("{称呼}，默认发{快递}哦", intent="ship_courier"))
    assert text == "发什么快递，默认发快递哦"
    assert stand_in_phrasing(phrase("We ship today", language="en")) == "We ship today"
    assert stand_in_phrasing(phrase("", cases={"in_stock": "有的", "low": "不多了"})) == "有的 不多了"
    assert len(stand_in_phrasing(phrase("长" * 900))) == MAX_PHRASING


def test_an_entry_is_called_by_its_question_or_by_how_its_reply_begins() -> None:
    assert title_of(phrase("好", question="在吗")) == "在吗"
    assert title_of(phrase("好", phrasings=("有人吗",))) == "有人吗"
    assert title_of(phrase("好\n的")) == "好 的"
    assert title_of(phrase("长" * 40)) == f"{'长' * 29}…"


def test_a_reply_without_chinese_characters_is_english() -> None:
    assert language_of_reply("We ship with {快递}") == "en"
    assert language_of_reply("{快递}") == "zh"
    assert language_of_reply("发 {courier") == "zh"
