"""Reading a shop's log for what buyers asked in vain, and for what agents answered by hand with an entry."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Final
from zoneinfo import ZoneInfo

from bot.domain.asked import InVain, Why
from bot.domain.feedback import REFUSED, TAKEN
from bot.domain.masking import mask_text
from bot.domain.text import asks
from bot.ports import Clock, ConversationStore, Event, EventLog, ShopStore
from bot.services.learning import KINDS
from bot.services.proposing import joined
from bot.services.recording import PHRASE_USED, SHOWN

MOST_DAYS: Final = 92
_HEARD: Final = "message_received"
_HANDED: Final = "handed"
_READ: Final = (_HEARD, SHOWN, _HANDED, PHRASE_USED, *KINDS)
_STEP: Final = timedelta(days=1)
_MOST_EVENTS: Final = 60_000
"""A shop that writes more within the period is read as far back as this goes: an owner waits for the page."""
_WEAK: Final = 0.3
"""What even the best suggestion was not given: it would have been wrong twice in three times."""
_KEPT: Final = 0.5
"""A phrase of which less was sent was only a beginning: it says little about what the buyer asked."""


@dataclass(frozen=True, slots=True)
class Use:
    """An entry that an agent sent: as a quick phrase (`number` is his message's), or, at that `version`, as a suggestion to
    `text`."""

    entry: str
    conversation: str
    at: datetime
    number: int = 0
    version: int = 0
    text: str = ""


@dataclass(frozen=True, slots=True)
class AskedLog:
    """What the log of a shop tells of the time from `since` on (later than asked for where the log is long)."""

    since: datetime
    until: datetime
    in_vain: tuple[InVain, ...]
    uses: tuple[Use, ...]


class AskedReader:
    """Reads the log of the shop that the call names."""

    def __init__(
        self, shops: ShopStore, conversations: ConversationStore, log: EventLog, clock: Clock
    ) -> None:
        self._shops = shops
        self._conversations = conversations
        self._log = log
        self._clock = clock

    async def read(self, shop: str, days: int) -> AskedLog:
        """Return what was asked in vain and used within the last `days` days and today. Raises NotFound, ValueError."""
        if not 1 <= days <= MOST_DAYS:
            raise ValueError(f"days 应为 1 到 {MOST_DAYS}。 days: 1 to {MOST_DAYS}.")
        zone = ZoneInfo((await self._shops.get_shop(shop)).timezone)
        until = self._clock.now().astimezone(zone)
        end = (until + _STEP).replace(hour=0, minute=0, second=0, microsecond=0)
        first = end - (days + 1) * _STEP
        newest_first: list[list[Event]] = []
        since, left = end, _MOST_EVENTS
        while since > first and left > 0:
            since -= _STEP
            newest_first.append(await self._log.read_between(shop, _READ, since, since + _STEP, left))
            left -= len(newest_first[-1])
        contacts = (await self._conversations.get_policy(shop)).contacts
        in_vain, uses = await asyncio.to_thread(_read, newest_first, contacts)
        return AskedLog(since, until, tuple(in_vain), tuple(uses))


def _read(days: list[list[Event]], contacts: Iterable[str]) -> tuple[list[InVain], list[Use]]:
    reading = _Reading()
    for events in reversed(days):
        reading.take(events)
    keep = tuple(contacts)
    return [each for each in reading.in_vain(keep) if each.text], list(reading.uses(keep))


@dataclass(slots=True)
class _Heard:
    """One reading of what a buyer said; `why` is None while nothing says that it was in vain."""

    text: str
    at: datetime
    conversation: str
    why: Why | None = None
    served: bool = False


@dataclass(slots=True)
class _Reading:
    """Events, oldest first, put together by message."""

    heard: dict[str, _Heard] = field(default_factory=dict)
    last: dict[str, _Heard] = field(default_factory=dict)
    used: list[Use] = field(default_factory=list)
    taken: dict[str, list[tuple[str, int]]] = field(default_factory=dict)

    def take(self, events: Iterable[Event]) -> None:
        """Take in the events, oldest first. Only the last reaction to a message counts."""
        for event in events:
            message = self.heard.get(event.message)
            if event.kind == _HEARD:
                self._hear(event)
            elif event.kind == _HANDED:
                self._hand(event)
            elif event.kind == PHRASE_USED:
                self._use(event)
            elif message is not None and event.kind == SHOWN:
                message.why = _why_shown(event.data, message.text)
            elif message is not None:
                self._react(event, message)

    def _hear(self, event: Event) -> None:
        text = str(event.data.get("text") or "")
        if event.message and text.strip():
            self.heard[event.message] = heard = _Heard(text, event.at, event.conversation)
            if event.conversation:
                self.last[event.conversation] = heard

    def _hand(self, event: Event) -> None:
        heard = self.last.get(event.conversation)
        if heard is not None and heard.why is not Why.REFUSED:
            heard.why = Why.HANDED

    def _use(self, event: Event) -> None:
        entry, number, kept = (event.data.get(name) for name in ("entry", "number", "kept"))
        if isinstance(entry, str) and isinstance(number, int) and isinstance(kept, int | float):
            heard = self.last.get(event.conversation)
            if heard is not None:
                heard.served = True
            if kept >= _KEPT:
                self.used.append(Use(entry, event.conversation, event.at, number))

    def _react(self, event: Event, message: _Heard) -> None:
        kind = KINDS[event.kind]
        message.served = kind != REFUSED
        self.taken.pop(event.message, None)
        if kind == REFUSED:
            message.why = Why.REFUSED
        elif kind == TAKEN:
            self.taken[event.message] = _entries_at(event.data)

    def in_vain(self, keep: tuple[str, ...]) -> Iterator[InVain]:
        """Yield what was asked in vain, once where it was read several times in one conversation."""
        talks: dict[str, list[_Heard]] = {}
        for message, heard in self.heard.items():
            talks.setdefault(heard.conversation or f"\n{message}", []).append(heard)
        for talk in talks.values():
            for heard in _told_apart(talk):
                if heard.why is not None and not heard.served:
                    yield InVain(_shown_text(heard.text, keep), heard.why, heard.at, heard.conversation)

    def uses(self, keep: tuple[str, ...]) -> Iterator[Use]:
        """Yield what was sent by hand, then what was taken as it stood (an entry alone, not one among several)."""
        yield from self.used
        for message, entries in self.taken.items():
            heard = self.heard[message]
            if len(entries) == 1:
                [(entry, version)] = entries
                text = _shown_text(heard.text, keep)
                yield Use(entry, heard.conversation, heard.at, version=version, text=text)


def _why_shown(data: Mapping[str, Any], text: str) -> Why | None:
    replies = data.get("suggestions")
    if not isinstance(replies, list) or not replies:
        # What was taken for small talk was asked in vain where it asks something.
        reason = data.get("reason")
        wanted = reason == "no entry answers it" or (reason == "nothing to answer" and asks(text))
        return Why.UNANSWERED if wanted else None
    best = max((float(reply.get("confidence") or 0.0) for reply in replies), default=0.0)
    return Why.WEAK if best < _WEAK else None


def _told_apart(talk: list[_Heard]) -> list[_Heard]:
    """Return the questions of one conversation.

    What waits is read again with every bubble that comes, and whenever somebody looks: what goes on from a former reading,
    or says the same, takes its place.
    """
    found: list[_Heard] = []
    for heard in talk:
        former = [each for each in found if (heard.text + "\n").startswith(each.text + "\n")]
        for each in former:
            found.remove(each)
            heard.served = heard.served or each.served
            if each.why is Why.REFUSED or (heard.why is None and each.text == heard.text):
                heard.why = each.why
        found.append(heard)
    return found


def _entries_at(data: Mapping[str, Any]) -> list[tuple[str, int]]:
    """Return the entries of the reply at the reaction's place, as the log has them: [[entry, version, confidence], …]."""
    offers, place = data.get("offers"), data.get("place")
    if not isinstance(offers, list) or not isinstance(place, int) or not 0 <= place < len(offers):
        return []
    return [
        (str(part[0]), int(part[1]))
        for part in offers[place]
        if isinstance(part, list | tuple) and len(part) > 1
    ]


def _shown_text(text: str, keep: tuple[str, ...]) -> str:
    """Return the buyer's words as one phrasing, without what names a person."""
    return mask_text(joined([line for line in text.split("\n") if line.strip()]), keep)
