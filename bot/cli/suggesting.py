"""kuaihui suggest, classify, shops."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Annotated, Any

import typer

from bot.cli.backend import list_shops, open_backend
from bot.cli.console import CommandError, err, fail, out
from bot.domain.shop import shop_id
from bot.settings import load_settings

_MAX_LINE = 512 * 1024


def register(app: typer.Typer) -> None:
    """Add the commands."""
    app.command()(suggest)
    app.command()(classify)
    app.command()(shops)


def suggest(
    shop: Annotated[str, typer.Option(help="店铺。 The shop's id.")],
    text: Annotated[str | None, typer.Argument(help="买家的话。 The buyer's message.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="以 JSON 输出。 Print JSON.")] = False,
    jsonl: Annotated[bool, typer.Option("--jsonl", help="从标准输入逐行读 JSON。 Read JSON lines.")] = False,
    classifier: Annotated[bool, typer.Option(help="是否使用 Rasa。 Use the intent classifier.")] = True,
) -> None:
    """为买家的一句话推荐本店的快捷回复。 Suggest this shop's replies for a buyer's message."""
    if (text is None) == (not jsonl):
        raise CommandError('give a message, or --jsonl: kuaihui suggest --shop S "有货吗"')
    shop_id(shop)
    with open_backend(load_settings(), with_classifier=classifier) as backend:
        if text is not None:
            answer = next(iter(backend.suggest(shop, [{"text": text}])))
            _raise_error(answer)
            _print_json(answer) if as_json else _print_answer(answer)
            return
        lines = list(_read_lines(("text", "history", "viewed", "conversation")))
        bodies = (line.body for line in lines if not line.problem)
        _print_rows(lines, backend.suggest(shop, bodies), {"shop": shop})


def classify(
    text: Annotated[str | None, typer.Argument(help="买家的话。 The message.")] = None,
    jsonl: Annotated[bool, typer.Option("--jsonl", help="从标准输入逐行读 JSON。 Read JSON lines.")] = False,
) -> None:
    """识别意图。 Tell the intent of a message, or of JSON lines {"id","text"}."""
    if (text is None) == (not jsonl):
        raise CommandError('give a message, or --jsonl: kuaihui classify "有货吗"')
    with open_backend(load_settings()) as backend:
        if text is not None:
            answer = next(iter(backend.classify([text])))
            _raise_error(answer)
            _print_json({"id": None, **answer})
            return
        lines = list(_read_lines(("text",)))
        _print_rows(lines, backend.classify(line.body["text"] for line in lines if not line.problem), {})


def shops(
    as_json: Annotated[bool, typer.Option("--json", help="以 JSON 输出。 Print JSON.")] = False,
) -> None:
    """列出店铺。 List the shops."""
    found = list_shops(load_settings())
    if as_json:
        _print_json(found)
        return
    for shop in found:
        out().print(f"{shop['id']:<24} {shop['name']}" + ("  (demo)" if shop["demo"] else ""), markup=False)


@dataclass(frozen=True, slots=True)
class _Line:
    """A line of standard input: what it asks, or the problem with it."""

    number: int
    row_id: Any
    body: dict[str, Any]
    problem: str = ""


def _read_lines(fields: tuple[str, ...]) -> Iterator[_Line]:
    """Yield the lines of standard input; blank ones are passed over."""
    for number, raw in enumerate(sys.stdin.buffer, start=1):
        if raw.strip():
            yield _parse_line(raw, number, fields)


def _parse_line(raw: bytes, number: int, fields: tuple[str, ...]) -> _Line:
    if len(raw) > _MAX_LINE:
        return _Line(number, None, {}, f"has {len(raw)} bytes; at most {_MAX_LINE} are read")
    try:
        data = json.loads(raw.decode("utf-8-sig"))
    except (ValueError, RecursionError) as error:
        return _Line(number, None, {}, f"is not JSON: {error}")
    if not isinstance(data, dict):
        return _Line(number, None, {}, 'must be an object such as {"id": "1", "text": "有货吗"}')
    row_id = data.pop("id", None)
    body = {key: value for key, value in data.items() if value is not None}
    if not isinstance(body.get("text"), str):
        return _Line(number, row_id, {}, "text: must be there and be a string")
    if unknown := sorted(set(data) - set(fields)):
        return _Line(number, row_id, {}, f"{unknown[0]}: unknown field; of {', '.join(('id', *fields))}")
    return _Line(number, row_id, body)


def _print_rows(lines: list[_Line], answers: Iterator[dict[str, Any]], common: dict[str, Any]) -> None:
    """Print a row for each line, in order; exit status 1 when one of them was refused."""
    refused = 0
    for line in lines:
        answer = _refusal(line) if line.problem else next(answers)
        if "error" in answer:
            refused += 1
            separator = " " if line.problem else ": "
            fail(f"line {line.number}{separator}{line.problem or _describe(answer['error'])}")
        answer.pop("id", None)
        _print_json({"id": line.row_id, **common, **answer})
    if refused:
        err().print(f"kuaihui: {refused} of {len(lines)} lines were refused", markup=False)
        raise typer.Exit(1)


def _refusal(line: _Line) -> dict[str, Any]:
    return {"error": {"code": "invalid", "message": f"line {line.number} {line.problem}", "fields": {}}}


def _raise_error(answer: dict[str, Any]) -> None:
    if "error" in answer:
        raise CommandError(_describe(answer["error"]))


def _describe(error: dict[str, Any]) -> str:
    """Return what is wrong by field, or the message where no field is to blame."""
    return "; ".join(f"{name}: {text}" for name, text in error["fields"].items()) or str(error["message"])


def _print_json(data: Any) -> None:
    # UTF-8 whatever the terminal's encoding; half a character in an id goes out as JSON's own escape for it.
    line = json.dumps(data, ensure_ascii=False) + "\n"
    sys.stdout.buffer.write(line.encode("utf-8", "backslashreplace"))
    sys.stdout.buffer.flush()


def _print_answer(answer: dict[str, Any]) -> None:
    console = out()
    named = ", ".join(f"{i['intent']} {i['confidence']:.0%}" for i in answer["intents"])
    if named or answer["classifier"] != "ready":
        console.print(
            f"意图 intents: {named or '-'}  (classifier {answer['classifier']})", markup=False, style="dim"
        )
    if answer["embedder"] != "ready":
        console.print(
            f"向量模型未就绪，仅按字词检索 words alone: the embedding model is not ready ({answer['embedder']})",
            markup=False, style="dim",
        )  # fmt: skip
    if answer["silent"]:
        console.print(f"无需回复 silent: {answer['reason']}", markup=False)
    for number, suggestion in enumerate(answer["suggestions"], start=1):
        entries = " + ".join(part["entry"] for part in suggestion["parts"])
        console.print(f"\n{number}. {suggestion['confidence']:.0%}  {entries}", markup=False, style="bold")
        console.print(suggestion["text"], markup=False)
        for fact in suggestion["facts"]:
            stale = "  可能过时 stale" if fact["stale"] else ""
            line = f"   {fact['name']} = {fact['value']}  ({fact['source']}, {fact['as_of']}){stale}"
            console.print(line, markup=False, style="dim")
