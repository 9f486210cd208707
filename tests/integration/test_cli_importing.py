"""kuaihui import, export, shop-load: every row and field is checked and named, and it is all or nothing."""

from __future__ import annotations

import asyncio
import csv
import io
import itertools
from collections.abc import Iterator
from pathlib import Path

import asyncpg
import pytest
import yaml

from bot.storage.embedded import EmbeddedPostgres
from tests.integration.installations import LIFE, PATIENCE, YUNSHANG, Installation, Outcome, Server, until
from tests.integration.rasa_models import ROOT

DEMO = ROOT / "templates" / "demo"
HEADER = ("编号", "分组", "意图", "问题", "相似问法", "回复")
LIGHT = (
    "light",
    "product_info",
    "product_usage",
    "灯笼怎么点亮",
    "灯笼怎么开|灯笼不亮怎么办",
    "灯笼底部有开关，长按两秒点亮",
)
PAPER = ("paper", "product_info", "product_material", "灯笼是纸的吗", "", "灯笼面是{材质|宣纸}做的")
PACK = """\
kuaihui: 1
shop:
  id: {shop}
  name: 纸灯笼铺
facts:
  dispatch_time: 96小时内
products:
  - id: lantern
    title: 手工纸灯笼
    category: lanterns
    variants:
      - {{sku: lantern-red, options: {{colour: 红色}}, stock: 12}}
entries:
  - id: first
    group: shipping
    intent: ship_when
    question: 什么时候发货
    reply: 付款后{{发货时限}}发出
"""
_numbers = itertools.count(1)


@pytest.fixture
def shop(ready: Server, tmp_path: Path) -> Iterator[str]:
    """A shop of one entry on the running server."""
    name = f"lantern-{next(_numbers)}"
    pack = tmp_path / "lantern.yml"
    pack.write_text(PACK.format(shop=name), encoding="utf-8")
    assert ready.installation.call("shop-load", pack).status == 0
    yield name
    assert ready.installation.call("shop-remove", "--yes", name).status == 0


def table(*rows: tuple[str, ...], header: tuple[str, ...] = HEADER) -> str:
    out = io.StringIO(newline="")
    csv.writer(out).writerows((header, *rows))
    return out.getvalue()


def exported(installation: Installation, shop: str, tmp_path: Path) -> str:
    file = tmp_path / "exported.yml"
    assert installation.call("export", "--shop", shop, file).status == 0
    return file.read_text(encoding="utf-8")


def imported(server: Server, shop: str, file: Path, *options: str) -> Outcome:
    return server.installation.call("import", "--shop", shop, "--json", *options, file)


@pytest.mark.parametrize(
    ("encoding", "separator"),
    [("utf-8", ","), ("utf-8-sig", ","), ("gb18030", ","), ("utf-8-sig", "\t"), ("gb18030", ";")],
)
def test_a_table_is_read_as_spreadsheets_write_it(
    ready: Server, shop: str, tmp_path: Path, encoding: str, separator: str
) -> None:
    file = tmp_path / "entries.csv"
    out = io.StringIO(newline="")
    csv.writer(out, delimiter=separator).writerows((HEADER, LIGHT, PAPER))
    file.write_bytes(out.getvalue().encode(encoding))
    outcome = imported(ready, shop, file)
    assert outcome.row == {"rows": 2, "ok": 2, "written": 2, "errors": []}
    assert "灯笼底部有开关" in exported(ready.installation, shop, tmp_path)


def test_an_imported_entry_is_suggested_by_the_running_server(
    ready: Server, shop: str, tmp_path: Path
) -> None:
    file = tmp_path / "entries.csv"
    file.write_text(table(LIGHT), encoding="utf-8")
    assert imported(ready, shop, file).status == 0

    def replies() -> list[str]:
        row = ready.installation.call("suggest", "--shop", shop, "--json", "灯笼不亮怎么办").row
        return [suggestion["text"] for suggestion in row["suggestions"]]

    until(lambda: LIGHT[5] in replies())


def test_a_person_reads_how_many_rows_were_written(ready: Server, shop: str, tmp_path: Path) -> None:
    file = tmp_path / "entries.csv"
    file.write_text(table(LIGHT, PAPER), encoding="utf-8")
    assert "2 写入 written" in ready.installation.call("import", "--shop", shop, file).out


BAD = {
    2: ("reply", ("typo", "other", "", "在吗", "", "亲，{库村}件")),
    3: ("group", ("lost", "nowhere", "", "在吗", "", "在的")),
    4: ("id", ("light", "other", "", "在不在", "", "在的")),
    5: ("question", ("empty", "other", "", "", "", "在的")),
    6: ("reply", ("silent", "other", "", "在不在呀", "", "")),
    7: ("intent", ("odd", "other", "stock_available", "有吗", "", "有的")),
}


def test_every_bad_row_is_named_with_its_column_and_nothing_is_written(
    ready: Server, shop: str, tmp_path: Path
) -> None:
    before = exported(ready.installation, shop, tmp_path)
    file = tmp_path / "entries.csv"
    file.write_text(table(LIGHT, *(row for _, row in BAD.values())), encoding="utf-8")
    outcome = imported(ready, shop, file)
    assert outcome.status == 1
    report = outcome.row
    assert (report["rows"], report["written"]) == (7, 0)
    assert {error["row"]: error["column"] for error in report["errors"]} == {
        n: column for n, (column, _) in BAD.items()
    }
    assert all(set(error) == {"row", "column", "message"} and error["message"] for error in report["errors"])
    assert exported(ready.installation, shop, tmp_path) == before
    said = ready.installation.call("import", "--shop", shop, file)
    said.refused("row 2, reply: ", "库村", "row 4, id: ", "'light' stands already in row 1", "row 7, intent")


def test_with_skip_bad_the_right_rows_are_written(ready: Server, shop: str, tmp_path: Path) -> None:
    file = tmp_path / "entries.csv"
    file.write_text(table(LIGHT, *(row for _, row in BAD.values()), PAPER), encoding="utf-8")
    report = imported(ready, shop, file, "--skip-bad").row
    assert report["written"] == report["ok"] == 2
    assert {error["row"] for error in report["errors"]} == set(BAD)
    after = exported(ready.installation, shop, tmp_path)
    assert all(f"id: {name}" in after for name in ("first", "light", "paper"))


def test_a_dry_run_writes_nothing(ready: Server, shop: str, tmp_path: Path) -> None:
    before = exported(ready.installation, shop, tmp_path)
    file = tmp_path / "entries.csv"
    file.write_text(table(LIGHT), encoding="utf-8")
    outcome = imported(ready, shop, file, "--dry-run", "--replace")
    assert (outcome.status, outcome.row["ok"], outcome.row["written"]) == (0, 1, 0)
    assert exported(ready.installation, shop, tmp_path) == before


def test_replacing_removes_the_other_entries_of_this_shop_only(
    ready: Server, shop: str, tmp_path: Path
) -> None:
    others = [exported(ready.installation, other, tmp_path) for other in (LIFE, YUNSHANG)]
    file = tmp_path / "entries.csv"
    file.write_text(table(LIGHT), encoding="utf-8")
    assert imported(ready, shop, file, "--replace").status == 0
    after = exported(ready.installation, shop, tmp_path)
    assert "id: light" in after
    assert "id: first" not in after
    assert [exported(ready.installation, other, tmp_path) for other in (LIFE, YUNSHANG)] == others


@pytest.mark.parametrize("suffix", ["csv", "xlsx", "yml"])
def test_what_is_exported_is_imported_as_it_was(
    ready: Server, shop: str, tmp_path: Path, suffix: str
) -> None:
    before = yaml.safe_load(exported(ready.installation, LIFE, tmp_path))
    file = tmp_path / f"whole.{suffix}"
    assert ready.installation.call("export", "--shop", LIFE, file).status == 0
    outcome = imported(ready, LIFE, file, "--replace")
    assert (outcome.status, outcome.row["errors"]) == (0, [])
    assert yaml.safe_load(exported(ready.installation, LIFE, tmp_path)) == before


@pytest.mark.parametrize(
    ("name", "content", "words"),
    [
        ("e.csv", b"", ("e.csv", "empty")),
        ("e.csv", "名字,回复\n在吗,在的\n".encode(), ("e.csv", "名字")),
        ("e.csv", "问题\n在吗\n".encode(), ("e.csv", "reply (回复)")),
        ("e.csv", "问题,回复\n\"在吗,在的\n".encode(), ("e.csv", "quotation mark")),
        ("e.csv", b"\x00\xff\xfe\x80" * 40, ("e.csv", "UTF-8", "GB18030")),
        ("e.xlsx", b"PK\x03\x04 and no more", ("e.xlsx", "workbook")),
        ("e.yml", b"entries: [", ("e.yml", "line 2, column 1")),
        ("e.yml", b"entries: 5", ("e.yml", "list of entries")),
        ("e.yml", b"a: 1\na: 2", ("e.yml", "line 2")),
    ],
)  # fmt: skip
def test_what_is_no_table_is_refused_by_name(
    ready: Server, shop: str, tmp_path: Path, name: str, content: bytes, words: tuple[str, ...]
) -> None:
    file = tmp_path / name
    file.write_bytes(content)
    ready.installation.call("import", "--shop", shop, file).refused(*words)


def test_a_file_or_shop_that_is_not_there_is_named(ready: Server, tmp_path: Path) -> None:
    file = tmp_path / "entries.csv"
    ready.installation.call("import", "--shop", LIFE, file).refused("entries.csv", "No such file")
    ready.installation.call("import", "--shop", LIFE, tmp_path).refused(str(tmp_path), "directory")
    file.write_text(table(LIGHT), encoding="utf-8")
    for command, shop in itertools.product(("import", "export"), ("nowhere", "No/Where")):
        ready.installation.call(command, "--shop", shop, file).refused(f"no shop {shop}")
    assert file.read_text(encoding="utf-8") == table(LIGHT).replace("\r\n", "\n")
    ready.installation.call("export", "--shop", LIFE, tmp_path / "e.doc").refused("e.doc", ".xlsx")


async def test_an_import_killed_in_its_middle_changes_nothing(
    ready: Server, shop: str, tmp_path: Path
) -> None:
    installation = ready.installation
    rows = [(f"e-{n}", "other", "", f"第{n}问", "", f"第{n}答") for n in range(2500)]
    (tmp_path / "one.csv").write_text(table(rows[1500]), encoding="utf-8")
    (tmp_path / "all.csv").write_text(table(*rows), encoding="utf-8")
    run = asyncio.to_thread
    assert (await run(installation.run, "import", "--shop", shop, tmp_path / "one.csv")).status == 0
    before = await run(installation.run, "export", "--shop", shop, tmp_path / "before.yml")
    attached = EmbeddedPostgres(installation.data_dir)
    assert attached.attach()
    connection = await asyncpg.connect(attached.app_dsn)
    try:
        async with connection.transaction():
            # Whoever writes this entry waits: the import stands with a thousand rows written and more to come.
            await connection.execute("SELECT set_config('kuaihui.shop', $1, true)", shop)
            assert (
                await connection.execute("SELECT FROM entries WHERE entry_id = 'e-1500' FOR UPDATE")
                == "SELECT 1"
            )
            importing = installation.start("import", "--shop", shop, tmp_path / "all.csv")
            async with asyncio.timeout(PATIENCE):
                waiting = "SELECT count(*) FROM pg_locks WHERE NOT granted"
                while not await connection.fetchval(waiting):  # noqa: ASYNC110 - another process
                    await asyncio.sleep(0.05)
            importing.kill()
            await run(importing.communicate)
    finally:
        await connection.close()
        await attached.stop()
    assert importing.returncode == -9
    assert (
        before.status
        == (await run(installation.run, "export", "--shop", shop, tmp_path / "after.yml")).status
        == 0
    )
    assert (tmp_path / "after.yml").read_bytes() == (tmp_path / "before.yml").read_bytes()


@pytest.mark.parametrize(
    ("written", "instead", "words"),
    [
        ("reply: 付款后{发货时限}发出", "reply: 付款后{发货时间线}发出", ("line 18", "entries[0].reply", "发货时间线")),
        ("    question: 什么时候发货\n", "", ("line 14", "entries[0].question")),
        ("stock: 12", "stock: 很多", ("line 12", "products[0].variants[0].stock")),
        ("group: shipping", "group: 物流", ("line 15", "entries[0].group", "物流")),
        ("dispatch_time: 96小时内", "dispatch_tiem: 96小时内", ("line 6", "dispatch_tiem")),
        ("kuaihui: 1", "kuaihui: 2", ("line 1", "kuaihui: 1")),
        ("  name: 纸灯笼铺\n", "", ("line 3", "shop.name")),
        ("entries:\n", "entries:\n  - {id: first, group: other, question: 在吗, reply: 在的}\n", ("line 15", "entries[1].id", "'first'")),
        ("options: {colour: 红色}", "options: {colour: 红色", ("line 13",)),
        ("id: lantern\n", "id: lantern\n    id: lamp\n", ("line 9", "'id' stands twice")),
    ],
)  # fmt: skip
def test_a_broken_pack_is_refused_with_file_line_and_field_and_the_shop_stays(
    ready: Server, shop: str, tmp_path: Path, written: str, instead: str, words: tuple[str, ...]
) -> None:
    before = exported(ready.installation, shop, tmp_path)
    whole = PACK.format(shop=shop)
    assert written in whole
    file = tmp_path / "broken.yml"
    file.write_text(whole.replace(written, instead, 1).replace("纸灯笼", "新灯笼"), encoding="utf-8")
    ready.installation.call("shop-load", file).refused("broken.yml", *words)
    assert exported(ready.installation, shop, tmp_path) == before


@pytest.mark.parametrize("share", [0.1, 0.37, 0.5, 0.71, 0.93])
def test_a_half_written_pack_is_refused_or_was_whole_so_far_but_never_loaded_in_part(
    ready: Server, tmp_path: Path, share: float
) -> None:
    before = exported(ready.installation, LIFE, tmp_path)
    content = (DEMO / f"{LIFE}.yml").read_bytes()
    file = tmp_path / "half.yml"
    # Cut inside a line and a character, as a full disk does.
    cut = content.index("，".encode(), int(len(content) * share)) + 1
    file.write_bytes(content[:cut])
    ready.installation.call("shop-load", file).refused("half.yml")
    assert exported(ready.installation, LIFE, tmp_path) == before


def test_a_starter_pack_is_no_shop(ready: Server, tmp_path: Path) -> None:
    file = tmp_path / "starter.yml"
    file.write_text("kuaihui: 1\npack: {id: s, trade: general, name: 通用}\nentries: []\n", encoding="utf-8")
    ready.installation.call("shop-load", file).refused("starter.yml", "kuaihui import --shop")


def test_removing_a_shop_asks_first(ready: Server, shop: str) -> None:
    ready.installation.call("shop-remove", shop, stdin=b"n\n").refused("nothing was removed")
    ready.installation.call("shop-remove", "--yes", "nowhere").refused("nowhere")
    assert shop in ready.installation.call("shops").out
