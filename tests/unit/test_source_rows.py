"""Exports from elsewhere are read under our names; what is cut off or of another shape is refused as a whole."""

from __future__ import annotations

import io
import json
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from openpyxl import Workbook

from bot.domain.fact_sources import FactSource
from bot.services.source_rows import UnreadableExport, ends_openly, is_path, read_rows


def source(rows_path: str = "", form: str = "auto", **columns: str) -> FactSource:
    return FactSource(
        "s", "仓库", "stock", "http", timedelta(hours=1), columns=columns, form=form, rows_path=rows_path
    )


def read(content: Any, of: FactSource, media_type: str = "") -> list[dict[str, str]]:
    data = content if isinstance(content, bytes) else json.dumps(content, ensure_ascii=False).encode()
    return read_rows(data, of, media_type)


def test_json_rows_are_found_by_their_path_and_their_fields_by_theirs() -> None:
    answer = {"code": 0, "data": {"items": [{"goods": {"code": "a"}, "qty": 7}, {"goods": {"code": "b"}}]}}
    rows = read(answer, source("data.items", sku="goods.code", stock="qty"))
    assert rows == [{"sku": "a", "stock": "7"}, {"sku": "b"}]
    assert read(answer, source("$.data.items[*]", sku="$.goods.code", stock="qty")) == rows


def test_rows_within_rows_are_all_found() -> None:
    answer = [{"skus": [{"id": "a", "n": 1}, {"id": "b", "n": 2}]}, {"skus": [{"id": "c", "n": 3}]}]
    rows = read(answer, source("[*].skus[*]", sku="id", stock="n"))
    assert [row["sku"] for row in rows] == ["a", "b", "c"]


def test_values_become_the_texts_that_a_table_would_hold() -> None:
    row = {"a": 3.0, "b": 2.5, "c": True, "d": None, "e": ["红", "蓝", {"x": 1}], "f": " 空 ", "g": {"x": 1}}
    assert read([row], source()) == [{"a": "3", "b": "2.5", "c": "1", "d": "", "e": "红|蓝", "f": "空"}]


def test_what_cannot_be_kept_is_left_out() -> None:
    assert read(b'[{"a": "x\\u0000y\\ud800z"}]', source()) == [{"a": "xyz"}]


@pytest.mark.parametrize(
    ("content", "rows_path", "said"),
    [
        (b'{"items": [{"sku": "a"}, {"sku"', "items", "no whole JSON"),
        (b"[" * 100_000, "", "no whole JSON"),
        (b'[{"a": ' + b"9" * 5000 + b"}]", "", "no whole JSON"),
        (b'{"items": []}', "items", "no|nothing"),
        (b'{"items": [1, 2]}', "items", "no list of objects"),
        (b'{"other": [{"a": 1}]}', "items", "nothing at items"),
        (b'{"items": "text"}', "items", "no list of objects"),
        (b'{"error": "token expired"}', "data[*]", "nothing at"),
    ],
)
def test_json_of_another_shape_is_refused(content: bytes, rows_path: str, said: str) -> None:
    with pytest.raises(UnreadableExport, match=said):
        read(content, source(rows_path, form="json"))


def test_a_field_that_no_row_has_is_named() -> None:
    with pytest.raises(UnreadableExport, match="amount → stock"):
        read([{"sku": "a", "qty": 1}], source(sku="sku", stock="amount"))


def test_a_table_is_read_with_their_columns_or_ours() -> None:
    table = "货号,可用,备注\na,7,\nb,0,\n"
    for encoding in ("utf-8", "utf-8-sig", "gb18030"):
        rows = read(table.encode(encoding), source(sku="货号", stock="可用"))
        assert rows == [{"sku": "a", "stock": "7"}, {"sku": "b", "stock": "0"}]
    assert read(table.encode(), source())[0] == {"货号": "a", "可用": "7", "备注": ""}


def test_a_workbook_is_read_too() -> None:
    book = Workbook()
    for line in (["SKU", "库存"], ["a", 7]):
        book.active.append(line)  # type: ignore[union-attr]
    out = io.BytesIO()
    book.save(out)
    assert read(out.getvalue(), source(sku="SKU", stock="库存")) == [{"sku": "a", "stock": "7"}]
    with pytest.raises(UnreadableExport, match="workbook"):
        read(out.getvalue()[:-200], source(sku="SKU", stock="库存"))


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "empty"),
        (b"\n\n", "empty"),
        (b"sku,stock\n", "no rows"),
        (b"sku,stock\na,1\nb", "cut off"),
        ("sku,title\na,短袖\nb,长裤".encode()[:-1], "cut off"),
        (b'sku,stock\na,1\n"b,2\n', "quotation"),
        (b"\x00\x01\x02\xff", "UTF-8"),
        (b"code,stock\na,1\n", "no columns sku"),
        (b"sku,stock\na,1\nb,tea, green,2\n", "row 2 has 4 cells"),
    ],
)
def test_a_broken_or_cut_off_table_is_refused(content: bytes, said: str) -> None:
    with pytest.raises(UnreadableExport, match=said):
        read(content, source(form="table", sku="sku", stock="stock"))


def test_a_table_whose_lines_are_all_short_is_whole() -> None:
    assert read(b"sku,stock,note\na,1\nb,2\n", source(sku="sku", stock="stock"))[1] == {
        "sku": "b",
        "stock": "2",
    }


def test_whether_a_text_may_go_on_is_seen_at_its_end() -> None:
    assert ends_openly(b"sku,stock\na,1")
    assert not ends_openly(b"sku,stock\na,1\r\n")
    assert not ends_openly(b'[{"a": 1}]')
    assert not ends_openly(b"PK\x03\x04....")


@pytest.mark.parametrize("path", ["", "$", "a", "a.b", "a[*].b[0]", "$.a", "[*]", "$[0].a", "数据.行[*]"])
def test_a_path_is_recognised(path: str) -> None:
    assert is_path(path)


@pytest.mark.parametrize("path", ["a..b", "a[", "a[x]", "a[-1]", ".", "a.", "[*"])
def test_what_is_no_path_is_told(path: str) -> None:
    assert not is_path(path)


_VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=True) | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=4), inner, max_size=3),
    max_leaves=12,
)


@given(_VALUES, st.sampled_from(["", "a", "[*]", "[*].a[*]", "a[0].b"]))
def test_whatever_json_comes_it_is_rows_of_texts_or_refused(value: Any, path: str) -> None:
    try:
        rows = read_rows(json.dumps(value).encode(), source(path, form="json"))
    except UnreadableExport:
        return
    for row in rows:
        assert all(isinstance(text, str) for pair in row.items() for text in pair)
        json.dumps(list(row.values()), ensure_ascii=False).encode()


def test_a_long_list_fills_no_more_than_one_cell_of_each_column() -> None:
    [row] = read([{"n": ["字" * 9] * 5_000, "m": "n"}], source(sku="n[*]", stock="n"))
    assert [len(row["sku"]), len(row["stock"])] == [9_999, 9_999]
