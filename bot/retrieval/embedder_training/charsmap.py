"""Packs a table of character replacements into the `Precompiled` normaliser of a tokenizer.json.

Layout: the byte length of a double array (uint32), the array, then the replacements, each ended by a zero byte. The
array is a trie over the UTF-8 bytes of the characters, its values are offsets into the replacements.
"""

from __future__ import annotations

import struct
from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

_IS_VALUE: Final = 1 << 31
_HAS_VALUE: Final = 1 << 8
_OFFSET_SHIFT: Final = 10
_MAX_OFFSET: Final = 1 << 21
_BLOCK: Final = 256
_SEARCHED: Final = 2048


@dataclass(slots=True)
class _Node:
    children: dict[int, _Node] = field(default_factory=dict)
    value: int | None = None


def pack_charsmap(replacements: Mapping[str, str]) -> bytes:
    """Return the charsmap that replaces every key (one character) by its value. Raises ValueError when it is too big."""
    blob = bytearray()
    offsets: dict[str, int] = {}
    root = _Node()
    for key, replacement in sorted(replacements.items()):
        if replacement not in offsets:
            offsets[replacement] = len(blob)
            blob += replacement.encode() + b"\0"
        node = root
        for byte in key.encode():
            node = node.children.setdefault(byte, _Node())
        node.value = offsets[replacement]
    units = _DoubleArray().pack(root)
    array = struct.pack(f"<{len(units)}I", *units)
    return struct.pack("<I", len(array)) + array + bytes(blob)


class _DoubleArray:
    """A double array under construction: a unit holds a node's label and the way to its children."""

    def __init__(self) -> None:
        self._units: list[int] = [0] * _BLOCK
        self._taken = bytearray(_BLOCK)
        self._bases: set[int] = set()
        self._first_free = 1

    def pack(self, root: _Node) -> list[int]:
        """Return the units of the trie."""
        self._taken[0] = 1
        queue = deque([(root, 0)])
        while queue:
            node, position = queue.popleft()
            queue.extend(self._place_children(node, position))
        return self._units

    def _place_children(self, node: _Node, position: int) -> list[tuple[_Node, int]]:
        labels = sorted(node.children)
        if node.value is not None:
            labels.insert(0, 0)
        base = self._find_base(labels)
        offset = position ^ base
        if offset >= _MAX_OFFSET:
            raise ValueError("too many characters for one charsmap")
        self._bases.add(base)
        self._units[position] |= offset << _OFFSET_SHIFT
        for label in labels:
            self._taken[base ^ label] = 1
        if node.value is not None:
            self._units[position] |= _HAS_VALUE
            self._units[base] = _IS_VALUE | node.value
        for label in node.children:
            self._units[base ^ label] = label
        return [(child, base ^ label) for label, child in node.children.items()]

    def _find_base(self, labels: list[int]) -> int:
        """Return a base that no other node has and at which every label's unit is free; the array grows as needed."""
        while self._first_free < len(self._taken) and self._taken[self._first_free]:
            self._first_free += 1
        unit = max(self._first_free, len(self._units) - _SEARCHED)
        while True:
            if unit >= len(self._units):
                self._units.extend([0] * _BLOCK)
                self._taken.extend(bytes(_BLOCK))
            base = unit ^ labels[0]
            free = not self._taken[unit] and base not in self._bases
            if free and not any(self._taken[base ^ label] for label in labels):
                return base
            unit += 1
