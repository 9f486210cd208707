"""The page of figures says what was to be reached, what was, and what could not be measured."""

from __future__ import annotations

from pathlib import Path

import pytest

from benchmarks.estimates import Estimate
from benchmarks.faq_quality import what_it_adds
from benchmarks.quality import Place, head_lines, short_name
from benchmarks.quality_page import (
    Gallery,
    Section,
    Target,
    confidence_targets,
    targets_table,
    with_short_numbers,
)

FOUND = Estimate(0.734, 0.71, 0.756)


def test_a_target_is_met_from_its_value_on() -> None:
    assert Target("set", "hit@1", 0.70, FOUND).is_met
    assert not Target("set", "hit@1", 0.74, FOUND).is_met
    assert Target("set", "error", 0.80, FOUND, at_most=True).is_met
    assert not Target("set", "error", 0.70, FOUND, at_most=True).is_met
    assert Target("set", "hit@1", 0.70).is_met is None


def test_a_target_inside_the_interval_is_marked_as_near() -> None:
    assert Target("set", "hit@1", 0.74, FOUND).row().endswith("| **no**, within chance |")
    assert Target("set", "hit@1", 0.80, FOUND).row().endswith("| ≥ 80 % | **no** |")


def test_the_targets_are_counted_the_unmeasured_ones_apart() -> None:
    lines = targets_table(
        [Target("a", "x", 0.7, FOUND), Target("b", "x", 0.9, FOUND), Target("c", "x", 0.1, percent=False)]
    )
    assert lines[0] == "1 of the 2 targets measured here are met; 1 could not be measured."
    assert lines[-1] == "| c | x | – | ≥ 0.1 | not measured |"


def test_confidences_have_a_target_on_large_sets_and_on_those_that_are_missing() -> None:
    assert confidence_targets("small", FOUND, FOUND, 660) == []
    assert len(confidence_targets("large", FOUND, FOUND, 900)) == 2
    assert len(confidence_targets("missing", FOUND, FOUND, 0)) == 2


@pytest.mark.parametrize(
    ("added", "ending"),
    [
        (Estimate(0.03, 0.01, 0.05), "+3.0 (+1.0 to +5.0) points of hit@1."),
        (Estimate(0.01, -0.01, 0.03), "+1.0 (-1.0 to +3.0) points of hit@1, which may be chance."),
        (Estimate(-0.03, -0.05, -0.01), "-3.0 (-5.0 to -1.0) points of hit@1."),
    ],
)
def test_a_part_that_may_add_nothing_is_said_to(added: Estimate, ending: str) -> None:
    assert what_it_adds("+ dense vectors", added, "hit@1") == f"Dense vectors: {ending}"


def test_every_model_has_a_page_of_its_own() -> None:
    docs = Path("docs")
    assert Place.under(docs, "bundled") == Place(docs / "quality.md", docs / "images" / "quality")
    assert Place.under(docs, "BAAI/bge-small-zh-v1.5").page == docs / "quality-bge-small-zh-v1-5.md"
    assert short_name("/models/all_MiniLM_L6/model") == "all-minilm-l6"
    assert short_name("../") == "model"


def test_what_is_missing_stands_above_the_targets() -> None:
    lines = head_lines("bundled", False, [Section(missing=["the public data"]), Section()])
    assert lines.index("- the public data") < lines.index("## Targets")
    assert "**without** Rasa" in lines[2]
    assert "## Not measured here" not in head_lines("bundled", True, [Section()])


def test_without_a_folder_nothing_is_drawn() -> None:
    assert Gallery().draw("set", "A set", [0.5], [True]) == []


def test_pictures_are_drawn_and_linked_from_the_page(tmp_path: Path) -> None:
    gallery = Gallery(tmp_path / "images" / "quality", tmp_path)
    lines = gallery.draw("set", "A set", [0.1, 0.5, 0.9] * 20, [False, True, True] * 20)
    assert "(images/quality/set-reliability.svg)" in lines[-1]
    assert (tmp_path / "images" / "quality" / "set-coverage.svg").read_text("utf-8").startswith("<?xml")
    assert gallery.draw("none", "Nothing", [], []) == []


def test_curves_are_shortened_and_nothing_else_is() -> None:
    svg = '<path d="M 1.23456 -7.891\nL 5 6.1"/><text x="1.23456">0.987654</text>'
    assert with_short_numbers(svg) == '<path d="M 1.2 -7.9 L 5 6.1"/><text x="1.23456">0.987654</text>'
