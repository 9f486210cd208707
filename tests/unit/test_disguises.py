"""A text is read through its disguises, and every letter read has its place in the text."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.disguises import digit_runs, fold, read_through
from bot.retrieval.normaliser import OpenccNormaliser

_simplify = OpenccNormaliser().normalise


@pytest.mark.parametrize(
    "text",
    [
        "云.朵 优-选",
        "雲朵優選",
        "云\u200b朵\u200b优\u200b选",
        "「云朵」优选",
        "云🌸朵🌸优🌸选",
        "云_朵*优·选",
    ],
)
def test_a_disguised_name_reads_like_the_plain_one(text: str) -> None:
    assert read_through(text, _simplify).text == "云朵优选"


def test_the_span_of_what_was_read_holds_it_in_the_text() -> None:
    reading = read_through("亲，雲.朵 優選店！", _simplify)
    start = reading.text.index("云朵优选")
    first, last = reading.span(start, start + 4)
    assert reading.source[first:last] == "雲.朵 優選"


@pytest.mark.parametrize(
    "text",
    [
        "13800001111", "1 3 8-0000-1111", "１３８００００１１１１", "一三八零零零零一一一一", "①③⑧0000①①①①",
        "1\ufe0f\u20e33\ufe0f\u20e38\ufe0f\u20e300001111", "138o0oo1111", "138.0000.1111", "1\u200b3\u200b8\u200b00001111",
    ],
)  # fmt: skip
def test_a_disguised_number_reads_like_the_plain_one(text: str) -> None:
    assert [run.digits for run in digit_runs(f"电话{text}哦", 7)] == ["13800001111"]


def test_words_between_digits_end_a_number() -> None:
    assert [run.digits for run in digit_runs("满1234567减8901234", 7)] == ["1234567", "8901234"]


def test_a_latin_word_within_a_longer_one_does_not_stand_alone() -> None:
    reading = read_through("steel tee", _simplify)
    assert not reading.stands_alone(1, 4)
    assert reading.stands_alone(5, 8)


def test_letters_of_two_clauses_are_not_one_name_unless_marks_hide_it() -> None:
    apart, hidden = read_through("买云朵，优选好物", _simplify), read_through("云，朵，优，选", _simplify)
    assert not apart.is_one_piece(1, 5)
    assert hidden.is_one_piece(0, 4)


@given(st.text())
def test_every_place_lies_in_the_text_and_in_order(text: str) -> None:
    reading = read_through(text, _simplify)
    assert len(reading.places) == len(reading.text)
    assert list(reading.places) == sorted(reading.places)
    assert all(0 <= place < len(text) for place in reading.places)
    for run in digit_runs(text, 1):
        assert len(run.digits) == len(run.places)
        assert run.digits.isascii()
        assert run.digits.isdecimal()
        assert sum(end - start for start, end in run.groups()) == len(run.digits)


@given(st.text(alphabet="亲雲朵优選 ,。1２aＢ\u200b"))
def test_folding_a_shops_own_text_and_reading_an_agents_agree(text: str) -> None:
    assert fold(text, _simplify) == read_through(text, _simplify).text
