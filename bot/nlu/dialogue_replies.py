"""Reading what the channel inside Rasa answers: strictly, since it goes to a buyer."""

from __future__ import annotations

import json
from typing import Any, Final

from bot.domain.auto_reply import DIALOGUE_REASONS, Reason
from bot.domain.intents import INTENT_GROUP
from bot.domain.suggestion import FactUsed
from bot.ports.dialogue import DialogueBubble, DialogueTurn

_GROUPS: Final = frozenset(INTENT_GROUP.values())
_BUBBLE: Final = {"group": str, "asks": bool, "reminder": bool, "facts": list}
_PERSON: Final = {"person": str, "urgent": bool, "open": list}
_FACT: Final = {"name": str, "value": str, "source": str, "as_of": str, "stale": bool}


class UnknownForm(Exception):
    """The answer is not what the channel gives; the message says what is wrong and holds no words of a buyer."""


def read_turn(status: int, body: bytes) -> DialogueTurn:
    """Return what became of the turn. Raises UnknownForm."""
    answer = _mapping(body)
    if status != 200:
        reason = answer.get("reason")
        raise UnknownForm(f"status {status}: {reason}" if isinstance(reason, str) else f"status {status}")
    messages, active, events = (answer.get(name) for name in ("messages", "active_loop", "events"))
    if not isinstance(messages, list) or not isinstance(active, str) or not isinstance(events, list):
        raise UnknownForm("an answer without messages, active_loop and events")
    if not all(isinstance(item, dict) for item in (*messages, *events)):
        raise UnknownForm("an answer with something else among its messages or events")
    bubbles = [_bubble(item) for item in messages if "person" not in _said(item)]
    wishes = [_wish(item) for item in messages if "person" in _said(item)]
    return DialogueTurn(
        tuple(bubbles),
        active,
        wishes[0][0] if wishes else "",
        any(urgent for _, urgent, _ in wishes),
        tuple(dict.fromkeys(line for _, _, lines in wishes for line in lines)),
        tuple(events),
    )


def _said(message: dict[str, Any]) -> dict[str, Any]:
    custom = message.get("custom")
    said = custom.get("kuaihui") if isinstance(custom, dict) and set(custom) == {"kuaihui"} else None
    if not isinstance(said, dict):
        raise UnknownForm('a message without {"kuaihui": …}: every response needs its group')
    return said


def _bubble(message: dict[str, Any]) -> DialogueBubble:
    said, text = _said(message), message.get("text")
    _check(said, _BUBBLE, needed="group")
    if said["group"] not in _GROUPS:
        raise UnknownForm("a bubble of an unknown group")
    if not isinstance(text, str) or not text.strip():
        raise UnknownForm("a bubble without words")
    return DialogueBubble(
        text.strip(),
        said["group"],
        tuple(_fact(fact) for fact in said.get("facts", ())),
        said.get("asks", False),
        said.get("reminder", False),
    )


def _fact(fact: object) -> FactUsed:
    if not isinstance(fact, dict) or set(fact) != set(_FACT):
        raise UnknownForm("a fact of another form")
    _check(fact, _FACT, needed="name")
    return FactUsed(**fact)


def _wish(message: dict[str, Any]) -> tuple[str, bool, list[str]]:
    said = _said(message)
    _check(said, _PERSON, needed="person")
    if message.get("text") or said["person"] not in {reason.value for reason in DIALOGUE_REASONS}:
        raise UnknownForm("a request for a person with words, or for an unknown reason")
    lines = said.get("open", [])
    if not all(isinstance(line, str) for line in lines):
        raise UnknownForm("a request for a person with something else than words under open")
    return Reason(said["person"]).value, said.get("urgent", False), lines


def _check(said: dict[str, Any], form: dict[str, type], needed: str) -> None:
    if needed not in said or not set(said) <= set(form):
        raise UnknownForm(f"{needed} is missing, or an unknown name stands beside it")
    for name, value in said.items():
        if not isinstance(value, form[name]):
            raise UnknownForm(f"{name} is not a {form[name].__name__}")


def _mapping(body: bytes) -> dict[str, Any]:
    try:
        answer = json.loads(body)
    except ValueError:
        answer = None
    if not isinstance(answer, dict):
        raise UnknownForm("something else than the channel answers there")
    return answer
