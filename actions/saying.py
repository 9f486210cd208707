"""What an action says: bubbles for the buyer and the request for a person, in the one form that bot.nlu.dialogue reads."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import asdict
from typing import Any

from rasa_sdk.executor import CollectingDispatcher

from bot.domain.auto_reply import DIALOGUE_REASONS, Reason
from bot.domain.suggestion import FactUsed


def say(
    dispatcher: CollectingDispatcher,
    text: str,
    group: str,
    facts: Sequence[FactUsed] = (),
    *,
    asks: bool = False,
    reminder: bool = False,
) -> None:
    """Say one bubble whose words come from the shop (an entry, a fact); see bot.ports.dialogue.DialogueBubble."""
    dispatcher.utter_message(text=text, json_message=_bubble(group, facts, asks=asks, reminder=reminder))


def say_response(
    dispatcher: CollectingDispatcher,
    response: str,
    group: str,
    facts: Sequence[FactUsed] = (),
    *,
    asks: bool = False,
    reminder: bool = False,
    **values: str,
) -> None:
    """Say one of the variants of a response of intents/domain/, `{name}` in it filled from `values`, then from the slots."""
    custom = _bubble(group, facts, asks=asks, reminder=reminder)
    dispatcher.utter_message(response=response, json_message=custom, **values)


def ask_person(
    dispatcher: CollectingDispatcher, reason: Reason, *, urgent: bool = False, open: Iterable[str] = ()
) -> None:
    """Ask for a person, and tell him what is still to be done. What else is said in the turn goes out before."""
    if reason not in DIALOGUE_REASONS:
        raise ValueError(f"a dialogue cannot hand over for {reason}")
    wanted = {"person": reason.value, "urgent": urgent, "open": list(open)}
    dispatcher.utter_message(json_message={"kuaihui": wanted})


def _bubble(group: str, facts: Sequence[FactUsed], *, asks: bool, reminder: bool) -> dict[str, Any]:
    return {
        "kuaihui": {
            "group": group,
            "asks": asks,
            "reminder": reminder,
            "facts": [asdict(fact) for fact in facts],
        }
    }
