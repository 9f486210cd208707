"""kuaihui evaluate shop: what an owner's own phrasings and log say of his shop."""

from __future__ import annotations

import asyncio
import json
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from bot.cli.console import CommandError, out, progress_bar, say
from bot.domain.shop import shop_id
from bot.settings import load_settings

if TYPE_CHECKING:
    from bot.bootstrap.engine import Engine
    from bot.services.shop_evaluation import ShopExaminer
    from bot.services.shop_evaluation_asking import Tick
    from bot.services.shop_evaluation_report import ShopReport

_STAGES = {
    "encoding": "编码 encoding",
    "classifying": "识别意图 classifying",
    "asking": "逐句提问 asking",
    "re-asking": "去掉可疑问法再问 re-asking",
}


def evaluate_shop(
    shop: Annotated[str, typer.Option(help="店铺。 The shop's id.")],
    pictures: Annotated[
        Path | None, typer.Option(help="把两张图存到此文件夹。 Write two pictures (SVG) into this folder.")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="以 JSON 输出。 Print JSON.")] = False,
    classifier: Annotated[bool, typer.Option(help="是否使用 Rasa。 Use the intent classifier.")] = True,
) -> None:
    """用本店自己的问法给店铺做体检。 Tell an owner which entries get in each other's way, and what could be answered alone."""
    shop_id(shop)
    folder = _made_folder(pictures) if pictures is not None else None
    report = asyncio.run(_examine(shop, classifier))
    drawn = _draw(report, folder) if folder is not None else []
    if as_json:
        mapping = {**report.as_mapping(), "pictures": [str(path) for path in drawn]}
        sys.stdout.buffer.write(
            (json.dumps(mapping, ensure_ascii=False) + "\n").encode("utf-8", "backslashreplace")
        )
        sys.stdout.buffer.flush()
        return
    from bot.cli.shop_report import print_report

    print_report(report, out())
    for path in drawn:
        out().print(f"图 picture: {path}", markup=False)


def _made_folder(folder: Path) -> Path:
    """Return the folder, made if need be: what cannot be written is said before minutes of work. Raises CommandError."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except FileExistsError:
        raise CommandError(f"--pictures {folder}: is a file; name a folder") from None
    except OSError as error:
        raise CommandError(f"--pictures {folder}: cannot be made ({error.strerror or error})") from None
    return folder


async def _examine(shop: str, with_classifier: bool) -> ShopReport:
    from bot.bootstrap.platform import Needs, open_platform
    from bot.cli.stores import opened_stores

    settings = load_settings()
    if with_classifier:
        # A mistyped name is told at once, not after half a minute in which Rasa starts.
        async with opened_stores(settings) as stores:
            await stores.shops.get_shop(shop)
    needs = Needs(embedder=True, classifier=with_classifier, wait_for_classifier=with_classifier)
    async with open_platform(settings, needs, say) as platform, platform.engine() as engine:
        with _progress() as tick:
            return await _examiner(engine, with_classifier).examine(shop, tick)


def _examiner(engine: Engine, with_classifier: bool) -> ShopExaminer:
    from bot.retrieval.evaluation_coverage import measure_answers
    from bot.retrieval.index import FaissEntryIndexes
    from bot.services.shop_evaluation import ShopExaminer

    parts = engine.parts
    reading = parts.classifier if with_classifier and parts.classifier.state == "ready" else None
    # Indexes of its own, which remember nothing: what is asked here is asked once.
    return ShopExaminer(
        parts.shops, parts.entries, parts.events, parts.embedder, reading, FaissEntryIndexes(), parts.normaliser,
        parts.clock, measure_answers,
    )  # fmt: skip


@contextmanager
def _progress() -> Iterator[Tick]:
    with progress_bar() as progress:
        tasks = {}

        def tick(stage: str, done: int, total: int) -> None:
            if stage not in tasks:
                tasks[stage] = progress.add_task(_STAGES[stage])
            progress.update(tasks[stage], completed=done, total=total)

        yield tick


def _draw(report: ShopReport, folder: Path) -> list[Path]:
    from bot.retrieval.evaluation_pictures import NothingToDraw, draw_coverage, draw_reliability

    confidences = [answer.confidence for answer in report.answers]
    right = [answer.right for answer in report.answers]
    reliability, coverage = (folder / f"{report.shop}-{name}.svg" for name in ("reliability", "coverage"))
    try:
        draw_reliability(
            confidences, right, reliability, f"{report.name}：置信度可信吗 Can the confidence be trusted?"
        )
        draw_coverage(
            confidences, right, coverage, f"{report.name}：能放心自动回复多少 What could be answered alone?"
        )
    except NothingToDraw:
        say("没有可以提问的问法，没有画图。 No phrasing could be asked: no picture was drawn.")
        return []
    return [reliability, coverage]
