"""What an owner is warned of while an entry is written."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, time, timedelta
from decimal import Decimal
from typing import Any

from bot.domain.entry import Entry, Scope, Validity, WeeklyHours
from bot.domain.entry_warnings import EntryWarning, contradictions, read_entry, taken_words, without_facts
from bot.domain.facts import Fact, Product, ShippingRule, Variant

NOW = datetime(2026, 3, 5, tzinfo=UTC)


def entry(name: str = "mine", reply: str = "48小时内发货", **fields: Any) -> Entry:
    return Entry(name, "shipping", fields.pop("question", "什么时候发货"), reply, **fields)


def product(name: str, **fields: Any) -> Product:
    return Product(name, name, fields.pop("variants", ()), "表", NOW, NOW, **fields)


def meeting(one: Entry, other: Entry, **facts: str) -> list[EntryWarning]:
    known = {name: Fact(name, value, "shipping", "表", NOW) for name, value in facts.items()}
    products = {"cup": product("cup", category="杯子"), "tea": product("tea", category="茶")}
    return list(contradictions(one, [read_entry(other, known)], known, products))


def test_two_dispatch_times_contradict() -> None:
    [found] = meeting(entry(), entry("other", "亲，24小时内发出哦", question="多久发"))
    assert (found.kind, found.variable, found.text, found.there) == (
        "contradiction", "dispatch_time", "48小时内发货", "24小时内发出哦",
    )  # fmt: skip
    assert found.other is not None
    assert found.other.id == "other"


def test_the_same_time_in_other_words_does_not_contradict() -> None:
    assert meeting(entry(), entry("other", "两天内发货")) == []


def test_a_variable_counts_as_the_fact_it_is_filled_with() -> None:
    other = entry("other", "{发货时限}发货")
    assert meeting(entry(), other, dispatch_time="48小时内") == []
    found = meeting(entry(), other, dispatch_time="24小时内")
    assert [(each.other.id if each.other else "", each.there) for each in found] == [
        ("", "24小时内"), ("other", "24小时内发货"),
    ]  # fmt: skip


def test_entries_for_other_products_or_other_times_do_not_contradict() -> None:
    other = entry("other", "24小时内发货")
    cups = replace(entry(), scope=Scope(products=("cup",)))
    assert meeting(cups, replace(other, scope=Scope(categories=("茶",)))) == []
    assert len(meeting(cups, replace(other, scope=Scope(categories=("杯子",))))) == 1
    past = replace(other, validity=Validity(until=NOW))
    assert meeting(replace(entry(), validity=Validity(since=NOW + timedelta(days=1))), past) == []
    night = Validity(weekly=tuple(WeeklyHours(day, time(23), time(7)) for day in range(7)))
    noon = Validity(weekly=(WeeklyHours(2, time(11), time(13)),))
    assert meeting(replace(entry(), validity=night), replace(other, validity=noon)) == []


def test_a_phrasing_of_another_entry_is_told_whatever_its_punctuation() -> None:
    mine = entry(question="发货要多久？", phrasings=("几天发", "在吗"))
    other = entry("other", "别的回复在这里了", question="发货要多久", phrasings=("几天发！",))
    found = {(each.kind, each.field) for each in taken_words(mine, [read_entry(other, {})])}
    assert found == {("taken", "question"), ("taken", "phrasings[0]")}


def test_a_reply_that_another_entry_gives_is_told_unless_it_is_short() -> None:
    long, short = "亲，付款后我们尽快安排", "在的亲"
    for reply, kinds in ((f"{long}。", ["same_reply"]), (short, [])):
        other = read_entry(entry("o", reply.rstrip("。"), question="二"), {})
        assert [each.kind for each in taken_words(entry(reply=reply, question="一"), [other])] == kinds


def test_a_variable_without_a_fact_is_told_and_one_with_a_fallback_is_not() -> None:
    mine = entry(reply="送{赠品}，{优惠券|没有券}", cases={"free": "{快递}包邮"}, fallback="{订单号}")
    found = list(without_facts(mine, {}, (), {}, has_orders=False))
    assert [(each.field, each.variable) for each in found] == [
        ("reply", "gift"), ("cases.free", "courier"), ("fallback", "order_no"),
    ]  # fmt: skip
    gift = {"gift": Fact("gift", "杯垫", "promotion", "表", NOW)}
    rule = ShippingRule(("*",), "中通快递", Decimal(6), None, "", "表", NOW, "")
    assert list(without_facts(mine, gift, (rule,), {}, has_orders=True)) == []


def test_it_is_told_how_many_of_the_products_meant_have_the_fact() -> None:
    products = {
        "cup": product("cup", attributes={"material": "陶瓷"}, category="杯子"),
        "mug": product("mug", category="杯子"),
        "tea": product("tea", variants=(Variant("t", {}, 3),)),
    }
    [found] = without_facts(entry(reply="{材质}"), {}, (), products, has_orders=True)
    assert (found.have, found.of) == (1, 3)
    cups = entry(reply="{材质}还有{库存}", scope=Scope(categories=("杯子",)))
    some = [
        (each.variable, each.have, each.of) for each in without_facts(cups, {}, (), products, has_orders=True)
    ]
    assert some == [("material", 1, 2), ("stock", 0, 1)]
