"""Importing and exporting a shop's entries: every row checked and named, all or nothing unless told otherwise."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Final

import yaml
from pydantic import ValidationError

from bot.domain.entry import CASES, Entry
from bot.services.document_fields import FieldError, field_errors
from bot.services.documents import EntryDocument
from bot.services.entries import EntryEditor, InvalidEntries
from bot.services.rendering import entry_data
from bot.services.tables import Row, read_table, write_csv, write_xlsx
from bot.services.yaml_reading import UnreadableYaml, read_yaml

_BATCH: Final = 500
_DIVIDER: Final = re.compile(r"[\r\n]+|(?<!\\)\|")
"""Between the items of a cell: a new line or an upright stroke; a stroke within an item is written \\|."""
_CASE_NAMES: Final = tuple(dict.fromkeys(name for family in CASES.values() for name in family))


@dataclass(frozen=True, slots=True)
class RowError:
    """What is wrong in which row (from 1 below the header) and column."""

    row: int
    column: str
    message: str


@dataclass(frozen=True, slots=True)
class ImportReport:
    """What an import found and did: `ok` rows are right; `written` of them were written."""

    rows: int
    ok: int
    written: int
    errors: tuple[RowError, ...]


Tick = Callable[[int, int], None]
"""Called with how many more rows were checked, and of how many in all."""


async def import_entries(
    editor: EntryEditor,
    shop: str,
    content: bytes,
    name: str,
    *,
    dry_run: bool = False,
    replace: bool = False,
    skip_bad: bool = False,
    tick: Tick = lambda done, total: None,
) -> ImportReport:
    """Check every row, then write all (or, with `skip_bad`, the right ones) in one transaction.

    `replace` removes the other entries of this shop only. Raises UnreadableTable, UnreadableYaml, NotFound.
    """
    rows = read_entry_rows(content, name)
    documents: dict[int, EntryDocument] = {}
    errors: list[RowError] = []
    for row in rows:
        _check_row(row, documents, errors)
    errors.extend(_doubles(documents))
    good = _without(documents, errors)
    errors.extend(await _check_in_shop(editor, shop, good, tick))
    if not replace:
        errors.extend(await _taken_codes(editor, shop, good))
    good = _without(good, errors)
    written = 0
    if good and not dry_run and (skip_bad or not errors):
        written = await editor.put_entries(shop, list(good.values()), replace=replace)
    return ImportReport(len(rows), len(good), written, tuple(sorted(errors, key=lambda error: error.row)))


def read_entry_rows(content: bytes, name: str) -> list[tuple[int, dict[str, Any]]]:
    """Return (row, document) of a CSV, XLSX or YAML file; YAML is a pack, or a list of entries."""
    if name.lower().endswith((".yml", ".yaml")):
        data = read_yaml(content).data
        entries = data.get("entries") if isinstance(data, dict) else data
        if not isinstance(entries, list):
            raise UnreadableYaml("has no list of entries; write them under 'entries:'")
        return [
            (index, entry if isinstance(entry, dict) else {}) for index, entry in enumerate(entries, start=1)
        ]
    return [(row.number, _row_document(row)) for row in read_table(content, name)]


def _row_document(row: Row) -> dict[str, Any]:
    cells = {column: cell.strip() for column, cell in row.cells.items() if cell.strip()}
    document: dict[str, Any] = {
        key: cells[key]
        for key in ("id", "group", "intent", "question", "reply", "fallback", "language", "status")
        if key in cells
    }
    if "short_code" in cells:
        document["short_code"] = cells["short_code"].lower()
    document.setdefault("id", _generated_id(cells.get("question", "")))
    document.setdefault("group", "other")
    document["phrasings"] = _listed(cells.get("phrasings", ""))
    document["cases"] = {case: cells[case] for case in _CASE_NAMES if case in cells}
    document["scope"] = {key: _listed(cells.get(key, "")) for key in ("products", "categories")}
    document["validity"] = {key: cells[key] for key in ("since", "until") if key in cells}
    document["validity"]["weekly"] = [
        _hours(item) for item in cells.get("weekly", "").split(";") if item.strip()
    ]
    return document


def _hours(text: str) -> dict[str, Any]:
    """Read weekly hours such as 6,7 22:00-08:00; what cannot be read is left for the document to refuse."""
    days, _, clocks = text.strip().partition(" ")
    since, _, until = clocks.partition("-")
    numbers = [int(day) if day.isdecimal() else day for day in days.split(",")]
    return {"days": numbers, "since": since.strip(), "until": until.strip()}


def _listed(cell: str) -> list[str]:
    items = (item.replace(r"\|", "|").strip() for item in _DIVIDER.split(cell))
    return [item for item in items if item]


def _generated_id(question: str) -> str:
    """Return an id made of the question: importing the same table again meets the same entries."""
    return "e-" + hashlib.sha256(question.encode()).hexdigest()[:12]


def _check_row(
    row: tuple[int, dict[str, Any]], documents: dict[int, EntryDocument], errors: list[RowError]
) -> None:
    number, data = row
    try:
        documents[number] = EntryDocument.model_validate({k: v for k, v in data.items() if k != "version"})
    except ValidationError as error:
        errors.extend(_row_error(number, item) for item in field_errors(error))


def _row_error(number: int, error: FieldError) -> RowError:
    column = error.field.removeprefix("cases.").removeprefix("scope.").removeprefix("validity.").split("[")[0]
    return RowError(number, column, error.message)


def _doubles(documents: dict[int, EntryDocument]) -> list[RowError]:
    errors: list[RowError] = []
    for column, value_of in (("id", lambda d: d.id), ("short_code", lambda d: d.short_code)):
        seen: dict[str, int] = {}
        for number, document in documents.items():
            value = value_of(document)  # type: ignore[no-untyped-call]
            if value and value in seen:
                errors.append(RowError(number, column, f"{value!r} stands already in row {seen[value]}"))
            elif value:
                seen[value] = number
    return errors


def _without(documents: dict[int, EntryDocument], errors: list[RowError]) -> dict[int, EntryDocument]:
    bad = {error.row for error in errors}
    return {number: document for number, document in documents.items() if number not in bad}


async def _taken_codes(editor: EntryEditor, shop: str, documents: dict[int, EntryDocument]) -> list[RowError]:
    taken = await editor.codes_taken(shop, list(documents.values()))
    return [
        RowError(
            number, "short_code", f"{document.short_code!r} is the short code of {taken[document.short_code]}"
        )
        for number, document in documents.items()
        if document.short_code in taken and document.status != "archived"
    ]


async def _check_in_shop(
    editor: EntryEditor, shop: str, documents: dict[int, EntryDocument], tick: Tick
) -> list[RowError]:
    """Return what only the shop itself can tell: products and categories it does not have."""
    errors: list[RowError] = []
    numbers = list(documents)
    for start in range(0, max(len(numbers), 1), _BATCH):
        batch = numbers[start : start + _BATCH]
        try:
            await editor.check(shop, [documents[number] for number in batch])
        except InvalidEntries as invalid:
            for error in invalid.errors:
                index = (
                    int(error.field.split("[")[1].split("]")[0]) if error.field.startswith("entries[") else 0
                )
                errors.append(
                    _row_error(batch[index], FieldError(error.field.split("].")[-1], error.message))
                )
        tick(len(batch), len(numbers))
    return errors


def export_entries(entries: Sequence[Entry], name: str) -> bytes:
    """Return the entries as the kind of file that `name` ends in: .csv, .xlsx, .yml. Import takes it back."""
    lowered = name.lower()
    if lowered.endswith((".yml", ".yaml")):
        documents = [_slim(entry_data(entry)) for entry in entries]
        return yaml.safe_dump({"entries": documents}, allow_unicode=True, sort_keys=False, width=120).encode()
    rows = [_entry_row(entry) for entry in entries]
    return write_xlsx(rows) if lowered.endswith(".xlsx") else write_csv(rows)


def _slim(data: dict[str, Any]) -> dict[str, Any]:
    kept = {key: value for key, value in data.items() if value not in ("", None, [], {}) and key != "version"}
    for key in ("scope", "validity"):
        inner = {name: value for name, value in kept.pop(key, {}).items() if value}
        if inner:
            kept[key] = inner
    return kept


def _entry_row(entry: Entry) -> dict[str, str]:
    data = entry_data(entry)
    row = {key: str(data[key] or "") for key in ("id", "group", "intent", "question", "reply", "fallback")}
    row |= {key: str(data[key]) for key in ("short_code", "language", "status")}
    row |= dict(entry.cases)
    row["phrasings"] = _joined(entry.phrasings)
    row["products"], row["categories"] = _joined(entry.scope.products), _joined(entry.scope.categories)
    row["weekly"] = ";".join(
        f"{','.join(map(str, hours['days']))} {hours['since']}-{hours['until']}"
        for hours in data["validity"]["weekly"]
    )
    row["since"], row["until"] = data["validity"]["since"] or "", data["validity"]["until"] or ""
    return row


def _joined(items: Iterable[str]) -> str:
    return "\n".join(item.replace("|", r"\|") for item in items)
