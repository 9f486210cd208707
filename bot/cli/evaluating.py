"""kuaihui evaluate faq, intents, shop."""

from __future__ import annotations

import asyncio
import json
import sys
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from bot.cli.console import CommandError, out, say
from bot.cli.evaluating_shop import evaluate_shop
from bot.cli.files import write_whole
from bot.settings import load_settings

if TYPE_CHECKING:
    from bot.bootstrap.engine import Engine
    from bot.retrieval.evaluation import FaqReport, IntentReport

evaluate_app = typer.Typer(
    help="评测检索、意图识别，给店铺体检。 Measure retrieval, intents, a shop.", no_args_is_help=True
)


def register(app: typer.Typer) -> None:
    """Add the commands."""
    evaluate_app.command("shop")(evaluate_shop)
    app.add_typer(evaluate_app, name="evaluate")


@evaluate_app.command("faq")
def evaluate_faq(
    entries: Annotated[Path, typer.Option(help='条目。 JSON lines {"id","questions","answer"}.')],
    queries: Annotated[Path, typer.Option(help='问题。 JSON lines {"text","id"}; id null = out of scope.')],
    per_query: Annotated[Path | None, typer.Option(help="逐条结果。 Write each query's ranking.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="以 JSON 输出。 Print JSON.")] = False,
    classifier: Annotated[
        bool,
        typer.Option(
            help="由 Rasa 推断条目意图。 Infer the entries' intents with Rasa (they carry none here)."
        ),
    ] = False,
) -> None:
    """用给定条目建一家店，测量检索。 Build a shop of the entries and rank every query in it."""
    from bot.retrieval.evaluation import evaluate_faq as measure
    from bot.retrieval.evaluation_files import BadEvaluationFile, read_entries, read_queries
    from bot.services.classifying import MessageClassifier

    try:
        known = read_entries(entries)
        asked = read_queries(queries, known)
    except BadEvaluationFile as error:
        raise CommandError(str(error)) from None

    async def work() -> FaqReport:
        async with _engine(classifier) as engine:
            parts = engine.parts
            reading = MessageClassifier(parts.classifier) if parts.classifier.state == "ready" else None
            return await measure(known, asked, parts.embedder, parts.normaliser, parts.indexes, reading)

    report = asyncio.run(work())
    if per_query is not None:
        _write_rows(per_query, (result.as_row() for result in report.results))
    _print_figures(report.as_mapping(), as_json)


@evaluate_app.command("intents")
def evaluate_intents(
    messages: Annotated[Path, typer.Option(help="消息。 Tab-separated, columns text and intent.")],
    per_message: Annotated[Path | None, typer.Option(help="逐条结果。 Write each message's intent.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="以 JSON 输出。 Print JSON.")] = False,
) -> None:
    """测量意图识别。 Classify every message and compare."""
    from bot.retrieval.evaluation import evaluate_intents as measure
    from bot.retrieval.evaluation_files import BadEvaluationFile, read_messages
    from bot.services.classifying import MessageClassifier

    try:
        labelled = read_messages(messages)
    except BadEvaluationFile as error:
        raise CommandError(str(error)) from None

    async def work() -> IntentReport:
        async with _engine(True) as engine:
            return await measure(labelled, MessageClassifier(engine.parts.classifier))

    report = asyncio.run(work())
    if per_message is not None:
        _write_rows(per_message, (result.as_row() for result in report.results))
    _print_figures(report.as_mapping(), as_json)


@asynccontextmanager
async def _engine(classifier: bool) -> AsyncIterator[Engine]:
    from bot.bootstrap.platform import Needs, open_platform

    needs = Needs(embedder=True, classifier=classifier, wait_for_classifier=classifier)
    async with open_platform(load_settings(), needs, say) as platform, platform.engine() as engine:
        yield engine


def _write_rows(path: Path, rows: Iterable[dict[str, Any]]) -> None:
    write_whole(path, "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows).encode())


def _print_figures(figures: dict[str, Any], as_json: bool) -> None:
    if as_json:
        sys.stdout.write(json.dumps(figures, ensure_ascii=False) + "\n")
        return
    for name, value in figures.items():
        if isinstance(value, dict):
            value = ", ".join(f"{key}: {share:.1%}" for key, share in value.items())
        elif isinstance(value, list):
            continue
        out().print(f"{name:<20} {value}", markup=False)
