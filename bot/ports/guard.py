"""What the guard needs from the outside: finding many phrases in one text at once."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Protocol


class PhraseMatcher(Protocol):
    """Finds every occurrence of its phrases in a text, overlapping ones too. It never changes once it is built."""

    def find(self, text: str) -> Iterable[tuple[int, int]]:
        """Return (start, end) of each occurrence; the phrase is `text[start:end]`."""
        ...


class PhraseMatchers(Protocol):
    """Builds matchers. Called in a thread."""

    def build(self, phrases: Iterable[str]) -> PhraseMatcher:
        """Return a matcher of these phrases; empty ones are left out."""
        ...
