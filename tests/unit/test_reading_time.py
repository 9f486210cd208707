"""Words that repeat without end are read like others: a pattern that tried every way to divide them would never come back."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from bot.domain.conversation import MAX_MESSAGE_CHARACTERS
from bot.domain.invoice_wishes import agrees, asks_needs, wants_one
from bot.domain.only_person import needs_person
from bot.domain.parcel_words import asks_of_parcel, is_surely_of_parcel, only_looks_up
from bot.domain.remarks import asks_for_nothing
from bot.domain.text import split_questions
from bot.domain.topic_words import asks_for_stock, asks_price


@pytest.mark.parametrize(
    "read",
    [
        agrees, asks_for_nothing, asks_for_stock, asks_needs, asks_of_parcel, asks_price, is_surely_of_parcel,
        lambda text: needs_person(text, None), only_looks_up, split_questions, wants_one,
    ],
)  # fmt: skip
@pytest.mark.parametrize(
    "repeated", ["出去", "走出来", "到在", "1", "开吧", "要填", " ", "亲亲", "九十", "退款"]
)
def test_what_repeats_itself_as_long_as_a_message_may_be_is_read(
    read: Callable[[str], object], repeated: str
) -> None:
    endless = repeated * (MAX_MESSAGE_CHARACTERS // len(repeated))
    found = read(endless + "龘")
    assert found is not None


def test_a_parcel_that_went_out_is_asked_for_in_long_words_too() -> None:
    assert asks_of_parcel("我的单子走出去了没")
    assert asks_of_parcel("快递送到哪里了")
