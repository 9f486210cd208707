"""What the forms of all dialogues do alike: hear what the buyer says while one waits, ask again or remind, and forget."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Protocol

from rasa_sdk import Action, Tracker
from rasa_sdk.events import SlotSet
from rasa_sdk.executor import CollectingDispatcher

from actions.place import place_of
from actions.telling import intent_of, is_answer, language_of, tell, text_of, utter
from bot.services.told import Answer, Told


class TalkState(Protocol):
    """What a dialogue waits for. `heard` is "aside" after another question in between."""

    @property
    def heard(self) -> str: ...

    def as_json(self) -> dict[str, Any]: ...


class TalkStep(Protocol):
    """What a turn came to: what is said, and what is waited for then, None for nothing more."""

    @property
    def answer(self) -> Answer: ...

    @property
    def state(self) -> TalkState | None: ...


class Talk(Protocol):
    """The service behind a dialogue, as its form calls it. The state is the service's own."""

    async def hear(
        self, shop: str, conversation: str, state: Any, intent: str, text: str, language: str
    ) -> TalkStep: ...

    async def question(self, shop: str, conversation: str, state: Any, language: str) -> Told: ...


@dataclass(frozen=True, slots=True)
class Topic:
    """A dialogue's topic, by whose `name` its form, slot and actions are called; `read` reads the slot."""

    name: str
    read: Callable[[Any], TalkState]

    @property
    def form(self) -> str:
        return f"{self.name}_form"

    @property
    def slot(self) -> str:
        return f"{self.name}_state"

    @property
    def opening(self) -> str:
        return f"action_{self.name}"

    def state_of(self, tracker: Tracker) -> TalkState:
        """Return what the dialogue waits for."""
        return self.read(tracker.get_slot(self.slot))

    def kept(self, state: TalkState | None) -> dict[str, Any]:
        """Return the event by which what is waited for is kept, or forgotten."""
        return dict(SlotSet(self.slot, state.as_json() if state is not None else None))


class ValidateForm(Action):  # type: ignore[misc]
    """Hears what the buyer says while the form waits."""

    def __init__(self, topic: Topic, talk: Talk) -> None:
        self._topic = topic
        self._talk = talk

    def name(self) -> str:
        return f"validate_{self._topic.form}"

    async def run(
        self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]
    ) -> list[dict[str, Any]]:
        state = self._topic.state_of(tracker)
        if not is_answer(tracker, self._topic.opening):
            return [self._topic.kept(state)]
        text, intent = text_of(tracker), intent_of(tracker)
        step = await self._talk.hear(*place_of(tracker), state, intent, text, language_of(tracker))
        tell(dispatcher, step.answer)
        if step.state is not None:
            return [self._topic.kept(step.state)]
        return [self.ended_by(step), SlotSet("requested_slot", None)]

    def ended_by(self, step: Any) -> dict[str, Any]:
        """Return the event by which the form leaves its slot behind when nothing more is waited for."""
        return self._topic.kept(None)


class AskForm(Action):  # type: ignore[misc]
    """Asks for what is missing; after another question in between it only reminds."""

    def __init__(self, topic: Topic, talk: Talk) -> None:
        self._topic = topic
        self._talk = talk

    def name(self) -> str:
        return f"action_ask_{self._topic.form}_{self._topic.name}_answer"

    async def run(
        self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]
    ) -> list[dict[str, Any]]:
        state = self._topic.state_of(tracker)
        told = await self._talk.question(*place_of(tracker), state, language_of(tracker))
        utter(dispatcher, told, asks=True, reminder=state.heard == "aside")
        return []


class ForgetForm(Action):  # type: ignore[misc]
    """Ends the dialogue: nothing of it is kept in Rasa."""

    def __init__(self, topic: Topic) -> None:
        self._topic = topic

    def name(self) -> str:
        return f"{self._topic.opening}_over"

    async def run(
        self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]
    ) -> list[dict[str, Any]]:
        return [self._topic.kept(None)]
