"""Tables of products, variants and stock: what their rows change in a shop's catalogue."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from types import MappingProxyType
from typing import Any, Final

from pydantic import ValidationError

from bot.domain.fact_tables import ATTRIBUTES, OF_PRODUCT, OF_STOCK, OPTIONS, column_named
from bot.domain.facts import Product, Variant
from bot.ports import ShopFacts
from bot.services.document_fields import field_errors
from bot.services.documents import Loading, ProductDocument
from bot.services.fact_cells import (
    read_day,
    read_list,
    read_money,
    read_options,
    read_pieces,
    write_amount,
    write_list,
)
from bot.services.fact_rows import (
    CellReader,
    FactRow,
    TablePlan,
    WrongRow,
    column_of_field,
    read_good,
    without_doubles,
)
from bot.services.importing import RowError

_FIELDS: Final[Mapping[str, str]] = MappingProxyType(
    {"id": "product", "price": "list_price", "variants.price": "price", "restock": "restock_date"}
)
_PLACEHOLDER: Final = "?"
"""Stands for the title in a row that says none: its product may have one already."""
_NO_SKU: Final = (
    "本店没有这个 SKU：先在商品表里加上。 this shop has no such sku; add it in the table of products first"
)


@dataclass(frozen=True, slots=True)
class _Reading:
    """A row as read: which product and sku it is about, and what it says of them."""

    product: str
    sku: str
    said: Product
    options: Mapping[str, str]


def cells_of_product(product: Product) -> list[dict[str, str]]:
    """Return the product as rows of the table: one for each variant, one without sku for a product that has none."""
    shared = {
        "product": product.id, "title": product.title, "title_en": product.title_en,
        "aliases": write_list(product.aliases), "category": product.category, "item_id": product.item_id,
        "url": product.url, "list_price": write_amount(product.price), **product.attributes,
    }  # fmt: skip
    return [{**shared, **cells_of_variant(variant)} for variant in product.variants] or [
        {**shared, "sku": ""}
    ]


def cells_of_variant(variant: Variant) -> dict[str, str]:
    """Return what the variant's row says of it."""
    named = {name: value for name, value in variant.options.items() if name in OPTIONS}
    others = tuple(f"{name}:{value}" for name, value in variant.options.items() if name not in OPTIONS)
    return {
        "sku": variant.sku, **named, "options": write_list(others),
        "stock": "" if variant.stock is None else str(variant.stock),
        "restock_date": variant.restock_date.isoformat() if variant.restock_date else "",
        "price": write_amount(variant.price),
    }  # fmt: skip


def plan_products(
    known: ShopFacts, rows: Sequence[FactRow], loading: Loading, *, replace_all: bool
) -> TablePlan[Product]:
    """Return what a table of products changes; with `replace_all` products and variants it does not name go."""
    plan: TablePlan[Product] = TablePlan()
    reader = _RowReader(known, loading)
    read = read_good(rows, reader.read, plan.errors)
    read = without_doubles(read, lambda each: [f"{each.product}/{each.sku}"], "sku", plan.errors)
    groups: dict[str, list[tuple[FactRow, _Reading]]] = {}
    for row, reading in _with_own_skus(read, known, plan.errors, moves=replace_all):
        groups.setdefault(reading.product, []).append((row, reading))
    for product, whole in groups.items():
        former = known.products.get(product)
        group = _without_contradictions(whole, plan.errors)
        merged = _merge(former, group, loading, plan.errors, replace_all=replace_all)
        if merged is None:
            continue
        plan.items[product] = merged
        _judge(plan, former, merged, group)
    if replace_all:
        plan.removed = tuple(sorted(known.products.keys() - plan.items.keys()))
    return plan


class _RowReader:
    def __init__(self, known: ShopFacts, loading: Loading) -> None:
        self._products = known.products
        self._loading = loading
        self._by_sku = {v.sku: product.id for product in known.products.values() for v in product.variants}
        self._by_item = {p.item_id: p.id for p in known.products.values() if p.item_id}
        self._by_title = {p.title: p.id for p in known.products.values()}

    def read(self, row: FactRow) -> _Reading:
        """Return the row as read. Raises WrongRow."""
        cells = CellReader(row, self._loading)
        options = {name: row.cells[name] for name in OPTIONS if name in row.cells}
        for name, value in cells.read("options", read_options, dict[str, str]()).items():
            column = column_named("products", name)
            options[column if column in OPTIONS else name] = value
        variant = {
            "sku": row.cells.get("sku", ""), "options": {n: v for n, v in options.items() if v},
            "stock": cells.read("stock", read_pieces, None),
            "restock": cells.read_at("restock_date", read_day, None), "price": cells.read("price", read_money, None),
        }  # fmt: skip
        data: dict[str, Any] = {
            "id": self._product_of(row), "title": row.cells.get("title") or _PLACEHOLDER,
            **{name: row.cells[name] for name in ("title_en", "category", "item_id", "url") if name in row.cells},
            "aliases": cells.read("aliases", read_list, list[str]()), "price": cells.read("list_price", read_money, None),
            "attributes": {name: row.cells[name] for name in ATTRIBUTES if row.cells.get(name)},
            "variants": [variant] if variant["sku"] else [],
        }  # fmt: skip
        try:
            said = ProductDocument.model_validate(data).to_product(self._loading)
        except ValidationError as error:
            cells.wrong += [(_column(each.field), each.message) for each in field_errors(error)]
        if cells.wrong:
            raise WrongRow(*cells.wrong)
        return _Reading(said.id, str(variant["sku"]), said, options)

    def _product_of(self, row: FactRow) -> str:
        """Return which product the row is about: as it says, else as its sku, item id or title does."""
        named = row.cells.get("product", "")
        if named:
            return named if named in self._products else named.lower()
        item = row.cells.get("item_id", "")
        found = (
            self._by_sku.get(row.cells.get("sku", ""))
            or self._by_item.get(item)
            or self._by_title.get(row.cells.get("title", ""))
        )
        if found is None and not item:
            message = "是哪个商品？写商品编号。 which product is it? write its id"
            raise WrongRow(("product", message))
        return found or f"item-{item}"


def _column(path: str) -> str:
    parts = path.split(".")
    if parts[0].startswith("variants[") and parts[-1] == "price":
        return "price"
    return parts[-1] if parts[-1] in OPTIONS else column_of_field(path, _FIELDS)


def _with_own_skus(
    read: Iterable[tuple[FactRow, _Reading]], known: ShopFacts, errors: list[RowError], *, moves: bool
) -> list[tuple[FactRow, _Reading]]:
    """Return the rows whose sku is theirs: no other product of the table or, unless all `moves`, of the shop has it."""
    owners = (
        {} if moves else {v.sku: product.id for product in known.products.values() for v in product.variants}
    )
    own: list[tuple[FactRow, _Reading]] = []
    for row, reading in read:
        owner = owners.setdefault(reading.sku, reading.product) if reading.sku else reading.product
        if owner == reading.product:
            own.append((row, reading))
        else:
            message = f"「{reading.sku}」是商品 {owner} 的。 {reading.sku} belongs to the product {owner}"
            errors.append(RowError(row.number, "sku", message))
    return own


def _merge(
    former: Product | None,
    group: Sequence[tuple[FactRow, _Reading]],
    loading: Loading,
    errors: list[RowError],
    *,
    replace_all: bool,
) -> Product | None:
    """Return the product with what its rows say; None when that leaves it without a title."""
    said = _said_of_product(group)
    product = former or replace(group[0][1].said, title="", variants=())
    product = _with_columns(product, said)
    if not product.title:
        message = "新商品要有标题。 a new product needs a title"
        errors.extend(RowError(row.number, "title", message) for row, _ in group)
        return None
    variants = {} if replace_all else {variant.sku: variant for variant in product.variants}
    held = {variant.sku: variant for variant in former.variants} if former else {}
    for row, reading in group:
        if reading.sku:
            variants[reading.sku] = _variant(held.get(reading.sku), row, reading, product, loading)
    prices_anew = former is None or "list_price" in said
    stamped = {
        sku: variant if variant.stock_as_of else replace(variant, stock_as_of=product.stock_as_of)
        for sku, variant in variants.items()
    } if prices_anew and former else variants  # fmt: skip
    return replace(
        product, variants=tuple(stamped.values()), source=loading.source, as_of=loading.now,
        stock_as_of=loading.now if prices_anew else product.stock_as_of,
    )  # fmt: skip


def _without_contradictions(
    group: Sequence[tuple[FactRow, _Reading]], errors: list[RowError]
) -> list[tuple[FactRow, _Reading]]:
    """Return the rows that say the same of the product as those before them; an empty cell says nothing against it."""
    cells: dict[str, tuple[int, str]] = {}
    agreed: list[tuple[FactRow, _Reading]] = []
    for row, reading in group:
        given = {column: cell for column in OF_PRODUCT if (cell := row.cells.get(column))}
        wrong = [c for c, cell in given.items() if cells.setdefault(c, (row.number, cell))[1] != cell]
        for column in wrong:
            message = (
                f"与第 {cells[column][0]} 行不同：同一商品只能有一个。 differs from row {cells[column][0]}"
            )
            errors.append(RowError(row.number, column, message))
        if not wrong:
            agreed.append((row, reading))
    return agreed


def _said_of_product(group: Sequence[tuple[FactRow, _Reading]]) -> dict[str, Product]:
    """Return by column the reading that says something of the product: one that says something before empty cells."""
    said: dict[str, Product] = {}
    for filled in (True, False):
        for row, reading in group:
            for column in OF_PRODUCT:
                if column in row.cells and bool(row.cells[column]) == filled:
                    said.setdefault(column, reading.said)
    return said


def _with_columns(product: Product, said: Mapping[str, Product]) -> Product:
    changes: dict[str, Any] = {}
    attributes = dict(product.attributes)
    for column, reading in said.items():
        if column in ATTRIBUTES:
            attributes.pop(column, None)
            if column in reading.attributes:
                attributes[column] = reading.attributes[column]
        elif column == "list_price":
            changes["price"] = reading.price
        elif column != "title" or reading.title != _PLACEHOLDER:
            changes[column] = getattr(reading, column)
    return replace(product, **changes, attributes=attributes)


def _variant(
    held: Variant | None, row: FactRow, reading: _Reading, product: Product, loading: Loading
) -> Variant:
    [said] = reading.said.variants
    if held is None:
        return replace(said, stock_as_of=loading.now)
    options = {name: value for name, value in held.options.items() if reading.options.get(name, value)}
    if "options" in row.cells:
        options = {name: value for name, value in options.items() if name in OPTIONS or name in said.options}
    options |= said.options
    changes = {column: getattr(said, column) for column in OF_STOCK if column in row.cells}
    learned = loading.now if changes else product.learned_at(held)
    return replace(held, options=options, stock_as_of=learned, **changes)


def _judge(
    plan: TablePlan[Product],
    former: Product | None,
    merged: Product,
    group: Sequence[tuple[FactRow, _Reading]],
) -> None:
    before = {row["sku"]: _filled(row) for row in cells_of_product(former)} if former else {}
    after = {row["sku"]: _filled(row) for row in cells_of_product(merged)}
    labels = {variant.sku: variant.label for variant in merged.variants}
    for row, reading in group:
        title = f"{merged.title} {labels.get(reading.sku, '')}".strip()
        key = f"{merged.id}/{reading.sku}"
        now = after.get(reading.sku) or next(iter(after.values()))
        old = before.get(reading.sku) or (next(iter(before.values()), None) if not reading.sku else None)
        plan.judge(row, key, title, old, now)


def _filled(row: Mapping[str, str]) -> dict[str, str]:
    return {column: cell for column, cell in row.items() if cell}


def plan_stock(
    known: ShopFacts, rows: Sequence[FactRow], loading: Loading, *, replace_all: bool
) -> TablePlan[Product]:
    """Return what a table of stock changes; with `replace_all` the stock of variants it does not name is unknown."""
    plan: TablePlan[Product] = TablePlan()
    owners = {v.sku: product.id for product in known.products.values() for v in product.variants}

    def read(row: FactRow) -> Variant:
        cells = CellReader(row, loading)
        sku = row.cells.get("sku", "")
        said = Variant(
            sku, {}, cells.read("stock", read_pieces, None), cells.read_at("restock_date", read_day, None),
            cells.read("price", read_money, None), loading.now,
        )  # fmt: skip
        if sku not in owners:
            cells.wrong.append(("sku", _NO_SKU))
        if cells.wrong:
            raise WrongRow(*cells.wrong)
        return said

    good = without_doubles(read_good(rows, read, plan.errors), lambda each: [each.sku], "sku", plan.errors)
    said = {variant.sku: (row, variant) for row, variant in good}
    touched = {owners[sku] for sku in (owners if replace_all else said)}
    for product in (each for each in known.products.values() if each.id in touched):
        variants = []
        for variant in product.variants:
            if variant.sku in said:
                row, news = said[variant.sku]
                changes = {column: getattr(news, column) for column in OF_STOCK if column in row.cells}
                after = replace(variant, stock_as_of=loading.now, **changes)
                title = f"{product.title} {variant.label}".strip()
                plan.judge(row, variant.sku, title, cells_of_variant(variant), cells_of_variant(after))
            elif replace_all:
                after = replace(variant, stock=None, restock_date=None, stock_as_of=loading.now)
            else:
                after = variant
            variants.append(after)
        plan.items[product.id] = replace(product, variants=tuple(variants), source=loading.source)
    return plan
