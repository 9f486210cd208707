"""What buyers asked lately: bubbles in a row are one question, with what was said before it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from bot.domain.conversation import Message, Turn
from bot.ports import Event
from bot.ports.auto_reply import Said
from bot.services.auto_reply_traffic import asks_in, asks_logged

START = datetime(2026, 3, 5, 2, tzinfo=UTC)
WINDOW = timedelta(seconds=3)


def thread(*said: tuple[float, str, str], conversation: str = "c1", image: str = "") -> list[Said]:
    """Return a conversation of (seconds, author, text)."""
    return [
        Said(conversation, "p1", Message(n, author, text, START + timedelta(seconds=after), image=image))
        for n, (after, author, text) in enumerate(said, 1)
    ]


def test_bubbles_in_a_row_are_one_question() -> None:
    asks = asks_in(thread((0, "buyer", "你好"), (2, "buyer", "黑色"), (5, "buyer", "还有吗")), WINDOW)
    assert [ask.text for ask in asks] == ["你好\n黑色\n还有吗"]
    assert asks[0].at == START + timedelta(seconds=5)
    assert asks[0].viewed == "p1"


def test_a_pause_or_an_answer_ends_a_question() -> None:
    asks = asks_in(
        thread((0, "buyer", "有货吗"), (1, "agent", "有的"), (2, "buyer", "几天到"), (6, "buyer", "急")),
        WINDOW,
    )
    assert [ask.text for ask in asks] == ["有货吗", "几天到", "急"]
    assert asks[2].history == (Turn("buyer", "有货吗"), Turn("agent", "有的"), Turn("buyer", "几天到"))


def test_who_answered_is_known() -> None:
    asks = asks_in(
        thread(
            (0, "buyer", "一"),
            (9, "auto", "稍等"),
            (20, "agent", "在"),
            (60, "buyer", "二"),
            (99, "system", ""),
        ),
        WINDOW,
    )
    assert [ask.met_by_person for ask in asks] == [True, False]
    again = asks_in(thread((0, "buyer", "一"), (60, "buyer", "二"), (70, "agent", "在")), WINDOW)
    assert [ask.met_by_person for ask in again] == [False, True]


def test_an_image_alone_is_a_question_without_words_and_what_was_forgotten_is_none() -> None:
    assert [ask.text for ask in asks_in(thread((0, "buyer", ""), image="i1"), WINDOW)] == [""]
    assert asks_in(thread((0, "buyer", "")), WINDOW) == []


def test_questions_of_all_conversations_come_by_time() -> None:
    both = thread((5, "buyer", "后")) + thread((1, "buyer", "先"), conversation="c2")
    assert [ask.text for ask in asks_in(both, WINDOW)] == ["先", "后"]


def test_questions_of_other_channels_count_once() -> None:
    def heard(text: str, conversation: str, after: int) -> Event:
        return Event("message_received", START + timedelta(seconds=after), conversation, {"text": text})

    events = [heard("外面", "", 9), heard("这里", "c1", 8), heard("", "", 7), heard("太早", "x", 1)]
    since = START + timedelta(seconds=5)
    assert [ask.text for ask in asks_logged(events, since, {"c1"})] == ["外面"]
    assert [ask.text for ask in asks_logged(events, None, {"c1"})] == ["外面", "太早"]
