"""Buyers who play their conversations: they say their bubbles, wait for what the shop does, answer what they are asked, go on."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from benchmarks.played_channel import ChannelBroken, Inbox, OpenChannel, say
from benchmarks.played_packs import IMAGE, Answer, PlayedConversation, Turn
from benchmarks.played_scoring import PlayedTurn
from benchmarks.played_system import NotPlayable, PlayedSystem

_BETWEEN_BUBBLES: Final = 0.4
_FIRST_LOOK: Final = 2.2
"""Seconds until the first look at what was decided: the shortest merge window, and a little."""
_LOOK_AGAIN: Final = 0.5
_DECISION_SECONDS: Final = 40.0
_DELIVERY_SECONDS: Final = 40.0
_QUIET_SECONDS: Final = 6.0
"""After a person was asked for nothing has to be decided any more: so long it is watched whether software stays silent."""


@dataclass(frozen=True, slots=True)
class Seen:
    """A played conversation as it went: each turn, with the reasons that the system gave."""

    conversation: PlayedConversation
    turns: tuple[PlayedTurn, ...]
    reasons: tuple[tuple[str, ...], ...]
    broken: str = ""


class Buyer:
    """One buyer in one conversation."""

    def __init__(
        self, system: PlayedSystem, inbox: Inbox, channel: OpenChannel, played: PlayedConversation, run: str
    ) -> None:
        self._system, self._inbox, self._channel, self._played = system, inbox, channel, played
        self._run = run
        self._place = (played.shop, "")
        self._number = 0
        self._said = 0
        self._heard = 0
        self._is_handed_over = False

    async def play(self) -> Seen:
        """Play it to its end, or as far as the system goes."""
        turns: list[PlayedTurn] = []
        reasons: list[tuple[str, ...]] = []
        broken = ""
        for turn in self._played.turns:
            try:
                got, why = await self._play_turn(turn)
            except (ChannelBroken, NotPlayable, TimeoutError, OSError) as error:
                broken = f"turn {len(turns) + 1}: {error or 'nothing was decided in time'}"
                break
            turns.append(got)
            reasons.append(why)
        return Seen(self._played, tuple(turns), tuple(reasons), broken)

    async def _play_turn(self, turn: Turn) -> tuple[PlayedTurn, tuple[str, ...]]:
        got, why = await self._exchange(turn.say)
        left = list(turn.answers)
        while (
            got.deed in ("reply", "ask_back")
            and got.bubbles
            and (answer := _asked_for(left, got.bubbles[-1]))
        ):
            left.remove(answer)
            more, why = await self._exchange(answer.say)
            got = PlayedTurn(more.deed, got.bubbles + more.bubbles, got.said + more.said)
        return got, why

    async def _exchange(self, bubbles: Sequence[str]) -> tuple[PlayedTurn, tuple[str, ...]]:
        """Say bubbles; return what followed, once all of it has arrived."""
        for place, bubble in enumerate(bubbles):
            await asyncio.sleep(_BETWEEN_BUBBLES if place else 0)
            await self._say(bubble)
        if self._is_handed_over:
            await asyncio.sleep(_QUIET_SECONDS)
            return PlayedTurn("silent", self._new_bubbles(), tuple(bubbles)), ()
        deed, reasons = await self._decided()
        self._is_handed_over = deed == "hand_over"
        return PlayedTurn(deed, self._new_bubbles(), tuple(bubbles)), reasons

    async def _say(self, bubble: str) -> None:
        played = self._played
        external = played.buyer or f"guest-{self._run}-{played.id}"
        buyer = {"id": external, "name": f"买家 {played.id[-3:]}", "verified": True, "viewed": played.viewed}
        self._said += 1
        key = f"{self._run}-{played.shop}-{played.id}-{self._said}"
        text = None if bubble == IMAGE else bubble
        said = await say(self._system.http, self._channel, key, buyer, text)
        self._place, self._number = (played.shop, said.conversation), said.number

    async def _decided(self) -> tuple[str, tuple[str, ...]]:
        """Return the deed and its reasons once everything that belongs to it is out. Raises TimeoutError."""
        await asyncio.sleep(_FIRST_LOOK)
        until = time.monotonic() + _DECISION_SECONDS
        while (found := await self._system.decided(*self._place, self._number)) is None:
            if time.monotonic() > until:
                raise TimeoutError(f"nothing was decided within {_DECISION_SECONDS:g} seconds")
            await asyncio.sleep(_LOOK_AGAIN)
        until = time.monotonic() + _DELIVERY_SECONDS
        while found is None or found.waiting or await self._missing():
            if time.monotonic() > until:
                ways = "; ".join(await self._system.spoken(*self._place, self._number))
                raise TimeoutError(
                    f"not all that was decided arrived within {_DELIVERY_SECONDS:g} seconds: {ways}"
                )
            await asyncio.sleep(_LOOK_AGAIN)
            found = await self._system.decided(*self._place, self._number)
        return found.deed, found.reasons

    async def _missing(self) -> bool:
        """Whether an automatic bubble of the conversation was not delivered here yet."""
        spoken = await self._system.spoken(*self._place, self._number)
        return len(self._inbox.bubbles[self._place]) - self._heard < len(spoken)

    def _new_bubbles(self) -> tuple[str, ...]:
        bubbles = tuple(self._inbox.bubbles[self._place][self._heard :])
        self._heard += len(bubbles)
        return bubbles


def _asked_for(answers: Sequence[Answer], bubble: str) -> Answer | None:
    return next((each for each in answers if any(word in bubble for word in each.asked)), None)
