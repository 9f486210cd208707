"""Reading intents/: every phrasing with its intent and entities, every mistake with its file and line."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

import yaml

from bot.domain.intents import ENTITY_NAMES, INTENT_GROUP, Entity

_MARKUP: Final = re.compile(r"\[([^\[\]]+)\](?:\(([^()]*)\)|\{([^{}]*)\})")
_ENTITY_KEY: Final = re.compile(r"\"entity\"\s*:\s*\"([^\"]*)\"")
_MOST_WEIGHT: Final = 10
_OTHER_BLOCKS: Final = ("lookup", "regex", "synonym")


class InvalidTrainingData(ValueError):
    """A file of intents/ cannot be learned from; the message names the file, the line and what would be right."""


@dataclass(frozen=True, slots=True)
class Phrasing:
    """One example of how buyers say an intent, its entity markup taken out. `weight` is what its block says it counts."""

    text: str
    intent: str
    entities: tuple[Entity, ...]
    path: Path
    line: int
    weight: float = 1.0


def read_phrasings(folder: Path) -> list[Phrasing]:
    """Return the phrasings of every `*.yml` below `folder`. Raises InvalidTrainingData."""
    paths = sorted(folder.rglob("*.yml"))
    if not paths:
        raise InvalidTrainingData(f"{folder}: no training data; expected files such as stock.yml")
    phrasings = [phrasing for path in paths for phrasing in _read_file(path)]
    if not phrasings:
        raise InvalidTrainingData(f"{folder}: no phrasing in any file")
    return phrasings


def plain_text(markup: str) -> tuple[str, tuple[tuple[str, int, int], ...]]:
    """Return the text without entity markup, and (name, start, end) of each entity in it."""
    pieces: list[str] = []
    spans: list[tuple[str, int, int]] = []
    position = length = 0
    for match in _MARKUP.finditer(markup):
        before = markup[position : match.start()]
        start = length + len(before)
        pieces += [before, match[1]]
        length = start + len(match[1])
        spans.append((_entity_name(match), start, length))
        position = match.end()
    pieces.append(markup[position:])
    return "".join(pieces), tuple(spans)


def _entity_name(match: re.Match[str]) -> str:
    if match[2] is not None:
        return match[2].partition(":")[0]
    key = _ENTITY_KEY.search(match[3])
    return key[1] if key else match[3]


def _read_file(path: Path) -> Iterator[Phrasing]:
    root = _compose(path)
    version = _value(root, "version", path)
    if not isinstance(version, yaml.ScalarNode) or version.value != "3.1":
        raise _problem(path, root, 'begin the file with version: "3.1"')
    blocks = _value(root, "nlu", path)
    if not isinstance(blocks, yaml.SequenceNode):
        raise _problem(path, blocks or root, "expected a list under nlu:")
    for block in blocks.value:
        yield from _read_block(path, block)


def _compose(path: Path) -> yaml.MappingNode:
    try:
        root = yaml.compose(path.read_text(encoding="utf-8"), Loader=yaml.SafeLoader)
    except UnicodeDecodeError as error:
        raise InvalidTrainingData(f"{path}: not UTF-8 ({error.reason} at byte {error.start})") from None
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        line = mark.line + 1 if mark else 1
        raise InvalidTrainingData(
            f"{path}:{line}: {error.problem or 'not YAML'}; check indentation and quotes"
        ) from None
    except yaml.YAMLError as error:
        raise InvalidTrainingData(f"{path}: {error}") from None
    if not isinstance(root, yaml.MappingNode):
        raise InvalidTrainingData(f'{path}:1: expected version: "3.1" and nlu:')
    return root


def _read_block(path: Path, block: yaml.Node) -> Iterator[Phrasing]:
    if not isinstance(block, yaml.MappingNode):
        raise _problem(path, block, "expected `- intent: …` with `examples: |`")
    if any(_value(block, kind, path) for kind in _OTHER_BLOCKS):
        return
    intent = _value(block, "intent", path)
    if intent is None or intent.value not in INTENT_GROUP:
        named = "none" if intent is None else repr(intent.value)
        raise _problem(path, intent or block, f"unknown intent {named}; bot/domain/intents.py lists them")
    _check_group(path, block, intent.value)
    weight = _weight(path, block)
    examples = _value(block, "examples", path)
    if not isinstance(examples, yaml.ScalarNode) or examples.style != "|":
        raise _problem(path, examples or block, "expected `examples: |` and a line `- …` per phrasing")
    for number, line in enumerate(examples.value.splitlines(), start=examples.start_mark.line + 2):
        if line.strip():
            yield replace(_phrasing(path, number, line, intent.value), weight=weight)


def _check_group(path: Path, block: yaml.MappingNode, intent: str) -> None:
    metadata = _value(block, "metadata", path)
    group = _value(metadata, "group", path) if isinstance(metadata, yaml.MappingNode) else None
    if group is None or group.value != INTENT_GROUP[intent]:
        raise _problem(
            path, group or block, f"intent {intent} needs metadata with group: {INTENT_GROUP[intent]}"
        )


def _weight(path: Path, block: yaml.MappingNode) -> float:
    """Return what each message of the block counts, beside others that were drawn as buyers send them."""
    metadata = _value(block, "metadata", path)
    weight = _value(metadata, "weight", path) if isinstance(metadata, yaml.MappingNode) else None
    if weight is None:
        return 1.0
    try:
        found = float(str(weight.value))
    except ValueError:
        found = 0.0
    if not 0 < found <= _MOST_WEIGHT:
        raise _problem(path, weight, f"weight: a number above 0, at most {_MOST_WEIGHT}")
    return found


def _phrasing(path: Path, number: int, line: str, intent: str) -> Phrasing:
    if not line.startswith("- ") or not line[2:].strip():
        raise InvalidTrainingData(f"{path}:{number}: expected `- ` and a phrasing, found {line[:40]!r}")
    text, spans = plain_text(line[2:].strip())
    for name, _, _ in spans:
        if name not in ENTITY_NAMES:
            raise InvalidTrainingData(
                f"{path}:{number}: unknown entity {name!r}; use one of {', '.join(ENTITY_NAMES)}"
            )
    entities = tuple(Entity(name, text[start:end], start, end) for name, start, end in spans)
    return Phrasing(text, intent, entities, path, number)


def _value(node: yaml.MappingNode, key: str, path: Path) -> yaml.Node | None:
    found = [value for name, value in node.value if name.value == key]
    if len(found) > 1:
        raise _problem(path, found[1], f"{key} stands here twice")
    return found[0] if found else None


def _problem(path: Path, node: yaml.Node, message: str) -> InvalidTrainingData:
    return InvalidTrainingData(f"{path}:{node.start_mark.line + 1}: {message}")
