"""Tables of entries over HTTP: previewed row by row, imported into one shop all or nothing, and exported."""

from __future__ import annotations

import base64
import io
import json
from typing import Any

import pytest
from openpyxl import Workbook

from bot.web.errors import MAX_BODY
from tests.web.memory_app import WORDS, Served
from tests.web.people import Person, hire

PHRASES = "分组,快捷编码,快捷短语\n发货,kd,默认发顺丰快递\n默认分组,fp2,可以开电子发票\n"
IMPORT = "/shops/tea/entries/import"
LAST = "/shops/tea/entries-import"


@pytest.fixture
async def owner(served: Served) -> Person:
    return await hire(served, {"tea": "owner"})


async def entries_of(served: Served, shop: str) -> dict[str, str]:
    return {entry.id: entry.reply for entry in await served.engine.parts.entries.list_entries(shop)}


async def report(owner: Person, path: str = IMPORT, **body: Any) -> dict[str, Any]:
    status, answer = await owner.call("POST", path, body)
    assert status == 200, answer
    return dict(answer)


async def test_a_preview_tells_every_rows_verdict_and_writes_nothing(served: Served, owner: Person) -> None:
    before = await entries_of(served, "tea")
    answer = await report(owner, f"{IMPORT}?dry_run=1", table=PHRASES + "默认分组,坏码,你好\n")
    assert (answer["rows"], answer["ok"], answer["written"], answer["removed"]) == (3, 2, 0, [])
    assert [(error["row"], error["column"]) for error in answer["errors"]] == [(3, "short_code")]
    first = answer["verdicts"][0]
    assert {key: first[key] for key in first if key != "entry"} == {
        "row": 1, "verdict": "new", "title": "默认发顺丰快递", "group": "shipping", "intent": "ship_courier",
        "guessed": ["intent"], "has_question": False,
    }  # fmt: skip
    assert await entries_of(served, "tea") == before


async def test_what_was_previewed_is_imported_and_suggested(served: Served, owner: Person) -> None:
    answer = await report(owner, file=base64.b64encode(PHRASES.encode("gb18030")).decode())
    assert (answer["written"], answer["errors"]) == (2, [])
    replies = await entries_of(served, "tea")
    assert {"默认发顺丰快递", "可以开电子发票"} <= set(replies.values())
    again = await report(owner, f"{IMPORT}?dry_run=1", table=PHRASES)
    assert [verdict["verdict"] for verdict in again["verdicts"]] == ["same", "same"]


async def test_replacing_touches_this_shop_alone(served: Served, owner: Person) -> None:
    theirs, before = await entries_of(served, "lamp"), await entries_of(served, "tea")
    preview = await report(owner, f"{IMPORT}?dry_run=1", table=PHRASES, replace=True)
    assert set(preview["removed"]) == set(before)
    assert (await report(owner, table=PHRASES, replace=True))["written"] == 2
    assert not set(before) & set(await entries_of(served, "tea"))
    assert await entries_of(served, "lamp") == theirs


async def test_a_wrong_row_keeps_everything_out_unless_it_is_skipped(served: Served, owner: Person) -> None:
    table = "id,问题,回复\na,问,答\nb,问,{快地}\n"
    before = await entries_of(served, "tea")
    assert (await report(owner, table=table))["written"] == 0
    assert await entries_of(served, "tea") == before
    assert (await report(owner, table=table, skip_bad=True))["written"] == 1


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({}, "table"),
        ({"table": "a", "file": "Yg=="}, "table"),
        ({"file": "no base64"}, "file"),
        ({"table": "id,colour\n1,2\n"}, "table"),
        ({"file": base64.b64encode(b"PK\x03\x04 no zip").decode()}, "file"),
        ({"table": "a: [", "name": "e.yml"}, "table"),
        ({"table": "回复\n好\n", "shop": "lamp"}, "shop"),
    ],
)
async def test_what_is_no_table_is_named(owner: Person, body: dict[str, Any], field: str) -> None:
    status, answer = await owner.call("POST", IMPORT, body)
    assert status == 422, answer
    assert field in answer["error"]["fields"]


async def test_a_switch_that_says_neither_yes_nor_no_is_refused(served: Served, owner: Person) -> None:
    before = await entries_of(served, "tea")
    status, _ = await owner.call("POST", f"{IMPORT}?dry_run=maybe", {"table": PHRASES})
    assert (status, await entries_of(served, "tea")) == (400, before)


@pytest.mark.parametrize("kind", ["csv", "xlsx", "yml"])
async def test_an_export_is_taken_back_as_it_is(owner: Person, kind: str) -> None:
    await report(owner, table=PHRASES)
    status, content = await owner.call("GET", f"/shops/tea/entries-export?format={kind}")
    assert status == 200
    assert WORDS["lamp"].encode() not in content
    answer = await report(
        owner, f"{IMPORT}?dry_run=1", name=f"e.{kind}", file=base64.b64encode(content).decode(), replace=True
    )
    assert (answer["errors"], answer["removed"]) == ([], [])
    assert {verdict["verdict"] for verdict in answer["verdicts"]} == {"same"}


async def test_an_export_in_a_format_that_is_not_known_is_refused(owner: Person) -> None:
    status, answer = await owner.call("GET", "/shops/tea/entries-export?format=pdf")
    assert (status, list(answer["error"]["fields"])) == (422, ["format"])


@pytest.mark.parametrize("role", ["agent", "supervisor"])
async def test_only_owners_import_and_export(served: Served, role: str) -> None:
    person = await hire(served, {"tea": role})
    before = await entries_of(served, "tea")
    assert (await person.call("POST", IMPORT, {"table": PHRASES}))[0] == 403
    assert (await person.call("GET", "/shops/tea/entries-export"))[0] == 403
    assert await entries_of(served, "tea") == before


async def test_another_shop_is_not_there_for_an_owner_of_this_one(served: Served, owner: Person) -> None:
    before = await entries_of(served, "lamp")
    for method, path in (
        ("POST", "/shops/lamp/entries/import"),
        ("POST", "/shops/lamp/entries/import?dry_run=1"),
        ("GET", "/shops/lamp/entries-export"),
    ):
        status, answer = await owner.call(method, path, {"table": PHRASES, "replace": True})
        assert status == 404
        assert WORDS["lamp"] not in json.dumps(answer, ensure_ascii=False)
    assert await entries_of(served, "lamp") == before


async def test_a_phrase_without_a_question_is_edited_and_saved(served: Served, owner: Person) -> None:
    name = (await report(owner, table=PHRASES))["verdicts"][0]["entry"]
    _, entry = await owner.call("GET", f"/shops/tea/entries/{name}")
    assert entry["question"] == ""
    changed = {key: value for key, value in entry.items() if key != "version"} | {"reply": "默认发中通"}
    status, written = await owner.call("PUT", f"/shops/tea/entries/{name}", changed)
    assert (status, written["reply"], written["question"]) == (200, "默认发中通", "")


UNDO = f"{IMPORT}/undo"


async def test_the_last_import_is_undone_once_and_only_in_its_shop(served: Served, owner: Person) -> None:
    theirs, before = await entries_of(served, "lamp"), await entries_of(served, "tea")
    assert (await owner.call("POST", UNDO))[0] == 409
    await report(owner, table=PHRASES + "开票,fp9,都能开\n", replace=True)
    assert not set(before) & set(await entries_of(served, "tea"))
    status, answer = await owner.call("POST", UNDO)
    assert (status, answer) == (200, {"restored": len(before), "removed": 3, "kept": []})
    assert await entries_of(served, "tea") == before
    assert await entries_of(served, "lamp") == theirs
    assert (await owner.call("POST", UNDO))[0] == 409
    assert (await owner.call("POST", "/shops/lamp/entries/import/undo"))[0] == 404


async def test_undoing_brings_back_what_was_overwritten_and_leaves_what_was_edited_since(
    served: Served, owner: Person
) -> None:
    before = await entries_of(served, "tea")
    name = next(iter(before))
    table = f"id,问题,回复\n{name},改了吗,改了\nnew-a,新的吗,新的\nnew-b,也是新的吗,是\n"
    assert (await report(owner, table=table))["written"] == 3
    _, entry = await owner.call("GET", "/shops/tea/entries/new-b")
    edited = {key: value for key, value in entry.items() if key != "version"} | {"reply": "又改了"}
    assert (await owner.call("PUT", "/shops/tea/entries/new-b", edited))[0] == 200
    status, answer = await owner.call("POST", UNDO)
    assert (status, answer) == (200, {"restored": 1, "removed": 1, "kept": ["new-b"]})
    assert await entries_of(served, "tea") == before | {"new-b": "又改了"}


async def test_a_preview_and_an_import_that_was_refused_leave_nothing_to_undo(owner: Person) -> None:
    await report(owner, f"{IMPORT}?dry_run=1", table=PHRASES)
    await report(owner, table=PHRASES + "默认分组,坏码,你好\n")
    assert (await owner.call("POST", UNDO))[0] == 409


async def test_a_short_code_that_somebody_took_in_the_meantime_stops_the_undoing(
    served: Served, owner: Person
) -> None:
    await report(owner, table="id,问题,回复,code\none,问,答,mine\n")
    await report(owner, table="id,问题,回复,code\none,问,答,\n")
    taken = {"id": "two", "group": "other", "question": "问", "reply": "答", "short_code": "mine"}
    assert (await owner.call("POST", "/shops/tea/entries", taken))[0] == 201
    before = await entries_of(served, "tea")
    status, answer = await owner.call("POST", UNDO)
    assert (status, "mine" in answer["error"]["message"]) == (409, True)
    assert await entries_of(served, "tea") == before


async def test_the_import_that_can_be_undone_is_told_with_who_did_it(served: Served, owner: Person) -> None:
    assert await owner.call("GET", LAST) == (200, {"last": None})
    await report(owner, table=PHRASES)
    status, answer = await owner.call("GET", LAST)
    author = {"kind": "person", "account": owner.account.id, "name": owner.account.name}
    assert (status, answer["last"]) == (
        200, {"at": served.clock.now().isoformat(), "author": author, "touched": 2},
    )  # fmt: skip
    assert (await owner.call("GET", "/shops/lamp/entries-import"))[0] == 404
    await owner.call("POST", UNDO)
    assert await owner.call("GET", LAST) == (200, {"last": None})


async def lines_of(owner: Person, path: str, **body: Any) -> list[dict[str, Any]]:
    status, content = await owner.call("POST", path, body, headers={"Accept": "application/x-ndjson"})
    assert status == 200
    return [json.loads(line) for line in content.splitlines()]


async def test_who_asks_for_it_is_told_step_by_step(served: Served, owner: Person) -> None:
    table = "问题,回复\n" + "".join(f"问题{number},回复{number}\n" for number in range(1200))
    *steps, last = await lines_of(owner, f"{IMPORT}?dry_run=1", table=table)
    assert [(step["done"], step["of"]) for step in steps] == [(500, 1200), (1000, 1200), (1200, 1200)]
    assert (last["status"], last["answer"]["ok"], last["answer"]["written"]) == (200, 1200, 0)
    *_, last = await lines_of(owner, IMPORT, table=PHRASES)
    assert (last["status"], last["answer"]["written"]) == (200, 2)
    assert "默认发顺丰快递" in (await entries_of(served, "tea")).values()


async def test_a_refusal_is_the_last_of_the_steps(owner: Person) -> None:
    [last] = await lines_of(owner, IMPORT, table="id,colour\n1,2\n")
    assert (last["status"], list(last["answer"]["error"]["fields"])) == (422, ["table"])


def encoded(content: bytes) -> str:
    return base64.b64encode(content).decode()


def workbook(*lines: list[object], merge: str = "") -> bytes:
    book = Workbook()
    sheet = book.active
    assert sheet is not None
    for line in lines:
        sheet.append(line)
    if merge:
        sheet.merge_cells(merge)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


SOUND = workbook(["分组", "快捷编码", "快捷短语"], ["发货", "kd", "默认发顺丰快递"])


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (PHRASES.encode("utf-16"), "编码"),
        (PHRASES.encode("gb18030")[:-7] + b"\xff\xff", "编码"),
        ('问题,回复\n发货吗,"今天发\n能退吗,能\n'.encode(), "引号没有配对"),
        (SOUND[: len(SOUND) // 2], "没有传完整"),
        (b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR", "编码"),
    ],
    ids=["UTF-16", "broken GB18030", "cut off CSV", "cut off workbook", "a picture"],
)
async def test_a_broken_file_is_named_and_nothing_is_written(
    served: Served, owner: Person, content: bytes, said: str
) -> None:
    before = await entries_of(served, "tea")
    status, answer = await owner.call("POST", IMPORT, {"file": encoded(content), "replace": True})
    assert (status, list(answer["error"]["fields"])) == (422, ["file"])
    assert said in answer["error"]["message"]
    assert await entries_of(served, "tea") == before
    assert await owner.call("GET", LAST) == (200, {"last": None})


async def test_merged_cells_are_named_by_the_row_that_they_leave_empty(owner: Person) -> None:
    content = workbook(["问题", "回复"], ["发货吗", "今天发"], ["几点发", None], merge="B2:B3")
    answer = await report(owner, f"{IMPORT}?dry_run=1", file=encoded(content))
    assert [(error["row"], error["column"]) for error in answer["errors"]] == [(2, "reply")]
    assert answer["ok"] == 1


async def test_a_formula_is_text_on_the_way_in_and_on_the_way_out(served: Served, owner: Person) -> None:
    await report(owner, table="问题,回复\n打几折,=HYPERLINK(0)\n")
    assert "=HYPERLINK(0)" in (await entries_of(served, "tea")).values()
    _, content = await owner.call("GET", "/shops/tea/entries-export?format=csv")
    assert ",'=HYPERLINK(0)," in content.decode()


async def test_what_is_wrong_in_many_rows_is_named_by_row_and_column(served: Served, owner: Person) -> None:
    before = await entries_of(served, "tea")
    theirs = await entries_of(served, "lamp")
    product = {"id": "lampshade", "title": "灯罩"}
    assert (await served.call("PUT", "/shops/lamp/products", token="lamp", json={"products": [product]}))[
        0
    ] == 200
    table = (
        "id,问题,回复,快捷编码,商品\n"
        "a,发货吗,今天发,kd,\n"
        "b,几点发,五点,KD,\n"
        "c,还有吗,{库村}件,,\n"
        "d,灯罩还有吗,有,,lampshade\n"
        "a,重号,好,,\n"
    )
    answer = await report(owner, table=table, replace=True)
    assert [(error["row"], error["column"]) for error in answer["errors"]] == [
        (2, "short_code"), (3, "reply"), (4, "products"), (5, "id"),
    ]  # fmt: skip
    assert "{库存}" in answer["errors"][1]["message"]
    assert await entries_of(served, "tea") == before
    assert await entries_of(served, "lamp") == theirs


async def test_a_row_with_an_id_of_another_shop_makes_an_entry_of_this_one(
    served: Served, owner: Person
) -> None:
    entry = {"id": "only-lamp", "group": "other", "question": "灯怎么换", "reply": "拧下来"}
    assert (await served.call("POST", "/shops/lamp/entries", token="lamp", json=entry))[0] == 201
    answer = await report(owner, table="id,问题,回复\nonly-lamp,茶怎么泡,热水泡\n")
    assert [verdict["verdict"] for verdict in answer["verdicts"]] == ["new"]
    assert (await entries_of(served, "lamp"))["only-lamp"] == "拧下来"


async def test_a_file_over_the_cap_is_refused_by_its_size_and_nothing_is_written(
    served: Served, owner: Person
) -> None:
    before = await entries_of(served, "tea")
    content = io.BytesIO(json.dumps({"table": "a" * MAX_BODY}).encode())
    headers = {"Content-Type": "application/json"}
    status, answer = await owner.call("POST", IMPORT, data=content, headers=headers)
    assert (status, answer["error"]["code"]) == (413, "too_large")
    assert "kuaihui import" in answer["error"]["message"]
    assert await entries_of(served, "tea") == before
