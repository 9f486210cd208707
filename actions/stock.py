"""The dialogue about stock. The form's one slot is never filled: it ends when bot.services.stock_talk waits for nothing more."""

from __future__ import annotations

from typing import Any

from rasa_sdk import Action, Tracker
from rasa_sdk.events import ActiveLoop, FollowupAction, SlotSet
from rasa_sdk.executor import CollectingDispatcher

from actions.place import place_of
from actions.telling import intent_of, is_answer, language_of, tell, text_of, utter
from bot.domain.invoice_wishes import asks_needs
from bot.services.stock_talk import StockState, StockStep, StockTalk
from bot.services.told import SILENCE

_OPENING = "action_stock"
FORM = "stock_form"
_STATE = "stock_state"


class ActionStock(Action):  # type: ignore[misc]
    """Answers a question about stock, or begins to ask which product and variant is meant."""

    def __init__(self, talk: StockTalk) -> None:
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
            return [_kept(step), ActiveLoop(FORM)]
        # What is needed for an invoice is asked in words that name none.
        is_invoice = step.answer == SILENCE and asks_needs(text_of(tracker))
        return [_kept(step), *([FollowupAction("action_invoice")] if is_invoice else [])]


class ValidateStockForm(Action):  # type: ignore[misc]
    """Hears what the buyer says while the form waits."""

    def __init__(self, talk: StockTalk) -> None:
        self._talk = talk

    def name(self) -> str:
        return f"validate_{FORM}"

    async def run(
        self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]
    ) -> list[dict[str, Any]]:
        state = StockState.of_json(tracker.get_slot(_STATE))
        if not is_answer(tracker, _OPENING):
            return [SlotSet(_STATE, state.as_json())]
        text, intent = text_of(tracker), intent_of(tracker)
        step = await self._talk.hear(*place_of(tracker), state, intent, text, language_of(tracker))
        tell(dispatcher, step.answer)
        return [_kept(step), *([] if step.state else [SlotSet("requested_slot", None)])]


class AskStockForm(Action):  # type: ignore[misc]
    """Asks which product or variant is meant; after another question in between it only reminds."""

    def __init__(self, talk: StockTalk) -> None:
        self._talk = talk

    def name(self) -> str:
        return f"action_ask_{FORM}_stock_answer"

    async def run(
        self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]
    ) -> list[dict[str, Any]]:
        state = StockState.of_json(tracker.get_slot(_STATE))
        told = await self._talk.question(*place_of(tracker), state, language_of(tracker))
        utter(dispatcher, told, asks=True, reminder=state.heard == "aside")
        return []


class ActionStockOver(Action):  # type: ignore[misc]
    """Ends the dialogue; what the buyer asked instead is taken up where there is a dialogue for it."""

    def name(self) -> str:
        return "action_stock_over"

    async def run(
        self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]
    ) -> list[dict[str, Any]]:
        instead = (tracker.get_slot(_STATE) or {}).get("instead")
        return [SlotSet(_STATE, None), *([FollowupAction(instead)] if instead else [])]


def _kept(step: StockStep) -> dict[str, Any]:
    """Keep what is waited for, or what is begun instead."""
    if step.state is not None:
        return dict(SlotSet(_STATE, step.state.as_json()))
    return dict(SlotSet(_STATE, {"instead": "action_order"} if step.leaves_for_order else None))
