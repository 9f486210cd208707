"""Rasa custom actions: thin classes around services, run inside the application."""

from __future__ import annotations

from rasa_sdk import Action

from actions.invoices import ActionInvoice, ActionInvoiceOver, AskInvoiceForm, ValidateInvoiceForm
from actions.orders import ActionOrder, ActionOrderOver, AskOrderForm, ValidateOrderForm
from actions.services import ActionServices
from actions.stock import ActionStock, ActionStockOver, AskStockForm, ValidateStockForm


def all_actions(services: ActionServices) -> list[Action]:
    """Return an instance of every action that intents/domain/ names, with its services."""
    return [
        ActionStock(services.stock),
        ValidateStockForm(services.stock),
        AskStockForm(services.stock),
        ActionStockOver(),
        ActionOrder(services.orders),
        ValidateOrderForm(services.orders),
        AskOrderForm(services.orders),
        ActionOrderOver(),
        ActionInvoice(services.invoices),
        ValidateInvoiceForm(services.invoices),
        AskInvoiceForm(services.invoices),
        ActionInvoiceOver(),
    ]
