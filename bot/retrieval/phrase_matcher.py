"""Finding many phrases at once: an Aho-Corasick automaton."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import ahocorasick


class AutomatonMatcher:
    """A PhraseMatcher over pyahocorasick. It stores each phrase's length only: the phrase is in the text."""

    def __init__(self, phrases: Iterable[str]) -> None:
        self._automaton = ahocorasick.Automaton(ahocorasick.STORE_LENGTH)
        for phrase in phrases:
            if phrase:
                self._automaton.add_word(phrase)
        if len(self._automaton):
            self._automaton.make_automaton()

    def find(self, text: str) -> Iterator[tuple[int, int]]:
        """Yield (start, end) of each occurrence, in the order of their ends."""
        if not text or not len(self._automaton):
            return
        for last, length in self._automaton.iter(text):
            yield last + 1 - length, last + 1


class AutomatonMatchers:
    """Builds AutomatonMatchers."""

    def build(self, phrases: Iterable[str]) -> AutomatonMatcher:
        """Return a matcher of these phrases."""
        return AutomatonMatcher(phrases)
