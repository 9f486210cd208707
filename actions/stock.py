"""The dialogue about stock. The form's one slot is never filled: it ends when bot.services.stock_talk waits for nothing more."""

from __future__ import annotations

from typing import Any

from rasa_sdk import Action, Tracker
from rasa_sdk.events import ActiveLoop, FollowupAction, SlotSet
from rasa_sdk.executor import CollectingDispatcher

from actions.forms import AskForm, Topic, ValidateForm
from actions.place import place_of
from actions.telling import intent_of, language_of, passed_on, tell, text_of
from bot.domain.invoice_wishes import asks_needs
from bot.services.stock_talk import StockState, StockStep, StockTalk
from bot.services.told import SILENCE

_STOCK = Topic("stock", StockState.of_json)


class ActionStock(Action):  # type: ignore[misc]
    """Answers a question about stock, or begins to ask which product and variant is meant."""

    def __init__(self, talk: StockTalk) -> None:
        self._talk = talk

    def name(self) -> str:
        return _STOCK.opening

    async def run(
        self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]
    ) -> list[dict[str, Any]]:
        if instead := passed_on(tracker, _STOCK.opening):
            return instead
        place = place_of(tracker)
        is_meant = tracker.get_slot("topic") == "stock"
        step = await self._talk.begin(
            *place, intent_of(tracker), text_of(tracker), language_of(tracker), is_meant=is_meant
        )
        tell(dispatcher, step.answer)
        if step.state is not None:
            return [_STOCK.kept(step.state), ActiveLoop(_STOCK.form)]
        # What is needed for an invoice is asked in words that name none.
        is_invoice = step.answer == SILENCE and asks_needs(text_of(tracker))
        return [_instead(step), *([FollowupAction("action_invoice")] if is_invoice else [])]


class ValidateStockForm(ValidateForm):
    """Hears products and variants, and that the buyer asks for his order instead."""

    def __init__(self, talk: StockTalk) -> None:
        super().__init__(_STOCK, talk)

    def ended_by(self, step: StockStep) -> dict[str, Any]:
        return _instead(step)


class AskStockForm(AskForm):
    """Asks which product or variant is meant."""

    def __init__(self, talk: StockTalk) -> None:
        super().__init__(_STOCK, talk)


class ActionStockOver(Action):  # type: ignore[misc]
    """Ends the dialogue; what the buyer asked instead is taken up where there is a dialogue for it."""

    def name(self) -> str:
        return "action_stock_over"

    async def run(
        self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]
    ) -> list[dict[str, Any]]:
        instead = (tracker.get_slot(_STOCK.slot) or {}).get("instead")
        return [_STOCK.kept(None), *([FollowupAction(instead)] if instead else [])]


def _instead(step: StockStep) -> dict[str, Any]:
    """Keep what is begun instead of what was waited for, if anything is."""
    return dict(SlotSet(_STOCK.slot, {"instead": "action_order"} if step.leaves_for_order else None))
