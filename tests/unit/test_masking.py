"""What names a person is masked, what work is done by is not, and masking twice is masking once."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.masking import MASK, mask_text


@pytest.mark.parametrize(
    ("text", "masked"),
    [
        ("电话13812345678谢谢", "电话138****5678谢谢"),
        ("138 1234 5678", "138 **** 5678"),
        ("+86-138-1234-5678", "+86-138-****-5678"),
        ("１３８１２３４５６７８", "１３８****５６７８"),
        ("座机010-62345678", "座机010-****5678"),
        ("座机0571-8234567", "座机0571-***4567"),
        ("身份证11010119900307123X", "身份证**************123X"),
        ("卡号6222021234567890128", "卡号***************0128"),
        ("卡号 6222 0212 3456 7890", "卡号 **** **** **** 7890"),
        ("发票发到zhangsan@example.com", "发票发到z*******@example.com"),
        ("中山路12号", "中山路**号"),
        ("人民大道1203弄5号楼301室", "人民大道****弄*号楼***室"),
        ("3栋2单元501", "*栋*单元***"),
        ("阳光小区3-2-501", "阳光小区*-*-***"),
        ("三号楼二单元", "*号楼*单元"),
        ("A座1203", "*座****"),
        ("住1203室", "住****室"),
    ],
)
def test_what_names_a_person_is_masked(text: str, masked: str) -> None:
    assert mask_text(text) == masked


@pytest.mark.parametrize(
    "text",
    [
        "订单2026030500000001到哪了",
        "单号SF1234567890123",
        "3号发货吗，5号能到吗",
        "知道3号发不发货",
        "三层的和五层的架子哪个好",
        "3室2厅要几卷墙纸",
        "38码还有吗，身高165体重120",
        "5座的沙发垫",
        "满300减40，第2件半价",
        "2026-03-05 10:30",
        "尺码130 140 150 160",
        "item.htm?id=123456789012",
    ],
)
def test_what_work_is_done_by_is_left_alone(text: str) -> None:
    assert mask_text(text) == text


def test_a_shops_own_number_is_kept() -> None:
    text = "打13812345678，或者13912345678"
    assert mask_text(text, keep=["13812345678"]) == "打13812345678，或者139****5678"


PIECES = st.lists(
    st.one_of(
        st.sampled_from(
            [
                "138",
                "1234",
                "5678",
                "路",
                "12号",
                "3栋",
                "单元",
                "室",
                "6222",
                "0212",
                " ",
                "-",
                "*",
                "@",
                "a.com",
                "Ｘ",
                "１",
            ]
        ),
        st.text(max_size=4),
        st.integers(0, 10**19).map(str),
    ),
    max_size=12,
).map("".join)


@given(PIECES)
def test_a_masked_text_is_as_long_and_is_not_changed_by_masking_again(text: str) -> None:
    masked = mask_text(text)
    assert len(masked) == len(text)
    assert all(new in (old, MASK) for old, new in zip(text, masked, strict=True))
    assert mask_text(masked) == masked


@given(st.from_regex(r"1[3-9][0-9]{9}", fullmatch=True), st.text("，。的在吗abc ", max_size=5))
def test_no_mobile_number_is_seen_whole(number: str, around: str) -> None:
    masked = mask_text(f"{around}{number}{around}")
    assert number not in masked
    assert number[-4:] in masked


@given(
    st.text(
        st.characters(
            max_codepoint=0x9FFF, categories=["Lo", "Po"], exclude_characters="〇零一二三四五六七八九十百"
        )
    )
)
def test_a_text_without_numbers_is_left_alone(text: str) -> None:
    assert mask_text(text) == text
