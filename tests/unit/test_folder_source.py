"""Watched folders: whole files of the shop's own folder, and nothing that lies behind a link."""

from __future__ import annotations

import os
from datetime import UTC, datetime
from pathlib import Path

import pytest

from bot.facts.folder_source import InboxFolders
from bot.ports.fact_sources import FoundFile, SourceFailed

NOW = datetime(2026, 3, 5, 2, 30, tzinfo=UTC)
MOST = 1000


@pytest.fixture
def inbox(tmp_path: Path) -> Path:
    return tmp_path / "inbox"


@pytest.fixture
def folders(inbox: Path) -> InboxFolders:
    return InboxFolders(inbox)


def lay(inbox: Path, name: str, text: str = "sku,stock\na,1\n", at: int = 1000) -> Path:
    path = inbox / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    os.utime(path, (at, at))
    return path


async def names(folders: InboxFolders, shop: str = "tea", pattern: str = "*", folder: str = "") -> list[str]:
    return [each.name for each in await folders.look(shop, folder, pattern)]


async def only(folders: InboxFolders) -> FoundFile:
    [file] = await folders.look("tea", "", "*")
    return file


async def test_the_shops_folder_is_made_where_it_is_missing(folders: InboxFolders, inbox: Path) -> None:
    assert await names(folders) == []
    assert (inbox / "tea").is_dir()


async def test_files_come_oldest_first_and_by_their_pattern(folders: InboxFolders, inbox: Path) -> None:
    lay(inbox, "tea/Stock-2.CSV", at=2000)
    lay(inbox, "tea/stock-1.csv", at=3000)
    lay(inbox, "tea/orders.csv", at=1000)
    assert await names(folders, pattern="stock*.csv") == ["Stock-2.CSV", "stock-1.csv"]
    assert await names(folders) == ["orders.csv", "Stock-2.CSV", "stock-1.csv"]


async def test_another_shops_files_are_not_found(folders: InboxFolders, inbox: Path) -> None:
    lay(inbox, "lamp/stock.csv")
    assert await names(folders) == []
    for elsewhere in ("../lamp", "/etc", "a/../../lamp", ".hidden", "done", "x/Failed", "..\\lamp"):
        with pytest.raises(SourceFailed, match="only a folder within the shop's own"):
            await names(folders, folder=elsewhere)


async def test_links_lead_nowhere(folders: InboxFolders, inbox: Path) -> None:
    other = lay(inbox, "lamp/stock.csv")
    (inbox / "tea").mkdir()
    (inbox / "tea" / "stock.csv").symlink_to(other)
    (inbox / "tea" / "sub").symlink_to(inbox / "lamp")
    assert await names(folders) == []
    with pytest.raises(SourceFailed, match="link"):
        await names(folders, folder="sub")


async def test_a_file_that_became_a_link_is_not_read(folders: InboxFolders, inbox: Path) -> None:
    other, path = lay(inbox, "lamp/stock.csv"), lay(inbox, "tea/stock.csv")
    file = await only(folders)
    path.unlink()
    path.symlink_to(other)
    with pytest.raises(SourceFailed, match="link"):
        await folders.read("tea", "", file, MOST)


async def test_a_shops_folder_that_is_a_link_is_refused(folders: InboxFolders, inbox: Path) -> None:
    lay(inbox, "lamp/stock.csv")
    (inbox / "tea").symlink_to(inbox / "lamp")
    with pytest.raises(SourceFailed, match="link"):
        await names(folders)


async def test_what_is_still_written_to_is_left_alone(folders: InboxFolders, inbox: Path) -> None:
    for name in (".stock.csv", "~$stock.xlsx", "stock.csv.part", "stock.TMP", "stock.csv.filepart"):
        lay(inbox, f"tea/{name}")
    assert await names(folders) == []


async def test_pipes_and_folders_are_no_exports(folders: InboxFolders, inbox: Path) -> None:
    (inbox / "tea" / "folder.csv").mkdir(parents=True)
    os.mkfifo(inbox / "tea" / "pipe.csv")
    assert await names(folders) == []


async def test_a_file_that_has_grown_since_is_not_read(folders: InboxFolders, inbox: Path) -> None:
    path = lay(inbox, "tea/stock.csv")
    file = await only(folders)
    assert await folders.read("tea", "", file, MOST) == b"sku,stock\na,1\n"
    path.write_text("sku,stock\na,1\nb,2\n")
    assert await folders.read("tea", "", file, MOST) is None
    path.unlink()
    assert await folders.read("tea", "", file, MOST) is None


async def test_a_file_above_the_cap_is_not_read(folders: InboxFolders, inbox: Path) -> None:
    lay(inbox, "tea/stock.csv", "x" * (MOST + 1))
    with pytest.raises(SourceFailed, match="larger than"):
        await folders.read("tea", "", await only(folders), MOST)


async def test_what_was_taken_and_what_was_not_are_put_apart(folders: InboxFolders, inbox: Path) -> None:
    lay(inbox, "tea/stock.csv")
    await folders.put_away("tea", "", await only(folders), NOW, "")
    lay(inbox, "tea/stock.csv", "broken")
    await folders.put_away("tea", "", await only(folders), NOW, "没有表头")
    assert await names(folders) == []
    [done] = (inbox / "tea" / "done").iterdir()
    assert done.name == "20260305T023000Z-0-stock.csv"
    failed = sorted((inbox / "tea" / "failed").iterdir())
    assert [each.name for each in failed] == [done.name, f"{done.name}.problem.txt"]
    assert failed[1].read_text() == "没有表头\n"


async def test_files_of_the_same_name_are_all_kept(folders: InboxFolders, inbox: Path) -> None:
    for text in ("one", "two"):
        lay(inbox, "tea/stock.csv", text)
        await folders.put_away("tea", "", await only(folders), NOW, "")
    assert {each.read_text() for each in (inbox / "tea" / "done").iterdir()} == {"one", "two"}


async def test_what_was_put_away_does_not_pile_up(folders: InboxFolders, inbox: Path) -> None:
    foreign = lay(inbox, "tea/failed/notes of ours.md")
    for _ in range(103):
        lay(inbox, "tea/stock.csv")
        await folders.put_away("tea", "", await only(folders), NOW, "x")
    assert len(list((inbox / "tea" / "failed").iterdir())) == 2 * 100 + 1
    assert foreign.exists()


@pytest.mark.parametrize("name", ["库" * 83 + ".csv", "s" * 251 + ".csv", "s." + "c" * 250])
async def test_a_file_with_a_name_as_long_as_can_be_is_put_away_too(
    folders: InboxFolders, inbox: Path, name: str
) -> None:
    for problem in ("", "broken"):
        lay(inbox, f"tea/{name}")
        await folders.put_away("tea", "", await only(folders), NOW, problem)
        assert await names(folders) == []
    [done] = (inbox / "tea" / "done").iterdir()
    assert len(list((inbox / "tea" / "failed").iterdir())) == 2
    assert done.suffix == ".csv" or not name.endswith(".csv")
