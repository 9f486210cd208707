"""Learning, shop by shop, from what agents did with suggestions: the shop's own confidences and its automatic threshold.

Nothing that is learned crosses shops: every shop held in memory has a Lessons object of its own, made from its own log.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Final

from bot.domain.feedback import (
    COMMON,
    REACTIONS,
    Offer,
    Reaction,
    ShopCalibration,
    learn_from,
    tells_misses,
    verdicts,
)
from bot.domain.thresholds import NEVER, Outcome, choose_threshold, common_threshold
from bot.ports import Clock, Event, EventLog, NotFound, Unavailable

_log = logging.getLogger(__name__)

KINDS: Final = {f"suggestion_{kind}": kind for kind in REACTIONS}
"""The kinds of events that are learned from."""
MOST_REACTIONS: Final = 20_000
_LOOK_AGAIN: Final = timedelta(minutes=1)
_SOON: Final = 1.0
_SECONDS_A_REACTION: Final = 0.002
"""Learning from many takes longer and changes less: a shop rests so long for each that was learned from (40 s at the most)."""


@dataclass(frozen=True, slots=True)
class Aim:
    """How often automatic replies have to be right, and the thresholds at which those of made-up shops are, by precision."""

    precision: float = 0.95
    thresholds: Mapping[float, float] = field(default_factory=dict)

    @property
    def threshold(self) -> float:
        """The threshold of a shop that nobody has worked in yet."""
        return common_threshold(self.precision, self.thresholds)


@dataclass(frozen=True, slots=True)
class Learned:
    """What one shop's reactions teach: its calibration of questions that the classifier read, that of those it did not,
    and from which confidence on a reply may go out alone."""

    read: ShopCalibration = COMMON
    unread: ShopCalibration = COMMON
    threshold: float = NEVER

    def calibration(self, *, was_read: bool) -> ShopCalibration:
        return self.read if was_read else self.unread


class Lessons:
    """One shop's learning. `learned` is always there; reading the log and learning go on in the background.

    While the log is away the shop keeps what it learned before.
    """

    def __init__(self, shop: str, log: EventLog, clock: Clock, aim: Aim) -> None:
        self.learned = Learned(threshold=aim.threshold)
        self._shop = shop
        self._events = log
        self._clock = clock
        self._aim = aim
        self._looked: datetime | None = None
        self._newest: Event | None = None
        self._known = 0
        self._again = False
        self._task: asyncio.Task[None] | None = None

    def keep_up(self) -> None:
        """Look whether there are new reactions if the last look was a minute ago. Waits for nothing."""
        now = self._clock.now()
        if self._looked is None or now - self._looked >= _LOOK_AGAIN:
            self._looked = now
            if self._task is None:
                self._begin(0.0)

    def notice(self) -> None:
        """Learn soon: a reaction was written in this process. Waits for nothing."""
        self._again = True
        if self._task is None:
            self._begin(_SOON)

    async def settle(self) -> None:
        """Return when nothing is being learned."""
        while self._task is not None:
            await asyncio.wait([self._task])

    def close(self) -> None:
        """Stop learning."""
        self._again = False
        if self._task is not None:
            self._task.cancel()

    def _begin(self, pause: float) -> None:
        self._task = asyncio.create_task(self._go_on(pause), name=f"learn {self._shop}")
        self._task.add_done_callback(self._ended)

    def _ended(self, task: asyncio.Task[None]) -> None:
        self._task = None
        if not task.cancelled() and (error := task.exception()) is not None:
            _log.error("shop %s learned nothing from its reactions", self._shop, exc_info=error)
        elif self._again:
            self._begin(_SOON + self._known * _SECONDS_A_REACTION)

    async def _go_on(self, pause: float) -> None:
        if pause:
            await asyncio.sleep(pause)
        self._again = False
        try:
            await self._learn()
        except NotFound:
            pass  # the shop was deleted in the meantime
        except Unavailable as error:
            _log.warning("shop %s keeps what it learned before: %s", self._shop, error)

    async def _learn(self) -> None:
        newest = await self._events.read_kinds(self._shop, tuple(KINDS), 1)
        if not newest or newest[0] == self._newest:
            return
        events = await self._events.read_kinds(self._shop, tuple(KINDS), MOST_REACTIONS)
        self.learned = await asyncio.to_thread(learn, events, self._aim)
        self._newest, self._known = newest[0], len(events)


def learn(events: Iterable[Event], aim: Aim) -> Learned:
    """Return what the reactions among the events (newest first) teach."""
    told = list(read_reactions(events))
    read = [reaction for was_read, reaction in told if was_read]
    unread = [reaction for was_read, reaction in told if not was_read]
    calibration = learn_from(read)
    threshold = choose_threshold(
        first_outcomes(read, calibration), aim.precision, aim.thresholds, may_fall=tells_misses(read)
    )
    return Learned(calibration, learn_from(unread), threshold)


def first_outcomes(reactions: Sequence[Reaction], calibration: ShopCalibration) -> list[Outcome]:
    """Return how the first suggestions turned out, which alone may go out by themselves, at the shop's own confidence."""
    return [
        Outcome(calibration.confidence(*verdict.key, verdict.confidence), verdict.right)
        for verdict in verdicts(reactions)
        if verdict.place == 0
    ]


def read_reactions(events: Iterable[Event]) -> Iterable[tuple[bool, Reaction]]:
    """Yield the last reaction to each message (events come newest first), and whether the classifier had read it."""
    seen: set[str] = set()
    for event in events:
        kind = KINDS.get(event.kind)
        if kind is None or not event.message or event.message in seen:
            continue
        seen.add(event.message)
        reaction = _reaction(kind, event.data)
        if reaction is not None:
            yield bool(event.data.get("read")), reaction


def _reaction(kind: str, data: Mapping[str, Any]) -> Reaction | None:
    """Return the reaction that the event tells of; None when it teaches nothing.

    A reply composed for several questions teaches nothing, nor do those below it: that it was taken does not say that each
    of its parts was right, that it was refused not which was wrong, and what was passed over for it may have been right for
    one of the questions. Nor does what another version of this program may have written otherwise.
    """
    try:
        replies = data["offers"]
        if not replies or any(len(parts) != 1 for parts in replies):
            return None
        offers = tuple(
            Offer(str(entry), int(version), min(max(float(common), 0.0), 1.0))
            for ((entry, version, common),) in replies
        )
        place = data["place"]
        return Reaction(offers, kind, None if place is None else int(place), float(data["kept"]))
    except (KeyError, TypeError, ValueError):
        return None
