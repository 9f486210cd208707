"""Folding of texts for matching: traditional to simplified (OpenCC), width, case."""

from __future__ import annotations

import unicodedata

import opencc


class OpenccNormaliser:
    """A TextNormaliser over OpenCC's t2s conversion."""

    def __init__(self) -> None:
        self._converter = opencc.OpenCC("t2s")

    def normalise(self, text: str) -> str:
        """Return the text folded for matching; what is shown to people stays as it was."""
        folded = unicodedata.normalize("NFKC", text).strip().lower()
        return folded if folded.isascii() else str(self._converter.convert(folded))
