"""Importing and exporting a shop's entries: every row checked and named, all or nothing unless told otherwise."""

from __future__ import annotations

import asyncio
import hashlib
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from dataclasses import replace as replace_fields
from typing import Any, Final

import yaml
from pydantic import ValidationError

from bot.domain.entry import CASES, Entry
from bot.domain.phrase_reading import group_named, title_of
from bot.services.document_fields import FieldError, field_errors
from bot.services.documents import EntryDocument, PhraseDocument
from bot.services.entries import EntryEditor, InvalidEntries, code_taken
from bot.services.phrase_tables import NO_QUESTION, complete_phrase, keep_phrasings, phrase_id
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
class RowVerdict:
    """What becomes of a row: `verdict` is one of VERDICTS; `guessed` names what the row did not say.

    Without `has_question` its entry is found by its reply until people give it phrasings.
    """

    row: int
    verdict: str
    entry: str
    title: str
    group: str
    intent: str | None
    guessed: tuple[str, ...]
    has_question: bool


VERDICTS: Final = ("new", "changed", "same")


@dataclass(frozen=True, slots=True)
class ImportReport:
    """What an import found and did: `ok` rows are right; `written` of them were written; `verdicts` are theirs.

    `removed` names the entries that replacing takes away.
    """

    rows: int
    ok: int
    written: int
    errors: tuple[RowError, ...]
    verdicts: tuple[RowVerdict, ...] = ()
    removed: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class _ReadRow:
    """A row as a document; what of a phrase was guessed; `keeps` says that its table has no column for questions."""

    number: int
    data: dict[str, Any]
    is_phrase: bool = False
    keeps: bool = False
    guessed: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class EntryTable:
    """A file's rows, the documents of the right ones by row, and what is wrong with the others."""

    rows: tuple[_ReadRow, ...]
    documents: Mapping[int, EntryDocument]
    errors: tuple[RowError, ...]


Tick = Callable[[int, int], None]
"""Called with how many more rows were checked, and of how many in all."""


def tell_nobody(done: int, total: int) -> None:
    """Be the Tick of who does not wait for it."""


async def import_entries(
    editor: EntryEditor,
    shop: str,
    content: bytes,
    name: str,
    *,
    dry_run: bool = False,
    replace: bool = False,
    skip_bad: bool = False,
    tick: Tick = tell_nobody,
) -> ImportReport:
    """Check every row, then write all (or, with `skip_bad`, the right ones) in one transaction.

    `replace` removes the other entries of this shop only. Raises UnreadableTable, UnreadableYaml, NotFound.
    """
    table = await read_entry_table(content, name)
    return await import_read(
        editor, shop, table, dry_run=dry_run, replace=replace, skip_bad=skip_bad, tick=tick
    )


async def read_entry_table(content: bytes, name: str) -> EntryTable:
    """Read a file and check each row by itself. Raises UnreadableTable, UnreadableYaml."""
    # Thousands of rows take seconds, in which others are served.
    return await asyncio.to_thread(_read_rows, content, name)


async def import_read(
    editor: EntryEditor,
    shop: str,
    table: EntryTable,
    *,
    dry_run: bool = False,
    replace: bool = False,
    skip_bad: bool = False,
    tick: Tick = tell_nobody,
) -> ImportReport:
    """Do the same with a table that was read already. Raises NotFound."""
    rows, documents, errors = table.rows, dict(table.documents), list(table.errors)
    known = {entry.id: entry for entry in await editor.list_entries(shop)}
    for row in rows:
        if row.keeps and row.number in documents:
            document = documents[row.number]
            documents[row.number] = keep_phrasings(document, known.get(document.id))
    errors.extend(_doubles(documents))
    good = _without(documents, errors)
    entries, wrong = await _check_in_shop(editor, shop, good, tick)
    errors.extend(wrong)
    if not replace:
        errors.extend(await _taken_codes(editor, shop, good))
    good = _without(good, errors)
    verdicts = tuple(_verdict(row, entries[row.number], known) for row in rows if row.number in good)
    removed = tuple(sorted(known.keys() - {document.id for document in good.values()})) if replace else ()
    written = 0
    if good and not dry_run and (skip_bad or not errors):
        written = await editor.put_entries(shop, list(good.values()), replace=replace)
    told = tuple(sorted(errors, key=lambda error: error.row))
    return ImportReport(len(rows), len(good), written, told, verdicts, removed)


def _verdict(row: _ReadRow, entry: Entry, known: Mapping[str, Entry]) -> RowVerdict:
    before = known.get(entry.id)
    verdict = "new"
    if before is not None:
        verdict = "same" if replace_fields(entry, version=before.version) == before else "changed"
    # What was kept of the entry is no guess.
    guessed = row.guessed if entry.intent == row.data.get("intent") else ()
    return RowVerdict(
        row.number,
        verdict,
        entry.id,
        title_of(entry),
        entry.group,
        entry.intent,
        guessed,
        bool(entry.all_phrasings),
    )


def _read_rows(content: bytes, name: str) -> EntryTable:
    rows = _entry_rows(content, name)
    documents: dict[int, EntryDocument] = {}
    errors: list[RowError] = []
    for row in rows:
        _check_row(row, documents, errors)
    return EntryTable(tuple(rows), documents, tuple(errors))


def _entry_rows(content: bytes, name: str) -> list[_ReadRow]:
    """Return the rows of a CSV, XLSX or YAML file; YAML is a pack, or a list of entries."""
    if name.lower().endswith((".yml", ".yaml")):
        data = read_yaml(content).data
        entries = data.get("entries") if isinstance(data, dict) else data
        if not isinstance(entries, list):
            raise UnreadableYaml("has no list of entries; write them under 'entries:'")
        return [
            _yaml_row(index, entry if isinstance(entry, dict) else {})
            for index, entry in enumerate(entries, start=1)
        ]
    return [_table_row(row) for row in read_table(content, name)]


def _yaml_row(number: int, entry: dict[str, Any]) -> _ReadRow:
    if entry.get("question") != NO_QUESTION:
        return _ReadRow(number, entry)
    return _ReadRow(number, {key: value for key, value in entry.items() if key != "question"}, True)


def _table_row(row: Row) -> _ReadRow:
    cells = {column: cell.strip() for column, cell in row.cells.items() if cell.strip()}
    has_column = "question" in row.cells
    if has_column and cells.get("question") != NO_QUESTION:
        document = _row_document(cells)
        document.setdefault("id", _generated_id(cells.get("question", "")))
        document["group"] = group_named(document["group"]) or document["group"]
        return _ReadRow(row.number, document)
    cells.pop("question", None)
    document = _row_document(cells)
    document.setdefault("id", phrase_id(cells))
    return _ReadRow(row.number, document, True, not has_column, complete_phrase(cells, document))


def _row_document(cells: Mapping[str, str]) -> dict[str, Any]:
    document: dict[str, Any] = {
        key: cells[key]
        for key in ("id", "group", "intent", "question", "reply", "fallback", "language", "status", "image")
        if key in cells
    }
    if "short_code" in cells:
        document["short_code"] = cells["short_code"].lower().lstrip("/／")
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


def _check_row(row: _ReadRow, documents: dict[int, EntryDocument], errors: list[RowError]) -> None:
    data = {key: value for key, value in row.data.items() if key != "version"}
    try:
        model = PhraseDocument if row.is_phrase else EntryDocument
        documents[row.number] = model.model_validate(data)
    except ValidationError as error:
        errors.extend(_row_error(row.number, item) for item in field_errors(error))


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
                errors.append(
                    RowError(
                        number,
                        column,
                        f"“{value}”在第 {seen[value]} 行已经用过。 {value!r} stands already in row {seen[value]}",
                    )
                )
            elif value:
                seen[value] = number
    return errors


def _without(documents: dict[int, EntryDocument], errors: list[RowError]) -> dict[int, EntryDocument]:
    bad = {error.row for error in errors}
    return {number: document for number, document in documents.items() if number not in bad}


async def _taken_codes(editor: EntryEditor, shop: str, documents: dict[int, EntryDocument]) -> list[RowError]:
    taken = await editor.codes_taken(shop, list(documents.values()))
    return [
        RowError(number, "short_code", code_taken(document.short_code, taken[document.short_code]))
        for number, document in documents.items()
        if document.short_code in taken and document.status != "archived"
    ]


async def _check_in_shop(
    editor: EntryEditor, shop: str, documents: dict[int, EntryDocument], tick: Tick
) -> tuple[dict[int, Entry], list[RowError]]:
    """Return the entries by row, and what only the shop itself can tell: products and categories it does not have."""
    errors: list[RowError] = []
    entries: dict[int, Entry] = {}
    numbers = list(documents)
    checking = await editor.checking(shop)
    for start in range(0, max(len(numbers), 1), _BATCH):
        batch = numbers[start : start + _BATCH]
        try:
            checked = checking.check([documents[number] for number in batch])
        except InvalidEntries as invalid:
            wrong = [_error_of(batch, error) for error in invalid.errors]
            errors.extend(wrong)
            right = list(_without({number: documents[number] for number in batch}, wrong))
            checked = checking.check([documents[number] for number in right])
        else:
            right = batch
        entries.update(zip(right, checked, strict=True))
        tick(len(batch), len(numbers))
        await asyncio.sleep(0)  # a moment for others, and for telling how far it is
    return entries, errors


def _error_of(batch: Sequence[int], error: FieldError) -> RowError:
    """Return the error of one of many entries (entries[3].reply), or of the only one (reply), as that of its row."""
    index = int(error.field.split("[")[1].split("]")[0]) if error.field.startswith("entries[") else 0
    return _row_error(batch[index], FieldError(error.field.split("].")[-1], error.message))


def export_entries(entries: Sequence[Entry], name: str) -> bytes:
    """Return the entries as the kind of file that `name` ends in: .csv, .xlsx, .yml. Import takes it back."""
    lowered = name.lower()
    if lowered.endswith((".yml", ".yaml")):
        documents = [_slim(entry_data(entry) | {"question": _question(entry)}) for entry in entries]
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
    row["question"] = _question(entry)
    row |= {key: str(data[key]) for key in ("short_code", "language", "status", "image")}
    row |= dict(entry.cases)
    row["phrasings"] = _joined(entry.phrasings)
    row["products"], row["categories"] = _joined(entry.scope.products), _joined(entry.scope.categories)
    row["weekly"] = ";".join(
        f"{','.join(map(str, hours['days']))} {hours['since']}-{hours['until']}"
        for hours in data["validity"]["weekly"]
    )
    row["since"], row["until"] = data["validity"]["since"] or "", data["validity"]["until"] or ""
    return row


def _question(entry: Entry) -> str:
    return entry.question or NO_QUESTION


def _joined(items: Iterable[str]) -> str:
    return "\n".join(item.replace("|", r"\|") for item in items)
