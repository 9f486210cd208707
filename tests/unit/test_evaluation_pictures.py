"""The pictures of an evaluation: readable texts, the same each time, drawn of any number of answers."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path
from subprocess import run
from xml.etree import ElementTree

import pytest

from bot.retrieval.evaluation_pictures import NothingToDraw, draw_coverage, draw_reliability

DRAWINGS = [draw_reliability, draw_coverage]
CONFIDENCES = [n / 40 for n in range(1, 41)]
RIGHT = [n % 7 != 0 or n > 30 for n in range(1, 41)]
Drawing = Callable[..., None]


def texts(path: Path) -> list[str]:
    return [
        "".join(part.itertext()).strip()
        for part in ElementTree.parse(path).iter("{http://www.w3.org/2000/svg}text")
    ]


@pytest.mark.parametrize("draw", DRAWINGS)
def test_texts_stay_texts_in_both_languages(draw: Drawing, tmp_path: Path) -> None:
    draw(CONFIDENCES, RIGHT, tmp_path / "p.svg", "小店 $5 <b> The shop")
    found = texts(tmp_path / "p.svg")
    assert "小店 $5 <b> The shop" in found
    assert any("答对的比例" in text and "Share right" in text for text in found)
    assert any("40" in text for text in found)


@pytest.mark.parametrize("draw", DRAWINGS)
def test_the_same_answers_give_the_same_file(draw: Drawing, tmp_path: Path) -> None:
    for name in ("a", "b"):
        draw(CONFIDENCES, RIGHT, tmp_path / name, "小店")
    assert (tmp_path / "a").read_bytes() == (tmp_path / "b").read_bytes()


@pytest.mark.parametrize("draw", DRAWINGS)
@pytest.mark.parametrize("right", [[True], [False], [True] * 3, [False] * 3, [True, False] * 300])
def test_few_many_and_equal_answers_are_drawn(draw: Drawing, right: list[bool], tmp_path: Path) -> None:
    draw([0.7] * len(right), right, tmp_path / "p.svg", "小店")
    assert "nan" not in (tmp_path / "p.svg").read_text().lower()


@pytest.mark.parametrize("draw", DRAWINGS)
def test_of_no_answers_there_is_no_picture(draw: Drawing, tmp_path: Path) -> None:
    with pytest.raises(NothingToDraw):
        draw([], [], tmp_path / "p.svg", "小店")
    assert not list(tmp_path.iterdir())


def test_the_three_targets_are_written_beside_the_curve(tmp_path: Path) -> None:
    draw_coverage([0.9, 0.8, 0.7, 0.6], [True, True, False, True], tmp_path / "p.svg", "小店")
    found = texts(tmp_path / "p.svg")
    assert "答对 90%：置信度 ≥ 0.80，可自动回复 50%" in found
    assert "98% right: ≥ 0.80 answers 50%" in found


def test_matplotlib_waits_until_something_is_drawn() -> None:
    code = "import bot.retrieval.evaluation_pictures, sys; print('matplotlib' in sys.modules)"
    assert run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout == "False\n"
