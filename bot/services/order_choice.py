"""Which of a buyer's orders a question means: what he names, how far they are, what he was just told of."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Final

from bot.domain.facts import SETTLED, Order
from bot.domain.parcel_words import COMES, LEFT, MISSED, WHERE
from bot.services.order_news import OrderNews
from bot.services.talk_reading import TalkScene

_WORD: Final = re.compile(r"[a-z]{3,}|(?=([\u4e00-\u9fff]{2}))", re.IGNORECASE)
RELEVANT: Final[Mapping[str, tuple[tuple[str, ...], ...]]] = {
    "ship_when": (("paid",),),
    "ship_duration": (("shipped",),),
    "ship_courier": (("shipped",),),
    "logistics_track": (("shipped",), ("paid",), ("unpaid", "refunding")),
    "logistics_urge": (("paid", "shipped"),),
    "logistics_not_received": (("shipped", "delivered"),),
}
"""What states of orders a question is about: those named first, if there is any such order."""
_ALL: Final = re.compile(r"都|全部|两个?(?:单|订单|都)|每[个单]|\b(?:both|all)\b", re.IGNORECASE)
_NEWEST: Final = re.compile(
    r"最[近新后]|刚(?:刚|才)?(?:买|拍|下)|新(?:买|拍)|\b(?:latest|newest|last one|recent)\b", re.IGNORECASE
)
_OLDEST: Final = re.compile(
    r"最[早先]|先(?:买|拍|下)|头一|之前那|\b(?:oldest|earlier|first one)\b", re.IGNORECASE
)
_UNSENT: Final = re.compile(
    r"(?:没|未|还没|不)(?:有)?(?:发|寄|出|动)|待发|\bnot (?:yet )?(?:sent|shipped)\b", re.IGNORECASE
)
_SENT: Final = re.compile(
    r"路上|(?:已经?|都)?(?:发|寄)(?:了|出)的?|\b(?:on its way|shipped|sent) one\b", re.IGNORECASE
)
_ASKED: Final[Mapping[str, tuple[tuple[str, ...], ...]]] = {
    LEFT: (("paid",), ("shipped",), ("unpaid",), ("delivered",), ("refunding",)),
    COMES: (("shipped",), ("paid",), ("unpaid",), ("delivered",), ("refunding",)),
    WHERE: (("shipped",), ("paid",), ("delivered",), ("unpaid",), ("refunding",)),
    MISSED: (("delivered",), ("shipped",), ("paid",)),
}
_SIGNED: Final = re.compile(r"签收|显示|代收|柜|驿站|门卫|delivered|signed", re.IGNORECASE)


def ordered(scene: TalkScene, orders: Sequence[Order]) -> tuple[bool, list[Order]]:
    """Return whether the text names anything that the shop has, and the orders that hold it."""
    catalogue = scene.live.catalogue
    named = set(catalogue.find(scene.text, scene.message.item_ids).products)
    held = [
        each
        for each in orders
        if named & {found for item in each.items for found in catalogue.find(item).products}
    ]
    return bool(named), held


def wants_all(text: str) -> bool:
    """Whether all of the orders are meant that were named to him."""
    return bool(_ALL.search(text))


def asked_of(orders: Sequence[Order], asked: str) -> list[Order]:
    """Return the orders that the words `asked` may be about, see parcel_words.asks_of_parcel: of those the ones that are as
    far as the first, since a question about what is on its way means none that lies here still.
    """
    meant = [each for states in _ASKED[asked] for each in orders if each.status in states]
    return [each for each in meant if each.status == meant[0].status]


def open_or_newest(orders: Sequence[Order]) -> list[Order]:
    """Return the orders that are not settled; the newest where all are."""
    return [each for each in orders if each.status not in SETTLED] or list(orders[:1])


def so_far(scene: TalkScene, orders: Sequence[Order]) -> list[Order]:
    """Return the orders that the buyer tells by how far they are, or by which was made first or last."""
    if _NEWEST.search(scene.text):
        return [max(orders, key=age_of)] if orders else []
    if _OLDEST.search(scene.text):
        return [min(orders, key=age_of)] if orders else []
    states = ("paid",) if _UNSENT.search(scene.text) else ("shipped",) if _SENT.search(scene.text) else ()
    return [each for each in orders if each.status in states]


def just_told(scene: TalkScene, orders: Sequence[Order]) -> list[Order]:
    """Return the order that the last answer was about."""
    last = scene.past[-1] if scene.past else None
    if last is None or last.role == "buyer":
        return []
    told = [each for each in orders if _tells(last.message.original, each)]
    return told if len(told) == 1 else []


def naming(text: str, orders: Sequence[Order]) -> list[Order]:
    """Return the orders whose items are spoken of, those that most of the words fit."""
    words = {match[1] or match[0] for match in _WORD.finditer(text.lower())}
    scored = [(sum(word in " ".join(each.items).lower() for word in words), each) for each in orders]
    best = max((score for score, _ in scored), default=0)
    return [each for score, each in scored if score == best > 0]


def relevant(orders: Sequence[Order], intent: str, text: str) -> list[Order]:
    """Return the orders that a question of that intent can be about."""
    says_signed = intent == "logistics_not_received" and _SIGNED.search(text)
    for states in (("delivered",), *RELEVANT[intent]) if says_signed else RELEVANT[intent]:
        if found := [each for each in orders if each.status in states]:
            return found
    return []


def one_of(scene: TalkScene, orders: Sequence[Order], news: OrderNews) -> Order | None:
    """Return the order that is meant: the only one, the one named, the one that is late, or the one spoken of before."""
    late = [each for each in orders if news.is_late(each)]
    for found in (naming(scene.text, orders), orders, late):
        if len(found) == 1:
            return found[0]
    for turn in reversed(scene.past):
        told = [each for each in orders if turn.role != "buyer" and _tells(turn.message.original, each)]
        if told:
            return told[0] if len(told) == 1 else None
    return None


def _tells(text: str, order: Order) -> bool:
    return any(each and each in text for each in (order.order_no, order.tracking_no, order.tracking_status))


def age_of(order: Order) -> datetime:
    return order.paid_at or order.as_of
