"""A shop's id is safe to stand in other ids."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.shop import InvalidShopId, Shop, shop_id


@given(st.from_regex(r"[a-z0-9]([a-z0-9-]{0,38}[a-z0-9])?", fullmatch=True))
def test_letters_digits_and_hyphens_make_a_shop_id(value: str) -> None:
    assert shop_id(value) == value


@pytest.mark.parametrize("value", ["", "-a", "a-", "A", "a:b", "a b", "店", "a" * 41, "a/..", "a\n"])
def test_anything_else_is_no_shop_id(value: str) -> None:
    with pytest.raises(InvalidShopId, match="is not a shop id"):
        shop_id(value)


def test_a_long_wrong_id_is_shown_shortened() -> None:
    with pytest.raises(InvalidShopId) as refused:
        shop_id("店" * 5000)
    assert len(str(refused.value)) < 200


def test_a_shop_goes_by_its_english_name_in_english_where_it_has_one() -> None:
    assert Shop("a", "店", "Shop").name_in("en") == "Shop"
    assert Shop("a", "店", "Shop").name_in("zh") == "店"
    assert Shop("a", "店").name_in("en") == "店"
