"""The hand-labelled development set names every row once, in known groups, and refuses data that it was not made from."""

from __future__ import annotations

import hashlib
import json
import re
import shutil
from collections import Counter
from pathlib import Path

import pytest

from benchmarks import real_messages
from benchmarks.real_messages import (
    DATA_DIR,
    ECD_COUNT,
    ECD_FILE,
    JDDC_COUNT,
    JDDC_FILE,
    LABELS_FILE,
    RealMessagesError,
    draw,
    load_real_messages,
    read_labels,
    read_measuring_jddc,
)
from bot.domain.intents import GROUPS

needs_data = pytest.mark.skipif(
    not ((DATA_DIR / ECD_FILE).is_file() and (DATA_DIR / JDDC_FILE).is_file()),
    reason=f"the public data is not at {DATA_DIR}",
)


def test_560_taobao_and_340_jd_messages_are_labelled() -> None:
    assert Counter(label.source for label in read_labels()) == {"ecd": ECD_COUNT, "jddc": JDDC_COUNT}


def test_no_message_is_labelled_twice() -> None:
    labels = read_labels()
    assert len({(label.source, label.ref) for label in labels}) == len(labels)
    assert len({label.sha for label in labels}) == len(labels)


def test_every_group_occurs() -> None:
    assert {label.group for label in read_labels()} == set(GROUPS)


def test_alternatives_differ_from_the_label_and_from_each_other() -> None:
    for label in read_labels():
        named = (label.group, *label.alternatives)
        assert len(set(named)) == len(named), label


def test_the_file_holds_references_and_no_text_of_the_data() -> None:
    assert LABELS_FILE.read_text(encoding="utf-8").isascii()
    for label in read_labels():
        assert re.fullmatch(r"[0-9a-f]{12}", label.sha), label
        assert re.fullmatch(
            r"\d{1,5}" if label.source == "ecd" else r"[0-9a-f-]{32,36}:\d{1,3}", label.ref
        ), label


def test_no_labelled_jd_session_may_be_trained_on() -> None:
    sessions = [label.ref.split(":")[0] for label in read_labels() if label.source == "jddc"]
    assert all(hashlib.sha256(session.encode()).hexdigest()[0] in "0123" for session in sessions)


def labels_file(tmp_path: Path, *rows: str) -> Path:
    path = tmp_path / "labels.tsv"
    path.write_text("\n".join(["\t".join(real_messages.COLUMNS), *rows]) + "\n", encoding="utf-8")
    return path


def small_data(tmp_path: Path) -> Path:
    folder = tmp_path / "data"
    folder.mkdir()
    (folder / ECD_FILE).write_text("有货吗\n几天到\n", encoding="utf-8")
    turns = [
        {"role": "agent", "text": "您好"},
        {"role": "buyer", "text": "开发票"},
        {"role": "buyer", "text": " "},
    ]
    sessions = [{"id": str(number), "turns": turns} for number in range(40)]
    lines = "".join(json.dumps(session, ensure_ascii=False) + "\n" for session in sessions)
    (folder / JDDC_FILE).write_text(lines, encoding="utf-8")
    return folder


def test_labels_are_joined_to_the_texts(tmp_path: Path) -> None:
    row = f"ecd\t2\t{real_messages.short_hash('几天到')}\tshipping\tlogistics"
    (message,) = load_real_messages(small_data(tmp_path), labels_file(tmp_path, row))
    assert (message.text, message.group, message.source) == ("几天到", "shipping", "ecd")
    assert message.accepts("shipping")
    assert message.accepts("logistics")
    assert not message.accepts("stock")


def test_only_spoken_buyer_turns_of_measuring_sessions_are_offered(tmp_path: Path) -> None:
    refs = [ref for _, ref in read_measuring_jddc(small_data(tmp_path))]
    measuring = [str(n) for n in range(40) if hashlib.sha256(str(n).encode()).hexdigest()[0] in "0123"]
    assert refs == [f"{session}:1" for session in measuring]
    assert 0 < len(refs) < 40


@pytest.mark.parametrize(
    ("row", "complaint"),
    [
        ("ecd\t1\t000000000000\tstock\t", "differs from the one that was labelled"),
        ("ecd\t99\t000000000000\tstock\t", "not the labelled edition"),
        ("ecd\t1\t000000000000\tweather\t", "there is no group 'weather'"),
        ("ecd\t1\t000000000000\tstock\tweather", "there is no group 'weather'"),
        ("ecd\t1\tstock", "3 columns instead of 5"),
    ],
)
def test_a_row_that_does_not_fit_is_refused(tmp_path: Path, row: str, complaint: str) -> None:
    with pytest.raises(RealMessagesError, match=complaint):
        load_real_messages(small_data(tmp_path), labels_file(tmp_path, row))


@pytest.mark.parametrize("name", [ECD_FILE, JDDC_FILE])
def test_missing_data_is_named(tmp_path: Path, name: str) -> None:
    folder = small_data(tmp_path)
    (folder / name).unlink()
    with pytest.raises(RealMessagesError, match=f"{name} is missing"):
        load_real_messages(folder)


@pytest.mark.parametrize("line", ["not json", "[]", '{"id": 7, "turns": []}', '{"turns": []}'])
def test_a_damaged_session_is_named_by_its_line(tmp_path: Path, line: str) -> None:
    folder = small_data(tmp_path)
    (folder / JDDC_FILE).write_text(line + "\n", encoding="utf-8")
    with pytest.raises(RealMessagesError, match="line 1: not a session"):
        load_real_messages(folder)


def test_labels_without_their_header_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "labels.tsv"
    path.write_text("ecd\t1\t000000000000\tstock\t\n", encoding="utf-8")
    with pytest.raises(RealMessagesError, match="must begin with the columns"):
        read_labels(path)


def test_missing_labels_are_named(tmp_path: Path) -> None:
    with pytest.raises(RealMessagesError, match="missing"):
        read_labels(tmp_path / "none.tsv")


@needs_data
def test_every_hash_matches_the_data() -> None:
    messages = load_real_messages()
    assert len(messages) == ECD_COUNT + JDDC_COUNT
    assert all(message.text.strip() for message in messages)


@needs_data
def test_the_draw_repeats() -> None:
    assert [(label.source, label.ref) for label in read_labels()] == [
        (source, ref) for source, ref, _ in draw(DATA_DIR)
    ]


@needs_data
def test_one_changed_character_is_noticed(tmp_path: Path) -> None:
    for name in (ECD_FILE, JDDC_FILE):
        shutil.copy(DATA_DIR / name, tmp_path / name)
    number = next(int(label.ref) for label in read_labels() if label.source == "ecd")
    lines = (DATA_DIR / ECD_FILE).read_text(encoding="utf-8").split("\n")
    lines[number - 1] += "x"
    (tmp_path / ECD_FILE).unlink()
    (tmp_path / ECD_FILE).write_text("\n".join(lines), encoding="utf-8")
    with pytest.raises(RealMessagesError, match=f"message {number} in .* differs"):
        load_real_messages(tmp_path)
