"""What a turn's values make of what is known of an invoice, and what is said of those that cannot be taken."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from decimal import Decimal
from typing import Any, Final

from bot.domain.facts import Order
from bot.domain.invoice_reading import ReadDetails
from bot.domain.invoices import (
    SPECIAL_NEEDS,
    USUAL_HEADING,
    Field,
    InvoiceDetails,
    InvoiceTerms,
    InvoiceType,
    fitting_kinds,
)
from bot.domain.suggestion import FactUsed
from bot.domain.tax_numbers import TaxFlaw, TaxNumber
from bot.services.told import Told

_GROUP: Final = "invoice"
_FLAWS: Final = {
    TaxFlaw.LENGTH: "utter_invoice_tax_length",
    TaxFlaw.LETTER: "utter_invoice_tax_letter",
    TaxFlaw.SHAPE: "utter_invoice_tax_check",
    TaxFlaw.CHECK: "utter_invoice_tax_check",
    TaxFlaw.IDENTITY: "utter_invoice_tax_identity",
}


@dataclass(frozen=True, slots=True)
class ShopTerms:
    """What a shop says of its invoices, and the facts by which it says so."""

    terms: InvoiceTerms = field(default_factory=InvoiceTerms)
    kinds: tuple[FactUsed, ...] = ()
    contents: tuple[FactUsed, ...] = ()
    time: tuple[FactUsed, ...] = ()

    @property
    def offered(self) -> str:
        """The kinds in the shop's own words."""
        return "、".join(fact.value for fact in self.kinds)

    @property
    def is_stale(self) -> bool:
        return any(fact.stale for fact in self.kinds)


@dataclass(frozen=True, slots=True)
class Applied:
    """What is known now, and what is said of what was not taken."""

    details: InvoiceDetails
    remarks: tuple[Told, ...] = ()


def apply_read(
    details: InvoiceDetails,
    read: ReadDetails,
    wrong: Iterable[Field],
    shop: ShopTerms,
    order: Order | None,
) -> Applied:
    """Return the details with what was read. `wrong` are fields that he takes back without saying what is right.

    `order` is the order of the number that he named, if he may speak of it.
    """
    cleared: dict[str, Any] = {
        str(name): None if name in (Field.TYPE, Field.MEDIUM) else "" for name in wrong
    }
    known = _agreeing(replace(details, **{**cleared, **_fields(read.values)}), read.values)
    remarks: list[Told] = []
    if read.tax is not None and not known.is_person:
        remarks.append(_of_flaw(read.tax))
        known = replace(known, tax_number="", is_person=False)
    if read.bad_email and not known.email:
        remarks.append(Told(_GROUP, "utter_invoice_email_bad", {"email": read.bad_email}))
    known, refused = _offered_kind(known, shop)
    known, unwritten = _allowed(known, shop, order)
    return Applied(known, (*remarks, *refused, *unwritten))


def _fields(values: Mapping[str, object]) -> dict[str, Any]:
    return {str(name): value for name, value in values.items()}


def _agreeing(details: InvoiceDetails, new: Mapping[str, object]) -> InvoiceDetails:
    """Return the details with what belongs to the other sort of buyer left out, when he says that he is one or the other."""
    if new.get("is_person") is True:
        company: dict[str, Any] = {str(name): "" for name in (Field.TAX_NUMBER, *SPECIAL_NEEDS)}
        return replace(details, **company)
    if new.get("is_person") is False and Field.HEADING not in new and details.heading == USUAL_HEADING:
        return replace(details, heading="")
    return details


def _of_flaw(number: TaxNumber) -> Told:
    values = {"number": number.text, "count": str(len(number.text)), "letters": "、".join(number.letters)}
    response = _FLAWS[number.flaw] if number.flaw is not None else _FLAWS[TaxFlaw.CHECK]
    if number.flaw is TaxFlaw.IDENTITY:
        return Told(_GROUP, response)  # nobody's identity card is read back
    if number.flaw is TaxFlaw.LETTER and number.likely:
        return Told(_GROUP, "utter_invoice_tax_likely", {**values, "likely": number.likely})
    return Told(_GROUP, response, values)


def _offered_kind(details: InvoiceDetails, shop: ShopTerms) -> tuple[InvoiceDetails, list[Told]]:
    """Return the details without a kind that the shop does not offer, and what is said of that."""
    kinds = shop.terms.kinds
    if not kinds or fitting_kinds(details, kinds):
        return details, []
    without = replace(details, type=None, medium=None)
    if details.is_person and details.type is InvoiceType.SPECIAL:
        return without, [Told(_GROUP, "utter_invoice_special_person")]
    if not fitting_kinds(without, kinds):  # a person, of a shop that writes special ones alone
        return without, [Told(_GROUP, "utter_invoice_special_person")]
    values = {"offered": shop.offered}
    return without, [Told(_GROUP, "utter_invoice_kind_not_offered", values, facts=shop.kinds)]


def _allowed(
    details: InvoiceDetails, shop: ShopTerms, order: Order | None
) -> tuple[InvoiceDetails, list[Told]]:
    """Return the details without a content that the shop does not write, and without more than was paid."""
    remarks: list[Told] = []
    contents = shop.terms.contents
    if details.content and contents and details.content not in contents:
        values = {"contents": contents}
        remarks.append(Told(_GROUP, "utter_invoice_content_not_offered", values, facts=shop.contents))
        details = replace(details, content="")
    if details.amount is not None and (details.amount <= 0 or details.amount > _paid(order)):
        remarks.append(Told(_GROUP, "utter_invoice_amount_too_high"))
        details = replace(details, amount=None)
    return details, remarks


def _paid(order: Order | None) -> Decimal:
    """Return what was paid for the order; without bound where that is not known."""
    return order.amount if order is not None and order.amount is not None else Decimal("Infinity")
