"""The dialogue about orders. The form's one slot is never filled: it ends when bot.services.order_talk waits for nothing more."""

from __future__ import annotations

from typing import Any

from rasa_sdk import Action, Tracker
from rasa_sdk.events import ActiveLoop, FollowupAction
from rasa_sdk.executor import CollectingDispatcher

from actions.forms import AskForm, ForgetForm, Topic, ValidateForm
from actions.place import place_of
from actions.telling import intent_of, language_of, passed_on, tell, text_of
from bot.services.order_talk import ABOUT_ORDERS, OrderState, OrderTalk
from bot.services.told import SILENCE

_ORDERS = Topic("order", OrderState.of_json)


class ActionOrder(Action):  # type: ignore[misc]
    """Tells of the buyer's order, or begins to ask for its number, the phone's digits or which one is meant."""

    def __init__(self, talk: OrderTalk) -> None:
        self._talk = talk

    def name(self) -> str:
        return _ORDERS.opening

    async def run(
        self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]
    ) -> list[dict[str, Any]]:
        if instead := passed_on(tracker, _ORDERS.opening):
            return instead
        place = place_of(tracker)
        step = await self._talk.begin(*place, intent_of(tracker), text_of(tracker), language_of(tracker))
        tell(dispatcher, step.answer)
        if step.state is not None:
            return [_ORDERS.kept(step.state), ActiveLoop(_ORDERS.form)]
        # A number or a name alone: if it is no order's, it may be a variant's.
        is_stock = step.answer == SILENCE and intent_of(tracker) not in ABOUT_ORDERS
        return [_ORDERS.kept(None), *([FollowupAction("action_stock")] if is_stock else [])]


class ValidateOrderForm(ValidateForm):
    """Hears numbers, digits, and which order is meant."""

    def __init__(self, talk: OrderTalk) -> None:
        super().__init__(_ORDERS, talk)


class AskOrderForm(AskForm):
    """Asks for the order's number, the phone's digits or which one is meant."""

    def __init__(self, talk: OrderTalk) -> None:
        super().__init__(_ORDERS, talk)


class ActionOrderOver(ForgetForm):
    """Ends the dialogue: nothing of it is kept."""

    def __init__(self) -> None:
        super().__init__(_ORDERS)
