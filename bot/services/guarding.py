"""Reading every outgoing text for what belongs to another shop, for forbidden advertising words and outside contacts."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import re
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from bot.domain.advertising import forbidden_words
from bot.domain.disguises import DigitRun, Reading, digit_runs, fold, read_through
from bot.domain.entry import Entry
from bot.domain.guard import Finding, GuardResult, Kind, Sighting, Verdict, without_nested
from bot.domain.outside_contacts import (
    PLATFORMS,
    domain_spans,
    domains_above,
    messenger_spans,
    phone_spans,
    phones_in,
    plain_width,
)
from bot.domain.service_policy import ServicePolicy
from bot.ports import FactStore, NotFound, ShopStore, StoreUnavailable, TextNormaliser, Unavailable
from bot.ports.guard import PhraseMatchers
from bot.services.belongings import Belongings
from bot.services.guard_terms import common_terms, terms_of

_log = logging.getLogger(__name__)

_SETTLE: Final = 0.3
"""Seconds that changes are gathered for, so that an import of a hundred entries rebuilds once."""
_TRY_AGAIN: Final = 5.0
_POLICY_KEPT: Final = 2.0
_SHORTEST_NUMBER: Final = 7
_ORDER_DIGITS: Final = 12
_ORDERS_LOOKED_UP: Final = 4
_SHOPS_LOOKED_UP: Final = 24

PolicyOf = Callable[[str], Awaitable[ServicePolicy]]


@dataclass(frozen=True, slots=True)
class _Rules:
    """A shop's policy as the guard uses it."""

    words: tuple[str, ...]
    contacts: frozenset[str]
    phones: frozenset[str]
    domains: frozenset[str]
    blocks_contacts: bool
    read_at: float


class Guard:
    """Judges outgoing texts. `follow` must run for it to know what the shops own; `check` never waits for that.

    This is the one place that holds strings of all shops. What leaves it is the caller's own text with marks on it, and
    another shop's name only for who is a member there.
    """

    def __init__(
        self,
        shops: ShopStore,
        facts: FactStore,
        policy_of: PolicyOf,
        matchers: PhraseMatchers,
        normaliser: TextNormaliser,
        *,
        common: Iterable[Entry] = (),
        settle: float = _SETTLE,
    ) -> None:
        """`policy_of` is ConversationStore.get_policy; `common` are the entries of the starter packs."""
        self._shops = shops
        self._facts = facts
        self._policy_of = policy_of
        self._normaliser = normaliser
        self._common = tuple(common)
        self._settle = settle
        self._belongings = Belongings(matchers)
        self._rules: dict[str, _Rules] = {}
        self._ready = asyncio.Event()

    @property
    def state(self) -> str:
        """Return "building" until every shop was read once, then "ready"."""
        return "ready" if self._ready.is_set() else "building"

    async def become_ready(self, seconds: float) -> bool:
        """Wait at most so long until every shop was read once; return whether that is so."""
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                await self._ready.wait()
        return self._ready.is_set()

    async def check(
        self,
        shop: str,
        text: str,
        *,
        may_name: frozenset[str] = frozenset(),
        automatic: bool = False,
        heard: Sequence[str] = (),
        besides: frozenset[Kind] = frozenset(),
    ) -> GuardResult:
        """Judge a text that is to be said for `shop`. Raises StoreUnavailable, NotFound.

        `may_name` are the shops whose member the caller is now: only these are named, and only their orders are looked
        up. `automatic` texts are blocked where a person would be asked. `heard` is what the buyer said: a phone number that
        he gave himself may be read back to him. Kinds in `besides` are not looked for.
        """
        rules = await self._rules_of(shop)
        reading = read_through(text, self._normaliser.normalise)
        runs = digit_runs(text, _SHORTEST_NUMBER)
        ready = self._ready.is_set() and self._belongings.terms_of(shop) is not None
        foreign = self._belongings.foreign_to(shop, reading, runs) if ready else ()
        sightings = [each for each in foreign if each.kind not in besides]
        if ready:
            sightings += [each async for each in self._orders_in(shop, text, runs, may_name)]
        sightings += _forbidden_in(reading, rules)
        if rules.blocks_contacts:
            sightings += self._contacts_in(shop, text, runs, rules, heard)
        findings = tuple(self._finding(text, each, may_name) for each in _chosen(sightings))
        wrong = bool(findings) or (automatic and not ready)
        verdict = (Verdict.BLOCK if automatic else Verdict.ASK) if wrong else Verdict.PASS
        return GuardResult(verdict, findings, ready)

    def forget_policy(self, shop: str) -> None:
        """Read the shop's policy anew at the next check."""
        self._rules.pop(shop, None)

    async def follow(self) -> None:
        """Read every shop, then keep up with their changes until cancelled. Raises StoreUnavailable at the start."""
        waiting: dict[str, int] = {}
        heard = asyncio.Event()
        async with asyncio.TaskGroup() as group:
            group.create_task(self._listen(waiting, heard))
            await self._read_all()
            while True:
                await heard.wait()
                await asyncio.sleep(self._settle)
                heard.clear()
                changed = dict(waiting)
                waiting.clear()
                failed = await self._bring_up(changed)
                if failed:
                    waiting.update({**failed, **waiting})
                    asyncio.get_running_loop().call_later(_TRY_AGAIN, heard.set)

    async def _listen(self, waiting: dict[str, int], heard: asyncio.Event) -> None:
        async for shop, version in self._shops.watch():
            held = self._belongings.terms_of(shop)
            if held is None or held.version != version:
                waiting[shop] = version
                heard.set()

    async def _read_all(self) -> None:
        began = time.perf_counter()
        if self._common:
            terms = await asyncio.to_thread(common_terms, self._common, self._normaliser)
            self._belongings.put(terms)
        failed = await self._bring_up(await self._shops.versions())
        if failed:
            raise StoreUnavailable(f"{len(failed)} shops could not be read; the guard tries again")
        self._ready.set()
        _log.info("the guard knows %d shops (%.1f s)", len(self._belongings), time.perf_counter() - began)

    async def _bring_up(self, versions: Mapping[str, int]) -> dict[str, int]:
        """Read the shops that are behind; return those that could not be read."""
        failed: dict[str, int] = {}
        shards: set[int] = set()
        for shop, version in versions.items():
            try:
                snapshot = await self._shops.load_snapshot(shop)
                policy = await self._policy_of(shop)
            except NotFound:
                shards.add(self._belongings.drop(shop))
                self._rules.pop(shop, None)
            except Unavailable as error:
                _log.warning("the guard keeps what it knows of shop %s: %s", shop, error)
                failed[shop] = version
            else:
                self._rules.pop(shop, None)
                terms = await asyncio.to_thread(terms_of, snapshot, self._normaliser, policy.contacts)
                shards.add(self._belongings.put(terms))
        for shard in shards:
            held = self._belongings.shops_in(shard)
            self._belongings.use(shard, await asyncio.to_thread(self._belongings.build, shard, held))
        return failed

    async def _orders_in(
        self, shop: str, text: str, runs: Sequence[DigitRun], may_name: frozenset[str]
    ) -> AsyncIterator[Sighting]:
        """Yield numbers that are no order or parcel of this shop, but of another one of the caller's."""
        others = sorted(may_name - {shop})[:_SHOPS_LOOKED_UP]
        groups = [
            (run, *group) for run in runs for group in run.groups() if group[1] - group[0] >= _ORDER_DIGITS
        ]
        for run, start, end in groups[:_ORDERS_LOOKED_UP] if others else ():
            first, last = run.span(start, end)
            number = run.digits[start:end]
            # Parcels have letters before their digits: SF1350000007919.
            letters = re.search(r"[A-Za-z]{1,4}$", text[max(0, first - 4) : first])
            numbers = [number, letters.group().upper() + number] if letters else [number]
            if await self._has_order(shop, numbers):
                continue
            for other in others:
                if await self._has_order(other, numbers):
                    yield Sighting(Kind.ORDER, first - (len(letters.group()) if letters else 0), last, other)
                    break

    async def _has_order(self, shop: str, numbers: Sequence[str]) -> bool:
        try:
            return any([await self._facts.find_order(shop, number) is not None for number in numbers])
        except NotFound:
            return False

    def _contacts_in(
        self, shop: str, text: str, runs: Sequence[DigitRun], rules: _Rules, heard: Sequence[str]
    ) -> list[Sighting]:
        terms = self._belongings.terms_of(shop)
        plain = plain_width(text)
        found = [
            Sighting(Kind.CONTACT, *run.span(start, end))
            for run in runs
            for start, end in phone_spans(run)
            if run.digits[start:end] not in rules.phones
            and (terms is None or run.digits[start:end] not in terms.own_numbers)
        ]
        found += [Sighting(Kind.CONTACT, start, end) for start, end in messenger_spans(plain)]
        own = rules.domains | (terms.domains if terms is not None else frozenset()) | PLATFORMS
        found += [
            Sighting(Kind.CONTACT, start, end)
            for start, end, domain in domain_spans(plain)
            if not any(above in own for above in domains_above(domain))
        ]
        said = [self._fold(each) for each in heard] if found else []
        return [each for each in found if not self._is_known(text[each.start : each.end], rules, said)]

    def _is_known(self, stretch: str, rules: _Rules, said: Sequence[str]) -> bool:
        folded = self._fold(stretch)
        return any(contact in folded for contact in rules.contacts) or any(folded in each for each in said)

    async def _rules_of(self, shop: str) -> _Rules:
        held = self._rules.get(shop)
        now = time.monotonic()
        if held is None or now - held.read_at > _POLICY_KEPT:
            policy = await self._policy_of(shop)
            held = self._rules[shop] = self._rules_from(policy, now)
        return held

    def _rules_from(self, policy: ServicePolicy, now: float) -> _Rules:
        contacts = {folded for each in policy.contacts if (folded := self._fold(each))}
        sites = " ".join((*policy.contacts, *policy.origins))
        return _Rules(
            words=tuple(folded for each in policy.forbidden if (folded := self._fold(each))),
            contacts=frozenset(contact for contact in contacts if len(contact) >= 4),
            phones=frozenset(phones_in(sites)) | contacts,
            domains=frozenset(domain for _, _, domain in domain_spans(plain_width(sites))),
            blocks_contacts=policy.blocks_contacts,
            read_at=now,
        )

    def _fold(self, text: str) -> str:
        return fold(text, self._normaliser.normalise)

    def _finding(self, text: str, sighting: Sighting, may_name: frozenset[str]) -> Finding:
        stretch = text[sighting.start : sighting.end]
        owner = self._belongings.terms_of(sighting.owner) if sighting.owner in may_name else None
        return Finding(
            sighting.kind, sighting.start, sighting.end, stretch,
            owner.shop if owner is not None else "", owner.name if owner is not None else "",
        )  # fmt: skip


def _forbidden_in(reading: Reading, rules: _Rules) -> list[Sighting]:
    spans = list(forbidden_words(reading.text))
    for word in rules.words:
        start = reading.text.find(word)
        while start >= 0:
            spans.append((start, start + len(word)))
            start = reading.text.find(word, start + len(word))
    return [Sighting(Kind.FORBIDDEN, *reading.span(*span)) for span in spans if reading.stands_alone(*span)]


def _chosen(sightings: Iterable[Sighting]) -> list[Sighting]:
    """Return what to show: of one stretch the foreign fact rather than the contact that it is as well."""
    found = list(sightings)
    foreign = without_nested(each for each in found if each.kind.is_foreign)
    others = [
        each
        for each in found
        if not each.kind.is_foreign and not any(f.start < each.end and each.start < f.end for f in foreign)
    ]
    return without_nested([*foreign, *others])
