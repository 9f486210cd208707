"""Reads what an evaluation is given: entries, queries and labelled messages, with clear errors by line."""

from __future__ import annotations

import csv
import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bot.domain.intents import GROUPS, INTENT_GROUP


class BadEvaluationFile(ValueError):
    """A file does not hold what an evaluation needs; the message names file, line and what would be right."""


@dataclass(frozen=True, slots=True)
class FaqEntry:
    """One entry to be found: its id, its ways of being asked for, and its answer."""

    id: str
    questions: tuple[str, ...]
    answer: str = ""


@dataclass(frozen=True, slots=True)
class FaqQuery:
    """One question and the id of the entry that answers it; None when none does."""

    text: str
    expected: str | None


@dataclass(frozen=True, slots=True)
class LabelledMessage:
    """One message and the intent (or the group) that is right for it."""

    text: str
    expected: str


def read_entries(path: Path) -> list[FaqEntry]:
    """Return the entries of a JSON-lines file of {"id", "questions": […], "answer"}. Raises BadEvaluationFile."""
    entries: dict[str, FaqEntry] = {}
    for place, row in _json_lines(path):
        entry = row.get("id")
        questions = row.get("questions")
        if not isinstance(entry, str) or not entry:
            raise BadEvaluationFile(f'{place}: "id" must be a text that is not empty')
        if entry in entries:
            raise BadEvaluationFile(f'{place}: the id "{entry}" is there already; every entry needs its own')
        if not isinstance(questions, list) or not questions or not all(isinstance(q, str) for q in questions):
            raise BadEvaluationFile(f'{place}: "questions" must be a list of at least one text')
        if not any(question.strip() for question in questions):
            raise BadEvaluationFile(f'{place}: "questions" holds only empty texts')
        answer = row.get("answer", "")
        if not isinstance(answer, str):
            raise BadEvaluationFile(f'{place}: "answer" must be a text')
        entries[entry] = FaqEntry(entry, tuple(q for q in questions if q.strip()), answer)
    if not entries:
        raise BadEvaluationFile(
            f'{path}: holds no entry; needed is one {{"id", "questions", "answer"}} a line'
        )
    return list(entries.values())


def read_queries(path: Path, entries: list[FaqEntry]) -> list[FaqQuery]:
    """Return the queries of a JSON-lines file of {"text", "id"}; null = no entry answers. Raises BadEvaluationFile."""
    known = {entry.id for entry in entries}
    queries: list[FaqQuery] = []
    for place, row in _json_lines(path):
        text, expected = row.get("text"), row.get("id")
        if not isinstance(text, str) or not text.strip():
            raise BadEvaluationFile(f'{place}: "text" must be a text that is not empty')
        if "id" not in row or not (expected is None or isinstance(expected, str)):
            raise BadEvaluationFile(
                f'{place}: "id" must be the id of an entry, or null when no entry answers it'
            )
        if expected is not None and expected not in known:
            raise BadEvaluationFile(f'{place}: there is no entry "{expected}" in the file of entries')
        queries.append(FaqQuery(text, expected))
    if not queries:
        raise BadEvaluationFile(f'{path}: holds no query; needed is one {{"text", "id"}} a line')
    return queries


def read_messages(path: Path) -> list[LabelledMessage]:
    """Return the messages of a tab-separated file with the columns text and intent. Raises BadEvaluationFile."""
    messages: list[LabelledMessage] = []
    labels = INTENT_GROUP.keys() | set(GROUPS)
    rows = csv.reader(_text(path).splitlines(), delimiter="\t", quoting=csv.QUOTE_NONE)
    columns = [column.strip() for column in next(rows, [])]
    for needed in ("text", "intent"):
        if needed not in columns:
            raise BadEvaluationFile(
                f"{path}:1: the first line must name the columns text and intent, tab between"
            )
    text_at, intent_at = columns.index("text"), columns.index("intent")
    for number, row in enumerate(rows, start=2):
        if not any(row):
            continue
        if len(row) != len(columns):
            raise BadEvaluationFile(
                f"{path}:{number}: {len(row)} columns where the first line has {len(columns)}"
            )
        text, intent = row[text_at], row[intent_at].strip()
        if not text.strip():
            raise BadEvaluationFile(f"{path}:{number}: the text is empty")
        if intent not in labels:
            raise BadEvaluationFile(
                f'{path}:{number}: "{intent}" is neither an intent nor a group; groups are {", ".join(GROUPS)}'
            )
        messages.append(LabelledMessage(text, intent))
    if not messages:
        raise BadEvaluationFile(f"{path}: holds no message below its first line")
    return messages


def _json_lines(path: Path) -> Iterator[tuple[str, dict[str, Any]]]:
    for number, line in enumerate(_text(path).split("\n"), start=1):
        if not line.strip():
            continue
        place = f"{path}:{number}"
        try:
            row = json.loads(line)
        except json.JSONDecodeError as error:
            raise BadEvaluationFile(f"{place}: is not JSON ({error.msg} at column {error.colno})") from error
        if not isinstance(row, dict):
            raise BadEvaluationFile(f"{place}: must be a JSON object")
        yield place, row


def _text(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8-sig")
    except OSError as error:
        raise BadEvaluationFile(f"{path}: cannot be read ({error.strerror})") from error
    except UnicodeDecodeError as error:
        raise BadEvaluationFile(f"{path}: is not UTF-8 at byte {error.start}; save it as UTF-8") from error
