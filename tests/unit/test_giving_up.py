"""When a buyer has made up his mind, and nothing need be asked any more."""

from __future__ import annotations

import pytest

from bot.domain.giving_up import has_decided


@pytest.mark.parametrize(
    ("text", "decided"),
    [
        ("就这个了", True), ("嗯 下单了", True), ("就这个了\n买了", True), ("我先拍了哈", True),
        ("就这个了\n几天发货", False), ("买了两天了", False), ("下单了怎么还不发", False), ("", False), ("\n", False),
    ],
)  # fmt: skip
def test_who_takes_it_says_no_more_than_that_in_every_bubble(text: str, decided: bool) -> None:
    assert has_decided(text) is decided
