"""The dialogue about invoices. The form's one slot is never filled: it ends when bot.services.invoice_talk waits for nothing more."""

from __future__ import annotations

from typing import Any

from rasa_sdk import Action, Tracker
from rasa_sdk.events import ActiveLoop, SlotSet
from rasa_sdk.executor import CollectingDispatcher

from actions.place import place_of
from actions.telling import intent_of, is_answer, language_of, tell, text_of, utter
from bot.services.invoice_talk import InvoiceState, InvoiceTalk

FORM = "invoice_form"
_STATE = "invoice_state"


class ActionInvoice(Action):  # type: ignore[misc]
    """Begins to ask for what an invoice needs; says nothing where the buyer only asks about invoices."""

    NAME = "action_invoice"

    def __init__(self, talk: InvoiceTalk) -> None:
        self._talk = talk

    def name(self) -> str:
        return self.NAME

    async def run(
        self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]
    ) -> list[dict[str, Any]]:
        place = place_of(tracker)
        step = await self._talk.begin(*place, intent_of(tracker), text_of(tracker), language_of(tracker))
        tell(dispatcher, step.answer)
        if step.state is None:
            return [SlotSet(_STATE, None)]
        return [SlotSet(_STATE, step.state.as_json()), ActiveLoop(FORM)]


class ValidateInvoiceForm(Action):  # type: ignore[misc]
    """Hears what the buyer says while the form waits."""

    def __init__(self, talk: InvoiceTalk) -> None:
        self._talk = talk

    def name(self) -> str:
        return f"validate_{FORM}"

    async def run(
        self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]
    ) -> list[dict[str, Any]]:
        state = InvoiceState.of_json(tracker.get_slot(_STATE))
        if not is_answer(tracker, ActionInvoice.NAME):
            return [SlotSet(_STATE, state.as_json())]
        text, intent = text_of(tracker), intent_of(tracker)
        step = await self._talk.hear(*place_of(tracker), state, intent, text, language_of(tracker))
        tell(dispatcher, step.answer)
        if step.state is None:
            return [SlotSet(_STATE, None), SlotSet("requested_slot", None)]
        return [SlotSet(_STATE, step.state.as_json())]


class AskInvoiceForm(Action):  # type: ignore[misc]
    """Asks for what is missing, or reads out all for a yes; after another question in between it only reminds."""

    def __init__(self, talk: InvoiceTalk) -> None:
        self._talk = talk

    def name(self) -> str:
        return f"action_ask_{FORM}_invoice_answer"

    async def run(
        self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]
    ) -> list[dict[str, Any]]:
        state = InvoiceState.of_json(tracker.get_slot(_STATE))
        told = await self._talk.question(*place_of(tracker), state, language_of(tracker))
        utter(dispatcher, told, asks=True, reminder=state.heard == "aside")
        return []


class ActionInvoiceOver(Action):  # type: ignore[misc]
    """Ends the dialogue: nothing of it is kept but the request."""

    def name(self) -> str:
        return "action_invoice_over"

    async def run(
        self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]
    ) -> list[dict[str, Any]]:
        return [SlotSet(_STATE, None)]
