"""Places are found in messages and stand for their provinces."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.regions import ABROAD, PROVINCE_OF, find_place, is_domestic, provinces_of


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ("发到乌鲁木齐要几天", "乌鲁木齐"),
        ("从杭州到北京几天", "北京"),
        ("江浙沪皖包邮吗", "江浙沪皖"),
        ("内蒙古能发吗", "内蒙古"),
        ("do you ship to Hong Kong", "hong kong"),
        ("寄到日本可以吗", "日本"),
        ("parisian style", None),
        ("ukulele", None),
        ("几天到", None),
        ("", None),
    ],
)
def test_the_destination_in_a_message_is_found(text: str, place: str | None) -> None:
    assert find_place(text) == place


@pytest.mark.parametrize(
    ("place", "provinces"),
    [
        ("乌鲁木齐", ("新疆",)),
        ("广东省", ("广东",)),
        ("深圳市", ("广东",)),
        ("港澳台", ("香港", "澳门", "台湾")),
        ("Shanghai", ("上海",)),
        ("日本", (ABROAD,)),
        ("火星", ("火星",)),
    ],
)
def test_a_place_stands_for_its_provinces(place: str, provinces: tuple[str, ...]) -> None:
    assert provinces_of(place) == provinces


@given(st.sampled_from(sorted(PROVINCE_OF)))
def test_every_place_that_is_known_lies_in_a_province_and_is_found_in_a_message(place: str) -> None:
    assert all(is_domestic(province) for province in provinces_of(place))
    assert find_place(f"发到 {place} 要几天") == place


def test_a_rule_for_everywhere_else_is_not_meant_for_places_abroad_or_unknown() -> None:
    assert not is_domestic(ABROAD)
    assert not is_domestic("火星")


@given(st.text(max_size=60))
def test_looking_for_a_place_in_any_text_never_fails(text: str) -> None:
    place = find_place(text)
    assert place is None or provinces_of(place)


def test_a_name_within_a_longer_name_is_not_meant() -> None:
    assert find_place("发马鞍山几天到") == "马鞍山"
    assert find_place("发鞍山几天到") == "鞍山"
