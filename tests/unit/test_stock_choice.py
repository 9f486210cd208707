"""How short a product's kinds may be named."""

from __future__ import annotations

import pytest

from bot.domain.stock_choice import read_loosely
from tests.unit.fakes.replies import product, variant

TOWEL = product("t", "纯棉毛巾", variant("g", colour="灰色"), variant("b", colour="米色"), aliases=("毛巾",))
SHIRT = product(
    "s", "纯棉短袖", variant("m", colour="白色", size="M"), variant("l", colour="黑色", size="2XL")
)
NUTS = product("n", "炭烧腰果", variant("y", flavour="盐焗味"), variant("f", flavour="蜂蜜味"))


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("灰毛巾下一批几时到", {"colour": "灰色"}),
        ("中号还有不", {"size": "M"}),
        ("the shirt in medium", {"size": "M"}),
        ("2xl 白", {"colour": "白色"}),
        ("蜜味的最多拍几罐", {"flavour": "蜂蜜味"}),
        ("腰果什么味的", {}),
        ("白天发货吗", {}),
        ("大小合适吗", {}),
    ],
)
def test_a_kind_may_be_named_short(text: str, found: dict[str, str]) -> None:
    of = NUTS if "味" in text else TOWEL if "毛巾" in text else SHIRT
    assert read_loosely(of, text, {}) == found
