"""Tables of shipping rules, shop-wide facts and orders: what their rows change in a shop."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from types import MappingProxyType
from typing import Any, Final

from pydantic import ValidationError

from bot.domain.facts import Fact, Order, ShippingRule
from bot.domain.variables import VARIABLE_BY_NAME
from bot.ports import ShopFacts
from bot.services.document_fields import field_errors
from bot.services.documents import Loading, OrderDocument, ShippingDocument, to_facts
from bot.services.fact_cells import (
    NOT_SHIPPED_TO,
    read_day,
    read_fee,
    read_last_digits,
    read_list,
    read_moment,
    read_money,
    read_regions,
    read_status,
    write_amount,
    write_list,
    write_regions,
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

_LONGEST_FACT: Final = 500
_MOST_RULES: Final = 500
"""Shipping rules that a shop has: all of them are gone through for every message that is answered."""
_ORDER_TEXTS: Final = ("buyer_id", "courier", "tracking_no", "tracking_status")
_ORDER_TIMES: Final = ("paid_at", "promised_ship_by", "shipped_at")
_OF_RULE: Final = ("courier", "fee", "free_from", "days", "note")
_NAMES: Final[Mapping[str, str]] = MappingProxyType({})


def _wrong(error: ValidationError) -> list[tuple[str, str]]:
    return [(column_of_field(each.field, _NAMES), each.message) for each in field_errors(error)]


def rule_key(rule: ShippingRule) -> str:
    """Return what a shipping rule is known by: its regions."""
    return write_regions(rule.regions)


def cells_of_rule(rule: ShippingRule) -> dict[str, str]:
    """Return the rule's row."""
    return {
        "regions": write_regions(rule.regions), "courier": rule.courier,
        "fee": NOT_SHIPPED_TO if rule.fee is None else write_amount(rule.fee),
        "free_from": write_amount(rule.free_from), "days": rule.days, "note": rule.note,
    }  # fmt: skip


def _rule_in(row: FactRow, former: Mapping[str, ShippingRule], loading: Loading) -> ShippingRule:
    """Return the rule that a row states; what it leaves out stays as its regions had it. Raises WrongRow."""
    cells = CellReader(row, loading)
    regions = read_regions(row.cells.get("regions", ""))
    held = former.get(write_regions(tuple(regions)))
    if held is None and "fee" not in row.cells:
        cells.wrong.append(("fee", f"缺少运费。 the fee is missing; {NOT_SHIPPED_TO} where nothing is sent"))
    if not regions:
        cells.wrong.append(("regions", "写地区，其他地区写 *。 write the regions, * for all others"))
    data: dict[str, Any] = {
        "regions": regions or ["?"], "fee": cells.read("fee", read_fee, None),
        "free_from": cells.read("free_from", read_money, None),
        **{name: row.cells[name] for name in ("courier", "days", "note") if name in row.cells},
    }  # fmt: skip
    try:
        said = ShippingDocument.model_validate(data).to_rule(loading)
    except ValidationError as error:
        raise WrongRow(*cells.wrong, *_wrong(error)) from None
    if cells.wrong:
        raise WrongRow(*cells.wrong)
    given = {name: getattr(said, name) for name in _OF_RULE if name in row.cells}
    return replace(held, source=said.source, as_of=said.as_of, **given) if held else said


def plan_shipping(
    known: ShopFacts, rows: Sequence[FactRow], loading: Loading, *, replace_all: bool
) -> TablePlan[ShippingRule]:
    """Return all rules as they will be; a region named anew leaves the rule that it stood under."""
    plan: TablePlan[ShippingRule] = TablePlan()
    former = {rule_key(rule): rule for rule in known.shipping}

    good = without_doubles(
        read_good(rows, lambda row: _rule_in(row, former, loading), plan.errors),
        lambda rule: rule.regions, "regions", plan.errors,
    )  # fmt: skip
    taken = {region for _, rule in good for region in rule.regions}
    named = {rule_key(rule) for _, rule in good}
    for key, rule in ({} if replace_all else former).items():
        rest = tuple(region for region in rule.regions if region not in taken)
        if key in named:
            plan.items[key] = rule  # holds its place
        elif rest:
            kept = replace(rule, regions=rest)
            plan.items[rule_key(kept)] = kept
    for row, rule in good:
        key = rule_key(rule)
        plan.items[key] = rule
        before = cells_of_rule(former[key]) if key in former else None
        plan.judge(row, key, key, before, cells_of_rule(rule))
    plan.removed = tuple(key for key in former if key not in plan.items)
    if len(plan.items) > _MOST_RULES:
        message = f"共 {len(plan.items)} 行，最多 {_MOST_RULES} 行；把运费相同的地区写在一行。 at most {_MOST_RULES} rules"
        plan.errors.append(RowError(rows[-1].number if rows else 0, "regions", message))
        plan.incoherent = True
    if plan.items and not any("*" in rule.regions for rule in plan.items.values()):
        message = "还缺一行「其他地区 *」。 a rule for all other regions (*) must be there"
        plan.errors.append(RowError(rows[-1].number if rows else 0, "regions", message))
        plan.incoherent = True
    return plan


def cells_of_fact(fact: Fact) -> dict[str, str]:
    """Return the fact's row, under its Chinese name."""
    return {"name": VARIABLE_BY_NAME[fact.name].zh, "value": fact.value}


def plan_facts(
    known: ShopFacts, rows: Sequence[FactRow], loading: Loading, *, replace_all: bool
) -> TablePlan[Fact]:
    """Return what a table of shop-wide facts changes; with `replace_all` those it does not name go."""
    plan: TablePlan[Fact] = TablePlan()

    def read(row: FactRow) -> Fact:
        value = row.cells.get("value", "")
        wrong: list[tuple[str, str]] = []
        if not value:
            wrong.append(
                ("value", "是空的：写内容，或删掉这一行。 is empty; write what holds, or delete the row")
            )
        if len(value) > _LONGEST_FACT:
            wrong.append(
                ("value", f"有 {len(value)} 个字，最多 {_LONGEST_FACT}。 at most {_LONGEST_FACT} characters")
            )
        try:
            [fact] = to_facts({row.cells.get("name", ""): value}, loading)
        except ValueError:
            message = "不是店铺变量，见模板说明。 is no shop-wide variable; docs/templates.md lists them"
            raise WrongRow(("name", message), *wrong) from None
        if wrong:
            raise WrongRow(*wrong)
        held = known.facts.get(fact.name)
        return replace(fact, ttl=held.ttl) if held else fact

    good = without_doubles(read_good(rows, read, plan.errors), lambda fact: [fact.name], "name", plan.errors)
    for row, fact in good:
        plan.items[fact.name] = fact
        held = known.facts.get(fact.name)
        title = VARIABLE_BY_NAME[fact.name].zh
        plan.judge(row, fact.name, title, cells_of_fact(held) if held else None, cells_of_fact(fact))
    if replace_all:
        plan.removed = tuple(sorted(known.facts.keys() - plan.items.keys()))
    return plan


def cells_of_order(order: Order) -> dict[str, str]:
    """Return the order's row; times with their offset."""
    times = {name: getattr(order, name) for name in _ORDER_TIMES}
    return {
        "order_no": order.order_no, "status": order.status, "items": write_list(order.items),
        "amount": write_amount(order.amount),
        **{name: time.isoformat(timespec="seconds") if time else "" for name, time in times.items()},
        "eta": order.eta.isoformat() if order.eta else "", "phone_last4": order.phone_last4,
        **{name: getattr(order, name) for name in _ORDER_TEXTS},
    }  # fmt: skip


def plan_orders(
    known: Mapping[str, Order], rows: Sequence[FactRow], loading: Loading, gone: Sequence[str]
) -> TablePlan[Order]:
    """Return what a table of orders changes. `known` are those of its numbers; `gone` all that replacing takes away."""
    plan: TablePlan[Order] = TablePlan()

    def read(row: FactRow) -> Order:
        cells = CellReader(row, loading)
        number = row.cells.get("order_no", "")
        held = known.get(number)
        status = cells.read("status", read_status, held.status if held else "")
        if not status and not cells.wrong:
            cells.wrong.append(("status", "新订单要有状态。 a new order needs a status"))
        data: dict[str, Any] = {
            "order_no": number, "status": status or "paid", "items": cells.read("items", read_list, list[str]()),
            "amount": cells.read("amount", read_money, None), "eta": cells.read_at("eta", read_day, None),
            "phone_last4": cells.read("phone_last4", read_last_digits, ""),
            **{name: cells.read_at(name, read_moment, None) for name in _ORDER_TIMES},
            **{name: row.cells[name] for name in _ORDER_TEXTS if name in row.cells},
        }  # fmt: skip
        try:
            said = OrderDocument.model_validate(data).to_order(loading)
        except ValidationError as error:
            raise WrongRow(*cells.wrong, *_wrong(error)) from None
        if cells.wrong:
            raise WrongRow(*cells.wrong)
        if held is None:
            return said
        given = {name: getattr(said, name) for name in row.cells}
        return replace(held, source=said.source, as_of=said.as_of, **given)

    good = without_doubles(
        read_good(rows, read, plan.errors), lambda order: [order.order_no], "order_no", plan.errors
    )
    for row, order in good:
        plan.items[order.order_no] = order
        held = known.get(order.order_no)
        title = "、".join(order.items)
        before = cells_of_order(held) if held else None
        plan.judge(row, order.order_no, title, before, cells_of_order(order))
    plan.removed = tuple(sorted(set(gone) - plan.items.keys()))
    return plan


def order_numbers(rows: Sequence[FactRow]) -> list[str]:
    """Return the numbers of the orders that the rows are about."""
    return [number for row in rows if (number := row.cells.get("order_no", ""))]
