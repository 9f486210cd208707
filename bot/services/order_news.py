"""What is said about an order that the buyer may hear of, and when a person has to go on: late, lost, refunded, closed, unknown."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Final

from bot.domain.auto_reply import Reason
from bot.domain.facts import Order
from bot.domain.intents import INTENT_GROUP
from bot.domain.resolving import FactResolver, Subject
from bot.domain.suggestion import FactUsed
from bot.services.filling import facts_used
from bot.services.talk_reading import TalkScene
from bot.services.told import Answer, Told, own_words

TAIL: Final = 4
_USUAL: Final = timedelta(days=2)
"""Who paid longer ago and was promised no time is not told how soon the shop usually sends."""
_WHO: Final = re.compile(r"谁.{0,3}(?:收|签|拿|领)|\bwho (?:signed|took|got)\b", re.IGNORECASE)
_MISSED: Final = re.compile(
    r"没(?:有)?[收拿见看取]|没到|找不到|不见|丢|not (?:received|arrived|got)|n[o']t (?:receive|get|have)",
    re.IGNORECASE,
)
_TRACKED: Final = "logistics_track"
"""The shop's own words about a parcel are those of this intent: what it says to those who urge it, no software has done."""


class OrderNews:
    """Says what is known of orders in one scene. It does not judge who may hear it."""

    def __init__(self, scene: TalkScene, language: str) -> None:
        self._scene = scene
        self._language = language

    def tell(self, order: Order, intent: str) -> Answer:
        """Return what is to be said about the order to a question of that intent."""
        if self._facts(order)[0].stale:
            return self._for_person(
                order, Reason.STALE_FACTS, "订单数据过期，请核实", "its data is too old", late=True
            )
        if self.is_late(order):
            return self._late(order, intent)
        if self._misses(order, intent):
            said = self._say(order, intent, "utter_order_signed", "tracking_status")
            found = self._for_person(
                order, Reason.NEEDS_PERSON, "显示已签收，买家说没收到", "signed for, not received"
            )
            return Answer((said,), found.person, True, found.open)
        if order.status in ("refunding", "closed"):
            said = self._say(order, intent, f"utter_order_{order.status}")
            found = self._for_person(order, Reason.NEEDS_PERSON, *_ENDED[order.status])
            return Answer((said,), found.person, open=found.open)
        return self._on_its_way(order, intent)

    def _misses(self, order: Order, intent: str) -> bool:
        """Whether the buyer misses a parcel that was signed for; who only asks by whom is told."""
        asks_who = _WHO.search(self._scene.text) and not _MISSED.search(self._scene.text)
        return intent == "logistics_not_received" and order.status == "delivered" and not asks_who

    def is_late(self, order: Order) -> bool:
        """Whether the shop's promise is broken: not sent by then, or not there by the day it should be."""
        now = self._scene.now
        if order.status == "paid":
            return order.promised_ship_by is not None and order.promised_ship_by < now
        return order.status == "shipped" and order.eta is not None and order.eta < now.date()

    def which(self, orders: Sequence[Order], intent: str, *, is_again: bool) -> Told:
        """Ask which of the buyer's orders is meant."""
        lines = "\n".join(f"{place}. {self._line(order)}" for place, order in enumerate(orders, 1))
        facts = tuple(fact for order in orders for fact in self._facts(order, "order_status"))
        name = "utter_order_which_again" if is_again else "utter_order_which"
        return Told(INTENT_GROUP[intent], name, {"lines": lines}, facts=facts)

    def _on_its_way(self, order: Order, intent: str) -> Answer:
        if order.status == "paid" and order.promised_ship_by is None and not self._sends_soon(order):
            return self._for_person(
                order, Reason.NEEDS_PERSON, "没有承诺发货时间", "no promised time of dispatch"
            )
        resolver = self._resolver(order)
        own = own_words(self._scene.live, _TRACKED, resolver, "order", self._language, self._scene.now, None)
        if own is not None:
            used = {fact.name: fact for fact in facts_used(own.facts, self._scene.now)}
            facts = (*self._facts(order), *(fact for name, fact in used.items() if name != "order_no"))
            if not any(fact.stale for fact in facts):
                return Answer((Told(INTENT_GROUP[intent], text=own.text, facts=facts),))
        if order.status == "unpaid":
            return Answer((self._say(order, intent, "utter_order_unpaid"),))
        if order.status == "delivered":
            name = "utter_order_delivered_where" if order.tracking_status else "utter_order_delivered"
            return Answer((self._say(order, intent, name, "tracking_status"),))
        if order.status == "paid":
            name, fact = (
                ("utter_order_paid", "ship_by")
                if order.promised_ship_by
                else ("utter_order_paid_usual", "dispatch_time")
            )
            return Answer((self._say(order, intent, name, fact),))
        return Answer(tuple(self._shipped(order, intent)))

    def _shipped(self, order: Order, intent: str) -> list[Told]:
        parcel = " ".join(part for part in (order.courier, order.tracking_no) if part)
        name = "utter_order_shipped" if parcel else "utter_order_sent"
        said = [self._say(order, intent, name, "courier", "tracking_no", parcel=parcel)]
        known = [each for each in ("tracking_status", "eta") if getattr(order, each)]
        where = {("tracking_status", "eta"): "where_eta", ("tracking_status",): "where", ("eta",): "eta"}
        if known:
            said.append(self._say(order, intent, f"utter_order_{where[tuple(known)]}", *known))
        return said

    def _late(self, order: Order, intent: str) -> Answer:
        """Say what is known, and ask for a person at once: words that soothe are no answer to a broken promise."""
        if order.status == "paid":
            said = self._say(order, intent, "utter_order_late_unsent", "ship_by")
            zh, en = "已过承诺发货时间，还没发出", "was promised to be sent by now and is not"
        else:
            name = "utter_order_late_where" if order.tracking_status else "utter_order_late"
            said = self._say(order, intent, name, "courier", "tracking_no", "tracking_status", "eta")
            zh, en = "已过预计送达日，还没签收", "should have arrived and has not"
        found = self._for_person(order, Reason.LATE_ORDER, zh, en)
        return Answer((said,), found.person, True, found.open)

    def _for_person(self, order: Order, reason: Reason, zh: str, en: str, *, late: bool = False) -> Answer:
        known = [
            ("承诺发货 due", _moment(order.promised_ship_by, self._scene.now)),
            ("发出 sent", _moment(order.shipped_at, self._scene.now)),
            ("预计送达 eta", order.eta.isoformat() if order.eta else ""),
            ("快递 parcel", " ".join(part for part in (order.courier, order.tracking_no) if part)),
            ("物流 last seen", order.tracking_status),
            ("数据时间 as of", _moment(order.as_of, self._scene.now)),
        ]
        details = "；".join(f"{name} {value}" for name, value in known if value)
        head = f"订单 order {order.order_no}：{zh} {en}"
        return Answer(person=reason, urgent=late and self.is_late(order), open=(head, details))

    def _say(self, order: Order, intent: str, response: str, *names: str, **more: str) -> Told:
        resolver = self._resolver(order)
        found = {name: fact for name in names if (fact := resolver.fact_named(name)) is not None}
        values = {"tail": tail_of(order), **{name: fact.value for name, fact in found.items()}, **more}
        facts = (*self._facts(order), *facts_used(found.values(), self._scene.now))
        return Told(INTENT_GROUP[intent], response, values, facts=facts)

    def _sends_soon(self, order: Order) -> bool:
        """Whether the shop's usual time of dispatch can be said of an order that has no promise of its own."""
        fact = self._resolver(order).fact_named("dispatch_time")
        if fact is None or fact.is_stale(self._scene.now) or order.paid_at is None:
            return False
        return self._scene.now - order.paid_at <= _USUAL

    def _facts(self, order: Order, *names: str) -> tuple[FactUsed, ...]:
        """Return the order's number, and these facts of it: by the number others see whose order was spoken of."""
        resolver = self._resolver(order)
        found = (resolver.fact_named(name) for name in ("order_no", *names))
        return facts_used((fact for fact in found if fact is not None), self._scene.now)

    def _resolver(self, order: Order) -> FactResolver:
        return self._scene.resolver(Subject(order=order), self._language)

    def _line(self, order: Order) -> str:
        """Return how an order is told from the buyer's others: the end of its number, what is in it, since when."""
        english = self._language == "en"
        items = order.items[0] if order.items else ""
        if len(order.items) > 1:
            items += " and more" if english else "等"
        status = next((f.value for f in self._facts(order, "order_status") if f.name == "order_status"), "")
        ends = f"…{tail_of(order)}" if english else f"尾号{tail_of(order)}"
        return " ".join(part for part in (ends, items, f"({status})" if english else f"（{status}）") if part)


_ENDED: Final = {
    "refunding": ("退款处理中，买家在问", "being refunded, its buyer asks"),
    "closed": ("订单已关闭，买家在问", "closed, its buyer asks"),
}


def tail_of(order: Order) -> str:
    """Return the end of the order's number."""
    return order.order_no[-TAIL:]


def _moment(moment: datetime | None, now: datetime) -> str:
    return f"{moment.astimezone(now.tzinfo):%Y-%m-%d %H:%M}" if moment else ""
