"""Imports write all or nothing, name every bad row, and take back what was exported."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.domain.entry import CASES, Entry, Scope, Validity, WeeklyHours
from bot.ports import NotFound
from bot.services.image_reading import CheckedImage
from bot.services.importing import ImportReport, export_entries, import_entries
from bot.services.tables import UnreadableTable
from bot.services.yaml_reading import UnreadableYaml
from bot.storage.entry_images import image_id
from tests.unit.fakes.counter import Counter

SHOP = """
kuaihui: 1
shop: {id: %s, name: 小摊}
products: [{id: tee, title: 短袖, category: clothing}]
entries: [{id: old, group: other, question: 旧问题, reply: 旧回复, short_code: old}]
"""


@pytest.fixture
async def counter() -> Counter:
    counter = Counter()
    for shop in ("mine", "theirs"):
        await counter.open_shop(SHOP % shop)
    return counter


async def written(counter: Counter, shop: str = "mine") -> dict[str, str]:
    return {entry.id: entry.reply for entry in await counter.entries.list_entries(shop)}


async def take(counter: Counter, table: str, name: str = "t.csv", **how: bool) -> ImportReport:
    return await import_entries(counter.editor, "mine", table.encode(), name, **how)  # type: ignore[arg-type]


GOOD = "id,question,reply\na,还有货吗,有\nb,能开票吗,能\n"
BAD = GOOD + "c,什么快递,{快地}\nd,,没有问题\n"


async def test_an_import_adds_to_the_entries_of_its_shop_alone(counter: Counter) -> None:
    report = await take(counter, GOOD)
    assert (report.rows, report.ok, report.written, report.errors) == (2, 2, 2, ())
    assert await written(counter) == {"old": "旧回复", "a": "有", "b": "能"}
    assert await written(counter, "theirs") == {"old": "旧回复"}


async def test_one_bad_row_keeps_everything_out_and_every_bad_row_is_named(counter: Counter) -> None:
    report = await take(counter, BAD)
    assert (report.rows, report.ok, report.written) == (4, 2, 0)
    assert [(error.row, error.column) for error in report.errors] == [(3, "reply"), (4, "question")]
    assert "{快递}" in report.errors[0].message
    assert await written(counter) == {"old": "旧回复"}


async def test_bad_rows_are_left_out_when_that_is_asked_for(counter: Counter) -> None:
    assert (await take(counter, BAD, skip_bad=True)).written == 2
    assert set(await written(counter)) == {"old", "a", "b"}


async def test_a_dry_run_checks_everything_and_writes_nothing(counter: Counter) -> None:
    report = await take(counter, GOOD, dry_run=True, replace=True)
    assert (report.ok, report.written) == (2, 0)
    assert await written(counter) == {"old": "旧回复"}


async def test_replacing_removes_the_other_entries_of_this_shop_alone(counter: Counter) -> None:
    await take(counter, GOOD, replace=True)
    assert set(await written(counter)) == {"a", "b"}
    assert set(await written(counter, "theirs")) == {"old"}


async def test_a_bad_import_that_would_replace_removes_nothing(counter: Counter) -> None:
    await take(counter, BAD, replace=True)
    assert set(await written(counter)) == {"old"}


@pytest.mark.parametrize(
    ("table", "row", "column", "said"),
    [
        ("id,question,reply\na,x,y\na,z,y\n", 2, "id", "row 1"),
        ("id,question,reply,code\na,x,y,k\nb,z,y,K\n", 2, "short_code", "row 1"),
        ("question,reply,group\nx,y,stuff\n", 1, "group", "stuff"),
        ("question,reply,group,intent\nx,y,stock,greet\n", 1, "intent", "stock"),
        ("question,reply,有货,包邮\nx,y,a,b\n", 1, "cases", "do not go together"),
        ("question,reply,products\nx,y,shoe\n", 1, "products", "none of this shop's"),
        ("question,reply,类目\nx,y,tea\n", 1, "categories", "none of this shop's"),
        ("question,reply,since\nx,y,someday\n", 1, "validity", "is no date"),
        ('question,reply,weekly\nx,y,"8 09:00-18:00"\n', 1, "weekly", ""),
        ("question,reply,weekly\nx,y,weekends\n", 1, "weekly", ""),
        ('question,reply,weekly\nx,y,"6,7 9am-5pm"\n', 1, "validity", "9am"),
        ("question,reply,status\nx,y,live\n", 1, "status", "draft"),
        ("id,question,reply\n有货,x,y\n", 1, "id", "a-z"),
        ("question,reply\n" + "长" * 201 + ",y\n", 1, "question", "at most 200"),
        ("question,reply\nx," + "长" * 2001 + "\n", 1, "reply", "at most 2000"),
        ("question,reply\nx,\n", 1, "reply", "needs a reply"),
    ],
)
async def test_what_is_wrong_is_named_by_row_and_column(
    counter: Counter, table: str, row: int, column: str, said: str
) -> None:
    report = await take(counter, table)
    assert [(error.row, error.column) for error in report.errors] == [(row, column)]
    assert said in report.errors[0].message
    assert set(await written(counter)) == {"old"}


async def test_rows_without_an_id_meet_the_same_entries_when_imported_again(counter: Counter) -> None:
    await take(counter, "问题,回复\n还有货吗,有\n")
    await take(counter, "问题,回复\n还有货吗,没有了\n")
    assert sorted((await written(counter)).values()) == ["旧回复", "没有了"]


async def test_a_row_without_a_group_goes_to_the_group_other(counter: Counter) -> None:
    await take(counter, "问题,回复\n还有货吗,有\n", replace=True)
    assert [entry.group for entry in await counter.entries.list_entries("mine")] == ["other"]


@pytest.mark.parametrize("name", ["e.yml", "e.YAML"])
async def test_yaml_is_a_pack_or_a_list_of_entries(counter: Counter, name: str) -> None:
    entry = "{id: a, group: other, question: 问, reply: 答}"
    assert (await take(counter, f"- {entry}", name)).written == 1
    assert (await take(counter, f"kuaihui: 1\npack: {{id: p}}\nentries: [{entry}]", name)).written == 1
    first = (await take(counter, f"- {entry}\n- 5\n", name)).errors[0]
    assert (first.row, first.column) == (2, "id")
    with pytest.raises(UnreadableYaml, match="entries"):
        await take(counter, "kuaihui: 1", name)


async def test_a_short_code_that_another_entry_of_the_shop_has_is_refused(counter: Counter) -> None:
    table = "id,question,reply,code\na,x,y,old\n"
    report = await take(counter, table)
    assert [(error.row, error.column) for error in report.errors] == [(1, "short_code")]
    assert "old" in report.errors[0].message
    assert (await take(counter, table, replace=True)).written == 1


async def test_an_entry_keeps_its_short_code_when_it_is_imported_again(counter: Counter) -> None:
    assert (await take(counter, "id,question,reply,code\nold,x,y,old\n")).written == 1


async def test_a_row_names_an_image_of_its_own_shop_or_is_refused(counter: Counter) -> None:
    theirs = await counter.editor.put_image("theirs", CheckedImage("image/png", b"chart"))
    table = f"id,问题,回复,图片\na,多大尺码,见尺码表,{theirs}\n"
    report = await take(counter, table)
    assert [(error.row, error.column) for error in report.errors] == [(1, "image")]
    assert theirs in report.errors[0].message
    await counter.editor.put_image("mine", CheckedImage("image/png", b"chart"))
    assert (await take(counter, table)).errors == ()
    assert (await counter.editor.get_entry("mine", "a")).image == theirs


async def test_a_phrase_keeps_its_image_when_its_table_is_imported_again(counter: Counter) -> None:
    table = "分组,快捷编码,快捷短语\n尺码,cm,请看尺码表\n"
    await take(counter, table)
    [entry] = [each for each in await counter.entries.list_entries("mine") if each.short_code == "cm"]
    image = await counter.editor.put_image("mine", CheckedImage("image/png", b"chart"))
    await counter.entries.put_entries("mine", [replace(entry, image=image)])
    await take(counter, table)
    assert (await counter.editor.get_entry("mine", entry.id)).image == image


async def test_a_file_that_cannot_be_read_is_refused(counter: Counter) -> None:
    with pytest.raises(UnreadableTable):
        await take(counter, "")
    with pytest.raises(UnreadableYaml):
        await take(counter, "a: [", "e.yml")


async def test_an_unknown_shop_is_not_found_even_with_bad_rows(counter: Counter) -> None:
    with pytest.raises(NotFound):
        await import_entries(counter.editor, "nowhere", BAD.encode(), "t.csv", skip_bad=True)


async def test_many_rows_are_checked_in_batches_and_their_progress_is_told(counter: Counter) -> None:
    table = "question,reply,products\n" + "".join(
        f"问题{n},答,{'shoe' if n == 777 else 'tee'}\n" for n in range(1, 1201)
    )
    ticks: list[tuple[int, int]] = []
    report = await import_entries(
        counter.editor, "mine", table.encode(), "t.csv", tick=lambda done, of: ticks.append((done, of))
    )
    assert [error.row for error in report.errors] == [777]
    assert sum(done for done, _ in ticks) == 1200
    assert {of for _, of in ticks} == {1200}


LINES = st.text(
    st.characters(exclude_categories=["C", "Zl", "Zp"]) | st.sampled_from("|\\'=,\"@"), max_size=15
)
PHRASINGS = LINES.map(lambda text: " ".join(text.split())).filter(bool)
REPLIES = st.lists(LINES, max_size=3).map(
    lambda lines: "\n".join(lines).replace("{", "{{").replace("}", "}}").strip() or "好"
)
HOURS = st.builds(
    WeeklyHours, st.integers(0, 6), *[st.times().map(lambda t: time(t.hour, t.minute)) for _ in range(2)]
)
YEARS = st.datetimes(datetime(2020, 1, 1), datetime(2030, 1, 1), timezones=st.just(UTC))
ENTRIES = st.builds(
    Entry,
    id=st.just("e"),
    group=st.just("stock"),
    question=PHRASINGS,
    reply=REPLIES,
    phrasings=st.lists(PHRASINGS, max_size=4).map(tuple),
    intent=st.sampled_from([None, "stock_variant"]),
    cases=st.dictionaries(st.sampled_from(CASES["stock"]), REPLIES),
    fallback=st.just("") | REPLIES,
    scope=st.sampled_from([Scope(), Scope(("tee",), ("clothing",))]),
    validity=st.builds(
        Validity,
        st.none() | YEARS,
        st.none() | YEARS.map(lambda moment: moment.replace(year=2040)),
        st.lists(HOURS, max_size=3).map(tuple),
    ),
    short_code=st.from_regex(r"[a-z0-9]{0,5}", fullmatch=True),
    language=st.sampled_from(["zh", "en"]),
    status=st.sampled_from(["draft", "published", "archived"]),
    image=st.sampled_from(["", image_id(b"chart")]),
)


@pytest.mark.parametrize("name", ["e.csv", "e.xlsx", "e.yml"])
@settings(max_examples=40, deadline=None)
@given(entries=st.lists(ENTRIES, min_size=1, max_size=3))
async def test_what_is_exported_is_taken_back_the_same(name: str, entries: list[Entry]) -> None:
    numbered = [
        replace(entry, id=f"e{n}", short_code=entry.short_code and f"{entry.short_code}{n}")
        for n, entry in enumerate(entries)
    ]
    counter = Counter()
    await counter.open_shop(SHOP % "mine")
    await counter.entries.put_image("mine", "image/png", b"chart")
    report = await import_entries(counter.editor, "mine", export_entries(numbered, name), name, replace=True)
    assert report.errors == ()
    assert await counter.entries.list_entries("mine") == numbered
