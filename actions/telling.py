"""What the actions of all dialogues share: reading a turn from the tracker, and saying what a step has to say."""

from __future__ import annotations

from typing import Any, Final

from rasa_sdk import Tracker
from rasa_sdk.events import FollowupAction
from rasa_sdk.executor import CollectingDispatcher

from actions.saying import ask_person, say, say_response
from bot.services.told import Answer, Told

_OPENINGS: Final = {
    "stock": "action_stock",
    "shipping": "action_order",
    "logistics": "action_order",
    "invoice": "action_invoice",
}
"""What begins the dialogue of a group."""


def passed_on(tracker: Tracker, opening: str) -> list[dict[str, Any]]:
    """Return the event that lets the turn's own dialogue begin where `opening` would begin another; nothing otherwise.

    What a message was read as is one guess at it; which dialogue it begins was decided by all that is known of it.
    """
    wanted = _OPENINGS.get(str(tracker.get_slot("topic") or ""), opening)
    # A dialogue that has nothing to say passes the turn on too: it does not get it back.
    return [] if wanted == opening or _has_run(tracker, wanted) else [FollowupAction(wanted)]


def _has_run(tracker: Tracker, action: str) -> bool:
    for event in reversed(tracker.events):
        if event.get("event") == "user":
            return False
        if event.get("event") == "action" and event.get("name") == action:
            return True
    return False


def text_of(tracker: Tracker) -> str:
    """Return what the buyer said in this turn."""
    return str(tracker.latest_message.get("text") or "")


def intent_of(tracker: Tracker) -> str:
    """Return what the turn was read as."""
    return str((tracker.latest_message.get("intent") or {}).get("name") or "")


def is_answer(tracker: Tracker, opening: str) -> bool:
    """Whether the buyer spoke since the action `opening` ran: the turn that it heard is no answer to its own question."""
    for event in reversed(tracker.events):
        if event.get("event") == "user":
            return True
        if event.get("event") == "action" and event.get("name") == opening:
            return False
    return True


def language_of(tracker: Tracker) -> str:
    """Return the language that is spoken in."""
    return str(tracker.get_slot("language") or "zh")


def tell(dispatcher: CollectingDispatcher, answer: Answer) -> None:
    """Say all that a step says, and ask for a person where it does."""
    for told in answer.bubbles:
        utter(dispatcher, told)
    if answer.person is not None:
        ask_person(dispatcher, answer.person, urgent=answer.urgent, open=answer.open)


def utter(
    dispatcher: CollectingDispatcher, told: Told, *, asks: bool = False, reminder: bool = False
) -> None:
    """Say one bubble."""
    if told.text:
        say(dispatcher, told.text, told.group, told.facts, asks=asks, reminder=reminder)
    else:
        values = dict(told.values)
        say_response(
            dispatcher, told.response, told.group, told.facts, asks=asks, reminder=reminder, **values
        )
