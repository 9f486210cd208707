"""The dialogue about invoices. The form's one slot is never filled: it ends when bot.services.invoice_talk waits for nothing more."""

from __future__ import annotations

from typing import Any

from rasa_sdk import Action, Tracker
from rasa_sdk.events import ActiveLoop
from rasa_sdk.executor import CollectingDispatcher

from actions.forms import AskForm, ForgetForm, Topic, ValidateForm
from actions.place import place_of
from actions.telling import intent_of, language_of, passed_on, tell, text_of
from bot.services.invoice_talk import InvoiceState, InvoiceTalk

_INVOICES = Topic("invoice", InvoiceState.of_json)


class ActionInvoice(Action):  # type: ignore[misc]
    """Begins to ask for what an invoice needs; says nothing where the buyer only asks about invoices."""

    def __init__(self, talk: InvoiceTalk) -> None:
        self._talk = talk

    def name(self) -> str:
        return _INVOICES.opening

    async def run(
        self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]
    ) -> list[dict[str, Any]]:
        if instead := passed_on(tracker, _INVOICES.opening):
            return instead
        place = place_of(tracker)
        step = await self._talk.begin(*place, intent_of(tracker), text_of(tracker), language_of(tracker))
        tell(dispatcher, step.answer)
        return [_INVOICES.kept(step.state), *([ActiveLoop(_INVOICES.form)] if step.state is not None else [])]


class ValidateInvoiceForm(ValidateForm):
    """Hears what an invoice needs, corrections of it, and the yes."""

    def __init__(self, talk: InvoiceTalk) -> None:
        super().__init__(_INVOICES, talk)


class AskInvoiceForm(AskForm):
    """Asks for what is missing, or reads out all for a yes."""

    def __init__(self, talk: InvoiceTalk) -> None:
        super().__init__(_INVOICES, talk)


class ActionInvoiceOver(ForgetForm):
    """Ends the dialogue: nothing of it is kept but the request."""

    def __init__(self) -> None:
        super().__init__(_INVOICES)
