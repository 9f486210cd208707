"""A dialogue without Rasa, for tests and for trying things out: it asks for the heading and the number of an invoice."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

from bot.ports.dialogue import DialogueBubble, DialogueTurn, DialogueUnavailable

FORM: Final = "probe_form"
_BEGINNINGS: Final = ("能开发票吗", "can I get an invoice")
_ASIDE: Final = "发什么快递"
_NEVER_MIND: Final = "算了"
_PERSON: Final = "转人工"


class ScriptedDialogue:
    """A Dialogue for tests. `answers` overrides its turns by text; `available` False makes it raise; `asked` tells turns."""

    def __init__(self, answers: Mapping[str, DialogueTurn] | None = None) -> None:
        self.answers = dict(answers or {})
        self.available = True
        self.asked: list[tuple[str, str, str]] = []

    @property
    def state(self) -> str:
        return "ready" if self.available else "down"

    async def take_turn(
        self,
        shop: str,
        conversation: str,
        text: str,
        past: Sequence[Mapping[str, object]],
        topic: str = "",
    ) -> DialogueTurn:
        """See bot.ports.dialogue.Dialogue. Raises DialogueUnavailable."""
        self.asked.append((shop, conversation, text))
        if not self.available:
            raise DialogueUnavailable("the fake dialogue was told to be down")
        if text in self.answers:
            return self.answers[text]
        waits = past[-1] if past else {}
        if not waits:
            return _ask("抬头是什么？", {}) if text in _BEGINNINGS else DialogueTurn()
        if text == _PERSON:
            return DialogueTurn(hand_over="asked_for_person", urgent=True, open=("发票没开完",))
        if text == _NEVER_MIND:
            return DialogueTurn()
        return _go_on(text, str(waits.get("heading", "")))

    async def close(self) -> None:
        self.available = False


def _go_on(text: str, heading: str) -> DialogueTurn:
    if text == _ASIDE:
        question = f"{heading}的税号是多少？" if heading else "抬头是什么？"
        return _ask(question, {"heading": heading} if heading else {}, reminds=True)
    if not heading:
        return _ask(f"{text}的税号是多少？", {"heading": text})
    return DialogueTurn((DialogueBubble(f"记下了：{heading}，{text}。", "invoice"),))


def _ask(question: str, known: dict[str, object], *, reminds: bool = False) -> DialogueTurn:
    bubble = DialogueBubble(question, "invoice", asks=True, is_reminder=reminds)
    return DialogueTurn((bubble,), FORM, events=({"event": "fake", **known},))
