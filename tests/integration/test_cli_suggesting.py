"""kuaihui suggest, classify, shops: what they print, what they refuse, the same with a server and without one."""

from __future__ import annotations

import signal
from typing import Any

import pytest

from tests.integration.installations import (
    DEMO_SHOPS,
    LIFE,
    SELECT,
    Installation,
    Server,
    alive,
    json_lines,
    until,
)

QUESTION = "黑色L码还有货吗什么时候发"
RESULT = {"id", "shop", "silent", "reason", "classifier", "embedder", "intents", "suggestions"}
SUGGESTION = {"id", "text", "confidence", "automatic", "parts", "facts", "image"}
MESSAGES: tuple[Any, ...] = (
    {"id": "one", "text": QUESTION},
    {"id": 2, "text": "L码呢", "history": [{"role": "buyer", "text": "黑色T恤还有货吗"}, {"role": "agent", "text": "有的"}]},
    b"not json",
    b"",
    {"id": "no text"},
    {"id": "number", "text": 5},
    b"[1, 2]",
    b'"text"',
    {"id": "one", "text": "好的"},
    {"text": "发什么快递"},
    {"id": None, "text": "能开专票吗", "history": None},
    {"id": "extra", "text": "有货吗", "shop": "yunshang"},
    {"id": "empty", "text": ""},
    {"id": "blank", "text": "  \n "},
    {"id": "control", "text": "\u0000\u0001\u001b\u200b"},
    {"id": "long", "text": "货" * 4001},
    {"id": "role", "text": "有货吗", "history": [{"role": "boss", "text": "在"}]},
    {"id": "big", "text": "货" * 700_000},
    b'{"id": "deep", "text": ' + b"[" * 100_000,
    b'{"id": "digits", "text": ' + b"9" * 10_000 + b"}",
    b'\xff\xfe{"id": "encoding"}',
    b'{"id": "\\ud800", "text": "\\ud800\xe5\x8f\x91\xe4\xbb\x80\xe4\xb9\x88\xe5\xbf\xab\xe9\x80\x92"}',
    {"id": "last", "text": "新疆包邮吗", "viewed": "tee-basic", "conversation": "c-1"},
)  # fmt: skip
REFUSED = {
    3: "not JSON", 5: "text", 6: "text", 7: "object", 8: "object", 12: "shop: unknown field", 13: "text", 14: "text",
    15: "text", 16: "4001 characters", 17: "history[0].role", 18: "bytes", 19: "not JSON", 20: "not JSON", 21: "not JSON",
}  # fmt: skip
ASKED = [number for number, message in enumerate(MESSAGES, start=1) if message != b""]


def settled(row: dict[str, Any]) -> dict[str, Any]:
    """Return the row without what is new each time: the suggestions' ids and the facts' times."""
    suggestions = [
        {**suggestion, "id": "", "facts": [{**fact, "as_of": ""} for fact in suggestion["facts"]]}
        for suggestion in row.get("suggestions", ())
    ]
    return {**row, "suggestions": suggestions}


def test_the_shops_are_listed(ready: Server) -> None:
    listed = ready.installation.call("shops", "--json").row
    assert [(shop["id"], shop["demo"]) for shop in listed] == [(shop, True) for shop in DEMO_SHOPS]
    assert {"id", "name", "name_en", "colour", "languages", "timezone"} <= set(listed[0])
    assert "云朵生活馆" in ready.installation.call("shops").out


def test_a_suggestion_is_printed_as_the_contract_says(ready: Server) -> None:
    row = ready.installation.call("suggest", "--shop", LIFE, "--json", QUESTION).row
    assert set(row) == RESULT
    assert (row["id"], row["shop"], row["silent"], row["classifier"]) == (None, LIFE, False, "ready")
    assert {intent["intent"] for intent in row["intents"]} >= {"stock_variant", "ship_when"}
    assert all(set(intent) == {"intent", "group", "confidence"} for intent in row["intents"])
    assert 1 <= len(row["suggestions"]) <= 3
    for suggestion in row["suggestions"]:
        assert set(suggestion) == SUGGESTION
        assert 0 < suggestion["confidence"] <= 1
        assert all(set(part) == {"entry", "version", "intent", "text"} for part in suggestion["parts"])
        assert all(set(fact) == {"name", "value", "source", "as_of", "stale"} for fact in suggestion["facts"])
        assert all(part["text"] in suggestion["text"] for part in suggestion["parts"])
    composed = row["suggestions"][0]
    assert {part["intent"] for part in composed["parts"]} == {"stock_variant", "ship_when"}
    assert {"stock", "dispatch_time"} <= {fact["name"] for fact in composed["facts"]}


def test_a_person_reads_replies_with_confidence_entries_and_facts(ready: Server) -> None:
    said = ready.installation.call("suggest", "--shop", LIFE, QUESTION).out
    for expected in (
        "1. ",
        "%",
        "stock-variant + ship-when",
        "48小时内",
        "dispatch_time = 48小时内",
        "yunduo-life.yml",
    ):
        assert expected in said
    assert "silent: acknowledgement" in ready.installation.call("suggest", "--shop", LIFE, "好的").out


def test_a_message_is_classified(ready: Server) -> None:
    row = ready.installation.call("classify", "能开专票吗").row
    assert set(row) == {"id", "intent", "group", "confidence", "entities"}
    assert (row["id"], row["group"]) == (None, "invoice")
    assert [(e["name"], e["value"], e["start"], e["end"]) for e in row["entities"]] == [
        ("invoice_type", "专票", 2, 4)
    ]


@pytest.fixture(scope="module")
def answered(ready: Server) -> Any:
    return ready.installation.call("suggest", "--shop", LIFE, "--jsonl", stdin=json_lines(*MESSAGES))


def test_every_line_is_answered_in_its_order_under_its_own_id(answered: Any) -> None:
    assert len(answered.rows) == len(ASKED)
    for number, row in zip(ASKED, answered.rows, strict=True):
        message = MESSAGES[number - 1]
        if isinstance(message, dict) and number != 18:
            assert row["id"] == message.get("id")
        assert list(row)[:2] == ["id", "shop"]
        assert row["shop"] == LIFE
        assert set(row) == ({"id", "shop", "error"} if number in REFUSED else RESULT)


def test_bad_lines_are_refused_by_their_number_and_the_others_answered(answered: Any) -> None:
    answered.refused()
    for number, row in zip(ASKED, answered.rows, strict=True):
        if number in REFUSED:
            assert set(row["error"]) == {"code", "message", "fields"}
            assert any(
                f"line {number}" in line and REFUSED[number] in line for line in answered.err.splitlines()
            ), number
    assert f"{len(REFUSED)} of {len(ASKED)} lines were refused" in answered.err
    assert len(answered.err) < 20_000


def test_history_says_what_a_short_message_leaves_out(answered: Any) -> None:
    row = next(row for row in answered.rows if row["id"] == 2)
    assert "云绵基础款纯棉圆领T恤黑色 L" in row["suggestions"][0]["text"]


def test_an_acknowledgement_is_met_with_silence(answered: Any) -> None:
    row = [row for row in answered.rows if row["id"] == "one"][1]
    assert (row["silent"], row["suggestions"]) == (True, [])


def test_lines_are_classified_in_order_and_bad_ones_refused(ready: Server) -> None:
    lines = json_lines(
        {"id": "a", "text": "能开专票吗"},
        b"{",
        {"id": "c", "text": "", "history": []},
        {"id": "d", "text": " "},
    )
    outcome = ready.installation.call("classify", "--jsonl", stdin=lines)
    outcome.refused("line 2 is not JSON", "line 3 history: unknown field", "line 4: text", "3 of 4")
    assert [row["id"] for row in outcome.rows] == ["a", None, "c", "d"]
    assert set(outcome.rows[0]) == {"id", "intent", "group", "confidence", "entities"}


def test_nothing_to_read_is_nothing_to_answer(ready: Server) -> None:
    outcome = ready.installation.call("suggest", "--shop", LIFE, "--jsonl", stdin=b"\n\n")
    assert (outcome.status, outcome.out) == (0, "")


@pytest.mark.parametrize(
    ("arguments", "word"),
    [
        (("suggest", "--shop", "nowhere", "有货吗"), "no shop nowhere"),
        (("suggest", "--shop", "No/Where", "有货吗"), "a-z, 0-9"),
        (("suggest", "--shop", "", "有货吗"), "not a shop id"),
        (("suggest", "--shop", LIFE), "--jsonl"),
        (("suggest", "--shop", LIFE, "--jsonl", "有货吗"), "--jsonl"),
        (("suggest", "--shop", LIFE, ""), "the message holds no readable character"),
        (("suggest", "--shop", LIFE, "\x01\x02\u200b"), "the message holds no readable character"),
        (
            ("suggest", "--shop", LIFE, "货" * 5000),
            "text: 有 5000 个字，最多读 4000 字。 has 5000 characters; at most 4000",
        ),
        (("classify",), "--jsonl"),
        (("classify", " "), "the message holds no readable character"),
    ],
)
def test_what_cannot_be_asked_is_said(ready: Server, arguments: tuple[str, ...], word: str) -> None:
    outcome = ready.installation.call(*arguments)
    outcome.refused(word)
    assert outcome.out == ""


def test_a_terminal_of_few_characters_shows_question_marks(ready: Server) -> None:
    outcome = ready.installation.run("suggest", "--shop", LIFE, QUESTION, PYTHONIOENCODING="ascii")
    assert (outcome.status, outcome.err) == (0, "")
    assert "stock = 46" in outcome.out
    answered = ready.installation.run("suggest", "--shop", LIFE, "--json", QUESTION, PYTHONIOENCODING="ascii")
    assert "有货" in answered.row["suggestions"][0]["text"]


def test_a_reader_that_has_enough_is_no_error(ready: Server) -> None:
    command = ready.installation.start("suggest", "--shop", LIFE, "--jsonl")
    assert command.stdout is not None
    command.stdout.close()
    lines = json_lines(*({"id": number, "text": QUESTION} for number in range(50)))
    said = command.communicate(lines)[1]
    assert b"Traceback" not in said
    assert b"Exception ignored" not in said


def test_an_argument_of_broken_bytes_is_read_without_them(ready: Server) -> None:
    outcome = ready.installation.call("suggest", "--shop", LIFE, "--json", "\udcff发什么快递")
    assert outcome.row["suggestions"]


def test_without_a_server_the_same_is_answered_and_nothing_left_running(
    ready: Server, still: Installation, answered: Any
) -> None:
    texts = [{"id": text, "text": text} for text in (QUESTION, "能开专票吗", "发顺丰吗", "")]
    suggesting = still.start("suggest", "--shop", LIFE, "--jsonl")
    classifying = still.start("classify", "--jsonl")
    said = [
        command.communicate(json_lines(*lines))[0].decode().splitlines()
        for command, lines in ((suggesting, MESSAGES), (classifying, texts))
    ]
    online = ready.installation.call("classify", "--jsonl", stdin=json_lines(*texts))
    assert said[1] == online.out.splitlines()
    alone = type(answered)(suggesting.returncode, "\n".join(said[0]), "")
    assert [settled(row) for row in alone.rows] == [settled(row) for row in answered.rows]
    assert (suggesting.returncode, classifying.returncode) == (1, 1)
    assert not still.processes()


def test_ctrl_c_ends_a_command_with_all_that_it_started(still: Installation) -> None:
    command = still.start("suggest", "--shop", SELECT, "--no-classifier", "--jsonl")
    family = until(
        lambda: [part for part in still.processes() if "embedder_process" in " ".join(part.cmdline())]
    )
    command.send_signal(signal.SIGINT)
    _, said = command.communicate()
    assert command.returncode == 130
    assert b"Traceback" not in said
    assert not alive(family)
    assert not still.processes()
