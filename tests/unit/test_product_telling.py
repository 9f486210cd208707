"""What is said of a product names what is asked of it, or does not."""

from __future__ import annotations

import pytest

from bot.domain.product_telling import names_asked


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("填充是什么的", "面料凉感尼龙，填充100%聚酯纤维"),
        ("能降多少分贝", "蓝牙5.4，降噪42分贝，续航8小时"),
        ("毛巾多大尺寸", "34×75厘米，120克"),
        ("一罐多少克", "净含量250克"),
        ("里面几包呀", "内有18包"),
        ("充一次用多久", "一次充电约40小时"),
    ],
)
def test_it_names_what_is_asked(text: str, told: str) -> None:
    assert names_asked(text, told)


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("能不能退", "可整件机洗，低速脱水"),
        ("充手机要多久", "手机背面对准磁环吸上"),
        ("哪个尺寸合适", "单人70×100厘米"),
        ("我穿多大", "裤长98厘米"),
        ("这个怎么样", "这个很好"),
        ("", "100%棉"),
    ],
)
def test_it_does_not_name_what_is_asked(text: str, told: str) -> None:
    assert not names_asked(text, told)


def test_the_name_of_the_product_is_nothing_that_was_asked() -> None:
    assert names_asked("充电宝好看吗", "充电宝用C口充")
    assert not names_asked("充电宝好看吗", "充电宝用C口充", ["磁吸充电宝"])
