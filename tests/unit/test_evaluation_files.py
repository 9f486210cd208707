"""What an evaluation is given is read whole, or refused with file, line and what would be right."""

from __future__ import annotations

from pathlib import Path

import pytest

from bot.retrieval.evaluation_files import (
    BadEvaluationFile,
    FaqEntry,
    FaqQuery,
    LabelledMessage,
    read_entries,
    read_messages,
    read_queries,
)


def _file(folder: Path, content: str) -> Path:
    path = folder / "file"
    path.write_text(content, encoding="utf-8")
    return path


def test_entries_and_queries_are_read(tmp_path: Path) -> None:
    entries = read_entries(_file(tmp_path, '{"id":"a","questions":["有货吗",""],"answer":"有"}\n\n'))
    assert entries == [FaqEntry("a", ("有货吗",), "有")]
    queries = read_queries(_file(tmp_path, '{"text":"货","id":"a"}\n{"text":"天气","id":null}\n'), entries)
    assert queries == [FaqQuery("货", "a"), FaqQuery("天气", None)]


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("", "holds no entry"),
        ("{", ":1: is not JSON"),
        ("[]", ":1: must be a JSON object"),
        ('{"questions":["x"]}', ':1: "id" must be a text'),
        ('{"id":"a","questions":"x"}', ':1: "questions" must be a list'),
        ('{"id":"a","questions":[]}', ':1: "questions" must be a list'),
        ('{"id":"a","questions":[" "]}', "only empty texts"),
        ('{"id":"a","questions":["x"],"answer":3}', '"answer" must be a text'),
        ('{"id":"a","questions":["x"]}\n{"id":"a","questions":["y"]}', ':2: the id "a" is there already'),
    ],
)
def test_bad_entries_are_refused_with_their_line(tmp_path: Path, content: str, message: str) -> None:
    with pytest.raises(BadEvaluationFile) as caught:
        read_entries(_file(tmp_path, content))
    assert message in str(caught.value)


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("", "holds no query"),
        ('{"text":"","id":"a"}', ':1: "text" must be a text'),
        ('{"text":"x"}', ':1: "id" must be the id of an entry, or null'),
        ('{"text":"x","id":"b"}', ':1: there is no entry "b"'),
    ],
)
def test_bad_queries_are_refused_with_their_line(tmp_path: Path, content: str, message: str) -> None:
    with pytest.raises(BadEvaluationFile) as caught:
        read_queries(_file(tmp_path, content), [FaqEntry("a", ("x",))])
    assert message in str(caught.value)


def test_messages_carry_an_intent_or_a_group(tmp_path: Path) -> None:
    messages = read_messages(_file(tmp_path, 'text\tintent\n"有货"吗\tstock_available\n发票\tinvoice\n'))
    assert messages == [LabelledMessage('"有货"吗', "stock_available"), LabelledMessage("发票", "invoice")]


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("", ":1: the first line must name the columns"),
        ("message\tintent\n", ":1: the first line must name the columns"),
        ("text\tintent\n", "holds no message"),
        ("text\tintent\nx\n", ":2: 1 columns"),
        ("text\tintent\n \tstock\n", ":2: the text is empty"),
        ("text\tintent\nx\tstocks\n", ':2: "stocks" is neither an intent nor a group'),
    ],
)
def test_bad_messages_are_refused_with_their_line(tmp_path: Path, content: str, message: str) -> None:
    with pytest.raises(BadEvaluationFile) as caught:
        read_messages(_file(tmp_path, content))
    assert message in str(caught.value)


def test_a_file_that_is_missing_or_not_utf8_is_named(tmp_path: Path) -> None:
    with pytest.raises(BadEvaluationFile, match="cannot be read"):
        read_entries(tmp_path / "nowhere")
    path = tmp_path / "gbk"
    path.write_bytes("有货".encode("gbk"))
    with pytest.raises(BadEvaluationFile, match="is not UTF-8"):
        read_entries(path)
