"""What buyers asked without getting a good suggestion, and what an owner has put aside of it."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class Why(StrEnum):
    """Why a message counts as asked in vain, the plainest sign first."""

    REFUSED = "refused"
    """An agent said that what was suggested does not fit, and took nothing else."""
    HANDED = "handed"
    """The conversation was handed on after it, with no suggestion taken."""
    UNANSWERED = "unanswered"
    """No entry answers it."""
    WEAK = "weak"
    """Even the best suggestion was unlikely, and nobody took it."""


@dataclass(frozen=True, slots=True)
class InVain:
    """One question that a buyer asked in vain, its text without what names a person."""

    text: str
    why: Why
    at: datetime
    conversation: str


@dataclass(frozen=True, slots=True)
class SetAside:
    """What an owner does not want to be shown: a question that needs no entry (`entry` is ""), or a phrasing that he does
    not want for an entry. Of the latter no text is kept: its `key` is enough to know it again."""

    key: str
    entry: str
    text: str
    at: datetime
    author: str = ""


def folded(text: str) -> str:
    """Return the text as it is compared with another: word for word, but for spaces and capital letters."""
    return " ".join(text.split()).casefold()


def key_of(text: str, entry: str = "") -> str:
    """Return the key under which a text is put aside, for an entry or for none."""
    return hashlib.sha256(f"{entry}\n{folded(text)}".encode("utf-8", "surrogatepass")).hexdigest()[:32]
