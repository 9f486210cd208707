"""Which of the buyer's bubbles a reply answers, and how they become one phrasing."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.conversation import Message
from bot.domain.entry import MAX_PHRASING
from bot.services.proposing import bubbles_answered, joined
from tests.contract.store_contract import NOW


def talk(*bubbles: str, quotes: int | None = None) -> list[Message]:
    """Return messages from "b:" the buyer, "a:" an agent, "h:" the shop's automaton; the last is the reply."""
    authors = {"b": "buyer", "a": "agent", "h": "auto"}
    said = [Message(n, authors[text[0]], text[2:], NOW) for n, text in enumerate(bubbles, start=1)]
    last = said[-1]
    return [*said[:-1], Message(last.number, last.author, last.text, NOW, quotes=quotes)]


@pytest.mark.parametrize(
    ("bubbles", "asked"),
    [
        (("b:在吗", "a:在的"), ["在吗"]),
        (("b:在吗", "a:在的", "b:有货吗", "b:黑色", "a:有"), ["有货吗", "黑色"]),
        (("b:有货吗", "h:请稍等", "b:黑色", "a:有"), ["有货吗", "黑色"]),
        (("b:有货吗", "a:有的", "a:今天发"), ["有货吗"]),
        (("b:", "b:有货吗", "a:有"), ["有货吗"]),
        (("a:欢迎光临",), []),
        (("a:欢迎", "a:光临"), []),
    ],
)
def test_a_reply_answers_what_was_said_since_an_agent_last_spoke(
    bubbles: tuple[str, ...], asked: list[str]
) -> None:
    assert bubbles_answered(talk(*bubbles)) == asked


def test_a_reply_that_quotes_answers_what_it_quotes() -> None:
    assert bubbles_answered(talk("b:有货吗", "b:什么快递", "a:有", quotes=1)) == ["有货吗"]
    assert bubbles_answered(talk("b:有货吗", "a:有", "b:什么快递", "a:顺丰", quotes=2)) == ["什么快递"]


def test_bubbles_become_one_line_with_a_comma_where_none_ends() -> None:
    assert joined(["有货吗", "黑色？", "L\n码"]) == "有货吗，黑色？L 码"


@given(
    st.lists(st.text(st.characters(categories=["L", "P"]), min_size=1, max_size=300), min_size=1, max_size=6)
)
def test_a_phrasing_is_never_longer_than_one_may_be_and_ends_as_the_newest(bubbles: list[str]) -> None:
    phrasing = joined(bubbles)
    assert 0 < len(phrasing) <= MAX_PHRASING
    assert phrasing.endswith(" ".join(bubbles[-1].split())[:MAX_PHRASING]) or len(bubbles[-1]) > MAX_PHRASING
