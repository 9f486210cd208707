"""Documents name the field that is wrong, and become what they describe."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from bot.domain.entry import Scope
from bot.services.document_fields import field_errors
from bot.services.documents import (
    EntryDocument,
    Loading,
    OrderDocument,
    ProductDocument,
    ShopDocument,
    to_facts,
    unique_errors,
)
from bot.services.rendering import entry_data, product_data, shop_data
from tests.unit.fakes.counter import NOW, ZONE

LOADING = Loading(NOW, ZONE, "test")
ENTRY: dict[str, Any] = {"id": "a", "group": "other", "question": "问", "reply": "答"}


def refused(document: type[Any], data: dict[str, Any]) -> list[tuple[str, str]]:
    with pytest.raises(ValidationError) as error:
        document.model_validate(data)
    return [(found.field, found.message) for found in field_errors(error.value, "entries[2]")]


@pytest.mark.parametrize(
    ("change", "field", "said"),
    [
        ({"id": "有货"}, "id", "a-z"),
        ({"id": "-a"}, "id", "beginning"),
        ({"id": 5}, "id", "string"),
        ({"group": "x"}, "group", "'x' is unknown; one of stock"),
        ({"intent": "greet"}, "intent", "not of group other"),
        ({"question": " \n"}, "question", "is empty"),
        ({"phrasings": ["好", ""]}, "phrasings[1]", "is empty"),
        ({"phrasings": ["好"] * 201}, "phrasings", "200"),
        ({"reply": "{x"}, "reply", "lone '{'"),
        ({"reply": "  "}, "reply", "needs a reply, or cases"),
        ({"reply": "a\x00"}, "reply", "no text"),
        ({"reply": "a\ud800"}, "reply", "no text"),
        ({"cases": {"low": "{y}"}}, "cases.low", "unknown variable"),
        ({"cases": {"sold": "y"}}, "cases", "do not go together"),
        ({"language": "fr"}, "language", "zh or en"),
        ({"status": "gone"}, "status", "draft"),
        ({"short_code": "有"}, "short_code", "短码只用"),
        ({"scope": {"product": []}}, "scope.product", "unknown field"),
        ({"colour": "red"}, "colour", "unknown field"),
        (
            {"validity": {"weekly": [{"days": [8], "since": "1:00", "until": "2:00"}]}},
            "validity.weekly[0].days[0]",
            "7",
        ),
    ],
)
def test_the_field_that_is_wrong_is_named(change: dict[str, Any], field: str, said: str) -> None:
    errors = refused(EntryDocument, ENTRY | change)
    assert [name for name, _ in errors] == [f"entries[2].{field}"]
    assert said in errors[0][1]


def test_what_was_given_does_not_stand_in_the_message_of_a_type_error() -> None:
    assert "秘密" not in str(refused(EntryDocument, ENTRY | {"phrasings": {"秘密": 1}}))


def test_a_question_of_several_lines_becomes_one_line() -> None:
    assert EntryDocument.model_validate(ENTRY | {"question": " 还有\n货吗 "}).question == "还有 货吗"


def test_an_entry_that_is_shown_is_taken_back_the_same() -> None:
    data = ENTRY | {
        "phrasings": ["问问"],
        "cases": {"low": "少", "unknown": "哪款"},
        "scope": {"products": ["tee"]},
        "validity": {"since": "today", "weekly": [{"days": [1, 2], "since": "09:00", "until": "24:00"}]},
        "short_code": "kc",
    }
    entry = EntryDocument.model_validate(data).to_entry(LOADING)
    assert entry.scope == Scope(("tee",))
    shown = {name: value for name, value in entry_data(entry).items() if name != "version"}
    assert EntryDocument.model_validate(shown).to_entry(LOADING) == entry


def test_a_product_that_is_shown_is_taken_back_the_same() -> None:
    data = {
        "id": "tee",
        "title": "短袖",
        "price": 59.9,
        "attributes": {"material": "棉"},
        "variants": [{"sku": "l", "options": {"size": "L"}, "stock": 1, "restock": "+1d", "price": 60}],
    }
    product = ProductDocument.model_validate(data).to_product(LOADING)
    shown = {n: v for n, v in product_data(product).items() if n not in ("source", "as_of", "stock_as_of")}
    assert ProductDocument.model_validate(shown).to_product(LOADING) == product


@pytest.mark.parametrize(
    ("document", "change", "field"),
    [
        (ProductDocument, {"item_id": "12"}, "item_id"),
        (ProductDocument, {"url": "javascript:alert(1)"}, "url"),
        (ProductDocument, {"price": -1}, "price"),
        (ProductDocument, {"price": float("nan")}, "price"),
        (ProductDocument, {"price": "9.999"}, "price"),
        (ProductDocument, {"attributes": {"taste": "x"}}, "attributes"),
        (ProductDocument, {"variants": [{"sku": "a", "stock": 1.5}]}, "variants[0].stock"),
        (ShopDocument, {"name": ""}, "name"),
        (ShopDocument, {"colour": "red"}, "colour"),
        (ShopDocument, {"timezone": "Mars/Olympus"}, "timezone"),
        (ShopDocument, {"timezone": "../etc/passwd"}, "timezone"),
        (ShopDocument, {"languages": []}, "languages"),
        (OrderDocument, {"status": "lost"}, "status"),
        (OrderDocument, {"phone_last4": "13800000000"}, "phone_last4"),
    ],
)
def test_products_shops_and_orders_name_their_fields_too(
    document: type[Any], change: dict[str, Any], field: str
) -> None:
    good: dict[type[Any], dict[str, Any]] = {
        ProductDocument: {"id": "a", "title": "甲"},
        ShopDocument: {"id": "a", "name": "甲"},
        OrderDocument: {"order_no": "2026030500000001", "status": "paid"},
    }
    document.model_validate(good[document])
    assert [name for name, _ in refused(document, good[document] | change)] == [f"entries[2].{field}"]


def test_a_shop_takes_the_first_character_of_its_name_for_an_avatar() -> None:
    shop = ShopDocument(id="a", name="青岚").to_shop(is_demo=True)
    assert shop.avatar == "青"
    assert shop_data(shop)["demo"] is True


def test_facts_are_named_in_chinese_or_english_and_keep_their_source() -> None:
    facts = to_facts({"发货时限": "48小时内", "invoice_types": "电子"}, LOADING)
    assert [(fact.name, fact.kind, fact.source) for fact in facts] == [
        ("dispatch_time", "shipping", "test"),
        ("invoice_types", "invoice", "test"),
    ]
    for name in ("库存", "shop_name", "nothing"):
        with pytest.raises(ValueError, match=name):
            to_facts({name: "x"}, LOADING)


def test_a_value_that_stands_twice_names_both_places() -> None:
    errors = unique_errors("entries", ["a", "b", "a", "", ""], "id")
    assert [(error.field, error.message) for error in errors] == [
        ("entries[2].id", "'a' stands already at entries[0]")
    ]


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=6,
)


@given(st.sampled_from([EntryDocument, ProductDocument, OrderDocument, ShopDocument]), st.data())
def test_any_json_is_taken_or_refused_by_field(document: type[Any], data: st.DataObject) -> None:
    fields = data.draw(st.dictionaries(st.sampled_from(sorted(document.model_fields)), JSON, max_size=6))
    try:
        document.model_validate(fields)
    except ValidationError as error:
        assert field_errors(error)  # noqa: PT017  (either outcome is right)
