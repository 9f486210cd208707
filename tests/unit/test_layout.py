"""Imports run one way, and heavy libraries stay where they belong."""

from __future__ import annotations

import ast
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from bot.settings import PROJECT_ROOT

HOMES = {
    "faiss": ("bot/retrieval",),
    "torch": ("bot/retrieval",),
    "sentence_transformers": ("bot/retrieval",),
    "matplotlib": ("bot/retrieval",),
    "sqlalchemy": ("bot/storage",),
    "asyncpg": ("bot/storage",),
    "jinja2": ("bot/web",),
    "aiohttp_jinja2": ("bot/web",),
    "rasa_sdk": ("actions", "bot/web"),
}
STANDARD_LIBRARY_ONLY = ("bot/domain",)


def modules() -> Iterator[Path]:
    for folder in ("bot", "actions"):
        yield from (PROJECT_ROOT / folder).rglob("*.py")


def imported(path: Path) -> set[str]:
    names: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            names |= {alias.name.split(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            names.add(node.module.split(".")[0])
    return names


def lies_in(path: Path, folders: tuple[str, ...]) -> bool:
    return any(path.is_relative_to(PROJECT_ROOT / folder) for folder in folders)


def test_imports_run_one_way() -> None:
    done = subprocess.run(
        [str(Path(sys.executable).with_name("lint-imports"))],
        cwd=PROJECT_ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout


@pytest.mark.parametrize("library", sorted(HOMES))
def test_a_heavy_library_is_imported_at_home_only(library: str) -> None:
    strangers = [
        str(path.relative_to(PROJECT_ROOT))
        for path in modules()
        if library in imported(path) and not lies_in(path, HOMES[library])
    ]
    assert strangers == []


def test_the_domain_needs_the_standard_library_only() -> None:
    foreign = {
        name
        for path in modules()
        if lies_in(path, STANDARD_LIBRARY_ONLY)
        for name in imported(path)
        if name != "bot" and name not in sys.stdlib_module_names
    }
    assert foreign == set()


def test_importing_a_command_loads_no_model_and_no_database_driver() -> None:
    code = "import bot.cli.application, sys; print([n for n in ('torch','faiss','sqlalchemy','aiohttp','matplotlib') if n in sys.modules])"
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=PROJECT_ROOT, capture_output=True, text=True, check=True
    )
    assert done.stdout.strip() == "[]"
