"""Invoices that buyers ask for: kinds, what a shop offers, what has to be known for one, and the request that is kept."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from typing import Final

LONGEST_HEADING: Final = 100
LONGEST_DETAIL: Final = 200
USUAL_HEADING: Final = "个人"
"""What stands at the head of a person's invoice who gives no name."""


class InvoiceType(StrEnum):
    """What an invoice is good for: an ordinary one (普票), or a special one (专票) by which a company deducts tax."""

    ORDINARY = "ordinary"
    SPECIAL = "special"


class Medium(StrEnum):
    """How it comes: as a file (电子发票, today 数电票), or on paper."""

    ELECTRONIC = "electronic"
    PAPER = "paper"


class RequestState(StrEnum):
    """Where a request is. The shop's people write the invoice, or say that it cannot be; they or the buyer call it off."""

    NEW = "new"
    ISSUED = "issued"
    REFUSED = "refused"
    CANCELLED = "cancelled"


@dataclass(frozen=True, slots=True)
class InvoiceKind:
    """A kind of invoice. `medium` is None where the shop says nothing of it."""

    type: InvoiceType
    medium: Medium | None = None


@dataclass(frozen=True, slots=True)
class InvoiceDetails:
    """What is known of an invoice that is wanted; "" and None are unknown.

    `is_person` says whose it is: a person needs no tax number. `address`, `phone`, `bank` and `account` are the company's,
    as they stand on a special invoice; `send_to` is where one on paper goes. `content` and `amount` are only what the buyer
    asked for himself: without them the invoice is written as the shop does and for what was paid.
    """

    type: InvoiceType | None = None
    medium: Medium | None = None
    is_person: bool | None = None
    heading: str = ""
    tax_number: str = ""
    email: str = ""
    send_to: str = ""
    order_no: str = ""
    address: str = ""
    phone: str = ""
    bank: str = ""
    account: str = ""
    content: str = ""
    amount: Decimal | None = None


@dataclass(frozen=True, slots=True)
class InvoiceRequest:
    """A request as the shop keeps it. `order_is_proven` is False where the number is only what the buyer said.

    `note` is what the shop's people wrote to it; `changed_by` the account that changed its state last, "" for nobody.
    """

    id: str
    conversation: str
    buyer: str
    details: InvoiceDetails
    created_at: datetime
    state: RequestState = RequestState.NEW
    order_is_proven: bool = False
    changed_at: datetime | None = None
    changed_by: str = ""
    note: str = ""


def after_change(
    request: InvoiceRequest, state: RequestState, note: str, by: str, at: datetime
) -> InvoiceRequest | None:
    """Return the request in the new state; None where it cannot come there: what is settled becomes new first."""
    if state is request.state:
        return replace(request, note=note)
    if RequestState.NEW not in (state, request.state):
        return None
    return replace(request, state=state, note=note, changed_by=by, changed_at=at)


class Field(StrEnum):
    """What may have to be asked for, by the name of the field of InvoiceDetails."""

    TYPE = "type"
    MEDIUM = "medium"
    HEADING = "heading"
    TAX_NUMBER = "tax_number"
    ADDRESS = "address"
    PHONE = "phone"
    BANK = "bank"
    ACCOUNT = "account"
    ORDER_NO = "order_no"
    EMAIL = "email"
    SEND_TO = "send_to"


SPECIAL_NEEDS: Final = (Field.ADDRESS, Field.PHONE, Field.BANK, Field.ACCOUNT)


def missing_of(details: InvoiceDetails, offered: Iterable[InvoiceKind]) -> tuple[Field, ...]:
    """Return what has to be asked for, in the order in which a person would ask."""
    return tuple(_missing(details, tuple(offered)))


def _missing(details: InvoiceDetails, offered: tuple[InvoiceKind, ...]) -> Iterable[Field]:
    fitting = fitting_kinds(details, offered)
    if details.type is None and len({kind.type for kind in fitting}) > 1:
        yield Field.TYPE
    elif details.medium is None and len({kind.medium for kind in fitting} - {None}) > 1:
        yield Field.MEDIUM
    if details.is_person is None or not details.heading:
        yield Field.HEADING
    if not details.is_person and not details.tax_number:
        yield Field.TAX_NUMBER
    if details.type is InvoiceType.SPECIAL:
        yield from (name for name in SPECIAL_NEEDS if not getattr(details, name))
    if not details.order_no:
        yield Field.ORDER_NO
    if details.medium is Medium.PAPER:
        if not details.send_to:
            yield Field.SEND_TO
    elif not details.email:
        yield Field.EMAIL


def fitting_kinds(details: InvoiceDetails, offered: Iterable[InvoiceKind]) -> tuple[InvoiceKind, ...]:
    """Return the offered kinds that agree with what is known; a person gets no special invoice."""
    return tuple(
        kind
        for kind in offered
        if details.type in (None, kind.type)
        and (details.medium is None or kind.medium in (None, details.medium))
        and not (details.is_person and kind.type is InvoiceType.SPECIAL)
    )


_SEPARATOR: Final = re.compile(r"[，,、。；;/|+()（）\n]|和|及|以及|与|或者|或|\band\b|\bor\b", re.IGNORECASE)
_NOT: Final = re.compile(r"不|无法|没|未|\bno\b|\bnot\b", re.IGNORECASE)
_SPECIAL: Final = re.compile(r"专票|专用|增专|专发|\bspecial\b", re.IGNORECASE)
_ORDINARY: Final = re.compile(r"普票|普通|增普|\b(?:ordinary|general|normal|plain)\b", re.IGNORECASE)
_ELECTRONIC: Final = re.compile(
    r"电子|数电|全电|\b(?:electronic|digital|e-?invoice|e-?fapiao|pdf)\b", re.IGNORECASE
)
_PAPER: Final = re.compile(r"纸质|纸票|纸的|\bpaper\b", re.IGNORECASE)
_INVOICE: Final = re.compile(r"发票|票|invoice|fapiao", re.IGNORECASE)


def types_in(text: str) -> frozenset[InvoiceType]:
    """Return the types that the words name."""
    found = ((InvoiceType.SPECIAL, _SPECIAL), (InvoiceType.ORDINARY, _ORDINARY))
    return frozenset(kind for kind, pattern in found if pattern.search(text))


def media_in(text: str) -> frozenset[Medium]:
    """Return the media that the words name."""
    found = ((Medium.ELECTRONIC, _ELECTRONIC), (Medium.PAPER, _PAPER))
    return frozenset(medium for medium, pattern in found if pattern.search(text))


def kinds_offered(fact: str) -> tuple[InvoiceKind, ...]:
    """Return the kinds that the shop's own words about its invoices name; none when they name none."""
    kinds: list[InvoiceKind] = []
    for piece in _SEPARATOR.split(fact):
        types, media = types_in(piece), media_in(piece)
        if _NOT.search(piece) or not (types or media or _INVOICE.search(piece)):
            continue
        for kind in sorted(types) or [InvoiceType.ORDINARY]:
            kinds.extend(InvoiceKind(kind, medium) for medium in (sorted(media) or (None,)))
    return tuple(_without_vague(dict.fromkeys(kinds)))


def _without_vague(kinds: Iterable[InvoiceKind]) -> list[InvoiceKind]:
    """Leave out a kind without a medium where the same kind stands with one: 「普通发票（电子）」 is one kind."""
    all_kinds = list(kinds)
    named = {kind.type for kind in all_kinds if kind.medium is not None}
    return [kind for kind in all_kinds if kind.medium is not None or kind.type not in named]


_FIRST: Final = re.compile(r"[，,。；;、（(/]|也可|或者?")


def usual_content(fact: str) -> str:
    """Return the content that the shop writes unless it is asked for another: what its own words name first."""
    return _FIRST.split(fact.strip(), maxsplit=1)[0].strip()


@dataclass(frozen=True, slots=True)
class InvoiceTerms:
    """What a shop says of its invoices: the kinds, the content that it writes unless asked for another, and in its own words
    when they come and which contents there are.
    """

    kinds: tuple[InvoiceKind, ...] = ()
    content: str = ""
    time: str = ""
    contents: str = ""


def settled(details: InvoiceDetails, terms: InvoiceTerms) -> InvoiceDetails:
    """Return the details with type and medium where the shop leaves no choice."""
    fitting = fitting_kinds(details, terms.kinds)
    types = {kind.type for kind in fitting}
    media = {kind.medium for kind in fitting}
    kind = details.type or (next(iter(types)) if len(types) == 1 else None)
    medium = details.medium or (next(iter(media)) if len(media) == 1 else None)
    return replace(details, type=kind, medium=medium)
