"""Tables go out and come back the same, and no spreadsheet runs what they hold."""

from __future__ import annotations

import csv
import io
import zipfile

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from openpyxl import Workbook, load_workbook

from bot.services.tables import COLUMN_NAMES, COLUMNS, UnreadableTable, read_table, write_csv, write_xlsx

CELLS = st.text(
    st.characters(codec="utf-8", exclude_categories=["Cc", "Cs"]) | st.sampled_from("\n\t=+-@'\",;|"),
    max_size=12,
) | st.sampled_from(
    ["=1+1", "'=1+1", "''@x", "-5", "0012", "TRUE", "1e5", "#N/A", '"', "'", "a;b;c", "x\ty", "_x0041_"]
)
ROWS = st.lists(
    st.fixed_dictionaries(
        {"question": st.just("问题"), "reply": CELLS},
        optional={name: CELLS for name in ("id", "phrasings", "unknown")},
    ),
    max_size=5,
)


def filled(row: dict[str, str]) -> dict[str, str]:
    return {column: cell for column, cell in row.items() if cell}


@given(ROWS)
def test_csv_comes_back_as_it_was_written(rows: list[dict[str, str]]) -> None:
    assert [filled(row.cells) for row in read_table(write_csv(rows), "t.csv")] == [
        filled(row) for row in rows
    ]


@settings(max_examples=40, deadline=None)
@given(ROWS)
def test_xlsx_comes_back_as_it_was_written(rows: list[dict[str, str]]) -> None:
    assert [filled(row.cells) for row in read_table(write_xlsx(rows), "t.xlsx")] == [
        filled(row) for row in rows
    ]


def test_quotation_marks_far_down_a_long_file_come_back_too() -> None:
    rows = [{"question": f"第{number}个问题", "reply": "回复" * 20} for number in range(200)]
    rows.append({"question": "最后", "reply": '他说"好", 行\n下一行'})
    assert read_table(write_csv(rows), "t.csv")[-1].cells["reply"] == rows[-1]["reply"]


@pytest.mark.parametrize("start", ["=", "+", "-", "@", "\t", "\r"])
def test_nothing_that_a_spreadsheet_would_run_is_written(start: str) -> None:
    row = {"question": "问题", "reply": f"{start}cmd|' /C calc'!A0"}
    written = next(iter(csv.DictReader(io.StringIO(write_csv([row]).decode("utf-8-sig"), newline=""))))
    sheet = load_workbook(io.BytesIO(write_xlsx([row]))).worksheets[0]
    cell = sheet.cell(2, COLUMNS.index("reply") + 1)
    assert written["reply"].startswith("'")
    assert (cell.data_type, str(cell.value)[0]) == ("s", "'")


def test_chinese_and_english_column_names_are_read() -> None:
    content = "问题,回复模板,相似问法,Short_Code,\n有货吗,有,还有吗|有没有,kc,x\n".encode()
    assert [(row.number, row.cells) for row in read_table(content, "t.csv")] == [
        (1, {"question": "有货吗", "reply": "有", "phrasings": "还有吗|有没有", "short_code": "kc"})
    ]


@pytest.mark.parametrize("separator", [",", ";", "\t"])
def test_the_separator_is_found_in_the_header(separator: str) -> None:
    content = separator.join(["question", "reply"]) + "\n" + separator.join(["有吗", '"有, 有; 有\t"'])
    assert read_table(content.encode(), "t.csv")[0].cells["reply"] == "有, 有; 有\t"


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030"])
def test_the_encodings_of_chinese_spreadsheets_are_read(encoding: str) -> None:
    assert read_table("问题,回复\n有货吗,有\n".encode(encoding), "t.csv")[0].cells["question"] == "有货吗"


def test_blank_lines_are_left_out_but_rows_keep_their_numbers() -> None:
    rows = read_table(b"\n,\nquestion,reply\na,b\n\n,\nc,d\n", "t.csv")
    assert [(row.number, row.cells["question"]) for row in rows] == [(1, "a"), (4, "c")]


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "empty"),
        (b"\n , \n", "empty"),
        (b"id,question\n1,2", "reply"),
        (b"question,reply,colour\n", "unknown column 'colour'"),
        ("question,reply,问题\n".encode(), "stands twice"),
        (b'question,reply\na,"b\nc', "quotation mark"),
        ("问题,回复".encode("utf-16"), "UTF-8"),
        (b"question,reply\na,\0", "UTF-8"),
        (b"PK\x03\x04 no zip", "workbook"),
    ],
)
def test_what_is_no_table_is_refused_and_told_what_would_be_right(content: bytes, said: str) -> None:
    with pytest.raises(UnreadableTable, match=said):
        read_table(content, "t.csv")


def workbook(*lines: list[object]) -> bytes:
    book = Workbook()
    for line in lines:
        book.worksheets[0].append(line)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def test_numbers_and_empty_cells_of_a_workbook_are_texts() -> None:
    content = workbook(["问题", "回复", "编码"], ["有货吗", 400, None], ["多少钱", 59.5, True])
    assert [filled(row.cells) for row in read_table(content, "t.xlsx")] == [
        {"question": "有货吗", "reply": "400"},
        {"question": "多少钱", "reply": "59.5", "short_code": "True"},
    ]


def test_a_workbook_that_states_a_wrong_size_is_read_whole() -> None:
    inside = zipfile.ZipFile(io.BytesIO(workbook(["问题", "回复"], ["有货吗", "有"])))
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as changed:
        for name in inside.namelist():
            changed.writestr(
                name, inside.read(name).replace(b'<dimension ref="A1:B2"/>', b'<dimension ref="A1"/>')
            )
    assert read_table(out.getvalue(), "t.xlsx")[0].cells == {"question": "有货吗", "reply": "有"}


def claiming(sheet: str) -> bytes:
    """Return a small workbook with these rows instead of its own."""
    inside = zipfile.ZipFile(io.BytesIO(GOOD))
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as changed:
        for name in inside.namelist():
            rows = f'<worksheet xmlns="{_SHEET}"><sheetData>{sheet}</sheetData></worksheet>'
            changed.writestr(name, rows if name.endswith("sheet1.xml") else inside.read(name))
    return out.getvalue()


_SHEET = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
_HEADER = '<row r="1"><c r="A1" t="str"><v>问题</v></c><c r="B1" t="str"><v>回复</v></c></row>'


@pytest.mark.parametrize(
    "sheet",
    [
        _HEADER + '<row r="2000000"><c r="A2000000"><v>1</v></c></row>',
        "".join(f'<row r="{n}"><c r="XFD{n}"/></row>' for n in range(1, 1400)),
    ],
    ids=["lines", "cells"],
)
def test_a_small_workbook_that_claims_to_be_endless_is_refused(sheet: str) -> None:
    content = claiming(sheet)
    assert len(content) < 100_000
    with pytest.raises(UnreadableTable, match="split it"):
        read_table(content, "t.xlsx")


def test_blank_cells_and_lines_behind_the_last_ones_do_not_count() -> None:
    line = '<row r="2"><c r="A2" t="str"><v>有货吗</v></c><c r="B2" t="str"><v>有</v></c><c r="XFD2"/></row>'
    content = claiming(_HEADER + line + '<row r="500000"><c r="A500000"/></row>')
    assert [row.cells for row in read_table(content, "t.xlsx")] == [{"question": "有货吗", "reply": "有"}]


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 5000), st.integers(0, 255), st.integers(0, 5000))
def test_a_damaged_workbook_is_read_or_refused_but_never_crashes(place: int, value: int, cut: int) -> None:
    content = bytearray(GOOD)
    content[place % len(content)] = value
    for damaged in (bytes(content), GOOD[: cut % len(GOOD)]):
        try:
            read_table(damaged, "t.xlsx")
        except UnreadableTable as error:
            assert str(error)  # noqa: PT017  (either outcome is right)


GOOD = workbook(["问题", "回复"], ["有货吗", "有"])


@given(st.binary(max_size=80) | st.text(max_size=80).map(str.encode))
def test_any_bytes_are_read_or_refused_but_never_crash(content: bytes) -> None:
    try:
        read_table(b"question,reply\n" + content, "t.csv")
    except UnreadableTable as error:
        assert str(error)  # noqa: PT017  (either outcome is right)


def test_every_name_of_a_column_means_a_column() -> None:
    assert set(COLUMN_NAMES.values()) <= set(COLUMNS)
    assert not set(COLUMN_NAMES) & set(COLUMNS)
