"""What is known of an invoice as plain data, for tables and for the memory of a dialogue, and back."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields
from decimal import Decimal, InvalidOperation
from typing import Any, Final

from bot.domain.invoices import InvoiceDetails, InvoiceType, Medium

_TEXTS: Final = (
    "heading", "tax_number", "email", "send_to", "order_no", "address", "phone", "bank", "account", "content",
)  # fmt: skip


def details_data(details: InvoiceDetails) -> dict[str, Any]:
    """Return what is known, without what is not."""
    known = {each.name: getattr(details, each.name) for each in fields(details)}
    return {
        name: str(value) if not isinstance(value, bool) else value
        for name, value in known.items()
        if value not in (None, "")
    }


def details_of(data: Mapping[str, Any]) -> InvoiceDetails:
    """Return what plain data tells; what it tells in another form than ours is unknown."""
    texts = {name: str(data.get(name) or "") for name in _TEXTS}
    is_person = data.get("is_person")
    return InvoiceDetails(
        type=InvoiceType(data["type"]) if data.get("type") in list(InvoiceType) else None,
        medium=Medium(data["medium"]) if data.get("medium") in list(Medium) else None,
        is_person=is_person if isinstance(is_person, bool) else None,
        amount=_amount(data.get("amount")),
        **texts,
    )


def _amount(value: object) -> Decimal | None:
    try:
        amount = Decimal(str(value)) if value not in (None, "") else None
    except InvalidOperation:
        return None
    return amount if amount is None or amount.is_finite() else None
