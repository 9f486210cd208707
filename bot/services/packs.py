"""Packs: a whole shop, or a trade's starter entries, as one YAML file. Checked whole before anything is written."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Any, Literal, Self
from zoneinfo import ZoneInfo

from pydantic import BeforeValidator, Field, ValidationError, model_validator

from bot.domain.entry import Entry
from bot.domain.facts import Fact, Order, Product, ShippingRule
from bot.domain.shop import Shop
from bot.services.document_fields import Document, FieldError, Text, field_errors
from bot.services.documents import (
    EntryDocument,
    Loading,
    OrderDocument,
    ProductDocument,
    ShippingDocument,
    ShopDocument,
    to_facts,
    unique_errors,
)
from bot.services.moments import InvalidMoment
from bot.services.yaml_reading import ReadYaml, UnreadableYaml, read_yaml

_SHOWN = 20


class BrokenPack(ValueError):
    """The pack cannot be used. `errors` name the fields; the text adds file and lines."""

    def __init__(self, name: str, errors: Sequence[FieldError], source: ReadYaml | None = None) -> None:
        self.errors = tuple(errors)
        lines = []
        for error in self.errors[:_SHOWN]:
            line = f"line {source.line_of(error.field)}, " if source is not None and error.field else ""
            lines.append(f"{name}: {line}{error.field + ': ' if error.field else ''}{error.message}")
        if len(self.errors) > _SHOWN:
            lines.append(f"{name}: and {len(self.errors) - _SHOWN} more")
        super().__init__("\n".join(lines))


class StarterDocument(Document):
    """What a starter pack is for."""

    id: str
    trade: str
    name: str
    name_en: str = ""


def _version(value: Any) -> Any:
    if value != 1:
        raise ValueError("this version reads packs that begin with 'kuaihui: 1'")
    return value


class PackDocument(Document):
    """A pack as written: a shop's (`shop`) or a starter's (`pack`)."""

    kuaihui: Annotated[Literal[1], BeforeValidator(_version)]
    shop: ShopDocument | None = None
    pack: StarterDocument | None = None
    facts: dict[str, Text] = {}
    shipping: list[ShippingDocument] = []
    products: Annotated[list[ProductDocument], Field(max_length=100_000)] = []
    orders: Annotated[list[OrderDocument], Field(max_length=1_000_000)] = []
    entries: Annotated[list[EntryDocument], Field(max_length=100_000)] = []

    @model_validator(mode="after")
    def _check(self) -> Self:
        if (self.shop is None) == (self.pack is None):
            raise ValueError("a pack has either 'shop' (a whole shop) or 'pack' (starter entries)")
        if self.pack is not None and (self.products or self.orders or self.facts or self.shipping):
            raise ValueError(
                "a starter pack holds entries only: facts, shipping, products and orders belong to a shop"
            )
        return self


@dataclass(frozen=True, slots=True)
class Pack:
    """A checked pack as domain objects; `shop` is None for a starter pack, `starter` for a shop's."""

    shop: Shop | None
    facts: tuple[Fact, ...]
    shipping: tuple[ShippingRule, ...]
    products: tuple[Product, ...]
    orders: tuple[Order, ...]
    entries: tuple[Entry, ...]
    starter: StarterDocument | None = None


def load_pack(content: bytes, name: str, now: datetime, *, is_demo: bool = False) -> Pack:
    """Return the pack written in `content`; `name` is what error messages and facts call it. Raises BrokenPack."""
    try:
        source = read_yaml(content)
    except UnreadableYaml as error:
        raise BrokenPack(name, [FieldError("", str(error))]) from None
    if not isinstance(source.data, dict):
        raise BrokenPack(name, [FieldError("", "a pack is a mapping that begins with 'kuaihui: 1'")])
    try:
        document = PackDocument.model_validate(source.data)
    except ValidationError as error:
        raise BrokenPack(name, field_errors(error), source) from None
    errors = _cross_checks(document)
    if errors:
        raise BrokenPack(name, errors, source)
    zone = ZoneInfo(document.shop.timezone if document.shop else "Asia/Shanghai")
    loading = Loading(now, zone, name)
    if errors := _moment_errors(document, loading):
        raise BrokenPack(name, errors, source)
    return _to_pack(document, loading, is_demo)


def _moment_errors(document: PackDocument, loading: Loading) -> list[FieldError]:
    """Return the products, orders and entries with a date that cannot be read."""
    errors: list[FieldError] = []
    conversions: dict[str, list[Callable[[Loading], object]]] = {
        "products": [product.to_product for product in document.products],
        "orders": [order.to_order for order in document.orders],
        "entries": [entry.to_entry for entry in document.entries],
    }
    for field, converts in conversions.items():
        for index, convert in enumerate(converts):
            try:
                convert(loading)
            except InvalidMoment as error:
                errors.append(FieldError(f"{field}[{index}]", str(error)))
    return errors


def _to_pack(document: PackDocument, loading: Loading, is_demo: bool) -> Pack:
    return Pack(
        document.shop.to_shop(is_demo=is_demo) if document.shop else None,
        tuple(to_facts(document.facts, loading)),
        tuple(rule.to_rule(loading) for rule in document.shipping),
        tuple(product.to_product(loading) for product in document.products),
        tuple(order.to_order(loading) for order in document.orders),
        tuple(entry.to_entry(loading) for entry in document.entries),
        document.pack,
    )


def _cross_checks(document: PackDocument) -> list[FieldError]:
    """Return what only shows when the whole pack is seen: doubles, unknown products in scopes, two rules a region."""
    errors = [
        *unique_errors("entries", [entry.id for entry in document.entries], "id"),
        *unique_errors("entries", [entry.short_code for entry in document.entries], "short_code"),
        *unique_errors("products", [product.id for product in document.products], "id"),
        *unique_errors("products", [product.item_id for product in document.products], "item_id"),
        *unique_errors("orders", [order.order_no for order in document.orders], "order_no"),
        *_image_errors(document),
        *_fact_errors(document),
        *_sku_errors(document),
        *_region_errors(document),
    ]
    if document.shop is not None:
        errors.extend(_scope_errors(document))
    return errors


def _image_errors(document: PackDocument) -> list[FieldError]:
    """A pack is text alone: what an entry's image shows could not come along."""
    return [
        FieldError(f"entries[{index}].image", "a pack holds no images; add it on the page of entries")
        for index, entry in enumerate(document.entries)
        if entry.image
    ]


def _fact_errors(document: PackDocument) -> list[FieldError]:
    errors: list[FieldError] = []
    seen: set[str] = set()
    for name in document.facts:
        try:
            fact = to_facts({name: ""}, Loading(datetime.min, ZoneInfo("UTC"), ""))[0]
        except ValueError as error:
            errors.append(FieldError(f"facts.{name}", str(error).removeprefix(f"{name}: ")))
            continue
        if fact.name in seen:
            errors.append(FieldError(f"facts.{name}", f"{fact.name} stands already under its other name"))
        seen.add(fact.name)
    return errors


def _sku_errors(document: PackDocument) -> list[FieldError]:
    errors: list[FieldError] = []
    seen: set[str] = set()
    for p, product in enumerate(document.products):
        for v, variant in enumerate(product.variants):
            if variant.sku in seen:
                errors.append(
                    FieldError(
                        f"products[{p}].variants[{v}].sku", f"{variant.sku!r} stands twice in the shop"
                    )
                )
            seen.add(variant.sku)
    return errors


def _region_errors(document: PackDocument) -> list[FieldError]:
    errors: list[FieldError] = []
    seen: set[str] = set()
    for r, rule in enumerate(document.shipping):
        for region in rule.regions:
            if region in seen:
                errors.append(FieldError(f"shipping[{r}].regions", f"{region!r} has two rules; keep one"))
            seen.add(region)
    if document.shipping and "*" not in seen:
        errors.append(FieldError("shipping", "no rule for '*' (everywhere else); add one"))
    return errors


def _scope_errors(document: PackDocument) -> list[FieldError]:
    products = {product.id for product in document.products}
    categories = {product.category for product in document.products}
    errors: list[FieldError] = []
    for e, entry in enumerate(document.entries):
        for known, named, field in (
            (products, entry.scope.products, "products"),
            (categories, entry.scope.categories, "categories"),
        ):
            errors.extend(
                FieldError(f"entries[{e}].scope.{field}", f"{value!r} is none of this shop's {field}")
                for value in named
                if value not in known
            )
    return errors
