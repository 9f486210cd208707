"""Reacting: what an agent did with a suggestion is written to the shop's log, from which the shop learns."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from rapidfuzz.distance import Indel

from bot.domain.feedback import EDITED
from bot.ports import Clock, Event, EventLog, NotFound
from bot.services.recording import SHOWN, EventRecorder

_SUGGESTION: Final = re.compile(r"([0-9a-f]{16})-[0-9]{1,3}")
_PAUSES: Final = (0.1, 0.2, 0.4)
"""Another worker writes what it showed within 0.2 s: so long a suggestion is looked for before it counts as unknown."""


@dataclass(frozen=True, slots=True)
class ReactionRequest:
    """What became of one suggestion of a shop. `kind` is one of bot.domain.feedback.REACTIONS.

    `text` is what was sent in its place ("" = not told). `nothing_fits`, of a refused one, refuses all that was shown for
    the message with it.
    """

    shop: str
    suggestion: str
    kind: str
    text: str = ""
    reason: str = ""
    nothing_fits: bool = False
    conversation: str = ""


@dataclass(frozen=True, slots=True)
class _Shown:
    """What was shown for one message, and the place of the suggestion among it."""

    event: Event
    replies: list[Mapping[str, Any]]
    place: int


class ReactionLog:
    """Writes reactions. `notice` is told of each shop in whose log there is something new."""

    def __init__(
        self,
        log: EventLog,
        recorder: EventRecorder,
        clock: Clock,
        notice: Callable[[str], None],
        pauses: tuple[float, ...] = _PAUSES,
    ) -> None:
        self._log = log
        self._recorder = recorder
        self._clock = clock
        self._notice = notice
        self._pauses = pauses

    async def react(self, request: ReactionRequest) -> None:
        """Write the reaction; it is in the log when this returns. The last one to a message counts.

        Raises NotFound for a suggestion that this shop never showed, StoreUnavailable.
        """
        shown = await self._find(request.shop, request.suggestion)
        event = Event(
            f"suggestion_{request.kind}",
            self._clock.now(),
            request.conversation or shown.event.conversation,
            _reaction_data(request, shown),
            shown.event.message,
        )
        await self._log.append(request.shop, [event])
        self._notice(request.shop)

    async def _find(self, shop: str, suggestion: str) -> _Shown:
        named = _SUGGESTION.fullmatch(suggestion)
        if named is not None:
            for pause in (*self._pauses, None):
                events = self._recorder.waiting(shop, named[1]) or await self._log.read_message(
                    shop, named[1]
                )
                if any(event.kind == SHOWN for event in events):
                    if (shown := _shown_in(events, suggestion)) is not None:
                        return shown
                    break
                if pause is not None:
                    await asyncio.sleep(pause)
        raise NotFound("this shop has shown no such suggestion")


def _shown_in(events: list[Event], suggestion: str) -> _Shown | None:
    for event in events:
        replies = event.data.get("suggestions") if event.kind == SHOWN else None
        if isinstance(replies, list):
            for place, reply in enumerate(replies):
                if reply["id"] == suggestion:
                    return _Shown(event, replies, place)
    return None


def _reaction_data(request: ReactionRequest, shown: _Shown) -> dict[str, object]:
    """Return all that learning needs: what was shown need not be looked up again."""
    return {
        "suggestion": request.suggestion,
        "place": None if request.nothing_fits else shown.place,
        "kept": round(share_kept(str(shown.replies[shown.place]["text"]), request.text), 4)
        if request.kind == EDITED
        else 1.0,
        "reason": request.reason,
        "read": bool(shown.event.data.get("read")),
        # What n-grams alone were sure of says nothing about the shop's usual confidences: nothing is learned from it.
        "offers": [reply["entries"] for reply in shown.replies]
        if shown.event.data.get("embedder", "ready") == "ready"
        else [],
    }


def share_kept(shown: str, sent: str) -> float:
    """Return the share of both texts that is the longest common sequence of characters, 0 to 1 (difflib's ratio, exactly)."""
    return Indel.normalized_similarity(shown.strip(), sent.strip())
