"""Which language a page speaks: Chinese first, English for who asks for it."""

from __future__ import annotations

from typing import Final

LANGUAGES: Final = ("zh", "en")


def choose_language(*wanted: str | None, accepted: str = "") -> str:
    """Return the first of the languages wanted that there is, else what the browser's Accept-Language begins with, else Chinese."""
    for language in wanted:
        if language in LANGUAGES:
            return language
    return "en" if accepted.split(",")[0].strip().lower().startswith("en") else "zh"
