"""Tables of phrases without a buyer's question: taken as they are, told what was guessed, and suggested all the same."""

from __future__ import annotations

from dataclasses import replace

import pytest

from bot.services.importing import ImportReport, export_entries, import_entries
from tests.unit.fakes.counter import Counter, texts

SHOP = """
kuaihui: 1
shop: {id: %s, name: 小摊}
entries: [{id: gift, group: price_promo, intent: gift, question: 有什么赠品, reply: 送袜子, short_code: zp}]
"""
TABLE = (
    "分组,快捷编码,快捷短语\n"
    "发货话术,/KD,亲，我们默认发顺丰快递\n"
    "默认分组,fp,可以开电子发票\n"
    "默认分组,,好的呢\n"
)


@pytest.fixture
async def counter() -> Counter:
    counter = Counter()
    for shop in ("mine", "theirs"):
        await counter.open_shop(SHOP % shop)
    return counter


async def take(counter: Counter, content: bytes | str = TABLE, **how: bool) -> ImportReport:
    raw = content.encode() if isinstance(content, str) else content
    report = await import_entries(counter.editor, "mine", raw, "千牛.csv", **how)  # type: ignore[arg-type]
    await counter.hear_of("mine")
    return report


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030"])
async def test_a_phrase_table_is_taken_in_the_encodings_of_its_tools(counter: Counter, encoding: str) -> None:
    report = await take(counter, TABLE.encode(encoding))
    assert (report.rows, report.ok, report.written, report.errors) == (3, 3, 3, ())
    told = [(v.row, v.verdict, v.group, v.intent, v.guessed, v.has_question) for v in report.verdicts]
    assert told == [
        (1, "new", "shipping", "ship_courier", ("intent",), False),
        (2, "new", "invoice", "invoice_type", ("group", "intent"), False),
        (3, "new", "other", None, ("group",), False),
    ]
    assert {entry.short_code for entry in await counter.entries.list_entries("mine")} == {
        "zp",
        "kd",
        "fp",
        "",
    }


async def test_a_phrase_is_suggested_for_what_buyers_ask_but_never_sent_alone(counter: Counter) -> None:
    await take(counter)
    result = await counter.ask("mine", "你们发什么快递")
    assert texts(result)[0] == "亲，我们默认发顺丰快递"
    assert not result.suggestions[0].automatic
    assert "亲，我们默认发顺丰快递" not in texts(await counter.ask("theirs", "你们发什么快递"))


async def test_importing_again_meets_the_same_entries_and_keeps_the_phrasings_they_were_given(
    counter: Counter,
) -> None:
    before = {v.entry for v in (await take(counter)).verdicts}
    entries = {entry.short_code: entry for entry in await counter.entries.list_entries("mine")}
    given = replace(entries["kd"], question="用哪家快递", phrasings=("快递是哪个",))
    await counter.edit("mine", given)
    again = await take(counter, TABLE.replace("顺丰", "中通"))
    assert {v.entry for v in again.verdicts} == before
    assert [v.verdict for v in again.verdicts] == ["changed", "same", "same"]
    kept = await counter.entries.get_entry("mine", given.id)
    assert (kept.question, kept.phrasings) == ("用哪家快递", ("快递是哪个",))
    assert kept.reply == "亲，我们默认发中通快递"


async def test_a_dry_run_tells_what_replacing_would_remove_and_changes_nothing(counter: Counter) -> None:
    report = await take(counter, dry_run=True, replace=True)
    assert (report.removed, report.written, len(report.verdicts)) == (("gift",), 0, 3)
    assert [entry.id for entry in await counter.entries.list_entries("mine")] == ["gift"]
    assert (await take(counter, dry_run=True)).removed == ()


async def test_rows_of_a_batch_with_a_wrong_one_keep_their_verdicts(counter: Counter) -> None:
    table = "id,问题,回复,商品\na,问,答,\nb,问,答,shoe\nc,问,答,\n"
    report = await take(counter, table, skip_bad=True)
    assert [(error.row, error.column) for error in report.errors] == [(2, "products")]
    assert [(v.row, v.entry) for v in report.verdicts] == [(1, "a"), (3, "c")]
    assert report.written == 2


@pytest.mark.parametrize("code", ["zp", "ZP"])
async def test_a_code_that_the_shop_has_already_is_named_by_its_row(counter: Counter, code: str) -> None:
    report = await take(counter, f"快捷编码,快捷短语\n{code},送帽子\n")
    assert [(error.row, error.column) for error in report.errors] == [(1, "short_code")]


async def test_columns_of_other_tools_that_say_nothing_are_left_out(counter: Counter) -> None:
    report = await take(counter, "序号,快捷短语,使用次数,创建时间\n1,送帽子,12,2026-01-01\n")
    assert (report.ok, report.errors) == (1, ())


@pytest.mark.parametrize("name", ["e.csv", "e.xlsx", "e.yml"])
async def test_phrases_go_out_and_come_back_the_same(counter: Counter, name: str) -> None:
    await take(counter)
    entries = await counter.entries.list_entries("mine")
    content = export_entries(entries, name)
    report = await import_entries(counter.editor, "mine", content, name, replace=True)
    assert (report.errors, {v.verdict for v in report.verdicts}) == ((), {"same"})
    assert await counter.entries.list_entries("mine") == entries
