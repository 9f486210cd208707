"""Every edit tells who changed which fields, and an entry goes back to any of its versions."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, time
from typing import Any

import pytest

from bot.domain.account import Account, Membership, Organisation
from bot.domain.entry import Entry, Scope, Validity, WeeklyHours
from bot.ports import EntryChanged, NotFound
from bot.services.colleagues import Colleagues
from bot.services.documents import EntryDocument
from bot.services.entries import InvalidEntries
from bot.services.entry_history import PAGE, EntryHistory, differences
from bot.storage.memory_accounts import MemoryAccounts, MemoryPeople, MemoryPresence
from tests.unit.fakes.counter import Counter

SHOP = """
kuaihui: 1
shop: {id: %s, name: 小摊}
products: [{id: tee, title: 甲, category: clothing}]
entries: [{id: first, group: other, question: 问, reply: 答, short_code: one}]
"""


def document(entry_id: str = "first", **fields: Any) -> EntryDocument:
    return EntryDocument.model_validate(
        {"id": entry_id, "group": "other", "question": "问", "reply": "答", **fields}
    )


@pytest.fixture
async def counter() -> Counter:
    counter = Counter()
    for shop in ("mine", "theirs"):
        await counter.open_shop(SHOP % shop)
    return counter


@pytest.fixture
async def history(counter: Counter) -> EntryHistory:
    people = MemoryPeople()
    accounts = MemoryAccounts(people, counter.clock)
    await accounts.put_organisation(Organisation("o", "公司", frozenset({"mine", "theirs"})))
    await accounts.create_accounts(
        [(Account("p1", "o", "dianzhu", "店主一"), "-"), (Account("p2", "o", "dianzhu2", "店主二"), "-")],
        [Membership("p1", "mine", "owner"), Membership("p2", "theirs", "owner")],
    )
    return EntryHistory(counter.entries, counter.editor, Colleagues(accounts, MemoryPresence(people)))


def test_versions_differ_field_by_field() -> None:
    before = Entry(
        "e",
        "stock",
        "有货吗",
        "有",
        ("还有吗",),
        "stock_available",
        {"in_stock": "有货", "low": "少量"},
        short_code="yh",
    )
    after = replace(
        before,
        reply="有的",
        phrasings=("还有吗", "有没有"),
        cases={"in_stock": "有货的"},
        scope=Scope(("tee",)),
        validity=Validity(datetime(2026, 3, 5, tzinfo=UTC), None, (WeeklyHours(0, time(9), time(18)),)),
        short_code="",
        status="archived",
        version=9,
    )
    assert {each.field: (each.before, each.after) for each in differences(before, after)} == {
        "phrasings": (["还有吗"], ["还有吗", "有没有"]),
        "reply": ("有", "有的"),
        "cases.in_stock": ("有货", "有货的"),
        "cases.low": ("少量", None),
        "scope.products": (None, ["tee"]),
        "validity.since": (None, "2026-03-05T00:00:00+00:00"),
        "validity.weekly": (None, [{"days": [1], "since": "09:00", "until": "18:00"}]),
        "short_code": ("yh", None),
        "status": ("published", "archived"),
    }
    assert differences(before, replace(before, version=2)) == ()
    assert {each.after for each in differences(before, None)} == {None}


async def test_an_edit_names_its_author_as_this_shop_knows_him(
    counter: Counter, history: EntryHistory
) -> None:
    for author, reply in (("p1", "一"), ("p2", "二"), ("token:t", "三")):
        await counter.editor.signing(author).update_entry("mine", document(reply=reply), None)
    edits, more = await history.list_edits("mine", "first")
    assert not more
    assert [(edit.version, edit.author.kind, edit.author.name) for edit in edits] == [
        (4, "token", ""),
        (3, "person", ""),
        (2, "person", "店主一"),
        (1, "server", ""),
    ]
    assert [(each.field, each.before, each.after) for each in edits[2].differences] == [
        ("reply", "答", "一"),
        ("short_code", "one", None),
    ]
    assert [edit.version for edit in (await history.list_edits("theirs", "first"))[0]] == [1]


async def test_a_long_history_is_read_in_parts_without_a_gap(counter: Counter, history: EntryHistory) -> None:
    for number in range(PAGE + 4):
        await counter.editor.update_entry("mine", document(reply=str(number)), None)
    newest, more = await history.list_edits("mine", "first")
    rest, no_more = await history.list_edits("mine", "first", newest[-1].version)
    assert (more, no_more) == (True, False)
    assert [edit.version for edit in (*newest, *rest)] == list(range(PAGE + 5, 0, -1))
    assert [each.field for each in newest[-1].differences] == ["reply"]


async def test_an_entry_goes_back_to_a_version_as_a_new_one(counter: Counter, history: EntryHistory) -> None:
    await counter.editor.update_entry("mine", document(reply="改", status="archived"), None)
    back = await history.roll_back("mine", "first", 1, "p1")
    assert (back.version, back.reply, back.status, back.short_code) == (3, "答", "published", "one")
    assert (await counter.entries.list_versions("mine", "first", 1))[0].author == "p1"
    assert (await counter.editor.get_entry("theirs", "first")).version == 1
    assert (await history.roll_back("mine", "first", 3, "p1")).version == 3
    with pytest.raises(EntryChanged):
        await history.roll_back("mine", "first", 1, "p1", expected_version=2)
    with pytest.raises(NotFound):
        await history.roll_back("mine", "first", 9, "p1")


async def test_a_phrase_without_a_question_goes_back_too(counter: Counter, history: EntryHistory) -> None:
    phrase = Entry("phrase", "shipping", "", "默认发顺丰", intent="ship_courier")
    await counter.entries.put_entries("mine", [phrase])
    await counter.entries.put_entries("mine", [replace(phrase, question="发什么快递", reply="发中通")])
    back = await history.roll_back("mine", "phrase", 1, "p1")
    assert (back.question, back.reply, back.version) == ("", "默认发顺丰", 3)


async def test_a_deleted_entry_is_brought_back(counter: Counter, history: EntryHistory) -> None:
    await counter.editor.delete_entry("mine", "first")
    with pytest.raises(InvalidEntries, match="deletion"):
        await history.roll_back("mine", "first", 2, "p1")
    back = await history.roll_back("mine", "first", 1, "p1")
    assert (back.version, back.reply) == (3, "答")
    edits, _ = await history.list_edits("mine", "first")
    assert [edit.entry is None for edit in edits] == [False, True, False]


async def test_a_version_that_no_longer_fits_the_shop_is_refused(
    counter: Counter, history: EntryHistory
) -> None:
    await counter.editor.update_entry("mine", document(scope={"products": ["tee"]}), None)
    await counter.editor.create_entry("mine", document("second", short_code="one"))
    await counter.facts.put_products("mine", [], replace=True)
    for version, field in ((1, "short_code"), (2, "scope.products")):
        await counter.editor.update_entry("mine", document(reply="改"), None)
        with pytest.raises(InvalidEntries) as refused:
            await history.roll_back("mine", "first", version, "p1")
        assert refused.value.errors[0].field == field
    assert (await counter.editor.get_entry("mine", "first")).reply == "改"


async def test_publishing_minds_the_short_codes(counter: Counter) -> None:
    await counter.editor.update_entry("mine", document(short_code="one", status="archived"), None)
    await counter.editor.create_entry("mine", document("second", short_code="one"))
    with pytest.raises(InvalidEntries, match="'one' is the short code of second"):
        await counter.editor.set_status("mine", ["first"], "published")
    with pytest.raises(InvalidEntries, match="short code"):
        await counter.editor.set_status("mine", ["first", "second"], "published")
    assert await counter.editor.set_status("mine", ["second"], "archived") == 1
    assert await counter.editor.set_status("mine", ["first"], "published") == 1
    assert (await counter.editor.get_entry("theirs", "first")).status == "published"
