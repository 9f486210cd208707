"""What a dialogue about an invoice does: asks for what is missing, takes what it is told in any order, confirms it once."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Final

from bot.domain.auto_reply import Reason
from bot.domain.facts import Order
from bot.domain.giving_up import asks_where_it_stands, cannot_tell, gives_up
from bot.domain.invoice_data import details_data, details_of
from bot.domain.invoice_reading import (
    ReadDetails,
    called_wrong,
    is_question,
    read_details,
    says_wrong,
)
from bot.domain.invoice_summary import known_lines, names_of, summary_of
from bot.domain.invoice_turns import patched_place
from bot.domain.invoice_wishes import (
    agrees,
    asks_needs,
    asks_whether_changed,
    calls_off,
    refuses,
    wants_change,
    wants_one,
    was_written,
)
from bot.domain.invoices import (
    SPECIAL_NEEDS,
    Field,
    InvoiceDetails,
    InvoiceKind,
    InvoiceRequest,
    InvoiceTerms,
    InvoiceType,
    RequestState,
    kinds_offered,
    missing_of,
    settled,
    usual_content,
)
from bot.domain.mood import asks_for_person, is_upset
from bot.domain.resolving import Subject
from bot.domain.suggestion import FactUsed
from bot.ports import FactStore
from bot.services.filling import facts_used
from bot.services.invoice_applying import ShopTerms, apply_read
from bot.services.invoice_requests import InvoiceRequests
from bot.services.order_proof import vouched_ids
from bot.services.talk_reading import TalkReader, TalkScene
from bot.services.told import SILENCE, Answer, Told

GROUP: Final = "invoice"
CONFIRM: Final = "confirm"
"""What is waited for when all is known: a yes to what was read out."""
MOST_ASKED: Final = 3
"""How often one thing is asked for in vain before a person goes on."""
_HELD: Final = (RequestState.NEW, RequestState.ISSUED)
_TAG: Final = re.compile(r"(?:可以|行|好|对|是|够|ok)[了的]?(?:吗|么|嘛|吧|不)?[?？]?$", re.IGNORECASE)
_INVOICE: Final = re.compile(r"票|抬头|税号|\b(?:invoice|fapiao)\b", re.IGNORECASE)
_AFTER_SALES: Final = re.compile(r"退|换|修|赔|\b(?:return|refund|exchange)\b", re.IGNORECASE)
_CLAUSE: Final = re.compile(r"[，,。；;\n!！]+|(?<=[?？])")


@dataclass(frozen=True, slots=True)
class InvoiceState:
    """What is known, and what is waited for: a field's name, or CONFIRM. `asked` counts answers to it that held nothing.

    `heard` says how the last turn was taken: "" for an answer, "aside" for a question in between.
    """

    details: InvoiceDetails
    asks: str
    asked: int = 0
    heard: str = ""

    def as_json(self) -> dict[str, Any]:
        """Return the state as JSON values."""
        return {
            "details": details_data(self.details), "asks": self.asks, "asked": self.asked, "heard": self.heard,
        }  # fmt: skip

    @staticmethod
    def of_json(kept: Mapping[str, Any]) -> InvoiceState:
        """Return the state that was kept."""
        return InvoiceState(details_of(kept["details"]), kept["asks"], kept["asked"], kept["heard"])


@dataclass(frozen=True, slots=True)
class InvoiceStep:
    """What follows from a turn: what is said, and what is waited for (None: the dialogue is over)."""

    answer: Answer = SILENCE
    state: InvoiceState | None = None


@dataclass(frozen=True, slots=True)
class _Desk:
    """One step's view: the scene, and what the shop says of its invoices."""

    scene: TalkScene
    language: str
    shop: ShopTerms

    @property
    def kinds(self) -> tuple[InvoiceKind, ...]:
        return self.shop.terms.kinds


class InvoiceTalk:
    """Speaks about invoices for any shop: never of what another shop offers, never of an order that is not the buyer's."""

    def __init__(self, reader: TalkReader, facts: FactStore, requests: InvoiceRequests) -> None:
        self._reader = reader
        self._facts = facts
        self._requests = requests

    async def begin(self, shop: str, conversation: str, intent: str, text: str, language: str) -> InvoiceStep:
        """Return what follows from a first turn about invoices: nothing where the FAQ has the answer. Raises NotFound."""
        read = read_details(text)
        gives = bool({Field.HEADING, Field.TAX_NUMBER} & set(read.values)) or read.tax is not None
        earlier = await self._requests.of_conversation(shop, conversation)
        if (newest := _correctable(earlier, read, text)) is not None:
            desk = await self._desk(shop, conversation, text, language)
            return await self._go_on(shop, desk, InvoiceState(newest.details, CONFIRM), read, text)
        if wants_change(text) or (intent == "invoice_change" and not gives and not wants_one(text)):
            if asks_whether_changed(text):
                return InvoiceStep()
            return InvoiceStep(Answer(person=Reason.NEEDS_PERSON, open=_change_lines(earlier)))
        if not gives and asks_needs(text):
            desk = await self._desk(shop, conversation, text, language)
            return InvoiceStep(_needs(desk) if _is_of_invoices(desk.scene) else SILENCE)
        if not gives and not wants_one(text):
            return InvoiceStep()
        desk = await self._desk(shop, conversation, text, language)
        if not gives and (told := _told_before(earlier, desk)):
            return InvoiceStep(Answer((told,)))
        if not desk.kinds or desk.shop.is_stale:
            return _without_terms(desk, read, gives=gives)
        known = await self._of_one_order(shop, desk, InvoiceDetails())
        return await self._go_on(shop, desk, InvoiceState(known, ""), read, text)

    async def hear(
        self, shop: str, conversation: str, state: InvoiceState, intent: str, text: str, language: str
    ) -> InvoiceStep:
        """Return what follows from what the buyer said to the question of `state`. Raises NotFound."""
        read = read_details(text, state.asks)
        if intent == "human_request" or asks_for_person(text):
            return _to_person(Reason.ASKED_FOR_PERSON, state)
        if is_upset(text):
            return _to_person(Reason.UPSET, state)
        if not read and (calls_off(text) or gives_up(text)):
            return InvoiceStep(Answer((Told(GROUP, "utter_invoice_stopped"),)))
        desk = await self._desk(shop, conversation, text, language)
        if not desk.kinds or desk.shop.is_stale:
            return _to_person(Reason.STALE_FACTS, state)
        if state.asks == CONFIRM and not read and agrees(text):
            return await self._made(shop, conversation, state, desk)
        return await self._go_on(shop, desk, state, read, text)

    async def question(self, shop: str, conversation: str, state: InvoiceState, language: str) -> Told:
        """Return the question that `state` waits for an answer to. Raises NotFound."""
        desk = await self._desk(shop, conversation, "", language)
        if state.asks == CONFIRM:
            summary = summary_of(state.details, desk.shop.terms, language)
            facts = await self._order_facts(shop, desk, state.details.order_no)
            return Told(GROUP, "utter_invoice_confirm", {"summary": summary}, facts=facts)
        missing = missing_of(state.details, desk.kinds)
        return _question_of(state, missing, desk)

    async def _go_on(
        self, shop: str, desk: _Desk, state: InvoiceState, read: ReadDetails, text: str
    ) -> InvoiceStep:
        """Take what the turn tells, and wait for what is missing after that."""
        wrong = [name for name in called_wrong(text) if name not in read.values]
        read, wrong = _place_corrected(state.details, read, wrong, text)
        details = state.details if state.asks != "" or not wrong else InvoiceDetails()
        named = str(read.values.get(Field.ORDER_NO, details.order_no))
        order = await self._requests.order_of(shop, desk.scene.conversation, named)
        applied = apply_read(details, read, wrong, desk.shop, order)
        if not read and not wrong and state.asks:
            return _not_understood(state, text)
        known = settled(applied.details, desk.shop.terms)
        missing = missing_of(known, desk.kinds)
        asks = str(missing[0]) if missing else CONFIRM
        stuck = state.asked + 1 if applied.remarks and asks == state.asks else 0
        if stuck >= MOST_ASKED:
            return _to_person(Reason.NEEDS_PERSON, InvoiceState(known, asks))
        heard = "aside" if _also_asks(text) else ""
        return InvoiceStep(Answer(applied.remarks), InvoiceState(known, asks, stuck, heard))

    async def _made(self, shop: str, conversation: str, state: InvoiceState, desk: _Desk) -> InvoiceStep:
        await self._requests.make(shop, conversation, state.details)
        if desk.shop.terms.time and not any(fact.stale for fact in desk.shop.time):
            told = Told(
                GROUP, "utter_invoice_done_time", {"time": desk.shop.terms.time}, facts=desk.shop.time
            )
        else:
            told = Told(GROUP, "utter_invoice_done")
        return InvoiceStep(Answer((told,)))

    async def _desk(self, shop: str, conversation: str, text: str, language: str) -> _Desk:
        scene = await self._reader.read(shop, conversation, text)
        resolver = scene.resolver(Subject(), language)
        kinds, content, time = (
            resolver.fact_named(name) for name in ("invoice_types", "invoice_content", "invoice_time")
        )
        terms = InvoiceTerms(
            kinds_offered(kinds.value) if kinds else (),
            usual_content(content.value) if content else "",
            time.value if time else "",
            contents=content.value if content else "",
        )
        said = [facts_used([fact] if fact else [], scene.now) for fact in (kinds, content, time)]
        return _Desk(scene, "en" if language == "en" else "zh", ShopTerms(terms, *said))

    async def _of_one_order(self, shop: str, desk: _Desk, details: InvoiceDetails) -> InvoiceDetails:
        """Return the details with the buyer's order where his channel vouches for him and he has only one."""
        vouched = vouched_ids(desk.scene.conversation.buyer)
        own = await self._facts.buyer_orders(shop, vouched, 2) if vouched else []
        return replace(details, order_no=own[0].order_no) if len(own) == 1 else details

    async def _order_facts(self, shop: str, desk: _Desk, number: str) -> tuple[FactUsed, ...]:
        order = await self._requests.order_of(shop, desk.scene.conversation, number)
        return () if order is None else (_order_fact(order, desk.scene.now),)


def _order_fact(order: Order, now: datetime) -> FactUsed:
    # That there is the order was read now. What else is known of it may be old: an invoice does not depend on that.
    return FactUsed("order_no", order.order_no, order.source, now.isoformat(timespec="seconds"), False)


def _question_of(state: InvoiceState, missing: tuple[Field, ...], desk: _Desk) -> Told:
    if state.asks in (Field.TYPE, Field.MEDIUM):
        offered = {"offered": desk.shop.offered}
        return Told(GROUP, f"utter_invoice_ask_{state.asks}", offered, facts=desk.shop.kinds)
    if state.asks in SPECIAL_NEEDS:
        names = names_of((name for name in missing if name in SPECIAL_NEEDS), desk.language)
        return Told(GROUP, "utter_invoice_ask_special", {"names": names})
    if state.asks == Field.HEADING and state.details.is_person is False:
        return Told(GROUP, "utter_invoice_ask_company")
    return Told(GROUP, f"utter_invoice_ask_{state.asks}")


def _is_of_invoices(scene: TalkScene) -> bool:
    """Whether the turn speaks of invoices, or what was said right before it did: 「要什么资料」."""
    before = scene.past[-1].message.original if scene.past else ""
    return bool(_INVOICE.search(scene.text)) or (
        bool(_INVOICE.search(before)) and not _AFTER_SALES.search(scene.text)
    )


def _needs(desk: _Desk) -> Answer:
    """Say what has to be given; nothing where the shop does not say what it offers, or said so too long ago."""
    if not desk.kinds or desk.shop.is_stale:
        return SILENCE
    special = any(kind.type is InvoiceType.SPECIAL for kind in desk.kinds)
    if "专" in desk.scene.text and not special:
        return SILENCE
    name = "utter_invoice_needs_special" if special else "utter_invoice_needs"
    return Answer((Told(GROUP, name, {"offered": desk.shop.offered}, facts=desk.shop.kinds),))


def _told_before(earlier: Sequence[InvoiceRequest], desk: _Desk) -> Told | None:
    """Return what the buyer is told who has a request already: the same words each time."""
    newest = next((each for each in reversed(earlier) if each.state in _HELD), None)
    if newest is None:
        return None
    if newest.state is RequestState.ISSUED:
        return Told(GROUP, "utter_invoice_issued_before")
    if desk.shop.terms.time and not any(fact.stale for fact in desk.shop.time):
        return Told(
            GROUP, "utter_invoice_asked_before_time", {"time": desk.shop.terms.time}, facts=desk.shop.time
        )
    return Told(GROUP, "utter_invoice_asked_before")


def _correctable(earlier: Sequence[InvoiceRequest], read: ReadDetails, text: str) -> InvoiceRequest | None:
    """Return the request that nobody has settled yet where the buyer says what is wrong with it: he was too quick to confirm."""
    newest = next((each for each in reversed(earlier) if each.state in _HELD), None)
    if newest is None or newest.state is not RequestState.NEW or was_written(text):
        return None
    return newest if says_wrong(text) and (read or called_wrong(text)) else None


def _change_lines(earlier: Sequence[InvoiceRequest]) -> tuple[str, ...]:
    lines = ["买家要改、重开、红冲或退发票 the buyer wants an invoice changed, issued anew or taken back"]
    lines += [f"本会话的开票申请 request {each.id} ({each.state})" for each in earlier]
    return tuple(lines)


def _without_terms(desk: _Desk, read: ReadDetails, *, gives: bool) -> InvoiceStep:
    """Leave to the FAQ, or to a person what the buyer has told already, where the shop says nothing (new) of its kinds."""
    if not gives:
        return InvoiceStep()
    applied = apply_read(InvoiceDetails(), read, (), ShopTerms(), None)
    reason = Reason.STALE_FACTS if desk.shop.is_stale else Reason.NEEDS_PERSON
    return _to_person(reason, InvoiceState(applied.details, ""))


def _to_person(reason: Reason, state: InvoiceState) -> InvoiceStep:
    return InvoiceStep(Answer(person=reason, open=tuple(known_lines(state.details))))


def _place_corrected(
    details: InvoiceDetails, read: ReadDetails, wrong: Sequence[Field], text: str
) -> tuple[ReadDetails, list[Field]]:
    """Return what was read and what is wrong once "the address" is the one that he gave, and a part of it told anew is in it."""
    rest: list[Field] = [name for name in wrong if name is not Field.ADDRESS]
    place = Field.SEND_TO if details.send_to else Field.ADDRESS
    known = str(getattr(details, place))
    if len(rest) == len(wrong) or not known or place in read.values:
        return read, list(wrong)
    if patched := patched_place(known, text):
        return replace(read, values={**read.values, str(place): patched}), rest
    return read, [*rest, place]


def _not_understood(state: InvoiceState, text: str) -> InvoiceStep:
    """Wait on: a question in between is answered by the FAQ; what is neither answer nor question counts."""
    if state.asks == Field.ORDER_NO and asks_where_it_stands(text) and not state.asked:
        return InvoiceStep(state=replace(state, asked=1, heard=""))  # the question says where it stands
    if is_question(text) and not cannot_tell(text):
        return InvoiceStep(state=replace(state, heard="aside"))
    if cannot_tell(text) or state.asked + 1 >= MOST_ASKED:
        return _to_person(Reason.NEEDS_PERSON, state)
    told = (Told(GROUP, "utter_invoice_what_wrong"),) if state.asks == CONFIRM and refuses(text) else ()
    return InvoiceStep(Answer(told), replace(state, asked=state.asked + 1, heard=""))


def _also_asks(text: str) -> bool:
    """Whether a clause asks something beside what the turn tells: 「…，几天能到？」."""
    return any(
        is_question(clause) and not _TAG.search(clause) and not read_details(clause) and not wants_one(clause)
        for clause in _CLAUSE.split(text)
        if clause.strip()
    )
