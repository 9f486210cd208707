"""Tables of entries: CSV and XLSX read into rows of texts by column, and written so that a spreadsheet runs nothing."""

from __future__ import annotations

import csv
import io
import zipfile
import zlib
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from openpyxl import Workbook, load_workbook
from openpyxl.utils.exceptions import InvalidFileException

MAX_ROWS: Final = 100_000
_MAX_UNPACKED: Final = 300 * 1024 * 1024
_MAX_LINES: Final = 1_048_576
"""Lines, blank ones among them, that a sheet has at most: a workbook of some bytes may claim any number of them."""
_MAX_CELLS: Final = 20_000_000
"""Likewise cells, blank ones among them: one in the last column makes its line 16 384 cells long."""
_LONGEST_CELL: Final = 32_767
_FORMULA: Final = ("=", "+", "-", "@", "\t", "\r")

COLUMNS: Final = (
    "id", "group", "intent", "question", "phrasings", "reply", "fallback", "in_stock", "low", "out_of_stock", "several",
    "not_shipped", "shipped", "delivered", "unpaid", "refunding", "closed",
    "free", "paid", "not_shipped_to", "unknown", "products", "categories",
    "short_code", "language", "status", "since", "until",
    "weekly", "image",
)  # fmt: skip

COLUMN_NAMES: Final[dict[str, str]] = {
    "编号": "id", "条目": "id", "分组": "group", "意图": "intent", "问题": "question", "标准问题": "question",
    "相似问法": "phrasings", "问法": "phrasings", "回复": "reply", "回复模板": "reply", "快捷短语": "reply", "答案": "reply",
    "兜底回复": "fallback", "有货": "in_stock", "少量": "low", "缺货": "out_of_stock", "多款": "several", "未发货": "not_shipped",
    "已发货": "shipped", "已签收": "delivered",
    "待付款": "unpaid", "退款中": "refunding", "已关闭": "closed", "包邮": "free", "收邮费": "paid",
    "不发": "not_shipped_to", "未知": "unknown",
    "分组名": "group", "分组名称": "group", "短语分组": "group", "快捷短语分组": "group", "所属分组": "group",
    "快捷短语编码": "short_code", "短语编码": "short_code", "快捷码": "short_code", "快捷键": "short_code",
    "快捷短语内容": "reply", "短语内容": "reply", "短语": "reply", "话术": "reply", "话术内容": "reply", "内容": "reply",
    "快捷回复": "reply", "回复内容": "reply",
    "商品": "products", "类目": "categories", "快捷编码": "short_code", "编码": "short_code", "语言": "language",
    "状态": "status", "生效": "since", "失效": "until", "时段": "weekly", "图片": "image",
    "code": "short_code", "answer": "reply", "shortcut": "short_code",
}  # fmt: skip
"""Other names of the columns, as tables from elsewhere have them."""
_LEFT_OUT: Final = frozenset(("序号", "使用次数", "创建时间", "修改时间", "更新时间"))
"""Columns of such tables that say nothing about a phrase."""


# What openpyxl and what lies under it raise over a damaged file.
_DAMAGED: Final = (
    zipfile.BadZipFile, zlib.error, SyntaxError, InvalidFileException, KeyError, ValueError, IndexError, TypeError,
    AttributeError, EOFError, OSError, NotImplementedError, RuntimeError,
)  # fmt: skip


class _TooLarge(Exception):
    pass


class UnreadableTable(ValueError):
    """The file is no table that we take; the message says why and what would be right."""


@dataclass(frozen=True, slots=True)
class Row:
    """One row: `number` from 1 below the header, and its texts by column."""

    number: int
    cells: dict[str, str]


def read_table(content: bytes, name: str) -> list[Row]:
    """Return the rows of a CSV or XLSX file (told apart by content). Raises UnreadableTable."""
    grid = read_grid(content)
    lines = [(number, line) for number, line in enumerate(grid) if any(cell.strip() for cell in line)]
    if not lines:
        raise UnreadableTable(
            f"{name}: 表格是空的，第一行应写列名。 the table is empty; its first line holds the column names"
        )
    columns = _columns(lines[0][1], name)
    if len(lines) - 1 > MAX_ROWS:
        raise UnreadableTable(
            f"{name}: 有 {len(lines) - 1} 行，一次最多 {MAX_ROWS} 行，请拆开。 "
            f"{len(lines) - 1} rows; at most {MAX_ROWS} are taken at once: split it"
        )
    header = lines[0][0]
    return [Row(number - header, _cells(columns, line)) for number, line in lines[1:]]


def _cells(columns: Sequence[str], line: Sequence[str]) -> dict[str, str]:
    """Return the line's texts by column; a line that ends early has nothing in the last ones."""
    full = [*line, *[""] * (len(columns) - len(line))]
    return {column: plain_cell(cell) for column, cell in zip(columns, full, strict=False) if column}


def read_grid(content: bytes) -> list[list[str]]:
    """Return the cells of a CSV, TSV or XLSX file (told apart by content). Raises UnreadableTable."""
    return _read_xlsx(content) if content[:4] == b"PK\x03\x04" else _read_csv(content)


def _columns(header: Sequence[str], name: str) -> list[str]:
    columns: list[str] = []
    for cell in header:
        key = cell.strip().lower()
        column = "" if key in _LEFT_OUT else COLUMN_NAMES.get(key, key)
        if column and column not in COLUMNS:
            raise UnreadableTable(
                f"{name}: 不认识列名“{cell.strip()[:40]}”。 unknown column {cell.strip()[:40]!r}; of {', '.join(COLUMNS)}"
            )
        if column and column in columns:
            raise UnreadableTable(
                f"{name}: 列“{cell.strip()[:40]}”重复了，只留一列。 "
                f"the column {cell.strip()[:40]!r} stands twice; keep one"
            )
        columns.append(column)
    if "reply" not in columns:
        raise UnreadableTable(
            f"{name}: 缺少回复一列。 the column reply (回复) or 快捷短语 must be there; with question (问题) beside it the "
            "entries are found by what buyers ask"
        )
    return columns


def _read_csv(content: bytes) -> list[list[str]]:
    text = _decode(content)
    header = text.lstrip("\r\n,; \t").partition("\n")[0]
    # The header holds plain names: what divides them divides every line. Guessing from replies would go wrong.
    delimiter = max(",\t;", key=header.count)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    try:
        return [list(line) for line in reader]
    except csv.Error as error:
        raise UnreadableTable(
            f"第 {reader.line_num} 行读不下去：引号没有配对，或文件不完整。 "
            f"line {reader.line_num}: {error}; is a quotation mark left open, or the file cut off?"
        ) from None


def _decode(content: bytes) -> str:
    for encoding in ("utf-8-sig", "gb18030"):
        try:
            text = content.decode(encoding)
        except UnicodeDecodeError:
            continue
        if "\0" not in text:
            return text
    raise UnreadableTable(
        "文件编码既不是 UTF-8 也不是 GB18030：另存为 UTF-8 的 CSV，或 XLSX。 "
        "the file is neither UTF-8 nor GB18030 text: save it as CSV in UTF-8, or as XLSX"
    )


def _read_xlsx(content: bytes) -> list[list[str]]:
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            unpacked = sum(item.file_size for item in archive.infolist())
        if unpacked > _MAX_UNPACKED:
            raise _TooLarge
        book = load_workbook(io.BytesIO(content), read_only=True, data_only=True)
        sheet = book.worksheets[0]
        # Some shop tools state a size of one cell; without a size every line is read.
        sheet.reset_dimensions()
        return _lines_of(sheet.iter_rows(values_only=True))
    except _TooLarge:
        raise UnreadableTable(
            "工作簿解开后太大，请拆开。 the workbook unpacks to more than a table may hold; split it"
        ) from None
    except _DAMAGED as error:
        raise UnreadableTable(
            "工作簿读不出来，可能没有传完整：重新存为 XLSX。 "
            f"the workbook cannot be read ({type(error).__name__}), perhaps it was cut off: save it anew as XLSX"
        ) from None


def _lines_of(sheet: Iterable[Sequence[object]]) -> list[list[str]]:
    """Return a sheet's lines, without the blanks behind the last cell of each and behind the last line. Raises _TooLarge."""
    lines: list[list[str]] = []
    end = cells = 0
    for number, line in enumerate(sheet, start=1):
        cells += len(line)
        if number > _MAX_LINES or cells > _MAX_CELLS:
            raise _TooLarge
        texts = ["" if cell is None else str(cell) for cell in line]
        if any(len(text) > _LONGEST_CELL for text in texts):
            raise _TooLarge
        while texts and not texts[-1]:
            texts.pop()
        lines.append(texts)
        end = number if texts else end
    return lines[:end]


def _is_quoted(cell: str) -> bool:
    return cell.startswith("'") and cell.lstrip("'").startswith(_FORMULA)


def plain_cell(cell: str) -> str:
    """Return the cell without the quote that `_safe` put before what looks like a formula."""
    return cell[1:] if _is_quoted(cell) else cell


def _safe(cell: str) -> str:
    return f"'{cell}" if cell.startswith(_FORMULA) or _is_quoted(cell) else cell


def csv_of(lines: Iterable[Sequence[str]]) -> bytes:
    """Return the lines as CSV, UTF-8 with BOM (which spreadsheets expect), formulas neutralised."""
    out = io.StringIO(newline="")
    csv.writer(out).writerows([_safe(cell) for cell in line] for line in lines)
    return out.getvalue().encode("utf-8-sig")


def xlsx_of(title: str, lines: Iterable[Sequence[str]]) -> bytes:
    """Return the lines as a workbook of one sheet; every cell is text, formulas neutralised."""
    book = Workbook(write_only=True)
    sheet = book.create_sheet(title)
    for line in lines:
        sheet.append([_safe(cell) for cell in line])
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def write_csv(rows: Iterable[dict[str, str]]) -> bytes:
    """Return entries' rows as CSV."""
    return csv_of(_lines(rows))


def write_xlsx(rows: Iterable[dict[str, str]]) -> bytes:
    """Return entries' rows as XLSX."""
    return xlsx_of("entries", _lines(rows))


def _lines(rows: Iterable[dict[str, str]]) -> Iterator[Sequence[str]]:
    yield COLUMNS
    for row in rows:
        yield [row.get(column, "") for column in COLUMNS]
