"""What Rasa's channel answers is read strictly: anything unknown is no turn."""

from __future__ import annotations

import json
from typing import Any

import pytest

from bot.domain.suggestion import FactUsed
from bot.nlu.dialogue_replies import UnknownForm, read_turn
from bot.ports.dialogue import DialogueBubble, DialogueTurn

_FACT = {
    "name": "库存",
    "value": "12",
    "source": "库存表",
    "as_of": "2026-03-05T10:00:00+08:00",
    "stale": False,
}


def _read(*messages: Any, **changes: Any) -> DialogueTurn:
    answer = {"messages": list(messages), "active_loop": "", "events": [{"event": "action"}], **changes}
    return read_turn(200, json.dumps(answer).encode())


def _bubble(text: Any = "还有12件。", **said: Any) -> dict[str, Any]:
    return {"text": text, "custom": {"kuaihui": {"group": "stock", **said}}}


def _person(**said: Any) -> dict[str, Any]:
    return {"text": None, "custom": {"kuaihui": {"person": "late_order", **said}}}


def test_a_silent_turn_leaves_its_events() -> None:
    assert _read() == DialogueTurn(events=({"event": "action"},))


def test_bubbles_come_with_all_that_is_said_about_them() -> None:
    turn = _read(
        _bubble(facts=[_FACT], asks=False, reminder=False),
        _bubble("要哪个颜色？", asks=True, reminder=True),
        active_loop="stock_form",
    )
    assert turn.bubbles == (
        DialogueBubble("还有12件。", "stock", (FactUsed(**_FACT),)),
        DialogueBubble("要哪个颜色？", "stock", asks=True, is_reminder=True),
    )
    assert turn.active == "stock_form"


def test_a_person_is_asked_for_beside_what_is_said() -> None:
    turn = _read(
        _bubble(),
        _person(urgent=True, open=["催发货"]),
        {"text": None, "custom": {"kuaihui": {"person": "needs_person", "open": ["催发货", "改地址"]}}},
    )
    assert (len(turn.bubbles), turn.hand_over, turn.urgent, turn.open) == (
        1,
        "late_order",
        True,
        ("催发货", "改地址"),
    )


@pytest.mark.parametrize(
    "message",
    [
        {"text": "plain words"},
        {"text": "plain words", "custom": None},
        {"text": "x", "custom": {"other": {}}},
        {"text": "x", "custom": {"kuaihui": {}, "other": 1}},
        {"text": "x", "custom": {"kuaihui": []}},
        {"text": "x", "custom": {"kuaihui": {}}},
        _bubble(""),
        _bubble(None),
        _bubble(5),
        _bubble(group="unheard"),
        _bubble(group=5),
        _bubble(asks="yes"),
        _bubble(more=1),
        _bubble(facts={}),
        _bubble(facts=[5]),
        _bubble(facts=[{**_FACT, "stale": "no"}]),
        _bubble(facts=[{**_FACT, "more": 1}]),
        _bubble(facts=[{"name": "库存"}]),
        _person(open=[5]),
        _person(open="催发货"),
        _person(urgent=1),
        _person(person="guarded"),
        _person(person="unheard"),
        {**_person(), "text": "words"},
        5,
    ],
)
def test_a_message_of_another_form_is_no_turn(message: Any) -> None:
    with pytest.raises(UnknownForm):
        _read(message)


@pytest.mark.parametrize(
    "change", [{"messages": None}, {"messages": {}}, {"active_loop": None}, {"events": [5]}, {"events": None}]
)
def test_an_answer_of_another_form_is_no_turn(change: dict[str, Any]) -> None:
    with pytest.raises(UnknownForm):
        _read(**change)


@pytest.mark.parametrize("body", [b"", b"<html>", b"[]", b"5", b"\xff"])
def test_what_is_not_the_channel_is_no_turn(body: bytes) -> None:
    with pytest.raises(UnknownForm, match="something else"):
        read_turn(200, body)


def test_a_refusal_is_told_with_its_reason() -> None:
    with pytest.raises(UnknownForm, match="status 409: no model is loaded yet"):
        read_turn(409, b'{"reason": "no model is loaded yet"}')
    with pytest.raises(UnknownForm, match=r"status 500$"):
        read_turn(500, b'{"error": "x"}')
