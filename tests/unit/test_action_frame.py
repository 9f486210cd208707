"""What every action shares: where it is, and how it says something."""

from __future__ import annotations

import pytest
from rasa_sdk import Tracker
from rasa_sdk.executor import CollectingDispatcher

from actions.place import NoPlace, place_of
from actions.saying import ask_person, say, say_response
from bot.domain.auto_reply import Reason
from bot.domain.suggestion import FactUsed

_STOCK = FactUsed("stock", "12", "table", "2026-11-23T09:00:00+08:00", False)


def _tracker(sender: str) -> Tracker:
    return Tracker(sender, {"shop": "other"}, {"text": "shop=other"}, [], False, None, {}, None)


def test_an_action_stands_where_the_dialogue_is_named_after() -> None:
    assert place_of(_tracker("life:01J-conversation")) == ("life", "01J-conversation")


@pytest.mark.parametrize(
    "sender", ["", "life", "life:", ":c", "Life:c", "life:c:other", "生活:c", "life/../x:c"]
)
def test_a_dialogue_of_another_name_has_no_place(sender: str) -> None:
    with pytest.raises(NoPlace):
        place_of(_tracker(sender))


def test_a_bubble_carries_its_group_and_facts() -> None:
    dispatcher = CollectingDispatcher()
    say(dispatcher, "还有12件。", "stock", [_STOCK], asks=True)
    (message,) = dispatcher.messages
    assert message["text"] == "还有12件。"
    assert message["custom"]["kuaihui"] == {
        "group": "stock",
        "asks": True,
        "reminder": False,
        "facts": [
            {
                "name": "stock",
                "value": "12",
                "source": "table",
                "as_of": "2026-11-23T09:00:00+08:00",
                "stale": False,
            }
        ],
    }


def test_a_response_is_named_with_what_fills_it() -> None:
    dispatcher = CollectingDispatcher()
    say_response(dispatcher, "utter_heading_noted", "invoice", reminder=True, heading="某某公司")
    (message,) = dispatcher.messages
    assert (message["response"], message["heading"], message["text"]) == (
        "utter_heading_noted",
        "某某公司",
        None,
    )
    assert message["custom"]["kuaihui"]["reminder"] is True


def test_a_person_is_asked_for_with_what_is_open() -> None:
    dispatcher = CollectingDispatcher()
    ask_person(dispatcher, Reason.LATE_ORDER, urgent=True, open=["订单超时未发"])
    assert dispatcher.messages[0]["custom"] == {
        "kuaihui": {"person": "late_order", "urgent": True, "open": ["订单超时未发"]}
    }


def test_only_reasons_of_dialogues_ask_for_a_person() -> None:
    with pytest.raises(ValueError, match="guarded"):
        ask_person(CollectingDispatcher(), Reason.GUARDED)
