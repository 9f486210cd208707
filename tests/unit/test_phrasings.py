"""Training data is read with its entities, and every mistake is named with file and line."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml

from bot.domain.intents import ENTITY_NAMES, INTENT_GROUP, Entity
from bot.nlu.training_data import InvalidTrainingData, read_phrasings

ROOT = Path(__file__).resolve().parents[2]
GOOD = """version: "3.1"
nlu:
- intent: stock_variant
  metadata:
    group: stock
  examples: |
    - [黑色](colour)的[L](size)码有吗
    - 有[红的]{"entity": "colour", "value": "红色"}没

- lookup: colour
  examples: |
    - 黑色
"""


def _read(folder: Path, text: str) -> object:
    (folder / "stock.yml").write_text(text, encoding="utf-8")
    return read_phrasings(folder)


def test_phrasings_come_with_entities_and_lines(tmp_path: Path) -> None:
    (tmp_path / "stock.yml").write_text(GOOD, encoding="utf-8")
    first, second = read_phrasings(tmp_path)
    assert (first.text, first.intent, first.line) == ("黑色的L码有吗", "stock_variant", 7)
    assert first.entities == (Entity("colour", "黑色", 0, 2), Entity("size", "L", 3, 4))
    assert (second.text, second.line) == ("有红的没", 8)
    assert second.entities == (Entity("colour", "红的", 1, 3),)


@pytest.mark.parametrize(
    ("good", "bad", "message"),
    [
        ('version: "3.1"', 'version: "2.0"', r'stock\.yml:1: begin the file with version: "3\.1"'),
        ("nlu:", "nlu: 3\nx:", r"stock\.yml:2: expected a list"),
        ("intent: stock_variant", "intent: stock_varient", r"stock\.yml:3: unknown intent 'stock_varient'"),
        (
            "group: stock",
            "group: shipping",
            r"stock\.yml:5: intent stock_variant needs metadata with group: stock",
        ),
        ("  examples: |\n    - [黑", "  examples: >\n    - [黑", r"stock\.yml:6: expected `examples: \|`"),
        ("    - [黑色]", "    [黑色]", r"stock\.yml:7: expected `- ` and a phrasing"),
        ("(size)", "(sise)", r"stock\.yml:7: unknown entity 'sise'; use one of colour, size"),
        ("metadata:", "intent: gift\n  metadata:", r"stock\.yml:4: intent stands here twice"),
        ("- intent: stock_variant", "- [", r"stock\.yml:\d+: .*check indentation and quotes"),
    ],
)
def test_a_mistake_is_named_with_file_and_line(tmp_path: Path, good: str, bad: str, message: str) -> None:
    assert good in GOOD
    with pytest.raises(InvalidTrainingData, match=message):
        _read(tmp_path, GOOD.replace(good, bad, 1))


def test_a_file_of_another_encoding_is_named(tmp_path: Path) -> None:
    (tmp_path / "stock.yml").write_bytes(GOOD.encode("gb18030"))
    with pytest.raises(InvalidTrainingData, match=r"stock\.yml: not UTF-8"):
        read_phrasings(tmp_path)


@pytest.mark.parametrize("text", ["", "[]", "just words"])
def test_a_file_without_a_mapping_is_named(tmp_path: Path, text: str) -> None:
    with pytest.raises(InvalidTrainingData, match=r"stock\.yml:1"):
        _read(tmp_path, text)


def test_a_folder_without_data_is_named(tmp_path: Path) -> None:
    with pytest.raises(InvalidTrainingData, match="no training data"):
        read_phrasings(tmp_path)


def test_the_domain_lists_the_intents_and_entities_of_the_code() -> None:
    domain = yaml.safe_load((ROOT / "intents" / "domain" / "base.yml").read_text(encoding="utf-8"))
    assert domain["intents"] == list(INTENT_GROUP)
    assert domain["entities"] == list(ENTITY_NAMES)
    assert domain["session_config"]["carry_over_slots_to_new_session"] is False


def test_rasa_has_no_channel_and_keeps_nothing() -> None:
    assert yaml.safe_load((ROOT / "credentials.yml").read_text(encoding="utf-8")) == {}
    assert "tracker_store" not in yaml.safe_load((ROOT / "endpoints.yml").read_text(encoding="utf-8"))
