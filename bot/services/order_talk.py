"""What a dialogue does about an order: whose it is, which one is meant, what is said of it, and when a person goes on."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final

from bot.domain.auto_reply import Reason
from bot.domain.demands import tells_to_act
from bot.domain.facts import Order
from bot.domain.giving_up import asks_where_it_stands, cannot_tell, gives_up, nth_of
from bot.domain.intents import INTENT_GROUP, SILENT_INTENTS
from bot.domain.parcel_words import (
    COMES,
    LEFT,
    MISSED,
    WHERE,
    asks_of_parcel,
    has_set_out,
    is_of_his,
    is_surely_of_parcel,
    wants_else,
)
from bot.domain.regions import find_place
from bot.domain.text import UnreadableMessage, asks, read_message
from bot.domain.topic_words import asks_for_parcel
from bot.ports import FactStore
from bot.services.order_choice import (
    RELEVANT,
    age_of,
    asked_of,
    just_told,
    naming,
    one_of,
    open_or_newest,
    ordered,
    relevant,
    so_far,
    wants_all,
)
from bot.services.order_news import OrderNews, tail_of
from bot.services.order_proof import OrderProofs, Proof, vouched_ids
from bot.services.talk_reading import TalkReader, TalkScene
from bot.services.told import SILENCE, Answer, Told

ABOUT_PARCELS: Final = frozenset({"logistics_track", "logistics_not_received", "logistics_urge"})
ABOUT_SENDING: Final = frozenset({"ship_when", "ship_duration", "ship_courier"})
"""What may be asked before an order is made: it is about one only where the buyer has one, or names it."""
ABOUT_ORDERS: Final = ABOUT_PARCELS | ABOUT_SENDING
MOST_ASKED: Final = 3
"""How often one thing is asked for before a person goes on."""
MOST_WRONG_AT_ONCE: Final = 4
"""Wrong tries in one dialogue before a person goes on: fewer than a buyer has in a day (order_proof.MOST_WRONG)."""
MOST_CHOICES: Final = 5
_LOOKED_UP: Final = 20
_TO_BUY: Final = re.compile(
    r"(?:今天|今晚|明天|现在|现|马上|这会儿?)?(?:拍下?|下单|购买|买|付款)(?![了的过完好掉])"
    r"|一般|通常|平时|平常|正常情况"
    r"|国庆|春节|过年|元旦|中秋|端午|五一|十一|放假|假期|节假|周[一二三四五六日末天]|礼拜|星期|\b(?:if i|order now|buy|purchase|holiday|weekend)\b",
    re.IGNORECASE,
)
"""Whoever asks like this asks for a rule of the shop, not for an order of his."""
_HIS: Final = re.compile(
    r"我(?:的|那|这|们的)|[那这]一?[单个]|订单|包裹|\bmy (?:order|parcel|package)\b", re.IGNORECASE
)
_PARTS: Final = re.compile(
    r"少[了发寄给]|漏[了发寄]|缺[了件少]|不全|赠品|说好的|只(?:有|收到|发)了?[一二两三\d]|\bmissing (?:item|part|piece)|\bonly (?:got|received)\b",
    re.IGNORECASE,
)
"""What lacks something came: the shop's entry says what is to be done then."""
_URGES: Final = re.compile(
    r"快点|快一?些|快一点|急用|着急|赶紧|加急|催|\b(?:hurry|faster|urgent)\b", re.IGNORECASE
)
_NO_BUYER: Final = re.compile(
    r"我(?:们?这?边?)?是?(?:快递员|快递公司|快递小哥|送货的|送快递的|骑手|司机|驿站的|物流公司|仓库的|供应商|厂家|平台的|做推广|做代运营)|(?:几点|今天|上门)(?:来)?(?:收件|揽件|揽收|取件)"
)
"""A courier, a supplier or somebody else who wants to talk to the shop itself."""
_DIGITS: Final = re.compile(r"(?<!\d)(\d{4})(?!\d)", re.ASCII)
_PHONE: Final = re.compile(r"(?<!\d)1[3-9]\d{5}(\d{4})(?!\d)", re.ASCII)
_NUMBER: Final = re.compile(r"(?<![A-Za-z0-9])\d{8,24}(?![A-Za-z0-9])", re.ASCII)
_LINK: Final = re.compile(r"https?://\S+", re.IGNORECASE)
_ABOUT: Final[Mapping[str, str]] = {LEFT: WHERE, COMES: WHERE, WHERE: WHERE, MISSED: MISSED}
"""As what a question that only the words show is answered: an order is told in one group's name, whatever is asked of it."""


@dataclass(frozen=True, slots=True)
class OrderState:
    """What a dialogue about an order waits for: "number", "digits" or "which" of `choices` (numbers of the buyer's orders).

    `number` is what the buyer named, `heard` how his last answer was taken: "" for a first question, "aside", "unclear" or
    "wrong".
    """

    intent: str
    asks: str
    number: str = ""
    choices: tuple[str, ...] = ()
    asked: int = 1
    heard: str = ""
    wrong: int = 0

    def as_json(self) -> dict[str, Any]:
        """Return the state as JSON values."""
        return {
            "intent": self.intent, "asks": self.asks, "number": self.number, "choices": list(self.choices),
            "asked": self.asked, "heard": self.heard, "wrong": self.wrong,
        }  # fmt: skip

    @staticmethod
    def of_json(kept: Mapping[str, Any]) -> OrderState:
        """Return the state that was kept."""
        return OrderState(
            kept["intent"], kept["asks"], kept["number"], tuple(kept["choices"]), kept["asked"], kept["heard"],
            kept["wrong"],
        )  # fmt: skip


@dataclass(frozen=True, slots=True)
class OrderStep:
    """What follows from a turn: what is said, and what is waited for (None: the dialogue is over)."""

    answer: Answer = SILENCE
    state: OrderState | None = None


class OrderTalk:
    """Speaks about orders of any shop, to those who may hear of them."""

    def __init__(self, reader: TalkReader, facts: FactStore, proofs: OrderProofs) -> None:
        self._reader = reader
        self._facts = facts
        self._proofs = proofs

    async def begin(self, shop: str, conversation: str, intent: str, text: str, language: str) -> OrderStep:
        """Return what follows from a question about an order, a parcel or when something is sent. Raises NotFound."""
        scene = await self._reader.read(shop, conversation, text)
        if _NO_BUYER.search(scene.text):
            return OrderStep(Answer(person=Reason.NEEDS_PERSON, open=(_OPEN_NO_BUYER,)))
        asked = asks_of_parcel(scene.text)
        if (asked or intent in ABOUT_PARCELS) and _PARTS.search(scene.text):
            return OrderStep()
        about = intent if intent in RELEVANT else _ABOUT.get(asked, WHERE)
        if numbers := _numbers(text, bare=bool(asked) or intent in ABOUT_PARCELS):
            if intent not in ABOUT_ORDERS and not asks_for_parcel(scene.text) and wants_else(scene.text):
                return OrderStep()
            return await self._of_number(shop, scene, OrderState(about, "digits", numbers[-1]), language)
        orders = await self._own_orders(shop, scene)
        if not orders:
            is_sure = intent in ABOUT_PARCELS or is_surely_of_parcel(scene.text)
            return await self._of_unknown(shop, scene, about, language) if is_sure else OrderStep()
        if _URGES.search(scene.text) and asks_for_parcel(scene.text):
            # Read as a question about couriers in general now and then: 「快递能快点吗」.
            return self._among(scene, orders, "logistics_urge", language)
        return self._of_words(scene, orders, intent, asked, language)

    async def _of_unknown(self, shop: str, scene: TalkScene, about: str, language: str) -> OrderStep:
        """Return what follows where no order is known to be the buyer's: its number is asked for, if he has not said it."""
        if said := [number for each in scene.said for number in _numbers(each, bare=False)]:
            return await self._of_number(shop, scene, OrderState(about, "digits", said[-1]), language)
        return await self._asking(shop, scene, OrderState(about, "number"))

    def _of_words(
        self, scene: TalkScene, orders: Sequence[Order], intent: str, asked: str, language: str
    ) -> OrderStep:
        """Return what is told of the order that the words mean; nothing where they ask for a rule of the shop.

        What he names decides: what he has ordered, or something else that there is. So does what he was told just before.
        """
        names_any, named = ordered(scene, orders)
        if names_any and not named and intent not in ABOUT_PARCELS:
            return OrderStep()
        told = [] if names_any else just_told(scene, orders)
        is_his = bool(named or told) or is_of_his(scene.text)
        is_sure = bool(asked) and (is_his or asked in (WHERE, MISSED) or has_set_out(scene.text))
        if is_sure and (meant := told or asked_of(named or orders, asked)):
            return self._one_or_which(scene, meant, _ABOUT[asked], language)
        if not _is_about_orders(intent, scene.text):
            return OrderStep()
        about = intent if intent in RELEVANT else WHERE
        return self._among(scene, named or orders, about, language)

    async def hear(
        self, shop: str, conversation: str, state: OrderState, intent: str, text: str, language: str
    ) -> OrderStep:
        """Return what follows from what the buyer said to the question of `state`. Raises NotFound."""
        scene = await self._reader.read(shop, conversation, text)
        if intent == "human_request":
            return OrderStep(Answer(person=Reason.ASKED_FOR_PERSON))
        if gives_up(scene.text):
            return OrderStep(Answer((Told(INTENT_GROUP[state.intent], "utter_order_stopped"),)))
        if tells_to_act(scene.text):
            return OrderStep(Answer(person=Reason.NEEDS_PERSON))
        if numbers := _numbers(text):
            named = replace(state, asks="digits", number=numbers[-1], heard="", asked=1)
            return await self._of_number(shop, scene, named, language)
        if state.asks == "which":
            return await self._chosen(shop, scene, state, language)
        if state.asks == "digits" and (digits := digits_in(text)):
            return await self._proven(shop, scene, state, digits, language)
        if state.asks == "number" and asks_where_it_stands(scene.text) and not state.heard:
            return _again(state, "unclear")  # asking again says where it stands
        if INTENT_GROUP.get(intent) not in (INTENT_GROUP[state.intent], "logistics", "other") and asks(
            scene.text
        ):
            # Reminded once: who asks something else again has left the question.
            return OrderStep() if state.heard == "aside" else OrderStep(state=replace(state, heard="aside"))
        if cannot_tell(scene.text):
            return OrderStep(
                _unproven("买家说不出订单号或手机尾号 the buyer cannot tell number or phone digits")
            )
        return _again(state, "unclear")

    async def question(self, shop: str, conversation: str, state: OrderState, language: str) -> Told:
        """Return the question that `state` waits for an answer to. Raises NotFound."""
        if state.asks == "which":
            scene = await self._reader.read(shop, conversation, "")
            orders = [each for each in await self._own_orders(shop, scene) if each.order_no in state.choices]
            return OrderNews(scene, language).which(orders, state.intent, is_again=state.heard == "unclear")
        ending = {"wrong": "_wrong", "unclear": "_again"}.get(state.heard, "")
        return Told(INTENT_GROUP[state.intent], f"utter_order_ask_{state.asks}{ending}")

    async def _of_number(self, shop: str, scene: TalkScene, state: OrderState, language: str) -> OrderStep:
        """Return what follows once a number was named: whether there is such an order is not told before it is proven."""
        order = await self._facts.find_order(shop, state.number)
        if order is not None and await self._proofs.sees(shop, scene.conversation, order):
            return OrderStep(OrderNews(scene, language).tell(order, state.intent))
        if digits := digits_in(scene.said[-1]):
            return await self._proven(shop, scene, state, digits, language)
        return await self._asking(shop, scene, state)

    async def _proven(
        self, shop: str, scene: TalkScene, state: OrderState, digits: str, language: str
    ) -> OrderStep:
        proof = await self._proofs.prove(shop, scene.conversation, state.number, digits)
        order = await self._facts.find_order(shop, state.number) if proof is Proof.PROVEN else None
        if order is not None:
            return OrderStep(OrderNews(scene, language).tell(order, state.intent))
        if proof is Proof.WRONG and state.wrong + 1 < MOST_WRONG_AT_ONCE:
            again = replace(state, asks="digits", asked=1, heard="wrong", wrong=state.wrong + 1)
            return OrderStep(state=again)
        return OrderStep(_unproven("订单号和手机尾号对不上 number and phone digits do not match"))

    async def _asking(self, shop: str, scene: TalkScene, state: OrderState) -> OrderStep:
        if await self._proofs.is_locked(shop, scene.conversation):
            return OrderStep(_unproven("今天核对订单的次数已用完 no try left today to prove an order"))
        return OrderStep(state=state)

    def _among(self, scene: TalkScene, orders: Sequence[Order], intent: str, language: str) -> OrderStep:
        """Return what is said of the one order that the question can mean, or ask which of them it means."""
        meant = relevant(orders, intent, scene.text)
        if not meant and intent not in ABOUT_PARCELS:
            return OrderStep()
        return self._one_or_which(scene, meant or open_or_newest(orders), intent, language)

    def _one_or_which(
        self, scene: TalkScene, meant: Sequence[Order], intent: str, language: str
    ) -> OrderStep:
        news = OrderNews(scene, language)
        if (one := one_of(scene, meant, news)) is not None:
            return OrderStep(news.tell(one, intent))
        choices = tuple(each.order_no for each in meant[:MOST_CHOICES])
        return OrderStep(state=OrderState(intent, "which", choices=choices))

    async def _chosen(self, shop: str, scene: TalkScene, state: OrderState, language: str) -> OrderStep:
        orders = {each.order_no: each for each in await self._own_orders(shop, scene)}
        offered = [orders[number] for number in state.choices if number in orders]
        picked = [each for each in offered if tail_of(each) in digits_of_tail(scene.said[-1])]
        place = nth_of(scene.text, len(offered))
        if not picked and place is not None:
            picked = [offered[place]]
        picked = picked or naming(scene.text, offered) or ordered(scene, offered)[1] or so_far(scene, offered)
        if len(picked) == 1:
            return OrderStep(OrderNews(scene, language).tell(picked[0], state.intent))
        if not picked and wants_all(scene.text):
            return OrderStep(
                _together([OrderNews(scene, language).tell(each, state.intent) for each in offered])
            )
        return _again(state, "unclear")

    async def _own_orders(self, shop: str, scene: TalkScene) -> list[Order]:
        """Return the orders that the buyer may hear of, newest first."""
        vouched = vouched_ids(scene.conversation.buyer)
        own = await self._facts.buyer_orders(shop, vouched, _LOOKED_UP) if vouched else []
        proven = await self._proofs.proven(shop, scene.conversation)
        found = {each.order_no: each for each in [*own, *proven]}
        return sorted(found.values(), key=age_of, reverse=True)


def _together(answers: Sequence[Answer]) -> Answer:
    """Return what is said of several orders as one: a person is asked for where one of them wants it."""
    person = next((each.person for each in answers if each.person is not None), None)
    return Answer(
        tuple(told for each in answers for told in each.bubbles),
        person,
        any(each.urgent for each in answers),
        tuple(line for each in answers for line in each.open),
    )


def _is_about_orders(intent: str, text: str) -> bool:
    """Whether the question may be about an order of the buyer's, and not about what the shop does in general."""
    if intent in ABOUT_PARCELS:
        return True
    if intent in SILENT_INTENTS:
        return asks_for_parcel(text)
    if intent not in ABOUT_SENDING or _TO_BUY.search(text):
        return False
    if intent == "ship_courier":
        return bool(_HIS.search(text))
    return intent == "ship_when" or find_place(text) is None


def digits_in(text: str) -> str:
    """Return the last four digits of a phone as the buyer names them, alone or with the whole number; "" for none."""
    said = [match[1] for pattern in (_PHONE, _DIGITS) for match in pattern.finditer(text)]
    return said[-1] if said else ""


def digits_of_tail(text: str) -> list[str]:
    """Return the four-digit ends of order numbers that stand in the text."""
    return [match[1] for match in _DIGITS.finditer(text)]


def _again(state: OrderState, heard: str) -> OrderStep:
    if state.asked >= MOST_ASKED:
        return OrderStep(_unproven("还没弄清是哪个订单 which order is meant is not clear yet"))
    return OrderStep(state=replace(state, asked=state.asked + 1, heard=heard))


_OPEN_NO_BUYER: Final = "说话的可能不是买家，是快递、供应商等 may be a courier or a supplier, not a buyer"


def _unproven(why: str) -> Answer:
    return Answer(person=Reason.ORDER_UNPROVEN, open=(why,))


def _numbers(text: str, *, bare: bool = True) -> list[str]:
    """Return the order numbers in the text; a phone's is none, and a short one only where it can be no product's id."""
    try:
        found = list(read_message(text).numbers)
    except UnreadableMessage:
        return []
    short = [match[0] for match in _NUMBER.finditer(_LINK.sub(" ", text)) if not _PHONE.fullmatch(match[0])]
    return list(dict.fromkeys([*found, *(short if bare else ())]))
