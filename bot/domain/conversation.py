"""Turns of a conversation as the suggester reads them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

ROLES: Final = ("buyer", "agent", "bot")
MAX_MESSAGE_CHARACTERS: Final = 4000
MAX_HISTORY_TURNS: Final = 50


@dataclass(frozen=True, slots=True)
class Turn:
    """One message of the past, oldest first in a history. `role` is one of ROLES."""

    role: str
    text: str
