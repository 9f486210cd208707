"""Reading YAML that people wrote: safe types only, no aliases, no double keys, and a line for every path."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

import yaml

MAX_BYTES: Final = 20 * 1024 * 1024
_MAX_DEPTH: Final = 50
_STEP: Final = re.compile(r"([^.\[\]]+)|\[(\d+)\]")


class UnreadableYaml(ValueError):
    """The text is no YAML that we take; the message says where and why."""


@dataclass(frozen=True, slots=True)
class ReadYaml:
    """The plain data, and the tree of nodes that knows the lines."""

    data: Any
    root: yaml.Node

    def line_of(self, path: str) -> int:
        """Return the line (from 1) of a path such as entries[3].reply, or of the nearest part that exists."""
        node = self.root
        for match in _STEP.finditer(path):
            child = _child(node, match[1], match[2])
            if child is None:
                break
            node = child
        return node.start_mark.line + 1


def read_yaml(content: bytes) -> ReadYaml:
    """Return the document. Raises UnreadableYaml."""
    if len(content) > MAX_BYTES:
        raise UnreadableYaml(
            f"has {len(content) // 1024 // 1024} MB; at most {MAX_BYTES // 1024 // 1024} MB are read"
        )
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise UnreadableYaml(f"is not UTF-8 (byte {error.start}): save it as UTF-8") from None
    loader = yaml.CSafeLoader(text)
    try:
        _refuse_aliases_and_depth(text)
        root = loader.get_single_node()
        if root is None:
            raise UnreadableYaml("is empty")
        _refuse_double_keys(root)
        return ReadYaml(loader.construct_document(root), root)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        place = f"line {mark.line + 1}, column {mark.column + 1}: " if mark else ""
        raise UnreadableYaml(f"{place}{error.problem or error.context or 'not YAML'}") from None
    except (yaml.YAMLError, RecursionError, ValueError) as error:
        if isinstance(error, UnreadableYaml):
            raise
        raise UnreadableYaml(f"not YAML: {error}") from None
    finally:
        loader.dispose()


def _refuse_aliases_and_depth(text: str) -> None:
    """Look at the events one by one before a tree is built: building it goes as deep as the text does."""
    depth = 0
    for event in yaml.parse(text, Loader=yaml.CSafeLoader):
        if isinstance(event, yaml.AliasEvent):
            raise UnreadableYaml(f"line {_line(event)}: aliases (*name) are not taken; write the value out")
        if isinstance(event, yaml.CollectionStartEvent):
            depth += 1
        elif isinstance(event, yaml.CollectionEndEvent):
            depth -= 1
        if depth > _MAX_DEPTH:
            raise UnreadableYaml(f"line {_line(event)}: nested more than {_MAX_DEPTH} deep")


def _line(event: yaml.Event) -> int:
    return event.start_mark.line + 1 if event.start_mark else 0


def _refuse_double_keys(node: yaml.Node) -> None:
    if isinstance(node, yaml.MappingNode):
        seen: set[str] = set()
        for key, value in node.value:
            if isinstance(key, yaml.ScalarNode):
                if key.value in seen:
                    raise UnreadableYaml(
                        f"line {key.start_mark.line + 1}: {key.value!r} stands twice; keep one"
                    )
                seen.add(key.value)
            _refuse_double_keys(value)
    elif isinstance(node, yaml.SequenceNode):
        for item in node.value:
            _refuse_double_keys(item)


def _child(node: yaml.Node, key: str | None, index: str | None) -> yaml.Node | None:
    if isinstance(node, yaml.MappingNode) and key is not None:
        pairs: Mapping[str, yaml.Node] = {k.value: v for k, v in node.value if isinstance(k, yaml.ScalarNode)}
        return pairs.get(key)
    if isinstance(node, yaml.SequenceNode) and index is not None and int(index) < len(node.value):
        item: yaml.Node = node.value[int(index)]
        return item
    return None
