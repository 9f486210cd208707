"""The dialogue about orders. The form's one slot is never filled: it ends when bot.services.order_talk waits for nothing more."""

from __future__ import annotations

from typing import Any

from rasa_sdk import Action, Tracker
from rasa_sdk.events import ActiveLoop, FollowupAction, SlotSet
from rasa_sdk.executor import CollectingDispatcher

from actions.place import place_of
from actions.telling import intent_of, is_answer, language_of, tell, text_of, utter
from bot.services.order_talk import ABOUT_ORDERS, OrderState, OrderTalk
from bot.services.told import SILENCE

_OPENING = "action_order"
FORM = "order_form"
_STATE = "order_state"


class ActionOrder(Action):  # type: ignore[misc]
    """Tells of the buyer's order, or begins to ask for its number, the phone's digits or which one is meant."""

    def __init__(self, talk: OrderTalk) -> None:
        self._talk = talk

    def name(self) -> str:
        return _OPENING

    async def run(
        self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]
    ) -> list[dict[str, Any]]:
        place = place_of(tracker)
        step = await self._talk.begin(*place, intent_of(tracker), text_of(tracker), language_of(tracker))
        tell(dispatcher, step.answer)
        if step.state is not None:
            return [SlotSet(_STATE, step.state.as_json()), ActiveLoop(FORM)]
        # A number or a name alone: if it is no order's, it may be a variant's.
        is_stock = step.answer == SILENCE and intent_of(tracker) not in ABOUT_ORDERS
        return [SlotSet(_STATE, None), *([FollowupAction("action_stock")] if is_stock else [])]


class ValidateOrderForm(Action):  # type: ignore[misc]
    """Hears what the buyer says while the form waits."""

    def __init__(self, talk: OrderTalk) -> None:
        self._talk = talk

    def name(self) -> str:
        return f"validate_{FORM}"

    async def run(
        self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]
    ) -> list[dict[str, Any]]:
        state = OrderState.of_json(tracker.get_slot(_STATE))
        if not is_answer(tracker, _OPENING):
            return [SlotSet(_STATE, state.as_json())]
        text, intent = text_of(tracker), intent_of(tracker)
        step = await self._talk.hear(*place_of(tracker), state, intent, text, language_of(tracker))
        tell(dispatcher, step.answer)
        if step.state is None:
            return [SlotSet(_STATE, None), SlotSet("requested_slot", None)]
        return [SlotSet(_STATE, step.state.as_json())]


class AskOrderForm(Action):  # type: ignore[misc]
    """Asks for what is missing; after another question in between it only reminds."""

    def __init__(self, talk: OrderTalk) -> None:
        self._talk = talk

    def name(self) -> str:
        return f"action_ask_{FORM}_order_answer"

    async def run(
        self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]
    ) -> list[dict[str, Any]]:
        state = OrderState.of_json(tracker.get_slot(_STATE))
        told = await self._talk.question(*place_of(tracker), state, language_of(tracker))
        utter(dispatcher, told, asks=True, reminder=state.heard == "aside")
        return []


class ActionOrderOver(Action):  # type: ignore[misc]
    """Ends the dialogue: nothing of it is kept."""

    def name(self) -> str:
        return "action_order_over"

    async def run(
        self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]
    ) -> list[dict[str, Any]]:
        return [SlotSet(_STATE, None)]
