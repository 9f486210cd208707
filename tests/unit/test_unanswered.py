"""What of a conversation waits for an answer."""

from __future__ import annotations

from datetime import timedelta

import pytest

from bot.domain.conversation import MAX_HISTORY_TURNS, MAX_MESSAGE_CHARACTERS, Buyer, Conversation, Message
from bot.domain.message_text import OTHER_FILE, UNREAD_IMAGE
from bot.ports import NotFound
from bot.services.unanswered import Unanswered, read_unanswered, unanswered_in
from tests.contract.store_contract import NOW
from tests.unit.conversing_parts import OTHER, SHOP, open_office


def waits(*said: tuple[str, str], since: int | None = None) -> Unanswered:
    """Return what waits of messages (author, text), one a second; `since` is the place at which the clock began."""
    messages = [
        Message(place + 1, author, text, NOW + timedelta(seconds=place))
        for place, (author, text) in enumerate(said)
    ]
    began = messages[since].at if since is not None else None
    conversation = Conversation("c1", Buyer("b1", "买家甲", "web"), "open", NOW, waiting_since=began)
    return unanswered_in(conversation, messages)


def test_bubbles_since_the_clock_began_are_read_together() -> None:
    found = waits(("buyer", "在吗"), ("agent", "在的"), ("buyer", "黑色"), ("buyer", " L码还有吗 "), since=2)
    assert (found.text, found.bubbles, found.upto) == ("黑色\nL码还有吗", 2, 4)
    assert [(turn.role, turn.text) for turn in found.history] == [("buyer", "在吗"), ("agent", "在的")]


def test_a_holding_text_and_a_late_reply_between_them_answer_nothing() -> None:
    found = waits(("buyer", "有货吗"), ("auto", "稍等"), ("buyer", "几天到"), ("agent", "有的"), since=0)
    assert (found.text, found.bubbles, found.upto) == ("有货吗\n几天到", 2, 3)
    assert [(turn.role, turn.text) for turn in found.history] == [("bot", "稍等"), ("agent", "有的")]


def test_that_a_voice_or_a_file_came_is_no_word_of_the_buyers() -> None:
    found = waits(("buyer", OTHER_FILE), ("agent", "在的"), ("buyer", UNREAD_IMAGE), since=2)
    assert (found.text, found.bubbles) == ("", 1)
    assert [turn.text for turn in found.history] == ["在的"]


def test_with_no_clock_running_it_is_what_the_buyer_said_last() -> None:
    found = waits(("buyer", "有货吗"), ("agent", "有的"), ("buyer", "好的"), ("system", "已转接"))
    assert (found.text, found.bubbles, found.upto) == ("好的", 1, 3)


def test_once_answered_nothing_waits() -> None:
    found = waits(("buyer", "有货吗"), ("agent", "有的"))
    assert (found.text, found.bubbles, found.upto) == ("", 0, 1)


def test_before_anybody_spoke_nothing_waits() -> None:
    found = waits()
    assert (found.text, found.bubbles, found.upto, found.history) == ("", 0, 0, ())


def test_an_image_alone_waits_but_cannot_be_read() -> None:
    found = waits(("buyer", ""), since=0)
    assert (found.text, found.bubbles, found.upto) == ("", 1, 1)


def test_of_more_than_is_read_at_once_the_newest_counts() -> None:
    long = "长" * (MAX_MESSAGE_CHARACTERS - 10)
    found = waits(("buyer", "先"), ("buyer", long), ("buyer", "新" * 9), since=0)
    assert found.text == f"{long}\n{'新' * 9}"
    assert waits(("buyer", long), ("buyer", "新" * 30), since=0).text == "新" * 30


def test_history_is_the_newest_turns() -> None:
    said = [("agent", f"第{i}句") for i in range(MAX_HISTORY_TURNS + 5)]
    found = waits(*said, ("buyer", "有货吗"), since=MAX_HISTORY_TURNS + 5)
    assert len(found.history) == MAX_HISTORY_TURNS
    assert found.history[-1].text == f"第{MAX_HISTORY_TURNS + 4}句"


async def test_another_shops_conversation_is_not_found() -> None:
    office = await open_office()
    conversation = (await office.says("有货吗", "b1")).conversation.id
    assert (await read_unanswered(office.store, SHOP, conversation)).text == "有货吗"
    with pytest.raises(NotFound):
        await read_unanswered(office.store, OTHER, conversation)
