"""Documents: shops, entries, products, shipping rules, facts and orders as packs and the API write them.

Each document validates itself, names the field that is wrong, and turns into a domain object. `Loading` says when and
for which time zone relative dates are read, and what the source of the facts is called.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Any, Final, Self
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import (
    BeforeValidator,
    Field,
    model_validator,
)

from bot.domain.entry import (
    CASES,
    MAX_PHRASINGS,
    STATUSES,
    Entry,
    Scope,
    Validity,
    WeeklyHours,
)
from bot.domain.facts import ORDER_STATUSES, Fact, Order, Product, ShippingRule, Variant
from bot.domain.intents import GROUPS, INTENT_GROUP
from bot.domain.shop import Shop, shop_id
from bot.domain.variables import PRODUCT_ATTRIBUTES, VARIABLE_BY_NAME
from bot.services.document_fields import (
    ClockText,
    CodeText,
    Document,
    FieldError,
    ImageId,
    Money,
    PhrasingText,
    QuestionText,
    Slug,
    TemplateText,
    Text,
    as_text,
)
from bot.services.moments import InvalidMoment, parse_clock, parse_day, parse_moment

_COLOUR: Final = re.compile(r"#[0-9a-fA-F]{6}")


@dataclass(frozen=True, slots=True)
class Loading:
    """The moment, time zone and source under which documents become domain objects."""

    now: datetime
    zone: ZoneInfo
    source: str


class ShopDocument(Document):
    """A shop."""

    id: str
    name: Annotated[str, Field(min_length=1, max_length=60)]
    name_en: Annotated[str, Field(max_length=60)] = ""
    colour: str = "#5b6770"
    avatar: Annotated[str, Field(max_length=4)] = ""
    aliases: list[Text] = []
    timezone: str = "Asia/Shanghai"
    languages: list[str] = ["zh"]

    @model_validator(mode="after")
    def _check(self) -> Self:
        shop_id(self.id)
        if not _COLOUR.fullmatch(self.colour):
            raise ValueError("colour: write a colour such as #2f6fde")
        try:
            ZoneInfo(self.timezone)
        except (ZoneInfoNotFoundError, ValueError):
            raise ValueError(
                f"timezone: {self.timezone!r} is unknown; write one such as Asia/Shanghai"
            ) from None
        if not self.languages or not set(self.languages) <= {"zh", "en"}:
            raise ValueError("languages: zh, en or both")
        return self

    def to_shop(self, *, is_demo: bool = False) -> Shop:
        """Return the shop."""
        return Shop(
            self.id, self.name, self.name_en, self.colour, self.avatar or self.name[:1], tuple(self.aliases),
            self.timezone, tuple(self.languages), is_demo,
        )  # fmt: skip


class ScopeDocument(Document):
    """The products an entry is about."""

    products: list[str] = []
    categories: list[str] = []


class HoursDocument(Document):
    """Weekly hours: days 1 (Monday) to 7. `until` 24:00 is midnight; before or at `since` it lies on the next day."""

    days: Annotated[list[Annotated[int, Field(ge=1, le=7)]], Field(min_length=1)]
    since: ClockText
    until: ClockText

    def to_hours(self) -> list[WeeklyHours]:
        """Return the hours of each day. Raises InvalidMoment."""
        until = "00:00" if self.until == "24:00" else self.until
        return [WeeklyHours(day - 1, parse_clock(self.since), parse_clock(until)) for day in self.days]


class ValidityDocument(Document):
    """When an entry holds."""

    since: Any = None
    until: Any = None
    weekly: list[HoursDocument] = []

    def to_validity(self, loading: Loading) -> Validity:
        """Return the validity. Raises InvalidMoment."""
        weekly = tuple(hours for document in self.weekly for hours in document.to_hours())
        since = None if self.since is None else parse_moment(self.since, loading.now, loading.zone)
        until = None if self.until is None else parse_moment(self.until, loading.now, loading.zone)
        if since is not None and until is not None and until <= since:
            raise InvalidMoment("'until' does not lie after 'since': the entry would never hold")
        return Validity(since, until, weekly)


class EntryDocument(Document):
    """An FAQ entry."""

    id: Slug
    group: str
    intent: str | None = None
    question: PhrasingText
    phrasings: Annotated[list[PhrasingText], Field(max_length=MAX_PHRASINGS)] = []
    reply: TemplateText = ""
    cases: dict[str, TemplateText] = {}
    fallback: TemplateText = ""
    scope: ScopeDocument = ScopeDocument()
    validity: ValidityDocument = ValidityDocument()
    short_code: CodeText = ""
    image: ImageId = ""
    language: str = "zh"
    status: str = "published"

    @model_validator(mode="after")
    def _check(self) -> Self:
        if self.group not in GROUPS:
            raise ValueError(f"group: {self.group!r} is unknown; one of {', '.join(GROUPS)}")
        if self.intent is not None and INTENT_GROUP.get(self.intent) != self.group:
            known = ", ".join(name for name, group in INTENT_GROUP.items() if group == self.group)
            raise ValueError(f"intent: {self.intent!r} is not of group {self.group}; one of {known}")
        if self.language not in ("zh", "en"):
            raise ValueError("language: zh or en")
        if self.status not in STATUSES:
            raise ValueError(f"status: one of {', '.join(STATUSES)}")
        if not (self.reply.strip() or self.cases):
            raise ValueError("reply: an entry needs a reply, or cases")
        check_cases(self.cases)
        return self

    def to_entry(self, loading: Loading) -> Entry:
        """Return the entry. Raises InvalidMoment."""
        return Entry(
            id=self.id, group=self.group, intent=self.intent, question=self.question, phrasings=tuple(self.phrasings),
            reply=self.reply, cases=dict(self.cases), fallback=self.fallback, short_code=self.short_code,
            image=self.image,
            scope=Scope(tuple(self.scope.products), tuple(self.scope.categories)),
            validity=self.validity.to_validity(loading), language=self.language, status=self.status,
        )  # fmt: skip


class PhraseDocument(EntryDocument):
    """An entry as it may be kept: one from a table of phrases has no question (""); its reply finds it."""

    question: QuestionText = ""


def check_cases(cases: Mapping[str, str]) -> None:
    """Raise ValueError unless the cases are of one family of the closed list."""
    named = set(cases) - {"unknown"}
    if named and not any(named <= set(family) for family in CASES.values()):
        lists = "; ".join(f"{name}: {', '.join(family)}" for name, family in CASES.items())
        raise ValueError(f"cases: {', '.join(sorted(named))} do not go together; the lists are {lists}")


class VariantDocument(Document):
    """One buyable form of a product."""

    sku: Annotated[str, BeforeValidator(as_text), Field(min_length=1, max_length=80)]
    options: dict[str, Text] = {}
    stock: Annotated[int, Field(ge=0, le=100_000_000)] | None = None
    restock: Any = None
    price: Money | None = None

    def to_variant(self, loading: Loading) -> Variant:
        """Return the variant. Raises InvalidMoment."""
        restock = None if self.restock is None else parse_day(self.restock, loading.now, loading.zone)
        return Variant(self.sku, dict(self.options), self.stock, restock, self.price)


class ProductDocument(Document):
    """A product with its variants."""

    id: Slug
    item_id: Annotated[str, BeforeValidator(as_text), Field(pattern=r"^(\d{9,13})?$")] = ""
    title: Annotated[str, Field(min_length=1, max_length=200)]
    title_en: Annotated[str, Field(max_length=200)] = ""
    aliases: list[Text] = []
    category: str = ""
    url: Annotated[str, Field(max_length=500, pattern=r"^(https?://\S+)?$")] = ""
    price: Money | None = None
    attributes: dict[str, Text] = {}
    variants: list[VariantDocument] = []

    @model_validator(mode="after")
    def _check(self) -> Self:
        if unknown := sorted(set(self.attributes) - PRODUCT_ATTRIBUTES):
            raise ValueError(
                f"attributes: {unknown[0]!r} is unknown; of {', '.join(sorted(PRODUCT_ATTRIBUTES))}"
            )
        return self

    def to_product(self, loading: Loading) -> Product:
        """Return the product. Raises InvalidMoment."""
        return Product(
            self.id, self.title, tuple(variant.to_variant(loading) for variant in self.variants), loading.source,
            loading.now, loading.now, self.item_id, self.title_en, tuple(self.aliases), self.category, self.url,
            self.price, dict(self.attributes),
        )  # fmt: skip


class ShippingDocument(Document):
    """How the shop ships to some regions."""

    regions: Annotated[list[str], Field(min_length=1)]
    courier: str = ""
    fee: Money | None = None
    free_from: Money | None = None
    days: Text = ""
    note: Text = ""

    def to_rule(self, loading: Loading) -> ShippingRule:
        """Return the rule."""
        return ShippingRule(
            tuple(self.regions),
            self.courier,
            self.fee,
            self.free_from,
            self.days,
            loading.source,
            loading.now,
            self.note,
        )


class OrderDocument(Document):
    """An order with its parcel."""

    order_no: Annotated[str, BeforeValidator(as_text), Field(pattern=r"^[0-9A-Za-z-]{6,40}$")]
    status: str
    items: list[Text] = []
    buyer_id: Text = ""
    phone_last4: Annotated[str, BeforeValidator(as_text), Field(pattern=r"^(\d{4})?$")] = ""
    amount: Money | None = None
    paid_at: Any = None
    promised_ship_by: Any = None
    shipped_at: Any = None
    courier: Text = ""
    tracking_no: Text = ""
    tracking_status: Text = ""
    eta: Any = None

    @model_validator(mode="after")
    def _check(self) -> Self:
        if self.status not in ORDER_STATUSES:
            raise ValueError(f"status: one of {', '.join(ORDER_STATUSES)}")
        return self

    def to_order(self, loading: Loading) -> Order:
        """Return the order. Raises InvalidMoment."""

        def moment(value: Any) -> datetime | None:
            return None if value is None else parse_moment(value, loading.now, loading.zone)

        return Order(
            self.order_no, self.status, tuple(self.items), loading.source, loading.now, self.buyer_id, self.phone_last4,
            self.amount, moment(self.paid_at), moment(self.shipped_at), moment(self.promised_ship_by), self.courier,
            self.tracking_no, self.tracking_status,
            None if self.eta is None else parse_day(self.eta, loading.now, loading.zone),
        )  # fmt: skip


def to_facts(values: Mapping[str, str], loading: Loading) -> list[Fact]:
    """Return shop-wide facts by variable name (Chinese or English). Raises ValueError with the name that is wrong."""
    return [Fact(_shop_variable(name).name, text, _shop_variable(name).kind, loading.source, loading.now)
            for name, text in values.items()]  # fmt: skip


def _shop_variable(name: str) -> Any:
    variable = VARIABLE_BY_NAME.get(name)
    if variable is None or variable.source != "shop" or variable.name == "shop_name":
        raise ValueError(f"{name}: not a shop-wide fact; docs/templates.md lists them")
    return variable


def unique_errors(name: str, values: Sequence[str], field: str) -> list[FieldError]:
    """Return an error for each value that stands twice: the second place is named, and the first in the message."""
    seen: dict[str, int] = {}
    errors = []
    for index, value in enumerate(values):
        if value and value in seen:
            errors.append(
                FieldError(f"{name}[{index}].{field}", f"{value!r} stands already at {name}[{seen[value]}]")
            )
        seen.setdefault(value, index)
    return errors
