"""Finding what would be said to a buyer's turn: by the shop's entries, by a dialogue, or by both."""

from __future__ import annotations

import asyncio
import logging
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final, Protocol

from bot.domain.auto_reply import Heard, Offer, Reason
from bot.domain.auto_reply_policy import AutoReplyPolicy
from bot.domain.guard import Verdict
from bot.domain.invoice_wishes import leaves_it_out
from bot.domain.parcel_words import misses_parcel
from bot.domain.remarks import gives_what_was_wanted
from bot.domain.suggestion import SuggestionResult
from bot.domain.text import UnreadableMessage, asks, is_opener, join_pieces, split_questions
from bot.domain.topic_words import asks_when_back
from bot.domain.variables import VARIABLES
from bot.ports.dialogue import Dialogue, DialogueTurn, DialogueUnavailable
from bot.services.auto_agreeing import lead_with_what_is_asked
from bot.services.auto_composing import wording
from bot.services.auto_gathering import Gathered
from bot.services.auto_merging import Answer, Bubble, Opening, Other, merge, other_of
from bot.services.auto_opening import names_only_variant, opening_of
from bot.services.auto_reply_reading import IMAGE_ALONE, Found, find_reply
from bot.services.auto_wording import is_of_topic, settle_by_words
from bot.services.guarding import Guard
from bot.services.live_shops import LiveShop
from bot.services.repeat_asking import RepeatAsking
from bot.services.suggesting import Suggester, SuggestionRequest

_log = logging.getLogger(__name__)

_OF_ORDERS: Final = frozenset({*(each.name for each in VARIABLES if each.source == "order"), "courier"})
"""Facts that may be an order's: the courier is one, where the buyer named an order."""

_STOCK: Final = "stock"
_INVOICE: Final = "invoice"
_PRICES: Final = "price_promo"
_GREETINGS: Final = "greeting_thanks"
_MILD: Final = re.compile(r"[吧伐呗][\s。！!~～]*$")
"""「能机洗吧」 asks too, if a dialogue has answered what stands beside it."""


class OrderProof(Protocol):
    """Whether a buyer may be told of an order. See bot.services.order_proof."""

    async def may_see(self, shop: str, conversation: str, order_no: str) -> bool: ...

    async def may_hear(self, shop: str, conversation: str, said: Iterable[str]) -> bool: ...


@dataclass(frozen=True, slots=True)
class Answered:
    """An answer, and the dialogue's turn that is in it; None where no dialogue was asked, or none could be."""

    answer: Answer
    turn: DialogueTurn | None = None


class Answering:
    """Asks the suggester always, and a dialogue where one waits or begins."""

    def __init__(
        self,
        suggester: Suggester,
        dialogue: Dialogue,
        guard: Guard,
        proofs: OrderProof,
        repeats: RepeatAsking,
    ) -> None:
        self._suggester = suggester
        self._dialogue = dialogue
        self._guard = guard
        self._proofs = proofs
        self._repeats = repeats

    async def answer(
        self,
        shop: str,
        live: LiveShop,
        policy: AutoReplyPolicy,
        gathered: Gathered,
        past: Sequence[Mapping[str, object]],
    ) -> Answered:
        """Return what would be said to what was gathered. Raises NotFound, StoreUnavailable."""
        if not gathered.text:
            return Answered(Answer(IMAGE_ALONE))
        if greeting := self._greeting(policy, gathered):
            return Answered(await self._checked(shop, gathered, greeting))
        try:
            found = await self._find(shop, live, policy, gathered, past)
        except UnreadableMessage:
            return Answered(Answer(IMAGE_ALONE))
        checked = await self._checked(shop, gathered, found.answer)
        texts = [each.text for each in checked.bubbles]
        if gathered.is_coming(texts) or gathered.has_heard(texts):
            return replace(found, answer=checked)  # it is not said again, and so counts for nothing
        return replace(found, answer=await self._repeats.judge(shop, gathered.conversation, checked))

    @staticmethod
    def _greeting(policy: AutoReplyPolicy, gathered: Gathered) -> Answer | None:
        """Return the shop's own greeting where the buyer does no more than greet; None where it has none."""
        text = wording(policy.greeting, gathered.conversation.id)
        if not text or gathered.visit.dialogue or not is_opener(gathered.text):
            return None
        if gathered.visit.was_greeted:
            return Answer(Heard(wants_answer=False))
        return Answer(Heard(Offer(frozenset(), 1.0, is_greeting=True)), (Bubble(text),))

    async def _find(
        self,
        shop: str,
        live: LiveShop,
        policy: AutoReplyPolicy,
        gathered: Gathered,
        past: Sequence[Mapping[str, object]],
    ) -> Answered:
        conversation = gathered.conversation
        request = SuggestionRequest(
            shop, gathered.text, gathered.history, conversation.id, conversation.buyer.viewed
        )
        was_active = bool(gathered.visit.dialogue)
        if was_active:
            result, turn = await asyncio.gather(
                self._suggester.suggest(request), self._ask(shop, conversation.id, gathered.fresh, past)
            )
            opening = Opening()
        else:
            result, opening, turn = await self._open(live, policy, gathered, request, past)
        entries = live.snapshot.entries
        result = lead_with_what_is_asked(gathered.text, settle_by_words(gathered.text, result), entries)
        found = find_reply(result, entries)
        if not was_active and is_opener(gathered.text):
            return Answered(_greeted(found))
        others = None
        if turn is not None and not was_active and any(not each.is_reminder for each in turn.bubbles):
            others = await self._others(live, policy, gathered, request, turn, opening.group)
        answer = merge(
            gathered.text, result, found, entries, turn,
            was_active=was_active, opening=opening,
            told=gathered.told, has_image=gathered.has_image, others=others,
        )  # fmt: skip
        if not (turn is not None and turn.bubbles) and found.suggestion is not None:
            answer = _held_back(answer, left=gathered.questions - len(found.suggestion.parts))
        if not was_active and gives_what_was_wanted(gathered.text, _last_said(gathered)):
            given = (Reason.NEEDS_PERSON, *answer.heard.calls_for_person)
            answer = replace(answer, heard=replace(answer.heard, calls_for_person=given, wants_answer=True))
        if was_active and turn is None:
            down = replace(answer.heard, calls_for_person=(Reason.DIALOGUE_DOWN,), wants_answer=True)
            answer = replace(answer, heard=down)
        return Answered(answer, turn)

    async def _open(
        self,
        live: LiveShop,
        policy: AutoReplyPolicy,
        gathered: Gathered,
        request: SuggestionRequest,
        past: Sequence[Mapping[str, object]],
    ) -> tuple[SuggestionResult, Opening, DialogueTurn | None]:
        """Return what the entries say where no dialogue waits, the dialogue that begins, and its turn.

        What answers the shop's question back is read with the question that it was asked about, too.
        """
        heard, result = gathered, settle_by_words(gathered.text, await self._suggester.suggest(request))
        opening = opening_of(gathered, live.catalogue, result, policy)
        if _is_still_of_invoice(gathered):
            heard = replace(gathered, text=join_pieces("发票", gathered.text))
            read = await self._suggester.try_out(replace(request, text=heard.text), live, "")
            result = settle_by_words(heard.text, read)
            opening = opening_of(heard, live.catalogue, result, policy)
        elif asked := gathered.open_question:
            whole = replace(gathered, text=join_pieces(asked, gathered.text))
            read = await self._suggester.try_out(replace(request, text=whole.text), live, "")
            begun = opening_of(whole, live.catalogue, read, policy)
            if begun.group:
                heard, opening = whole, begun
            result = _surer(result, read)
        if opening.group == _STOCK and names_only_variant(heard, live.catalogue):
            # The reader of what only a person may settle knows no shop's names.
            result = replace(result, only_person=None)
        turn = (
            await self._ask(request.shop, request.conversation, heard.text, past, opening.group)
            if opening.group
            else None
        )
        return result, opening, turn

    async def _others(
        self,
        live: LiveShop,
        policy: AutoReplyPolicy,
        gathered: Gathered,
        request: SuggestionRequest,
        turn: DialogueTurn,
        opening: str,
    ) -> list[Other] | None:
        """Return the message's questions that the dialogue did not take up, each read by itself; None when it asks but one."""
        pieces = split_questions(gathered.text)
        if len(pieces) < 2:
            return None
        spoken = {each.group for each in turn.bubbles}
        # What was told of the catalogue alone took up no question about orders or shipping.
        taken = spoken if spoken == {_STOCK} else {opening, *spoken}
        told = {fact.name for each in turn.bubbles for fact in each.facts} if _STOCK in taken else set()
        others: list[Other] = []
        for piece in filter(_wants_answer, pieces):
            result = await self._suggester.try_out(replace(request, text=piece), live, "")
            result = settle_by_words(piece, result)
            begun = opening_of(replace(gathered, text=piece), live.catalogue, result, policy).group
            if (begun and begun in taken) or is_of_topic(piece, taken):
                continue
            if _STOCK in taken and asks_when_back(piece):
                continue
            entries = live.snapshot.entries
            other = other_of(piece, lead_with_what_is_asked(piece, result, entries), entries)
            names = {fact.name for fact in other.suggestion.facts} if other.suggestion is not None else set()
            is_told = bool(names) and names <= told
            # What a thing costs is told with whether it is there; other questions of prices' group are not taken up by that.
            if not is_told and other.claim.group not in taken - {_PRICES}:
                others.append(other)
        return others

    async def _ask(
        self,
        shop: str,
        conversation: str,
        text: str,
        past: Sequence[Mapping[str, object]],
        topic: str = "",
    ) -> DialogueTurn | None:
        try:
            return await self._dialogue.take_turn(shop, conversation, text, past, topic)
        except DialogueUnavailable as error:
            _log.warning("no dialogue could be asked: %s", error)
            return None

    async def _checked(self, shop: str, gathered: Gathered, answer: Answer) -> Answer:
        """Return the answer, its offer marked where the guard or an order's privacy forbids it."""
        offer = answer.heard.offer
        if offer is None:
            return answer
        is_allowed = True
        for bubble in answer.bubbles:
            judged = await self._guard.check(shop, bubble.text, automatic=True, heard=gathered.heard)
            is_allowed = is_allowed and judged.verdict is Verdict.PASS
        is_proven = await self._is_proven(shop, gathered, answer)
        is_answered = gathered.has_heard([each.text for each in answer.bubbles])
        checked = replace(offer, is_allowed=is_allowed, is_proven=is_proven, is_answered=is_answered)
        return replace(answer, heard=replace(answer.heard, offer=checked))

    async def _is_proven(self, shop: str, gathered: Gathered, answer: Answer) -> bool:
        """Whether every order that the answer's facts may be of is the buyer's own."""
        facts = answer.facts
        if not _OF_ORDERS.intersection(fact.name for fact in facts):
            return True
        conversation = gathered.conversation.id
        numbers = {fact.value for fact in facts if fact.name == "order_no"}
        for number in numbers:
            if not await self._proofs.may_see(shop, conversation, number):
                return False
        if numbers and not answer.entries:
            return True
        # An entry's part may be filled from another order than the one that a dialogue named beside it. The numbers are read as
        # the suggester reads them: together, too.
        said = [gathered.text, *gathered.heard, *(turn.text for turn in gathered.history)]
        return await self._proofs.may_hear(shop, conversation, said)


def _greeted(found: Found) -> Answer:
    """Return the shop's own entry for a greeting, silence without one: who only greets needs nobody."""
    suggestion = found.suggestion
    if suggestion is None or found.groups != {_GREETINGS}:
        return Answer(Heard(wants_answer=False))
    offer = Offer(found.groups, suggestion.confidence, is_greeting=True)
    used = tuple((part.entry, part.version, suggestion.confidence) for part in suggestion.parts)
    return Answer(Heard(offer), (Bubble(suggestion.text, suggestion.image),), used, suggestion.facts)


def _surer(one: SuggestionResult, other: SuggestionResult) -> SuggestionResult:
    """Return the one whose first reply is the likelier, `one` where they are alike."""
    first, second = ([each.confidence for each in result.suggestions[:1]] for result in (one, other))
    return other if second > first else one


def _is_still_of_invoice(gathered: Gathered) -> bool:
    """Whether the question leaves out that it is about the invoice that the last answer spoke of: 「那寄到哪里」."""
    decisions = gathered.visit.decisions
    return bool(decisions) and _INVOICE in decisions[-1].groups and leaves_it_out(gathered.text)


def _held_back(answer: Answer, *, left: int) -> Answer:
    """Return the answer as one that cannot stand alone where bubbles that ask are `left` without a part of it."""
    offer = answer.heard.offer
    if left <= 0 or offer is None:
        return answer
    return replace(answer, heard=replace(answer.heard, offer=replace(offer, stands_alone=False)))


def _wants_answer(piece: str) -> bool:
    return asks(piece) or bool(_MILD.search(piece)) or misses_parcel(piece)


def _last_said(gathered: Gathered) -> str:
    """Return the shop's words since the buyer spoke before: what he was just asked for may be in any of them."""
    said: list[str] = []
    waiting = {each.number for each in gathered.waiting}
    for each in reversed(gathered.visit.messages):
        if each.number in waiting:
            continue
        if each.author == "buyer":
            break
        said.append(each.text)
    return "\n".join(said)
