"""A shop's products are found by the names that buyers use."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.catalogue import Catalogue, Mention, fold
from bot.domain.facts import Product, Variant
from tests.unit.fakes.counter import NOW


def product(product_id: str, title: str, *variants: Variant, **fields: object) -> Product:
    return Product(product_id, title, variants, "test", NOW, NOW, **fields)  # type: ignore[arg-type]


def variant(sku: str, stock: int | None = 1, **options: str) -> Variant:
    return Variant(sku, options, stock, price=Decimal(59))


TEE = product(
    "tee",
    "基础圆领T恤",
    variant("tee-bl", colour="黑色", size="L"),
    variant("tee-wl", colour="白色", size="L"),
    variant("tee-b2", colour="黑色", size="2XL"),
    variant("tee-fog", colour="雾霾蓝色", size="M"),
    aliases=("短袖", "tee", "T恤"),
    item_id="623456789012",
    title_en="Basic cotton tee",
)
NUTS = product(
    "nuts",
    "每日坚果",
    variant("nuts-o", flavour="原味"),
    variant("nuts-s", flavour="海盐味"),
    aliases=("坚果",),
)
POLO = product("polo", "圆领T恤升级版", variant("polo-bl", colour="黑色", size="XL"), item_id="623456789013")
CATALOGUE = Catalogue([TEE, NUTS, POLO])


@pytest.mark.parametrize(
    ("text", "products", "options"),
    [
        ("短袖黑色L码还有吗", ("tee",), {"colour": "黑色", "size": "L"}),
        ("短袖黑的 l 有吗", ("tee",), {"colour": "黑色", "size": "L"}),
        ("短袖XXL有吗", ("tee",), {"size": "2XL"}),
        ("短袖2xl有吗", ("tee",), {"size": "2XL"}),
        ("雾霾蓝还有吗", (), {"colour": "雾霾蓝色"}),
        ("坚果海盐的有吗", ("nuts",), {"flavour": "海盐味"}),
        ("圆领T恤升级版有吗", ("polo",), {}),
        ("is the basic cotton tee in black", ("tee",), {"colour": "黑色"}),
        ("do you have the tee in L", ("tee",), {"size": "L"}),
        ("I'm looking for a teepee", (), {}),
        ("committee", (), {}),
        ("多少钱", (), {}),
    ],
)
def test_products_and_options_are_found_by_the_words_of_buyers(
    text: str, products: tuple[str, ...], options: dict[str, str]
) -> None:
    mention = CATALOGUE.find(text)
    assert (mention.products, dict(mention.options)) == (products, options)


def test_a_size_that_the_shop_does_not_carry_is_still_asked_for() -> None:
    assert CATALOGUE.find("短袖3XL有吗").options == {"size": "3XL"}
    assert CATALOGUE.matching_variants(CATALOGUE.find("短袖3XL有吗")) == []


def test_an_item_id_is_worth_more_than_a_name() -> None:
    assert CATALOGUE.find("短袖有吗", ["623456789013"]).products == ("polo",)


def test_an_item_id_of_another_shop_is_known_to_be_unknown() -> None:
    mention = CATALOGUE.find("这个有吗", ["999999999999"])
    assert mention == Mention((), {}, item_known=False)


def test_variants_match_when_they_have_every_option_that_is_named() -> None:
    found = CATALOGUE.matching_variants(CATALOGUE.find("黑色有货吗"))
    assert [variant.sku for _, variant in found] == ["tee-bl", "tee-b2", "polo-bl"]


def test_a_name_that_two_products_share_names_both() -> None:
    shared = Catalogue([product("a", "甲", aliases=("毛巾",)), product("b", "乙", aliases=("毛巾",))])
    assert shared.find("毛巾多少钱").products == ("a", "b")


def test_an_empty_catalogue_finds_nothing() -> None:
    assert Catalogue([]).find("黑色的短袖多少钱") == Mention()


@given(st.text(max_size=40))
def test_looking_for_names_in_any_text_never_fails(text: str) -> None:
    mention = CATALOGUE.find(text)
    assert set(mention.products) <= {"tee", "nuts", "polo"}
    CATALOGUE.matching_variants(mention)


@given(
    st.sampled_from([TEE, NUTS, POLO]),
    st.sampled_from(["还有", "", "我想买", "看看"]),
    st.sampled_from(["吗", "多少钱", ""]),
)
def test_a_product_is_found_by_its_title_within_any_words(which: Product, before: str, after: str) -> None:
    assert which.id in CATALOGUE.find(before + which.title + after).products


@given(st.text(max_size=20))
def test_folding_a_folded_text_changes_nothing(text: str) -> None:
    assert fold(fold(text)) == fold(text)


def test_a_text_is_read_without_the_names_of_products() -> None:
    catalogue = Catalogue([product("bank", "移动电源", aliases=("充电宝",)), TEE])
    assert catalogue.without_names("充电宝能便宜点吗") == "能便宜点吗"
    assert catalogue.without_names("能便宜点吗") == "能便宜点吗"
    assert catalogue.without_names("充电宝") == ""


@given(st.text(st.sampled_from("充电宝移动源能吗ab 3"), max_size=20))
def test_what_is_cut_out_are_names_only(text: str) -> None:
    catalogue = Catalogue([product("bank", "移动电源", aliases=("充电宝",))])
    left = catalogue.without_names(text)
    assert len(left) <= len(fold(text))
    assert not catalogue.find(text).products or len(left) < len(fold(text))


@pytest.mark.parametrize(
    ("said", "model"),
    [
        ("黑色一万毫安的什么时候补货", "10000毫安"),
        ("两万毫安的有吗", "20000毫安"),
        ("1w毫安的", "10000毫安"),
        ("20000mAh的还有吗", "20000毫安"),
        ("十毫安", None),
    ],
)
def test_an_amount_is_found_as_it_is_said(said: str, model: str | None) -> None:
    bank = product(
        "bank", "充电宝", variant("bank-10", model="10000毫安"), variant("bank-20", model="20000毫安")
    )
    assert Catalogue([bank]).find(said).options.get("model") == model


def test_a_small_amount_is_found_in_characters() -> None:
    cable = product("cable", "数据线", variant("cable-1", length="1米"), variant("cable-2", length="2米"))
    assert Catalogue([cable]).find("数据线两米的有吗").options == {"length": "2米"}


@pytest.mark.parametrize(
    ("said", "size"), [("三十包", "30包"), ("三十五包", "35包"), ("十二包", "12包"), ("30包", "30包")]
)
def test_numbers_up_to_ninety_nine_are_found_in_words(said: str, size: str) -> None:
    nuts = product("nuts", "每日坚果", *(variant(each, size=each) for each in ("12包", "30包", "35包")))
    assert Catalogue([nuts]).find(f"坚果{said}的啥价").options == {"size": size}
