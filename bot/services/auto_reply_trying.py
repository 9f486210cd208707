"""A dry run of a shop's rules for automatic replies over what its buyers asked lately. Nothing is sent, logged or kept."""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Final, TypeAlias
from zoneinfo import ZoneInfo

from bot.domain.answer_quality import TARGET_PRECISIONS
from bot.domain.auto_reply import Decision, Deed, Heard, Offer, Reason, Standing, decide
from bot.domain.auto_reply_policy import AutoReplyPolicy
from bot.domain.auto_visit import VISIT
from bot.domain.dialogue_openings import agreed_threshold, opening_threshold
from bot.domain.text import UnreadableMessage
from bot.domain.thresholds import NEVER
from bot.ports import Conflict, EventLog
from bot.ports.auto_reply import AutoReplyStore
from bot.services.auto_agreeing import lead_with_what_is_asked
from bot.services.auto_composing import wording
from bot.services.auto_merging import Opening, merge
from bot.services.auto_reply_figures import DryRun, Tried, figures_of
from bot.services.auto_reply_reading import IMAGE_ALONE, Found, find_reply
from bot.services.auto_reply_standards import Standards, read_standards
from bot.services.auto_reply_traffic import Ask, asks_in, asks_logged
from bot.services.guarding import Guard
from bot.services.learning import KINDS, MOST_REACTIONS, read_reactions
from bot.services.live_shops import LiveShop, LiveShops
from bot.services.shop_manners import Manners, ShopManners
from bot.services.suggesting import Suggester, SuggestionRequest

MOST_ASKS: Final = 1000
_MESSAGES_AN_ASK: Final = 4
"""So many messages are read for each question: answers and bubbles are among them."""
_AT_ONCE: Final = 2
"""So few that a suggestion somebody waits for meanwhile is not held up."""
_LEAST: Final = min(TARGET_PRECISIONS)
_STEP: Final = 20
"""After so many questions the progress is told."""

Tick: TypeAlias = Callable[[int, int], None]


def _tell_nobody(done: int, of: int) -> None:
    """Be the Tick of who waits for the end."""


@dataclass(frozen=True, slots=True)
class _Answer:
    """What the shop as it is now answers to a question; None where there was nothing to read."""

    heard: Heard
    found: Found


@dataclass(slots=True)
class _Thread:
    """A conversation as it would have gone."""

    last_at: datetime
    replies: int = 0
    questions: int = 0
    person: bool = False
    handed_over: bool = False
    said: set[str] = field(default_factory=set)


class AutoReplyTrials:
    """Tries rules, saved or not, for one shop at a time."""

    def __init__(
        self,
        store: AutoReplyStore,
        live_shops: LiveShops,
        suggester: Suggester,
        guard: Guard,
        events: EventLog,
        manners: ShopManners,
        common: Mapping[float, float],
    ) -> None:
        self._store = store
        self._live_shops = live_shops
        self._suggester = suggester
        self._guard = guard
        self._events = events
        self._manners = manners
        self._common = common
        self._one_run = asyncio.Lock()
        self._trying: set[str] = set()

    async def try_policy(
        self, shop: str, policy: AutoReplyPolicy, limit: int = MOST_ASKS, tick: Tick = _tell_nobody
    ) -> DryRun:
        """Return what would have become of the shop's newest `limit` questions, had these rules been switched on.

        Entries and facts are as they are now; hours are those of each question. `tick` is told how many more were read, of
        how many. Raises NotFound, StoreUnavailable, and Conflict while another run of the shop goes on: no shop keeps the
        others waiting with one run after another.
        """
        if shop in self._trying:
            raise Conflict("上一次试运行还没完成。 the last dry run has not ended yet")
        self._trying.add(shop)
        try:
            return await self._try(shop, policy, limit, tick)
        finally:
            self._trying.discard(shop)

    async def _try(self, shop: str, policy: AutoReplyPolicy, limit: int, tick: Tick) -> DryRun:
        tried_on = replace(policy, is_on=True)
        live = await self._live_shops.get(shop)
        # A shop of its own beside the live one: what is off in rules that nobody has saved is off in here alone.
        live = replace(live, snapshot=replace(live.snapshot, auto_reply=tried_on))
        asks = await self._asks(shop, tried_on, min(limit, MOST_ASKS))
        standards = await self._standards(shop, live)
        # One after another: whoever talks with a buyer meanwhile shall not feel it.
        async with self._one_run:
            answers = await self._answers(shop, live, asks, standards, tick)
        manners = await self._manners.of(shop)
        tried = _walk(asks, answers, tried_on, standards.thresholds(tried_on), manners)
        return await asyncio.to_thread(figures_of, tried, standards)

    async def _asks(self, shop: str, policy: AutoReplyPolicy, limit: int) -> list[Ask]:
        wanted = limit * _MESSAGES_AN_ASK
        said = await self._store.newest_messages(shop, wanted)
        logged = await self._events.read_kinds(shop, ("message_received",), limit)
        since = said[0].message.at if len(said) == wanted else None
        asks = asks_in(said, timedelta(seconds=policy.merge_seconds))
        asks += asks_logged(logged, since, {each.conversation for each in said})
        return sorted(asks, key=lambda ask: ask.at)[-limit:]

    async def _standards(self, shop: str, live: LiveShop) -> Standards:
        events = await self._events.read_kinds(shop, tuple(KINDS), MOST_REACTIONS)
        return await asyncio.to_thread(
            lambda: read_standards(
                read_reactions(events),
                live.snapshot.entries,
                live.lessons.learned.calibration(was_read=True),
                self._common,
            )
        )

    async def _answers(
        self, shop: str, live: LiveShop, asks: Sequence[Ask], standards: Standards, tick: Tick
    ) -> list[_Answer]:
        turns = asyncio.Semaphore(_AT_ONCE)

        async def one(place: int, ask: Ask) -> _Answer:
            async with turns:
                answer = await self._answer(shop, live, ask, standards)
            if place % _STEP == 0:
                tick(min(_STEP, len(asks) - place), len(asks))
            return answer

        return list(await asyncio.gather(*(one(place, ask) for place, ask in enumerate(asks))))

    async def _answer(self, shop: str, live: LiveShop, ask: Ask, standards: Standards) -> _Answer:
        if not ask.text:
            return _Answer(IMAGE_ALONE, Found(None))
        request = SuggestionRequest(shop, ask.text, ask.history, ask.conversation, ask.viewed)
        try:
            result = await self._suggester.try_out(request, live, secrets.token_hex(8))
        except UnreadableMessage:
            return _Answer(IMAGE_ALONE, Found(None))
        entries = live.snapshot.entries
        result = lead_with_what_is_asked(ask.text, result, entries)
        found = find_reply(result, entries)
        told = {turn.text for turn in ask.history if turn.role != "buyer"}
        # Without a dialogue: what it would say depends on orders and forms of that time.
        heard = merge(
            ask.text, result, found, entries, None, was_active=False, opening=Opening(), told=told
        ).heard
        if heard.offer is not None:
            is_allowed = await self._is_allowed(shop, ask, found, heard.offer, standards)
            heard = replace(heard, offer=replace(heard.offer, is_allowed=is_allowed))
        return _Answer(heard, found)

    async def _is_allowed(
        self, shop: str, ask: Ask, found: Found, offer: Offer, standards: Standards
    ) -> bool:
        """Whether the guard lets the reply pass; those that would go out at no precision are not shown to it."""
        if found.suggestion is None or not found.suggestion.stands_alone:
            return True
        own = max((standards.threshold(group, _LEAST) for group in found.groups), default=NEVER)
        if offer.confidence < min(own, opening_threshold(_LEAST), agreed_threshold(_LEAST)):
            return True
        checked = await self._guard.check(shop, found.suggestion.text, heard=[ask.text])
        return not checked.findings


def _walk(
    asks: Sequence[Ask],
    answers: Sequence[_Answer],
    policy: AutoReplyPolicy,
    thresholds: Mapping[str, float],
    manners: Manners,
) -> list[Tried]:
    """Return each question with its decision, oldest first, as if the decisions before it had been carried out."""
    zone = ZoneInfo(manners.shop.timezone)
    threads: dict[str, _Thread] = {}
    tried: list[Tried] = []
    for ask, answer in zip(asks, answers, strict=True):
        thread = threads.get(ask.conversation)
        if thread is None or not ask.conversation or ask.at - thread.last_at > VISIT:
            thread = threads[ask.conversation] = _Thread(ask.at)
        now = ask.at.astimezone(zone)
        standing = Standing(
            now,
            manners.policy.is_open_at(now),
            thread.person,
            thread.handed_over,
            thread.replies,
            thread.questions,
        )
        heard = _in_thread(answer, thread)
        decision = decide(policy, thresholds, heard, standing)
        said = _said(policy, decision, answer, thread, standing, ask.conversation)
        tried.append(Tried(ask, heard, answer.found, decision, said))
        _carry_out(thread, ask, decision, answer)
    return tried


def _in_thread(answer: _Answer, thread: _Thread) -> Heard:
    suggestion, offer = answer.found.suggestion, answer.heard.offer
    if suggestion is None or offer is None or suggestion.text not in thread.said:
        return answer.heard
    return replace(answer.heard, offer=replace(offer, was_said=True))


def _said(
    policy: AutoReplyPolicy,
    decision: Decision,
    answer: _Answer,
    thread: _Thread,
    standing: Standing,
    conversation: str,
) -> tuple[str, ...]:
    """Return the bubbles that the buyer would have got."""
    if decision.deed is Deed.HAND_OVER:
        words = wording(policy.hand_over_words(is_open=standing.is_open), conversation)
        return (words,) if words else ()
    if decision.deed is Deed.SILENT or answer.found.suggestion is None:
        return ()
    greeting = wording(policy.greeting, conversation) if not thread.replies else ""
    return (*([greeting] if greeting else []), answer.found.suggestion.text)


def _carry_out(thread: _Thread, ask: Ask, decision: Decision, answer: _Answer) -> None:
    thread.last_at = ask.at
    if decision.deed in (Deed.REPLY, Deed.ASK_BACK):
        thread.replies += 1
        thread.questions = thread.questions + 1 if decision.deed is Deed.ASK_BACK else 0
        if answer.found.suggestion is not None:
            thread.said.add(answer.found.suggestion.text)
    elif decision.deed is Deed.HAND_OVER:
        thread.handed_over = True
    elif ask.met_by_person and Reason.NO_ANSWER_WANTED not in decision.reasons:
        thread.person = True
