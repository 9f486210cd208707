"""Rows of tables of facts: read from files and from what is pushed, and the plan of what they change in one shop."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final, Generic, TypeVar

from bot.domain.fact_tables import COLUMNS, KEYS, column_named, column_shown
from bot.domain.facts import Fact, Order, Product, ShippingRule
from bot.services.documents import Loading
from bot.services.fact_cells import WrongCell
from bot.services.importing import RowError
from bot.services.tables import MAX_ROWS, UnreadableTable, plain_cell, read_grid

VERDICTS: Final = ("new", "changed", "same")
_KNOWN_BY: Final[Mapping[str, tuple[str, ...]]] = {
    "products": ("product", "sku", "item_id", "title"),
}
"""Where one of several columns is enough to know a row by."""

T = TypeVar("T")
ItemT = TypeVar("ItemT", Product, ShippingRule, Fact, Order)


@dataclass(frozen=True, slots=True)
class FactRow:
    """One row: `number` from 1 below the header, and its texts by column; a column that is not there says nothing."""

    number: int
    cells: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class FactVerdict:
    """What becomes of a row: `verdict` is one of VERDICTS; `key` is what it is known by."""

    row: int
    verdict: str
    key: str
    title: str


@dataclass(slots=True)
class TablePlan(Generic[ItemT]):
    """What a table changes: items to write by key, keys of items that go, and what is said of each row.

    What is `incoherent` cannot be written even without its wrong rows.
    """

    items: dict[str, ItemT] = field(default_factory=dict)
    removed: tuple[str, ...] = ()
    verdicts: list[FactVerdict] = field(default_factory=list)
    errors: list[RowError] = field(default_factory=list)
    incoherent: bool = False

    def judge(
        self,
        row: FactRow,
        key: str,
        title: str,
        before: Mapping[str, str] | None,
        after: Mapping[str, str],
    ) -> None:
        """Say of the row whether what it is about is new, changed or the same."""
        verdict = "new" if before is None else "same" if before == after else "changed"
        self.verdicts.append(FactVerdict(row.number, verdict, key, title))


class WrongRow(Exception):
    """A row cannot be taken; says which columns are wrong."""

    def __init__(self, *wrong: tuple[str, str]) -> None:
        super().__init__(wrong)
        self.wrong = wrong


class CellReader:
    """Reads a row's cells, each by its own reader, and gathers all that is wrong."""

    def __init__(self, row: FactRow, loading: Loading) -> None:
        self._row = row
        self._loading = loading
        self.wrong: list[tuple[str, str]] = []

    def read(self, column: str, reader: Callable[[str], T], otherwise: T) -> T:
        """Return the cell as the reader reads it; `otherwise` when the column is not there or its cell is wrong."""
        cell = self._row.cells.get(column)
        if cell is None:
            return otherwise
        try:
            return reader(cell)
        except WrongCell as error:
            self.wrong.append((column, str(error)))
            return otherwise

    def read_at(self, column: str, reader: Callable[[str, Loading], T], otherwise: T) -> T:
        """Return the cell as a reader of times reads it."""
        return self.read(column, lambda cell: reader(cell, self._loading), otherwise)


def read_good(
    rows: Iterable[FactRow], reader: Callable[[FactRow], T], errors: list[RowError]
) -> list[tuple[FactRow, T]]:
    """Return what the reader makes of each row; what is wrong with the others goes to `errors`."""
    good: list[tuple[FactRow, T]] = []
    for row in rows:
        try:
            good.append((row, reader(row)))
        except WrongRow as error:
            errors.extend(RowError(row.number, column, message) for column, message in error.wrong)
    return good


def without_doubles(
    read: Iterable[tuple[FactRow, T]], key: Callable[[T], Sequence[str]], column: str, errors: list[RowError]
) -> list[tuple[FactRow, T]]:
    """Return the rows whose keys no row before them has; the others go to `errors`."""
    seen: dict[str, int] = {}
    single: list[tuple[FactRow, T]] = []
    for row, value in read:
        again = next((each for each in key(value) if each in seen), None)
        if again is None:
            single.append((row, value))
            seen.update(dict.fromkeys(key(value), row.number))
        else:
            message = f"「{again}」已在第 {seen[again]} 行。 {again} stands already in row {seen[again]}"
            errors.append(RowError(row.number, column, message))
    return single


def rows_of_file(table: str, content: bytes, name: str, *, lenient: bool = False) -> list[FactRow]:
    """Return the rows of a CSV, TSV or XLSX file. Raises UnreadableTable; `lenient` passes over unknown columns."""
    lines = [(n, line) for n, line in enumerate(read_grid(content)) if any(cell.strip() for cell in line)]
    if not lines:
        raise UnreadableTable(
            f"{name}: 表格是空的。 the table is empty; its first line holds the column names"
        )
    if len(lines) - 1 > MAX_ROWS:
        raise UnreadableTable(f"{name}: {len(lines) - 1} rows; at most {MAX_ROWS} are taken at once")
    header, first = lines[0][0], lines[0][1]
    columns = _columns(table, first, name, lenient=lenient)
    return [FactRow(number - header, _cells(columns, line)) for number, line in lines[1:]]


def rows_pushed(table: str, rows: Sequence[Mapping[str, str]], *, lenient: bool = False) -> list[FactRow]:
    """Return the rows that another program gives. Raises UnreadableTable."""
    if len(rows) > MAX_ROWS:
        raise UnreadableTable(f"{len(rows)} rows; at most {MAX_ROWS} are taken at once")
    columns: dict[tuple[str, ...], list[str]] = {}
    read = []
    for number, row in enumerate(rows, start=1):
        names = tuple(row)
        if names not in columns:
            columns[names] = _columns(table, names, f"row {number}", lenient=lenient)
        read.append(FactRow(number, _cells(columns[names], list(row.values()))))
    return read


def _columns(table: str, header: Sequence[str], name: str, *, lenient: bool) -> list[str]:
    columns: list[str] = []
    for cell in header:
        column = column_named(table, cell) if cell.strip() else ""
        if column is None and not lenient:
            known = "、".join(column_shown(each) for each in COLUMNS[table])
            raise UnreadableTable(f"{name}: 不认识的列 unknown column {cell.strip()[:40]!r}; {known}")
        if column and column in columns:
            if not lenient:
                raise UnreadableTable(
                    f"{name}: 列重复 the column {cell.strip()[:40]!r} stands twice; keep one"
                )
            column = ""
        columns.append(column or "")
    known_by = _KNOWN_BY.get(table)
    missing = [column for column in KEYS[table] if column not in columns]
    if missing and not (known_by and any(column in columns for column in known_by)):
        shown = "、".join(column_shown(column) for column in missing)
        raise UnreadableTable(f"{name}: 缺少列 the column {shown} must be there")
    return columns


def _cells(columns: Sequence[str], line: Sequence[str]) -> dict[str, str]:
    """Return the line's texts by column; a line that ends early has nothing in the last ones."""
    full = [*line, *[""] * (len(columns) - len(line))]
    return {column: plain_cell(cell).strip() for column, cell in zip(columns, full, strict=False) if column}


def column_of_field(path: str, names: Mapping[str, str]) -> str:
    """Return the column of a document's field: the last name in its path, by `names` where the column has another."""
    parts = [part.partition("[")[0] for part in path.split(".") if part]
    return names.get(".".join(parts), names.get(parts[-1], parts[-1])) if parts else ""
