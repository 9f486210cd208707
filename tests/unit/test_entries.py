"""Entries are edited in the shop that is named, checked against what that shop has."""

from __future__ import annotations

from typing import Any

import pytest
from pydantic import ValidationError

from bot.ports import Conflict, NotFound
from bot.services.documents import EntryDocument
from bot.services.entries import InvalidEntries
from bot.services.image_reading import CheckedImage
from tests.unit.fakes.counter import Counter

SHOP = """
kuaihui: 1
shop: {id: %s, name: 小摊}
products: [{id: %s, title: 甲, category: %s}]
entries: [{id: first, group: other, question: 问, reply: 答, short_code: one}]
"""


@pytest.fixture
async def counter() -> Counter:
    counter = Counter()
    await counter.open_shop(SHOP % ("mine", "tee", "clothing"))
    await counter.open_shop(SHOP % ("theirs", "cup", "kitchen"))
    return counter


def document(entry_id: str = "new", **fields: Any) -> EntryDocument:
    return EntryDocument.model_validate(
        {"id": entry_id, "group": "other", "question": "问", "reply": "答", **fields}
    )


async def test_an_entry_is_created_once(counter: Counter) -> None:
    assert (await counter.editor.create_entry("mine", document())).version == 1
    with pytest.raises(Conflict):
        await counter.editor.create_entry("mine", document())
    with pytest.raises(NotFound):
        await counter.editor.get_entry("theirs", "new")


async def test_an_entry_is_updated_at_the_version_that_was_read(counter: Counter) -> None:
    assert (await counter.editor.update_entry("mine", document("first", reply="改"), 1)).version == 2
    with pytest.raises(Conflict):
        await counter.editor.update_entry("mine", document("first"), 1)
    assert (await counter.editor.get_entry("mine", "first")).reply == "改"
    assert (await counter.editor.get_entry("theirs", "first")).reply == "答"


async def test_an_entry_is_deleted_in_its_shop_alone(counter: Counter) -> None:
    await counter.editor.delete_entry("mine", "first")
    assert [entry.id for entry in await counter.editor.list_entries("theirs")] == ["first"]
    with pytest.raises(NotFound):
        await counter.editor.delete_entry("mine", "first")


@pytest.mark.parametrize("scope", [{"products": ["cup"]}, {"categories": ["kitchen"]}])
async def test_products_and_categories_of_another_shop_are_unknown(
    counter: Counter, scope: dict[str, list[str]]
) -> None:
    with pytest.raises(InvalidEntries) as refused:
        await counter.editor.create_entry("mine", document(scope=scope))
    assert refused.value.errors[0].field == f"scope.{next(iter(scope))}"
    await counter.editor.create_entry("theirs", document(scope=scope))


async def test_a_short_code_belongs_to_one_entry_of_the_shop(counter: Counter) -> None:
    with pytest.raises(InvalidEntries, match="'one' is the short code of first"):
        await counter.editor.create_entry("mine", document(short_code="one"))
    await counter.editor.update_entry("mine", document("first", short_code="one"), None)
    with pytest.raises(InvalidEntries, match="short_code"):
        await counter.editor.put_entries("mine", [document("a"), document("b", short_code="one")])
    await counter.editor.update_entry("mine", document("first", short_code="one", status="archived"), None)
    await counter.editor.create_entry("mine", document(short_code="one"))


async def test_entries_put_together_do_not_share_a_short_code(counter: Counter) -> None:
    with pytest.raises(InvalidEntries, match="two"):
        await counter.editor.put_entries(
            "mine", [document("a", short_code="two"), document("b", short_code="two")]
        )
    assert [entry.id for entry in await counter.editor.list_entries("mine")] == ["first"]


async def test_several_entries_are_written_or_none(counter: Counter) -> None:
    with pytest.raises(InvalidEntries) as refused:
        await counter.editor.put_entries(
            "mine", [document("a"), document("b", validity={"since": "someday"})]
        )
    assert [error.field for error in refused.value.errors] == ["entries[1].validity"]
    assert [entry.id for entry in await counter.editor.list_entries("mine")] == ["first"]
    assert await counter.editor.put_entries("mine", [document("a"), document("b")], replace=True) == 2
    assert [entry.id for entry in await counter.editor.list_entries("mine")] == ["a", "b"]


async def test_an_unknown_shop_is_not_found(counter: Counter) -> None:
    for call in (
        counter.editor.list_entries("nowhere"),
        counter.editor.create_entry("nowhere", document()),
        counter.editor.put_entries("nowhere", []),
        counter.editor.delete_entry("nowhere", "first"),
    ):
        with pytest.raises(NotFound):
            await call


async def test_an_image_that_the_shop_does_not_have_is_refused_by_name(counter: Counter) -> None:
    theirs = await counter.editor.put_image("theirs", CheckedImage("image/png", b"chart"))
    with pytest.raises(InvalidEntries) as refused:
        await counter.editor.create_entry("mine", document(image=theirs))
    assert [error.field for error in refused.value.errors] == ["image"]
    assert theirs in refused.value.errors[0].message
    with pytest.raises(InvalidEntries) as refused:
        await counter.editor.put_entries("mine", [document("a"), document("b", image=theirs)])
    assert [error.field for error in refused.value.errors] == ["entries[1].image"]
    assert await counter.editor.put_image("mine", CheckedImage("image/png", b"chart")) == theirs
    assert (await counter.editor.create_entry("mine", document(image=theirs))).image == theirs


@pytest.mark.parametrize("image", ["i12", "../e", "e123", "http://elsewhere.example/a.png"])
def test_what_is_no_images_id_is_refused(image: str) -> None:
    with pytest.raises(ValidationError, match="image"):
        document(image=image)
