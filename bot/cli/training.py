"""kuaihui train, train-embedder."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from bot.cli.console import CommandError, say
from bot.settings import PROJECT_ROOT, load_settings


def register(app: typer.Typer) -> None:
    """Add the commands."""
    app.command()(train)
    app.command("train-embedder")(train_embedder)


def train(force: Annotated[bool, typer.Option("--force", help="强制重训。 Train again.")] = False) -> None:
    """训练意图模型（数据未变则跳过）。 Train Rasa unless its data are unchanged."""
    from bot.nlu.training import TrainingFailed
    from bot.nlu.training import train as run

    settings = load_settings()
    try:
        model = run(settings.resolved_data_dir, PROJECT_ROOT, settings.resolved_rasa_python, say, force=force)
    except TrainingFailed as error:
        raise CommandError(str(error)) from None
    say(f"意图模型就绪 Rasa's model is ready: {model.name}")


def train_embedder(
    output: Annotated[Path, typer.Option(help="输出文件夹。 The folder to write.")] = Path("build/embedder"),
    dialogues: Annotated[
        Path | None, typer.Option(help="JDDC 会话。 jddc_dialogues.jsonl, if you have it.")
    ] = None,
    seed: Annotated[int, typer.Option(help="随机种子。 The seed.")] = 20,
) -> None:
    """训练随附的向量模型。 Train the bundled sentence-transformers model (docs/model-card.md)."""
    from yaml import YAMLError

    from bot.retrieval.embedder_training.model_writing import Sources
    from bot.retrieval.embedder_training.model_writing import train_embedder as run
    from bot.retrieval.embedder_training.training import Recipe

    def tell(done: int, steps: int) -> None:
        if done % 50 == 0 or done == steps:
            say(f"训练 training: {done}/{steps}")

    sources = Sources(PROJECT_ROOT / "intents" / "nlu", PROJECT_ROOT / "templates", dialogues=dialogues)
    try:
        model = run(sources, output, Recipe(seed=seed), tell)
    except (OSError, ValueError, YAMLError) as error:
        raise CommandError(f"无法训练 cannot train: {error}") from None
    megabytes = model.size_bytes / 1024 / 1024
    say(f"模型已写入 model written: {output}（{model.tokens} × {model.dimension}, {megabytes:.1f} MB）")
