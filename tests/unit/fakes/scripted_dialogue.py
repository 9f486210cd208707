"""A Dialogue that says what a test wrote down, and remembers what it was asked."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from bot.ports.dialogue import DialogueTurn, DialogueUnavailable


@dataclass
class Asked:
    """One turn as it was asked for."""

    shop: str
    conversation: str
    text: str
    past: tuple[Mapping[str, object], ...]


@dataclass
class ScriptedDialogue:
    """Says for each text what `turns` hold for it; of any other it says nothing. `is_down` answers nobody."""

    turns: dict[str, DialogueTurn] = field(default_factory=dict)
    asked: list[Asked] = field(default_factory=list)
    is_down: bool = False

    @property
    def state(self) -> str:
        return "down" if self.is_down else "ready"

    async def take_turn(
        self,
        shop: str,
        conversation: str,
        text: str,
        past: Sequence[Mapping[str, object]],
        topic: str = "",
    ) -> DialogueTurn:
        if self.is_down:
            raise DialogueUnavailable("it was stopped by the test")
        self.asked.append(Asked(shop, conversation, text, tuple(past)))
        return self.turns.get(text, DialogueTurn(events=({"event": "user", "text": text},)))
