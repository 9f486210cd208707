"""What every store of entries must do with drafts: inherited by the tests of the stores in memory and in PostgreSQL.

An inheriting class gives the fixture `stores`.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from bot.domain.entry import EntryDraft
from bot.domain.shop import Shop
from bot.ports import DraftChanged, NotFound
from tests.contract.store_contract import NOW, Stores, an_entry, unused_id


def a_draft(**changes: object) -> EntryDraft:
    """Return a draft that is handed over for review."""
    draft = EntryDraft(an_entry(reply="新的回复"), "p1", NOW, 1, "p2", NOW + timedelta(hours=1), "请看价格")
    return replace(draft, **changes)  # type: ignore[arg-type]


class EntryDraftContract:
    """The tests."""

    @pytest.fixture
    async def shop(self, stores: Stores) -> str:
        name = unused_id()
        await stores.shops.put_shop(Shop(name, "草稿店"))
        await stores.entries.put_entries(name, [an_entry()])
        return name

    async def test_a_draft_is_kept_beside_the_entry(self, stores: Stores, shop: str) -> None:
        assert await stores.entries.find_draft(shop, "stock-1") is None
        before = (await stores.shops.versions())[shop]
        written = await stores.entries.put_draft(shop, a_draft(), 0)
        assert written == a_draft(version=1)
        assert await stores.entries.find_draft(shop, "stock-1") == written
        assert await stores.entries.list_drafts(shop) == [written]
        assert await stores.entries.get_entry(shop, "stock-1") == an_entry()
        assert (await stores.shops.versions())[shop] == before

    async def test_a_draft_that_somebody_changed_is_not_written_over(self, stores: Stores, shop: str) -> None:
        await stores.entries.put_draft(shop, a_draft(), 0)
        with pytest.raises(DraftChanged):
            await stores.entries.put_draft(shop, a_draft(), 0)
        again = await stores.entries.put_draft(shop, a_draft(note="", handed_by="", handed_at=None), 1)
        assert (again.version, again.handed_at) == (2, None)
        with pytest.raises(DraftChanged):
            await stores.entries.drop_draft(shop, "stock-1", 1)
        assert (await stores.entries.put_draft(shop, a_draft(), None)).version == 3

    async def test_a_draft_is_dropped(self, stores: Stores, shop: str) -> None:
        await stores.entries.put_draft(shop, a_draft(), 0)
        await stores.entries.drop_draft(shop, "stock-1", 1)
        await stores.entries.drop_draft(shop, "stock-1")
        assert await stores.entries.find_draft(shop, "stock-1") is None

    async def test_without_its_entry_there_is_no_draft(self, stores: Stores, shop: str) -> None:
        with pytest.raises(NotFound):
            await stores.entries.put_draft(shop, a_draft(entry=an_entry("gone")), None)
        await stores.entries.put_draft(shop, a_draft(), 0)
        await stores.entries.delete_entry(shop, "stock-1")
        assert await stores.entries.list_drafts(shop) == []
        await stores.entries.put_entries(shop, [an_entry()])
        assert await stores.entries.find_draft(shop, "stock-1") is None

    async def test_replacing_a_shops_entries_leaves_no_draft_of_those_that_went(
        self, stores: Stores, shop: str
    ) -> None:
        await stores.entries.put_entries(shop, [an_entry("other")])
        for name in ("stock-1", "other"):
            await stores.entries.put_draft(shop, a_draft(entry=an_entry(name)), 0)
        await stores.entries.put_entries(shop, [an_entry()], replace=True)
        assert [draft.entry.id for draft in await stores.entries.list_drafts(shop)] == ["stock-1"]

    async def test_drafts_are_the_shops_own(self, stores: Stores, shop: str) -> None:
        other = unused_id()
        await stores.shops.put_shop(Shop(other, "别的店"))
        await stores.entries.put_entries(other, [an_entry()])
        await stores.entries.put_draft(shop, a_draft(), 0)
        assert await stores.entries.find_draft(other, "stock-1") is None
        assert await stores.entries.list_drafts(other) == []
        await stores.entries.drop_draft(other, "stock-1", 0)
        assert await stores.entries.find_draft(shop, "stock-1") is not None
        await stores.shops.delete_shop(shop)
        await stores.shops.put_shop(Shop(shop, "新店"))
        assert await stores.entries.list_drafts(shop) == []

    async def test_entries_first_written_since_a_moment_are_told(self, stores: Stores, shop: str) -> None:
        [first] = await stores.entries.list_versions(shop, "stock-1", 5)
        await stores.entries.put_entries(shop, [an_entry("new"), an_entry(reply="新")])
        assert await stores.entries.entries_since(shop, first.at) == {"stock-1", "new"}
        [newest] = await stores.entries.list_versions(shop, "new", 5)
        assert await stores.entries.entries_since(shop, newest.at + timedelta(seconds=1)) == set()
        assert await stores.entries.entries_since(unused_id(), first.at) == set()

    async def test_who_drafted_what_another_published_stands_in_the_history(
        self, stores: Stores, shop: str
    ) -> None:
        await stores.entries.update_entry(shop, an_entry(reply="新"), 1, author="p2", drafted_by="p1")
        newest, first = await stores.entries.list_versions(shop, "stock-1", 5)
        assert (newest.author, newest.drafted_by, first.drafted_by) == ("p2", "p1", "")
