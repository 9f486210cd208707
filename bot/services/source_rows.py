"""The rows of an export from elsewhere, under our names: JSON of any shape, or a table."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from itertools import islice
from typing import Any, Final

from bot.domain.fact_sources import FactSource
from bot.services.tables import MAX_ROWS, UnreadableTable, read_grid

_STEP: Final = re.compile(r"([^.\[\]]+)|\[(\*|\d{1,6})\]")
_PATH: Final = re.compile(r"\$?\.?(?:[^.\[\]]+|\[(?:\*|\d{1,6})\])(?:\.[^.\[\]]+|\[(?:\*|\d{1,6})\])*")
_JSON_START: Final = (b"{", b"[")
_BOM: Final = b"\xef\xbb\xbf"
_WORKBOOK: Final = b"PK\x03\x04"
_LONGEST_CELL: Final = 10_000
_MOST_VALUES: Final = 1_000
"""So many values stand in one cell: a path through a long list, in each of many columns, would fill the memory."""
LIST_MARK: Final = "|"


class UnreadableExport(ValueError):
    """The export cannot be taken as it is; the message says why, in both languages."""


def is_path(path: str) -> bool:
    """Whether the text is a path into JSON, such as data.items[*] or $.list[0]."""
    return not path or path == "$" or _PATH.fullmatch(path) is not None


def read_rows(content: bytes, source: FactSource, media_type: str = "") -> list[dict[str, str]]:
    """Return the export's rows, by our columns where the source maps them. Raises UnreadableExport."""
    as_json = source.form == "json" or (source.form == "auto" and _looks_like_json(content, media_type))
    rows = _json_rows(content, source) if as_json else _table_rows(content, source.columns)
    if not rows:
        raise UnreadableExport(
            "导出里没有数据行，已有数据不变。 the export holds no rows; nothing was changed"
        )
    return rows


def ends_openly(content: bytes) -> bool:
    """Whether this is text whose last line is not ended: it may go on."""
    return not content.startswith(_WORKBOOK) and content[-1:] not in (b"\n", b"\r", b"}", b"]")


def _looks_like_json(content: bytes, media_type: str) -> bool:
    return "json" in media_type or content.removeprefix(_BOM).lstrip()[:1] in _JSON_START


def _json_rows(content: bytes, source: FactSource) -> list[dict[str, str]]:
    try:
        document = json.loads(content.decode("utf-8-sig"))
    except (ValueError, RecursionError) as error:
        where = f"line {error.lineno}" if isinstance(error, json.JSONDecodeError) else type(error).__name__
        raise UnreadableExport(
            f"不是完整的 JSON（{where}）。 this is no whole JSON in UTF-8 ({where})"
        ) from None
    found = list(_along(document, _steps(source.rows_path)))
    if len(found) == 1 and isinstance(found[0], list):
        found = found[0]
    if not found:
        raise UnreadableExport(
            f"JSON 里找不到 {source.rows_path or '$'}。 the JSON has nothing at {source.rows_path or '$'}"
        )
    if len(found) > MAX_ROWS:
        raise UnreadableExport(
            f"{len(found)} 行，最多 {MAX_ROWS} 行。 {len(found)} rows; at most {MAX_ROWS} are taken"
        )
    if not all(isinstance(item, dict) for item in found):
        raise UnreadableExport(
            f"{source.rows_path or '$'} 处不是对象的列表。 what stands at {source.rows_path or '$'} is no list of objects"
        )
    return _mapped(found, source.columns)


def _mapped(items: Sequence[Mapping[str, Any]], columns: Mapping[str, str]) -> list[dict[str, str]]:
    if not columns:
        return [
            {_text(key): _text(value) for key, value in item.items() if not isinstance(value, dict)}
            for item in items
        ]
    ways = {ours: _steps(theirs) for ours, theirs in columns.items()}
    rows = []
    missing = set(columns)
    for item in items:
        found = {ours: list(islice(_along(item, steps), _MOST_VALUES)) for ours, steps in ways.items()}
        missing -= {ours for ours, values in found.items() if values}
        rows.append({ours: _joined(values) for ours, values in found.items() if values})
    if missing:
        named = ", ".join(f"{columns[ours]} → {ours}" for ours in sorted(missing))
        raise UnreadableExport(f"所有行都没有这些字段：{named}。 no row has these fields: {named}")
    return rows


def _steps(path: str) -> list[str | int]:
    """Return the steps of a path; "*" stands for every item of a list."""
    if path in ("", "$"):
        return []
    steps: list[str | int] = []
    for key, index in _STEP.findall(path.removeprefix("$")):
        steps.append(key or (index if index == "*" else int(index)))
    return steps


def _along(value: Any, steps: Sequence[str | int]) -> Iterator[Any]:
    """Yield what stands at the end of the steps; nothing where one of them leads nowhere."""
    if not steps:
        yield value
        return
    step, rest = steps[0], steps[1:]
    if isinstance(value, dict) and isinstance(step, str) and step in value:
        yield from _along(value[step], rest)
    elif isinstance(value, list) and step == "*":
        for item in value:
            yield from _along(item, rest)
    elif isinstance(value, list) and isinstance(step, int) and step < len(value):
        yield from _along(value[step], rest)


def _joined(values: Sequence[Any]) -> str:
    texts = (_text(value) for value in islice(values, _MOST_VALUES))
    return LIST_MARK.join(text for text in texts if text)[:_LONGEST_CELL]


def _text(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "1" if value else "0"
    if isinstance(value, list):
        return _joined([item for item in value if not isinstance(item, dict | list)])
    if isinstance(value, float) and value.is_integer() and abs(value) < 1e15:
        value = int(value)
    try:
        text = str(value).replace("\0", "").strip()
    except ValueError:
        raise UnreadableExport("有一个上千位的数字。 it holds a number of thousands of digits") from None
    # A lone surrogate can be written in JSON, and nowhere kept.
    return text.encode("utf-8", "ignore").decode()[:_LONGEST_CELL]


def _table_rows(content: bytes, columns: Mapping[str, str]) -> list[dict[str, str]]:
    _require_whole_text(content)
    try:
        grid = read_grid(content)
    except UnreadableTable as error:
        raise UnreadableExport(str(error)) from None
    lines = [line for line in grid if any(cell.strip() for cell in line)]
    if not lines:
        raise UnreadableExport("文件是空的。 the file is empty")
    header = [cell.strip().removeprefix("﻿") for cell in lines[0]]
    if len(lines) - 1 > MAX_ROWS:
        raise UnreadableExport(
            f"{len(lines) - 1} 行，最多 {MAX_ROWS} 行。 {len(lines) - 1} rows; at most {MAX_ROWS}"
        )
    _require_aligned(header, lines)
    if not content.startswith(_WORKBOOK):
        _require_whole(header, lines)
    places = _places(header, columns)
    return [
        {name: line[place].strip() if place < len(line) else "" for name, place in places.items()}
        for line in lines[1:]
    ]


def _require_whole_text(content: bytes) -> None:
    """Refuse UTF-8 that ends within a character: read as anything else it would be another text."""
    try:
        content.decode()
    except UnicodeDecodeError as error:
        if error.reason == "unexpected end of data" and not content.startswith(_WORKBOOK):
            raise UnreadableExport(
                "文件在一个字的中间断开，没有导入。 the file ends within a character: it seems cut off; nothing was taken"
            ) from None


def _require_whole(header: Sequence[str], lines: Sequence[Sequence[str]]) -> None:
    """Refuse a table whose last line is shorter than all others: it was not written to its end."""
    if len(lines) < 2:
        return
    last = len(lines[-1])
    if last < len(header) and all(len(line) > last for line in lines[:-1]):
        raise UnreadableExport(
            f"最后一行只有 {last} 列，文件像是没写完，没有导入。 the last line has {last} of {len(header)} columns: the file "
            "seems cut off; nothing was taken"
        )


def _require_aligned(header: Sequence[str], lines: Sequence[Sequence[str]]) -> None:
    """Refuse a table with a line that is longer than its header: all cells behind a stray comma stand one too far."""
    for number, line in enumerate(lines[1:], start=1):
        if any(cell.strip() for cell in line[len(header) :]):
            raise UnreadableExport(
                f"第 {number} 行有 {len(line)} 列，表头只有 {len(header)} 列，没有导入；内容里的逗号要加引号。 row {number} has "
                f"{len(line)} cells below {len(header)} column names: is a comma not quoted? nothing was taken"
            )


def _places(header: Sequence[str], columns: Mapping[str, str]) -> dict[str, int]:
    """Return where each column stands; one that stands twice is the first."""
    there: dict[str, int] = {}
    for place, name in enumerate(header):
        if name:
            there.setdefault(name, place)
    if not columns:
        return there
    missing = [theirs for theirs in columns.values() if theirs not in there]
    if missing:
        named = ", ".join(missing)
        raise UnreadableExport(f"表里没有这些列：{named}。 the table has no columns {named}")
    return {ours: there[theirs] for ours, theirs in columns.items()}
