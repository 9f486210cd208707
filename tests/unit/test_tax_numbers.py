"""Tax numbers: the check character, the older forms, and what is said of a number that cannot be right."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.tax_numbers import TaxFlaw, check_character, compact_number, read_tax_number

_ALPHABET = "0123456789ABCDEFGHJKLMNPQRTUWXY"
_OF_THE_STANDARD = "91350100M000100Y43"
"""The example that GB 32100-2015 itself gives."""


@st.composite
def codes(draw: st.DrawFn) -> str:
    first = draw(st.text(st.sampled_from(_ALPHABET), min_size=2, max_size=2))
    area = draw(st.text(st.sampled_from("0123456789"), min_size=6, max_size=6))
    organisation = draw(st.text(st.sampled_from(_ALPHABET), min_size=9, max_size=9))
    body = first + area + organisation
    return body + check_character(body)


def test_the_example_of_the_standard_has_its_check_character() -> None:
    assert check_character(_OF_THE_STANDARD[:17]) == _OF_THE_STANDARD[17]
    assert read_tax_number(_OF_THE_STANDARD).flaw is None


@given(codes())
def test_a_code_with_its_check_character_is_taken_however_it_is_written(code: str) -> None:
    wide = "".join(chr(ord(each) + 0xFEE0) for each in code)
    for written in (code, code.lower(), wide, f"{code[:4]} {code[4:8]}-{code[8:12]} {code[12:]}"):
        read = read_tax_number(written)
        assert (read.text, read.flaw) == (code, None) or read.flaw is TaxFlaw.IDENTITY


@given(codes(), st.integers(0, 17), st.sampled_from(_ALPHABET))
def test_one_changed_character_is_found(code: str, place: int, other: str) -> None:
    changed = code[:place] + other + code[place + 1 :]
    assert (read_tax_number(changed).flaw is None) == (changed == code)


@given(codes(), st.integers(0, 16))
def test_two_neighbours_that_changed_places_are_found(code: str, place: int) -> None:
    swapped = code[:place] + code[place + 1] + code[place] + code[place + 2 :]
    assert (read_tax_number(swapped).flaw is None) == (swapped == code)


@given(st.text(max_size=60))
def test_no_text_breaks_the_reading(text: str) -> None:
    assert read_tax_number(text).text == compact_number(text)


@pytest.mark.parametrize(("letter", "digit"), [("O", "0"), ("I", "1"), ("Z", "2"), ("S", "5")])
def test_a_letter_that_no_number_holds_is_named_with_what_is_likely_and_not_mended(
    letter: str, digit: str
) -> None:
    body = f"91350100M0{digit}0100Y4"
    code = body + check_character(body)
    mistaken = code[:10] + letter + code[11:]
    assert code[10] == digit
    read = read_tax_number(mistaken)
    assert (read.text, read.flaw, read.letters, read.likely) == (mistaken, TaxFlaw.LETTER, (letter,), code)


def test_what_would_still_be_wrong_with_the_digit_is_not_offered() -> None:
    assert read_tax_number("9135010OM000100Y44").likely == ""


@pytest.mark.parametrize(
    ("text", "flaw"),
    [
        ("350100123456789", None),
        ("35010012345678X", None),
        ("11010119900101001200", None),
        ("ABCDEF123456789", TaxFlaw.SHAPE),
        ("91350100M000100Y4", TaxFlaw.LENGTH),
        ("91350100M000100Y433", TaxFlaw.LENGTH),
        ("", TaxFlaw.LENGTH),
        ("91ABCDEFM000100Y43", TaxFlaw.SHAPE),
        ("110101199001010013", TaxFlaw.IDENTITY),
    ],
)
def test_each_length_is_judged_by_its_own_form(text: str, flaw: TaxFlaw | None) -> None:
    assert read_tax_number(text).flaw is flaw


def test_a_check_character_belongs_to_seventeen() -> None:
    with pytest.raises(ValueError, match="17"):
        check_character("123")
